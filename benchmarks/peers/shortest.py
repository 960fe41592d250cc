"""Shortest times on a static network; the peers' own, so that they share no code with the planner."""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit


def star(n_nodes, end):
    """(start, order): links sorted by one of their ends; those at node v are ``order[start[v]:start[v + 1]]``."""
    order = np.argsort(end, kind="stable")
    start = np.searchsorted(end[order], np.arange(n_nodes + 1))
    return start.astype(np.int64), order.astype(np.int64)


@njit(cache=True)
def shortest(start, order, other, cost, first):
    """
    Least cost at each node (Dijkstra 1959).

    Parameters
    ----------
    start, order : links by the end at which they are taken, as `star` gives them
    other : int64[n_links]
        The end they lead to.
    cost : float64[n_links]
    first : float64[n_nodes]
        Cost at the sources, inf elsewhere.

    Returns
    -------
    float64[n_nodes]
    """
    best = first.copy()
    heap = [(0.0, np.int64(-1))]
    heap.pop()
    for node in range(len(first)):
        if np.isfinite(first[node]):
            heap.append((first[node], np.int64(node)))
    heapq.heapify(heap)
    while heap:
        at, node = heapq.heappop(heap)
        if at > best[node]:
            continue
        for i in range(start[node], start[node + 1]):
            link = order[i]
            then = at + cost[link]
            if then < best[other[link]]:
                best[other[link]] = then
                heapq.heappush(heap, (then, other[link]))
    return best
