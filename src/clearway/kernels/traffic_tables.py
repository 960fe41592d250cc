"""
What the traffic kernels work on: roads, queues, junctions and platoons as tables. Nothing here needs Numba.

A *platoon* is a few vehicles that drive one behind the other and are never split. A *queue* is first in, first out:
queue ``l`` is link ``l`` itself (who drives or stands on it), queue ``n_links + l`` those who wait at home, or beside
the road, to enter link ``l``.

What an event needs of a thing lies together in one row, so that it comes from memory at once.
"""

from collections import namedtuple
from typing import Any

import numpy as np

AHEAD, AT_HOME, ON_ROAD, SAFE, TRAPPED, TURNED_AWAY = 0, 1, 2, 3, 4, 5  # ahead: has not left yet
FIXED_ROUTE = -1
ARRIVES, NO_WAY, NEEDS_TREE = -1, -2, -3
MOST_GAPS_AT_ONCE = 20_000  # of one event

DONE, TREE_WANTED, SITE_FULL, SPACE_WANTED, MISCOUNTED = 0, 1, 2, 3, 4
"""What a kernel tells whoever called it; see `clearway.kernels.link_transmission.run_until` and
`clearway.kernels.way_trees.drive_until`."""

UNUSED_GAPS, NEXT_TO_LEAVE, N_EVENTS, WANTED, N_ROWS_LEFT, N_ROWS_USED = 0, 1, 2, 3, 4, 5
FIRST_SLOT, N_EVENTS_THEN, CROWDED = 6, 7, 8
"""
Places in State.counts: the first row of gaps given back, -1: none; the next platoon of ``order``; events so far; the
tree or site that is the matter; rows of gaps left, and used so far. Of `clearway.kernels.event_queue`: the first slot
that may hold an event; N_EVENTS when the calendar was laid out; steps along lists since then.
"""
N_COUNTS = 9

ORIGIN, SLOTS_PER_S = 0, 1
"""Places in State.calendar: seconds at which its first slot begins; slots a second."""

NEVER_GROWN = -1.0
NOW, NEXT_LOOK, N_LOOKS, UPDATE_S = 0, 1, 2, 3
"""Places in Ways.clock: seconds; when the next class looks, inf: nobody does; looks so far; seconds between two."""

LINK = np.dtype(
    [
        ("rate", "f8"),  # vehicles per second it takes and lets go now
        ("pace", "f8"),  # seconds a usual platoon takes to pass at that rate; 0 while closed
        ("in_free", "f8"),  # seconds from which the next platoon may enter
        ("held", "f8"),  # vehicles on it and gaps that have not reached its beginning
        ("room", "f8"),  # it is full when it holds so many: vehicles at jam density, but for rounding
        ("gap_first", "i4"),  # gaps on their way to the beginning: places in state.gaps, -1: none
        ("gap_last", "i4"),
        ("travel_time", "f8"),  # seconds at free-flow speed
        ("wave_time", "f8"),  # seconds a gap takes from the end to the beginning
        ("last_time", "f8"),  # travel time of the platoon that last left it, seconds
        ("clock", "f8"),  # tag of the queue that entered last; see `clearway.kernels.junctions`
        ("tail", "i4"),
        ("head", "i4"),
        ("local", "i4"),  # its place among those out of its tail
        ("pair_start", "i4"),  # its pairs with the queues of its tail are numbers from here
        ("row", "i4"),  # its column in the record, -1: none
        ("n_hazards", "i4"),
    ],
    align=True,
)

QUEUE = np.dtype(
    [
        ("first", "i4"),  # platoon at its head, -1: empty
        ("last", "i4"),
        ("ready", "f8"),  # of the head, see LINE
        ("out_free", "f8"),  # seconds from which the next platoon may leave
        ("sent", "f8"),  # vehicles sent since its junction is contested, over its capacity
        ("node", "i4"),  # the junction at which it ends
        ("link", "i4"),  # the link that it is, or that its people at home are to enter
    ],
    align=True,
)

NODE = np.dtype(
    [
        ("since", "f8"),  # seconds from which it is contested
        ("contested", "i4"),  # 1: somebody waits there; all its queues are looked at together
        ("start", "i4"),  # its queues are state.at_node from here: first the links in, then those at home
        ("n_in", "i4"),
        ("n_out", "i4"),
        ("n_home", "i4"),  # platoons in its queues of those at home
    ],
    align=True,
)

PAIR = np.dtype([("tag", "f8"), ("mark", "f8")])
"""A queue and a link that it may enter: its next turn; what it had sent when it last did."""

PLATOON = np.dtype(
    [
        ("vehicles", "f8"),
        ("persons", "f8"),
        ("entered", "f8"),  # seconds at which it entered its queue
        ("left_home", "f8"),  # seconds at which it entered the roads, inf: not yet
        ("guide", "i4"),  # FIXED_ROUTE, or the tree of next links it follows
        ("fallback", "i4"),  # the tree it follows when its route or site is closed, -1: it waits
        ("site", "i4"),  # where it is going; where it has arrived
        ("leg", "i4"),  # place on the route
        ("route", "i4"),  # index into route_start; not read where ``guide`` is given
        ("node", "i4"),  # where it lives; where it was turned away
        ("unused", "f8"),  # a row is a line of the cache
    ],
    align=True,
)

LINE = np.dtype([("ready", "f8"), ("behind", "i4"), ("queue", "i4")])
"""Of a platoon: seconds at which it can be at its queue's end; who is behind it, -1: nobody; the queue, -1: none."""

GAPS_A_ROW, GAPS_NEXT = 3, 6
"""A row of gaps is eight numbers: of up to three the seconds at which it reaches the beginning of its link, and its
vehicles; then the link's next row, or the next one given back. Gap i of row r has the place 4 r + i."""

EVENT = np.dtype([("due", "f8"), ("after", "i4"), ("slot", "i4")])
"""Seconds at which it is due, inf: not at all; the next one in its slot, -1: none; the slot."""

SLOT = np.dtype([("first", "i4"), ("last", "i4")])
"""Events of a stretch of time, -1: none; see `clearway.kernels.event_queue`."""

STEP = np.dtype([("link", "i4"), ("site", "i4")])
"""Of a tree, at a node: the next link, NO_WAY where there is none; the site there, -1: none that the tree leads to."""

TURN = np.dtype([("tag", "f8"), ("time", "f8"), ("queue", "i8")])
"""Of a road out of a junction: the queue that enters it next, -1: none; its tag; when it can go, seconds."""

State = namedtuple(
    "State",
    [
        "links",  # LINK[n_links]
        "queues",  # QUEUE[2 n_links]
        "nodes",  # NODE[n_nodes]
        "at_node",  # int32[2 n_links]
        "pairs",  # PAIR[n_pairs]
        "platoons",  # PLATOON[n_platoons]
        "lines",  # LINE[n_platoons]
        "leaves",  # float64[n_platoons], seconds at which they leave home
        "arrived",  # float64[n_platoons], seconds, inf: not yet
        "status",  # int8[n_platoons]
        "gaps",  # float64[capacity, 8], see above
        "events",  # EVENT[2 n_links + n_nodes]: of queues, then of junctions
        "slots",  # SLOT[n_slots + 1], the last for all that comes later
        "calendar",  # float64[2], see the places above
        "counts",  # int64[N_COUNTS], see the places above
        "turns",  # TURN[most links out of a node], working space
        "nominal",  # float64[1], vehicles of a usual platoon
        "order",  # int64[k]: platoons by the time they leave
        "route_start",  # int64[n_routes + 1]: routes in compressed form
        "route_links",  # int64
        "beds",  # float64[n_sites], persons it still takes
        "opens",  # float64[n_sites], seconds from which arrivals are let in; inf: never any more
        "steps",  # STEP[n_trees, n_nodes]
        "is_valid",  # bool[n_trees]
        "bin_s",  # float64[1], seconds of an interval of the record
        "entered",  # float64[n_bins, n_rows], vehicles that entered the link
        "delayed",  # float64[n_bins, n_rows], vehicle-seconds lost by those who left it
        "hazard_start",  # int64[n_links + 1]: hazards of each link in hazard_from and hazard_until
        "hazard_from",  # float64, seconds
        "hazard_until",
        "exposed",  # float64[1], person-seconds on links within hazards
    ],
)
"""All of a simulation. Modified in place."""

Ways = namedtuple(
    "Ways",
    [
        "start",  # int64[n_nodes + 1], forward star of the links by their head
        "order",  # int64[n_links]
        "tail",  # int64[n_links]
        "site_node",  # int64[n_sites]
        "leads_to",  # bool[n_goals, n_sites]: sites a goal allows
        "n_looks",  # int64[1], trees of each goal: by the way that is shortest on empty roads, then by class
        "cost",  # float64[n_trees, n_links], seconds each was grown with; the first NEVER_GROWN: out of date
        "clock",  # float64[4], see the places above
        "present",  # float64[n_links], seconds; this and what follows: working space
        "time",  # float64[n_nodes]
        "via",  # int64[n_nodes]
        "heap",  # int64[n_nodes]
        "slot",  # int64[n_nodes]
        "done",  # bool[n_nodes]
    ],
)
"""Where trees lead, and by which travel times they were grown. From ``cost`` on modified in place."""


def table(n: int, kind: Any) -> Any:
    """Rows of a kind, all zero, that begin where a line of a processor's cache does (64 bytes)."""
    rows = space(n, kind)
    rows.view(np.uint8)[:] = 0
    return rows.view(np.recarray) if rows.dtype.names else rows


def space(n: int, kind: Any) -> Any:
    """The same with whatever is in memory there."""
    size = n * np.dtype(kind).itemsize
    memory = np.empty(size + 64, np.uint8)
    begin = -memory.ctypes.data % 64
    return memory[begin : begin + size].view(kind)
