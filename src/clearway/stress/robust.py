"""
A choice among plans by what becomes of people in many futures: expected persons safe, or those of the worst futures.

Conditional value at risk: Rockafellar & Uryasev (2000), Optimization of conditional value-at-risk, Journal of Risk 2.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clearway.model.network import FloatArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability
from clearway.model.uncertainty import Target, Uncertainty
from clearway.planner.hedge import Stage, keys_over
from clearway.stress.futures import Future

QUANTILES = (0.05, 0.25, 0.5)  # of the time of loss, for candidates that take losses to come early
LOST_AT = 0.5  # a capacity factor left that counts as lost
MARGINS = (0.95, 0.9, 0.8, 0.65)
SOONEST_S = 900.0  # a loss earlier than this leaves nothing to be used first
MOST_ALONE = 4  # crossings that get candidates of their own, the likeliest to be lost first
RESAMPLES = 2000
RESAMPLING_SEED = 20000


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A way to plan: its name, what it does in words, and its stages. No stages: as the nominal plan is made.

    ``uses_reserve``: on all of the capacities, also on what the scenario's capacity_factor keeps for incidents.
    """

    name: str
    words: str
    stages: tuple[Stage, ...]
    uses_reserve: bool = False


@dataclass(frozen=True, slots=True)
class Fragile:
    """Something that may be lost, with its times of loss over futures (float64[n], seconds; inf: never)."""

    target: Target
    lost_s: FloatArray

    def early(self, share: float) -> float:
        """The time before which it is lost in this share of the futures; inf where it is not in so many."""
        return float(np.quantile(self.lost_s, share, method="lower"))


def fragile_targets(uncertainty: Uncertainty, futures: Sequence[Future]) -> list[Fragile]:
    """What is lost in at least one of the futures: crossings and links, the likeliest first."""
    targets: dict[str, Target] = {}
    lost: dict[str, FloatArray] = {}

    def note(target: Target, number: int, from_s: float) -> None:
        if target.kind in ("crossing", "link"):
            key = str(target)
            targets[key] = target
            times = lost.setdefault(key, np.full(len(futures), np.inf))
            times[number] = min(float(times[number]), max(from_s, 0.0))

    for number, future in enumerate(futures):
        for one in future.losses:
            if one.left < LOST_AT:
                note(uncertainty.losses[one.loss].targets[one.target], number, one.from_s)
        for state, words in zip(uncertainty.states, future.states, strict=True):
            for span, word in zip(state.spans, words, strict=True):
                if word == "closed":
                    note(state.target, number, span.from_s)
    found = [Fragile(targets[key], times) for key, times in lost.items()]
    return sorted(found, key=lambda each: (-np.isfinite(each.lost_s).sum(), str(each.target)))


def candidates(scenario: Scenario, nominal: Plan, fragile: Sequence[Fragile]) -> list[Candidate]:
    """
    The plans to choose among: the nominal one first.

    Others take what may be lost to be lost early (all of it, each alone), use it in steps, or send those first who
    depend on it; what is not placed then is planned around that. One uses the reserve, others keep a margin on every
    road.
    """
    used = [each for each in fragile if keys_over(scenario, nominal, each.target.links)]
    names = {str(each.target): _name(scenario, each.target) for each in used}
    found = [Candidate("nominal", "the plan as clearway plan makes it", ())]
    last = nominal.clearance_time_s

    def closures(of: Sequence[Fragile], share: float) -> tuple[Availability, ...]:
        times = [(each.target, each.early(share)) for each in of]
        return tuple(
            Availability(t.kind, t.target_id, s, math.inf, 0.0, t.links) for t, s in times if SOONEST_S <= s < last
        )

    for share in QUANTILES:
        closed = closures(used, share)
        if closed:
            words = (
                f"as if all that may be lost were lost where {100 * share:.0f} % of the futures lose it; then the rest"
            )
            found.append(Candidate(f"early-{100 * share:.0f}", words, (Stage(closed), Stage())))
    steps = [closed for closed in (closures(used, share) for share in QUANTILES) if closed]
    if len(steps) > 1 and _is_nested(steps):
        words = "in steps: what may be lost is used as much as can be before 5 %, then 25 %, then 50 % lose it"
        found.append(Candidate("steps", words, (*(Stage(closed) for closed in steps), Stage())))
    if len(used) > 1:
        for each in used[:MOST_ALONE]:
            for share in (0.05, 0.25):
                closed = closures([each], share)
                if closed:
                    name = names[str(each.target)]
                    words = f"as if {name} were lost where {100 * share:.0f} % of the futures lose it; then the rest"
                    found.append(Candidate(f"{each.target.target_id}-{100 * share:.0f}", words,
                                           (Stage(closed), Stage())))  # fmt: skip
    links = [link for each in used for link in each.target.links]
    depend = keys_over(scenario, nominal, links)
    if depend and depend != {(p.zone, p.direction) for p in scenario.parties()}:
        words = "those who depend on what may be lost are planned first, then the others"
        found.append(Candidate("dependents-first", words, (Stage(only=depend), Stage())))
    if scenario.capacity_factor < 1.0:
        reserve = 100 * (1.0 - scenario.capacity_factor)
        words = f"sooner, on the {reserve:.0f} % of capacity too that are kept for incidents: crossings stay busy"
        found.append(Candidate("no-reserve", words, (), uses_reserve=True))
    for margin in MARGINS:
        words = f"at {100 * margin:.0f} % of what the roads may take, for queues and late departures"
        found.append(Candidate(f"margin-{100 * (1 - margin):.0f}", words, (Stage(capacity_share=margin),)))
    return _distinct(found)


def _name(scenario: Scenario, target: Target) -> str:
    names = {c.crossing_id: c.name for c in scenario.crossings if c.name}
    return names.get(target.target_id, target.target_id) if target.kind == "crossing" else str(target)


def _is_nested(steps: Sequence[tuple[Availability, ...]]) -> bool:
    """Whether each step closes no more than the one before, so that movements of earlier ones hold in later ones."""
    for before, after in itertools.pairwise(steps):
        closed = {each.target: each.from_s for each in before}
        if any(closed.get(each.target, math.inf) > each.from_s for each in after):
            return False
    return True


def _distinct(found: Sequence[Candidate]) -> list[Candidate]:
    """Without those whose stages another has too."""
    kept: dict[tuple[tuple[Stage, ...], bool], Candidate] = {}
    for each in found:
        kept.setdefault((each.stages, each.uses_reserve), each)
    return list(kept.values())


def cvar(persons: FloatArray, alpha: float) -> float:
    """Mean of the worst share ``alpha`` of futures (persons safe: the fewest), the last one counted in part."""
    ordered = np.sort(persons)
    whole = alpha * len(ordered)
    n = max(1, math.ceil(whole - 1e-9))
    weights = np.ones(n)
    weights[-1] = min(1.0, whole - (n - 1)) if whole >= 1 else 1.0
    return float(ordered[:n] @ weights / weights.sum())


def measure(persons: FloatArray, by: str, alpha: float) -> float:
    """What plans are compared by: "expected" or "cvar"."""
    return float(persons.mean()) if by == "expected" else cvar(persons, alpha)


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure of one plan less another's, with its 95 % confidence interval."""

    value: float
    low: float
    high: float


def paired_difference(chosen: FloatArray, nominal: FloatArray, by: str, alpha: float) -> Difference:
    """Over the same futures, by resampling them together (paired percentile bootstrap: Efron & Tibshirani 1993)."""
    rng = np.random.default_rng(RESAMPLING_SEED)
    draws = rng.integers(0, len(chosen), (RESAMPLES, len(chosen)))
    values = np.array([measure(chosen[d], by, alpha) - measure(nominal[d], by, alpha) for d in draws])
    low, high = np.quantile(values, (0.025, 0.975))
    return Difference(measure(chosen, by, alpha) - measure(nominal, by, alpha), float(low), float(high))


def best(safe: Sequence[FloatArray], by: str, alpha: float) -> int:
    """The plan with the best measure; of those that have the same, the better on average, then the earlier."""
    return max(range(len(safe)), key=lambda i: (measure(safe[i], by, alpha), safe[i].mean(), -i))
