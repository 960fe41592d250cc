"""Whole vehicles out of fluid movements: nobody is lost, nobody departs outside the plan's windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tiny_plan import tiny_plan, tiny_scenario

from clearway.model.plan import Movements, empty_movements
from clearway.publish.exports.convoy import LANE_LIMIT_VEH_PER_H, Roads, by_largest_remainder, whole_vehicles


def movements(zone: list[int], route: list[int], window: list[tuple[float, float]], vehicles: list[float]) -> Movements:
    n = len(zone)
    begin, end = (np.array([w[k] for w in window]) for k in (0, 1))
    amounts = np.array(vehicles)
    return Movements(
        zone=np.array(zone), site=np.zeros(n, dtype=np.int64), route=np.array(route), depart_from_s=begin,
        depart_until_s=end, vehicles=amounts, persons=2.5 * amounts, mode=("auto",) * n,
        ids=tuple(f"m{i}" for i in range(n)),
    )  # fmt: skip


def test_four_vehicles_of_an_even_window_depart_at_its_eighths() -> None:
    """4 vehicles over 80 s: 10, 30, 50 and 70 s."""
    made = whole_vehicles(replace(tiny_plan(), movements=movements([0], [0], [(0.0, 80.0)], [4.0])))
    assert made.depart_s.tolist() == [10.0, 30.0, 50.0, 70.0]
    assert made.persons.tolist() == [2.5] * 4


def test_a_stream_in_two_windows_is_one_stream() -> None:
    """1 vehicle in 0 to 10 s, 3 in 100 to 130 s: after half a vehicle 5 s, then 105, 115 and 125 s."""
    moves = movements([0, 0], [0, 0], [(0.0, 10.0), (100.0, 130.0)], [1.0, 3.0])
    assert whole_vehicles(replace(tiny_plan(), movements=moves)).depart_s.tolist() == [5.0, 105.0, 115.0, 125.0]


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 2), st.floats(0, 1e4), st.floats(1, 1e4), st.floats(1e-3, 60)),
        min_size=1,
        max_size=20,
    )
)
def test_people_add_up_by_zone_and_windows_hold(rows: list[tuple[int, int, float, float, float]]) -> None:
    moves = movements(
        [r[0] for r in rows], [r[1] for r in rows], [(r[2], r[2] + r[3]) for r in rows], [r[4] for r in rows]
    )
    made = whole_vehicles(replace(tiny_plan(), movements=moves))
    for zone in (0, 1):
        planned = moves.persons[moves.zone == zone].sum()
        assert made.persons[made.zone == zone].sum() == pytest.approx(planned)
        vehicles = moves.vehicles[moves.zone == zone].sum()
        assert vehicles - 1e-5 <= (made.zone == zone).sum() < vehicles + 1
    assert (np.diff(made.depart_s) >= 0).all()
    assert (made.depart_s >= moves.depart_from_s[made.movement] - 1e-6).all()
    assert (made.depart_s <= moves.depart_until_s[made.movement] + 1e-6).all()
    assert (made.route == moves.route[made.movement]).all()


def test_an_empty_plan_has_no_vehicles() -> None:
    assert len(whole_vehicles(replace(tiny_plan(), movements=empty_movements()))) == 0


@given(st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=30), st.integers(1, 1000))
def test_shares_in_whole_numbers_add_up(amounts: list[float], total: int) -> None:
    counts = by_largest_remainder(np.array(amounts), total)
    assert counts.sum() == total
    assert (np.abs(counts - np.array(amounts) * total / sum(amounts)) < 1 + 1e-6).all()


def test_roads_take_the_nominal_capacity_on_enough_lanes() -> None:
    roads = Roads(tiny_scenario())
    assert roads.rate[2] == pytest.approx(0.5 / 0.8)
    assert roads.rate[6] == 0, "a footpath"
    assert roads.lanes[0] == 3, "4,500 vehicles an hour"
    assert (roads.rate * 3600 / roads.lanes <= LANE_LIMIT_VEH_PER_H + 1e-6).all()
    assert [rate for _, rate in roads.pieces(2)] == pytest.approx([0.625, 0.3125, 0.0])


def test_places_in_metres_lie_apart_and_as_far_as_links_are_long() -> None:
    scenario = tiny_scenario()
    x, y = Roads(scenario).places_m
    assert np.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(0.2 * 111_195 * np.cos(np.radians(46.15)), rel=0.01)
    network = replace(scenario.network, crs="local", node_x=np.zeros(6), node_y=np.zeros(6))
    x, y = Roads(replace(scenario, network=network)).places_m
    assert len({(round(a, 1), round(b, 1)) for a, b in zip(x, y, strict=True)}) == 6
