"""Fitting departures along routes into what each link can still take, exactly in continuous time."""

import numpy as np
from numba import njit


@njit(cache=True)
def route_offsets(route_start, route_links, tau, potential, tail, head, bin_s):
    """
    Where in shifted time each route enters its links.

    A vehicle that leaves in bin k of its zone's shifted time enters the i-th link of its route in the bins k + whole[i]
    and, where ``split[i]``, k + whole[i] + 1.

    Parameters
    ----------
    route_start, route_links : routes in compressed form
    tau : float64[n_links]
        Free-flow times, seconds.
    potential : float64[n_nodes]
        Seconds added to real time to get a node's shifted time.
    tail, head : int64[n_links]
    bin_s : float

    Returns
    -------
    whole : int64[len(route_links)]
    split : bool[len(route_links)]
    detour : float64[n_routes]
        Shifted seconds from departure to arrival.
    """
    whole = np.empty(len(route_links), np.int64)
    split = np.empty(len(route_links), np.bool_)
    detour = np.empty(len(route_start) - 1)
    for route in range(len(route_start) - 1):
        shift = 0.0
        for i in range(route_start[route], route_start[route + 1]):
            link = route_links[i]
            bins = shift / bin_s
            near = np.round(bins)
            if abs(bins - near) < 1e-7:
                whole[i], split[i] = int(near), False
            else:
                whole[i], split[i] = int(np.floor(bins)), True
            shift += tau[link] + potential[head[link]] - potential[tail[link]]
        detour[route] = shift
    return whole, split, detour


@njit(cache=True)
def _room(free, links, whole, split, k):
    """The rate at which a route can still be entered during bin k."""
    n_bins = free.shape[1]
    room = np.inf
    for i in range(len(links)):
        at = k + whole[i]
        if at + split[i] >= n_bins:
            return 0.0
        room = min(room, free[links[i], at])
        if split[i]:
            room = min(room, free[links[i], at + 1])
        if room <= 0.0:
            return 0.0
    return room


@njit(cache=True)
def _take(free, links, whole, split, k, rate, before, after):
    """
    Reserve ``rate`` in bin k. Where the route takes ``before`` in bin k - 1 and ``after`` in k + 1, the bins they share on
    a link that is entered off the grid carry the larger of the two rates at any instant, not their sum.
    """
    for i in range(len(links)):
        at = k + whole[i]
        if split[i]:
            free[links[i], at] -= max(0.0, rate - before)
            free[links[i], at + 1] -= max(0.0, rate - after)
        else:
            free[links[i], at] -= rate


@njit(cache=True)
def fit_routes(
    free, route_order, route_zone, route_site, route_start, route_links, whole, split, wanted, usable, left, beds, persons
):
    """
    Fit wanted departure rates into free link rates, route after route.

    Parameters
    ----------
    free : float64[n_links, n_bins]
        Vehicles per second each link can still take in each bin of its tail's shifted time. Modified in place.
    route_order : int64[...]
        The routes to fit, first come first served.
    route_zone, route_site, route_start, route_links, whole, split : routes, see `route_offsets`
    wanted : float32[n_routes, n_bins]
        Vehicles per second. Modified in place: what was fitted.
    usable : int64[n_routes, 2]
        First and last + 1 bin in which a route may be entered.
    left : float64[n_zones]
        Vehicle-bins (rate x bins) each zone still has to send. Modified in place.
    beds : float64[n_sites]
        Persons x bins / second each site can still take. Modified in place.
    persons : float64[n_zones]
        Persons per vehicle.
    """
    n_bins = free.shape[1]
    for at in range(len(route_order)):
        route = route_order[at]
        begin, end = route_start[route], route_start[route + 1]
        links, first, halved = route_links[begin:end], whole[begin:end], split[begin:end]
        zone, site = route_zone[route], route_site[route]
        fitted = np.zeros(n_bins + 1, np.float64)
        for k in range(max(0, usable[route, 0]), min(n_bins, usable[route, 1])):
            if wanted[route, k] <= 0.0:
                continue
            room = _room(free, links, first, halved, k)
            rate = min(wanted[route, k], room, left[zone], beds[site] / persons[zone])
            if rate > 0.0:
                fitted[k] = rate
                left[zone] -= rate
                beds[site] -= rate * persons[zone]
        for k in range(n_bins):
            wanted[route, k] = fitted[k]
            if fitted[k] > 0.0:
                for i in range(len(links)):
                    bin_ = k + first[i]
                    if halved[i]:
                        free[links[i], bin_] -= max(0.0, fitted[k] - (fitted[k - 1] if k > 0 else 0.0))
                        free[links[i], bin_ + 1] -= fitted[k]
                    else:
                        free[links[i], bin_] -= fitted[k]


@njit(cache=True)
def fill_routes(free, zone_start, zone_routes, route_site, route_start, route_links, whole, split, usable, left, beds, persons, smallest):
    """
    Send what zones still have by any of their routes as early as there is room, bin after bin.

    Parameters are those of `fit_routes`; routes of zone z are ``zone_routes[zone_start[z]:zone_start[z + 1]]``, best first.
    ``smallest`` is the least rate (vehicles per second) worth a movement.

    Returns
    -------
    block_route, block_bin : int64[n_blocks], block_rate : float64[n_blocks]
    """
    n_bins = free.shape[1]
    n_zones = len(left)
    block_route = np.empty(1024, np.int64)
    block_bin = np.empty(1024, np.int64)
    block_rate = np.empty(1024, np.float64)
    n_blocks = 0
    for k in range(n_bins):
        for zone in range(n_zones):
            if left[zone] <= 0.0:
                continue
            for at in range(zone_start[zone], zone_start[zone + 1]):
                route = zone_routes[at]
                if k < usable[route, 0] or k >= usable[route, 1]:
                    continue
                site = route_site[route]
                rate = min(left[zone], beds[site] / persons[zone])
                if rate <= 0.0:
                    continue
                begin, end = route_start[route], route_start[route + 1]
                links, first, halved = route_links[begin:end], whole[begin:end], split[begin:end]
                rate = min(rate, _room(free, links, first, halved, k))
                if rate < smallest and rate < left[zone]:
                    continue
                _take(free, links, first, halved, k, rate, 0.0, 0.0)
                left[zone] -= rate
                beds[site] -= rate * persons[zone]
                if n_blocks == len(block_route):
                    block_route = np.concatenate((block_route, np.empty_like(block_route)))
                    block_bin = np.concatenate((block_bin, np.empty_like(block_bin)))
                    block_rate = np.concatenate((block_rate, np.empty_like(block_rate)))
                block_route[n_blocks], block_bin[n_blocks], block_rate[n_blocks] = route, k, rate
                n_blocks += 1
                if left[zone] <= 0.0:
                    break
    return block_route[:n_blocks].copy(), block_bin[:n_blocks].copy(), block_rate[:n_blocks].copy()
