"""Lines of a file joined to a ledger: what is new, whether it fits, and in which runs it was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from clearway.faults import FaultLog, show
from clearway.ledger.entries import (
    Act,
    ClaimAdded,
    ClaimCorrected,
    Decided,
    Entry,
    Graded,
    Merged,
    ReportAdded,
    Withdrawn,
)
from clearway.ledger.exchange.json_lines import Line
from clearway.ledger.reports import Report

__all__ = ["batches", "check_lines", "name_of", "unknown"]

SOON = timedelta(microseconds=1)  # between the entries of one batch


def name_of(report: Report) -> str:
    """The name of a report that has none: by its text, so that the same text gets the same name."""
    return f"r-{report.sha256[:12]}"


def unknown(lines: Sequence[Line], stored: Sequence[Entry]) -> Iterator[Line]:
    """Lines whose acts a ledger has not yet; the same text is the same report."""
    acts = {repr(entry.act) for entry in stored}
    reports = {entry.act.report.report_id for entry in stored if isinstance(entry.act, ReportAdded)}
    hashes = {entry.act.report.sha256 for entry in stored if isinstance(entry.act, ReportAdded)}
    for line in lines:
        act = line.act
        if not isinstance(act, ReportAdded):
            if repr(act) not in acts:
                yield line
            continue
        name, sha256 = act.report.report_id, act.report.sha256
        if name not in reports and not (sha256 in hashes and act.report.report_id == name_of(act.report)):
            yield line
        reports.add(name)
        hashes.add(sha256)


def check_lines(lines: Sequence[Line], stored: Sequence[Entry], by: datetime | None) -> None:
    """
    Raise InputError where a line speaks of a claim or report that is not there, or gives one a second time.

    ``by``: the lines are a copy of a whole ledger, recorded one after another and not later than this.
    """
    faults = FaultLog()
    reports, claims = set[str](), set[str]()
    for entry in stored:
        note_names(entry.act, reports, claims)
    last: datetime | None = None
    for line in lines:
        what, act = line.file or "the files", line.act
        row = line.row or None
        if isinstance(act, ClaimAdded) and act.claim.claim_id in claims:
            faults.add(what, f"the ledger has a claim {show(act.claim.claim_id)} already; an id is given once", row)
        for kind, name in names_needed(act):
            if name not in (reports if kind == "report" else claims):
                faults.add(what, f"there is no {kind} {show(name)} before it", row)
        note_names(act, reports, claims)
        if by is not None and line.recorded is not None:
            if last is not None and line.recorded <= last:
                faults.add(
                    what, f"recorded {line.recorded.isoformat()}, expected later than the line before", row, "recorded"
                )
            if line.recorded > by:
                faults.add(
                    what, f"recorded {line.recorded.isoformat()}, expected no time in the future", row, "recorded"
                )
            last = line.recorded
    faults.raise_any("the files")


def note_names(act: Act, reports: set[str], claims: set[str]) -> None:
    """Remember the report or claim that an act adds."""
    if isinstance(act, ReportAdded):
        reports.add(act.report.report_id)
    elif isinstance(act, ClaimAdded):
        claims.add(act.claim.claim_id)


def names_needed(act: Act) -> Iterator[tuple[str, str]]:
    """The reports and claims that an act speaks of, and that must be there."""
    if isinstance(act, ClaimAdded | ClaimCorrected):
        yield "report", act.claim.report_id
    if isinstance(act, ClaimCorrected):
        yield "claim", act.claim.claim_id
    elif isinstance(act, Decided | Graded | Merged):
        yield "claim", act.claim_id
    elif isinstance(act, Withdrawn):
        kind, _, name = act.target.partition(":")
        yield kind, name
    if isinstance(act, Merged):
        yield "claim", act.into


def batches(lines: Sequence[Line]) -> Iterator[tuple[str, datetime | None, list[Act]]]:
    """Runs of lines of one author, a microsecond after each other: what was recorded at once."""
    acts: list[Act] = []
    begin: datetime | None = None
    for place, line in enumerate(lines):
        begin = line.recorded if not acts else begin
        acts.append(line.act)
        following = lines[place + 1] if place + 1 < len(lines) else None
        if following is None or not follows(line, following):
            yield line.author, begin, acts
            acts = []


def follows(line: Line, following: Line) -> bool:
    """Whether a line was recorded together with the one before."""
    if line.author != following.author or line.recorded is None or following.recorded is None:
        return False
    return following.recorded - line.recorded == SOON
