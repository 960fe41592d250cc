"""A plan that leaves room, as a plan of the whole scenario: measured against the bound that knows of no room."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from clearway.model.cut import cut_of
from clearway.model.form import under_form
from clearway.model.network import FloatArray
from clearway.model.plan import BoundKind, Certificate, Plan
from clearway.model.scenario import Scenario
from clearway.planner.assemble import Moved, sent_by_direction
from clearway.planner.leeway import find_leeway
from clearway.planner.parameters import PlanParameters
from clearway.planner.plan import quick_clearance

HALVINGS = 24
SURE = 1e-7  # relative: a cut this much below the demand is below it for a check, too


def on_all_roads(tight: Plan, free: Plan, scenario: Scenario, params: PlanParameters) -> Plan:
    """
    ``tight``, which leaves room, with the proofs of ``free``, which leaves none, and the gap to these.

    Both are for the same scenario and form; what is feasible with room is so without, and what bounds all plans bounds
    those that leave room. Last starts are not known afterwards: see `with_last_starts`.
    """
    kind = free.certificate.kind
    if tight is free or tight.certificate.kind != kind:
        return tight
    further = tuple(proof for old in free.further_certificates if (proof := _of_those_sent(old, tight, scenario, kind)))
    bounds = [c.horizon_s for c in (free.certificate, *further) if c.kind == BoundKind.CLEARANCE]
    bound = max(bounds, default=0.0)
    planned, most = tight.persons_planned, free.persons_upper_bound
    if kind == BoundKind.CLEARANCE:
        gap = (tight.clearance_time_s - bound) / bound if bound > 0 else 0.0
    else:
        gap = (most - planned) / planned if planned > 0 else (np.inf if most > 0 else 0.0)
    status = "feasible" if tight.status == "proven" else tight.status
    if gap <= params.gap and tight.status != "interrupted":
        status = "proven"
    times, persons = _extended(free, tight.clearance_time_s)
    unknown = np.full(len(scenario.zones), np.nan)
    return replace(
        tight,
        certificate=free.certificate,
        further_certificates=further,
        clearance_lower_bound_s=bound,
        persons_upper_bound=most,
        gap=float(gap),
        status=status,
        bound_curve_s=times,
        bound_curve_persons=persons,
        price=free.price,
        last_start_s=unknown,
        last_start_bound_s=unknown.copy(),
        last_start_all_s=np.nan,
        last_start_all_bound_s=np.nan,
        start_certificate=None,
    )


def with_last_starts(plan: Plan, scenario: Scenario, seconds: float) -> Plan:
    """The plan with its last starts, as far as they are found in so many seconds."""
    if seconds <= 0 or not len(plan.movements):
        return plan
    actual = under_form(scenario, plan.form)
    moved = Moved(plan.movements, plan.routes, {})
    found = find_leeway(actual, moved, actual.capacity_profile(), time.monotonic() + seconds, quick_clearance)
    return replace(
        plan,
        last_start_s=found.zone_s,
        last_start_bound_s=found.zone_bound_s,
        last_start_all_s=found.all_s,
        last_start_all_bound_s=found.all_bound_s,
        start_certificate=found.certificate,
    )


def _of_those_sent(proof: Certificate, plan: Plan, scenario: Scenario, main: BoundKind) -> Certificate | None:
    """
    A further proof beside a plan that may send fewer: at the horizon by which its cut keeps as many from arriving.

    None where there is no such horizon.
    """
    if proof.kind != BoundKind.CLEARANCE or main == BoundKind.CLEARANCE:
        return proof
    sent = sent_by_direction(scenario, Moved(plan.movements, plan.routes, {}))
    demand = sum(sent.values()) if proof.direction is None else sent.get(proof.direction, 0.0)
    actual = under_form(scenario, plan.form)
    profile = actual.capacity_profile()

    def at(horizon_s: float) -> Certificate:
        sooner = replace(proof, horizon_s=horizon_s, demand_vehicles=demand)
        return replace(sooner, cut_vehicles=cut_of(actual, sooner, profile).value)

    low, high, best = 0.0, proof.horizon_s, None
    for trial in range(HALVINGS):
        found = at(high if trial == 0 else 0.5 * (low + high))
        if found.cut_vehicles < demand * (1 - SURE):
            low, best = found.horizon_s, found
        else:
            high = found.horizon_s
        if low == proof.horizon_s:
            break
    return best


def _extended(free: Plan, until_s: float) -> tuple[FloatArray, FloatArray]:
    """The free plan's curve of bounds, on to a later clearance time."""
    times, persons = free.bound_curve_s, free.bound_curve_persons
    if not len(times) or times[-1] >= until_s:
        return times, persons
    most = max(float(persons[-1]), min(free.persons_upper_bound, 1e300))
    return np.append(times, until_s), np.append(persons, most)
