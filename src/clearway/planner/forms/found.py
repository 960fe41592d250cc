"""A search on the roads as they are at some point, without a form of departures."""

from __future__ import annotations

from clearway.model.plan import BoundKind
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile
from clearway.planner.assemble import Moved, Part, certificates, join
from clearway.planner.parameters import PlanParameters, Progress
from clearway.planner.plan import directions, search
from clearway.planner.problem import Problem, build_problem


class Found:
    """What was found for the roads as they are at some point, without a form of departures."""

    def __init__(self, scenario: Scenario, params: PlanParameters, progress: Progress) -> None:
        self.scenario = scenario
        self.profile: CapacityProfile = scenario.capacity_profile()
        self.problems: list[Problem] = [build_problem(scenario, d, self.profile) for d in directions(scenario)]
        place = {id(problem): i for i, problem in enumerate(self.problems)}
        parts = search(self.problems, params, progress)  # the slowest direction first
        self.parts: list[Part] = sorted(parts, key=lambda part: place[id(part.problem)])
        self.moved: Moved = join(scenario, self.parts)

    @property
    def clearance_s(self) -> float:
        found = [p.answer.schedule.clearance_s for p in self.parts if p.answer.schedule is not None]
        return max(found, default=0.0)

    @property
    def bound_s(self) -> float:
        proofs = certificates(self.scenario, self.parts, self.moved, [])
        return max((c.horizon_s for c in proofs if c.kind == BoundKind.CLEARANCE), default=0.0)

    @property
    def persons(self) -> float:
        return float(round(float(self.moved.movements.persons.sum())))
