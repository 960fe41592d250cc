"""The junction model against the example its authors publish, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.kernels.node_model import junction_flows

# Tampere et al. (2011), the four-armed junction: vehicles an hour from each arm to each arm
SENDING = np.array([[0, 50, 150, 300], [100, 0, 300, 1600], [100, 100, 0, 600], [100, 800, 800, 0]], dtype=float)
CAPACITY = np.array([1000.0, 2000.0, 1000.0, 2000.0])
RECEIVING = np.array([1000.0, 2000.0, 1000.0, 2000.0])
PUBLISHED = np.array(
    [[0, 50, 150, 300], [68.5, 0, 205.5, 1095.7], [100, 100, 0, 600], [80.6, 644.5, 644.5, 0]], dtype=float
)


def solve(sending: np.ndarray, capacity: np.ndarray, receiving: np.ndarray) -> np.ndarray:
    n_in, n_out = sending.shape
    flow, weight, served = np.zeros((n_in, n_out)), np.zeros((n_in, n_out)), np.zeros(n_in, dtype=np.bool_)
    junction_flows(sending, capacity, receiving.copy(), flow, weight, served)
    return flow


def test_published_four_armed_junction() -> None:
    assert solve(SENDING, CAPACITY, RECEIVING) == pytest.approx(PUBLISHED, abs=0.06)


def test_sending_more_from_an_arm_that_waits_changes_nothing() -> None:
    """The invariance principle: arms 2 and 4 are held back, so they may as well send at capacity."""
    more = SENDING.copy()
    more[3] *= 2000.0 / 1700.0
    assert solve(more, CAPACITY, RECEIVING) == pytest.approx(PUBLISHED, abs=0.06)


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
