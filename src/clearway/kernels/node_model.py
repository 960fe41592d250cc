"""How the traffic of several roads shares the roads beyond a junction."""

import numpy as np

from clearway.kernels.compiled import without_counting


@without_counting()
def junction_flows(sending, capacity, receiving, flow, weight, served):
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
        Most vehicles each road out can take in the step. Modified in place: what is left.
    flow : float64[n_in, n_out]
        Modified in place: vehicles that go.
    weight : float64[n_in, n_out], served : bool[n_in]
        Working space. Modified in place.

    References
    ----------
    .. [1] Tampere, Corthout, Cattrysse, Immers (2011), A generic class of first order node models for dynamic
           macroscopic simulation of traffic flows, Transportation Research Part B 45: 289-309.
    """
    n_in, n_out = sending.shape
    n_left = 0
    for i in range(n_in):
        total = 0.0
        for j in range(n_out):
            flow[i, j] = 0.0
            total += sending[i, j]
        served[i] = total <= 0.0
        for j in range(n_out):
            weight[i, j] = capacity[i] * sending[i, j] / total if total > 0.0 else 0.0
        if total > 0.0:
            n_left += 1
    while n_left > 0:
        tightest, least = -1, np.inf
        for j in range(n_out):
            wanted = 0.0
            for i in range(n_in):
                if not served[i]:
                    wanted += weight[i, j]
            if wanted > 0.0 and max(receiving[j], 0.0) / wanted < least:
                tightest, least = j, max(receiving[j], 0.0) / wanted
        if tightest < 0:  # room without limit beyond: everybody goes
            least = np.inf
        n_free = 0
        for i in range(n_in):  # those the tightest road out does not hold back
            if served[i] or (tightest >= 0 and weight[i, tightest] <= 0.0):
                continue
            total = 0.0
            for j in range(n_out):
                total += sending[i, j]
            if total <= least * capacity[i]:
                n_free += 1
                n_left -= 1
                served[i] = True
                for j in range(n_out):
                    flow[i, j] = sending[i, j]
                    receiving[j] -= sending[i, j]
        if n_free > 0:
            continue
        for i in range(n_in):
            if served[i] or weight[i, tightest] <= 0.0:
                continue
            n_left -= 1
            served[i] = True
            for j in range(n_out):
                flow[i, j] = least * weight[i, j]
                receiving[j] -= flow[i, j]
