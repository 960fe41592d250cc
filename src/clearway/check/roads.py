"""Judges roads: at every instant, no link is entered faster than it may be, nor by what it does not let in."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clearway.check.result import SHORTEST_S, TOLERANCE, CheckFault, figure, when
from clearway.check.trips import BoolArray, Trips
from clearway.model.network import FloatArray, IntArray
from clearway.model.scenario import Scenario, allows_cars
from clearway.model.situation import Availability

EVENTS_AT_ONCE = 4_000_000  # about 500 MB while they are sorted
SHARE_OF_WINDOW = 1e-4  # changes of rate are told apart to this share of the shortest window that makes them
NO_RATE = 1e-9  # vehicles per second: what summing rates leaves where nothing enters
TIME_BITS = 43  # of a sort key's 63; the rest holds the link


@dataclass(frozen=True, slots=True, eq=False)
class AllowedRates:
    """
    How fast vehicles may enter each link, and when.

    Attributes
    ----------
    full : float64[n_links]
        Vehicles per second with nothing said against it; 0 where cars may not drive.
    barred : bool[n_links]
        Cars may not drive there.
    pieces : link -> list of (from_s, rate, is_closed), for the links about which something is said.
        The last one lasts for ever. Closed pieces begin one free-flow time before the closure: who enters then
        is still on the link when it closes.
    """

    full: FloatArray
    barred: BoolArray
    pieces: dict[int, list[tuple[float, float, bool]]]

    def at(self, link: int, time_s: float) -> float:
        """Vehicles per second that may enter a link at a time."""
        rate = float(self.full[link])
        for from_s, piece_rate, _ in self.pieces.get(link, ()):
            if from_s > time_s:
                break
            rate = piece_rate
        return rate


def allowed_rates(scenario: Scenario) -> AllowedRates:
    """The rates of design section 5: lanes x capacity x capacity factor x the smallest factor said to hold."""
    network = scenario.network
    drives = {uses: not uses.strip() or allows_cars(uses) for uses in set(network.allowed_uses)}
    barred = np.array([not drives[uses] for uses in network.allowed_uses], dtype=bool)
    full = np.where(barred, 0.0, network.capacity_veh_per_s * scenario.capacity_factor)
    said: dict[int, list[Availability]] = {}
    for statement in scenario.availabilities:
        for link in statement.links:
            said.setdefault(link, []).append(statement)
    time_s = network.free_flow_time_s
    pieces = {link: pieces_of(float(full[link]), float(time_s[link]), said[link]) for link in sorted(said)}
    return AllowedRates(full, barred, pieces)


def pieces_of(full: float, time_s: float, statements: list[Availability]) -> list[tuple[float, float, bool]]:
    """The (from_s, rate, is_closed) pieces of one link, judged in the middle of each stretch between changes."""
    edges = {0.0}
    for s in statements:
        edges |= {s.from_s - (time_s if s.capacity_factor == 0 else 0.0), s.until_s}
    times = sorted(t for t in edges if 0 <= t < math.inf)
    pieces = []
    for t, following in zip(times, [*times[1:], math.inf], strict=True):
        middle = (t + following) / 2 if following < math.inf else t + 1.0
        closed = any(s.capacity_factor == 0 and middle < s.until_s and middle + time_s > s.from_s for s in statements)
        factors = [s.capacity_factor for s in statements if s.from_s <= middle < s.until_s]
        pieces.append((t, 0.0 if closed else full * min(factors, default=1.0), closed))
    return pieces


@dataclass(frozen=True, slots=True, eq=False)
class RouteEvents:
    """Changes of the rate at which vehicles depart on each route, sorted by route and time."""

    start: IntArray  # int64[n_routes + 1]
    time_s: FloatArray
    change: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Constant rates at which links are entered: link, from, until (inf: no further change), rate, rate allowed."""

    link: IntArray
    from_s: FloatArray
    until_s: FloatArray
    rate: FloatArray
    allowed: FloatArray
    is_closed: BoolArray


def judge_roads(trips: Trips, rates: AllowedRates, faults: list[CheckFault], found: dict[str, object]) -> None:
    """Add what is wrong on the roads to ``faults``, the fullest link to ``found`` (both modified)."""
    faults += barred_links(trips, rates)
    fullest = (0.0, -1, 0.0)
    for stretches in sweep(trips, rates):
        faults += overfull_links(trips, rates, stretches)
        open_ = stretches.allowed > 0
        share = np.divide(stretches.rate, stretches.allowed, out=np.zeros(len(stretches.rate)), where=open_)
        if len(share) and share.max() > fullest[0]:
            i = int(share.argmax())
            fullest = (float(share[i]), int(stretches.link[i]), float(stretches.from_s[i]))
    found["max_utilisation"] = fullest[0]
    if fullest[1] >= 0:
        found["max_utilisation_link"] = trips.scenario.network.link_ids[fullest[1]]
        found["max_utilisation_at_s"] = fullest[2]


def link_words(scenario: Scenario, link: int) -> str:
    """A link as people know it: the crossing it belongs to, its name, its id."""
    words = f"{scenario.network.link_label(link)} (link {scenario.network.link_ids[link]})"
    for crossing in scenario.crossings:
        if link in crossing.links:
            return f"{crossing.name}: {words}"
    return words


def barred_links(trips: Trips, rates: AllowedRates) -> list[CheckFault]:
    """Links of routes in use that cars may not drive on."""
    routes = trips.plan.routes
    used = np.bincount(trips.plan.movements.route[trips.moving], minlength=len(routes)) > 0
    owner = np.repeat(np.arange(len(routes)), np.diff(routes.start))
    bad = used[owner] & rates.barred[routes.links]
    network = trips.scenario.network
    faults = []
    for link in np.unique(routes.links[bad]).tolist():
        route = routes.ids[owner[bad & (routes.links == link)][0]]
        message = (
            f"{link_words(trips.scenario, link)}: cars may not drive there (allowed: {network.allowed_uses[link]}), "
            f"but route {route} does"
        )
        faults.append(CheckFault("use", message, 1.0))
    return faults


def route_events(trips: Trips) -> RouteEvents:
    """
    Changes of each route's departure rate, those at the same instant made one.

    A rise is put a hair later and a fall a hair earlier, so that windows that touch never overlap by rounding.
    """
    moves = trips.plan.movements
    chosen = np.flatnonzero(trips.moving & (moves.vehicles > 0))
    begin, end = moves.depart_from_s[chosen], moves.depart_until_s[chosen]
    rate = moves.vehicles[chosen] / (end - begin)
    route = np.concatenate((moves.route[chosen], moves.route[chosen]))
    time_s = np.concatenate((begin, end))
    change = np.concatenate((rate, -rate))
    length = np.concatenate((end - begin, end - begin))
    order = np.lexsort((time_s, route))
    route, time_s, change, length = route[order], time_s[order], change[order], length[order]
    first = np.flatnonzero(np.r_[True, (np.diff(route) != 0) | (np.diff(time_s) != 0)][: len(route)])
    if len(first):
        size = np.maximum.reduceat(np.abs(change), first)
        change, length = np.add.reduceat(change, first), np.minimum.reduceat(length, first)
        route, time_s = route[first], time_s[first]
        kept = np.abs(change) > 1e-13 * size
        route, time_s, change, length = route[kept], time_s[kept], change[kept], length[kept]
    hair = np.minimum(TOLERANCE * np.maximum(np.abs(time_s), SHORTEST_S), SHARE_OF_WINDOW * length)
    time_s = time_s + np.sign(change) * hair
    start = np.searchsorted(route, np.arange(len(trips.plan.routes) + 1))
    return RouteEvents(start.astype(np.int64), time_s, change)


def sweep(trips: Trips, rates: AllowedRates) -> Iterator[Stretches]:
    """The rates at which links are entered, over all time, a group of links after the other."""
    events = route_events(trips)
    routes = trips.plan.routes
    n_events = np.diff(events.start)
    owner = np.repeat(np.arange(len(routes)), np.diff(routes.start))
    places = np.flatnonzero(n_events[owner] > 0)
    places = places[np.argsort(routes.links[places], kind="stable")]
    if not len(places):
        return
    link, count = routes.links[places], n_events[owner[places]]
    total = np.cumsum(count)
    begin = 0
    while begin < len(places):
        done = int(total[begin - 1]) if begin else 0
        end = int(np.searchsorted(total, done + EVENTS_AT_ONCE, side="right"))
        end = max(end, begin + 1)
        if end < len(places):  # a link is never split
            whole = int(np.searchsorted(link, link[end], side="left"))
            end = whole if whole > begin else int(np.searchsorted(link, link[end], side="right"))
        yield sweep_links(trips, rates, events, places[begin:end])
        begin = end


def sweep_links(trips: Trips, rates: AllowedRates, events: RouteEvents, places: IntArray) -> Stretches:
    """The stretches of the links at some places of the routes (int64[...], sorted by link, links whole)."""
    routes = trips.plan.routes
    owner = np.searchsorted(routes.start, places, side="right") - 1
    count = events.start[owner + 1] - events.start[owner]
    links, local = np.unique(routes.links[places], return_inverse=True)
    which = np.arange(int(count.sum())) + np.repeat(events.start[owner] - (np.cumsum(count) - count), count)
    time_s = events.time_s[which] + np.repeat(trips.offset_s[places], count)
    change, link = events.change[which], np.repeat(local, count)
    piece_link, piece_from, piece_rate, piece_closed = pieces_among(links, rates)
    grain = max(1e-6, float(max(time_s.max(initial=0.0), piece_from.max(initial=0.0))) / (2**TIME_BITS - 2))
    tick = (np.concatenate((np.maximum(time_s, 0.0), piece_from)) / grain).astype(np.int64)
    key = (np.concatenate((link, piece_link)) << TIME_BITS) | tick
    order = np.argsort(key)
    key = key[order]
    level = np.cumsum(np.concatenate((change, np.zeros(len(piece_link))))[order])
    sorted_link = key >> TIME_BITS
    first = np.searchsorted(sorted_link, np.arange(len(links)))
    before = np.concatenate(([0.0], level))[first]
    last = np.flatnonzero(np.append(key[1:] != key[:-1], True))
    at = sorted_link[last]
    from_s = (key[last] & (2**TIME_BITS - 1)) * grain
    until_s = np.append(np.where(at[1:] == at[:-1], from_s[1:], math.inf), math.inf)
    allowed, is_closed = rates.full[links][at], np.zeros(len(at), dtype=bool)
    if len(piece_link):
        number = np.where(order >= len(change), order - len(change), -1)
        seen = running_piece(number, first, sorted_link)[last]
        has = seen >= 0
        allowed = np.where(has, piece_rate[seen], allowed)
        is_closed = has & piece_closed[seen]
    return Stretches(links[at], from_s, until_s, level[last] - before[at], allowed, is_closed)


def pieces_among(links: IntArray, rates: AllowedRates) -> tuple[IntArray, FloatArray, FloatArray, BoolArray]:
    """Pieces of allowed rate of some links, as columns: place among the links, from, rate, is closed."""
    rows = [
        (i, *piece) for i, link in enumerate(links.tolist()) if link in rates.pieces for piece in rates.pieces[link]
    ]
    place, from_s, rate, closed = zip(*rows, strict=True) if rows else ((), (), (), ())
    return (
        np.array(place, dtype=np.int64),
        np.array(from_s, dtype=np.float64),
        np.array(rate, dtype=np.float64),
        np.array(closed, dtype=bool),
    )


def running_piece(number: IntArray, first: IntArray, link: IntArray) -> IntArray:
    """int64[n]: the piece that holds at each event: the last one at or before it on the same link, -1 without."""
    places = np.maximum.accumulate(np.where(number >= 0, np.arange(len(number)), -1))
    same: IntArray = np.where(places >= first[link], number[np.maximum(places, 0)], -1)
    return same


def overfull_links(trips: Trips, rates: AllowedRates, stretches: Stretches) -> list[CheckFault]:
    """One fault per link that is entered too fast, and one per link that is entered while it closes or is closed."""
    over = stretches.rate > stretches.allowed * (1 + TOLERANCE) + NO_RATE
    over &= ~rates.barred[stretches.link]
    faults = []
    for closed in (False, True):
        places = np.flatnonzero(over & (stretches.is_closed == closed))
        for group in np.split(places, np.flatnonzero(np.diff(stretches.link[places])) + 1):
            if len(group):
                faults.append(closed_fault(trips, stretches, group) if closed else rate_fault(trips, stretches, group))
    return faults


def rate_fault(trips: Trips, stretches: Stretches, places: IntArray) -> CheckFault:
    """A link entered too fast: how fast at worst, from when, for how long."""
    excess = stretches.rate[places] - stretches.allowed[places]
    worst = places[int(excess.argmax())]
    rate, allowed = float(stretches.rate[worst]) * 3600, float(stretches.allowed[worst]) * 3600
    share = f", {100 * (rate / allowed - 1):.3g} % more" if allowed > 0 else ""
    seconds = float((stretches.until_s[places] - stretches.from_s[places]).sum())
    message = (
        f"{link_words(trips.scenario, int(stretches.link[worst]))}: {figure(rate)} vehicles per hour enter at "
        f"{when(trips.scenario, float(stretches.from_s[worst]))}, {figure(allowed)} may{share}; "
        f"first at {when(trips.scenario, float(stretches.from_s[places[0]]))}, for {seconds:.3g} s in all"
    )
    return CheckFault("rate", message, rate - allowed)


def closed_fault(trips: Trips, stretches: Stretches, places: IntArray) -> CheckFault:
    """A link entered while it is closed, or so late that it closes under way."""
    link = int(stretches.link[places[0]])
    vehicles = float((stretches.rate[places] * (stretches.until_s[places] - stretches.from_s[places])).sum())
    begin, end = float(stretches.from_s[places[0]]), float(stretches.until_s[places[-1]])
    time_s = float(trips.scenario.network.free_flow_time_s[link])
    closures = [s for s in trips.scenario.availabilities if s.capacity_factor == 0 and link in s.links]
    closure = min((s for s in closures if s.until_s > begin), key=lambda s: s.from_s, default=None)
    told = f"it closes at {when(trips.scenario, closure.from_s)}" if closure else "it is closed"
    message = (
        f"{link_words(trips.scenario, link)}: {vehicles:.4g} vehicles enter between {when(trips.scenario, begin)} "
        f"and {when(trips.scenario, end)}, but {told} and the way over it takes {figure(time_s)} s"
    )
    return CheckFault("closed", message, vehicles)
