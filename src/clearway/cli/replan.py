"""`clearway replan`: a change of plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clearway.cli.losses import told_steps
from clearway.cli.terminal import clean_exit, print_json
from clearway.errors import UsageError


def replan(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario the plan was made for.")],
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan's folder.")],
    now: Annotated[str, typer.Option("--now", help="The time now: ISO 8601 with offset, or hours from the start.")],
    changed: Annotated[
        Path, typer.Option("--changed", help="The changed scenario's folder: the same start and roads, new facts.")
    ],
    out: Annotated[
        Path,
        typer.Option("--out", help="The folder for the state, its plan and the changes: new, empty or an earlier one."),
    ],
    keep_within: Annotated[
        float,
        typer.Option(
            "--keep-orders-within", help="The share of people and of clearance time that keeping orders may cost."
        ),
    ] = 0.02,
    time_limit: Annotated[float, typer.Option("--time-limit", help="Seconds for each plan that is tried.")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Plan again from what has happened by now; who is on the road drives on, orders stand unless that costs much."""
    with clean_exit():
        if not 0 <= keep_within <= 1:
            raise UsageError(f"--keep-orders-within takes a share from 0 to 1, not {keep_within:g}")
        if not time_limit > 0:
            raise UsageError(f"--time-limit takes seconds above 0, not {time_limit:g}")
        from clearway.planner.parameters import PlanParameters
        from clearway.workflow.replan import change_plan

        params = PlanParameters(time_limit_s=time_limit)
        with told_steps() as told:
            done = change_plan(scenario, plan, changed, out, now, keep_within, params, told)
    if as_json:
        print_json({"folder": str(done.folder), **done.document})
        return
    for sentence in done.sentences:
        typer.echo(sentence)
    typer.echo(f"{done.folder / 'changes.csv'} says what changes for whom, {done.folder / 'plan' / 'report.html'} too")
    typer.echo(f"check it: clearway check {done.folder / 'scenario'} {done.folder / 'plan'}")
