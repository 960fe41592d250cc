"""Bounds on clearance: by hand, and each one proven by its certificate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from tests.planner.small import closed, road, scenario, site, zone
from tests.planner.strategies import examples, odd

from clearway.model.cut import cut_of
from clearway.model.scenario import Scenario
from clearway.planner.bound import (
    Bound,
    bound_of_everyone,
    clearance_certificate,
    first_arrival_bound,
    raised_bound,
    steady_bound,
    strictly_below,
)
from clearway.planner.labels import Labels, settle
from clearway.planner.problem import Problem, build_problem

ONE_ROAD = scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")])
NEVER = Labels(np.array([0.0, np.inf]), np.array([True]), np.array([False]))


def problem_of(small: Scenario, direction: str | None = None) -> Problem:
    return build_problem(small, direction, small.capacity_profile())


def proves(small: Scenario, problem: Problem, bound: Bound) -> bool:
    """Whether the model's own evaluation of the certificate is below the demand."""
    certificate = clearance_certificate(problem, bound)
    found = cut_of(small, certificate).value
    assert certificate.cut_vehicles == pytest.approx(found, rel=1e-9, abs=1e-9)
    return found < certificate.demand_vehicles * (1 - 1e-10)


def test_the_steady_bound_of_one_road_is_40_minutes() -> None:
    problem = problem_of(ONE_ROAD)
    bound = steady_bound(problem, np.array([0]), 60.0)
    assert bound.horizon_s == pytest.approx(2400, rel=1e-5)
    assert bound.horizon_s < 2400
    assert proves(ONE_ROAD, problem, bound)


def test_the_steady_bound_takes_roads_at_their_best_whatever_closes() -> None:
    # last starts count on it: it holds whatever the time of day is when it begins
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], [closed("a>b", 0, 30)])
    bound = steady_bound(problem_of(small), np.array([0]), 60.0)
    assert bound.horizon_s == pytest.approx(2400, rel=1e-5)


def test_a_subset_of_zones_may_bind_where_all_together_do_not() -> None:
    # 10 at the end of a long road of 1 a minute: 60 + 10; all 210: no more than that
    small = scenario(
        [road("far", "b", 60, 60), road("near", "b", 1, 6000)], [zone("far", 10), zone("near", 200)], [site("b")]
    )
    problem = problem_of(small)
    far = int(np.flatnonzero(problem.zone == 0)[0])
    alone, both = steady_bound(problem, np.array([far]), 60.0), steady_bound(problem, np.arange(2), 60.0)
    assert alone.horizon_s == pytest.approx(70 * 60, rel=1e-5)
    assert both.horizon_s < 10 * 60
    assert proves(small, problem, alone)
    assert proves(small, problem, both)


def test_labels_prove_up_to_the_time_at_which_all_fit() -> None:
    problem = problem_of(ONE_ROAD)
    bound = strictly_below(problem, NEVER, 9000.0, 600.0)
    assert bound.horizon_s == pytest.approx(2400, rel=1e-6)
    assert proves(ONE_ROAD, problem, bound)


def test_a_bound_is_raised_as_far_as_its_labels_go() -> None:
    small = scenario(
        [road("a", "b", 10, 1200), road("a", "c", 20, 1200), road("c", "b", 10, 1200)],
        [zone("a", 1800)],
        [site("b")],
        [closed("a>c", 40)],
    )
    problem = problem_of(small)
    labels = Labels(np.array([0.0, np.inf, np.inf]), np.array([True]), np.array([False]))
    bound = raised_bound(problem, settle(problem, labels, 3000.0), 3000.0, problem.demand, 20_000.0)
    assert bound is not None
    assert bound.horizon_s == pytest.approx(80 * 60, rel=1e-4)
    assert bound.horizon_s <= 80 * 60
    assert proves(small, problem, bound)


def test_nobody_is_anywhere_before_his_first_vehicle() -> None:
    small = scenario(
        [road("a", "b", 10, 1200), road("c", "b", 30, 1200)], [zone("a", 60), zone("c", 60, ready=5)], [site("b")]
    )
    problem = problem_of(small)
    bound = first_arrival_bound(problem)
    assert bound.horizon_s == 35 * 60
    assert proves(small, problem, bound)


def test_zones_with_a_direction_count_in_the_certificate_of_those_without() -> None:
    small = scenario(
        [road("a", "b", 10, 1200)],
        [zone("a", 600), zone("a", 300, name="c", directions=(("east", 1.0),))],
        [site("b", direction="east")],
    )
    problem = problem_of(small)
    assert problem.demand == 600
    assert problem.beside == 300
    bound = steady_bound(problem, np.array([0]), 60.0)
    certificate = clearance_certificate(problem, bound)
    assert certificate.demand_vehicles == 900
    assert certificate.open_zones == (0,)
    assert proves(small, problem, bound)
    assert bound.horizon_s == pytest.approx(2400, rel=1e-5)


@examples(60)
@given(odd())
def test_steady_bounds_are_proven_whatever_the_scenario(small: Scenario) -> None:
    for direction in {party.direction for party in small.parties()}:
        problem = problem_of(small, direction)
        if len(problem.zone):
            bound = steady_bound(problem, np.arange(len(problem.zone)), 60.0)
            assert bound.horizon_s > 0
            assert proves(small, problem, bound) or problem.stranded


def test_sites_that_beds_fill_are_paid_for() -> None:
    # docs/bound.md, "Beds that bind": 500 of 600 must go on to the far site, 500 / 20 + 20 = 45 minutes
    small = scenario(
        [road("a", "b", 10, 1200), road("b", "c", 10, 1200)],
        [zone("a", 1500, load=2.5)],
        [site("b", beds=250), site("c", beds=1500)],
    )
    problem = problem_of(small)
    bound = bound_of_everyone(problem, 60.0)
    assert bound.labels.is_paid.tolist() == [True, False]
    assert bound.horizon_s == pytest.approx(45 * 60, rel=1e-5)
    assert proves(small, problem, bound)
    assert steady_bound(problem, np.array([0]), 60.0).horizon_s == pytest.approx(40 * 60, rel=1e-5)


def test_ample_beds_need_no_payment() -> None:
    problem = problem_of(ONE_ROAD)
    assert bound_of_everyone(problem, 60.0).horizon_s == steady_bound(problem, np.array([0]), 60.0).horizon_s


@examples(60)
@given(odd())
def test_bounds_with_beds_are_proven_whatever_the_scenario(small: Scenario) -> None:
    for direction in {party.direction for party in small.parties()}:
        problem = problem_of(small, direction)
        if len(problem.zone):
            bound = bound_of_everyone(problem, 60.0)
            assert bound.horizon_s >= steady_bound(problem, np.arange(len(problem.zone)), 60.0).horizon_s * (1 - 1e-6)
            assert proves(small, problem, bound) or problem.stranded
