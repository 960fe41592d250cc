"""Judges the room that a plan claims to leave: on every road, before closures, before the horizon."""

from __future__ import annotations

from dataclasses import replace

from clearway.check.forms import rates_under
from clearway.check.result import CheckFault, figure, time_tolerance
from clearway.check.roads import allowed_rates, judge_roads
from clearway.check.trips import Trips
from clearway.model.margin import Margin
from clearway.model.scenario import Scenario


def judge_hold(trips: Trips, faults: list[CheckFault]) -> None:
    """Add to ``faults`` where a plan that was made to hold does not leave the room that it states (modified)."""
    held = trips.plan.held
    if held is None or held.margin.is_none:
        return
    margin = held.margin
    narrower = with_less(trips.scenario, margin)
    rates = rates_under(narrower, allowed_rates(narrower), trips.plan.form)
    wrong: list[CheckFault] = []
    judge_roads(trips, rates, wrong, {})
    if wrong:
        first = wrong[0]
        message = f"the plan does not leave the room that it states on {len(wrong)} roads; there {first.message}"
        faults.append(CheckFault("hold", message, float(len(wrong))))
    latest = trips.scenario.horizon_s - margin.lead_s
    last = trips.clearance_s()
    if margin.lead_s and last > latest + time_tolerance(latest):
        message = (
            f"the plan states that all arrive {margin.lead_s:g} s before the horizon, at {figure(latest)} s; "
            f"the last arrives at {figure(last)} s"
        )
        faults.append(CheckFault("hold", message, last - latest))


def with_less(scenario: Scenario, margin: Margin) -> Scenario:
    """Roads that let in the shares stated, and what is said against them said so much sooner."""
    capacity = scenario.network.capacity_veh_per_s * margin.share
    for link, share in margin.link_shares:
        capacity[link] = min(capacity[link], scenario.network.capacity_veh_per_s[link] * share)
    sooner = tuple(
        replace(said, from_s=max(said.from_s - margin.lead_s, 0.0)) if said.capacity_factor < 1 else said
        for said in scenario.availabilities
    )
    network = replace(scenario.network, capacity_veh_per_s=capacity)
    return replace(scenario, network=network, availabilities=sooner)
