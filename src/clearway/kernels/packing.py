"""Fitting departures along routes into what each link can still take, exactly in continuous time."""

import numpy as np
from numba import njit

from clearway.kernels.compiled import inlined_counting


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


@inlined_counting()
def _room(free, used, route, links, whole, split, begin, end, k, likely, least):
    """
    By how much a route can be entered faster during bin k (0 where by less than ``least``), and its narrowest link.

    The route's links are ``links[begin:end]``; number ``likely`` is looked at before the others: what was full in the
    bin before mostly still is.

    On a link entered off the grid two neighbouring bins of the route share a bin, which carries the larger of their
    rates at any instant, not the sum; ``used`` float64[n_routes, n_bins] is the routes' rates so far.
    """
    n_bins = free.shape[1]
    now = used[route, k]
    # what the neighbours have reserved already in the bins shared with them
    before = max(0.0, used[route, k - 1] - now) if k > 0 else 0.0
    after = max(0.0, used[route, k + 1] - now) if k + 1 < n_bins else 0.0
    room, narrowest = np.inf, likely
    for step in range(begin - 1, end):
        i = likely if step < begin else step
        at = k + whole[i]
        if at + split[i] >= n_bins:
            return 0.0, i
        here = free[links[i], at]
        if split[i]:
            here = min(here + before, free[links[i], at + 1] + after)
        if here < room:
            room, narrowest = here, i
            if room <= 0.0 or room < least:
                return 0.0, i
    return room, narrowest


@inlined_counting()
def _take(free, used, route, links, whole, split, begin, end, k, rate):
    """Let a route be entered faster during bin k. ``free`` and ``used`` are modified in place."""
    now = used[route, k]
    before = max(0.0, used[route, k - 1] - now) if k > 0 else 0.0
    after = max(0.0, used[route, k + 1] - now) if k + 1 < used.shape[1] else 0.0
    for i in range(begin, end):
        at = k + whole[i]
        if split[i]:
            free[links[i], at] -= max(0.0, rate - before)
            free[links[i], at + 1] -= max(0.0, rate - after)
        else:
            free[links[i], at] -= rate
    used[route, k] = now + rate


@njit(cache=True)
def _arrives(may_arrive, site, k, arrive_bin, arrive_split):
    """Whether vehicles that leave in bin k arrive while the site is open."""
    first = k + arrive_bin
    if first + arrive_split >= may_arrive.shape[1] or not may_arrive[site, first]:
        return False
    return not arrive_split or may_arrive[site, first + 1]


@njit(cache=True)
def fit_routes(
    free,
    used,
    order,
    zone,
    site,
    start,
    links,
    whole,
    split,
    wanted,
    may_depart,
    may_arrive,
    arrive_bin,
    arrive_split,
    left,
    beds,
    persons,
):
    """
    Fit wanted departure rates into free link rates, route after route.

    Parameters
    ----------
    free : float64[n_links, n_bins]
        Vehicles per second each link can still take in each bin of its tail's shifted time. Modified in place.
    used : float64[n_routes, n_bins]
        Vehicles per second that enter each route. Modified in place.
    order : int64[...]
        The routes to fit, first come first served.
    zone, site : int64[n_routes]; start, links : routes in compressed form; whole, split : see `route_offsets`
    wanted : float64[n_routes, n_bins]
        Vehicles per second.
    may_depart : bool[n_zones, n_bins], may_arrive : bool[n_sites, n_bins]
    arrive_bin : int64[n_routes], arrive_split : bool[n_routes]
        Arrivals of bin k fall in bin k + arrive_bin and, where split, the next.
    left : float64[n_zones]
        Vehicle-bins (rate x bins) each zone still has to send. Modified in place.
    beds : float64[n_sites]
        Beds left, as persons / bin length. Modified in place.
    persons : float64[n_zones]
        Persons per vehicle.
    """
    for at in range(len(order)):
        r = order[at]
        begin, end = start[r], start[r + 1]
        narrowest = begin
        for k in range(free.shape[1]):
            if wanted[r, k] <= 0.0 or not may_depart[zone[r], k]:
                continue
            if not _arrives(may_arrive, site[r], k, arrive_bin[r], arrive_split[r]):
                continue
            room, narrowest = _room(free, used, r, links, whole, split, begin, end, k, narrowest, 0.0)
            rate = min(wanted[r, k], room, left[zone[r]], beds[site[r]] / persons[zone[r]])
            if rate > 0.0:
                _take(free, used, r, links, whole, split, begin, end, k, rate)
                left[zone[r]] -= rate
                beds[site[r]] -= rate * persons[zone[r]]


@njit(cache=True)
def fill_routes(
    free,
    used,
    group_start,
    group_routes,
    zone,
    site,
    start,
    links,
    whole,
    split,
    may_depart,
    may_arrive,
    arrive_bin,
    arrive_split,
    left,
    beds,
    persons,
    smallest,
):
    """
    Send what groups of routes still have to send so that it arrives as early as there is room, bin after bin.

    Parameters are those of `fit_routes`; routes of group g are ``group_routes[group_start[g]:group_start[g + 1]]``,
    best first, and ``left`` is float64[n_groups]. ``smallest`` is the least rate (vehicles per second) worth while.
    """
    narrowest = start[:-1].copy()
    for arrival in range(free.shape[1]):
        for group in range(len(left)):
            if left[group] <= 0.0:
                continue
            for at in range(group_start[group], group_start[group + 1]):
                r = group_routes[at]
                k = arrival - arrive_bin[r]
                if k < 0 or not may_depart[zone[r], k]:
                    continue
                if not _arrives(may_arrive, site[r], k, arrive_bin[r], arrive_split[r]):
                    continue
                begin, end = start[r], start[r + 1]
                room, narrowest[r] = _room(
                    free, used, r, links, whole, split, begin, end, k, narrowest[r], min(smallest, left[group])
                )
                rate = min(room, left[group], beds[site[r]] / persons[zone[r]])
                if rate <= 0.0 or (rate < smallest and rate < left[group]):
                    continue
                _take(free, used, r, links, whole, split, begin, end, k, rate)
                left[group] -= rate
                beds[site[r]] -= rate * persons[zone[r]]
                if left[group] <= 0.0:
                    break


@njit(cache=True)
def smooth_rates(wanted, may_depart, zone, reach, spreads):
    """
    Moving averages of departure rates, so that they change little from bin to bin.

    Links whose capacity is the same all along carry the average of what they carry at several times. So do routes
    when the rates of all of them are averaged alike; what changes little fits into true travel times nearly as well
    as into rounded ones. Each route's rates are mirrored wherever its zone may not depart, and, unless its rates may
    spread to them, at the bins beside those that it uses: its vehicles stay the same.

    Parameters
    ----------
    wanted : float64[n_routes, n_bins]
        Vehicles per second. Modified in place.
    may_depart : bool[n_zones, n_bins]
    zone : int64[n_routes]
    reach : int
        Bins on either side that are averaged.
    spreads : bool[n_routes]
        Whether a route may be used in ``reach`` bins more on either side: then a link that it shares with others
        carries no more than before at the route's beginning and end too.
    """
    n_bins = wanted.shape[1]
    total = np.empty(n_bins + 1)
    for r in range(len(wanted)):
        open_now = may_depart[zone[r]]
        first, last = 0, n_bins
        while first < n_bins and wanted[r, first] == 0.0:
            first += 1
        while last > first and wanted[r, last - 1] == 0.0:
            last -= 1
        if first < last and spreads[r]:
            first, last = max(0, first - reach), min(n_bins, last + reach)
        begin = first
        while begin < last:
            if not open_now[begin]:
                begin += 1
                continue
            end = begin
            while end < last and open_now[end]:
                end += 1
            n = end - begin
            m = min(reach, n // 2)
            if m > 0:
                total[0] = 0.0
                for i in range(n):
                    total[i + 1] = total[i] + wanted[r, begin + i]
                for i in range(n):
                    low, high = i - m, i + m + 1
                    amount = total[min(high, n)] - total[max(low, 0)]
                    if low < 0:  # mirrored: bins 0 .. -low - 1
                        amount += total[-low]
                    if high > n:
                        amount += total[n] - total[2 * n - high]
                    wanted[r, begin + i] = amount / (2 * m + 1)
            begin = end


@njit(cache=True)
def rates_of_movements(route, from_s, until_s, vehicles, slot_s, n_routes, n_slots):
    """
    The mean rate at which movements enter each route in each slot: float64[n_routes, n_slots], vehicles per second.

    ``from_s`` and ``until_s`` are float64[n_movements] in the time that the slots are cut of.
    """
    rates = np.zeros((n_routes, n_slots))
    for i in range(len(route)):
        a, b = from_s[i] / slot_s, until_s[i] / slot_s
        rate = vehicles[i] / (until_s[i] - from_s[i])
        for k in range(max(0, int(np.floor(a + 1e-9))), min(n_slots, int(np.ceil(b - 1e-9)))):
            rates[route[i], k] += rate * (min(b, k + 1.0) - max(a, float(k)))
    return rates
