"""What the same source said later about the same time replaces what it said before."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from clearway.ledger.bearing import Bearing, manner, source_key, state_said
from clearway.ledger.claims import Claim
from clearway.ledger.grades import odds_weight

__all__ = ["NEVER_US", "NotReplaced", "chain_names", "lane", "micros", "moment", "says", "unreplaced"]

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


def says(claim: Claim) -> str:
    """What it says, in a word: two claims of a lane say the same where this is the same."""
    said = state_said(claim)
    return claim.about.order if said is None else f"{said[0]}{'+' if said[1] else '-'}"


def chain_names(claim: Claim) -> str:
    """Through whom it came."""
    return " > ".join(step.name for step in claim.chain)


class NotReplaced:
    """
    Told of claims from the latest to the earliest, keeps those that no later one replaces.

    A claim is replaced by a later one of the same lane that holds for all of the time, from `at_us` on, for which it
    holds itself, and that says something else, or says the same through the same chain with at least its weight.
    """

    def __init__(self, at_us: int) -> None:
        self._at_us = at_us
        self._later: dict[Hashable, list[tuple[int, int, int, str, str, float]]] = {}

    def keeps(
        self, lane: Hashable, said_us: int, from_us: int, until_us: int, says: str, chain: str, weight: float
    ) -> bool:
        """Whether a claim is not replaced by one of its lane told of before; ``weight`` is that of its grade."""
        later = self._later.get(lane)
        if later is None:
            self._later[lane] = [(said_us, from_us, until_us, says, chain, weight)]
            return True
        begin = from_us if from_us > self._at_us else self._at_us
        for its_said, its_from, its_until, its_says, its_chain, its_weight in later:
            if its_from <= begin and until_us <= its_until:
                if its_says != says:
                    if its_said > said_us:
                        return False
                elif its_weight >= weight and its_chain == chain:
                    return False
        later.append((said_us, from_us, until_us, says, chain, weight))
        return True


def unreplaced(bearings: Iterable[Bearing], at: datetime) -> list[Bearing]:
    """
    The claims said by ``at``, each with those targets for which no later one replaces it; none where all are replaced.

    ``bearings`` in the order of entry, which decides where two were said at once. A claim that was graded worthless
    replaces nothing and is not replaced: it is shown with its weight of 0.
    """
    seen = NotReplaced(micros(at))
    kept = []
    dated = [(bearing.said, i, bearing) for i, bearing in enumerate(bearings) if bearing.said <= at]
    for said, i, bearing in sorted(dated, key=lambda item: item[:2], reverse=True):
        begin, end = bearing.window
        times = micros(said), micros(begin), NEVER_US if end is None else micros(end)
        claim, weight = bearing.claim, odds_weight(bearing.grade)
        targets = tuple(
            target
            for target in sorted(set(bearing.targets))
            if weight == 0 or seen.keeps(lane(claim, target), *times, says(claim), chain_names(claim), weight)
        )
        if targets:
            kept.append((i, replace(bearing, targets=targets)))
    return [bearing for _, bearing in sorted(kept, key=lambda item: item[0])]
