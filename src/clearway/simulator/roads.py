"""A scenario's roads and sites as the kernels take them, and what changes on them when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from clearway.model.network import FloatArray, IntArray
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile, capacity_profile
from clearway.simulator.parameters import SimulationParameters


class Roads(NamedTuple):
    """
    The network of a simulation.

    Attributes
    ----------
    tail, head : int64[n_links]
    travel_time : float64[n_links], seconds at free-flow speed
    wave_time : float64[n_links], seconds a gap takes from the end of a link to its beginning
    storage : float64[n_links], vehicles at jam density
    rate : float64[n_links], vehicles per second the link takes and lets go at first
    in_start, in_links : links into node v are ``in_links[in_start[v]:in_start[v + 1]]``
    out_start, out_links : the same for links out of it
    local : int64[n_links], place of a link among those out of its tail
    pair_start : int64[n_links + 1], pairs of link l with the queues of its tail are numbers from ``pair_start[l]``
    """

    tail: IntArray
    head: IntArray
    travel_time: FloatArray
    wave_time: FloatArray
    storage: FloatArray
    rate: FloatArray
    in_start: IntArray
    in_links: IntArray
    out_start: IntArray
    out_links: IntArray
    local: IntArray
    pair_start: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class RoadTables:
    """
    What does not change in a simulation. ``roads`` holds the rates at time 0.

    Attributes
    ----------
    changes : (seconds, int64[k] links, float64[k] vehicles per second), by time: new rates of links
    openings : (seconds, site, seconds from which it is open then), by time
    backward_start, backward_order : forward star of the links by their head
    nominal : float64[n_links], vehicles per second: what the road can take
    """

    roads: Roads
    changes: tuple[tuple[float, IntArray, FloatArray], ...]
    openings: tuple[tuple[float, int, float], ...]
    backward_start: IntArray
    backward_order: IntArray
    nominal: FloatArray

    def under(self, scenario: Scenario, rate_share: FloatArray | None = None) -> RoadTables:
        """
        The same roads under the statements and sites of another version of the scenario.

        ``rate_share``, float64[n_links]: a factor on what may pass, never beyond the nominal capacity; the room that
        roads have stays.
        """
        time = np.zeros(len(self.nominal))
        share = np.ones(len(self.nominal)) if rate_share is None else rate_share
        profile = capacity_profile(self.nominal * share, time, scenario.availabilities)
        link = np.repeat(np.arange(len(self.nominal)), np.diff(profile.start))
        rate = np.minimum(profile.rate, self.nominal[link])
        profile = CapacityProfile(profile.start, profile.from_s, rate)
        roads = self.roads._replace(rate=rate[profile.start[:-1]].copy())
        return replace(self, roads=roads, changes=rate_changes(profile), openings=site_openings(scenario))


def build_tables(scenario: Scenario, params: SimulationParameters) -> RoadTables:
    """
    Roads with a triangular fundamental diagram.

    Capacity and free-flow time come from link.csv; jam density too where it says, and the wave speed follows; else the
    wave speed is that of the parameters, and the jam density follows: capacity / free speed + capacity / wave speed.
    Closures hold from the second they are dated: unlike a plan, drivers do not know them in advance.
    """
    network = scenario.network
    tail, head = network.tail.astype(np.int64), network.head.astype(np.int64)
    time = np.ascontiguousarray(network.free_flow_time_s, dtype=np.float64)
    nominal = scenario.usable_rate() / scenario.capacity_factor * params.capacity_share
    wave_time = network.length_m / params.wave_speed_m_per_s
    if network.jam_density_veh_per_m is not None:
        given = np.isfinite(network.jam_density_veh_per_m) & (nominal > 0)
        storage = network.jam_density_veh_per_m[given] * network.length_m[given]
        # of a triangular diagram: storage = capacity x (free-flow time + wave time)
        wave_time[given] = np.maximum(storage / nominal[given] - time[given], 1e-3)
    profile = capacity_profile(nominal, np.zeros(len(time)), scenario.availabilities)
    in_start, in_links = forward_star(network.n_nodes, head)
    out_start, out_links = forward_star(network.n_nodes, tail)
    local = np.zeros(len(tail), dtype=np.int64)
    local[out_links] = np.arange(len(tail)) - out_start[tail[out_links]]
    n_queues = (np.diff(in_start) + np.diff(out_start))[tail]
    roads = Roads(
        tail,
        head,
        time,
        wave_time,
        nominal * (time + wave_time),
        profile.rate[profile.start[:-1]].copy(),
        in_start,
        in_links,
        out_start,
        out_links,
        local,
        np.concatenate(([0], np.cumsum(n_queues))).astype(np.int64),
    )
    return RoadTables(roads, rate_changes(profile), site_openings(scenario), in_start, in_links, nominal)


def forward_star(n_nodes: int, end: IntArray) -> tuple[IntArray, IntArray]:
    """Links of node v, by the node at one of their ends: ``order[start[v]:start[v + 1]]``."""
    counts = np.bincount(end, minlength=n_nodes)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64), np.argsort(end, kind="stable").astype(np.int64)


def rate_changes(profile: CapacityProfile) -> tuple[tuple[float, IntArray, FloatArray], ...]:
    """The later pieces of a profile, those of one time together."""
    is_first = np.zeros(len(profile.from_s), dtype=np.bool_)
    is_first[profile.start[:-1]] = True
    link = np.repeat(np.arange(len(profile.start) - 1), np.diff(profile.start))
    later = np.flatnonzero(~is_first)
    times, owner = np.unique(profile.from_s[later], return_inverse=True)
    found = []
    for i, time in enumerate(times.tolist()):
        rows = later[owner == i]
        found.append((time, link[rows].astype(np.int64), profile.rate[rows].copy()))
    return tuple(found)


def site_openings(scenario: Scenario) -> tuple[tuple[float, int, float], ...]:
    """When the time from which a site lets people in changes: at the start, and at the end of each window."""
    found = []
    for i, site in enumerate(scenario.sites):
        begins = [a for a, _ in site.open_windows]
        found.append((0.0, i, begins[0] if begins and site.beds > 0 else np.inf))
        for k, (_, end) in enumerate(site.open_windows):
            if end < np.inf:
                found.append((end, i, begins[k + 1] if k + 1 < len(begins) else np.inf))
    return tuple(sorted(found))
