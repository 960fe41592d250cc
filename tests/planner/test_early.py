"""Earlier arrivals and fewer movements: by hand, and that people, feasibility and clearance stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from tests.planner.small import planned, road, scenario, site, zone
from tests.planner.strategies import examples, whole_minutes

from clearway.check import check_plan
from clearway.model.plan import CAR, Movements, Plan, Routes
from clearway.model.scenario import Scenario
from clearway.planner.assemble import Moved
from clearway.planner.early import arrive_early
from clearway.planner.fewer import fewer_movements

STATED = {"clearance", "gap", "last_start"}  # of the plan before: what changes with its movements
ROADS = [road("a", "b", 10, 1200), road("a", "c", 30, 1200)]


def moved(rows: list[tuple[int, int, float, float, float]]) -> Moved:
    """Movements of zone 0: site, route (0: a>b, 1: a>c), from, until (minutes), vehicles of one person."""
    table = np.array(rows, dtype=np.float64)
    n = len(rows)
    moves = Movements(
        np.zeros(n, dtype=np.int64), table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2] * 60,
        table[:, 3] * 60, table[:, 4].copy(), table[:, 4].copy(), (CAR,) * n, tuple(f"m{i}" for i in range(n)),
    )  # fmt: skip
    return Moved(moves, Routes(("r1", "r2"), np.array([0, 1, 2]), np.array([0, 1])), {})


def town(**beds: float) -> Scenario:
    return scenario(ROADS, [zone("a", 600)], [site("b", beds.get("b", np.inf)), site("c")], horizon=240)


def mean_arrival(found: Moved, small: Scenario) -> float:
    way = small.network.free_flow_time_s[found.routes.links][found.movements.route]
    middle = 0.5 * (found.movements.depart_from_s + found.movements.depart_until_s) + way
    return float((middle * found.movements.persons).sum() / found.movements.persons.sum())


def test_late_departures_fill_the_free_hour() -> None:
    # 400 leave from 60 to 80, 20 a minute; from 0 on there is room for just as many
    found = arrive_early(town(), moved([(0, 0, 60, 80, 400)]), town().capacity_profile())
    assert found.movements.vehicles.sum() == pytest.approx(400)
    assert found.movements.depart_until_s.max() <= 21 * 60
    assert mean_arrival(found, town()) == pytest.approx(20 * 60, abs=60)


def test_they_change_sites_only_where_beds_are_left() -> None:
    # 400 on the long way could go by the short one, but b has 100 beds
    far = moved([(1, 1, 0, 20, 400)])
    for beds, most in ((100.0, 100.0), (1000.0, 400.0)):
        small = town(b=beds)
        found = arrive_early(small, moved([(1, 1, 0, 20, 400), (0, 0, 0, 0.05, 1)]), small.capacity_profile())
        to_b = float(found.movements.persons[found.movements.site == 0].sum())
        assert 1 < to_b <= most + 1e-6
        assert found.movements.persons.sum() == pytest.approx(401)
    assert mean_arrival(found, town()) < mean_arrival(far, town())


def test_a_way_that_nobody_takes_any_more_is_gone() -> None:
    late = moved([(1, 1, 60, 70, 200), (0, 0, 0, 0.05, 1)])
    found = arrive_early(town(), late, town().capacity_profile())
    assert len(found.routes) == 1
    assert set(found.movements.site.tolist()) == {0}
    assert found.movements.persons.sum() == pytest.approx(201)


def test_rates_that_swing_about_one_mean_become_few_movements() -> None:
    # 5 and 15 a minute in turn; 20 fit
    swing = [(0, 0, float(i), float(i + 1), 5.0 if i % 2 else 15.0) for i in range(40)]
    found = fewer_movements(town(), moved(swing), town().capacity_profile()).movements
    assert len(found) <= 8  # the rest would leave later on average
    assert found.vehicles.sum() == pytest.approx(400)
    assert float(found.depart_until_s.max()) == pytest.approx(40 * 60)


def test_a_rest_that_nobody_can_average_stays() -> None:
    # full for twenty minutes, nobody for an hour, a few again: as one they would leave later
    rows = [(0, 0, float(i), float(i + 1), 20.0) for i in range(20)] + [(0, 0, 80.0, 81.0, 20.0)]
    found = fewer_movements(town(), moved(rows), town().capacity_profile()).movements
    assert len(found) == 2


def as_it_was(plan: Plan, found: Moved) -> Plan:
    """The plan with other movements, what is stated of it left out."""
    return replace(plan, movements=found.movements, routes=found.routes)


@examples(15)
@given(whole_minutes())
def test_people_feasibility_and_clearance_stay(small: Scenario) -> None:
    plan = planned(small)
    profile = small.capacity_profile()
    before = Moved(plan.movements, plan.routes, {})
    early = arrive_early(small, before, profile)
    for found in (early, fewer_movements(small, early, profile)):
        faults = [f for f in check_plan(small, as_it_was(plan, found)).faults if f.code not in STATED]
        assert not faults, faults
        if len(plan.movements):
            assert found.movements.persons.sum() == pytest.approx(plan.movements.persons.sum(), rel=1e-9)
            assert np.bincount(found.movements.zone, found.movements.persons) == pytest.approx(
                np.bincount(plan.movements.zone, plan.movements.persons), rel=1e-9
            )
    if len(plan.movements):
        assert mean_arrival_of(early, small) <= mean_arrival_of(before, small) + 1e-6


def mean_arrival_of(found: Moved, small: Scenario) -> float:
    way = np.add.reduceat(small.network.free_flow_time_s[found.routes.links], found.routes.start[:-1])
    middle = 0.5 * (found.movements.depart_from_s + found.movements.depart_until_s) + way[found.movements.route]
    return float((middle * found.movements.persons).sum() / found.movements.persons.sum())
