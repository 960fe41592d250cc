"""The planner: a plan and its bound, improved until they meet or the time is up."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from clearway.errors import is_interrupt
from clearway.model.network import IntArray
from clearway.planner.bound import Bound, bound_of_everyone, raised_bound, steady_bound
from clearway.planner.labels import Labels, descend, read_off, settle, value
from clearway.planner.parameters import PlanParameters, Progress
from clearway.planner.problem import BoolArray, Problem
from clearway.planner.schedule import Schedule, follow, join_schedules, schedule, steady_schedule
from clearway.planner.short_ways import short_flow
from clearway.planner.slots import MOST_PHASES, Grid, Loads, SlotFlow, join_loads
from clearway.planner.static_flow import calm_flow
from clearway.planner.steady import SteadyRoutes, spare_routes, steady_routes

FINEST_S = 1.0
STEADY_PHASES = 12  # ways with little detour, the same from slot to slot; the rest by push-relabel
FEW_SLOTS = 32  # enough to find which links matter
COARSE_SLOTS = 160  # enough to find about when everybody can be out
MANY_SLOTS = 400  # in so many exact slots a plan is mostly calm; in fewer its ways are those of the bound's flow
STEADY_TRIALS = 4  # of plans at constant rates where beds bind
MOST_ROUNDS = 40
MOST_PRICINGS = 12
NEARLY = 0.01
NEAR_GAP = 0.8  # share of the gap asked for by which exact slots may begin beyond the bound: sooner solved
MOST_LEFT = 0.02  # share of vehicles that do not fit: of more, another flow is not worth while
WORTH_AGAIN = 0.5  # share of those left whom a flow of their own may leave and be followed by another
LARGE = 200_000  # (link, slot) pairs
FINER_TAKES = 3.0  # times the slots' ratio, of the time that the coarse schedule took: a flow and its schedule
FINER = 4  # slots of a flow that follows a schedule, per slot of the one before
SHARES = (0.9985, 0.9965, 0.994, 0.99, 0.985, 0.975, 0.96)  # of each link's rate used: found by trial
RESERVES = (0.997, 0.994)  # likewise, where beds bind
# how much later those may arrive who do not fit, of the horizon; how many slots make one of the flow's before; whether
# they only take room that there is for sure
FURTHER = ((0.024, 2, True), (0.0255, 4, True), (0.026, 4, False), (0.0265, 3, False), (0.035, 2, True))
MARGIN = 1.5  # of what is left free, how much longer it takes
MOST_STEPS = 5


@dataclass(slots=True, eq=False)
class Answer:
    """What was found for one direction; ``most`` bounds the vehicles that can arrive within the horizon at all."""

    bound: Bound | None = None
    schedule: Schedule | None = None
    most: Labels | None = None
    most_vehicles: float = np.inf
    interrupted: bool = False
    in_time: bool = True

    def offer(self, found: Schedule) -> None:
        """Keep a schedule where it sends more, or as many and is sooner done."""
        best = self.schedule
        more = best is None or found.sent > best.sent * (1 + 1e-7)
        if best is None or more or (found.sent >= best.sent * (1 - 1e-7) and found.clearance_s < best.clearance_s):
            self.schedule = found


class Search:
    """The search for one direction's schedule, on roads that others may already use."""

    def __init__(
        self,
        problem: Problem,
        loads: Loads,
        params: PlanParameters,
        progress: Progress,
        deadline: float,
        target_s: float = 0.0,
    ) -> None:
        # others clear at target_s anyway: no need to be sooner
        self.target_s = target_s
        self.problem, self.loads, self.params, self.progress, self.deadline = problem, loads, params, progress, deadline
        self.links: IntArray = np.zeros(0, dtype=np.int64)
        self.lean = self.links
        self.common_s = common_slot(problem)
        self.steady: SteadyRoutes | None = None
        self.spare: SteadyRoutes | None = None
        self.nearest_s = problem.to_site[problem.zone_node]
        self.way_s = self.nearest_s  # how long each zone's vehicles are under way, about
        self.into_s = np.zeros(len(problem.site))  # and those that go to each site
        self.is_reserving = self.common_s is None and not problem.has_ample_beds and self.is_large(COARSE_SLOTS)
        self.trial_s = 0.0  # how long the last flow with its schedules took
        self.parts = 1  # a common slot may be cut finer
        self.answer = Answer()

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self.deadline

    def is_large(self, slots: float) -> bool:
        """Whether it is worth while to do with a bound and a plan that are good enough; else both are made exact."""
        return bool(slots * len(self.problem.tail) > LARGE)

    def has_time_for(self, seconds: float) -> bool:
        """Whether something that takes about so long would be done by the deadline; else the search is out of time."""
        fits = time.monotonic() + seconds < self.deadline
        self.answer.in_time = self.answer.in_time and fits
        return fits

    def tell(self, step: str) -> None:
        """Report progress."""
        bound, found = self.answer.bound, self.answer.schedule
        self.progress(step, bound.horizon_s if bound else None, found.clearance_s if found else None)

    def run(self) -> Answer:
        """Search until the gap is closed or the time is up; Ctrl-C ends it with the best so far."""
        if not len(self.problem.zone):
            return self.answer
        try:
            self._search()
        except (KeyboardInterrupt, SystemError) as error:  # SystemError: Ctrl-C inside compiled code
            if not is_interrupt(error):
                raise
            self.answer.interrupted = True
        return self.answer

    def _search(self) -> None:
        problem = self.problem
        self.tell("bounding")
        guess = float(np.max(problem.ready_s + problem.to_site[problem.zone_node])) * 2 + 60
        self.answer.bound = bound_of_everyone(problem, guess)
        self.tell("bound")
        horizon = self.answer.bound.horizon_s
        if self.common_s is not None:
            if self.is_large(horizon / self.common_s):  # slots so short that a few are within the gap asked for
                horizon += np.floor(NEAR_GAP * self.params.gap * horizon / self.common_s) * self.common_s
            found = self._shortest(horizon, self.params.slots, 0.004)
            if found is None:
                return
            self.answer.offer(schedule(found[1], self.spare))
            self.tell("schedule")
            self._refine(found[0])
            return
        is_free = problem.has_steady_roads and not len(self.loads.link)
        if is_free and not self.is_reserving:
            self._steady_first(horizon)
            if self.is_large(self.params.slots) and self._at_once(horizon):
                return
        self._from_coarse(horizon, is_free)

    def _from_coarse(self, horizon_s: float, is_free: bool) -> None:
        """From a horizon at which coarse slots move everybody to schedules; ``is_free``: roads are steady and empty."""
        found = self._shortest(horizon_s, COARSE_SLOTS, 0.01)
        if found is None or self.answer.bound is None:
            return
        if found[0] <= self.target_s / 2:
            self.answer.offer(schedule(found[1], self.spare))
        # where the bound is exact it tells the horizon; else coarse slots do, but for about one of them
        coarse = 0.0 if is_free else found[0] - 1.5 * found[1].grid.slot_s
        horizon = max(self.answer.bound.horizon_s, coarse)
        if self.is_reserving:
            self._reserve(horizon)
        else:
            self._improve(horizon, self.params.slots)
            slots = FINER * self.params.slots
            if not self._is_good(0.0) and FINER * slots * len(self.lean) <= self.params.slot_links:
                self._improve(horizon, slots)
        if self.answer.schedule is None:
            self.answer.offer(schedule(found[1], self.spare))

    def _at_once(self, horizon_s: float) -> bool:
        """Whether a flow over few links at about the bound's horizon makes a plan that is good enough."""
        if self.is_late:
            return False
        grid = self.grid(horizon_s * (1 + MARGIN * (1 - SHARES[0])))
        self._few_links(grid, self.problem.useful(grid.horizon_s))
        self.links = self.lean
        flow = self.flow(grid, SHARES[0], 0)
        self.links = np.zeros(0, dtype=np.int64)
        if flow.sent >= flow.wanted:
            self._schedule(flow)
        return self._is_good(0.0)

    def _reserve(self, horizon_s: float) -> None:
        """
        Plans where beds bind: part of each road is left free for those who do not fit at true travel times.

        They cannot just go later or elsewhere: the beds near them are taken by then. They get flows of their own.
        """
        for share in RESERVES:
            if self.is_late or self._is_good(horizon_s * (2 - share)) or not self.has_time_for(self.trial_s):
                return
            began = time.monotonic()
            flow = self._fitting(horizon_s * (1 + MARGIN * (1 - share)), share, COARSE_SLOTS, MOST_PRICINGS)
            found = schedule(flow, self.spare, 0.0)
            self.answer.offer(self._filled_up(flow, found, horizon_s))
            self.trial_s = time.monotonic() - began
            self.tell("schedule")

    def _filled_up(self, flow: SlotFlow, found: Schedule, horizon_s: float) -> Schedule:
        """A flow's schedule with those who do not fit, on ways that surely have room; the last of them later."""
        for further, parts, is_sure in FURTHER:
            if found.left.sum() == 0 or self.is_late:
                break
            rest = replace(self.problem, vehicles=found.left)
            loads = join_loads(self.loads, found.loads(self.problem))
            slot_s = flow.grid.slot_s / parts
            most_s = min(max(horizon_s * (1 + further), flow.grid.horizon_s), self.problem.horizon_s)
            grid = Grid(slot_s, int(most_s / slot_s))
            again = SlotFlow(rest, flow.links, grid, loads, self.params.units_per_vehicle, is_sure=is_sure)
            again.augment(0)
            found = join_schedules(found, schedule(again, self.spare, 0.0, smooth=0))
        if found.left.sum() > 0:
            loads = join_loads(self.loads, found.loads(self.problem))
            rest = replace(self.problem, vehicles=found.left)
            again = SlotFlow(rest, flow.links, flow.grid, loads, self.params.units_per_vehicle, is_sure=True)
            found = join_schedules(found, schedule(again, self.spare, smooth=0))
        return found

    def _steady_first(self, horizon_s: float) -> None:
        """A plan at constant rates all along: soon found, and good where the roads take long to empty the zones."""
        horizon = horizon_s
        for _ in range(2 if self.problem.has_ample_beds else STEADY_TRIALS):
            if self.is_late:
                return
            steady, share = self._calm(horizon)
            found = steady_schedule(self.problem, steady)
            if found is not None:
                self.answer.offer(found)
                self.tell("steady plan")
            if share > 1 - 1e-6 or share < 0.9:
                break
            horizon *= 1.001 / share

    def _calm(self, horizon_s: float) -> tuple[SteadyRoutes, float]:
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

    def _shortest(self, horizon_s: float, slots: int, precision: float) -> tuple[float, SlotFlow] | None:
        """
        The shortest horizon, to a precision, at which a flow in slots moves everybody; None where it ended otherwise.

        Horizons grow by what the cut proves, and by ever longer steps, until one is enough; then they are halved in.
        """
        problem = self.problem
        # where others take longer anyway, a few long steps do
        failed, horizon, growth = 0.0, horizon_s, 0.03 if 2 * horizon_s < self.target_s else 0.002
        done: tuple[float, SlotFlow] | None = None
        for _ in range(MOST_ROUNDS):
            horizon = min(horizon, problem.horizon_s)
            flow = self.flow(self.grid(horizon, slots), 1.0)
            self.tell("flow over time")
            if flow.sent >= flow.wanted:
                done = (horizon, flow)
            elif horizon >= problem.horizon_s * (1 - 1e-9):
                self._most(flow)
                return None
            else:
                failed = horizon
                bound = self._raise_bound(flow)
                growth = 2 * growth if done is None else growth
                horizon = max(bound, flow.grid.horizon_s + 0.5 * flow.grid.slot_s)
                if not problem.has_steady_roads or len(self.loads.link) or horizon > bound:
                    horizon = max(horizon, failed * (1 + growth))
                if done is not None:
                    horizon = min(horizon, 0.5 * (failed + done[0]))
            if self.is_late:
                self.answer.in_time = False
                self.answer.offer(schedule(flow, self.spare, 0.5))
                return None
            if done is not None:
                if done[0] - failed <= max(precision * done[0], 1.01 * done[1].grid.slot_s) or failed == 0.0:
                    break
                bound_s = self.answer.bound.horizon_s if self.answer.bound else 0.0
                if done[0] <= self.target_s or done[1].grid.horizon_s - bound_s <= 1.01 * done[1].grid.slot_s:
                    break
                horizon = 0.5 * (failed + done[0])
        return done

    def grid(self, horizon_s: float, slots: int | None = None) -> Grid:
        """Slots up to a horizon: a length that divides all travel times where there is one, else a fine enough one."""
        slot_s = horizon_s / (slots or self.params.slots)
        common = self.common_s
        if common is not None:
            slot_s = common / self.parts
        most = max(50, self.params.slot_links // max(1, len(self.links), 200))
        if common is None or slot_s < horizon_s / most:
            slot_s = max(slot_s, horizon_s / most)
        return Grid(slot_s, int(np.ceil(horizon_s / slot_s - 1e-9)))

    def flow(self, grid: Grid, share: float, pricings: int = MOST_PRICINGS) -> SlotFlow:
        """A largest flow in slots, over few links, then over those that can still help."""
        problem = self.problem
        # exact slots need no calm flow; where beds bind ways are many, and most of the flow is steady from the start
        phases = 0 if self.common_s is not None or self.is_reserving else MOST_PHASES
        useful = problem.useful(grid.horizon_s)
        if not len(self.links):
            self.links = self._first_links(grid, useful)
        flow = SlotFlow(problem, self.links[useful[self.links]], grid, self.loads, self.params.units_per_vehicle, share)
        if self.steady is not None:
            flow.preload(self.steady)
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

    def _few_links(self, grid: Grid, useful: BoolArray) -> None:
        """Links of static flows that resemble a plan, and spare ways."""
        problem, bound = self.problem, self.answer.bound
        self.spare = spare_routes(problem)
        flow = None if bound is None or not problem.has_ample_beds else bound.flow
        if self.common_s is not None and grid.n_slots < MANY_SLOTS and flow is not None:
            used = (flow.flow > 0) | (short_flow(problem, grid.horizon_s, self.common_s) > 0)
        else:
            for _ in range(0 if problem.has_ample_beds else 2):
                self._calm(grid.horizon_s)
            way = None if problem.has_ample_beds else self.way_s
            calm = calm_flow(problem, grid.horizon_s, 1.0, way, self.into_s)
            used = calm.flow > 0
            if self.common_s is None:
                used |= calm_flow(problem, grid.horizon_s, 2.0, way, self.into_s).flow > 0
                self.steady = steady_routes(problem, calm)
        self.lean = np.union1d(np.flatnonzero(used & useful), self.spare.links)

    def _first_links(self, grid: Grid, useful: BoolArray) -> IntArray:
        """Few links, and what a flow in a few coarse slots over all links adds."""
        if not len(self.lean):
            self._few_links(grid, useful)
        if self.common_s is not None and not self.is_large(grid.n_slots):
            return self.lean  # others are soon added
        coarse = Grid(grid.horizon_s / FEW_SLOTS, FEW_SLOTS)
        flow = SlotFlow(self.problem, self.lean, coarse, self.loads, self.params.units_per_vehicle)
        flow.augment(STEADY_PHASES if self.common_s is None else 0)
        if flow.sent < flow.wanted:
            flow.add_links(np.setdiff1d(np.flatnonzero(useful), self.lean))
            flow.augment(0)
        return np.union1d(self.lean, flow.links[(flow.net.flow > 0).any(axis=1)])

    def _raise_bound(self, flow: SlotFlow) -> float:
        """A better bound from the minimum cut of a flow that falls short; returns its horizon."""
        problem, answer = self.problem, self.answer
        labels = read_off(flow)
        found: Bound | None
        found = None
        if problem.has_steady_roads and not labels.is_paid.all():
            found = steady_bound(problem, np.flatnonzero(labels.is_open), flow.grid.horizon_s, labels.is_paid)
        if not problem.is_steady and (found is None or found.horizon_s < flow.grid.horizon_s):
            found = raised_bound(problem, labels, flow.grid.horizon_s, problem.demand, problem.horizon_s)
        if found is not None and (answer.bound is None or found.horizon_s > answer.bound.horizon_s):
            answer.bound = found
        return answer.bound.horizon_s if answer.bound else 0.0

    def _refine(self, horizon_s: float) -> None:
        """Finer slots, as long as they divide all times and the gap is not closed."""
        answer = self.answer
        while self.common_s is not None and self.common_s / self.parts > FINEST_S and not self._is_good(0.0):
            self.parts *= 2
            if self.is_late or self.grid(horizon_s).slot_s != self.common_s / self.parts:
                return
            found = self._shortest(answer.bound.horizon_s if answer.bound else horizon_s, self.params.slots, 0.002)
            if found is not None:
                answer.offer(schedule(found[1], self.spare))
                self.tell("schedule")

    def _improve(self, horizon_s: float, slots: int) -> None:
        """
        Roads a little less full, and the horizon at which that suffices, so that true travel times fit.

        Flows over few links are less fickle, hence fit better; where they need more time, all links are tried too.
        """
        answer, few = self.answer, self.lean
        for share in SHARES:
            goal = horizon_s * (1 + MARGIN * (1 - share))
            for pricings in (0, MOST_PRICINGS):
                if self.is_late or self._is_good(horizon_s * (2 - share)):  # longer horizons do no better
                    answer.in_time = answer.in_time and not self.is_late
                    return
                if not self.has_time_for(self.trial_s):
                    return
                began = time.monotonic()
                self.links = few
                flow = self._fitting(goal, share, slots, pricings)
                self._schedule(flow)
                self.trial_s = time.monotonic() - began
                if flow.grid.horizon_s <= goal + 1.5 * flow.grid.slot_s:
                    break

    def _schedule(self, flow: SlotFlow) -> None:
        """Offer a flow's schedule, and that of the flow in finer slots that begins with it."""
        answer, began = self.answer, time.monotonic()
        first = schedule(flow, self.spare, 0.0)
        found = self._in_rounds(flow, first)
        answer.offer(found)
        self.tell("schedule")
        if self.is_late or self._is_good(0.0) or first.left.sum() > NEARLY * self.problem.demand:
            return
        finer = self._finer(flow, found, time.monotonic() - began)
        if finer is not None:
            answer.offer(self._in_rounds(finer, schedule(finer, self.spare, 0.0)))
            self.tell("schedule")

    def _fitting(self, horizon_s: float, share: float, slots: int, pricings: int) -> SlotFlow:
        """A flow that leaves part of each road free, at about the shortest horizon at which it moves everybody."""
        last_s = self.problem.horizon_s
        flow = self.flow(self.grid(min(horizon_s, last_s), slots), share, pricings)
        slope = flow.wanted / flow.grid.horizon_s
        for _ in range(MOST_STEPS):
            missing = flow.wanted - flow.sent
            if missing <= 0 or self.is_late or flow.grid.horizon_s >= last_s * (1 - 1e-9):
                break
            further = max(1.05 * missing / slope, 0.5 * flow.grid.slot_s)
            longer = self.flow(self.grid(min(flow.grid.horizon_s + further, last_s), slots), share, pricings)
            gained = (longer.sent - flow.sent) / max(longer.grid.horizon_s - flow.grid.horizon_s, 1e-9)
            slope = gained if gained > 0 else 0.5 * slope
            flow = longer
        return flow

    def _finer_parts(self, flow: SlotFlow) -> int:
        """How many slots of a finer flow make one of this flow's."""
        return min(FINER, round(self.params.slot_links / (len(flow.links) * flow.grid.n_slots)))

    def _finer(self, flow: SlotFlow, planned: Schedule, took_s: float) -> SlotFlow | None:
        """
        The flow in finer slots, beginning with what was planned; None where that is too much work.

        ``took_s`` is how long the schedule of the coarse flow took.
        """
        parts = self._finer_parts(flow)
        if parts < 2 or not self.has_time_for(FINER_TAKES * parts * took_s):
            return None
        grid = Grid(flow.grid.slot_s / parts, flow.grid.n_slots * parts)
        finer = SlotFlow(self.problem, flow.links, grid, self.loads, self.params.units_per_vehicle, flow.share)
        follow(finer, planned)
        finer.augment()
        return finer

    def _in_rounds(self, flow: SlotFlow, found: Schedule) -> Schedule:
        """
        A flow's schedule with those who do not fit at true travel times.

        They get a flow of their own on the room left, or, where finer slots will place them better, arrive after.
        """
        for _ in range(0 if self._finer_parts(flow) > 1 else 2):
            left = found.left.sum()
            if left == 0 or left > MOST_LEFT * self.problem.demand or self.is_late:
                break
            rest = replace(self.problem, vehicles=found.left)
            loads = join_loads(self.loads, found.loads(self.problem))
            again = SlotFlow(rest, flow.links, flow.grid, loads, self.params.units_per_vehicle)
            again.augment()
            more = schedule(again, self.spare, 0.0, smooth=0)
            if more.left.sum() > WORTH_AGAIN * left:  # another flow would not fit either
                more = schedule(again, self.spare, smooth=0)
            found = join_schedules(found, more)
        if found.left.sum() > 0:
            other = schedule(flow, self.spare)
            return other if other.sent > found.sent else found
        return found

    def _is_good(self, horizon_s: float) -> bool:
        """Whether the schedule moves everybody within the gap asked for, by a horizon or as soon as others are done."""
        found, bound = self.answer.schedule, self.answer.bound
        if found is None or bound is None:
            return False
        goal = max(bound.horizon_s * (1 + self.params.gap), horizon_s, self.target_s)
        return bool(found.left.sum() == 0 and found.clearance_s <= goal)

    def _most(self, flow: SlotFlow) -> None:
        """Not all can be saved: the most that can, the bound on it, and then the soonest."""
        problem, answer = self.problem, self.answer
        answer.bound = None
        labels = settle(problem, read_off(flow), problem.horizon_s)
        answer.most, answer.most_vehicles = descend(problem, labels, problem.horizon_s, problem.horizon_s / 8, 0.05)
        answer.offer(schedule(flow, self.spare))
        self.tell("most persons")
        low, high, best = 0.0, problem.horizon_s, flow.sent
        for _ in range(3):
            if self.is_late or high - low < 0.02 * high:
                break
            middle = 0.5 * (low + high)
            trial = self.flow(self.grid(middle, COARSE_SLOTS), 1.0)
            if trial.sent >= best * (1 - 0.002):
                high = middle
            else:
                low = middle
        for margin in (0.0, 0.005, 0.02, 0.05):
            if self.is_late or (
                answer.schedule and answer.schedule.sent >= answer.most_vehicles * (1 - self.params.gap)
            ):
                break
            trial = self.flow(self.grid(min(high * (1 + margin), problem.horizon_s)), 1.0)
            answer.offer(schedule(trial, self.spare))
            self.tell("most persons")
        self._bound_of_those_sent(low)

    def _bound_of_those_sent(self, horizon_s: float) -> None:
        """A bound on the time it takes to move as many as are sent, whoever they are."""
        found = self.answer.schedule
        if found is None or horizon_s <= 0 or found.sent <= 0:
            return
        flow = self.flow(self.grid(horizon_s, COARSE_SLOTS), 1.0)
        # planned persons are made whole: up to a vehicle less of each zone
        demand = max(1.0, found.sent - len(self.problem.zone))
        self.answer.bound = raised_bound(
            self.problem, read_off(flow), flow.grid.horizon_s, demand, self.problem.horizon_s
        )


def common_slot(problem: Problem) -> float | None:
    """The longest of some usual slots that divides all travel times and dates, if any does."""
    usable = problem.top_rate > 0
    dates = [t for w in (*problem.windows, *problem.open_windows) for pair in w for t in pair if np.isfinite(t)]
    times = np.concatenate((problem.tau[usable], problem.profile.from_s, dates, [problem.horizon_s]))
    for slot in (300.0, 120.0, 60.0, 30.0, 20.0, 15.0, 10.0, 5.0):
        if np.all(np.abs(times / slot - np.round(times / slot)) < 1e-6):
            return slot
    return None


__all__ = ["Answer", "Search", "value"]
