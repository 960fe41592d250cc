"""`clearway explain` and `clearway prices`: why a plan is as it is, and what would make it better."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clearway.cli.terminal import clean_exit, print_json

ScenarioArgument = Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario's folder.")]
PlanArgument = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan's folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def explain(
    scenario: ScenarioArgument,
    plan: PlanArgument,
    zone: Annotated[str | None, typer.Option("--zone", help="Only this zone: its id in zone.csv.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What limits a plan at each time, why zones go the way they go, why someone is left out."""
    from clearway.workflow.explain import explain_plan

    with clean_exit():
        said = explain_plan(scenario, plan, zone)
    if as_json:
        print_json(said.document)
        return
    for line in said.lines:
        typer.echo(line)


def prices(
    scenario: ScenarioArgument,
    plan: PlanArgument,
    solve: Annotated[
        bool, typer.Option("--solve", help="Solve again with each change, to see what it does buy; takes a while.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """What one more hour, lane or bus lane buys at each crossing and road that limits the plan."""
    from clearway.workflow.explain import capacity_prices

    with clean_exit():
        said = capacity_prices(scenario, plan, solve=solve)
    if as_json:
        print_json(said.document)
        return
    for line in said.lines:
        typer.echo(line)
