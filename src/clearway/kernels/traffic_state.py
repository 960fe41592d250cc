"""The moves of a platoon from queue to queue, and of the gaps that it leaves behind."""

import numpy as np

from clearway.kernels.compiled import inlined
from clearway.kernels.event_queue import schedule
from clearway.kernels.traffic_tables import N_GAPS_LEFT, UNUSED_GAP


@inlined()
def home_node(queue, roads):
    """The junction at which a queue ends."""
    n_links = len(roads.tail)
    return roads.head[queue] if queue < n_links else roads.tail[queue - n_links]


@inlined()
def put_last(p, queue, ready, roads, platoons, traffic):
    """Let a platoon join a queue, at whose end it can be at ``ready``."""
    behind = traffic.last[queue]
    platoons.next[p] = -1
    platoons.place[p] = queue
    if behind >= 0:
        platoons.ready[p] = max(ready, platoons.ready[behind])
        platoons.next[behind] = p
    else:
        platoons.ready[p] = ready
        traffic.first[queue] = p
        tell_head(queue, roads, platoons, traffic)
    traffic.last[queue] = p


@inlined()
def tell_head(queue, roads, platoons, traffic):
    """Schedule what follows from a new head of a queue."""
    ready = platoons.ready[traffic.first[queue]]
    node = home_node(queue, roads)
    if traffic.contested[node]:
        wake(node, ready, roads, traffic)
    else:
        schedule(traffic.heap_time, traffic.heap_id, traffic.counts, traffic.due, queue, ready)


@inlined()
def wake(node, time, roads, traffic):
    """Let a contested junction be looked at by ``time``."""
    event = 2 * len(roads.tail) + node
    if time < traffic.due[event]:
        schedule(traffic.heap_time, traffic.heap_id, traffic.counts, traffic.due, event, time)


@inlined()
def take_first(queue, traffic, platoons):
    """Take the head off a queue."""
    p = traffic.first[queue]
    behind = platoons.next[p]
    traffic.first[queue] = behind
    if behind < 0:
        traffic.last[queue] = -1
    platoons.next[p] = -1
    platoons.place[p] = -1
    return p


@inlined()
def send_gap(link, time, vehicles, roads, traffic):
    """Let the gap that leaving vehicles make travel to the beginning of their link (Newell 1993)."""
    gap = traffic.counts[UNUSED_GAP]
    traffic.counts[UNUSED_GAP] = traffic.gap_next[gap]
    traffic.counts[N_GAPS_LEFT] -= 1
    reaches = time + roads.wave_time[link]
    traffic.gap_time[gap] = reaches
    traffic.gap_vehicles[gap] = vehicles
    traffic.gap_next[gap] = -1
    behind = traffic.gap_last[link]
    if behind >= 0:
        traffic.gap_next[behind] = gap
    else:
        traffic.gap_first[link] = gap
        if traffic.contested[roads.tail[link]]:  # somebody may wait for it
            wake(roads.tail[link], reaches, roads, traffic)
    traffic.gap_last[link] = gap


@inlined()
def make_room(link, until, roads, traffic):
    """
    Use up gaps that reach a link's beginning by ``until``, no more than it takes to let a platoon in.

    Returns the seconds from which there is room: -inf where there is room anyway, inf where there is none by then.
    """
    since = -np.inf
    while traffic.held[link] >= roads.storage[link] * (1.0 - 1e-12):
        gap = traffic.gap_first[link]
        if gap < 0 or traffic.gap_time[gap] > until:
            return np.inf
        since = traffic.gap_time[gap]
        traffic.held[link] -= traffic.gap_vehicles[gap]
        traffic.gap_first[link] = traffic.gap_next[gap]
        if traffic.gap_first[link] < 0:
            traffic.gap_last[link] = -1
            if traffic.first[link] < 0:
                traffic.held[link] = 0.0  # nobody on it, no gap: rounding goes too
        give_back(gap, traffic)
    return since


@inlined()
def give_back(gap, traffic):
    """Let a gap's place be used again."""
    traffic.gap_next[gap] = traffic.counts[UNUSED_GAP]
    traffic.counts[UNUSED_GAP] = gap
    traffic.counts[N_GAPS_LEFT] += 1


@inlined()
def note_entry(link, time, vehicles, record):
    """Count vehicles that enter a link."""
    row = record.row[link]
    if row >= 0:
        bin_ = min(int(time / record.bin_s[0]), record.entered.shape[1] - 1)
        record.entered[row, bin_] += vehicles


@inlined()
def note_exit(link, p, time, platoons, record):
    """Count what a platoon that leaves a link has lost on it, and its time within hazards."""
    row = record.row[link]
    if row >= 0:
        lost = time - platoons.ready[p]
        if lost > 0.0:
            bin_ = min(int(time / record.bin_s[0]), record.delayed.shape[1] - 1)
            record.delayed[row, bin_] += lost * platoons.vehicles[p]
    for i in range(record.hazard_start[link], record.hazard_start[link + 1]):
        shared = min(time, record.hazard_until[i]) - max(platoons.entered[p], record.hazard_from[i])
        if shared > 0.0:
            record.exposed[0] += shared * platoons.persons[p]
