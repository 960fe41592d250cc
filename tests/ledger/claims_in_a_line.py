"""Claims in a line, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from clearway.ledger.claims import About, Basis, Chain, Claim, Force, Quantity, Role, Step, When

ROLES = {"s": Role.SPEAKER, "m": Role.MEDIUM, "o": Role.OUTLET, "r": Role.RELAY, "d": Role.DOCUMENT}


def chain(words: str) -> Chain:
    """ "s:Mayor Ilse Brandt > o:Kurier" as a chain; a question mark at the end of a name: unresolved."""
    steps = []
    for word in words.split(">"):
        role, _, name = word.strip().partition(":")
        basis = Basis.UNRESOLVED if name.endswith("?") else Basis.EXPLICIT
        steps.append(Step(name.rstrip("?"), ROLES[role], basis))
    return tuple(steps)


def at(text: str) -> When:
    """In May 2026, UTC: "3 14:00" is the third at 14:00; "3 14:00 - 4 8:00" a stretch, "3 14:00 -" an open one."""
    start, dash, end = text.partition("-")
    return When(moment(start), moment(end) if end.strip() else None, text if dash else "")


def moment(text: str) -> datetime:
    day, clock = text.split()
    hour, minute = clock.split(":")
    return datetime(2026, 5, int(day), int(hour), int(minute), tzinfo=UTC)


def claim(claim_id: str, statement: str, by: str = "s:Mayor Ilse Brandt", report: str = "r1", **fields: Any) -> Claim:
    """A claim; keywords that `About` knows go there, a number becomes a quantity of people."""
    about = {key: fields.pop(key) for key in list(fields) if key in About.__dataclass_fields__}
    if "people" in fields:
        least, most, counts = fields.pop("people")
        about["quantities"] = (Quantity("people", least, most, counts),)
    fields.setdefault("force", Force.ASSERTED)
    return Claim(claim_id, report, statement, chain=chain(by), about=About(**about), **fields)
