"""Rates cut into slots: means and least rates by hand, and that no vehicle is made or lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernels.plain import plain

from clearway.kernels.cuts import integral
from clearway.kernels.slots import slot_rates, take_loads

# one link: 2 vehicles a second until 10 s, closed until 25 s, then 1
START, FROM_S, RATE = np.array([0, 3]), np.array([0.0, 10.0, 25.0]), np.array([2.0, 0.0, 1.0])
LINK = np.array([0])


def test_mean_and_least_rates_of_each_slot() -> None:
    mean, least = slot_rates(START, FROM_S, RATE, LINK, np.array([0.0]), 20.0, 3)
    assert mean[0].tolist() == [1.0, 0.75, 1.0]  # 20 in 20 s; 15 s of 1 in 20 s; 1
    assert least[0].tolist() == [0.0, 0.0, 1.0]


def test_nothing_enters_before_time_0() -> None:
    # slots -15 to -5, -5 to 5, 5 to 15, 15 to 25
    mean, least = slot_rates(START, FROM_S, RATE, LINK, np.array([-15.0]), 10.0, 4)
    assert mean[0].tolist() == [0.0, 1.0, 1.0, 0.0]
    assert least[0].tolist() == [0.0, 0.0, 0.0, 0.0]


def test_a_piece_that_begins_at_a_slot_is_of_that_slot() -> None:
    mean, least = slot_rates(START, FROM_S, RATE, LINK, np.array([0.0]), 5.0, 6)
    assert mean[0].tolist() == least[0].tolist() == [2.0, 2.0, 0.0, 0.0, 0.0, 1.0]


def test_loads_come_off_the_mean_by_their_share_and_off_the_least_in_full() -> None:
    mean, least = np.full((1, 3), 2.0), np.full((1, 3), 2.0)
    rows = np.array([-1, 0])
    # 0.5 a second from 15 s to 20 s, half of slot 1; link 0 has no row
    take_loads(mean, least, rows, np.array([0.0]), 10.0, np.array([1, 0]), np.array([15.0, 0.0]),
               np.array([20.0, 30.0]), np.array([0.5, 2.0]))  # fmt: skip
    assert mean[0].tolist() == [2.0, 1.75, 2.0]
    assert least[0].tolist() == [2.0, 1.5, 2.0]


def test_rates_never_fall_below_zero() -> None:
    mean, least = np.full((1, 2), 1.0), np.full((1, 2), 1.0)
    take_loads(mean, least, LINK, np.array([0.0]), 10.0, LINK, np.array([-5.0]), np.array([15.0]), np.array([3.0]))
    assert mean[0].tolist() == [0.0, 0.0]
    assert least[0].tolist() == [0.0, 0.0]


times = st.floats(0.0, 100.0).map(lambda t: round(t, 2))


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(st.lists(times, max_size=5), st.floats(-50.0, 50.0), st.floats(0.5, 30.0), st.integers(1, 12), st.data())
def test_slots_hold_what_the_profile_holds(
    changes: list[float], origin: float, slot_s: float, n_slots: int, data: st.DataObject
) -> None:
    from_s = np.array(sorted({0.0, *changes}))
    rate = np.array([data.draw(st.sampled_from([0.0, 0.5, 2.0])) for _ in from_s])
    start = np.array([0, len(from_s)])
    mean, least = slot_rates(start, from_s, rate, LINK, np.array([origin]), slot_s, n_slots)
    end = origin + n_slots * slot_s
    assert mean.sum() * slot_s == pytest.approx(
        integral(start, from_s, rate, 0, max(origin, 0.0), max(end, 0.0)), abs=1e-6
    )
    for k in range(n_slots):
        a, b = origin + k * slot_s, origin + (k + 1) * slot_s
        held = [r for t, u, r in zip(from_s, [*from_s[1:], np.inf], rate, strict=True) if u > a + 1e-6 and t < b - 1e-6]
        inside = held if a > -1e-6 else [0.0]
        assert least[0, k] == pytest.approx(min(inside) if inside else 0.0)
    assert (least <= mean + 1e-9).all()
    slow = plain(slot_rates)(start, from_s, rate, LINK, np.array([origin]), slot_s, n_slots)
    assert np.array_equal(slow[0], mean)
    assert np.array_equal(slow[1], least)
