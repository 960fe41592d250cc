"""Rates over time cut into slots of each link's own shifted time."""

import numpy as np
from numba import njit


@njit(cache=True)
def slot_rates(start, from_s, rate, links, origin_s, slot_s, n_slots):
    """
    The mean and the least rate at which each link may be entered in each slot.

    Parameters
    ----------
    start, from_s, rate : the capacity profile
    links : int64[n_rows]
    origin_s : float64[n_rows]
        Real time at which slot 0 of a row begins; nothing may enter before time 0.
    slot_s : float
    n_slots : int

    Returns
    -------
    mean, least : float64[n_rows, n_slots]
        Vehicles per second.
    """
    mean = np.zeros((len(links), n_slots))
    least = np.zeros((len(links), n_slots))
    for row in range(len(links)):
        link = links[row]
        piece, last = start[link], start[link + 1] - 1
        for slot in range(n_slots):
            t0 = origin_s[row] + slot * slot_s
            t1 = t0 + slot_s
            if t1 <= 0.0:
                continue
            while piece < last and from_s[piece + 1] <= max(t0, 0.0) + 1e-9:
                piece += 1
            total, smallest = 0.0, rate[piece] if t0 > -1e-9 else 0.0
            at = piece
            while at <= last and from_s[at] < t1 - 1e-9:
                a = max(t0, from_s[at])
                b = t1 if at == last else min(t1, from_s[at + 1])
                if b > a:
                    total += (b - a) * rate[at]
                    smallest = min(smallest, rate[at])
                at += 1
            mean[row, slot] = total / slot_s
            least[row, slot] = smallest
    return mean, least


@njit(cache=True)
def take_loads(mean, least, row_of_link, origin_s, slot_s, load_link, load_from_s, load_until_s, load_rate):
    """
    Take what others already send into links off the rates. ``mean`` and ``least`` are modified in place.

    Parameters
    ----------
    row_of_link : int64[n_links]
        -1 where a link has no row.
    origin_s, slot_s : see `slot_rates`
    load_link : int64[n_loads]; load_from_s, load_until_s, load_rate : float64[n_loads]
        Vehicles per second that enter a link in [from, until).
    """
    n_slots = mean.shape[1]
    for i in range(len(load_link)):
        row = row_of_link[load_link[i]]
        if row < 0:
            continue
        a, b = load_from_s[i] - origin_s[row], load_until_s[i] - origin_s[row]
        first = max(0, int(np.floor(a / slot_s + 1e-9)))
        last = min(n_slots, int(np.ceil(b / slot_s - 1e-9)))
        for slot in range(first, last):
            share = (min(b, (slot + 1) * slot_s) - max(a, slot * slot_s)) / slot_s
            mean[row, slot] = max(0.0, mean[row, slot] - share * load_rate[i])
            least[row, slot] = max(0.0, least[row, slot] - load_rate[i])


@njit(cache=True)
def carry_on(tail, head, delay, is_fixed, near, far):
    """
    The first slot in which nodes are reached and the last in which they still lead on, along more links.

    Parameters
    ----------
    tail, head : int64[n]; delay : float64[n]
        Links, and the slots that each takes.
    is_fixed : bool[n_nodes]
        Nodes whose slots are known; those of others follow from them.
    near, far : float64[n_nodes]
        First and last slots. Modified in place.
    """
    is_changed = True
    while is_changed:
        is_changed = False
        for i in range(len(tail)):
            a, b = tail[i], head[i]
            if not is_fixed[b] and near[a] + delay[i] < near[b]:
                near[b] = near[a] + delay[i]
                is_changed = True
            if not is_fixed[a] and far[b] - delay[i] > far[a]:
                far[a] = far[b] - delay[i]
                is_changed = True
