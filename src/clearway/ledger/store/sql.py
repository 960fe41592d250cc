"""What the SQL stores share: writing batches under a lock, reading as of a time. Dialects differ by a few lines."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from clearway.errors import UsageError
from clearway.ledger.bearing import Bearing
from clearway.ledger.entries import (
    Act,
    Batch,
    ClaimAdded,
    ClaimCorrected,
    Entry,
    ReportAdded,
    Withdrawn,
    subject_of,
    value_of,
)
from clearway.ledger.grades import UNGRADED
from clearway.ledger.replaced import NotReplaced, micros, moment
from clearway.ledger.reports import Report
from clearway.ledger.store.repeats import GRADES, WEIGHT
from clearway.ledger.store.rows import (
    Target,
    claim_from_row,
    claim_of,
    claims_named,
    entry_from_row,
    entry_row,
    reports_named,
    target_rows,
)
from clearway.ledger.store.standing import NOW, Event, Follower

COLUMNS = "entry_id, recorded_us, author, kind, about_id, subject, value, body"
TARGET = "entry_id, claim_entry, report_entry, target, lane, said_us, from_us, until_us, says, chain"
STANDING = (
    "entry_id, target, begin_entry, end_entry, claim_entry, report_entry, lane, said_us, from_us, until_us, says, "
    "chain, grade, repeated_us"
)
CLOSE_STANDING = "UPDATE standing SET end_entry = ? WHERE entry_id = ? AND target = ? AND begin_entry = ?"
JUDGING = frozenset({"decision", "grade", "merge", "withdrawal", "correction"})  # what may let a claim count
CHUNK = 500  # ids in one IN (...): below every database's limit


@dataclass(frozen=True, slots=True)
class Known:
    """Claims and reports by id: the entry that put each down, and its value."""

    claims: dict[str, tuple[int, str]]
    reports: dict[str, tuple[int, str]]

    def add(self, what: str, name: str, entry_id: int, value: str) -> None:
        """Note a claim or report that is new; UsageError where it is not."""
        there = self.claims if what == "claim" else self.reports
        if name in there:
            raise UsageError(f"the ledger has a {what} {name!r} already; an id is given once")
        there[name] = entry_id, value

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
    def one_of(self, values: list[Any]) -> tuple[str, list[Any]]:
        """The condition that something is one of some values, and its parameters."""

    @abstractmethod
    def write(self) -> AbstractContextManager[Any]:
        """A transaction that holds the only right to append; committed to the disk at its end, undone on an error."""

    @abstractmethod
    def insert(self, transaction: Any, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows within a transaction. UsageError where an id is taken."""

    @abstractmethod
    def close_standing(self, transaction: Any, rows: Sequence[tuple[int, int, str, int]]) -> None:
        """Set end_entry of rows of standing, by entry_id, target and begin_entry."""

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
        return self.append_batches([Batch(acts, author, recorded)])

    def append_batches(self, batches: Sequence[Batch]) -> tuple[Entry, ...]:
        """Record many batches, all of them or none (see `Store.append_batches`)."""
        acts = [act for batch in batches for act in batch.acts]
        if not acts:
            return ()
        with self.write() as transaction:
            last = self.rows("SELECT entry_id, recorded_us FROM entry ORDER BY entry_id DESC LIMIT 1")
            last_id, last_us = last[0] if last else (0, 0)
            entries: list[Entry] = []
            for batch in batches:
                begin_us = self._recorded_us(batch.recorded, last_us)
                for act in batch.acts:
                    entries.append(Entry(last_id + len(entries) + 1, moment(begin_us), batch.author, act))
                    last_us, begin_us = begin_us, begin_us + 1
            known = self._check_named(acts, last_id + 1)
            rows = [entry_row(e.entry_id, micros(e.recorded), e.author, e.act, known.about(e.act)) for e in entries]
            self.insert(transaction, "entry", rows)
            targets: list[Target] = []
            for entry in entries:
                claim = claim_of(entry.act)
                if claim is not None:
                    reported = datetime.fromisoformat(known.reports[claim.report_id][1])
                    ids = known.claims[claim.claim_id][0], known.reports[claim.report_id][0]
                    targets += target_rows(entry.entry_id, claim, reported, *ids)
            if targets:
                self.insert(transaction, "claim_target", targets)
            self._follow(transaction, [(row[0], row[3], row[4], row[6]) for row in rows], targets)
        return tuple(entries)

    def _follow(self, transaction: Any, events: list[Event], targets: list[Target]) -> None:
        """Bring the table of what stands up to new entries."""
        if not any(kind in JUDGING for _, kind, _, _ in events):
            return
        follower = Follower()
        new, first = by_entry(targets), events[0][0]
        claims = {about for _, kind, about, _ in events if kind in JUDGING and about < first}
        # a withdrawal may be of a report: then all its claims count otherwise
        of_reports = self._among("claim_entry", "claim_target", "report_entry", claims) if claims else []
        claims |= {claim for (claim,) in of_reports if claim < first}
        known = self._among(TARGET, "claim_target", "claim_entry", claims)
        touched = [*known, *targets]
        reports = {row[2] for row in touched}
        said = self._among("entry_id, kind, about_id, value", "entry", "about_id", claims | reports)
        follower.recall(sorted(event for event in said if event[0] < first), by_entry(known))
        if touched:
            earliest = min(row[5] for row in touched)
            where = f"end_entry = {NOW} AND repeated_us >= {earliest} AND lane"
            follower.take(self._among(STANDING, "standing", where, {row[4] for row in touched}))
        follower.follow(events, new)
        self._write_standing(transaction, follower)

    def _write_standing(self, transaction: Any, follower: Follower) -> None:
        if follower.closed:
            self.close_standing(transaction, follower.closed)
        if follower.opened:
            self.insert(transaction, "standing", follower.opened)

    def rebuild_standing(self, transaction: Any) -> None:
        """Fill the table of what stands, which is empty, from all entries."""
        follower = Follower()
        events = self.rows("SELECT entry_id, kind, about_id, value FROM entry ORDER BY entry_id")
        follower.follow(events, by_entry(self.rows(f"SELECT {TARGET} FROM claim_target")))
        self._write_standing(transaction, follower)

    def _among(self, columns: str, table: str, where: str, values: Iterable[object]) -> list[Any]:
        """The rows of a table where something is one of many values."""
        some, found = sorted(values), []  # type: ignore[type-var]
        for i in range(0, len(some), CHUNK):
            condition, parameters = self.one_of(some[i : i + CHUNK])
            found += self.rows(f"SELECT {columns} FROM {table} WHERE {where} {condition}", parameters)
        return found

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
        needed = [(list(claims_named(act)), list(reports_named(act))) for act in acts]
        claims = {name for names, _ in needed for name in names}
        reports = {name for _, names in needed for name in names}
        claims |= {act.claim.claim_id for act in acts if isinstance(act, ClaimAdded)}
        reports |= {act.report.report_id for act in acts if isinstance(act, ReportAdded)}
        known = Known(self._places("claim", claims), self._places("report", reports))
        for entry_id, (act, (claim_names, report_names)) in enumerate(zip(acts, needed, strict=True), start=first_id):
            for what, names, there in (("claim", claim_names, known.claims), ("report", report_names, known.reports)):
                for name in names:
                    if name not in there:
                        raise UsageError(f"the ledger has no {what} {name!r}; clearway ledger list shows what it has")
            if isinstance(act, ClaimAdded):
                known.add("claim", act.claim.claim_id, entry_id, "")
            elif isinstance(act, ReportAdded):
                known.add("report", act.report.report_id, entry_id, value_of(act))
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
        rows = self._among("subject, entry_id, value", "entry", f"kind = '{kind}' AND subject", subjects)
        return {subject: (entry_id, value) for subject, entry_id, value in rows}

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
        for row in self._among(COLUMNS, "entry", "kind = 'report' AND subject", set(report_ids)):
            act = entry_from_row(row).act
            assert isinstance(act, ReportAdded)
            found[subject_of(act)] = act.report
        return found

    def bearing(self, at: datetime, as_of: datetime | None = None) -> list[Bearing]:
        """The claims that bear on the situation as it is believed at a time (see `Store.bearing`)."""
        at_us = micros(at)
        stands, last = f"end_entry = {NOW}", []
        if as_of is not None:
            stands, last = "begin_entry <= ? AND end_entry > ?", [self.n_entries(as_of)] * 2
        sql = f"""
            SELECT entry_id, target, grade, lane, said_us, from_us, until_us, says, chain
            FROM standing WHERE {stands} AND said_us <= ? AND repeated_us > ? ORDER BY said_us DESC, claim_entry DESC
        """
        keeps = NotReplaced(at_us).keeps
        kept: dict[int, tuple[str, list[str]]] = {}
        for entry_id, target, grade, lane, said_us, from_us, until_us, says, chain in self.rows(
            sql, [*last, at_us, at_us]
        ):
            # what was graded worthless is kept, to be shown; it replaces nothing
            weight = WEIGHT[grade]
            if weight == 0 or keeps(lane, said_us, from_us, until_us, says, chain, weight):
                kept.setdefault(entry_id, (grade, []))[1].append(target)
        return self._load(kept)

    def _load(self, kept: dict[int, tuple[str, list[str]]]) -> list[Bearing]:
        """The claims of some entries, with grades and dates, in the order of entry."""
        rows = self._among("about_id, entry_id, kind, body", "entry", "entry_id", kept)
        rows.sort(key=lambda row: row[0])  # a correction stands where the claim was first put down
        claims = [(entry_id, claim_from_row(entry_id, kind, body)) for _, entry_id, kind, body in rows]
        dates = self._places("report", {claim.report_id for _, claim in claims})
        reported = {name: datetime.fromisoformat(text) for name, (_, text) in dates.items()}
        return [
            Bearing(
                claim=claim,
                grade=GRADES.get(kept[entry_id][0], UNGRADED),
                is_graded=bool(kept[entry_id][0]),
                reported=reported[claim.report_id],
                targets=tuple(sorted(kept[entry_id][1])),
            )
            for entry_id, claim in claims
        ]


def by_entry(targets: Iterable[Target]) -> dict[int, list[Target]]:
    """Rows of targets by the entry that put them down."""
    found: dict[int, list[Target]] = {}
    for row in targets:
        found.setdefault(row[0], []).append(row)
    return found
