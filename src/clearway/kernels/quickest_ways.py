"""
Shortest paths in arrays that are there already, for kernels that count no references.

The planner's are in `clearway.kernels.paths`: what counts references must not call what does not.
"""

import numpy as np

from clearway.kernels.compiled import inlined, without_counting


@inlined()
def _sift_down(heap, key, position, size, slot):
    node = heap[slot]
    while True:
        child = 2 * slot + 1
        if child >= size:
            break
        if child + 1 < size and key[heap[child + 1]] < key[heap[child]]:
            child += 1
        if key[heap[child]] >= key[node]:
            break
        heap[slot] = heap[child]
        position[heap[slot]] = slot
        slot = child
    heap[slot] = node
    position[node] = slot


@inlined()
def _sift_up(heap, key, position, slot):
    node = heap[slot]
    while slot > 0:
        parent = (slot - 1) // 2
        if key[heap[parent]] <= key[node]:
            break
        heap[slot] = heap[parent]
        position[heap[slot]] = slot
        slot = parent
    heap[slot] = node
    position[node] = slot


@without_counting()
def settle(start, order, head, cost, time, via, heap, position, done):
    """
    `clearway.kernels.paths.shortest_times` in the caller's arrays.

    ``time`` is what that takes as ``first``; ``via``, and as working space int64[n_nodes] ``heap``, ``position`` and
    bool[n_nodes] ``done``, need not be filled. All modified in place.
    """
    n = len(start) - 1
    via[:] = -1
    position[:] = -1
    done[:] = False
    size = 0
    for node in range(n):
        if time[node] < np.inf:
            heap[size] = node
            position[node] = size
            _sift_up(heap, time, position, size)
            size += 1
    while size > 0:
        node = heap[0]
        size -= 1
        if size > 0:
            heap[0] = heap[size]
            position[heap[0]] = 0
            _sift_down(heap, time, position, size, 0)
        done[node] = True
        for at in range(start[node], start[node + 1]):
            link = order[at]
            other = head[link]
            reached = time[node] + cost[link]
            if not done[other] and reached < time[other]:
                time[other] = reached
                via[other] = link
                if position[other] < 0 or position[other] >= size or heap[position[other]] != other:
                    heap[size] = other
                    position[other] = size
                    size += 1
                _sift_up(heap, time, position, position[other])
