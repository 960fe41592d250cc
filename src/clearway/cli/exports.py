"""`clearway export`: a plan as other programs read it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clearway.cli.terminal import clean_exit, print_json
from clearway.workflow.exports import Target, export_plan

exports = typer.Typer(no_args_is_help=True, help="Write a plan for other programs: SUMO, MATSim, UXsim, GMNS.")

ScenarioArgument = Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario's folder.")]
PlanArgument = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan's folder.")]
OutOption = Annotated[Path, typer.Option("--out", help="The folder to write: new, empty or an earlier export.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def run(target: Target, scenario: Path, plan: Path, out: Path, as_json: bool) -> None:
    """Export and say what was written."""
    with clean_exit():
        said = export_plan(target, scenario, plan, out)
        if as_json:
            print_json({"folder": str(out), **said})
            return
        typer.echo(
            f"{out} holds {said['vehicles']:,} vehicles with {said['persons']:,.0f} of the "
            f"{said['persons_planned']:,.0f} people planned, for {target.value}; "
            f"{out / 'README.txt'} says how to run it"
        )


@exports.command()
def sumo(scenario: ScenarioArgument, plan: PlanArgument, out: OutOption, as_json: JsonOption = False) -> None:
    """For Eclipse SUMO: plain XML, fixed routes, gates that hold the capacities; meso and micro."""
    run(Target.SUMO, scenario, plan, out, as_json)


@exports.command()
def matsim(scenario: ScenarioArgument, plan: PlanArgument, out: OutOption, as_json: JsonOption = False) -> None:
    """For MATSim: network_v2, population_v6 with fixed routes, networkChangeEvents, a configuration."""
    run(Target.MATSIM, scenario, plan, out, as_json)


@exports.command()
def uxsim(scenario: ScenarioArgument, plan: PlanArgument, out: OutOption, as_json: JsonOption = False) -> None:
    """For UXsim: the world as JSON and a script that drives it with every vehicle on its route."""
    run(Target.UXSIM, scenario, plan, out, as_json)


@exports.command()
def gmns(scenario: ScenarioArgument, plan: PlanArgument, out: OutOption, as_json: JsonOption = False) -> None:
    """As GMNS tables, with routes, trips and changes of capacity beside them."""
    run(Target.GMNS, scenario, plan, out, as_json)
