"""
What the traffic kernels work on: roads, platoons and queues as arrays. Nothing here needs Numba.

A *platoon* is a few vehicles that drive one behind the other and are never split. A *queue* is first in, first out:
queue ``l`` is link ``l`` itself (who drives or stands on it), queue ``n_links + l`` those who wait at home, or beside
the road, to enter link ``l``.
"""

from collections import namedtuple

AHEAD, AT_HOME, ON_ROAD, SAFE, TRAPPED, TURNED_AWAY = 0, 1, 2, 3, 4, 5  # ahead: has not left yet
FIXED_ROUTE = -1
ARRIVES, NO_WAY, NEEDS_TREE = -1, -2, -3
MOST_GAPS_AT_ONCE = 20_000  # of one event

DONE, TREE_WANTED, SITE_FULL, SPACE_WANTED, MISCOUNTED = 0, 1, 2, 3, 4
"""What a kernel tells whoever called it; see `clearway.kernels.link_transmission.run_until` and
`clearway.kernels.way_trees.drive_until`."""

NEVER_GROWN = -1.0
NOW, NEXT_LOOK, N_LOOKS, UPDATE_S = 0, 1, 2, 3
"""Places in Ways.clock: seconds; when the next class looks, inf: nobody does; looks so far; seconds between two."""

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

Trips = namedtuple("Trips", ["route_start", "route_links", "order", "nominal"])
"""Routes in compressed form; platoons by the time they leave; float64[1]: vehicles of a usual platoon."""

Scratch = namedtuple("Scratch", ["queue", "tag", "time"])
"""Of each road out of a junction: the queue that enters it next, -1: none; its tag; when it can go, seconds."""

Ways = namedtuple(
    "Ways",
    [
        "start",  # int64[n_nodes + 1], forward star of the links by their head
        "order",  # int64[n_links]
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
