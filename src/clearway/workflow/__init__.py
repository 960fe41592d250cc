"""The whole pipeline on one page: what the command line and the console call."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clearway.errors import OutputError, UsageError
from clearway.model.form import under_form
from clearway.model.plan import Plan, Reason
from clearway.model.scenario import Scenario

if TYPE_CHECKING:
    from clearway.check import CheckResult
    from clearway.planner import PlanParameters, Progress
    from clearway.workflow.forms import FormRequest

REPORT = "report.html"


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """A plan that was written, with the scenario it is for."""

    scenario: Scenario
    plan: Plan
    folder: Path


def load_scenario(folder: Path) -> Scenario:
    """Read and check a scenario folder; InputError with all faults."""
    from clearway.ingest.folder import read_scenario

    return read_scenario(folder)


def make_plan(
    folder: Path, out: Path, params: PlanParameters, progress: Progress, form: FormRequest | None = None
) -> Planned:
    """
    Plan a scenario folder and write the plan folder, report included.

    Raises InputError for a faulty scenario, UsageError where ``out`` cannot become a plan folder (before planning
    starts) or the time was too short for any plan, KeyboardInterrupt where the search was stopped before it had one.
    """
    from clearway import planner
    from clearway.publish.plan_folder import refuse_foreign, write_plan
    from clearway.publish.report import render_report
    from clearway.workflow.forms import FormRequest, resolve_form

    progress("reading", None, None)
    scenario = load_scenario(folder)
    if folder.resolve() == out.resolve():
        raise UsageError(f"the plan needs a folder of its own: {out} is the scenario's")
    refuse_foreign(out.resolve(), {REPORT})
    params = replace(params, form=resolve_form(scenario, form or FormRequest()))
    plan = planner.make_plan(scenario, params, progress)
    refuse_unsearched(plan, params)
    progress("writing", plan.clearance_lower_bound_s, plan.clearance_time_s)
    write_plan(plan, scenario, out, {REPORT: render_report(plan, under_form(scenario, plan.form))})
    return Planned(scenario, plan, out)


def refuse_unsearched(plan: Plan, params: PlanParameters) -> None:
    """Refuse an empty plan that is empty only because the search was cut short: it must not replace an earlier one."""
    if len(plan.movements) or all(left.reason != Reason.NOT_FOUND for left in plan.left_out):
        return
    if plan.status == "interrupted":
        raise KeyboardInterrupt
    raise UsageError(
        f"no plan was found within the time limit of {params.time_limit_s:g} s; nothing was written; allow more"
    )


def check_plan(scenario_folder: Path, plan_folder: Path) -> CheckResult:
    """Recompute a plan's feasibility, figures and certificates from the two folders alone."""
    from clearway.check import CheckFault, CheckResult
    from clearway.check import check_plan as judge
    from clearway.ingest.plan_folder import read_plan
    from clearway.publish.figures import differing_figures

    scenario = load_scenario(scenario_folder)
    plan = read_plan(plan_folder, scenario)
    result = judge(scenario, plan)
    if not result.is_ok:
        return result
    document = json.loads((plan_folder / "plan.json").read_text(encoding="utf-8"))
    wrong = differing_figures(document.get("figures", {}), plan, scenario)
    return CheckResult(tuple(CheckFault("figures", message) for message in wrong), result.found)


def write_report(scenario_folder: Path, plan_folder: Path, out: Path | None) -> Path:
    """Write the report page of a plan again; returns where it is. UsageError where it is for another scenario."""
    from clearway.publish.report import render_report
    from clearway.workflow.folders import load_both

    target = out or plan_folder / REPORT
    if target.is_dir():
        raise UsageError(f"{target} is a folder: --out names the page's file")
    if target.suffix.lower() not in (".html", ".htm"):  # a slip of the hand must not cost a table
        raise UsageError(f"{target} is not a name for a page: --out takes one that ends in .html")
    scenario, plan = load_both(scenario_folder, plan_folder)
    write_page(target, render_report(plan, under_form(scenario, plan.form)))
    return target


def write_page(target: Path, page: str) -> None:
    """Write a page whole or not at all; OutputError where it cannot be."""
    from clearway.publish.plan_folder import write_file

    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_file(part, page)
        part.replace(target)
    except OSError as error:
        raise OutputError(f"could not write the page to {target}: {error.strerror or error}") from error
    finally:  # after an interrupt too
        with contextlib.suppress(OSError):
            part.unlink()


def describe_uncertainty(folder: Path, scenario: Scenario) -> list[dict[str, str]]:
    """What ``[uncertainty]`` of a scenario folder states, in words. Raises InputError where it is faulty."""
    from clearway.ingest.uncertainty import read_uncertainty
    from clearway.stress.describe import uncertainties_of

    return uncertainties_of(read_uncertainty(folder, scenario))


def describe(scenario: Scenario) -> dict[str, Any]:
    """Totals, crossings and warnings of a scenario, for people and machines."""
    zones, sites = scenario.zones, scenario.sites
    vehicles = sum(party.vehicles for party in scenario.parties())
    beds = [site.beds for site in sites]
    return {
        "name": scenario.name,
        "start": scenario.start.isoformat(),
        "horizon_h": scenario.horizon_s / 3600,
        "nodes": scenario.network.n_nodes,
        "links": scenario.network.n_links,
        "zones": len(zones),
        "sites": len(sites),
        "persons": {
            "population": sum(zone.population for zone in zones),
            "present": sum(zone.present for zone in zones),
            "with_vehicle": sum(zone.with_vehicle for zone in zones),
            "without_vehicle": sum(zone.without_vehicle for zone in zones),
        },
        "vehicles": round(vehicles, 3),
        "directions": sorted({party.direction for party in scenario.parties() if party.direction is not None}),
        "beds": None if any(b == float("inf") for b in beds) else sum(beds),
        "crossings": [
            {"crossing_id": c.crossing_id, "name": c.name, "kind": c.kind, "links": len(c.links)}
            for c in scenario.crossings
        ],
        "availabilities": [
            {
                "target": a.target,
                "from": scenario.clock(a.from_s).isoformat(),
                "until": None if a.until_s == float("inf") else scenario.clock(a.until_s).isoformat(),
                "capacity_factor": a.capacity_factor,
                "note": a.note,
            }
            for a in scenario.availabilities
        ],
        "assumptions": list(scenario.assumptions),
        "warnings": list(scenario.warnings),
        "content_hash": scenario.content_hash,
    }
