"""
A flow that does not change while it lasts: the calm part of a plan.

Every zone sends at the rate at which it would be done at the horizon, along the paths of a static minimum-cost flow.
Since the static flow keeps every link's rate, so do its paths in any windows at all (Ford & Fulkerson 1958,
temporally repeated flows).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearway.kernels.decomposition import decompose
from clearway.kernels.paths import forward_star, shortest_times, ways_onward
from clearway.model.network import FloatArray, IntArray
from clearway.planner.problem import Problem
from clearway.planner.static_flow import StaticFlow

PATH_UNITS = 1e6  # whole units per vehicle a second


@dataclass(frozen=True, slots=True, eq=False)
class SteadyRoutes:
    """
    Paths of a static flow.

    Attributes
    ----------
    zone, site : int64[n]
        Indices into the problem's zones and sites.
    start : int64[n + 1], links : int64[...]
        The problem's links of each path.
    rate : float64[n]
        Vehicles per second.
    """

    zone: IntArray
    site: IntArray
    start: IntArray
    links: IntArray
    rate: FloatArray

    def travel_s(self, problem: Problem) -> FloatArray:
        """float64[n]: seconds under way."""
        none = np.zeros(0)
        travel: FloatArray = np.add.reduceat(problem.tau[self.links], self.start[:-1]) if len(self.links) else none
        return travel


def steady_routes(problem: Problem, found: StaticFlow) -> SteadyRoutes:
    """The paths of a static flow from zones to sites."""
    links = np.flatnonzero(found.flow > 0)
    flow = np.round(found.flow[links] * PATH_UNITS).astype(np.int64)[:, None]
    start, order = forward_star(problem.n_nodes, problem.tail[links])
    by_node = np.argsort(problem.site_node, kind="stable")
    site_start = np.searchsorted(problem.site_node[by_node], np.arange(problem.n_nodes + 1))
    zone, site, route_start, rows, route, _, units = decompose(
        flow, np.zeros(len(links), dtype=np.int64), problem.head[links], start, order,
        np.round(found.zone_rate * PATH_UNITS).astype(np.int64)[:, None], problem.zone_node,
        np.round(found.site_rate[by_node] * PATH_UNITS).astype(np.int64)[:, None], site_start,
    )  # fmt: skip
    rate = np.bincount(route, units, len(zone)) / PATH_UNITS
    return SteadyRoutes(zone, by_node[site], route_start, links[rows], rate)


def spare_routes(problem: Problem) -> SteadyRoutes:
    """
    Ways for those whom the planned ones fail: to the nearest site, of the largest half of the sites, the largest
    quarter and so on to the largest of all, over links that stay open.

    Rates are 0: nobody is meant to take them.
    """
    last = problem.profile.rate[problem.profile.start[1:] - 1]
    cost = np.where(last > 0, problem.tau, np.inf)
    start, order = forward_star(problem.n_nodes, problem.head)
    by_beds = np.argsort(-problem.beds, kind="stable")
    counts = [len(by_beds)]
    while counts[-1] > 1:
        counts.append(counts[-1] // 2)
    ways: list[SteadyRoutes] = []
    for count in counts:
        chosen = by_beds[:count]
        site_at = np.full(problem.n_nodes, -1)
        site_at[problem.site_node[chosen]] = chosen
        onward = shortest_times(start, order, problem.tail, cost, np.where(site_at < 0, np.inf, 0.0))[1]
        way_start, links, last = ways_onward(onward, problem.head, problem.zone_node)
        found = np.flatnonzero(np.diff(way_start))
        kept = np.concatenate((way_start[found], way_start[-1:]))
        ways.append(SteadyRoutes(found, site_at[last[found]], kept, links, np.zeros(len(found))))
    ends = np.cumsum([0, *(len(each.links) for each in ways)])
    return SteadyRoutes(
        np.concatenate([each.zone for each in ways]),
        np.concatenate([each.site for each in ways]),
        np.concatenate([*(each.start[:-1] + end for each, end in zip(ways, ends, strict=False)), ends[-1:]]),
        np.concatenate([each.links for each in ways]),
        np.concatenate([each.rate for each in ways]),
    )
