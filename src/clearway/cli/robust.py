"""`clearway robust`: a plan chosen by what becomes of people in many futures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from clearway.cli.losses import told_steps
from clearway.cli.terminal import FAULTS_FOUND, clean_exit, print_json
from clearway.errors import UsageError


def robust(
    scenario: Annotated[
        Path, typer.Argument(metavar="SCENARIO", help="The scenario's folder; it states what is uncertain.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The folder for the plan and why it was chosen: new or empty.")],
    plan: Annotated[
        Path | None, typer.Option("--plan", help="The nominal plan's folder, if there is one; else it is made first.")
    ] = None,
    futures: Annotated[
        int, typer.Option("--futures", help="Futures: half of them to choose by, half of them to judge the choice.")
    ] = 400,
    measure: Annotated[
        str, typer.Option("--measure", help="Choose by persons safe: cvar (in the worst futures) or expected.")
    ] = "cvar",
    alpha: Annotated[float, typer.Option("--alpha", help="The share of futures that are the worst ones.")] = 0.05,
    seed: Annotated[int, typer.Option("--seed", help="Of the futures drawn.")] = 0,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes that drive the futures; one for each core if not given.")
    ] = None,
    time_limit: Annotated[float, typer.Option("--time-limit", help="Seconds for each plan that is made.")] = 30.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Choose among plans by persons safe over many futures; say what that gains and what it costs."""
    with clean_exit():
        refuse_wrong(measure, alpha, workers, time_limit)
        from clearway.planner.parameters import PlanParameters
        from clearway.workflow.robust import Choice, choose_plan

        choice = Choice(futures, measure, alpha, seed, workers or os.cpu_count() or 1)
        with told_steps() as told:
            done = choose_plan(scenario, out, choice, PlanParameters(time_limit_s=time_limit), plan, told)
    if as_json:
        print_json({"ok": done.is_ok, "folder": str(done.folder), **done.document})
    else:
        for sentence in done.sentences:
            typer.echo(sentence)
        for fault in done.document["check"]["faults"]:
            typer.echo(f"fault: {fault}")
        typer.echo(f"{done.folder / 'plan'} is the plan, {done.folder / 'report.html'} says why it was chosen")
    if not done.is_ok:
        raise typer.Exit(FAULTS_FOUND)


def refuse_wrong(measure: str, alpha: float, workers: int | None, time_limit: float) -> None:
    """Refuse settings that make no sense, all in one message."""
    faults = []
    if measure not in ("cvar", "expected"):
        faults.append(f"--measure takes cvar or expected, not {measure}")
    if not 0 < alpha <= 1:
        faults.append(f"--alpha takes a share above 0 and up to 1, not {alpha:g}")
    if workers is not None and workers < 1:
        faults.append(f"--workers takes a number from 1, not {workers}")
    if not time_limit > 0:
        faults.append(f"--time-limit takes seconds above 0, not {time_limit:g}")
    if faults:
        raise UsageError("; ".join(faults))
