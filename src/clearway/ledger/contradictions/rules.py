"""What makes two sayings of one family stand against each other: kind, polarity, force; never likeness of wording."""

from __future__ import annotations

from clearway.ledger.claims import Force, Stage
from clearway.ledger.contradictions.kinds import Finding, Kind, Strength
from clearway.ledger.contradictions.numbers import ranges_apart
from clearway.ledger.contradictions.sayings import Family, Saying
from clearway.ledger.contradictions.words import Going, is_not_called
from clearway.ledger.names import name_words

__all__ = ["could_oppose", "order_rule", "standing_rule", "status_rule", "threat_rule"]

AWAY = frozenset({Going.EVACUATE, Going.LEAVE, Going.DEPART})
BACK = frozenset({Going.STAY, Going.RETURN})
FOR_LATER = frozenset({Force.REQUESTED, Force.PLEDGED, Force.PLANNED})
OF_THE_TEXT = frozenset({"headline", "report", "announce"})
"""Acts by which somebody states a thing himself, even one that is only planned: denying it is plain negation."""


def could_oppose(one: Saying, other: Saying) -> bool:
    """Whether what two sayings of a family say can stand against each other at all; the family's rule decides."""
    if one.family is Family.NUMBER:
        return one.is_affirmed and other.is_affirmed and ranges_apart(one, other)
    if one.family is Family.STATUS:
        return not one.states & other.states or factors_apart(one, other) is not None
    if one.family is Family.ORDER:
        kinds = {one.kind, other.kind}
        return one.is_affirmed != other.is_affirmed or bool(kinds & AWAY and kinds & BACK)
    return one.kind == other.kind


def is_directive(saying: Saying) -> bool:
    """Whether it tells people what to do."""
    claim = saying.claim
    return claim.force in (Force.ORDERED, Force.ADVISED) or (
        claim.stage is Stage.DIRECTIVE and claim.force not in FOR_LATER
    )


def is_denied(saying: Saying) -> bool:
    """Whether its speaker denies something, rather than states that it is not so."""
    return saying.claim.force is Force.DENIED or saying.claim.act == "deny"


def order_rule(one: Saying, other: Saying) -> Finding | None:
    """Orders, advice, requests and plans to leave or to stay."""
    affirmed, negated = (one, other) if one.is_affirmed else (other, one)
    if affirmed.is_affirmed == negated.is_affirmed:
        return go_and_stay(one, other)
    if is_not_called(negated.claim.statement):
        return recharacterised(affirmed, negated)
    if affirmed.kind not in AWAY or negated.kind not in AWAY:
        return against_same_order(affirmed, negated)
    return away_denied(affirmed, negated)


def go_and_stay(one: Saying, other: Saying) -> Finding | None:
    """Two directives that nobody can follow both."""
    kinds = {one.kind, other.kind}
    if not (one.is_affirmed and kinds & AWAY and kinds & BACK and is_directive(one) and is_directive(other)):
        return None
    return Finding(
        Kind.INCOMPATIBLE_DIRECTIVES, Strength.OPERATIONAL,
        f"one tells people to go ({told(one, other, AWAY)}), the other speaks of {told(one, other, BACK)}",
    )  # fmt: skip


def told(one: Saying, other: Saying, kinds: frozenset[Going]) -> str:
    return one.kind if one.kind in kinds else other.kind


def against_same_order(affirmed: Saying, negated: Saying) -> Finding | None:
    """An order other than to go, and the same not so."""
    if affirmed.kind != negated.kind:
        return None
    if affirmed.kind == Going.OTHER and affirmed.claim.about.order != negated.claim.about.order:
        return None
    if is_directive(affirmed) and is_directive(negated):
        return Finding(
            Kind.INCOMPATIBLE_DIRECTIVES, Strength.OPERATIONAL, f"{affirmed.kind} is told by one, untold by the other"
        )
    return Finding(Kind.NEGATION, Strength.HARD, f"{affirmed.kind}: one says so, the other says not")


def away_denied(affirmed: Saying, negated: Saying) -> Finding:
    """Going away: somebody says it will be, asks for it, tells people to; somebody else says it will not be."""
    claim = affirmed.claim
    if is_directive(affirmed):
        if affirmed.kind == negated.kind and not is_directive(negated):
            return Finding(
                Kind.NEGATION, Strength.HARD, f"one tells people: {affirmed.kind}; the other says that there is none"
            )
        verb = "orders" if claim.force is Force.ORDERED else "advises"
        return Finding(
            Kind.INCOMPATIBLE_DIRECTIVES, Strength.OPERATIONAL,
            f"one {verb} {affirmed.kind}, the other says that there will be no {bare(negated.kind)}",
        )  # fmt: skip
    if claim.force in FOR_LATER and claim.is_attributed and claim.act not in OF_THE_TEXT:
        verb = {Force.REQUESTED: "asks for", Force.PLEDGED: "pledges"}.get(claim.force, "plans")
        return Finding(
            Kind.DENIAL_OF_PLAN, Strength.HARD,
            f"one {verb} {affirmed.kind}, the other says that there will be none",
        )  # fmt: skip
    if claim.force is Force.ASSESSED or (affirmed.kind == Going.DEPART and claim.stage is Stage.PROSPECTIVE):
        return Finding(
            Kind.PREDICTION_AGAINST_DENIAL, Strength.SOFT,
            f"one expects {affirmed.kind}, the other says that there will be no {bare(negated.kind)}",
        )  # fmt: skip
    if (affirmed.kind == Going.DEPART) != (negated.kind == Going.DEPART):
        return Finding(
            Kind.TENSION, Strength.SOFT,
            f"one speaks of {affirmed.kind}, the other says that there is no {bare(negated.kind)}: both may be so",
        )  # fmt: skip
    return Finding(
        Kind.NEGATION, Strength.HARD, f"one says that there is {affirmed.kind}, the other that there is none"
    )


def bare(kind: str) -> str:
    return kind.removeprefix("an ")


def recharacterised(affirmed: Saying, negated: Saying) -> Finding | None:
    """ "It was no call to leave", said of the words of him whom it names."""
    claim = affirmed.claim
    if claim.force not in (Force.REQUESTED, Force.ADVISED, Force.ORDERED) or affirmed.speaker == negated.speaker:
        return None
    named = set(name_words(f"{negated.claim.statement} {negated.claim.about.agent}"))
    last = name_words(claim.speaker)[-1:]
    if not last or last[0] not in named:
        return None
    return Finding(
        Kind.RECHARACTERISATION, Strength.OPERATIONAL,
        f"one {claim.force} it, the other says that these words mean something else",
    )  # fmt: skip


def status_rule(one: Saying, other: Saying) -> Finding | None:
    """The state of a road, crossing or site: open against closed."""
    if one.states & other.states:
        return factors_apart(one, other)
    words = f"{state_word(one)} and {state_word(other)}"
    strength = Strength.HARD
    why = f"{words} at the same time"
    if one.times.moment_s is None or other.times.moment_s is None:
        strength, why = Strength.OPERATIONAL, f"{words}; when is not said by both"
    elif one.times.is_open or other.times.is_open:
        strength, why = Strength.OPERATIONAL, f"{words}; it may have changed between the two"
    if not (one.is_actual and other.is_actual) or not set(one.claim.about.targets) & set(other.claim.about.targets):
        strength = Strength.SOFT
    elif one.claim.about.population.casefold() != other.claim.about.population.casefold():
        strength, why = Strength.SOFT, f"{words}, perhaps not for the same traffic"
    return Finding(Kind.STATUS_AGAINST_STATUS, strength, why)


def state_word(saying: Saying) -> str:
    """What a saying calls a road."""
    about = saying.claim.about
    word = about.state or f"at {about.capacity_factor or 0:.0%}"
    return word if saying.is_affirmed else f"not {word}"


def factors_apart(one: Saying, other: Saying) -> Finding | None:
    """Shares of capacity that differ by more than a quarter, both given as numbers."""
    first, second = one.claim.about.capacity_factor, other.claim.about.capacity_factor
    if first is None or second is None or not (one.is_affirmed and other.is_affirmed) or abs(first - second) <= 0.25:
        return None
    return Finding(Kind.STATUS_AGAINST_STATUS, Strength.SOFT, f"{first:.0%} and {second:.0%} of its capacity at once")


def threat_rule(one: Saying, other: Saying) -> Finding | None:
    """Hazards, attacks and intents: denied, or laid at different doors."""
    if one.kind != other.kind:
        return None
    if one.is_affirmed and other.is_affirmed:
        if one.agent and other.agent and one.agent != other.agent and one.kind != "fighting":
            return Finding(
                Kind.DISPUTED_AGENT, Strength.SOFT,
                f"{one.kind}: one names {one.agent} as the doer, the other {other.agent}",
            )  # fmt: skip
        return None
    if one.is_affirmed == other.is_affirmed or (one.agent and other.agent and one.agent != other.agent):
        return None
    affirmed, negated = (one, other) if one.is_affirmed else (other, one)
    if negated.is_intent and not affirmed.is_intent:
        return Finding(
            Kind.TENSION, Strength.SOFT, f"{one.kind}: one says what it does, the other denies that it is meant"
        )
    kind = Kind.DENIAL if is_denied(negated) else Kind.NEGATION
    what = "intent" if negated.is_intent else one.kind
    return Finding(
        kind, Strength.HARD, f"{what}: one says so, the other {'denies it' if is_denied(negated) else 'not'}"
    )


def standing_rule(one: Saying, other: Saying) -> Finding | None:
    """Who holds a place, and whether a public act (a vote, an annexation) is what it is called."""
    if not one.kind and not other.kind:
        return held_by_two(one, other)
    if one.kind != other.kind:
        return None
    disputed = [bool(saying.dispute) == saying.is_affirmed for saying in (one, other)]  # "is not illegal" disputes not
    if disputed[0] == disputed[1]:
        return None
    against = one if disputed[0] else other
    if against.dispute == "false":
        return Finding(Kind.DENIAL, Strength.HARD, f"{one.kind}: one says so, the other calls it false")
    if against.dispute == "invalid":
        return Finding(
            Kind.STATUS_DISPUTE, Strength.STATUS, f"{one.kind}: claimed by one, of no validity for the other"
        )
    kind = Kind.DENIAL if is_denied(against) else Kind.NEGATION
    return Finding(kind, Strength.STATUS, f"{one.kind}: one says so, the other says not")


def held_by_two(one: Saying, other: Saying) -> Finding | None:
    """Control of a place, claimed for two."""
    if not (one.agent and other.agent) or {one.claim.stage, other.claim.stage} != {Stage.ACTUAL}:
        return None
    if one.is_affirmed == other.is_affirmed:
        if not one.is_affirmed or one.agent == other.agent:
            return None
        return Finding(
            Kind.STATUS_DISPUTE, Strength.STATUS, f"held by {one.agent}, says one; by {other.agent}, the other"
        )
    if one.agent != other.agent:
        return None
    return Finding(Kind.NEGATION, Strength.HARD, f"held by {one.agent}, says one; not held by it, the other")
