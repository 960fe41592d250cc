"""Which roads are full when: what holds a plan up at each time, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from clearway.model.network import FloatArray, IntArray
from clearway.model.situation import CapacityProfile
from clearway.publish.facts import Facts

FULL = 0.97  # of what may enter in a step: steps are longer than the plan's own
LEAST_STEPS = 2  # a road that is full for less is not worth a word
MOST_GAP = 1  # steps that a pause may take


@dataclass(frozen=True, slots=True)
class FullTime:
    """A crossing or road that is full in [from_s, until_s). ``is_limit``: the plan's cut runs through it."""

    name: str
    crossing: int  # -1: a road
    links: tuple[int, ...]
    from_s: float
    until_s: float
    is_limit: bool


class Fullness:
    """The share of each used link's capacity that a plan takes in each step of the report's time grid."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def share(self) -> FloatArray:
        """float64[n_links_used, n_steps]: 0 where nothing may enter."""
        facts, edges = self.facts, self.facts.grid.edges_s
        room = np.array([np.diff(let_in(facts.profile, int(link), edges)) for link in facts.flow_links])
        room = room.reshape(facts.flow_vehicles.shape)
        found: FloatArray = np.divide(facts.flow_vehicles, room, out=np.zeros_like(room), where=room > 1e-9)
        return found

    @cached_property
    def row_of(self) -> dict[int, int]:
        return {int(link): row for row, link in enumerate(self.facts.flow_links)}

    def is_full(self, link: int) -> np.ndarray:
        """bool[n_steps]: when a link is full; never for one that the plan does not use."""
        row = self.row_of.get(link)
        return self.share[row] >= FULL if row is not None else np.zeros(self.facts.grid.n_steps, dtype=np.bool_)

    @cached_property
    def _groups(self) -> dict[tuple[int, str], list[int]]:
        """Used links by crossing (index) or by road (-1, name)."""
        places = self.facts.places
        groups: dict[tuple[int, str], list[int]] = {}
        for link in self.facts.flow_links.tolist():
            crossing = int(places.crossing_of_link[link])
            name = self.facts.scenario.crossings[crossing].name if crossing >= 0 else places.road(link)
            groups.setdefault((crossing, name), []).append(link)
        return groups

    def times(self) -> list[FullTime]:
        """Every crossing and road that is full for a while, by the time it begins; limits first."""
        limiting = set(self.facts.cut.link.tolist())
        edges = self.facts.grid.edges_s
        found = []
        for (crossing, name), links in self._groups.items():
            full = np.zeros(self.facts.grid.n_steps, dtype=np.bool_)
            for link in links:
                full |= self.is_full(link)
            for a, b in runs_of(full):
                is_limit = bool(limiting & set(links))
                found.append(FullTime(name, crossing, tuple(links), float(edges[a]), float(edges[b]), is_limit))
        return sorted(found, key=lambda each: (each.from_s, not each.is_limit, each.name))

    def users(self, link: int, from_s: float, until_s: float) -> list[tuple[int, float]]:
        """(zone, vehicles) that enter a link in a time, the most first."""
        moves, routes = self.facts.plan.movements, self.facts.plan.routes
        time = self.facts.scenario.network.free_flow_time_s
        amounts: dict[int, float] = {}
        for route in routes_over(routes.links, routes.start, link):
            ahead = routes.of(int(route)).tolist()
            offset = float(time[ahead[: ahead.index(link)]].sum())
            own = np.flatnonzero(moves.route == route)
            begin, end = moves.depart_from_s[own] + offset, moves.depart_until_s[own] + offset
            part = np.clip((np.minimum(end, until_s) - np.maximum(begin, from_s)) / (end - begin), 0.0, 1.0)
            for zone, vehicles in zip(moves.zone[own].tolist(), (part * moves.vehicles[own]).tolist(), strict=True):
                if vehicles > 0:
                    amounts[zone] = amounts.get(zone, 0.0) + vehicles
        return sorted(amounts.items(), key=lambda pair: -pair[1])


def let_in(profile: CapacityProfile, link: int, until_s: FloatArray) -> FloatArray:
    """float64[n]: vehicles that may enter a link from time 0 until each of some times."""
    a, b = int(profile.start[link]), int(profile.start[link + 1])
    ends = np.append(profile.from_s[a + 1 : b], max(float(until_s[-1]), float(profile.from_s[b - 1])) + 1.0)
    corners = np.concatenate(([0.0], np.cumsum(profile.rate[a:b] * (ends - profile.from_s[a:b]))))
    return np.interp(until_s, np.append(profile.from_s[a:b], ends[-1]), corners)


def routes_over(links: IntArray, start: IntArray, link: int) -> IntArray:
    """int64[n]: the routes that a link is on."""
    found: IntArray = np.unique(np.searchsorted(start, np.flatnonzero(links == link), side="right") - 1)
    return found


def runs_of(full: np.ndarray) -> list[tuple[int, int]]:
    """[first, last) of the times at which something holds, short pauses bridged, short runs left out."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], full, [False])).astype(np.int8)))
    merged: list[tuple[int, int]] = []
    for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if merged and a - merged[-1][1] <= MOST_GAP:
            merged[-1] = (merged[-1][0], b)
        else:
            merged.append((a, b))
    return [(a, b) for a, b in merged if b - a >= LEAST_STEPS]
