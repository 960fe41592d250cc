"""All parties of a scenario on its roads, whatever their direction: what routes and windows are chosen for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearway.kernels.paths import forward_star, shortest_times
from clearway.model.cut import integrate
from clearway.model.form import Form
from clearway.model.network import FloatArray, IntArray
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile
from clearway.planner.problem import BoolArray, Problem

ALL_LINKS = 4_000  # a network of so many usable links is searched whole; of a larger one, the free plan's ways


@dataclass(frozen=True, slots=True, eq=False)
class Parties:
    """
    Parties that can reach a site, with roads and sites as `clearway.kernels.route_choice` takes them.

    Attributes
    ----------
    place : per party (index of its problem, its zone there)
    origin, direction : int64[n_parties]
        The zone's node; 0: to any site, else as in ``site_direction``.
    vehicles, persons, ready_s : float64[n_parties]
        Vehicles, persons per vehicle, seconds.
    most_parts : int64[n_parties]
        How many ways each may take.
    links : int64[n_rows]
        The scenario's links that ways may take; ``tail``, ``head``, ``tau`` and ``top_rate`` are theirs.
    start, order : forward star of the rows
    site_start, site_order : sites by node; site_direction : int64[n_sites]; beds : float64[n_sites]
    from_zone, to_site : float64[n_nodes]
        Seconds: the earliest time anyone can be there, the way to the nearest site.
    """

    scenario: Scenario
    profile: CapacityProfile
    problems: tuple[Problem, ...]
    place: tuple[tuple[int, int], ...]
    origin: IntArray
    direction: IntArray
    vehicles: FloatArray
    persons: FloatArray
    ready_s: FloatArray
    most_parts: IntArray
    links: IntArray
    tail: IntArray
    head: IntArray
    tau: FloatArray
    top_rate: FloatArray
    start: IntArray
    order: IntArray
    site_start: IntArray
    site_order: IntArray
    site_direction: IntArray
    beds: FloatArray
    from_zone: FloatArray
    to_site: FloatArray

    def __len__(self) -> int:
        return len(self.origin)

    @property
    def n_directions(self) -> int:
        return int(max(self.direction.max(initial=0), self.site_direction.max(initial=0))) + 1

    def room(self, horizon_s: float) -> tuple[FloatArray, FloatArray]:
        """
        float64[n_rows] vehicles that each link can take on the way to arrive by a horizon; seconds there are for it.
        """
        until = horizon_s - self.tau - self.to_site[self.head]
        begin = self.from_zone[self.tail]
        span = np.maximum(until - begin, 0.0)
        room = self.top_rate * span
        profile = self.profile
        for row in np.flatnonzero((np.diff(profile.start)[self.links] > 1) & (span > 0)):
            room[row] = integrate(profile, int(self.links[row]), float(begin[row]), float(until[row]))
        return room, span


def gather_parties(
    scenario: Scenario,
    profile: CapacityProfile,
    problems: list[Problem],
    form: Form,
    used: IntArray,
    part_limit: int,
) -> Parties:
    """
    The parties of all problems; ``used`` are the scenario's links that the free plan takes, ``part_limit`` how many
    ways a party may take where the form sets no limit.
    """
    network = scenario.network
    names = sorted({p.direction for p in problems if p.direction is not None})
    number = {name: i + 1 for i, name in enumerate(names)}
    rows = [(k, i) for k, problem in enumerate(problems) for i in range(len(problem.zone))]
    zones = [scenario.zones[int(problems[k].zone[i])] for k, i in rows]
    most = [form.most_routes(zone.zone_id) or part_limit for zone in zones]
    top_rate = np.maximum.reduceat(profile.rate, profile.start[:-1]) if network.n_links else np.zeros(0)
    start, order = forward_star(network.n_nodes, network.tail)
    back, back_order = forward_star(network.n_nodes, network.head)
    cost = np.where(top_rate > 0, network.free_flow_time_s, np.inf)
    first = np.full(network.n_nodes, np.inf)
    ready = np.array([zone.ready_s for zone in zones], dtype=np.float64)
    origin = np.array([zone.node for zone in zones], dtype=np.int64)
    np.minimum.at(first, origin, ready)
    from_zone = shortest_times(start, order, network.head, cost, first)[0]
    sites = [i for i, site in enumerate(scenario.sites) if site.beds > 0 and site.open_windows]
    at_site = np.full(network.n_nodes, np.inf)
    at_site[[scenario.sites[i].node for i in sites]] = 0.0
    to_site = shortest_times(back, back_order, network.tail, cost, at_site)[0]
    reach = from_zone[network.tail] + network.free_flow_time_s + to_site[network.head]
    links = np.flatnonzero((top_rate > 0) & (reach <= scenario.horizon_s))
    if len(links) > ALL_LINKS:
        links = np.intersect1d(links, used)
    tail, head = network.tail[links], network.head[links]
    star = forward_star(network.n_nodes, tail)
    node_of_site = np.array([site.node for site in scenario.sites], dtype=np.int64)
    usable = np.array(sorted(sites, key=lambda i: int(node_of_site[i])), dtype=np.int64)
    return Parties(
        scenario=scenario,
        profile=profile,
        problems=tuple(problems),
        place=tuple(rows),
        origin=origin,
        direction=np.array([number.get(problems[k].direction or "", 0) for k, _ in rows], dtype=np.int64),
        vehicles=np.array([problems[k].vehicles[i] for k, i in rows], dtype=np.float64),
        persons=np.array([zone.persons_per_vehicle for zone in zones], dtype=np.float64),
        ready_s=ready,
        most_parts=np.array(most, dtype=np.int64),
        links=links,
        tail=tail,
        head=head,
        tau=network.free_flow_time_s[links],
        top_rate=top_rate[links],
        start=star[0],
        order=star[1],
        site_start=np.searchsorted(node_of_site[usable], np.arange(network.n_nodes + 1)),
        site_order=usable,
        site_direction=np.array([number.get(site.direction, -1) for site in scenario.sites], dtype=np.int64),
        beds=np.array([min(site.beds, 1e15) for site in scenario.sites], dtype=np.float64),
        from_zone=from_zone,
        to_site=to_site,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """
    One route per part.

    Attributes
    ----------
    party, site : int64[n_parts]
        Indices into `Parties` and the scenario's sites.
    vehicles : float64[n_parts]
    start : int64[n_parts + 1], rows : int64[...]
        Rows of `Parties.links` of each route.
    phase : int64[n_parts]
        Parts of a later phase may follow other junction rules than those of an earlier one.
    """

    party: IntArray
    site: IntArray
    vehicles: FloatArray
    start: IntArray
    rows: IntArray
    phase: IntArray

    def __len__(self) -> int:
        return len(self.party)

    def travel_s(self, parties: Parties) -> FloatArray:
        """float64[n_parts]: seconds from departure to arrival."""
        sums = np.concatenate(([0.0], np.cumsum(parties.tau[self.rows])))
        travel: FloatArray = sums[self.start[1:]] - sums[self.start[:-1]]
        return travel


def only(ways: Ways, chosen: BoolArray) -> Ways:
    """Some of the parts."""
    lengths = np.diff(ways.start)
    return Ways(
        ways.party[chosen], ways.site[chosen], ways.vehicles[chosen],
        np.concatenate(([0], np.cumsum(lengths[chosen]))).astype(np.int64), ways.rows[np.repeat(chosen, lengths)],
        ways.phase[chosen],
    )  # fmt: skip


def join_ways(first: Ways, second: Ways) -> Ways:
    """Both."""
    return Ways(
        np.concatenate((first.party, second.party)),
        np.concatenate((first.site, second.site)),
        np.concatenate((first.vehicles, second.vehicles)),
        np.concatenate((first.start, first.start[-1] + second.start[1:])),
        np.concatenate((first.rows, second.rows)),
        np.concatenate((first.phase, second.phase)),
    )
