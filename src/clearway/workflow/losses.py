"""What the loss of each crossing costs: a folder with the table and the curves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clearway.errors import UsageError
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.workflow.folders import load_both, refuse_other, write_results

if TYPE_CHECKING:
    from clearway.publish.losses import LossRows

FILES = {"losses.csv", "losses.json", "losses.svg"}


@dataclass(frozen=True, slots=True)
class Losses:
    """What was written: the document and its sentences."""

    document: dict[str, Any]
    sentences: tuple[str, ...]
    folder: Path


def crossing_losses(
    scenario_folder: Path,
    plan_folder: Path,
    out: Path,
    every_h: float,
    time_limit_s: float,
    told: Callable[[str], None] = lambda _: None,
    *,
    in_report: bool = False,
) -> Losses:
    """
    Bracket what each crossing's loss costs, hour by hour, and write losses.csv, losses.json and losses.svg.

    ``in_report``: the plan's report.html is written again with the curves and with the prices of more capacity.
    """
    from clearway.publish import losses as publish

    scenario, plan = load_both(scenario_folder, plan_folder)
    if out.resolve() in (scenario_folder.resolve(), plan_folder.resolve()):
        raise UsageError(f"the losses need a folder of their own: {out} is taken")
    refuse_other(out, FILES)
    everyone = float(sum(party.persons for party in scenario.parties()))
    found = loss_rows(scenario, plan, every_h * 3600.0, time_limit_s, told)
    records = publish.loss_records(found, scenario)
    document = {
        "scenario_hash": scenario.content_hash,
        "persons_with_vehicle": everyone,
        "clearance_time_s": plan.clearance_time_s,
        "time_ran_out": [scenario.crossings[rows.crossing].crossing_id for rows in found if not rows.is_in_time],
        "losses": records,
    }
    write_results(
        out,
        {
            "losses.csv": publish.losses_csv(records),
            "losses.json": json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
            "losses.svg": publish.losses_svg(found, plan, scenario),
        },
    )
    if in_report:
        put_in_report(scenario, plan, plan_folder, found)
    return Losses(document, tuple(publish.loss_sentences(found, plan, scenario)), out)


def loss_rows(
    scenario: Scenario, plan: Plan, every_s: float, time_limit_s: float, told: Callable[[str], None]
) -> list[LossRows]:
    """What the loss of each crossing that the plan uses costs, as it is published."""
    from clearway.planner.losses import loss_curves
    from clearway.publish.losses import LossRows

    everyone = float(sum(party.persons for party in scenario.parties()))
    return [
        LossRows(
            curve.crossing,
            curve.lost_s,
            curve.is_planned.tolist(),
            (everyone - curve.persons_bound).clip(min=0.0),
            everyone - curve.persons,
            curve.clearance_bound_s,
            curve.clearance_s,
            curve.over_later,
            curve.is_in_time,
        )
        for curve in loss_curves(scenario, plan, every_s, time_limit_s, told)
    ]


def put_in_report(scenario: Scenario, plan: Plan, plan_folder: Path, found: list[LossRows]) -> None:
    """Write a plan's page again, with what its crossings are worth; OutputError leaves the page as it was."""
    from clearway.model.form import under_form
    from clearway.publish.report import render_report
    from clearway.publish.worth import worth_html
    from clearway.workflow import REPORT, write_page
    from clearway.workflow.explain import price_rows

    section = worth_html(found, price_rows(scenario, plan, solve=False), plan, scenario)
    write_page(plan_folder / REPORT, render_report(plan, under_form(scenario, plan.form), losses=section))
