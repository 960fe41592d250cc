"""
What the traffic kernels share: roads, platoons and queues as arrays, and the moves of a platoon from queue to queue.

A *platoon* is a few vehicles that drive one behind the other and are never split. A *queue* is first in, first out:
queue ``l`` is link ``l`` itself (who drives or stands on it), queue ``n_links + l`` those who wait at home, or beside
the road, to enter link ``l``.
"""

from collections import namedtuple

import numpy as np

from clearway.kernels.compiled import inlined
from clearway.kernels.event_queue import NEVER, schedule

AHEAD, AT_HOME, ON_ROAD, SAFE, TRAPPED, TURNED_AWAY = 0, 1, 2, 3, 4, 5  # ahead: has not left yet
FIXED_ROUTE = -1
ARRIVES, NO_WAY, NEEDS_TREE = -1, -2, -3

Roads = namedtuple(
    "Roads",
    [
        "tail",  # int64[n_links]
        "head",  # int64[n_links]
        "travel_time",  # float64[n_links], seconds at free-flow speed
        "wave_time",  # float64[n_links], seconds a gap takes from the end of a link to its beginning
        "storage",  # float64[n_links], vehicles at jam density
        "rate",  # float64[n_links], vehicles per second the link takes and lets go now
        "in_start",  # int64[n_nodes + 1]: links into node v are in_links[in_start[v]:in_start[v + 1]]
        "in_links",
        "out_start",  # the same for links out of it
        "out_links",
        "local",  # int64[n_links], place of a link among those out of its tail
        "pair_start",  # int64[n_links + 1]: pairs of link l with the queues of its tail are numbers from pair_start[l]
    ],
)
"""The network of a simulation."""

Platoons = namedtuple(
    "Platoons",
    [
        "vehicles",  # float64[n]
        "persons",  # float64[n]
        "leaves",  # float64[n], seconds at which they leave home
        "route",  # int64[n], index into route_start; not read where ``guide`` is given
        "guide",  # int64[n]: FIXED_ROUTE, or the tree of next links they follow
        "fallback",  # int64[n]: the tree they follow when their route or site is closed, -1: they wait
        "node",  # int64[n], where they live; where they were turned away
        "site",  # int64[n], where they are going; where they have arrived
        "status",  # int8[n]
        "leg",  # int64[n], place on the route
        "ready",  # float64[n], seconds at which they can be at the end of their queue
        "entered",  # float64[n], seconds at which they entered it
        "left_home",  # float64[n], seconds at which they entered the roads, inf: not yet
        "arrived",  # float64[n], seconds, inf: not yet
        "place",  # int64[n], their queue, -1: none
        "next",  # int64[n], who is behind them in it, -1: nobody
    ],
)
"""Who travels. Modified in place."""

Traffic = namedtuple(
    "Traffic",
    [
        "first",  # int64[2 n_links], platoon at the head of each queue, -1: empty
        "last",  # int64[2 n_links]
        "held",  # float64[n_links], vehicles on it and gaps that have not reached its beginning
        "in_free",  # float64[n_links], seconds from which the next platoon may enter
        "out_free",  # float64[2 n_links], seconds from which the next platoon may leave
        "sent",  # float64[2 n_links], vehicles a queue has sent since its junction is contested, over its capacity
        "clock",  # float64[n_links], tag of the queue that entered last; see `clearway.kernels.junctions`
        "tag",  # float64[n_pairs]: the next turn of a queue to enter a link
        "mark",  # float64[n_pairs]: ``sent`` when it last did
        "gap_first",  # int64[n_links]: gaps on their way to the beginning of the link, -1: none
        "gap_last",  # int64[n_links]
        "gap_time",  # float64[capacity], seconds at which a gap reaches it
        "gap_vehicles",  # float64[capacity]
        "gap_next",  # int64[capacity]: the next gap of the link, or the next unused one
        "contested",  # bool[n_nodes]: somebody waits there; all its queues are looked at together
        "since",  # float64[n_nodes], seconds from which it is
        "heap_time",
        "heap_id",
        "due",  # float64[2 n_links + n_nodes]: events of queues, then of junctions
        "counts",  # int64[8], see the places below
        "last_time",  # float64[n_links], travel time of the platoon that last left it, seconds
    ],
)
"""Where they are. Modified in place."""

HEAP_SIZE, UNUSED_GAP, NEXT_TO_LEAVE, N_EVENTS, WANTED, N_GAPS_LEFT = 0, 1, 2, 3, 4, 5
"""Places in Traffic.counts; WANTED is the tree or site that is the matter."""

Sites = namedtuple(
    "Sites",
    [
        "beds",  # float64[n_sites], persons it still takes
        "opens",  # float64[n_sites], seconds from which arrivals are let in; inf: never any more
        "tree",  # int64[n_trees, n_nodes]: next link, NO_WAY where none
        "target",  # int64[n_trees, n_nodes]: site of the tree at the node, -1: none
        "is_valid",  # bool[n_trees]
    ],
)
"""Where they may go. Modified in place."""

Record = namedtuple(
    "Record",
    [
        "bin_s",  # float64[1], seconds of an interval
        "row",  # int64[n_links], row of a link in the tables, -1: none
        "entered",  # float64[n_rows, n_bins], vehicles that entered the link
        "delayed",  # float64[n_rows, n_bins], vehicle-seconds lost by those who left it
        "hazard_start",  # int64[n_links + 1]: hazards of each link in hazard_from and hazard_until
        "hazard_from",  # float64, seconds
        "hazard_until",
        "exposed",  # float64[1], person-seconds on links within hazards
    ],
)
"""What is noted. Modified in place."""


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


__all__ = ["NEVER"]
