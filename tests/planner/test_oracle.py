"""
The planner against the exact optimum by linear programming, on random small scenarios in whole minutes.

bound <= optimum <= plan, every time. The optimum with people waiting on the way is below the one without; a
certificate cannot prove more than the former, and where nothing binds at two times it should.
"""

from __future__ import annotations

import math
import os

import numpy as np
import pytest
from hypothesis import given
from tests.planner.oracle import least_clearance_s, most_persons
from tests.planner.small import closed, planned, road, scenario, site, zone
from tests.planner.strategies import examples, whole_minutes

from clearway.model.plan import BoundKind, Plan
from clearway.model.scenario import Scenario

gaps: list[tuple[float, float]] = []  # plan / optimum - 1, bound / optimum - 1 of what this process saw


@pytest.fixture(scope="module", autouse=True)
def distribution() -> object:
    """With many examples the distribution of what was seen is printed at the end."""
    yield
    if gaps and os.environ.get("CLEARWAY_MANY_EXAMPLES"):
        quantiles = (0, 0.01, 0.05, 0.5, 0.95, 0.99, 1)
        plan, bound = (np.quantile(column, quantiles).round(5) for column in zip(*gaps, strict=True))
        print(f"\n{len(gaps)} scenarios, quantiles {quantiles}")
        print(f"plan / optimum - 1:  {plan}\nbound / optimum - 1: {bound}")


def test_the_optimum_of_one_road_is_the_one_worked_by_hand() -> None:
    # 600 at 20 a minute and 10 on the way: 40; 610 takes half a minute more
    roads = [road("a", "b", 10, 1200)]
    assert least_clearance_s(scenario(roads, [zone("a", 600)], [site("b")], horizon=50)) == pytest.approx(40 * 60)
    assert least_clearance_s(scenario(roads, [zone("a", 610)], [site("b")], horizon=50)) == pytest.approx(40.5 * 60)
    assert least_clearance_s(scenario(roads, [zone("a", 610)], [site("b", 609)], horizon=50)) == math.inf
    assert most_persons(scenario(roads, [zone("a", 610)], [site("b", 500)], horizon=20)) == pytest.approx(200)


def test_waiting_on_the_way_helps_where_a_later_road_opens_late() -> None:
    # a>b closes at 11, b>c opens at 20 with 20 a minute: without waiting nobody is through, with it all 20
    small = scenario(
        [road("a", "b", 1, 1200), road("b", "c", 1, 1200)],
        [zone("a", 20)],
        [site("c")],
        [closed("a>b", 11), closed("b>c", 0, 20)],
        horizon=40,
    )
    assert least_clearance_s(small) == math.inf
    assert least_clearance_s(small, waiting=True) == pytest.approx(22 * 60)


def judge(small: Scenario, plan: Plan) -> None:
    """bound <= optimum <= plan."""
    optimum = least_clearance_s(small)
    if math.isinf(optimum):
        most = most_persons(small)
        assert plan.persons_planned <= most * (1 + 1e-6) + 1e-6
        assert plan.persons_upper_bound >= most * (1 - 1e-6) - 1e-6
    elif plan.certificate.kind == BoundKind.CLEARANCE:
        assert plan.clearance_lower_bound_s <= optimum * (1 + 1e-6)
        assert plan.clearance_time_s >= optimum * (1 - 1e-6)
        if optimum > 0:
            gaps.append((plan.clearance_time_s / optimum - 1, plan.clearance_lower_bound_s / optimum - 1))


@examples(40)
@given(whole_minutes())
def test_bound_optimum_and_plan_stand_in_this_order(small: Scenario) -> None:
    judge(small, planned(small))


@examples(40)
@given(whole_minutes(steady=True))
def test_where_nothing_changes_plan_and_bound_meet_at_the_optimum(small: Scenario) -> None:
    plan = planned(small)
    judge(small, plan)
    optimum = least_clearance_s(small)
    if math.isfinite(optimum) and optimum > 0:
        assert plan.certificate.kind == BoundKind.CLEARANCE
        assert plan.clearance_lower_bound_s >= optimum * (1 - 1e-4) - 0.01
        assert plan.clearance_time_s <= optimum * 1.01 + 2.0  # slots are no finer than a second
