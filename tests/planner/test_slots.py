"""Scenarios cut into slots: room, windows, others' loads, the links that are missing."""

from __future__ import annotations

import numpy as np
import pytest
from tests.planner.small import both_ways, closed, road, scenario, site, zone

from clearway.model.scenario import Scenario
from clearway.planner.problem import build_problem
from clearway.planner.slots import Grid, Loads, SlotFlow, inside, join_loads, no_loads


def flow_over(
    small: Scenario, links: list[int], slots: int, loads: Loads | None = None, share: float = 1.0
) -> SlotFlow:
    """An augmented flow in slots of a minute over some links."""
    problem = build_problem(small, None, small.capacity_profile())
    flow = SlotFlow(problem, np.array(links), Grid(60.0, slots), loads or no_loads(), 1000, share)
    flow.augment()
    return flow


def vehicles(flow: SlotFlow) -> float:
    """Vehicles that arrive."""
    return flow.sent / flow.units


ONE_ROAD = scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")])


def test_slots_lie_wholly_in_a_window_or_do_not_count() -> None:
    starts = np.array([0.0, 10.0, 20.0, 30.0])
    assert inside(starts, 10.0, ((5.0, 30.0), (30.0, 40.0))).tolist() == [False, True, True, True]
    assert not inside(starts, 10.0, ()).any()


@pytest.mark.parametrize(("slots", "sent"), [(9, 0), (10, 0), (25, 300), (40, 600), (50, 600)])
def test_one_road_sends_20_a_minute_less_the_way(slots: int, sent: int) -> None:
    flow = flow_over(ONE_ROAD, [0], slots)
    assert vehicles(flow) == pytest.approx(sent)
    assert flow.wanted == 600 * flow.units


def test_a_share_of_the_road() -> None:
    assert vehicles(flow_over(ONE_ROAD, [0], 25, share=0.5)) == pytest.approx(150)


def test_others_loads_take_room_and_beds() -> None:
    # 15 a minute for the first five minutes, and 100 persons
    loads = Loads(np.array([0]), np.array([0.0]), np.array([300.0]), np.array([0.25]), np.array([0]), np.array([100.0]))
    assert vehicles(flow_over(ONE_ROAD, [0], 25, loads)) == pytest.approx(225)  # 300 - 75
    few = scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b", 250)])
    assert vehicles(flow_over(few, [0], 25, join_loads(no_loads(), loads))) == pytest.approx(150)  # 250 beds less 100
    both = join_loads(loads, loads)
    assert vehicles(flow_over(few, [0], 25, both)) == pytest.approx(50)


def test_beds_are_counted_in_vehicles_of_the_fullest_kind() -> None:
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 600, load=3), zone("a", 600, name="c")], [site("b", 90)])
    assert vehicles(flow_over(small, [0], 60)) == pytest.approx(30)


def test_the_weightier_zone_is_sent_first() -> None:
    small = scenario(
        [road("a", "b", 10, 1200)], [zone("a", 600), zone("a", 250, name="school", priority=2)], [site("b")]
    )
    flow = flow_over(small, [0], 25)
    assert flow.net.departures.sum(axis=1) / flow.units == pytest.approx([50, 250])


def test_the_minimum_cut_is_the_full_road() -> None:
    # b's bed is reached from the road's end on, not from its start: it is full in every slot that still arrives
    flow = flow_over(ONE_ROAD, [0], 25)
    beyond, homes, sites = flow.minimum_cut()
    assert beyond.tolist() == [[False] * 25, [True] * 25]
    assert homes.tolist() == [False]
    assert sites.tolist() == [True]


def test_missing_links_are_those_across_the_cut() -> None:
    # a>c>b is the way round; a>d leads nowhere
    small = scenario(
        [road("a", "b", 10, 1200), road("a", "c", 10, 1200), road("c", "b", 10, 1200), road("a", "d", 1, 1200)],
        [zone("a", 600)],
        [site("b")],
    )
    flow = flow_over(small, [0], 25)
    useful = flow.problem.useful(25 * 60.0)
    assert useful.tolist() == [True, True, True, False]
    assert sorted(flow.missing_links(useful).tolist()) == [1, 2]
    flow.add_links(np.array([1, 2]))
    flow.augment()
    assert vehicles(flow) == pytest.approx(300 + 100)
    assert not len(flow.missing_links(useful))


def test_a_way_on_through_a_site_that_fills_is_found() -> None:
    # a static flow ends all ways at c; the road on from there is missing until c's beds are full
    small = scenario([road("d", "c", 8, 600), road("c", "b", 5, 60)], [zone("d", 53)], [site("c", 30), site("b")])
    flow = flow_over(small, [0], 40)
    assert vehicles(flow) == pytest.approx(30)
    assert flow.missing_links(flow.problem.useful(40 * 60.0)).tolist() == [1]


def test_nobody_is_safe_where_he_lives_without_leaving() -> None:
    small = scenario(both_ways("a", "b", 10, 1200), [zone("a", 600)], [site("a", 100), site("b", 50)])
    problem = build_problem(small, None, small.capacity_profile())
    assert problem.home_of.tolist() == [0]
    assert problem.n_roads == 2
    flow = flow_over(small, [0, 1, 2], 12)
    assert vehicles(flow) == pytest.approx(
        40
    )  # to b, in the two minutes in which one still arrives; back at a by 20 at the soonest


def test_closures_are_kept_from_one_free_flow_time_before() -> None:
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], [closed("a>b", 15)])
    assert vehicles(flow_over(small, [0], 40)) == pytest.approx(100)  # minutes 0 to 5
