"""Drives platoons through a scenario: the kernel in stretches, and between them whatever changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clearway.kernels import traffic as kernel
from clearway.kernels.traffic_tables import (
    AT_HOME,
    DONE,
    FIXED_ROUTE,
    MISCOUNTED,
    MOST_GAPS_AT_ONCE,
    N_EVENTS,
    N_GAPS_LEFT,
    NEVER_GROWN,
    NEXT_LOOK,
    NEXT_TO_LEAVE,
    NO_WAY,
    NOW,
    SAFE,
    SITE_FULL,
    TURNED_AWAY,
    UNUSED_GAP,
    WANTED,
    Platoons,
    Record,
    Roads,
    Scratch,
    Sites,
    Traffic,
    Trips,
    Ways,
)
from clearway.model.network import FloatArray, IntArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.simulator.behaviour import Travellers, directions_of
from clearway.simulator.parameters import Progress, SimulationParameters
from clearway.simulator.roads import RoadTables

MOST_INTERVALS = 200
STRETCHES = 20
NICE_INTERVALS_S = (60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400)


@dataclass(frozen=True, slots=True)
class Trees:
    """
    How trees of next links are numbered: by where they lead (any site of direction 0, 1, ..., then each site) and who
    follows them (those who take the way that is shortest on empty roads; then class 0, 1, ... of those who look).
    """

    n_directions: int  # "any" included
    n_sites: int
    n_classes: int

    @property
    def n(self) -> int:
        return (self.n_directions + self.n_sites) * (1 + self.n_classes)

    def number(self, goal: IntArray, look: IntArray) -> IntArray:
        """``goal``: a direction, or n_directions + a site; ``look``: -1 for the shortest way, else the class."""
        numbers: IntArray = goal * (1 + self.n_classes) + 1 + look
        return numbers


class Drive:
    """
    One simulation: its state, and what happens between stretches of driving.

    After `run`, ``platoons`` says what became of everybody and ``record`` what happened on links.
    """

    def __init__(
        self, scenario: Scenario, plan: Plan, travellers: Travellers, tables: RoadTables, params: SimulationParameters
    ) -> None:
        self.scenario, self.tables, self.params = scenario, tables, params
        self.trees = Trees(1 + len(directions_of(scenario)), len(scenario.sites), params.n_classes)
        self.platoons = make_platoons(scenario, travellers, self.trees, params)
        size = float(np.max(travellers.vehicles)) if len(travellers) else 1.0
        # one platoon more than there is room for: else platoons a little off the beat keep a road that is just full
        # below its capacity
        self.roads: Roads = tables.roads._replace(rate=tables.roads.rate.copy(), storage=tables.roads.storage + size)
        leaving = np.isfinite(self.platoons.leaves)
        order = np.argsort(self.platoons.leaves, kind="stable")[: int(leaving.sum())]
        self.last_s = max(plan.clearance_time_s, float(self.platoons.leaves[order].max(initial=0.0)))
        self.trips = Trips(
            plan.routes.start.astype(np.int64), plan.routes.links.astype(np.int64), order, np.array([size])
        )
        n_nodes = scenario.network.n_nodes
        self.traffic = make_traffic(self.roads, n_nodes, len(travellers))
        n_trees = self.trees.n
        self.sites = Sites(
            np.array([site.beds for site in scenario.sites], dtype=np.float64),
            np.full(len(scenario.sites), np.inf),
            np.full((n_trees, n_nodes), NO_WAY, dtype=np.int64),
            np.full((n_trees, n_nodes), -1, dtype=np.int64),
            np.zeros(n_trees, dtype=np.bool_),
        )
        self.ways = make_ways(scenario, tables, self.trees, params)
        guide = self.platoons.guide
        if ((guide >= 0) & (guide % (1 + params.n_classes) > 0)).any():
            self.ways.clock[NEXT_LOOK] = params.update_s
        self.record = make_record(scenario, plan, travellers, params)
        self.scratch = make_scratch(self.roads)

    # -- the run -------------------------------------------------------------------------------------------------

    def run(self, progress: Progress) -> None:
        """Drive to the horizon, or until everybody who can has arrived."""
        horizon = self.scenario.horizon_s
        changes = list(self.tables.changes)
        openings = list(self.tables.openings)
        times = {t for t, *_ in changes} | {t for t, *_ in openings} | {horizon}
        times |= set(np.linspace(0.0, min(2.0 * self.last_s, horizon), STRETCHES + 1).tolist())  # to tell how it goes
        for until in sorted(t for t in times if 0.0 <= t <= horizon):
            self.drive(until)
            has_opened = False
            while openings and openings[0][0] <= until:
                _, site, opens = openings.pop(0)
                self.sites.opens[site] = opens
                self.forget_trees(np.ones(self.trees.n, dtype=np.bool_))
                has_opened = has_opened or opens < np.inf
            if changes and changes[0][0] <= until:
                _, links, rates = changes.pop(0)
                self.change_rates(links, rates)
            elif has_opened:
                self.set_out_again()
            progress("driving", until, float(self.platoons.persons[self.platoons.status == SAFE].sum()))
            if self.is_over(bool(changes or openings)):
                break

    def drive(self, until: float) -> None:
        """Drive until a time, seeing to what the kernel wants on the way."""
        while True:
            state = (self.roads, self.platoons, self.traffic, self.sites, self.trips, self.record, self.scratch)
            code = kernel.drive_until(until, *state, self.ways)
            if code == DONE:
                return
            if code == SITE_FULL:
                site = int(self.traffic.counts[WANTED])
                self.sites.opens[site] = np.inf
                self.forget_trees((self.sites.target == site).any(axis=1))
            elif code == MISCOUNTED:
                raise AssertionError(
                    f"platoon {self.traffic.counts[WANTED]} is lost or in two places at {self.now:g} s"
                )
            else:
                self.traffic = with_more_space(self.traffic)

    def forget_trees(self, which: NDArray[np.bool_]) -> None:
        """Let trees (bool[n_trees]) be grown anew when next wanted: a site has opened or closed."""
        self.sites.is_valid[which] = False
        self.ways.cost[which, :1] = NEVER_GROWN

    def is_over(self, may_change: bool) -> bool:
        """Whether nothing can happen any more."""
        waits = bool((self.traffic.first >= 0).any()) or (may_change and len(self.parked()) > 0)
        return self.traffic.counts[NEXT_TO_LEAVE] >= len(self.trips.order) and not waits

    def parked(self) -> IntArray:
        """Platoons at home, or turned away, that know no way at all."""
        platoons = self.platoons
        at_home = (platoons.status == AT_HOME) & (platoons.place < 0)
        turned_away = (platoons.status == TURNED_AWAY) & (platoons.fallback >= 0)
        found: IntArray = np.flatnonzero(at_home | turned_away)
        return found

    def set_out_again(self) -> None:
        """Let those who knew no way look for one: something has opened."""
        state = (self.roads, self.platoons, self.traffic, self.sites, self.trips)
        kernel.set_out(self.parked(), *state, self.ways)

    # -- what changes --------------------------------------------------------------------------------------------

    def change_rates(self, links: IntArray, rates: FloatArray) -> None:
        """Let links take and let go other rates from now on; whoever is on one that closes is trapped or turns back."""
        roads, traffic, now = self.roads, self.traffic, self.now
        turns_back = self.params.on_closure == "turn-back"
        for link, rate in zip(links.tolist(), rates.tolist(), strict=True):
            before = roads.rate[link]
            if rate == 0.0:
                roads.rate[link] = 0.0
                kernel.shut(link, now, int(turns_back), roads, self.platoons, traffic)
            elif before == 0.0:
                traffic.in_free[link] = traffic.out_free[link] = now
            else:  # whoever has yet to follow the last platoon follows it at the new pace
                for free in (traffic.in_free, traffic.out_free):
                    free[link] = now + (free[link] - now) * before / rate if free[link] > now else free[link]
            roads.rate[link] = rate
        self.sites.is_valid[:] = False
        kernel.wake_all(now, roads, traffic)
        self.set_out_again()

    @property
    def now(self) -> float:
        """Seconds until which all have driven."""
        return float(self.ways.clock[NOW])

    @property
    def n_events(self) -> int:
        return int(self.traffic.counts[N_EVENTS])


def make_platoons(scenario: Scenario, travellers: Travellers, trees: Trees, params: SimulationParameters) -> Platoons:
    """Platoons at home. Those who find their own way have a guide, the others one to fall back on."""
    n = len(travellers)
    look = np.arange(n) % params.n_classes
    any_site = travellers.direction
    own_site = np.where(travellers.follows_site, trees.n_directions + travellers.site, any_site)
    own_look = look if params.behaviour.other_way == "quickest" else np.full(n, -1)
    guide = np.where(travellers.follows_route, FIXED_ROUTE, trees.number(own_site, own_look))
    fallback = trees.number(any_site, look)
    if params.at_closed_road == "wait":
        fallback = np.full(n, -1)
    nodes = np.array([zone.node for zone in scenario.zones], dtype=np.int64)
    return Platoons(
        vehicles=travellers.vehicles.astype(np.float64),
        persons=travellers.persons.astype(np.float64),
        leaves=travellers.leaves_s.astype(np.float64),
        route=travellers.route.astype(np.int64),
        guide=guide.astype(np.int64),
        fallback=fallback.astype(np.int64),
        node=nodes[travellers.zone] if n else np.zeros(0, dtype=np.int64),
        site=travellers.site.astype(np.int64),
        status=np.zeros(n, dtype=np.int8),
        leg=np.full(n, -1, dtype=np.int64),
        ready=np.zeros(n),
        entered=np.zeros(n),
        left_home=np.full(n, np.inf),
        arrived=np.full(n, np.inf),
        place=np.full(n, -1, dtype=np.int64),
        next=np.full(n, -1, dtype=np.int64),
    )


def make_ways(scenario: Scenario, tables: RoadTables, trees: Trees, params: SimulationParameters) -> Ways:
    """Where each tree leads; none has been grown yet."""
    names = np.array([site.direction for site in scenario.sites])
    n_nodes = scenario.network.n_nodes
    directions = [np.ones(len(names), dtype=np.bool_), *(names == name for name in directions_of(scenario))]
    return Ways(
        tables.backward_start,
        tables.backward_order,
        np.array([site.node for site in scenario.sites], dtype=np.int64),
        np.concatenate((np.array(directions), np.eye(len(names), dtype=np.bool_))),
        np.array([1 + trees.n_classes]),
        np.full((trees.n, scenario.network.n_links), NEVER_GROWN),
        np.array([0.0, np.inf, 0.0, params.update_s]),
        np.zeros(scenario.network.n_links),
        np.zeros(n_nodes),
        *(np.zeros(n_nodes, dtype=np.int64) for _ in range(3)),
        np.zeros(n_nodes, dtype=np.bool_),
    )


def make_traffic(roads: Roads, n_nodes: int, n_platoons: int) -> Traffic:
    """Empty roads."""
    n_links, n_pairs = len(roads.tail), int(roads.pair_start[-1])
    n_gaps = 2 * MOST_GAPS_AT_ONCE + 2 * n_platoons
    n_events = 2 * n_links + n_nodes
    counts = np.zeros(8, dtype=np.int64)
    counts[N_GAPS_LEFT] = n_gaps
    counts[UNUSED_GAP] = 0
    capacity = 2 * n_events + 4 * MOST_GAPS_AT_ONCE
    return Traffic(
        first=np.full(2 * n_links, -1, dtype=np.int64),
        last=np.full(2 * n_links, -1, dtype=np.int64),
        held=np.zeros(n_links),
        in_free=np.full(n_links, -np.inf),
        out_free=np.full(2 * n_links, -np.inf),
        sent=np.zeros(2 * n_links),
        clock=np.zeros(n_links),
        tag=np.zeros(n_pairs),
        mark=np.zeros(n_pairs),
        gap_first=np.full(n_links, -1, dtype=np.int64),
        gap_last=np.full(n_links, -1, dtype=np.int64),
        gap_time=np.zeros(n_gaps),
        gap_vehicles=np.zeros(n_gaps),
        gap_next=np.arange(1, n_gaps + 1, dtype=np.int64),
        contested=np.zeros(n_nodes, dtype=np.bool_),
        since=np.zeros(n_nodes),
        heap_time=np.zeros(capacity),
        heap_id=np.zeros(capacity, dtype=np.int64),
        due=np.full(n_events, np.inf),
        counts=counts,
        last_time=np.zeros(n_links),
    )


def with_more_space(traffic: Traffic) -> Traffic:
    """The same traffic with room for twice as many gaps and events."""
    n = len(traffic.gap_time)
    gap_next = np.concatenate((traffic.gap_next, np.arange(n + 1, 2 * n + 1, dtype=np.int64)))
    gap_next[-1] = traffic.counts[UNUSED_GAP]
    traffic.counts[UNUSED_GAP] = n
    traffic.counts[N_GAPS_LEFT] += n
    return traffic._replace(
        gap_time=np.concatenate((traffic.gap_time, np.zeros(n))),
        gap_vehicles=np.concatenate((traffic.gap_vehicles, np.zeros(n))),
        gap_next=gap_next,
        heap_time=np.concatenate((traffic.heap_time, np.zeros(len(traffic.heap_time)))),
        heap_id=np.concatenate((traffic.heap_id, np.zeros(len(traffic.heap_id), dtype=np.int64))),
    )


def interval_of(plan: Plan, scenario: Scenario, travellers: Travellers, params: SimulationParameters) -> float:
    """Seconds of an interval of the record."""
    if params.interval_s > 0:
        return params.interval_s
    leaving = travellers.leaves_s[np.isfinite(travellers.leaves_s)]
    last = max(plan.clearance_time_s, float(leaving.max(initial=0.0)))
    span = min(2.0 * last, scenario.horizon_s)
    return float(next((s for s in NICE_INTERVALS_S if span / s <= MOST_INTERVALS), NICE_INTERVALS_S[-1]))


def make_record(scenario: Scenario, plan: Plan, travellers: Travellers, params: SimulationParameters) -> Record:
    """
    Tables for the links that can be used: those of the routes, all where people find their own way or may have to.
    """
    n_links = scenario.network.n_links
    interval = interval_of(plan, scenario, travellers, params)
    n_bins = max(int(np.ceil(scenario.horizon_s / interval)), 1)
    if not params.interval_s:  # what comes later than anyone expects is added up in the last interval
        n_bins = min(n_bins, 2 * MOST_INTERVALS)
    row = np.full(n_links, -1, dtype=np.int64)
    n_rows = 0
    if params.record_links:
        used = np.zeros(n_links, dtype=np.bool_)
        used[plan.routes.links] = True
        may_change = params.at_closed_road == "reroute" and (
            bool(scenario.availabilities) or any(s.open_windows != ((0.0, np.inf),) for s in scenario.sites)
        )
        if may_change or not bool(travellers.follows_route.all()):
            used[:] = True
        n_rows = int(used.sum())
        row[used] = np.arange(n_rows)
    areas = scenario.hazard_areas
    pairs = sorted((link, area.from_s, area.until_s) for area in areas for link in area.links)
    start = np.zeros(n_links + 1, dtype=np.int64)
    np.add.at(start, np.array([link + 1 for link, *_ in pairs], dtype=np.int64), 1)
    return Record(
        np.array([interval]),
        row,
        np.zeros((n_rows, n_bins)),
        np.zeros((n_rows, n_bins)),
        np.cumsum(start),
        np.array([a for _, a, _ in pairs], dtype=np.float64),
        np.array([b for *_, b in pairs], dtype=np.float64),
        np.zeros(1),
    )


def make_scratch(roads: Roads) -> Scratch:
    """Working space for the junction with most roads out."""
    most = int(np.diff(roads.out_start).max(initial=1))
    return Scratch(np.zeros(most, dtype=np.int64), np.zeros(most), np.zeros(most))
