"""Room between loads and departures moved into it, by hand: one link, bins of 10 s."""

from __future__ import annotations

import numpy as np
import pytest
from tests.kernels.plain import plain

from clearway.kernels.pulling import are_outside, pull_forward, room_in_bins


def test_the_room_of_a_bin_is_the_least_at_any_time_of_it() -> None:
    # 2 a second, 0.5 from 5 s to 15 s, then 1; nothing is less than nothing
    row, from_s = np.zeros(4, dtype=np.int64), np.array([0.0, 5.0, 15.0, 30.0])
    room = plain(room_in_bins)(row, from_s, np.array([2.0, 0.5, 1.0, -1.0]), 1, 4, 10.0)
    assert room.tolist() == [[0.5, 0.5, 1.0, 0.0]]


def pulled(ready_s: float = 0.0, closes_s: float = np.inf, room: float = 1.0) -> tuple[float, list[float]]:
    """
    20 vehicles that leave from 60 s to 80 s, 1 a second, on a road of 10 s that is free before; until when the rest
    leaves, and how many leave in each bin instead.
    """
    free, until, added = np.full((1, 10), room), np.array([80.0]), np.zeros((1, 10))
    one = np.zeros(1, dtype=np.int64)
    plain(pull_forward)(
        free, 10.0, one, np.array([60.0]), until, np.ones(1), np.ones(1), one, np.array([0, 1]), one, one,
        np.array([0, 1]), one, one, one + 1, np.array([10.0]), np.array([0.01]), one, np.array([0, 1]),
        np.array([[ready_s, np.inf]]), np.array([0, 1]), np.array([[0.0, closes_s]]), np.zeros(1), added,
    )  # fmt: skip
    assert (added * 10).sum() + until[0] - 60 == pytest.approx(20)
    assert (free + added == room).all()
    return float(until[0]), (added[0] * 10).tolist()


def test_the_last_leave_in_the_first_room() -> None:
    assert pulled() == (60.0, [10.0, 10.0] + [0.0] * 8)


def test_half_the_room_takes_twice_as_long() -> None:
    until, moved = pulled(room=0.5)
    assert moved[:4] == [5.0, 5.0, 5.0, 5.0]
    assert until == 60.0


def test_nobody_leaves_before_they_may() -> None:
    # from 55 s on only the bin from 60 s is whole; who leaves before 70 s anyway does not gain from it
    until, moved = pulled(ready_s=45.0)
    assert moved[:5] == [0.0] * 5
    assert moved[5] == 10.0
    assert until == pytest.approx(70.0)


def test_nobody_arrives_where_it_is_shut() -> None:
    # arrivals from 10 s on, shut from 20 s on: only who leaves in the first bin is in time
    assert pulled(closes_s=20.0) == (70.0, [10.0] + [0.0] * 9)


def test_spans_outside_all_windows() -> None:
    windows = np.array([[0.0, 10.0], [20.0, 30.0]])
    spans = np.array([0.0, 5.0, 20.0, 9.5]), np.array([10.0, 15.0, 25.0, 10.5])
    found = plain(are_outside)(np.array([0, 2]), windows, np.zeros(4, dtype=np.int64), *spans, 0.1)
    assert found.tolist() == [False, True, False, True]
