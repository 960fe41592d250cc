"""Nobody is made, lost or in two places: on networks that hypothesis makes, with closures, full sites and detours."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simulator.small import Road, plan, scenario

from clearway.kernels import traffic as kernel
from clearway.kernels.traffic_tables import SAFE, TRAPPED
from clearway.model.demand import Site
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.simulator import Behaviour, SimulationParameters, Simulator, simulate
from clearway.simulator.drive import Drive

GRID = 4


def node(row: int, column: int) -> str:
    return f"{row}{column}"


@st.composite
def cases(draw: st.DrawFn) -> tuple[Scenario, Plan]:
    """A grid of one-way pairs of roads; people along the left, sites along the right, closures anywhere."""
    roads = []
    for row in range(GRID):
        for column in range(GRID):
            for other in ((row, column + 1), (row + 1, column)):
                if max(other) < GRID:
                    length = draw(st.sampled_from([20.0, 150.0, 600.0, 2000.0]))
                    rate = draw(st.sampled_from([0.1, 0.4, 1.0, 20.0]))
                    a, b = node(row, column), node(*other)
                    roads += [(f"{a}>{b}", a, b, length, 15.0, rate), (f"{b}>{a}", b, a, length, 15.0, rate)]
    names = [road[0] for road in roads]
    closures = [
        (draw(st.sampled_from(names)), begin := draw(st.floats(0, 2000)), begin + draw(st.floats(1, 2000)), 0.0)
        for _ in range(draw(st.integers(0, 3)))
    ]
    zones = [(node(row, 0), draw(st.integers(1, 200))) for row in range(GRID)]
    beds = [draw(st.sampled_from([0.0, 30.0, 150.0, math.inf])) for _ in range(GRID)]
    case = scenario(roads, zones, [(node(row, GRID - 1), beds[row]) for row in range(GRID)], closures=closures)
    routes, moves = [], []
    for row in range(GRID):
        for part in range(draw(st.integers(1, 2))):
            end = draw(st.integers(0, GRID - 1))
            turn = draw(st.integers(0, GRID - 1))
            way = [(row, c) for c in range(turn + 1)]
            way += [(r, turn) for r in range(row, end, 1 if end > row else -1)][1:] if end != row else []
            way += [(end, c) for c in range(turn, GRID)] if end != row else [(end, c) for c in range(turn + 1, GRID)]
            way = list(dict.fromkeys(way))
            routes.append([f"{node(*a)}>{node(*b)}" for a, b in itertools.pairwise(way)])
            begin = draw(st.floats(0, 1000))
            amount = zones[row][1] * draw(st.sampled_from([0.25, 0.5])) * (1.0 if part == 0 else 0.9)
            moves.append((row, end, len(routes) - 1, begin, begin + draw(st.floats(1, 600)), amount))
    return case, plan(case, routes, moves)


PARAMETERS = st.builds(
    SimulationParameters,
    seed=st.integers(0, 5),
    platoon_vehicles=st.sampled_from([0.7, 1.0, 5.0]),
    on_closure=st.sampled_from(["trapped", "turn-back"]),
    at_closed_road=st.sampled_from(["reroute", "wait"]),
    update_s=st.sampled_from([60.0, 600.0]),
    behaviour=st.builds(
        Behaviour,
        follow_window=st.sampled_from([0.5, 1.0]),
        follow_route=st.sampled_from([0.0, 0.7, 1.0]),
        follow_site=st.sampled_from([0.5, 1.0]),
        stay=st.sampled_from([0.0, 0.2]),
        shadow=st.sampled_from([0.0, 0.5]),
        other_way=st.sampled_from(["quickest", "shortest"]),
        response=st.sampled_from(["logistic", "rayleigh"]),
        response_half_s=st.just(600.0),
        response_spread_s=st.just(300.0),
    ),
)


@settings(max_examples=40, deadline=None)
@given(cases(), PARAMETERS)
def test_nobody_is_made_or_lost(made: tuple[Scenario, Plan], params: SimulationParameters) -> None:
    case, small = made
    outcome = simulate(case, small, params)
    total = float(sum(zone.present for zone in case.zones))
    assert math.isclose(outcome.tally.total, total, rel_tol=1e-12)
    assert abs(outcome.tally.unaccounted) <= 1e-9 * total
    for zone in outcome.zones:
        assert abs(zone.unaccounted) <= 1e-9 * total
    assert (outcome.site_persons <= np.array([site.beds for site in case.sites]) + 1e-5).all()
    assert math.isclose(outcome.site_persons.sum(), outcome.tally.safe, rel_tol=1e-9, abs_tol=1e-9)
    assert (np.diff(outcome.safe) >= -1e-9).all()


@settings(max_examples=15, deadline=None)
@given(cases(), PARAMETERS)
def test_every_platoon_is_in_one_place_at_every_step(made: tuple[Scenario, Plan], params: SimulationParameters) -> None:
    """Driven event by event, counted after each: sent = at home + on the road + out; no link holds more than it can."""
    case, small = made
    simulator = Simulator(case, small, params)
    drive = Drive(case, small, simulator.planned, simulator.tables, params)
    vehicles = drive.platoons.vehicles
    for time in np.arange(0.0, 3000.0, 7.0):
        drive.drive(float(time))
        assert kernel.miscounted(drive.state) == -1
        on_link = drive.platoons.place >= 0
        on_link &= (drive.platoons.status != TRAPPED) & (drive.platoons.place < case.network.n_links)
        held = np.bincount(drive.platoons.place[on_link], vehicles[on_link], case.network.n_links)
        assert (held <= drive.state.links.room + params.platoon_vehicles + 1e-9).all()
        assert (held <= drive.state.links.held + 1e-6).all()
    free = small.route_time_s(case.network.free_flow_time_s)
    arrived = (drive.platoons.status == SAFE) & (drive.platoons.guide < 0)
    travel = drive.platoons.arrived - drive.platoons.left_home
    assert (travel[arrived] >= free[simulator.planned.route[arrived]] - 1e-6).all()  # nobody is hurried


@settings(max_examples=10, deadline=None)
@given(cases(), PARAMETERS)
def test_the_same_seed_gives_the_same_outcome(made: tuple[Scenario, Plan], params: SimulationParameters) -> None:
    first, second = (simulate(*made, params) for _ in range(2))
    assert first.tally == second.tally
    assert first.clearance_time_s == second.clearance_time_s
    assert (first.safe == second.safe).all()
    assert first.links is not None
    assert second.links is not None
    assert (first.links.entered == second.links.entered).all()


def test_sites_that_fill_send_the_rest_on() -> None:
    """150 go to a site of 100 beds: 50 go on to the next one, 600 m further."""
    case = scenario(
        [("a", "A", "S", 600, 20, 1.0), ("b", "S", "T", 600, 20, 1.0)], [("A", 150)], [("S", 100), ("T", 500)]
    )
    small = plan(case, [["a"]], [(0, 0, 0, 0, 150, 150)])
    outcome = simulate(case, small, SimulationParameters(platoon_vehicles=1.0))
    assert outcome.site_persons.tolist() == [100, 50]
    assert outcome.clearance_time_s == 150 + 30 + 30
    waits = simulate(case, small, SimulationParameters(platoon_vehicles=1.0, at_closed_road="wait"))
    assert (waits.tally.safe, waits.tally.turned_away) == (100, 50)


def test_people_whose_sites_are_full_do_not_stand_in_the_way_of_others() -> None:
    """On one road 150 go east, where there are 50 beds, and 150 west: 100 turn off at the fork, all others arrive."""
    roads: list[Road] = [
        ("a", "A", "M", 600, 20, 1.0),
        ("b", "B", "M", 600, 20, 1.0),
        ("m", "M", "F", 600, 20, 0.5),
        ("e", "F", "E", 600, 20, 1.0),
        ("w", "F", "W", 600, 20, 1.0),
    ]
    beds = [Site("E", "E", 4, 50, direction="east"), Site("W", "W", 5, 500, direction="west")]
    case = scenario(roads, [("A", 150), ("B", 150)], beds)
    ways = (("east", 1.0),), (("west", 1.0),)
    case = replace(case, zones=tuple(replace(z, directions=d) for z, d in zip(case.zones, ways, strict=True)))
    small = plan(case, [["a", "m", "e"], ["b", "m", "w"]], [(0, 0, 0, 0, 300, 150), (1, 1, 1, 0, 300, 150)])
    for behaviour in (Behaviour(), Behaviour(follow_route=0.0), Behaviour(follow_site=0.0)):
        outcome = simulate(case, small, SimulationParameters(platoon_vehicles=1.0, behaviour=behaviour))
        assert outcome.site_persons.tolist() == [50, 150]
        assert (outcome.tally.turned_away + outcome.tally.at_home, outcome.tally.on_road) == (100, 0)
        assert outcome.last_arrival_s <= 30 + 600 + 30 + 30 + 2


def test_who_leaves_home_when_their_site_is_full_goes_to_another_one() -> None:
    """Nobody keeps to the route: 110 drive to 100 beds, and by then that is known to the 40 who leave later."""
    case = scenario(
        [("a", "A", "S", 600, 20, 1.0), ("b", "A", "T", 6000, 20, 1.0)], [("A", 150)], [("S", 100), ("T", 500)]
    )
    small = plan(case, [["a"]], [(0, 0, 0, 0, 110, 110), (0, 0, 0, 1000, 1040, 40)])
    behaviour = Behaviour(follow_route=0.0)
    outcome = simulate(case, small, SimulationParameters(platoon_vehicles=1.0, behaviour=behaviour))
    assert outcome.site_persons.tolist() == [100, 40]
    assert (outcome.tally.turned_away, outcome.tally.at_home) == (10, 0)
    assert outcome.last_arrival_s == pytest.approx(1040 + 300)


def test_who_finds_no_way_sets_out_again_when_one_opens() -> None:
    """The only bridge closes at 100 s and opens again at 1,000 s: who stood before it turned off, and is safe then."""
    case = scenario(
        [("a", "A", "B", 4000, 20, 1.0), ("b", "B", "C", 200, 20, 1.0)],
        [("A", 90)],
        [("C", 500)],
        closures=[("b", 100, 1000, 0.0)],
    )
    small = plan(case, [["a", "b"]], [(0, 0, 0, 0, 90, 90)])
    outcome = simulate(case, small, SimulationParameters(platoon_vehicles=1.0))
    assert outcome.tally.safe == 90
    assert outcome.clearance_time_s == pytest.approx(1000 + 90 + 10, abs=2)


def test_a_site_that_opens_later_lets_people_in_then() -> None:
    late = Site("T", "T", 1, 500, ((1000.0, 2000.0),))
    case = scenario([("a", "A", "T", 600, 20, 1.0)], [("A", 50)], [late])
    outcome = simulate(case, plan(case, [["a"]], [(0, 0, 0, 0, 50, 50)]), SimulationParameters(platoon_vehicles=1.0))
    assert outcome.clearance_time_s == 1000
    assert outcome.tally.safe == 50


def test_a_closure_traps_those_on_the_road() -> None:
    """0.5 a second on a road of 200 s that closes at 600 s: 100 are on it, 200 were through, the rest stay at home."""
    case = scenario(
        [("a", "A", "B", 4000, 20, 1.0), ("b", "B", "C", 200, 20, 1.0)],
        [("A", 500)],
        [("C", 500)],
        closures=[("a", 600, math.inf, 0.0)],
    )
    small = plan(case, [["a", "b"]], [(0, 0, 0, 0, 1000, 500)])
    outcome = simulate(case, small, SimulationParameters(platoon_vehicles=1.0))
    assert abs(outcome.tally.trapped - 100) <= 1
    assert abs(outcome.tally.safe - 200) <= 1
    assert outcome.tally.safe + outcome.tally.trapped + outcome.tally.at_home == 500
    assert outcome.trapped == ((0, outcome.tally.trapped),)
    assert outcome.clearance_time_s == math.inf
    back = simulate(case, small, SimulationParameters(platoon_vehicles=1.0, on_closure="turn-back"))
    assert back.tally.trapped == 0
    assert back.tally.safe == outcome.tally.safe
    assert back.tally.on_road == outcome.tally.trapped  # beside the closed road


def test_those_who_turn_back_take_the_other_way() -> None:
    """A road closes at 200 s; those on it, and those still at home, go round by another."""
    case = scenario(
        [("a", "A", "C", 4000, 20, 1.0), ("r", "A", "B", 4000, 20, 1.0), ("s", "B", "C", 4000, 20, 1.0)],
        [("A", 300)],
        [("C", 500)],
        closures=[("a", 150, math.inf, 0.0)],
    )
    small = plan(case, [["a"]], [(0, 0, 0, 0, 300, 300)])
    outcome = simulate(case, small, SimulationParameters(platoon_vehicles=1.0, on_closure="turn-back"))
    assert outcome.tally.safe == 300
    # who entered at 0 is back at 300; 300 vehicles leave from 150 on, one a second
    assert 450 + 400 - 2 <= outcome.clearance_time_s <= 460 + 400


def test_exposure_counts_person_seconds_within_hazards() -> None:
    """100 s on the road, the second half within the hazard's time; ten at home for another 50 s each."""
    from clearway.model.situation import HazardArea

    area = HazardArea("smoke", 0.0, math.inf, (0,), (0,))
    case = scenario([("a", "A", "B", 2000, 20, 1.0)], [("A", 10)], [("B", 100)], hazards=[area])
    outcome = simulate(
        case, plan(case, [["a"]], [(0, 0, 0, 50, 50.001, 10)]), SimulationParameters(platoon_vehicles=10)
    )
    assert math.isclose(outcome.exposure_road_s, 10 * 100, rel_tol=1e-6)
    assert math.isclose(outcome.exposure_home_s, 10 * 50.001, rel_tol=1e-6)
