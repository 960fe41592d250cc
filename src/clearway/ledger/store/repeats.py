"""Which claims are repeated: said again later, by the same source through the same chain, with at least the weight."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator

from clearway.ledger.grades import INFORMATION, SOURCE, UNGRADED, Grade, odds_weight
from clearway.ledger.replaced import NEVER_US
from clearway.ledger.store.rows import Target

__all__ = ["GRADES", "WEIGHT", "Repeats", "Standing"]

GRADES = {source + information: Grade(source, information) for source in SOURCE for information in INFORMATION}
WEIGHT = {word: odds_weight(grade) for word, grade in GRADES.items()} | {"": odds_weight(UNGRADED)}

Key = tuple[int, int, int, str]


class Standing:
    """
    What an accepted claim says about one thing, from the entry from which it stands so.

    Attributes
    ----------
    row
        Entry, claim, report, target, lane, times, what it says and through whom (`rows.target_rows`).
    grade
        As a word such as B2; empty where nobody graded it.
    repeated_us
        From when it is repeated; `NEVER_US` where it is not.
    begin_entry
        The entry since which all this is so.
    is_stored
        Whether the table has it so already.
    """

    __slots__ = ("begin_entry", "from_us", "grade", "is_stored", "key", "repeated_us", "row", "until_us", "weight")

    def __init__(self, row: Target, grade: str, begin_entry: int, repeated_us: int = NEVER_US) -> None:
        self.row = row
        self.grade = grade
        self.weight = WEIGHT[grade]
        self.repeated_us = repeated_us
        self.begin_entry = begin_entry
        self.is_stored = False
        self.key: Key = (row[5], row[1], row[0], row[3])  # when it was said, then the order of entry
        self.from_us, self.until_us = row[6], row[7]

    @property
    def voice(self) -> tuple[str, str, str]:
        """Lane, what it says, through whom: what those that repeat each other share."""
        return self.row[4], self.row[8], self.row[9]

    def repeats_since(self, earlier: Standing) -> int | None:
        """From when it repeats an earlier one of its voice, as `replaced.NotReplaced` has it; None: it never does."""
        if self.weight < earlier.weight or earlier.until_us > self.until_us or self.key[:2] <= earlier.key[:2]:
            return None
        said_us = self.key[0]
        return said_us if self.from_us <= earlier.from_us else max(said_us, self.from_us)


class Repeats:
    """
    All that stand of one voice, and from when each is repeated.

    One that is repeated is replaced at all times from then on, whatever else is in its lane: who repeats it is kept,
    or is replaced by one that replaces it too. So it need not be read to find what is not replaced.
    """

    def __init__(self) -> None:
        self._by_said: list[tuple[Key, Standing]] = []
        self._by_repeated: list[tuple[int, Key, Standing]] = []

    def load(self, one: Standing) -> None:
        """Take in one whose `repeated_us` is known."""
        insort(self._by_said, (one.key, one))
        insort(self._by_repeated, (one.repeated_us, one.key, one))

    def add(self, one: Standing) -> Iterator[tuple[Standing, int]]:
        """Take one in; those that are now repeated from another time, each with that time."""
        one.repeated_us = self._first_repeat(one)
        others = self._repeated_after(one.key[0] + 1)
        self.load(one)
        for other in others:
            since = one.repeats_since(other)
            if since is not None and since < other.repeated_us:
                yield other, since

    def remove(self, one: Standing) -> Iterator[tuple[Standing, int]]:
        """Let one go; those that are now repeated from another time, each with that time."""
        del self._by_said[bisect_left(self._by_said, (one.key,))]
        self._drop(one)
        for other in self._repeated_after(one.key[0]):
            if one.repeats_since(other) == other.repeated_us:
                since = self._first_repeat(other)
                if since != other.repeated_us:
                    yield other, since

    def move(self, one: Standing, repeated_us: int) -> None:
        """Let one be repeated from another time; it is modified in place."""
        self._drop(one)
        one.repeated_us = repeated_us
        insort(self._by_repeated, (one.repeated_us, one.key, one))

    def _drop(self, one: Standing) -> None:
        del self._by_repeated[bisect_left(self._by_repeated, (one.repeated_us, one.key))]

    def _repeated_after(self, us: int) -> list[Standing]:
        return [one for _, _, one in self._by_repeated[bisect_left(self._by_repeated, (us,)) :]]

    def _first_repeat(self, one: Standing) -> int:
        first = NEVER_US
        for i in range(bisect_left(self._by_said, (one.key,)), len(self._by_said)):
            later = self._by_said[i][1]
            if later.key[0] >= first:
                break
            since = later.repeats_since(one)
            if since is not None and since < first:
                first = since
        return first
