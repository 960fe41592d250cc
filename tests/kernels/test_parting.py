"""What passes where a road parts, by hand, and never more than the ways take."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearway.kernels.parting import passing_rate


def test_those_in_turns_pass_together_those_in_pairs_wait() -> None:
    """
    Two ways with room for one vehicle every 10 s, for one in hand. In turns two leave every 10 s: 40 in 190 s, since
    there is room for the first two at once. In pairs the second of a pair waits 10 s, and the two that follow it leave
    with it: 40 in 200 s, of which the last waits. The same way all along: 40 in 390 s.
    """
    headway_s, spare = np.array([10.0, 10.0]), np.ones(2)
    assert passing_rate(np.arange(40) % 2, headway_s, spare) == pytest.approx(40 / 190)
    assert passing_rate(np.arange(40) // 2 % 2, headway_s, spare) == pytest.approx(40 / 200)
    assert passing_rate(np.zeros(40, dtype=np.int64), headway_s, spare) == pytest.approx(40 / 390)


def test_by_chance_two_full_ways_pass_three_quarters() -> None:
    """
    After a vehicle its own way is full, the other one has room or has not (two times of three it has). The next takes
    its own by chance of one half and waits 10 s, or the other and waits not at all where that has room: 10 s x 2/3 on
    average. UXsim, one by one or in fives: 0.74.
    """
    way = np.random.default_rng(1).integers(0, 2, 100_000)
    assert passing_rate(way, np.array([10.0, 10.0]), np.ones(2)) / 0.2 == pytest.approx(0.75, abs=0.01)


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(50, 400))
def test_no_way_takes_more_than_it_has_room_for(seed: int, n_ways: int, n: int) -> None:
    random = np.random.default_rng(seed)
    headway_s, spare = random.uniform(1.0, 20.0, n_ways), random.integers(1, 4, n_ways).astype(float)
    way = random.integers(0, n_ways, n)
    seconds = n / passing_rate(way, headway_s, spare)
    count = np.bincount(way, minlength=n_ways)
    assert (count <= spare + seconds / headway_s + 1e-6).all()
    assert seconds <= (count * headway_s).sum() + 1e-6
