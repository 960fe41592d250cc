"""
Bounds and good links from static minimum-cost flows.

The most that a set of zones can send to the sites within a horizon T, links being steady, is a static minimum-cost
flow with free-flow times as costs and a return from sites to zones at -T (Ford & Fulkerson 1958). Its node potentials
are the labels of a cut over time; the smallest T at which the zones' supply fits comes by Newton's method (Hoppe &
Tardos 2000; Lin & Jaillet 2015).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from clearway.kernels.paths import residual_distances
from clearway.model.network import FloatArray, IntArray
from clearway.planner.problem import BoolArray, Problem

MILLISECONDS = 1000.0
WHOLE_S = (60.0, 10.0, 1.0)  # seconds that a tick may be
UNITS_PER_RATE = 180_000.0  # flow units per vehicle a second: whole vehicles a minute or an hour are whole units
MOST_UNITS = 1e12  # of all links' rates together, and of the longest time: within the solver's range
MOST_NEWTON_STEPS = 50
UNREACHED = 1 << 59  # ticks


@dataclass(frozen=True, slots=True, eq=False)
class StaticFlow:
    """
    A minimum-cost circulation through a set of zones for a horizon.

    ``sent`` is the most vehicles the set can send by the horizon, ``rate`` its growth with the horizon (vehicles per
    second).

    Attributes
    ----------
    flow : float64[n_links], zone_rate : float64[n_zones], site_rate : float64[n_sites]
        Vehicles per second on links, out of the zones of the set and into sites.
    from_zones_s, from_sites_s : float64[n_nodes]
        Seconds that residual ways take from zones that may send more, and from sites that less may come to; inf where
        no way leads.
    horizon_s : that it is for
    """

    sent: float
    rate: float
    flow: FloatArray
    zone_rate: FloatArray
    site_rate: FloatArray
    from_zones_s: FloatArray
    from_sites_s: FloatArray
    horizon_s: float

    @property
    def labels_s(self) -> FloatArray:
        """float64[n_nodes]: the labels of the cut that shows that no more can be sent, seconds; inf: no way."""
        return self.labels_at(self.horizon_s)

    def labels_at(self, horizon_s: float) -> FloatArray:
        """The same for another horizon: its cut is as small as can be where this flow is the best for it too."""
        labels: FloatArray = np.minimum(self.from_zones_s, self.from_sites_s + horizon_s)
        return labels


def circulate(
    problem: Problem,
    links: IntArray,
    zones: IntArray,
    horizon_s: float,
    zone_rate: FloatArray | None,
    site_rate: FloatArray | None = None,
    is_paid: BoolArray | None = None,
) -> StaticFlow:
    """
    The cheapest circulation over some links, from some zones and to sites at up to some rates each (None: any).

    ``is_paid`` is bool[n_sites]: sites that nobody goes to.
    """
    hub = problem.n_nodes
    going = np.arange(len(problem.site)) if is_paid is None else np.flatnonzero(~is_paid)
    sites = problem.site_node[going]
    top_rate = problem.top_rate[links]
    units = min(UNITS_PER_RATE, MOST_UNITS / max(1.0, float(top_rate.sum())))
    capacity = np.ceil(top_rate * units - 1e-6).astype(np.int64)  # up: what is sent stays a bound
    unlimited = int(capacity.sum()) + 1
    from_hub = np.full(len(zones), unlimited)
    if zone_rate is not None:
        from_hub = np.minimum(np.ceil(zone_rate * units), unlimited).astype(np.int64)
    to_hub = np.full(len(sites), unlimited)
    if site_rate is not None:
        to_hub = np.minimum(np.floor(np.minimum(site_rate[going], 1e9) * units), unlimited).astype(np.int64)
    tail = np.concatenate((problem.tail[links], np.full(len(zones), hub), sites))
    head = np.concatenate((problem.head[links], problem.zone_node[zones], np.full(len(sites), hub)))
    cost = np.concatenate((problem.tau[links], problem.ready_s[zones], np.full(len(sites), -horizon_s)))
    ticks = min(_ticks(cost), MOST_UNITS / max(1.0, float(np.abs(cost).max(initial=0.0))))
    cost = np.floor(cost * ticks + 1e-6).astype(np.int64)  # down, the return's too: what is sent stays a bound
    limit = np.concatenate((capacity, from_hub, to_hub)).astype(np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, limit, cost)
    if solver.solve() != solver.OPTIMAL:
        raise ArithmeticError("the static minimum-cost flow has no solution")
    flow = solver.flows(arcs)
    cost[len(links) + len(zones) :] = 0
    from_zones, from_sites = _residual_ways((tail, head, cost), flow, limit, hub, len(sites))
    on_links = np.zeros(len(problem.tail))
    on_links[links] = flow[: len(links)] / units
    into_sites = np.zeros(len(problem.site))
    into_sites[going] = flow[len(links) + len(zones) :] / units
    return StaticFlow(
        sent=-solver.optimal_cost() / ticks / units,
        rate=float(flow[len(links) : len(links) + len(zones)].sum()) / units,
        flow=on_links,
        zone_rate=flow[len(links) : len(links) + len(zones)] / units,
        site_rate=into_sites,
        from_zones_s=from_zones / ticks,
        from_sites_s=from_sites / ticks,
        horizon_s=horizon_s,
    )


def _ticks(cost_s: FloatArray) -> float:
    """How many ticks a second has: few where all costs are whole, for the solver halves them until it has one."""
    for step_s in WHOLE_S:
        if not np.any(cost_s % step_s):
            return 1 / step_s
    return MILLISECONDS


def _residual_ways(
    arcs: tuple[IntArray, IntArray, IntArray], flow: IntArray, limit: IntArray, hub: int, n_sites: int
) -> tuple[FloatArray, FloatArray]:
    """
    How far nodes are from the hub by way of zones and by way of sites, where a flow leaves room; inf: not reached.

    ``arcs`` are tails, heads and costs; the last ``n_sites`` lead to the hub.
    """
    tail, head, cost = arcs
    forth, back = flow < limit, flow > 0
    forth[len(flow) - n_sites :] = False  # no shortest way passes the hub
    to_hub = tail[len(flow) - n_sites :][back[len(flow) - n_sites :]]
    back[len(flow) - n_sites :] = False
    back &= tail != hub
    from_hub = forth & (tail == hub)
    forth &= ~from_hub
    first = np.full((2, hub + 1), np.iinfo(np.int64).max // 4)
    np.minimum.at(first[0], head[from_hub], cost[from_hub])
    first[1, to_hub] = 0
    residual_tail = np.concatenate((tail[forth], head[back]))
    order = np.argsort(residual_tail, kind="stable")
    start = np.searchsorted(residual_tail[order], np.arange(hub + 2)).astype(np.int64)
    residual_head = np.concatenate((head[forth], tail[back]))[order].astype(np.int64)
    residual_cost = np.concatenate((cost[forth], -cost[back]))[order]
    by_zones, by_sites = (residual_distances(start, residual_head, residual_cost, each)[:hub] for each in first)
    return np.where(by_zones < UNREACHED, by_zones, np.inf), np.where(by_sites < UNREACHED, by_sites, np.inf)


def never(_horizon_s: float, _flow: StaticFlow) -> bool:
    """Nothing is proven before the end."""
    return False


def smallest_horizon(
    problem: Problem,
    zones: IntArray,
    guess_s: float,
    is_paid: BoolArray | None = None,
    spared: float = 0.0,
    is_proven: Callable[[float, StaticFlow], bool] = never,
) -> tuple[float, StaticFlow]:
    """
    The smallest horizon by which some zones can send all they have over steady links, and the flow that shows it.

    ``is_paid`` is bool[n_sites], sites that take ``spared`` of their vehicles, whatever the roads let through.
    The most sent is convex in the horizon; from the right, Newton's steps never pass the answer. Horizons far beyond
    the scenario's are all the same: then it stops at one. It also stops at a horizon that the flow before it proves,
    told by ``is_proven``: then that flow is given.
    """
    most_s = 4 * max(guess_s, problem.horizon_s)
    supply = float(problem.vehicles[zones].sum()) - spared
    links = np.flatnonzero(problem.useful(math.inf))
    horizon = WHOLE_S[0] * math.ceil(guess_s / WHOLE_S[0])
    found = circulate(problem, links, zones, horizon, None, None, is_paid)
    for _ in range(MOST_NEWTON_STEPS):
        following = min(horizon - (found.sent - supply) / found.rate if found.rate > 0 else 2 * horizon, most_s)
        if abs(following - horizon) <= 1e-7 * horizon + 2 / MILLISECONDS:
            break
        horizon = following
        if found.rate > 0 and is_proven(horizon, found):
            break
        found = circulate(problem, links, zones, horizon, None, None, is_paid)
    return horizon, found


def calm_flow(
    problem: Problem,
    horizon_s: float,
    factor: float = 1.0,
    way_s: FloatArray | None = None,
    into_s: FloatArray | float = 0.0,
) -> StaticFlow:
    """
    The largest, then cheapest, static flow in which each zone sends at ``factor`` times the rate that ends at the
    horizon.

    It resembles the middle of a plan; with higher rates its start, when the far zones' vehicles are still on their way.
    ``way_s`` is float64[n_zones], the seconds each zone's vehicles are under way; to the nearest site where not given.
    ``into_s`` is float64[n_sites], the seconds those who go to a site with few beds are under way.
    """
    links = np.flatnonzero(problem.useful(horizon_s))
    zones = np.arange(len(problem.zone))
    way = problem.to_site[problem.zone_node] if way_s is None else way_s
    time = np.maximum(horizon_s - problem.ready_s - way, 0.02 * horizon_s)
    fill = (
        factor * problem.beds / np.max(problem.persons_per_vehicle) / np.maximum(horizon_s - into_s, 0.02 * horizon_s)
    )
    # a return this dear makes the flow as large as it can be before it is cheap
    return circulate(problem, links, zones, 100 * horizon_s, factor * problem.vehicles / time, fill)
