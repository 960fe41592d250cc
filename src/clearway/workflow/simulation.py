"""From a plan to its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clearway.errors import UsageError
from clearway.model.form import under_form
from clearway.model.outcome import Outcome
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.workflow import REPORT, load_scenario

if TYPE_CHECKING:
    from clearway.simulator import Progress, SimulationParameters


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """An outcome that was written, with its scenario and plan."""

    scenario: Scenario
    plan: Plan
    outcome: Outcome
    folder: Path


def simulate_plan(
    scenario_folder: Path, plan_folder: Path, out: Path, params: SimulationParameters, progress: Progress
) -> Simulated:
    """
    Drive a plan, on the roads as its form leaves them, and write the outcome folder, report included.

    Raises InputError for a faulty scenario or plan, or a plan for another scenario; UsageError where ``out`` cannot
    become an outcome folder (before anything is driven).
    """
    from clearway.ingest.plan_folder import read_plan
    from clearway.publish.outcome_folder import refuse_foreign_outcome, write_outcome
    from clearway.publish.report import render_report
    from clearway.simulator import simulate

    progress("reading", 0.0, 0.0)
    scenario = load_scenario(scenario_folder)
    plan = read_plan(plan_folder, scenario)
    refuse_other_scenario(plan, scenario, plan_folder)
    for folder in (scenario_folder, plan_folder):
        if folder.resolve() == out.resolve():
            raise UsageError(f"the outcome needs a folder of its own: {out} is the scenario's or the plan's")
    refuse_foreign_outcome(out.resolve())
    roads = under_form(scenario, plan.form)  # reversed lanes and reserves as the plan has them
    outcome = simulate(roads, plan, params, progress)
    progress("writing", outcome.last_arrival_s, outcome.tally.safe)
    write_outcome(outcome, roads, out, {REPORT: render_report(plan, roads, outcome=outcome)})
    return Simulated(roads, plan, outcome, out)


def refuse_other_scenario(plan: Plan, scenario: Scenario, folder: Path) -> None:
    """Refuse a plan that was made for another scenario: its figures would be compared with roads it did not know."""
    if plan.scenario_hash and plan.scenario_hash != scenario.content_hash:
        raise UsageError(
            f"{folder} was planned for another scenario, or the scenario has changed since; plan again, or name the "
            "scenario it was planned for"
        )
