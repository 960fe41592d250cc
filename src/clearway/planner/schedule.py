"""From a flow in slots to departures that are feasible exactly, in continuous time and at true travel times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearway.kernels.packing import rates_of_movements, smooth_rates
from clearway.model.network import FloatArray, IntArray
from clearway.planner.loops import Blocks, blocks_of
from clearway.planner.packing import Routing, lay_out, pack, parts_of_slot
from clearway.planner.problem import Problem
from clearway.planner.slots import ROOM, Loads, SlotFlow
from clearway.planner.steady import SteadyRoutes

LONG_SLACK = 0.6
SMOOTH = 1  # slots on either side that rates are averaged with
SAME_RATE = 2e-7  # relative: a fifth of what a check tolerates


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """
    Departures along routes.

    Attributes
    ----------
    route_zone, route_site : int64[n_routes]
        Indices into the problem's zones and sites.
    route_start : int64[n_routes + 1], route_links : int64[...]
        The problem's links of each route.
    route : int64[n], from_s, until_s, vehicles : float64[n]
        Movements.
    left : float64[n_zones]
        Vehicles not placed.
    clearance_s : when the last vehicle arrives, 0 where there is none
    """

    route_zone: IntArray
    route_site: IntArray
    route_start: IntArray
    route_links: IntArray
    route: IntArray
    from_s: FloatArray
    until_s: FloatArray
    vehicles: FloatArray
    left: FloatArray
    clearance_s: float

    @property
    def sent(self) -> float:
        return float(self.vehicles.sum())

    def loads(self, problem: Problem) -> Loads:
        """What these movements send into each link and to each site."""
        lengths = np.diff(self.route_start)[self.route]
        movement = np.repeat(np.arange(len(self.route)), lengths)
        step = np.arange(len(movement)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        place = self.route_start[self.route][movement] + step
        tau = problem.tau[self.route_links]
        before = np.concatenate(([0.0], np.cumsum(tau)))[:-1]
        offset = (before - np.repeat(before[self.route_start[:-1]], np.diff(self.route_start)))[place]
        rate = self.vehicles / (self.until_s - self.from_s)
        return Loads(
            self.route_links[place], self.from_s[movement] + offset, self.until_s[movement] + offset, rate[movement],
            *self.arrivals(problem),
        )  # fmt: skip

    def arrivals(self, problem: Problem) -> tuple[IntArray, FloatArray]:
        """The scenario's site of each movement, and the persons whom it brings there."""
        persons = self.vehicles * problem.persons_per_vehicle[self.route_zone[self.route]]
        return problem.site[self.route_site[self.route]], persons


def schedule(
    flow: SlotFlow, spare: SteadyRoutes | None = None, slack: float = 0.12, smooth: int = SMOOTH, spreads: bool = False
) -> Schedule:
    """
    Departures that follow a flow in slots as far as true travel times allow; the rest as early after as there is room.

    Where slots are not exact, rates are averaged with those of the slots beside: what changes from slot to slot by
    mere chance would not fit. Room is kept in bins finer than the slots; a route that enters a link off the grid
    takes, in each bin, the larger of the two rates that share it, so that the sum holds at every instant. ``slack``
    is how far past the flow's horizon the rest may go; ``spare`` are ways that the rest may take too; ``smooth`` is how
    many slots on either side rates are averaged with, and where a route's may reach beyond those that it uses it
    ``spreads``: but for routes through links whose capacity changes, unless the flow guards their changes by as much.
    ``flow`` may be made another one of the same size, in which fewer drive round: see `blocks_of`.
    """
    is_exact = is_aligned(flow)
    blocks = blocks_of(flow, keeps_all=is_exact)
    is_whole = flow.sent >= flow.wanted and int(blocks.units.sum()) == flow.sent
    if is_exact and is_whole and flow.problem.profile.is_constant and not len(flow.loads.link):
        return in_slots(flow, blocks)
    found = _packed(flow, blocks, spare, slack, smooth, spreads)
    further_s = flow.grid.horizon_s * (1 + slack)
    if found.left.sum() > 0 and 0 < slack < LONG_SLACK and further_s < flow.problem.horizon_s:
        return _packed(flow, blocks, spare, LONG_SLACK, smooth, spreads)
    return found


def _packed(
    flow: SlotFlow, blocks: Blocks, spare: SteadyRoutes | None, slack: float, smooth: int, spreads: bool
) -> Schedule:
    """The blocks of a flow as far as they fit at true travel times, and the rest after; see `schedule`."""
    net, n_slots, is_exact = flow.net, flow.grid.n_slots, is_aligned(flow)
    zone, site, start, rows, route, slot, units = blocks
    if spare is not None:
        zone, site, start, rows = _with_spare(flow, spare, zone, site, start, rows)
    parts = 1 if is_exact else parts_of_slot(flow, len(zone), slack)
    routing = lay_out(flow, zone, site, start, rows, parts, slack)
    rates = np.zeros((len(zone), routing.used.shape[1] if parts == 1 else n_slots))
    np.add.at(rates, (route, slot), units / flow.units / flow.grid.slot_s)
    if not is_exact and smooth:
        may_spread = np.full(len(zone), spreads)
        if spreads and flow.caution.guard < smooth:
            changes = np.diff(flow.problem.profile.start)[flow.links] > 1
            may_spread = ~np.logical_or.reduceat(changes[rows], start[:-1])
        smooth_rates(rates[:, :n_slots], net.may_depart, zone, smooth, may_spread)
    wanted = rates
    if parts > 1:
        wanted = np.zeros_like(routing.used)
        wanted[:, : n_slots * parts] = np.repeat(rates, parts, axis=1)
    pack(flow.problem, routing, wanted)
    return finish(flow, routing)


def _with_spare(
    flow: SlotFlow, spare: SteadyRoutes, zone: IntArray, site: IntArray, start: IntArray, rows: IntArray
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Routes of a flow and the spare ones whose links it has."""
    row_of_link = np.full(len(flow.problem.tail), -1)
    row_of_link[flow.links] = np.arange(len(flow.links))
    rank = np.empty_like(flow.site_order)
    rank[flow.site_order] = np.arange(len(flow.site_order))
    spare_rows = row_of_link[spare.links]
    lengths = np.diff(spare.start)
    whole = (
        np.logical_and.reduceat(spare_rows >= 0, spare.start[:-1]) if len(spare_rows) else np.zeros(0, dtype=np.bool_)
    )
    kept = np.repeat(whole, lengths)
    return (
        np.concatenate((zone, spare.zone[whole])),
        np.concatenate((site, rank[spare.site[whole]])),
        np.concatenate((start, start[-1] + np.cumsum(lengths[whole]))),
        np.concatenate((rows, spare_rows[kept])),
    )


def join_schedules(first: Schedule, second: Schedule) -> Schedule:
    """Both schedules; ``second`` is for those whom ``first`` left."""
    return Schedule(
        np.concatenate((first.route_zone, second.route_zone)),
        np.concatenate((first.route_site, second.route_site)),
        np.concatenate((first.route_start, first.route_start[-1] + second.route_start[1:])),
        np.concatenate((first.route_links, second.route_links)),
        np.concatenate((first.route, second.route + len(first.route_zone))),
        np.concatenate((first.from_s, second.from_s)),
        np.concatenate((first.until_s, second.until_s)),
        np.concatenate((first.vehicles, second.vehicles)),
        second.left,
        max(first.clearance_s, second.clearance_s),
    )


def finish(flow: SlotFlow, routing: Routing) -> Schedule:
    """Movements from the rates of a routing, by the scenario's links alone."""
    problem, bin_s = flow.problem, routing.bin_s
    route, first, until, rate = runs(routing.used)
    origin = -flow.shift[problem.zone_node[routing.zone]]
    from_s = np.asarray(np.maximum(0.0, first * bin_s + origin[route]), dtype=np.float64)
    until_s = np.asarray(until * bin_s + origin[route], dtype=np.float64)
    start, links = _roads_only(problem, routing.start, flow.links[routing.links])
    travel = np.add.reduceat(problem.tau[links], start[:-1]) if len(links) else np.zeros(0)
    return Schedule(
        routing.zone, flow.site_order[routing.site], start, links, route, from_s, until_s,
        rate * (until - first) * bin_s, routing.left * bin_s, float(np.max(until_s + travel[route], initial=0.0)),
    )  # fmt: skip


def in_slots(flow: SlotFlow, blocks: Blocks) -> Schedule:
    """Movements that are the blocks of a flow that moves everybody in exact slots: they fit as they are."""
    problem, n_slots = flow.problem, flow.grid.n_slots
    zone, site, start, rows, route, slot, units = blocks
    place, block = np.unique(route * n_slots + slot, return_inverse=True)
    amount = np.bincount(block, units, len(place))
    route, slot = np.divmod(place, n_slots)
    begins = np.ones(len(place), dtype=np.bool_)
    begins[1:] = (np.diff(place) > 1) | (np.diff(route) > 0) | (np.diff(amount) != 0)
    first = np.flatnonzero(begins)
    length = np.diff(np.append(first, len(place)))
    route, slot = route[first], slot[first]
    vehicles = amount[first] * length / flow.units
    of_zone = zone[route]
    planned = np.bincount(of_zone, vehicles, len(problem.zone))  # a unit more, maybe, than there are
    vehicles *= np.minimum(1.0, problem.vehicles / np.maximum(planned, 1e-12))[of_zone]
    from_s = np.maximum(0.0, slot * flow.grid.slot_s - flow.shift[problem.zone_node[of_zone]])
    until_s = (slot + length) * flow.grid.slot_s - flow.shift[problem.zone_node[of_zone]]
    start, links = _roads_only(problem, start, flow.links[rows])
    travel = np.add.reduceat(problem.tau[links], start[:-1])
    return Schedule(
        zone, flow.site_order[site], start, links, route, from_s, until_s, vehicles,
        np.zeros(len(problem.zone)), float((until_s + travel[route]).max()),
    )  # fmt: skip


def follow(flow: SlotFlow, planned: Schedule) -> None:
    """Begin a flow with what a schedule sends by the flow's horizon; the links it needs are added."""
    problem = flow.problem
    start, links = _with_home_links(problem, planned)
    missing = np.setdiff1d(links, flow.links)
    if len(missing):
        flow.add_links(missing)
    origin = flow.shift[problem.zone_node[planned.route_zone]][planned.route]
    rates = rates_of_movements(
        planned.route, planned.from_s + origin, planned.until_s + origin, planned.vehicles, flow.grid.slot_s,
        len(planned.route_zone), flow.grid.n_slots,
    )  # fmt: skip
    none = np.zeros(len(planned.route_zone))
    flow.follow(SteadyRoutes(planned.route_zone, planned.route_site, start, links, none), rates)


def _with_home_links(problem: Problem, planned: Schedule) -> tuple[IntArray, IntArray]:
    """A schedule's routes with the links to home nodes that they pass."""
    links, start = planned.route_links, planned.route_start
    if not len(problem.home_of) or not len(links):
        return start, links
    is_last = np.zeros(len(links), dtype=np.bool_)
    is_last[start[1:] - 1] = True
    onward = np.append(problem.tail[links[1:]], -1)
    broken = ~is_last & (problem.head[links] != onward)
    home_link = problem.n_roads + onward[broken] - (problem.n_nodes - len(problem.home_of))
    before = np.concatenate(([0], np.cumsum(broken)))
    return start + before[start], np.insert(links, np.flatnonzero(broken) + 1, home_link)


def steady_schedule(problem: Problem, steady: SteadyRoutes) -> Schedule | None:
    """
    Departures at constant rates all along the paths of a static flow, each zone's ending so that it arrives all at
    once.

    Feasible whatever the travel times, since the rates fit on every link together; None where a zone has no path or
    beds do not suffice. Only for problems whose links are steady.
    """
    travel = steady.travel_s(problem)
    n_zones = len(problem.zone)
    on_link = np.bincount(steady.links, np.repeat(steady.rate, np.diff(steady.start)), len(problem.tail))
    used = on_link > 0
    rate = steady.rate * min(1.0, float(np.min(problem.top_rate[used] / on_link[used], initial=1.0)))
    of_zone = np.bincount(steady.zone, rate, n_zones)
    if (of_zone <= 0).any():
        return None
    end = (problem.vehicles + np.bincount(steady.zone, rate * travel, n_zones)) / of_zone + problem.ready_s
    from_s = problem.ready_s[steady.zone]
    until_s = end[steady.zone] - travel
    if (until_s <= from_s).any() or end.max() > problem.horizon_s:  # a path too long for its zone, or for all
        return None
    vehicles = rate * (until_s - from_s)
    persons = np.bincount(steady.site, vehicles * problem.persons_per_vehicle[steady.zone], len(problem.site))
    if (persons > problem.beds * ROOM).any():
        return None
    start, links = _roads_only(problem, steady.start, steady.links)
    return Schedule(
        steady.zone, steady.site, start, links, np.arange(len(steady.zone)), from_s, until_s,
        vehicles, np.zeros(n_zones), float(end.max()),
    )  # fmt: skip


def _roads_only(problem: Problem, start: IntArray, links: IntArray) -> tuple[IntArray, IntArray]:
    """Routes without the links to home nodes, which are no roads."""
    is_road = links < problem.n_roads
    return np.concatenate(([0], np.cumsum(is_road)))[start], links[is_road]


def is_aligned(flow: SlotFlow) -> bool:
    """Whether every link takes a whole number of slots, so that slots hold exactly."""
    problem = flow.problem
    tail, head = problem.tail[flow.links], problem.head[flow.links]
    slots = (problem.tau[flow.links] + flow.shift[head] - flow.shift[tail]) / flow.grid.slot_s
    return bool(np.all(np.abs(slots - np.round(slots)) < 1e-6))


def runs(rates: FloatArray) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Row, first column, end column and mean of the runs of (but for rounding) equal positive values in each row."""
    rows, columns = np.nonzero(rates > 0)
    values = rates[rows, columns]
    if not len(rows):
        return rows, columns, columns, values
    begins = np.ones(len(rows), dtype=np.bool_)
    same = (rows[1:] == rows[:-1]) & (columns[1:] == columns[:-1] + 1)
    begins[1:] = ~(same & (np.abs(values[1:] - values[:-1]) <= SAME_RATE * values[1:]))
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(rows)) - 1
    return rows[first], columns[first], columns[last] + 1, np.add.reduceat(values, first) / (last - first + 1)
