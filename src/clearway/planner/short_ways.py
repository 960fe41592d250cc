"""A large static flow over ways with little detour: much like the cheapest one, and much sooner found."""

from __future__ import annotations

import numpy as np

from clearway.kernels.time_expanded import SlotNetwork, augment
from clearway.model.network import FloatArray
from clearway.planner.problem import Problem

UNITS_PER_RATE = 1e6  # whole units per vehicle a second
MOST_UNITS = 1e15  # of all zones together: within what the kernel counts with
MOST_PHASES = 400


def short_flow(problem: Problem, horizon_s: float, tick_s: float) -> FloatArray:
    """
    Vehicles per second on links, float64[n_links]: each zone sends at the rate that ends at the horizon, as far as all
    fit.

    Sent way by way, those with the least detour first (primal-dual: Ford & Fulkerson 1962); ``tick_s`` is how finely
    detours are told apart. It is a largest flow, not always a cheapest.
    """
    links = np.flatnonzero(problem.useful(horizon_s))
    tail, head = problem.tail[links], problem.head[links]
    to_site = np.where(np.isfinite(problem.to_site), problem.to_site, 0.0)
    detour = np.maximum(np.round((problem.tau[links] + to_site[head] - to_site[tail]) / tick_s), 0).astype(np.int64)
    time = np.maximum(horizon_s - problem.ready_s - to_site[problem.zone_node], 0.02 * horizon_s)
    rate = problem.vehicles / time
    units = min(UNITS_PER_RATE, MOST_UNITS / max(1.0, float(rate.sum()), float(problem.top_rate[links].max(initial=0))))
    site_node = np.sort(problem.site_node)
    nodes = np.arange(problem.n_nodes + 1)
    out_links, in_links = np.lexsort((detour, tail)), np.lexsort((detour, head))
    n_zones, n_sites = len(rate), len(site_node)
    net = SlotNetwork(
        tail=tail,
        head=head,
        rho=np.zeros(len(links), dtype=np.int64),  # one slot for ever
        out_start=np.searchsorted(tail[out_links], nodes),
        out_links=out_links,
        in_start=np.searchsorted(head[in_links], nodes),
        in_links=in_links,
        capacity=np.floor(problem.top_rate[links] * units).astype(np.int64)[:, None],
        flow=np.zeros((len(links), 1), dtype=np.int64),
        zone_start=np.searchsorted(problem.zone_node, nodes),
        zone_node=problem.zone_node,
        may_depart=np.ones((n_zones, 1), dtype=np.bool_),
        departures=np.zeros((n_zones, 1), dtype=np.int64),
        site_start=np.searchsorted(site_node, nodes),
        site_node=site_node,
        may_arrive=np.ones((n_sites, 1), dtype=np.bool_),
        arrivals=np.zeros((n_sites, 1), dtype=np.int64),
        supply=np.floor(rate * units).astype(np.int64),
        beds=np.full(n_sites, 1 << 60),
    )
    far_first = np.argsort(-to_site[problem.zone_node], kind="stable")
    augment(net, far_first, detour, 0, MOST_PHASES)
    found = np.zeros(len(problem.tail))
    found[links] = net.flow[:, 0] / units
    return found
