"""A plan for other programs: read the two folders, write the export's folder."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clearway.model.form import under_form
from clearway.workflow.folders import load_both

if TYPE_CHECKING:
    from clearway.model.plan import Plan
    from clearway.model.scenario import Scenario


class Target(StrEnum):
    """Programs and formats that a plan is exported to."""

    SUMO = "sumo"
    MATSIM = "matsim"
    UXSIM = "uxsim"
    GMNS = "gmns"


def export_plan(target: Target, scenario_folder: Path, plan_folder: Path, out: Path) -> dict[str, Any]:
    """
    Write a plan as another program reads it; returns what ``export.json`` says.

    The roads are those that the plan's form leaves: lanes reversed, reserves taken off.

    Raises InputError for faulty folders, UsageError where ``out`` cannot become the export's folder (before anything is
    read) or the plan is for another scenario, and OutputError where the disk did not take it.
    """
    from clearway.publish.exports.folder import refuse_other, write_export

    refuse_other(out)
    scenario, plan = load_both(scenario_folder, plan_folder)
    files, said = exporter(target)(plan, under_form(scenario, plan.form))
    write_export(out, files, said)
    return said


Exporter = Callable[["Plan", "Scenario"], tuple[dict[str, str], dict[str, Any]]]


def exporter(target: Target) -> Exporter:
    """The function that makes a target's files (name -> text) and what ``export.json`` says of them."""
    if target is Target.SUMO:
        from clearway.publish.exports.sumo import export_sumo

        return export_sumo
    if target is Target.MATSIM:
        from clearway.publish.exports.matsim import export_matsim

        return export_matsim
    if target is Target.UXSIM:
        from clearway.publish.exports.uxsim import export_uxsim

        return export_uxsim
    from clearway.publish.exports.gmns import export_gmns

    return export_gmns
