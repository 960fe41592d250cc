"""A ledger in a PostgreSQL database, for several desks at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from clearway.errors import UsageError
from clearway.ledger.store.sql import CLOSE_STANDING, SqlStore
from clearway.ledger.store.standing import NOW

if TYPE_CHECKING:
    import psycopg

LOCK = 0x434C5759  # "CLWY": the advisory lock that writers of a ledger take in turn
WAIT_S = 10
COPY_FROM = 50  # rows: fewer go faster one by one

ENTRIES = """
CREATE TABLE IF NOT EXISTS entry (
  entry_id BIGINT PRIMARY KEY,
  recorded_us BIGINT NOT NULL UNIQUE,
  author TEXT NOT NULL CHECK (author <> ''),
  kind TEXT NOT NULL,
  about_id BIGINT NOT NULL,
  subject TEXT NOT NULL CHECK (subject <> ''),
  value TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX entry_by_subject ON entry (subject, entry_id);
CREATE UNIQUE INDEX one_report ON entry (subject) WHERE kind = 'report';
CREATE UNIQUE INDEX one_claim ON entry (subject) WHERE kind = 'claim';
CREATE TABLE claim_target (
  entry_id BIGINT NOT NULL REFERENCES entry,
  claim_entry BIGINT NOT NULL,
  report_entry BIGINT NOT NULL,
  target TEXT NOT NULL,
  lane TEXT NOT NULL,
  said_us BIGINT NOT NULL,
  from_us BIGINT NOT NULL,
  until_us BIGINT NOT NULL,
  says TEXT NOT NULL,
  chain TEXT NOT NULL,
  PRIMARY KEY (entry_id, target)
);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE FUNCTION refuse_disorder() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last RECORD;
BEGIN
  SELECT entry_id, recorded_us INTO last FROM entry ORDER BY entry_id DESC LIMIT 1;
  IF NEW.entry_id <> COALESCE(last.entry_id, 0) + 1 OR NEW.recorded_us <= COALESCE(last.recorded_us, -1) THEN
    RAISE EXCEPTION 'the ledger is append-only: entries are numbered, in order of time';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER entry_in_order BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION refuse_disorder();
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER target_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON claim_target
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
SECOND = f"""
CREATE INDEX entry_by_kind ON entry (kind, entry_id);
CREATE INDEX entry_by_about ON entry (about_id, entry_id);
CREATE INDEX target_by_claim ON claim_target (claim_entry);
CREATE INDEX target_by_report ON claim_target (report_entry);
CREATE TABLE standing (
  entry_id BIGINT NOT NULL REFERENCES entry,
  target TEXT NOT NULL,
  begin_entry BIGINT NOT NULL,
  end_entry BIGINT NOT NULL,
  claim_entry BIGINT NOT NULL,
  report_entry BIGINT NOT NULL,
  lane TEXT NOT NULL,
  said_us BIGINT NOT NULL,
  from_us BIGINT NOT NULL,
  until_us BIGINT NOT NULL,
  says TEXT NOT NULL,
  chain TEXT NOT NULL,
  grade TEXT NOT NULL,
  repeated_us BIGINT NOT NULL,
  PRIMARY KEY (entry_id, target, begin_entry)
);
CREATE INDEX standing_now ON standing (repeated_us) WHERE end_entry = {NOW};
CREATE INDEX standing_now_by_lane ON standing (lane, repeated_us) WHERE end_entry = {NOW};
CREATE FUNCTION refuse_second_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.end_entry <> {NOW} THEN RAISE EXCEPTION 'the ledger is append-only'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER standing_ends_once BEFORE UPDATE OF end_entry ON standing
  FOR EACH ROW EXECUTE FUNCTION refuse_second_end();
CREATE TRIGGER standing_no_update
  BEFORE UPDATE OF entry_id, target, begin_entry, claim_entry, report_entry, lane, said_us, from_us, until_us, says,
    chain, grade, repeated_us ON standing
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER standing_append_only BEFORE DELETE OR TRUNCATE ON standing
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


class PostgresqlStore(SqlStore):
    """A ledger in a PostgreSQL database of its own, or a schema of its own (``?options=-csearch_path%3Dname``)."""

    def __init__(self, url: str) -> None:
        try:
            import psycopg
        except ImportError:
            raise UsageError("a ledger on a server needs psycopg: pip install 'clearway[postgresql]'") from None
        self._errors = psycopg.Error
        try:
            self._connection: psycopg.Connection[Any] = psycopg.connect(url, connect_timeout=WAIT_S, autocommit=True)
        except psycopg.Error as error:
            message = " ".join(str(error).split())
            raise UsageError(f"the ledger's server cannot be reached: {message}") from None
        try:
            with self.write() as transaction:
                self._prepare(transaction)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, transaction: psycopg.Connection[Any]) -> None:
        """Make the tables where there are none; give those of version 1, which had no table of what stands, theirs."""
        (entry, standing) = transaction.execute("SELECT to_regclass('entry'), to_regclass('standing')").fetchall()[0]
        if standing is not None:
            return
        transaction.execute((ENTRIES if entry is None else "DROP INDEX entry_by_kind").encode())
        transaction.execute(SECOND.encode())
        if entry is not None:
            self.rebuild_standing(transaction)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        """The rows of a query."""
        try:
            cursor = self._connection.cursor(binary=True)
            cursor.execute(sql.replace("?", "%s").encode(), parameters)
            return cursor.fetchall()
        except self._errors as error:
            raise UsageError(f"the ledger cannot be read: {first_line(error)}") from error

    def one_of(self, values: list[Any]) -> tuple[str, list[Any]]:
        """The condition that something is one of some values: as one array, which the server plans once."""
        return "= ANY(?)", [values]

    @contextmanager
    def write(self) -> Iterator[psycopg.Connection[Any]]:
        """A transaction that holds the only right to append."""
        try:
            with self._connection.transaction():
                self._connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
                yield self._connection
        except self._errors as error:
            raise UsageError(f"the ledger cannot be written: {first_line(error)}") from error

    def insert(self, transaction: psycopg.Connection[Any], table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows within a transaction."""
        marks = ",".join(["%s"] * len(rows[0]))
        with transaction.cursor() as cursor:
            if len(rows) < COPY_FROM:
                cursor.executemany(f"INSERT INTO {table} VALUES ({marks})".encode(), rows)
                return
            with cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)

    def close_standing(self, transaction: psycopg.Connection[Any], rows: Sequence[tuple[int, int, str, int]]) -> None:
        """Set end_entry of rows of standing."""
        with transaction.cursor() as cursor:
            cursor.executemany(CLOSE_STANDING.replace("?", "%s").encode(), rows)

    def close(self) -> None:
        """Let go of the server."""
        self._connection.close()


def first_line(error: Exception) -> str:
    """What a server says, in one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
