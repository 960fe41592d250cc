"""An accepted claim as it bears on a situation: with its grade, its dates and who stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clearway.ledger.claims import Basis, Claim, Force, Polarity, Role
from clearway.ledger.grades import Grade

__all__ = ["Bearing", "State", "manner", "said_at", "source_key", "state_said", "window"]

State = str  # open, limited, closed
STATES: tuple[State, ...] = ("open", "limited", "closed")
OTHER_WORDS = {
    "reopened": "open",
    "passable": "open",
    "restricted": "limited",
    "partial": "limited",
    "partly closed": "limited",
    "blocked": "closed",
    "destroyed": "closed",
    "impassable": "closed",
    "lost": "closed",
    "full": "closed",
    "shut": "closed",
}


@dataclass(frozen=True, slots=True)
class Bearing:
    """
    A claim that was accepted, with what a belief needs to know of it.

    Attributes
    ----------
    claim, grade
        What is said; how it was graded (as what cannot be judged, where ``is_graded`` is False).
    reported
        When its report was published, or received where it does not say.
    targets
        Those of the claim's targets for which no later claim of the same source replaces it.
    """

    claim: Claim
    grade: Grade
    is_graded: bool
    reported: datetime
    targets: tuple[str, ...]

    @property
    def said(self) -> datetime:
        return said_at(self.claim, self.reported)

    @property
    def window(self) -> tuple[datetime, datetime | None]:
        return window(self.claim, self.reported)


def said_at(claim: Claim, reported: datetime) -> datetime:
    """When a claim counts as said: its own date, else its report's. A time that is not resolved is not used."""
    return claim.said.start if claim.said.resolved and claim.said.start is not None else reported


def window(claim: Claim, reported: datetime) -> tuple[datetime, datetime | None]:
    """From when until when what is said holds: from when it was said where no start is given; None: no end given."""
    if not claim.holds.resolved:
        return said_at(claim, reported), None
    return claim.holds.start or said_at(claim, reported), claim.holds.end


def source_key(claim: Claim) -> str:
    """Who says it, for finding what the same source said later; one that nobody named is a source of its own report."""
    first = claim.chain[0]
    name = " ".join(first.name.casefold().split())
    if first.role is Role.DOCUMENT or first.basis is Basis.UNRESOLVED:
        return f"{name} ({claim.report_id})"
    return name


def manner(claim: Claim) -> str:
    """How it is said. Only what is said in the same manner replaces an earlier statement of the same source."""
    kind = "said" if claim.force in (Force.ASSERTED, Force.DENIED) else claim.force.value
    return f"{claim.stage.value} {kind}"


def state_said(claim: Claim) -> tuple[State, bool] | None:
    """
    The state that a claim speaks of, and whether it says that it is so; None where it speaks of none.

    What is denied is never said to be so.
    """
    is_so = claim.polarity is Polarity.AFFIRMED and claim.force is not Force.DENIED
    word = claim.about.state.strip().lower()
    word = OTHER_WORDS.get(word, word)
    factor = claim.about.capacity_factor
    if word not in STATES:
        if factor is None or word:
            return None
        word = "closed" if factor <= 0 else "open" if factor >= 1 else "limited"
    elif word == "open" and factor is not None and factor < 1:
        word = "closed" if factor <= 0 else "limited"
    return word, is_so
