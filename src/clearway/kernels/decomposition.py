"""From a flow over time, link by link, to routes with departures in each slot."""

import numpy as np
from numba import njit

from clearway.kernels.compiled import inlined_counting


@inlined_counting()
def _push(flow, rho, links, begin, end, slot, amount):
    """Take ``amount`` off the flow along ``links[begin:end]`` entered in ``slot``. Modified in place."""
    for i in range(begin, end):
        link = links[i]
        flow[link, slot] -= amount
        slot += rho[link]


@inlined_counting()
def _narrowest(flow, rho, links, begin, end, slot, amount):
    """The most, up to ``amount``, that a route entered in ``slot`` carries, and the slot in which it arrives."""
    n_slots = flow.shape[1]
    for i in range(begin, end):
        if slot >= n_slots:
            return 0, slot
        link = links[i]
        amount = min(amount, flow[link, slot])
        if amount <= 0:
            return 0, slot
        slot += rho[link]
    return amount, slot


@inlined_counting()
def _is_route(pool_links, begin, end, walk, length):
    """Whether a route is the walk."""
    if end - begin != length:
        return False
    for i in range(length):
        if pool_links[begin + i] != walk[i]:
            return False
    return True


@njit(cache=True)
def decompose(flow, rho, link_head, out_start, out_links, departures, zone_node, arrivals, site_start):
    """
    Split a flow over time into routes, keeping each zone on the ways it already uses.

    A flow over time without waiting on the way is a flow in the network of (node, slot) pairs; it splits into paths
    (Ford & Fulkerson 1958). Slots are slots of shifted time. Of several ways on, those to nodes not passed yet come
    first.

    Parameters
    ----------
    flow : int64[n_links, n_slots]
        Vehicles (in any whole unit) that enter each link in each slot. Modified in place: what is left was a cycle.
    rho : int64[n_links]
        Slots that each link takes.
    link_head : int64[n_links]
    out_start, out_links : forward star by tail.
    departures : int64[n_zones, n_slots]
        Modified in place: what is left could not be traced.
    zone_node : int64[n_zones]
    arrivals : int64[n_sites, n_slots]
        Modified in place.
    site_start : int64[n_nodes + 1]
        Sites at node v are ``site_start[v]`` to ``site_start[v + 1]`` (exclusive).

    Returns
    -------
    route_zone, route_site : int64[n_routes]
    route_start : int64[n_routes + 1]
    route_links : int64[...]
    block_route, block_slot, block_amount : int64[n_blocks]
        Amounts leaving by a route in a slot.
    """
    n_zones, n_slots = departures.shape
    n_nodes = len(site_start) - 1
    pool_links = np.empty(1 << 16, np.int64)
    pool_size = 0
    route_zone = np.empty(1 << 10, np.int64)
    route_site = np.empty(1 << 10, np.int64)
    route_start = np.empty((1 << 10) + 1, np.int64)
    next_of_zone = np.empty(1 << 10, np.int64)  # chain of a zone's routes, latest used first
    route_start[0] = 0
    n_routes = 0
    first_of_zone = np.full(n_zones, -1, np.int64)
    block_route = np.empty(1 << 12, np.int64)
    block_slot = np.empty(1 << 12, np.int64)
    block_amount = np.empty(1 << 12, np.int64)
    n_blocks = 0
    n_walks = 0
    stamp_walk = np.zeros(n_nodes, np.int64)  # the walk that last visited a node, where in it and when
    stamp = np.full(n_nodes, -1, np.int64)
    stamp_slot = np.full(n_nodes, -1, np.int64)
    walk = np.empty(n_nodes * 4 + 16, np.int64)
    walk_slot = np.empty(n_nodes * 4 + 16, np.int64)
    walk_node = np.empty(n_nodes * 4 + 16, np.int64)

    for slot in range(n_slots):
        for zone in range(n_zones):
            route = first_of_zone[zone]
            while departures[zone, slot] > 0 and route >= 0:
                begin, end = route_start[route], route_start[route + 1]
                site = route_site[route]
                amount, arrive = _narrowest(flow, rho, pool_links, begin, end, slot, departures[zone, slot])
                if amount > 0 and arrive < n_slots:
                    amount = min(amount, arrivals[site, arrive])
                    if amount > 0:
                        _push(flow, rho, pool_links, begin, end, slot, amount)
                        departures[zone, slot] -= amount
                        arrivals[site, arrive] -= amount
                        if n_blocks == len(block_route):
                            block_route = np.concatenate((block_route, np.empty_like(block_route)))
                            block_slot = np.concatenate((block_slot, np.empty_like(block_slot)))
                            block_amount = np.concatenate((block_amount, np.empty_like(block_amount)))
                        block_route[n_blocks], block_slot[n_blocks], block_amount[n_blocks] = route, slot, amount
                        n_blocks += 1
                route = next_of_zone[route]
            while departures[zone, slot] > 0:
                node, at, length, site = zone_node[zone], slot, 0, -1
                n_walks += 1
                stuck = False
                while True:
                    if length > 0:
                        for other in range(site_start[node], site_start[node + 1]):
                            if arrivals[other, at] > 0:
                                site = other
                                break
                    if site >= 0:
                        break
                    if stamp_walk[node] == n_walks and stamp_slot[node] == at:  # a cycle within the slot: cancel it
                        back = stamp[node]
                        amount = flow[walk[back], walk_slot[back]]
                        for i in range(back, length):
                            amount = min(amount, flow[walk[i], walk_slot[i]])
                        for i in range(back, length):
                            flow[walk[i], walk_slot[i]] -= amount
                        for i in range(back, length):
                            stamp_walk[walk_node[i]] = 0
                        length = back
                    stamp_walk[node], stamp[node], stamp_slot[node] = n_walks, length, at
                    best, widest, is_new = -1, 0, False
                    for i in range(out_start[node], out_start[node + 1]):
                        link = out_links[i]
                        width, leads_on = flow[link, at], stamp_walk[link_head[link]] != n_walks
                        if width > 0 and (leads_on > is_new or (leads_on == is_new and width > widest)):
                            best, widest, is_new = link, width, leads_on
                    if best < 0 or length >= len(walk) - 1:
                        stuck = True
                        break
                    walk[length], walk_slot[length], walk_node[length] = best, at, node
                    length += 1
                    node = link_head[best]
                    at += rho[best]
                if stuck:
                    if length == 0:
                        break
                    flow[walk[length - 1], walk_slot[length - 1]] = 0  # leads nowhere: what rounding left of a flow
                    continue
                amount = min(departures[zone, slot], arrivals[site, at])
                for i in range(length):
                    amount = min(amount, flow[walk[i], walk_slot[i]])
                for i in range(length):
                    flow[walk[i], walk_slot[i]] -= amount
                departures[zone, slot] -= amount
                arrivals[site, at] -= amount
                route = first_of_zone[zone]
                while route >= 0 and (
                    route_site[route] != site
                    or not _is_route(pool_links, route_start[route], route_start[route + 1], walk, length)
                ):
                    route = next_of_zone[route]
                if route < 0:
                    route = n_routes
                    if n_routes == len(route_zone):
                        route_zone = np.concatenate((route_zone, np.empty_like(route_zone)))
                        route_site = np.concatenate((route_site, np.empty_like(route_site)))
                        next_of_zone = np.concatenate((next_of_zone, np.empty_like(next_of_zone)))
                        route_start = np.concatenate((route_start, np.empty(n_routes, np.int64)))
                    while pool_size + length > len(pool_links):
                        pool_links = np.concatenate((pool_links, np.empty_like(pool_links)))
                    for i in range(length):
                        pool_links[pool_size + i] = walk[i]
                    pool_size += length
                    route_zone[route], route_site[route] = zone, site
                    next_of_zone[route] = first_of_zone[zone]
                    first_of_zone[zone] = route
                    n_routes += 1
                    route_start[n_routes] = pool_size
                if n_blocks == len(block_route):
                    block_route = np.concatenate((block_route, np.empty_like(block_route)))
                    block_slot = np.concatenate((block_slot, np.empty_like(block_slot)))
                    block_amount = np.concatenate((block_amount, np.empty_like(block_amount)))
                block_route[n_blocks], block_slot[n_blocks], block_amount[n_blocks] = route, slot, amount
                n_blocks += 1
    return (
        route_zone[:n_routes].copy(),
        route_site[:n_routes].copy(),
        route_start[: n_routes + 1].copy(),
        pool_links[:pool_size].copy(),
        block_route[:n_blocks].copy(),
        block_slot[:n_blocks].copy(),
        block_amount[:n_blocks].copy(),
    )
