"""
A change of plan: from the state at some moment, orders kept as far as they hold and do not cost too much.

People on the road drive on as they do, unless their way no longer holds. Orders at home are kept up to a time of
departure; the rest is planned anew around them. The later that time, the more orders stand, and the more they may cost.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from clearway.model.demand import Zone, split_by_direction
from clearway.model.network import FloatArray
from clearway.model.plan import CAR, Movements, Plan, Routes
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile
from clearway.model.state import OnRoad, State
from clearway.planner.assemble import Moved, certificates
from clearway.planner.leeway import no_leeway
from clearway.planner.outcome import outcome_of
from clearway.planner.parameters import PlanParameters
from clearway.planner.plan import (
    Stopwatch,
    assemble,
    bound_curve,
    directions,
    is_stopped,
    pooled_bound,
    search,
)
from clearway.planner.problem import build_problem
from clearway.planner.room import HAIR, difference, loads_of, profile_less, sites_less, some_movements
from clearway.planner.state import released

MOST_TRIALS = 4
SAME_PERSONS = 0.5
INSTANT_S = 1e-6
OVER = 5e-7  # relative: half of what a check tolerates
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """
    Movements that stand, by the old plan; times from now.

    ``group`` is int64[n]: the place in the state's groups on the road, -1 for people at home.
    """

    movements: Movements
    routes: Routes
    group: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Replanned:
    """
    A plan for the state, and what became of the orders.

    ``kept`` are the first so many movements of the plan. ``kept_until_s``: orders at home to leave before it were kept,
    seconds from now. ``costs`` are (share of persons, share of clearance time) against replanning all at home.
    ``is_in_time``: no plan that was tried was cut short by its time limit; else that may have decided what is kept.
    """

    plan: Plan
    n_kept: int
    kept_until_s: float
    costs: tuple[float, float]
    is_in_time: bool


def orders_of(plan: Plan, state: State, zones: tuple[Zone, ...], *, as_they_were: bool = False) -> Orders:
    """
    What stands of a plan's movements: on the road what is ahead, at home what has not left.

    Zones become those of the state's scenario: the changed scenario's (``zones``), then one per group on the road.
    ``as_they_were``: with those of groups that do not drive on, too.
    """
    rows: list[
        tuple[int, int, float, float, float, float, int]
    ] = []  # zone, site, from, until, vehicles, persons, group
    links: list[tuple[int, ...]] = []
    for place, group in enumerate(state.on_road):
        load = group.persons_per_vehicle
        for s in group.stretches if group.is_kept or as_they_were else ():
            rows.append((len(zones) + place, group.site, s.from_s, s.until_s, s.vehicles, s.vehicles * load, place))
            links.append(s.links)
    moves = plan.movements
    for m in np.flatnonzero(moves.depart_until_s > state.now_s + INSTANT_S).tolist():
        begin = max(float(moves.depart_from_s[m]), state.now_s)
        share = (float(moves.depart_until_s[m]) - begin) / float(moves.depart_until_s[m] - moves.depart_from_s[m])
        until = float(moves.depart_until_s[m]) - state.now_s
        amounts = float(moves.vehicles[m]) * share, float(moves.persons[m]) * share
        rows.append((int(moves.zone[m]), int(moves.site[m]), begin - state.now_s, until, *amounts, -1))
        links.append(tuple(plan.routes.of(int(moves.route[m])).tolist()))
    return _as_orders(rows, links)


def _as_orders(rows: list[tuple[int, int, float, float, float, float, int]], links: list[tuple[int, ...]]) -> Orders:
    distinct = {route: i for i, route in enumerate(dict.fromkeys(links))}
    table = np.array(rows, dtype=np.float64).reshape(-1, 7)
    lengths = [len(route) for route in distinct]
    joined = [link for route in distinct for link in route]
    moves = Movements(
        table[:, 0].astype(np.int64), table[:, 1].astype(np.int64),
        np.array([distinct[route] for route in links], dtype=np.int64),
        table[:, 2].copy(), table[:, 3].copy(), table[:, 4].copy(), table[:, 5].copy(),
        (CAR,) * len(rows), tuple(f"m{i + 1}" for i in range(len(rows))),
    )  # fmt: skip
    routes = Routes(
        tuple(f"r{i + 1}" for i in range(len(distinct))),
        np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        np.array(joined, dtype=np.int64),
    )
    return Orders(moves, routes, table[:, 6].astype(np.int64))


def holding(orders: Orders, scenario: Scenario, profile: CapacityProfile) -> np.ndarray:
    """
    bool[n]: which orders hold together in a scenario that begins now: dates, open sites, roads, beds.

    Where a road or a site is too full, those at home give way, the latest first, then those on the road.
    """
    moves = orders.movements
    travel = _travel(scenario, orders)
    holds = np.zeros(len(moves), dtype=np.bool_)
    for i in range(len(moves)):
        leave, stay = scenario.zones[int(moves.zone[i])], scenario.sites[int(moves.site[i])]
        begin, end = float(moves.depart_from_s[i]), float(moves.depart_until_s[i])
        inside = orders.group[i] >= 0 or _inside(leave.departure_windows, begin, end)
        holds[i] = inside and _inside(stay.open_windows, begin + travel[i], end + travel[i])
    latest_first = np.lexsort((-moves.depart_until_s, orders.group >= 0))
    while True:
        over = _on_full_roads(orders, holds, scenario, profile)
        over |= _without_bed(orders, holds, scenario)
        if not over.any():
            return holds
        homes = over & (orders.group < 0)
        worst = homes if homes.any() else over
        drop = latest_first[worst[latest_first]]
        holds[drop[: max(1, len(drop) // 4)]] = False


def _inside(windows: tuple[tuple[float, float], ...], begin: float, end: float) -> bool:
    return any(a - INSTANT_S <= begin and end <= b + INSTANT_S for a, b in windows)


def _travel(scenario: Scenario, orders: Orders) -> FloatArray:
    """float64[n]: seconds each order is on the road."""
    sums = np.concatenate(([0.0], np.cumsum(scenario.network.free_flow_time_s[orders.routes.links])))
    start = orders.routes.start
    times: FloatArray = (sums[start[1:]] - sums[start[:-1]])[orders.movements.route]
    return times


def _on_full_roads(orders: Orders, holds: np.ndarray, scenario: Scenario, profile: CapacityProfile) -> np.ndarray:
    """bool[n]: orders that enter a link while more would enter it than it takes."""
    places = np.flatnonzero(holds)
    moves = some_movements(orders.movements, places)
    over = np.zeros(len(holds), dtype=np.bool_)
    if not len(places):
        return over
    loads = loads_of(scenario.network.free_flow_time_s, moves, orders.routes)
    link, from_s, rate = difference(profile, loads)
    top = np.maximum.reduceat(profile.rate, profile.start[:-1])
    bad = np.flatnonzero(rate < -OVER * np.maximum(top[link], 1e-3))
    if not len(bad):
        return over
    ends = np.append(from_s[1:], np.inf)
    ends[np.append(link[1:] != link[:-1], True)] = np.inf
    lengths = np.diff(orders.routes.start)[moves.route]
    of_load = np.repeat(places, lengths)
    for piece in bad:
        on_it = (loads.link == link[piece]) & (loads.from_s < ends[piece]) & (loads.until_s > from_s[piece])
        over[of_load[on_it]] = True
    return over


def _without_bed(orders: Orders, holds: np.ndarray, scenario: Scenario) -> np.ndarray:
    """bool[n]: orders to sites that more people are sent to than there are beds."""
    moves = orders.movements
    sent = np.bincount(moves.site[holds], moves.persons[holds], len(scenario.sites))
    beds = np.array([site.beds for site in scenario.sites])
    full = sent > beds * (1 + OVER) + OVER
    found: np.ndarray = holds & full[moves.site]
    return found


def settle_state(plan: Plan, state: State, changed: Scenario, begins_now: Scenario, profile: CapacityProfile) -> State:
    """
    The state with those groups on the road released whose way no longer holds.

    ``begins_now`` is the changed scenario as it is from now on, with the beds that are left; ``profile`` its rates.
    """
    orders = orders_of(plan, state, changed.zones)
    zones = (*begins_now.zones, *(_nowhere(changed, group) for group in state.on_road))
    holds = holding(orders, replace(begins_now, zones=zones), profile)
    lost = set(orders.group[(orders.group >= 0) & ~holds].tolist())
    return replace(
        state,
        on_road=tuple(replace(released(g), is_diverted=True) if i in lost else g for i, g in enumerate(state.on_road)),
    )


def _nowhere(changed: Scenario, group: OnRoad) -> Zone:
    zone = changed.zones[group.zone]
    return replace(zone, departure_windows=((0.0, math.inf),), persons_per_vehicle=group.persons_per_vehicle)


def replan(
    scenario: Scenario,
    old: Plan,
    state: State,
    n_zones: int,
    keep_within: float,
    params: PlanParameters,
    told: Told = lambda _: None,
) -> Replanned:
    """
    A plan for a state's scenario: that which keeps no order at home, then that which keeps all, then some between.

    ``scenario`` is the state's own (its zones: ``n_zones`` at home, then the groups on the road). ``keep_within`` is
    the share of persons and of clearance time that keeping orders may cost. Where the time limit cuts a search short,
    what is left of the old plan is no worse a plan for that: the better one is what costs are counted against.
    """
    clock = Stopwatch()
    profile = scenario.capacity_profile()
    told("orders that hold")
    orders = orders_of(old, state, scenario.zones[:n_zones])
    orders = in_whole_persons(orders, scenario, holding(orders, scenario, profile))
    told("bounds and a free plan")
    problems = [build_problem(scenario, direction, profile) for direction in directions(scenario)]
    parts = search(problems, params, lambda *_: None)
    if is_stopped(parts):
        raise KeyboardInterrupt
    clock.lap("search")
    best, kept_until, costs, in_time = _trials(scenario, orders, profile, keep_within, params, told)
    clock.lap("orders")
    together = pooled_bound(scenario, profile) if len(problems) > 1 else []
    proofs = certificates(scenario, parts, best.moved, together)
    curve = bound_curve(scenario, problems, best.moved)
    clock.lap("bound curve")
    plan = assemble(scenario, parts, best.moved, proofs, (no_leeway(scenario), curve, params, clock))
    in_time = in_time and all(part.answer.in_time for part in parts)
    if not in_time and plan.status == "feasible":
        plan = replace(plan, status="time limit")
    return Replanned(plan, best.n_kept, kept_until, costs, in_time)


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    moved: Moved
    n_kept: int
    persons: float
    clearance_s: float
    is_in_time: bool

    def is_better(self, other: _Trial) -> bool:
        """More persons, or as many sooner."""
        if abs(self.persons - other.persons) < SAME_PERSONS:
            return self.clearance_s < other.clearance_s
        return self.persons > other.persons


def _trials(
    scenario: Scenario, orders: Orders, profile: CapacityProfile, keep_within: float, params: PlanParameters, told: Told
) -> tuple[_Trial, float, tuple[float, float], bool]:
    """
    The trial that keeps the most orders within the cost, until when it keeps them, what that costs, and whether no
    trial was cut short.
    """
    at_home = orders.group < 0
    last = float(orders.movements.depart_until_s[at_home].max(initial=0.0))
    told("replanning all at home")
    free = _trial(scenario, orders, ~at_home, profile, params)
    tried = [(0.0, free)]
    low, high, cutoff = 0.0, last, last
    for number in range(MOST_TRIALS if at_home.any() else 0):
        told(f"keeping orders up to {cutoff / 3600:.1f} hours from now")
        kept = ~at_home | (orders.movements.depart_from_s < cutoff)
        trial = _trial(scenario, orders, kept, profile, params)
        tried.append((cutoff, trial))
        free = trial if trial.is_better(free) else free
        if max(_cost(trial, free)) <= keep_within:
            low = cutoff
            if number == 0:
                break
        else:
            high = cutoff
        cutoff = 0.5 * (low + high)
    # what is best is only known at the end
    until, best = max((each for each in tried if max(_cost(each[1], free)) <= keep_within), key=lambda each: each[0])
    return best, until, _cost(best, free), all(trial.is_in_time for _, trial in tried)


def _cost(trial: _Trial, free: _Trial) -> tuple[float, float]:
    """The share of persons and of clearance time that one trial is worse than another by."""
    persons = max(0.0, free.persons - trial.persons) / max(free.persons, 1.0)
    seconds = max(0.0, trial.clearance_s - free.clearance_s) / max(free.clearance_s, 1.0)
    return (persons, seconds if abs(trial.persons - free.persons) < SAME_PERSONS else 0.0)


def in_whole_persons(orders: Orders, scenario: Scenario, holds: np.ndarray | None = None) -> Orders:
    """Orders, or those that hold, scaled down to whole persons of the state's zones."""
    holds = np.ones(len(orders.movements), dtype=np.bool_) if holds is None else holds
    moves = some_movements(orders.movements, holds)
    group = orders.group[holds]
    left = {(p.zone, p.direction): p.persons for p in scenario.parties()}
    scale = np.ones(len(moves))
    keys = _keys(scenario, moves)
    for key in set(keys):
        own = np.array([k == key for k in keys], dtype=np.bool_)
        sent = float(moves.persons[own].sum())
        whole = min(left.get(key, 0), math.floor(sent + INSTANT_S))
        scale[own] = whole / sent if sent > 0 else 0.0
    kept = scale > 0
    moves = replace(moves, vehicles=moves.vehicles * scale, persons=moves.persons * scale)
    return Orders(some_movements(moves, kept), orders.routes, group[kept])


def _keys(scenario: Scenario, moves: Movements) -> list[tuple[int, str | None]]:
    """(zone, direction) of each movement."""
    return [
        (z, scenario.sites[s].direction if scenario.zones[z].directions else None)
        for z, s in zip(moves.zone.tolist(), moves.site.tolist(), strict=True)
    ]


def _trial(
    scenario: Scenario, orders: Orders, kept: np.ndarray, profile: CapacityProfile, params: PlanParameters
) -> _Trial:
    """Some orders kept, the rest planned around them."""
    moves = some_movements(orders.movements, kept)
    moves, whole = whole_persons(scenario, moves)
    taken = np.bincount(moves.site, moves.persons, len(scenario.sites)).astype(np.float64)
    loads = loads_of(scenario.network.free_flow_time_s, moves, orders.routes)
    zones = tuple(less(i, zone, whole) for i, zone in enumerate(scenario.zones))
    rest = replace(scenario, zones=zones, sites=sites_less(scenario.sites, taken))
    outcome = outcome_of(rest, params, profile_less(profile, loads, HAIR))
    left = {(p.zone, p.direction): 0 for p in scenario.parties()} | outcome.moved.left
    moved = Moved(*joined_orders(moves, orders.routes, outcome.moved), left)
    sums = np.concatenate(([0.0], np.cumsum(scenario.network.free_flow_time_s[moved.routes.links])))
    travel = (sums[moved.routes.start[1:]] - sums[moved.routes.start[:-1]])[moved.movements.route]
    clearance = float((moved.movements.depart_until_s + travel).max(initial=0.0))
    in_time = all(part.answer.in_time for part in outcome.parts)
    return _Trial(moved, len(moves), float(round(float(moved.movements.persons.sum()))), clearance, in_time)


def whole_persons(scenario: Scenario, moves: Movements) -> tuple[Movements, dict[tuple[int, str | None], int]]:
    """Movements scaled down to whole persons by zone and direction, and these persons."""
    keys, scale = _keys(scenario, moves), np.ones(len(moves))
    whole: dict[tuple[int, str | None], int] = {}
    for key in set(keys):
        own = np.array([k == key for k in keys], dtype=np.bool_)
        sent = float(moves.persons[own].sum())
        whole[key] = math.floor(sent + INSTANT_S)
        scale[own] = whole[key] / sent if sent > 0 else 0.0
    kept = scale > 0
    scaled = replace(moves, vehicles=moves.vehicles * scale, persons=moves.persons * scale)
    return some_movements(scaled, kept), {k: v for k, v in whole.items() if v}


def less(index: int, zone: Zone, taken: dict[tuple[int, str | None], int]) -> Zone:
    """A zone without those who are taken care of."""
    left = {p.direction: p.persons - taken.get((index, p.direction), 0) for p in split_by_direction(index, zone)}
    people = sum(left.values())
    shares = tuple((d, n / people) for d, n in left.items() if d is not None and n) if people else zone.directions
    return replace(zone, population=people, present=people, without_vehicle=0, directions=shares)


def joined_orders(kept: Movements, routes: Routes, new: Moved) -> tuple[Movements, Routes]:
    """Kept movements first, then new ones; routes alike."""
    more, n_routes = new.movements, len(routes)
    both = [(getattr(kept, name), getattr(more, name)) for name in ("zone", "site")]
    zone, site = (np.concatenate(pair) for pair in both)
    moves = Movements(
        zone, site, np.concatenate((kept.route, more.route + n_routes)),
        np.concatenate((kept.depart_from_s, more.depart_from_s)),
        np.concatenate((kept.depart_until_s, more.depart_until_s)),
        np.concatenate((kept.vehicles, more.vehicles)), np.concatenate((kept.persons, more.persons)),
        (CAR,) * len(zone), tuple(f"m{i + 1}" for i in range(len(zone))),
    )  # fmt: skip
    n = n_routes + len(new.routes)
    joined = Routes(
        tuple(f"r{i + 1}" for i in range(n)),
        np.concatenate((routes.start, routes.start[-1] + new.routes.start[1:])),
        np.concatenate((routes.links, new.routes.links)),
    )
    return moves, joined


__all__ = [
    "Orders",
    "Replanned",
    "holding",
    "in_whole_persons",
    "joined_orders",
    "less",
    "orders_of",
    "replan",
    "settle_state",
    "whole_persons",
]
