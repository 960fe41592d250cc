"""
Entries as JSON Lines: one object a line, `kind` and `body` as the ledger keeps them, `recorded` and `author` beside.

Lines without `recorded` and `author` are acts yet to be entered, such as `clearway ledger read` proposes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clearway.faults import FaultLog, did_you_mean, show
from clearway.ledger.encoding import KINDS, act_from, act_to
from clearway.ledger.entries import Act, Entry

__all__ = ["Line", "entry_lines", "read_lines"]

KEYS = ("kind", "body", "recorded", "author", "entry_id")


@dataclass(frozen=True, slots=True)
class Line:
    """An act of a file; when and by whom it was recorded, where it was."""

    act: Act
    row: int
    recorded: datetime | None = None
    author: str = ""
    file: str = ""


def entry_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Entries as lines, without line ends."""
    for entry in entries:
        kind, body = act_to(entry.act)
        document = {
            "entry_id": entry.entry_id,
            "recorded": entry.recorded.isoformat(),
            "author": entry.author,
            "kind": kind,
            "body": body,
        }
        yield json.dumps(document, ensure_ascii=False, allow_nan=False)


def read_lines(text: str, file: str, faults: FaultLog) -> list[Line]:
    """The acts of a file, in its order; every line that holds none is a fault."""
    found = []
    for row, line in enumerate(text.split("\n"), 1):
        if line.strip():
            read = read_line(line, row, file, faults)
            found += [read] if read is not None else []
    return found


class LineError(ValueError):
    """What is wrong with a line, and with which field of it."""

    def __init__(self, message: str, field: str | None = None) -> None:
        self.field = field
        super().__init__(message)


def read_line(line: str, row: int, file: str, faults: FaultLog) -> Line | None:
    """One line; None with a fault."""
    try:
        document = object_of(line)
        act = act_of(document)
        author = document.get("author", "")
        if not isinstance(author, str):
            raise LineError(f"found {show(author)}, expected a text", "author")
        return Line(act, row, recorded_of(document.get("recorded")), author, file)
    except LineError as error:
        faults.add(file, str(error), row, error.field)
        return None


def object_of(line: str) -> dict[str, Any]:
    """The object of a line, with no field that is not known."""
    try:
        document = json.loads(line, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise LineError(f"is not JSON: {str(error)[:80]}") from None
    if not isinstance(document, dict) or not isinstance(document.get("body"), dict):
        raise LineError(f"found {show(document)}, expected an object with kind and body")
    unknown = next((key for key in document if key not in KEYS), None)
    if unknown is not None:
        raise LineError(f"is not known here{did_you_mean(unknown, KEYS)}", unknown)
    return document


def act_of(document: dict[str, Any]) -> Act:
    """The act of a line's object."""
    kind, kinds = document.get("kind"), list(KINDS.values())
    if not isinstance(kind, str) or kind not in kinds:
        raise LineError(f"found {show(kind)}, expected one of {', '.join(kinds)}", "kind")
    try:
        return act_from(kind, document["body"])
    except KeyError as error:
        raise LineError("is missing", f"body.{error.args[0]}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise LineError(f"is no {kind}: {str(error)[:200]}", "body") from None


def recorded_of(value: object) -> datetime | None:
    """When a line was recorded; None where it does not say."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise LineError(f"found {show(value)}, expected a time with offset", "recorded")
    return moment


def refuse(constant: str) -> float:
    """No number that JSON does not have."""
    raise ValueError(f"found {constant}, expected a number")
