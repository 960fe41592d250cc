"""
What more capacity would buy: prices of the cut that bounds a plan.

A cut's value is linear in the rates of its links, so the same cut, valued with more capacity and moved to fit, says at
once what no plan could beat then: the most that the change can buy. Other cuts may bind next; solving again shows what
it does buy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from clearway.model.cut import Cut, cut_of
from clearway.model.network import FloatArray
from clearway.model.plan import BoundKind, Certificate, Plan
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability, CapacityProfile, capacity_profile
from clearway.planner.bound import raised_bound, steady_bound, strictly_below
from clearway.planner.labels import Labels
from clearway.planner.outcome import Outcome, outcome_of
from clearway.planner.problem import build_problem

HOUR_S = 3600.0
SOME_VEH_PER_H = 100.0
# a lane of buses: one a minute with 50 seats; TCQSM (TRB, 3rd ed., 2013) gives 60 to 120 buses an hour for bus lanes
BUSES_PER_H = 60.0
SEATS = 50.0
MOST_ROADS = 5
LEAST_SHARE = 0.005  # of the cut: smaller roads in it are not worth a price


@dataclass(frozen=True, slots=True)
class Change:
    """
    One thing that could be changed: ``kind`` is rate, lane, bus lane (more capacity) or hour (open an hour longer).

    ``crossing`` is an index into the scenario's crossings, -1 for a road; ``vehicles_per_h`` is what passes more while
    it is open (nan for an hour).
    """

    kind: str
    crossing: int
    links: tuple[int, ...]
    vehicles_per_h: float = math.nan


@dataclass(frozen=True, slots=True)
class Price:
    """
    What a change buys at the most, by the plan's own cut: seconds of clearance and persons brought to safety.

    ``solved_s`` and ``solved_persons`` are what it buys when the scenario is solved again with it, of the bound;
    ``plan_s`` and ``plan_persons`` of the plan; nan where it was not.
    """

    change: Change
    gain_s: float
    gain_persons: float
    solved_s: float = math.nan
    solved_persons: float = math.nan
    plan_s: float = math.nan
    plan_persons: float = math.nan


def changes(scenario: Scenario, certificate: Certificate, profile: CapacityProfile) -> list[Change]:
    """More capacity, and an hour more, on each crossing and the largest roads of a certificate's cut."""
    found = []
    load = max((scenario.zones[i].persons_per_vehicle for i in certificate.open_zones), default=1.0)
    full = scenario.usable_rate()
    for crossing, links in _places(scenario, cut_of(scenario, certificate, profile)):
        per_lane = float(np.sum(full[list(links)] / np.maximum(scenario.network.lanes[list(links)], 1.0)))
        share = _open_share(links, profile, full)
        found += [
            Change("rate", crossing, links, SOME_VEH_PER_H),
            Change("lane", crossing, links, per_lane * share * HOUR_S),
            Change("bus lane", crossing, links, BUSES_PER_H * SEATS / load),
        ]
        if any(_ends(s, links) for s in scenario.availabilities):
            found.append(Change("hour", crossing, links))
    return found


def _places(scenario: Scenario, cut: Cut) -> list[tuple[int, tuple[int, ...]]]:
    """(crossing or -1, links) of a cut: the crossings, then the largest roads, the most vehicles first."""
    of_link = {link: i for i, c in reversed(list(enumerate(scenario.crossings))) for link in c.links}
    amounts: dict[tuple[int, int], float] = {}
    links: dict[tuple[int, int], set[int]] = {}
    for link, vehicles in zip(cut.link.tolist(), cut.vehicles.tolist(), strict=True):
        crossing = of_link.get(link, -1)
        key = (crossing, -1 if crossing >= 0 else link)
        amounts[key] = amounts.get(key, 0.0) + vehicles
        links.setdefault(key, set()).add(link)
    order = sorted(amounts, key=lambda key: -amounts[key])
    worth = LEAST_SHARE * sum(amounts.values())
    roads = [key for key in order if key[0] < 0 and amounts[key] >= worth][:MOST_ROADS]
    return [(key[0], tuple(sorted(links[key]))) for key in order if key[0] >= 0 or key in roads]


def _open_share(links: tuple[int, ...], profile: CapacityProfile, full: FloatArray) -> float:
    """The share of its full rate that a link takes at its best: restrictions bear on a further lane too."""
    top = max(float(profile.rate[profile.start[link] : profile.start[link + 1]].max()) for link in links)
    most = max(float(full[link]) for link in links)
    return top / most if most > 0 else 1.0


def _ends(statement: Availability, links: tuple[int, ...]) -> bool:
    """Whether a statement closes any of some links at some time after the start."""
    return statement.capacity_factor == 0 and statement.from_s > 0 and bool(set(statement.links) & set(links))


def changed_profile(scenario: Scenario, change: Change) -> CapacityProfile:
    """The rates with the change made."""
    if change.kind == "hour":
        later = tuple(
            replace(s, from_s=s.from_s + HOUR_S) if _ends(s, change.links) else s for s in scenario.availabilities
        )
        later = tuple(s for s in later if s.from_s < s.until_s)
        return capacity_profile(scenario.usable_rate(), scenario.network.free_flow_time_s, later)
    profile = scenario.capacity_profile()
    rate = profile.rate.copy()
    for link in change.links:
        a, b = int(profile.start[link]), int(profile.start[link + 1])
        is_open = rate[a:b] > 0
        rate[a:b][is_open] += change.vehicles_per_h / HOUR_S / len(change.links)
    return CapacityProfile(profile.start.copy(), profile.from_s.copy(), rate)


def prices(scenario: Scenario, plan: Plan, *, solve: bool = False) -> list[Price]:
    """What each change buys at the most, by the plan's main certificate; ``solve``: and when solved again with it."""
    certificate, profile = plan.certificate, scenario.capacity_profile()
    if not np.isfinite(certificate.labels_s).any():
        return []
    before = _proven(scenario, certificate, profile)
    outcome = outcome_of(scenario) if solve else None
    found = []
    for change in changes(scenario, certificate, profile):
        more = changed_profile(scenario, change)
        seconds, persons = _proven(scenario, certificate, more)
        price = Price(change, max(0.0, before[0] - seconds), max(0.0, persons - before[1]))
        if outcome is not None:
            price = _solved(price, outcome, outcome_of(scenario, profile=more))
        found.append(price)
    return found


def _solved(price: Price, before: Outcome, after: Outcome) -> Price:
    both = before.is_complete and after.is_complete
    return replace(
        price,
        solved_s=before.clearance_bound_s - after.clearance_bound_s if both else math.nan,
        solved_persons=after.persons_bound - before.persons_bound,
        plan_s=before.clearance_s - after.clearance_s if both else math.nan,
        plan_persons=after.persons - before.persons,
    )


def _proven(scenario: Scenario, certificate: Certificate, profile: CapacityProfile) -> tuple[float, float]:
    """What a certificate's cut proves with some rates: the clearance time, or the most persons."""
    if certificate.kind is BoundKind.EVACUATED:
        cut = cut_of(scenario, certificate, profile)
        open_zones = set(certificate.open_zones)
        load = max((scenario.zones[i].persons_per_vehicle for i in open_zones), default=0.0)
        closed = math.fsum(
            party.persons
            for party in scenario.parties()
            if party.zone not in open_zones
            and (certificate.direction is None or party.direction == certificate.direction)
        )
        beds = sum(scenario.sites[i].beds for i, _ in cut.site_vehicles)
        everyone = sum(
            party.persons
            for party in scenario.parties()
            if certificate.direction is None or party.direction == certificate.direction
        )
        return 0.0, min(float(everyone), float(cut.vehicles.sum()) * load + closed + beds)
    problem = build_problem(scenario, certificate.direction, profile)
    labels = np.full(problem.n_nodes, np.inf)
    labels[: len(certificate.labels_s)] = certificate.labels_s
    labels[len(certificate.labels_s) :] = certificate.labels_s[problem.home_of]
    cut_labels = Labels(
        labels,
        np.isin(problem.zone, certificate.open_zones),
        np.isin(problem.site, certificate.paid_sites),
    )
    demand = problem.demand
    best = strictly_below(problem, cut_labels, 1.05 * certificate.horizon_s, demand)
    steady = steady_bound(problem, np.flatnonzero(cut_labels.is_open), certificate.horizon_s)
    best = steady if steady.horizon_s > best.horizon_s else best
    if best.horizon_s < certificate.horizon_s and not problem.is_steady:
        raised = raised_bound(problem, best.labels, best.horizon_s, demand, certificate.horizon_s)
        best = raised if raised is not None and raised.horizon_s > best.horizon_s else best
    return best.horizon_s, 0.0
