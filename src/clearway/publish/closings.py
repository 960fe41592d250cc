"""Where a plan uses a road or a site up to the very time at which it closes: who is late there, if only by seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearway.model.form import FORM_SOURCE
from clearway.model.network import FloatArray, IntArray
from clearway.model.outcome import Outcome
from clearway.model.plan import Plan
from clearway.publish.facts import Facts
from clearway.publish.wording import count, joined, people

CLOSE_S = 60.0  # the least lead that `clearway hold` leaves before closures
SOMEBODY = 0.5  # persons
MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Closing:
    """A road, crossing or site that closes at ``at_s`` and that ``persons`` leave (reach) in the minute before."""

    name: str
    at_s: float
    persons: float
    is_site: bool = False


def stretches(plan: Plan, free_flow_time_s: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """int64[n] movement, int64[n] link, float64[n] seconds from departure to the link's end: each link of each."""
    moves, routes = plan.movements, plan.routes
    lengths = np.diff(routes.start)
    passed = np.cumsum(free_flow_time_s[routes.links])
    before = np.concatenate(([0.0], passed))[routes.start[:-1]]
    n = lengths[moves.route]
    movement = np.repeat(np.arange(len(moves)), n)
    inside = np.arange(int(n.sum())) - np.repeat(np.cumsum(n) - n, n)
    place = routes.start[moves.route[movement]] + inside
    return movement, routes.links[place], passed[place] - before[moves.route[movement]]


def last_minute(plan: Plan, movement: IntArray, offset_s: FloatArray, until_s: float) -> float:
    """Persons of some movements who pass, ``offset_s`` after they have left, in the last minute before a time."""
    moves = plan.movements
    begin, end = moves.depart_from_s[movement] + offset_s, moves.depart_until_s[movement] + offset_s
    inside = np.minimum(end, until_s) - np.maximum(begin, until_s - CLOSE_S)
    share = np.clip(inside / np.maximum(end - begin, 1e-9), 0.0, 1.0)
    return float((share * moves.persons[movement]).sum())


def closings_met(facts: Facts) -> list[Closing]:
    """Every road, crossing and site that the plan uses in the last minute before it closes, the most people first."""
    plan, scenario = facts.plan, facts.scenario
    if not len(plan.movements):
        return []
    movement, link, end_s = stretches(plan, scenario.network.free_flow_time_s)
    closes = {
        (each, statement.from_s)
        for statement in scenario.availabilities
        if statement.capacity_factor == 0 and statement.from_s > 0 and statement.source != FORM_SOURCE
        for each in statement.links
    }
    used = np.unique(link)
    persons: dict[tuple[str, float, bool], float] = {}
    for each, at_s in sorted(closes):
        if np.isin(each, used):
            on = link == each
            amount = last_minute(plan, movement[on], end_s[on], at_s)
            key = (road_name(facts, each), at_s, False)
            persons[key] = max(persons.get(key, 0.0), amount)
    for i, site in enumerate(scenario.sites):
        own = np.flatnonzero(plan.movements.site == i)
        for _, until_s in site.open_windows:
            if np.isfinite(until_s) and len(own):
                persons[site.name or site.site_id, until_s, True] = last_minute(plan, own, facts.travel_s[own], until_s)
    found = [Closing(name, at_s, n, is_site) for (name, at_s, is_site), n in persons.items() if n >= SOMEBODY]
    return sorted(found, key=lambda closing: (-closing.persons, closing.at_s, closing.name))


def road_name(facts: Facts, link: int) -> str:
    """The crossing that a link belongs to, else its road."""
    crossing = int(facts.places.crossing_of_link[link])
    return facts.scenario.crossings[crossing].name if crossing >= 0 else facts.places.road(link)


def closing_sentences(facts: Facts) -> list[str]:
    """Where the plan is that close, and what to do about it; nothing where it is not, or where it was seen to hold."""
    held = facts.plan.held
    found = [] if held is not None and held.result.holds else closings_met(facts)
    if not found:
        return []
    named = [closing_words(each, facts) for each in found[:MOST_NAMES]]
    if len(found) > MOST_NAMES:
        rest = sum(each.persons for each in found[MOST_NAMES:])
        named.append(f"{people(rest)} do so at {len(found) - MOST_NAMES} more places")
    return [
        f"The plan uses places up to the time at which they close: {joined(named)}. Who is late there, if only by "
        "seconds, is trapped or turned away. `clearway hold` looks for a plan that leaves time before closures, and "
        "states its price."
    ]


def closing_words(closing: Closing, facts: Facts) -> str:
    """ "9 people leave Old bridge in the last minute before it closes (Thursday 18:00)"."""
    verb = "reach" if closing.is_site else "leave"
    one = ("es" if closing.is_site else "s") if round(closing.persons) == 1 else ""
    at = facts.clock.long(closing.at_s)
    return f"{people(closing.persons)} {verb}{one} {closing.name} in the last minute before it closes ({at})"


def trapped_sentences(outcome: Outcome, facts: Facts) -> list[str]:
    """Where people were trapped in a simulation, why, and what to do about it; nothing where nobody was."""
    amounts: dict[str, float] = {}
    for link, persons in outcome.trapped:
        name = road_name(facts, link)
        amounts[name] = amounts.get(name, 0.0) + persons
    if sum(amounts.values()) < SOMEBODY:
        return []
    largest = sorted(amounts.items(), key=lambda pair: (-pair[1], pair[0]))
    named = [f"{count(n)} on {name}" for name, n in largest[:MOST_NAMES]]
    if len(largest) > MOST_NAMES:
        rest = sum(n for _, n in largest[MOST_NAMES:])
        named.append(f"{count(rest)} on {len(largest) - MOST_NAMES} more roads")
    near = {closing.name for closing in closings_met(facts)} & set(amounts)
    why = (
        "The plan uses " + ("it" if len(amounts) == 1 else joined(sorted(near))) + " up to that time. " if near else ""
    )
    held = (
        ""
        if facts.plan.held is not None
        else ("`clearway hold` looks for a plan that leaves time before closures, and states its price.")
    )
    return [f"Trapped when their road closed: {joined(named)}. {why}{held}".rstrip()]
