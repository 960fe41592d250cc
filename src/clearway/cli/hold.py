"""`clearway hold`: a plan that is driven, and made anew until it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clearway.cli import INTERRUPTED, forms
from clearway.cli.terminal import FAULTS_FOUND, clean_exit, lasting_interrupts, print_json, shown_progress


def hold(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario's folder.")],
    out: Annotated[Path, typer.Option("--out", help="The plan's folder: new, empty or an earlier plan.")],
    time_limit: Annotated[float, typer.Option("--time-limit", help="Seconds to search for each plan.")] = 60.0,
    total_time: Annotated[
        float, typer.Option("--total-time", help="Seconds in all: no plan is begun that would not be done by then.")
    ] = 900.0,
    rounds: Annotated[int, typer.Option("--rounds", help="Most plans that are made and driven.")] = 12,
    tolerance: Annotated[
        float, typer.Option("--tolerance", help="A plan holds where all arrive by 1 + this times its clearance time.")
    ] = 0.05,
    gap: Annotated[
        float,
        typer.Option("--gap", help="Each search stops when plan and bound are this close (0.005: half a per cent)."),
    ] = 0.005,
    platoon: Annotated[float, typer.Option(help="Vehicles that drive as one; 0: chosen between 1 and 5.")] = 0.0,
    capacity_share: Annotated[
        float, typer.Option(help="Share of nominal capacity that roads have when driven.")
    ] = 0.95,
    routes_per_zone: forms.RoutesOption = None,
    convergent: forms.ConvergentOption = False,
    wave_min: forms.WaveOption = None,
    waves: forms.WavesOption = None,
    reserve: forms.ReserveOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Plan, drive, leave room where time was lost, plan again: until the plan holds; state the price."""
    from clearway.errors import UsageError

    with clean_exit():
        if not time_limit > 0:
            raise UsageError(f"--time-limit takes seconds above 0, not {time_limit:g}")
        if not 0 <= gap < 1:
            raise UsageError(f"--gap takes a share from 0 to below 1, not {gap:g}")
        if not 0 <= platoon < float("inf"):
            raise UsageError(f"--platoon takes vehicles above 0, or 0 to choose, not {platoon:g}")
        if not 0 < capacity_share < float("inf"):
            raise UsageError(f"--capacity-share takes a number above 0, not {capacity_share:g}")
        from clearway.planner.parameters import PlanParameters
        from clearway.workflow.forms import FormRequest
        from clearway.workflow.hold import HoldParameters, hold_plan

        params = PlanParameters(time_limit_s=time_limit, gap=gap)
        how = HoldParameters(tolerance, rounds, total_time, platoon, capacity_share)
        form = FormRequest(tuple(routes_per_zone or ()), convergent, wave_min, waves, tuple(reserve or ()))
        with shown_progress() as shown, lasting_interrupts(shown) as progress:
            done = hold_plan(scenario, out, params, how, progress, form)
        held = done.plan.held
        if as_json:
            from clearway.publish.figures import plan_figures
            from clearway.publish.hold import hold_document

            figures = plan_figures(done.plan, done.scenario)
            document = {"folder": str(done.folder), "status": done.plan.status, "hold": hold_document(done.plan)}
            print_json({**document, "figures": figures})
        else:
            from clearway.cli.app import summarise

            summarise(done, as_json=False)
    if done.plan.status == "interrupted":
        raise typer.Exit(INTERRUPTED)
    if held is not None and not held.result.holds:
        raise typer.Exit(FAULTS_FOUND)
