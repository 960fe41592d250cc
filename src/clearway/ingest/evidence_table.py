"""evidence.csv: the claims for and against what availability.csv says, for the report."""

from __future__ import annotations

from clearway.ingest.faults import show
from clearway.ingest.settings import Settings
from clearway.ingest.situation_tables import KINDS
from clearway.ingest.tables import Columns, Range, Table
from clearway.model.situation import Evidence

EVIDENCE_COLUMNS = Columns(
    ("target", "from", "until", "taken", "statement", "speaker"),
    ("p_closed", "contested", "stands", "says", "weight", "chain", "grade", "said", "claim_id", "report_id"),
    may_be_empty=True,
)
STATES = ("open", "limited", "closed")
SHARE = Range(0.0, 1.0)


def read_evidence(table: Table | None, settings: Settings) -> list[Evidence]:
    """The claims of evidence.csv; those about what is over by the start are left out."""
    if table is None or table.missing:
        return []
    windows = table.windows("from", "until", settings.start)
    shares = table.numbers("p_closed", SHARE, blank=float("nan")).tolist()
    weights = table.numbers("weight", Range(0.0), blank=float("nan")).tolist()
    said = table.instants("said", settings.start).tolist()
    names = ("target", "taken", "contested", "stands", "says", "statement", "speaker", "chain", "grade")
    columns = {name: table.texts(name) for name in (*names, "claim_id", "report_id")}
    found = []
    for row in range(len(table)):
        cell = {name: cells[row] for name, cells in columns.items()}
        check_words(table, row, cell)
        from_s, until_s = windows[row]
        if from_s >= until_s:
            continue
        found.append(
            Evidence(
                target=cell["target"],
                from_s=from_s,
                until_s=until_s,
                taken=cell["taken"],
                p_closed=shares[row],
                is_contested=cell["contested"] == "1",
                stands_for=cell["stands"] != "against",
                says=cell["says"],
                weight=weights[row],
                statement=cell["statement"],
                speaker=cell["speaker"],
                chain=cell["chain"] or cell["speaker"],
                grade=cell["grade"],
                said_s=said[row],
                claim_id=cell["claim_id"],
                report_id=cell["report_id"],
            )
        )
    return found


def check_words(table: Table, row: int, cell: dict[str, str]) -> None:
    """Note cells that are none of their words."""
    kind, _, target_id = cell["target"].partition(":")
    if kind not in KINDS or not target_id:
        table.fault(row, "target", f"found {show(cell['target'])}, expected link:ID, crossing:ID, site:ID or zone:ID")
    for name, words in (("taken", STATES), ("contested", ("", "0", "1")), ("stands", ("", "for", "against"))):
        if cell[name] not in words:
            table.fault(row, name, f"found {show(cell[name])}, expected one of {', '.join(filter(None, words))}")
