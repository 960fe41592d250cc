"""Last safe starts and their bounds: by hand, and never before the plan's own start."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from tests.planner.small import closed, planned, road, scenario, site, zone
from tests.planner.strategies import examples, whole_minutes

from clearway.check import check_plan
from clearway.model.scenario import Scenario
from clearway.planner.late import BINS
from clearway.planner.leeway import PRECISION


def last_start_min(small: Scenario) -> list[float]:
    return (planned(small).last_start_s / 60).tolist()


def bracket_min(small: Scenario) -> tuple[list[float], list[float], tuple[float, float]]:
    """Per zone the last start and the first too late, and the same for all; minutes."""
    plan = planned(small)
    together = plan.last_start_all_s / 60, plan.last_start_all_bound_s / 60
    return (plan.last_start_s / 60).tolist(), (plan.last_start_bound_s / 60).tolist(), together


def test_one_road_may_wait_until_the_horizon_less_its_clearance() -> None:
    # 30 minutes to depart and 10 on the way: 120 - 40
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], horizon=120)
    works, too_late, together = bracket_min(small)
    assert works == pytest.approx([80], abs=2 * 120 / BINS)
    assert too_late == pytest.approx([80], abs=2 * 120 * PRECISION)
    assert together == pytest.approx((80, 80), abs=2 * 120 * PRECISION)


def test_a_deadline_or_a_closure_comes_before_the_horizon() -> None:
    late = scenario([road("a", "b", 10, 1200)], [zone("a", 600, leave_by=60)], [site("b")], horizon=120)
    works, too_late, together = bracket_min(late)
    assert works == pytest.approx([30], abs=2 * 120 / BINS)
    assert too_late == pytest.approx([30], abs=2 * 120 * PRECISION)
    assert together == pytest.approx((30, 30), abs=2 * 120 * PRECISION)
    # lost at 60: the last one enters at 50
    lost = scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], [closed("a>b", 60)], horizon=120)
    works, too_late, together = bracket_min(lost)
    assert works == pytest.approx([20], abs=2 * 120 / BINS)
    assert too_late == pytest.approx([20], abs=2 * 120 * PRECISION)
    assert together == pytest.approx((20, 20), abs=2 * 120 * PRECISION)


def test_the_others_go_as_planned() -> None:
    # both need the road for 15 minutes each; the others keep their place, so one zone may wait to the end
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 300), zone("a", 300, name="c")], [site("b")], horizon=120)
    works, too_late, together = bracket_min(small)
    assert works == pytest.approx([95, 95], abs=2 * 120 / BINS)
    assert too_late == pytest.approx([95, 95], abs=2 * 120 * PRECISION)
    assert together == pytest.approx((80, 80), abs=2 * 120 * PRECISION)  # both: 30 minutes and 10


def test_after_the_way_round_is_the_only_one_the_plan_is_made_anew() -> None:
    # the short way is lost at 40; from then on all take the long one: 30 minutes and 20, by 120
    small = scenario(
        [road("a", "b", 10, 1200), road("a", "b", 20, 1200)],
        [zone("a", 600)],
        [site("b")],
        [closed("a>b", 40)],
        horizon=120,
    )
    _, _, (works, too_late) = bracket_min(small)
    assert 30 < works <= 70 + 1e-6  # set off later as a whole, the plan would end at 30: its short way is lost
    assert too_late == pytest.approx(70, abs=120 * 0.01)


def test_a_full_road_of_others_is_no_room() -> None:
    # from c the road is full of those from a until 40 (30 minutes of 600 vehicles, at its head 10 minutes later)
    small = scenario(
        [road("a", "m", 10, 1200), road("c", "m", 10, 1200), road("m", "b", 10, 1200)],
        [zone("a", 1200), zone("c", 300)],
        [site("b")],
        horizon=100,
    )
    plan = planned(small)
    for z in (0, 1):
        assert plan.last_start_s[z] <= plan.last_start_bound_s[z] + 1e-6
    # 75 minutes of road in all, from 10 to 85; c can use what a leaves, the last quarter of an hour at the latest
    assert plan.last_start_all_bound_s / 60 == pytest.approx(5, abs=0.2)
    assert plan.last_start_all_s / 60 <= 5 + 1e-6


def test_a_certificate_shows_the_point_of_no_return_and_check_sees_a_false_one() -> None:
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], [closed("a>b", 60)], horizon=120)
    plan = planned(small)
    assert plan.start_certificate is not None
    # from 20 on: fewer than 600 enter before 50
    assert plan.start_certificate.cut_vehicles == pytest.approx(600, rel=0.01)
    assert plan.start_certificate.cut_vehicles < 600
    sooner = replace(plan, last_start_all_bound_s=plan.last_start_all_bound_s - 120, last_start_all_s=0.0)
    assert check_plan(small, sooner).codes == ("last_start",)
    crossed = replace(plan, last_start_all_s=plan.last_start_all_bound_s + 60)
    assert check_plan(small, crossed).codes == ("last_start",)


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
        assert plan.last_start_s[index] <= plan.last_start_bound_s[index] + 1e-6
        assert plan.last_start_all_s <= plan.last_start_all_bound_s + 1e-6
        assert (
            plan.last_start_s[index] <= plan.movements.depart_until_s[own].max()
            or plan.last_start_s[index] < small.horizon_s
        )
