"""Shortest paths: by hand, against Bellman-Ford written plainly, and compiled against not compiled."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernels.plain import plain

from clearway.kernels.paths import forward_star, residual_distances, shortest_times

#   0 --5--> 1 --1--> 2      3 is apart, 4 only leads to 2
#    \----------9---/^       two links join 1 and 2: 1 and 7
TAIL = np.array([0, 1, 1, 0, 4])
HEAD = np.array([1, 2, 2, 2, 2])
COST = np.array([5.0, 7.0, 1.0, 9.0, 2.0])
INF = np.inf


def test_links_are_grouped_by_the_node_they_leave_in_their_order() -> None:
    start, order = forward_star(5, TAIL)
    assert start.tolist() == [0, 2, 4, 4, 4, 5]
    assert order.tolist() == [0, 3, 1, 2, 4]


def test_the_earliest_time_is_by_the_shortest_way_from_the_first_start() -> None:
    first = np.array([10.0, INF, INF, INF, 20.0])
    time, via = shortest_times(*forward_star(5, TAIL), HEAD, COST, first)
    assert time.tolist() == [10, 15, 16, INF, 20]  # 2: 10 + 5 + 1, not 10 + 9, not 20 + 2
    assert via.tolist() == [-1, 0, 2, -1, -1]


def test_a_later_start_of_ones_own_is_of_no_use_where_others_come_sooner() -> None:
    time, via = shortest_times(*forward_star(5, TAIL), HEAD, COST, np.array([0.0, 9.0, INF, INF, INF]))
    assert time[1] == 5
    assert via[1] == 0


def test_a_link_of_infinite_cost_is_not_there() -> None:
    cost = np.array([INF, 7.0, 1.0, 9.0, 2.0])
    time, _ = shortest_times(*forward_star(5, TAIL), HEAD, cost, np.array([0.0, INF, INF, INF, INF]))
    assert time.tolist() == [0, INF, 9, INF, INF]


@st.composite
def networks(draw: st.DrawFn) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    n = draw(st.integers(1, 9))
    links = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), st.integers(0, 9)), max_size=30))
    tail, head, cost = (
        (np.array(column, dtype=np.int64) for column in zip(*links, strict=True))
        if links
        else (np.zeros(0, dtype=np.int64) for _ in range(3))
    )
    return n, tail, head, cost


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(networks(), st.data())
def test_times_are_those_of_bellman_and_ford(
    network: tuple[int, np.ndarray, np.ndarray, np.ndarray], data: st.DataObject
) -> None:
    n, tail, head, cost = network
    first = np.array([data.draw(st.sampled_from([0.0, 3.0, INF])) for _ in range(n)])
    expected = first.copy()
    for _ in range(n):
        np.minimum.at(expected, head, expected[tail] + cost)
    star = forward_star(n, tail)
    time, via = shortest_times(*star, head, cost.astype(float), first)
    assert time.tolist() == expected.tolist()
    for node in np.flatnonzero(via >= 0):
        assert time[node] == time[tail[via[node]]] + cost[via[node]]
    slow, slow_via = plain(shortest_times)(*star, head, cost.astype(float), first)
    assert slow.tolist() == time.tolist()
    assert slow_via.tolist() == via.tolist()


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(networks(), st.data())
def test_residual_distances_allow_negative_arcs_without_negative_cycles(
    network: tuple[int, np.ndarray, np.ndarray, np.ndarray], data: st.DataObject
) -> None:
    """Costs from potentials may be negative, but no cycle is: distances shift by the potentials."""
    n, tail, head, cost = network
    potential = np.array([data.draw(st.integers(-20, 20)) for _ in range(n)], dtype=np.int64)
    start, order = forward_star(n, tail)
    tilted = cost + potential[head] - potential[tail]
    begin = np.full(n, 2**60)
    begin[0] = 0
    distance = residual_distances(start, head[order], tilted[order], begin)
    first = np.full(n, INF)
    first[0] = 0.0
    base, _ = shortest_times(start, order, head, cost.astype(float), first)
    expected = [2**60 if t == INF else int(t) + int(potential[v] - potential[0]) for v, t in enumerate(base)]
    assert distance.tolist() == expected
