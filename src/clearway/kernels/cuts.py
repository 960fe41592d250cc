"""Values of cuts over time."""

import numpy as np
from numba import njit


@njit(cache=True)
def integral(start, from_s, rate, link, t0, t1):
    """Vehicles that may enter a link in [t0, t1); pieces as in `clearway.model.situation.CapacityProfile`."""
    total = 0.0
    end = start[link + 1]
    for piece in range(start[link], end):
        a = max(t0, from_s[piece])
        b = t1 if piece + 1 == end else min(t1, from_s[piece + 1])
        if b > a:
            total += (b - a) * rate[piece]
    return total


@njit(cache=True)
def links_value(start, from_s, rate, tail, head, tau, labels, horizon):
    """
    The links' part of a cut over time (Ford & Fulkerson 1958): vehicles that can pass from reached to unreached.

    Parameters
    ----------
    start, from_s, rate : the capacity profile
    tail, head : int64[n_links], tau : float64[n_links]
    labels : float64[n_nodes]
        Seconds from which a node counts as reached.
    horizon : float

    Returns
    -------
    float
        Vehicles.
    """
    total = 0.0
    for link in range(len(tail)):
        t0 = max(0.0, labels[tail[link]])
        t1 = min(labels[head[link]], horizon) - tau[link]
        if t1 > t0:
            total += integral(start, from_s, rate, link, t0, t1)
    return total


@njit(cache=True)
def shift_costs(start, from_s, rate, tail, head, tau, labels, horizon, step):
    """
    What each link adds to a cut when neither end, only its head, only its tail or both labels move by ``step``.

    Returns
    -------
    float64[n_links, 4]
        Columns: neither, head only, tail only, both.
    """
    costs = np.zeros((len(tail), 4))
    for link in range(len(tail)):
        a, b = labels[tail[link]], labels[head[link]]
        for case in range(4):
            t0 = max(0.0, a + step if case >= 2 else a)
            t1 = min(b + step if case % 2 == 1 else b, horizon) - tau[link]
            if t1 > t0:
                costs[link, case] = integral(start, from_s, rate, link, t0, t1)
    return costs
