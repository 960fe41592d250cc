"""What drivers who look at the roads see: how long each link takes at present."""

import numpy as np

from clearway.kernels.compiled import inlined


@inlined()
def present_times(now, state, times):
    """
    Seconds each link takes at present: what the last to leave it took, or its first has waited so far.

    ``now``: seconds. ``times``: float64[n_links], gets them; inf where closed. Modified in place.
    """
    for link in range(len(times)):
        road = state.links[link]
        if road.rate <= 0.0:
            times[link] = np.inf
            continue
        times[link] = road.travel_time
        queue = state.queues[link]
        if queue.first >= 0:
            waited = max(now - queue.ready, 0.0) + road.travel_time
            times[link] = max(road.travel_time, road.last_time, waited)


@inlined()
def anyone_looks(platoons, n_looks):
    """Whether any platoon goes by a tree of present travel times; each goal has ``n_looks``, the others first."""
    for p in range(len(platoons)):
        tree = platoons[p].guide
        if tree >= 0 and tree % n_looks > 0:
            return True
    return False
