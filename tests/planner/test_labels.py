"""Cuts over time: valued as the model values certificates, never above what they were before descent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planner.small import closed, road, scenario, site, zone
from tests.planner.strategies import examples, odd, whole_minutes

from clearway.check.cuts import value_of
from clearway.check.roads import allowed_rates
from clearway.model.cut import cut_of
from clearway.model.scenario import Scenario
from clearway.planner.bound import evacuated_certificate
from clearway.planner.labels import Labels, descend, read_off, settle, value
from clearway.planner.problem import Problem, build_problem
from clearway.planner.slots import Grid, SlotFlow, no_loads


def problem_of(small: Scenario, direction: str | None = None) -> Problem:
    return build_problem(small, direction, small.capacity_profile())


def labels_of(minutes: list[float], is_open: list[bool], is_paid: list[bool]) -> Labels:
    return Labels(np.array(minutes) * 60, np.array(is_open), np.array(is_paid))


def test_values_worked_by_hand_in_the_docs() -> None:
    """docs/bound.md: one road at 35 minutes; beds that bind at 45; a deadline."""
    one = problem_of(scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")]))
    assert value(one, settle(one, labels_of([0, np.inf], [True], [False]), 2100.0), 2100.0) == pytest.approx(500)
    beds = problem_of(
        scenario(
            [road("a", "b", 10, 1200), road("b", "c", 10, 1200)],
            [zone("a", 1500, load=2.5)],
            [site("b", 250), site("c")],
        )
    )
    paid, unpaid = (labels_of([0, 35, np.inf], [True], [yes, False]) for yes in (True, False))
    assert value(beds, settle(beds, paid, 2700.0), 2700.0) == pytest.approx(600)
    assert value(beds, settle(beds, unpaid, 2700.0), 2700.0) == pytest.approx(700)
    late = problem_of(scenario([road("a", "b", 10, 1200)], [zone("a", 600, leave_by=20)], [site("b")]))
    for horizon in (1800.0, 9000.0):
        labels = settle(late, labels_of([np.inf, np.inf], [True], [False]), horizon)
        assert value(late, labels, horizon) == pytest.approx(400)


@st.composite
def cuts(draw: st.DrawFn) -> tuple[Scenario, str | None, Labels, float]:
    """A scenario, a direction, and any labels, open zones and paid sites."""
    small = draw(st.one_of(whole_minutes(), odd()))
    direction = draw(st.sampled_from([None, None, "east", "west"]))
    problem = problem_of(small, direction)
    horizon = small.horizon_s * draw(st.sampled_from([1.0, 0.7, 0.31]))
    times = st.one_of(st.floats(-0.1, 1.2).map(lambda x: x * horizon), st.just(np.inf))
    label = [draw(times) for _ in range(problem.n_nodes)]
    is_open = [draw(st.booleans()) for _ in problem.zone]
    is_paid = [bool(draw(st.booleans()) and np.isfinite(b)) for b in problem.beds]
    labels = Labels(np.array(label), np.array(is_open, dtype=np.bool_), np.array(is_paid, dtype=np.bool_))
    return small, direction, labels, horizon


@examples(150)
@given(cuts())
def test_any_cut_has_the_value_that_model_and_check_give_it(cut: tuple[Scenario, str | None, Labels, float]) -> None:
    small, direction, labels, horizon = cut
    problem = problem_of(small, direction)
    settled = settle(problem, labels, horizon)
    certificate = evacuated_certificate(problem, settled, horizon, 0.0)
    found = cut_of(small, certificate).value
    assert certificate.cut_vehicles == pytest.approx(found, rel=1e-7, abs=1e-6)
    assert value_of(small, allowed_rates(small), certificate).vehicles == pytest.approx(found, rel=1e-7, abs=1e-6)
    # tying homes to their nodes never lets more through
    assert certificate.cut_vehicles <= value(problem, settled, horizon) + problem.beside + 1e-6


@examples(60)
@given(cuts())
def test_descent_never_ends_higher(cut: tuple[Scenario, str | None, Labels, float]) -> None:
    small, direction, labels, horizon = cut
    problem = problem_of(small, direction)
    settled = settle(problem, labels, horizon)
    better, found = descend(problem, settled, horizon, horizon / 8, horizon / 100)
    assert found <= value(problem, settled, horizon) + 1e-9
    assert found == pytest.approx(value(problem, better, horizon))
    again = settle(problem, better, horizon)
    assert np.array_equal(again.label_s, better.label_s)  # settled stays settled


def read(small: Scenario, minutes: int) -> tuple[Problem, Labels, float]:
    """Labels off the minimum cut of a flow in slots of a minute."""
    problem = problem_of(small)
    grid = Grid(60.0, minutes)
    flow = SlotFlow(problem, np.flatnonzero(problem.useful(grid.horizon_s)), grid, no_loads(), 1000)
    flow.augment()
    labels = read_off(flow)
    return problem, labels, value(problem, labels, grid.horizon_s)


def test_labels_read_off_a_flow_prove_as_much_as_it_sends() -> None:
    roads = [road("a", "b", 10, 1200), road("a", "c", 20, 1200), road("c", "b", 10, 1200)]
    for minutes, sent in ((64, 1760), (50, 1200)):
        _, _, found = read(scenario(roads, [zone("a", 1800)], [site("b")]), minutes)
        assert found == pytest.approx(sent)
    _, _, found = read(scenario(roads, [zone("a", 1800)], [site("b")], [closed("a>c", 40)]), 79)
    assert found == pytest.approx(1780)  # 20 x 69 + 400


def test_a_site_that_opens_late_is_beyond_in_its_window_only() -> None:
    # 2.5 a minute for the one minute between its opening and the end
    _, labels, found = read(scenario([road("a", "b", 8, 150)], [zone("a", 88)], [site("b", opens=26)]), 27)
    assert found == pytest.approx(2.5)
    assert labels.label_s[1] == 0  # before it opens, it is no use to be there


@examples(40)
@given(whole_minutes(directions=False))
def test_labels_read_off_are_never_below_what_is_sent(small: Scenario) -> None:
    problem = problem_of(small)
    if not len(problem.zone):
        return
    grid = Grid(60.0, int(small.horizon_s // 60))
    flow = SlotFlow(problem, np.flatnonzero(problem.useful(grid.horizon_s)), grid, no_loads(), 1000)
    flow.augment()
    found = value(problem, read_off(flow), grid.horizon_s)
    assert found >= flow.sent / flow.units * (1 - 1e-6) - len(problem.zone) / flow.units
