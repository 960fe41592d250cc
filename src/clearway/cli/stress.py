"""`clearway stress`: drive a plan through many futures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clearway.cli import INTERRUPTED
from clearway.cli.terminal import clean_exit, clock, failure, json_wanted, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.workflow.stress import Step, Stressed, StressRequest

FIRST_FUTURES, FIRST_S = 8, 2.0  # from which on the time for the rest can be guessed: kernels are loaded by then
WORTH_TELLING_S = 10.0


def stress(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario's folder, with its uncertainty.")],
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan's folder.")],
    out: Annotated[Path, typer.Option("--out", help="The results' folder: new or empty, or with --resume its own.")],
    futures: Annotated[int, typer.Option(help="How many futures.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of all draws; the same seed gives the same futures.")] = 0,
    sensitivity: Annotated[
        int | None,
        typer.Option(
            help="Base sample for what matters most: a power of 2; 0: leave it out. Not given: one that at most "
            "doubles the futures, 64 at most."
        ),
    ] = None,
    leeway: Annotated[
        int, typer.Option(help="Futures for the chances of later starts, of all and of each zone; 0: leave it out.")
    ] = 0,
    chance: Annotated[float, typer.Option(help="The chance wanted of the last safe start.")] = 0.95,
    delay: Annotated[
        list[float] | None, typer.Option(help="Hours by which to start later; may be repeated. Without: chosen.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes of this machine; 0: one for each processor.")] = 0,
    cluster: Annotated[str, typer.Option(help="Address of a Dask scheduler, such as tcp://10.0.0.5:8786.")] = "",
    resume: Annotated[bool, typer.Option("--resume", help="Go on from what --out holds.")] = False,
    future: Annotated[
        int | None, typer.Option(help="Drive this one future only, and write its outcome folder.")
    ] = None,
    platoon: Annotated[float, typer.Option(help="Vehicles that drive as one; 0: chosen between 1 and 10.")] = 0.0,
    on_closure: Annotated[str, typer.Option(help="Those on a road when it closes: trapped or turn-back.")] = "trapped",
    at_closed_road: Annotated[
        str, typer.Option(help="Those who come to a closed road or a full site: reroute or wait.")
    ] = "reroute",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Drive a plan through many futures: who is safe, when, what matters most, how long one may wait."""
    with clean_exit():
        from clearway.workflow.stress import InterruptedRunError, StressRequest, stress_plan

        request = StressRequest(
            futures=futures,
            seed=seed,
            sensitivity=sensitivity,
            leeway=leeway,
            delays_h=tuple(delay or ()),
            chance=chance,
            workers=workers,
            cluster=cluster,
            platoon=platoon,
            on_closure=on_closure,
            at_closed_road=at_closed_road,
            is_resumed=resume,
        )
        if future is not None:
            one_future(scenario, plan, out, request, future, as_json)
            return
        began = time.monotonic()
        try:
            with shown_futures() as (progress, announce):
                done = stress_plan(scenario, plan, out, request, progress, announce)
        except InterruptedRunError as error:
            message = f"{error} in {out}; go on with the same call and --resume"
            typer.echo(message, err=True)
            if json_wanted.get():
                print_json(failure("interrupted", message))
            raise typer.Exit(INTERRUPTED) from None
    summarise(done, time.monotonic() - began, as_json)


def one_future(scenario: Path, plan: Path, out: Path, request: StressRequest, number: int, as_json: bool) -> None:
    """Write the outcome of one future."""
    from clearway.workflow.stress import write_future

    found = write_future(scenario, plan, out, request, number)
    if as_json:
        print_json(found)
        return
    persons = found["figures"]["persons"]
    typer.echo(f"future {number}: {persons['safe']:,.0f} people safe of {persons['total']:,.0f}")
    for name, value in found["uncertainties"].items():
        typer.echo(f"  {name}: {'never' if value is None else value if isinstance(value, str) else f'{value:.3g}'}")
    typer.echo(f"  {out / 'report.html'} is the page to show; {out} holds the tables")


def summarise(done: Stressed, seconds: float, as_json: bool) -> None:
    """Print what a stress run comes to."""
    document = done.document
    if as_json:
        run = {"driven_now": done.n_run, "kept": done.n_kept, "seconds": round(seconds, 3)}
        print_json({"folder": str(done.folder), "run": run, **document})
        return
    from clearway.stress.report import answer, leeway_sentence

    found = document["results"]
    typer.echo(answer(document).replace("\N{NO-BREAK SPACE}", " "))
    for name, label in (("persons_safe", "safe"), ("persons_not_out", "set out, not safe")):
        typer.echo(f"  {label}: {interval_words(found[name])}")
    late = found["last_arrival_s"]
    typer.echo(
        f"  last arrival: {clock(late['quantile_50']['value'])} in the median, "
        f"{clock(late['quantile_95']['value'])} in 95 % of the futures"
    )
    if document["leeway"]:
        typer.echo("  " + leeway_sentence(document["leeway"]).replace("\N{NO-BREAK SPACE}", " "))
    if document["sensitivity"]:
        typer.echo(f"  what matters most for people safe: {most_important(document['sensitivity'])}")
    worst = ", ".join(str(one["future"]) for one in document["worst"])
    typer.echo(f"  worst futures: {worst} (--future NUMBER --out DIR shows one)")
    kept = f", {done.n_kept:,} there already" if done.n_kept else ""
    typer.echo(
        f"  {done.n_run:,} futures driven in {seconds:.1f} s{kept}; {done.folder / 'report.html'} is the page to show"
    )


def interval_words(found: dict[str, Any]) -> str:
    """Mean with its interval, and the tail."""
    mean, tail = found["mean"], found["cvar_05"]
    low, high = mean["interval_95"]
    return f"{mean['value']:,.0f} on average ({low:,.0f} to {high:,.0f}), worst 5 %: {tail['value']:,.0f}"


def most_important(found: dict[str, Any]) -> str:
    """The three inputs of the largest total indices, with a word where the sample is small."""
    rows = found["outputs"]["persons_safe"]["inputs"][:3]
    words = ", ".join(f"{row['name']} ({row['total']['value']:.2f})" for row in rows) or "nothing, it does not vary"
    return words + ("; a small sample, take it as a hint" if found["sample_too_small"] else "")


class Estimate:
    """Tells once, after the first futures, roughly how long the rest takes."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.tell = tell
        self.n_first, self.began, self.n_began = -1, 0.0, -1
        self.is_told = False

    def show(self, what: str, n_done: int, n: int) -> None:
        """Note that so many are done of so many."""
        now = time.monotonic()
        if self.n_first < 0:
            self.n_first = n_done
        if self.n_began < 0 and n_done > self.n_first:  # what it takes to get going says nothing of the rest
            self.began, self.n_began = now, n_done
        n_new, passed = n_done - self.n_began, now - self.began
        if self.n_began < 0 or self.is_told or what != "futures" or n_new < FIRST_FUTURES or passed < FIRST_S:
            return
        self.is_told = True
        rest = passed / n_new * (n - n_done)
        if rest >= WORTH_TELLING_S:
            self.tell(f"about {duration_words(rest)} more, as it seems after {n_done:,} of {n:,}")


def duration_words(seconds: float) -> str:
    """Seconds, roughly: "40 seconds", "3 minutes", "2.5 hours"."""
    if seconds < 90:
        return f"{max(10, 10 * round(seconds / 10))} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


@contextmanager
def shown_futures() -> Iterator[tuple[Step, Callable[[str], None]]]:
    """
    Two ways of telling on standard error: what is done, as a bar with how long the rest takes, where somebody looks;
    and sentences, in any case.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:

        def tell(words: str) -> None:
            typer.echo(words, err=True)

        yield Estimate(tell).show, tell
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(what: str, n_done: int, n: int) -> None:
            bar.update(task, description=what, completed=n_done, total=n)

        yield show, lambda words: bar.console.print(words, highlight=False, markup=False)
