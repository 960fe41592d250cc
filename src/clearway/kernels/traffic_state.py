"""The moves of a platoon from queue to queue, and of the gaps that it leaves behind."""

import numpy as np

from clearway.kernels.compiled import inlined
from clearway.kernels.event_queue import schedule
from clearway.kernels.traffic_tables import N_GAPS_LEFT, N_GAPS_MADE, UNUSED_GAP


@inlined()
def put_last(p, number, ready, state):
    """Let a platoon join a queue, at whose end it can be at ``ready``."""
    queue, platoon = state.queues[number], state.platoons[p]
    behind = queue.last
    platoon.next = -1
    platoon.place = number
    if behind >= 0:
        before = state.platoons[behind]
        platoon.ready = max(ready, before.ready)
        before.next = p
    else:
        platoon.ready = ready
        queue.ready = ready
        queue.first = p
        tell_head(number, state)
    queue.last = p
    if number >= len(state.links):
        state.nodes[queue.node].n_home += 1


@inlined()
def tell_head(number, state):
    """Schedule what follows from a new head of a queue."""
    queue = state.queues[number]
    if state.nodes[queue.node].contested:
        wake(queue.node, queue.ready, state)
    else:
        schedule(number, queue.ready, state)


@inlined()
def wake(node, time, state):
    """Let a contested junction be looked at by ``time``."""
    event = len(state.queues) + node
    if time < state.due[event]:
        schedule(event, time, state)


@inlined()
def take_first(number, state):
    """Take the head off a queue."""
    queue = state.queues[number]
    p = queue.first
    platoon = state.platoons[p]
    behind = platoon.next
    queue.first = behind
    if behind < 0:
        queue.last = -1
    else:
        queue.ready = state.platoons[behind].ready
    platoon.next = -1
    platoon.place = -1
    if number >= len(state.links):
        state.nodes[queue.node].n_home -= 1
    return p


@inlined()
def send_gap(link, time, vehicles, state):
    """Let the gap that leaving vehicles make travel to the beginning of their link (Newell 1993)."""
    road, counts = state.links[link], state.counts
    number = counts[UNUSED_GAP]
    if number >= 0:
        counts[UNUSED_GAP] = state.gaps[number].next
    else:
        number = counts[N_GAPS_MADE]
        counts[N_GAPS_MADE] += 1
    counts[N_GAPS_LEFT] -= 1
    reaches = time + road.wave_time
    gap = state.gaps[number]
    gap.time = reaches
    gap.vehicles = vehicles
    gap.next = -1
    behind = road.gap_last
    if behind >= 0:
        state.gaps[behind].next = number
    else:
        road.gap_first = number
        if state.nodes[road.tail].contested:  # somebody may wait for it
            wake(road.tail, reaches, state)
    road.gap_last = number


@inlined()
def make_room(link, until, state):
    """
    Use up gaps that reach a link's beginning by ``until``, no more than it takes to let a platoon in.

    Returns the seconds from which there is room: -inf where there is room anyway, inf where there is none by then.
    """
    road = state.links[link]
    since = -np.inf
    while road.held >= road.room:
        number = road.gap_first
        if number < 0:
            return np.inf
        gap = state.gaps[number]
        if gap.time > until:
            return np.inf
        since = gap.time
        road.held -= gap.vehicles
        road.gap_first = gap.next
        if gap.next < 0:
            road.gap_last = -1
            if state.queues[link].first < 0:
                road.held = 0.0  # nobody on it, no gap: rounding goes too
        give_back(number, state)
    return since


@inlined()
def give_back(number, state):
    """Let a gap's place be used again."""
    state.gaps[number].next = state.counts[UNUSED_GAP]
    state.counts[UNUSED_GAP] = number
    state.counts[N_GAPS_LEFT] += 1


@inlined()
def note_entry(link, time, vehicles, state):
    """Count vehicles that enter a link."""
    row = state.links[link].row
    if row >= 0:
        state.entered[bin_of(time, state), row] += vehicles


@inlined()
def note_exit(link, p, time, state):
    """Count what a platoon that leaves a link has lost on it, and its time within hazards."""
    road, platoon = state.links[link], state.platoons[p]
    if road.row >= 0:
        lost = time - platoon.ready
        if lost > 0.0:
            state.delayed[bin_of(time, state), road.row] += lost * platoon.vehicles
    if road.n_hazards > 0:
        for i in range(state.hazard_start[link], state.hazard_start[link + 1]):
            shared = min(time, state.hazard_until[i]) - max(platoon.entered, state.hazard_from[i])
            if shared > 0.0:
                state.exposed[0] += shared * platoon.persons


@inlined()
def bin_of(time, state):
    """The interval of the record in which a time lies; what comes later than all lies in the last."""
    return min(int(time / state.bin_s[0]), len(state.entered) - 1)
