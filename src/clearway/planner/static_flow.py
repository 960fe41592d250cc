"""
Bounds and good links from static minimum-cost flows.

The most that a set of zones can send to the sites within a horizon T, links being steady, is a static minimum-cost flow with
free-flow times as costs and a return from sites to zones at -T (Ford & Fulkerson 1958). Its node potentials are the labels of a
cut over time; the smallest T at which the zones' supply fits comes by Newton's method (Hoppe & Tardos 2000; Lin & Jaillet 2015).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from clearway.kernels.paths import residual_distances
from clearway.model.network import FloatArray, IntArray
from clearway.planner.problem import BoolArray, Problem

MILLISECONDS = 1000.0
UNITS_PER_RATE = 60_000.0  # flow units per vehicle a second: one unit is a vehicle in 1,000 minutes
MOST_NEWTON_STEPS = 50


@dataclass(frozen=True, slots=True, eq=False)
class StaticFlow:
    """
    A minimum-cost circulation through a set of zones for a horizon.

    ``sent`` is the most vehicles the set can send by the horizon, ``rate`` its growth with the horizon (vehicles per second).

    Attributes
    ----------
    flow : float64[n_links]
        Vehicles per second.
    labels_s : float64[n_nodes]
        Seconds; inf where no way leads.
    """

    sent: float
    rate: float
    flow: FloatArray
    labels_s: FloatArray


def circulate(
    problem: Problem, links: IntArray, zones: IntArray, horizon_s: float, zone_rate: FloatArray | None
) -> StaticFlow:
    """The cheapest circulation over some links, from some zones at up to ``zone_rate`` each (None: any rate)."""
    hub = problem.n_nodes
    sites = problem.site_node
    capacity = np.floor(problem.top_rate[links] * UNITS_PER_RATE + 1e-6).astype(np.int64)
    unlimited = int(capacity.sum()) + 1
    from_hub = (
        np.full(len(zones), unlimited) if zone_rate is None else np.ceil(zone_rate * UNITS_PER_RATE).astype(np.int64)
    )
    tail = np.concatenate((problem.tail[links], np.full(len(zones), hub), sites))
    head = np.concatenate((problem.head[links], problem.zone_node[zones], np.full(len(sites), hub)))
    cost = np.concatenate((problem.tau[links], problem.ready_s[zones], np.full(len(sites), -horizon_s)))
    cost = np.round(cost * MILLISECONDS).astype(np.int64)
    limit = np.concatenate((capacity, from_hub, np.full(len(sites), unlimited))).astype(np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, limit, cost)
    if solver.solve() != solver.OPTIMAL:
        raise ArithmeticError("the static minimum-cost flow has no solution")
    flow = solver.flows(arcs)
    forth, back = flow < limit, flow > 0
    residual_tail = np.concatenate((tail[forth], head[back]))
    order = np.argsort(residual_tail, kind="stable")
    start = np.searchsorted(residual_tail[order], np.arange(hub + 2))
    residual_head = np.concatenate((head[forth], tail[back]))[order]
    residual_cost = np.concatenate((cost[forth], -cost[back]))[order]
    distance = residual_distances(start.astype(np.int64), residual_head.astype(np.int64), residual_cost, hub)
    labels = np.where(distance[:hub] < 1 << 59, distance[:hub] / MILLISECONDS, np.inf)
    on_links = np.zeros(len(problem.tail))
    on_links[links] = flow[: len(links)] / UNITS_PER_RATE
    return StaticFlow(
        sent=-solver.optimal_cost() / MILLISECONDS / UNITS_PER_RATE,
        rate=float(flow[len(links) : len(links) + len(zones)].sum()) / UNITS_PER_RATE,
        flow=on_links,
        labels_s=labels,
    )


def smallest_horizon(problem: Problem, zones: IntArray, guess_s: float) -> tuple[float, StaticFlow]:
    """
    The smallest horizon by which some zones can send all they have over steady links, and the flow that shows it.

    The most sent is convex in the horizon; from the right, Newton's steps never pass the answer.
    """
    supply = float(problem.vehicles[zones].sum())
    links = np.flatnonzero(problem.useful(math.inf))
    horizon = guess_s
    found = circulate(problem, links, zones, horizon, None)
    for _ in range(MOST_NEWTON_STEPS):
        if found.rate <= 0:
            horizon *= 2
        else:
            step = (found.sent - supply) / found.rate
            if abs(step) <= 1e-7 * horizon + 2 / MILLISECONDS:
                break
            horizon -= step
        found = circulate(problem, links, zones, horizon, None)
    return horizon, found


def good_links(problem: Problem, horizon_s: float) -> BoolArray:
    """
    bool[n_links]: the links of static flows that resemble a plan for a horizon.

    Every zone sends at the rate at which it would just be done at the horizon, then at higher ones, as at the start of an
    evacuation, when the far zones' vehicles are still on their way.
    """
    links = np.flatnonzero(problem.useful(horizon_s))
    zones = np.arange(len(problem.zone))
    time = np.maximum(horizon_s - problem.ready_s - problem.to_site[problem.zone_node], 0.02 * horizon_s)
    chosen = np.zeros(len(problem.tail), dtype=np.bool_)
    for factor in (1.0, 2.0):
        # a return this dear makes the flow as large as it can be before it is cheap
        found = circulate(problem, links, zones, 100 * horizon_s, factor * problem.vehicles / time)
        chosen |= found.flow > 0
    return chosen
