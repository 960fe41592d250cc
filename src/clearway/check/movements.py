"""Judges movements one by one: amounts, windows, routes, modes, arrival in time at an open site."""

from __future__ import annotations

import math

import numpy as np

from clearway.check.result import CheckFault, figure, some, time_tolerance, when
from clearway.check.trips import BoolArray, Trips, named
from clearway.model.demand import Intervals
from clearway.model.network import FloatArray, IntArray
from clearway.model.scenario import CAR


def judge_movements(trips: Trips, faults: list[CheckFault], found: dict[str, object]) -> None:
    """Add what is wrong with single movements to ``faults``, and their figures to ``found`` (both modified)."""
    faults += odd_amounts(trips)
    faults += odd_modes(trips)
    faults += broken_routes(trips)
    faults += misled_movements(trips)
    faults += departures_outside(trips)
    faults += arrivals_outside(trips)
    faults += arrivals_too_late(trips)
    clearance = trips.clearance_s()
    found["n_movements"] = len(trips.plan.movements)
    found["n_routes"] = len(trips.plan.routes)
    found["clearance_time_s"] = clearance


def odd_amounts(trips: Trips) -> list[CheckFault]:
    moves = trips.plan.movements
    faults = []
    for name in ("depart_from_s", "depart_until_s", "vehicles", "persons"):
        column: FloatArray = getattr(moves, name)
        odd = ~np.isfinite(column) | (column < 0)
        if odd.any():
            first = float(column[odd][0])
            message = f"{named(trips, odd)}: {name} must be a number from 0 up, found {first:g}"
            faults.append(CheckFault("amount", message, first))
    finite = np.isfinite(moves.depart_from_s) & np.isfinite(moves.depart_until_s)
    empty = finite & (moves.depart_until_s <= moves.depart_from_s)
    if empty.any():
        i = int(np.flatnonzero(empty)[0])
        length = float(moves.depart_until_s[i] - moves.depart_from_s[i])
        message = f"{named(trips, empty)}: the departure window must have a length, found {length:g} s"
        faults.append(CheckFault("duration", message, length))
    return faults


def odd_modes(trips: Trips) -> list[CheckFault]:
    odd = np.array([mode != CAR for mode in trips.plan.movements.mode], dtype=bool)
    if not odd.any():
        return []
    mode = trips.plan.movements.mode[int(np.flatnonzero(odd)[0])]
    return [CheckFault("mode", f"{named(trips, odd)}: mode {mode!r}, expected {CAR!r}", float(odd.sum()))]


def broken_routes(trips: Trips) -> list[CheckFault]:
    """Routes without a link, and routes whose links do not join."""
    routes, network = trips.plan.routes, trips.scenario.network
    faults = [
        CheckFault("route", f"route {routes.ids[r]} has no link", 0.0)
        for r in np.flatnonzero(np.diff(routes.start) == 0)
    ]
    owner = np.repeat(np.arange(len(routes)), np.diff(routes.start))
    first, second = routes.links[:-1], routes.links[1:]
    apart = (owner[:-1] == owner[1:]) & (network.head[first] != network.tail[second])
    for i in np.flatnonzero(apart):
        a, b = int(first[i]), int(second[i])
        message = (
            f"route {routes.ids[owner[i]]}: link {network.link_ids[a]} ({network.link_label(a)}) ends at node "
            f"{network.node_ids[network.head[a]]}, but the next, {network.link_ids[b]} ({network.link_label(b)}), "
            f"begins at node {network.node_ids[network.tail[b]]}"
        )
        faults.append(CheckFault("route", message, 1.0))
    return faults


def misled_movements(trips: Trips) -> list[CheckFault]:
    """Movements whose route does not begin at their zone or does not end at their site."""
    scenario, plan = trips.scenario, trips.plan
    moves, routes, network = plan.movements, plan.routes, scenario.network
    if not len(moves) or not len(routes.links):
        return []
    n_links = np.diff(routes.start)[moves.route]
    last_place = len(routes.links) - 1
    begin = network.tail[routes.links[np.minimum(routes.start[moves.route], last_place)]]
    end = network.head[routes.links[np.clip(routes.start[moves.route + 1] - 1, 0, last_place)]]
    zone_node = np.array([zone.node for zone in scenario.zones], dtype=np.int64)[moves.zone]
    site_node = np.array([site.node for site in scenario.sites], dtype=np.int64)[moves.site]
    faults = []
    for wrong, node, told in (
        ((begin != zone_node) & (n_links > 0), begin, "begins at node {} and not at its zone, {}"),
        ((end != site_node) & (n_links > 0), end, "ends at node {} and not at its site, {}"),
    ):
        if wrong.any():
            i = int(np.flatnonzero(wrong)[0])
            place = scenario.zones[moves.zone[i]] if "zone" in told else scenario.sites[moves.site[i]]
            words = told.format(network.node_ids[node[i]], place.name)
            message = f"{named(trips, wrong)}: route {routes.ids[moves.route[i]]} {words}"
            faults.append(CheckFault("route", message, float(wrong.sum())))
    return faults


def united(windows: Intervals) -> tuple[FloatArray, FloatArray]:
    """Begins and ends of windows, those that touch made one."""
    begins: list[float] = []
    ends: list[float] = []
    for begin, end in sorted(windows):
        if ends and begin <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            begins.append(begin)
            ends.append(end)
    return np.array(begins), np.array(ends)


def outside(begin: FloatArray, end: FloatArray, windows: Intervals) -> FloatArray:
    """Seconds by which each span [begin, end) leaves the window it begins in; 0 where it stays, inf without one."""
    starts, ends = united(windows)
    if not len(starts):
        return np.full(len(begin), math.inf)
    window = np.searchsorted(starts, begin + time_tolerance(begin), side="right") - 1
    early = window < 0
    window = np.maximum(window, 0)
    late = end - ends[window]
    gone = begin >= ends[window]  # begins after its window is over: the next may be nearer
    nearest = np.minimum(window + 1, len(starts) - 1)
    wait = np.where(gone & (nearest > window), starts[nearest] - begin, math.inf)
    late = np.minimum(late, wait)
    amount = np.where(early, starts[0] - begin, late)
    return np.where(amount > time_tolerance(end), amount, 0.0)


def departures_outside(trips: Trips) -> list[CheckFault]:
    """People who depart before they are ready, after they must have left, or in between windows."""
    moves, zones = trips.plan.movements, trips.scenario.zones
    faults = []
    for zone, chosen in by_index(moves.zone, trips.moving):
        begin, end = moves.depart_from_s[chosen], moves.depart_until_s[chosen]
        amount = outside(begin, end, zones[zone].departure_windows)
        bad = amount > 0
        if bad.any():
            allowed = spoken(trips, zones[zone].departure_windows)
            message = (
                f"{zones[zone].name}: {named(trips, chosen[bad])} depart "
                f"{when(trips.scenario, float(begin[bad][0]))} to {when(trips.scenario, float(end[bad][0]))}, "
                f"but departures there are allowed {allowed} ({figure(float(amount.max()))} s off)"
            )
            faults.append(CheckFault("departure", message, float(amount.max())))
    return faults


def arrivals_outside(trips: Trips) -> list[CheckFault]:
    """People who arrive at a site while it is closed."""
    moves, sites = trips.plan.movements, trips.scenario.sites
    faults = []
    for site, chosen in by_index(moves.site, trips.moving):
        begin = moves.depart_from_s[chosen] + trips.travel_s[chosen]
        end = moves.depart_until_s[chosen] + trips.travel_s[chosen]
        amount = outside(begin, end, sites[site].open_windows)
        bad = amount > 0
        if bad.any():
            message = (
                f"{sites[site].name}: {named(trips, chosen[bad])} arrive "
                f"{when(trips.scenario, float(begin[bad][0]))} to {when(trips.scenario, float(end[bad][0]))}, "
                f"but the site is open {spoken(trips, sites[site].open_windows)} ({figure(float(amount.max()))} s off)"
            )
            faults.append(CheckFault("arrival", message, float(amount.max())))
    return faults


def arrivals_too_late(trips: Trips) -> list[CheckFault]:
    horizon = trips.scenario.horizon_s
    late = trips.moving & (trips.arrive_until_s > horizon + float(time_tolerance(horizon)))
    if not late.any():
        return []
    last = float(trips.arrive_until_s[late].max())
    message = (
        f"{named(trips, late)}: the last arrives {when(trips.scenario, last)}, "
        f"after the horizon {when(trips.scenario, horizon)}"
    )
    return [CheckFault("horizon", message, last - horizon)]


def by_index(index: IntArray, chosen: BoolArray) -> list[tuple[int, IntArray]]:
    """The chosen movements, grouped by their zone or site."""
    places = np.flatnonzero(chosen)
    places = places[np.argsort(index[places], kind="stable")]
    cuts = np.flatnonzero(np.diff(index[places])) + 1
    return [(int(index[group[0]]), group) for group in np.split(places, cuts) if len(group)]


def spoken(trips: Trips, windows: Intervals) -> str:
    """Windows of time in words."""
    if not windows:
        return "at no time"
    parts = [
        f"from {when(trips.scenario, a)}" + (f" to {when(trips.scenario, b)}" if b < math.inf else " on")
        for a, b in windows
    ]
    return some(parts, len(parts))
