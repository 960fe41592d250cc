"""
The pairs of claims that stand against each other.

Claims are indexed by family and target (or the words of a place), and within each by what they say, so that only
those are compared that could differ; dated ones are swept in the order of their times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from clearway.ledger.claims import Claim
from clearway.ledger.contradictions.kinds import Contradiction, Finding, Strength, Windows
from clearway.ledger.contradictions.numbers import number_rule
from clearway.ledger.contradictions.rules import could_oppose, order_rule, standing_rule, status_rule, threat_rule
from clearway.ledger.contradictions.sayings import Family, Saying, sayings_of
from clearway.ledger.names import Same, places_overlap, resolve_speakers
from clearway.ledger.reports import Report

__all__ = ["against", "contradictions"]

RULES: dict[Family, Callable[[Saying, Saying], Finding | None]] = {
    Family.ORDER: order_rule,
    Family.STATUS: status_rule,
    Family.THREAT: threat_rule,
    Family.STANDING: standing_rule,
    Family.NUMBER: number_rule,
}
UPDATED = frozenset({Family.STATUS, Family.NUMBER})
"""Families in which a later word of the same speaker replaces his earlier one."""
RANK = {strength: place for place, strength in enumerate(Strength)}
Bucket = tuple[Family, str]


def contradictions(
    claims: Sequence[Claim],
    reports: Mapping[str, Report] | None = None,
    same: Same | None = None,
    windows: Windows | None = None,
) -> tuple[Contradiction, ...]:
    """
    All pairs of claims that stand against each other, the hardest first.

    Parameters
    ----------
    claims
        In any order; the result does not depend on it.
    reports
        Reports by id, to date claims that do not say when they were made.
    same
        Names known to be the same (of speakers, sides and places): any spelling -> the one to use.
    windows
        How long a statement counts that does not say how long it holds.

    Returns
    -------
    tuple[Contradiction, ...]
        Each pair once, under its strongest kind; `first` and `second` in the order of their ids.
    """
    same, windows = same or {}, windows or Windows()
    speakers = resolve_speakers({claim.speaker for claim in claims}, same)
    sayings = [
        saying
        for claim in claims
        for saying in sayings_of(claim, speakers[claim.speaker], windows, reports or {}, same)
    ]
    found: dict[tuple[str, str], Contradiction] = {}
    for (family, _), bucket in indexed(sayings).items():
        for pair in pairs(bucket):
            is_in_order = pair[0].claim.claim_id <= pair[1].claim.claim_id
            one, other = pair if is_in_order else pair[::-1]
            ids = (one.claim.claim_id, other.claim.claim_id)
            if is_an_update(one, other) or not share_a_place(one, other):
                continue
            finding = RULES[family](one, other)
            if finding is None or (ids in found and RANK[found[ids].strength] <= RANK[finding.strength]):
                continue
            found[ids] = Contradiction(
                one.claim, other.claim, finding.kind, finding.strength, finding.reason, where(one, other)
            )
    return tuple(found[ids] for ids in sorted(found, key=lambda ids: (RANK[found[ids].strength], ids)))


def against(claim: Claim, others: Sequence[Claim]) -> list[tuple[str, Claim]]:
    """What stands against one claim, each with its kind and the reason, the hardest first."""
    others = [other for other in others if other.claim_id != claim.claim_id]
    found = [each for each in contradictions([claim, *others]) if claim in (each.first, each.second)]
    return [
        (f"{each.kind} ({each.strength}): {each.reason}", each.second if each.first == claim else each.first)
        for each in found
    ]


def indexed(sayings: Sequence[Saying]) -> dict[Bucket, list[Saying]]:
    """
    Sayings by where they are looked for: targets and the words of places.

    What is only imagined stands against nothing, but for a road's state, which is compared all the same, softly.
    Those that name neither are looked for among what their own report says, and a threat among those of its agent.
    """
    nowhere = {(saying.family, saying.claim.report_id) for saying in sayings if saying.is_anywhere}
    agents = {saying.agent for saying in sayings if saying.is_anywhere and saying.family is Family.THREAT} - {""}
    buckets: dict[Bucket, list[Saying]] = defaultdict(list)
    for saying in sayings:
        if saying.family is not Family.STATUS and not saying.is_actual:
            continue
        keys = {word for key in saying.keys for word in (key.split("|")[0].split() if "|" in key else [key])}
        if (saying.family, saying.claim.report_id) in nowhere:
            keys.add(f"#{saying.claim.report_id}")
        if saying.family is Family.THREAT and saying.agent in agents:
            keys.add(f"@{saying.agent}")
        for key in keys:
            buckets[saying.family, key].append(saying)
    return buckets


def pairs(bucket: list[Saying]) -> Iterator[tuple[Saying, Saying]]:
    """Pairs of one bucket that could stand against each other by what they say, and overlap in time."""
    groups: dict[tuple[object, ...], list[Saying]] = defaultdict(list)
    for saying in bucket:
        groups[says(saying)].append(saying)
    if len(groups) < 2:
        return
    members = [sorted(group, key=lambda each: each.times.start_s) for group in groups.values()]
    for place, group in enumerate(members):
        for other in members[place + 1 :]:
            if could_oppose(group[0], other[0]):
                yield from overlapping(group, other)


def overlapping(group: list[Saying], other: list[Saying]) -> Iterator[tuple[Saying, Saying]]:
    """Pairs of two groups, both in the order of their starts, that overlap in time; counts whenever they were made."""
    if group[0].family is Family.NUMBER:
        yield from ((one, two) for one in group for two in other if one.claim is not two.claim)
        return
    active: tuple[list[Saying], list[Saying]] = ([], [])
    merged = sorted(
        [(saying.times.start_s, 0, saying) for saying in group]
        + [(saying.times.start_s, 1, saying) for saying in other],
        key=lambda each: each[0],
    )
    for start_s, which, saying in merged:
        earlier = active[1 - which]
        earlier[:] = [each for each in earlier if each.times.end_s > start_s]
        for each in earlier:
            if each.claim is not saying.claim:
                yield each, saying
        active[which].append(saying)


def says(saying: Saying) -> tuple[object, ...]:
    """What a saying says: two that agree in it cannot stand against each other."""
    if saying.family is Family.NUMBER and saying.quantity is not None:
        quantity = saying.quantity
        return (saying.kind, quantity.unit, quantity.least, quantity.most, saying.is_affirmed)
    if saying.family is Family.STATUS:
        return (saying.states, saying.claim.about.capacity_factor, saying.is_affirmed)
    return (saying.kind, saying.is_affirmed, saying.agent, saying.dispute, saying.is_intent)


def is_an_update(one: Saying, other: Saying) -> bool:
    """Whether the same speaker says later what has changed."""
    if one.family not in UPDATED or one.speaker != other.speaker:
        return False
    times = (one.times.moment_s, other.times.moment_s)
    return None not in times and times[0] != times[1]


def share_a_place(one: Saying, other: Saying) -> bool:
    """Whether both are about a common target or place, or one of them is about no place at all."""
    return one.is_anywhere or other.is_anywhere or have_common(one.keys, other.keys)


@lru_cache(maxsize=65536)
def have_common(mine: frozenset[str], yours: frozenset[str]) -> bool:
    """Whether two sets of keys have one in common, or places of which one may be the other or a part of it."""
    return bool(mine & yours) or any(overlap(one, other) for one in mine for other in yours)


def overlap(one: str, other: str) -> bool:
    """Whether two keys of places may mean one place or a part of it."""
    if "|" not in one or "|" not in other:
        return False
    first, second = (set(key.split("|")[0].split()) for key in (one, other))
    return first <= second or second <= first


def where(one: Saying, other: Saying) -> tuple[str, ...]:
    """The targets and places that both are about, as the first claim calls them."""
    first, second = one.claim.about, other.claim.about
    return common_of(first.targets, first.places, second.targets, second.places)


@lru_cache(maxsize=65536)
def common_of(
    targets: tuple[str, ...], places: tuple[str, ...], others: tuple[str, ...], elsewhere: tuple[str, ...]
) -> tuple[str, ...]:
    """Those of some targets, else of some places, that are also among others; else the places."""
    shared = tuple(target for target in targets if target in others)
    if shared:
        return shared
    near = tuple(place for place in places if any(places_overlap(place, each) for each in elsewhere))
    return near or places or elsewhere
