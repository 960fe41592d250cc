"""A ledger in a SQLite file: write-ahead log, every batch on the disk before it is confirmed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clearway.errors import UsageError
from clearway.ledger.store.sql import CLOSE_STANDING, SqlStore
from clearway.ledger.store.standing import NOW

APPLICATION_ID = 0x434C5759  # "CLWY", in the file's header
VERSION = 2  # 1 had no table of what stands
WAIT_S = 30.0  # for another writer's batch

ENTRIES = """
CREATE TABLE entry (
  entry_id INTEGER PRIMARY KEY,
  recorded_us INTEGER NOT NULL UNIQUE,
  author TEXT NOT NULL CHECK (author <> ''),
  kind TEXT NOT NULL,
  about_id INTEGER NOT NULL,
  subject TEXT NOT NULL CHECK (subject <> ''),
  value TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX entry_by_subject ON entry (subject, entry_id);
CREATE UNIQUE INDEX one_report ON entry (subject) WHERE kind = 'report';
CREATE UNIQUE INDEX one_claim ON entry (subject) WHERE kind = 'claim';
CREATE TABLE claim_target (
  entry_id INTEGER NOT NULL REFERENCES entry,
  claim_entry INTEGER NOT NULL,
  report_entry INTEGER NOT NULL,
  target TEXT NOT NULL,
  lane TEXT NOT NULL,
  said_us INTEGER NOT NULL,
  from_us INTEGER NOT NULL,
  until_us INTEGER NOT NULL,
  says TEXT NOT NULL,
  chain TEXT NOT NULL,
  PRIMARY KEY (entry_id, target)
) STRICT;
CREATE TRIGGER target_is_new BEFORE INSERT ON claim_target
WHEN EXISTS (SELECT 1 FROM claim_target WHERE entry_id = NEW.entry_id AND target = NEW.target)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""
for _table in ("entry", "claim_target"):
    for _act in ("UPDATE", "DELETE"):
        ENTRIES += (
            f"CREATE TRIGGER {_table}_no_{_act.lower()} BEFORE {_act} ON {_table} "
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;\n"
        )
# + keeps the planner from reading all entries of a kind for each new one
SECOND = f"""
CREATE INDEX entry_by_kind ON entry (kind, entry_id);
CREATE INDEX entry_by_about ON entry (about_id, entry_id);
CREATE INDEX target_by_claim ON claim_target (claim_entry);
CREATE INDEX target_by_report ON claim_target (report_entry);
CREATE TRIGGER entry_in_order BEFORE INSERT ON entry
WHEN NEW.entry_id <> (SELECT COALESCE(MAX(entry_id), 0) + 1 FROM entry)
  OR NEW.recorded_us <= (SELECT COALESCE(MAX(recorded_us), -1) FROM entry)
  OR (NEW.kind IN ('report', 'claim')
      AND EXISTS (SELECT 1 FROM entry WHERE +kind = NEW.kind AND subject = NEW.subject))
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: entries are numbered, in order of time, ids given once'); END;
CREATE TABLE standing (
  entry_id INTEGER NOT NULL REFERENCES entry,
  target TEXT NOT NULL,
  begin_entry INTEGER NOT NULL,
  end_entry INTEGER NOT NULL,
  claim_entry INTEGER NOT NULL,
  report_entry INTEGER NOT NULL,
  lane TEXT NOT NULL,
  said_us INTEGER NOT NULL,
  from_us INTEGER NOT NULL,
  until_us INTEGER NOT NULL,
  says TEXT NOT NULL,
  chain TEXT NOT NULL,
  grade TEXT NOT NULL,
  repeated_us INTEGER NOT NULL,
  PRIMARY KEY (entry_id, target, begin_entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX standing_now ON standing (repeated_us) WHERE end_entry = {NOW};
CREATE INDEX standing_now_by_lane ON standing (lane, repeated_us) WHERE end_entry = {NOW};
CREATE TRIGGER standing_is_new BEFORE INSERT ON standing
WHEN EXISTS (SELECT 1 FROM standing
             WHERE entry_id = NEW.entry_id AND target = NEW.target AND begin_entry = NEW.begin_entry)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER standing_ends_once BEFORE UPDATE OF end_entry ON standing WHEN OLD.end_entry <> {NOW}
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER standing_no_update
BEFORE UPDATE OF entry_id, target, begin_entry, claim_entry, report_entry, lane, said_us, from_us, until_us, says,
  chain, grade, repeated_us ON standing
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER standing_no_delete BEFORE DELETE ON standing
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""


class SqliteStore(SqlStore):
    """A ledger in a SQLite file (https://www.sqlite.org/wal.html). One object, one thread."""

    def __init__(self, path: Path, create: bool = True) -> None:
        self._path = path
        if not path.exists() and not create:
            raise UsageError(f"there is no ledger at {path}; clearway ledger add makes one, --ledger names another")
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise UsageError(f"found {path}, expected the path of a ledger's file in a folder that exists")
        try:
            self._connection = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)
            self._connection.execute("PRAGMA synchronous = FULL")  # confirmed: on the disk, whatever comes
            self._prepare()
        except sqlite3.Error as error:
            self._connection.close()
            raise UsageError(f"{path} cannot be opened as a ledger: {error}") from error

    def _prepare(self) -> None:
        """Check that the file is a ledger; make it one where it is new."""
        execute = self._connection.execute
        (application,), (version,) = (
            execute("PRAGMA application_id").fetchone(),
            execute("PRAGMA user_version").fetchone(),
        )
        if (application, version) == (APPLICATION_ID, VERSION):
            return
        if application == APPLICATION_ID:
            if version != 1:
                raise UsageError(f"{self._path} is a ledger of version {version}, expected version {VERSION}")
            self._bring_up()
            return
        execute("PRAGMA journal_mode = WAL")
        with self.write():
            if execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:  # another was faster
                return
            if execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
                raise UsageError(f"{self._path} is a SQLite file, but no ledger")
            for statement in split_script(ENTRIES + SECOND):
                execute(statement)
            execute(f"PRAGMA application_id = {APPLICATION_ID}")
            execute(f"PRAGMA user_version = {VERSION}")

    def _bring_up(self) -> None:
        """Give a ledger of version 1 its table of what stands."""
        execute = self._connection.execute
        with self.write() as transaction:
            if execute("PRAGMA user_version").fetchone()[0] == VERSION:  # another was faster
                return
            execute("DROP INDEX entry_by_kind")
            execute("DROP TRIGGER entry_in_order")
            for statement in split_script(SECOND):
                execute(statement)
            self.rebuild_standing(transaction)
            execute(f"PRAGMA user_version = {VERSION}")

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        """The rows of a query."""
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise UsageError(f"the ledger {self._path} cannot be read: {error}") from error

    def one_of(self, values: list[Any]) -> tuple[str, list[Any]]:
        """The condition that something is one of some values."""
        return f"IN ({','.join('?' * len(values))})", values

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the only right to write."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise UsageError(f"the ledger {self._path} cannot be written: {error}") from error
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise UsageError(f"the ledger {self._path} cannot be written: {error}") from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def insert(self, transaction: sqlite3.Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows within a transaction."""
        transaction.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)

    def close_standing(self, transaction: sqlite3.Connection, rows: Sequence[tuple[int, int, str, int]]) -> None:
        """Set end_entry of rows of standing."""
        transaction.executemany(CLOSE_STANDING, rows)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def split_script(script: str) -> Iterator[str]:
    """The statements of a script, each whole."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
