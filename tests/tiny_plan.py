"""
A scenario and a plan small enough to work by hand, for the tests of check, publish and ingest.

    north (A) --600 s--> C ==bridge, 120 s, 0.5 veh/s==> D --300 s--> camp (900 beds for 900)
    south (B) --300 s--> C                               D --600 s--> school
                         C - - - footpath, 60 s - - - - - - - - - - > camp

North: 1,000 there, 100 without a vehicle, 900 in 300 vehicles. South: 500 there, 50 without, 450 in 180 vehicles.
All 480 vehicles pass the bridge at 0.5 per second: 960 s, from 300 s (the first of south are there) to 1,260 s. The
way on takes 120 + 300 s, so nobody can clear before 1,680 s. The plan does that: south departs at 0 to 360 s (on the
bridge 300 to 660 s), north at 60 to 660 s (on the bridge 660 to 1,260 s, the last arrives at 1,680 s).
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime

import numpy as np

from clearway.model.demand import Site, Zone
from clearway.model.network import Crossing, Network
from clearway.model.plan import BoundKind, Certificate, LeftOut, Movements, Plan, Reason, Routes
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability

HAIR_S = 0.0005

# id, from, to, seconds, metres, usable vehicles per second at capacity factor 0.8, allowed uses
LINKS = (
    ("ac", "A", "C", 600.0, 10_000.0, 1.0, ""),
    ("bc", "B", "C", 300.0, 5_000.0, 1.0, ""),
    ("bridge", "C", "D", 120.0, 1_000.0, 0.5, "auto"),
    ("-bridge", "D", "C", 120.0, 1_000.0, 0.5, "auto"),
    ("d1", "D", "S1", 300.0, 5_000.0, 1.0, ""),
    ("d2", "D", "S2", 600.0, 10_000.0, 1.0, ""),
    ("path", "C", "S1", 60.0, 80.0, 1.0, "walk"),
)
NODES = (
    ("A", 32.0, 46.0),
    ("B", 32.2, 46.0),
    ("C", 32.1, 46.1),
    ("D", 32.1, 46.2),
    ("S1", 32.0, 46.3),
    ("S2", 32.2, 46.3),
)


def tiny_network() -> Network:
    index = {node_id: i for i, (node_id, _, _) in enumerate(NODES)}
    bend = np.array([[32.1, 46.1], [32.11, 46.15], [32.1, 46.2]])
    return Network(
        node_ids=tuple(index),
        node_names=tuple(f"Place {node_id}" for node_id in index),
        node_x=np.array([x for _, x, _ in NODES]),
        node_y=np.array([y for _, _, y in NODES]),
        link_ids=tuple(link[0] for link in LINKS),
        link_names=("", "", "Bridge road", "Bridge road", "", "", "Footpath"),
        tail=np.array([index[link[1]] for link in LINKS]),
        head=np.array([index[link[2]] for link in LINKS]),
        free_flow_time_s=np.array([link[3] for link in LINKS]),
        length_m=np.array([link[4] for link in LINKS]),
        lanes=np.ones(len(LINKS)),
        capacity_veh_per_s=np.array([link[5] for link in LINKS]) / 0.8,
        allowed_uses=tuple(link[6] for link in LINKS),
        reverse=np.array([-1, -1, 3, 2, -1, -1, -1]),
        geometry=(None, None, bend, None, None, None, None),
    )


def statement(from_s: float, until_s: float, factor: float) -> Availability:
    """The bridge, both ways, at a factor for a while."""
    return Availability("crossing", "old_bridge", from_s, until_s, factor, (2, 3))


def tiny_scenario(*statements: Availability) -> Scenario:
    """The scenario of this file's head; without statements the bridge is halved at 5,400 s and lost at 7,200 s."""
    return Scenario(
        name="tiny",
        start=datetime.fromisoformat("2022-10-15T06:00:00+03:00"),
        horizon_s=10_800.0,
        capacity_factor=0.8,
        network=tiny_network(),
        zones=(
            Zone("north", "North", 0, 1200, 1000, 100, 3.0, ((0.0, 3600.0),)),
            Zone("south", "South", 1, 600, 500, 50, 2.5, ((0.0, 3600.0),)),
        ),
        sites=(
            Site("camp", "Camp", 4, 900.0, ((0.0, 9000.0),)),
            Site("school", "School", 5, 600.0),
        ),
        crossings=(Crossing("old_bridge", "Old Bridge", "bridge", (2, 3)),),
        availabilities=statements or (statement(5400.0, 7200.0, 0.5), statement(7200.0, math.inf, 0.0)),
        content_hash="a" * 64,
    )


def tiny_routes() -> Routes:
    """ac, bridge, d1 and bc, bridge, d2."""
    return Routes(("r1", "r2"), np.array([0, 3, 6]), np.array([0, 2, 4, 1, 2, 5]))


def tiny_movements() -> Movements:
    """North in two windows that touch, south in one."""
    return Movements(
        zone=np.array([0, 0, 1]),
        site=np.array([0, 0, 1]),
        route=np.array([0, 0, 1]),
        depart_from_s=np.array([60.0, 360.0, 0.0]),
        depart_until_s=np.array([360.0, 660.0, 360.0]),
        vehicles=np.array([150.0, 150.0, 180.0]),
        persons=np.array([450.0, 450.0, 450.0]),
        mode=("auto", "auto", "auto"),
        ids=("m1", "m2", "m3"),
    )


def tiny_certificate() -> Certificate:
    """
    C is reached at 300 s, D just before 1,380 s: 0.5 vehicles per second pass the bridge from 300 s to just before
    1,260 s.

    Half a millisecond less than 1,680 s: a cut that equals the demand would prove nothing.
    """
    labels = np.array([0.0, 0.0, 300.0, 1380.0 - HAIR_S, 1680.0 - HAIR_S, math.inf])
    return Certificate(BoundKind.CLEARANCE, 1680.0 - HAIR_S, labels, (0, 1), (), 480.0 - 0.5 * HAIR_S, 480.0)


def tiny_plan() -> Plan:
    """Clears at 1,680 s, which is the bound."""
    return Plan(
        scenario_hash="a" * 64,
        routes=tiny_routes(),
        movements=tiny_movements(),
        left_out=(
            LeftOut(0, 100.0, Reason.NO_VEHICLE, "no vehicle", 100),
            LeftOut(1, 50.0, Reason.NO_VEHICLE, "no vehicle", 50),
        ),
        certificate=tiny_certificate(),
        status="proven",
        clearance_time_s=1680.0,
        clearance_lower_bound_s=1680.0,
        persons_planned=1350.0,
        persons_upper_bound=1350.0,
        gap=0.0,
        seed=7,
        last_start_s=np.array([60.0, math.nan]),
        last_start_bound_s=np.array([75.0, math.nan]),
        last_start_all_s=50.0,
        last_start_all_bound_s=70.0,
        bound_curve_s=np.array([0.0, 720.0, 1680.0]),
        bound_curve_persons=np.array([0.0, 0.0, 1350.0]),
        runtime_s=(("bound", 0.25), ("schedule", 0.5)),
        settings=(("gap", 0.005), ("time_limit_s", 60.0)),
    )


def with_movements(plan: Plan, **columns: object) -> Plan:
    """The plan with some columns of its movements changed."""
    arrays = {name: np.array(value) if isinstance(value, list) else value for name, value in columns.items()}
    return replace(plan, movements=replace(plan.movements, **arrays))


def with_certificate(plan: Plan, **changes: object) -> Plan:
    return replace(plan, certificate=replace(plan.certificate, **changes))
