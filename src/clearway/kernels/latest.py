"""Departures as late as there is room."""

import numpy as np
from numba import njit

from clearway.kernels.packing import _arrives, _room, _take


@njit(cache=True)
def latest_start(
    free, group, site, start, links, whole, split, may_depart, may_arrive, arrive_bin, arrive_split, left, beds, load
):
    """
    The first bin used when groups send all they have as late as there is room; -1 where not all of it fits.

    Bins are gone through from the last to the first; in each, a group's routes are filled in their order.

    Parameters
    ----------
    free : float64[n_links, n_bins]
        Vehicles per second each link can still take. Modified in place.
    group, site : int64[n_routes]
    start, links, whole, split : routes, see `clearway.kernels.packing.route_offsets`
    may_depart : bool[n_bins], may_arrive : bool[n_sites, n_bins]
    arrive_bin : int64[n_routes], arrive_split : bool[n_routes]
    left : float64[n_groups]
        Vehicle-bins (rate x bins) to send. Modified in place.
    beds : float64[n_sites]
        Persons / bin length. Modified in place.
    load : float
        Persons per vehicle.
    """
    n_routes, n_bins = len(group), free.shape[1]
    used = np.zeros((n_routes, n_bins))
    nothing = 1e-9 * left
    first = n_bins
    for k in range(n_bins - 1, -1, -1):
        if not may_depart[k]:
            continue
        is_done = True
        for r in range(n_routes):
            if left[group[r]] <= 0.0 or not _arrives(may_arrive, site[r], k, arrive_bin[r], arrive_split[r]):
                continue
            begin, end = start[r], start[r + 1]
            room, _ = _room(free, used, r, links, whole, split, begin, end, k, begin, 0.0)
            rate = min(room, left[group[r]], beds[site[r]] / load)
            if rate > 0.0:
                _take(free, used, r, links, whole, split, begin, end, k, rate)
                left[group[r]] -= rate
                beds[site[r]] -= rate * load
                if left[group[r]] < nothing[group[r]]:
                    left[group[r]] = 0.0
                first = k
        for each in range(len(left)):
            is_done = is_done and left[each] <= 0.0
        if is_done:
            break
    for each in range(len(left)):
        if left[each] > 0.0:
            return -1
    return first if first < n_bins else -1
