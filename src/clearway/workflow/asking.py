"""What a claim would change in the plan, and what to find out first: by planning under each answer."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from clearway.errors import UsageError
from clearway.ledger.belief import Belief, BeliefSettings
from clearway.ledger.entries import Verdict
from clearway.ledger.replaced import unreplaced
from clearway.ledger.situation import Situation, Taken, situation
from clearway.ledger.state import LedgerState
from clearway.model.scenario import Scenario
from clearway.workflow import load_scenario
from clearway.workflow.entering import record_of, state_of
from clearway.workflow.ledger import Asked, kinds_of, open_ledger, sources_by_chain, targets_of, write_taken

if TYPE_CHECKING:
    from clearway.planner import PlanParameters, Progress

CERTAIN = 0.02  # a belief this close to 0 or 1 is not worth asking about


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a plan comes to: persons planned, and hours until the last of them is safe."""

    persons: float
    clearance_h: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The plan without a claim and with it accepted, and what is taken as given in either case."""

    claim_id: str
    without: Outcome
    with_it: Outcome
    taken_without: tuple[str, ...]
    taken_with: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What it is worth to know the state of something: see docs/ledger.md."""

    target: str
    name: str
    p_closed: float
    taken: str
    now: Outcome
    if_closed: Outcome
    if_passable: Outcome

    @property
    def persons(self) -> float:
        """Expected change in persons planned once the answer is known."""
        return self._expected(self.if_closed.persons, self.if_passable.persons, self.now.persons)

    @property
    def clearance_h(self) -> float:
        """Expected change in hours of clearance once the answer is known."""
        return self._expected(self.if_closed.clearance_h, self.if_passable.clearance_h, self.now.clearance_h)

    def _expected(self, closed: float, passable: float, now: float) -> float:
        return self.p_closed * abs(closed - now) + (1 - self.p_closed) * abs(passable - now)


class Planner:
    """Plans a scenario under situations that nobody has written into it; the same situation is planned once."""

    def __init__(self, folder: Path, params: PlanParameters, progress: Progress) -> None:
        self._folder = folder
        self._params = params
        self._progress = progress
        self._known: dict[tuple[Taken, ...], Outcome] = {}
        self.scenario: Scenario = load_scenario(folder)

    def outcome(self, found: Situation) -> Outcome:
        """What the plan under a situation comes to."""
        key = tuple(replace(t, voices=(), against=()) for t in found.taken if t.state != "open")
        if key not in self._known:
            from clearway import planner

            with copied(self._folder) as folder:
                write_taken(folder, self.scenario, found)
                plan = planner.make_plan(load_scenario(folder), self._params, self._progress)
            self._known[key] = Outcome(plan.persons_planned, plan.clearance_time_s / 3600)
        return self._known[key]


@contextmanager
def copied(folder: Path) -> Iterator[Path]:
    """A copy of a scenario's tables, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="clearway-") as temporary:
        copy = Path(temporary) / "scenario"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.sqlite*", ".*"))
        yield copy


def situation_of(state: LedgerState, asked: Asked, scenario: Scenario) -> Situation:
    """What follows from a state, in memory."""
    settings = BeliefSettings(state.half_life_h, kinds_of(scenario))
    bearings = unreplaced(state.bearing(), asked.at)
    sources = sources_by_chain(state.reports)
    return situation(bearings, state.authorities, asked.at, asked.policy, sources, settings)


def what_if(
    folder: Path, ledger: str | Path, claim_id: str, asked: Asked, params: PlanParameters, progress: Progress
) -> WhatIf:
    """
    Plan without a claim and with it accepted.

    Raises UsageError where there is no such claim, or where it says nothing that a plan could depend on.
    """
    planner = Planner(folder, params, progress)
    with open_ledger(ledger) as store:
        state = state_of(store, asked.as_of)
    record = record_of(state, claim_id)
    if state.is_withdrawn(record):
        raise UsageError(f"claim {claim_id} was withdrawn; clearway ledger withdraw {claim_id} --undo takes that back")
    found = []
    for verdict in (Verdict.OPEN, Verdict.ACCEPTED):
        state.claims[claim_id] = replace(record, verdict=verdict, merged_into="")
        found.append(situation_of(state, asked, planner.scenario))
    without, with_it = (planner.outcome(each) for each in found)
    words = [tuple(taken_words(t, planner.scenario) for t in each.taken) for each in found]
    return WhatIf(claim_id, without, with_it, *words)


def taken_words(taken: Taken, scenario: Scenario) -> str:
    """What is taken as given about a target, for a comparison."""
    return f"{taken.target}: {taken.note(scenario.start.tzinfo)}"


def what_to_ask(
    folder: Path, ledger: str | Path, asked: Asked, params: PlanParameters, progress: Progress
) -> list[Question]:
    """What it is worth to know each uncertain state, the most persons first, then the most hours."""
    planner = Planner(folder, params, progress)
    with open_ledger(ledger) as store:
        found = situation_of(state_of(store, asked.as_of), asked, planner.scenario)
    now = planner.outcome(found)
    questions = []
    for target in dict.fromkeys(belief.target for belief in found.beliefs):
        beliefs = [belief for belief in found.beliefs if belief.target == target]
        p_closed = max((b.p_closed for b in beliefs), key=lambda p: min(p, 1 - p))
        if target not in targets_of(planner.scenario) or min(p_closed, 1 - p_closed) < CERTAIN:
            continue
        closed = planner.outcome(answered(found, target, None))
        passable = planner.outcome(answered(found, target, beliefs))
        taken = next(t.state for t in found.taken if t.target == target)
        questions.append(Question(target, name_of(target, planner.scenario), p_closed, taken, now, closed, passable))
    return sorted(questions, key=lambda q: (-round(q.persons), -round(q.clearance_h, 3), q.target))


def answered(found: Situation, target: str, beliefs: list[Belief] | None) -> Situation:
    """The situation if a target were known to be closed or, where its beliefs are given, passable."""
    taken = []
    by_end = {b.end: b for b in beliefs or ()}
    for each in found.taken:
        if each.target != target or each.order is not None:
            taken.append(each)
        elif beliefs is None:
            taken.append(replace(each, state="closed", capacity_factor=0.0))
        elif each.state == "closed":
            belief = by_end.get(each.end)
            is_limited = belief is not None and belief.p_limited > belief.p_open
            taken.append(replace(each, state="open", capacity_factor=1.0) if not is_limited else as_limited(each))
        else:
            taken.append(each)
    return replace(found, taken=tuple(taken))


def as_limited(taken: Taken) -> Taken:
    """The same, taken as limited by what the heaviest claim says is left."""
    from clearway.ledger.situation import Policy, limited_factor

    voices = [v for v in (*taken.voices, *taken.against) if v.state == "limited" and v.is_so]
    return replace(taken, state="limited", capacity_factor=limited_factor(voices, Policy.LIKELY))


def name_of(target: str, scenario: Scenario) -> str:
    """What a target is called."""
    names = {f"crossing:{c.crossing_id}": c.name for c in scenario.crossings}
    names |= {f"site:{s.site_id}": s.name for s in scenario.sites}
    return names.get(target, target)
