"""Links in a row as one."""

from __future__ import annotations

import numpy as np

from clearway.kernels.chains import chains_of, narrowest_of_chains, send_along_chains

# 0 -> 1 -> 2 -> 3 in a row, 0 -> 3 beside it; 4 -> 5 -> 4 is a circle that nothing enters
TAIL, HEAD = np.array([1, 0, 2, 0, 4, 5]), np.array([2, 1, 3, 3, 5, 4])
PASSED = np.array([False, True, True, False, True, True])
RHO = np.array([1, 2, 0, 4, 1, 1])


def test_a_row_is_one_chain_and_circles_are_none() -> None:
    start, links = chains_of(TAIL, HEAD, PASSED)
    assert [links[start[i] : start[i + 1]].tolist() for i in range(len(start) - 1)] == [[1, 0, 2], [3]]


def test_a_chain_takes_what_its_narrowest_link_does_when_it_is_reached() -> None:
    room = np.full((6, 6), 9)
    room[0, 3] = 2  # reached by those who enter in slot 1
    room[2, 4] = 1  # ... the same, and room for fewer
    room[2, 5] = 5  # by those of slot 2
    start, links = chains_of(TAIL, HEAD, PASSED)
    least, takes = narrowest_of_chains(room, RHO, start, links)
    assert takes.tolist() == [3, 4]
    assert least[0].tolist() == [9, 1, 5, 0, 0, 0]  # slots 3 and on would end too late
    assert least[1].tolist() == [9, 9, 0, 0, 0, 0]


def test_what_enters_a_chain_is_on_each_of_its_links_in_turn() -> None:
    start, links = chains_of(TAIL, HEAD, PASSED)
    flow = np.zeros((6, 6), dtype=np.int64)
    send_along_chains(flow, RHO, start, links, np.array([0, 1]), np.array([1, 0]), np.array([7, 3]))
    assert {(int(i), int(k)): int(flow[i, k]) for i, k in np.argwhere(flow)} == {
        (1, 1): 7,
        (0, 3): 7,
        (2, 4): 7,
        (3, 0): 3,
    }
