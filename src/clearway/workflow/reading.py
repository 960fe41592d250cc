"""Reading: from files to proposed claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clearway.errors import Fault, InputError, UsageError

if TYPE_CHECKING:
    from clearway.ledger.claims import Claim
    from clearway.ledger.reading import Mode
    from clearway.ledger.reports import Report

__all__ = ["ReadReport", "Request", "as_published", "as_zone", "entries_of", "proposals_of", "read_files"]

LARGEST_FILE_BYTES = 16 << 20


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


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A report with the claims proposed for it; `how` it was read, `n_dropped` answers of a server were not in it."""

    report: Report
    claims: list[Claim]
    how: str
    n_dropped: int = 0


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
    reports = reports_of(request.files, published)
    gazetteer = Gazetteer()
    english = language_for("en")
    if request.scenario is not None and english is not None:
        from clearway.ledger.reading.area import gazetteer_of
        from clearway.workflow import load_scenario

        progress("reading the scenario")
        gazetteer = gazetteer_of(load_scenario(request.scenario), english)
    reader = Reader(mode, gazetteer, request.zone)
    found = []
    for report in reports:
        progress(f"reading {report.report_id}")
        language = language_for(report.language)
        how = "patterns" if language is None else model_for(mode, language) or "patterns"
        claims = read_report(report, reader)
        n_dropped = 0
        if server is not None:
            progress(f"asking the server about {report.report_id}")
            answer = ask_server(report, server, gazetteer)
            claims, n_dropped = [*claims, *_new(answer.claims, claims)], answer.n_dropped
        found.append(ReadReport(report, claims, how, n_dropped))
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


def reports_of(files: Sequence[Path], published: datetime | None) -> list[Report]:
    """The reports in files, each with a name of its own; InputError with all faults. The one place files are opened."""
    from clearway.ledger.reports import Report

    faults: list[Fault] = []
    reports: list[Report] = []
    names: set[str] = set()
    for path in files:
        text = _text_of(path, faults)
        if text is None:
            continue
        name = base = re.sub(r"[^\w.-]+", "-", path.stem).strip("-") or "report"
        number = 2
        while name in names:
            name, number = f"{base}-{number}", number + 1
        names.add(name)
        now = datetime.now().astimezone()
        reports.append(Report(name, text, received=now, entered_by="reader", published=published))
    if faults:
        raise InputError(faults, "the files to read")
    return reports


def _text_of(path: Path, faults: list[Fault]) -> str | None:
    """A text file's content; None and a fault where there is none."""
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            message = f"has {path.stat().st_size:,} bytes, expected at most {LARGEST_FILE_BYTES:,}"
            faults.append(Fault(str(path), message))
            return None
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        faults.append(Fault(str(path), f"is not UTF-8 text (byte {error.start}), expected a text file"))
        return None
    except (OSError, ValueError) as error:
        faults.append(Fault(str(path), f"cannot be read: {getattr(error, 'strerror', None) or error}"))
        return None
    if not text.strip():
        faults.append(Fault(str(path), "is empty, expected text"))
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def proposals_of(read: ReadReport) -> list[dict[str, Any]]:
    """The proposals as documents."""
    from clearway.ledger.reading.proposals import proposal

    return [proposal(claim) for claim in read.claims]


def entries_of(read: ReadReport) -> list[dict[str, Any]]:
    """The report and its claims as entries for `clearway ledger add`."""
    from clearway.ledger.reading.proposals import entry_documents

    return entry_documents(read.report, read.claims)
