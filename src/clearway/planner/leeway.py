"""The last safe start of each zone, the others going as planned."""

from __future__ import annotations

import time

import numpy as np

from clearway.kernels.packing import latest_start, route_offsets
from clearway.kernels.slots import slot_rates, take_loads
from clearway.model.network import FloatArray
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile
from clearway.planner.assemble import Moved
from clearway.planner.slots import inside

BINS = 720


def last_starts(scenario: Scenario, moved: Moved, profile: CapacityProfile, deadline: float) -> FloatArray:
    """
    float64[n_zones]: the latest instant at which each zone may start so that all planned of it still arrive.

    Found by sending its vehicles backward from the horizon, as late as there is room on the ways the plan gives it: a
    start that works, not a bound. nan where nobody is planned, no such start was found or the time was up.
    """
    moves, routes, network = moved.movements, moved.routes, scenario.network
    starts = np.full(len(scenario.zones), np.nan)
    if not len(moves):
        return starts
    lengths = np.diff(routes.start)
    ahead = np.concatenate(([0.0], np.cumsum(network.free_flow_time_s[routes.links])))[:-1]
    offset = ahead - np.repeat(ahead[routes.start[:-1]], lengths)
    per_move = lengths[moves.route]
    load_move = np.repeat(np.arange(len(moves)), per_move)
    place = np.repeat(routes.start[moves.route], per_move) + (
        np.arange(len(load_move)) - np.repeat(np.cumsum(per_move) - per_move, per_move)
    )
    load_link = routes.links[place]
    load_from = moves.depart_from_s[load_move] + offset[place]
    load_until = moves.depart_until_s[load_move] + offset[place]
    load_rate = (moves.vehicles / (moves.depart_until_s - moves.depart_from_s))[load_move]
    load_zone = moves.zone[load_move]
    bin_s = scenario.horizon_s / BINS
    bins = np.arange(BINS) * bin_s
    for index in np.unique(moves.zone):
        if time.monotonic() > deadline:
            break
        own = moves.zone == index
        mine = np.unique(moves.route[own])
        links, rows = np.unique(
            np.concatenate([routes.links[routes.start[r] : routes.start[r + 1]] for r in mine]), return_inverse=True
        )
        least = slot_rates(profile.start, profile.from_s, profile.rate, links, np.zeros(len(links)), bin_s, BINS)
        row_of = np.full(network.n_links, -1)
        row_of[links] = np.arange(len(links))
        others = (load_zone != index) & (row_of[load_link] >= 0)
        take_loads(
            *least, row_of, np.zeros(len(links)), bin_s,
            load_link[others], load_from[others], load_until[others], load_rate[others],
        )  # fmt: skip
        start = np.concatenate(([0], np.cumsum(lengths[mine])))
        whole, split, travel = route_offsets(
            start, rows, network.free_flow_time_s[links], np.zeros(network.n_nodes),
            network.tail[links], network.head[links], bin_s,
        )  # fmt: skip
        site_of = np.array([moves.site[own & (moves.route == r)][0] for r in mine])
        sent = np.array([moves.vehicles[own & (moves.route == r)].sum() for r in mine]) / bin_s
        open_now = np.array([inside(bins, bin_s, scenario.sites[s].open_windows) for s in site_of])
        whole_arrival = np.floor(travel / bin_s + 1e-7).astype(np.int64)
        first = latest_start(
            least[1], start, rows, whole, split, sent, inside(bins, bin_s, scenario.zones[index].departure_windows),
            open_now, whole_arrival, travel / bin_s - whole_arrival > 1e-7,
        )  # fmt: skip
        if first >= 0:
            planned = float(moves.depart_from_s[own].min())
            starts[index] = max(first * bin_s, planned)
        else:
            starts[index] = float(moves.depart_from_s[own].min())
    return starts
