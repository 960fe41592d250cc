"""What limits a plan, in words: the certificate's cut, by crossing, road, zone and site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearway.model.cut import Cut, cut_of
from clearway.model.plan import BoundKind, Certificate, Plan, Reason
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile
from clearway.publish.places import Places
from clearway.publish.wording import Clock, count, joined, people, percent, vehicles

KINDS = ("crossing", "road", "site", "zone")

MOST_NAMES = 4
SMALLEST_PART = 0.5  # vehicles
NAMED_SHARE = 0.005  # smaller parts of a cut are not worth a sentence of their own


@dataclass(frozen=True, slots=True)
class Limit:
    """
    One part of the cut: a place through which no more than ``vehicles`` can pass from ``from_s`` to ``until_s``.

    ``share`` is its part of the cut's value. ``links`` are link indices (none for zones and sites); ``index`` is the
    crossing's, site's or zone's place in the scenario, -1 for a road.
    """

    name: str
    kind: str  # crossing, road, site, zone
    from_s: float
    until_s: float
    vehicles: float
    share: float
    links: tuple[int, ...] = ()
    index: int = -1


def open_span(profile: CapacityProfile, link: int, from_s: float, until_s: float) -> tuple[float, float]:
    """The part of a time window from the first to the last instant at which a link can be entered."""
    a, b = int(profile.start[link]), int(profile.start[link + 1])
    starts = np.maximum(profile.from_s[a:b], from_s)
    ends = np.minimum(np.append(profile.from_s[a + 1 : b], np.inf), until_s)
    usable = (profile.rate[a:b] > 0) & (ends > starts)
    if not usable.any():
        return from_s, until_s
    return float(starts[usable].min()), float(ends[usable].max())


def link_limits(scenario: Scenario, cut: Cut, profile: CapacityProfile, value: float) -> list[Limit]:
    """The links of a cut, those of one crossing together, then those of one road."""
    places = Places(scenario)
    groups: dict[tuple[str, int, str], list[int]] = {}
    for row, link in enumerate(cut.link):
        crossing = int(places.crossing_of_link[link])
        if crossing >= 0:
            key = ("crossing", crossing, scenario.crossings[crossing].name)
        else:
            key = ("road", -1, places.road(int(link)))
        groups.setdefault(key, []).append(row)
    found = []
    for (kind, index, name), rows in groups.items():
        spans = [
            open_span(profile, int(cut.link[row]), float(cut.from_s[row]), float(cut.until_s[row])) for row in rows
        ]
        amount = float(cut.vehicles[rows].sum())
        found.append(
            Limit(
                name,
                kind,
                min(a for a, _ in spans),
                max(b for _, b in spans),
                amount,
                amount / value,
                tuple(sorted({int(cut.link[row]) for row in rows})),
                index,
            )
        )
    return found


def limits(
    scenario: Scenario, certificate: Certificate, profile: CapacityProfile | None = None, cut: Cut | None = None
) -> tuple[Limit, ...]:
    """What the bound rests on, the largest part first; parts of less than half a vehicle are left out."""
    profile = profile or scenario.capacity_profile()
    cut = cut or cut_of(scenario, certificate, profile)
    value = cut.value or 1.0
    found = link_limits(scenario, cut, profile, value)
    for i, amount in cut.site_vehicles:
        windows = scenario.sites[i].open_windows
        start = windows[0][0] if windows else 0.0
        found.append(Limit(scenario.sites[i].name, "site", start, certificate.horizon_s, amount, amount / value, (), i))
    for i, amount in cut.zone_vehicles:
        zone = scenario.zones[i]
        until = min(zone.leave_by_s, certificate.horizon_s)
        found.append(Limit(zone.name, "zone", zone.ready_s, until, amount, amount / value, (), i))
    named = [limit for limit in found if limit.vehicles >= SMALLEST_PART] or found
    return tuple(sorted(named, key=lambda limit: (-limit.vehicles, KINDS.index(limit.kind), limit.name)))


def limit_heading(certificate: Certificate, clock: Clock, value: float) -> str:
    """What the cut says as a whole."""
    by = clock.long(certificate.horizon_s, "down")
    whom = f" of those who choose {certificate.direction}" if certificate.direction else ""
    if certificate.kind is BoundKind.CLEARANCE:
        return (
            f"By {by}, the places below cannot let through all of the {vehicles(certificate.demand_vehicles)}{whom} "
            "that have to pass, so no plan can be done sooner."
        )
    return f"The places below let no more than {vehicles(value)}{whom} through by {by}, whatever the plan."


def limit_sentence(limit: Limit, clock: Clock, value: float) -> str:
    """ "Kakhovka dam, from Wed 02:10 to Thu 14:40: 38,200 of the 60,100 vehicles (64 %)"."""
    part = f"{count(limit.vehicles)} of the {vehicles(value)} ({percent(limit.share)})"
    if limit.kind == "site":
        return f"Beds at {limit.name}: {part}"
    if limit.kind == "zone":
        return f"Zone {limit.name} does not bind; all its vehicles count: {part}"
    return f"{limit.name}, {clock.span(limit.from_s, limit.until_s)}: {part}"


def limit_sentences(scenario: Scenario, certificate: Certificate, most: int = 6) -> tuple[str, ...]:
    """What limits the plan in plain text: a heading, the largest parts, the rest summed up."""
    found = limits(scenario, certificate)
    value = sum(limit.vehicles for limit in found)
    clock = Clock(scenario, certificate.horizon_s)
    lines = [limit_heading(certificate, clock, value)]
    named = [limit for limit in found[:most] if limit.vehicles >= NAMED_SHARE * value]
    lines += [limit_sentence(limit, clock, value) for limit in named]
    rest = tuple(limit for limit in found[len(named) :] if limit.vehicles >= 0.5)
    return (*lines, *rest_sentence(rest, value))


def plan_limit_sentences(scenario: Scenario, plan: Plan, most: int = 6) -> tuple[str, ...]:
    """What limits a plan: whom its form leaves out and why, then the cut."""
    return (*form_limit_sentences(scenario, plan), *cut_sentences(scenario, plan, most))


def cut_sentences(scenario: Scenario, plan: Plan, most: int = 6) -> tuple[str, ...]:
    """What the cut says; where it holds nobody back, the next one."""
    lines = []
    proofs = [plan.certificate, *plan.further_certificates]
    binding = [proof for proof in proofs if not holds_nobody(scenario, proof)]
    if plan.certificate not in binding:
        by = Clock(scenario, plan.certificate.horizon_s).long(plan.certificate.horizon_s, "down")
        lines.append(f"No road, crossing or bed limits how many can be moved by {by}: all with a vehicle could be.")
    for proof in binding[:1]:
        lines += limit_sentences(scenario, proof, most)
    return tuple(lines)


def holds_nobody(scenario: Scenario, certificate: Certificate) -> bool:
    """Whether a cut names no road and no bed: it says only that no more can be moved than there are."""
    cut = cut_of(scenario, certificate)
    found = certificate.kind is BoundKind.EVACUATED and not cut.vehicles.sum() + sum(v for _, v in cut.site_vehicles)
    return bool(found)


def form_limit_sentences(scenario: Scenario, plan: Plan) -> list[str]:
    """Whom the form of a plan leaves out and what of it binds, one sentence per reason given."""
    by_reason: dict[str, dict[int, float]] = {}
    for left in plan.left_out:
        if left.reason is Reason.FORM and left.persons > 0:
            zones = by_reason.setdefault(left.binding, {})
            zones[left.zone] = zones.get(left.zone, 0.0) + left.persons
    lines = []
    for binding, zones in sorted(by_reason.items(), key=lambda item: -sum(item[1].values())):
        names = [scenario.zones[i].name or scenario.zones[i].zone_id for i in sorted(zones, key=lambda i: -zones[i])]
        named = names[:MOST_NAMES] + ([f"{len(names) - MOST_NAMES} more zones"] if len(names) > MOST_NAMES else [])
        lines.append(f"The form of the plan leaves out {people(sum(zones.values()))} of {joined(named)}: {binding}.")
    return lines


def rest_sentence(rest: tuple[Limit, ...], value: float) -> list[str]:
    """The parts that are not named one by one, summed up by kind."""
    lines = []
    for kind in KINDS:
        amounts = [limit.vehicles for limit in rest if limit.kind == kind]
        if amounts:
            share = sum(amounts) / value if value else 0.0
            noun = kind if len(amounts) == 1 else f"{kind}s"
            noun = {"site": "site's beds", "sites": "sites' beds"}.get(noun, noun)
            lines.append(f"{len(amounts):,} more {noun}: {vehicles(sum(amounts))} ({percent(share)})")
    return lines
