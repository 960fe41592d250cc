"""Shortest paths on static networks in forward-star form."""

import numpy as np
from numba import njit


@njit(cache=True)
def forward_star(n_nodes, tail):
    """
    Links sorted by the node they leave.

    Parameters
    ----------
    n_nodes : int
    tail : int64[n_links]

    Returns
    -------
    start : int64[n_nodes + 1]
        Links of node v are ``order[start[v]:start[v + 1]]``.
    order : int64[n_links]
    """
    start = np.zeros(n_nodes + 1, np.int64)
    for link in range(len(tail)):
        start[tail[link] + 1] += 1
    for node in range(n_nodes):
        start[node + 1] += start[node]
    place = start[:-1].copy()
    order = np.empty(len(tail), np.int64)
    for link in range(len(tail)):
        node = tail[link]
        order[place[node]] = link
        place[node] += 1
    return start, order


@njit(cache=True)
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


@njit(cache=True)
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


@njit(cache=True)
def shortest_times(start, order, head, cost, first):
    """
    Earliest time at every node when node v may be started from at ``first[v]`` (Dijkstra 1959, binary heap).

    Parameters
    ----------
    start, order : forward star of the links (by tail; by head with ``head`` = tails for distances to a set)
    head : int64[n_links]
    cost : float64[n_links]
        Seconds, >= 0; inf: the link is not there.
    first : float64[n_nodes]
        Seconds; inf: not a start.

    Returns
    -------
    time : float64[n_nodes]
        Seconds; inf: not reached.
    via : int64[n_nodes]
        The last link of a shortest path, -1 at starts and unreached nodes.
    """
    n = len(start) - 1
    time = first.copy()
    via = np.full(n, -1, np.int64)
    heap = np.empty(n, np.int64)
    position = np.full(n, -1, np.int64)
    size = 0
    for node in range(n):
        if time[node] < np.inf:
            heap[size] = node
            position[node] = size
            _sift_up(heap, time, position, size)
            size += 1
    done = np.zeros(n, np.bool_)
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
    return time, via


@njit(cache=True)
def residual_distances(start, head, cost, first):
    """
    Shortest distances over arcs of any sign without negative cycles (Bellman 1958, Ford 1956, with a queue).

    Parameters
    ----------
    start : int64[n_nodes + 1], head : int64[n_arcs], cost : int64[n_arcs]
        Arcs sorted by tail.
    first : int64[n_nodes]
        Distances that nodes begin with; 2**59 and more: not a start.

    Returns
    -------
    int64[n_nodes]
        2**59 and more where a node is not reached.
    """
    n = len(start) - 1
    distance = first.copy()
    queue = np.empty(n + 1, np.int64)
    queued = np.zeros(n, np.bool_)
    begin, last = 0, 0
    for node in range(n):
        if distance[node] < 1 << 59:
            queue[last] = node
            queued[node] = True
            last += 1
    while begin != last:
        node = queue[begin]
        begin = begin + 1 if begin < n else 0
        queued[node] = False
        for arc in range(start[node], start[node + 1]):
            other = head[arc]
            if distance[node] + cost[arc] < distance[other]:
                distance[other] = distance[node] + cost[arc]
                if not queued[other]:
                    queued[other] = True
                    queue[last] = other
                    last = last + 1 if last < n else 0
    return distance


@njit(cache=True)
def ways_onward(onward, head, nodes):
    """
    The ways from some nodes along each node's link onward.

    Parameters
    ----------
    onward : int64[n_nodes]
        A link that leaves each node, without cycles; -1: none.
    head : int64[n_links]
    nodes : int64[n]

    Returns
    -------
    start : int64[n + 1]
    links : int64[...]
        The ways in compressed form, empty where a node has no link onward.
    last : int64[n]
        Where each ends.
    """
    start, last = np.zeros(len(nodes) + 1, np.int64), nodes.copy()
    for i in range(len(nodes)):
        start[i + 1] = start[i]
        while onward[last[i]] >= 0:
            last[i] = head[onward[last[i]]]
            start[i + 1] += 1
    links = np.empty(start[-1], np.int64)
    for i in range(len(nodes)):
        at = nodes[i]
        for place in range(start[i], start[i + 1]):
            links[place] = onward[at]
            at = head[onward[at]]
    return start, links, last
