"""A scenario with its plan, and folders of results: what several jobs share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from clearway.errors import OutputError, UsageError
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario


def load_both(scenario_folder: Path, plan_folder: Path) -> tuple[Scenario, Plan]:
    """A scenario and a plan that was made for it; InputError with all faults, UsageError where it was not."""
    from clearway.ingest.folder import read_scenario
    from clearway.ingest.plan_folder import read_plan

    scenario = read_scenario(scenario_folder)
    plan = read_plan(plan_folder, scenario)
    if plan.scenario_hash != scenario.content_hash:
        raise UsageError(
            f"{plan_folder} was planned for another scenario, or {scenario_folder} has changed since; "
            f"plan it again: clearway plan {scenario_folder} --out {plan_folder}"
        )
    return scenario, plan


def refuse_other(folder: Path, own: set[str]) -> None:
    """Refuse (UsageError) a folder for results that holds anything else."""
    if folder.is_file():
        raise UsageError(f"{folder} is a file; name a folder that does not exist yet")
    if folder.is_dir():
        other = sorted({path.name for path in folder.iterdir()} - own)
        if other:
            raise UsageError(
                f"{folder} holds {', '.join(other[:3])}; name a new folder, an empty one or earlier results"
            )
    nearest = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise UsageError(f"{folder} cannot be made: {nearest} is a file or may not be written to")


def write_results(folder: Path, contents: Mapping[str, str | bytes]) -> None:
    """Write a folder of results, whole or not at all."""
    from clearway.publish.plan_folder import write_whole

    try:
        write_whole(folder.resolve(), contents)
    except OSError as error:
        raise OutputError(f"could not write {folder}: {error.strerror or error}; nothing was left behind") from error
