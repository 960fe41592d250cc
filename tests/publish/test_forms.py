"""What is said of a plan's form: reversed lanes and those who come the other way, price and bound in the headline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.tiny_plan import tiny_plan, tiny_scenario

from clearway.model.form import Contraflow, Form, Price, Reversal
from clearway.model.plan import Plan
from clearway.publish.forms import form_sentences

PRICE = Price(
    free_clearance_s=1500.0, free_persons=1350.0, free_lower_bound_s=1490.0, form_lower_bound_s=1600.0,
    reversed_clearance_s=1400.0,
)  # fmt: skip


def formed(form: Form, price: Price = PRICE) -> Plan:
    return replace(tiny_plan(), form=form, price=price)


@pytest.mark.parametrize(
    ("lanes_back", "expected"),
    [
        (1.0, "Inbound traffic on Old Bridge ends on {}: from then on nobody can come in there, help included."),
        (2.0, "For inbound traffic on Old Bridge one lane is left from {} on."),
        (3.0, "For inbound traffic on Old Bridge 2 lanes are left from {} on."),
    ],
)
def test_who_comes_the_other_way_on_a_reversed_crossing_is_told_by_its_name(lanes_back: float, expected: str) -> None:
    scenario = tiny_scenario()
    lanes = np.where(np.arange(scenario.network.n_links) == 3, lanes_back, scenario.network.lanes)
    scenario = replace(scenario, network=replace(scenario.network, lanes=lanes))
    form = Form(contraflow=Contraflow(1, 3600.0), reversals=(Reversal(2, 3600.0, 1.0, "Old bridge, C to D"),))
    at = scenario.clock(3600.0).strftime("%A %H:%M")
    assert expected.format(at) in form_sentences(formed(form), scenario)
