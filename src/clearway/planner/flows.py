"""Flows over time of one direction, over the few links that are found to matter."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from clearway.model.network import IntArray
from clearway.planner.alignment import Alignment
from clearway.planner.answer import Answer
from clearway.planner.parameters import PlanParameters
from clearway.planner.problem import BoolArray, Problem
from clearway.planner.short_ways import short_flow
from clearway.planner.slots import MOST_PHASES, Caution, Grid, Loads, SlotFlow
from clearway.planner.static_flow import calm_flow
from clearway.planner.steady import SteadyRoutes, spare_routes, steady_routes

STEADY_PHASES = 12  # ways with little detour, the same from slot to slot; the rest by push-relabel
FEW_SLOTS = 32  # enough to find which links matter
COARSE_SLOTS = 160  # enough to find about when everybody can be out
MANY_SLOTS = 400  # in so many exact slots a plan is mostly calm; in fewer its ways are those of the bound's flow
MOST_PRICINGS = 12
AT_ONCE = 8  # exact slots: those of a link lie in one line of the cache
LARGE = 200_000  # (link, slot) pairs
MOST_STEPS = 5
LEAST_SLOPE = 0.1  # of what all need on average: one step may gain nothing, and the next everything
MOST_CHANGES = 4  # of capacities, for which calm flows are made


class Flows:
    """
    Largest flows in slots for one direction, on roads that others may already use.

    ``links`` are those that flows have used so far, ``lean`` the few of static flows; ``parts``: a common slot may be
    cut finer. The bound found so far, in ``answer``, tells which links matter.
    """

    def __init__(self, problem: Problem, loads: Loads, params: PlanParameters, answer: Answer, deadline: float) -> None:
        self.problem, self.loads, self.params, self.answer, self.deadline = problem, loads, params, answer, deadline
        self.links: IntArray = np.zeros(0, dtype=np.int64)
        self.lean = self.links
        self.common_s = common_slot(problem)
        self.parts = 1
        self.caution = Caution()
        self.alignment: Alignment | None = None  # where none, slots are of the usual shifted time
        self.steady: list[tuple[float, SteadyRoutes]] = []  # from which second of shifted time on
        self.spare: SteadyRoutes | None = None
        self.nearest_s = problem.to_site[problem.zone_node]
        self.way_s = self.nearest_s  # how long each zone's vehicles are under way, about
        self.into_s = np.zeros(len(problem.site))  # and those that go to each site
        self.is_reserving = self.common_s is None and not problem.has_ample_beds and self.is_large(COARSE_SLOTS)

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self.deadline

    def is_large(self, slots: float) -> bool:
        """Whether it is worth while to do with a bound and a plan that are good enough; else both are made exact."""
        return bool(slots * len(self.problem.tail) > LARGE)

    def forget(self) -> None:
        """Begin again with no links."""
        self.links = np.zeros(0, dtype=np.int64)

    def grid(self, horizon_s: float, slots: int | None = None) -> Grid:
        """Slots up to a horizon: a length that divides all travel times where there is one, else a fine enough one."""
        slot_s = horizon_s / (slots or self.params.slots)
        common = self.common_s
        if common is not None:
            slot_s = common / self.parts
        most = max(50, self.params.slot_links // max(1, len(self.links), 200))
        if common is None or slot_s < horizon_s / most:
            slot_s = max(slot_s, horizon_s / most)
        return self.cut(slot_s, int(np.ceil(horizon_s / slot_s - 1e-9)))

    def cut(self, slot_s: float, n_slots: int) -> Grid:
        """So many slots of shifted time, in which the links used most take whole slots once they are known."""
        return Grid(slot_s, n_slots) if self.alignment is None else self.alignment.grid(self.problem, slot_s, n_slots)

    def flow(self, grid: Grid, share: float, pricings: int = MOST_PRICINGS) -> SlotFlow:
        """A largest flow in slots, over few links, then over those that can still help."""
        problem = self.problem
        # exact slots need no calm flow; where beds bind ways are many, and most of the flow is steady from the start
        phases = 0 if self.common_s is not None or self.is_reserving else MOST_PHASES
        useful = problem.useful(grid.horizon_s)
        if not len(self.links):
            self.links = self._first_links(grid, useful)
        units, links = self.params.units_per_vehicle, self.links[useful[self.links]]
        flow = SlotFlow(problem, links, grid, self.loads, units, share, caution=self.caution)
        ends = [from_s for from_s, _ in self.steady[1:]] + [np.inf]
        for (from_s, steady), until_s in zip(self.steady, ends, strict=False):
            flow.preload(steady, from_s, until_s, 1 if self.common_s is None else AT_ONCE)
        flow.augment(phases)
        for _ in range(pricings):
            if flow.sent >= flow.wanted or self.is_late:
                break
            more = flow.missing_links(useful)
            if not len(more):
                break
            flow.add_links(more)
            flow.augment(phases)
        self.links = np.union1d(self.links, flow.links)
        return flow

    def few_links(self, grid: Grid, useful: BoolArray) -> None:
        """Links of static flows that resemble a plan, and spare ways."""
        problem, bound = self.problem, self.answer.bound
        self.spare = spare_routes(problem)
        flow = None if bound is None or not problem.has_ample_beds else bound.flow
        if self.common_s is not None and grid.n_slots < MANY_SLOTS and flow is not None:
            used = (flow.flow > 0) | (short_flow(problem, grid.horizon_s, self.common_s) > 0)
        else:
            for _ in range(0 if problem.has_ample_beds else 2):
                self.calm(grid.horizon_s)
            way = None if problem.has_ample_beds else self.way_s
            calm = calm_flow(problem, grid.horizon_s, 1.0, way, self.into_s)
            used = calm.flow > 0
            self.steady = [(0.0, steady_routes(problem, calm))]
            if self.common_s is None:
                used |= calm_flow(problem, grid.horizon_s, 2.0, way, self.into_s).flow > 0
                for from_s, later in changed_problems(problem) if self.is_reserving else ():
                    calm = calm_flow(later, grid.horizon_s, 1.0, way, self.into_s)
                    used |= calm.flow > 0
                    self.steady.append((from_s, steady_routes(later, calm)))
        self.lean = np.union1d(np.flatnonzero(used & useful), self.spare.links)

    def _first_links(self, grid: Grid, useful: BoolArray) -> IntArray:
        """Few links, and what a flow in a few coarse slots over all links adds."""
        if not len(self.lean):
            self.few_links(grid, useful)
        if self.common_s is not None:
            return self.lean  # others are soon added
        coarse = Grid(grid.horizon_s / FEW_SLOTS, FEW_SLOTS)
        flow = SlotFlow(self.problem, self.lean, coarse, self.loads, self.params.units_per_vehicle)
        flow.augment(STEADY_PHASES)
        if flow.sent < flow.wanted:
            flow.add_links(np.setdiff1d(np.flatnonzero(useful), self.lean))
            flow.augment(0)
        return np.union1d(self.lean, flow.links[(flow.net.flow > 0).any(axis=1)])

    def fitting(self, horizon_s: float, share: float, slots: int, pricings: int) -> SlotFlow:
        """A flow that leaves part of each road free, at about the shortest horizon at which it moves everybody."""
        last_s = self.problem.horizon_s
        flow = self.flow(self.grid(min(horizon_s, last_s), slots), share, pricings)
        mean = flow.wanted / flow.grid.horizon_s
        slope = mean
        for _ in range(MOST_STEPS):
            missing = flow.wanted - flow.sent
            if missing <= 0 or self.is_late or flow.grid.horizon_s >= last_s * (1 - 1e-9):
                break
            further = max(1.05 * missing / slope, 0.5 * flow.grid.slot_s)
            longer = self.flow(self.grid(min(flow.grid.horizon_s + further, last_s), slots), share, pricings)
            gained = (longer.sent - flow.sent) / max(longer.grid.horizon_s - flow.grid.horizon_s, 1e-9)
            slope = max(gained if gained > 0 else 0.5 * slope, LEAST_SLOPE * mean)
            flow = longer
        return flow

    def calm(self, horizon_s: float) -> tuple[SteadyRoutes, float]:
        """
        The ways of a calm flow, and the share of the rates wanted that it has.

        How long its vehicles are under way is known afterwards only: the next one takes it from this one.
        """
        problem = self.problem
        calm = calm_flow(problem, horizon_s, 1.0, self.way_s, self.into_s)
        steady = steady_routes(problem, calm)
        n_zones, n_sites, travel = len(problem.zone), len(problem.site), steady.travel_s(problem)
        wanted = problem.vehicles / np.maximum(horizon_s - problem.ready_s - self.way_s, 0.02 * horizon_s)
        of_zone = np.maximum(np.bincount(steady.zone, steady.rate, n_zones), 1e-12)
        of_site = np.maximum(np.bincount(steady.site, steady.rate, n_sites), 1e-12)
        under_way = np.bincount(steady.zone, steady.rate * travel, n_zones) / of_zone
        self.way_s = np.maximum(self.way_s if problem.has_ample_beds else self.nearest_s, under_way)
        self.into_s = np.bincount(steady.site, steady.rate * travel, n_sites) / of_site
        return steady, float(np.minimum(of_zone, wanted).sum() / wanted.sum())


def changed_problems(problem: Problem) -> list[tuple[float, Problem]]:
    """The problem with the rates of links after each change of them, from which second of shifted time on; few only."""
    profile = problem.profile
    links = np.flatnonzero(np.diff(profile.start) > 1)
    shift = np.where(np.isfinite(problem.to_site), problem.to_site, 0.0)[problem.tail[links]]
    pieces = [slice(profile.start[link], profile.start[link + 1]) for link in links]
    shifted = [profile.from_s[piece] + by for piece, by in zip(pieces, shift, strict=True)]
    times = sorted({float(at) for each in shifted for at in each[1:] if at < problem.horizon_s})
    found = []
    for time_s in times if len(times) <= MOST_CHANGES else ():
        rate = problem.top_rate.copy()
        for link, piece, each in zip(links, pieces, shifted, strict=True):
            rate[link] = profile.rate[piece][max(0, int(np.searchsorted(each, time_s + 1e-6)) - 1)]
        found.append((time_s, replace(problem, top_rate=rate)))
    return found


def common_slot(problem: Problem) -> float | None:
    """The longest of some usual slots that divides all travel times and dates, if any does."""
    usable = problem.top_rate > 0
    dates = [t for w in (*problem.windows, *problem.open_windows) for pair in w for t in pair if np.isfinite(t)]
    times = np.concatenate((problem.tau[usable], problem.profile.from_s, dates, [problem.horizon_s]))
    for slot in (300.0, 120.0, 60.0, 30.0, 20.0, 15.0, 10.0, 5.0):
        if np.all(np.abs(times / slot - np.round(times / slot)) < 1e-6):
            return slot
    return None
