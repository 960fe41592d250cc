"""Roads, people and plans small enough to work by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from clearway.model.demand import Site, Zone
from clearway.model.network import Network
from clearway.model.plan import BoundKind, Certificate, LeftOut, Movements, Plan, Reason, Routes
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability, HazardArea

Road = tuple[str, str, str, float, float, float]  # id, from, to, metres, metres a second, vehicles a second
Move = tuple[int, int, int, float, float, float]  # zone, site, route, from, until, vehicles


def scenario(
    roads: Sequence[Road],
    zones: Sequence[tuple[str, int]],
    sites: Sequence[Site | tuple[str, float]],
    *,
    closures: Sequence[tuple[str, float, float, float]] = (),
    hazards: Sequence[HazardArea] = (),
    jam_density: dict[str, float] | None = None,
    horizon_s: float = 20_000.0,
) -> Scenario:
    """
    One person a vehicle, capacity factor 1. ``zones`` are (node, people), ``sites`` (node, beds), ``closures``
    (link, from, until, factor).
    """
    ends = [node for road in roads for node in road[1:3]]
    nodes = list(dict.fromkeys(ends))
    ids = [road[0] for road in roads]
    length, speed = np.array([r[3] for r in roads]), np.array([r[4] for r in roads])
    density = None if jam_density is None else np.array([jam_density.get(i, math.nan) for i in ids])
    network = Network(
        node_ids=tuple(nodes),
        node_names=tuple(nodes),
        node_x=np.arange(len(nodes), dtype=np.float64),
        node_y=np.zeros(len(nodes)),
        link_ids=tuple(ids),
        link_names=("",) * len(ids),
        tail=np.array([nodes.index(r[1]) for r in roads], dtype=np.int64),
        head=np.array([nodes.index(r[2]) for r in roads], dtype=np.int64),
        length_m=length,
        free_flow_time_s=length / speed,
        lanes=np.ones(len(roads)),
        capacity_veh_per_s=np.array([r[5] for r in roads]),
        allowed_uses=("",) * len(roads),
        reverse=np.full(len(roads), -1),
        geometry=(None,) * len(roads),
        crs="local",
        jam_density_veh_per_m=density,
    )
    return Scenario(
        name="small",
        start=datetime.fromisoformat("2022-10-15T06:00:00+03:00"),
        horizon_s=horizon_s,
        capacity_factor=1.0,
        network=network,
        zones=tuple(Zone(node, node, nodes.index(node), n, n, 0, 1.0) for node, n in zones),
        sites=tuple(s if isinstance(s, Site) else Site(s[0], s[0], nodes.index(s[0]), s[1]) for s in sites),
        availabilities=tuple(
            Availability("link", link, a, b, factor, (ids.index(link),)) for link, a, b, factor in closures
        ),
        content_hash="d" * 64,
        hazard_areas=tuple(hazards),
    )


def plan(
    case: Scenario, routes: Sequence[Sequence[str]], moves: Sequence[Move], left_out: Sequence[LeftOut] = ()
) -> Plan:
    """Movements along routes given by link ids; it claims nothing. Who does not move is left out."""
    links = [[case.network.link_index(link) for link in route] for route in routes]
    start = np.concatenate(([0], np.cumsum([len(route) for route in links]))).astype(np.int64)
    columns = list(zip(*moves, strict=True))
    loads = np.array([case.zones[zone].persons_per_vehicle for zone in columns[0]])
    vehicles = np.array(columns[5], dtype=np.float64)
    movements = Movements(
        *(np.array(columns[k], dtype=np.int64) for k in range(3)),
        np.array(columns[3], dtype=np.float64),
        np.array(columns[4], dtype=np.float64),
        vehicles,
        vehicles * loads,
        ("auto",) * len(moves),
        tuple(f"m{i + 1}" for i in range(len(moves))),
    )
    certificate = Certificate(
        BoundKind.CLEARANCE, 0.0, np.full(case.network.n_nodes, math.inf), (), (), 0.0, float(vehicles.sum())
    )
    rest = [zone.present - sum(m[5] for m in moves if m[0] == i) for i, zone in enumerate(case.zones)]
    others = [LeftOut(i, persons, Reason.NOT_FOUND) for i, persons in enumerate(rest) if persons > 1e-9]
    return Plan(
        scenario_hash="d" * 64,
        routes=Routes(tuple(f"r{i + 1}" for i in range(len(routes))), start, np.concatenate(links).astype(np.int64)),
        movements=movements,
        left_out=tuple(left_out) or tuple(others),
        certificate=certificate,
        status="feasible",
        clearance_time_s=0.0,
        clearance_lower_bound_s=0.0,
        persons_planned=float((vehicles * loads).sum()),
        persons_upper_bound=float((vehicles * loads).sum()),
        gap=0.0,
    )
