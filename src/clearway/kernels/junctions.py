"""
Junctions: who goes on when.

As long as nobody is in anybody's way, a junction hands platoons on queue by queue. Once someone has to wait, it is
*contested*: the heads of all its queues are looked at together until nobody waits. Each queue is first in, first out.
Those who wait for the same road enter it in the order of *tags*, as in start-time fair queueing [1]_. A queue's tag for
a road moves on, whenever it sends a platoon there, by all that the queue has sent since the last time, over its
capacity. So those who hold each other up send in proportion to their capacities, oriented by where their traffic goes:
on the average the flows are those of the oriented capacity proportional model [2]_. A road that is free is never kept
waiting for the others.

.. [1] Goyal, Vin, Cheng (1997), Start-time fair queueing: a scheduling algorithm for integrated services packet
       switching networks, IEEE/ACM Transactions on Networking 5(5): 690-704.
.. [2] Tampere, Corthout, Cattrysse, Immers (2011), A generic class of first order node models for dynamic macroscopic
       simulation of traffic flows, Transportation Research Part B 45: 289-309.

Arrays as in `clearway.kernels.traffic_tables`; modified in place.
"""

import numpy as np

from clearway.kernels.compiled import inlined
from clearway.kernels.crossing import arrive, cross, tolerance, turn_off, way_on
from clearway.kernels.event_queue import NEVER, schedule
from clearway.kernels.traffic_state import make_room, put_last, take_first
from clearway.kernels.traffic_tables import ARRIVES, DONE, NEEDS_TREE, NO_WAY, SITE_FULL, TREE_WANTED, WANTED

LATE_PLATOONS = 8.0  # of its turns, a queue may make up for so many that it missed while it waited for another road


@inlined()
def may_leave(queue, roads, platoons, traffic, trips):
    """Seconds from which the head of a queue can pass its junction, for all that it lies with the queue."""
    may_go = platoons.ready[traffic.first[queue]]
    if queue < len(roads.tail):
        may_go = max(may_go, traffic.out_free[queue] - tolerance(queue, roads, trips))
    return may_go


@inlined()
def gives_up(p, queue, roads, platoons):
    """Whether somebody who finds no way on turns off the road: not those at home, nor those who are to wait."""
    return queue < len(roads.tail) and platoons.fallback[p] >= 0


@inlined()
def serve_queue(queue, now, roads, platoons, traffic, sites, trips, record):
    """Let the heads of a queue go on for as long as nothing is in their way."""
    n_links = len(roads.tail)
    while True:
        p = traffic.first[queue]
        if p < 0:
            return DONE
        may_go = may_leave(queue, roads, platoons, traffic, trips)
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
        if link == NO_WAY and gives_up(p, queue, roads, platoons):
            turn_off(queue, may_go, roads, platoons, traffic, record)
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
        cross(queue, link, may_go, may_go, 0.0, roads, platoons, traffic, trips, record)


@inlined()
def contest(node, now, roads, traffic):
    """Look at all queues of a junction together from now on; all begin level."""
    n_links = len(roads.tail)
    traffic.contested[node] = True
    traffic.since[node] = now
    for i in range(roads.in_start[node], roads.in_start[node + 1]):
        traffic.due[roads.in_links[i]] = NEVER
        traffic.sent[roads.in_links[i]] = 0.0
    for i in range(roads.out_start[node], roads.out_start[node + 1]):
        link = roads.out_links[i]
        traffic.due[n_links + link] = NEVER
        traffic.sent[n_links + link] = 0.0
        traffic.clock[link] = 0.0
        for pair in range(roads.pair_start[link], roads.pair_start[link + 1]):
            traffic.tag[pair] = 0.0
            traffic.mark[pair] = 0.0
    event = 2 * n_links + node
    schedule(traffic.heap_time, traffic.heap_id, traffic.counts, traffic.due, event, now)


@inlined()
def queue_at(node, k, roads):
    """The queues of a junction by number: first the roads in, then those at home by the road they enter."""
    n_in = roads.in_start[node + 1] - roads.in_start[node]
    if k < n_in:
        return roads.in_links[roads.in_start[node] + k]
    return len(roads.tail) + roads.out_links[roads.out_start[node] + k - n_in]


@inlined()
def serve_junction(node, now, roads, platoons, traffic, sites, trips, record, scratch):
    """Let the heads of a contested junction's queues go on as far as they can by now."""
    n_links = len(roads.tail)
    first_out, end_out = roads.out_start[node], roads.out_start[node + 1]
    event = 2 * n_links + node
    while True:
        code, has_moved, waits, soonest = look(node, now, roads, platoons, traffic, sites, trips, record, scratch)
        if code != DONE:
            schedule(traffic.heap_time, traffic.heap_id, traffic.counts, traffic.due, event, now)
            return code
        for j in range(end_out - first_out):
            k = scratch.queue[j]
            if k >= 0:
                take_turn(node, k, roads.out_links[first_out + j], scratch.tag[j], roads, platoons, traffic)
                queue = queue_at(node, k, roads)
                link, time, since = roads.out_links[first_out + j], scratch.time[j], traffic.since[node]
                cross(queue, link, time, since, LATE_PLATOONS, roads, platoons, traffic, trips, record)
                has_moved = True
        if not has_moved:
            break
    if waits:
        schedule(traffic.heap_time, traffic.heap_id, traffic.counts, traffic.due, event, soonest)
        return DONE
    traffic.contested[node] = False
    for k in range(roads.in_start[node + 1] - roads.in_start[node] + end_out - first_out):
        queue = queue_at(node, k, roads)
        p = traffic.first[queue]
        if p >= 0:
            schedule(traffic.heap_time, traffic.heap_id, traffic.counts, traffic.due, queue, platoons.ready[p])
    return DONE


@inlined()
def look(node, now, roads, platoons, traffic, sites, trips, record, scratch):
    """
    Find who enters each road next; those at their sites, and those who leave home another way, go at once.

    Returns
    -------
    code : DONE, TREE_WANTED or SITE_FULL
    has_moved : whether somebody went at once
    waits : whether somebody who is at the junction is still there
    soonest : seconds at which somebody more may be able to go; inf: when a gap comes, or something changes
    """
    n_links = len(roads.tail)
    n_in = roads.in_start[node + 1] - roads.in_start[node]
    n_out = roads.out_start[node + 1] - roads.out_start[node]
    has_moved, waits, soonest = False, False, np.inf
    for j in range(n_out):
        scratch.queue[j] = -1
    for k in range(n_in + n_out):
        queue = queue_at(node, k, roads)
        p = traffic.first[queue]
        if p < 0:
            continue
        ready = platoons.ready[p]
        if ready >= soonest > now:  # neither there nor the next to be
            continue
        may_go = may_leave(queue, roads, platoons, traffic, trips)
        waits = waits or ready <= now
        if may_go > now:
            soonest = min(soonest, may_go)
            continue
        link = way_on(p, queue, roads, platoons, sites, trips)
        if link <= NEEDS_TREE:
            traffic.counts[WANTED] = NEEDS_TREE - link
            return TREE_WANTED, has_moved, waits, soonest
        if link == ARRIVES:
            if arrive(queue, may_go, roads, platoons, traffic, sites, record) == SITE_FULL:
                return SITE_FULL, has_moved, waits, soonest
            has_moved = True
            continue
        if link == NO_WAY and gives_up(p, queue, roads, platoons):
            turn_off(queue, may_go, roads, platoons, traffic, record)
            has_moved = True
            continue
        if link == NO_WAY or roads.rate[link] <= 0.0:
            continue
        if queue >= n_links and link != queue - n_links:  # another way out of home
            take_first(queue, traffic, platoons)
            put_last(p, n_links + link, now, roads, platoons, traffic)
            has_moved = True
            continue
        free = traffic.in_free[link] - tolerance(link, roads, trips)
        if free > now:
            soonest = min(soonest, free)
            continue
        room_since = make_room(link, now, roads, traffic)
        if room_since == np.inf:
            gap = traffic.gap_first[link]
            soonest = min(soonest, traffic.gap_time[gap]) if gap >= 0 else soonest
            continue
        j = roads.local[link]
        may_go = max(may_go, free, room_since)
        tag = turn_of(k, queue, link, roads, traffic, trips)
        if scratch.queue[j] < 0 or tag < scratch.tag[j] or (tag == scratch.tag[j] and may_go < scratch.time[j]):
            scratch.queue[j] = k
            scratch.tag[j] = tag
            scratch.time[j] = may_go
    return DONE, has_moved, waits, soonest


@inlined()
def width_of(queue, roads):
    """Vehicles a second of a queue; those at home count as a road as wide as the one they enter."""
    n_links = len(roads.tail)
    return roads.rate[queue] if queue < n_links else roads.rate[queue - n_links]


@inlined()
def turn_of(k, queue, link, roads, traffic, trips):
    """The tag with which a queue competes for a road: the least goes first."""
    late = LATE_PLATOONS * trips.nominal[0] / width_of(queue, roads)
    return max(traffic.tag[roads.pair_start[link] + k], traffic.clock[link] - late)


@inlined()
def take_turn(node, k, link, tag, roads, platoons, traffic):
    """Note that the head of a queue enters a road: its next turn there is later by what the queue has sent since."""
    queue = queue_at(node, k, roads)
    pair = roads.pair_start[link] + k
    traffic.sent[queue] += platoons.vehicles[traffic.first[queue]] / width_of(queue, roads)
    traffic.tag[pair] = tag + traffic.sent[queue] - traffic.mark[pair]
    traffic.mark[pair] = traffic.sent[queue]
    traffic.clock[link] = max(traffic.clock[link], tag)
