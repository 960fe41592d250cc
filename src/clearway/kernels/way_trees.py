"""The trees of next links that drivers without a fixed route follow, grown when somebody wants one."""

import numpy as np

from clearway.kernels.compiled import inlined, without_counting
from clearway.kernels.link_transmission import depart, miscounted, run_until
from clearway.kernels.quickest_ways import settle
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
def still_holds(steps, tail, old, cost):
    """
    Whether a tree of shortest ways grown with ``old`` costs is one with ``cost``: its own links cost the same, no other
    link costs less. ``steps``: STEP[n_nodes]; the others per link.
    """
    for link in range(len(tail)):
        if cost[link] != old[link] and (cost[link] < old[link] or steps[tail[link]].link == link):
            return False
    return True


@without_counting()
def grow(number, state, ways):
    """Bring a tree up to date: the next links towards its sites, from everywhere, by present travel times."""
    n_looks, cost = ways.n_looks[0], ways.present
    goal, look = number // n_looks, number % n_looks
    if look > 0:
        present_times(ways.clock[NOW], state, cost)
    else:
        for link in range(len(cost)):
            cost[link] = state.links[link].travel_time if state.links[link].rate > 0.0 else np.inf
    steps, old = state.steps[number], ways.cost[number]
    state.is_valid[number] = True
    if len(old) > 0 and old[0] != NEVER_GROWN and still_holds(steps, ways.tail, old, cost):
        return
    for node in range(len(steps)):
        steps[node].site = -1
        ways.time[node] = np.inf
    for i in range(len(ways.site_node) - 1, -1, -1):
        if ways.leads_to[goal, i] and state.opens[i] < np.inf:
            ways.time[ways.site_node[i]] = 0.0
            steps[ways.site_node[i]].site = i
    settle(ways.start, ways.order, ways.tail, cost, ways.time, ways.via, ways.heap, ways.slot, ways.done)
    for node in range(len(steps)):
        steps[node].link = ways.via[node] if ways.via[node] >= 0 else NO_WAY
    for link in range(len(cost)):
        old[link] = cost[link]


@without_counting()
def drive_until(until, state, ways):
    """
    `run_until`, class after class looking at present travel times on the way, and platoons counted before every look.

    Returns DONE, SITE_FULL, SPACE_WANTED, or MISCOUNTED, the platoon in ``state.counts[WANTED]``.
    """
    clock, n_looks = ways.clock, ways.n_looks[0]
    while True:
        stop = min(until, clock[NEXT_LOOK])
        code = run_until(stop, state)
        if code == TREE_WANTED:
            grow(state.counts[WANTED], state, ways)
            continue
        if code != DONE:
            return code
        clock[NOW] = stop
        lost = miscounted(state)
        if lost >= 0:
            state.counts[WANTED] = lost
            return MISCOUNTED
        if stop == clock[NEXT_LOOK]:
            for tree in range(1 + int(clock[N_LOOKS]) % (n_looks - 1), len(state.is_valid), n_looks):
                state.is_valid[tree] = False
            clock[N_LOOKS] += 1.0
            clock[NEXT_LOOK] = stop + clock[UPDATE_S] if anyone_looks(state.platoons, n_looks) else np.inf
        if stop == until:
            return DONE


@without_counting()
def set_out(parked, state, ways):
    """Let platoons that knew no way look for one (int64[k] platoons, in this order). Returns DONE."""
    for p in parked:
        while depart(p, ways.clock[NOW], state) != DONE:
            grow(state.counts[WANTED], state, ways)
    return DONE
