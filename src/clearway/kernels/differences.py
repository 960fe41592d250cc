"""Changes of rates, link by link in the order of time, added up."""

import numpy as np
from numba import njit

GAPS = (1093, 364, 121, 40, 13, 4, 1)


@njit(cache=True)
def _sort_few(time, order):
    """Sort places by time (Shell 1959). ``order`` is modified in place."""
    for gap in GAPS:
        for i in range(gap, len(order)):
            place = order[i]
            k = i
            while k >= gap and time[order[k - gap]] > time[place]:
                order[k] = order[k - gap]
                k -= gap
            order[k] = place


@njit(cache=True)
def _sort_places(time, order, spare, count):
    """
    Sort places by time: into as many spans of time as there are places, then within each span.

    ``order`` int64[n] is modified in place; ``spare`` int64[n] and ``count`` int64[n + 1] are room to work in.
    """
    n = len(order)
    if n < 2:
        return
    low = high = time[order[0]]
    for place in order:
        low, high = min(low, time[place]), max(high, time[place])
    if not high > low:
        return
    scale = (n - 1) / (high - low)
    if not np.isfinite(scale):
        _sort_few(time, order)
        return
    count[: n + 1] = 0
    for place in order:
        count[int((time[place] - low) * scale) + 1] += 1
    for i in range(n):
        count[i + 1] += count[i]
    for place in order:
        span = int((time[place] - low) * scale)
        spare[count[span]] = place
        count[span] += 1  # now the end of the span
    order[:] = spare[:n]
    begin = 0
    for span in range(n):
        end = count[span]
        if end - begin > 1:
            _sort_few(time, order[begin:end])
        begin = end


@njit(cache=True)
def add_up_changes(n_links, link, time, change, instant_s):
    """
    Rates of links over time from their changes.

    Parameters
    ----------
    n_links : int
    link : int64[n], time : float64[n], change : float64[n]
        Seconds, vehicles per second; in any order.
    instant_s : float
        Changes that follow each other by no more are at one time.

    Returns
    -------
    link : int64[m], from_s : float64[m], rate : float64[m]
        By link and time.
    """
    n = len(link)
    start = np.zeros(n_links + 1, np.int64)
    for i in range(n):
        start[link[i] + 1] += 1
    longest = 0
    for i in range(n_links):
        longest = max(longest, start[i + 1])
        start[i + 1] += start[i]
    order = np.empty(n, np.int64)
    at = start.copy()
    for i in range(n):
        order[at[link[i]]] = i
        at[link[i]] += 1
    spare, count = np.empty(longest, np.int64), np.empty(longest + 1, np.int64)
    links, from_s, rates = np.empty(n, np.int64), np.empty(n), np.empty(n)
    size = 0
    for each in range(n_links):
        part = order[start[each] : start[each + 1]]
        _sort_places(time, part, spare, count)
        rate, before = 0.0, -np.inf
        for place in part:
            rate += change[place]
            if time[place] > before + instant_s:
                links[size], from_s[size] = each, time[place]
                size += 1
            rates[size - 1] = rate
            before = time[place]
    return links[:size].copy(), from_s[:size].copy(), rates[:size].copy()


@njit(cache=True)
def count_entries(n_links, route_start, route_links, route):
    """
    int64[n_links]: how often movements enter each link.

    Parameters
    ----------
    route_start, route_links : routes in compressed form
    route : int64[n_movements]
    """
    on_route = np.zeros(len(route_start) - 1, np.int64)
    for r in route:
        on_route[r] += 1
    found = np.zeros(n_links, np.int64)
    for r in range(len(on_route)):
        for i in range(route_start[r], route_start[r + 1]):
            found[route_links[i]] += on_route[r]
    return found


@njit(cache=True)
def changes_by_movements(first, end, n, route_start, route_links, tau, route, from_s, until_s, rate):
    """
    What movements take off the rates of the links from ``first`` to before ``end``, and give back.

    Parameters
    ----------
    n : int
        How often movements enter these links, see `count_entries`.
    route_start, route_links : routes in compressed form
    tau : float64[n_links]
        Free-flow times, seconds.
    route : int64[n_movements]; from_s, until_s, rate : float64[n_movements]
        Departures, seconds and vehicles per second.

    Returns
    -------
    link : int64[2 n]; time, change : float64[2 n]
        Seconds, vehicles per second; as `add_up_changes` takes them.
    """
    link, time, change = np.empty(2 * n, np.int64), np.empty(2 * n), np.empty(2 * n)
    size = 0
    for m in range(len(route)):
        offset = 0.0
        for i in range(route_start[route[m]], route_start[route[m] + 1]):
            each = route_links[i]
            if first <= each < end:
                link[size], time[size], change[size] = each, from_s[m] + offset, -rate[m]
                link[size + 1], time[size + 1], change[size + 1] = each, until_s[m] + offset, rate[m]
                size += 2
            offset += tau[each]
    return link, time, change
