"""Routes without loops: by hand, and that nothing is lost or over."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.kernels.plain import plain
from tests.planner.strategies import examples

from clearway.kernels.loops import cut_loops, drive, go_another_way, wait_at_home

# 0 -> 1 -> 2 -> 1 -> 3: links 0 (0 to 1), 1 (1 to 2), 2 (2 to 1), 3 (1 to 3); each takes one slot but for link 0
TAIL, HEAD, RHO = np.array([0, 1, 2, 1]), np.array([1, 2, 1, 3]), np.array([2, 1, 1, 1])
START, LINKS = np.array([0, 4]), np.array([0, 1, 2, 3])
ALWAYS = np.ones((1, 10), dtype=np.bool_)
ZERO = np.zeros(1, dtype=np.int64)


def waiting(free: np.ndarray, units: np.ndarray) -> np.ndarray:
    """What becomes of vehicles that leave in slot 1 and drive once round."""
    start, links, late = cut_loops(START, LINKS, TAIL, HEAD, RHO)
    return np.array(
        wait_at_home(
            free, RHO, START, LINKS, start, links, late, ZERO, ALWAYS, ZERO, ALWAYS, np.array([3]), ZERO,
            np.array([1]), units,
        )
    )  # fmt: skip


def test_a_loop_is_cut_and_its_slots_are_counted() -> None:
    start, links, late = cut_loops(START, LINKS, TAIL, HEAD, RHO)
    assert (start.tolist(), links.tolist(), late.tolist()) == ([0, 2], [0, 3], [2])


def test_loops_in_loops_are_all_cut() -> None:
    # 0 1 2 1 2 1 3, then 0 1 3 as it is
    start, links, late = cut_loops(np.array([0, 6, 8]), np.array([0, 1, 2, 1, 2, 3, 0, 3]), TAIL, HEAD, RHO)
    assert (start.tolist(), links.tolist(), late.tolist()) == ([0, 2, 4], [0, 3, 0, 3], [4, 0])


def test_whoever_drives_round_leaves_later_instead() -> None:
    free, units = np.zeros((4, 10), dtype=np.int64), np.array([5])
    free[0, 3] = 5  # the way to the loop is free two slots later; the last link is where it was
    assert waiting(free, units).tolist() == [[0, 3, 5]]
    assert units.tolist() == [0]
    assert free[1, 3] == free[2, 4] == 5  # nobody drives round any more
    assert free[0, 1] == 5
    assert free[0, 3] == free[3, 5] == 0


def test_or_a_little_later_where_the_last_link_has_room_then() -> None:
    free, units = np.zeros((4, 10), dtype=np.int64), np.array([5])
    free[0, 2], free[3, 4] = 3, 4
    assert waiting(free, units).tolist() == [[0, 2, 3]]
    assert units.tolist() == [2]


def test_without_room_all_stays() -> None:
    free, units = np.zeros((4, 10), dtype=np.int64), np.array([5])
    assert not len(waiting(free, units))
    assert units.tolist() == [5]
    assert not free.any()


def another_way(free: np.ndarray, units: np.ndarray, beds: np.ndarray, end: int = 10, most: int = 1000) -> list:
    """What becomes of those who drive round where link 4 leads straight from 0 to another site, in six slots."""
    rho = np.append(RHO, 6)
    start, links = np.array([0, 4, 5]), np.array([0, 1, 2, 3, 4])
    zeros, sites = np.zeros(2, dtype=np.int64), np.array([0, 1])
    always = np.ones((2, 10), dtype=np.bool_)
    return go_another_way(
        free, rho, start, links, np.array([2, 0]), zeros, ALWAYS, sites, always, beds, np.array([5, 6]),
        np.array([0, 2]), np.array([0, 1]), ZERO, np.array([1]), units, end, most,
    ).tolist()  # fmt: skip


def test_another_way_is_taken_where_there_is_one() -> None:
    # leaving in slot 3 is the last that arrives before slot 10
    free, units, beds = np.zeros((5, 10), dtype=np.int64), np.array([5]), np.array([0, 9])
    free[4] = 3
    assert another_way(free, units, beds) == [[1, 3, 3], [1, 2, 2]]
    assert units.tolist() == [0]
    assert beds.tolist() == [5, 4]
    assert free[4, :5].tolist() == [3, 3, 1, 0, 3]
    assert (free[0, 1], free[1, 3], free[2, 4], free[3, 5]) == (5, 5, 5, 5)  # the way round is given back


def test_another_way_ends_where_beds_do_and_no_later_than_others() -> None:
    free, units, beds = np.zeros((5, 10), dtype=np.int64), np.array([5]), np.array([0, 4])
    free[4] = 3
    assert another_way(free, units, beds, end=9) == [[1, 2, 3], [1, 1, 1]]
    assert units.tolist() == [1]
    assert beds.tolist() == [4, 0]
    assert not another_way(free, units, beds)
    assert free[0, 1] == 4  # one still drives round


def test_no_more_ways_are_tried_than_asked_for() -> None:
    free, beds = np.zeros((5, 10), dtype=np.int64), np.array([0, 9])
    free[4] = 3
    assert not another_way(free, np.array([5]), beds, most=-1)


@examples(60)
@given(st.integers(0, 10_000))
def test_loops_go_and_ways_stay_whole(seed: int) -> None:
    random = np.random.default_rng(seed)
    n_nodes, n_links = 5, 12
    tail = random.integers(0, n_nodes, n_links)
    head = (tail + random.integers(1, n_nodes, n_links)) % n_nodes
    rho = random.integers(0, 3, n_links)
    walks = []
    while len(walks) < 4:
        walk = [int(random.integers(n_links))]
        while len(walk) < 9 and (tail == head[walk[-1]]).any():
            walk.append(int(random.choice(np.flatnonzero(tail == head[walk[-1]]))))
        if head[walk[-1]] != tail[walk[0]]:
            walks.append(walk)
        elif (tail == head[walk[-1]]).sum() == 0:
            return
    start = np.concatenate(([0], np.cumsum([len(walk) for walk in walks])))
    given_links = np.concatenate(walks)
    cut_start, cut, late = cut_loops(start, given_links, tail, head, rho)
    for i, walk in enumerate(walks):
        way = cut[cut_start[i] : cut_start[i + 1]]
        assert tail[way[0]] == tail[walk[0]]
        assert head[way[-1]] == head[walk[-1]]
        assert (head[way[:-1]] == tail[way[1:]]).all()
        nodes = [*tail[way], head[way[-1]]]
        assert len(set(nodes)) == len(nodes)
        assert late[i] == rho[walk].sum() - rho[way].sum()
    assert all(np.array_equal(a, b) for a, b in zip(plain(cut_loops)(start, given_links, tail, head, rho),
                                                    (cut_start, cut, late), strict=True))  # fmt: skip
    flow = np.zeros((n_links, 40), dtype=np.int64)
    drive(flow, rho, start, given_links, np.arange(4), random.integers(0, 5, 4), np.full(4, 7))
    assert flow.sum() == 7 * len(given_links)
