"""Per zone: how many leave when, by which way, to where, and who is left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearway.model.plan import LeftOut
from clearway.publish.facts import Facts

MOST_WAYS = 3
MOST_NAMES = 2  # names of a way that passes no crossing


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """One zone's part of a plan; times in seconds, nan where nobody of it is planned."""

    zone: int
    planned: float
    first_s: float
    last_s: float
    last_arrival_s: float
    last_start_s: float
    last_start_bound_s: float
    ways: tuple[tuple[str, float], ...]  # name, persons; the most first
    sites: tuple[tuple[int, float], ...]  # index, persons; the most first
    left_out: tuple[LeftOut, ...]


def zone_rows(facts: Facts) -> list[ZoneRow]:
    """One row per zone, in the scenario's order."""
    plan, moves = facts.plan, facts.plan.movements
    order = np.argsort(moves.zone, kind="stable")
    bounds = np.searchsorted(moves.zone[order], np.arange(len(facts.scenario.zones) + 1))
    namer = WayNamer(facts)
    left_out: dict[int, list[LeftOut]] = {}
    for left in plan.left_out:
        left_out.setdefault(left.zone, []).append(left)
    rows = []
    for zone in range(len(facts.scenario.zones)):
        mine = order[bounds[zone] : bounds[zone + 1]]
        reasons = tuple(left_out.get(zone, ()))
        if not len(mine):
            nan = float("nan")
            rows.append(ZoneRow(zone, 0.0, nan, nan, nan, nan, nan, (), (), reasons))
            continue
        sites, at = np.unique(moves.site[mine], return_inverse=True)
        per_site = np.bincount(at, moves.persons[mine])
        routes, at = np.unique(moves.route[mine], return_inverse=True)
        per_route = np.bincount(at, moves.persons[mine])
        rows.append(
            ZoneRow(
                zone,
                float(per_site.sum()),
                float(moves.depart_from_s[mine].min()),
                float(moves.depart_until_s[mine].max()),
                float((moves.depart_until_s[mine] + facts.travel_s[mine]).max()),
                float(plan.last_start_s[zone]) if zone < len(plan.last_start_s) else float("nan"),
                float(plan.last_start_bound_s[zone]) if zone < len(plan.last_start_bound_s) else float("nan"),
                namer.ways(routes, per_route),
                tuple((int(sites[i]), float(per_site[i])) for i in np.argsort(-per_site, kind="stable")),
                reasons,
            )
        )
    return rows


class WayNamer:
    """Names for ways: the crossings passed, else the main roads or the towns on the way."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.routes = facts.plan.routes
        self.network = facts.scenario.network
        self.crossings = self.crossings_by_route()

    def crossings_by_route(self) -> dict[int, list[int]]:
        """The crossings a route passes, in driving order, each once."""
        of_link = self.facts.places.crossing_of_link
        at = np.flatnonzero(of_link[self.routes.links] >= 0)
        route = np.searchsorted(self.routes.start, at, side="right") - 1
        found: dict[int, list[int]] = {}
        for position, r in zip(at.tolist(), route.tolist(), strict=True):
            passed = found.setdefault(r, [])
            crossing = int(of_link[self.routes.links[position]])
            if crossing not in passed:
                passed.append(crossing)
        return found

    def ways(self, routes: np.ndarray, persons: np.ndarray) -> tuple[tuple[str, float], ...]:
        """Names of the ways that routes (int64[k]) stand for, with the persons (float64[k]) on them."""
        totals: dict[str, float] = {}
        largest = set(np.argsort(-persons, kind="stable")[: 2 * MOST_WAYS].tolist())
        for i, (route, amount) in enumerate(zip(routes.tolist(), persons.tolist(), strict=True)):
            passed = self.crossings.get(route)
            if passed:
                name = ", ".join(self.facts.scenario.crossings[c].name for c in passed)
            else:
                name = self.through(route) if i in largest else ""
            totals[name] = totals.get(name, 0.0) + amount
        named = sorted(((n, p) for n, p in totals.items() if n), key=lambda pair: (-pair[1], pair[0]))
        shown, rest = named[:MOST_WAYS], totals.get("", 0.0) + sum(p for _, p in named[MOST_WAYS:])
        return (*shown, ("other ways", rest)) if rest > 0 and shown else tuple(shown)

    def through(self, route: int) -> str:
        """The longest named roads of a route, else towns it passes."""
        links = self.routes.of(route)
        by_name: dict[str, float] = {}
        for link in links.tolist():
            name = self.network.link_names[link]
            if name:
                by_name[name] = by_name.get(name, 0.0) + float(self.network.length_m[link])
        if by_name:
            main = sorted(by_name, key=lambda name: -by_name[name])[:MOST_NAMES]
            return ", ".join(name for name in by_name if name in main)
        names = self.facts.places.names
        towns = [names[v] for v in self.network.head[links[:-1]].tolist() if v in names]
        if len(towns) > MOST_NAMES:
            towns = [towns[(2 * i + 1) * len(towns) // (2 * MOST_NAMES)] for i in range(MOST_NAMES)]
        return "via " + ", ".join(dict.fromkeys(towns)) if towns else ""
