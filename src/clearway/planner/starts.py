"""What cannot start later: cuts over time that prove that not everyone is out in time from some start on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile
from clearway.planner.bound import is_short, steady_bound
from clearway.planner.labels import Labels, descend, read_off, settle, value
from clearway.planner.problem import Problem, build_problem
from clearway.planner.room import profile_from, scenario_from
from clearway.planner.slots import Grid, SlotFlow, no_loads

SLOTS = 120
UNITS = 1000
SHARES = (0.06, 0.15, 0.3, 0.5, 0.75)  # of the time between a start that works and one that does not: to try
MOST_HALVINGS = 2


@dataclass(frozen=True, slots=True, eq=False)
class StartBound:
    """
    Who starts at ``start_s`` or later does not get ``demand`` vehicles out by the horizon.

    ``labels``, where a cut shows it, are those of the problem that begins at ``start_s``; None where the way alone is
    too long or no departure is allowed any more.
    """

    start_s: float
    labels: Labels | None = None


class StartProblem:
    """The people of one direction, as they are when nobody starts before some time."""

    def __init__(self, scenario: Scenario, direction: str | None, profile: CapacityProfile) -> None:
        self.scenario, self.direction, self.profile = scenario, direction, profile
        self.demand = build_problem(scenario, direction, profile).demand

    def at(self, start_s: float) -> Problem:
        """The problem with time counted from a start."""
        return build_problem(scenario_from(self.scenario, start_s), self.direction, profile_from(self.profile, start_s))

    def limit(self) -> float:
        """The start from which somebody's way alone is too long, or departure is not allowed any more."""
        problem = self.at(0.0)
        last = [w[-1][1] for w in problem.windows]
        ways = problem.horizon_s - problem.to_site[problem.zone_node]
        return float(np.min(np.minimum(ways, last), initial=math.inf))

    def steady_limit(self) -> StartBound:
        """The start from which the time is too short even if all roads always took the most they ever do."""
        problem = self.at(0.0)
        if not len(problem.zone):
            return StartBound(math.inf)
        at_once = replace(
            problem, ready_s=np.zeros_like(problem.ready_s), windows=(((0.0, math.inf),),) * len(problem.zone)
        )
        guess = float(np.max(problem.to_site[problem.zone_node])) * 2 + 60
        bound = steady_bound(at_once, np.arange(len(problem.zone)), guess)
        start = problem.horizon_s - bound.horizon_s
        later, labels = self.moved(bound.labels, 0.0, start) if start >= 0 else (problem, None)
        if labels is None:
            return StartBound(start)
        labels = settle(later, replace(labels, label_s=bound.labels.label_s), later.horizon_s)
        is_proven = is_short(later, value(later, labels, later.horizon_s), self.demand)
        return StartBound(start, labels if is_proven else None)

    def strands(self, start_s: float) -> bool:
        """Whether somebody who starts then has no way or no date to leave at all."""
        return self.at(start_s).demand < self.demand * (1 - 1e-9)

    def moved(self, labels: Labels, at_s: float, start_s: float) -> tuple[Problem, Labels | None]:
        """The problem at a start, and labels of the one at ``at_s`` for it; None where its nodes are others."""
        problem = self.at(start_s)
        if len(labels.label_s) != problem.n_nodes or len(labels.is_open) != len(problem.zone):
            return problem, None
        is_paid = labels.is_paid
        if len(is_paid) != len(problem.site):  # sites that have closed in between
            known = dict(zip(self.at(at_s).site.tolist(), is_paid.tolist(), strict=True))
            is_paid = np.array([known.get(site, False) for site in problem.site.tolist()], dtype=np.bool_)
        shifted = replace(labels, label_s=labels.label_s + at_s - start_s, is_paid=is_paid)
        return problem, settle(problem, shifted, problem.horizon_s)

    def proves(self, labels: Labels, at_s: float, start_s: float) -> bool:
        """Whether labels of the problem at ``at_s`` show that a start at ``start_s`` is too late."""
        problem, moved = self.moved(labels, at_s, start_s)
        if problem.demand < self.demand * (1 - 1e-9):
            return True
        return moved is not None and is_short(problem, value(problem, moved, problem.horizon_s), self.demand)


def start_bound(wanted: StartProblem, works_s: float, limit_s: float, precision_s: float) -> StartBound:
    """
    The earliest start found that is too late, given one that works and one (``limit_s``) that is known not to.

    Starts in between are tried: where a flow in slots falls short and its cut, improved by descent, proves it, the
    same cut then holds for starts as early as it still proves.
    """
    span, low, best = limit_s - works_s, works_s, StartBound(limit_s)
    for share in SHARES:
        if span * share <= precision_s:
            continue
        trial = works_s + span * share
        found = trial_at(wanted, trial, low, precision_s)
        if found is not None:
            best = found
            break
        low = trial
    for _ in range(MOST_HALVINGS):
        if best.start_s - low <= precision_s:
            break
        middle = 0.5 * (low + best.start_s)
        found = trial_at(wanted, middle, low, precision_s)
        low, best = (low, found) if found is not None else (middle, best)
    return best


def trial_at(wanted: StartProblem, start_s: float, low_s: float, precision_s: float) -> StartBound | None:
    """The bound that a cut found at a start gives; None where none proves anything."""
    if wanted.strands(start_s):
        return StartBound(start_s)
    is_enough, labels = cut_at(wanted, start_s, precision_s)
    return None if is_enough or labels is None else earliest_proven(wanted, labels, start_s, low_s, precision_s)


def cut_at(wanted: StartProblem, start_s: float, fine_s: float) -> tuple[bool, Labels | None]:
    """Whether a flow in slots moves everyone from a start on; if not, labels that prove it, where they were found."""
    problem = wanted.at(start_s)
    grid = Grid(problem.horizon_s / SLOTS, SLOTS)
    flow = SlotFlow(problem, np.flatnonzero(problem.useful(problem.horizon_s)), grid, no_loads(), UNITS)
    flow.augment(0)
    if flow.sent >= flow.wanted:
        return True, None
    labels, worth = descend(problem, read_off(flow), problem.horizon_s, grid.slot_s, fine_s)
    return False, labels if is_short(problem, worth, wanted.demand) else None


def earliest_proven(wanted: StartProblem, labels: Labels, at_s: float, low_s: float, precision_s: float) -> StartBound:
    """The earliest start, by halving, that the same labels still prove to be too late."""
    high = at_s
    while high - low_s > 0.25 * precision_s:
        middle = 0.5 * (low_s + high)
        if wanted.proves(labels, at_s, middle):
            high = middle
        else:
            low_s = middle
    return StartBound(high, wanted.moved(labels, at_s, high)[1])
