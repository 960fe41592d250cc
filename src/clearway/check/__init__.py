"""
Judges a plan from the scenario alone, with none of the planner's code: feasibility, people, figures, bound.

What a plan and a bound mean is design section 5; it is worked out here a second time, on purpose, so that a slip in
the model's or the planner's own evaluation does not go unseen.
"""

from __future__ import annotations

from clearway.check.forms import judge_form, rates_under
from clearway.check.hold import judge_hold
from clearway.check.movements import judge_movements
from clearway.check.people import judge_people
from clearway.check.proof import judge_bounds
from clearway.check.result import CODES, TOLERANCE, CheckFault, CheckResult
from clearway.check.roads import allowed_rates, judge_roads
from clearway.check.trips import broken_structure, trips_of
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario


def check_plan(scenario: Scenario, plan: Plan) -> CheckResult:
    """All that is wrong with a plan and its bound, and the figures as they are when worked out afresh."""
    faults: list[CheckFault] = []
    found: dict[str, object] = {}
    if plan.scenario_hash != scenario.content_hash:
        message = (
            f"the plan was made for another scenario (its hash begins {plan.scenario_hash[:12] or '(empty)'}, "
            f"the scenario's {scenario.content_hash[:12] or '(empty)'})"
        )
        faults.append(CheckFault("scenario", message))
    structure = broken_structure(scenario, plan)
    if structure:
        return CheckResult(tuple(faults + structure), found)
    trips = trips_of(scenario, plan)
    rates = rates_under(scenario, allowed_rates(scenario), plan.form)
    for judge in (judge_movements, judge_people):
        judge(trips, faults, found)
    judge_roads(trips, rates, faults, found)
    judge_bounds(trips, rates, faults, found)
    judge_form(trips, rates, faults, found)
    judge_hold(trips, faults)
    return CheckResult(tuple(faults), found)


__all__ = ["CODES", "TOLERANCE", "CheckFault", "CheckResult", "check_plan"]
