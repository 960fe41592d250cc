"""
Routes without loops: whoever would drive round in a circle waits at home instead, where roads have room for it.

A flow in slots has no waiting on the way, so it waits by driving round where that is as good. Waiting at home mostly is
as good too: without changes of capacity no flow over time needs any other (Ford & Fulkerson 1958).
"""

import numpy as np
from numba import njit


@njit(cache=True)
def cut_loops(route_start, route_links, tail, head, rho):
    """
    The routes without their loops, and the slots that these take.

    Parameters
    ----------
    route_start, route_links : routes in compressed form, none empty; they end elsewhere than they begin
    tail, head, rho : int64[n_links]
        Ends of links and the slots that each takes.

    Returns
    -------
    start, links : routes in compressed form
    late : int64[n_routes]
        Slots that a route's loops take.
    """
    n_routes = len(route_start) - 1
    start, links = np.zeros(n_routes + 1, np.int64), np.empty_like(route_links)
    late = np.zeros(n_routes, np.int64)
    place = np.full(max(tail.max(), head.max()) + 1 if len(tail) else 0, -1, np.int64)  # of a node on the way
    size = 0
    for route in range(n_routes):
        first = size
        place[tail[route_links[route_start[route]]]] = first
        for link in route_links[route_start[route] : route_start[route + 1]]:
            node = head[link]
            if place[node] < 0:
                links[size] = link
                size += 1
                place[node] = size
                continue
            late[route] += rho[link]
            while size > place[node]:  # the loop that ends here
                size -= 1
                late[route] += rho[links[size]]
                place[head[links[size]]] = -1
            place[node] = size
        place[tail[route_links[route_start[route]]]] = -1
        place[head[links[first:size]]] = -1
        start[route + 1] = size
    return start, links[:size].copy(), late


@njit(cache=True)
def _take(free, rho, links, slot, amount):
    """Take room along a route entered in ``slot``. Modified in place."""
    for link in links:
        free[link, slot] -= amount
        slot += rho[link]


@njit(cache=True)
def _take_most(free, rho, links, slot, amount):
    """Take the most room, up to ``amount``, that there is along a route entered in ``slot``; how much that is."""
    at = slot
    for link in links:
        amount = min(amount, free[link, at])
        if amount <= 0:
            return 0
        at += rho[link]
    _take(free, rho, links, slot, amount)
    return amount


@njit(cache=True)
def _noted(found, size, route, slot, amount):
    """A list of blocks, int64[n, 3], with one more."""
    if size == len(found):
        found = np.concatenate((found, np.empty_like(found)))
    found[size, 0], found[size, 1], found[size, 2] = route, slot, amount
    return found


@njit(cache=True)
def wait_at_home(
    free, rho, start, links, cut_start, cut, late, zone, may_depart, site, may_arrive, travel, route, slot, units
):
    """
    Take routes' loops out of blocks, as far as there is room for those who leave by so much later, or a little less.

    Parameters
    ----------
    free : int64[n_links, n_slots]
        Room that blocks leave. Modified in place.
    rho : int64[n_links]
        Slots that each link takes.
    start, links, cut_start, cut, late
        Routes before and after `cut_loops`.
    zone, site : int64[n_routes]; may_depart : bool[n_zones, n_slots]; may_arrive : bool[n_sites, n_slots]
    travel : int64[n_routes]
        Slots that a route takes without its loops.
    route, slot, units : int64[n_blocks]
        Amounts leaving by a route in a slot. ``units`` is modified in place: what is left drives round.

    Returns
    -------
    int64[n, 3]
        Route, slot and amount of what leaves by routes without loops.
    """
    size, found = 0, np.empty((1024, 3), np.int64)
    for block in range(len(route)):
        r = route[block]
        if late[r] == 0 or units[block] == 0:
            continue
        round_about, straight = links[start[r] : start[r + 1]], cut[cut_start[r] : cut_start[r + 1]]
        _take(free, rho, round_about, slot[block], -units[block])
        for k in range(slot[block] + late[r], slot[block] - 1, -1):
            if units[block] == 0:
                break
            if not may_depart[zone[r], k] or not may_arrive[site[r], k + travel[r]]:
                continue
            amount = _take_most(free, rho, straight, k, units[block])
            if amount > 0:
                units[block] -= amount
                found = _noted(found, size, r, k, amount)
                size += 1
        _take(free, rho, round_about, slot[block], units[block])
    return found[:size].copy()


@njit(cache=True)
def go_another_way(
    free, rho, start, links, late, zone, may_depart, site, may_arrive, beds, travel, own_start, own, route, slot, units,
    end, most,
):  # fmt: skip
    """
    Let those who drive round take other routes of their zone, whenever there is room.

    Parameters are those of `wait_at_home`, routes those before `cut_loops`; those of zone z, best first, are
    ``own[own_start[z]:own_start[z + 1]]``; ``beds`` int64[n_sites] is how many units each site can still take.
    They arrive before the slot ``end``, and no more than ``most`` slots of routes are tried. ``free``, ``units`` and
    ``beds`` are modified in place.

    Returns
    -------
    int64[n, 3]
        Route, slot and amount of what leaves by routes without loops.
    """
    size, found, tried = 0, np.empty((1024, 3), np.int64), 0
    for block in range(len(route)):
        r = route[block]
        if late[r] == 0 or units[block] == 0:
            continue
        if tried > most:
            break
        z = zone[r]
        round_about = links[start[r] : start[r + 1]]
        _take(free, rho, round_about, slot[block], -units[block])
        for at in range(own_start[z], own_start[z + 1]):
            other = own[at]
            if late[other] > 0:
                continue
            way = links[start[other] : start[other + 1]]
            for k in range(end - 1 - travel[other], -1, -1):
                if units[block] == 0:
                    break
                tried += 1
                if not may_depart[z, k] or not may_arrive[site[other], k + travel[other]]:
                    continue
                most = units[block] if site[other] == site[r] else min(units[block], beds[site[other]])
                amount = _take_most(free, rho, way, k, most)
                if amount > 0:
                    units[block] -= amount
                    beds[site[other]] -= amount
                    beds[site[r]] += amount
                    found = _noted(found, size, other, k, amount)
                    size += 1
        _take(free, rho, round_about, slot[block], units[block])
    return found[:size].copy()


@njit(cache=True)
def drive(flow, rho, start, links, route, slot, units):
    """
    Add what leaves by routes in slots to a flow.

    Parameters
    ----------
    flow : int64[n_links, n_slots]
        Modified in place.
    rho, start, links, route, slot, units : see `wait_at_home`
    """
    for block in range(len(route)):
        r = route[block]
        _take(flow, rho, links[start[r] : start[r + 1]], slot[block], -units[block])
