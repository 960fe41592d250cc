"""The trees of next links that drivers without a fixed route follow, grown when somebody wants one."""

from collections import namedtuple

import numpy as np
from numba import njit

from clearway.kernels.link_transmission import DONE, MISCOUNTED, TREE_WANTED, depart, miscounted, run_until
from clearway.kernels.paths import shortest_times
from clearway.kernels.traffic_state import NO_WAY, WANTED
from clearway.kernels.travel_times import anyone_looks, present_times

NEVER_GROWN = -1.0
NOW, NEXT_LOOK, N_LOOKS, UPDATE_S = 0, 1, 2, 3
"""Places in Ways.clock: seconds; when the next class looks, inf: nobody does; looks so far; seconds between two."""

Ways = namedtuple(
    "Ways",
    [
        "start",  # int64[n_nodes + 1], forward star of the links by their head
        "order",  # int64[n_links]
        "site_node",  # int64[n_sites]
        "leads_to",  # bool[n_goals, n_sites]: sites a goal allows
        "n_looks",  # int64[1], trees of each goal: by the way that is shortest on empty roads, then by class
        "cost",  # float64[n_trees, n_links], seconds each was grown with; the first NEVER_GROWN: out of date
        "clock",  # float64[4], see the places above
    ],
)
"""Where trees lead, and by which travel times they were grown. ``cost`` and ``clock`` are modified in place."""


@njit(cache=True)
def still_holds(tree, tail, old, cost):
    """
    Whether a tree of shortest ways grown with ``old`` costs is one with ``cost``: its own links cost the same, no other
    link costs less. ``tree``: int64[n_nodes] next links; the others per link.
    """
    for link in range(len(tail)):
        if cost[link] != old[link] and (cost[link] < old[link] or tree[tail[link]] == link):
            return False
    return True


@njit(cache=True)
def grow(number, roads, platoons, traffic, sites, ways):
    """Bring a tree up to date: the next links towards its sites, from everywhere, by present travel times."""
    n_looks = ways.n_looks[0]
    goal, look = number // n_looks, number % n_looks
    tail, free, rate = roads.tail, roads.travel_time, roads.rate
    if look > 0:
        cost = present_times(ways.clock[NOW], free, rate, traffic.first, platoons.ready, traffic.last_time)
    else:
        cost = np.where(rate > 0.0, free, np.inf)
    tree, old = sites.tree[number], ways.cost[number]
    sites.is_valid[number] = True
    if len(old) > 0 and old[0] != NEVER_GROWN and still_holds(tree, tail, old, cost):
        return
    target = sites.target[number]
    target[:] = -1
    start = np.full(len(tree), np.inf)
    for i in range(len(ways.site_node) - 1, -1, -1):
        if ways.leads_to[goal, i] and sites.opens[i] < np.inf:
            start[ways.site_node[i]] = 0.0
            target[ways.site_node[i]] = i
    via = shortest_times(ways.start, ways.order, tail, cost, start)[1]
    for node in range(len(tree)):
        tree[node] = via[node] if via[node] >= 0 else NO_WAY
    old[:] = cost


@njit(cache=True)
def drive_until(until, roads, platoons, traffic, sites, trips, record, scratch, ways):
    """
    `run_until`, class after class looking at present travel times on the way, and platoons counted before every look.

    Returns DONE, SITE_FULL, SPACE_WANTED, or MISCOUNTED, the platoon in ``traffic.counts[WANTED]``.
    """
    clock, n_looks = ways.clock, ways.n_looks[0]
    while True:
        stop = min(until, clock[NEXT_LOOK])
        code = run_until(stop, roads, platoons, traffic, sites, trips, record, scratch)
        if code == TREE_WANTED:
            grow(traffic.counts[WANTED], roads, platoons, traffic, sites, ways)
            continue
        if code != DONE:
            return code
        clock[NOW] = stop
        lost = miscounted(platoons, traffic, roads)
        if lost >= 0:
            traffic.counts[WANTED] = lost
            return MISCOUNTED
        if stop == clock[NEXT_LOOK]:
            sites.is_valid[1 + int(clock[N_LOOKS]) % (n_looks - 1) :: n_looks] = False
            clock[N_LOOKS] += 1.0
            clock[NEXT_LOOK] = stop + clock[UPDATE_S] if anyone_looks(platoons.guide, n_looks) else np.inf
        if stop == until:
            return DONE


@njit(cache=True)
def set_out(parked, roads, platoons, traffic, sites, trips, ways):
    """Let platoons that knew no way look for one (int64[k] platoons, in this order)."""
    for p in parked:
        while depart(p, ways.clock[NOW], roads, platoons, traffic, sites, trips) != DONE:
            grow(traffic.counts[WANTED], roads, platoons, traffic, sites, ways)
