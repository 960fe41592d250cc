"""
What a platoon does at the end of a queue: which way it goes on, and how it passes a junction or into a site.

The state as in `clearway.kernels.traffic_tables`; modified in place.
"""

import numpy as np

from clearway.kernels.compiled import inlined
from clearway.kernels.traffic_state import note_entry, note_exit, put_last, send_gap, take_first
from clearway.kernels.traffic_tables import (
    ARRIVES,
    DONE,
    FIXED_ROUTE,
    NEEDS_TREE,
    ON_ROAD,
    SAFE,
    SITE_FULL,
    TURNED_AWAY,
    WANTED,
)

BED_TOLERANCE = 1e-6


@inlined()
def way_on(p, number, state):
    """The next link of a platoon at the end of its queue; or ARRIVES, NO_WAY, or NEEDS_TREE less the tree's number."""
    platoon = state.platoons[p]
    if number >= len(state.links):
        return way_from_home(p, number, state)
    node = state.queues[number].node
    if platoon.guide == FIXED_ROUTE:
        at = state.route_start[platoon.route] + platoon.leg + 1
        at_end = at >= state.route_start[platoon.route + 1]
        link = np.int64(ARRIVES) if at_end else state.route_links[at]
        is_shut = state.opens[platoon.site] == np.inf if at_end else state.links[link].rate <= 0.0
        if not is_shut or platoon.fallback < 0:
            return link
        if not state.is_valid[platoon.fallback]:
            return np.int64(NEEDS_TREE - platoon.fallback)
        platoon.guide = platoon.fallback
    tree = tree_of(p, node, state)
    if not state.is_valid[tree]:
        return np.int64(NEEDS_TREE - tree)
    platoon.guide = tree
    step = state.steps[tree, node]
    if step.site >= 0:
        platoon.site = step.site
        return np.int64(ARRIVES)
    return np.int64(step.link)


@inlined()
def way_from_home(p, number, state):
    """The same for somebody at home: another way out only where the one that they wait for is closed."""
    platoon, link = state.platoons[p], number - len(state.links)
    if state.links[link].rate > 0.0 or platoon.fallback < 0:
        return link
    tree = platoon.fallback
    if not state.is_valid[tree]:
        return np.int64(NEEDS_TREE - tree)
    other = np.int64(state.steps[tree, state.links[link].tail].link)
    if other < 0 or state.links[other].rate <= 0.0:
        return link
    platoon.guide = tree
    return other


@inlined()
def tree_of(p, node, state):
    """The tree that somebody without a route follows: where no way leads to their own site, to any in direction."""
    platoon = state.platoons[p]
    tree = platoon.guide
    if state.is_valid[tree] and platoon.fallback >= 0:
        step = state.steps[tree, node]
        if step.site < 0 and step.link < 0:
            return platoon.fallback
    return tree


@inlined()
def time_to_pass(vehicles, link, state):
    """Seconds that vehicles take to pass at a link's rate; of a usual platoon they are known."""
    return state.links[link].pace if vehicles == state.nominal[0] else vehicles / state.links[link].rate


@inlined()
def leave_queue(number, time, since, state):
    """Take the head off a queue at ``time``; what could have left before ``since`` is lost. Returns the head."""
    queue = state.queues[number]
    ready = queue.ready
    p = take_first(number, state)
    platoon = state.platoons[p]
    if number < len(state.links):
        road = state.links[number]
        note_exit(number, p, time, ready, state)
        send_gap(number, time, platoon.vehicles, state)
        road.last_time = time - platoon.entered
        if road.rate > 0.0:
            queue.out_free = max(queue.out_free, since) + time_to_pass(platoon.vehicles, number, state)
    else:
        state.status[p] = ON_ROAD
        if platoon.left_home == np.inf:
            platoon.left_home = time
    return p


@inlined()
def cross(number, link, time, since, late, state):
    """
    Let the head of a queue pass a junction into a link at ``time``.

    What the queue could have sent, or the link taken, before ``since`` is lost, and so is what exceeds ``late``
    platoons.
    """
    road = state.links[link]
    is_road = number < len(state.links)
    since_out = min(time, max(since, time - late * state.links[number].pace)) if is_road else time
    since_in = min(time, max(since, time - late * road.pace))
    p = leave_queue(number, time, since_out, state)
    platoon = state.platoons[p]
    platoon.entered = time
    platoon.leg += 1
    road.held += platoon.vehicles
    road.in_free = max(road.in_free, since_in) + time_to_pass(platoon.vehicles, link, state)
    note_entry(link, time, platoon.vehicles, state)
    put_last(p, link, time + road.travel_time, state)


@inlined()
def turn_off(number, time, state):
    """Let the head of a road that knows no way on leave the road, and those behind it go by: it is turned away."""
    p = leave_queue(number, time, time, state)
    platoon = state.platoons[p]
    state.status[p] = TURNED_AWAY
    state.arrived[p] = time
    platoon.node = state.queues[number].node


@inlined()
def arrive(number, time, state):
    """Let the head of a queue into its site; SITE_FULL where it no longer has the beds, which changes nothing yet."""
    p = np.int64(state.queues[number].first)
    platoon = state.platoons[p]
    site = platoon.site
    is_shut = state.opens[site] == np.inf
    if not is_shut and state.beds[site] + BED_TOLERANCE * max(platoon.persons, 1.0) < platoon.persons:
        state.counts[WANTED] = site
        return SITE_FULL
    leave_queue(number, time, time, state)
    if is_shut:
        state.status[p] = TURNED_AWAY
        state.arrived[p] = time
    else:
        state.status[p] = SAFE
        state.arrived[p] = max(time, state.opens[site])
        state.beds[site] -= platoon.persons
    return DONE
