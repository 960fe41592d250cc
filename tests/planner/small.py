"""
Scenarios of a few lines, in minutes and vehicles an hour, for the tests of the planner.

    town = scenario(
        [road("a", "b", minutes=10, per_hour=1200)],
        [zone("a", 600)],
        [site("b")],
    )

Nodes are made from the names that roads use. Link ids are ``a>b``, then ``a>b#2`` for a second one beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from clearway.check import check_plan
from clearway.model.demand import Site, Zone
from clearway.model.network import Network
from clearway.model.plan import BoundKind, Plan
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability, subtract_intervals
from clearway.planner import PlanParameters, make_plan

MINUTE = 60.0
Road = tuple[str, str, float, float, str]  # from, to, seconds, vehicles per second, allowed uses
Place = tuple[str, Zone]
Shelter = tuple[str, Site]
Closure = tuple[str, float, float, float]  # link id, from, until (seconds), factor


def road(tail: str, head: str, minutes: float, per_hour: float, uses: str = "") -> Road:
    """A one-way road."""
    return (tail, head, minutes * MINUTE, per_hour / 3600, uses)


def both_ways(one: str, other: str, minutes: float, per_hour: float) -> list[Road]:
    """A two-way road."""
    return [road(one, other, minutes, per_hour), road(other, one, minutes, per_hour)]


def zone(
    node: str,
    people: int,
    *,
    name: str = "",
    load: float = 1.0,
    ready: float = 0.0,
    leave_by: float = math.inf,
    on_foot: int = 0,
    priority: float = 1.0,
    directions: tuple[tuple[str, float], ...] = (),
    never: bool = False,
) -> Place:
    """People at a node; ``ready`` and ``leave_by`` in minutes, ``load`` persons in a vehicle."""
    windows = () if never else ((ready * MINUTE, leave_by * MINUTE),)
    name = name or node
    return (node, Zone(name, name.title(), -1, people, people, on_foot, load, windows, priority, directions))


def site(
    node: str,
    beds: float = math.inf,
    *,
    name: str = "",
    opens: float = 0.0,
    closes: float = math.inf,
    direction: str = "",
    shut: tuple[tuple[float, float], ...] = (),
) -> Shelter:
    """Beds at a node, open from and until some minutes, but for those in ``shut``."""
    closed = [(a * MINUTE, b * MINUTE) for a, b in shut]
    windows = subtract_intervals(((opens * MINUTE, closes * MINUTE),), closed)
    name = name or node
    return (node, Site(name, name.title(), -1, beds, windows, direction))


def closed(link_id: str, from_min: float = 0.0, until_min: float = math.inf, factor: float = 0.0) -> Closure:
    """A link at a factor (0: closed) for a while."""
    return (link_id, from_min * MINUTE, until_min * MINUTE, factor)


def scenario(
    roads: Sequence[Road],
    zones: Sequence[Place],
    sites: Sequence[Shelter],
    closures: Sequence[Closure] = (),
    horizon: float = 24 * 60,
) -> Scenario:
    """All of it; ``horizon`` in minutes. The capacity factor is 1: rates are usable rates."""
    places = [node for node, _ in (*zones, *sites)]
    nodes = list(dict.fromkeys([end for r in roads for end in r[:2]] + places))
    ids: list[str] = []
    for tail, head, *_ in roads:
        twins = sum(1 for i in ids if i.split("#")[0] == f"{tail}>{head}")
        ids.append(f"{tail}>{head}" + (f"#{twins + 1}" if twins else ""))
    seconds = np.array([r[2] for r in roads], dtype=np.float64)
    network = Network(
        node_ids=tuple(nodes),
        node_names=tuple(nodes),
        node_x=np.arange(len(nodes), dtype=np.float64),
        node_y=np.zeros(len(nodes)),
        link_ids=tuple(ids),
        link_names=("",) * len(ids),
        tail=np.array([nodes.index(r[0]) for r in roads], dtype=np.int64),
        head=np.array([nodes.index(r[1]) for r in roads], dtype=np.int64),
        length_m=seconds * 15,
        free_flow_time_s=seconds,
        lanes=np.ones(len(roads)),
        capacity_veh_per_s=np.array([r[3] for r in roads], dtype=np.float64),
        allowed_uses=tuple(r[4] for r in roads),
        reverse=np.full(len(roads), -1),
        geometry=(None,) * len(roads),
        crs="local",
    )
    return Scenario(
        name="small",
        start=datetime.fromisoformat("2022-10-15T06:00:00+03:00"),
        horizon_s=horizon * MINUTE,
        capacity_factor=1.0,
        network=network,
        zones=tuple(replace(z, node=nodes.index(node)) for node, z in zones),
        sites=tuple(replace(s, node=nodes.index(node)) for node, s in sites),
        availabilities=tuple(
            Availability("link", link, a, b, factor, (ids.index(link),)) for link, a, b, factor in closures
        ),
        content_hash="c" * 64,
    )


def planned(small: Scenario, **settings: float) -> Plan:
    """A plan that check finds no fault with; everybody of the scenario is in it or left out."""
    plan = make_plan(small, PlanParameters(**({"time_limit_s": 20.0} | settings)))  # type: ignore[arg-type]
    result = check_plan(small, plan)
    assert result.faults == (), "; ".join(map(str, result.faults))
    present = sum(z.present for z in small.zones)
    assert abs(plan.persons_planned + sum(row.persons for row in plan.left_out) - present) <= 1e-9 * present
    if plan.certificate.kind == BoundKind.CLEARANCE:
        assert plan.clearance_lower_bound_s <= plan.clearance_time_s * (1 + 1e-9)
    else:
        assert plan.persons_planned <= plan.persons_upper_bound * (1 + 1e-9)
    return plan
