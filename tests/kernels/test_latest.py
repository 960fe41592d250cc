"""Departures as late as there is room: by hand."""

from __future__ import annotations

import numpy as np

from clearway.kernels.latest import latest_start


def first_bin(free: np.ndarray, left: list[float], beds: list[float], group: list[int]) -> int:
    """One link of rate ``free`` per bin, two bins long, as a route for each group to a site each; bins of one."""
    n = len(group)
    always = np.ones(free.shape[1], dtype=np.bool_)
    return int(
        latest_start(
            free.copy(), np.array(group), np.arange(n), np.arange(n + 1), np.zeros(n, dtype=np.int64),
            np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.bool_), always, np.tile(always, (n, 1)),
            np.full(n, 2), np.zeros(n, dtype=np.bool_), np.array(left), np.array(beds), 1.0,
        )
    )  # fmt: skip


def test_the_latest_start_counts_back_from_the_end() -> None:
    # 3 vehicle-bins at 1 a bin, two bins on the way, 10 bins: entered in bins 5, 6 and 7
    free = np.ones((1, 10))
    assert first_bin(free, [3.0], [np.inf], [0]) == 5
    closed = free.copy()
    closed[0, 4:7] = 0.0
    assert first_bin(closed, [3.0], [np.inf], [0]) == 2  # 7, 3 and 2
    free[:, 2:] = 0.0
    assert first_bin(free, [3.0], [np.inf], [0]) == -1


def test_parties_share_the_road_and_beds_run_out() -> None:
    free = np.ones((1, 10))
    assert first_bin(free, [3.0, 2.0], [np.inf, np.inf], [0, 1]) == 3  # 5 in all: bins 3 to 7
    assert first_bin(free, [3.0], [1.0, 5.0], [0, 0]) == 5  # one to the first site, two to the second
    assert first_bin(free, [3.0], [1.0, 1.0], [0, 0]) == -1
