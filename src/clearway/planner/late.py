"""Starts that work: a zone's vehicles sent as late as there is room on the roads the others leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearway.kernels.latest import latest_start
from clearway.kernels.packing import route_offsets
from clearway.kernels.slots import slot_rates
from clearway.model.network import FloatArray, IntArray
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile
from clearway.planner.problem import build_problem
from clearway.planner.room import profile_from, scenario_from
from clearway.planner.slots import inside
from clearway.planner.steady import spare_routes

BINS = 1440
LAST_PARTS = (1 / 32, 1 / 8, 1.0)  # of the time to the horizon
MOST_CELLS = 20_000_000  # (link, bin) pairs


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Routes with the group (a zone of the scenario) and the site (of the scenario) of each."""

    group: IntArray
    site: IntArray
    start: IntArray
    links: IntArray


def late_start(scenario: Scenario, profile: CapacityProfile, ways: Ways) -> float:
    """
    The latest start found at which all the scenario's people still arrive by its horizon; nan where none was.

    The zones of the scenario are the parties of one zone: the same node, dates and persons per vehicle. ``profile`` is
    the room on the roads; ``ways`` are the routes to use, see `with_spare`. The last hours are looked at first, in
    finer bins.
    """
    for share in LAST_PARTS:
        begin = scenario.horizon_s * (1 - share)
        found = _late_start(scenario_from(scenario, begin), profile_from(profile, begin), ways)
        if np.isfinite(found):
            return float(begin + found)
    return float("nan")


def _late_start(scenario: Scenario, profile: CapacityProfile, ways: Ways) -> float:
    network = scenario.network
    lengths = np.diff(ways.start)
    if not len(lengths):
        return np.nan
    travel = np.add.reduceat(network.free_flow_time_s[ways.links], ways.start[:-1])
    ways, travel = _shortest_first(ways, travel)
    links, rows = np.unique(ways.links, return_inverse=True)
    n_bins = min(BINS, max(100, MOST_CELLS // max(len(links), len(travel))))
    bin_s = scenario.horizon_s / n_bins
    _, least = slot_rates(profile.start, profile.from_s, profile.rate, links, np.zeros(len(links)), bin_s, n_bins)
    whole, split, _ = route_offsets(
        ways.start, rows, network.free_flow_time_s[links], np.zeros(network.n_nodes),
        network.tail[links], network.head[links], bin_s,
    )  # fmt: skip
    bins = np.arange(n_bins) * bin_s
    zone = scenario.zones[0]
    load = zone.persons_per_vehicle
    arrive = np.floor(travel / bin_s + 1e-7)
    first = latest_start(
        least, ways.group, ways.site, ways.start, rows, whole, split,
        inside(bins, bin_s, zone.departure_windows),
        np.array([inside(bins, bin_s, site.open_windows) for site in scenario.sites]),
        arrive.astype(np.int64), travel / bin_s - arrive > 1e-7,
        np.array([z.with_vehicle / load / bin_s for z in scenario.zones]),
        np.array([min(site.beds, 1e15) / bin_s for site in scenario.sites]), load,
    )  # fmt: skip
    return float(first * bin_s) if first >= 0 else np.nan


def with_spare(scenario: Scenario, profile: CapacityProfile, ways: Ways) -> Ways:
    """
    The ways, and those to the nearest and largest sites over links that stay open (to the end of ``profile``).
    """
    columns: list[tuple[IntArray, IntArray, IntArray, IntArray]] = [
        (ways.group, ways.site, np.diff(ways.start), ways.links)
    ]
    for index, zone in enumerate(scenario.zones):
        direction = zone.directions[0][0] if zone.directions else None
        problem = build_problem(scenario, direction, profile)
        if index not in problem.zone:
            continue
        spare = spare_routes(problem)
        mine = problem.zone[spare.zone] == index
        lengths = np.diff(spare.start)
        kept = np.repeat(mine, lengths)
        is_road = spare.links < problem.n_roads
        roads = np.bincount(np.repeat(np.arange(len(lengths)), lengths), is_road, len(lengths)).astype(np.int64)
        columns.append(
            (np.full(int(mine.sum()), index), problem.site[spare.site[mine]], roads[mine], spare.links[kept & is_road])
        )
    group, site, lengths, links = (np.concatenate(each) for each in zip(*columns, strict=True))
    return Ways(group, site, np.concatenate(([0], np.cumsum(lengths))).astype(np.int64), links)


def _shortest_first(ways: Ways, travel: FloatArray) -> tuple[Ways, FloatArray]:
    order = np.argsort(travel, kind="stable")
    pieces = [ways.links[ways.start[r] : ways.start[r + 1]] for r in order]
    start = np.concatenate(([0], np.cumsum([len(piece) for piece in pieces]))).astype(np.int64)
    return Ways(ways.group[order], ways.site[order], start, np.concatenate(pieces)), travel[order]
