"""
Traffic on a network: the link transmission model on platoons, driven by events.

Each link follows Newell's simplified kinematic wave theory [1]_ with a triangular fundamental diagram: a platoon can be
at the end of a link one free-flow time after it entered; entries and exits keep the pace of the link's capacity; and
when the link is full, a platoon enters when the gap that another one left at its end has come back at the speed of the
congestion wave [2]_. As long as nobody is in anybody's way, a junction only hands platoons on. Once someone has to
wait, it is *contested*: it is shared out in steps by the oriented capacity proportional model [3]_ until nobody waits.
Platoons are never split, so vehicles are conserved exactly.

.. [1] Newell (1993), A simplified theory of kinematic waves in highway traffic, Transportation Research B 27: 281-313.
.. [2] Yperman (2007), The link transmission model for dynamic network loading, PhD thesis, KU Leuven.
.. [3] Tampere et al. (2011), see `clearway.kernels.node_model`.
"""

from collections import namedtuple

import numpy as np
from numba import njit

from clearway.kernels.compiled import without_counting
from clearway.kernels.event_queue import NEVER, drop_first, next_event, schedule
from clearway.kernels.node_model import junction_flows
from clearway.kernels.traffic_state import (
    AHEAD,
    ARRIVES,
    AT_HOME,
    FIXED_ROUTE,
    HEAP_SIZE,
    N_EVENTS,
    N_GAPS_LEFT,
    NEEDS_TREE,
    NEXT_TO_LEAVE,
    NO_WAY,
    ON_ROAD,
    SAFE,
    TRAPPED,
    TURNED_AWAY,
    WANTED,
    give_back,
    make_room,
    note_entry,
    note_exit,
    put_last,
    room_by,
    send_gap,
    take_first,
    wake,
)

DONE, TREE_WANTED, SITE_FULL, SPACE_WANTED, BLOCKED = 0, 1, 2, 3, 4
MOST_GAPS_AT_ONCE = 20_000  # of one event
BED_TOLERANCE = 1e-6

Trips = namedtuple("Trips", ["route_start", "route_links", "order", "nominal"])
"""Routes in compressed form; platoons by the time they leave; float64[1]: vehicles of a usual platoon."""

Scratch = namedtuple("Scratch", ["queue", "sending", "capacity", "receiving", "flow", "weight", "served"])
"""Working space of a junction's step."""


@without_counting()
def tolerance(link, roads, trips):
    """Seconds a platoon may be early at a link: the pace of one, so that platoons may come side by side."""
    rate = roads.rate[link]
    return trips.nominal[0] / rate if rate > 0.0 else 0.0


@without_counting()
def way_on(p, queue, roads, platoons, sites, trips):
    """The next link of a platoon at the end of its queue; or ARRIVES, NO_WAY, or NEEDS_TREE less the tree's number."""
    n_links = len(roads.tail)
    if queue >= n_links:
        link = queue - n_links
        if roads.rate[link] > 0.0 or platoons.fallback[p] < 0:
            return link
        tree = platoons.fallback[p]
        if not sites.is_valid[tree]:
            return NEEDS_TREE - tree
        other = sites.tree[tree, roads.tail[link]]
        if other < 0 or roads.rate[other] <= 0.0:
            return link
        platoons.guide[p] = tree
        return other
    node = roads.head[queue]
    if platoons.guide[p] == FIXED_ROUTE:
        route = platoons.route[p]
        at = trips.route_start[route] + platoons.leg[p] + 1
        at_end = at >= trips.route_start[route + 1]
        link = ARRIVES if at_end else trips.route_links[at]
        is_shut = sites.opens[platoons.site[p]] == np.inf if at_end else roads.rate[link] <= 0.0
        tree = platoons.fallback[p]
        if not is_shut or tree < 0:
            return link
        if not sites.is_valid[tree]:
            return NEEDS_TREE - tree
        if sites.target[tree, node] < 0 and sites.tree[tree, node] < 0:
            return link
        platoons.guide[p] = tree
    tree = platoons.guide[p]
    if not sites.is_valid[tree]:
        return NEEDS_TREE - tree
    if sites.target[tree, node] >= 0:
        platoons.site[p] = sites.target[tree, node]
        return ARRIVES
    return sites.tree[tree, node]


@without_counting()
def leave_queue(queue, time, roads, platoons, traffic, record):
    """Take the head off a queue at ``time``; returns it."""
    n_links = len(roads.tail)
    p = take_first(queue, traffic, platoons)
    if queue < n_links:
        note_exit(queue, p, time, platoons, record)
        send_gap(queue, time, platoons.vehicles[p], roads, traffic)
        traffic.last_time[queue] = time - platoons.entered[p]
        if roads.rate[queue] > 0.0:
            traffic.out_free[queue] = max(traffic.out_free[queue], time) + platoons.vehicles[p] / roads.rate[queue]
    elif platoons.left_home[p] == np.inf:
        platoons.left_home[p] = time
    return p


@without_counting()
def cross(queue, link, time, since, roads, platoons, traffic, record):
    """
    Let the head of a queue pass a junction into a link at ``time``.

    What the link could have taken before ``since`` is lost; a contested junction may still hand out what it could have
    taken between then and ``time``.
    """
    p = leave_queue(queue, time, roads, platoons, traffic, record)
    vehicles = platoons.vehicles[p]
    platoons.status[p] = ON_ROAD
    platoons.entered[p] = time
    platoons.leg[p] += 1
    traffic.held[link] += vehicles
    traffic.in_free[link] = max(traffic.in_free[link], since) + vehicles / roads.rate[link]
    note_entry(link, time, vehicles, record)
    put_last(p, link, time + roads.travel_time[link], roads, platoons, traffic)


@without_counting()
def arrive(queue, time, roads, platoons, traffic, sites, record):
    """Let the head of a queue into its site; SITE_FULL where it no longer has the beds, which changes nothing yet."""
    p = traffic.first[queue]
    site = platoons.site[p]
    persons = platoons.persons[p]
    is_shut = sites.opens[site] == np.inf
    if not is_shut and sites.beds[site] + BED_TOLERANCE * max(persons, 1.0) < persons:
        traffic.counts[WANTED] = site
        return SITE_FULL
    leave_queue(queue, time, roads, platoons, traffic, record)
    if is_shut:
        platoons.status[p] = TURNED_AWAY
        platoons.arrived[p] = time
    else:
        platoons.status[p] = SAFE
        platoons.arrived[p] = max(time, sites.opens[site])
        sites.beds[site] -= persons
    return DONE


@without_counting()
def contest(node, time, roads, traffic):
    """Share a junction out in steps from now on."""
    n_links = len(roads.tail)
    traffic.contested[node] = True
    traffic.asleep[node] = False
    traffic.since[node] = time
    for i in range(roads.in_start[node], roads.in_start[node + 1]):
        traffic.due[roads.in_links[i]] = NEVER
    for i in range(roads.out_start[node], roads.out_start[node + 1]):
        queue = n_links + roads.out_links[i]
        traffic.due[queue] = NEVER
    event = 2 * n_links + node
    schedule(traffic.heap_time, traffic.heap_id, traffic.counts, traffic.due, event, time + traffic.step[node])


@without_counting()
def serve_queue(queue, now, roads, platoons, traffic, sites, trips, record):
    """Let the heads of a queue go on for as long as nothing is in their way."""
    n_links = len(roads.tail)
    while True:
        p = traffic.first[queue]
        if p < 0:
            return DONE
        may_go = platoons.ready[p]
        if queue < n_links:
            may_go = max(may_go, traffic.out_free[queue] - tolerance(queue, roads, trips))
        if may_go > now:
            schedule(traffic.heap_time, traffic.heap_id, traffic.counts, traffic.due, queue, may_go)
            return DONE
        link = way_on(p, queue, roads, platoons, sites, trips)
        if link <= NEEDS_TREE:
            traffic.counts[WANTED] = NEEDS_TREE - link
            schedule(traffic.heap_time, traffic.heap_id, traffic.counts, traffic.due, queue, now)
            return TREE_WANTED
        if link == ARRIVES:
            if arrive(queue, may_go, roads, platoons, traffic, sites, record) == SITE_FULL:
                schedule(traffic.heap_time, traffic.heap_id, traffic.counts, traffic.due, queue, now)
                return SITE_FULL
            continue
        node = roads.head[queue] if queue < n_links else roads.tail[queue - n_links]
        if link == NO_WAY or roads.rate[link] <= 0.0:
            contest(node, now, roads, traffic)
            return DONE
        may_go = max(may_go, traffic.in_free[link] - tolerance(link, roads, trips))
        if may_go <= now:
            may_go = max(may_go, make_room(link, now, roads, traffic))
        if may_go > now:
            contest(node, now, roads, traffic)
            return DONE
        if queue >= n_links and link != queue - n_links:  # another way out of home
            take_first(queue, traffic, platoons)
            put_last(p, n_links + link, now, roads, platoons, traffic)
            continue
        cross(queue, link, may_go, may_go, roads, platoons, traffic, record)


@without_counting()
def share_out(node, now, roads, platoons, traffic, sites, trips, record, scratch):
    """A step of a contested junction, over the time since the last one."""
    n_links = len(roads.tail)
    n_out = roads.out_start[node + 1] - roads.out_start[node] + 1  # the last: into a site
    n_in = 0
    for i in range(roads.in_start[node], roads.in_start[node + 1]):
        if traffic.first[roads.in_links[i]] >= 0:
            scratch.queue[n_in] = roads.in_links[i]
            n_in += 1
    for i in range(roads.out_start[node], roads.out_start[node + 1]):
        if traffic.first[n_links + roads.out_links[i]] >= 0:
            scratch.queue[n_in] = n_links + roads.out_links[i]
            n_in += 1
    begin = traffic.since[node]
    if traffic.asleep[node]:
        begin = max(begin, now - traffic.step[node])
    sending = scratch.sending[:n_in, :n_out]
    flow = scratch.flow[:n_in, :n_out]
    scratch.receiving[:n_out] = 0.0
    code = want(now, begin, n_in, sending, roads, platoons, traffic, sites, trips, scratch)
    if code != DONE:
        return code
    for j in range(n_out - 1):
        link = roads.out_links[roads.out_start[node] + j]
        scratch.receiving[j] = max(scratch.receiving[j] + takes(link, begin, now, roads, traffic, trips), 0.0)
    scratch.receiving[n_out - 1] = np.inf
    junction_flows(
        sending,
        scratch.capacity[:n_in],
        scratch.receiving[:n_out],
        flow,
        scratch.weight[:n_in, :n_out],
        scratch.served[:n_in],
    )
    for i in range(n_in):
        granted = 0.0
        for j in range(n_out):
            granted += flow[i, j]
        traffic.credit[scratch.queue[i]] += granted
        scratch.served[i] = False
    n_moved = 0
    while True:  # one by one in the order of time, so that nobody is put behind someone who comes later
        i = next_in_time(n_in, now, roads, platoons, traffic, trips, scratch)
        if i < 0:
            break
        code = spend(scratch.queue[i], now, begin, roads, platoons, traffic, sites, trips, record)
        if code == SITE_FULL:
            return SITE_FULL
        if code == BLOCKED:
            scratch.served[i] = True
        else:
            n_moved += 1
    settle(node, now, n_moved, n_in, n_out, roads, platoons, traffic, scratch)
    return DONE


@without_counting()
def want(now, begin, n_in, sending, roads, platoons, traffic, sites, trips, scratch):
    """
    Fill in what each queue of a junction wants to send, and could send at most, in a step.

    What queues were granted before and have not used is taken off what links can take.
    """
    n_links = len(roads.tail)
    n_out = sending.shape[1]
    nominal = trips.nominal[0]
    for i in range(n_in):
        queue = scratch.queue[i]
        if queue < n_links:
            rate = roads.rate[queue]
            early = tolerance(queue, roads, trips)
            can_send = rate * (now - max(traffic.out_free[queue] - early, begin - 2.0 * early))
        else:  # those at home compete like a road as wide as the one they enter
            rate = roads.rate[queue - n_links]
            can_send = rate * (now - begin) + 2.0 * nominal
        scratch.capacity[i] = max(rate * (now - begin), 1e-9)
        for j in range(n_out):
            sending[i, j] = 0.0
        p = traffic.first[queue]
        while p >= 0 and can_send > 0.0 and platoons.ready[p] <= now:
            link = way_on(p, queue, roads, platoons, sites, trips)
            if link <= NEEDS_TREE:
                traffic.counts[WANTED] = NEEDS_TREE - link
                return TREE_WANTED
            if link == NO_WAY:
                break
            j = n_out - 1 if link == ARRIVES else roads.local[link]
            vehicles = platoons.vehicles[p]
            if p == traffic.first[queue]:  # what it was granted before counts, and was not used yet
                traffic.credit[queue] = min(traffic.credit[queue], vehicles)
                vehicles -= traffic.credit[queue]
                scratch.receiving[j] -= traffic.credit[queue]
            sending[i, j] += min(vehicles, can_send)
            can_send -= vehicles
            p = platoons.next[p]
    return DONE


@without_counting()
def takes(link, begin, now, roads, traffic, trips):
    """Vehicles a link can take in a step: its capacity, and the room in whole platoons."""
    rate = roads.rate[link]
    if rate <= 0.0:
        return 0.0
    nominal = trips.nominal[0]
    most = rate * (now - max(traffic.in_free[link] - nominal / rate, begin - 2.0 * nominal / rate))
    if most <= 0.0:
        return 0.0
    room = room_by(link, now, most, roads, traffic)
    if room <= 1e-9:
        return 0.0
    return min(most, np.ceil(room / nominal - 1e-9) * nominal)


@without_counting()
def next_in_time(n_in, now, roads, platoons, traffic, trips, scratch):
    """The queue of a junction whose head has credit and can go first; -1 where none can go by now."""
    n_links = len(roads.tail)
    found, soonest = -1, np.inf
    for i in range(n_in):
        queue = scratch.queue[i]
        p = traffic.first[queue]
        if scratch.served[i] or p < 0 or traffic.credit[queue] < 0.5 * platoons.vehicles[p]:
            continue
        may_go = platoons.ready[p]
        if queue < n_links:
            may_go = max(may_go, traffic.out_free[queue] - tolerance(queue, roads, trips))
        if may_go <= now and may_go < soonest:
            found, soonest = i, may_go
    return found


@without_counting()
def spend(queue, now, since, roads, platoons, traffic, sites, trips, record):
    """Let the head of a queue go on its credit: DONE, BLOCKED where its way is not free, or SITE_FULL."""
    n_links = len(roads.tail)
    p = traffic.first[queue]
    vehicles = platoons.vehicles[p]
    may_go = platoons.ready[p]
    if queue < n_links:
        may_go = max(may_go, traffic.out_free[queue] - tolerance(queue, roads, trips))
    link = way_on(p, queue, roads, platoons, sites, trips)
    if link == NO_WAY or link <= NEEDS_TREE:
        return BLOCKED
    if link == ARRIVES:
        if arrive(queue, may_go, roads, platoons, traffic, sites, record) == SITE_FULL:
            return SITE_FULL
    elif queue >= n_links and link != queue - n_links:  # another way out of home
        take_first(queue, traffic, platoons)
        put_last(p, n_links + link, now, roads, platoons, traffic)
    else:
        if roads.rate[link] <= 0.0:
            return BLOCKED
        room_since = make_room(link, now, roads, traffic)
        if room_since == np.inf:
            return BLOCKED
        may_go = max(may_go, min(traffic.in_free[link] - tolerance(link, roads, trips), now), room_since)
        unused = since - 2.0 * tolerance(link, roads, trips)
        cross(queue, link, may_go, unused, roads, platoons, traffic, record)
    traffic.credit[queue] -= vehicles
    return DONE


@without_counting()
def settle(node, now, n_moved, n_in, n_out, roads, platoons, traffic, scratch):
    """After a step: on to the next one, to sleep, or back to handing platoons on."""
    n_links = len(roads.tail)
    event = 2 * n_links + node
    waits = False
    soonest = np.inf  # when somebody further comes to the junction
    for at in range(roads.in_start[node], roads.in_start[node + 1]):
        p = traffic.first[roads.in_links[at]]
        if p >= 0:
            waits = waits or platoons.ready[p] <= now
            soonest = min(soonest, platoons.ready[p]) if platoons.ready[p] > now else soonest
    for at in range(roads.out_start[node], roads.out_start[node + 1]):
        p = traffic.first[n_links + roads.out_links[at]]
        if p >= 0:
            waits = waits or platoons.ready[p] <= now
            soonest = min(soonest, platoons.ready[p]) if platoons.ready[p] > now else soonest
    traffic.since[node] = now
    for i in range(n_in):
        p = traffic.first[scratch.queue[i]]
        if p < 0 or platoons.ready[p] > now:
            traffic.credit[scratch.queue[i]] = 0.0
    if waits:
        can_take = n_moved > 0
        for j in range(n_out - 1):
            link = roads.out_links[roads.out_start[node] + j]
            gap = traffic.gap_first[link]
            if roads.rate[link] > 0.0:
                if traffic.held[link] < roads.storage[link]:
                    can_take = True
                elif gap >= 0:  # one that has come already was not enough
                    comes = traffic.gap_time[gap]
                    soonest = min(soonest, comes if comes > now else now + traffic.step[node])
        traffic.asleep[node] = not can_take
        until = now + traffic.step[node] if can_take else soonest
        schedule(traffic.heap_time, traffic.heap_id, traffic.counts, traffic.due, event, until)
        return
    traffic.contested[node] = False
    traffic.asleep[node] = False
    for at in range(roads.in_start[node], roads.in_start[node + 1]):
        release(roads.in_links[at], platoons, traffic)
    for at in range(roads.out_start[node], roads.out_start[node + 1]):
        release(n_links + roads.out_links[at], platoons, traffic)


@without_counting()
def release(queue, platoons, traffic):
    """Schedule the head of a queue at a junction that is no longer contested."""
    traffic.credit[queue] = 0.0
    p = traffic.first[queue]
    if p >= 0:
        schedule(traffic.heap_time, traffic.heap_id, traffic.counts, traffic.due, queue, platoons.ready[p])


@without_counting()
def depart(p, now, roads, platoons, traffic, sites, trips):
    """Let a platoon leave home: it queues for its first link. TREE_WANTED where it does not know the way yet."""
    n_links = len(roads.tail)
    node = platoons.node[p]
    link = NO_WAY
    if platoons.guide[p] == FIXED_ROUTE:
        link = trips.route_links[trips.route_start[platoons.route[p]]]
    else:
        tree = platoons.guide[p]
        if not sites.is_valid[tree]:
            traffic.counts[WANTED] = tree
            return TREE_WANTED
        site = sites.target[tree, node]
        if site >= 0 and sites.beds[site] >= platoons.persons[p]:  # lives there
            platoons.site[p] = site
            platoons.status[p] = SAFE
            platoons.left_home[p] = now
            platoons.arrived[p] = max(now, sites.opens[site])
            sites.beds[site] -= platoons.persons[p]
            return DONE
        link = sites.tree[tree, node]
    platoons.status[p] = AT_HOME
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
            code = share_out(event - 2 * n_links, time, roads, platoons, traffic, sites, trips, record, scratch)
            if code != DONE:
                schedule(traffic.heap_time, traffic.heap_id, counts, traffic.due, event, time)
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
    """Look at every contested junction now: something about the roads has changed."""
    for node in range(len(traffic.contested)):
        if traffic.contested[node]:
            wake(node, now + traffic.step[node], roads, traffic)


@njit(cache=True)
def miscounted(platoons, traffic, roads):
    """
    A platoon that is not exactly where it says, -1 where there is none.

    On the roads or waiting: once in the one queue it names. Ahead, safe, trapped or turned away: in no queue.
    """
    n_links = len(roads.tail)
    seen = np.zeros(len(platoons.status), np.int8)
    for queue in range(2 * n_links):
        p = traffic.first[queue]
        while p >= 0:
            if seen[p] or platoons.place[p] != queue:
                return p
            seen[p] = 1
            p = platoons.next[p]
    for p in range(len(platoons.status)):
        status = platoons.status[p]
        waits = status == ON_ROAD or (status == AT_HOME and platoons.place[p] >= 0)
        if waits != (seen[p] == 1):
            return p
    return -1
