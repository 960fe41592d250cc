"""What the loss of a crossing costs, by the hour of the loss: persons left behind and time to clear, both bracketed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from clearway.model.network import Crossing, FloatArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability
from clearway.planner.bound import Bound, strictly_below
from clearway.planner.labels import Labels, settle, value
from clearway.planner.outcome import Outcome, outcome_of, with_statement
from clearway.planner.problem import Problem, build_problem
from clearway.planner.room import entries

GOOD_ENOUGH = 0.02  # relative width of a bracket that is not worth another plan
MOST_PLANS = 8  # per crossing

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class LossCurve:
    """
    What the loss of one crossing costs, if it is known beforehand: one entry per time of loss, rising.

    Attributes
    ----------
    crossing : index into the scenario's crossings
    lost_s : float64[n]
        From when on it is lost; seconds.
    is_planned : bool[n]
        Whether a plan was made for this very time; else what other times' plans show.
    persons, persons_bound : float64[n]
        Persons whom a plan brings to safety; the most that any plan can.
    clearance_s, clearance_bound_s : float64[n]
        When a plan has moved everybody with a vehicle, and what no plan can beat: inf where none does or none can.
    over_later : float64[n]
        Persons whom the given plan sends over the crossing too late: they would meet it lost if nothing were changed.
    is_in_time : whether the brackets are as narrow as they were to be; else time ran out
    """

    crossing: int
    lost_s: FloatArray
    is_planned: np.ndarray
    persons: FloatArray
    persons_bound: FloatArray
    clearance_s: FloatArray
    clearance_bound_s: FloatArray
    over_later: FloatArray
    is_in_time: bool = True


@dataclass(slots=True)
class _Table:
    """The brackets of one crossing while they are being closed; a plan for an early loss is one for a late loss too."""

    lost_s: FloatArray
    persons: FloatArray
    persons_bound: FloatArray
    clearance_s: FloatArray
    clearance_bound_s: FloatArray
    is_planned: np.ndarray
    known: dict[int, Outcome] = field(default_factory=dict)

    def spread(self) -> None:
        """Plans hold for all later losses, bounds for all earlier ones."""
        self.persons = np.maximum.accumulate(self.persons)
        self.clearance_s = np.minimum.accumulate(self.clearance_s)
        self.persons_bound = np.minimum.accumulate(self.persons_bound[::-1])[::-1]
        self.clearance_bound_s = np.maximum.accumulate(self.clearance_bound_s[::-1])[::-1]

    def widths(self) -> FloatArray:
        """float64[n]: relative widths of the brackets, the larger of persons' and time's."""
        of_persons = (self.persons_bound - self.persons) / np.maximum(self.persons_bound, 1.0)
        both = np.isfinite(self.clearance_s) & np.isfinite(self.clearance_bound_s)
        of_time = np.zeros(len(self.persons))
        of_time[both] = (self.clearance_s[both] - self.clearance_bound_s[both]) / np.maximum(
            self.clearance_s[both], 1.0
        )
        one_only = np.isfinite(self.clearance_s) != np.isfinite(self.clearance_bound_s)
        widths: FloatArray = np.maximum(of_persons, of_time) + np.where(one_only, 1.0, 0.0)
        return widths


def loss_curves(
    scenario: Scenario, plan: Plan, every_s: float, time_limit_s: float, told: Told = lambda _: None
) -> tuple[LossCurve, ...]:
    """
    The cost of losing each crossing that the plan uses, at times ``every_s`` apart until the plan has passed it.

    Plans are made where the brackets are widest, until they are narrow, there are enough or the time is up; bounds come
    from cuts for every time.
    """
    crossings = [i for i, c in enumerate(scenario.crossings) if passing(scenario, plan, c)[0].size]
    curves = []
    deadline = time.monotonic() + time_limit_s
    for place, index in enumerate(crossings):
        share = (deadline - time.monotonic()) / (len(crossings) - place)
        curves.append(_loss_curve(scenario, plan, index, every_s, time.monotonic() + share, told))
    return tuple(curves)


def passing(scenario: Scenario, plan: Plan, crossing: Crossing) -> tuple[FloatArray, FloatArray, FloatArray]:
    """
    When the plan's persons leave a crossing's links for the last time: from, until, persons, per movement that uses it.
    """
    network = scenario.network
    movement, link, offset = entries(network.free_flow_time_s, plan.movements, plan.routes)
    on = np.isin(link, crossing.links)
    movement, leave = movement[on], (offset + network.free_flow_time_s[link])[on]
    last = np.full(len(plan.movements), -np.inf)
    np.maximum.at(last, movement, leave)
    crossed = np.flatnonzero(np.isfinite(last))
    moves = plan.movements
    return (
        moves.depart_from_s[crossed] + last[crossed],
        moves.depart_until_s[crossed] + last[crossed],
        moves.persons[crossed],
    )


def _loss_curve(scenario: Scenario, plan: Plan, index: int, every_s: float, deadline: float, told: Told) -> LossCurve:
    crossing = scenario.crossings[index]
    begin, end, persons = passing(scenario, plan, crossing)
    lost = np.arange(0.0, float(end.max()) + every_s, every_s)
    lost = lost[lost <= scenario.horizon_s]
    after = np.clip((end - lost[:, None]) / (end - begin), 0.0, 1.0) @ persons
    table = _given(scenario, plan, lost, after)
    narrow = max(GOOD_ENOUGH, 2 * plan.gap)
    while time.monotonic() < deadline and len(table.known) < MOST_PLANS:
        at = _widest(table, narrow)
        if at is None:
            break
        told(f"{crossing.name}: lost at hour {lost[at] / 3600:g}")
        changed = with_loss(scenario, crossing, float(lost[at]))
        outcome = outcome_of(changed)
        table.known[at] = outcome
        table.is_planned[at] = True
        table.persons[at] = max(table.persons[at], outcome.persons)
        table.persons_bound[at] = min(table.persons_bound[at], outcome.persons_bound)
        if outcome.is_complete:
            table.clearance_s[at] = min(table.clearance_s[at], outcome.clearance_s)
        table.clearance_bound_s[at] = max(
            table.clearance_bound_s[at],
            outcome.clearance_bound_s if outcome.is_complete or _proves_some_stay(scenario, outcome) else 0.0,
        )
        table.spread()
        _bounds_between(scenario, crossing, table, at)
    return LossCurve(
        index, lost, table.is_planned, table.persons, table.persons_bound, table.clearance_s, table.clearance_bound_s,
        after, len(table.known) >= MOST_PLANS or _widest(table, narrow) is None,
    )  # fmt: skip


def with_loss(scenario: Scenario, crossing: Crossing, lost_s: float) -> Scenario:
    """The scenario in which a crossing is lost for good from some time on."""
    return with_statement(
        scenario, Availability("crossing", crossing.crossing_id, lost_s, math.inf, 0.0, crossing.links)
    )


def _given(scenario: Scenario, plan: Plan, lost: FloatArray, after: FloatArray) -> _Table:
    """What the plan itself says: it stands where it has passed the crossing by then, and its bounds hold anyway."""
    n = len(lost)
    everyone = float(sum(party.persons for party in scenario.parties()))
    stands = after <= 1e-6 * max(1.0, plan.persons_planned)
    is_complete = plan.persons_planned >= everyone - 0.5
    return _Table(
        lost,
        np.where(stands, plan.persons_planned, 0.0),
        np.full(n, min(plan.persons_upper_bound, everyone)),
        np.where(stands & is_complete, plan.clearance_time_s, math.inf),
        np.full(n, plan.clearance_lower_bound_s if is_complete else 0.0),
        stands.copy(),
    )


def _widest(table: _Table, narrow: float) -> int | None:
    """Where the next plan helps most: first the earliest loss, then within the widest run of brackets."""
    if 0 not in table.known and not table.is_planned[0]:
        return 0
    widths = np.where(table.is_planned, 0.0, table.widths())
    if not len(widths) or widths.max() <= narrow:
        return None
    wide = widths > narrow
    edges = np.flatnonzero(np.diff(np.concatenate(([False], wide, [False])).astype(np.int8)))
    runs = list(zip(edges[::2], edges[1::2], strict=True))
    a, b = max(runs, key=lambda run: float(widths[run[0] : run[1]].sum()))
    return int((a + b) // 2)


def _proves_some_stay(scenario: Scenario, outcome: Outcome) -> bool:
    """Whether nobody at all can move everybody with a vehicle: by half a person at least."""
    return outcome.persons_bound < sum(party.persons for party in scenario.parties()) - 0.5


def _bounds_between(scenario: Scenario, crossing: Crossing, table: _Table, at: int) -> None:
    """Bounds for other times from the cuts found for one, valued afresh (``table`` modified in place)."""
    known = sorted(table.known)
    place = known.index(at)
    first = known[place - 1] + 1 if place else 0
    last = known[place + 1] if place + 1 < len(known) else len(table.lost_s)
    for i in range(first, last):
        if i == at or table.is_planned[i]:
            continue
        changed = with_loss(scenario, crossing, float(table.lost_s[i]))
        profile = changed.capacity_profile()
        stay = 0.0
        for part in table.known[at].parts:
            problem = build_problem(changed, part.problem.direction, profile)
            if len(problem.zone) == len(part.problem.zone):
                stay += _stay(problem, part.answer.most)
                table.clearance_bound_s[i] = max(table.clearance_bound_s[i], _not_before(problem, part.answer.bound))
        if stay > 0:
            everyone = float(sum(party.persons for party in changed.parties()))
            table.persons_bound[i] = min(table.persons_bound[i], everyone - stay)
            table.clearance_bound_s[i] = math.inf
    table.spread()


def _not_before(problem: Problem, bound: Bound | None) -> float:
    """The clearance time that the labels of another time's bound prove nobody can beat; 0 where none."""
    if bound is None or bound.demand < problem.demand * (1 - 1e-9):
        return 0.0
    most = min(1.5 * bound.horizon_s, problem.horizon_s)
    proven = strictly_below(problem, bound.labels, most, problem.demand).horizon_s
    return math.inf if proven >= problem.horizon_s else proven


def _stay(problem: Problem, most: Labels | None) -> float:
    """Persons of a problem whom the labels of another time's cut prove nobody can move; 0 where none."""
    if most is None:
        return 0.0
    out = value(problem, settle(problem, most, problem.horizon_s), problem.horizon_s)
    everyone = float((problem.vehicles * problem.persons_per_vehicle).sum())
    return max(0.0, everyone - float(problem.persons_per_vehicle.max()) * out)
