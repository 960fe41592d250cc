"""The last starts: of each zone, the others going as planned, and of all together; each with the bound beyond it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from clearway.model.cut import cut_of
from clearway.model.demand import Zone
from clearway.model.network import FloatArray
from clearway.model.plan import Certificate, Movements, Routes
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile
from clearway.planner.assemble import Moved
from clearway.planner.bound import STRICT, Bound, clearance_certificate
from clearway.planner.late import Ways, late_start, with_spare
from clearway.planner.room import (
    RoomLeft,
    fits,
    loads_of,
    profile_from,
    scenario_from,
    shifted_loads,
    sites_less,
    some_movements,
    zones_planned,
)
from clearway.planner.starts import StartBound, StartProblem, start_bound

PRECISION = 1 / 4000  # of the horizon
SHIFTS = 12
MOST_PLANS = 3
LEAST_PLAN_S = 0.5
Clearance = Callable[[Scenario, CapacityProfile, float], float]  # seconds to clear, in a time limit; nan: not everyone
SHARE_FOR_ALL = 0.5  # of the time there is


@dataclass(frozen=True, slots=True, eq=False)
class Leeway:
    """
    Last starts, seconds from the scenario's start.

    Attributes
    ----------
    zone_s : float64[n_zones]
        The latest start found that works for each zone, the others going as planned: a schedule shows it. nan where
        nobody is planned or the time was up.
    zone_bound_s : float64[n_zones]
        The earliest start proven to be too late for it, by a cut over time through the room that the others leave.
    all_s, all_bound_s : the same for everyone planned together, the point of no return; nan where unknown.
    certificate : the cut that proves ``all_bound_s``; None where none does
    """

    zone_s: FloatArray
    zone_bound_s: FloatArray
    all_s: float = math.nan
    all_bound_s: float = math.nan
    certificate: Certificate | None = None


def no_leeway(scenario: Scenario) -> Leeway:
    """Nothing known."""
    unknown = np.full(len(scenario.zones), np.nan)
    return Leeway(unknown, unknown.copy())


def find_leeway(
    scenario: Scenario, moved: Moved, profile: CapacityProfile, deadline: float, clearance: Clearance
) -> Leeway:
    """
    Last starts and their bounds, until a deadline (of `time.monotonic`): those that work first, for all zones.

    ``clearance`` makes a plan for a later start. The deadlines that count are those of the scenario: its horizon,
    closures, ``leave_by`` and closing times.
    """
    moves = moved.movements
    nothing = no_leeway(scenario)
    starts, bounds = nothing.zone_s, nothing.zone_bound_s
    if not len(moves):
        return nothing
    everyone = _Alone(scenario, moved, profile)
    zones = sorted(np.unique(moves.zone).tolist(), key=lambda zone: -float(moves.persons[moves.zone == zone].sum()))
    for zone in zones:
        if time.monotonic() > deadline:
            return Leeway(starts, bounds)
        planned = float(moves.depart_from_s[moves.zone == zone].min())
        late = everyone.late_start(zone)
        starts[zone] = max(planned, late) if math.isfinite(late) else planned
    for_all = time.monotonic() + SHARE_FOR_ALL * (deadline - time.monotonic())
    together = _together(scenario, moved, profile, for_all, clearance)
    for zone in zones:
        if time.monotonic() > deadline:
            break
        bounds[zone] = everyone.limit(zone)
    for zone in zones:
        if time.monotonic() > deadline:
            break
        bounds[zone] = everyone.too_late(zone, float(starts[zone]), deadline)
    return Leeway(starts, bounds, *together)


class _Alone:
    """The zones of a plan one by one, each with the roads and beds that the others leave."""

    def __init__(self, scenario: Scenario, moved: Moved, profile: CapacityProfile) -> None:
        self.scenario, self.moves, self.routes, self.profile = scenario, moved.movements, moved.routes, profile
        self.room = RoomLeft(scenario, profile, moved.movements, moved.routes)
        self.taken = np.bincount(self.moves.site, self.moves.persons, len(scenario.sites)).astype(np.float64)

    def people(self, zone: int) -> tuple[Scenario, Movements]:
        """A zone's people as a scenario of their own, one zone for each direction; and their movements."""
        mine = some_movements(self.moves, self.moves.zone == zone)
        own = np.bincount(mine.site, mine.persons, len(self.scenario.sites))
        parties = tuple(zones_planned(self.scenario, mine, [zone]))
        return replace(self.scenario, zones=parties, sites=sites_less(self.scenario.sites, self.taken - own)), mine

    def late_start(self, zone: int) -> float:
        """The latest start found that works, nan where none was."""
        rest, mine = self.people(zone)
        ways = with_spare(rest, self.profile, _ways(self.scenario, list(rest.zones), mine, self.routes))
        return late_start(rest, self.room.without(zone, np.unique(ways.links)), ways)

    def limit(self, zone: int) -> float:
        """The start from which the way alone is too long, or nobody may leave any more."""
        rest, _ = self.people(zone)
        return min((problem.limit() for problem in _problems(rest, self.profile, pooled=False)), default=math.inf)

    def too_late(self, zone: int, works_s: float, deadline: float) -> float:
        """The earliest start proven to be too late."""
        rest, _ = self.people(zone)
        return _too_late(rest, self.room.without(zone), works_s, deadline, PRECISION * self.scenario.horizon_s)[0]


def _ways(scenario: Scenario, parties: list[Zone], mine: Movements, routes: Routes) -> Ways:
    """The routes that movements of one zone take, by party."""
    used, first = np.unique(mine.route, return_index=True)
    site = mine.site[first]
    party_of = {party.directions[0][0] if party.directions else None: i for i, party in enumerate(parties)}
    has_choice = party_of.keys() != {None}
    group = np.array([party_of[scenario.sites[s].direction if has_choice else None] for s in site], dtype=np.int64)
    links = [routes.of(int(route)) for route in used]
    start = np.concatenate(([0], np.cumsum([len(each) for each in links]))).astype(np.int64)
    return Ways(group, site, start, np.concatenate(links))


def _problems(scenario: Scenario, profile: CapacityProfile, *, pooled: bool = True) -> Iterator[StartProblem]:
    """The people of each direction, and, where there are several, all of them as if they went anywhere."""
    directions = sorted({party.direction for party in scenario.parties()}, key=lambda d: (d is None, d or ""))
    for direction in directions:
        yield StartProblem(scenario, direction, profile)
    if pooled and len(directions) > 1:
        anywhere = replace(scenario, zones=tuple(replace(zone, directions=()) for zone in scenario.zones))
        yield StartProblem(anywhere, None, profile)


def _too_late(
    scenario: Scenario, profile: CapacityProfile, works_s: float, deadline: float, precision_s: float
) -> tuple[float, StartProblem | None, StartBound]:
    """
    The earliest start proven to be too late for everyone in a scenario, by any of its directions or all together; and
    whose bound it is, with the cut that shows it.
    """
    problems = [p for p in _problems(scenario, profile) if p.demand > 0]
    best = StartBound(min((problem.limit() for problem in problems), default=math.inf))
    whose: StartProblem | None = None
    for problem in problems:
        if time.monotonic() > deadline:
            break
        found = problem.steady_limit()
        best, whose = (found, problem) if found.start_s < best.start_s else (best, whose)
    for problem in problems:
        if time.monotonic() > deadline or best.start_s - works_s <= precision_s:
            break
        found = start_bound(problem, works_s, best.start_s, precision_s)
        best, whose = (found, problem) if found.start_s < best.start_s else (best, whose)
    return best.start_s, whose, best


def _together(
    scenario: Scenario, moved: Moved, profile: CapacityProfile, deadline: float, clearance: Clearance
) -> tuple[float, float, Certificate | None]:
    """
    The latest start found for everyone planned, by the plan set off later or a new one; the first too late, and why.
    """
    moves = moved.movements
    everyone = replace(scenario, zones=tuple(zones_planned(scenario, moves)))
    first = float(moves.depart_from_s.min())
    works = first + _longest_shift(scenario, moved, profile, deadline)
    if time.monotonic() > deadline:
        return works, math.nan, None
    half = 0.5 * (time.monotonic() + deadline)  # the other half for plans
    too_late, whose, bound = _too_late(everyone, profile, works, half, PRECISION * scenario.horizon_s)
    proof = None if whose is None else start_certificate(scenario, everyone, whose, bound)
    return _replanned(everyone, profile, (works, too_late), deadline, clearance), too_late, proof


def start_certificate(
    scenario: Scenario, everyone: Scenario, whose: StartProblem, bound: StartBound
) -> Certificate | None:
    """The cut of a bound on the start of all, in the scenario's own terms; None where it does not prove it there."""
    if bound.labels is None:
        return None
    problem = whose.at(bound.start_s)
    made = clearance_certificate(problem, Bound(problem.horizon_s, bound.labels, problem.demand))
    index = {zone.zone_id: i for i, zone in enumerate(scenario.zones)}
    # a zone that goes in several directions is open where any of its parties is
    found = replace(
        made,
        horizon_s=scenario.horizon_s,
        labels_s=made.labels_s + bound.start_s,
        open_zones=tuple(sorted({index[everyone.zones[i].zone_id] for i in made.open_zones})),
    )
    from_then = scenario_from(scenario, bound.start_s)  # windows count from then: back to the scenario's own time
    later = tuple(
        replace(z, departure_windows=tuple((a + bound.start_s, b + bound.start_s) for a, b in z.departure_windows))
        for z in from_then.zones
    )
    value = cut_of(replace(scenario, zones=later), found, whose.profile).value
    return replace(found, cut_vehicles=value) if value < made.demand_vehicles * (1 - STRICT) else None


def _replanned(
    scenario: Scenario, profile: CapacityProfile, bracket: tuple[float, float], deadline: float, clearance: Clearance
) -> float:
    """A later start that works, by plans made for starts between one that works and one that is too late."""
    works, too_late = bracket
    trial = works + 0.75 * (too_late - works)
    for _ in range(MOST_PLANS):
        left = deadline - time.monotonic()
        if left < LEAST_PLAN_S or too_late - works <= 0.01 * scenario.horizon_s:
            break
        done = trial + clearance(scenario_from(scenario, trial), profile_from(profile, trial), left)
        if done <= scenario.horizon_s:
            works = trial
        else:  # also where it is nan
            too_late = trial
        trial = 0.5 * (works + too_late)
    return works


def _longest_shift(scenario: Scenario, moved: Moved, profile: CapacityProfile, deadline: float) -> float:
    """Seconds by which the whole plan can be set off later and still holds: the most that was found by halving."""
    moves = moved.movements
    travel = np.add.reduceat(scenario.network.free_flow_time_s[moved.routes.links], moved.routes.start[:-1])
    arrival = moves.depart_until_s + travel[moves.route]
    loads = loads_of(scenario.network.free_flow_time_s, moves, moved.routes)
    low, high = 0.0, scenario.horizon_s - float(arrival.max())

    def holds(shift_s: float) -> bool:
        leave = (moves.zone, moves.depart_from_s + shift_s, moves.depart_until_s + shift_s)
        arrive = (moves.site, leave[1] + travel[moves.route], arrival + shift_s)
        zones, sites = [z.departure_windows for z in scenario.zones], [s.open_windows for s in scenario.sites]
        return (
            _are_inside(*leave, zones) and _are_inside(*arrive, sites) and fits(profile, shifted_loads(loads, shift_s))
        )

    if high <= 0 or holds(high):
        return max(high, 0.0)
    for _ in range(SHIFTS):
        if time.monotonic() > deadline:
            break
        middle = 0.5 * (low + high)
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _are_inside(index: np.ndarray, from_s: FloatArray, until_s: FloatArray, windows: list) -> bool:  # type: ignore[type-arg]
    """Whether all of some intervals lie within one window each of the zone or site they belong to."""
    for i in np.unique(index):
        own = index == i
        inside = np.zeros(int(own.sum()), dtype=np.bool_)
        for a, b in windows[int(i)]:
            inside |= (from_s[own] >= a - 1e-6) & (until_s[own] <= b + 1e-6)
        if not inside.all():
            return False
    return True
