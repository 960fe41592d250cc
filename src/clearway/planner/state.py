"""The state of a plan at some moment: who has arrived, who is on which road, who is still at home."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from clearway.model.network import FloatArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.model.state import OnRoad, State, Stretch, whole_shares

ROUNDING = 1e-6  # persons
MOST_ROUNDED = 0.1  # of a group: what rounding to whole persons may add to those on the road
Key = tuple[int, str | None]  # zone, direction


@dataclass(slots=True)
class _Tally:
    """Fluid persons of one zone and direction: by site arrived, by group on the road, planned and still at home."""

    arrived: dict[int, float] = field(default_factory=dict)
    groups: dict[tuple[int, int, bool], list[Stretch]] = field(default_factory=dict)  # site, node, has_turned
    home: float = 0.0
    home_to: dict[int, float] = field(default_factory=dict)  # by site


def state_at(scenario: Scenario, plan: Plan, now_s: float, changed: Scenario) -> State:
    """
    Where everybody is at a moment, for a changed scenario of the same network, start, and order of old zones and sites.

    Zones and sites of ``changed`` begin with those of ``scenario``. Those on a link that closes before they are off it
    turn back. Raises ValueError where more people of a zone have left than the changed scenario says were there.
    """
    tallies = _tallies(scenario, plan, now_s, changed)
    load = [zone.persons_per_vehicle for zone in scenario.zones]
    arrived = np.zeros((len(changed.zones), len(changed.sites)), dtype=np.int64)
    groups: list[OnRoad] = []
    home: dict[Key, int] = {(p.zone, p.direction): p.persons for p in changed.parties()}
    home_planned: dict[Key, int] = {}
    home_coming = np.zeros(len(changed.sites))
    for key, tally in sorted(tallies.items(), key=lambda item: (item[0][0], item[0][1] or "")):
        zone, direction = key
        sites, keys = sorted(tally.arrived), sorted(tally.groups)
        amounts = [load[zone] * math.fsum(s.vehicles for s in tally.groups[k]) for k in keys]
        there, driving, at_home = _in_whole([tally.arrived[s] for s in sites], amounts, tally.home)
        left = sum(there) + sum(driving)
        if left > home.get(key, 0):
            name = scenario.zones[zone].zone_id
            towards = f" towards {direction}" if direction is not None else ""
            raise ValueError(
                f"{left} people of zone {name} have left{towards} by then, but only {home.get(key, 0)} were there"
            )
        home[key] = home.get(key, 0) - left
        home_planned[key] = min(at_home, home[key])
        for site, persons in zip(sites, there, strict=True):
            arrived[zone, site] += persons
        for (site, node, has_turned), persons in zip(keys, driving, strict=True):
            stretches = tuple(tally.groups[site, node, has_turned])
            if persons:
                groups.append(_group((zone, site, direction, node), persons, stretches, has_turned, load[zone]))
        for site, amount in tally.home_to.items():
            if changed.sites[site].beds >= scenario.sites[site].beds:
                home_coming[site] += amount
    return State(now_s, arrived, tuple(groups), {k: v for k, v in home.items() if v}, home_planned, home_coming)


def _in_whole(arrived: list[float], groups: list[float], home: float) -> tuple[list[int], list[int], int]:
    """
    Whole persons arrived by site, on the road by group and at home, that add up to what the amounts do.

    At home and in groups amounts are rounded down, so that their orders fit on the roads as before; what is left over
    goes to groups as far as that is little beside them, then to those who have arrived; a person of whom neither can be
    said stays at home without orders.
    """
    at_home = math.floor(home + ROUNDING)
    driving = [math.floor(amount + ROUNDING) for amount in groups]
    over = round(math.fsum([*arrived, *groups, home])) - at_home - sum(driving)
    there = min(over, math.floor(math.fsum(arrived) + ROUNDING))
    over -= there
    by_fraction = sorted(range(len(driving)), key=lambda i: driving[i] - groups[i])
    for i in (*by_fraction, *by_fraction):
        if over > 0 and driving[i] + 1 <= (1 + MOST_ROUNDED) * groups[i]:
            driving[i] += 1
            over -= 1
    if arrived:
        there, over = there + over, 0
    shares = np.array(arrived) * (there / math.fsum(arrived)) if there else np.zeros(len(arrived))
    return whole_shares(shares, there).tolist(), driving, at_home


def _group(
    who: tuple[int, int, str | None, int], persons: int, stretches: tuple[Stretch, ...], turned: bool, load: float
) -> OnRoad:
    """People on the road, all in their vehicles, which are no more than there were: no road gets fuller."""
    amount = load * math.fsum(s.vehicles for s in stretches)
    share = min(1.0, persons / amount)
    driven = tuple(replace(s, vehicles=s.vehicles * share) for s in stretches)
    ready = min(s.from_s for s in stretches)
    load *= max(1.0, persons / amount)
    found = OnRoad(*who, persons, load, ready, driven, is_kept=not turned, has_turned=turned)
    return found if found.is_kept else released(found)


def released(group: OnRoad) -> OnRoad:
    """A group that is sent anew from its next node once all of it is there."""
    return replace(group, is_kept=False, ready_s=max(s.until_s for s in group.stretches))


def _tallies(scenario: Scenario, plan: Plan, now_s: float, changed: Scenario) -> dict[Key, _Tally]:
    """Every movement cut into what has arrived, what is on each of its links and what has not left."""
    network, moves = scenario.network, plan.movements
    tallies: dict[Key, _Tally] = {}
    for m in range(len(moves)):
        zone, site = int(moves.zone[m]), int(moves.site[m])
        direction = scenario.sites[site].direction if scenario.zones[zone].directions else None
        tally = tallies.setdefault((zone, direction), _Tally())
        begin, end = float(moves.depart_from_s[m]), float(moves.depart_until_s[m])
        rate, load = float(moves.vehicles[m]) / (end - begin), scenario.zones[zone].persons_per_vehicle
        later = rate * load * max(0.0, end - max(begin, now_s))
        tally.home += later
        tally.home_to[site] = tally.home_to.get(site, 0.0) + later
        if begin >= now_s:
            continue
        links = plan.routes.of(int(moves.route[m])).tolist()
        offset = np.concatenate(([0.0], np.cumsum(network.free_flow_time_s[links])))
        for i, link in enumerate(links):
            # on this link now: departed in [now - offset[i + 1], now - offset[i])
            a, b = max(begin, now_s - float(offset[i + 1])), min(end, now_s - float(offset[i]))
            if b <= a:
                continue
            piece = Stretch(
                m, tuple(links[i + 1 :]), a + float(offset[i + 1]) - now_s, b + float(offset[i + 1]) - now_s,
                rate * (b - a),
            )  # fmt: skip
            _place(tally, piece, (site, link), changed, now_s, load)
        gone = min(end, now_s - float(offset[-1]))
        if gone > begin:
            tally.arrived[site] = tally.arrived.get(site, 0.0) + rate * load * (gone - begin)
    return tallies


def _place(tally: _Tally, piece: Stretch, where: tuple[int, int], changed: Scenario, now_s: float, load: float) -> None:
    """Put vehicles on a link to where they will be next (``tally`` modified in place)."""
    site, link = where
    network = changed.network
    safe, trapped = _split(piece, lost_after(changed, link, now_s))
    if trapped is not None:
        tally.groups.setdefault((site, int(network.tail[link]), True), []).append(
            replace(
                trapped,
                links=(link, *piece.links),
                from_s=trapped.from_s,
                until_s=trapped.from_s + float(network.free_flow_time_s[link]),
            )
        )
    if safe is None:
        return
    if not safe.links and changed.sites[site].beds > 0 and changed.sites[site].open_windows:
        tally.arrived[site] = tally.arrived.get(site, 0.0) + safe.vehicles * load
    else:
        tally.groups.setdefault((site, int(network.head[link]), False), []).append(safe)


def lost_after(changed: Scenario, link: int, now_s: float) -> float:
    """Seconds from now until a link is closed next, 0 where it is closed; inf: never."""
    times = [
        max(0.0, s.from_s - now_s)
        for s in changed.availabilities
        if s.capacity_factor == 0 and link in s.links and s.until_s > now_s
    ]
    return min(times, default=math.inf)


def _split(piece: Stretch, lost_s: float) -> tuple[Stretch | None, Stretch | None]:
    """Those who are off their link before it is lost, and the others, who stop where they are when it is."""
    if lost_s >= piece.until_s:
        return piece, None
    share = max(0.0, lost_s - piece.from_s) / (piece.until_s - piece.from_s)
    trapped = replace(piece, from_s=lost_s, vehicles=piece.vehicles * (1 - share))
    if share <= 0:
        return None, trapped
    return replace(piece, until_s=lost_s, vehicles=piece.vehicles * share), trapped


def beds_now(changed: Scenario, state: State) -> FloatArray:
    """
    float64[n_sites]: beds left, persons.

    Whole persons may come to a person more than the beds that the plan fills; those with orders keep theirs.
    """
    beds = np.array([site.beds for site in changed.sites], dtype=np.float64) - state.arrived.sum(axis=0)
    coming = np.ceil(state.home_coming - ROUNDING)
    for group in state.on_road:
        coming[group.site] += group.persons if group.is_kept else 0
    rounding = len(state.home_planned) + len(state.on_road)
    close = (coming > beds) & (coming <= beds + rounding)
    found: FloatArray = np.maximum(0.0, np.where(close, coming, beds))
    return found


__all__ = ["beds_now", "lost_after", "released", "state_at"]
