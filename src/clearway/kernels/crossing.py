"""
What a platoon does at the end of a queue: which way it goes on, and how it passes a junction or into a site.

Arrays as in `clearway.kernels.traffic_tables`; modified in place.
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
def tolerance(link, roads, trips):
    """Seconds a platoon may be early at a link: the pace of one, so that platoons may come side by side."""
    rate = roads.rate[link]
    return trips.nominal[0] / rate if rate > 0.0 else 0.0


@inlined()
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
        platoons.guide[p] = tree
    tree = tree_of(p, node, platoons, sites)
    if not sites.is_valid[tree]:
        return NEEDS_TREE - tree
    platoons.guide[p] = tree
    if sites.target[tree, node] >= 0:
        platoons.site[p] = sites.target[tree, node]
        return ARRIVES
    return sites.tree[tree, node]


@inlined()
def tree_of(p, node, platoons, sites):
    """The tree that somebody without a route follows: where no way leads to their own site, to any in direction."""
    tree = platoons.guide[p]
    if sites.is_valid[tree] and sites.target[tree, node] < 0 and sites.tree[tree, node] < 0:
        return platoons.fallback[p] if platoons.fallback[p] >= 0 else tree
    return tree


@inlined()
def leave_queue(queue, time, since, roads, platoons, traffic, record):
    """Take the head off a queue at ``time``; what could have left before ``since`` is lost. Returns the head."""
    n_links = len(roads.tail)
    p = take_first(queue, traffic, platoons)
    if queue < n_links:
        note_exit(queue, p, time, platoons, record)
        send_gap(queue, time, platoons.vehicles[p], roads, traffic)
        traffic.last_time[queue] = time - platoons.entered[p]
        if roads.rate[queue] > 0.0:
            traffic.out_free[queue] = max(traffic.out_free[queue], since) + platoons.vehicles[p] / roads.rate[queue]
    elif platoons.left_home[p] == np.inf:
        platoons.left_home[p] = time
    return p


@inlined()
def cross(queue, link, time, since, late, roads, platoons, traffic, trips, record):
    """
    Let the head of a queue pass a junction into a link at ``time``.

    What the queue could have sent, or the link taken, before ``since`` is lost, and so is what exceeds ``late``
    platoons.
    """
    since_out = min(time, max(since, time - late * tolerance(queue, roads, trips))) if queue < len(roads.tail) else time
    since_in = min(time, max(since, time - late * tolerance(link, roads, trips)))
    p = leave_queue(queue, time, since_out, roads, platoons, traffic, record)
    vehicles = platoons.vehicles[p]
    platoons.status[p] = ON_ROAD
    platoons.entered[p] = time
    platoons.leg[p] += 1
    traffic.held[link] += vehicles
    traffic.in_free[link] = max(traffic.in_free[link], since_in) + vehicles / roads.rate[link]
    note_entry(link, time, vehicles, record)
    put_last(p, link, time + roads.travel_time[link], roads, platoons, traffic)


@inlined()
def turn_off(queue, time, roads, platoons, traffic, record):
    """Let the head of a road that knows no way on leave the road, and those behind it go by: it is turned away."""
    p = leave_queue(queue, time, time, roads, platoons, traffic, record)
    platoons.status[p] = TURNED_AWAY
    platoons.arrived[p] = time
    platoons.node[p] = roads.head[queue]


@inlined()
def arrive(queue, time, roads, platoons, traffic, sites, record):
    """Let the head of a queue into its site; SITE_FULL where it no longer has the beds, which changes nothing yet."""
    p = traffic.first[queue]
    site = platoons.site[p]
    persons = platoons.persons[p]
    is_shut = sites.opens[site] == np.inf
    if not is_shut and sites.beds[site] + BED_TOLERANCE * max(persons, 1.0) < persons:
        traffic.counts[WANTED] = site
        return SITE_FULL
    leave_queue(queue, time, time, roads, platoons, traffic, record)
    if is_shut:
        platoons.status[p] = TURNED_AWAY
        platoons.arrived[p] = time
    else:
        platoons.status[p] = SAFE
        platoons.arrived[p] = max(time, sites.opens[site])
        sites.beds[site] -= persons
    return DONE
