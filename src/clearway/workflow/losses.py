"""What the loss of each crossing costs: a folder with the table and the curves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clearway.errors import UsageError
from clearway.workflow.folders import load_both, refuse_other, write_results

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
) -> Losses:
    """Bracket what each crossing's loss costs, hour by hour, and write losses.csv, losses.json and losses.svg."""
    from clearway.planner.losses import loss_curves
    from clearway.publish import losses as publish

    scenario, plan = load_both(scenario_folder, plan_folder)
    if out.resolve() in (scenario_folder.resolve(), plan_folder.resolve()):
        raise UsageError(f"the losses need a folder of their own: {out} is taken")
    refuse_other(out, FILES)
    everyone = float(sum(party.persons for party in scenario.parties()))
    found = [
        publish.LossRows(
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
        for curve in loss_curves(scenario, plan, every_h * 3600.0, time_limit_s, told)
    ]
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
    return Losses(document, tuple(publish.loss_sentences(found, plan, scenario)), out)
