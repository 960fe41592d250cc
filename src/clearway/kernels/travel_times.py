"""What drivers who look at the roads see: how long each link takes at present."""

import numpy as np

from clearway.kernels.compiled import inlined


@inlined()
def present_times(now, free, rate, first, ready, last_time, times):
    """
    Seconds each link takes at present: what the last to leave it took, or its first has waited so far.

    Parameters
    ----------
    now : float
        Seconds.
    free, rate : float64[n_links]
        Free-flow time, seconds; vehicles per second, 0 while closed.
    first : int64[>= n_links]
        The first platoon on each link, -1 where there is none.
    ready : float64[n_platoons]
        When each platoon can be at the end of its link.
    last_time : float64[n_links]
        Seconds the last to leave it took.
    times : float64[n_links]
        Gets them; inf where closed. Modified in place.
    """
    for link in range(len(free)):
        if rate[link] <= 0.0:
            times[link] = np.inf
            continue
        times[link] = free[link]
        p = first[link]
        if p >= 0:
            waited = max(now - ready[p], 0.0) + free[link]
            times[link] = max(free[link], last_time[link], waited)


@inlined()
def anyone_looks(guide, n_looks):
    """Whether any platoon goes by a tree of present travel times (int64[n_platoons] tree numbers, -1: none)."""
    for tree in guide:
        if tree >= 0 and tree % n_looks > 0:
            return True
    return False
