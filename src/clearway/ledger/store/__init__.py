"""Where a ledger is kept: a SQLite file by default, a PostgreSQL database by its URL."""

from __future__ import annotations

from pathlib import Path

from clearway.errors import UsageError
from clearway.ledger.store.protocol import Store

__all__ = ["Store", "open_store"]

SERVERS = ("postgresql://", "postgres://")


def open_store(place: str | Path, create: bool = True) -> Store:
    """
    The ledger at a path or a URL.

    Raises UsageError where there is none and ``create`` is False, where the file is something else, or where the
    server cannot be reached.
    """
    text = str(place)
    if text.startswith(SERVERS):
        from clearway.ledger.store.postgresql import PostgresqlStore

        return PostgresqlStore(text)
    if "://" in text:
        raise UsageError(f"found the ledger {text!r}, expected a file or a URL that starts with postgresql://")
    from clearway.ledger.store.sqlite import SqliteStore

    return SqliteStore(Path(text), create)
