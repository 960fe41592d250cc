"""Static flows: by hand, and their labels prove what they send."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from tests.planner.small import road, scenario, site, zone
from tests.planner.strategies import examples, odd, whole_minutes

from clearway.model.scenario import Scenario
from clearway.planner.problem import Problem, build_problem
from clearway.planner.static_flow import circulate, smallest_horizon

BRIDGE_AND_DAM = scenario(
    [road("a", "b", 10, 1200), road("a", "c", 20, 1200), road("c", "b", 10, 1200)], [zone("a", 1800)], [site("b")]
)


def problem_of(small: Scenario) -> Problem:
    return build_problem(small, None, small.capacity_profile())


def everyone(problem: Problem) -> np.ndarray:
    return np.arange(len(problem.zone))


def test_by_65_minutes_bridge_and_dam_send_1800() -> None:
    problem = problem_of(BRIDGE_AND_DAM)
    found = circulate(problem, np.arange(3), everyone(problem), 65 * 60.0, None)
    assert found.sent == pytest.approx(1800)  # 20 x 55 + 20 x 35
    assert found.rate == pytest.approx(40 / 60)
    assert found.flow == pytest.approx([20 / 60] * 3)
    assert found.labels_s[:2] == pytest.approx([0, 65 * 60])


def test_the_smallest_horizon_is_where_all_fit() -> None:
    problem = problem_of(BRIDGE_AND_DAM)
    for guess_s in (60.0, 3000.0, 50_000.0):
        horizon, found = smallest_horizon(problem, everyone(problem), guess_s)
        assert horizon == pytest.approx(65 * 60, rel=1e-6)
        assert found.sent == pytest.approx(1800, rel=1e-6)


def test_readiness_is_part_of_the_way() -> None:
    problem = problem_of(scenario([road("a", "b", 10, 1200)], [zone("a", 600, ready=100)], [site("b")]))
    assert smallest_horizon(problem, everyone(problem), 60.0)[0] == pytest.approx(140 * 60, rel=1e-6)


def test_hardly_any_capacity_is_no_error() -> None:
    # a vehicle in 12 days: far beyond the horizon, which is all that counts
    problem = problem_of(scenario([road("a", "b", 10, 3.6e-3)], [zone("a", 600)], [site("b")]))
    horizon, _ = smallest_horizon(problem, everyone(problem), 60.0)
    assert horizon == 4 * problem.horizon_s


@examples(60)
@given(odd())
def test_static_flows_are_solved_whatever_the_numbers(small: Scenario) -> None:
    problem = problem_of(small)
    if not len(problem.zone):
        return
    horizon, found = smallest_horizon(problem, everyone(problem), 60.0)
    assert horizon > 0
    assert np.isfinite(found.sent)
    assert (found.flow <= problem.top_rate * 1.001 + 1e-5).all()


@examples(60)
@given(whole_minutes(steady=True))
def test_more_time_sends_more_and_more_per_second(small: Scenario) -> None:
    problem = problem_of(small)
    if not len(problem.zone):
        return
    links = np.flatnonzero(problem.useful(np.inf))
    found = [circulate(problem, links, everyone(problem), t, None) for t in (300.0, 600.0, 1200.0, 2400.0)]
    sent, rate = [f.sent for f in found], [f.rate for f in found]
    assert sorted(sent) == pytest.approx(sent)
    assert sorted(rate) == pytest.approx(rate)
    for before, after, seconds in zip(found[:-1], found[1:], (300.0, 600.0, 1200.0), strict=True):
        assert after.sent - before.sent >= before.rate * seconds - 1e-6  # convex
