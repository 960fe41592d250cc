"""From slots to departures: exact where slots are, and nobody lost on the way."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from tests.kernels.flows import flows
from tests.planner.small import both_ways, road, scenario, site, zone
from tests.planner.strategies import examples

from clearway.model.scenario import Scenario
from clearway.planner.problem import build_problem
from clearway.planner.schedule import Schedule, runs, schedule, steady_schedule
from clearway.planner.slots import Grid, SlotFlow, no_loads
from clearway.planner.static_flow import calm_flow
from clearway.planner.steady import steady_routes


def scheduled(small: Scenario, slot_s: float, slots: int) -> Schedule:
    problem = build_problem(small, None, small.capacity_profile())
    grid = Grid(slot_s, slots)
    flow = SlotFlow(problem, np.flatnonzero(problem.useful(grid.horizon_s)), grid, no_loads(), 1000)
    flow.augment()
    return schedule(flow)


def test_runs_of_equal_rates_become_one_movement() -> None:
    rates = np.array([[0.0, 2.0, 2.0, 1.0, 0.0, 1.0], [3.0, 3.0, 0.0, 0.0, 0.0, 0.0]])
    rows, first, until, values = (column.tolist() for column in runs(rates))
    assert list(zip(rows, first, until, values, strict=True)) == [
        (0, 1, 3, 2.0),
        (0, 3, 4, 1.0),
        (0, 5, 6, 1.0),
        (1, 0, 2, 3.0),
    ]


def test_one_road_is_one_movement() -> None:
    found = scheduled(scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")]), 60.0, 40)
    assert found.from_s.tolist() == [0]
    assert found.until_s == pytest.approx([1800])
    assert found.vehicles == pytest.approx([600])
    assert found.clearance_s == pytest.approx(2400)


def test_off_the_grid_the_rest_leaves_a_little_later() -> None:
    # 10 minutes are 1.43 slots of 7: the first slot in which one can leave begins at minute 4, the last is not full
    found = scheduled(scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")]), 420.0, 6)
    assert found.sent == pytest.approx(600)
    assert 2400 <= found.clearance_s <= 2400 + 2 * 420


def test_routes_are_made_of_the_scenarios_links() -> None:
    small = scenario(both_ways("a", "b", 10, 1200), [zone("a", 40)], [site("a", 100), site("b", 20)])
    found = scheduled(small, 60.0, 40)
    assert found.sent == pytest.approx(40)
    ways = [tuple(found.route_links[a:b].tolist()) for a, b in pairwise(found.route_start)]
    assert set(ways) == {(0,), (0, 1)}  # to b, or out and back to the beds at home


@examples(60)
@given(flows)
def test_nobody_is_lost_and_loads_are_what_is_driven(flow: SlotFlow) -> None:
    problem = flow.problem
    if not len(problem.zone):
        return
    flow.augment()
    found = schedule(flow)
    sent = np.bincount(found.route_zone[found.route], found.vehicles, len(problem.zone))
    assert sent + found.left == pytest.approx(problem.vehicles, rel=1e-6, abs=1e-6)
    assert (found.until_s > found.from_s).all()
    assert (found.vehicles > 0).all()
    assert (found.from_s >= 0).all()
    loads = found.loads(problem)
    driven = np.bincount(loads.link, loads.rate * (loads.until_s - loads.from_s), len(problem.tail))
    expected = np.zeros(len(problem.tail))
    for route, vehicles in zip(found.route, found.vehicles, strict=True):
        np.add.at(expected, found.route_links[found.route_start[route] : found.route_start[route + 1]], vehicles)
    assert driven == pytest.approx(expected)
    persons = (
        np.bincount(found.route_zone[found.route], found.vehicles, len(problem.zone)) @ problem.persons_per_vehicle
    )
    assert loads.persons.sum() == pytest.approx(persons)
    beds = np.bincount(loads.site, loads.persons, int(problem.site.max()) + 1)[problem.site]
    assert (beds <= problem.beds * (1 + 1e-9) + 1e-9).all()


def test_a_steady_schedule_ends_by_the_horizon_or_is_none() -> None:
    # 601 at 20 a minute and 10.01 on the way: 40.06 minutes at a constant rate
    roads = [road("a", "b", 10.01, 1200)]
    for horizon, is_found in ((41, True), (40, False)):
        small = scenario(roads, [zone("a", 601)], [site("b")], horizon=horizon)
        problem = build_problem(small, None, small.capacity_profile())
        found = steady_schedule(problem, steady_routes(problem, calm_flow(problem, 40.06 * 60)))
        assert (found is not None) == is_found
        if found is not None:
            assert found.clearance_s == pytest.approx(40.06 * 60, rel=1e-3)


def test_a_steady_schedule_has_no_links_to_homes() -> None:
    small = scenario(both_ways("a", "b", 10.01, 1200), [zone("a", 40)], [site("a"), site("b")], horizon=60)
    problem = build_problem(small, None, small.capacity_profile())
    assert len(problem.home_of) == 1
    found = steady_schedule(problem, steady_routes(problem, calm_flow(problem, 1000.0)))
    assert found is not None
    assert (found.route_links < problem.n_roads).all()
    assert (np.diff(found.route_start) > 0).all()
