"""
What stands: the accepted claims that count, each from the entry since which, until the entry before which, it does.

It follows from the entries and is kept beside them, so that what bears on a situation, now or as of any entry, is one
query. A row begins where a claim comes to count, is graded anew or is repeated from another time, and ends where the
next begins or the claim no longer counts. Worked out for the claims at hand only; what is there is loaded first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from clearway.ledger.replaced import NEVER_US
from clearway.ledger.store.repeats import Repeats, Standing
from clearway.ledger.store.rows import Target

__all__ = ["NOW", "Event", "Follower", "StandingRow"]

NOW = NEVER_US  # in end_entry: it still stands

Event = tuple[int, str, int, str]
"""An entry without its body: entry_id, kind, about_id, value."""
StandingRow = tuple[int, str, int, int, int, int, str, int, int, int, str, str, str, int]
"""entry_id, target, begin_entry, end_entry, claim_entry, report_entry, lane, said_us, from_us, until_us, says, chain,
grade, repeated_us."""
Change = Callable[[Repeats, Standing], Iterator[tuple[Standing, int]]]


@dataclass(slots=True)
class ClaimNow:
    """A claim as far as it has been followed; ``rows`` is what it is about, as it now reads."""

    report_entry: int = 0
    rows: Sequence[Target] = ()
    is_accepted: bool = False
    is_merged: bool = False
    is_withdrawn: bool = False
    grade: str = ""
    standing: list[Standing] = field(default_factory=list)


class Follower:
    """
    Follows entries in their order; ``opened`` and ``closed`` are what changes in the table.

    Of claims that are not new, the entries about them and their reports are recalled first (`recall`), then what
    stands in their lanes is taken in (`take`).
    """

    def __init__(self) -> None:
        self.opened: list[StandingRow] = []
        self.closed: list[tuple[int, int, str, int]] = []  # end_entry, entry_id, target, begin_entry
        self._claims: dict[int, ClaimNow] = {}
        self._claims_of: dict[int, list[int]] = {}  # by report
        self._withdrawn_reports: set[int] = set()
        self._voices: dict[tuple[str, str, str], Repeats] = {}
        self._fresh: dict[Standing, None] = {}  # what stands and the table has not
        self._was: dict[Standing, int] = {}  # repeated_us before the entry at hand, of those where it changed

    def recall(self, events: Iterable[Event], targets: Mapping[int, Sequence[Target]]) -> None:
        """Follow entries whose outcome the table has."""
        for event in events:
            self._note(event, targets)

    def take(self, rows: Iterable[StandingRow]) -> None:
        """Take in what stands in the table."""
        for entry_id, target, begin, _, claim_entry, report, lane, said, since, until, says, chain, grade, us in rows:
            row = entry_id, claim_entry, report, target, lane, said, since, until, says, chain
            one = Standing(row, grade, begin, us)
            one.is_stored = True
            if one.weight > 0:
                self._voices.setdefault(one.voice, Repeats()).load(one)
            if claim_entry in self._claims:
                self._claims[claim_entry].standing.append(one)

    def follow(self, events: Iterable[Event], targets: Mapping[int, Sequence[Target]]) -> None:
        """Follow new entries; ``targets`` by entry, of those that put down or correct a claim."""
        for event in events:
            for claim in self._note(event, targets):
                self._settle(claim, event[0])
            self._settle_repeats(event[0])
        self.opened += [table_row(one, one.repeated_us, NOW) for one in self._fresh]
        self._fresh.clear()

    def _note(self, event: Event, targets: Mapping[int, Sequence[Target]]) -> list[ClaimNow]:
        """What an entry says of claims; those that may now count otherwise."""
        entry_id, kind, about_id, value = event
        if kind == "claim":
            self._claims[entry_id] = ClaimNow()
        claim = self._claims.get(about_id)
        if claim is None:
            if kind != "withdrawal":
                return []
            (self._withdrawn_reports.add if value else self._withdrawn_reports.discard)(about_id)
            return [self._claims[each] for each in self._claims_of.get(about_id, ())]
        if kind in ("claim", "correction"):
            claim.rows = targets.get(entry_id, ())
            if claim.rows and not claim.report_entry:
                claim.report_entry = claim.rows[0][2]
                self._claims_of.setdefault(claim.report_entry, []).append(about_id)
        elif kind == "decision":
            claim.is_accepted = value == "accepted"
        elif kind == "grade":
            claim.grade = value
        elif kind == "merge":
            claim.is_merged = bool(value)
        elif kind == "withdrawal":
            claim.is_withdrawn = bool(value)
        return [claim]

    def _counts(self, claim: ClaimNow) -> bool:
        is_out = claim.is_merged or claim.is_withdrawn or claim.report_entry in self._withdrawn_reports
        return claim.is_accepted and not is_out

    def _settle(self, claim: ClaimNow, entry_id: int) -> None:
        """Let a claim stand as it counts from an entry on."""
        wanted = {(row[0], row[3]): row for row in claim.rows} if self._counts(claim) else {}
        kept = []
        for one in claim.standing:
            if one.grade == claim.grade and (one.row[0], one.row[3]) in wanted:
                del wanted[one.row[0], one.row[3]]
                kept.append(one)
            else:
                self._remove(one, entry_id)
        for row in wanted.values():
            one = Standing(row, claim.grade, entry_id)
            self._fresh[one] = None
            if one.weight > 0:
                self._move(self._voices.setdefault(one.voice, Repeats()), Repeats.add, one)
            kept.append(one)
        claim.standing = kept

    def _remove(self, one: Standing, entry_id: int) -> None:
        if one.weight > 0:
            self._move(self._voices[one.voice], Repeats.remove, one)
        self._close(one, entry_id)
        self._fresh.pop(one, None)

    def _move(self, repeats: Repeats, change: Change, one: Standing) -> None:
        for other, repeated_us in change(repeats, one):
            self._was.setdefault(other, other.repeated_us)
            repeats.move(other, repeated_us)

    def _settle_repeats(self, entry_id: int) -> None:
        """Those that are repeated from another time since an entry stand anew."""
        for one, was in list(self._was.items()):
            if one.repeated_us != was:
                self._close(one, entry_id)
                one.begin_entry = entry_id
                self._fresh[one] = None
        self._was.clear()

    def _close(self, one: Standing, entry_id: int) -> None:
        """End how one stood before an entry."""
        was = self._was.pop(one, one.repeated_us)
        if one.is_stored:
            self.closed.append((entry_id, one.row[0], one.row[3], one.begin_entry))
            one.is_stored = False
        elif one.begin_entry < entry_id:
            self.opened.append(table_row(one, was, entry_id))


def table_row(one: Standing, repeated_us: int, end_entry: int) -> StandingRow:
    """A row of the table."""
    entry_id, claim_entry, report_entry, target, lane, said, since, until, says, chain = one.row
    place = entry_id, target, one.begin_entry, end_entry
    return *place, claim_entry, report_entry, lane, said, since, until, says, chain, one.grade, repeated_us
