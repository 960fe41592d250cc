"""Judges what a plan claims of its optimum: certificates, bounds, gap; and that it does not beat its own proof."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from clearway.check.cuts import CutValue, parties_of, unusable, value_of
from clearway.check.people import exceeds
from clearway.check.result import TOLERANCE, CheckFault, figure, is_close, when
from clearway.check.roads import AllowedRates
from clearway.check.trips import Trips
from clearway.model.plan import BoundKind, Certificate
from clearway.model.scenario import Scenario

STRICT = 1e-10  # relative: a cut that equals the demand proves nothing, as one through every zone does


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """A certificate with its cut worked out afresh and the vehicles it must be about."""

    certificate: Certificate
    cut: CutValue
    demand_vehicles: float

    @property
    def clearance_s(self) -> float:
        """The clearance time it proves nobody can beat; 0 where it proves none."""
        if self.certificate.kind != BoundKind.CLEARANCE:
            return 0.0
        return self.certificate.horizon_s if self.cut.vehicles < self.demand_vehicles * (1 - STRICT) else 0.0


def judge_bounds(trips: Trips, rates: AllowedRates, faults: list[CheckFault], found: dict[str, object]) -> None:
    """Add what is wrong with bounds and figures to ``faults``, the proven ones to ``found`` (both modified)."""
    proofs = proofs_of(trips, rates, faults)
    faults += wrong_kind(trips)
    clearance_s = max((proof.clearance_s for proof in proofs), default=0.0)
    persons = persons_proven(trips.scenario, proofs)
    if proofs and proofs[0].certificate is trips.plan.certificate:
        found["cut_vehicles"] = proofs[0].cut.vehicles
        found["demand_vehicles"] = proofs[0].demand_vehicles
    found["clearance_lower_bound_s"] = clearance_s
    found["persons_upper_bound"] = persons
    found["gap"] = gap_of(trips, trips.clearance_s(), clearance_s, planned_persons(trips), persons)
    faults += unproven_claims(trips, proofs, clearance_s, persons)
    faults += wrong_figures(trips)
    faults += beats_the_bound(trips, clearance_s, persons)
    faults += beats_the_curve(trips)
    faults += wrong_last_start(trips, rates)


def planned_persons(trips: Trips) -> float:
    return float(trips.persons_by(trips.plan.movements.zone, len(trips.scenario.zones)).sum())


def planned_vehicles(trips: Trips, direction: str | None) -> float:
    """Vehicles planned of those who chose a direction (None: of all)."""
    moves, scenario = trips.plan.movements, trips.scenario
    chosen = np.isfinite(moves.vehicles)
    if direction is not None:
        chooses = np.array([bool(zone.directions) for zone in scenario.zones])[moves.zone]
        chosen &= chooses & np.array([site.direction == direction for site in scenario.sites])[moves.site]
    return float(moves.vehicles[chosen].sum())


def proofs_of(trips: Trips, rates: AllowedRates, faults: list[CheckFault]) -> list[Proof]:
    """The certificates that can be evaluated; what is wrong with their figures goes to ``faults``."""
    plan, scenario = trips.plan, trips.scenario
    proofs = []
    for number, certificate in enumerate((plan.certificate, *plan.further_certificates)):
        broken = unusable(scenario, certificate)
        faults += broken
        if broken:
            continue
        name = "the certificate" if number == 0 else f"further certificate {number}"
        cut = value_of(scenario, rates, certificate)
        demand = cut.demand_vehicles
        is_about_planned = plan.certificate.kind == BoundKind.EVACUATED and certificate.kind == BoundKind.CLEARANCE
        if is_about_planned and number > 0:
            demand = planned_vehicles(trips, certificate.direction)
        if not is_close(certificate.cut_vehicles, cut.vehicles):
            message = (
                f"{name} states a cut of {figure(certificate.cut_vehicles)} vehicles, "
                f"its labels give {figure(cut.vehicles)}"
            )
            faults.append(CheckFault("cut", message, certificate.cut_vehicles - cut.vehicles))
        if not is_close(certificate.demand_vehicles, demand):
            message = (
                f"{name} states {figure(certificate.demand_vehicles)} vehicles to move, there are {figure(demand)}"
            )
            faults.append(CheckFault("demand", message, certificate.demand_vehicles - demand))
        proof = Proof(certificate, cut, demand)
        if certificate.kind == BoundKind.CLEARANCE and proof.clearance_s < certificate.horizon_s:
            message = (
                f"{name} is to prove that nobody clears before {when(scenario, certificate.horizon_s)}, but "
                f"{figure(cut.vehicles)} vehicles can cross its cut by then and only {figure(demand)} are to move"
            )
            faults.append(CheckFault("bound", message, cut.vehicles - demand))
        proofs.append(proof)
    return proofs


def wrong_kind(trips: Trips) -> list[CheckFault]:
    """A clearance certificate speaks of all who have a vehicle: all of them must be planned."""
    plan = trips.plan
    to_move = sum(party.persons for party in parties_of(trips.scenario, None))
    planned = planned_persons(trips)
    if plan.certificate.kind != BoundKind.CLEARANCE or is_close(planned, to_move):
        return []
    message = (
        f"the certificate is about clearance of all, but {figure(to_move - planned)} of {to_move} persons "
        "with a vehicle are not planned: it must be of kind 'evacuated'"
    )
    return [CheckFault("bound_kind", message, to_move - planned)]


def persons_proven(scenario: Scenario, proofs: list[Proof]) -> float:
    """The most persons anyone can bring to safety by the scenario's horizon, as far as the certificates prove it."""
    whole = [
        proof
        for proof in proofs
        if proof.certificate.kind == BoundKind.EVACUATED
        and (
            proof.certificate.horizon_s >= scenario.horizon_s
            or is_close(proof.certificate.horizon_s, scenario.horizon_s)
        )
    ]
    by_direction: dict[str | None, float] = {}
    for party in parties_of(scenario, None):
        by_direction[party.direction] = by_direction.get(party.direction, 0.0) + party.persons
    bounds = [proof.cut.persons for proof in whole if proof.certificate.direction is None]
    for proof in whole:
        direction = proof.certificate.direction
        if direction is not None and direction in by_direction:
            by_direction[direction] = min(by_direction[direction], proof.cut.persons)
    return min([sum(by_direction.values()), *bounds])


def unproven_claims(trips: Trips, proofs: list[Proof], clearance_s: float, persons: float) -> list[CheckFault]:
    """Bounds that are stated tighter than the certificates prove."""
    plan, scenario = trips.plan, trips.scenario
    faults = []
    stated = plan.clearance_lower_bound_s
    if not stated <= clearance_s * (1 + TOLERANCE):
        message = (
            f"states that nobody can clear before {when(scenario, stated)} ({figure(stated)} s), but its certificates "
            f"prove {figure(clearance_s)} s only"
        )
        faults.append(CheckFault("bound", message, stated - clearance_s))
    if not plan.persons_upper_bound >= persons - TOLERANCE * max(1.0, persons):
        message = (
            f"states that nobody can save more than {figure(plan.persons_upper_bound)} persons, but its certificates "
            f"prove {figure(persons)} only"
        )
        short = [p.certificate for p in proofs if p.certificate.kind == BoundKind.EVACUATED]
        if any(c.horizon_s < scenario.horizon_s for c in short):
            message += f" (one ends before the scenario's horizon, {when(scenario, scenario.horizon_s)})"
        faults.append(CheckFault("persons_bound", message, persons - plan.persons_upper_bound))
    return faults


def gap_of(trips: Trips, clearance_s: float, bound_s: float, planned: float, bound: float) -> float:
    """The gap as `Plan` defines it; inf where there is something to prove and no bound."""
    is_clearance = trips.plan.certificate.kind == BoundKind.CLEARANCE
    over, base = (clearance_s - bound_s, bound_s) if is_clearance else (bound - planned, planned)
    if base > 0:
        return over / base
    return math.inf if over > 0 else 0.0


def wrong_figures(trips: Trips) -> list[CheckFault]:
    """Clearance time and gap that are not what the plan's own movements and bounds give."""
    plan = trips.plan
    clearance = trips.clearance_s()
    faults = []
    if not is_close(plan.clearance_time_s, clearance):
        message = (
            f"states clearance at {when(trips.scenario, plan.clearance_time_s)} ({figure(plan.clearance_time_s)} s), "
            f"but the last planned person arrives at {when(trips.scenario, clearance)} ({figure(clearance)} s)"
        )
        faults.append(CheckFault("clearance", message, plan.clearance_time_s - clearance))
    bounds = (plan.clearance_lower_bound_s, plan.persons_planned, plan.persons_upper_bound)
    gap = gap_of(trips, plan.clearance_time_s, *bounds)
    if not is_close(1 + plan.gap, 1 + gap):
        message = f"states a gap of {figure(plan.gap)}, its figures give {figure(gap)}"
        faults.append(CheckFault("gap", message, plan.gap - gap))
    return faults


def beats_the_bound(trips: Trips, clearance_s: float, persons: float) -> list[CheckFault]:
    """A plan that is better than what its certificates prove possible cannot be feasible."""
    scenario, faults = trips.scenario, []
    is_clearance = trips.plan.certificate.kind == BoundKind.CLEARANCE
    planned, clearance = planned_persons(trips), trips.clearance_s()
    to_move = sum(party.persons for party in parties_of(scenario, None))
    if clearance < clearance_s * (1 - TOLERANCE) and (not is_clearance or is_close(planned, to_move)):
        message = (
            f"the last planned person arrives at {when(scenario, clearance)}, before "
            f"{when(scenario, clearance_s)}, which its certificates prove nobody can beat"
        )
        faults.append(CheckFault("beyond_bound", message, clearance_s - clearance))
    if exceeds(planned, persons):
        message = (
            f"plans {figure(planned)} persons, but its certificates prove that at most {figure(persons)} can be saved"
        )
        faults.append(CheckFault("beyond_bound", message, planned - persons))
    return faults


def wrong_last_start(trips: Trips, rates: AllowedRates) -> list[CheckFault]:
    """A point of no return that its certificate does not prove, or that comes before a start said to work."""
    plan, scenario, certificate = trips.plan, trips.scenario, trips.plan.start_certificate
    start = plan.last_start_all_bound_s
    faults = []
    pairs = [(plan.last_start_all_s, start, "all")]
    for i, zone in enumerate(scenario.zones):
        if i < min(len(plan.last_start_s), len(plan.last_start_bound_s)):
            pairs.append((float(plan.last_start_s[i]), float(plan.last_start_bound_s[i]), zone.name))
    for works, too_late, name in pairs:
        if works > too_late * (1 + TOLERANCE) + TOLERANCE:
            message = f"the last start of {name} is said to work at {figure(works)} s and to be too late at "
            faults.append(CheckFault("last_start", f"{message}{figure(too_late)} s", works - too_late))
    if certificate is None:
        return faults
    broken = unusable(scenario, certificate)
    if broken or not math.isfinite(start):
        return [*faults, *broken]
    zones = tuple(
        replace(zone, departure_windows=tuple((max(a, start), b) for a, b in zone.departure_windows if b > start))
        for zone in scenario.zones
    )
    cut = value_of(replace(scenario, zones=zones), rates, certificate)
    demand = planned_vehicles(trips, certificate.direction)
    if certificate.horizon_s < scenario.horizon_s * (1 - TOLERANCE) or not cut.vehicles < demand * (1 - STRICT):
        message = (
            f"states that it is too late for all at {when(scenario, start)}, but {figure(cut.vehicles)} vehicles can "
            f"cross the cut by {when(scenario, certificate.horizon_s)} even then, and {figure(demand)} are planned"
        )
        faults.append(CheckFault("last_start", message, cut.vehicles - demand))
    return faults


def beats_the_curve(trips: Trips) -> list[CheckFault]:
    """More arrivals by some time than the stated curve of the most possible."""
    plan = trips.plan
    if not len(plan.bound_curve_s):
        return []
    moves, moving = plan.movements, trips.moving
    begin = (moves.depart_from_s + trips.travel_s)[moving]
    end, persons = trips.arrive_until_s[moving], moves.persons[moving]
    times = np.concatenate((begin, end))
    order = np.argsort(times)
    slope = np.concatenate((persons / (end - begin), -persons / (end - begin)))[order]
    times = times[order]
    arrived = np.concatenate(([0.0], np.cumsum(np.cumsum(slope)[:-1] * np.diff(times))))
    if not len(times):
        return []
    excess = np.interp(plan.bound_curve_s, times, arrived) - plan.bound_curve_persons
    worst = int(np.argmax(np.where(np.isnan(excess), math.inf, excess)))
    if excess[worst] <= TOLERANCE * max(1.0, float(plan.bound_curve_persons[worst])):
        return []
    message = (
        f"by {when(trips.scenario, float(plan.bound_curve_s[worst]))} the plan has "
        f"{figure(float(excess[worst]))} more arrivals than its curve of the most possible"
    )
    return [CheckFault("bound_curve", message, float(excess[worst]))]
