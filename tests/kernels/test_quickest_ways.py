"""Shortest paths in the caller's arrays are those of the planner's kernel."""

from __future__ import annotations

import numpy as np
from numba import njit

from clearway.kernels.paths import forward_star, shortest_times
from clearway.kernels.quickest_ways import settle


@njit(_nrt=False)
def settled(start, order, head, cost, time, via, heap, position, done):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    settle(start, order, head, cost, time, via, heap, position, done)
    return 0


def test_times_and_ways_are_those_of_the_planners_kernel() -> None:
    random = np.random.default_rng(1)
    for n_nodes in (1, 5, 60):
        tail, head = random.integers(0, n_nodes, 200), random.integers(0, n_nodes, 200)
        cost = np.where(random.random(200) < 0.1, np.inf, random.random(200).round(1))
        first = np.where(random.random(n_nodes) < 0.2, random.random(n_nodes), np.inf)
        start, order = forward_star(n_nodes, tail)
        time, via, heap, position = first.copy(), *(np.full(n_nodes, 7) for _ in range(3))
        settled(start, order, head, cost, time, via, heap, position, np.ones(n_nodes, dtype=np.bool_))
        expected = shortest_times(start, order, head, cost, first)
        assert (time == expected[0]).all()
        assert (via == expected[1]).all()
