"""From beliefs to what a planner takes as given: one state for each stretch of time, by a policy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from clearway.ledger.bearing import Bearing, State
from clearway.ledger.belief import Belief, BeliefSettings, SourceGrouping, Voice, by_speaker, timeline_of
from clearway.ledger.orders import Order, orders

__all__ = ["DEFAULT_LIMITED_FACTOR", "THRESHOLD", "Policy", "Situation", "Taken", "situation"]

DEFAULT_LIMITED_FACTOR = 0.5  # what "limited" leaves of a capacity where nobody says how much


class Policy(StrEnum):
    """What a plan is to rely on."""

    CAUTIOUS = "cautious"
    LIKELY = "likely"
    OPTIMISTIC = "optimistic"


# From which probability on a state that somebody reports is taken as given.
THRESHOLD = {Policy.CAUTIOUS: 0.2, Policy.LIKELY: 0.5, Policy.OPTIMISTIC: 0.8}


@dataclass(frozen=True, slots=True)
class Taken:
    """
    What is taken as given about a target from ``begin`` until ``end`` (None: until further notice).

    ``voices`` speak for it, ``against`` against it; an ``order`` in force closes whatever is believed.
    """

    target: str
    begin: datetime
    end: datetime | None
    state: State
    capacity_factor: float
    p_closed: float
    is_contested: bool
    last_confirmed: datetime | None
    is_stale: bool
    voices: tuple[Voice, ...]
    against: tuple[Voice, ...]
    order: Order | None = None

    @property
    def report_ids(self) -> tuple[str, ...]:
        """The reports it rests on, the weightiest first."""
        named = [self.order.bearing.claim.report_id] if self.order else []
        return tuple(dict.fromkeys([*named, *(voice.bearing.claim.report_id for voice in self.voices)]))

    def note(self, zone: tzinfo | None = None) -> str:
        """One sentence for a table, times in a time zone."""
        if self.order is not None:
            return f"closed by an order of {self.order.bearing.claim.speaker}"
        words = f"{self.state}; {self.p_closed:.0%} likely to be closed"
        if self.is_contested:
            words += f"; contested: {n_sources(self.voices)} for, {n_sources(self.against)} against"
        if self.last_confirmed is not None:
            words += f"; last confirmed {self.last_confirmed.astimezone(zone or UTC):%Y-%m-%d %H:%M %Z}"
        return words + ("; stale" if self.is_stale else "")


@dataclass(frozen=True, slots=True)
class Situation:
    """What is believed, what follows by a policy, and which orders are in force or are not."""

    at: datetime
    policy: Policy
    beliefs: tuple[Belief, ...]
    taken: tuple[Taken, ...]
    orders: tuple[Order, ...]


def situation(
    bearings: Iterable[Bearing],
    authorities: Collection[tuple[str, str]],
    at: datetime,
    policy: Policy = Policy.LIKELY,
    sources: SourceGrouping = by_speaker,
    settings: BeliefSettings | None = None,
) -> Situation:
    """
    What follows at a time from accepted claims, by target and time.

    ``bearings`` are those that `Store.bearing` gives for that time, or `replaced.unreplaced`.
    """
    some, settings = list(bearings), settings or BeliefSettings()
    by_target: dict[str, list[Bearing]] = {}
    for bearing in some:
        for target in bearing.targets:
            by_target.setdefault(target, []).append(bearing)
    beliefs = [b for target in sorted(by_target) for b in timeline_of(target, by_target[target], at, sources, settings)]
    given = orders(some, authorities, at)
    taken = [take(belief, policy, at) for belief in beliefs]
    taken += [
        closed_by(order, target)
        for order in given
        if order.is_in_force and order.closes
        for target in order.bearing.targets
    ]
    return Situation(at, policy, tuple(beliefs), tuple(join(taken)), tuple(given))


def take(belief: Belief, policy: Policy, at: datetime) -> Taken:
    """
    One belief by a policy. Nothing is taken as closed or limited that nobody says is.

    What is so at ``at`` has been so since the first claim for it that still holds.
    """
    threshold = THRESHOLD[policy]
    limited = [v for v in belief.voices if v.state == "limited" and v.is_so and v.weight > 0]
    state, factor = "open", 1.0
    if belief.is_said_closed and belief.p_closed >= threshold:
        state, factor = "closed", 0.0
    elif limited and belief.p_limited >= threshold * (belief.p_limited + belief.p_open):
        state, factor = "limited", limited_factor(limited, policy)
    speak_for = [v for v in belief.voices if supports(v, state)]
    return Taken(
        target=belief.target,
        begin=min([v.bearing.window[0] for v in speak_for], default=belief.begin)
        if belief.begin <= at
        else belief.begin,
        end=belief.end,
        state=state,
        capacity_factor=factor,
        p_closed=belief.p_closed,
        is_contested=belief.is_contested,
        last_confirmed=max((v.bearing.said for v in speak_for), default=None),
        is_stale=all(v.age_h > belief.half_life_h for v in speak_for),
        voices=tuple(speak_for),
        against=tuple(v for v in belief.voices if not supports(v, state)),
    )


def supports(voice: Voice, state: State) -> bool:
    """Whether a claim speaks for what is taken: that something is not closed speaks for limited and for open."""
    if state == "closed" or voice.says_closed:
        return state == "closed" and voice.says_closed
    if voice.state == "closed":
        return True
    return (voice.state == "limited") == voice.is_so if state == "limited" else (voice.state == "open") == voice.is_so


def limited_factor(limited: Sequence[Voice], policy: Policy) -> float:
    """The share of its capacity: the least said, the heaviest claim's, or the most said; never an average."""
    said = [v.bearing.claim.about.capacity_factor for v in limited]
    factors = [DEFAULT_LIMITED_FACTOR if factor is None else factor for factor in said]
    if policy is Policy.LIKELY:
        return factors[0]  # the heaviest first
    return min(factors) if policy is Policy.CAUTIOUS else max(factors)


def closed_by(order: Order, target: str) -> Taken:
    """A closure by an order in force."""
    begin, end = order.bearing.window
    return Taken(target, begin, end, "closed", 0.0, 1.0, False, order.bearing.said, False, (), (), order)


def join(taken: Iterable[Taken]) -> list[Taken]:
    """Stretches that follow one another and rest on the same claims become one."""
    joined: list[Taken] = []
    for each in taken:
        last = joined[-1] if joined else None
        if last is not None and last.end == each.begin and replace(last, begin=each.begin, end=each.end) == each:
            joined[-1] = replace(last, end=each.end)
        else:
            joined.append(each)
    return joined


def n_sources(voices: Sequence[Voice]) -> int:
    """How many independent sources speak."""
    return sum(voice.counts and voice.weight > 0 for voice in voices)
