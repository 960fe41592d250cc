"""What all exports share: whole vehicles with their departures, and roads in metres and whole lanes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from clearway.model.network import FloatArray, IntArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile, capacity_profile

VEHICLE_SPACE_M = 7.5  # a car and its gap at standstill; jam density 133 vehicles/km/lane (Nagel & Schreckenberg 1992)
LANE_LIMIT_VEH_PER_H = 2200.0  # most a lane carries (HCM 2010: 2,200 to 2,400 at free-flow speeds of freeways)
EARTH_M_PER_DEGREE = 6_371_008.8 * math.pi / 180.0


@dataclass(frozen=True, slots=True, eq=False)
class Vehicles:
    """
    Whole vehicles, in the order in which they depart.

    Attributes
    ----------
    movement, zone, site, route : int64[n]
        Indices into the plan's movements and routes and the scenario's zones and sites.
    depart_s : float64[n]
        Seconds from the scenario's start.
    persons : float64[n]
        Persons in each vehicle; they add up to the persons planned, zone by zone.
    """

    movement: IntArray
    zone: IntArray
    site: IntArray
    route: IntArray
    depart_s: FloatArray
    persons: FloatArray

    def __len__(self) -> int:
        return len(self.zone)


def whole_vehicles(plan: Plan) -> Vehicles:
    """
    The fluid movements of a plan as whole vehicles.

    A zone's vehicles are rounded up to a whole number and shared among its streams (a route to a site) by largest
    remainder; a stream's n vehicles depart when 1/2, 3/2, ... n-ths of it have departed. Each zone's persons are spread
    evenly over its vehicles, so that nobody is lost where a stream is too thin for a vehicle of its own.
    """
    moves = plan.movements
    movements: list[IntArray] = [np.zeros(0, dtype=np.int64)]
    departs, loads = [np.zeros(0)], [np.zeros(0)]
    for zone in np.unique(moves.zone).tolist():
        mine = np.flatnonzero((moves.zone == zone) & (moves.vehicles > 0))
        if not len(mine):
            continue
        _, stream = np.unique(np.stack((moves.route[mine], moves.site[mine])), axis=1, return_inverse=True)
        stream = stream.reshape(-1)
        amounts: FloatArray = np.bincount(stream, moves.vehicles[mine]).astype(np.float64)
        counts = by_largest_remainder(amounts, math.ceil(amounts.sum() - 1e-6))
        each = float(moves.persons[mine].sum()) / counts.sum()
        for i in np.flatnonzero(counts).tolist():
            movement, depart = departures(plan, mine[stream == i], int(counts[i]))
            movements.append(movement)
            departs.append(depart)
            loads.append(np.full(len(depart), each))
    depart_s = np.concatenate(departs)
    order = np.argsort(depart_s, kind="stable")
    movement, persons = np.concatenate(movements)[order], np.concatenate(loads)[order]
    return Vehicles(
        movement, moves.zone[movement], moves.site[movement], moves.route[movement], depart_s[order], persons
    )


def by_largest_remainder(amounts: FloatArray, total: int) -> IntArray:
    """int64[n]: whole numbers in proportion to ``amounts`` that add up to ``total``."""
    exact = amounts * (total / amounts.sum())
    counts: IntArray = np.floor(exact).astype(np.int64)
    rest = np.argsort(counts - exact, kind="stable")[: total - int(counts.sum())]
    counts[rest] += 1
    return counts


def departures(plan: Plan, chosen: IntArray, count: int) -> tuple[IntArray, FloatArray]:
    """Movement and departure (seconds) of ``count`` vehicles spread over the departures of the chosen movements."""
    moves = plan.movements
    order = chosen[np.argsort(moves.depart_from_s[chosen], kind="stable")]
    ends = np.cumsum(moves.vehicles[order])
    at = (np.arange(count) + 0.5) * (ends[-1] / count)
    place = np.minimum(np.searchsorted(ends, at, side="right"), len(order) - 1)
    movement = order[place]
    share = (at - (ends[place] - moves.vehicles[movement])) / moves.vehicles[movement]
    begin, end = moves.depart_from_s[movement], moves.depart_until_s[movement]
    return movement, begin + np.clip(share, 0.0, 1.0) * (end - begin)


@dataclass(frozen=True)
class Roads:
    """A scenario's roads in metres and whole lanes, with what may enter them over time (nominal capacities)."""

    scenario: Scenario

    @cached_property
    def rate(self) -> FloatArray:
        """float64[n_links]: vehicles per second that each link takes when nothing restricts it; 0: no cars."""
        return self.scenario.usable_rate() / self.scenario.capacity_factor

    @cached_property
    def profile(self) -> CapacityProfile:
        """Vehicles per second that may enter each link over time, closures and restrictions counted."""
        return capacity_profile(self.rate, self.scenario.network.free_flow_time_s, self.scenario.availabilities)

    @cached_property
    def lanes(self) -> IntArray:
        """int64[n_links]: the lanes given, or as many as it takes that none carries too much."""
        needed = np.ceil(self.rate * 3600.0 / LANE_LIMIT_VEH_PER_H - 1e-9)
        return np.maximum(np.maximum(np.round(self.scenario.network.lanes), needed), 1).astype(np.int64)

    @cached_property
    def speed_m_per_s(self) -> FloatArray:
        """float64[n_links]: free-flow speed."""
        network = self.scenario.network
        speed: FloatArray = self.length_m / network.free_flow_time_s
        return speed

    @cached_property
    def length_m(self) -> FloatArray:
        """float64[n_links]: lengths; a link without one is as long as free flow at 50 km/h makes it."""
        network = self.scenario.network
        return np.where(network.length_m > 0, network.length_m, network.free_flow_time_s * 50.0 / 3.6)

    @cached_property
    def places_m(self) -> tuple[FloatArray, FloatArray]:
        """
        float64[n_nodes] twice: metres east and north of the network's middle.

        Planar coordinates are scaled so that straight lines are about as long as the links say.
        """
        network = self.scenario.network
        x, y = network.node_x - network.node_x.mean(), network.node_y - network.node_y.mean()
        if not network.is_local:
            x = x * EARTH_M_PER_DEGREE * math.cos(math.radians(float(network.node_y.mean())))
            return self.apart(x, y * EARTH_M_PER_DEGREE)
        straight = np.hypot(x[network.head] - x[network.tail], y[network.head] - y[network.tail])
        drawn = straight > 0
        scale = float(np.median(self.length_m[drawn] / straight[drawn])) if drawn.any() else 1.0
        return self.apart(x * scale, y * scale)

    def apart(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Nodes that lie on one another, moved apart: road editors refuse links between them."""
        spots, first, which = np.unique(np.round(np.stack((x, y)), 1), axis=1, return_index=True, return_inverse=True)
        if spots.shape[1] == len(x):
            return x, y
        again = np.flatnonzero(first[which.reshape(-1)] != np.arange(len(x)))
        steps = np.arange(1, len(again) + 1)
        x, y = x.copy(), y.copy()
        x[again] += 3.0 * np.sqrt(steps) * np.cos(2.4 * steps)  # a sunflower: no two alike
        y[again] += 3.0 * np.sqrt(steps) * np.sin(2.4 * steps)
        return x, y

    def pieces(self, link: int) -> list[tuple[float, float]]:
        """(from_s, vehicles per second) of one link."""
        profile = self.profile
        span = slice(int(profile.start[link]), int(profile.start[link + 1]))
        return list(zip(profile.from_s[span].tolist(), profile.rate[span].tolist(), strict=True))

    @cached_property
    def changing(self) -> IntArray:
        """int64[k]: links whose rate of entry changes over time."""
        return np.flatnonzero(np.diff(self.profile.start) > 1)

    @cached_property
    def first_rate(self) -> FloatArray:
        """float64[n_links]: vehicles per second at the start."""
        return self.profile.rate[self.profile.start[:-1]]


def turns_of(plan: Plan) -> set[tuple[int, int]]:
    """Pairs of links that some route drives one after the other."""
    routes = plan.routes
    first, second = routes.links[:-1], routes.links[1:]
    owner = np.repeat(np.arange(len(routes)), np.diff(routes.start))
    within = owner[:-1] == owner[1:]
    return set(zip(first[within].tolist(), second[within].tolist(), strict=True))
