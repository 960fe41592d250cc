"""Plans that hold: plan, drive, leave room where time was lost, plan again (docs/hold.md)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from clearway.errors import UsageError, is_interrupt
from clearway.model.form import under_form
from clearway.model.margin import Held, Margin, Round, under_margin
from clearway.model.network import IntArray
from clearway.model.outcome import Outcome
from clearway.model.plan import BoundKind, Plan
from clearway.model.scenario import Scenario
from clearway.workflow import REPORT, Planned, load_scenario, refuse_unsearched

if TYPE_CHECKING:
    from clearway.planner import PlanParameters, Progress
    from clearway.workflow.forms import FormRequest

FIRST_STEP = 0.98  # of all shares, when a plan does not hold for the first time; found by trial, as the next three
STEP = 0.99  # of all shares, each time after
LOCAL_STEP = 0.97  # of the shares of roads that somebody waits for, beyond that
QUEUE_S = 30.0  # seconds that vehicles lose on a road on average, from which on it counts as a queue
LEAST_SHARE = 0.75  # a plan that does not hold with this will not with less
LEAD_STEP_S = 60.0
MOST_RETURNS = 2  # times that half of the room is given back
SOMEBODY = 0.5  # persons

Drives = Callable[[Plan], "tuple[tuple[float, Outcome], ...]"]
Plans = Callable[[Scenario], Plan]


@dataclass(frozen=True, slots=True)
class HoldParameters:
    """
    Attributes
    ----------
    tolerance : a plan holds where all arrive by (1 + tolerance) x its clearance time
    rounds : most plans that are made and driven
    time_limit_s : seconds after which no round is begun that would not be done by then
    platoon_vehicles, capacity_share : as in `clearway.simulator.SimulationParameters`; what holds is driven again in
        platoons of half the size
    """

    tolerance: float = 0.05
    rounds: int = 12
    time_limit_s: float = 900.0
    platoon_vehicles: float = 0.0
    capacity_share: float = 0.95

    def __post_init__(self) -> None:
        faults = []
        if not 0 <= self.tolerance < math.inf:
            faults.append(f"--tolerance takes a share of 0 or more, not {self.tolerance:g}")
        if self.rounds < 1:
            faults.append(f"--rounds takes a number from 1 up, not {self.rounds}")
        if not self.time_limit_s > 0:
            faults.append(f"--total-time takes seconds above 0, not {self.time_limit_s:g}")
        if faults:
            raise UsageError("; ".join(faults))


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A plan with what became of it."""

    margin: Margin
    plan: Plan
    drives: tuple[tuple[float, Outcome], ...]  # vehicles of a platoon, outcome
    round: Round

    @property
    def worst(self) -> Outcome:
        """The drive that says most about what is wrong."""
        return max((outcome for _, outcome in self.drives), key=lambda o: (missing(o), o.last_arrival_s))

    @property
    def rank(self) -> tuple[float, ...]:
        """More is better: holding, then persons safe, then simulated clearance, then planned clearance."""
        r = self.round
        safe = round(r.planned_persons - r.missing)
        return (r.holds, safe, -round(r.simulated_s), -r.planned_s)


def missing(outcome: Outcome) -> float:
    """Persons who left home, or would have, and did not arrive; 0 but for rounding where all did."""
    lost = outcome.departing - outcome.tally.safe
    return lost if lost >= SOMEBODY else 0.0


class Hold:
    """
    The search for a plan that holds.

    While plans do not hold, each is followed by one that leaves more room: a little less on every road, less still on
    roads that somebody waited for, what passes in no order on roads that part, and more time before closures where
    somebody came too late. Then half of the last step is given back (not on roads that part: the drive does not see
    what they cost) as long as that holds. The best plan of all counts, not the last.
    """

    def __init__(self, scenario: Scenario, make: Plans, drive: Drives, params: HoldParameters) -> None:
        self.scenario, self.make, self.drive, self.params = scenario, make, drive, params
        self.trials: list[Trial] = []
        self.partings: dict[int, float] = {}  # most that links which part may carry, as a share of their capacity
        self.deadline = time.monotonic() + params.time_limit_s
        self.stopped = False
        self.longest_s = 0.0

    @property
    def best(self) -> Trial:
        return max(self.trials, key=lambda trial: trial.rank)

    @property
    def is_over(self) -> bool:
        late = bool(self.trials) and time.monotonic() + self.longest_s > self.deadline
        return self.stopped or late or len(self.trials) >= self.params.rounds

    def run(self) -> None:
        """Search; Ctrl-C ends it with the best so far, if there is any."""
        try:
            self._search()
        except (KeyboardInterrupt, SystemError) as error:
            if not is_interrupt(error) or not self.trials:
                raise
            self.stopped = True

    def held(self) -> Held:
        best = self.best
        rounds = tuple(trial.round for trial in self.trials)
        platoons = tuple(size for size, _ in best.drives)
        return Held(
            best.margin, rounds, self.trials.index(best), self.params.tolerance, platoons, self.params.capacity_share
        )

    def _search(self) -> None:
        failed, trial = None, self._try(Margin())
        while not trial.round.holds:
            failed = trial
            margin = more_room(trial)
            if margin.share < trial.margin.share:  # not where it is the clock alone
                self.look_at_partings(trial.plan)
                margin = self.parted(margin)
            if self.is_over or margin == trial.margin or margin.share < LEAST_SHARE:
                return
            trial = self._try(margin)
        for _ in range(MOST_RETURNS):
            if failed is None or self.is_over:
                return
            between = self.parted(half_way(failed.margin, trial.margin))
            if between in (failed.margin, trial.margin):
                return
            found = self._try(between)
            failed, trial = (failed, found) if found.round.holds else (found, trial)

    def _try(self, margin: Margin) -> Trial:
        began = time.monotonic()
        plan = self.make(under_margin(self.scenario, margin))
        drives = self.drive(plan)
        worst = max(drives, key=lambda pair: (missing(pair[1]), pair[1].last_arrival_s))[1]
        trial = Trial(margin, plan, drives, self._judged(margin, plan, worst))
        self.trials.append(trial)
        self.longest_s = max(self.longest_s, time.monotonic() - began)
        self.stopped = self.stopped or plan.status == "interrupted"
        return trial

    def look_at_partings(self, plan: Plan) -> None:
        """Remember which roads that part carry more by this plan than passes in no order."""
        from clearway.planner.partings import room_at_partings

        for link, most in room_at_partings(plan, self.scenario, self.params.capacity_share).items():
            self.partings[link] = min(self.partings.get(link, 1.0), most)

    def parted(self, margin: Margin) -> Margin:
        """``margin`` with the room that roads which part were found to need."""
        own = dict(margin.link_shares)
        for link, most in self.partings.items():
            own[link] = min(own.get(link, margin.share), most)
        return replace(margin, link_shares=tuple(sorted(own.items())))

    def _judged(self, margin: Margin, plan: Plan, worst: Outcome) -> Round:
        free = self.trials[0].plan if self.trials else plan
        leaves_out = free.certificate.kind == BoundKind.CLEARANCE and plan.certificate.kind != BoundKind.CLEARANCE
        in_time = worst.last_arrival_s <= (1 + self.params.tolerance) * plan.clearance_time_s
        return Round(
            share=margin.share,
            n_links=len(margin.link_shares),
            lead_s=margin.lead_s,
            planned_s=plan.clearance_time_s,
            planned_persons=plan.persons_planned,
            simulated_s=worst.last_arrival_s,
            missing=missing(worst),
            holds=bool(in_time and not missing(worst) and not leaves_out),
        )


def more_room(trial: Trial) -> Margin:
    """The margin to try after one with which a plan did not hold."""
    margin, worst = trial.margin, trial.worst
    waited = awaited_links(trial.plan, worst)
    lead = margin.lead_s
    came_late = worst.tally.trapped + worst.tally.turned_away >= SOMEBODY or missing(worst) >= SOMEBODY
    if came_late:
        late_s = min(worst.delay_s[3], 3600.0)
        lead = max(2 * lead, math.ceil(2 * late_s / LEAD_STEP_S) * LEAD_STEP_S, LEAD_STEP_S)
        if not len(waited):  # nobody waits for a road: it is the clock alone
            return replace(margin, lead_s=lead)
    step = FIRST_STEP if margin.share == 1.0 else STEP
    share = margin.share * step
    own = dict(margin.link_shares)
    for link in list(own):
        own[link] *= step
    for link in waited.tolist():
        known = own.get(link, share)
        own[link] = min(known, max(known * LOCAL_STEP, LEAST_SHARE))
    return Margin(share, tuple(sorted(own.items())), lead)


def awaited_links(plan: Plan, outcome: Outcome) -> IntArray:
    """Roads with queues on them, and those that the queues lead into."""
    record = outcome.links
    if record is None or not len(record.link):
        return np.zeros(0, dtype=np.int64)
    lost = record.delayed_s.sum(axis=1) / np.maximum(record.entered.sum(axis=1), 1e-9)
    queued = record.link[lost > QUEUE_S]
    routes = plan.routes
    goes_on = np.ones(max(len(routes.links) - 1, 0), dtype=np.bool_)
    goes_on[routes.start[1:-1] - 1] = False
    into = routes.links[1:][goes_on & np.isin(routes.links[:-1], queued)]
    return np.union1d(queued, into).astype(np.int64)


def half_way(low: Margin, high: Margin) -> Margin:
    """The margin between one that is too small and one that is enough."""
    share = math.sqrt(low.share * high.share)
    few, many = dict(low.link_shares), dict(high.link_shares)
    own = {link: min(share, math.sqrt(few.get(link, low.share) * many.get(link, high.share))) for link in {*few, *many}}
    lead = 30.0 * round((low.lead_s + high.lead_s) / 60.0)
    return Margin(share, tuple(sorted(own.items())), lead)


def hold_plan(
    folder: Path,
    out: Path,
    params: PlanParameters,
    hold: HoldParameters,
    progress: Progress,
    form: FormRequest | None = None,
) -> Planned:
    """
    Plan a scenario so that the plan holds when it is driven, and write the plan folder, report included.

    ``params.time_limit_s`` is for each plan. Where no plan holds the best one is written, and says so. Raises as
    `clearway.workflow.make_plan` does.
    """
    from clearway.publish.plan_folder import refuse_foreign, write_plan
    from clearway.publish.report import render_report
    from clearway.workflow.forms import FormRequest, resolve_form

    progress("reading", None, None)
    scenario = load_scenario(folder)
    if folder.resolve() == out.resolve():
        raise UsageError(f"the plan needs a folder of its own: {out} is the scenario's")
    refuse_foreign(out.resolve(), {REPORT})
    params = replace(params, form=resolve_form(scenario, form or FormRequest()))
    plan = made_to_hold(scenario, params, hold, progress)
    refuse_unsearched(plan, params)
    progress("writing", plan.clearance_lower_bound_s, plan.clearance_time_s)
    write_plan(plan, scenario, out, {REPORT: render_report(plan, under_form(scenario, plan.form))})
    return Planned(scenario, plan, out)


def made_to_hold(scenario: Scenario, params: PlanParameters, hold: HoldParameters, progress: Progress) -> Plan:
    """The best plan found, with the rounds that led to it."""
    from clearway import planner
    from clearway.planner.margin import on_all_roads, with_last_starts

    if params.form is not None and params.form.contraflow is not None:
        raise UsageError("clearway hold does not drive reversed lanes; leave --contraflow out")
    quick = replace(params, leeway_s=0.0)
    bound: list[float] = []
    n_made = 0

    def make(seen: Scenario) -> Plan:
        nonlocal n_made
        name = f"round {n_made + 1}: "
        n_made += 1
        made = planner.make_plan(
            seen, quick, lambda step, low, at: progress(name + step, bound[0] if bound else low, at)
        )
        if not bound:
            bound.append(made.clearance_lower_bound_s)
            refuse_unsearched(made, params)
        return made

    def drive(plan: Plan) -> tuple[tuple[float, Outcome], ...]:
        progress(f"round {n_made}: driving", bound[0], plan.clearance_time_s)
        return driven(scenario, plan, hold)

    search = Hold(scenario, make, drive, hold)
    search.run()
    best, free = search.best, search.trials[0].plan
    plan = on_all_roads(best.plan, free, scenario, params)
    if not search.stopped:
        progress("last safe starts", plan.clearance_lower_bound_s, plan.clearance_time_s)
        plan = with_last_starts(plan, scenario, min(params.leeway_s, 0.2 * params.time_limit_s))
    if search.stopped:
        plan = replace(plan, status="interrupted")
    return replace(plan, held=search.held())


def driven(scenario: Scenario, plan: Plan, hold: HoldParameters) -> tuple[tuple[float, Outcome], ...]:
    """
    The plan driven as planned; where it holds, driven again in platoons of another size.

    What holds by the chance of one size does not count.
    """
    from clearway.simulator import SimulationParameters, Simulator

    params = SimulationParameters(platoon_vehicles=hold.platoon_vehicles, capacity_share=hold.capacity_share)
    roads = under_form(scenario, plan.form)  # without the reserves, as `clearway simulate` drives it
    first = Simulator(roads, plan, params)
    drives = [(float(first.size), first.run())]
    outcome = drives[0][1]
    if outcome.last_arrival_s <= (1 + hold.tolerance) * plan.clearance_time_s and not missing(outcome):
        size = max(1.0, 0.5 * first.size) if first.size > 1.0 else 2.0
        drives.append((size, Simulator(roads, plan, replace(params, platoon_vehicles=size)).run()))
    return tuple(drives)
