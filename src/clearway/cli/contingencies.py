"""`clearway contingencies`: alternatives prepared in advance for the loss of crossings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clearway.cli import INTERRUPTED
from clearway.cli.losses import told_steps
from clearway.cli.terminal import FAULTS_FOUND, clean_exit, print_json
from clearway.errors import UsageError


def contingencies(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario's folder.")],
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan's folder.")],
    out: Annotated[Path, typer.Option("--out", help="The folder for the alternatives: new, empty or an earlier one.")],
    lose: Annotated[
        list[str] | None,
        typer.Option(
            "--lose",
            help="A crossing's id, or several joined by + that are lost together; if not given, each that is used.",
        ),
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option("--at", help="A time of loss: ISO 8601 with offset, or hours from the start; may be repeated."),
    ] = None,
    every: Annotated[
        float | None, typer.Option("--every", help="Hours from one time of loss to the next; four times if not given.")
    ] = None,
    keep_within: Annotated[
        float,
        typer.Option(
            "--keep-orders-within", help="The share of people and of clearance time that keeping orders may cost."
        ),
    ] = 0.05,
    time_limit: Annotated[float, typer.Option("--time-limit", help="Seconds for each plan that is tried.")] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Prepare for the loss of each crossing, at some hours: who goes where instead, each plan judged by check."""
    with clean_exit():
        if not 0 <= keep_within <= 1:
            raise UsageError(f"--keep-orders-within takes a share from 0 to 1, not {keep_within:g}")
        if not time_limit > 0:
            raise UsageError(f"--time-limit takes seconds above 0, not {time_limit:g}")
        if every is not None and not every > 0:
            raise UsageError(f"--every takes hours above 0, not {every:g}")
        if every is not None and at:
            raise UsageError("--every and --at exclude each other: a grid of times, or the times themselves")
        from clearway.planner.parameters import PlanParameters
        from clearway.publish.contingencies import beside_losses
        from clearway.workflow.contingencies import Asked, prepare_contingencies

        asked = Asked(tuple(lose or ()), tuple(at or ()), every, keep_within)
        params = PlanParameters(time_limit_s=time_limit, gap=0.02, slots=160)
        with told_steps() as told:
            done = prepare_contingencies(scenario, plan, out, asked, params, told)
    if as_json:
        print_json({"ok": done.is_ok, "folder": str(done.folder), **done.document})
    else:
        for sentence in done.sentences:
            typer.echo(sentence)
        typer.echo(beside_losses(keep_within))
        for name in done.document["not_used"]:
            typer.echo(f"{name}: the plan does not use it; it stands if that is lost")
        for each in done.document["contingencies"]:
            for fault in each["check"]["faults"]:
                typer.echo(f"fault in {each['name']}: {fault}")
        typer.echo(f"{done.folder / 'report.html'} is the page to show; each alternative is a folder with its plan")
    if done.is_interrupted:
        typer.echo("interrupted: the alternatives above are complete and written, the others are missing", err=True)
        raise typer.Exit(INTERRUPTED)
    if not done.is_ok:
        raise typer.Exit(FAULTS_FOUND)
