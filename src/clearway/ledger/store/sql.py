"""What the SQL stores share: writing batches under a lock, reading as of a time. Dialects differ by a few lines."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Self

from clearway.errors import UsageError
from clearway.ledger.bearing import Bearing
from clearway.ledger.entries import Act, ClaimAdded, ClaimCorrected, Entry, ReportAdded, subject_of, value_of
from clearway.ledger.grades import INFORMATION, SOURCE, UNGRADED, Grade, odds_weight
from clearway.ledger.replaced import NotReplaced, micros, moment
from clearway.ledger.reports import Report
from clearway.ledger.store.rows import (
    claim_of,
    claims_named,
    entry_from_row,
    entry_row,
    reports_named,
    target_rows,
)

COLUMNS = "entry_id, recorded_us, author, kind, subject, value, body"
GRADES = {source + information: Grade(source, information) for source in SOURCE for information in INFORMATION}
CHUNK = 500  # ids in one IN (...): below every database's limit


class SqlStore(ABC):
    """A store in an SQL database; ``?`` stands for a parameter."""

    @abstractmethod
    def rows(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[Any]:
        """The rows of a query."""

    @abstractmethod
    def write(self) -> AbstractContextManager[Any]:
        """A transaction that holds the only right to append; committed to the disk at its end, undone on an error."""

    @abstractmethod
    def insert(self, transaction: Any, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows within a transaction. UsageError where an id is taken."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the file or server."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # Writing

    def append(self, acts: Sequence[Act], author: str, recorded: datetime | None = None) -> tuple[Entry, ...]:
        """Record acts, all of them or none (see `Store.append`)."""
        if not acts:
            return ()
        with self.write() as transaction:
            last_id, last_us = next(
                self.rows("SELECT entry_id, recorded_us FROM entry ORDER BY entry_id DESC LIMIT 1"), (0, 0)
            )
            begin_us = self._recorded_us(recorded, last_us)
            entries = [(last_id + i, begin_us + i - 1, author, act) for i, act in enumerate(acts, start=1)]
            reported = self._check_named(acts)
            self.insert(transaction, "entry", [entry_row(*entry) for entry in entries])
            targets = []
            for entry_id, _, _, act in entries:
                claim = claim_of(act)
                if claim is not None:
                    targets += target_rows(entry_id, claim, reported[claim.report_id])
            if targets:
                self.insert(transaction, "claim_target", targets)
        return tuple(Entry(entry_id, moment(us), author, act) for entry_id, us, author, act in entries)

    @staticmethod
    def _recorded_us(recorded: datetime | None, last_us: int) -> int:
        now_us = time.time_ns() // 1000
        if recorded is None:
            return max(now_us, last_us + 1)
        wanted = micros(recorded)
        if wanted > now_us:
            raise UsageError(f"found the recording time {recorded.isoformat()}, expected none in the future")
        if wanted < last_us:
            raise UsageError(
                f"found the recording time {recorded.isoformat()}, expected one from the last entry on, "
                f"{moment(last_us).isoformat()}: a ledger is only added to"
            )
        return max(wanted, last_us + 1)

    def _check_named(self, acts: Sequence[Act]) -> dict[str, datetime]:
        """Refuse acts about what is not there or there already; the dates of the reports that claims stand in."""
        new_claims = Counter(act.claim.claim_id for act in acts if isinstance(act, ClaimAdded))
        new_reports = Counter(act.report.report_id for act in acts if isinstance(act, ReportAdded))
        claims = {name for act in acts for name in claims_named(act)}
        reports = {name for act in acts for name in reports_named(act)}
        known_claims = self._values("claim", claims | new_claims.keys())
        known_reports = self._values("report", reports | new_reports.keys())
        for what, new, needed, known in (
            ("claim", new_claims, claims, known_claims),
            ("report", new_reports, reports, known_reports),
        ):
            taken = [name for name, n in new.items() if n > 1 or name in known]
            if taken:
                raise UsageError(f"the ledger has a {what} {min(taken)!r} already; an id is given once")
            missing = needed - new.keys() - known.keys()
            if missing:
                raise UsageError(f"the ledger has no {what} {min(missing)!r}; clearway ledger list shows what it has")
        self._check_moved(acts)
        dates = known_reports | {subject_of(act): value_of(act) for act in acts if isinstance(act, ReportAdded)}
        return {name: datetime.fromisoformat(text) for name, text in dates.items()}

    def _check_moved(self, acts: Sequence[Act]) -> None:
        """A correction says what a claim reads; it does not move it into another report."""
        in_report = {act.claim.claim_id: act.claim.report_id for act in acts if isinstance(act, ClaimAdded)}
        for act in acts:
            if isinstance(act, ClaimCorrected):
                name = act.claim.claim_id
                if name not in in_report:
                    in_report |= {
                        entry.act.claim.claim_id: entry.act.claim.report_id
                        for entry in self.history(name)
                        if isinstance(entry.act, ClaimAdded)
                    }
                if in_report[name] != act.claim.report_id:
                    raise UsageError(
                        f"claim {name!r} stands in report {in_report[name]!r}; withdraw it and add another"
                    )

    def _values(self, kind: str, subjects: set[str]) -> dict[str, str]:
        """Subject -> value of the entries of a kind about some subjects."""
        names = sorted(subjects)
        found: dict[str, str] = {}
        for i in range(0, len(names), CHUNK):
            some = names[i : i + CHUNK]
            marks = ",".join("?" * len(some))
            found.update(
                self.rows(f"SELECT subject, value FROM entry WHERE kind = ? AND subject IN ({marks})", [kind, *some])
            )
        return found

    # Reading

    def n_entries(self, as_of: datetime | None = None) -> int:
        """How many entries there are as of a time; entries are numbered, so it is the last one's number too."""
        where, parameters = ("", []) if as_of is None else ("WHERE recorded_us <= ?", [micros(as_of)])
        return int(next(self.rows(f"SELECT COALESCE(MAX(entry_id), 0) FROM entry {where}", parameters))[0])

    def entries(self, as_of: datetime | None = None, kinds: Sequence[str] = ()) -> Iterator[Entry]:
        """All entries in order, or those of some kinds."""
        marks = ",".join("?" * len(kinds))
        where = f"AND kind IN ({marks})" if kinds else ""
        sql = f"SELECT {COLUMNS} FROM entry WHERE entry_id <= ? {where} ORDER BY entry_id"
        return map(entry_from_row, self.rows(sql, [self.n_entries(as_of), *kinds]))

    def history(self, subject: str, as_of: datetime | None = None) -> list[Entry]:
        """The entries about one claim or report, in order."""
        sql = f"SELECT {COLUMNS} FROM entry WHERE subject IN (?, ?, ?) AND entry_id <= ? ORDER BY entry_id"
        names = [subject, f"claim:{subject}", f"report:{subject}"]
        return [entry_from_row(row) for row in self.rows(sql, [*names, self.n_entries(as_of)])]

    def reports(self, report_ids: Sequence[str]) -> dict[str, Report]:
        """Those of the reports that are there, by id."""
        found = {}
        names = sorted(set(report_ids))
        for i in range(0, len(names), CHUNK):
            some = names[i : i + CHUNK]
            marks = ",".join("?" * len(some))
            for row in self.rows(f"SELECT {COLUMNS} FROM entry WHERE kind = 'report' AND subject IN ({marks})", some):
                act = entry_from_row(row).act
                assert isinstance(act, ReportAdded)
                found[subject_of(act)] = act.report
        return found

    def bearing(self, at: datetime, as_of: datetime | None = None) -> list[Bearing]:
        """The claims that bear on the situation as it is believed at a time (see `Store.bearing`)."""
        last = self.n_entries(as_of)
        decided = self._latest("decision", last)
        out = self._latest("withdrawal", last)
        merged = self._latest("merge", last)
        grades = {claim_id: GRADES[grade] for claim_id, grade in self._latest("grade", last).items()}
        corrected = {
            subject: int(entry_id)
            for subject, entry_id in self.rows(
                "SELECT subject, MAX(entry_id) FROM entry WHERE kind = 'correction' AND entry_id <= ? GROUP BY subject",
                [last],
            )
        }
        sql = """
            SELECT entry_id, claim_id, report_id, target, frame, manner, source, said_us, from_us, until_us
            FROM claim_target WHERE said_us <= ? AND entry_id <= ? ORDER BY said_us DESC, entry_id DESC
        """
        seen = NotReplaced(micros(at))
        kept: dict[int, list[str]] = {}
        for row in self.rows(sql, [micros(at), last]):
            entry_id, claim_id, report_id = row[:3]
            if decided.get(claim_id) != "accepted" or entry_id < corrected.get(claim_id, 0) or merged.get(claim_id):
                continue
            if out and (out.get(f"claim:{claim_id}") or out.get(f"report:{report_id}")):
                continue
            is_worthless = claim_id in grades and odds_weight(grades[claim_id]) == 0  # kept, but replaces nothing
            if is_worthless or seen.keeps(row[3:7], *row[8:10]):
                kept.setdefault(entry_id, []).append(row[3])
        return self._load(kept, grades)

    def _latest(self, kind: str, last: int) -> dict[str, str]:
        """Subject -> value of the latest entry of a kind."""
        sql = "SELECT subject, value FROM entry WHERE kind = ? AND entry_id <= ? ORDER BY entry_id"
        return dict(self.rows(sql, [kind, last]))

    def _load(self, kept: dict[int, list[str]], grades: dict[str, Grade]) -> list[Bearing]:
        """The claims of some entries, with grades and dates, in the order of entry."""
        ids = sorted(kept)
        found = []
        for i in range(0, len(ids), CHUNK):
            some = ids[i : i + CHUNK]
            marks = ",".join("?" * len(some))
            found += [
                entry_from_row(row)
                for row in self.rows(f"SELECT {COLUMNS} FROM entry WHERE entry_id IN ({marks})", some)
            ]
        found.sort(key=lambda entry: entry.entry_id)
        claims = [(entry.entry_id, claim) for entry in found if (claim := claim_of(entry.act)) is not None]
        dates = self._values("report", {claim.report_id for _, claim in claims})
        return [
            Bearing(
                claim=claim,
                grade=grades.get(claim.claim_id, UNGRADED),
                is_graded=claim.claim_id in grades,
                reported=datetime.fromisoformat(dates[claim.report_id]),
                targets=tuple(sorted(kept[entry_id])),
            )
            for entry_id, claim in claims
        ]
