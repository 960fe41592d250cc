"""The moves of a platoon from queue to queue, and of the gaps that it leaves behind."""

import numpy as np

from clearway.kernels.compiled import inlined
from clearway.kernels.event_queue import schedule
from clearway.kernels.memory import fetch
from clearway.kernels.traffic_tables import GAPS_A_ROW, GAPS_NEXT, N_ROWS_LEFT, N_ROWS_USED, UNUSED_GAPS


@inlined()
def put_last(p, number, ready, state):
    """Let a platoon join a queue, at whose end it can be at ``ready``."""
    queue, line = state.queues[number], state.lines[p]
    before = queue.last
    line.behind = -1
    line.queue = number
    if before >= 0:
        line.ready = max(ready, state.lines[before].ready)
        state.lines[before].behind = p
    else:
        line.ready = ready
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
    if time < state.events[event].due:
        schedule(event, time, state)


@inlined()
def take_first(number, state):
    """Take the head off a queue."""
    queue = state.queues[number]
    p = queue.first
    line = state.lines[p]
    behind = line.behind
    queue.first = behind
    if behind < 0:
        queue.last = -1
    else:
        queue.ready = state.lines[behind].ready
        fetch(state.platoons, behind)
    line.behind = -1
    line.queue = -1
    if number >= len(state.links):
        state.nodes[queue.node].n_home -= 1
    return p


@inlined()
def send_gap(link, time, vehicles, state):
    """Let the gap that leaving vehicles make travel to the beginning of their link (Newell 1993)."""
    road = state.links[link]
    last = np.int64(road.gap_last)
    if last >= 0 and (last & 3) < GAPS_A_ROW - 1:
        place = last + 1
    else:
        place = 4 * unused_row(state)
        if last >= 0:
            state.gaps[last >> 2, GAPS_NEXT] = place >> 2
    reaches = time + road.wave_time
    state.gaps[place >> 2, 2 * (place & 3)] = reaches
    state.gaps[place >> 2, 2 * (place & 3) + 1] = vehicles
    road.gap_last = place
    if last < 0:
        road.gap_first = place
        if state.nodes[road.tail].contested:  # somebody may wait for it
            wake(road.tail, reaches, state)


@inlined()
def unused_row(state):
    """A row for gaps: one given back, else a new one."""
    counts = state.counts
    row = counts[UNUSED_GAPS]
    if row >= 0:
        counts[UNUSED_GAPS] = int(state.gaps[row, GAPS_NEXT])
    else:
        row = counts[N_ROWS_USED]
        counts[N_ROWS_USED] += 1
    counts[N_ROWS_LEFT] -= 1
    return row


@inlined()
def gap_time(link, state):
    """Seconds at which the first gap reaches a link's beginning, inf where there is none."""
    place = np.int64(state.links[link].gap_first)
    return state.gaps[place >> 2, 2 * (place & 3)] if place >= 0 else np.inf


@inlined()
def drop_gap(link, state):
    """Take a link's first gap off."""
    road = state.links[link]
    place = np.int64(road.gap_first)
    row = place >> 2
    is_last = place == road.gap_last
    if is_last:
        road.gap_first = -1
        road.gap_last = -1
    elif (place & 3) < GAPS_A_ROW - 1:
        road.gap_first = place + 1
        if (road.gap_last >> 2) != row:
            fetch(state.gaps, 8 * int(state.gaps[row, GAPS_NEXT]))
        return
    else:
        road.gap_first = 4 * int(state.gaps[row, GAPS_NEXT])
    state.gaps[row, GAPS_NEXT] = state.counts[UNUSED_GAPS]
    state.counts[UNUSED_GAPS] = row
    state.counts[N_ROWS_LEFT] += 1


@inlined()
def make_room(link, until, state):
    """
    Use up gaps that reach a link's beginning by ``until``, no more than it takes to let a platoon in.

    Returns the seconds from which there is room: -inf where there is room anyway, inf where there is none by then.
    """
    road = state.links[link]
    since = -np.inf
    while road.held >= road.room:
        reaches = gap_time(link, state)
        if reaches > until or road.gap_first < 0:
            return np.inf
        since = reaches
        place = np.int64(road.gap_first)
        road.held -= state.gaps[place >> 2, 2 * (place & 3) + 1]
        drop_gap(link, state)
        if road.gap_first < 0 and state.queues[link].first < 0:
            road.held = 0.0  # nobody on it, no gap: rounding goes too
    return since


@inlined()
def note_entry(link, time, vehicles, state):
    """Count vehicles that enter a link."""
    row = state.links[link].row
    if row >= 0:
        state.entered[bin_of(time, state), row] += vehicles


@inlined()
def note_exit(link, p, time, ready, state):
    """Count what a platoon that leaves a link has lost on it since ``ready``, and its time within hazards."""
    road, platoon = state.links[link], state.platoons[p]
    if road.row >= 0:
        lost = time - ready
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
