"""The figures of a plan: people by zone and site, clearance, bound, gap, arrivals. For plan.json, CLI and report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeGuard

import numpy as np

from clearway.model.network import FloatArray, IntArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario

EARLY_TIMES = 10
EARLY_DIGITS = 9  # a difference of sums: fewer digits are sure
HOUR_S = 3600.0
CURVE_POINTS = 200  # enough for a chart as wide as a page
EVACUATED_SHARE = 0.9  # NUREG/CR-7002 (Rev. 1, 2021): evacuation time estimates are given for 90 % and 100 %
DIGITS = 12  # significant
TOLERANCE = 1e-6  # relative; design section 5


def tidy(number: float, digits: int = DIGITS) -> float | int | None:
    """A number as it is written: whole without a point, at most some digits, None where there is none."""
    number = float(number)
    if not math.isfinite(number):
        return None
    short = float(f"{number:.{digits}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short


def tidy_list(numbers: FloatArray) -> list[float | int | None]:
    return [tidy(number) for number in numbers.tolist()]


def plan_figures(plan: Plan, scenario: Scenario) -> dict[str, Any]:
    """All figures of a plan as JSON can hold them: None stands for what is unknown or endless."""
    times, persons = plan.arrivals(scenario.network.free_flow_time_s)
    return {
        "persons": person_figures(plan, scenario),
        "vehicles": tidy(plan.movements.vehicles.sum()),
        "movements": len(plan.movements),
        "routes": len(plan.routes),
        "clearance_time_s": tidy(plan.clearance_time_s),
        "clearance_lower_bound_s": tidy(plan.clearance_lower_bound_s),
        "clearance_time_90_s": tidy(time_of_share(times, persons, EVACUATED_SHARE)),
        "gap": tidy(plan.gap),
        "persons_upper_bound": tidy(plan.persons_upper_bound),
        "last_start_all_s": tidy(plan.last_start_all_s),
        "last_start_all_bound_s": tidy(plan.last_start_all_bound_s),
        "arrivals": curve(*sampled(times, persons)),
        "bound_curve": curve(*thinned(plan.bound_curve_s, plan.bound_curve_persons)),
        "early_arrivals": early_arrivals(times, persons, plan),
        "sites": site_figures(plan, scenario),
        "runtime_s": runtime(plan),
    }


def person_figures(plan: Plan, scenario: Scenario) -> dict[str, Any]:
    """People present, planned and left out: in all, by reason and by zone."""
    by_reason: dict[str, float] = {}
    for left in plan.left_out:
        by_reason[str(left.reason)] = by_reason.get(str(left.reason), 0.0) + left.persons
    return {
        "present": sum(zone.present for zone in scenario.zones),
        "with_vehicle": sum(zone.with_vehicle for zone in scenario.zones),
        "without_vehicle": sum(zone.without_vehicle for zone in scenario.zones),
        "planned": tidy(plan.persons_planned),
        "left_out": tidy(math.fsum(left.persons for left in plan.left_out)),
        "left_out_by_reason": {reason: tidy(persons) for reason, persons in by_reason.items()},
        "zones": zone_figures(plan, scenario),
    }


def extent(index: IntArray, n: int, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Least of ``low`` and most of ``high`` per zone or site; inf and -inf where nobody moves."""
    least, most = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(least, index, low)
    np.maximum.at(most, index, high)
    return least, most


def shares(keys: IntArray, others: IntArray, persons: FloatArray, n_others: int) -> dict[int, list[tuple[int, float]]]:
    """Per key, the others its persons go to, most persons first."""
    pairs, place = np.unique(keys * max(n_others, 1) + others, return_inverse=True)
    amounts = np.bincount(place, persons, minlength=len(pairs))
    found: dict[int, list[tuple[int, float]]] = {}
    for pair, amount in zip(pairs.tolist(), amounts.tolist(), strict=True):
        found.setdefault(pair // n_others, []).append((pair % n_others, amount))
    # rounded: amounts that only differ in the last digit keep the order of the file, also when read again
    return {key: sorted(pairs, key=lambda pair: (-round(pair[1], 3), pair[0])) for key, pairs in found.items()}


def zone_figures(plan: Plan, scenario: Scenario) -> list[dict[str, Any]]:
    """One entry per zone, in the scenario's order."""
    moves, n = plan.movements, len(scenario.zones)
    travel = plan.route_time_s(scenario.network.free_flow_time_s)[moves.route]
    planned = np.bincount(moves.zone, moves.persons, minlength=n)
    first, last = extent(moves.zone, n, moves.depart_from_s, moves.depart_until_s)
    _, arrived = extent(moves.zone, n, moves.depart_from_s, moves.depart_until_s + travel)
    sites = shares(moves.zone, moves.site, moves.persons, len(scenario.sites))
    routes = shares(moves.zone, moves.route, moves.persons, len(plan.routes))
    unknown = np.full(n, np.nan)
    last_start = plan.last_start_s if len(plan.last_start_s) == n else unknown
    too_late = plan.last_start_bound_s if len(plan.last_start_bound_s) == n else unknown
    left_out: dict[int, list[dict[str, Any]]] = {}
    for left in plan.left_out:
        entry = {
            "reason": str(left.reason),
            "persons": tidy(left.persons),
            "binding": left.binding,
            "seats": left.seats,
        }
        left_out.setdefault(left.zone, []).append(entry)
    return [
        {
            "zone_id": zone.zone_id,
            "name": zone.name,
            "present": zone.present,
            "planned": tidy(planned[i]),
            "left_out": left_out.get(i, []),
            "first_departure_s": tidy(first[i]),
            "last_departure_s": tidy(last[i]),
            "last_arrival_s": tidy(arrived[i]),
            "last_start_s": tidy(last_start[i]),
            "last_start_bound_s": tidy(too_late[i]),
            "sites": [
                {
                    "site_id": scenario.sites[site].site_id,
                    "name": scenario.sites[site].name,
                    "persons": tidy(persons),
                }
                for site, persons in sites.get(i, [])
            ],
            "routes": len(routes.get(i, [])),
        }
        for i, zone in enumerate(scenario.zones)
    ]


def site_figures(plan: Plan, scenario: Scenario) -> list[dict[str, Any]]:
    """How full each site gets, and when its people come."""
    moves, n = plan.movements, len(scenario.sites)
    travel = plan.route_time_s(scenario.network.free_flow_time_s)[moves.route]
    persons = np.bincount(moves.site, moves.persons, minlength=n)
    first, last = extent(moves.site, n, moves.depart_from_s + travel, moves.depart_until_s + travel)
    return [
        {
            "site_id": site.site_id,
            "name": site.name,
            "beds": tidy(site.beds),
            "persons": tidy(persons[i]),
            "filled": tidy(persons[i] / site.beds) if site.beds > 0 else None,
            "first_arrival_s": tidy(first[i]),
            "last_arrival_s": tidy(last[i]),
        }
        for i, site in enumerate(scenario.sites)
    ]


def time_of_share(times: FloatArray, persons: FloatArray, share: float) -> float:
    """When a share of those who arrive has arrived: seconds; 0 where nobody does."""
    total = float(persons[-1])
    if total <= 0:
        return 0.0
    goal = share * total
    after = int(np.searchsorted(persons, goal, side="left"))
    if after == 0:
        return float(times[0])
    rise = float(persons[after] - persons[after - 1])
    part = (goal - float(persons[after - 1])) / rise if rise > 0 else 1.0
    return float(times[after - 1] + part * (times[after] - times[after - 1]))


def sampled(times: FloatArray, persons: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A curve of arrivals at evenly spread times from 0 to its end, or at its own corners where those are few."""
    if len(times) < CURVE_POINTS:
        if times[0] > 0:
            return np.concatenate(([0.0], times)), np.concatenate(([0.0], persons))
        return times, persons
    at = np.linspace(0.0, float(times[-1]), CURVE_POINTS)
    return at, np.interp(at, times, persons)


def early_arrivals(times: FloatArray, persons: FloatArray, plan: Plan) -> dict[str, Any]:
    """The area between the arrivals and the curve of bounds at ten times (trapezoidal rule), and its share."""
    bound_s, bound = thinned(plan.bound_curve_s, plan.bound_curve_persons)
    kept = np.unique(np.round(np.linspace(0, max(len(bound_s) - 1, 0), EARLY_TIMES + 1)).astype(np.int64))
    kept = kept[kept < len(bound_s)]
    at, most = bound_s[kept], bound[kept]
    arrived = np.interp(at, times, persons, left=0.0) if len(at) else at
    below = float(np.trapezoid(most, at)) / HOUR_S
    area = max(0.0, below - float(np.trapezoid(arrived, at)) / HOUR_S)
    return {
        "time_s": tidy_list(at[1:]),
        "arrived": tidy_list(arrived[1:]),
        "bound": tidy_list(most[1:]),
        "area_person_h": tidy(area, EARLY_DIGITS),
        "area_share": tidy(area / below, EARLY_DIGITS) if below > 0 else None,
    }


def thinned(times: FloatArray, persons: FloatArray) -> tuple[FloatArray, FloatArray]:
    """At most so many points of a curve, the last one among them; each stays what it was, as a bound must."""
    if len(times) <= CURVE_POINTS:
        return times, persons
    kept = np.unique(np.linspace(0, len(times) - 1, CURVE_POINTS).astype(np.int64))
    return times[kept], persons[kept]


def curve(times: FloatArray, persons: FloatArray) -> dict[str, Any]:
    return {"time_s": tidy_list(times), "persons": tidy_list(persons)}


def runtime(plan: Plan) -> dict[str, float | int | None]:
    """Seconds per step, steps of the same name added up."""
    steps: dict[str, float] = {}
    for step, seconds in plan.runtime_s:
        steps[step] = steps.get(step, 0.0) + seconds
    return {step: tidy(seconds) for step, seconds in steps.items()}


def differing_figures(stated: Mapping[str, Any], plan: Plan, scenario: Scenario) -> list[str]:
    """Where the figures stated in a plan.json are not those of the plan: one sentence each, with the place."""
    with np.errstate(all="ignore"):  # movements may be spoiled: windows without length, for one
        return differing(stated, plan, scenario)


def differing(stated: Mapping[str, Any], plan: Plan, scenario: Scenario) -> list[str]:
    found = plan_figures(plan, scenario)
    differences = differences_of({**stated, "arrivals": None}, {**found, "arrivals": None}, "figures")
    try:
        times, persons = (np.array(stated["arrivals"][name], dtype=np.float64) for name in ("time_s", "persons"))
        arrived = np.interp(times, *plan.arrivals(scenario.network.free_flow_time_s))
        off = np.abs(arrived - persons) > TOLERANCE * max(1.0, plan.persons_planned)
        if not len(times):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        return [*differences, "figures.arrivals: expected two lists of numbers of the same length"]
    if off.any():
        i = int(np.flatnonzero(off)[0])
        differences.append(f"figures.arrivals: stated {persons[i]:.10g} by {times[i]:.10g} s, found {arrived[i]:.10g}")
    return differences


def differences_of(stated: object, found: object, place: str) -> list[str]:
    """Where two JSON values differ, numbers by more than the tolerance."""
    if isinstance(stated, dict) and isinstance(found, dict):
        inner = [(stated.get(key), found.get(key), f"{place}.{key}") for key in {**found, **stated}]
    elif isinstance(stated, list) and isinstance(found, list) and len(stated) == len(found):
        inner = [(one, other, f"{place}[{i}]") for i, (one, other) in enumerate(zip(stated, found, strict=True))]
    elif is_number(stated) and is_number(found):
        limit = TOLERANCE * max(1.0, abs(stated), abs(found))
        return [] if abs(stated - found) <= limit else [f"{place}: stated {stated:.10g}, found {found:.10g}"]
    else:
        return [] if stated == found else [f"{place}: stated {short(stated)}, found {short(found)}"]
    return [difference for one, other, where in inner for difference in differences_of(one, other, where)]


def is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def short(value: object) -> str:
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
