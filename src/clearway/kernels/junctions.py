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

The state as in `clearway.kernels.traffic_tables`; modified in place.
"""

import numpy as np

from clearway.kernels.compiled import inlined
from clearway.kernels.crossing import arrive, cross, time_to_pass, turn_off, way_on
from clearway.kernels.event_queue import NEVER, schedule
from clearway.kernels.traffic_state import gap_time, make_room, put_last, take_first
from clearway.kernels.traffic_tables import ARRIVES, DONE, NEEDS_TREE, NO_WAY, SITE_FULL, TREE_WANTED, WANTED

LATE_PLATOONS = 8.0  # of its turns, a queue may make up for so many that it missed while it waited for another road


@inlined()
def may_leave(number, state):
    """Seconds from which the head of a queue can pass its junction, for all that it lies with the queue."""
    queue = state.queues[number]
    if number < len(state.links):  # a platoon may be early by the pace of one, so that platoons may come side by side
        return max(queue.ready, queue.out_free - state.links[number].pace)
    return queue.ready


@inlined()
def gives_up(p, number, state):
    """Whether somebody who finds no way on turns off the road: not those at home, nor those who are to wait."""
    return number < len(state.links) and state.platoons[p].fallback >= 0


@inlined()
def serve_queue(number, now, state):
    """Let the heads of a queue go on for as long as nothing is in their way."""
    n_links = len(state.links)
    queue = state.queues[number]
    while True:
        p = queue.first
        if p < 0:
            return DONE
        may_go = may_leave(number, state)
        if may_go > now:
            schedule(number, may_go, state)
            return DONE
        link = way_on(p, number, state)
        if link <= NEEDS_TREE:
            state.counts[WANTED] = NEEDS_TREE - link
            schedule(number, now, state)
            return TREE_WANTED
        if link == ARRIVES:
            if arrive(number, may_go, state) == SITE_FULL:
                schedule(number, now, state)
                return SITE_FULL
            continue
        if link == NO_WAY and gives_up(p, number, state):
            turn_off(number, may_go, state)
            continue
        if link == NO_WAY or state.links[link].rate <= 0.0:
            contest(queue.node, now, state)
            return DONE
        may_go = max(may_go, state.links[link].in_free - state.links[link].pace)
        if may_go <= now:
            may_go = max(may_go, make_room(link, now, state))
        if may_go > now:
            contest(queue.node, now, state)
            return DONE
        if number >= n_links and link != number - n_links:  # another way out of home
            take_first(number, state)
            put_last(p, n_links + link, now, state)
            continue
        cross(number, link, may_go, may_go, 0.0, state)


@inlined()
def contest(number, now, state):
    """Look at all queues of a junction together from now on; all begin level."""
    node = state.nodes[number]
    node.contested = 1
    node.since = now
    for k in range(node.n_in + node.n_out):
        queue = np.int64(state.at_node[node.start + k])
        schedule(queue, NEVER, state)
        state.queues[queue].sent = 0.0
    for k in range(node.n_in, node.n_in + node.n_out):
        road = state.links[state.at_node[node.start + k] - len(state.links)]
        road.clock = 0.0
        for pair in range(road.pair_start, road.pair_start + node.n_in + node.n_out):
            state.pairs[pair].tag = 0.0
            state.pairs[pair].mark = 0.0
    schedule(len(state.queues) + number, now, state)


@inlined()
def n_queues(number, state):
    """How many of a junction's queues somebody may be in: those at home come last, and mostly nobody is there."""
    node = state.nodes[number]
    return node.n_in + node.n_out if node.n_home > 0 else node.n_in


@inlined()
def serve_junction(number, now, state):
    """Let the heads of a contested junction's queues go on as far as they can by now."""
    node = state.nodes[number]
    event = len(state.queues) + number
    while True:
        code, has_moved, waits, soonest = look(number, now, state)
        if code != DONE:
            schedule(event, now, state)
            return code
        for j in range(node.n_out):
            turn = state.turns[j]
            if turn.queue >= 0:
                link = state.at_node[node.start + node.n_in + j] - len(state.links)
                queue = np.int64(state.at_node[node.start + turn.queue])
                take_turn(turn.queue, queue, link, turn.tag, state)
                cross(queue, link, turn.time, node.since, LATE_PLATOONS, state)
                has_moved = True
        if not has_moved:
            break
    if waits:
        schedule(event, soonest, state)
        return DONE
    node.contested = 0
    for k in range(n_queues(number, state)):
        queue = state.at_node[node.start + k]
        if state.queues[queue].first >= 0:
            schedule(queue, state.queues[queue].ready, state)
    return DONE


@inlined()
def look(number, now, state):
    """
    Find who enters each road next; those at their sites, and those who leave home another way, go at once.

    Returns
    -------
    code : DONE, TREE_WANTED or SITE_FULL
    has_moved : whether somebody went at once
    waits : whether somebody who is at the junction is still there
    soonest : seconds at which somebody more may be able to go; inf: when a gap comes, or something changes
    """
    n_links, node = len(state.links), state.nodes[number]
    has_moved, waits, soonest = False, False, np.inf
    for j in range(node.n_out):
        state.turns[j].queue = -1
    for k in range(n_queues(number, state)):
        at = np.int64(state.at_node[node.start + k])
        queue = state.queues[at]
        p = queue.first
        if p < 0:
            continue
        if queue.ready >= soonest > now:  # neither there nor the next to be
            continue
        may_go = may_leave(at, state)
        waits = waits or queue.ready <= now
        if may_go > now:
            soonest = min(soonest, may_go)
            continue
        link = way_on(p, at, state)
        if link <= NEEDS_TREE:
            state.counts[WANTED] = NEEDS_TREE - link
            return TREE_WANTED, has_moved, waits, soonest
        if link == ARRIVES:
            if arrive(at, may_go, state) == SITE_FULL:
                return SITE_FULL, has_moved, waits, soonest
            has_moved = True
            continue
        if link == NO_WAY and gives_up(p, at, state):
            turn_off(at, may_go, state)
            has_moved = True
            continue
        if link == NO_WAY or state.links[link].rate <= 0.0:
            continue
        if at >= n_links and link != at - n_links:  # another way out of home
            take_first(at, state)
            put_last(p, n_links + link, now, state)
            has_moved = True
            continue
        road = state.links[link]
        free = road.in_free - road.pace
        if free > now:
            soonest = min(soonest, free)
            continue
        room_since = make_room(link, now, state)
        if room_since == np.inf:
            soonest = min(soonest, gap_time(link, state))
            continue
        may_go = max(may_go, free, room_since)
        tag = turn_of(k, at, link, state)
        turn = state.turns[road.local]
        if turn.queue < 0 or tag < turn.tag or (tag == turn.tag and may_go < turn.time):
            turn.queue = k
            turn.tag = tag
            turn.time = may_go
    return DONE, has_moved, waits, soonest


@inlined()
def turn_of(k, queue, link, state):
    """
    The tag with which a queue competes for a road: the least goes first.

    Those at home count as a road as wide as the one they enter.
    """
    road = state.links[link]
    late = LATE_PLATOONS * state.links[state.queues[queue].link].pace
    return max(state.pairs[road.pair_start + k].tag, road.clock - late)


@inlined()
def take_turn(k, number, link, tag, state):
    """Note that the head of a queue enters a road: its next turn there is later by what the queue has sent since."""
    queue, road = state.queues[number], state.links[link]
    pair = state.pairs[road.pair_start + k]
    queue.sent += time_to_pass(state.platoons[queue.first].vehicles, queue.link, state)
    pair.tag = tag + queue.sent - pair.mark
    pair.mark = queue.sent
    road.clock = max(road.clock, tag)
