"""Counting persons: the quick ways of it against the plain ones."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearway.simulator.tally import first_not_before


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(st.floats(0, 1e7), st.integers(1, 241), st.integers(0, 2**32 - 1))
def test_places_found_by_division_are_those_of_a_search(end: float, n: int, seed: int) -> None:
    times = np.linspace(0.0, end, n)
    random = np.random.default_rng(seed)
    on = random.choice(times, 50)
    moments = np.concatenate((on, np.nextafter(on, -1), np.nextafter(on, np.inf), random.random(50) * 2 * end))
    moments = np.append(moments, math.inf)
    assert (first_not_before(times, moments) == np.searchsorted(times, moments)).all()
