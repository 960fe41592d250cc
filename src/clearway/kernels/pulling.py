"""Moving the last departures into room that earlier plans of rates have left, in continuous time."""

import numpy as np
from numba import njit


@njit(cache=True)
def room_in_bins(row, from_s, rate, n_rows, n_bins, bin_s):
    """
    The least rate at which each link can still be entered at any time of each bin.

    Parameters
    ----------
    row : int64[n_pieces]
        The link's row, rising; -1: not wanted.
    from_s : float64[n_pieces]
        From when on, until the link's next piece or for good; rising within a row.
    rate : float64[n_pieces]
        Vehicles per second.

    Returns
    -------
    float64[n_rows, n_bins]
        Vehicles per second, never below 0.
    """
    free = np.full((n_rows, n_bins), np.inf)
    for i in range(len(row)):
        if row[i] < 0:
            continue
        until = from_s[i + 1] if i + 1 < len(row) and row[i + 1] == row[i] else np.inf
        first = max(0, int(np.floor(from_s[i] / bin_s)))
        last = n_bins if until >= n_bins * bin_s else int(np.ceil(until / bin_s))
        for k in range(first, min(last, n_bins)):
            free[row[i], k] = min(free[row[i], k], max(0.0, rate[i]))
    return free


@njit(cache=True)
def _room(free, links, first, until, begin, end, k, likely, least):
    """
    The least rate that all of ``links[begin:end]`` can still take from those who depart in bin k, and where that is.

    0 where it is less than ``least``. Link number ``likely`` is looked at before the others.
    """
    room, narrowest = np.inf, likely
    for step in range(begin - 1, end):
        i = likely if step < begin else step
        last = k + until[i]
        if last > free.shape[1]:
            return 0.0, i
        for at in range(k + first[i], last):
            here = free[links[i], at]
            if here < room:
                room, narrowest = here, i
        if room < least:
            return 0.0, narrowest
    return room, narrowest


@njit(cache=True)
def _take(free, links, first, until, begin, end, k, rate):
    """Let ``links[begin:end]`` be entered faster by those who depart in bin k. ``free`` is modified in place."""
    for i in range(begin, end):
        for at in range(k + first[i], k + until[i]):
            free[links[i], at] -= rate


@njit(cache=True)
def _is_inside(start, windows, which, from_s, until_s):
    """Whether a span lies within one of the windows of ``which``."""
    for i in range(start[which], start[which + 1]):
        if windows[i, 0] <= from_s and until_s <= windows[i, 1]:
            return True
    return False


@njit(cache=True)
def pull_forward(
    free, bin_s, order, begin_s, until_s, rate, load, move_route,
    group_start, group_routes, group_of, route_start, links, first, until, travel_s, least, route_site,
    leave_start, leave_windows, stay_start, stay_windows, slack, added,
):  # fmt: skip
    """
    Move the last vehicles of movements into earlier room on routes of their group.

    A vehicle moves only where it arrives earlier, so every group's arrivals become earlier or stay.

    Parameters
    ----------
    free : float64[n_links, n_bins]
        See `room_in_bins`. Modified in place.
    order : int64[...]
        The movements, first come first served.
    begin_s, until_s, rate : float64[n_movements]
        Departures. ``until_s`` is modified in place.
    load : float64[n_movements]
        Persons per vehicle.
    move_route : int64[n_movements]
    group_start, group_routes : groups of routes in compressed form, the shortest route first
    group_of, route_site : int64[n_routes]
    route_start, links, first, until : routes in compressed form, with the bins, counted from that of departure, in
        which each link is entered: int64, ``first`` to before ``until``
    travel_s, least : float64[n_routes]
        Seconds from departure to arrival; the least rate worth a movement, vehicles per second.
    leave_start, leave_windows : float64[..., 2]
        Windows in which each group may depart.
    stay_start, stay_windows : float64[..., 2]
        Windows in which each site is open.
    slack : float64[n_sites]
        Persons whom each site can still take. Modified in place.
    added : float64[n_routes, n_bins]
        Vehicles per second that depart in addition. Modified in place.
    """
    n_bins = free.shape[1]
    next_bin = np.zeros(len(travel_s), np.int64)
    narrowest = route_start[:-1].copy()
    for m in order:
        own = move_route[m]
        group, from_site = group_of[own], route_site[own]
        for at in range(group_start[group], group_start[group + 1]):
            route = group_routes[at]
            to_site = route_site[route]
            a, b = route_start[route], route_start[route + 1]
            k = next_bin[route]
            while k < n_bins and until_s[m] > begin_s[m]:
                arrives = (k + 1) * bin_s + travel_s[route]
                spare_s = until_s[m] + travel_s[own] - arrives
                if spare_s <= bin_s:
                    break
                room = 0.0
                if _is_inside(leave_start, leave_windows, group, k * bin_s, (k + 1) * bin_s) and _is_inside(
                    stay_start, stay_windows, to_site, arrives - bin_s, arrives
                ):
                    room, narrowest[route] = _room(free, links, first, until, a, b, k, narrowest[route], least[route])
                if room <= 0.0 or room < least[route]:
                    k += 1
                    continue
                amount = min(room * bin_s, rate[m] * min(spare_s, until_s[m] - begin_s[m]))
                if to_site != from_site:
                    if slack[to_site] < load[m] * least[route] * bin_s:
                        break
                    amount = min(amount, slack[to_site] / load[m])
                    slack[to_site] -= amount * load[m]
                    slack[from_site] += amount * load[m]
                _take(free, links, first, until, a, b, k, amount / bin_s)
                added[route, k] += amount / bin_s
                until_s[m] -= amount / rate[m]
            next_bin[route] = k


@njit(cache=True)
def are_outside(start, windows, which, from_s, until_s, margin_s):
    """
    bool[n]: which spans lie in none of their windows, by more than a margin.

    Parameters
    ----------
    start, windows : float64[..., 2]
        Windows in compressed form, seconds.
    which : int64[n]
        Whose windows count.
    from_s, until_s : float64[n]
    margin_s : float
    """
    found = np.zeros(len(which), np.bool_)
    for i in range(len(which)):
        found[i] = not _is_inside(start, windows, which[i], from_s[i] + margin_s, until_s[i] - margin_s)
    return found
