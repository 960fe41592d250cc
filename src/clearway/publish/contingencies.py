"""An alternative for the loss of crossings, told: who goes another way, what stays, who cannot go any more."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clearway.model.network import IntArray
from clearway.model.plan import Movements, Plan, Reason, Routes
from clearway.model.scenario import Scenario
from clearway.model.state import State
from clearway.publish.figures import tidy
from clearway.publish.places import Places
from clearway.publish.wording import Clock, count, duration, joined, people, percent

FEW = 0.5  # persons: less is rounding
AS_BEFORE = 0.99  # share of orders that stand, from which on the others go "as before"
MOST_NAMES = 4  # zones named in a sentence
COLUMNS = (
    "contingency", "lost", "lost_at", "lost_at_s", "zone_id", "zone_name", "persons_over_it", "instead",
    "no_longer_saved",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rerouted:
    """
    One zone with orders over what is lost: the persons, and the ways that more of the zone take now, the most first.

    A way is named by the crossings that the lost orders did not lead over, or by its site where there are none.
    ``no_longer`` are persons of the zone who were to be saved and are not any more, with the reasons.
    """

    zone: int
    persons: float
    ways: tuple[tuple[str, float], ...]
    no_longer: float
    why: tuple[tuple[Reason, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Contingency:
    """
    An alternative prepared for the loss of ``crossings`` (indices) at ``lost_s``, seconds from the scenario's start.

    ``others`` are persons with orders that do not lead over what is lost, ``others_kept`` those of them whose orders
    stand. ``saved`` counts those arrived by then, too; no plan saves more than ``saved_bound``. ``clearance_s`` and
    ``clearance_bound_s`` are seconds from the scenario's start. ``faults`` are what `check` finds wrong.
    """

    name: str  # of its folder
    crossings: tuple[int, ...]
    lost_s: float
    arrived: int
    on_road: int
    turned_back: int
    diverted: int
    at_home: int
    rerouted: tuple[Rerouted, ...]
    others: float
    others_kept: float
    planned_before: float
    saved: float
    saved_bound: float
    left_behind: float  # of those with a vehicle
    no_vehicle: float
    clearance_s: float
    clearance_bound_s: float
    faults: tuple[str, ...]

    @property
    def no_longer(self) -> float:
        """Persons who were to be saved and are not any more."""
        return sum(row.no_longer for row in self.rerouted)


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """The plan that is in force, and its orders as they stood at the loss, in the zones of the state's scenario."""

    plan: Plan
    scenario: Scenario
    movements: Movements
    routes: Routes


def contingency(
    name: str,
    lost: tuple[tuple[int, ...], float],
    before: Before,
    state: State,
    after: tuple[Scenario, Plan, int],
    faults: Sequence[str],
) -> Contingency:
    """
    What an alternative comes to. ``lost``: crossings and seconds. ``after``: the state's scenario, its plan, and how
    many of its first movements are orders kept.
    """
    crossings, lost_s = lost
    scenario, plan, n_kept = after
    owner = np.concatenate((np.arange(len(before.scenario.zones)), [g.zone for g in state.on_road])).astype(np.int64)
    links = [link for c in crossings for link in before.scenario.crossings[c].links]
    over = _uses(before.routes, links)[before.movements.route]
    kept = np.arange(len(plan.movements)) < n_kept
    others = float(before.movements.persons[~over].sum())
    left = _left(plan, owner)
    rerouted = _rerouted(before, over, (plan.movements, plan.routes, owner), left)
    arrived = int(state.arrived.sum())
    return Contingency(
        name, crossings, lost_s, arrived, sum(g.persons for g in state.on_road),
        sum(g.persons for g in state.on_road if g.has_turned),
        sum(g.persons for g in state.on_road if g.is_diverted and not g.has_turned),
        sum(state.home.values()), rerouted, others, min(others, float(plan.movements.persons[kept].sum())),
        before.plan.persons_planned, arrived + plan.persons_planned,
        arrived + min(plan.persons_upper_bound, float(sum(p.persons for p in scenario.parties()))),
        sum(persons for rows in left.values() for persons, _, _ in rows),
        float(sum(zone.without_vehicle for zone in scenario.zones)),
        lost_s + plan.clearance_time_s if len(plan.movements) else _last_arrival(before, lost_s),
        lost_s + plan.clearance_lower_bound_s, tuple(faults),
    )  # fmt: skip


def _last_arrival(before: Before, lost_s: float) -> float:
    return min(before.plan.clearance_time_s, lost_s)


def _uses(routes: Routes, links: Sequence[int]) -> np.ndarray:
    """bool[n_routes]: whether a route leads over any of some links."""
    sums = np.concatenate(([0], np.cumsum(np.isin(routes.links, links))))
    found: np.ndarray = sums[routes.start[1:]] > sums[routes.start[:-1]]
    return found


def _left(plan: Plan, owner: IntArray | None = None) -> dict[int, list[tuple[float, Reason, str]]]:
    """By zone: (persons, reason, what binds) of those with a vehicle who are left out."""
    found: dict[int, list[tuple[float, Reason, str]]] = {}
    for left in plan.left_out:
        if left.reason != Reason.NO_VEHICLE and left.persons > 0:
            zone = int(owner[left.zone]) if owner is not None else left.zone
            found.setdefault(zone, []).append((left.persons, left.reason, left.binding))
    return found


def _rerouted(
    before: Before,
    over: np.ndarray,
    after: tuple[Movements, Routes, IntArray],
    left: dict[int, list[tuple[float, Reason, str]]],
) -> tuple[Rerouted, ...]:
    """The zones with orders over what is lost, and those with fewer people to be saved; most persons first."""
    owner = after[2]
    zones = owner[before.movements.zone]
    persons = np.bincount(zones[over], before.movements.persons[over], len(before.scenario.zones))
    was_left = {z: sum(row[0] for row in rows) for z, rows in _left(before.plan).items()}
    crossed = Places(before.scenario).crossing_of_link
    was = _amounts(before.movements, before.routes, owner, crossed)
    now = _amounts(after[0], after[1], owner, crossed)
    lost_ways = _amounts(before.movements, before.routes, owner, crossed, over)
    rows = []
    for zone in range(len(before.scenario.zones)):
        no_longer = max(0.0, sum(row[0] for row in left.get(zone, [])) - was_left.get(zone, 0.0))
        if persons[zone] < FEW and no_longer < FEW:
            continue
        known = {c for way, _ in lost_ways.get(zone, {}) for c in way}
        more: dict[str, float] = {}
        for (way, site), amount in now.get(zone, {}).items():
            gain = amount - was.get(zone, {}).get((way, site), 0.0)
            label = _label(before.scenario, [c for c in way if c not in known], site)
            more[label] = more.get(label, 0.0) + gain
        ways = tuple(sorted(((w, n) for w, n in more.items() if n > FEW), key=lambda pair: (-pair[1], pair[0])))
        why = tuple(dict.fromkeys((reason, binding) for _, reason, binding in left.get(zone, []))) if no_longer else ()
        rows.append(Rerouted(zone, float(persons[zone]), ways, no_longer, why))
    return tuple(sorted(rows, key=lambda row: (-row.persons, row.zone)))


Way = tuple[tuple[int, ...], int]  # crossings in driving order, site


def _amounts(
    moves: Movements, routes: Routes, owner: IntArray, crossed: IntArray, chosen: np.ndarray | None = None
) -> dict[int, dict[Way, float]]:
    """Persons by zone and way."""
    passed = [
        tuple(dict.fromkeys(c for c in crossed[routes.of(r)].tolist() if c >= 0)) for r in range(len(routes))
    ]  # fmt: skip
    found: dict[int, dict[Way, float]] = {}
    places = range(len(moves)) if chosen is None else np.flatnonzero(chosen).tolist()
    for m in places:
        way = (passed[int(moves.route[m])], int(moves.site[m]))
        zone = found.setdefault(int(owner[moves.zone[m]]), {})
        zone[way] = zone.get(way, 0.0) + float(moves.persons[m])
    return found


def _label(scenario: Scenario, crossings: Sequence[int], site: int) -> str:
    if crossings:
        return "by " + joined(crossing_name(scenario, c) for c in crossings)
    return "to " + (scenario.sites[site].name or scenario.sites[site].site_id)


def crossing_name(scenario: Scenario, crossing: int) -> str:
    """A crossing's name for people."""
    return scenario.crossings[crossing].name or scenario.crossings[crossing].crossing_id


def zone_name(scenario: Scenario, zone: int) -> str:
    """A zone's name for people."""
    return scenario.zones[zone].name or scenario.zones[zone].zone_id


def lost_words(found: Contingency, scenario: Scenario) -> str:
    """What is lost."""
    return joined(crossing_name(scenario, c) for c in found.crossings)


def who_words(found: Contingency, scenario: Scenario) -> list[str]:
    """ "Kherson, Bilozerka and 3 more (30,111 people) go by Kakhovka dam", by the way that most of a zone take."""
    groups: dict[str, list[tuple[int, float]]] = {}
    stay: list[tuple[int, float]] = []
    for row in found.rerouted:
        lost = min(row.no_longer, row.persons)
        moved = row.persons - lost
        if lost >= FEW:
            stay.append((row.zone, lost))
        if moved >= FEW:
            way = row.ways[0][0] if row.ways else "by the same crossings, by other roads or at other times"
            groups.setdefault(way, []).append((row.zone, moved))
    words = [f"{_zones(rows, scenario)} go {way}" for way, rows in groups.items()]
    return words + ([f"{_zones(stay, scenario)} find no other way"] if stay else [])


def _zones(rows: Sequence[tuple[int, float]], scenario: Scenario) -> str:
    names = [zone_name(scenario, zone) for zone, _ in rows]
    more = len(names) - MOST_NAMES
    shown = joined([*names[:MOST_NAMES], f"{more} more"] if more > 0 else names)
    return f"{shown} ({people(sum(persons for _, persons in rows))})"


def others_words(found: Contingency) -> str:
    """Whether the others go as before."""
    if found.others < FEW:
        return "nobody else is under way or waits to leave"
    if found.others_kept >= AS_BEFORE * found.others:
        return "others as before"
    changed = found.others - found.others_kept
    return f"of the {count(found.others)} others {count(changed)} leave at other times or by other ways"


def no_longer_words(found: Contingency, scenario: Scenario) -> str:
    """Who was to be saved and is not any more, and why."""
    lost = found.no_longer
    if lost < FEW:
        return "Nobody who was to be saved is left behind."
    rows = sorted((r for r in found.rerouted if r.no_longer >= FEW), key=lambda r: -r.no_longer)
    named = [f"{zone_name(scenario, r.zone)} {count(r.no_longer)}" for r in rows[:MOST_NAMES]]
    if len(rows) > MOST_NAMES:
        named.append(f"{len(rows) - MOST_NAMES} more zones {count(sum(r.no_longer for r in rows[MOST_NAMES:]))}")
    why = dict.fromkeys(
        f"{reason.value}{f' ({binding})' if binding else ''}" for r in rows for reason, binding in r.why
    )
    least = max(0, math.ceil(found.planned_before - found.saved_bound - 1e-6))
    bound = f"; no plan can save more than {count(lost - least)} of them" if 0 < least < lost - FEW else ""
    bound = "; no plan can save any of them" if least >= lost - FEW else bound
    return f"{people(lost)} can no longer be saved ({joined(named)}): {'; '.join(why)}{bound}."


def road_words(found: Contingency) -> str:
    """Who is caught on the road; empty where nobody is."""
    parts = [f"{people(found.turned_back)} on it turn back"] if found.turned_back else []
    parts += [f"{people(found.diverted)} get another way at their next junction"] if found.diverted else []
    return f"{joined(parts)}." if parts else ""


def clear_words(found: Contingency, clock: Clock, planned_s: float) -> str:
    """Until when it takes, and how much sooner another plan from there could do it at most."""
    more, least = found.clearance_s - planned_s, found.clearance_bound_s - planned_s
    beside = f", {duration(more)} later than planned" if more >= 60 else ", no later than planned"
    if 60 <= least < more - 60:
        beside += f" (whatever the plan, {duration(least, 'down')} at least)"
    return f"The last arrive by {clock.long(found.clearance_s, 'up')}{beside if found.no_longer < FEW else ''}."


def beside_losses(keep_within: float) -> str:
    """Why these figures differ from those of `clearway losses`."""
    return (
        "Nobody knows of the loss before it happens, and orders that hold are kept where that costs at most "
        f"{percent(keep_within)}; so it takes as long as `clearway losses` says, which takes the loss as known "
        "beforehand and plans everybody anew, or longer. Both are plans found quickly, so the two may differ even for "
        "a loss at the very start; what no plan can beat stands beside each."
    )


def sentence(found: Contingency, before: Plan, scenario: Scenario) -> str:
    """The alternative in words."""
    clock = Clock(scenario, max(found.clearance_s, before.clearance_time_s))
    head = f"If {lost_words(found, scenario)} {'is' if len(found.crossings) == 1 else 'are'} lost"
    who = "; ".join([*who_words(found, scenario), others_words(found)])
    parts = [f"{head} on {clock.long(found.lost_s)}: {who}.", road_words(found)]
    parts += [clear_words(found, clock, before.clearance_time_s), no_longer_words(found, scenario)]
    return " ".join(part for part in parts if part)


def contingency_record(found: Contingency, before: Plan, scenario: Scenario) -> dict[str, Any]:
    """One alternative as JSON holds it; persons add up: arrived + on road + at home + without a vehicle = present."""
    finite = found.clearance_s if math.isfinite(found.clearance_s) else None
    return {
        "name": found.name,
        "lost": [scenario.crossings[c].crossing_id for c in found.crossings],
        "lost_at": scenario.clock(found.lost_s).isoformat(timespec="seconds"),
        "lost_at_s": tidy(found.lost_s),
        "folder": found.name,
        "sentence": sentence(found, before, scenario),
        "persons": {
            "arrived": found.arrived,
            "on_road": found.on_road,
            "turned_back": found.turned_back,
            "diverted": found.diverted,
            "at_home": found.at_home,
            "without_vehicle": found.no_vehicle,
            "present": found.arrived + found.on_road + found.at_home + found.no_vehicle,
            "saved": found.saved,
            "saved_at_most": tidy(found.saved_bound),
            "left_behind": found.left_behind,
            "no_longer_saved": found.no_longer,
        },
        "others": tidy(found.others),
        "others_kept": tidy(found.others_kept),
        "clearance_time_s": finite and tidy(finite),
        "clearance_lower_bound_s": tidy(found.clearance_bound_s),
        "later_than_planned_s": finite and tidy(finite - before.clearance_time_s),
        "check": {"ok": not found.faults, "faults": list(found.faults)},
        "zones": [
            {
                "zone_id": scenario.zones[row.zone].zone_id,
                "zone_name": scenario.zones[row.zone].name,
                "persons_over_it": tidy(row.persons, 9),
                "instead": [{"way": way, "persons": tidy(persons, 9)} for way, persons in row.ways],
                "no_longer_saved": row.no_longer,
                "why": [{"reason": reason.value, "binding": binding} for reason, binding in row.why],
            }
            for row in found.rerouted
        ],
    }


def contingencies_csv(records: Sequence[dict[str, Any]]) -> str:
    """One row per alternative and zone."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in records:
        for zone in record["zones"]:
            instead = "; ".join(f"{round(way['persons'])} {way['way']}" for way in zone["instead"])
            writer.writerow(
                [record["name"], " ".join(record["lost"]), record["lost_at"], record["lost_at_s"], zone["zone_id"],
                 zone["zone_name"], zone["persons_over_it"], instead, zone["no_longer_saved"]]
            )  # fmt: skip
    return out.getvalue()
