"""A plan of a form that people can follow, with the free plan beside it: what the form costs."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from clearway.errors import is_interrupt
from clearway.model.form import Form, Price, under_form
from clearway.model.network import IntArray
from clearway.model.plan import LeftOut, Plan, Reason
from clearway.model.scenario import Scenario
from clearway.planner.answer import Answer
from clearway.planner.assemble import Moved, Part, certificates, join
from clearway.planner.bound import strictly_below
from clearway.planner.contraflow import choose_reversals
from clearway.planner.forms.departures import Departures
from clearway.planner.forms.found import Found
from clearway.planner.forms.limits import form_bound
from clearway.planner.forms.parties import Parties, Ways, gather_parties
from clearway.planner.forms.search import FormSearch, as_planned
from clearway.planner.leeway import find_leeway, no_leeway
from clearway.planner.parameters import PlanParameters, Progress
from clearway.planner.plan import (
    MOST_LINKS_TO_DESCEND,
    Stopwatch,
    assemble,
    bound_curve,
    is_stopped,
    pooled_bound,
    quick_clearance,
)
from clearway.planner.schedule import Schedule, runs

FREE_SHARE = 0.4  # of the time limit for the free plan, at most
MOST_FORM_S = 30.0  # for ways and windows
ANY_PARTS = 6  # ways a party may take where neither the form nor the free plan says


def make_formed_plan(scenario: Scenario, params: PlanParameters, progress: Progress) -> Plan:
    """A plan of the form that ``params`` ask for; see `clearway.planner.make_plan`."""
    clock = Stopwatch()
    form = params.form or Form()
    share = replace(params, form=None, time_limit_s=FREE_SHARE * params.time_limit_s)
    free = Found(scenario, share, progress)
    clock.lap("free plan")
    reversed_s = 0.0
    found = free
    actual = scenario
    if form.contraflow is not None and not is_stopped(free.parts):
        progress("reversals", None, free.clearance_s)
        form, found = choose_reversals(scenario, form, free, share, progress)
        actual = under_form(scenario, form)
        reversed_s = found.clearance_s if form.reversals else 0.0
        clock.lap("reversals")
    elif form.reserves and not is_stopped(free.parts):
        actual = under_form(scenario, form)
        found = Found(actual, share, progress)
        clock.lap("plan on the roads left")
    parts = found.parts
    if form.bears_on_departures and not is_stopped(parts):
        parts = _formed_parts(found, form, params, progress, clock)
    elif is_stopped(parts) and (form.bears_on_departures or form.reserves):
        # what there is keeps no form: it must not be given out as if it did
        parts = [Part(part.problem, replace(part.answer, schedule=None)) for part in parts]
    moved = join(actual, parts)
    proofs = certificates(actual, parts, moved, _together(actual, found, parts))
    starts = no_leeway(scenario)
    curve = np.zeros(0), np.zeros(0)
    if not is_stopped(parts):
        patience = min(params.leeway_s, 0.1 * params.time_limit_s)
        starts = find_leeway(actual, moved, found.profile, time.monotonic() + patience, quick_clearance)
        if actual.network.n_links <= MOST_LINKS_TO_DESCEND:
            curve = bound_curve(actual, found.problems, moved)
        clock.lap("leeway")
    plan = assemble(actual, parts, moved, proofs, (starts, curve, params, clock))
    price = Price(
        free_clearance_s=_at_best(free.clearance_s, free, plan, form),
        free_persons=free.persons,
        free_lower_bound_s=free.bound_s,
        form_lower_bound_s=_form_bound(actual, found, form, moved),
        reversed_clearance_s=min(reversed_s, plan.clearance_time_s)
        if plan.persons_planned >= found.persons
        else reversed_s,
    )
    return replace(plan, form=form, price=price, left_out=_told(actual, plan.left_out, form, found))


def _at_best(free_s: float, free: Found, plan: Plan, form: Form) -> float:
    """The free clearance: no later than that of a plan that moves as many on the same roads in a form."""
    if form.reversals or plan.persons_planned < free.persons:
        return free_s
    return min(free_s, plan.clearance_time_s)


def _together(scenario: Scenario, found: Found, parts: list[Part]) -> list[Part]:
    """What bounds all directions at once, where there are several."""
    return pooled_bound(scenario, found.profile) if len(found.problems) > 1 and not is_stopped(parts) else []


def _formed_parts(found: Found, form: Form, params: PlanParameters, progress: Progress, clock: Stopwatch) -> list[Part]:
    """The parts with schedules of the form, and bounds for as many as those send."""
    scenario = found.scenario
    used = [p.answer.schedule.route_links for p in found.parts if p.answer.schedule is not None]
    links = np.unique(np.concatenate(used)) if used else np.zeros(0, dtype=np.int64)
    parties = gather_parties(scenario, found.profile, found.problems, form, links, ANY_PARTS)
    free_s = max(found.clearance_s, 1.0)
    deadline = time.monotonic() + min(MOST_FORM_S, 0.5 * params.time_limit_s)
    finder = FormSearch(parties, form, free_s, deadline, params.seed)
    stopped = False
    try:
        progress("form of the plan", found.bound_s, None)
        if not (form.routes_per_zone or form.is_convergent):
            given = as_planned(parties, form, _ways_of(parties, found.parts), free_s, params.seed)
            if not form.routes_of_zone and given is not None:
                finder.best = given
        finder.run()
    except (KeyboardInterrupt, SystemError) as error:
        if not is_interrupt(error):
            raise
        stopped = True
    clock.lap("form")
    result = []
    for k, part in enumerate(found.parts):
        schedule = None if finder.best is None else _schedule(parties, finder.best, k)
        bound = part.answer.bound
        if bound is not None and schedule is not None and schedule.sent < part.problem.demand * (1 - 1e-9):
            demand = max(1.0, schedule.sent - len(part.problem.zone))
            bound = strictly_below(part.problem, bound.labels, bound.horizon_s, demand)
        answer = Answer(
            bound=bound,
            schedule=schedule,
            most=part.answer.most,
            most_vehicles=part.answer.most_vehicles,
            interrupted=stopped or part.answer.interrupted,
            in_time=True,
        )
        result.append(Part(part.problem, answer))
    return result


def _ways_of(parties: Parties, parts: list[Part]) -> Ways:
    """The ways of the free plan, with the vehicles it sends on each."""
    row_of = np.full(parties.scenario.network.n_links, -1)
    row_of[parties.links] = np.arange(len(parties.links))
    number = {place: i for i, place in enumerate(parties.place)}
    party, site, vehicles, rows = [], [], [], []
    for k, part in enumerate(parts):
        found = part.answer.schedule
        if found is None:
            continue
        sent = np.bincount(found.route, found.vehicles, len(found.route_zone))
        for route in np.flatnonzero(sent > 0):
            way = row_of[found.route_links[found.route_start[route] : found.route_start[route + 1]]]
            if (way < 0).any():
                continue
            party.append(number[k, int(found.route_zone[route])])
            site.append(int(part.problem.site[found.route_site[route]]))
            vehicles.append(float(sent[route]))
            rows.append(way)
    return Ways(
        np.array(party, dtype=np.int64), np.array(site, dtype=np.int64), np.array(vehicles),
        np.concatenate(([0], np.cumsum([len(way) for way in rows]))).astype(np.int64),
        np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64), np.zeros(len(party), dtype=np.int64),
    )  # fmt: skip


def _schedule(parties: Parties, found: Departures, k: int) -> Schedule:
    """The departures of one problem."""
    ways, problem = found.ways, parties.problems[k]
    place = np.array(parties.place, dtype=np.int64).reshape(-1, 2)[ways.party]
    parts = np.flatnonzero(place[:, 0] == k)
    row, first, until, rate = runs(found.rate[parts])
    from_s, until_s = found.edges_s[first, 0], found.edges_s[until - 1, 1]
    vehicles = rate * (until_s - from_s)
    zone = place[parts, 1]
    at_site = {int(site): i for i, site in enumerate(problem.site)}
    lengths = np.diff(ways.start)[parts]
    links: list[IntArray] = [parties.links[ways.rows[ways.start[p] : ways.start[p + 1]]] for p in parts]
    sent = np.bincount(zone[row], vehicles, len(problem.zone))
    finish = until_s + ways.travel_s(parties)[parts][row]
    return Schedule(
        zone, np.array([at_site[int(s)] for s in ways.site[parts]], dtype=np.int64),
        np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        np.concatenate(links) if links else np.zeros(0, dtype=np.int64), row, from_s, until_s, vehicles,
        np.maximum(0.0, problem.vehicles - sent), float(finish.max(initial=0.0)),
    )  # fmt: skip


def _form_bound(scenario: Scenario, found: Found, form: Form, moved: Moved) -> float:
    """The best bound for the form, by those planned of each zone."""
    least = 0.0
    for problem in found.problems:
        planned = [
            problem.vehicles[i] - moved.left[int(z), problem.direction] / problem.persons_per_vehicle[i]
            for i, z in enumerate(problem.zone)
        ]
        least = max(least, form_bound(scenario, problem, form, np.array(planned, dtype=np.float64)))
    return least


def _told(scenario: Scenario, left: tuple[LeftOut, ...], form: Form, found: Found) -> tuple[LeftOut, ...]:
    """Who is left out for the form's sake, as told so."""
    if not form.bears_on_departures or is_stopped(found.parts):
        return left
    free_left: dict[int, int] = {}
    for (zone, _), persons in found.moved.left.items():
        free_left[zone] = free_left.get(zone, 0) + persons
    rows = []
    for row in left:
        by_form = row.reason not in (Reason.NO_VEHICLE, Reason.NO_ROUTE, Reason.CANNOT_DEPART)
        if by_form and free_left.get(row.zone, 0) == 0:
            rows.append(LeftOut(row.zone, row.persons, Reason.FORM, _binding(scenario, row.zone, form)))
        else:
            rows.append(row)
    return tuple(rows)


def _binding(scenario: Scenario, zone: int, form: Form) -> str:
    """What of the form leaves people of a zone out, in words."""
    zone_id = scenario.zones[zone].zone_id
    most = form.most_routes(zone_id)
    if not most:
        return "the ways and windows that this form allows are full"
    largest = max((site.beds for site in scenario.sites), default=0.0)
    ways = "one way" if most == 1 else f"{most} ways"
    if scenario.zones[zone].with_vehicle > most * largest:
        return f"{ways} to one site each: no site has more than {largest:,.0f} beds; allow {zone_id} more"
    return f"{ways} do not do for all of them; allow {zone_id} more"
