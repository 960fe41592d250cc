"""A scenario as the arrays the planner works on, for the parties of one direction."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clearway.kernels.paths import forward_star, shortest_times
from clearway.model.cut import parties_counted
from clearway.model.demand import Intervals
from clearway.model.network import FloatArray, IntArray
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """
    Sources, sites and links over time. Zones here are parties that can reach a site; they are sorted by node.

    Attributes
    ----------
    tail, head : int64[n_links]
    tau : float64[n_links]
        Free-flow time, seconds.
    profile : rates at which links may be entered over time, vehicles per second
    top_rate : float64[n_links]
        The most each link ever takes, vehicles per second.
    zone : int64[n_zones], index into the scenario's zones; zone_node : int64[n_zones]
    vehicles, persons_per_vehicle, weight, ready_s : float64[n_zones]
    windows : departure windows per zone
    site : int64[n_sites], index into the scenario's sites; site_node : int64[n_sites]
    beds : float64[n_sites]
        Persons; inf: unlimited.
    open_windows : per site
    to_site, from_zone : float64[n_nodes]
        Seconds to the nearest site; earliest time anyone can be there.
    stranded : the scenario's zones of this direction that reach no site or may never depart
    """

    direction: str | None
    n_nodes: int
    tail: IntArray
    head: IntArray
    tau: FloatArray
    profile: CapacityProfile
    top_rate: FloatArray
    zone: IntArray
    zone_node: IntArray
    vehicles: FloatArray
    persons_per_vehicle: FloatArray
    weight: FloatArray
    ready_s: FloatArray
    windows: tuple[Intervals, ...]
    site: IntArray
    site_node: IntArray
    beds: FloatArray
    open_windows: tuple[Intervals, ...]
    to_site: FloatArray
    from_zone: FloatArray
    horizon_s: float
    stranded: tuple[int, ...] = ()

    @property
    def demand(self) -> float:
        """Vehicles in all."""
        return float(self.vehicles.sum())

    @property
    def is_steady(self) -> bool:
        """True where nothing but readiness depends on time and beds cannot bind: static flows then give exact bounds."""
        full = self.persons_per_vehicle * self.vehicles
        always = all(len(w) == 1 and math.isinf(w[0][1]) for w in (*self.windows, *self.open_windows))
        opened = all(w[0][0] == 0 for w in self.open_windows)
        return self.profile.is_constant and always and opened and bool((self.beds >= full.sum()).all())

    def useful(self, horizon_s: float) -> BoolArray:
        """bool[n_links]: whether a vehicle can use the link and still arrive by the horizon."""
        reach = self.from_zone[self.tail] + self.tau + self.to_site[self.head]
        result: BoolArray = (self.top_rate > 0) & (reach <= horizon_s)
        return result


def build_problem(scenario: Scenario, direction: str | None, profile: CapacityProfile) -> Problem:
    """The parties of one direction that can reach a site, with the sites they may go to."""
    network = scenario.network
    starts = profile.start[:-1]
    top_rate = np.maximum.reduceat(profile.rate, starts) if network.n_links else np.zeros(0)
    cost = np.where(top_rate > 0, network.free_flow_time_s, np.inf)
    sites = [
        (i, site)
        for i, site in enumerate(scenario.sites)
        if (direction is None or site.direction == direction) and site.beds > 0 and site.open_windows
    ]
    at_site = np.full(network.n_nodes, np.inf)
    at_site[[site.node for _, site in sites]] = 0.0
    in_start, in_order = forward_star(network.n_nodes, network.head)
    to_site, _ = shortest_times(in_start, in_order, network.tail, cost, at_site)

    by_zone: dict[int, float] = {}
    for party in parties_counted(scenario, direction):
        by_zone[party.zone] = by_zone.get(party.zone, 0.0) + party.vehicles
    rows, stranded = [], []
    for index, vehicles in by_zone.items():
        zone = scenario.zones[index]
        if zone.departure_windows and math.isfinite(leave_by_road(scenario, zone.node, to_site, cost)):
            rows.append((zone.node, index, vehicles))
        else:
            stranded.append(index)
    rows.sort()
    zone_index = np.array([index for _, index, _ in rows], dtype=np.int64)
    zone_node = np.array([node for node, _, _ in rows], dtype=np.int64)
    zones = [scenario.zones[i] for i in zone_index]
    at_zone = np.full(network.n_nodes, np.inf)
    ready = np.array([zone.ready_s for zone in zones], dtype=np.float64)
    np.minimum.at(at_zone, zone_node, ready)
    out_start, out_order = forward_star(network.n_nodes, network.tail)
    from_zone, _ = shortest_times(out_start, out_order, network.head, cost, at_zone)
    return Problem(
        direction=direction,
        n_nodes=network.n_nodes,
        tail=network.tail,
        head=network.head,
        tau=network.free_flow_time_s,
        profile=profile,
        top_rate=top_rate,
        zone=zone_index,
        zone_node=zone_node,
        vehicles=np.array([vehicles for _, _, vehicles in rows], dtype=np.float64),
        persons_per_vehicle=np.array([zone.persons_per_vehicle for zone in zones], dtype=np.float64),
        weight=np.array([zone.priority for zone in zones], dtype=np.float64),
        ready_s=ready,
        windows=tuple(zone.departure_windows for zone in zones),
        site=np.array([i for i, _ in sites], dtype=np.int64),
        site_node=np.array([site.node for _, site in sites], dtype=np.int64),
        beds=np.array([site.beds for _, site in sites], dtype=np.float64),
        open_windows=tuple(site.open_windows for _, site in sites),
        to_site=to_site,
        from_zone=from_zone,
        horizon_s=scenario.horizon_s,
        stranded=tuple(stranded),
    )


def leave_by_road(scenario: Scenario, node: int, to_site: FloatArray, cost: FloatArray) -> float:
    """Seconds from a node to the nearest site by at least one link: a route is never empty."""
    network = scenario.network
    out = np.flatnonzero(network.tail == node)
    return float(np.min(cost[out] + to_site[network.head[out]], initial=np.inf))
