"""What the same source said later about the same time replaces what it said before."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from clearway.ledger.bearing import Bearing, manner, source_key
from clearway.ledger.claims import Claim
from clearway.ledger.grades import odds_weight

__all__ = ["NEVER_US", "NotReplaced", "lane", "micros", "moment", "unreplaced"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NEVER_US = 1 << 62


def micros(time: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (time - EPOCH) // MICROSECOND


def moment(us: int) -> datetime:
    """The time of so many microseconds since 1970, in UTC."""
    return EPOCH + us * MICROSECOND


def lane(claim: Claim, target: str) -> tuple[str, str, str, str]:
    """Target, frame, manner and source: what two claims must share for the later one to replace the earlier."""
    return target, claim.about.frame, manner(claim), source_key(claim)


class NotReplaced:
    """
    Told of claims from the latest to the earliest, keeps those that no later one replaces.

    A claim is replaced by a later one of the same lane that holds for all of the time, from `at_us` on, for which it
    holds itself.
    """

    def __init__(self, at_us: int) -> None:
        self._at_us = at_us
        self._windows: dict[Hashable, list[tuple[int, int]]] = {}

    def keeps(self, lane: Hashable, from_us: int, until_us: int) -> bool:
        """Whether a claim is not replaced by one of its lane told of before."""
        later = self._windows.get(lane)
        if later is None:
            self._windows[lane] = [(from_us, until_us)]
            return True
        begin = from_us if from_us > self._at_us else self._at_us
        for a, b in later:
            if a <= begin and until_us <= b:
                return False
        later.append((from_us, until_us))
        return True


def unreplaced(bearings: Iterable[Bearing], at: datetime) -> list[Bearing]:
    """
    The claims said by ``at``, each with those targets for which no later one replaces it; none where all are replaced.

    ``bearings`` in the order of entry, which decides where two were said at once. A claim that was graded worthless
    replaces nothing and is not replaced: it is shown with its weight of 0.
    """
    seen = NotReplaced(micros(at))
    kept = []
    said = [(bearing.said, i, bearing) for i, bearing in enumerate(bearings) if bearing.said <= at]
    for _, i, bearing in sorted(said, key=lambda item: item[:2], reverse=True):
        begin, end = bearing.window
        until_us = NEVER_US if end is None else micros(end)
        claim = bearing.claim
        targets = tuple(
            target
            for target in sorted(set(bearing.targets))
            if odds_weight(bearing.grade) == 0 or seen.keeps(lane(claim, target), micros(begin), until_us)
        )
        if targets:
            kept.append((i, replace(bearing, targets=targets)))
    return [bearing for _, bearing in sorted(kept, key=lambda item: item[0])]
