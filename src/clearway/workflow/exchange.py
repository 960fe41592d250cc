"""Ledgers out and in: what `clearway ledger export`, `import` and `contradictions` do."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clearway.errors import OutputError, UsageError
from clearway.faults import FaultLog
from clearway.ledger.claims import Claim
from clearway.ledger.contradictions import Contradiction, contradictions
from clearway.ledger.documents.document import Document
from clearway.ledger.documents.open import open_into
from clearway.ledger.documents.source import decode, read_bytes
from clearway.ledger.entries import (
    Act,
    Batch,
    ClaimAdded,
    ClaimCorrected,
    Entry,
    ReportAdded,
    Withdrawn,
)
from clearway.ledger.exchange.joining import batches, check_lines, name_of, unknown
from clearway.ledger.exchange.json_lines import Line, entry_lines, read_lines
from clearway.ledger.reports import Report

__all__ = ["FORMATS", "Imported", "contradictions_of", "export_ledger", "import_files", "rows_of"]

FORMATS = {".jsonl": "JSON Lines, all of it", ".csv": "claims with HXL tags", ".json": "PROV-JSON"}
LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import entered."""

    n_reports: int
    n_claims: int
    n_others: int
    n_known: int  # reports that the ledger already had, by the hash of their text, and claims and acts it had
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Current:
    """Reports and claims as they now read: corrected, without what was withdrawn."""

    reports: dict[str, Report]
    claims: dict[str, Claim]


def open_ledger(place: str, create: bool) -> AbstractContextManager[Any]:
    """The ledger of a folder, at a path or a URL."""
    from clearway.workflow.ledger import open_ledger as opened

    return opened(place, create)


def current(entries: Sequence[Act]) -> Current:
    """What entries come to, one after another."""
    reports: dict[str, Report] = {}
    claims: dict[str, Claim] = {}
    withdrawn: set[str] = set()
    for act in entries:
        if isinstance(act, ReportAdded):
            reports[act.report.report_id] = act.report
        elif isinstance(act, ClaimAdded | ClaimCorrected):
            claims[act.claim.claim_id] = act.claim
        elif isinstance(act, Withdrawn):
            (withdrawn.add if act.is_withdrawn else withdrawn.discard)(act.target)
    stand = {
        name: claim
        for name, claim in claims.items()
        if f"claim:{name}" not in withdrawn and f"report:{claim.report_id}" not in withdrawn
    }
    return Current(reports, stand)


def export_ledger(place: str, out: Path, as_of: datetime | None = None) -> int:
    """
    Write a ledger to a file, whole or not at all; the end of its name says how. Returns the number of entries.

    Raises UsageError for another end of the name, OutputError where the file cannot be written.
    """
    if out.suffix.casefold() not in FORMATS:
        known = ", ".join(f"{suffix} ({what})" for suffix, what in FORMATS.items())
        raise UsageError(f"cannot tell how to write {out.name!r}; expected a name that ends with {known}")
    with open_ledger(place, create=False) as store:
        entries = list(store.entries(as_of))
    write_whole(out, exported(entries, out.suffix.casefold()))
    return len(entries)


def exported(entries: Sequence[Entry], suffix: str) -> str:
    """Entries in a format, by the end of its file names."""
    if suffix == ".jsonl":
        return "".join(f"{line}\n" for line in entry_lines(entries))
    if suffix == ".json":
        from clearway.ledger.exchange.prov import prov_document

        return json.dumps(prov_document(entries), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    from clearway.ledger.exchange.hxl import claims_table

    now = current([entry.act for entry in entries])
    return claims_table(now.claims.values(), now.reports)


def write_whole(path: Path, text: str) -> None:
    """Write a file, or leave what was there."""
    name = ""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=".clearway-", delete=False
        ) as file:
            name = file.name
            file.write(text)
        Path(name).chmod(0o666 & ~umask())
        Path(name).replace(path)
    except OSError as error:
        if name:
            with contextlib.suppress(OSError):
                Path(name).unlink()
        raise OutputError(f"{path} could not be written: {error.strerror or error}") from None


def umask() -> int:
    """The mask of new files: it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def import_files(files: Sequence[Path], place: str, author: str, encoding: str | None = None) -> Imported:
    """
    Enter what outside files hold into a ledger: all of it, or nothing where any file has a fault.

    JSON Lines keep their acts, and into an empty ledger also who recorded them when; tables of claims become claims;
    all others become reports. What the ledger has already is passed over.

    Raises InputError with every fault of every file, UsageError where the ledger cannot be opened.
    """
    faults = FaultLog()
    received = datetime.now(UTC)
    lines: list[Line] = []
    notes: list[str] = []
    for path in files:
        found, said = lines_of(path, faults, received, author, encoding)
        lines += found
        notes += said
    faults.raise_any("the files")
    stored = stored_entries(place)
    fresh = list(unknown(lines, stored))
    is_copy = not stored and all(line.recorded is not None for line in fresh)
    check_lines(fresh, stored, received if is_copy else None)
    with open_ledger(place, create=True) as store:
        if is_copy:
            runs = [Batch(acts, author_then or author, recorded) for author_then, recorded, acts in batches(fresh)]
            store.append_batches(runs)
        else:
            store.append([line.act for line in fresh], author)
    kinds = [type(line.act) for line in fresh]
    n_reports, n_claims = kinds.count(ReportAdded), kinds.count(ClaimAdded)
    return Imported(n_reports, n_claims, len(kinds) - n_reports - n_claims, len(lines) - len(fresh), tuple(notes))


def stored_entries(place: str) -> list[Entry]:
    """What a ledger has; nothing where there is none yet."""
    try:
        with open_ledger(place, create=False) as store:
            return list(store.entries())
    except UsageError:  # none yet; where it cannot be opened at all, creating it will say so
        return []


def lines_of(
    path: Path, faults: FaultLog, received: datetime, author: str, encoding: str | None
) -> tuple[list[Line], list[str]]:
    """What one file enters, and what it notes."""
    from clearway.ledger.exchange.hxl import is_claims_table, read_claims_table

    suffix = path.suffix.casefold()
    if suffix in (*LINES, ".csv"):
        data = read_bytes(path, faults)
        text = None if data is None else decode(data, path.name, faults, None, encoding)
        if text is None:
            return [], []
        if suffix in LINES:
            return read_lines(text, path.name, faults), []
        if is_claims_table(text):
            reports, claims = read_claims_table(text, path.name, faults, received, author)
            acts: list[Act] = [*map(ReportAdded, reports), *map(ClaimAdded, claims)]
            return [Line(act, 0, file=path.name) for act in acts], []
    documents = open_into(path, faults, encoding)
    notes = [f"{found.file}: {note}" for found in documents for note in found.notes]
    return [Line(ReportAdded(report_from(found, received, author)), 0, file=path.name) for found in documents], notes


def report_from(found: Document, received: datetime, author: str) -> Report:
    """A document as a report under a name of its own: by its text, so that the same text gets the same name."""
    report = found.as_report("new", received, author)
    return replace(report, report_id=name_of(report))


def contradictions_of(files: Sequence[Path], place: str, as_of: datetime | None = None) -> tuple[Contradiction, ...]:
    """What stands against each other in files of JSON Lines, or in a ledger where no file is given."""
    if files:
        faults = FaultLog()
        acts: list[Act] = []
        for path in files:
            data = read_bytes(path, faults)
            text = None if data is None else decode(data, path.name, faults)
            acts += [line.act for line in read_lines(text, path.name, faults)] if text is not None else []
        faults.raise_any("the files")
    else:
        with open_ledger(place, create=False) as store:
            acts = [entry.act for entry in store.entries(as_of)]
    now = current(acts)
    return contradictions(list(now.claims.values()), now.reports)


def rows_of(found: Sequence[Contradiction]) -> list[dict[str, Any]]:
    """Contradictions for JSON: each pair side by side."""

    def side(claim: Claim) -> dict[str, Any]:
        return {
            "claim_id": claim.claim_id,
            "report_id": claim.report_id,
            "speaker": claim.speaker,
            "chain": [step.name for step in claim.chain],
            "statement": claim.statement,
            "span": None if claim.span is None else [claim.span.start, claim.span.end, claim.span.text],
        }

    return [
        {
            "kind": each.kind.value, "strength": each.strength.value, "reason": each.reason,
            "where": list(each.where), "first": side(each.first), "second": side(each.second),
        }
        for each in found
    ]  # fmt: skip
