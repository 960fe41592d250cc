"""All that the kernels work on, made ready: roads, platoons at home, trees of ways, the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from clearway.kernels.traffic_tables import (
    AHEAD,
    EVENT,
    FIXED_ROUTE,
    LINE,
    LINK,
    MOST_GAPS_AT_ONCE,
    N_COUNTS,
    N_ROWS_LEFT,
    NEVER_GROWN,
    NO_WAY,
    NODE,
    PAIR,
    PLATOON,
    QUEUE,
    SLOT,
    STEP,
    TURN,
    UNUSED_GAPS,
    State,
    Ways,
    space,
    table,
)
from clearway.model.network import FloatArray, IntArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.simulator.behaviour import Travellers, directions_of
from clearway.simulator.parameters import SimulationParameters
from clearway.simulator.roads import RoadTables

MOST_INTERVALS = 200
FIRST_CALENDAR_S = 60.0  # of the queue of events, until it knows how fast they come
NICE_INTERVALS_S = (60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400)
FULL = 1.0 - 1e-12  # of the room: rounding does not keep a platoon out

Rows = Any  # a table of `clearway.kernels.traffic_tables`


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


class Platoons(NamedTuple):
    """What has become of everybody, by platoon; the names as in `clearway.kernels.traffic_tables`."""

    vehicles: FloatArray
    persons: FloatArray
    entered: FloatArray
    left_home: FloatArray
    guide: IntArray
    fallback: IntArray
    site: IntArray
    place: IntArray  # its queue
    leaves: FloatArray
    arrived: FloatArray
    status: IntArray


def platoons_of(state: State) -> Platoons:
    """Views of their columns in a state."""
    of = state.platoons
    own = (of.vehicles, of.persons, of.entered, of.left_home, of.guide, of.fallback, of.site)
    return Platoons(*own, state.lines.queue, state.leaves, state.arrived, state.status)


def make_state(
    scenario: Scenario,
    plan: Plan,
    travellers: Travellers,
    tables: RoadTables,
    trees: Trees,
    params: SimulationParameters,
) -> State:
    """Everybody at home, and the roads empty."""
    platoons = make_platoons(scenario, travellers, trees, params)
    lines, leaves = table(len(platoons), LINE), travellers.leaves_s.astype(np.float64)
    lines.behind = lines.queue = -1
    size = float(np.max(travellers.vehicles)) if len(travellers) else 1.0
    links, n_nodes = make_links(tables, size), scenario.network.n_nodes
    n_events = 2 * len(links) + n_nodes
    n_gaps = 2 * MOST_GAPS_AT_ONCE + len(platoons)  # rows of several
    counts = np.zeros(N_COUNTS, dtype=np.int64)
    events, slots = table(n_events, EVENT), table(1 + max(256, n_events // 2), SLOT)
    events.due = np.inf
    slots.first = slots.last = -1
    counts[N_ROWS_LEFT] = n_gaps
    counts[UNUSED_GAPS] = -1
    steps = table(trees.n * n_nodes, STEP).reshape(trees.n, n_nodes)
    steps.link, steps.site = NO_WAY, -1
    return State(
        links=links,
        queues=make_queues(tables),
        **make_nodes(tables, n_nodes),
        pairs=table(int(tables.roads.pair_start[-1]), PAIR),
        platoons=platoons,
        lines=lines,
        leaves=leaves,
        arrived=np.full(len(platoons), np.inf),
        status=np.full(len(platoons), AHEAD, dtype=np.int8),
        gaps=space(8 * n_gaps, np.float64).reshape(n_gaps, 8),
        events=events,
        slots=slots,
        calendar=np.array([0.0, len(slots) / FIRST_CALENDAR_S]),
        counts=counts,
        turns=table(int(np.diff(tables.roads.out_start).max(initial=1)), TURN),
        nominal=np.array([size]),
        order=np.argsort(leaves, kind="stable")[: int(np.isfinite(leaves).sum())],
        route_start=plan.routes.start.astype(np.int64),
        route_links=plan.routes.links.astype(np.int64),
        beds=np.array([site.beds for site in scenario.sites], dtype=np.float64),
        opens=np.full(len(scenario.sites), np.inf),
        steps=steps,
        is_valid=np.zeros(trees.n, dtype=np.bool_),
        **make_record(scenario, plan, travellers, params, links),
    )


def make_platoons(scenario: Scenario, travellers: Travellers, trees: Trees, params: SimulationParameters) -> Rows:
    """Platoons at home. Those who find their own way have a guide, the others one to fall back on."""
    n = len(travellers)
    platoons = table(n, PLATOON)
    look = np.arange(n) % params.n_classes
    any_site = travellers.direction
    own_site = np.where(travellers.follows_site, trees.n_directions + travellers.site, any_site)
    own_look = look if params.behaviour.other_way == "quickest" else np.full(n, -1)
    nodes = np.array([zone.node for zone in scenario.zones], dtype=np.int64)
    platoons.guide = np.where(travellers.follows_route, FIXED_ROUTE, trees.number(own_site, own_look))
    platoons.fallback = -1 if params.at_closed_road == "wait" else trees.number(any_site, look)
    platoons.vehicles, platoons.persons = travellers.vehicles, travellers.persons
    platoons.route, platoons.site = travellers.route, travellers.site
    platoons.node = nodes[travellers.zone] if n else 0
    platoons.left_home = np.inf
    platoons.leg = -1
    return platoons


def make_links(tables: RoadTables, size: float) -> Rows:
    """Empty roads, ``size``: vehicles of a usual platoon."""
    roads = tables.roads
    links = table(len(roads.tail), LINK)
    links.tail, links.head, links.local, links.pair_start = roads.tail, roads.head, roads.local, roads.pair_start[:-1]
    links.travel_time, links.wave_time = roads.travel_time, roads.wave_time
    links.rate = roads.rate
    links.pace = np.divide(size, roads.rate, out=np.zeros(len(links)), where=roads.rate > 0)
    # one platoon more than there is room for: else platoons a little off the beat keep a road that is just full
    # below its capacity
    links.room = (roads.storage + size) * FULL
    links.in_free = -np.inf
    links.gap_first = links.gap_last = links.row = -1
    return links


def make_queues(tables: RoadTables) -> Rows:
    """Nobody in any of them."""
    roads = tables.roads
    queues = table(2 * len(roads.tail), QUEUE)
    queues.first = queues.last = -1
    queues.out_free = -np.inf
    queues.node = np.concatenate((roads.head, roads.tail))
    queues.link = np.tile(np.arange(len(roads.tail)), 2)
    return queues


def make_nodes(tables: RoadTables, n_nodes: int) -> dict[str, Rows]:
    """Junctions and their queues: of each first the links in, then those at home by the link they enter."""
    roads, n_links = tables.roads, len(tables.roads.tail)
    nodes = table(n_nodes, NODE)
    nodes.n_in, nodes.n_out = np.diff(roads.in_start), np.diff(roads.out_start)
    nodes.start = roads.in_start[:-1] + roads.out_start[:-1]
    at_node = np.zeros(2 * n_links, dtype=np.int32)
    at_node[np.arange(n_links) + roads.out_start[:-1].repeat(nodes.n_in)] = roads.in_links
    at_node[np.arange(n_links) + roads.in_start[1:].repeat(nodes.n_out)] = n_links + roads.out_links
    return {"nodes": nodes, "at_node": at_node}


def make_ways(scenario: Scenario, tables: RoadTables, trees: Trees, params: SimulationParameters) -> Ways:
    """Where each tree leads; none has been grown yet."""
    names = np.array([site.direction for site in scenario.sites])
    n_nodes = scenario.network.n_nodes
    directions = [np.ones(len(names), dtype=np.bool_), *(names == name for name in directions_of(scenario))]
    return Ways(
        tables.backward_start,
        tables.backward_order,
        tables.roads.tail,
        np.array([site.node for site in scenario.sites], dtype=np.int64),
        np.concatenate((np.array(directions), np.eye(len(names), dtype=np.bool_))),
        np.array([1 + trees.n_classes]),
        np.full((trees.n, scenario.network.n_links), NEVER_GROWN),
        np.array([0.0, np.inf, 0.0, params.update_s]),
        np.zeros(scenario.network.n_links),
        np.zeros(n_nodes),
        np.zeros(n_nodes, dtype=np.int64),
        np.zeros(n_nodes, dtype=np.int64),
        np.zeros(n_nodes, dtype=np.int64),
        np.zeros(n_nodes, dtype=np.bool_),
    )


def interval_of(plan: Plan, scenario: Scenario, travellers: Travellers, params: SimulationParameters) -> float:
    """Seconds of an interval of the record."""
    if params.interval_s > 0:
        return params.interval_s
    leaving = travellers.leaves_s[np.isfinite(travellers.leaves_s)]
    last = max(plan.clearance_time_s, float(leaving.max(initial=0.0)))
    span = min(2.0 * last, scenario.horizon_s)
    return float(next((s for s in NICE_INTERVALS_S if span / s <= MOST_INTERVALS), NICE_INTERVALS_S[-1]))


def make_record(
    scenario: Scenario, plan: Plan, travellers: Travellers, params: SimulationParameters, links: Rows
) -> dict[str, Rows]:
    """
    Tables for the links that can be used: those of the routes, all where people find their own way or may have to.

    ``links`` get their columns of them, and how many hazards they are in.
    """
    n_links = len(links)
    interval = interval_of(plan, scenario, travellers, params)
    n_bins = max(int(np.ceil(scenario.horizon_s / interval)), 1)
    if not params.interval_s:  # what comes later than anyone expects is added up in the last interval
        n_bins = min(n_bins, 2 * MOST_INTERVALS)
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
        links.row[used] = np.arange(n_rows)
    areas = scenario.hazard_areas
    pairs = sorted((link, area.from_s, area.until_s) for area in areas for link in area.links)
    links.n_hazards = np.bincount(np.array([link for link, *_ in pairs], dtype=np.int64), minlength=n_links)
    return {
        "bin_s": np.array([interval]),
        "entered": np.zeros((n_bins, n_rows)),
        "delayed": np.zeros((n_bins, n_rows)),
        "hazard_start": np.concatenate(([0], np.cumsum(links.n_hazards))).astype(np.int64),
        "hazard_from": np.array([a for _, a, _ in pairs], dtype=np.float64),
        "hazard_until": np.array([b for *_, b in pairs], dtype=np.float64),
        "exposed": np.zeros(1),
    }


def with_more_space(state: State) -> State:
    """The same state with room for twice as many gaps."""
    n = len(state.gaps)
    gaps = space(16 * n, np.float64).reshape(2 * n, 8)
    gaps[:n] = state.gaps
    state.counts[N_ROWS_LEFT] += n
    return state._replace(gaps=gaps)
