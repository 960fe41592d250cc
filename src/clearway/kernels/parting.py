"""Roads that part: what passes when nobody can overtake those who wait for a full road."""

import numpy as np
from numba import njit


@njit(cache=True)
def passing_rate(way, headway_s, spare):
    """
    Vehicles per second that leave a road whose first vehicle waits until the way that it takes has room.

    Parameters
    ----------
    way : int64[n]
        The way that each vehicle takes, in the order in which they stand.
    headway_s : float64[k]
        Seconds after which each way has room for one more vehicle.
    spare : float64[k]
        Most vehicles for which a way that nobody takes for a while keeps room. At least 1.

    Returns
    -------
    float
        ``n`` over the seconds until the last has left.
    """
    seconds = 0.0
    room, since_s = np.ones(len(headway_s)), np.zeros(len(headway_s))
    for k in way:
        room[k] = min(room[k] + (seconds - since_s[k]) / headway_s[k], spare[k])
        if room[k] < 1.0:
            seconds += (1.0 - room[k]) * headway_s[k]
            room[k] = 1.0
        room[k] -= 1.0
        since_s[k] = seconds
    return len(way) / max(seconds, 1e-9)
