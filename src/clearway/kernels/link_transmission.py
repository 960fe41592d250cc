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
from clearway.kernels.event_queue import NEVER, drop_first, next_event, schedule
from clearway.kernels.junctions import serve_junction, serve_queue
from clearway.kernels.traffic_state import drop_gap, put_last, take_first, wake
from clearway.kernels.traffic_tables import (
    AHEAD,
    AT_HOME,
    DONE,
    FIXED_ROUTE,
    MOST_GAPS_AT_ONCE,
    N_EVENTS,
    N_ROWS_LEFT,
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
def depart(p, now, state):
    """
    Let a platoon leave home, or set out again from where it was turned away: it queues for its first link.

    TREE_WANTED where it does not know the way yet; where there is none it stays as it is.
    """
    platoon = state.platoons[p]
    link = np.int64(NO_WAY)
    if platoon.guide == FIXED_ROUTE:
        link = state.route_links[state.route_start[platoon.route]]
    else:
        tree = tree_of(p, platoon.node, state)
        if not state.is_valid[tree]:
            state.counts[WANTED] = tree
            return TREE_WANTED
        platoon.guide = tree
        step = state.steps[tree, platoon.node]
        site = step.site
        if site >= 0 and state.beds[site] >= platoon.persons:  # lives there
            platoon.site = site
            state.status[p] = SAFE
            platoon.left_home = min(platoon.left_home, now)
            state.arrived[p] = max(now, state.opens[site])
            state.beds[site] -= platoon.persons
            return DONE
        link = np.int64(step.link)
    was_on_road = platoon.left_home < np.inf
    state.status[p] = AT_HOME
    if was_on_road:
        state.status[p] = ON_ROAD if link >= 0 else TURNED_AWAY
        state.arrived[p] = np.inf if link >= 0 else state.arrived[p]
    platoon.leg = -1
    if link >= 0:
        put_last(p, len(state.links) + link, now, state)
    return DONE


@without_counting()
def run_until(until, state):
    """
    Drive until a time.

    Returns DONE; or what the caller is to see to before calling again: TREE_WANTED (the tree is
    ``state.counts[WANTED]``), SITE_FULL (the site is there), SPACE_WANTED (``gaps`` is used up).
    """
    n_queues = len(state.queues)
    counts = state.counts
    while True:
        if counts[N_ROWS_LEFT] < MOST_GAPS_AT_ONCE:
            return SPACE_WANTED
        time = next_event(state)
        at = counts[NEXT_TO_LEAVE]
        if at < len(state.order) and state.leaves[state.order[at]] <= min(time, until):
            p = state.order[at]
            if state.status[p] == AHEAD:
                code = depart(p, state.leaves[p], state)
                if code != DONE:
                    return code
            counts[NEXT_TO_LEAVE] += 1
            continue
        if time > until or time == NEVER:
            return DONE
        event = drop_first(state)
        counts[N_EVENTS] += 1
        code = serve_junction(event - n_queues, time, state) if event >= n_queues else serve_queue(event, time, state)
        if code != DONE:
            return code


@without_counting()
def shut(link, now, turns_back, state):
    """
    Close a link with whoever is on it: they are trapped, or turn back to its beginning in the time they have driven.

    Returns how many platoons were on it. Call it when the link's rate has become 0.
    """
    road, lines = state.links[link], state.lines
    n_found = 0
    behind = np.int64(-1)  # they turn in the order in which they are back: who entered last turns first
    while state.queues[link].first >= 0:
        p = np.int64(take_first(link, state))
        lines[p].behind = behind
        behind = p
        n_found += 1
    while behind >= 0:
        p = behind
        platoon = state.platoons[p]
        behind = np.int64(lines[p].behind)
        lines[p].behind = -1
        if turns_back:
            platoon.guide = platoon.fallback if platoon.fallback >= 0 else platoon.guide
            platoon.leg -= 1
            put_last(p, len(state.links) + link, now + (now - platoon.entered), state)
        else:
            state.status[p] = TRAPPED
            state.arrived[p] = now
            lines[p].queue = link  # where, for the record
    road.held = 0.0
    while road.gap_first >= 0:
        drop_gap(link, state)
    schedule(link, NEVER, state)
    return n_found


@without_counting()
def wake_all(now, state):
    """Look at every contested junction now: something about the roads has changed. Returns DONE."""
    for node in range(len(state.nodes)):
        if state.nodes[node].contested:
            wake(node, now, state)
    return DONE


@without_counting()
def miscounted(state):
    """
    A platoon that is not exactly where it says, -1 where there is none.

    On the roads or waiting: once in the one queue it names. Ahead, safe, trapped or turned away: in no queue. A queue
    without a circle holds each of its platoons once; so all is well where they are as many as wait.
    """
    lines, queues = state.lines, state.queues
    n_waiting = 0
    for p in range(len(lines)):
        n_waiting += waits(p, state)
    n_found = 0
    for queue in range(len(queues)):
        p = np.int64(queues[queue].first)
        while p >= 0:
            n_found += 1
            if lines[p].queue != queue or not waits(p, state) or n_found > n_waiting:
                return p
            p = np.int64(lines[p].behind)
    if n_found == n_waiting:
        return np.int64(-1)
    for p in range(len(lines)):
        place = lines[p].queue
        if waits(p, state):
            at = np.int64(queues[place].first) if place >= 0 else np.int64(-1)
            while at not in (p, -1):
                at = np.int64(lines[at].behind)
            if at < 0:
                return np.int64(p)
    return np.int64(-1)


@inlined()
def waits(p, state):
    """Whether a platoon is to be in a queue."""
    status = state.status[p]
    return status == ON_ROAD or (status == AT_HOME and state.lines[p].queue >= 0)
