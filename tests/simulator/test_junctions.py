"""Junctions: the node model worked by hand, and the simulator's junctions against it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.simulator.node_model import junction_flows as solve
from tests.simulator.small import Move, plan, scenario

from clearway.simulator import SimulationParameters, Simulator
from clearway.simulator.drive import Drive
from clearway.simulator.parameters import silent

# Four arms: vehicles an hour from each arm to each arm. By hand: the third road out is the tightest, 1,000 for weights
# of 300, 300 and 941.2 (capacity x share); its least share, 0.649, lets all 500 of the first arm go. What is left, 850
# for 300 and 941.2, is a share of 0.6848 for the second and fourth arm. The fourth road out then has 604.3 left, enough
# for the 600 of the third arm.
SENDING = np.array([[0, 50, 150, 300], [100, 0, 300, 1600], [100, 100, 0, 600], [100, 800, 800, 0]], dtype=float)
CAPACITY = np.array([1000.0, 2000.0, 1000.0, 2000.0])
RECEIVING = np.array([1000.0, 2000.0, 1000.0, 2000.0])
BY_HAND = np.array(
    [[0, 50, 150, 300], [68.48, 0, 205.45, 1095.73], [100, 100, 0, 600], [80.57, 644.55, 644.55, 0]], dtype=float
)


def test_four_armed_junction_by_hand() -> None:
    assert solve(SENDING, CAPACITY, RECEIVING) == pytest.approx(BY_HAND, abs=0.02)


def test_sending_more_from_an_arm_that_waits_changes_nothing() -> None:
    """The invariance principle: arms 2 and 4 are held back, so they may as well send at capacity."""
    more = SENDING.copy()
    more[3] *= 2000.0 / 1700.0
    assert solve(more, CAPACITY, RECEIVING) == pytest.approx(BY_HAND, abs=0.02)


def test_merge_by_hand() -> None:
    """Capacities 1 and 2 into 1.5: 0.5 and 1; where the first wants 0.2, the other gets 1.3."""
    capacity, room = np.array([1.0, 2.0]), np.array([1.5])
    assert solve(np.array([[1.0], [2.0]]), capacity, room).ravel() == pytest.approx([0.5, 1.0])
    assert solve(np.array([[0.2], [2.0]]), capacity, room).ravel() == pytest.approx([0.2, 1.3])


def test_closed_road_holds_back_all_behind() -> None:
    flow = solve(np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([2.0, 2.0]), np.array([0.0, 5.0]))
    assert flow.tolist() == [[0.0, 0.0], [0.0, 1.0]]


def test_room_without_limit_lets_everybody_go() -> None:
    sending = np.array([[1.0, 0.5], [0.0, 2.0]])
    assert (solve(sending, np.array([2.0, 2.0]), np.array([np.inf, np.inf])) == sending).all()


@given(st.integers(1, 5), st.integers(1, 5), st.randoms(use_true_random=False))
def test_flows_are_maximal_fair_and_within_limits(n_in: int, n_out: int, random: object) -> None:
    """No arm sends more than it wants, no road takes more than it can; who is held back is so by a full road."""
    draw = random.random  # type: ignore[attr-defined]
    capacity = np.array([0.5 + draw() for _ in range(n_in)])
    shares = np.array([[draw() if draw() < 0.7 else 0.0 for _ in range(n_out)] for _ in range(n_in)])
    wanted = capacity * np.array([draw() for _ in range(n_in)])
    total = np.maximum(shares.sum(axis=1), 1e-9)
    sending = shares / total[:, None] * wanted[:, None]
    receiving = np.array([draw() * n_in for _ in range(n_out)])
    flow = solve(sending, capacity, receiving)
    assert (flow <= sending + 1e-9).all()
    assert (flow.sum(axis=0) <= receiving + 1e-9).all()
    for i in range(n_in):
        share = flow[i].sum() / sending[i].sum() if sending[i].sum() > 0 else 1.0
        assert flow[i] == pytest.approx(share * sending[i], abs=1e-9)  # first in, first out
        if share < 1 - 1e-9:
            full = flow.sum(axis=0) >= receiving - 1e-9
            assert full[sending[i] > 0].any()


def driven(sending: np.ndarray, capacity: np.ndarray, receiving: np.ndarray, size: float) -> np.ndarray:
    """Vehicles an hour from each arm to each arm that the simulator lets pass, from 1,000 to 5,000 s."""
    n_in, n_out = sending.shape
    roads = [(f"i{i}", f"A{i}", "M", 20_000.0, 20.0, capacity[i] / 3600) for i in range(n_in)]
    roads += [(f"o{j}", "M", f"B{j}", 2000.0, 20.0, receiving[j] / 3600) for j in range(n_out)]
    pairs = [(i, j) for i in range(n_in) for j in range(n_out) if sending[i, j] > 0]
    case = scenario(roads, [(f"A{i}", 100_000) for i in range(n_in)], [(f"B{j}", 1e6) for j in range(n_out)])
    moves: list[Move] = [(i, j, r, 0, 6000, 6000 * sending[i, j] / 3600) for r, (i, j) in enumerate(pairs)]
    small = plan(case, [[f"i{i}", f"o{j}"] for i, j in pairs], moves)
    simulator = Simulator(case, small, SimulationParameters(platoon_vehicles=size))
    run = Drive(case, small, simulator.planned, simulator.tables, simulator.params)
    run.run(silent)
    passed = run.platoons.arrived - 100.0
    counted = (passed > 2000) & (passed <= 6000)
    route = simulator.planned.route[counted]
    amounts = np.bincount(route, run.platoons.vehicles[counted], len(pairs)) * 3600 / 4000
    flow = np.zeros_like(sending)
    flow[tuple(np.array(pairs).T)] = amounts
    return flow


@pytest.mark.parametrize("size", [1.0, 0.25])
def test_simulator_shares_the_four_armed_junction_so(size: float) -> None:
    assert driven(SENDING, CAPACITY, RECEIVING, size) == pytest.approx(BY_HAND, rel=0.01, abs=1.0)


@pytest.mark.parametrize("seed", range(6))
def test_simulator_shares_any_junction_so(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_in, n_out = rng.integers(2, 4, 2)
    capacity = 1000 * (0.5 + 2 * rng.random(n_in))
    shares = rng.random((n_in, n_out))
    sending = shares / shares.sum(axis=1)[:, None] * (capacity * rng.uniform(0.3, 1.0, n_in))[:, None]
    receiving = rng.uniform(0.2, 1.2, n_out) * capacity.sum() / n_out * 0.8
    expected = solve(sending, capacity, receiving)
    assert driven(sending, capacity, receiving, 0.5) == pytest.approx(expected, rel=0.01, abs=3.0)


def test_a_queue_for_several_full_roads_keeps_them_full() -> None:
    """
    58, 40 and 180 vehicles a minute part for three roads that take just so many; an hour of them. The road before
    carries more, first in, first out: whoever waits holds up all behind, and what a road misses must come in later.
    """
    outs = ((9, 24, 25), (40,), (100, 80))
    roads = [("z", "Z", "A", 1000.0, 20.0, 14.0)]
    roads += [(f"o{i}", "A", f"B{i}", 1000.0, 20.0, sum(out) / 60) for i, out in enumerate(outs)]
    case = scenario(roads, [("Z", 100_000)], [(f"B{i}", 1e6) for i in range(3)])
    ways = [(i, rate) for i, out in enumerate(outs) for rate in out]
    moves: list[Move] = [(0, i, r, 0.0, 3600.0, 60.0 * rate) for r, (i, rate) in enumerate(ways)]
    simulator = Simulator(case, plan(case, [["z", f"o{i}"] for i, _ in ways], moves))
    assert simulator.run(SimulationParameters(platoon_vehicles=1.0)).clearance_time_s == pytest.approx(3700, abs=10)
