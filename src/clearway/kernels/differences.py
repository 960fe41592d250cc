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
