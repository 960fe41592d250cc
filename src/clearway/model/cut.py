"""What a certificate's cut is made of: which links, from when to when; which zones and sites."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from clearway.model.demand import Intervals, Party
from clearway.model.network import FloatArray, IntArray
from clearway.model.plan import Certificate
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """
    The parts that add up to a certificate's value, in vehicles.

    Attributes
    ----------
    link : int64[n]
    from_s, until_s : float64[n]
        Entry times in which the link counts; a link may come several times.
    vehicles : float64[n]
        The most that can enter in that time. Parts in which nothing can enter are left out.
    zone_vehicles, site_vehicles : (index, vehicles) of zones that are cut and sites that are paid.
    """

    link: IntArray
    from_s: FloatArray
    until_s: FloatArray
    vehicles: FloatArray
    zone_vehicles: tuple[tuple[int, float], ...]
    site_vehicles: tuple[tuple[int, float], ...]

    @property
    def value(self) -> float:
        """Vehicles in all."""
        pairs = self.zone_vehicles + self.site_vehicles
        return float(self.vehicles.sum()) + math.fsum(amount for _, amount in pairs)


def merge_intervals(intervals: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The union of half-open intervals, sorted and disjoint."""
    merged: list[tuple[float, float]] = []
    for a, b in sorted(pair for pair in intervals if pair[0] < pair[1]):
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        else:
            merged.append((a, b))
    return merged


def intersect_intervals(
    first: list[tuple[float, float]], second: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    """The times that lie in both of two disjoint unions."""
    pieces = [(max(a, c), min(b, d)) for a, b in first for c, d in second]
    return merge_intervals(pieces)


def parties_counted(scenario: Scenario, direction: str | None) -> list[Party]:
    """The parties a certificate of this direction counts (None: all of them)."""
    return [p for p in scenario.parties() if direction is None or p.direction == direction]


def integrate(profile: CapacityProfile, link: int, from_s: float, until_s: float) -> float:
    """Vehicles that may enter a link in [from_s, until_s)."""
    a, b = int(profile.start[link]), int(profile.start[link + 1])
    starts = profile.from_s[a:b]
    ends = np.append(starts[1:], math.inf)
    overlap = np.minimum(ends, until_s) - np.maximum(starts, from_s)
    inside = overlap > 0
    return float((overlap[inside] * profile.rate[a:b][inside]).sum())


def cut_of(scenario: Scenario, certificate: Certificate, profile: CapacityProfile | None = None) -> Cut:
    """
    The parts of a certificate's cut, as `Certificate` defines it.

    Beds become vehicles at the smallest persons per vehicle of the zones that are open: no site takes more vehicles.
    """
    profile = profile or scenario.capacity_profile()
    network, horizon = scenario.network, certificate.horizon_s
    parties = parties_counted(scenario, certificate.direction)
    open_zones, paid = set(certificate.open_zones), set(certificate.paid_sites)
    zones_cut: dict[int, float] = {}
    windows_at: dict[int, list[tuple[float, float]]] = {}
    smallest_load = math.inf
    for party in parties:
        zone = scenario.zones[party.zone]
        if party.zone not in open_zones:
            zones_cut[party.zone] = zones_cut.get(party.zone, 0.0) + party.vehicles
        else:
            windows_at.setdefault(zone.node, []).extend(zone.departure_windows)
            smallest_load = min(smallest_load, zone.persons_per_vehicle)
    sites_at: dict[int, list[tuple[float, float]]] = {}
    sites_paid = []
    for i, site in enumerate(scenario.sites):
        if certificate.direction is not None and site.direction != certificate.direction:
            continue
        if i in paid:
            sites_paid.append((i, site.beds / smallest_load if smallest_load < math.inf else 0.0))
        else:
            sites_at.setdefault(site.node, []).extend(clip(site.open_windows, horizon))
    rows = []
    labels = certificate.labels_s
    label_u, label_v = labels[network.tail], np.minimum(labels[network.head], horizon)
    window_tail = np.isin(network.tail, list(windows_at))
    window_head = np.isin(network.head, list(sites_at))
    plain = label_u + network.free_flow_time_s < label_v
    for link in np.flatnonzero(plain | window_tail | window_head):
        tail, head, time = int(network.tail[link]), int(network.head[link]), float(network.free_flow_time_s[link])
        reached = merge_intervals([(float(labels[tail]), math.inf), *windows_at.get(tail, [])])
        beyond = merge_intervals([(0.0, float(label_v[link])), *sites_at.get(head, [])])
        for a, b in intersect_intervals(reached, [(c - time, d - time) for c, d in beyond]):
            vehicles = integrate(profile, int(link), max(a, 0.0), b)
            if vehicles > 0:
                rows.append((int(link), max(a, 0.0), b, vehicles))
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return Cut(
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.float64),
        np.array(columns[2], dtype=np.float64),
        np.array(columns[3], dtype=np.float64),
        tuple(sorted(zones_cut.items())),
        tuple(sites_paid),
    )


def clip(windows: Intervals, horizon_s: float) -> list[tuple[float, float]]:
    """Windows, as far as they lie before the horizon."""
    return [(a, min(b, horizon_s)) for a, b in windows if a < horizon_s]
