"""A plan for a whole scenario: direction after direction, the slowest first, then together with its proofs."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np

from clearway.errors import is_interrupt
from clearway.model.network import FloatArray
from clearway.model.plan import BoundKind, Certificate, Plan
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile
from clearway.planner.answer import Answer
from clearway.planner.assemble import Moved, Part, certificates, join, left_out, persons_bound
from clearway.planner.bound import raised_bound, steady_bound
from clearway.planner.early import arrive_early
from clearway.planner.fewer import fewer_movements
from clearway.planner.leeway import Leeway, find_leeway, no_leeway
from clearway.planner.parameters import PlanParameters, Progress, silent
from clearway.planner.problem import Problem, build_problem
from clearway.planner.slots import Loads, join_loads, no_loads
from clearway.planner.solve import Search
from clearway.planner.static_flow import circulate

CURVE_POINTS = 48  # on a network of up to MOST_LINKS_TO_DESCEND links; a quarter on a larger one
MOST_LINKS_TO_DESCEND = 5_000
LEAST_LEEWAY_S = 2.0  # for last starts, which are extra: this, or as long as the search took
QUICK_SLOTS = 120
TIDYING_SHARE = 0.05  # of the time the search took: for early arrivals, and as much again for fewer movements
LEAST_TIDYING_S = 0.25


def make_plan(scenario: Scenario, params: PlanParameters | None = None, progress: Progress = silent) -> Plan:
    """
    A plan with its bound and certificates.

    Most persons first (weightier zones before others where not all can be saved), then the least clearance time, then
    early arrivals. Ctrl-C or the time limit end the search with the best plan so far and its true gap.
    """
    params = params or PlanParameters()
    if params.form is not None and not params.form.is_free:
        from clearway.planner.forms.make import make_formed_plan

        return make_formed_plan(scenario, params, progress)
    clock = Stopwatch()
    profile = scenario.capacity_profile()
    problems = [build_problem(scenario, direction, profile) for direction in directions(scenario)]
    clock.lap("problem")
    parts = search(problems, params, progress)
    clock.lap("search")
    moved = join(scenario, parts)
    if not is_stopped(parts):
        patience = max(LEAST_TIDYING_S, TIDYING_SHARE * (time.monotonic() - clock.started))
        moved = arrive_early(scenario, moved, profile, time.monotonic() + patience)
        clock.lap("early arrivals")
        moved = fewer_movements(scenario, moved, profile, time.monotonic() + patience)
        clock.lap("fewer movements")
    together = pooled_bound(scenario, profile) if len(problems) > 1 and not is_stopped(parts) else []
    proofs = certificates(scenario, parts, moved, together)
    starts = no_leeway(scenario)
    curve = np.zeros(0), np.zeros(0)
    if not is_stopped(parts):
        try:
            progress("last safe starts", None, None)
            searched = time.monotonic() - clock.started
            patience = min(params.leeway_s, 0.2 * params.time_limit_s, max(LEAST_LEEWAY_S, searched))
            starts = find_leeway(scenario, moved, profile, time.monotonic() + patience, quick_clearance)
            clock.lap("leeway")
            if (
                time.monotonic() - clock.started < params.time_limit_s
                or scenario.network.n_links <= MOST_LINKS_TO_DESCEND
            ):
                curve = bound_curve(scenario, problems, moved)
            clock.lap("bound curve")
        except (KeyboardInterrupt, SystemError) as error:
            if not is_interrupt(error):
                raise
    return assemble(scenario, parts, moved, proofs, (starts, curve, params, clock))


class Stopwatch:
    """Seconds per step."""

    def __init__(self) -> None:
        self.started = self.last = time.monotonic()
        self.laps: list[tuple[str, float]] = []

    def lap(self, name: str) -> None:
        """End a step."""
        now = time.monotonic()
        self.laps.append((name, now - self.last))
        self.last = now


def directions(scenario: Scenario) -> list[str | None]:
    """The directions people choose; those without any preference come last."""
    chosen = {party.direction for party in scenario.parties()}
    return sorted(chosen, key=lambda d: (d is None, d or ""))


def search(problems: list[Problem], params: PlanParameters, progress: Progress) -> list[Part]:
    """One search per direction on the roads the earlier ones left, the one that takes longest first."""
    deadline = time.monotonic() + params.time_limit_s
    order = list(range(len(problems)))
    if len(order) > 1:
        order.sort(key=lambda i: -rough_time(problems[i]))
    loads, parts, target = no_loads(), [], 0.0
    stopped = False
    for place, i in enumerate(order):
        problem = problems[i]
        share = (deadline - time.monotonic()) * (0.7 if place + 1 < len(order) else 1.0)
        answer = Answer(interrupted=True)
        if not stopped:
            answer = Search(problem, loads, params, progress, time.monotonic() + share, target).run()
        stopped = stopped or answer.interrupted
        parts.append(Part(problem, answer))
        if answer.schedule is not None and place + 1 < len(order):
            loads = join_loads(loads, answer.schedule.loads(problem))
            target = max(target, answer.schedule.clearance_s)
    return parts


def quick_clearance(scenario: Scenario, profile: CapacityProfile, time_limit_s: float) -> float:
    """When a quickly made plan clears everybody: seconds; nan where it does not. ``profile`` is what the roads take."""
    problems = [build_problem(scenario, direction, profile) for direction in directions(scenario)]
    if any(problem.stranded for problem in problems):
        return math.nan
    parts = search(problems, PlanParameters(time_limit_s=max(time_limit_s, 0.1), slots=QUICK_SLOTS, gap=0.01), silent)
    found = [part.answer.schedule for part in parts if len(part.problem.zone)]
    if is_stopped(parts):
        raise KeyboardInterrupt
    return max((s.clearance_s if s is not None and s.left.sum() == 0 else math.nan for s in found), default=math.nan)


def is_stopped(parts: list[Part]) -> bool:
    """Whether Ctrl-C ended the search."""
    return any(part.answer.interrupted for part in parts)


def pooled_bound(scenario: Scenario, profile: CapacityProfile) -> list[Part]:
    """
    The bound for all directions together, as if everybody went anywhere: it counts roads that the directions share.

    Found from static flows, and by descent where the network is small enough to do so at once.
    """
    anywhere = replace(scenario, zones=tuple(replace(zone, directions=()) for zone in scenario.zones))
    problem = build_problem(anywhere, None, profile)
    if not len(problem.zone):
        return []
    guess = float(np.max(problem.ready_s + problem.to_site[problem.zone_node])) * 2 + 60
    bound = steady_bound(problem, np.arange(len(problem.zone)), guess)
    if not problem.is_steady and len(problem.tail) <= MOST_LINKS_TO_DESCEND:
        raised = raised_bound(problem, bound.labels, bound.horizon_s, problem.demand, scenario.horizon_s)
        bound = raised if raised is not None and raised.horizon_s > bound.horizon_s else bound
    return [Part(problem, Answer(bound=bound))]


def rough_time(problem: Problem) -> float:
    """
    Seconds a direction takes at the least, roughly: its vehicles over the rate of the links into its sites, and the
    way.
    """
    if not len(problem.zone):
        return 0.0
    into = np.isin(problem.head, problem.site_node) & (problem.top_rate > 0)
    rate = float(problem.top_rate[into].sum())
    circulation = circulate(
        problem, np.flatnonzero(problem.useful(np.inf)), np.arange(len(problem.zone)), 10 * problem.horizon_s, None
    )
    return problem.demand / max(min(rate, circulation.rate), 1e-9)


def bound_curve(scenario: Scenario, problems: list[Problem], moved: Moved) -> tuple[FloatArray, FloatArray]:
    """
    The most persons that can have arrived by some times: float64[n] seconds, float64[n] persons.

    From static flows over links at their top rates, direction by direction; a bound whatever changes in time.
    """
    moves = moved.movements
    if not len(moves):
        return np.zeros(0), np.zeros(0)
    travel = np.add.reduceat(scenario.network.free_flow_time_s[moved.routes.links], moved.routes.start[:-1])
    last = float((moves.depart_until_s + travel[moves.route]).max())
    n_points = CURVE_POINTS if scenario.network.n_links <= MOST_LINKS_TO_DESCEND else CURVE_POINTS // 4
    times = np.linspace(0.0, last, n_points + 1)
    persons = np.zeros(len(times))
    for problem in problems:
        if not len(problem.zone):
            continue
        links = np.flatnonzero(problem.useful(np.inf))
        everyone = np.arange(len(problem.zone))
        load = float(problem.persons_per_vehicle.max())
        most = float((problem.persons_per_vehicle * problem.vehicles).sum())
        reached = most
        for i in range(len(times) - 1, 0, -1):  # later bounds hold earlier too
            sent = circulate(problem, links, everyone, float(times[i]), None).sent if times[i] > 0 else 0.0
            reached = min(reached, (sent * 1.0001 + 0.01) * load, most)
            persons[i] += reached
    return times, persons


def assemble(
    scenario: Scenario,
    parts: list[Part],
    moved: Moved,
    proofs: list[Certificate],
    rest: tuple[Leeway, tuple[FloatArray, FloatArray], PlanParameters, Stopwatch],
) -> Plan:
    """The plan with its figures."""
    starts, curve, params, clock = rest
    main, *further = proofs
    moves = moved.movements
    travel = (
        np.add.reduceat(scenario.network.free_flow_time_s[moved.routes.links], moved.routes.start[:-1])
        if len(moved.routes)
        else np.zeros(0)
    )
    clearance = float((moves.depart_until_s + travel[moves.route]).max()) if len(moves) else 0.0
    bound = max((c.horizon_s for c in proofs if c.kind == BoundKind.CLEARANCE), default=0.0)
    planned = float(round(float(moves.persons.sum())))  # whole persons, party by party
    if main.kind == BoundKind.CLEARANCE:
        most = float(sum(p.persons for p in scenario.parties()))
        gap = (clearance - bound) / bound if bound > 0 else 0.0
    else:
        most = persons_bound(scenario, proofs)
        gap = (most - planned) / planned if planned > 0 else (float("inf") if most > 0 else 0.0)
    status = "proven" if gap <= params.gap else "feasible"
    if not len(moves):
        status = "empty"
    if status != "proven" and any(not part.answer.in_time for part in parts):
        status = "time limit"
    if any(part.answer.interrupted for part in parts):
        status = "interrupted"
    return Plan(
        scenario_hash=scenario.content_hash,
        routes=moved.routes,
        movements=moves,
        left_out=left_out(scenario, parts, moved),
        certificate=main,
        status=status,
        clearance_time_s=clearance,
        clearance_lower_bound_s=bound,
        persons_planned=planned,
        persons_upper_bound=most,
        gap=gap,
        seed=params.seed,
        further_certificates=tuple(further),
        last_start_s=starts.zone_s,
        last_start_bound_s=starts.zone_bound_s,
        last_start_all_s=starts.all_s,
        last_start_all_bound_s=starts.all_bound_s,
        start_certificate=starts.certificate,
        bound_curve_s=curve[0],
        bound_curve_persons=curve[1],
        runtime_s=tuple(clock.laps),
        settings=(("time_limit_s", params.time_limit_s), ("gap", params.gap), ("slots", params.slots)),
    )


__all__ = ["Loads", "make_plan"]
