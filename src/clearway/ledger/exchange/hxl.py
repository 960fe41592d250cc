"""
Claims as a table: CSV with a header, then a row of tags of the Humanitarian Exchange Language (HXL 1.1).

A table is for people and spreadsheets: spans and cues are not in it, and one quantity of a claim. JSON Lines keep all.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from clearway.faults import FaultLog, did_you_mean, show
from clearway.ledger.claims import About, Basis, Chain, Claim, Force, Polarity, Quantity, Role, Stage, Step, When
from clearway.ledger.documents.source import moment
from clearway.ledger.documents.table import read_rows
from clearway.ledger.reports import Report

__all__ = ["TAGS", "claims_table", "is_claims_table", "read_claims_table"]

TAGS = {
    "claim_id": "#meta+id+claim",
    "report_id": "#meta+id+report",
    "statement": "#description+claim",
    "chain": "#contact+name+chain",
    "act": "#cause+act",
    "force": "#status+force",
    "polarity": "#status+polarity",
    "stage": "#status+stage",
    "frame": "#subsector",
    "targets": "#loc+code+list",
    "places": "#loc+name+list",
    "state": "#status+access",
    "capacity_factor": "#indicator+capacity+ratio",
    "order": "#activity+order",
    "hazard": "#cause+hazard",
    "population": "#affected+type",
    "addressee": "#org+addressee",
    "agent": "#org+agent",
    "counts": "#indicator+counted",
    "unit": "#indicator+unit",
    "least": "#indicator+min+num",
    "most": "#indicator+max+num",
    "said_from": "#date+said+start",
    "said_until": "#date+said+end",
    "holds_from": "#date+start",
    "holds_until": "#date+end",
    "rule": "#meta+method",
    "confidence": "#meta+confidence+num",
    "title": "#meta+title",
    "outlet": "#org+outlet",
    "published": "#date+reported",
    "url": "#meta+url",
    "language": "#meta+lang",
}
"""Columns in their order, with their tags."""

REQUIRED = ("claim_id", "report_id", "statement", "chain", "force")
WORDS_ABOUT = ("state", "order", "hazard", "population", "addressee", "agent")
SEPARATOR = "; "
STEP = " > "
FORMULA = ("=", "+", "-", "@", "\t")
"""What a spreadsheet takes for a formula at the beginning of a cell: written after an apostrophe."""

Word = TypeVar("Word", bound=StrEnum)


def claims_table(claims: Iterable[Claim], reports: Mapping[str, Report]) -> str:
    """Claims with what is known of their reports, as CSV."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow(TAGS)
    writer.writerow(TAGS.values())
    for claim in claims:
        cells = claim_cells(claim, reports.get(claim.report_id))
        writer.writerow(guarded(cells.get(name, "")) for name in TAGS)
    return file.getvalue()


def guarded(cell: str) -> str:
    """A cell that no spreadsheet runs."""
    return f"'{cell}" if cell.startswith((*FORMULA, "'")) and not is_number(cell) else cell


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def claim_cells(claim: Claim, report: Report | None) -> dict[str, str]:
    """The cells of a claim that are not blank."""
    about = claim.about
    cells = {
        name: str(getattr(claim, name))
        for name in ("claim_id", "report_id", "statement", "act", "force", "polarity", "stage", "rule", "confidence")
    }
    cells |= {name: getattr(about, name) for name in ("frame", *WORDS_ABOUT)}
    cells |= {"targets": SEPARATOR.join(about.targets), "places": SEPARATOR.join(about.places)}
    cells["chain"] = STEP.join(f"{step.role}:{step.basis}:{step.name}" for step in claim.chain)
    if about.capacity_factor is not None:
        cells["capacity_factor"] = repr(about.capacity_factor)
    if about.quantities:
        first = about.quantities[0]
        cells |= {"unit": first.unit, "counts": first.counts}
        cells |= {name: repr(each) for name in ("least", "most") if (each := getattr(first, name)) is not None}
    for name, when in (("said", claim.said), ("holds", claim.holds)):
        if when.resolved:
            cells |= {f"{name}_from": when.start.isoformat()} if when.start else {}
            cells |= {f"{name}_until": when.end.isoformat()} if when.end else {}
    if report is not None:
        cells |= {name: getattr(report, name) for name in ("title", "outlet", "url", "language")}
        cells["published"] = report.published.isoformat() if report.published else ""
    return cells


def is_claims_table(text: str) -> bool:
    """Whether a CSV file holds claims rather than reports: by its header."""
    header = next(csv.reader(io.StringIO(text[:10_000])), [])
    return {"claim_id", "statement"} <= {cell.strip().casefold() for cell in header}


def read_claims_table(
    text: str, file: str, faults: FaultLog, received: datetime, entered_by: str
) -> tuple[list[Report], list[Claim]]:
    """The claims of a table, and a report for each `report_id` in it: its text is its statements, a line each."""
    rows = read_rows(text, file, faults)
    _, header = next(rows, (1, []))
    names = [cell.strip().casefold() for cell in header]
    for name in REQUIRED:
        if name not in names:
            faults.add(file, f"column missing{did_you_mean(name, names)}", 1, name)
    if len(faults):
        return [], []
    claims: dict[str, Claim] = {}
    first: dict[str, dict[str, str]] = {}
    for row, cells in rows:
        if len(cells) != len(names):
            faults.add(file, f"found {len(cells)} cells, expected {len(names)}", row)
            continue
        found = {name: cell.removeprefix("'").strip() for name, cell in zip(names, cells, strict=True)}
        claim = RowReader(found, row, file, faults).claim()
        if claim is None:
            continue
        if claim.claim_id in claims:
            faults.add(file, f"{show(claim.claim_id)} stands in an earlier row too", row, "claim_id")
        claims[claim.claim_id] = claim
        first.setdefault(claim.report_id, found)
    texts: dict[str, list[str]] = {}
    for claim in claims.values():
        texts.setdefault(claim.report_id, []).append(claim.statement)
    reports = [report_of(cells, texts[name], received, entered_by) for name, cells in first.items()]
    return reports, list(claims.values())


def report_of(cells: dict[str, str], statements: Sequence[str], received: datetime, entered_by: str) -> Report:
    """A report as far as the first of its rows tells of it."""
    return Report(
        report_id=cells["report_id"],
        text="\n".join(statements),
        received=received,
        entered_by=entered_by,
        published=moment(cells.get("published", "")),
        **{name: cells.get(name, "") for name in ("title", "outlet", "url")},
        language=cells.get("language", "") or "en",
    )


class RowReader:
    """One row, read with its faults."""

    def __init__(self, cells: dict[str, str], row: int, file: str, faults: FaultLog) -> None:
        self.cells, self.row, self.file, self.faults = cells, row, file, faults

    def fault(self, name: str, expected: str) -> None:
        """Note that a cell is not as expected."""
        self.faults.add(self.file, f"found {show(self.cells.get(name, ''))}, expected {expected}", self.row, name)

    def claim(self) -> Claim | None:
        """The claim; None where any cell of the row is at fault."""
        before = len(self.faults)
        cell = self.cells.get
        for name in REQUIRED:
            if not cell(name):
                self.fault(name, "a value")
        chain = self.chain()
        about = self.about()
        force = self.word("force", Force, Force.ASSERTED)
        polarity = self.word("polarity", Polarity, Polarity.AFFIRMED)
        stage = self.word("stage", Stage, Stage.ACTUAL)
        said, holds = self.when("said"), self.when("holds")
        confidence = self.number("confidence", lambda value: 0 <= value <= 1, "a number from 0 to 1")
        self.published()
        if len(self.faults) > before:
            return None
        return Claim(
            claim_id=self.cells["claim_id"], report_id=self.cells["report_id"], statement=self.cells["statement"],
            force=force, chain=chain, about=about, act=cell("act") or "assert", polarity=polarity, stage=stage,
            said=said, holds=holds, rule=cell("rule") or "hand", confidence=1.0 if confidence is None else confidence,
        )  # fmt: skip

    def published(self) -> None:
        """Fault a date of the report that cannot be read."""
        if self.cells.get("published") and moment(self.cells["published"]) is None:
            self.fault("published", "a time with offset")

    def chain(self) -> Chain:
        """`speaker:explicit:Name > outlet:explicit:Name`; a bare name is a speaker."""
        steps = []
        for word in self.cells.get("chain", "").split(STEP):
            role, basis, name = (
                [*word.split(":", 2), "", ""][:3] if word.count(":") >= 2 else ("speaker", "explicit", word)
            )
            try:
                steps.append(Step(name.strip(), Role(role.strip()), Basis(basis.strip())))
            except ValueError:
                self.fault("chain", f"steps such as speaker:explicit:Name, with {STEP.strip()} between them")
        return tuple(steps)

    def about(self) -> About:
        """What the claim is about."""
        cell = self.cells.get
        factor = self.number("capacity_factor", lambda value: 0 <= value <= 1, "a number from 0 to 1")
        least, most = (self.number(name, lambda value: value >= 0, "a number, 0 or more") for name in ("least", "most"))
        quantities: tuple[Quantity, ...] = ()
        if cell("unit") or cell("counts") or least is not None or most is not None:
            quantities = (Quantity(cell("unit", ""), least, most, cell("counts", "")),)
        return About(
            frame=cell("frame") or "other",
            targets=listed(cell("targets", "")),
            places=listed(cell("places", "")),
            state=cell("state", ""),
            capacity_factor=factor,
            order=cell("order", ""),
            hazard=cell("hazard", ""),
            population=cell("population", ""),
            addressee=cell("addressee", ""),
            agent=cell("agent", ""),
            quantities=quantities,
        )

    def word(self, name: str, words: type[Word], default: Word) -> Word:
        """A word of a list."""
        value = self.cells.get(name, "").casefold()
        try:
            return words(value) if value else default
        except ValueError:
            known = [str(each) for each in words]
            self.fault(name, f"one of {', '.join(known)}{did_you_mean(value, known)}")
            return default

    def number(self, name: str, is_good: Callable[[float], bool], expected: str) -> float | None:
        """A number; None where the cell is blank."""
        value = self.cells.get(name, "")
        if not value:
            return None
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if is_good(number) and number < float("inf"):
            return number
        self.fault(name, expected)
        return None

    def when(self, name: str) -> When:
        """A stretch of time of two cells."""
        found = {}
        for end in ("from", "until"):
            cell = f"{name}_{end}"
            found[end] = moment(self.cells.get(cell, ""))
            if self.cells.get(cell) and found[end] is None:
                self.fault(cell, "a time with offset such as 2026-05-01T14:00+02:00")
        return When(found["from"], found["until"])


def listed(cell: str) -> tuple[str, ...]:
    """The parts of a cell with a list."""
    return tuple(part.strip() for part in cell.split(SEPARATOR.strip()) if part.strip())
