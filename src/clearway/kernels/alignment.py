"""Potentials along the links that are used most."""

import numpy as np
from numba import njit


@njit(cache=True)
def _root(parent, node):
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@njit(cache=True)
def forest_potentials(n_nodes, tail, head, tau, order):
    """
    Times of nodes that differ, along the links of a spanning forest, by what each link takes.

    The forest is built as Kruskal (1956) does: each link of ``order`` joins two trees or is left out. So a heaviest
    forest comes of links in falling order of weight.

    Parameters
    ----------
    n_nodes : int
    tail, head : int64[n_links]
    tau : float64[n_links]
        Seconds.
    order : int64[...]
        Links that may be in the forest, first come first served.

    Returns
    -------
    float64[n_nodes]
        ``time[tail] - time[head] == tau`` on the forest's links; 0 at one node of each tree.
    """
    parent = np.arange(n_nodes)
    above = np.zeros(n_nodes)  # time less that of the node's own tree, as it was when two trees were joined
    members = np.arange(n_nodes)  # rings of nodes of one tree
    size = np.ones(n_nodes, np.int64)
    for at in range(len(order)):
        link = order[at]
        a, b = _root(parent, tail[link]), _root(parent, head[link])
        if a == b:
            continue
        # what the tree of the head is to be raised by; the smaller of the two trees is moved
        raised = above[tail[link]] - tau[link] - above[head[link]]
        if size[a] < size[b]:
            a, b, raised = b, a, -raised
        node = b
        while True:
            above[node] += raised
            node = members[node]
            if node == b:
                break
        members[a], members[b] = members[b], members[a]
        parent[b] = a
        size[a] += size[b]
    return above
