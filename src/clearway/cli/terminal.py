"""What commands share at the terminal: progress, answers, faults and exit codes."""

from __future__ import annotations

import json
import math
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, cast

import typer
from typer.core import TyperGroup

from clearway.cli import INTERRUPTED
from clearway.errors import ClearwayError, InputError, OutputError, is_interrupt

if TYPE_CHECKING:
    from clearway.planner import Progress

FAULTS_FOUND = 1
BAD_INPUT = 2
# An unknown option, a missing argument: typer has no public name for it
CallError = cast("type[Exception]", typer.BadParameter.__mro__[1])

json_wanted: ContextVar[bool] = ContextVar("json_wanted", default=False)  # whether the call has --json


class Commands(TyperGroup):
    """All commands; with ``--json``, a call that cannot be understood gives a JSON document too."""

    def main(self, args: Any = None, *rest: Any, **options: Any) -> Any:
        token = json_wanted.set("--json" in (sys.argv[1:] if args is None else args))
        try:
            return super().main(args, *rest, **options)
        finally:
            json_wanted.reset(token)

    def make_context(self, *words: Any, **options: Any) -> Any:
        with told_in_json():
            return super().make_context(*words, **options)

    def invoke(self, ctx: Any) -> Any:
        with told_in_json():
            return super().invoke(ctx)


@contextmanager
def told_in_json() -> Iterator[None]:
    """A call that cannot be understood is told of in JSON, if that is wanted, before it goes on its usual way."""
    try:
        yield
    except CallError as error:
        if json_wanted.get():
            print_json(failure("usage", getattr(error, "format_message", error.__str__)()))
        raise


@contextmanager
def clean_exit() -> Iterator[None]:
    """
    Errors raised on purpose end with their message and exit code 2, Ctrl-C with 130.

    With ``--json`` standard output then holds a document that says so.
    """
    try:
        yield
    except ClearwayError as error:
        typer.echo(str(error), err=True)
        if json_wanted.get():
            print_json(failure_of(error))
        raise typer.Exit(BAD_INPUT) from None
    except (KeyboardInterrupt, SystemError) as error:
        if not is_interrupt(error):
            raise
        typer.echo("interrupted; nothing was written", err=True)
        if json_wanted.get():
            print_json(failure("interrupted", "interrupted; nothing was written"))
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise typer.Exit(0) from None


def failure_of(error: ClearwayError) -> dict[str, Any]:
    """What ``--json`` prints for an error raised on purpose."""
    if not isinstance(error, InputError):
        return failure("output" if isinstance(error, OutputError) else "usage", str(error))
    faults = [
        {"file": fault.file, "row": fault.row, "field": fault.field, "message": fault.message} for fault in error.faults
    ]
    return failure("input", str(error).splitlines()[0].removesuffix(":"), faults)


def failure(kind: str, message: str, faults: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """What ``--json`` prints where there is no answer: the ``error`` (input, usage, output, interrupted) and why."""
    told = faults or []
    if not told and kind != "interrupted":
        told = [{"file": None, "row": None, "field": option_named(message), "message": message}]
    return {"ok": False, "error": kind, "message": message, "faults": told}


def option_named(message: str) -> str | None:
    """The option that a message is about, the first it names; None where it names none."""
    found = re.search(r"--[a-z][a-z-]*", message)
    return found.group() if found else None


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False))


def clock(seconds: float, is_bound: bool = False) -> str:
    """Seconds as hours and minutes: 3:05 h; what is promised is rounded up, a lower bound down, as clock times are."""
    minutes = math.floor(seconds / 60 + 1e-6) if is_bound else math.ceil(seconds / 60 - 1e-6)
    return f"{minutes // 60}:{minutes % 60:02d} h"


@contextmanager
def lasting_interrupts(progress: Progress) -> Iterator[Progress]:
    """
    Progress that raises a Ctrl-C again that was lost.

    Python cannot raise out of a finaliser or of a callback of compiled code: there a KeyboardInterrupt is only told of.
    """
    lost = False
    usual = sys.unraisablehook

    def note(unraisable: sys.UnraisableHookArgs) -> None:
        nonlocal lost
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            lost = True
        else:
            usual(unraisable)

    def told(step: str, bound: float | None, value: float | None) -> None:
        nonlocal lost
        progress(step, bound, value)
        if lost and step != "writing":  # then there is a plan, which is what the interrupt is to leave
            lost = False
            raise KeyboardInterrupt

    sys.unraisablehook = note
    try:
        yield told
    finally:
        sys.unraisablehook = usual


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """
    A line on standard error with the step, the time gone by, the bound and the best value; silent where no one looks.
    """
    from rich.console import Console

    from clearway.planner.parameters import silent

    console = Console(stderr=True)
    started = time.monotonic()
    if not console.is_terminal:
        yield silent
        return
    with console.status("starting") as status:

        def show(step: str, bound: float | None, value: float | None) -> None:
            parts = [f"{time.monotonic() - started:5.1f} s  {step}"]
            if value is not None:
                parts.append(f"plan {clock(value)}")
            if bound is not None:
                parts.append(f"no plan under {clock(bound, is_bound=True)}")
            status.update("  ".join(parts))

        yield show
