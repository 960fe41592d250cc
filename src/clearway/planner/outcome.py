"""What a changed scenario comes to: a quickly made plan and its bounds, in figures."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from clearway.model.plan import BoundKind, Certificate
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability, CapacityProfile
from clearway.planner.assemble import Moved, Part, certificates, join, persons_bound
from clearway.planner.parameters import PlanParameters, silent
from clearway.planner.plan import directions, is_stopped, pooled_bound, search
from clearway.planner.problem import build_problem

QUICK = PlanParameters(time_limit_s=20.0, gap=0.01, slots=160)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """
    A quick plan for a scenario, and what no plan can beat.

    ``clearance_s`` is that of the ``persons`` planned; ``clearance_bound_s`` holds for any plan that moves all who have
    a vehicle. ``is_complete``: the plan moves all of them.
    """

    parts: list[Part]
    moved: Moved
    persons: float
    persons_bound: float
    clearance_s: float
    clearance_bound_s: float

    @property
    def is_complete(self) -> bool:
        return sum(self.moved.left.values()) == 0


def outcome_of(scenario: Scenario, params: PlanParameters = QUICK, profile: CapacityProfile | None = None) -> Outcome:
    """
    Plan a scenario quickly, and bound it; KeyboardInterrupt where stopped. ``profile`` replaces the scenario's rates.
    """
    profile = profile or scenario.capacity_profile()
    problems = [build_problem(scenario, direction, profile) for direction in directions(scenario)]
    parts = search(problems, params, silent)
    if is_stopped(parts):
        raise KeyboardInterrupt
    moved = join(scenario, parts)
    together = pooled_bound(scenario, profile) if len(problems) > 1 else []
    proofs = certificates(scenario, parts, moved, together)
    moves = moved.movements
    clearance = 0.0
    if len(moves):
        travel = np.add.reduceat(scenario.network.free_flow_time_s[moved.routes.links], moved.routes.start[:-1])
        clearance = float((moves.depart_until_s + travel[moves.route]).max())
    is_complete = sum(moved.left.values()) == 0
    everyone = float(sum(party.persons for party in scenario.parties()))
    return Outcome(
        parts,
        moved,
        float(round(float(moves.persons.sum()))),
        everyone if is_complete else persons_bound(scenario, proofs, profile),
        clearance,
        clearance_proven(proofs) if is_complete else math.inf,
    )


def clearance_proven(proofs: list[Certificate]) -> float:
    """The best of some proofs' bounds on clearance time."""
    return max((proof.horizon_s for proof in proofs if proof.kind is BoundKind.CLEARANCE), default=0.0)


def with_statement(scenario: Scenario, statement: Availability) -> Scenario:
    """A scenario in which one more statement holds."""
    return replace(scenario, availabilities=(*scenario.availabilities, statement))
