"""
Traffic on a network: the link transmission model on platoons, driven by events.

Each link follows Newell's simplified kinematic wave theory [1]_ with a triangular fundamental diagram: a platoon can be
at the end of a link one free-flow time after it entered; entries and exits keep the pace of the link's capacity; and
when the link is full, a platoon enters when the gap that another one left at its end has come back at the speed of the
congestion wave [2]_. How junctions are shared is in `clearway.kernels.junctions`. Platoons are never split, so
vehicles are conserved exactly.

.. [1] Newell (1993), A simplified theory of kinematic waves in highway traffic, Transportation Research B 27: 281-313.
.. [2] Yperman (2007), The link transmission model for dynamic network loading, PhD thesis, KU Leuven.
"""

import numpy as np

from clearway.kernels.compiled import inlined, without_counting
from clearway.kernels.crossing import tree_of
from clearway.kernels.event_queue import NEVER, drop_first, next_event
from clearway.kernels.junctions import serve_junction, serve_queue
from clearway.kernels.traffic_state import give_back, put_last, take_first, wake
from clearway.kernels.traffic_tables import (
    AHEAD,
    AT_HOME,
    DONE,
    FIXED_ROUTE,
    HEAP_SIZE,
    MOST_GAPS_AT_ONCE,
    N_EVENTS,
    N_GAPS_LEFT,
    NEXT_TO_LEAVE,
    NO_WAY,
    ON_ROAD,
    SAFE,
    SPACE_WANTED,
    TRAPPED,
    TREE_WANTED,
    TURNED_AWAY,
    WANTED,
)


@without_counting()
def depart(p, now, roads, platoons, traffic, sites, trips):
    """
    Let a platoon leave home, or set out again from where it was turned away: it queues for its first link.

    TREE_WANTED where it does not know the way yet; where there is none it stays as it is.
    """
    n_links = len(roads.tail)
    node = platoons.node[p]
    link = NO_WAY
    if platoons.guide[p] == FIXED_ROUTE:
        link = trips.route_links[trips.route_start[platoons.route[p]]]
    else:
        tree = tree_of(p, node, platoons, sites)
        if not sites.is_valid[tree]:
            traffic.counts[WANTED] = tree
            return TREE_WANTED
        platoons.guide[p] = tree
        site = sites.target[tree, node]
        if site >= 0 and sites.beds[site] >= platoons.persons[p]:  # lives there
            platoons.site[p] = site
            platoons.status[p] = SAFE
            platoons.left_home[p] = min(platoons.left_home[p], now)
            platoons.arrived[p] = max(now, sites.opens[site])
            sites.beds[site] -= platoons.persons[p]
            return DONE
        link = sites.tree[tree, node]
    was_on_road = platoons.left_home[p] < np.inf
    platoons.status[p] = AT_HOME
    if was_on_road:
        platoons.status[p] = ON_ROAD if link >= 0 else TURNED_AWAY
        platoons.arrived[p] = np.inf if link >= 0 else platoons.arrived[p]
    platoons.leg[p] = -1
    if link >= 0:
        put_last(p, n_links + link, now, roads, platoons, traffic)
    return DONE


@without_counting()
def run_until(until, roads, platoons, traffic, sites, trips, record, scratch):
    """
    Drive until a time.

    Returns DONE; or what the caller is to see to before calling again: TREE_WANTED (the tree is
    ``traffic.counts[WANTED]``), SITE_FULL (the site is there), SPACE_WANTED (``gap_*`` or ``heap_*`` are used up).
    All arguments as in `clearway.kernels.traffic_state`; modified in place.
    """
    n_links = len(roads.tail)
    counts = traffic.counts
    while True:
        if counts[N_GAPS_LEFT] < MOST_GAPS_AT_ONCE or counts[HEAP_SIZE] + 2 * MOST_GAPS_AT_ONCE > len(
            traffic.heap_time
        ):
            return SPACE_WANTED
        time = next_event(traffic.heap_time, traffic.heap_id, counts, traffic.due)
        at = counts[NEXT_TO_LEAVE]
        if at < len(trips.order) and platoons.leaves[trips.order[at]] <= min(time, until):
            p = trips.order[at]
            if platoons.status[p] == AHEAD:
                code = depart(p, platoons.leaves[p], roads, platoons, traffic, sites, trips)
                if code != DONE:
                    return code
            counts[NEXT_TO_LEAVE] += 1
            continue
        if time > until or time == NEVER:
            return DONE
        event = traffic.heap_id[0]
        drop_first(traffic.heap_time, traffic.heap_id, counts)
        traffic.due[event] = NEVER
        counts[N_EVENTS] += 1
        if event >= 2 * n_links:
            code = serve_junction(event - 2 * n_links, time, roads, platoons, traffic, sites, trips, record, scratch)
        else:
            code = serve_queue(event, time, roads, platoons, traffic, sites, trips, record)
        if code != DONE:
            return code


@without_counting()
def shut(link, now, turns_back, roads, platoons, traffic):
    """
    Close a link with whoever is on it: they are trapped, or turn back to its beginning in the time they have driven.

    Returns how many platoons were on it. Call it before the link's rate becomes 0.
    """
    n_links = len(roads.tail)
    n_found = 0
    behind = -1  # they turn in the order in which they are back: who entered last turns first
    while traffic.first[link] >= 0:
        p = take_first(link, traffic, platoons)
        platoons.next[p] = behind
        behind = p
        n_found += 1
    while behind >= 0:
        p = behind
        behind = platoons.next[p]
        platoons.next[p] = -1
        if turns_back:
            platoons.guide[p] = platoons.fallback[p] if platoons.fallback[p] >= 0 else platoons.guide[p]
            platoons.leg[p] -= 1
            put_last(p, n_links + link, now + (now - platoons.entered[p]), roads, platoons, traffic)
        else:
            platoons.status[p] = TRAPPED
            platoons.arrived[p] = now
            platoons.place[p] = link  # where, for the record
    traffic.held[link] = 0.0
    gap = traffic.gap_first[link]
    while gap >= 0:
        after = traffic.gap_next[gap]
        give_back(gap, traffic)
        gap = after
    traffic.gap_first[link] = -1
    traffic.gap_last[link] = -1
    traffic.due[link] = NEVER
    return n_found


@without_counting()
def wake_all(now, roads, traffic):
    """Look at every contested junction now: something about the roads has changed. Returns DONE."""
    for node in range(len(traffic.contested)):
        if traffic.contested[node]:
            wake(node, now, roads, traffic)
    return DONE


@without_counting()
def miscounted(platoons, traffic, roads):
    """
    A platoon that is not exactly where it says, -1 where there is none.

    On the roads or waiting: once in the one queue it names. Ahead, safe, trapped or turned away: in no queue. A queue
    without a circle holds each of its platoons once; so all is well where they are as many as wait.
    """
    n_waiting = 0
    for p in range(len(platoons.status)):
        n_waiting += waits(p, platoons)
    n_found = 0
    for queue in range(2 * len(roads.tail)):
        p = traffic.first[queue]
        while p >= 0:
            n_found += 1
            if platoons.place[p] != queue or not waits(p, platoons) or n_found > n_waiting:
                return p
            p = platoons.next[p]
    if n_found == n_waiting:
        return -1
    for p in range(len(platoons.status)):
        if waits(p, platoons):
            at = traffic.first[platoons.place[p]] if platoons.place[p] >= 0 else -1
            while at not in (p, -1):
                at = platoons.next[at]
            if at < 0:
                return p
    return -1


@inlined()
def waits(p, platoons):
    """Whether a platoon is to be in a queue."""
    status = platoons.status[p]
    return status == ON_ROAD or (status == AT_HOME and platoons.place[p] >= 0)
