"""What every store of a ledger does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol, Self

from clearway.ledger.bearing import Bearing
from clearway.ledger.entries import Act, Batch, Entry
from clearway.ledger.reports import Report

__all__ = ["Store"]


class Store(Protocol):
    """
    An append-only sequence of entries. Readers see whole batches, in one order, and never a change of the past.

    ``as_of`` is a recorded time: what is recorded later is not seen. None: everything there is.
    """

    def append(self, acts: Sequence[Act], author: str, recorded: datetime | None = None) -> tuple[Entry, ...]:
        """
        Record acts, all of them or none; they are on the disk when this returns.

        ``recorded`` is for entries carried over from elsewhere: not before the last entry, not in the future.
        UsageError where an id is taken, or an act speaks of a claim or report that is not there.
        """

    def append_batches(self, batches: Sequence[Batch]) -> tuple[Entry, ...]:
        """
        Record many batches one after another, all of them or none: the same entries as by `append`, much faster.
        """

    def entries(self, as_of: datetime | None = None, kinds: Sequence[str] = ()) -> Iterator[Entry]:
        """All entries in order, or those of some kinds."""

    def n_entries(self, as_of: datetime | None = None) -> int:
        """How many entries there are."""

    def history(self, subject: str, as_of: datetime | None = None) -> list[Entry]:
        """The entries about one claim or report, in order."""

    def reports(self, report_ids: Sequence[str]) -> dict[str, Report]:
        """Those of the reports that are there, by id."""

    def bearing(self, at: datetime, as_of: datetime | None = None) -> list[Bearing]:
        """
        The claims that bear on the situation as it is believed at a time.

        That is: accepted, not withdrawn, not merged into another, about the state of something or an order, said by
        then, and not replaced by what the same source said later about the same time.
        """

    def close(self) -> None:
        """Let go of the file or server."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...
