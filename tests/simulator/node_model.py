"""How the traffic of several roads shares the roads beyond a junction: what the kernel is measured against."""

import numpy as np


def junction_flows(sending: np.ndarray, capacity: np.ndarray, receiving: np.ndarray) -> np.ndarray:
    """
    Flows over a junction of any number of roads in and out: the oriented capacity proportional model [1]_.

    Each road in is first in, first out, so that all of its directions are held back alike. A road out that cannot
    take everybody is shared in proportion to the capacities of the roads in, oriented by where their traffic goes.
    The result does not change when a road in that is held back sends more (invariance principle).

    Parameters
    ----------
    sending : float64[n_in, n_out]
        Vehicles that want to go from each road in to each road out in a step.
    capacity : float64[n_in]
        Most vehicles each road in could send in the step; greater than 0 where it sends any.
    receiving : float64[n_out]
        Most vehicles each road out can take in the step.

    Returns
    -------
    float64[n_in, n_out]
        Vehicles that go.

    References
    ----------
    .. [1] Tampere, Corthout, Cattrysse, Immers (2011), A generic class of first order node models for dynamic
           macroscopic simulation of traffic flows, Transportation Research Part B 45: 289-309.
    """
    total = sending.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = np.where(total[:, None] > 0, capacity[:, None] * sending / total[:, None], 0.0)
    flow, left, open_ = np.zeros_like(sending), receiving.astype(np.float64), total > 0
    while open_.any():
        wanted = weight[open_].sum(axis=0)
        share = np.full(len(left), np.inf)
        with np.errstate(over="ignore"):  # next to nobody wants it: room without limit
            np.divide(np.maximum(left, 0.0), wanted, out=share, where=wanted > 0)
        tightest = int(np.argmin(share))
        least = share[tightest]
        if np.isinf(least):  # room without limit beyond: everybody goes
            flow[open_] = sending[open_]
            break
        held_back = open_ & (weight[:, tightest] > 0)
        free = held_back & (total <= least * capacity)  # the tightest road out does not hold them back
        now = free if free.any() else held_back
        flow[now] = sending[now] if free.any() else least * weight[now]
        left -= flow[now].sum(axis=0)
        open_ &= ~now
    return flow
