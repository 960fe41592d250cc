"""Plans that use what may be lost first: stage by stage, each on the roads and beds that earlier ones left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clearway.model.plan import BoundKind, LeftOut, Movements, Plan, Reason, Routes, empty_movements, empty_routes
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability
from clearway.planner.assemble import Moved
from clearway.planner.outcome import QUICK, outcome_of, with_statement
from clearway.planner.parameters import PlanParameters
from clearway.planner.replan import joined_orders, less, whole_persons
from clearway.planner.room import HAIR, loads_of, profile_less, sites_less

Key = tuple[int, str | None]  # zone, direction


@dataclass(frozen=True, slots=True)
class Stage:
    """
    One stage: as if ``closures`` (statements) held too, and roads took ``capacity_share`` of what they do.

    ``only``: the zones and directions planned in it; None: all.
    """

    closures: tuple[Availability, ...] = ()
    capacity_share: float = 1.0
    only: frozenset[Key] | None = None


def plan_in_stages(scenario: Scenario, stages: Sequence[Stage], params: PlanParameters = QUICK) -> Moved:
    """
    Movements of all stages together; those of an earlier one stand.

    Each stage brings the most people to safety under its closures, then the soonest. Where every stage closes no less
    than the next one and the last closes nothing, the whole is feasible in ``scenario``. KeyboardInterrupt where
    stopped.
    """
    moves, routes = empty_movements(), empty_routes()
    everyone = {(p.zone, p.direction): p.persons for p in scenario.parties()}
    left = dict(everyone)
    for stage in stages:
        moves, taken = whole_persons(scenario, moves)
        staged = scenario
        for closure in stage.closures:
            staged = with_statement(staged, closure)
        if stage.capacity_share != 1.0:
            staged = replace(staged, capacity_factor=staged.capacity_factor * stage.capacity_share)
        loads = loads_of(scenario.network.free_flow_time_s, moves, routes)
        profile = profile_less(staged.capacity_profile(), loads, HAIR) if len(moves) else staged.capacity_profile()
        filled = np.bincount(moves.site, moves.persons, len(scenario.sites)).astype(np.float64)
        away = dict(taken)
        if stage.only is not None:
            away |= {key: n for key, n in everyone.items() if key not in stage.only}
        zones = tuple(less(i, zone, away) for i, zone in enumerate(scenario.zones))
        outcome = outcome_of(replace(staged, zones=zones, sites=sites_less(scenario.sites, filled)), params, profile)
        if len(outcome.moved.movements):
            moves, routes = joined_orders(moves, routes, outcome.moved)
    sent = whole_sent(scenario, moves)
    left = {key: max(0, n - sent.get(key, 0)) for key, n in everyone.items()}
    return Moved(moves, routes, left)


def whole_sent(scenario: Scenario, moves: Movements) -> dict[Key, int]:
    """Whole persons that movements send, by zone and direction."""
    sent: dict[Key, float] = {}
    for z, s, n in zip(moves.zone.tolist(), moves.site.tolist(), moves.persons.tolist(), strict=True):
        key = (z, scenario.sites[s].direction if scenario.zones[z].directions else None)
        sent[key] = sent.get(key, 0.0) + n
    return {key: round(n) for key, n in sent.items()}


def keys_over(scenario: Scenario, plan: Plan, links: Sequence[int]) -> frozenset[Key]:
    """The zones and directions that a plan sends over any of some links."""
    sums = np.concatenate(([0], np.cumsum(np.isin(plan.routes.links, list(links)))))
    uses = sums[plan.routes.start[1:]] > sums[plan.routes.start[:-1]]
    moves = plan.movements
    return frozenset(
        (z, scenario.sites[s].direction if scenario.zones[z].directions else None)
        for z, s, r in zip(moves.zone.tolist(), moves.site.tolist(), moves.route.tolist(), strict=True)
        if uses[r]
    )


def plan_of(scenario: Scenario, nominal: Plan, moved: Moved, params: PlanParameters) -> Plan | None:
    """
    A whole plan with these movements, proven by the nominal plan's certificates; None where it moves fewer people.

    What no plan can beat is the same for both. Last starts are not told: they were the nominal plan's.
    """
    persons = float(round(float(moved.movements.persons.sum())))
    if persons != nominal.persons_planned:
        return None
    moves, routes = used_routes(moved.movements, moved.routes)
    sums = np.concatenate(([0.0], np.cumsum(scenario.network.free_flow_time_s[routes.links])))
    travel = (sums[routes.start[1:]] - sums[routes.start[:-1]])[moves.route]
    clearance = float((moves.depart_until_s + travel).max(initial=0.0))
    gap = nominal.gap
    if nominal.certificate.kind == BoundKind.CLEARANCE:
        bound = nominal.clearance_lower_bound_s
        gap = (clearance - bound) / bound if bound > 0 else 0.0
    unknown = np.full(len(scenario.zones), np.nan)
    return replace(
        nominal, routes=routes, movements=moves, left_out=left_out(scenario, nominal, moved),
        clearance_time_s=clearance, gap=gap, status="proven" if gap <= params.gap else "feasible", last_start_s=unknown,
        last_start_bound_s=unknown.copy(), last_start_all_s=math.nan, last_start_all_bound_s=math.nan,
        start_certificate=None, runtime_s=(),
    )  # fmt: skip


def used_routes(moves: Movements, routes: Routes) -> tuple[Movements, Routes]:
    """The movements in the order of zones and times, each way once."""
    links = [tuple(routes.of(r).tolist()) for r in range(len(routes))]
    distinct = {way: i for i, way in enumerate(dict.fromkeys(links[r] for r in moves.route.tolist()))}
    order = np.lexsort((moves.depart_from_s, moves.zone))
    route = np.array([distinct[links[r]] for r in moves.route[order].tolist()], dtype=np.int64)
    lengths = [len(way) for way in distinct]
    found = Movements(
        moves.zone[order], moves.site[order], route, moves.depart_from_s[order], moves.depart_until_s[order],
        moves.vehicles[order], moves.persons[order], tuple(moves.mode[i] for i in order.tolist()),
        tuple(f"m{i + 1}" for i in range(len(order))),
    )  # fmt: skip
    return found, Routes(
        tuple(f"r{i + 1}" for i in range(len(distinct))),
        np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        np.array([link for way in distinct for link in way], dtype=np.int64),
    )


def left_out(scenario: Scenario, nominal: Plan, moved: Moved) -> tuple[LeftOut, ...]:
    """Who is left out: the reasons are the nominal plan's for that zone, or for any."""
    known = {each.zone: each for each in nominal.left_out if each.reason != Reason.NO_VEHICLE}
    other = next(iter(known.values()), None)
    rows = []
    for index, zone in enumerate(scenario.zones):
        persons = sum(n for (z, _), n in moved.left.items() if z == index)
        why = known.get(index, other)
        if persons:
            reason, binding = (why.reason, why.binding) if why is not None else (Reason.NOT_FOUND, "")
            rows.append(LeftOut(index, persons, reason, binding))
        if zone.without_vehicle:
            rows.append(LeftOut(index, zone.without_vehicle, Reason.NO_VEHICLE, "", zone.without_vehicle))
    return tuple(rows)
