"""Roads that part: where a plan sends more through than passes when vehicles come in no order (docs/hold.md)."""

from __future__ import annotations

import numpy as np

from clearway.kernels.parting import passing_rate
from clearway.model.network import FloatArray, IntArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario

N_DRAWN = 20_000  # vehicles whose way is drawn: the rate is then within 1 % of that of endlessly many
SEED = 0


def room_at_partings(plan: Plan, scenario: Scenario, capacity_share: float) -> dict[int, float]:
    """
    Shares of their capacity that roads may carry so that those who wait for one way do not hold up the others.

    Where a road parts, the first vehicle waits until the road that it takes has room, and all behind it wait. If they
    come in no order, less passes than both roads take: three quarters where both are full. Only roads that carry more
    than ``capacity_share`` of that by plan are named.
    """
    found: dict[int, float] = {}
    rate = scenario.network.capacity_veh_per_s
    lanes = np.maximum(np.round(scenario.network.lanes), 1.0)
    draw = np.random.default_rng(SEED).random(N_DRAWN)
    for link, ways, vehicles, lasts_s in turns_at_partings(plan, scenario):
        if lasts_s <= 0 or not (rate[ways] > 0).all():
            continue
        share = np.cumsum(vehicles) / vehicles.sum()
        way = np.minimum(np.searchsorted(share, draw), len(ways) - 1)
        most = capacity_share * passing_rate(way, 1.0 / rate[ways], lanes[ways])
        if vehicles.sum() > most * lasts_s:
            found[link] = min(most / float(rate[link]), 1.0)
    return found


def turns_at_partings(plan: Plan, scenario: Scenario) -> list[tuple[int, IntArray, FloatArray, float]]:
    """(link, links that follow it, vehicles that take each, seconds from the first vehicle to the last) by parting."""
    moves, routes = plan.movements, plan.routes
    n_routes, n_links = len(routes), scenario.network.n_links
    vehicles = np.bincount(moves.route, moves.vehicles, n_routes)
    first, last = np.full(n_routes, np.inf), np.full(n_routes, -np.inf)
    np.minimum.at(first, moves.route, moves.depart_from_s)
    np.maximum.at(last, moves.route, moves.depart_until_s)
    owner = np.repeat(np.arange(n_routes), np.diff(routes.start))
    passed_s = np.cumsum(scenario.network.free_flow_time_s[routes.links])
    passed_s -= (passed_s - scenario.network.free_flow_time_s[routes.links])[routes.start[:-1]][owner]
    turns = np.flatnonzero((owner[:-1] == owner[1:]) & (vehicles[owner[:-1]] > 0))
    begin, end = np.full(n_links, np.inf), np.full(n_links, -np.inf)
    np.minimum.at(begin, routes.links[turns], first[owner[turns]] + passed_s[turns])
    np.maximum.at(end, routes.links[turns], last[owner[turns]] + passed_s[turns])
    pairs, place = np.unique(routes.links[turns] * n_links + routes.links[turns + 1], return_inverse=True)
    amount: FloatArray = np.bincount(place.reshape(-1), vehicles[owner[turns]], len(pairs)).astype(np.float64)
    link, ways = pairs // n_links, pairs % n_links
    parting, start, count = np.unique(link, return_index=True, return_counts=True)
    return [
        (int(parting[i]), ways[start[i] : start[i] + count[i]], amount[start[i] : start[i] + count[i]],
         float(end[parting[i]] - begin[parting[i]]))
        for i in np.flatnonzero(count > 1)
    ]  # fmt: skip
