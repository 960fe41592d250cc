"""What a claim says, in terms that can be compared: one saying per family of rules that it falls under."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from clearway.ledger.claims import Claim, Force, Polarity, Quantity, Stage
from clearway.ledger.contradictions import words
from clearway.ledger.contradictions.kinds import Windows
from clearway.ledger.names import Same, name_words, place_words, side
from clearway.ledger.reports import Report

__all__ = ["Family", "Saying", "Times", "sayings_of"]

HOUR_S = 3600.0
ROAD_STATES = {"open": {"open", "limited"}, "closed": {"closed"}, "limited": {"limited"}}
"""What may be so when somebody calls a road open, closed or limited: "open" does not mean fully open."""


class Family(StrEnum):
    """Claims of one family are compared with each other."""

    ORDER = "order"
    STATUS = "status"
    THREAT = "threat"
    STANDING = "standing"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Times:
    """From when to when a saying counts, in seconds since 1970; infinite where nothing says when."""

    start_s: float
    end_s: float
    moment_s: float | None  # when it was said or begins to hold; None where not known
    is_open: bool = False  # it says from when, not until when


@dataclass(frozen=True, slots=True, eq=False)
class Saying:
    """One claim seen by one family of rules."""

    claim: Claim
    family: Family
    speaker: str
    is_affirmed: bool
    times: Times
    keys: frozenset[str]  # targets, and the names of places as sets of words
    is_anywhere: bool  # names neither target nor place
    kind: str = ""  # order, hazard or topic; what is counted
    agent: str = ""
    states: frozenset[str] = frozenset()  # road states that may be so
    dispute: str = ""
    is_intent: bool = False
    quantity: Quantity | None = None

    @property
    def is_actual(self) -> bool:
        """Whether it is said to be, or to become, so; not merely imagined."""
        return self.claim.stage not in (Stage.HYPOTHETICAL, Stage.POSSIBLE)


def sayings_of(
    claim: Claim, speaker: str, windows: Windows, reports: Mapping[str, Report], same: Same
) -> Iterator[Saying]:
    """All sayings of a claim."""
    about, statement = claim.about, claim.statement
    affirmed = claim.polarity is Polarity.AFFIRMED
    keys = frozenset(about.targets) | {place_key(same.get(place, place)) for place in about.places}
    is_anywhere = not keys
    agent = side(same.get(about.agent, about.agent)) if about.agent else ""

    def saying(family: Family, window_h: float, **more: Any) -> Saying:
        times = times_of(claim, window_h, reports)
        more = {"agent": agent, **more}
        return Saying(claim, family, speaker, affirmed, times, keys, is_anywhere, **more)

    if about.order:
        yield saying(Family.ORDER, windows.order_h, kind=words.going(about.order))
    state = about.state.casefold()
    if about.frame == "status" and (state in ROAD_STATES or about.capacity_factor is not None):
        yield saying(Family.STATUS, windows.status_h, states=road_states(claim))
    elif about.frame in ("status", "control"):
        yield saying(
            Family.STANDING, windows.standing_h,
            kind=words.topic(statement) or words.topic(state), dispute=words.disputes(f"{statement} {state}"),
            agent=agent or side(state),
        )  # fmt: skip
    if about.hazard or about.frame in ("hazard", "intent"):
        kind = words.hazard_kind(about.hazard or state or statement)
        yield saying(Family.THREAT, windows.threat_h, kind=kind, is_intent=words.has_intent(statement))
    for quantity in about.quantities:
        yield saying(Family.NUMBER, windows.number_h, kind=what_is_counted(claim, quantity), quantity=quantity)


def road_states(claim: Claim) -> frozenset[str]:
    """The states of a road that may be so if the claim is."""
    about = claim.about
    factor = about.capacity_factor
    named = about.state.casefold()
    if factor is not None and named not in ROAD_STATES:
        named = "closed" if factor == 0 else "open" if factor >= 1 else "limited"
    states = frozenset(ROAD_STATES[named])
    if claim.polarity is Polarity.NEGATED:
        states = frozenset({"open", "limited", "closed"}) - states
    return states


def what_is_counted(claim: Claim, quantity: Quantity) -> str:
    """What a quantity counts; people whom somebody plans to move are no people moved."""
    kind = words.counted(quantity.counts or quantity.unit)
    is_planned = claim.force in (Force.PLANNED, Force.PLEDGED, Force.REQUESTED) or claim.stage is not Stage.ACTUAL
    if kind in ("left", "arrived") and is_planned:
        return "planned"
    if not quantity.counts and claim.about.frame == "movement":
        return "planned" if is_planned else "left"
    return kind


def times_of(claim: Claim, window_h: float, reports: Mapping[str, Report]) -> Times:
    """When a claim counts: as it says; else around the time it was said, or its report was published."""
    holds, said = claim.holds, claim.said
    if holds.resolved and (holds.start is not None or holds.end is not None):
        start = -math.inf if holds.start is None else holds.start.timestamp()
        end = math.inf if holds.end is None else holds.end.timestamp()
        return Times(start, end, end if holds.start is None else start, is_open=holds.end is None)
    report = reports.get(claim.report_id)
    moment = said.start if said.resolved and said.start is not None else report.published if report else None
    if moment is None:
        return Times(-math.inf, math.inf, None)
    at_s = moment.timestamp()
    return Times(at_s - window_h * HOUR_S, at_s + window_h * HOUR_S, at_s)


@lru_cache(maxsize=65536)
def place_key(place: str) -> str:
    """A place as a key: its naming words and, after a bar, all its words: "kherson|kherson region"."""
    return f"{' '.join(sorted(place_words(place)))}|{' '.join(sorted(name_words(place.partition('(')[0])))}"
