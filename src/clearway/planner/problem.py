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

    A zone that shares its node with a site has a home node of its own, from which that node's links leave; a link of
    no length leads there from the node. So nobody arrives who has not driven. Home nodes and these links come after
    the scenario's.

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
    home_of : int64[n_homes]
        The node that each home node belongs to.
    stranded : the scenario's zones of this direction that reach no site or may never depart
    stranded_load : the fewest persons in a vehicle of theirs, inf where there are none
    bedless : the scenario's sites of this direction without a bed
    beside : vehicles of parties with a direction where this problem is that of those without: a certificate counts
    them too
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
    home_of: IntArray
    stranded: tuple[int, ...] = ()
    stranded_load: float = math.inf
    bedless: tuple[int, ...] = ()
    beside: float = 0.0

    @property
    def n_roads(self) -> int:
        """The scenario's links: those that a route is made of."""
        return len(self.tail) - len(self.home_of)

    @property
    def demand(self) -> float:
        """Vehicles in all."""
        return float(self.vehicles.sum())

    @property
    def is_steady(self) -> bool:
        """
        True where nothing but readiness depends on time and beds cannot bind: static flows then give exact bounds.
        """
        return self.has_ample_beds and self.has_steady_roads

    @property
    def has_ample_beds(self) -> bool:
        """Whether each site has beds for all."""
        return bool((self.beds >= (self.persons_per_vehicle * self.vehicles).sum()).all())

    @property
    def has_steady_roads(self) -> bool:
        """Whether nothing but readiness depends on time."""
        always = all(len(w) == 1 and math.isinf(w[0][1]) for w in (*self.windows, *self.open_windows))
        return self.profile.is_constant and always and all(w[0][0] == 0 for w in self.open_windows)

    def useful(self, horizon_s: float) -> BoolArray:
        """bool[n_links]: whether a vehicle can use the link and still arrive by the horizon."""
        reach = self.from_zone[self.tail] + self.tau + self.to_site[self.head]
        result: BoolArray = (self.top_rate > 0) & (reach <= horizon_s)
        return result


@dataclass(frozen=True, slots=True, eq=False)
class _Roads:
    """Links with those to home nodes; see `Problem`."""

    n_nodes: int
    tail: IntArray
    head: IntArray
    tau: FloatArray
    profile: CapacityProfile
    top_rate: FloatArray
    home_of: IntArray

    def home(self, node: int) -> int:
        """The node that a zone at a node departs from."""
        at = np.flatnonzero(self.home_of == node)
        return int(self.n_nodes - len(self.home_of) + at[0]) if len(at) else node

    def times(self, first: FloatArray, *, backward: bool) -> FloatArray:
        """float64[n_nodes]: seconds by usable links from some nodes (backward: to them), which start at ``first``."""
        near, far = (self.head, self.tail) if backward else (self.tail, self.head)
        start, order = forward_star(self.n_nodes, near)
        found: FloatArray = shortest_times(start, order, far, np.where(self.top_rate > 0, self.tau, np.inf), first)[0]
        return found


def _roads(scenario: Scenario, profile: CapacityProfile, home_of: IntArray) -> _Roads:
    """The scenario's links, and one to a home node for each node of ``home_of``."""
    network, n_homes = scenario.network, len(home_of)
    top_rate = np.maximum.reduceat(profile.rate, profile.start[:-1]) if network.n_links else np.zeros(0)
    home = network.n_nodes + np.arange(n_homes)
    moved = np.arange(network.n_nodes)
    moved[home_of] = home
    touching = np.bincount(network.head, top_rate, network.n_nodes) + np.bincount(
        network.tail, top_rate, network.n_nodes
    )
    ample = 2 * touching[home_of] + 1  # never worth cutting
    pieces = len(profile.rate)
    return _Roads(
        n_nodes=network.n_nodes + n_homes,
        tail=np.concatenate((moved[network.tail], home_of)),
        head=np.concatenate((network.head, home)),
        tau=np.concatenate((network.free_flow_time_s, np.zeros(n_homes))),
        profile=CapacityProfile(
            np.concatenate((profile.start, pieces + 1 + np.arange(n_homes))),
            np.concatenate((profile.from_s, np.zeros(n_homes))),
            np.concatenate((profile.rate, ample)),
        ),
        top_rate=np.concatenate((top_rate, ample)),
        home_of=home_of,
    )


def build_problem(scenario: Scenario, direction: str | None, profile: CapacityProfile) -> Problem:
    """The parties of one direction that can reach a site, with the sites they may go to."""
    allowed = [(i, site) for i, site in enumerate(scenario.sites) if direction is None or site.direction == direction]
    sites = [(i, site) for i, site in allowed if site.beds > 0 and site.open_windows]
    counted = parties_counted(scenario, direction)
    by_zone: dict[int, float] = {}
    for party in counted:
        if party.direction == direction:
            by_zone[party.zone] = by_zone.get(party.zone, 0.0) + party.vehicles
    site_nodes = {site.node for _, site in sites}
    shared = sorted({scenario.zones[i].node for i in by_zone} & site_nodes)
    roads = _roads(scenario, profile, np.array(shared, dtype=np.int64))
    at_site = np.full(roads.n_nodes, np.inf)
    at_site[list(site_nodes)] = 0.0
    to_site = roads.times(at_site, backward=True)

    rows, stranded = [], []
    for index, vehicles in by_zone.items():
        zone = scenario.zones[index]
        node = roads.home(zone.node)
        if zone.departure_windows and math.isfinite(to_site[node]):
            rows.append((node, index, vehicles))
        else:
            stranded.append(index)
    rows.sort()
    zone_index = np.array([index for _, index, _ in rows], dtype=np.int64)
    zone_node = np.array([node for node, _, _ in rows], dtype=np.int64)
    zones = [scenario.zones[i] for i in zone_index]
    at_zone = np.full(roads.n_nodes, np.inf)
    ready = np.array([zone.ready_s for zone in zones], dtype=np.float64)
    np.minimum.at(at_zone, zone_node, ready)
    return Problem(
        direction=direction,
        n_nodes=roads.n_nodes,
        tail=roads.tail,
        head=roads.head,
        tau=roads.tau,
        profile=roads.profile,
        top_rate=roads.top_rate,
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
        from_zone=roads.times(at_zone, backward=False),
        horizon_s=scenario.horizon_s,
        home_of=roads.home_of,
        stranded=tuple(stranded),
        stranded_load=min((scenario.zones[i].persons_per_vehicle for i in stranded), default=math.inf),
        bedless=tuple(i for i, site in allowed if site.beds <= 0),
        beside=math.fsum(party.vehicles for party in counted if party.direction != direction),
    )
