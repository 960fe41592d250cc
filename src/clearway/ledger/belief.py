"""
What is believed about a crossing, link, site or zone: open, limited or closed, with probability, and why.

The rule (docs/ledger.md works an example by hand). Each accepted claim weighs, in log-odds,

    weight = grade x manner x 2 ** (-age / half-life)

where ``grade`` is `grades.odds_weight`, ``manner`` how it is said (`MANNER`), ``age`` the hours since it was said.
Claims of one statement are grouped by independent source; a group weighs as its heaviest claim, so an echo adds
nothing. From even odds, the closing groups add and the others subtract:

    P(closed) = 1 / (1 + exp(passable - closed))

and of what is left, ``limited`` takes the share 1 / (1 + exp(open - limited)) where somebody says so, else none.
Log-odds of independent evidence add (Good 1950, Probability and the Weighing of Evidence).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from clearway.ledger.bearing import Bearing, State, manner, source_key, state_said
from clearway.ledger.claims import Claim, Force, Stage
from clearway.ledger.grades import odds_weight
from clearway.ledger.replaced import unreplaced

__all__ = ["Belief", "BeliefSettings", "SourceGrouping", "Voice", "believe", "by_speaker", "timeline"]

SourceGrouping = Callable[[Sequence[Claim]], Iterable[Sequence[Claim]]]
"""Claims of one statement -> groups, one per independent source."""

# How much of a plain statement of fact a statement made in another manner weighs: ours, settable.
STAGE_FACTOR = {
    Stage.ACTUAL: 1.0,
    Stage.PROSPECTIVE: 0.5,
    Stage.POSSIBLE: 0.25,
    Stage.HYPOTHETICAL: 0.0,
    Stage.DIRECTIVE: 0.0,  # what somebody should do says nothing about what is
}
FORCE_FACTOR = {
    Force.ASSERTED: 1.0,
    Force.DENIED: 1.0,
    Force.ASSESSED: 0.7,
    Force.ALLEGED: 0.5,
    Force.PLANNED: 0.5,
    Force.PLEDGED: 0.5,
    Force.ADVISED: 0.0,
    Force.REQUESTED: 0.0,
    Force.ORDERED: 0.0,  # orders.py
}
HALF_LIFE_H = {"bridge": 24.0, "dam": 24.0, "ferry": 6.0, "site": 12.0, "zone": 24.0, "link": 24.0, "crossing": 24.0}
DEFAULT_HALF_LIFE_H = 24.0


@dataclass(frozen=True, slots=True)
class BeliefSettings:
    """
    What a belief rests on besides the claims.

    Attributes
    ----------
    half_life_h
        Kind (`bridge`, `site`, ...) -> hours after which a claim weighs half.
    kind_of
        Target (`crossing:x`) -> its kind. Where a target has none, what stands before its colon is its kind.
    contested_share
        A belief is contested where the lighter side has at least this share of the heavier side's weight.
    """

    half_life_h: Mapping[str, float] = field(default_factory=dict)
    kind_of: Mapping[str, str] = field(default_factory=dict)
    contested_share: float = 0.1

    def half_life(self, target: str) -> float:
        """Hours after which a claim about a target weighs half."""
        for kind in (self.kind_of.get(target, ""), target.partition(":")[0]):
            for table in (self.half_life_h, HALF_LIFE_H):
                if kind in table:
                    return table[kind]
        return DEFAULT_HALF_LIFE_H


@dataclass(frozen=True, slots=True)
class Voice:
    """
    What one claim adds to a belief; ``weight`` is the product of the four factors.

    ``counts`` is False for an echo: a claim of a source whose weight another claim carries already.
    """

    bearing: Bearing
    state: State
    is_so: bool
    grade_weight: float
    manner_factor: float
    age_h: float
    freshness: float
    source: str
    counts: bool

    @property
    def weight(self) -> float:
        return self.grade_weight * self.manner_factor * self.freshness

    @property
    def says_closed(self) -> bool:
        """Whether it speaks for a closure; else it speaks against one."""
        return self.is_so if self.state == "closed" else self.state == "open" and not self.is_so


@dataclass(frozen=True, slots=True)
class Belief:
    """
    What is believed about a target from ``begin`` until ``end`` (None: until further notice).

    ``voices`` are all accepted claims that speak of it then, the heaviest first.
    """

    target: str
    begin: datetime
    end: datetime | None
    p_open: float
    p_limited: float
    p_closed: float
    voices: tuple[Voice, ...]
    half_life_h: float
    is_contested: bool

    @property
    def state(self) -> State:
        """The likeliest of closed and passable; if passable, of open and limited."""
        if self.p_closed >= 0.5:
            return "closed"
        return "limited" if self.p_limited > self.p_open else "open"

    @property
    def is_said_closed(self) -> bool:
        """Whether any voice that weighs something says closed."""
        return any(voice.says_closed and voice.weight > 0 for voice in self.voices)

    @property
    def last_confirmed(self) -> datetime | None:
        """When the likeliest state was said last."""
        closed = self.state == "closed"
        return max((v.bearing.said for v in self.voices if v.says_closed == closed), default=None)

    @property
    def is_stale(self) -> bool:
        """Whether all that speaks for the likeliest state is older than its half-life."""
        closed = self.state == "closed"
        return all(voice.age_h > self.half_life_h for voice in self.voices if voice.says_closed == closed)


def by_speaker(claims: Sequence[Claim]) -> list[list[Claim]]:
    """Groups by innermost speaker: the least that independence asks for."""
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(source_key(claim), []).append(claim)
    return list(groups.values())


def timeline(
    target: str,
    bearings: Sequence[Bearing],
    at: datetime,
    sources: SourceGrouping = by_speaker,
    settings: BeliefSettings | None = None,
) -> list[Belief]:
    """
    What is believed at ``at`` about a target from then on: one belief for each stretch in which the same claims hold.

    The first begins when its claims began to hold, which may be earlier. Weights are those of ``at``: a belief is not
    aged into the future. Nothing is believed where no claim holds.
    """
    return timeline_of(target, unreplaced(bearings, at), at, sources, settings or BeliefSettings())


def timeline_of(
    target: str, bearings: Sequence[Bearing], at: datetime, sources: SourceGrouping, settings: BeliefSettings
) -> list[Belief]:
    """`timeline`, of claims none of which is replaced."""
    speaking = [b for b in bearings if target in b.targets and is_status(b.claim)]
    windows = [bearing.window for bearing in speaking]
    times = sorted({t for begin, end in windows for t in (begin, end) if t is not None})
    beliefs: list[Belief] = []
    for i, begin in enumerate(times):
        end = times[i + 1] if i + 1 < len(times) else None
        if end is not None and end <= at:
            continue
        holding = [b for b, (a, z) in zip(speaking, windows, strict=True) if a <= begin and (z is None or begin < z)]
        belief = believe(target, holding, at, sources, settings, (begin, end))
        if belief is not None:
            beliefs.append(belief)
    return beliefs


def is_status(claim: Claim) -> bool:
    """Whether a claim speaks of the state of something."""
    return claim.about.frame == "status" and state_said(claim) is not None


def believe(
    target: str,
    bearings: Sequence[Bearing],
    at: datetime,
    sources: SourceGrouping,
    settings: BeliefSettings,
    span: tuple[datetime, datetime | None],
) -> Belief | None:
    """What follows from claims that all hold at one time; None where none of them weighs anything."""
    half_life = settings.half_life(target)
    bearings = replaced_removed(bearings)
    voices = weigh(bearings, at, half_life, sources)
    if not any(voice.weight > 0 for voice in voices):
        return None
    closed = sum(v.weight for v in voices if v.counts and v.says_closed)
    limited = sum(v.weight for v in voices if v.counts and v.state == "limited" and v.is_so)
    open_ = sum(v.weight for v in voices if v.counts and says_open(v))
    passable = sum(v.weight for v in voices if v.counts and not v.says_closed and not says_not_limited(v))
    p_closed = logistic(closed - passable)
    p_limited = (1 - p_closed) * logistic(limited - open_) if limited > 0 else 0.0
    return Belief(
        target=target,
        begin=span[0],
        end=span[1],
        p_open=1 - p_closed - p_limited,
        p_limited=p_limited,
        p_closed=p_closed,
        voices=tuple(sorted(voices, key=lambda v: (-v.weight, v.bearing.claim.claim_id))),
        half_life_h=half_life,
        is_contested=any(
            min(a, b) > 0 and min(a, b) >= settings.contested_share * max(a, b)
            for a, b in ((closed, passable), (limited, open_))
        ),
    )


def says_not_limited(voice: Voice) -> bool:
    return voice.state == "limited" and not voice.is_so


def says_open(voice: Voice) -> bool:
    """Whether it speaks for open without limits."""
    return (voice.state == "open" and voice.is_so) or says_not_limited(voice)


def replaced_removed(bearings: Sequence[Bearing]) -> list[Bearing]:
    """Without those after which the same source said something else in the same manner; all hold at one time."""
    last: dict[tuple[str, str], dict[tuple[State, bool] | None, datetime]] = {}
    keys = [(source_key(b.claim), manner(b.claim)) for b in bearings]
    for key, bearing in zip(keys, bearings, strict=True):
        if odds_weight(bearing.grade) > 0:
            said = last.setdefault(key, {})
            says = state_said(bearing.claim)
            said[says] = max(said.get(says, bearing.said), bearing.said)
    return [
        bearing
        for key, bearing in zip(keys, bearings, strict=True)
        if not any(time > bearing.said for says, time in last.get(key, {}).items() if says != state_said(bearing.claim))
    ]


def weigh(bearings: Sequence[Bearing], at: datetime, half_life_h: float, sources: SourceGrouping) -> list[Voice]:
    """What each claim adds; one claim of each independent source of a statement counts, the heaviest."""
    by_statement: dict[tuple[State, bool], list[Bearing]] = {}
    for bearing in bearings:
        said = state_said(bearing.claim)
        if said is not None:
            by_statement.setdefault(said, []).append(bearing)
    voices = []
    for (state, is_so), some in by_statement.items():
        by_id = {bearing.claim.claim_id: bearing for bearing in some}
        for group in sources([bearing.claim for bearing in some]):
            one_source = [by_id[claim.claim_id] for claim in group]
            weighed = [voice_of(b, at, half_life_h, (state, is_so), source_name(group)) for b in one_source]
            heaviest = max(weighed, key=lambda v: (v.weight, v.bearing.said, v.bearing.claim.claim_id))
            voices += [voice if voice is heaviest else silent(voice) for voice in weighed]
    return voices


def source_name(group: Sequence[Claim]) -> str:
    """What a group of claims is called: its first speaker."""
    return min(claim.speaker for claim in group)


def voice_of(bearing: Bearing, at: datetime, half_life_h: float, said: tuple[State, bool], source: str) -> Voice:
    """What a claim adds on its own."""
    age_h = max((at - bearing.said).total_seconds() / 3600, 0.0)
    manner_factor = min(STAGE_FACTOR[bearing.claim.stage], FORCE_FACTOR[bearing.claim.force])
    return Voice(
        bearing=bearing,
        state=said[0],
        is_so=said[1],
        grade_weight=odds_weight(bearing.grade),
        manner_factor=manner_factor,
        age_h=age_h,
        freshness=0.5 ** (age_h / half_life_h),
        source=source,
        counts=True,
    )


def silent(voice: Voice) -> Voice:
    """The voice of an echo."""
    return replace(voice, counts=False)


def logistic(log_odds: float) -> float:
    """The probability of log-odds."""
    return 1 / (1 + math.exp(-log_odds)) if log_odds >= 0 else 1 - 1 / (1 + math.exp(log_odds))
