"""What the SQL stores share: writing batches under a lock, reading as of a time. Dialects differ by a few lines."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from clearway.errors import UsageError
from clearway.ledger.bearing import Bearing
from clearway.ledger.entries import Act, ClaimAdded, ClaimCorrected, Entry, ReportAdded, Withdrawn, subject_of, value_of
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

COLUMNS = "entry_id, recorded_us, author, kind, about_id, subject, value, body"
GRADES = {source + information: Grade(source, information) for source in SOURCE for information in INFORMATION}
WEIGHT = {word: odds_weight(grade) for word, grade in GRADES.items()}
NOT_GRADED = str(UNGRADED)
UNGRADED_WEIGHT = odds_weight(UNGRADED)
CHUNK = 500  # ids in one IN (...): below every database's limit


@dataclass(frozen=True, slots=True)
class Known:
    """Claims and reports by id: the entry that put each down, and its value."""

    claims: dict[str, tuple[int, str]]
    reports: dict[str, tuple[int, str]]

    def about(self, act: Act) -> int:
        """The entry of the claim or report that an act is about; 0 where it is about neither."""
        name = subject_of(act)
        if isinstance(act, Withdrawn):
            kind, _, name = name.partition(":")
            return (self.claims if kind == "claim" else self.reports)[name][0]
        return self.reports[name][0] if isinstance(act, ReportAdded) else self.claims.get(name, (0, ""))[0]


class SqlStore(ABC):
    """A store in an SQL database; ``?`` stands for a parameter."""

    @abstractmethod
    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
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
            last = self.rows("SELECT entry_id, recorded_us FROM entry ORDER BY entry_id DESC LIMIT 1")
            last_id, last_us = last[0] if last else (0, 0)
            begin_us = self._recorded_us(recorded, last_us)
            known = self._check_named(acts, last_id + 1)
            entries = [Entry(last_id + i, moment(begin_us + i - 1), author, act) for i, act in enumerate(acts, start=1)]
            self.insert(
                transaction,
                "entry",
                [entry_row(e.entry_id, micros(e.recorded), author, e.act, known.about(e.act)) for e in entries],
            )
            targets = []
            for entry in entries:
                claim = claim_of(entry.act)
                if claim is not None:
                    reported = datetime.fromisoformat(known.reports[claim.report_id][1])
                    ids = known.claims[claim.claim_id][0], known.reports[claim.report_id][0]
                    targets += target_rows(entry.entry_id, claim, reported, *ids)
            if targets:
                self.insert(transaction, "claim_target", targets)
        return tuple(entries)

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

    def _check_named(self, acts: Sequence[Act], first_id: int) -> Known:
        """Refuse acts about what is not there, or there already; where the claims and reports they name stand."""
        new_claims = Counter(act.claim.claim_id for act in acts if isinstance(act, ClaimAdded))
        new_reports = Counter(act.report.report_id for act in acts if isinstance(act, ReportAdded))
        claims = {name for act in acts for name in claims_named(act)}
        reports = {name for act in acts for name in reports_named(act)}
        known = Known(
            self._places("claim", claims | new_claims.keys()), self._places("report", reports | new_reports.keys())
        )
        for what, new, needed, there in (
            ("claim", new_claims, claims, known.claims),
            ("report", new_reports, reports, known.reports),
        ):
            taken = [name for name, n in new.items() if n > 1 or name in there]
            if taken:
                raise UsageError(f"the ledger has a {what} {min(taken)!r} already; an id is given once")
            missing = needed - new.keys() - there.keys()
            if missing:
                raise UsageError(f"the ledger has no {what} {min(missing)!r}; clearway ledger list shows what it has")
        for entry_id, act in enumerate(acts, start=first_id):
            if isinstance(act, ClaimAdded):
                known.claims[act.claim.claim_id] = entry_id, ""
            elif isinstance(act, ReportAdded):
                known.reports[act.report.report_id] = entry_id, value_of(act)
        self._check_moved(acts)
        return known

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

    def _places(self, kind: str, subjects: set[str]) -> dict[str, tuple[int, str]]:
        """Subject -> entry_id and value, of the entries of a kind about some subjects."""
        names, found = sorted(subjects), {}
        for i in range(0, len(names), CHUNK):
            some = names[i : i + CHUNK]
            marks = ",".join("?" * len(some))
            sql = f"SELECT subject, entry_id, value FROM entry WHERE kind = ? AND subject IN ({marks})"
            found.update({subject: (entry_id, value) for subject, entry_id, value in self.rows(sql, [kind, *some])})
        return found

    # Reading

    def n_entries(self, as_of: datetime | None = None) -> int:
        """How many entries there are as of a time; entries are numbered, so it is the last one's number too."""
        where, parameters = ("", []) if as_of is None else ("WHERE recorded_us <= ?", [micros(as_of)])
        return int(self.rows(f"SELECT COALESCE(MAX(entry_id), 0) FROM entry {where}", parameters)[0][0])

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
        accepted = self._accepted(last)
        accepted -= {claim for claim, into in self._latest("merge", last).items() if into}
        out = {entry for entry, value in self._latest("withdrawal", last).items() if value}
        accepted -= out
        grades = self._latest("grade", last)
        corrections = "SELECT about_id, MAX(entry_id) FROM entry WHERE kind = ? AND entry_id <= ? GROUP BY about_id"
        corrected = dict(self.rows(corrections, ["correction", last]))
        sql = """
            SELECT entry_id, claim_entry, report_entry, lane, said_us, from_us, until_us, says, chain
            FROM claim_target WHERE said_us <= ? AND entry_id <= ? ORDER BY said_us DESC, claim_entry DESC
        """
        keeps, weight_of = NotReplaced(micros(at)).keeps, WEIGHT.__getitem__
        weights = {claim: weight_of(grade) for claim, grade in grades.items()}
        kept: dict[int, list[str]] = {}
        rows = self.rows(sql, [micros(at), last])
        for entry_id, claim, report, lane, said_us, from_us, until_us, says, chain in rows:
            if claim not in accepted or report in out or (corrected and entry_id < corrected.get(claim, 0)):
                continue
            # what was graded worthless is kept, to be shown; it replaces nothing
            weight = weights.get(claim, UNGRADED_WEIGHT)
            if weight == 0 or keeps(lane, said_us, from_us, until_us, says, chain, weight):
                kept.setdefault(entry_id, []).append(lane.partition("\n")[0])
        return self._load(kept, grades)

    def _accepted(self, last: int) -> set[int]:
        """The entries of the claims that stand accepted; most were decided once and are read without verdicts."""
        of_kind = "FROM entry WHERE kind = 'decision' AND entry_id <= ?"
        accepted = {row[0] for row in self.rows(f"SELECT about_id {of_kind} AND value = 'accepted'", [last])}
        inner = f"SELECT about_id {of_kind} AND value <> 'accepted'"
        mixed = self.rows(f"SELECT about_id, value {of_kind} AND about_id IN ({inner}) ORDER BY entry_id", [last, last])
        return accepted - {claim for claim, verdict in dict(mixed).items() if verdict != "accepted"}

    def _latest(self, kind: str, last: int) -> dict[int, str]:
        """The entry of a claim or report -> value of the latest entry of a kind about it."""
        sql = "SELECT about_id, value FROM entry WHERE kind = ? AND entry_id <= ? ORDER BY entry_id"
        return dict(self.rows(sql, [kind, last]))

    def _load(self, kept: dict[int, list[str]], grades: dict[int, str]) -> list[Bearing]:
        """The claims of some entries, with grades and dates, in the order of entry."""
        ids, found = sorted(kept), []
        for i in range(0, len(ids), CHUNK):
            some = ids[i : i + CHUNK]
            marks = ",".join("?" * len(some))
            sql = f"SELECT {COLUMNS} FROM entry WHERE entry_id IN ({marks}) ORDER BY entry_id"
            found += [(row[4], entry_from_row(row)) for row in self.rows(sql, some)]
        claims = [(about, entry.entry_id, c) for about, entry in found if (c := claim_of(entry.act)) is not None]
        claims.sort(key=lambda item: item[0])  # a correction stands where the claim was first put down
        dates = self._places("report", {claim.report_id for _, _, claim in claims})
        reported = {name: datetime.fromisoformat(text) for name, (_, text) in dates.items()}
        return [
            Bearing(
                claim=claim,
                grade=GRADES[grades.get(about, NOT_GRADED)],
                is_graded=about in grades,
                reported=reported[claim.report_id],
                targets=tuple(sorted(kept[entry_id])),
            )
            for about, entry_id, claim in claims
        ]
