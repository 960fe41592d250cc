"""Entries as rows, the same for every database: one table of entries, one index of what claims are about."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime

from clearway.errors import UsageError
from clearway.ledger.bearing import said_at, window
from clearway.ledger.claims import Claim
from clearway.ledger.encoding import act_from, act_to, claim_from
from clearway.ledger.entries import (
    Act,
    ClaimAdded,
    ClaimCorrected,
    Decided,
    Entry,
    Graded,
    Merged,
    Withdrawn,
    subject_of,
    value_of,
)
from clearway.ledger.replaced import NEVER_US, chain_names, lane, micros, moment, says
from clearway.ledger.state import FRAMES

__all__ = [
    "Target",
    "claim_from_row",
    "claim_of",
    "claims_named",
    "entry_from_row",
    "entry_row",
    "reports_named",
    "target_rows",
]

ID = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}")

Row = tuple[int, int, str, str, int, str, str, str]
Target = tuple[int, int, int, str, str, int, int, int, str, str]


def entry_row(entry_id: int, recorded_us: int, author: str, act: Act, about_id: int) -> Row:
    """
    An entry as a row: entry_id, recorded_us, author, kind, about_id, subject, value, body.

    ``about_id`` is the entry that put down the claim or report it is about. UsageError where an id or the author is
    no name.
    """
    kind, document = act_to(act)
    subject = subject_of(act)
    for what, name in (("an author", author), (f"an id for the {kind}", subject)):
        if not ID.fullmatch(name) or not name.strip():
            raise UsageError(f"found {name[:60]!r}, expected {what} of 1 to 200 characters without control characters")
    body = json.dumps(document, separators=(",", ":"))
    return entry_id, recorded_us, author, kind, about_id, subject, value_of(act), body


def entry_from_row(row: Row) -> Entry:
    """The entry of a row. UsageError where it was not written by Clearway."""
    entry_id, recorded_us, author, kind, _, _, _, body = row
    try:
        act = act_from(kind, json.loads(body))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"entry {entry_id} of the ledger cannot be read: {error}") from error
    return Entry(entry_id, moment(recorded_us), author, act)


def claim_from_row(entry_id: int, kind: str, body: str) -> Claim:
    """The claim of the body of a claim or correction. UsageError where it was not written by Clearway."""
    try:
        document = json.loads(body)
        return claim_from(document["claim"] if kind == "correction" else document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"entry {entry_id} of the ledger cannot be read: {error}") from error


def target_rows(entry_id: int, claim: Claim, reported: datetime, claim_entry: int, report_entry: int) -> list[Target]:
    """
    One row per thing that a claim of a situation is about.

    That is: entry_id, claim_entry, report_entry (which put down the claim first, and its report), target, lane,
    said_us, from_us, until_us, says, chain. A later claim may replace an earlier one of its lane
    (`replaced.NotReplaced`).
    """
    if claim.about.frame not in FRAMES:
        return []
    begin, end = window(claim, reported)
    times = micros(said_at(claim, reported)), micros(begin), NEVER_US if end is None else micros(end)
    return [
        (
            entry_id,
            claim_entry,
            report_entry,
            key(target),
            key("\n".join(lane(claim, target))),
            *times,
            key(says(claim)),
            key(chain_names(claim)),
        )
        for target in dict.fromkeys(claim.about.targets)
    ]


def claim_of(act: Act) -> Claim | None:
    """The claim that an act puts down."""
    return act.claim if isinstance(act, ClaimAdded | ClaimCorrected) else None


def claims_named(act: Act) -> Iterable[str]:
    """The claims that must be there before an act may be recorded."""
    match act:
        case ClaimCorrected(claim):
            return [claim.claim_id]
        case Decided() | Graded():
            return [act.claim_id]
        case Merged():
            return [act.claim_id, act.into]
        case Withdrawn(target) if target.startswith("claim:"):
            return [target[6:]]
    return []


def reports_named(act: Act) -> Iterable[str]:
    """The reports that must be there before an act may be recorded."""
    match act:
        case ClaimAdded(claim) | ClaimCorrected(claim):
            return [claim.report_id]
        case Withdrawn(target) if target.startswith("report:"):
            return [target[7:]]
        case Withdrawn(target) if not target.startswith("claim:"):
            raise UsageError(f"found {target!r}, expected claim:ID or report:ID")
    return []


def key(name: str) -> str:
    """A name as every database can keep it: what it cannot becomes a question mark."""
    return name.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")
