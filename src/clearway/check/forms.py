"""
Judges the form that a plan claims: few routes, convergence, waves, reserves and reversed lanes (docs/forms.md).

Worked out a second time, from the scenario and the plan alone.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from clearway.check.result import TOLERANCE, CheckFault, figure, time_tolerance, when
from clearway.check.roads import AllowedRates, link_words
from clearway.check.trips import Trips
from clearway.model.form import Form, Reversal
from clearway.model.scenario import Scenario

Spans = list[tuple[float, float]]
Part = tuple[int, str, int, tuple[int, ...]]  # zone, direction, site, links
END = -1  # beside links: where people end
MOST_NAMED = 3


def rates_under(scenario: Scenario, rates: AllowedRates, form: Form | None) -> AllowedRates:
    """How fast links may be entered when reserves are kept and lanes reversed."""
    if form is None or not (form.reserves or form.reversals):
        return rates
    network = scenario.network
    pieces = dict(rates.pieces)

    def of(link: int) -> list[tuple[float, float, bool]]:
        return pieces.get(link, [(0.0, float(rates.full[link]), False)])

    for reversal in form.reversals:
        opposite = int(network.reverse[reversal.link])
        if opposite < 0 or not network.capacity_veh_per_s[reversal.link] > 0 or not network.lanes[opposite] > 0:
            continue  # faulted elsewhere
        per_lane = network.capacity_veh_per_s[opposite] / network.lanes[opposite]
        times = float(1 + reversal.lanes * per_lane / network.capacity_veh_per_s[reversal.link])
        pieces[reversal.link] = [
            (at, rate * (times if at >= reversal.from_s else 1.0), shut)
            for at, rate, shut in cut_at(of(reversal.link), reversal.from_s)
        ]
        last = reversal.from_s - float(network.free_flow_time_s[opposite])
        pieces[opposite] = [
            (at, 0.0 if at >= last else rate, shut or at >= last) for at, rate, shut in cut_at(of(opposite), last)
        ]
    for reserve in form.reserves:
        for link in reserve.links:
            pieces[link] = [(at, rate * (1 - reserve.share), shut) for at, rate, shut in of(link)]
    for reserve in form.reserves:
        for link in reserve.links:
            kept = reserve.veh_per_h / 3600
            pieces[link] = [(at, max(0.0, rate - kept), shut) for at, rate, shut in of(link)]
    return replace(rates, pieces=pieces)


def cut_at(pieces: list[tuple[float, float, bool]], time_s: float) -> list[tuple[float, float, bool]]:
    """The same pieces, one of them beginning at a time."""
    if time_s <= 0:
        return pieces
    rows = []
    for i, (at, rate, shut) in enumerate(pieces):
        until = pieces[i + 1][0] if i + 1 < len(pieces) else math.inf
        rows.append((at, rate, shut))
        if at < time_s < until:
            rows.append((time_s, rate, shut))
    return rows


def judge_form(trips: Trips, rates: AllowedRates, faults: list[CheckFault], found: dict[str, object]) -> None:
    """Add what breaks the claimed form to ``faults``, and its figures to ``found`` (both modified)."""
    form = trips.plan.form
    if form is None or form.is_free:
        return
    parts = parts_of(trips)
    faults += too_many_routes(trips, form, parts)
    faults += off_the_grid(trips, form, parts)
    if form.is_convergent:
        faults += diverging(trips, parts)
    faults += odd_reversals(trips.scenario, form)
    faults += odd_reserves(trips.scenario, form)
    faults += unproven_form_bound(trips, rates, form, parts)
    found["form_parts"] = len(parts)
    if trips.plan.price is not None:
        found["free_clearance_s"] = trips.plan.price.free_clearance_s


def direction_of(scenario: Scenario, zone: int, site: int) -> str:
    """The direction of people of a zone who go to a site; empty where they have no choice to make."""
    return scenario.sites[site].direction if scenario.zones[zone].directions else ""


def parts_of(trips: Trips) -> dict[Part, list[int]]:
    """The movements of each part: people of one zone and direction on one route to one site."""
    plan = trips.plan
    ways = [tuple(plan.routes.of(r).tolist()) for r in range(len(plan.routes))]
    parts: dict[Part, list[int]] = defaultdict(list)
    for i in np.flatnonzero(trips.moving).tolist():
        zone, site = int(plan.movements.zone[i]), int(plan.movements.site[i])
        key = (zone, direction_of(trips.scenario, zone, site), site, ways[int(plan.movements.route[i])])
        parts[key].append(i)
    return dict(parts)


def part_words(scenario: Scenario, part: Part) -> str:
    zone, direction, site, _ = part
    way = f", direction {direction}" if direction else ""
    return f"zone {scenario.zones[zone].zone_id}{way} to site {scenario.sites[site].site_id}"


def too_many_routes(trips: Trips, form: Form, parts: Iterable[Part]) -> list[CheckFault]:
    """Zones that use more ways, or send to more sites by them, than the form allows."""
    number: dict[tuple[int, str], int] = defaultdict(int)
    for zone, direction, _, _ in parts:
        number[zone, direction] += 1
    faults = []
    for (zone, direction), n in sorted(number.items()):
        zone_id = trips.scenario.zones[zone].zone_id
        most = form.most_routes(zone_id)
        if most and n > most:
            way = f", direction {direction}," if direction else ""
            message = f"zone {zone_id}{way} uses {n} ways to a site; the plan claims {most} at the most"
            faults.append(CheckFault("form_routes", message, n - most))
    return faults


def off_the_grid(trips: Trips, form: Form, parts: dict[Part, list[int]]) -> list[CheckFault]:
    """Windows that do not begin and end with a wave, overlap within a part, or are too many."""
    moves, scenario, faults = trips.plan.movements, trips.scenario, []
    for part, places in parts.items():
        windows = sorted({(float(moves.depart_from_s[i]), float(moves.depart_until_s[i])) for i in places})
        if form.wave_s:
            for edge in [edge for window in windows for edge in window]:
                off = abs(edge - round(edge / form.wave_s) * form.wave_s)
                if off > time_tolerance(edge):
                    message = (
                        f"{part_words(scenario, part)}: a window begins or ends at {when(scenario, edge)}, "
                        f"{figure(off)} s off the waves of {figure(form.wave_s)} s"
                    )
                    faults.append(CheckFault("form_waves", message, off))
                    break
        if form.wave_s or form.waves:
            for (_, until), (following, _) in pairwise(windows):
                if until - following > time_tolerance(until):
                    message = f"{part_words(scenario, part)}: two windows overlap at {when(scenario, following)}"
                    faults.append(CheckFault("form_waves", message, until - following))
        if form.waves and len(windows) > form.waves:
            message = (
                f"{part_words(scenario, part)} leaves in {len(windows)} windows; the plan claims {form.waves} at most"
            )
            faults.append(CheckFault("form_waves", message, len(windows) - form.waves))
    return faults


def diverging(trips: Trips, parts: dict[Part, list[int]]) -> list[CheckFault]:
    """Nodes that people of a direction leave by two links at a time, or where some end while others go on."""
    scenario, moves = trips.scenario, trips.plan.movements
    network = scenario.network
    uses: dict[tuple[str, int], dict[tuple[int, bool], Spans]] = defaultdict(lambda: defaultdict(list))
    for (_, direction, _, way), places in parts.items():
        spans = [(float(moves.depart_from_s[i]), float(moves.depart_until_s[i])) for i in places]
        at = 0.0
        for i, link in enumerate(way):
            uses[direction, int(network.tail[link])][link, i > 0] += [(a + at, b + at) for a, b in spans]
            at += float(network.free_flow_time_s[link])
        uses[direction, int(network.head[way[-1]])][END, True] += [(a + at, b + at) for a, b in spans]
    faults = []
    for (direction, node), by_use in uses.items():
        if len({link for link, _ in by_use}) < 2:
            continue
        merged = {use: merge(spans) for use, spans in by_use.items()}
        for (one, one_passes), (other, other_passes) in pairs(merged):
            if one == other or (END in (one, other) and not (one_passes and other_passes)):
                continue
            overlap, first = overlap_of(merged[one, one_passes], merged[other, other_passes])
            if overlap > float(time_tolerance(first)) * 4:
                words = ["a way that ends there" if x == END else link_words(scenario, x) for x in (one, other)]
                who = f" of direction {direction}" if direction else ""
                message = (
                    f"node {network.node_ids[node]}: evacuees{who} take {words[0]} and {words[1]} at the same time, "
                    f"first at {when(scenario, first)}; the plan claims to be convergent"
                )
                faults.append(CheckFault("form_convergent", message, overlap))
    return faults


def pairs(merged: dict[tuple[int, bool], Spans]) -> Iterator[tuple[tuple[int, bool], tuple[int, bool]]]:
    """Every two uses of a node."""
    keys = sorted(merged)
    return ((a, b) for i, a in enumerate(keys) for b in keys[i + 1 :])


def merge(spans: Spans) -> Spans:
    """The union of some intervals; those that touch but for rounding are one."""
    merged: Spans = []
    for a, b in sorted(spans):
        if merged and a <= merged[-1][1] + 1e-6:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        else:
            merged.append((a, b))
    return merged


def overlap_of(first: Spans, second: Spans) -> tuple[float, float]:
    """The longest time in both of two sorted unions, and when it begins."""
    longest, begin = 0.0, 0.0
    i = j = 0
    while i < len(first) and j < len(second):
        a, b = max(first[i][0], second[j][0]), min(first[i][1], second[j][1])
        if b - a > longest:
            longest, begin = b - a, a
        if first[i][1] < second[j][1]:
            i += 1
        else:
            j += 1
    return longest, begin


def odd_reversals(scenario: Scenario, form: Form) -> list[CheckFault]:
    """Reversals of lanes that do not exist, are kept, come too soon, or need more crews than there are."""
    network, faults = scenario.network, []
    widened = {r.link for r in form.reversals}
    for r in form.reversals:
        opposite, words = int(network.reverse[r.link]), link_words(scenario, r.link)
        kept = form.contraflow.kept_share if form.contraflow else 0.0
        there = math.floor(float(network.lanes[opposite]) * (1 - kept) + 1e-9) if opposite >= 0 else 0
        lead = form.contraflow.lead_s if form.contraflow else 0.0
        if opposite < 0:
            faults.append(CheckFault("reversal", f"{words} has no opposite lanes to gain", r.lanes))
        elif opposite in widened:
            faults.append(CheckFault("reversal", f"{words} is reversed both ways", r.lanes))
        elif not 0 < r.lanes <= there:
            message = f"{words} gains {figure(r.lanes)} lanes, {there} of its opposite's may be reversed"
            faults.append(CheckFault("reversal", message, r.lanes - there))
        if r.from_s < lead - time_tolerance(lead):
            message = f"{words} is reversed at {when(scenario, r.from_s)}, before the lead of {figure(lead)} s is over"
            faults.append(CheckFault("reversal", message, lead - r.from_s))
    segments: dict[str, list[Reversal]] = defaultdict(list)
    for r in form.reversals:
        segments[r.segment].append(r)
    for name, rows in segments.items():
        if not is_one_segment(scenario, [r.link for r in rows]):
            message = f"segment {name!r} is neither within a crossing nor one corridor between two junctions"
            faults.append(CheckFault("reversal", message, len(rows)))
    crews = form.contraflow.crews if form.contraflow else 0
    if len(segments) > crews:
        message = f"{len(segments)} segments are reversed by {crews} crews"
        faults.append(CheckFault("reversal", message, len(segments) - crews))
    return faults


def is_one_segment(scenario: Scenario, links: list[int]) -> bool:
    """Whether links follow each other, with no other road where they meet or all within one crossing."""
    network = scenario.network
    after = {int(network.tail[link]): link for link in links}
    heads = {int(network.head[link]) for link in links}
    if len(after) < len(links) or len(heads) < len(links):
        return False
    begin = [link for link in links if int(network.tail[link]) not in heads] or links[:1]
    chain = [begin[0]]
    while int(network.head[chain[-1]]) in after and after[int(network.head[chain[-1]])] not in chain:
        chain.append(after[int(network.head[chain[-1]])])
    if len(chain) < len(links):
        return False
    if any(set(links) <= set(crossing.links) for crossing in scenario.crossings):
        return True
    for link in chain[:-1]:
        node = int(network.head[link])
        beside = set(network.head[network.tail == node].tolist()) | set(network.tail[network.head == node].tolist())
        if len(beside - {node}) > 2:
            return False
    return True


def odd_reserves(scenario: Scenario, form: Form) -> list[CheckFault]:
    """Reserves whose links are not those of what they name."""
    network, faults = scenario.network, []
    crossings = {c.crossing_id: set(c.links) for c in scenario.crossings}
    for reserve in form.reserves:
        kind, _, target = reserve.target.partition(":")
        links = crossings.get(target, set()) if kind == "crossing" else set()
        if kind == "link" and network.has_link(target):
            link = network.link_index(target)
            links = {link} | ({int(network.reverse[link])} - {-1})
        if not links or links != set(reserve.links):
            message = f"reserve {reserve.target}: it does not name these links of the scenario"
            faults.append(CheckFault("reserve", message, len(reserve.links)))
    return faults


def unproven_form_bound(
    trips: Trips, rates: AllowedRates, form: Form, parts: dict[Part, list[int]]
) -> list[CheckFault]:
    """A bound for the form that is higher than the quickest ways of the zones prove."""
    price, scenario = trips.plan.price, trips.scenario
    if price is None or price.form_lower_bound_s <= trips.plan.clearance_lower_bound_s:
        return []
    vehicles: dict[tuple[int, str], float] = defaultdict(float)
    for (zone, direction, _, _), places in parts.items():
        vehicles[zone, direction] += float(trips.plan.movements.vehicles[places].sum())
    top = {link: max(rate for _, rate, _ in rows) for link, rows in rates.pieces.items()}
    rate = np.array([top.get(link, float(rates.full[link])) for link in range(scenario.network.n_links)])
    proven = 0.0
    for direction in {d for _, d in vehicles}:
        levels = quickest_ways(scenario, rate, direction)
        for (zone, own), amount in vehicles.items():
            if own == direction:
                proven = max(proven, scenario.zones[zone].ready_s + soonest(scenario, form, levels, zone, amount))
    if price.form_lower_bound_s <= proven * (1 + TOLERANCE):
        return []
    message = (
        f"states that no plan of its form clears before {figure(price.form_lower_bound_s)} s, but the quickest ways of "
        f"its zones prove {figure(proven)} s only"
    )
    return [CheckFault("form_bound", message, price.form_lower_bound_s - proven)]


def quickest_ways(scenario: Scenario, rate: np.ndarray, direction: str) -> list[tuple[float, list[float]]]:
    """(rate, seconds from each node to a site by links of at least that rate), the rates rising."""
    network = scenario.network
    sites = {s.node for s in scenario.sites if not direction or s.direction == direction}
    arriving: dict[int, list[tuple[int, float, float]]] = defaultdict(list)
    for link in np.flatnonzero(rate > 0).tolist():
        step = (int(network.tail[link]), float(network.free_flow_time_s[link]), float(rate[link]))
        arriving[int(network.head[link])].append(step)
    rows = []
    for least in np.unique(rate[rate > 0]).tolist():
        time_s = [math.inf] * network.n_nodes
        heap = [(0.0, node) for node in sites]
        done = set()
        while heap:
            at, node = heapq.heappop(heap)
            if node in done:
                continue
            done.add(node)
            for tail, seconds, most in arriving[node]:
                if most >= least and at + seconds < time_s[tail]:
                    time_s[tail] = at + seconds
                    if tail not in done:
                        heapq.heappush(heap, (at + seconds, tail))
        # who lives at a site's node drives before arriving
        driven = [math.inf] * network.n_nodes
        for head, steps in arriving.items():
            for tail, seconds, most in steps:
                if most >= least:
                    onward = 0.0 if head in sites else time_s[head]
                    driven[tail] = min(driven[tail], seconds + onward)
        rows.append((least, driven))
    return rows


def soonest(
    scenario: Scenario, form: Form, levels: list[tuple[float, list[float]]], zone: int, vehicles: float
) -> float:
    """Seconds from readiness before which a zone's vehicles cannot all have arrived in this form."""
    node = scenario.zones[zone].node
    ways = [(rate, time_s[node]) for rate, time_s in levels if time_s[node] < math.inf]
    most = form.most_routes(scenario.zones[zone].zone_id)
    if not ways:
        return 0.0
    best = min((way + vehicles / (most * rate) for rate, way in ways), default=0.0) if most else 0.0
    if not form.is_convergent:
        return best
    # one way at a time: by T no more than the sum of the steps of rate, each for T less its way
    order = sorted(
        (way, rate - before) for (rate, way), before in zip(ways, [0.0, *(r for r, _ in ways)], strict=False)
    )
    slope = base = 0.0
    at = 0.0
    for i, (way, step) in enumerate(order):
        slope += step
        base += step * way
        following = order[i + 1][0] if i + 1 < len(order) else math.inf
        at = (vehicles + base) / slope
        if at <= following:
            break
    return max(best, at)
