"""A scenario as the peers see it: arrays, whole vehicles, slots of equal length."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.peers.shortest import shortest, star
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile

USUAL_SLOTS_S = (60.0, 30.0, 20.0, 15.0, 10.0)
SMALL_AMOUNT = 1e-6  # of a vehicle: capacities this near a whole number count as whole


class UnsuitableError(Exception):
    """A peer cannot take this scenario; says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """
    Links, people and beds in slots of ``slot_s`` seconds.

    Attributes
    ----------
    tail, head : int64[n_links]; travel_s : float64[n_links]
    profile : rates at which links may be entered over time; top_rate : float64[n_links], the most of each
    zone_node, zone_vehicles, zone_group : int64[n_zones]
        Whole vehicles, rounded up; the group is the direction their people choose.
    zone_windows : per zone, (from_s, until_s) in which they may depart
    site_node, site_vehicles, site_group : int64[n_sites]
        Vehicles that find beds, rounded down.
    site_windows : per site
    """

    slot_s: float
    n_nodes: int
    tail: np.ndarray
    head: np.ndarray
    travel_s: np.ndarray
    profile: CapacityProfile
    top_rate: np.ndarray
    zone_node: np.ndarray
    zone_vehicles: np.ndarray
    zone_group: np.ndarray
    zone_windows: tuple[tuple[tuple[float, float], ...], ...]
    site_node: np.ndarray
    site_vehicles: np.ndarray
    site_group: np.ndarray
    site_windows: tuple[tuple[tuple[float, float], ...], ...]
    horizon_s: float
    n_groups: int

    @property
    def supply(self) -> int:
        """Vehicles in all."""
        return int(self.zone_vehicles.sum())

    @property
    def has_ample_sites(self) -> bool:
        """Whether every site could take everybody at any time."""
        always = all(windows == ((0.0, np.inf),) for windows in self.site_windows)
        return always and bool((self.site_vehicles >= self.supply).all())

    def to_site(self, cost: np.ndarray, group: int, has_room: np.ndarray) -> np.ndarray:
        """float64[n_nodes]: least cost to a site of a group that has room (bool[n_sites])."""
        first = np.full(self.n_nodes, np.inf)
        first[self.site_node[has_room & (self.site_group == group)]] = 0.0
        return shortest(*star(self.n_nodes, self.head), self.tail, cost, first)


def natural_slot(scenario: Scenario, otherwise_s: float) -> float:
    """The longest usual slot that all travel times are multiples of; a given one where there is none."""
    times = scenario.network.free_flow_time_s
    for slot in USUAL_SLOTS_S:
        if np.abs(times / slot - np.round(times / slot)).max(initial=0.0) < 1e-6:
            return slot
    return otherwise_s


def make_task(scenario: Scenario, slot_s: float) -> Task:
    """A scenario as the peers see it; links that are never open take for ever."""
    profile = scenario.capacity_profile()
    network = scenario.network
    parties = scenario.parties()
    groups = {direction: i for i, direction in enumerate(sorted({p.direction for p in parties}, key=str))}
    if None in groups and len(groups) > 1:
        raise UnsuitableError("some people choose a direction and others do not")
    load = max((scenario.zones[p.zone].persons_per_vehicle for p in parties), default=1.0)
    top_rate = np.maximum.reduceat(profile.rate, profile.start[:-1]) if network.n_links else np.zeros(0)
    zones = [(scenario.zones[p.zone], p) for p in parties]
    everyone = sum(p.persons for p in parties)
    return Task(
        slot_s=slot_s,
        n_nodes=network.n_nodes,
        tail=network.tail,
        head=network.head,
        travel_s=np.where(top_rate > 0, network.free_flow_time_s, np.inf),
        profile=profile,
        top_rate=top_rate,
        zone_node=np.array([zone.node for zone, _ in zones], dtype=np.int64),
        zone_vehicles=np.array([np.ceil(p.vehicles - SMALL_AMOUNT) for _, p in zones], dtype=np.int64),
        zone_group=np.array([groups[p.direction] for _, p in zones], dtype=np.int64),
        zone_windows=tuple(zone.departure_windows for zone, _ in zones),
        site_node=np.array([site.node for site in scenario.sites], dtype=np.int64),
        site_vehicles=np.array([min(site.beds, 2 * everyone) // load for site in scenario.sites], dtype=np.int64),
        site_group=np.array(
            [0 if None in groups else groups.get(site.direction, -1) for site in scenario.sites], dtype=np.int64
        ),
        site_windows=tuple(site.open_windows for site in scenario.sites),
        horizon_s=scenario.horizon_s,
        n_groups=len(groups),
    )


def in_order(task: Task, order: np.ndarray) -> Task:
    """The same task with its zones in another order (int64[n_zones]): where peers find ties, the first goes first."""
    return replace(
        task,
        zone_node=task.zone_node[order],
        zone_vehicles=task.zone_vehicles[order],
        zone_group=task.zone_group[order],
        zone_windows=tuple(task.zone_windows[i] for i in order.tolist()),
    )


def entered_by(task: Task, link: int, times: np.ndarray) -> np.ndarray:
    """float64[n]: vehicles that may have entered one link by some times (float64[n], ascending from 0)."""
    a, b = int(task.profile.start[link]), int(task.profile.start[link + 1])
    starts, rates = task.profile.from_s[a:b], task.profile.rate[a:b]
    at_starts = np.concatenate(([0.0], np.cumsum(rates[:-1] * np.diff(starts))))
    piece = np.searchsorted(starts, times, side="right") - 1
    return at_starts[piece] + rates[piece] * (times - starts[piece])
