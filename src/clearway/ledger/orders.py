"""
Orders: in force only where somebody whom the user has named as competent for the place gave one, and it was accepted.

A request, a piece of advice or a headline never is an order, whoever accepts it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from clearway.ledger.bearing import Bearing
from clearway.ledger.claims import Claim, Force, Polarity, Stage

__all__ = ["Order", "orders", "why_not_in_force"]

CLOSING = frozenset({"close", "closed", "closure"})


@dataclass(frozen=True, slots=True)
class Order:
    """What was said as an order, or sounds like one: ``reason`` says why it is not in force, empty where it is."""

    bearing: Bearing
    reason: str

    @property
    def is_in_force(self) -> bool:
        return not self.reason

    @property
    def closes(self) -> bool:
        """Whether it closes its targets, where in force."""
        return self.bearing.claim.about.order.strip().lower() in CLOSING


def orders(bearings: Sequence[Bearing], authorities: Collection[tuple[str, str]], at: datetime) -> list[Order]:
    """All accepted claims about orders, each with why it is not in force at a time, if so."""
    return [
        Order(bearing, why_not_in_force(bearing, authorities, at))
        for bearing in bearings
        if bearing.claim.about.frame == "order" and bearing.said <= at
    ]


def why_not_in_force(bearing: Bearing, authorities: Collection[tuple[str, str]], at: datetime) -> str:
    """Why an accepted claim about an order does not put it in force at a time; empty where it does."""
    claim = bearing.claim
    begin, end = bearing.window
    places = (*bearing.targets, *claim.about.places)
    if claim.force is not Force.ORDERED:
        return f"it was {claim.force.value}, not ordered"
    if claim.polarity is not Polarity.AFFIRMED or claim.stage in (Stage.POSSIBLE, Stage.HYPOTHETICAL):
        return "it is not said that the order was given"
    if not is_competent(claim, places, authorities):
        return f"{claim.speaker} is not named as competent for {', '.join(places) or 'any place it names'}"
    if at < begin:
        return f"it holds from {begin.isoformat()}"
    if end is not None and end <= at:
        return f"it held until {end.isoformat()}"
    return ""


def is_competent(claim: Claim, places: Sequence[str], authorities: Collection[tuple[str, str]]) -> bool:
    """Whether the speaker was named for one of the places, as it is written."""
    return any(
        _plain(claim.speaker) == _plain(name) and _plain(place) in map(_plain, places) for name, place in authorities
    )


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
