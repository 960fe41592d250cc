"""The commands of `clearway`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import clearway
from clearway import workflow
from clearway.cli import (  # noqa: F401 (commands of `ledger`)
    INTERRUPTED,
    forms,
    ledger_entries,
    ledger_exchange,
    ledger_reading,
    ledger_review,
    ledger_situation,
)
from clearway.cli.contingencies import contingencies
from clearway.cli.explain import explain, prices
from clearway.cli.exports import exports
from clearway.cli.hold import hold
from clearway.cli.imports import imports
from clearway.cli.ledger import ledger_app
from clearway.cli.losses import losses
from clearway.cli.replan import replan
from clearway.cli.robust import robust
from clearway.cli.simulation import simulate
from clearway.cli.stress import stress
from clearway.cli.terminal import (
    FAULTS_FOUND,
    Commands,
    clean_exit,
    clock,
    lasting_interrupts,
    print_json,
    shown_progress,
)
from clearway.errors import UsageError

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Plan the evacuation of civilians: who leaves when, by which way, to which bed; and prove "
    "that nobody can do better.",
)
app.add_typer(imports, name="import")
app.add_typer(ledger_app, name="ledger")
app.add_typer(exports, name="export")

ScenarioArgument = Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario's folder.")]
PlanArgument = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan's folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def show_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        typer.echo(f"clearway {clearway.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of all commands."""


@app.command()
def example(
    name: Annotated[str, typer.Argument(help="Which example: kherson.")] = "",
    folder: Annotated[Path | None, typer.Argument(help="Where to write it: a new or empty folder.")] = None,
    variant: Annotated[
        str | None, typer.Option(help="A variant of it; without a folder, the variants are listed.")
    ] = None,
) -> None:
    """Write a built-in scenario folder; without a folder, list what there is."""
    from clearway.examples import EXAMPLES, variants, write_example

    with clean_exit():
        if folder is None:
            for each in [name] if name else EXAMPLES:
                described = variants(each)
                typer.echo(each)
                for key, text in described.items():
                    typer.echo(f"  --variant {key}: {text}")
            return
        write_example(name, folder, variant)
        typer.echo(f"{folder} holds the example {name}. Next: clearway plan {folder} --out {folder}-plan")


@app.command()
def info(scenario: ScenarioArgument, as_json: JsonOption = False) -> None:
    """What is in a scenario: totals, crossings, what is said of them, what looks wrong."""
    with clean_exit():
        read = workflow.load_scenario(scenario)
        found = workflow.describe(read) | {"uncertainties": workflow.describe_uncertainty(scenario, read)}
    if as_json:
        print_json(found)
        return
    people = found["persons"]
    typer.echo(f"{found['name']}\n  from {found['start']}, {found['horizon_h']:g} hours")
    typer.echo(f"  {found['nodes']:,} nodes, {found['links']:,} links, {found['zones']} zones, {found['sites']} sites")
    typer.echo(
        f"  {people['present']:,} people present of {people['population']:,}; "
        f"{people['with_vehicle']:,} have a vehicle "
        f"({found['vehicles']:,.0f} vehicles), {people['without_vehicle']:,} have none"
    )
    typer.echo(f"  beds: {'unlimited' if found['beds'] is None else format(found['beds'], ',.0f')}")
    for line in found["crossings"]:
        typer.echo(f"  crossing {line['crossing_id']}: {line['name']} ({line['kind']}, {line['links']} links)")
    for line in found["availabilities"]:
        until = line["until"] or "further notice"
        share, note = line["capacity_factor"], line["note"]
        typer.echo(f"  {line['target']} at {share:.0%} from {line['from']} until {until} {note}".rstrip())
    for line in found["uncertainties"]:
        typer.echo(f"  uncertain: {line['name']} ({line['target']}): {line['stated']}")
    for warning in found["warnings"]:
        typer.echo(f"  warning: {warning}")


@app.command()
def plan(
    scenario: ScenarioArgument,
    out: Annotated[Path, typer.Option("--out", help="The plan's folder: new, empty or an earlier plan.")],
    time_limit: Annotated[
        float, typer.Option("--time-limit", help="Seconds to search; the best plan by then is written.")
    ] = 120.0,
    gap: Annotated[
        float, typer.Option("--gap", help="Stop when plan and bound are this close (0.005: half a per cent).")
    ] = 0.005,
    routes_per_zone: forms.RoutesOption = None,
    convergent: forms.ConvergentOption = False,
    wave_min: forms.WaveOption = None,
    waves: forms.WavesOption = None,
    reserve: forms.ReserveOption = None,
    contraflow: forms.ContraflowOption = None,
    crews: forms.CrewsOption = None,
    lead_h: forms.LeadOption = None,
    kept_share: forms.KeptOption = None,
    as_json: JsonOption = False,
) -> None:
    """Plan a scenario and prove how good the plan is."""
    with clean_exit():
        if not time_limit > 0:
            raise UsageError(f"--time-limit takes seconds above 0, not {time_limit:g}")
        if not 0 <= gap < 1:
            raise UsageError(f"--gap takes a share from 0 to below 1, not {gap:g}")
        from clearway.planner.parameters import PlanParameters
        from clearway.workflow.forms import FormRequest

        params = PlanParameters(time_limit_s=time_limit, gap=gap)
        form = FormRequest(
            tuple(routes_per_zone or ()), convergent, wave_min, waves, tuple(reserve or ()), contraflow, crews, lead_h,
            kept_share,
        )  # fmt: skip
        with shown_progress() as shown, lasting_interrupts(shown) as progress:
            done = workflow.make_plan(scenario, out, params, progress, form)
        summarise(done, as_json)
    if done.plan.status == "interrupted":
        raise typer.Exit(INTERRUPTED)


def summarise(done: workflow.Planned, as_json: bool) -> None:
    """Print what a plan comes to."""
    from clearway.publish.answer import answer_sentence, time_sentences
    from clearway.publish.closings import closing_sentences
    from clearway.publish.facts import Facts
    from clearway.publish.figures import plan_figures

    figures = plan_figures(done.plan, done.scenario)
    facts = Facts(done.plan, done.scenario)
    notes = [*time_sentences(done.plan), *closing_sentences(facts)]
    if as_json:
        print_json({"folder": str(done.folder), "status": done.plan.status, "figures": figures, "notes": notes})
        return
    from clearway.publish.limits import plan_limit_sentences

    found = done.plan
    of_what = " of persons" if found.certificate.kind == "evacuated" else ""
    which = "no plan of any form" if found.form is not None and found.form.bears_on_departures else "no plan"
    typer.echo(answer_sentence(facts))
    typer.echo(
        f"  clearance {clock(found.clearance_time_s)}, "
        f"{which} under {clock(found.clearance_lower_bound_s, is_bound=True)}, "
        f"gap {found.gap:.2%}{of_what}, {len(found.movements):,} movements on {len(found.routes):,} routes, "
        f"{found.status}"
    )
    from clearway.model.form import under_form
    from clearway.publish.forms import form_sentences
    from clearway.publish.hold import hold_sentences

    for sentence in [*form_sentences(found, done.scenario), *hold_sentences(found)]:
        typer.echo(f"  {sentence}")
    for sentence in plan_limit_sentences(under_form(done.scenario, found.form), found, 4):
        typer.echo(f"  {sentence}")
    for note in notes:
        typer.echo(f"  {note}")
    for warning in done.scenario.warnings[:5]:
        typer.echo(f"  warning: {warning}", err=True)
    typer.echo(f"  {done.folder / workflow.REPORT} is the page to show; {done.folder} holds the tables")


@app.command()
def check(scenario: ScenarioArgument, plan: PlanArgument, as_json: JsonOption = False) -> None:
    """Recompute a plan's feasibility, figures and certificate with none of the planner's code."""
    with clean_exit():
        result = workflow.check_plan(scenario, plan)
    from clearway.publish.checked import check_lines

    if as_json:
        faults = [{"code": fault.code, "message": fault.message} for fault in result.faults]
        print_json({"ok": result.is_ok, "faults": faults, "found": plain(result.found)})
    else:
        for fault in result.faults:
            typer.echo(f"fault: {fault}")
        for line in check_lines(result.found):
            typer.echo(f"  {line}")
        typer.echo("the plan holds" if result.is_ok else f"the plan does not hold: {len(result.faults)} faults")
    if not result.is_ok:
        raise typer.Exit(FAULTS_FOUND)


def plain(value: object) -> object:
    """Figures as JSON knows them."""
    import math

    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if hasattr(value, "item"):
        return plain(value.item())
    return value


@app.command()
def report(
    scenario: ScenarioArgument,
    plan: PlanArgument,
    out: Annotated[
        Path | None, typer.Option("--out", help="The page's file; the plan folder's report.html if not given.")
    ] = None,
) -> None:
    """Write a plan's page again."""
    with clean_exit():
        typer.echo(str(workflow.write_report(scenario, plan, out)))


app.command()(simulate)
app.command()(hold)
app.command()(stress)
app.command()(losses)
app.command()(explain)
app.command()(prices)
app.command()(replan)
app.command()(contingencies)
app.command()(robust)
