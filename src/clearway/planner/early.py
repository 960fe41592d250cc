"""
Early arrivals: departures moved into room that is free before them, everybody still arriving no later than before.

Among plans of one clearance time those are best in which most have arrived at any time (earliest arrival flows: Gale
1959; with several sites there is in general none that is best at every time). This is a step after a plan is made: the
last vehicles of each zone and direction go by one of its own ways as early as there is room on all of its links.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from clearway.kernels.pulling import pull_forward, room_in_bins
from clearway.model.network import FloatArray, IntArray
from clearway.model.plan import CAR, Movements, Routes
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile
from clearway.planner.assemble import Moved
from clearway.planner.room import difference, is_enough, loads_of

N_BINS = 800
LEAST_BIN_S = 1.0
MOST_CELLS = 20_000_000  # (link, bin) pairs of the room left; 8 bytes each
SECONDS_PER_ENTRY = 0.8e-6  # a round takes about so long per link that a movement enters
MOST_ROUNDS = 3
WORTH = 0.002  # share of the vehicles that a round must move for another one
LEAST_SHARE = 0.02  # of a route's narrowest link: less room is not worth a movement
SAFE = 1 - 1e-9


def arrive_early(scenario: Scenario, moved: Moved, profile: CapacityProfile, deadline: float = np.inf) -> Moved:
    """
    The same people of every zone and direction, arriving earlier where the roads have room; feasible as before.

    ``profile`` is what the roads take; no round begins that would last beyond ``deadline`` (of `time.monotonic`).
    """
    tau = scenario.network.free_flow_time_s
    left = None
    for _ in range(MOST_ROUNDS):
        n_entries = int(np.diff(moved.routes.start)[moved.movements.route].sum()) if len(moved.movements) else 0
        if not n_entries or time.monotonic() + SECONDS_PER_ENTRY * n_entries > deadline:
            return moved
        if left is None:
            left = difference(profile, loads_of(tau, moved.movements, moved.routes))
        found, share = _round(scenario, moved, profile, left)
        if share <= 0:
            return moved
        left = difference(profile, loads_of(tau, found.movements, found.routes))
        if not is_enough(profile, left):
            return moved
        moved = found
        if share < WORTH:
            return moved
    return moved


def _round(
    scenario: Scenario, moved: Moved, profile: CapacityProfile, left: tuple[IntArray, FloatArray, FloatArray]
) -> tuple[Moved, float]:
    """
    One pass over all movements, the last to arrive first; and the share of vehicles it moves.

    ``left`` is the `difference` of what roads take and movements load.
    """
    moves, routes = moved.movements, moved.routes
    tau = scenario.network.free_flow_time_s
    used, row = np.unique(routes.links, return_inverse=True)
    travel = np.add.reduceat(tau[routes.links], routes.start[:-1])
    offset = np.cumsum(tau[routes.links]) - tau[routes.links]
    offset -= np.repeat(offset[routes.start[:-1]], np.diff(routes.start))
    last_s = float((moves.depart_until_s + travel[moves.route]).max())
    bin_s = max(LEAST_BIN_S, last_s / min(N_BINS, MOST_CELLS // len(used)))
    n_bins = int(np.ceil(last_s / bin_s))
    first = np.floor(offset / bin_s + 1e-9).astype(np.int64)
    until_bin = 1 + np.ceil(offset / bin_s - 1e-9).astype(np.int64)
    link, from_s, rate = left
    row_of = np.full(scenario.network.n_links, -1, dtype=np.int64)
    row_of[used] = np.arange(len(used))
    free = room_in_bins(row_of[link], from_s, rate * SAFE, len(used), n_bins, bin_s)
    top = np.maximum.reduceat(profile.rate, profile.start[:-1])
    zone, site = np.zeros(len(routes), dtype=np.int64), np.zeros(len(routes), dtype=np.int64)
    zone[moves.route], site[moves.route] = moves.zone, moves.site
    group_of, group_start, group_routes = _groups(scenario, zone, site, travel)
    of_group = np.zeros(len(group_start) - 1, dtype=np.int64)
    of_group[group_of] = zone
    leave = compressed([scenario.zones[z].departure_windows for z in of_group])
    stay = compressed([s.open_windows for s in scenario.sites])
    beds = np.array([s.beds for s in scenario.sites], dtype=np.float64)
    slack = np.maximum(0.0, beds - np.bincount(moves.site, moves.persons, len(beds)))
    until = moves.depart_until_s.copy()
    speed = moves.vehicles / (moves.depart_until_s - moves.depart_from_s)
    load = moves.persons / moves.vehicles
    added = np.zeros((len(routes), n_bins))
    pull_forward(
        free, bin_s, np.argsort(-(moves.depart_until_s + travel[moves.route]), kind="stable"),
        moves.depart_from_s, until, speed, load, moves.route, group_start, group_routes, group_of,
        routes.start, row.astype(np.int64), first, until_bin, travel,
        LEAST_SHARE * np.minimum.reduceat(top[routes.links], routes.start[:-1]), site, *leave, *stay, slack, added,
    )  # fmt: skip
    kept = until - moves.depart_from_s
    whole = moves.depart_until_s - moves.depart_from_s
    share = float(((whole - kept) * speed).sum() / moves.vehicles.sum())
    return _used(replace(moved, movements=_joined(moves, until, added, bin_s, (zone, site, load)))), share


def _used(moved: Moved) -> Moved:
    """Without the routes that nobody takes any more."""
    routes = moved.routes
    used, route = np.unique(moved.movements.route, return_inverse=True)
    if len(used) == len(routes):
        return moved
    links = [routes.of(int(r)) for r in used]
    fewer = Routes(
        tuple(f"r{i + 1}" for i in range(len(used))),
        np.concatenate(([0], np.cumsum([len(each) for each in links]))).astype(np.int64),
        np.concatenate(links),
    )
    return replace(moved, movements=replace(moved.movements, route=route), routes=fewer)


def _groups(
    scenario: Scenario, zone: IntArray, site: IntArray, travel: FloatArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Routes of one zone and direction together, the shortest first: group of each route, start, routes."""
    names = {name: i for i, name in enumerate(sorted({s.direction or "" for s in scenario.sites}))}
    of_site = np.array([names[s.direction or ""] for s in scenario.sites], dtype=np.int64)
    chooses = np.array([bool(z.directions) for z in scenario.zones])
    key = zone * (len(names) + 1) + np.where(chooses[zone], of_site[site], len(names))
    known, group_of = np.unique(key, return_inverse=True)
    order = np.lexsort((travel, group_of))
    return group_of, np.searchsorted(group_of[order], np.arange(len(known) + 1)), order


def compressed(windows: list[tuple[tuple[float, float], ...]]) -> tuple[IntArray, FloatArray]:
    """Windows of several in compressed form: int64[n + 1], float64[..., 2] seconds."""
    start = np.concatenate(([0], np.cumsum([len(each) for each in windows]))).astype(np.int64)
    return start, np.array([pair for each in windows for pair in each], dtype=np.float64).reshape(-1, 2)


def _joined(
    moves: Movements, until: FloatArray, added: FloatArray, bin_s: float, rest: tuple[IntArray, IntArray, FloatArray]
) -> Movements:
    """What is left of the movements, and those added, as movements in their order."""
    zone, site, load = rest
    load_of_zone = np.ones(int(zone.max()) + 1)
    load_of_zone[moves.zone] = load
    left = np.flatnonzero(until - moves.depart_from_s > 1e-9 * (moves.depart_until_s - moves.depart_from_s))
    share = (until - moves.depart_from_s)[left] / (moves.depart_until_s - moves.depart_from_s)[left]
    route, first, last, rate = runs(added)
    vehicles = rate * (last - first) * bin_s
    columns = (
        (moves.zone[left], zone[route]), (moves.site[left], site[route]), (moves.route[left], route),
        (moves.depart_from_s[left], first * bin_s), (until[left], last * bin_s),
        (moves.vehicles[left] * share, vehicles), (moves.persons[left] * share, vehicles * load_of_zone[zone[route]]),
    )  # fmt: skip
    of_zone, of_site, by_route, begin, end, amount, persons = (np.concatenate(pair) for pair in columns)
    order = np.lexsort((by_route, begin, of_zone))
    return Movements(
        of_zone[order], of_site[order], by_route[order], begin[order], end[order], amount[order], persons[order],
        (CAR,) * len(order), tuple(f"m{i + 1}" for i in range(len(order))),
    )  # fmt: skip


def runs(rates: FloatArray) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Bins of one rate after each other as one: row, first bin, bin after the last, rate."""
    rows = np.flatnonzero(rates.any(axis=1))
    found = rates[rows]
    change = np.ones((len(rows), rates.shape[1] + 1), dtype=np.bool_)
    change[:, 1:-1] = np.abs(np.diff(found, axis=1)) > 1e-12 * np.maximum(found[:, 1:], found[:, :-1])
    at, edge = np.nonzero(change)
    same_row = at[1:] == at[:-1]
    at, first, last = at[:-1][same_row], edge[:-1][same_row], edge[1:][same_row]
    rate = found[at, first]
    used = rate > 0
    return rows[at[used]], first[used], last[used], rate[used]


__all__ = ["arrive_early", "compressed"]
