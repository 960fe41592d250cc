"""The planner: a plan and its bound, improved until they meet or the time is up."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from clearway.errors import is_interrupt
from clearway.planner.alignment import align
from clearway.planner.answer import Answer
from clearway.planner.bound import Bound, bound_of_everyone, raised_bound, steady_bound
from clearway.planner.flows import COARSE_SLOTS, MOST_PRICINGS, Flows
from clearway.planner.labels import descend, read_off, settle
from clearway.planner.parameters import PlanParameters, Progress
from clearway.planner.placing import FINER, filled_up, finer_flow, finer_parts, in_rounds
from clearway.planner.problem import Problem
from clearway.planner.schedule import schedule, steady_schedule
from clearway.planner.slots import Caution, Loads, SlotFlow

FINEST_S = 1.0
STEADY_TRIALS = 4  # of plans at constant rates where beds bind
MOST_ROUNDS = 40
NEARLY = 0.01
NEAR_GAP = 0.8  # share of the gap asked for by which exact slots may begin beyond the bound: sooner solved
FINER_TAKES = 3.0  # times the slots' ratio, of the time that the coarse schedule took: a flow and its schedule
SHARES = (0.9985, 0.9965, 0.994, 0.99, 0.985, 0.975, 0.96)  # of each link's rate used: found by trial
# shares and slots where beds bind: the flow in finer slots is the better one, but takes longer
RESERVE, LESS_RESERVE = (0.997, COARSE_SLOTS), (0.9985, 240)
MOST_UNFIT = 0.009  # share of vehicles that do not fit: of more, a plan with more room does better
ROOMY = (0.981, 0.97, 0.955)  # shares where so little room is not enough for all
SPREAD = 4  # slots on either side that rates are averaged with where beds bind: by trial; as many guard closures
ROOMY_CAUTION = Caution(bed_share=0.985, guard=SPREAD)
# then, where one of them is enough: shares of roads and of beds
LESS_ROOMY = ((0.986, 0.985), (0.991, 0.985), (0.991, 0.9875), (0.991, 0.99))
FAR_SLOTS = 2.5  # beyond the horizon asked for: a flow over few links that needs more of them gets more links
PRICINGS = (0, MOST_PRICINGS)  # few links first, then all that can help
FEW_SHORT = 0.003  # share of vehicles: where few links leave more behind at once, they never do well
FAR_OFF = 1.02  # times the horizon asked for: a plan that takes longer needs more room
MARGIN = 1.5  # of what is left free, how much longer it takes


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
        self.target_s = target_s  # others clear then anyway: no need to be sooner
        self.problem, self.loads, self.params, self.progress, self.deadline = problem, loads, params, progress, deadline
        self.answer = Answer()
        self.flows = Flows(problem, loads, params, self.answer, deadline)
        self.pricings: tuple[int, ...] = PRICINGS
        self.trial_s = 0.0  # how long the last flow with its schedules took

    @property
    def is_late(self) -> bool:
        return self.flows.is_late

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
        common = self.flows.common_s
        if common is not None:
            if self.flows.is_large(horizon / common):  # slots so short that a few are within the gap asked for
                horizon += np.floor(NEAR_GAP * self.params.gap * horizon / common) * common
            found = self._shortest(horizon, self.params.slots, 0.004)
            if found is None:
                return
            self.answer.offer(schedule(found[1], self.flows.spare))
            self.tell("schedule")
            self._refine(found[0])
            return
        is_free = problem.has_steady_roads and not len(self.loads.link)
        if is_free and not self.flows.is_reserving:
            self._steady_first(horizon)
            if self.flows.is_large(self.params.slots) and self._at_once(horizon):
                return
        self._from_coarse(horizon, is_free)

    def _from_coarse(self, horizon_s: float, is_free: bool) -> None:
        """From a horizon at which coarse slots move everybody to schedules; ``is_free``: roads are steady and empty."""
        found = self._shortest(horizon_s, COARSE_SLOTS, 0.01)
        if found is None or self.answer.bound is None:
            return
        if found[0] <= self.target_s / 2:
            self.answer.offer(schedule(found[1], self.flows.spare))
        # where the bound is exact it tells the horizon; else coarse slots do, but for about one of them
        coarse = 0.0 if is_free else found[0] - 1.5 * found[1].grid.slot_s
        horizon = max(self.answer.bound.horizon_s, coarse)
        if self.flows.is_reserving:
            self.flows.alignment = align(found[1])
            self._reserve(horizon)
        else:
            self._improve(horizon, self.params.slots)
            slots = FINER * self.params.slots
            if not self._is_good(0.0) and FINER * slots * len(self.flows.lean) <= self.params.slot_links:
                self._improve(horizon, slots)
        if self.answer.schedule is None:
            self.answer.offer(schedule(found[1], self.flows.spare))

    def _at_once(self, horizon_s: float) -> bool:
        """Whether a flow over few links at about the bound's horizon makes a plan that is good enough."""
        if self.is_late:
            return False
        grid = self.flows.grid(horizon_s * (1 + MARGIN * (1 - SHARES[0])))
        self.flows.few_links(grid, self.problem.useful(grid.horizon_s))
        self.flows.links = self.flows.lean
        flow = self.flows.flow(grid, SHARES[0], 0)
        self.flows.forget()
        if flow.sent >= flow.wanted:
            self._schedule(flow)
        self.pricings = PRICINGS if flow.wanted - flow.sent <= FEW_SHORT * flow.wanted else PRICINGS[1:]
        return self._is_good(0.0)

    def _reserve(self, horizon_s: float) -> None:
        """
        Plans where beds bind: part of each road is left free for those who do not fit at true travel times.

        They cannot just go later or elsewhere: the beds near them are taken by then. They get flows of their own.
        """
        self.flows.caution = Caution(guard=SPREAD)
        if self._with_reserve(RESERVE, horizon_s) or self._is_good(horizon_s * (1 + MARGIN * (1 - ROOMY[0]))):
            self._with_reserve(LESS_RESERVE, horizon_s)
            return
        self.flows.caution = ROOMY_CAUTION
        if any(self._with_reserve((share, COARSE_SLOTS), horizon_s) for share in ROOMY):
            for share, bed_share in LESS_ROOMY:
                self.flows.caution = replace(ROOMY_CAUTION, bed_share=bed_share)
                if not self._with_reserve((share, COARSE_SLOTS), horizon_s):
                    return

    def _with_reserve(self, reserve: tuple[float, int], horizon_s: float) -> bool:
        """Offer a plan that uses a share of the roads, in so many slots; whether one came of it that is soon done."""
        share, slots = reserve
        goal = horizon_s * (1 + MARGIN * (1 - share))
        if self._is_good(goal):  # a flow at that horizon would do no better
            return True
        if self.is_late or not self.has_time_for(self.trial_s * slots / COARSE_SLOTS):
            return False
        began = time.monotonic()
        flow = self.flows.fitting(goal, share, slots, 0)
        if flow.sent < flow.wanted or flow.grid.horizon_s > goal + FAR_SLOTS * flow.grid.slot_s:
            flow = self.flows.fitting(goal, share, slots, MOST_PRICINGS)
        found = schedule(flow, self.flows.spare, 0.0, SPREAD, spreads=True)
        if found.left.sum() <= MOST_UNFIT * self.problem.demand:
            found = filled_up(self.flows, flow, found)
            self.answer.offer(found)
        self.trial_s = time.monotonic() - began
        self.tell("schedule")
        return bool(found.left.sum() == 0 and found.clearance_s <= FAR_OFF * goal)

    def _steady_first(self, horizon_s: float) -> None:
        """A plan at constant rates all along: soon found, and good where the roads take long to empty the zones."""
        horizon = horizon_s
        for _ in range(2 if self.problem.has_ample_beds else STEADY_TRIALS):
            if self.is_late:
                return
            steady, share = self.flows.calm(horizon)
            found = steady_schedule(self.problem, steady)
            if found is not None:
                self.answer.offer(found)
                self.tell("steady plan")
            if share > 1 - 1e-6 or share < 0.9:
                break
            horizon *= 1.001 / share

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
            flow = self.flows.flow(self.flows.grid(horizon, slots), 1.0)
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
                self.answer.offer(schedule(flow, self.flows.spare, 0.5))
                return None
            if done is not None:
                if done[0] - failed <= max(precision * done[0], 1.01 * done[1].grid.slot_s) or failed == 0.0:
                    break
                bound_s = self.answer.bound.horizon_s if self.answer.bound else 0.0
                if done[0] <= self.target_s or done[1].grid.horizon_s - bound_s <= 1.01 * done[1].grid.slot_s:
                    break
                horizon = 0.5 * (failed + done[0])
        return done

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
        while (
            self.flows.common_s is not None
            and self.flows.common_s / self.flows.parts > FINEST_S
            and not self._is_good(0.0)
        ):
            self.flows.parts *= 2
            if self.is_late or self.flows.grid(horizon_s).slot_s != self.flows.common_s / self.flows.parts:
                return
            found = self._shortest(answer.bound.horizon_s if answer.bound else horizon_s, self.params.slots, 0.002)
            if found is not None:
                answer.offer(schedule(found[1], self.flows.spare))
                self.tell("schedule")

    def _improve(self, horizon_s: float, slots: int) -> None:
        """
        Roads a little less full, and the horizon at which that suffices, so that true travel times fit.

        Flows over few links are less fickle, hence fit better; where they need more time, all links are tried too.
        """
        answer, few = self.answer, self.flows.lean
        for share in SHARES:
            goal = horizon_s * (1 + MARGIN * (1 - share))
            for pricings in self.pricings:
                if self.is_late or self._is_good(horizon_s * (2 - share)):  # longer horizons do no better
                    answer.in_time = answer.in_time and not self.is_late
                    return
                if not self.has_time_for(self.trial_s):
                    return
                began = time.monotonic()
                self.flows.links = few
                flow = self.flows.fitting(goal, share, slots, pricings)
                self._schedule(flow)
                self.trial_s = time.monotonic() - began
                if flow.grid.horizon_s <= goal + 1.5 * flow.grid.slot_s:
                    break

    def _schedule(self, flow: SlotFlow) -> None:
        """Offer a flow's schedule, and that of the flow in finer slots that begins with it."""
        answer, began = self.answer, time.monotonic()
        first = schedule(flow, self.flows.spare, 0.0)
        found = in_rounds(self.flows, flow, first)
        answer.offer(found)
        self.tell("schedule")
        if self.is_late or self._is_good(0.0) or first.left.sum() > NEARLY * self.problem.demand:
            return
        parts = finer_parts(self.flows, flow)
        if parts > 1 and self.has_time_for(FINER_TAKES * parts * (time.monotonic() - began)):
            finer = finer_flow(self.flows, flow, found)
            answer.offer(in_rounds(self.flows, finer, schedule(finer, self.flows.spare, 0.0)))
            self.tell("schedule")

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
        answer.offer(schedule(flow, self.flows.spare))
        self.tell("most persons")
        low, high, best = 0.0, problem.horizon_s, flow.sent
        for _ in range(3):
            if self.is_late or high - low < 0.02 * high:
                break
            middle = 0.5 * (low + high)
            trial = self.flows.flow(self.flows.grid(middle, COARSE_SLOTS), 1.0)
            if trial.sent >= best * (1 - 0.002):
                high = middle
            else:
                low = middle
        for margin in (0.0, 0.005, 0.02, 0.05):
            if self.is_late or (
                answer.schedule and answer.schedule.sent >= answer.most_vehicles * (1 - self.params.gap)
            ):
                break
            trial = self.flows.flow(self.flows.grid(min(high * (1 + margin), problem.horizon_s)), 1.0)
            answer.offer(schedule(trial, self.flows.spare))
            self.tell("most persons")
        self._bound_of_those_sent(low)

    def _bound_of_those_sent(self, horizon_s: float) -> None:
        """A bound on the time it takes to move as many as are sent, whoever they are."""
        found = self.answer.schedule
        if found is None or horizon_s <= 0 or found.sent <= 0:
            return
        flow = self.flows.flow(self.flows.grid(horizon_s, COARSE_SLOTS), 1.0)
        # planned persons are made whole: up to a vehicle less of each zone
        demand = max(1.0, found.sent - len(self.problem.zone))
        self.answer.bound = raised_bound(
            self.problem, read_off(flow), flow.grid.horizon_s, demand, self.problem.horizon_s
        )
