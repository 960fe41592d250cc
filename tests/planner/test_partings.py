"""Roads that part: how much of their capacity passes in no order, by hand and as an invariant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simulator.small import plan, scenario

from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.planner.partings import room_at_partings, turns_at_partings

ROADS = [("a", "A", "B", 1000.0, 10.0, 1.0), ("b", "B", "S", 1000.0, 10.0, 0.1), ("c", "B", "T", 1000.0, 10.0, 0.1)]


def parted(to_b: float, to_c: float, until_s: float = 10_000.0) -> tuple[Scenario, Plan]:
    """a parts into b and c, which take 0.1 vehicles a second each; both streams depart from 0 s until ``until_s``."""
    case = scenario(ROADS, [("A", 2000)], [("S", 1e9), ("T", 1e9)])
    moves = [(0, 0, 0, 0.0, until_s, to_b), (0, 1, 1, 0.0, until_s, to_c)]
    return case, plan(case, [["a", "b"], ["a", "c"]], moves)


def test_turns_are_counted_by_the_vehicles_that_take_them() -> None:
    """Vehicles reach the end of a from 100 s until 10,100 s."""
    case, made = parted(700.0, 200.0)
    [(link, ways, vehicles, lasts_s)] = turns_at_partings(made, case)
    assert (link, ways.tolist(), vehicles.tolist()) == (0, [1, 2], [700.0, 200.0])
    assert lasts_s == pytest.approx(10_000.0)


def test_two_full_ways_leave_a_quarter_of_their_room_unused() -> None:
    """0.15 of 0.2 vehicles a second pass by chance; 1,600 in 10,000 s are more, 1,400 are not."""
    found = room_at_partings(*reversed(parted(800.0, 800.0)), 1.0)
    assert found == {0: pytest.approx(0.15, rel=0.01)}
    assert room_at_partings(*reversed(parted(800.0, 800.0)), 0.95) == {0: pytest.approx(0.1425, rel=0.01)}
    assert room_at_partings(*reversed(parted(700.0, 700.0)), 1.0) == {}


def test_one_way_is_no_parting() -> None:
    assert room_at_partings(*reversed(parted(2000.0, 0.0)), 1.0) == {}


@settings(max_examples=40, derandomize=True, deadline=None, database=None)
@given(st.floats(1.0, 3000.0), st.floats(1.0, 3000.0))
def test_what_may_pass_is_less_than_planned_and_than_both_ways_take(to_b: float, to_c: float) -> None:
    case, made = parted(to_b, to_c)
    for share in room_at_partings(made, case, 1.0).values():
        assert share <= 0.2 * 1.01
        assert share * 10_000.0 < to_b + to_c
