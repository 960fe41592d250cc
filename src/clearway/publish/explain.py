"""Why a plan is as it is: what limits it when, why a zone goes the way it goes, why someone is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from clearway.kernels.paths import forward_star, shortest_times
from clearway.model.demand import Zone
from clearway.model.network import IntArray
from clearway.publish.facts import Facts
from clearway.publish.figures import tidy
from clearway.publish.forms import form_bound_sentences, price_sentences
from clearway.publish.fullness import Fullness, FullTime
from clearway.publish.limits import cut_sentences, form_limit_sentences, plan_limit_sentences
from clearway.publish.wording import count, duration, joined, people, reason_clause
from clearway.publish.zone_rows import WayNamer, ZoneRow, zone_rows

MOST_SPANS = 12
MOST_USERS = 3
BEDS_FULL = 0.999
SAME_WAY_S = 60.0


@dataclass(frozen=True, slots=True)
class Way:
    """A way by free-flow times: its links, where it leads, how long it takes, the crossings it passes, in words."""

    links: tuple[int, ...]
    site: int
    time_s: float
    name: str


@dataclass(frozen=True, slots=True)
class ZoneWay:
    """
    Why those of a zone who go in a direction (None: anywhere) go as they do.

    ``used_s`` is their mean time on the road; ``shortest`` their shortest way, which ``on_shortest`` of them take;
    ``why`` says why not all do, one sentence each; ``other`` is the best way that avoids the crossings they use (or
    their busiest road), None: no way.
    """

    zone: int
    direction: str | None
    persons: float
    used_s: float
    shortest: Way | None
    why: tuple[str, ...]
    other: Way | None
    on_shortest: float = 0.0


class Explanation:
    """All that explains a plan, worked out when asked for."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.full = facts, Fullness(facts)
        self.namer = WayNamer(facts)
        network = facts.scenario.network
        rate = np.maximum.reduceat(facts.profile.rate, facts.profile.start[:-1]) if network.n_links else np.zeros(0)
        self.cost = np.where(rate > 0, network.free_flow_time_s, np.inf)
        self.into = forward_star(network.n_nodes, network.head)

        moves = facts.plan.movements
        self.arrived = np.bincount(moves.site, moves.persons, len(facts.scenario.sites))

    # ---- what limits the plan, when
    def limit_lines(self) -> list[str]:
        """The cut in words, then what is full when; first what the form comes to, where the plan keeps to one."""
        form = self.facts.plan.form
        is_formed = form is not None and form.bears_on_departures
        lines = [*self.form_lines(), *form_limit_sentences(self.facts.scenario, self.facts.plan)]
        lines += ["What limits plans without the form limits this one too:"] if is_formed else []
        lines += cut_sentences(self.facts.scenario, self.facts.plan)
        spans = [span for span in self.full.times() if span.is_limit]
        shown = sorted(spans, key=lambda s: s.from_s - s.until_s)[:MOST_SPANS]
        also = ", and is one of these places" if is_formed else ", and limits the plan"
        for span in sorted(shown, key=lambda s: (s.from_s, s.name)):
            lines.append(f"{self.span_words(span)}{also}")
        others = sorted((s for s in self.full.times() if not s.is_limit), key=lambda s: s.from_s - s.until_s)
        # what the cut says of more room holds for the free plan alone
        but = "" if is_formed else ", but more room there would not help"
        lines += [f"{self.span_words(span)}{but}" for span in others[:3]]
        return lines

    def form_lines(self) -> list[str]:
        """What a form of routes or windows costs, who is last under it and why; nothing where there is none."""
        facts, form = self.facts, self.facts.plan.form
        if form is None or not form.bears_on_departures:
            return []
        lines = [*price_sentences(facts.plan), *form_bound_sentences(facts.plan)]
        if len(facts.plan.movements):
            lines.append(self.last_line())
        return lines

    def last_line(self) -> str:
        """Who arrives last, by which way, and which roads of it are full while they leave."""
        facts, moves = self.facts, self.facts.plan.movements
        last = int((moves.depart_until_s + facts.travel_s).argmax())
        zone, site, route = (int(column[last]) for column in (moves.zone, moves.site, moves.route))
        own = np.flatnonzero((moves.zone == zone) & (moves.site == site) & (moves.route == route))
        links = facts.plan.routes.of(route).tolist()
        arrives = float(moves.depart_until_s[last] + facts.travel_s[last])
        way = Way(tuple(links), site, float(facts.travel_s[last]), self.way_name(links))
        times = (float(moves.depart_from_s[own].min()), float(moves.depart_until_s[own].max()))
        full = self.full_on(zone, way, times)
        why = f"; on this way {'; '.join(full)}" if full else ""
        return (
            f"The last to arrive, {facts.clock.long(arrives, 'up')}, are of {self.zone_name(zone)}: "
            f"{people(float(moves.persons[own].sum()))} {self.way_words(way)}, leaving {facts.clock.span(*times)}{why}."
        )

    def span_words(self, span: FullTime) -> str:
        """ "Kakhovka dam is full from Wed 06:10 to Fri 08:40"."""
        return f"{span.name} is full {self.facts.clock.span(span.from_s, span.until_s)}"

    # ---- why a zone goes the way it goes
    def zone_ways(self, zone: int) -> list[ZoneWay]:
        """One entry per direction of a zone."""
        scenario, moves = self.facts.scenario, self.facts.plan.movements
        place: Zone = scenario.zones[zone]
        found = []
        chosen: list[str | None] = [d for d, _ in place.directions] or [None]
        for direction in chosen:
            sites = [i for i, s in enumerate(scenario.sites) if direction is None or s.direction == direction]
            own = np.flatnonzero((moves.zone == zone) & np.isin(moves.site, sites))
            persons = float(moves.persons[own].sum())
            used = float((self.facts.travel_s[own] * moves.persons[own]).sum() / persons) if persons else np.nan
            shortest = self.shortest(place.node, sites, self.cost)
            why = self.why_not(zone, own, shortest) if persons and shortest else ()
            taken = self.takes(own, shortest) if shortest else np.zeros(len(own), dtype=np.bool_)
            other = self.other(place.node, self.with_room(zone, sites, persons), own)
            on_shortest = float(moves.persons[own[taken]].sum())
            found.append(ZoneWay(zone, direction, persons, used, shortest, why, other, on_shortest))
        return found

    def takes(self, own: IntArray, way: Way) -> np.ndarray:
        """bool[n]: which of some movements take a way."""
        routes = self.facts.plan.routes
        on_it = [tuple(routes.of(int(r)).tolist()) == way.links for r in self.facts.plan.movements.route[own]]
        return np.array(on_it, dtype=np.bool_)

    def most_routes(self, zone: int) -> int:
        """How many ways the form of the plan allows a zone; 0: any number."""
        form = self.facts.plan.form
        return form.most_routes(self.facts.scenario.zones[zone].zone_id) if form is not None else 0

    def with_room(self, zone: int, sites: list[int], persons: float) -> list[int]:
        """Those of some sites that could take a zone's people as the form allows: on one way, all of them."""
        if self.most_routes(zone) != 1:
            return sites
        return [i for i in sites if self.facts.scenario.sites[i].beds - self.arrived[i] >= BEDS_FULL * persons]

    def shortest(self, node: int, sites: list[int], cost: np.ndarray) -> Way | None:
        """The shortest way from a node to any of some sites; None where there is none."""
        network = self.facts.scenario.network
        first = np.full(network.n_nodes, np.inf)
        site_at = {
            self.facts.scenario.sites[i].node: i for i in reversed(sites) if self.facts.scenario.sites[i].beds > 0
        }
        first[list(site_at)] = 0.0
        time, onward = shortest_times(*self.into, network.tail, cost, first)
        if node in site_at:  # nobody arrives who has not driven
            out = np.flatnonzero((network.tail == node) & np.isfinite(cost + time[network.head]))
            if not len(out):
                return None
            best = int(out[np.argmin((cost + time[network.head])[out])])
            links, at = [best], int(network.head[best])
        else:
            links, at = [], node
        while onward[at] >= 0 and len(links) <= network.n_nodes:
            links.append(int(onward[at]))
            at = int(network.head[links[-1]])
        if not links or at not in site_at:
            return None
        return Way(tuple(links), site_at[at], float(cost[links].sum()), self.way_name(links))

    def way_name(self, links: list[int]) -> str:
        """The crossings that links pass; else the longest named roads or the way's first road."""
        of_link = self.facts.places.crossing_of_link
        crossings = list(dict.fromkeys(int(of_link[link]) for link in links if of_link[link] >= 0))
        if crossings:
            return ", ".join(self.facts.scenario.crossings[c].name for c in crossings)
        longest = max(links, key=lambda link: float(self.facts.scenario.network.length_m[link]))
        return self.facts.places.road(longest)

    def why_not(self, zone: int, own: IntArray, shortest: Way) -> tuple[str, ...]:
        """Why not all of some movements take the shortest way; empty where they do."""
        moves, facts = self.facts.plan.movements, self.facts
        elsewhere = own[~self.takes(own, shortest)]
        later = facts.travel_s[elsewhere] > shortest.time_s + SAME_WAY_S
        if not later.any():
            return ()
        lines = []
        site = facts.scenario.sites[shortest.site]
        persons, most = float(moves.persons[own].sum()), self.most_routes(zone)
        if most == 1 and persons > site.beds:
            lines.append(
                f"{site.name} has {count(site.beds)} beds, and the form of the plan sends them all one way, to one site"
            )
        elif self.arrived[shortest.site] >= BEDS_FULL * site.beds:
            lines.append(
                f"the {count(site.beds)} beds at {site.name} are all taken: {self.takers(zone, shortest.site)}"
            )
        times = (float(moves.depart_from_s[elsewhere].min()), float(moves.depart_until_s[elsewhere].max()))
        lines += self.full_on(zone, shortest, times)
        if not lines and most:
            lines.append(
                f"the form of the plan allows them {'one way' if most == 1 else f'{most} ways'}, to one site each"
            )
        elif not lines:
            lines.append("it is as good for the plan as a whole: they arrive before the last in any case")
        return tuple(lines)

    def times_of(self, way: ZoneWay) -> tuple[float, float]:
        """When those of a zone who go in a direction leave: from, until."""
        moves, scenario = self.facts.plan.movements, self.facts.scenario
        towards = [i for i, s in enumerate(scenario.sites) if way.direction is None or s.direction == way.direction]
        own = np.flatnonzero((moves.zone == way.zone) & np.isin(moves.site, towards))
        return float(moves.depart_from_s[own].min()), float(moves.depart_until_s[own].max())

    def takers(self, zone: int, site: int) -> str:
        """Who fills a site."""
        moves = self.facts.plan.movements
        own = moves.site == site
        persons = np.bincount(moves.zone[own], moves.persons[own], len(self.facts.scenario.zones))
        return self.names_of([(int(i), float(persons[i])) for i in np.argsort(-persons) if persons[i] > 0.5], zone)

    def full_on(self, zone: int, way: Way, times: tuple[float, float]) -> list[str]:
        """The roads of a way that are full for most of the time in which some leave, with who fills them."""
        edges, offset, found = self.facts.grid.edges_s, 0.0, []
        for link in way.links:
            a, b = times[0] + offset, times[1] + offset
            steps = (edges[:-1] < b) & (edges[1:] > a)
            full = self.full.is_full(link) & steps
            if full.sum() >= max(1, 0.5 * steps.sum()):
                where = np.flatnonzero(full)
                first, last = float(edges[where[0]]), float(edges[where[-1] + 1])
                found.append((float(full.sum()), link, first, last))
            offset += float(self.facts.scenario.network.free_flow_time_s[link])
        lines: list[str] = []
        seen: set[str] = set()
        for _, link, first, last in sorted(found, key=lambda each: -each[0]):
            crossing = int(self.facts.places.crossing_of_link[link])
            name = self.facts.scenario.crossings[crossing].name if crossing >= 0 else self.facts.places.road(link)
            if name in seen or len(lines) == 2:
                continue
            seen.add(name)
            users = self.names_of(self.full.users(link, first, last), zone, "vehicles")
            lines.append(f"{name} is full {self.facts.clock.span(first, last)}: {users}")
        return lines

    def names_of(self, amounts: list[tuple[int, float]], zone: int, unit: str = "people") -> str:
        """ "4,000 vehicles of Kherson, 300 of Darivka and 20 of 3 more"."""
        words = [
            f"{count(amount)}{f' {unit}' if i == 0 else ''} of {'its own' if z == zone else self.zone_name(z)}"
            for i, (z, amount) in enumerate(amounts[:MOST_USERS])
        ]
        rest = amounts[MOST_USERS:]
        if rest:
            words.append(f"{count(sum(a for _, a in rest))} of {len(rest)} more")
        return joined(words) or "nobody"

    def zone_name(self, zone: int) -> str:
        return self.facts.scenario.zones[zone].name or self.facts.scenario.zones[zone].zone_id

    def other(self, node: int, sites: list[int], own: IntArray) -> Way | None:
        """
        The shortest way, to a site with beds left, that avoids all crossings used; where none is, the busiest road.
        """
        sites = [i for i in sites if self.arrived[i] < BEDS_FULL * self.facts.scenario.sites[i].beds]
        if not len(own) or not sites:
            return None
        moves, routes, scenario = self.facts.plan.movements, self.facts.plan.routes, self.facts.scenario
        persons = np.bincount(moves.route[own], moves.persons[own], len(routes))
        passed = {c for r in np.flatnonzero(persons) for c in self.namer.crossings.get(int(r), [])}
        cost = self.cost.copy()
        if passed:
            cost[[link for c in passed for link in scenario.crossings[c].links]] = np.inf
        else:
            main = routes.of(int(np.argmax(persons)))
            shares = [self.full.share[self.full.row_of[int(link)]].mean() for link in main]
            cost[main[int(np.argmax(shares))]] = np.inf
        return self.shortest(node, sites, cost)

    # ---- in words and figures
    def zone_lines(self, row: ZoneRow) -> list[str]:
        """A zone's part of the explanation."""
        lines = [self.zone_name(row.zone)]
        for way in self.zone_ways(row.zone):
            lines += [f"  {line}" for line in self.way_lines(way)]
        for left in row.left_out:
            if left.persons > 0:
                because = f": {left.binding}" if left.binding else ""
                lines.append(f"  {reason_clause(left.persons, left.reason)}{because}")
        return lines

    def way_lines(self, way: ZoneWay) -> list[str]:
        """What those of one direction do and why."""
        whose = f" towards {way.direction}" if way.direction is not None else ""
        if way.shortest is None:
            return [f"no way leads{whose} to any site"]
        if not way.persons:
            return [f"nobody is planned{whose}; the shortest way is {self.way_words(way.shortest)}"]
        lines = [f"{people(way.persons)} go{whose}, {duration(way.used_s)} on the road on average"]
        if not way.why:
            lines.append(f"  they take the shortest way: {self.way_words(way.shortest)}")
        else:
            whom = "not all take it" if way.on_shortest >= 0.5 else "nobody takes it"
            lines.append(f"  the shortest way is {self.way_words(way.shortest)}; {whom}:")
            lines += [f"    {reason}" for reason in way.why]
        if way.other is None:
            enough = "beds for all of them" if self.most_routes(way.zone) == 1 else "beds left"
            lines.append(f"  no way to a site with {enough} avoids what they use")
        else:
            more = way.other.time_s - way.used_s
            cost = f"{duration(more)} longer" if more >= 0 else f"{duration(-more)} shorter"
            words = f"{self.way_words(way.other)}, {cost}"
            full = self.full_on(way.zone, way.other, self.times_of(way))
            enough = "beds for all of them" if self.most_routes(way.zone) == 1 else "beds left"
            lines.append(f"  the best way that avoids what they use, to a site with {enough}: {words}")
            lines += [f"    but it has no room: {reason}" for reason in full]
        return lines

    def way_words(self, way: Way) -> str:
        """ "by Kakhovka dam to Nova Kakhovka in 1 h 5 min"."""
        return f"by {way.name} to {self.facts.scenario.sites[way.site].name} in {duration(way.time_s)}"

    def document(self, zones: list[int]) -> dict[str, Any]:
        """The explanation as JSON can hold it; map viewers find links by id."""
        scenario = self.facts.scenario
        ids = scenario.network.link_ids

        def way_record(way: Way | None) -> dict[str, Any] | None:
            if way is None:
                return None
            return {
                "site_id": scenario.sites[way.site].site_id,
                "time_s": tidy(way.time_s, 8),
                "by": way.name,
                "link_ids": [ids[link] for link in way.links],
            }

        rows = zone_rows(self.facts)
        return {
            "form": self.form_lines(),
            "limits": list(plan_limit_sentences(scenario, self.facts.plan)),
            "full": [
                {
                    "name": span.name,
                    "crossing_id": scenario.crossings[span.crossing].crossing_id if span.crossing >= 0 else None,
                    "link_ids": [ids[link] for link in span.links],
                    "from_s": tidy(span.from_s),
                    "until_s": tidy(span.until_s),
                    "limits_the_plan": span.is_limit,
                }
                for span in self.full.times()
            ],
            "zones": [
                {
                    "zone_id": scenario.zones[zone].zone_id,
                    "ways": [
                        {
                            "direction": way.direction,
                            "persons": tidy(way.persons, 8),
                            "mean_time_s": tidy(way.used_s, 8),
                            "shortest": way_record(way.shortest),
                            "why_not_the_shortest": list(way.why),
                            "other": way_record(way.other),
                            "why_not_the_other": self.full_on(zone, way.other, self.times_of(way))
                            if way.other and way.persons
                            else [],
                        }
                        for way in self.zone_ways(zone)
                    ],
                    "left_out": [
                        {"reason": str(left.reason), "persons": tidy(left.persons), "binding": left.binding}
                        for left in rows[zone].left_out
                    ],
                }
                for zone in zones
            ],
        }
