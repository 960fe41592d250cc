"""Departures of parts along one route each, at a constant rate within windows, fitted into what links can take."""

import numpy as np
from numba import njit


@njit(cache=True)
def window_room(free, links, whole, split, used, first, last, before, after):
    """
    By how much a part can be sent faster during one of its windows.

    Parameters
    ----------
    free : float64[n_links, n_bins]
        Vehicles per second each link can still take in each bin.
    links, whole, split : the part's links; entered ``whole`` bins after departure, and one more where ``split``
    used : float
        The part's rate in this window so far.
    first, last : int
        Its bins, half-open.
    before, after : float
        The part's rates in the windows that touch it: off the grid they share a bin with it, at the larger rate.
    """
    n_bins = free.shape[1]
    room = np.inf
    at_first, at_last = max(0.0, before - used), max(0.0, after - used)
    for i in range(len(links)):
        a, b = first + whole[i], last + whole[i]
        if b + split[i] > n_bins:
            return 0.0
        for k in range(a, b):
            here = free[links[i], k]
            if split[i] and k == a:
                here += at_first
            room = min(room, here)
        if split[i]:
            room = min(room, free[links[i], b] + at_last)
        if room <= 0.0:
            return 0.0
    return room


@njit(cache=True)
def take_window(free, links, whole, split, used, first, last, before, after, rate):
    """Send a part faster by ``rate`` during a window. ``free`` is modified in place; see `window_room`."""
    at_first, at_last = max(0.0, before - used), max(0.0, after - used)
    for i in range(len(links)):
        a, b = first + whole[i], last + whole[i]
        for k in range(a, b):
            taken = rate
            if split[i] and k == a:
                taken = max(0.0, rate - at_first)
            free[links[i], k] -= taken
        if split[i]:
            free[links[i], b] -= max(0.0, rate - at_last)


@njit(cache=True)
def _neighbours(used, w, edges):
    """The rates in the windows that touch window w."""
    before = used[w - 1] if w > 0 and edges[w - 1, 1] == edges[w, 0] else 0.0
    after = used[w + 1] if w + 1 < len(used) and edges[w + 1, 0] == edges[w, 1] else 0.0
    return before, after


@njit(cache=True)
def fill_windows(free, edges, order, start, links, whole, split, may, left, beds, site, persons, used, smallest):
    """
    Send each part as early as there is room, part after part.

    Parameters
    ----------
    free : float64[n_links, n_bins], vehicles per second. Modified in place.
    edges : int64[n_windows, 2]
        First and end bin of each window.
    order : int64[...]
        The parts, first come first served.
    start, links, whole, split : routes of the parts in compressed form; see `window_room`
    may : bool[n_parts, n_windows]
        Windows each part may use.
    left : float64[n_parts]
        Vehicle-bins (rate x bins) still to send. Modified in place.
    beds : float64[n_sites]
        Beds left, persons / bin length. Modified in place.
    site : int64[n_parts]; persons : float64[n_parts], persons per vehicle
    used : float64[n_parts, n_windows]
        Rates, vehicles per second. Modified in place.
    smallest : float
        The least rate worth while.
    """
    for part in order:
        a, b = start[part], start[part + 1]
        for w in range(len(edges)):
            if left[part] <= 0.0:
                break
            if not may[part, w]:
                continue
            first, last = edges[w]
            before, after = _neighbours(used[part], w, edges)
            room = window_room(free, links[a:b], whole[a:b], split[a:b], used[part, w], first, last, before, after)
            n = last - first
            rate = min(room, left[part] / n, beds[site[part]] / persons[part] / n)
            if rate <= 0.0 or (rate < smallest and rate < left[part] / n):
                continue
            take_window(free, links[a:b], whole[a:b], split[a:b], used[part, w], first, last, before, after, rate)
            used[part, w] += rate
            left[part] -= rate * n
            beds[site[part]] -= rate * n * persons[part]


@njit(cache=True)
def best_waves(room, length, most, wanted):
    """
    At most some windows of constant rate, each a run of waves, that send what is wanted and end soonest.

    Parameters
    ----------
    room : float64[n_waves]
        Rate that fits in each wave; 0 where it may not be used.
    length : float64[n_waves]
        Bins of each wave.
    most : int
        Windows.
    wanted : float
        Vehicle-bins.

    Returns
    -------
    rate : float64[n_waves]
        The rate in each wave: constant over a window, the largest there is room for, but for the last window, which is
        as low as suffices. Where all that fits is less than wanted, the most that fits.
    """
    n = len(room)
    volume = np.zeros((most + 1, n + 1))
    origin = np.full((most + 1, n + 1), -1, np.int64)
    end = n
    for j in range(1, n + 1):
        for used in range(1, most + 1):
            volume[used, j] = volume[used, j - 1]
            least, bins = np.inf, 0.0
            for i in range(j - 1, -1, -1):
                least = min(least, room[i])
                if least <= 0.0:
                    break
                bins += length[i]
                found = volume[used - 1, i] + least * bins
                if found > volume[used, j] * (1 + 1e-12):
                    volume[used, j] = found
                    origin[used, j] = i
        if volume[most, j] >= wanted * (1 - 1e-12):
            end = j
            break
    rate = np.zeros(n)
    j, used, spare = end, most, max(0.0, volume[most, end] - wanted)
    while used > 0 and j > 0:
        i = origin[used, j]
        if i < 0:
            j -= 1
            continue
        least = room[i:j].min()
        bins = length[i:j].sum()
        cut = min(spare, least * bins)
        spare -= cut
        rate[i:j] = least - cut / bins
        j, used = i, used - 1
    return rate


@njit(cache=True)
def fill_waves(free, edges, order, start, links, whole, split, may, left, beds, site, persons, used, most):
    """As `fill_windows`, but each part in at most ``most`` runs of windows with one rate each."""
    length = (edges[:, 1] - edges[:, 0]).astype(np.float64)
    room = np.empty(len(edges))
    for part in order:
        if left[part] <= 0.0 or used[part].max() > 0.0:
            continue
        a, b = start[part], start[part + 1]
        for w in range(len(edges)):
            room[w] = 0.0
            if may[part, w]:
                room[w] = window_room(free, links[a:b], whole[a:b], split[a:b], 0.0, edges[w, 0], edges[w, 1], 0.0, 0.0)
        wanted = min(left[part], beds[site[part]] / persons[part])
        if wanted <= 0.0:
            continue
        rate = best_waves(room, length, most, wanted)
        for w in range(len(edges)):
            if rate[w] > 0.0:
                before, after = _neighbours(used[part], w, edges)
                take_window(
                    free, links[a:b], whole[a:b], split[a:b], 0.0, edges[w, 0], edges[w, 1], before, after, rate[w]
                )
                used[part, w] = rate[w]
                left[part] -= rate[w] * length[w]
                beds[site[part]] -= rate[w] * length[w] * persons[part]
        if left[part] < 1e-9 * wanted:
            left[part] = 0.0
