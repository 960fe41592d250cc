"""Kinds and strengths of contradictions, and how long a dated statement is taken to hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from clearway.ledger.claims import Claim

__all__ = ["Contradiction", "Finding", "Kind", "Strength", "Windows"]


class Kind(StrEnum):
    """How two claims stand against each other."""

    NEGATION = "negation"
    DENIAL = "denial"
    DENIAL_OF_PLAN = "denial of plan"
    RECHARACTERISATION = "recharacterisation"
    INCOMPATIBLE_DIRECTIVES = "incompatible directives"
    PREDICTION_AGAINST_DENIAL = "prediction vs denial"
    STATUS_DISPUTE = "status dispute"
    STATUS_AGAINST_STATUS = "status against status"
    NUMBERS = "numbers"
    COUNT_AGAINST_BEDS = "count against beds"
    DISPUTED_AGENT = "disputed agent"
    TENSION = "tension"


class Strength(StrEnum):
    """
    HARD: not both can be so. OPERATIONAL: not both can be followed. STATUS: who is entitled to say it is in dispute.
    SOFT: worth a look; both may be so.
    """

    HARD = "hard"
    OPERATIONAL = "operational"
    STATUS = "status"
    SOFT = "soft"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two claims that stand against each other; their spans are the claims' own, side by side."""

    first: Claim
    second: Claim
    kind: Kind
    strength: Strength
    reason: str
    where: tuple[str, ...] = ()  # the targets and places that both are about


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of a pair."""

    kind: Kind
    strength: Strength
    reason: str


@dataclass(frozen=True, slots=True)
class Windows:
    """
    Hours that a statement counts around the time it was made, where it does not say how long it holds.

    Assumptions, to be set by the user: a road's state may change in hours; an order or a threat stands for days.
    """

    status_h: float = 3.0
    order_h: float = 7 * 24.0
    threat_h: float = 14 * 24.0
    standing_h: float = 365 * 24.0
    number_h: float = 12.0

    def __post_init__(self) -> None:
        if min(self.status_h, self.order_h, self.threat_h, self.standing_h, self.number_h) <= 0:
            raise ValueError("a window has more than 0 hours")
