"""Times of nodes along a heaviest spanning forest."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.planner.strategies import examples

from clearway.kernels.alignment import forest_potentials


def test_the_links_that_come_first_are_exact_and_the_one_that_closes_the_ring_is_not() -> None:
    # a ring of three: 0 to 1 in 10 s, 1 to 2 in 20 s, 0 to 2 in 25 s; the last is used least
    tail, head, tau = np.array([0, 1, 0]), np.array([1, 2, 2]), np.array([10.0, 20.0, 25.0])
    time = forest_potentials(4, tail, head, tau, np.array([0, 1, 2]))
    assert time[0] - time[1] == 10.0
    assert time[1] - time[2] == 20.0
    assert time[0] - time[2] == 30.0  # not 25
    assert time[3] == 0.0  # in no tree with another


def test_links_that_are_not_named_do_not_count() -> None:
    tail, head, tau = np.array([0, 1]), np.array([1, 2]), np.array([10.0, 20.0])
    assert forest_potentials(3, tail, head, tau, np.array([1])).tolist() in ([0, 0, -20], [0, 20, 0])


@examples(50)
@given(st.integers(2, 12), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(1, 99)), max_size=30))
def test_every_link_that_joins_two_trees_is_exact(n: int, links: list[tuple[int, int, int]]) -> None:
    tail = np.array([a % n for a, _, _ in links], dtype=np.int64)
    head = np.array([b % n for _, b, _ in links], dtype=np.int64)
    tau = np.array([t for _, _, t in links], dtype=np.float64)
    time = forest_potentials(n, tail, head, tau, np.arange(len(links)))
    tree = list(range(n))
    for a, b, seconds in zip(tail.tolist(), head.tolist(), tau.tolist(), strict=True):
        if tree[a] != tree[b]:
            assert time[a] - time[b] == seconds
            tree = [tree[a] if root == tree[b] else root for root in tree]
