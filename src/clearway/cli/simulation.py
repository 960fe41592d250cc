"""`clearway simulate`: drive a plan, and say whether it holds."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clearway.cli.terminal import clean_exit, clock, print_json
from clearway.errors import UsageError

if TYPE_CHECKING:
    from clearway.simulator import Progress
    from clearway.workflow.simulation import Simulated

SHARE = "Share, 0 to 1: "


def simulate(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario's folder.")],
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan's folder.")],
    out: Annotated[Path, typer.Option("--out", help="The outcome's folder: new, empty or an earlier outcome.")],
    seed: Annotated[int, typer.Option(help="Of all random draws.")] = 0,
    follow_window: Annotated[float, typer.Option(help=SHARE + "who leave in their window.")] = 1.0,
    follow_route: Annotated[float, typer.Option(help=SHARE + "who take their route.")] = 1.0,
    follow_site: Annotated[float, typer.Option(help=SHARE + "who go to their site.")] = 1.0,
    stay: Annotated[float, typer.Option(help=SHARE + "who stay at home.")] = 0.0,
    shadow: Annotated[float, typer.Option(help=SHARE + "who go of those not asked to.")] = 0.0,
    other_way: Annotated[
        str, typer.Option(help="The way of those who do not take their route: quickest or shortest.")
    ] = "quickest",
    response: Annotated[
        str, typer.Option(help="How those who leave out of their window spread: logistic or rayleigh.")
    ] = "logistic",
    response_half_h: Annotated[float, typer.Option(help="Hours by which half of them have left.")] = 4.0,
    response_spread_h: Annotated[float, typer.Option(help="Hours: 1 / slope of the logistic curve.")] = 1.0,
    on_closure: Annotated[str, typer.Option(help="Those on a road when it closes: trapped or turn-back.")] = "trapped",
    at_closed_road: Annotated[
        str, typer.Option(help="Those who come to a closed road or a full site: reroute or wait.")
    ] = "reroute",
    capacity_share: Annotated[float, typer.Option(help="Share of nominal capacity that roads have.")] = 1.0,
    platoon: Annotated[float, typer.Option(help="Vehicles that drive as one; 0: chosen between 1 and 5.")] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Drive a plan: queues, junctions, closures and people; say who is safe when."""
    with clean_exit():
        from clearway.simulator.parameters import Behaviour, SimulationParameters
        from clearway.workflow.simulation import simulate_plan

        if not response_half_h > 0 or not response_spread_h > 0:
            name = "--response-spread-h" if response_half_h > 0 else "--response-half-h"
            raise UsageError(f"{name} takes hours above 0")
        with told_as_options():
            params = SimulationParameters(
                seed=seed,
                platoon_vehicles=platoon,
                capacity_share=capacity_share,
                on_closure=on_closure,
                at_closed_road=at_closed_road,
                behaviour=Behaviour(
                    follow_window=follow_window,
                    follow_route=follow_route,
                    follow_site=follow_site,
                    stay=stay,
                    shadow=shadow,
                    other_way=other_way,
                    response=response,
                    response_half_s=3600.0 * response_half_h,
                    response_spread_s=3600.0 * response_spread_h,
                ),
            )
        with shown_driving() as progress:
            done = simulate_plan(scenario, plan, out, params, progress)
    summarise(done, as_json)


def summarise(done: Simulated, as_json: bool) -> None:
    """Print what a simulation comes to."""
    from clearway.publish.closings import trapped_sentences
    from clearway.publish.facts import Facts

    outcome = done.outcome
    facts = Facts(done.plan, done.scenario, outcome)
    notes = trapped_sentences(outcome, facts)
    if as_json:
        from clearway.publish.outcome_folder import outcome_figures

        figures = outcome_figures(outcome, done.scenario)
        print_json({"folder": str(done.folder), "figures": figures, "notes": notes})
        return
    from clearway.publish.driven import outcome_sentence, tally_words

    typer.echo(outcome_sentence(outcome, facts))
    typer.echo(f"  of {outcome.tally.total:,.0f}: {tally_words(outcome.tally)}")
    typer.echo(
        f"  last arrival {clock(outcome.last_arrival_s)}, planned {clock(outcome.plan_clearance_s)}, "
        f"no plan under {clock(outcome.plan_bound_s, is_bound=True)}"
    )
    for note in notes:
        typer.echo(f"  {note}")
    typer.echo(f"  {done.folder / 'report.html'} is the page to show; {done.folder} holds the tables")


@contextmanager
def told_as_options() -> Iterator[None]:
    """Faults of the simulation's parameters name the options that they came by: "--follow-window takes ..."."""
    try:
        yield
    except UsageError as error:
        words = str(error).replace("platoon_vehicles takes", "platoon takes")
        named = re.sub(r"(^|; )([a-z_]+) takes", lambda m: f"{m[1]}--{m[2].replace('_', '-')} takes", words)
        raise UsageError(named) from None


@contextmanager
def shown_driving() -> Iterator[Progress]:
    """A line on standard error with the step and the simulated time; silent where no one looks."""
    from rich.console import Console

    from clearway.simulator.parameters import silent

    console = Console(stderr=True)
    if not console.is_terminal:
        yield silent
        return
    started = time.monotonic()
    with console.status("starting") as status:

        def show(step: str, simulated_s: float, safe: float) -> None:
            status.update(
                f"{time.monotonic() - started:5.1f} s  {step}  at {clock(simulated_s)}, {safe:,.0f} people safe"
            )

        yield show
