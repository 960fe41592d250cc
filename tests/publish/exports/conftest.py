"""Exports of the tiny plan, and scenarios whose every name tries to break out of a file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.tiny_plan import tiny_plan, tiny_scenario

from clearway.model.plan import Plan
from clearway.model.scenario import Scenario

HOSTILE = "Bad \"name\" <&> 'x' \x01 ]]> --> ;,|\n Херсон"


@pytest.fixture
def hostile() -> tuple[Plan, Scenario]:
    """The tiny plan and its scenario with a hostile text for every name and id."""
    plan, scenario = tiny_plan(), tiny_scenario()
    network = scenario.network
    named = replace(
        network,
        node_ids=tuple(f"{HOSTILE}{i}" for i in range(network.n_nodes)),
        node_names=(HOSTILE,) * network.n_nodes,
        link_ids=tuple(f"{HOSTILE}{i}" for i in range(network.n_links)),
        link_names=(HOSTILE,) * network.n_links,
    )
    moves = replace(plan.movements, ids=tuple(f"{HOSTILE}{i}" for i in range(len(plan.movements))))
    return replace(plan, movements=moves), replace(
        scenario,
        name=HOSTILE,
        network=named,
        zones=tuple(replace(zone, zone_id=f"{HOSTILE}{i}", name=HOSTILE) for i, zone in enumerate(scenario.zones)),
        sites=tuple(replace(site, site_id=f"{HOSTILE}{i}", name=HOSTILE) for i, site in enumerate(scenario.sites)),
    )


def arrival_of_plan(plan: Plan, scenario: Scenario, share: float) -> float:
    """When a share of those planned has arrived, if all goes as planned."""
    times, persons = plan.arrivals(scenario.network.free_flow_time_s)
    return float(np.interp(share * persons[-1], persons, times))
