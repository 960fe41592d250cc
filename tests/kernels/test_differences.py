"""Changes of rates added up, by hand and against sorting everything."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearway.kernels.differences import add_up_changes


def test_rates_follow_their_changes_link_by_link() -> None:
    link, from_s, rate = add_up_changes(
        2, np.array([1, 0, 1, 0, 1]), np.array([5.0, 0.0, 0.0, 9.0, 5.0]), np.array([-1.0, 4.0, 3.0, -4.0, -0.5]), 1e-7
    )
    assert link.tolist() == [0, 0, 1, 1]
    assert from_s.tolist() == [0, 9, 0, 5]
    assert rate.tolist() == [4, 0, 3, 1.5]


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 3000), st.integers(1, 4), st.sampled_from([1e-300, 1.0, 1e12]))
def test_the_order_is_that_of_time_whatever_the_times(seed: int, n: int, n_links: int, span: float) -> None:
    random = np.random.default_rng(seed)
    link = random.integers(0, n_links, n)
    time = np.where(random.random(n) < 0.5, np.round(random.random(n), 2), random.random(n) ** 9) * span
    change = random.integers(-5, 6, n).astype(np.float64)
    found_link, from_s, rate = add_up_changes(n_links, link, time, change, 0.0)
    at = {}
    for each in range(n_links):
        mine = np.flatnonzero(link == each)
        for t in np.unique(time[mine]):
            at[each, float(t)] = change[mine][time[mine] <= t].sum()
    assert list(zip(found_link.tolist(), from_s.tolist(), strict=True)) == list(at)
    np.testing.assert_allclose(rate, list(at.values()))
