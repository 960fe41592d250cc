"""From what was found for each direction to one plan with its certificates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clearway.model.cut import cut_of, parties_counted
from clearway.model.demand import Party
from clearway.model.network import FloatArray
from clearway.model.plan import (
    CAR,
    BoundKind,
    Certificate,
    LeftOut,
    Movements,
    Reason,
    Routes,
    empty_movements,
    empty_routes,
)
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile
from clearway.planner.answer import Answer
from clearway.planner.bound import clearance_certificate, evacuated_certificate, steady_bound
from clearway.planner.labels import Labels
from clearway.planner.problem import Problem

SMALLEST_LIMIT = 0.01  # of a cut: smaller parts are not worth a name
ROUNDED_UP = 5e-7  # relative: rates may rise by no more when persons are made whole; half of what a check tolerates


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One direction's problem, with what was found for it."""

    problem: Problem
    answer: Answer


@dataclass(slots=True, eq=False)
class Moved:
    """Whole persons moved and left, by zone and direction."""

    movements: Movements
    routes: Routes
    left: dict[tuple[int, str | None], int]


def join(scenario: Scenario, parts: list[Part]) -> Moved:
    """
    The movements of all directions, in whole persons by zone and direction.

    What is planned of a party is scaled down to whole persons; the rest is left.
    """
    left = {(p.zone, p.direction): p.persons for p in scenario.parties()}
    columns: list[tuple[np.ndarray, ...]] = []
    route_links: list[np.ndarray] = []
    n_routes = 0
    for part in parts:
        problem, found = part.problem, part.answer.schedule
        if found is None or not len(found.route):
            continue
        zone = found.route_zone[found.route]
        sent = np.bincount(zone, found.vehicles, len(problem.zone)) * problem.persons_per_vehicle
        scale = np.zeros(len(problem.zone))
        for i, index in enumerate(problem.zone):
            key = (int(index), problem.direction)
            whole = min(left[key], math.floor(sent[i] * (1 + ROUNDED_UP)))
            scale[i] = whole / sent[i] if sent[i] > 0 else 0.0
            left[key] -= whole
        vehicles = found.vehicles * scale[zone]
        keep = vehicles > 0
        if not keep.any():
            continue
        used, route = np.unique(found.route[keep], return_inverse=True)
        route_links += [found.route_links[found.route_start[r] : found.route_start[r + 1]] for r in used]
        columns.append(
            (
                problem.zone[zone[keep]],
                problem.site[found.route_site[found.route[keep]]],
                route + n_routes,
                found.from_s[keep],
                found.until_s[keep],
                vehicles[keep],
                (vehicles * problem.persons_per_vehicle[zone])[keep],
            )
        )
        n_routes += len(used)
    if not columns:
        return Moved(empty_movements(), empty_routes(), left)
    zone, site, route, from_s, until_s, vehicles, persons = (np.concatenate(c) for c in zip(*columns, strict=True))
    order = np.lexsort((route, from_s, zone))
    lengths = np.array([len(links) for links in route_links])
    return Moved(
        Movements(
            zone[order], site[order], route[order], from_s[order], until_s[order], vehicles[order], persons[order],
            (CAR,) * len(order), tuple(map("m%d".__mod__, range(1, len(order) + 1))),
        ),
        Routes(
            tuple(f"r{i + 1}" for i in range(n_routes)),
            np.concatenate(([0], np.cumsum(lengths))),
            np.concatenate(route_links),
        ),
        left,
    )  # fmt: skip


def left_out(scenario: Scenario, parts: list[Part], moved: Moved) -> tuple[LeftOut, ...]:
    """Everyone who is not planned, zone by zone, with the reason."""
    by_direction = {part.problem.direction: part for part in parts}
    rows = []
    for index, zone in enumerate(scenario.zones):
        for (i, direction), persons in moved.left.items():
            if i == index and persons > 0:
                rows.append(_why(scenario, index, by_direction[direction], persons))
        if zone.without_vehicle:
            rows.append(LeftOut(index, zone.without_vehicle, Reason.NO_VEHICLE, "", zone.without_vehicle))
    return tuple(rows)


def _why(scenario: Scenario, index: int, part: Part, persons: float) -> LeftOut:
    zone, problem, answer = scenario.zones[index], part.problem, part.answer
    if not zone.departure_windows:
        return LeftOut(index, persons, Reason.CANNOT_DEPART, "no departure is allowed within the scenario")
    if index in problem.stranded:
        return LeftOut(index, persons, Reason.NO_ROUTE, "no road leads to a site these people may go to")
    if answer.most is None or answer.interrupted:
        return LeftOut(index, persons, Reason.NOT_FOUND, "the planner was stopped before it was done")
    cut = cut_of(
        scenario, evacuated_certificate(problem, answer.most, problem.horizon_s, problem.demand), problem.profile
    )
    beds = sum(amount for _, amount in cut.site_vehicles)
    if beds > cut.vehicles.sum():
        names = ", ".join(scenario.sites[i].name or scenario.sites[i].site_id for i, _ in cut.site_vehicles[:3])
        return LeftOut(index, persons, Reason.NO_BEDS, f"beds of {names}")
    return LeftOut(index, persons, Reason.NO_TIME, ", ".join(_limiting_roads(scenario, cut.link, cut.vehicles)))


def _limiting_roads(scenario: Scenario, links: np.ndarray, vehicles: FloatArray) -> list[str]:
    """Names of the crossings and roads that let most through a cut, most first, three at most."""
    names = {link: c.name or c.crossing_id for c in scenario.crossings for link in c.links}
    through: dict[str, float] = {}
    for link, amount in zip(links, vehicles, strict=True):
        name = names.get(int(link)) or scenario.network.link_label(int(link))
        through[name] = through.get(name, 0.0) + float(amount)
    worth = SMALLEST_LIMIT * sum(through.values())
    return [name for name in sorted(through, key=lambda name: -through[name])[:3] if through[name] >= worth]


def certificates(scenario: Scenario, parts: list[Part], moved: Moved, together: list[Part]) -> list[Certificate]:
    """
    The certificates of a plan, the main one first: clearance where everybody is planned, persons otherwise.

    ``together`` is what bounds all directions at once, where there are several.
    """
    complete = sum(moved.left.values()) == 0
    timed = [part for part in parts if part.answer.bound is not None and part.answer.bound.horizon_s > 0]
    if complete:
        # a bound on the time for fewer is one for all
        found = [
            _with_demand(_clearance(part), part.problem.demand + part.problem.beside) for part in [*timed, *together]
        ]
        # more was placed than the flow had found: then no time was bounded
        found += [_of_everyone(part.problem) for part in parts if part not in timed and len(part.problem.zone)]
        return sorted(found, key=lambda c: -c.horizon_s)[:1] or [_nobody(scenario)]
    proofs = [_most(scenario, part) for part in parts]
    proofs.sort(key=lambda c: c.cut_vehicles - c.demand_vehicles)
    sent = sent_by_direction(scenario, moved)
    late = []
    for part in timed:
        certificate = _clearance(part)
        direction = part.problem.direction
        planned = sent.get(direction, 0.0) if direction is not None else math.fsum(sent.values())
        if certificate.cut_vehicles < planned * (1 - 1e-9):
            late.append(_with_demand(certificate, planned))
    late.sort(key=lambda c: -c.horizon_s)
    return [*proofs, *late[:1]]


def _clearance(part: Part) -> Certificate:
    assert part.answer.bound is not None
    return clearance_certificate(part.problem, part.answer.bound)


def _of_everyone(problem: Problem) -> Certificate:
    return clearance_certificate(problem, steady_bound(problem, np.arange(len(problem.zone)), problem.horizon_s))


def _most(scenario: Scenario, part: Part) -> Certificate:
    """What bounds a direction's persons: the cut found, or everybody of it."""
    problem, answer = part.problem, part.answer
    demand = math.fsum(p.vehicles for p in parties_counted(scenario, problem.direction))
    labels = answer.most
    if labels is None:
        nobody = np.zeros(len(problem.zone), dtype=np.bool_)
        labels = Labels(np.full(problem.n_nodes, np.inf), nobody, np.zeros(len(problem.site), dtype=np.bool_))
    return evacuated_certificate(problem, labels, scenario.horizon_s, demand)


def _nobody(scenario: Scenario) -> Certificate:
    """The certificate of a plan for nobody."""
    return Certificate(BoundKind.CLEARANCE, 0.0, np.full(scenario.network.n_nodes, np.inf), (), (), 0.0, 0.0)


def _with_demand(certificate: Certificate, demand: float) -> Certificate:
    return Certificate(
        certificate.kind, certificate.horizon_s, certificate.labels_s, certificate.open_zones,
        certificate.paid_sites, certificate.cut_vehicles, demand, certificate.direction,
    )  # fmt: skip


def sent_by_direction(scenario: Scenario, moved: Moved) -> dict[str | None, float]:
    """Vehicles planned, by the direction their people chose."""
    moves = moved.movements
    sent: dict[str | None, float] = {}
    for zone, site, vehicles in zip(moves.zone, moves.site, moves.vehicles, strict=True):
        direction = scenario.sites[site].direction if scenario.zones[zone].directions else None
        sent[direction] = sent.get(direction, 0.0) + float(vehicles)
    return sent


def persons_bound(scenario: Scenario, proofs: list[Certificate], profile: CapacityProfile | None = None) -> float:
    """The most persons anyone can bring to safety within the horizon, by certificates of kind evacuated."""
    by_direction: dict[str | None, float] = {}
    for party in scenario.parties():
        by_direction[party.direction] = by_direction.get(party.direction, 0.0) + party.persons
    total = math.inf
    for proof in proofs:
        if proof.kind != BoundKind.EVACUATED:
            continue
        persons = _persons_through(scenario, proof, profile)
        if proof.direction is None:
            total = min(total, persons)
        elif proof.direction in by_direction:
            by_direction[proof.direction] = min(by_direction[proof.direction], persons)
    return min(total, sum(by_direction.values()))


def _persons_through(scenario: Scenario, proof: Certificate, profile: CapacityProfile | None) -> float:
    """Persons a cut lets through: the fullest vehicles on its links, those of cut zones, beds of paid sites."""
    cut = cut_of(scenario, proof, profile)
    open_zones = set(proof.open_zones)
    parties = parties_counted(scenario, proof.direction)
    of_cut = sum(p.persons for p in parties if p.zone not in open_zones)
    beds = sum(scenario.sites[i].beds for i, _ in cut.site_vehicles)
    return _most_in(float(cut.vehicles.sum()), scenario, [p for p in parties if p.zone in open_zones]) + of_cut + beds


def _most_in(vehicles: float, scenario: Scenario, parties: Sequence[Party]) -> float:
    """The most persons in so many vehicles of some parties: the fullest vehicles first, as many as there are."""
    persons = 0.0
    for party in sorted(parties, key=lambda p: -scenario.zones[p.zone].persons_per_vehicle):
        taken = min(vehicles, party.vehicles)
        persons += taken * scenario.zones[party.zone].persons_per_vehicle
        vehicles -= taken
    return persons
