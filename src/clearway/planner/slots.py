"""A problem cut into slots of shifted time: real time plus the free-flow time to the nearest site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from clearway.kernels.packing import fit_routes
from clearway.kernels.preflow import FAR, measure, preflow_of
from clearway.kernels.slots import carry_on, slot_rates, take_loads
from clearway.kernels.time_expanded import (
    SlotNetwork,
    augment,
    lay_routes,
    lay_steady,
)
from clearway.model.demand import Intervals
from clearway.model.network import FloatArray, IntArray
from clearway.planner.problem import BoolArray, Problem
from clearway.planner.push_relabel import finish_by_push_relabel
from clearway.planner.steady import SteadyRoutes
from clearway.planner.steady import SteadyRoutes as Paths

LINK_COLUMNS = ("tail", "head", "rho", "out_start", "out_links", "in_start", "in_links", "capacity", "flow")
MOST_PHASES = 100_000
MOST_LENGTH = 6  # detours are told apart in so many classes: more classes, fewer detours and slower

FINEST_UNITS = 1e9  # units a vehicle at the most
WHOLE_FLOW = 1e10  # units all vehicles make at the most, unless a unit would be larger than asked for
ROOM = 1 + 1e-9  # what a rate may be exceeded by, so that rounding costs no slot: far less than what a check tolerates


@dataclass(frozen=True, slots=True, eq=False)
class Loads:
    """
    What other parties already send: into links, int64[n] and float64[n] seconds and vehicles per second; to sites,
    int64[m] (the scenario's) and float64[m] persons.
    """

    link: IntArray
    from_s: FloatArray
    until_s: FloatArray
    rate: FloatArray
    site: IntArray
    persons: FloatArray

    def beds_left(self, problem: Problem) -> FloatArray:
        """float64[n_sites]: persons each site of a problem can still take."""
        most = int(max(self.site.max(initial=-1), problem.site.max(initial=-1))) + 1
        taken = np.bincount(self.site, self.persons, most)
        left: FloatArray = np.maximum(0.0, problem.beds - taken[problem.site])
        return left


def no_loads() -> Loads:
    """An empty road."""
    none = np.zeros(0, dtype=np.int64)
    return Loads(none, np.zeros(0), np.zeros(0), np.zeros(0), none, np.zeros(0))


def join_loads(first: Loads, second: Loads) -> Loads:
    """Both loads together."""
    return Loads(
        np.concatenate((first.link, second.link)),
        np.concatenate((first.from_s, second.from_s)),
        np.concatenate((first.until_s, second.until_s)),
        np.concatenate((first.rate, second.rate)),
        np.concatenate((first.site, second.site)),
        np.concatenate((first.persons, second.persons)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """
    Slots of ``slot_s`` seconds of shifted time, ``n_slots`` of them up to the horizon.

    ``shift_s`` is float64[n_nodes], what is added to real time; None: the free-flow time to the nearest site.
    """

    slot_s: float
    n_slots: int
    shift_s: FloatArray | None = None

    @property
    def horizon_s(self) -> float:
        return self.slot_s * self.n_slots


def shift_to_sites(problem: Problem) -> FloatArray:
    """float64[n_nodes]: seconds to the nearest site, 0 where there is none."""
    shift: FloatArray = np.where(np.isfinite(problem.to_site), problem.to_site, 0.0)
    return shift


@dataclass(frozen=True, slots=True)
class Caution:
    """
    What a flow leaves unused, so that those fit who come a little earlier or later than in slots.

    ``bed_share`` is how much of each site's beds may be used; links whose capacity changes take, ``guard`` slots before
    and after, the least of what they can.
    """

    bed_share: float = 1.0
    guard: int = 0


class SlotFlow:
    """
    A flow over time in slots over some links of a problem, improved by adding links.

    ``links`` are the problem's link of each row of ``net``; ``share`` is how much of each link's rate may be used; a
    vehicle is at least ``units`` units of flow, ``self.units`` in fact. Where the flow ``is_sure`` a link takes in each
    slot no more than it can at any time of it and of the slots beside: what fits then still does at true travel times.
    With ``caution`` some beds are kept, and some time around changes of capacity.
    """

    def __init__(
        self,
        problem: Problem,
        links: IntArray,
        grid: Grid,
        loads: Loads,
        units: int,
        share: float = 1.0,
        is_sure: bool = False,
        caution: Caution | None = None,
    ) -> None:
        # few vehicles make small flows, which need a finer unit
        units = max(units, int(min(FINEST_UNITS, WHOLE_FLOW / max(1.0, problem.demand))))
        self.problem, self.grid, self.loads, self.units, self.share = problem, grid, loads, units, share
        self.is_sure, self.caution = is_sure, caution or Caution()
        self.shift = shift_to_sites(problem) if grid.shift_s is None else grid.shift_s
        self.links = links
        slots = np.arange(grid.n_slots) * grid.slot_s
        depart = [
            inside(slots - self.shift[node], grid.slot_s, windows)
            for node, windows in zip(problem.zone_node, problem.windows, strict=True)
        ]
        site_order = np.argsort(problem.site_node, kind="stable")
        self.site_order = site_order
        site_node = problem.site_node[site_order]
        arrive = [
            inside(slots - self.shift[problem.site_node[i]], grid.slot_s, problem.open_windows[i]) for i in site_order
        ]
        load = problem.persons_per_vehicle
        persons = float(load.max()) if len(load) else 1.0
        beds = np.minimum(loads.beds_left(problem)[site_order] / persons, 4.0 * problem.demand + 1.0)
        nodes = np.arange(problem.n_nodes + 1)
        shape = (len(problem.zone), grid.n_slots)
        self.supply = np.ceil(problem.vehicles * units - 1e-6).astype(np.int64)
        on_links = self._link_arrays(links, self._capacity(links), np.zeros((len(links), grid.n_slots), dtype=np.int64))
        self.net = SlotNetwork(
            **dict(zip(LINK_COLUMNS, on_links, strict=True)),
            zone_start=np.searchsorted(problem.zone_node, nodes),
            zone_node=problem.zone_node,
            may_depart=np.array(depart, dtype=np.bool_).reshape(shape),
            departures=np.zeros(shape, dtype=np.int64),
            site_start=np.searchsorted(site_node, nodes),
            site_node=site_node,
            may_arrive=np.array(arrive, dtype=np.bool_).reshape((len(site_node), grid.n_slots)),
            arrivals=np.zeros((len(site_node), grid.n_slots), dtype=np.int64),
            supply=np.zeros_like(self.supply),
            beds=np.floor(beds * units * self.caution.bed_share + 1e-6).astype(np.int64),
        )

    def _slots_of(self, links: IntArray) -> IntArray:
        """int64[n]: how many slots links take."""
        tail, head = self.problem.tail[links], self.problem.head[links]
        delay = self.problem.tau[links] + self.shift[head] - self.shift[tail]
        rho: IntArray = np.maximum(np.round(delay / self.grid.slot_s), 0).astype(np.int64)
        return rho

    def _capacity(self, links: IntArray) -> IntArray:
        """int64[n, n_slots]: how many units may enter links in each slot."""
        problem, grid = self.problem, self.grid
        tail = problem.tail[links]
        mean, least = slot_rates(
            problem.profile.start,
            problem.profile.from_s,
            problem.profile.rate,
            links,
            -self.shift[tail],
            grid.slot_s,
            grid.n_slots,
        )
        if len(self.loads.link):
            row_of_link = np.full(len(problem.tail), -1)
            row_of_link[links] = np.arange(len(links))
            take_loads(
                mean, least, row_of_link, -self.shift[tail], grid.slot_s,
                self.loads.link, self.loads.from_s, self.loads.until_s, self.loads.rate,
            )  # fmt: skip
        if self.is_sure:
            mean = least.copy()
            np.minimum(mean[:, 1:], least[:, :-1], out=mean[:, 1:])
            np.minimum(mean[:, :-1], least[:, 1:], out=mean[:, :-1])
        if self.caution.guard:
            changing = np.diff(problem.profile.start)[links] > 1
            has_begun = np.arange(grid.n_slots) * grid.slot_s >= self.shift[tail[changing], None] - 1e-6
            least = mean[changing]
            at = np.where(has_begun, least, np.inf)  # before the plan's start nothing changes
            for by in range(1, min(self.caution.guard, grid.n_slots - 1) + 1):
                np.minimum(least[:, by:], at[:, :-by], out=least[:, by:])
                np.minimum(least[:, :-by], at[:, by:], out=least[:, :-by])
            mean[changing] = least
        capacity: IntArray = np.floor(mean * grid.slot_s * self.units * self.share * ROOM).astype(np.int64)
        ends = np.arange(grid.n_slots) + self._slots_of(links)[:, None]
        capacity[ends >= grid.n_slots] = 0
        return capacity

    def _link_arrays(self, links: IntArray, capacity: IntArray, flow: IntArray) -> tuple[IntArray, ...]:
        """The link columns of a slot network, in the order of `SlotNetwork`."""
        tail, head, rho = self.problem.tail[links], self.problem.head[links], self._slots_of(links)
        nodes = np.arange(self.problem.n_nodes + 1)
        out_links, in_links = np.lexsort((rho, tail)), np.lexsort((rho, head))
        out_start, in_start = np.searchsorted(tail[out_links], nodes), np.searchsorted(head[in_links], nodes)
        return tail, head, rho, out_start, out_links, in_start, in_links, capacity, flow

    @property
    def sent(self) -> int:
        """Units that arrive."""
        return int(self.net.arrivals.sum())

    @property
    def wanted(self) -> int:
        """Units in all."""
        return int(self.supply.sum())

    def add_links(self, more: IntArray) -> None:
        """Go on with more links; the flow stays."""
        rows = np.zeros((len(more), self.grid.n_slots), dtype=np.int64)
        self.links = np.concatenate((self.links, more))
        capacity = np.concatenate((self.net.capacity, self._capacity(more)))
        arrays = self._link_arrays(self.links, capacity, np.concatenate((self.net.flow, rows)))
        self.net = self.net._replace(**dict(zip(LINK_COLUMNS, arrays, strict=True)))

    def preload(self, steady: SteadyRoutes, from_s: float = 0.0, until_s: float = np.inf, at_once: int = 1) -> None:
        """
        Begin with a flow that does not change while it lasts, as far as links, windows and beds let it in every slot.

        It lasts from ``from_s`` to ``until_s`` of shifted time; paths take turns every ``at_once`` slots.

        What comes on top changes less from slot to slot, and so fits better into true travel times.
        """
        net = self.net
        row_of_link = np.full(len(self.problem.tail), -1)
        row_of_link[self.links] = np.arange(len(self.links))
        site_rank = np.empty_like(self.site_order)
        site_rank[self.site_order] = np.arange(len(self.site_order))
        units = np.floor(steady.rate * (1 - 1e-6) * self.grid.slot_s * self.units * self.share).astype(np.int64)
        lay_steady(
            net.flow, net.capacity, net.rho, net.departures, net.may_depart, net.arrivals, net.may_arrive, net.beds,
            self.supply - net.departures.sum(axis=1), steady.zone, site_rank[steady.site], steady.start,
            row_of_link[steady.links], units, min(int(from_s / self.grid.slot_s), self.grid.n_slots),
            int(min(until_s / self.grid.slot_s, self.grid.n_slots)), at_once,
        )  # fmt: skip

    def follow(self, paths: Paths, rates: FloatArray) -> None:
        """
        Begin with given departures, as far as they fit when travel times are rounded to slots.

        ``rates`` is float64[n_paths, n_slots], vehicles per second in slots of the zones' shifted time. Links of the
        paths must be among the flow's.
        """
        net, problem = self.net, self.problem
        row_of_link = np.full(len(problem.tail), -1)
        row_of_link[self.links] = np.arange(len(self.links))
        site_rank = np.empty_like(self.site_order)
        site_rank[self.site_order] = np.arange(len(self.site_order))
        rows = row_of_link[paths.links]
        passed = np.concatenate(([0], np.cumsum(net.rho[rows])))
        after = passed[:-1] - np.repeat(passed[paths.start[:-1]], np.diff(paths.start))
        travel = passed[paths.start[1:]] - passed[paths.start[:-1]]
        unit = self.units * self.grid.slot_s
        used = np.zeros_like(rates)
        fit_routes(
            net.capacity / unit, used, np.argsort(-travel, kind="stable"), paths.zone, site_rank[paths.site],
            paths.start, rows, after, np.zeros(len(rows), dtype=np.bool_), rates, net.may_depart, net.may_arrive,
            travel, np.zeros(len(travel), dtype=np.bool_), self.supply / unit,
            self.net.beds / unit * problem.persons_per_vehicle.max(), problem.persons_per_vehicle,
        )  # fmt: skip
        units = np.floor(used * unit * (1 - 1e-9)).astype(np.int64)
        lay_routes(
            net.flow, net.departures, net.arrivals, units, paths.zone, site_rank[paths.site], paths.start, rows,
            after, travel,
        )  # fmt: skip
        net.beds[:] = np.maximum(0, net.beds - net.arrivals.sum(axis=1))

    def augment(self, phases: int = MOST_PHASES) -> None:
        """
        Send as much as these links carry: the weightiest zones first, then those farthest off.

        After so many ``phases`` of short ways the rest is left to push-relabel: sooner done, but its flow
        changes from slot to slot, which is of no matter where slots are exact.
        """
        far_first = np.argsort(-self.shift[self.problem.zone_node], kind="stable")
        step = max(1.0, self.grid.horizon_s / 400 / self.grid.slot_s)
        length = np.minimum(MOST_LENGTH, np.round(self.net.rho / step)).astype(np.int64)
        left = self.supply - self.net.departures.sum(axis=1)
        for weight in sorted(set(self.problem.weight.tolist()), reverse=True):
            self.net.supply[:] = np.where(self.problem.weight >= weight, left, 0)
            _, done, _ = augment(self.net, far_first, length, 0, phases)
            if not done and phases < MOST_PHASES:
                finish_by_push_relabel(self.net, self.earliest_slot())
            elif not done:
                augment(self.net, far_first, np.zeros_like(length), 1, MOST_PHASES)
            left = np.where(self.problem.weight >= weight, self.net.supply, left)
        self.net.supply[:] = left

    def earliest_slot(self) -> IntArray:
        """int64[n_nodes]: the first slot in which anyone can be at each node; past the end where nobody can."""
        reach = np.where(np.isfinite(self.problem.from_zone), self.problem.from_zone + self.shift, np.inf)
        slots = np.minimum(np.floor(reach / self.grid.slot_s + 1e-6) - 1, self.grid.n_slots)
        first: IntArray = np.maximum(slots, 0).astype(np.int64)
        return first

    def minimum_cut(self) -> tuple[BoolArray, BoolArray, BoolArray]:
        """
        Which (node, slot) pairs, homes and sites still reach a site with beds left: the far side of the minimum cut.

        Returns
        -------
        bool[n_nodes, n_slots], bool[n_zones], bool[n_sites] (sites in the problem's order)
        """
        pre = preflow_of(self.net)
        pre.most[:] = np.where(self.net.may_depart, self.net.departures + 1, 0)  # there is no limit
        measure(self.net, pre)
        sites = np.empty(len(self.problem.site), dtype=np.bool_)
        sites[self.site_order] = pre.of_site < FAR
        return pre.front.distance < FAR, pre.of_home < FAR, sites

    def missing_links(self, useful: BoolArray) -> IntArray:
        """
        Links not in the flow that lead across the minimum cut, alone or in a row: the only ones that can help.

        A node's side changes about once in time; ``near`` is the first slot on the near side, ``far`` the last on the
        far side, both carried on along missing links.
        """
        problem, n_slots = self.problem, self.grid.n_slots
        beyond, _, _ = self.minimum_cut()
        absent = useful.copy()
        absent[self.links] = False
        links = np.flatnonzero(absent)
        present = np.zeros(problem.n_nodes, dtype=np.bool_)
        present[problem.tail[self.links]] = present[problem.head[self.links]] = True
        present[problem.zone_node] = True
        earliest = np.where(
            np.isfinite(problem.from_zone), np.ceil((problem.from_zone + self.shift) / self.grid.slot_s - 1e-6), n_slots
        )
        far, near = np.full(problem.n_nodes, -float(1 << 40)), np.full(problem.n_nodes, float(1 << 40))
        at = np.flatnonzero(present | (np.bincount(problem.site_node, minlength=problem.n_nodes) > 0))
        is_far = beyond[at]
        is_near = ~is_far & (np.arange(n_slots) >= earliest[at, None]) & present[at, None]
        near[at[is_near.any(axis=1)]] = is_near.argmax(axis=1)[is_near.any(axis=1)]
        far[at[is_far.any(axis=1)]] = (n_slots - 1 - is_far[:, ::-1].argmax(axis=1))[is_far.any(axis=1)]
        far[problem.site_node] = n_slots - 1
        tail, head = problem.tail[links], problem.head[links]
        delay = np.maximum(np.round((problem.tau[links] + self.shift[head] - self.shift[tail]) / self.grid.slot_s), 0)
        carry_on(tail, head, delay, present, near, far)
        slack = far[head] - near[tail] - delay
        helpful: IntArray = links[slack >= 0]
        most = max(400, len(self.links) // 3)
        if len(helpful) > most:
            helpful = helpful[np.argsort(-slack[slack >= 0], kind="stable")[:most]]
        return helpful


def inside(from_s: npt.NDArray[np.floating[Any]], slot_s: float, windows: Intervals) -> BoolArray:
    """bool[n_slots]: whether slots beginning at ``from_s`` lie wholly in one of the windows."""
    result = np.zeros(len(from_s), dtype=np.bool_)
    for a, b in windows:
        result |= (from_s >= a - 1e-6) & (from_s + slot_s <= b + 1e-6)
    return result
