"""Judges people: nobody too many, nobody lost, nobody sent where they did not choose, a bed for each."""

from __future__ import annotations

import numpy as np

from clearway.check.result import TOLERANCE, CheckFault, figure, is_close
from clearway.check.trips import Trips, named
from clearway.model.plan import Reason


def judge_people(trips: Trips, faults: list[CheckFault], found: dict[str, object]) -> None:
    """Add what is wrong with people, beds and totals to ``faults``, and the totals to ``found`` (both modified)."""
    faults += wrong_loads(trips)
    faults += too_many(trips)
    faults += wrong_directions(trips)
    faults += lost_people(trips)
    faults += wrong_reasons(trips)
    faults += beds_exceeded(trips)
    moves = trips.plan.movements
    planned = float(trips.persons_by(moves.zone, len(trips.scenario.zones)).sum())
    found["persons_present"] = sum(zone.present for zone in trips.scenario.zones)
    found["persons_planned"] = planned
    found["persons_left_out"] = float(sum(x.persons for x in trips.plan.left_out))
    found["vehicles_planned"] = float(moves.vehicles[np.isfinite(moves.vehicles)].sum())
    if not is_close(trips.plan.persons_planned, planned):
        message = f"states {figure(trips.plan.persons_planned)} persons planned, its movements carry {figure(planned)}"
        faults.append(CheckFault("persons", message, trips.plan.persons_planned - planned))


def exceeds(amount: float, limit: float) -> bool:
    """Whether an amount is more than a limit, and not by the tolerance only."""
    return amount > limit + TOLERANCE * max(1.0, abs(limit))


def wrong_loads(trips: Trips) -> list[CheckFault]:
    """Movements whose persons do not fit their vehicles."""
    moves = trips.plan.movements
    load = np.array([zone.persons_per_vehicle for zone in trips.scenario.zones])[moves.zone]
    with np.errstate(invalid="ignore"):
        expected = moves.vehicles * load
        odd = np.abs(moves.persons - expected) > TOLERANCE * np.maximum(np.abs(moves.persons), np.abs(expected))
    if not odd.any():
        return []
    i = int(np.flatnonzero(odd)[0])
    message = (
        f"{named(trips, odd)}: {figure(float(moves.vehicles[i]))} vehicles at {figure(float(load[i]))} persons each "
        f"are {figure(float(expected[i]))} persons, found {figure(float(moves.persons[i]))}"
    )
    return [CheckFault("load", message, float(moves.persons[i] - expected[i]))]


def too_many(trips: Trips) -> list[CheckFault]:
    """Zones that send more people than have a vehicle there."""
    planned = trips.persons_by(trips.plan.movements.zone, len(trips.scenario.zones))
    return [
        CheckFault(
            "too_many",
            f"{zone.name} sends {figure(amount)} persons, but {figure(zone.with_vehicle)} with a vehicle are there",
            amount - zone.with_vehicle,
        )
        for zone, amount in zip(trips.scenario.zones, planned.tolist(), strict=True)
        if exceeds(amount, zone.with_vehicle)
    ]


def wrong_directions(trips: Trips) -> list[CheckFault]:
    """People sent to sites they did not choose, or more of them than chose that direction."""
    scenario, moves = trips.scenario, trips.plan.movements
    zones, sites = scenario.zones, scenario.sites
    chosen = {(party.zone, party.direction): party.persons for party in scenario.parties()}
    persons = np.where(np.isfinite(moves.persons), moves.persons, 0.0)
    pairs, place = np.unique(moves.zone * max(len(sites), 1) + moves.site, return_inverse=True)
    sent: dict[tuple[int, str], float] = {}
    for pair, amount in zip(pairs.tolist(), np.bincount(place, persons, minlength=len(pairs)).tolist(), strict=True):
        zone, site = divmod(pair, len(sites))
        if zones[zone].directions and amount > 0:
            key = (zone, sites[site].direction)
            sent[key] = sent.get(key, 0.0) + amount
    faults = []
    for (zone, direction), amount in sent.items():
        limit = chosen.get((zone, direction), 0)
        if exceeds(amount, limit):
            message = (
                f"{zones[zone].name} sends {figure(amount)} persons in direction {direction or '(none)'!r}, "
                f"which {figure(limit)} of them chose"
            )
            faults.append(CheckFault("direction", message, amount - limit))
    return faults


def lost_people(trips: Trips) -> list[CheckFault]:
    """Zones whose people do not add up: planned + left out = present."""
    zones = trips.scenario.zones
    planned = trips.persons_by(trips.plan.movements.zone, len(zones))
    faults = [
        CheckFault("amount", f"{zones[x.zone].name}: {x.persons:g} persons left out ({x.reason})", x.persons)
        for x in trips.plan.left_out
        if not 0 <= x.persons < np.inf
    ]
    left_out = [0.0] * len(zones)
    for x in trips.plan.left_out:
        left_out[x.zone] += x.persons
    for zone, moved, stay in zip(zones, planned.tolist(), left_out, strict=True):
        if not is_close(moved + stay, zone.present):
            lost = zone.present - moved - stay
            message = (
                f"{zone.name}: {figure(moved)} planned and {figure(stay)} left out are {figure(moved + stay)} persons, "
                f"but {zone.present} are there: {figure(abs(lost))} {'lost' if lost > 0 else 'too many'}"
            )
            faults.append(CheckFault("lost", message, lost))
    return faults


def wrong_reasons(trips: Trips) -> list[CheckFault]:
    """Zones in which those left out for want of a vehicle are not those who have none."""
    stated = [0.0] * len(trips.scenario.zones)
    for x in trips.plan.left_out:
        if x.reason == Reason.NO_VEHICLE:
            stated[x.zone] += x.persons
    return [
        CheckFault(
            "reason",
            f"{zone.name}: {figure(amount)} persons left out for want of a vehicle, but {zone.without_vehicle} "
            "have none",
            amount - zone.without_vehicle,
        )
        for zone, amount in zip(trips.scenario.zones, stated, strict=True)
        if not is_close(amount, zone.without_vehicle)
    ]


def beds_exceeded(trips: Trips) -> list[CheckFault]:
    received = trips.persons_by(trips.plan.movements.site, len(trips.scenario.sites))
    return [
        CheckFault(
            "beds",
            f"{site.name} receives {figure(amount)} persons and has {figure(site.beds)} beds",
            amount - site.beds,
        )
        for site, amount in zip(trips.scenario.sites, received.tolist(), strict=True)
        if exceeds(amount, site.beds)
    ]
