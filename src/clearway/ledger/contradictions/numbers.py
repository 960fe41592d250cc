"""Numbers that cannot both hold, and people for whom there are no beds."""

from __future__ import annotations

import math

from clearway.ledger.claims import Quantity
from clearway.ledger.contradictions.kinds import Finding, Kind, Strength
from clearway.ledger.contradictions.sayings import HOUR_S, Saying

__all__ = ["number_rule", "ranges_apart"]

Bounds = tuple[str, float, float]
"""A unit, the least and the most."""

CUMULATIVE = frozenset({"left", "arrived", "killed", "injured"})
"""Counted from a beginning: they may grow, and never fall."""

TOLERANCE = 0.1
"""Ranges closer than this share of the larger number may be one number, rounded. Assumption."""

METRES = {"m": 1.0, "metre": 1.0, "meter": 1.0, "km": 1e3, "kilometre": 1e3, "kilometer": 1e3, "mile": 1609.344}
HOURS = {"minute": 1 / 60, "hour": 1.0, "h": 1.0, "day": 24.0, "week": 168.0}
PEOPLE = frozenset({"people", "person", "resident", "civilian", "evacuee", "citizen", "inhabitant", "bed", "place"})


def number_rule(one: Saying, other: Saying) -> Finding | None:
    """Counts of the same at the same place and time whose ranges lie apart; people against beds."""
    first, second = one.quantity, other.quantity
    if first is None or second is None or not (one.is_affirmed and other.is_affirmed):
        return None
    if {one.kind, other.kind} in ({"beds", "arrived"}, {"beds", "planned"}):
        return beds_rule(one, other)
    low, high = bounds(first), bounds(second)
    if low is None or high is None or not ranges_apart(one, other) or not same_place(one, other):
        return None
    return apart(one, other, low, high) if low[1] <= high[1] else apart(other, one, high, low)


def ranges_apart(one: Saying, other: Saying) -> bool:
    """Whether two counts of the same do not touch, by more than rounding; or one counts people and the other beds."""
    if {one.kind, other.kind} in ({"beds", "arrived"}, {"beds", "planned"}):
        return True
    first, second = bounds(one.quantity), bounds(other.quantity)
    if first is None or second is None or first[0] != second[0] or one.kind != other.kind or not one.kind:
        return False
    low, high = sorted((first, second), key=lambda each: each[1])
    return high[1] - low[2] > TOLERANCE * abs(high[1])


def apart(lower: Saying, higher: Saying, low: Bounds, high: Bounds) -> Finding | None:
    """A finding on a lower and a higher range that do not touch, by when they were counted."""
    numbers = f"{wording(low)} against {wording(high)} {low[0]} ({lower.kind})"
    before, after = lower.times.moment_s, higher.times.moment_s
    if before is None or after is None:
        return Finding(Kind.NUMBERS, Strength.SOFT, f"{numbers}; when they were counted is not said by both")
    hours = (after - before) / HOUR_S
    if abs(hours) <= 24:
        return Finding(Kind.NUMBERS, Strength.HARD, f"{numbers} on the same day")
    if lower.kind in CUMULATIVE and hours < 0:
        return Finding(
            Kind.NUMBERS, Strength.HARD, f"{numbers}: the lower is the later one, and such a count never falls"
        )
    return None


def beds_rule(one: Saying, other: Saying) -> Finding | None:
    """People who came, or are to come, to a place that has fewer beds."""
    beds, people = (one, other) if one.kind == "beds" else (other, one)
    sites = {key for key in beds.keys & people.keys if people.kind == "arrived" or key.startswith("site:")}
    room, need = bounds(beds.quantity), bounds(people.quantity)
    if not sites or room is None or need is None or room[0] != need[0] or need[1] <= room[2]:
        return None
    return Finding(
        Kind.COUNT_AGAINST_BEDS,
        Strength.OPERATIONAL,
        f"{wording(need)} people ({people.kind}) for {wording(room)} beds",
    )


def same_place(one: Saying, other: Saying) -> bool:
    """Whether both count in the same place, not one in a part of the other's."""
    targets = [{key for key in saying.keys if ":" in key} for saying in (one, other)]
    if targets[0] and targets[1]:
        return targets[0] == targets[1]
    population = {saying.claim.about.population.casefold() for saying in (one, other)}
    return len(population - {""}) < 2 and bool(one.keys & other.keys)


def bounds(quantity: Quantity | None) -> Bounds | None:
    """A quantity as unit, least and most, in one unit per kind; None where it holds no number."""
    if quantity is None or (quantity.least is None and quantity.most is None):
        return None
    unit = quantity.unit.casefold().rstrip("s") or "people"
    factor = 1.0
    if unit in PEOPLE:
        unit = "people"
    elif unit in METRES:
        unit, factor = "m", METRES[unit]
    elif unit in HOURS:
        unit, factor = "h", HOURS[unit]
    least = -math.inf if quantity.least is None else quantity.least * factor
    most = math.inf if quantity.most is None else quantity.most * factor
    return unit, least, most


def wording(found: Bounds) -> str:
    """A range in words."""
    _, least, most = found
    if least == most:
        return f"{least:,.10g}"
    if math.isinf(most):
        return f"{least:,.10g} or more"
    return f"up to {most:,.10g}" if math.isinf(least) else f"{least:,.10g} to {most:,.10g}"
