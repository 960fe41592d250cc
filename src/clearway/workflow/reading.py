"""Reading: from files to proposed claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clearway.errors import UsageError

if TYPE_CHECKING:
    from clearway.ledger.claims import Claim
    from clearway.ledger.reading import Mode
    from clearway.ledger.reports import Report

__all__ = ["ReadReport", "Request", "as_published", "as_zone", "entries_of", "proposals_of", "read_files"]


@dataclass(frozen=True, slots=True)
class Request:
    """What to read and how; what is None or empty is not known."""

    files: tuple[Path, ...]
    scenario: Path | None = None
    published: datetime | None = None
    zone: tzinfo | None = None
    mode: str = "auto"
    server: str = ""
    server_model: str = "default"
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class ReadReport:
    """
    A report with the claims proposed for it.

    ``how`` it was read; ``n_dropped`` answers of a server were not in it; ``notes`` say what its document left open.
    """

    report: Report
    claims: list[Claim]
    how: str
    n_dropped: int = 0
    notes: tuple[str, ...] = ()


def as_published(text: str) -> datetime | None:
    """A time of publication, with offset; UsageError where it is none."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--published takes a time such as 2022-10-14T12:00+03:00, not {text!r}") from None
    return moment


def as_zone(text: str) -> tzinfo | None:
    """A time zone by its IANA name; UsageError where there is none of that name."""
    if not text:
        return None
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"--timezone takes a name such as Europe/Kyiv, not {text!r}") from None


def print_nothing(step: str) -> None:
    """Progress that nobody watches."""


def read_files(request: Request, progress: Callable[[str], None] = print_nothing) -> list[ReadReport]:
    """
    Propose the claims of files. Nothing is entered or accepted.

    Raises InputError with every fault of every file, UsageError where the call cannot be done as asked.
    """
    from clearway.ledger.reading import Gazetteer, Reader, read_report
    from clearway.ledger.reading.languages import language_for
    from clearway.ledger.reading.read import model_for
    from clearway.ledger.reading.server import Server, ask_server

    mode = _mode(request.mode)
    server = Server(request.server, request.server_model) if request.server else None
    published = _with_offset(request.published, request.zone)
    progress("opening the files")
    reports = reports_of(request.files, published, request.encoding)
    gazetteer = Gazetteer()
    english = language_for("en")
    if request.scenario is not None and english is not None:
        from clearway.ledger.reading.area import gazetteer_of
        from clearway.workflow import load_scenario

        progress("reading the scenario")
        gazetteer = gazetteer_of(load_scenario(request.scenario), english)
    reader = Reader(mode, gazetteer, request.zone)
    found = []
    for report, notes in reports:
        progress(f"reading {report.report_id}")
        language = language_for(report.language)
        how = "patterns" if language is None else model_for(mode, language) or "patterns"
        claims = read_report(report, reader)
        n_dropped = 0
        if server is not None:
            progress(f"asking the server about {report.report_id}")
            answer = ask_server(report, server, gazetteer)
            claims, n_dropped = [*claims, *_new(answer.claims, claims)], answer.n_dropped
        found.append(ReadReport(report, claims, how, n_dropped, notes))
    return found


def _mode(word: str) -> Mode:
    from clearway.ledger.reading import Mode

    try:
        return Mode(word)
    except ValueError:
        raise UsageError(f"--mode takes one of {', '.join(Mode)}, not {word!r}") from None


def _with_offset(published: datetime | None, zone: tzinfo | None) -> datetime | None:
    if published is None or published.tzinfo is not None:
        return published
    if zone is None:
        raise UsageError(f"--published needs an offset, such as {published.isoformat()}+02:00, or --timezone")
    return published.replace(tzinfo=zone)


def _new(answered: Sequence[Claim], claims: Sequence[Claim]) -> list[Claim]:
    """What a server found that the rules did not: claims whose words stand in none of theirs."""
    spans = [claim.span for claim in claims if claim.span is not None and claim.is_attributed]
    return [
        claim
        for claim in answered
        if claim.span is not None and not any(s.start < claim.span.end and claim.span.start < s.end for s in spans)
    ]


def reports_of(
    files: Sequence[Path], published: datetime | None, encoding: str | None = None
) -> list[tuple[Report, tuple[str, ...]]]:
    """
    The reports in files, with the notes of their documents; the one place files to read are opened.

    Each has a name of its own, made of its file's name and its text: files of one name in two folders are told apart,
    and the same text gets the same name. ``published`` dates those that do not say when they were published.
    InputError with all faults of all files.
    """
    from clearway.faults import FaultLog
    from clearway.ledger.documents.open import open_into

    faults = FaultLog()
    reports: list[tuple[Report, tuple[str, ...]]] = []
    names: set[str] = set()
    received = datetime.now().astimezone()
    for path in files:
        for document in open_into(path, faults, encoding):
            report = document.as_report("new", received, "reader")
            stem = re.sub(r"[^\w.-]+", "-", path.stem).strip("-")[:100] or "report"
            name = base = f"{stem}-{report.sha256[:6]}"
            number = 2
            while name in names:
                name, number = f"{base}-{number}", number + 1
            names.add(name)
            dated = replace(report, report_id=name, published=report.published or published)
            reports.append((dated, document.notes))
    faults.raise_any("the files to read")
    return reports


def proposals_of(read: ReadReport) -> list[dict[str, Any]]:
    """The proposals as documents."""
    from clearway.ledger.reading.proposals import proposal

    return [proposal(claim) for claim in read.claims]


def entries_of(read: ReadReport) -> list[dict[str, Any]]:
    """The report and its claims as entries for `clearway ledger add`."""
    from clearway.ledger.reading.proposals import entry_documents

    return entry_documents(read.report, read.claims)
