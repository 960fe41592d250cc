"""
Everything Clearway raises on purpose.

    ClearwayError
    ├── InputError      what was handed in is faulty; carries every fault found (exit code 2)
    ├── UsageError      the call itself cannot be done as asked (exit code 2)
    └── OutputError     a result could not be written; nothing half-written is left (exit code 2)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class ClearwayError(Exception):
    """Base of all errors Clearway raises on purpose."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input: where it is, what was found, what was expected."""

    file: str
    message: str
    row: int | None = None  # line in the file, the header being line 1
    field: str | None = None

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", line {self.row}"
        if self.field is not None:
            place += f", {self.field}"
        return f"{place}: {self.message}"


class InputError(ClearwayError):
    """The input has faults; all that were found are in ``faults``."""

    def __init__(self, faults: Sequence[Fault], what: str = "the scenario") -> None:
        self.faults = tuple(faults)
        self.what = what
        noun = "fault" if len(self.faults) == 1 else "faults"
        lines = [f"{len(self.faults)} {noun} in {what}:", *(f"  {fault}" for fault in self.faults)]
        super().__init__("\n".join(lines))


class UsageError(ClearwayError):
    """The call cannot be done as asked; the message says what to do instead."""


class OutputError(ClearwayError):
    """A result could not be written whole; nothing was left behind."""


def is_interrupt(error: BaseException) -> bool:
    """Whether it is Ctrl-C; out of compiled functions it comes as SystemErrors, each the cause of the next."""
    cause: BaseException | None = error
    while isinstance(cause, SystemError):
        cause = cause.__cause__
    return isinstance(cause, KeyboardInterrupt)
