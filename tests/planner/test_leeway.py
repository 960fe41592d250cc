"""Last safe starts: by hand, and never before the plan's own start."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from tests.planner.small import closed, planned, road, scenario, site, zone
from tests.planner.strategies import examples, whole_minutes

from clearway.model.scenario import Scenario
from clearway.planner.leeway import BINS


def last_start_min(small: Scenario) -> list[float]:
    return (planned(small).last_start_s / 60).tolist()


def test_one_road_may_wait_until_the_horizon_less_its_clearance() -> None:
    # 120 - 40, in bins of 10 s
    found = last_start_min(scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], horizon=120))
    assert found == pytest.approx([80], abs=120 / BINS)


def test_a_deadline_or_a_closure_comes_before_the_horizon() -> None:
    late = scenario([road("a", "b", 10, 1200)], [zone("a", 600, leave_by=60)], [site("b")], horizon=120)
    assert last_start_min(late) == pytest.approx([30], abs=120 / BINS)
    # lost at 60: the last one enters at 50
    lost = scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], [closed("a>b", 60)], horizon=120)
    assert last_start_min(lost) == pytest.approx([20], abs=2 * 120 / BINS)


def test_the_others_go_as_planned() -> None:
    # both need the road for 15 minutes each; whoever is planned first keeps its place, so the other may wait to the end
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 300), zone("a", 300, name="c")], [site("b")], horizon=120)
    assert last_start_min(small) == pytest.approx([95, 95], abs=120 / BINS)


def test_nobody_planned_no_last_start() -> None:
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 600), zone("c", 5)], [site("b")], horizon=120)
    first, second = last_start_min(small)
    assert first > 0
    assert math.isnan(second)


@examples(25)
@given(whole_minutes())
def test_no_zone_must_start_before_it_is_planned_to(small: Scenario) -> None:
    plan = planned(small)
    for index in np.unique(plan.movements.zone):
        own = plan.movements.zone == index
        assert plan.last_start_s[index] >= plan.movements.depart_from_s[own].min() - 1e-6
        assert (
            plan.last_start_s[index] <= plan.movements.depart_until_s[own].max()
            or plan.last_start_s[index] < small.horizon_s
        )
