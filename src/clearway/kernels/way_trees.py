"""The trees of next links that drivers without a fixed route follow, grown when somebody wants one."""

import numpy as np

from clearway.kernels.compiled import inlined, without_counting
from clearway.kernels.link_transmission import depart, miscounted, run_until
from clearway.kernels.paths import settle
from clearway.kernels.traffic_tables import (
    DONE,
    MISCOUNTED,
    N_LOOKS,
    NEVER_GROWN,
    NEXT_LOOK,
    NO_WAY,
    NOW,
    TREE_WANTED,
    UPDATE_S,
    WANTED,
)
from clearway.kernels.travel_times import anyone_looks, present_times


@inlined()
def still_holds(tree, tail, old, cost):
    """
    Whether a tree of shortest ways grown with ``old`` costs is one with ``cost``: its own links cost the same, no other
    link costs less. ``tree``: int64[n_nodes] next links; the others per link.
    """
    for link in range(len(tail)):
        if cost[link] != old[link] and (cost[link] < old[link] or tree[tail[link]] == link):
            return False
    return True


@without_counting()
def grow(number, roads, platoons, traffic, sites, ways):
    """Bring a tree up to date: the next links towards its sites, from everywhere, by present travel times."""
    n_looks = ways.n_looks[0]
    goal, look = number // n_looks, number % n_looks
    tail, free, rate, cost = roads.tail, roads.travel_time, roads.rate, ways.present
    if look > 0:
        present_times(ways.clock[NOW], free, rate, traffic.first, platoons.ready, traffic.last_time, cost)
    else:
        for link in range(len(tail)):
            cost[link] = free[link] if rate[link] > 0.0 else np.inf
    tree, old = sites.tree[number], ways.cost[number]
    sites.is_valid[number] = True
    if len(old) > 0 and old[0] != NEVER_GROWN and still_holds(tree, tail, old, cost):
        return
    target = sites.target[number]
    target[:] = -1
    ways.time[:] = np.inf
    for i in range(len(ways.site_node) - 1, -1, -1):
        if ways.leads_to[goal, i] and sites.opens[i] < np.inf:
            ways.time[ways.site_node[i]] = 0.0
            target[ways.site_node[i]] = i
    settle(ways.start, ways.order, tail, cost, ways.time, ways.via, ways.heap, ways.slot, ways.done)
    for node in range(len(tree)):
        tree[node] = ways.via[node] if ways.via[node] >= 0 else NO_WAY
    for link in range(len(tail)):
        old[link] = cost[link]


@without_counting()
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


@without_counting()
def set_out(parked, roads, platoons, traffic, sites, trips, ways):
    """Let platoons that knew no way look for one (int64[k] platoons, in this order). Returns DONE."""
    for p in parked:
        while depart(p, ways.clock[NOW], roads, platoons, traffic, sites, trips) != DONE:
            grow(traffic.counts[WANTED], roads, platoons, traffic, sites, ways)
    return DONE
