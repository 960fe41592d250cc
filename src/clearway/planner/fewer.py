"""
Fewer movements: departures averaged over blocks of time, as long as everything still fits and nobody is much later.

All routes with the same bottleneck (their fullest link) are averaged over the same block of that link's time: what it
takes in all stays the mean of what it took, so a full road stays just full. Blocks begin as long as a group of routes
is in use; those in which another link, a window or the clearance time is overstepped are halved, and the shortest such
stay as planned.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from clearway.kernels.pulling import are_outside
from clearway.model.network import FloatArray, IntArray
from clearway.model.plan import CAR, Movements
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile
from clearway.planner.assemble import Moved
from clearway.planner.early import compressed
from clearway.planner.problem import BoolArray
from clearway.planner.room import OVER, difference, entries, fits, loads_of

LEVELS = 9  # halvings
MOST_TRIALS = LEVELS + 6
LATER_SHARE = 5e-4  # of the clearance time: by which the people of a block may leave later on average
SECONDS_PER_ENTRY = 0.8e-6  # all trials take about so long per link that a movement enters
MANY_A_ROUTE = 10  # movements on average: where there are fewer, hardly any can be spared
INSTANT_S = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """
    Blocks of time at a group's bottleneck, by group and time; those that are fixed keep what was planned in them.
    """

    group: IntArray
    from_s: FloatArray
    until_s: FloatArray
    is_fixed: BoolArray


def fewer_movements(scenario: Scenario, moved: Moved, profile: CapacityProfile, deadline: float = np.inf) -> Moved:
    """
    The same people on the same routes in fewer movements; feasible as before, and cleared no later.

    ``profile`` is what the roads take; past ``deadline`` (of `time.monotonic`) all stays as it is.
    """
    moves = moved.movements
    if len(moves) < MANY_A_ROUTE * len(moved.routes) or not len(moves):
        return moved
    n_entries = int(np.diff(moved.routes.start)[moves.route].sum())
    if time.monotonic() + SECONDS_PER_ENTRY * n_entries > deadline:  # it would end with nothing
        return moved
    lead, group = _bottlenecks(scenario, moved, profile)
    begin, end = moves.depart_from_s + lead[moves.route], moves.depart_until_s + lead[moves.route]
    groups, of_move = np.unique(group[moves.route], return_inverse=True)
    first, last = np.full(len(groups), np.inf), np.zeros(len(groups))
    np.minimum.at(first, of_move, begin)
    np.maximum.at(last, of_move, end)
    blocks = Blocks(np.arange(len(groups)), first, last, np.zeros(len(groups), dtype=np.bool_))
    for trial in range(MOST_TRIALS):
        if time.monotonic() > deadline:
            break
        found, block, later_s = _averaged(moves, lead, of_move, (begin, end), blocks)
        if len(found) >= len(moves):  # finer blocks only make more
            break
        bad = later_s > LATER_SHARE * float(last.max())
        bad[block[_overstepping(scenario, moved, found, profile)]] = True
        bad &= ~blocks.is_fixed
        if not bad.any():
            shorter = replace(moved, movements=found)
            is_fit = fits(profile, loads_of(scenario.network.free_flow_time_s, found, moved.routes))
            return shorter if is_fit and len(found) < len(moves) else moved
        blocks = _halved(blocks, bad, trial >= LEVELS)
    return moved


def _bottlenecks(scenario: Scenario, moved: Moved, profile: CapacityProfile) -> tuple[FloatArray, IntArray]:
    """Of each route: seconds from departure to its fullest link, float64[n], and that link, int64[n]."""
    tau, routes, moves = scenario.network.free_flow_time_s, moved.routes, moved.movements
    movement, link, _ = entries(tau, moves, routes)
    top = np.maximum.reduceat(profile.rate, profile.start[:-1])
    fullness = np.bincount(link, moves.vehicles[movement], len(top)) / np.maximum(top, 1e-9)
    lengths = np.diff(routes.start)
    route = np.repeat(np.arange(len(routes)), lengths)
    offset = np.cumsum(tau[routes.links]) - tau[routes.links]
    offset -= np.repeat(offset[routes.start[:-1]], lengths)
    fullest_last = np.lexsort((fullness[routes.links], route))
    place = fullest_last[routes.start[1:] - 1]
    return offset[place], routes.links[place]


def _averaged(
    moves: Movements, lead: FloatArray, of_move: IntArray, times: tuple[FloatArray, FloatArray], blocks: Blocks
) -> tuple[Movements, IntArray, FloatArray]:
    """
    The movements averaged block by block, the block of each, and by how many seconds each block's leave later.
    """
    begin, end = times
    span = float(end.max()) + 1.0
    starts = blocks.group * span + blocks.from_s
    low = np.maximum(np.searchsorted(starts, of_move * span + begin + INSTANT_S, side="right") - 1, 0)
    high = np.maximum(np.searchsorted(starts, of_move * span + end - INSTANT_S, side="left"), low + 1)
    count = high - low
    source = np.repeat(np.arange(len(moves)), count)
    step = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
    block = low[source] + step
    # the first and the last piece reach as far as the movement does
    a = np.where(step == 0, begin[source], np.maximum(begin[source], blocks.from_s[block]))
    b = np.where(step == count[source] - 1, end[source], np.minimum(end[source], blocks.until_s[block]))
    share = (b - a) / (end - begin)[source]
    first, last = np.full(len(starts), np.inf), np.full(len(starts), -np.inf)
    np.minimum.at(first, block, a)
    np.maximum.at(last, block, b)
    persons = moves.persons[source] * share
    sums = np.bincount(block, persons, len(starts))
    before = np.bincount(block, persons * 0.5 * (a + b), len(starts)) / np.maximum(sums, 1e-12)
    is_used = sums > 0
    later_s = np.where(is_used, 0.5 * (np.where(is_used, first, 0.0) + np.where(is_used, last, 0.0)) - before, 0.0)
    # one movement per route and block, or per piece where a block is fixed
    fixed = blocks.is_fixed[block]
    key = np.stack((moves.route[source], block, np.where(fixed, source, -1)))
    order = np.lexsort(key[::-1])
    is_new = np.concatenate(([True], (np.diff(key[:, order], axis=1) != 0).any(axis=0)))
    at = np.flatnonzero(is_new)
    one = order[at]
    add = np.add.reduceat
    from_s = np.where(fixed[one], a[one], first[block[one]]) - lead[moves.route[source[one]]]
    until_s = np.where(fixed[one], b[one], last[block[one]]) - lead[moves.route[source[one]]]
    m = source[one]
    found = Movements(
        moves.zone[m], moves.site[m], moves.route[m], np.maximum(from_s, 0.0), until_s,
        add((moves.vehicles[source] * share)[order], at), add(persons[order], at),
        (CAR,) * len(m), tuple(f"m{i + 1}" for i in range(len(m))),
    )  # fmt: skip
    return _in_order(found, block[one], later_s)


def _in_order(found: Movements, block: IntArray, later_s: FloatArray) -> tuple[Movements, IntArray, FloatArray]:
    """By zone and departure, as everywhere."""
    order = np.lexsort((found.route, found.depart_from_s, found.zone))
    columns = ("zone", "site", "route", "depart_from_s", "depart_until_s", "vehicles", "persons")
    return replace(found, **{name: getattr(found, name)[order] for name in columns}), block[order], later_s


def _overstepping(scenario: Scenario, before: Moved, found: Movements, profile: CapacityProfile) -> BoolArray:
    """bool[n]: movements that depart or arrive when they may not, end too late, or enter a link that is too full."""
    tau, routes = scenario.network.free_flow_time_s, before.routes
    travel = np.add.reduceat(tau[routes.links], routes.start[:-1])
    a, b = found.depart_from_s, found.depart_until_s
    leave = compressed([zone.departure_windows for zone in scenario.zones])
    stay = compressed([site.open_windows for site in scenario.sites])
    way = travel[found.route]
    bad: BoolArray = are_outside(*leave, found.zone, a, b, INSTANT_S) | are_outside(
        *stay, found.site, a + way, b + way, INSTANT_S
    )
    cleared = float((before.movements.depart_until_s + travel[before.movements.route]).max())
    bad |= b + way > cleared + INSTANT_S
    loads = loads_of(tau, found, routes)
    link, from_s, rate = difference(profile, loads)
    top = np.maximum.reduceat(profile.rate, profile.start[:-1])
    until_s = np.append(from_s[1:], np.inf)
    until_s[np.append(link[1:] != link[:-1], True)] = np.inf
    over = np.flatnonzero(rate < -OVER * np.maximum(top[link], 1e-3))
    if len(over):
        span = float(loads.until_s.max()) + 1.0
        ends = link[over] * span + np.minimum(until_s[over], span - 0.5)
        at = np.searchsorted(ends, loads.link * span + loads.from_s + 0.1 * INSTANT_S, side="right")
        near = over[np.minimum(at, len(over) - 1)]
        meets = (at < len(over)) & (link[near] == loads.link) & (from_s[near] < loads.until_s - 0.1 * INSTANT_S)
        movement = np.repeat(np.arange(len(found)), np.diff(routes.start)[found.route])
        bad[movement[meets]] = True
    return bad


def _halved(blocks: Blocks, bad: BoolArray, is_last: bool) -> Blocks:
    """The bad blocks in two halves each, or fixed."""
    if is_last:
        return replace(blocks, is_fixed=blocks.is_fixed | bad)
    middle = 0.5 * (blocks.from_s + blocks.until_s)
    group = np.concatenate((blocks.group, blocks.group[bad]))
    from_s = np.concatenate((blocks.from_s, middle[bad]))
    until_s = np.concatenate((np.where(bad, middle, blocks.until_s), blocks.until_s[bad]))
    is_fixed = np.concatenate((blocks.is_fixed, np.zeros(int(bad.sum()), dtype=np.bool_)))
    order = np.lexsort((from_s, group))
    return Blocks(group[order], from_s[order], until_s[order], is_fixed[order])


__all__ = ["fewer_movements"]
