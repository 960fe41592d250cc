"""Counting persons after a drive."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from clearway.kernels.traffic_tables import AHEAD, AT_HOME, ON_ROAD, SAFE, TRAPPED, TURNED_AWAY
from clearway.model.network import FloatArray, IntArray
from clearway.model.outcome import Tally
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.simulator.behaviour import Travellers
from clearway.simulator.drive import Drive

BoolArray = npt.NDArray[np.bool_]
BACKGROUND = SimpleNamespace(safe=SAFE, trapped=TRAPPED)
CURVE_POINTS = 240
Spread = tuple[float, float, float, float]


def persons_by(group: IntArray, persons: FloatArray, n: int) -> FloatArray:
    """float64[n]: persons of each group."""
    found: FloatArray = np.bincount(group, persons, n).astype(np.float64)
    return found


def last_by(group: IntArray, times: FloatArray, n: int) -> FloatArray:
    """float64[n]: the latest time of each group, nan where it has none."""
    last = np.full(n, -np.inf)
    np.maximum.at(last, group, times)
    last[np.isneginf(last)] = np.nan
    return last


def tally_of(
    scenario: Scenario,
    plan: Plan,
    zone: IntArray,
    is_shadow: BoolArray,
    platoons: Any,
    among_present: FloatArray,
) -> tuple[Tally, ...]:
    """
    Zone by zone, where its people are. ``among_present``: persons left out of the plan who go all the same.

    The parts are counted one by one; that they add up to the total is for tests and readers to see.
    """
    n = len(scenario.zones)
    persons, status = platoons.persons, platoons.status
    left_out = np.zeros(n)
    for group in plan.left_out:
        left_out[group.zone] += group.persons
    stays = ~np.isfinite(platoons.leaves)

    def count(which: BoolArray) -> FloatArray:
        return persons_by(zone[which], persons[which], n)

    waits = ~stays & ((status == AHEAD) | (status == AT_HOME))
    columns = {
        "safe": count(status == SAFE),
        "on_road": count(status == ON_ROAD),
        "at_home": count(waits),
        "trapped": count(status == TRAPPED),
        "turned_away": count(status == TURNED_AWAY),
        "stayed": count(stays & ~is_shadow),
        "not_asked": left_out - among_present + count(stays & is_shadow),
        "shadow": count(is_shadow & ~stays),
    }
    # present, and those who are not to be moved but go all the same
    total = np.array([float(z.present) for z in scenario.zones]) + count(is_shadow) - among_present
    return tuple(
        Tally(float(total[i]), **{name: float(values[i]) for name, values in columns.items()}) for i in range(n)
    )


def curves(
    scenario: Scenario, platoons: Any, leaves: BoolArray, last: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Times, and persons safe, on the road, at home, waiting at home by then, of those who leave."""
    is_over = bool(leaves.any()) and bool((platoons.status[leaves] == SAFE).all())
    end = last if is_over else scenario.horizon_s
    times = np.linspace(0.0, end, CURVE_POINTS + 1)

    def by_then(moments: FloatArray, which: BoolArray) -> FloatArray:
        group = np.zeros(int(which.sum()), dtype=np.int64)
        found: FloatArray = by_group(times, moments[which], group, platoons.persons[which], 1)[0]
        return found

    safe = by_then(platoons.arrived, leaves & (platoons.status == SAFE))
    gone = by_then(platoons.arrived, leaves & ((platoons.status == TRAPPED) | (platoons.status == TURNED_AWAY)))
    entered = by_then(platoons.left_home, leaves)
    due = by_then(platoons.leaves, leaves)
    everyone = float(platoons.persons[leaves].sum())
    clean = np.maximum
    return times, safe, clean(entered - safe - gone, 0.0), clean(everyone - entered, 0.0), clean(due - entered, 0.0)


def by_group(times: FloatArray, moments: FloatArray, group: IntArray, persons: FloatArray, n_groups: int) -> FloatArray:
    """float64[n_groups, n]: persons of each group whose moment has come by each time; ``times`` at even intervals."""
    step = first_not_before(times, moments)
    is_in = step < len(times)
    flat = np.bincount(group[is_in] * len(times) + step[is_in], persons[is_in], n_groups * len(times))
    found: FloatArray = np.cumsum(flat.reshape(n_groups, len(times)), axis=1)
    return found


def first_not_before(times: FloatArray, moments: FloatArray) -> IntArray:
    """``np.searchsorted(times, moments)`` for times at even intervals: found by division, then set right."""
    n = len(times)
    interval = (times[-1] - times[0]) / max(n - 1, 1)
    if not interval > 0.0:
        return np.searchsorted(times, moments).astype(np.int64)
    step: IntArray = np.clip(np.ceil((moments - times[0]) / interval), 0, n).astype(np.int64)
    padded = np.concatenate(([-np.inf], times, [np.inf]))  # time i is padded[i + 1]
    step -= padded[step] >= moments
    step += padded[step + 1] < moments
    return step


def spread(
    travellers: Travellers, plan: Plan, scenario: Scenario, platoons: Any, is_safe: BoolArray
) -> tuple[Spread, Spread]:
    """(mean, median, 90 %, most) of travel times, and of delays of those who kept to their route; by person."""
    travel = platoons.arrived[is_safe] - platoons.left_home[is_safe]
    kept = is_safe & (platoons.guide < 0)
    free = plan.route_time_s(scenario.network.free_flow_time_s)[travellers.route[kept]]
    delay = np.maximum(platoons.arrived[kept] - platoons.leaves[kept] - free, 0.0)
    return weighted(travel, platoons.persons[is_safe]), weighted(delay, platoons.persons[kept])


def weighted(values: FloatArray, weights: FloatArray) -> Spread:
    """Mean, median, 90 % quantile and maximum; zeros where there is nobody."""
    if not len(values):
        return (0.0, 0.0, 0.0, 0.0)
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weights[order])
    quantiles = [
        float(values[order][min(int(np.searchsorted(passed, q * passed[-1])), len(order) - 1)]) for q in (0.5, 0.9)
    ]
    return float((values * weights).sum() / weights.sum()), quantiles[0], quantiles[1], float(values.max())


def exposure_on_road(scenario: Scenario, drive: Drive) -> float:
    """Person-seconds on links within hazards: of those who left them, are on them, or are trapped there."""
    platoons, n_links = drive.platoons, scenario.network.n_links
    total = float(drive.state.exposed[0])
    on_link = (platoons.status == TRAPPED) | ((platoons.status == ON_ROAD) & (platoons.place < n_links))
    for area in scenario.hazard_areas:
        inside = on_link & np.isin(platoons.place, area.links)
        shared = min(area.until_s, scenario.horizon_s) - np.maximum(platoons.entered[inside], area.from_s)
        total += float((np.maximum(shared, 0.0) * platoons.persons[inside]).sum())
    return total


def exposure_at_home(scenario: Scenario, plan: Plan, travellers: Travellers, platoons: Any) -> float:
    """Person-seconds at home within hazards, of all who were present."""
    total = 0.0
    left_out = np.zeros(len(scenario.zones))
    for group in plan.left_out:
        left_out[group.zone] += group.persons
    left_home = np.minimum(platoons.left_home, scenario.horizon_s)
    is_planned = travellers.route >= 0
    for area in scenario.hazard_areas:
        end = min(area.until_s, scenario.horizon_s)
        for zone in area.zones:
            here = is_planned & (travellers.zone == zone)
            shared = np.minimum(left_home[here], end) - area.from_s
            total += float((np.maximum(shared, 0.0) * platoons.persons[here]).sum())
            total += max(end - area.from_s, 0.0) * left_out[zone]
    return total
