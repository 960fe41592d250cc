"""`clearway losses`: what the loss of each crossing costs, hour by hour."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clearway.cli.terminal import clean_exit, lasting_interrupts, print_json, shown_progress
from clearway.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


@contextmanager
def told_steps() -> Iterator[Callable[[str], None]]:
    """Progress by steps alone."""
    with shown_progress() as shown, lasting_interrupts(shown) as progress:

        def told(step: str) -> None:
            progress(step, None, None)

        yield told


def losses(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario's folder.")],
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan's folder.")],
    out: Annotated[Path, typer.Option("--out", help="The folder for table and curves: new, empty or earlier losses.")],
    every: Annotated[float, typer.Option("--every", help="Hours from one time of loss to the next.")] = 1.0,
    time_limit: Annotated[float, typer.Option("--time-limit", help="Seconds for all crossings together.")] = 120.0,
    in_report: Annotated[
        bool, typer.Option("--report", help="Also put the curves, and what more capacity buys, into the plan's page.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """What the loss of each crossing costs by the hour of the loss: people left behind, time to clear."""
    with clean_exit():
        if not every > 0:
            raise UsageError(f"--every takes hours above 0, not {every:g}")
        if not time_limit > 0:
            raise UsageError(f"--time-limit takes seconds above 0, not {time_limit:g}")
        from clearway.workflow.losses import crossing_losses

        with told_steps() as told:
            done = crossing_losses(scenario, plan, out, every, time_limit, told, in_report=in_report)
    if as_json:
        print_json({"folder": str(done.folder), **done.document})
        return
    for sentence in done.sentences:
        typer.echo(sentence)
    typer.echo(f"{done.folder / 'losses.csv'} is the table, {done.folder / 'losses.svg'} the curves")
    if in_report:
        typer.echo(f"{plan / 'report.html'} shows them too")
