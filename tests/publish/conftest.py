"""
A case worked by hand, shared by the tests of the report.

    Aville --600 s-- junction --bridge, 300 s, 0.5 veh/s-- far bank --600 s-- Dcamp
    Aville --dam, two roads of 1800 s, 0.06 and 0.04 veh/s---^

2,500 people are in Aville, 160 without a vehicle; the others leave two to a vehicle: 1,170 vehicles. By 3,600 s the
bridge lets 0.5 x (3600 - 1500) = 1,050 through and the dam 0.1 x (3600 - 2400) = 120: exactly all of them.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from clearway.model.demand import Site, Zone
from clearway.model.network import Crossing, Network
from clearway.model.plan import BoundKind, Certificate, LeftOut, Movements, Plan, Reason, Routes
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability

Case = tuple[Plan, Scenario]


def network() -> Network:
    """Links 0 and 1: Aville to the junction and back; 2 and 3: the bridge; 4 and 5: the dam; 6: on to Dcamp."""
    return Network(
        node_ids=("a", "b", "c", "d"),
        node_names=("Aville", "", "", "Dcamp"),
        node_x=np.array([32.0, 32.1, 32.2, 32.4]),
        node_y=np.array([46.6, 46.6, 46.5, 46.5]),
        link_ids=("1", "-1", "2", "-2", "3", "4", "5"),
        link_names=("Mill Road", "Mill Road", "", "", "Dam road", "Dam road", "Camp Road"),
        tail=np.array([0, 1, 1, 2, 0, 0, 2]),
        head=np.array([1, 0, 2, 1, 2, 2, 3]),
        length_m=np.array([1e4, 1e4, 5e3, 5e3, 3e4, 3e4, 1e4]),
        free_flow_time_s=np.array([600.0, 600.0, 300.0, 300.0, 1800.0, 1800.0, 600.0]),
        lanes=np.ones(7),
        capacity_veh_per_s=np.array([1.0, 1.0, 0.5, 0.5, 0.06, 0.04, 1.0]),
        allowed_uses=("",) * 7,
        reverse=np.array([1, 0, 3, 2, -1, -1, -1]),
        geometry=(None, None, np.array([[32.1, 46.6], [32.15, 46.52], [32.2, 46.5]]), None, None, None, None),
    )


def scenario() -> Scenario:
    return Scenario(
        name="Two banks",
        start=datetime(2022, 10, 19, 8, tzinfo=timezone(timedelta(hours=3))),
        horizon_s=3600.0,
        capacity_factor=1.0,
        network=network(),
        zones=(Zone("z", "Aville", 0, 3000, 2500, 160, 2.0),),
        sites=(Site("s", "Dcamp", 3, 4000.0),),
        crossings=(Crossing("br", "Blue bridge", "bridge", (2, 3)), Crossing("dam", "Long dam", "dam", (4, 5))),
        assumptions=("Two people travel in a vehicle.",),
        credits=("Made up for a test.",),
        content_hash="c0ffee",
    )


def plan(bridge_until_s: float) -> Plan:
    """The bridge is entered from 600 s (departures from 0) until its vehicles have left by ``bridge_until_s`` - 600."""
    until = np.array([bridge_until_s - 600.0, 1200.0, 1200.0])
    vehicles = until * np.array([0.5, 0.06, 0.04])
    moves = Movements(
        zone=np.zeros(3, dtype=np.int64),
        site=np.zeros(3, dtype=np.int64),
        route=np.arange(3),
        depart_from_s=np.zeros(3),
        depart_until_s=until,
        vehicles=vehicles,
        persons=2 * vehicles,
        mode=("auto",) * 3,
        ids=("m0", "m1", "m2"),
    )
    certificate = Certificate(
        BoundKind.CLEARANCE, 3600.0, np.array([0.0, 600.0, 3000.0, 3600.0]), (0,), (), float(vehicles.sum()), 1170.0
    )
    return Plan(
        scenario_hash="c0ffee",
        routes=Routes(("r0", "r1", "r2"), np.array([0, 3, 5, 7]), np.array([0, 2, 6, 4, 6, 5, 6])),
        movements=moves,
        left_out=(LeftOut(0, 160.0, Reason.NO_VEHICLE, seats=160),),
        certificate=certificate,
        status="proven",
        clearance_time_s=3600.0,
        clearance_lower_bound_s=3600.0,
        persons_planned=float(moves.persons.sum()),
        persons_upper_bound=float(moves.persons.sum()),
        gap=0.0,
        last_start_s=np.array([300.0]),
        last_start_bound_s=np.array([330.0]),
        last_start_all_s=300.0,
        last_start_all_bound_s=330.0,
        bound_curve_s=np.array([0.0, 1500.0, 2400.0, 3600.0]),
        bound_curve_persons=np.array([0.0, 0.0, 900.0, 2340.0]),
        runtime_s=(("bound", 0.1),),
        settings=(("gap", 0.005),),
    )


@pytest.fixture
def clearance_case() -> Case:
    """Everyone with a vehicle is across at 09:00, and no sooner."""
    return plan(2700.0), scenario()


@pytest.fixture
def evacuated_case() -> Case:
    """The bridge is lost at 08:30: entered until 1,500 s it carries 450 vehicles; 570, 1,140 people, in all."""
    lost = Availability("crossing", "br", 1800.0, math.inf, 0.0, (2, 3), "r-7", "seen from the bank")
    found = plan(1500.0)
    left = (LeftOut(0, 1200.0, Reason.NO_TIME, "Blue bridge, lost at 08:30"), *found.left_out)
    certificate = replace(found.certificate, kind=BoundKind.EVACUATED)
    return replace(found, certificate=certificate, left_out=left), replace(scenario(), availabilities=(lost,))


HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">\'&amp;<!--\u2028\ud800${name}$$'


@pytest.fixture
def hostile_case(evacuated_case: Case) -> Case:
    """Every text that a scenario or a plan can carry tries to break out of the page."""
    found, given = evacuated_case
    n = given.network
    roads = replace(
        n,
        node_names=(HOSTILE,) * n.n_nodes,
        link_names=(HOSTILE,) * n.n_links,
        link_ids=tuple(f"{HOSTILE}{i}" for i in range(n.n_links)),
    )
    given = replace(
        given,
        name=HOSTILE,
        network=roads,
        zones=tuple(replace(zone, zone_id=HOSTILE, name=HOSTILE) for zone in given.zones),
        sites=tuple(replace(site, site_id=HOSTILE, name=HOSTILE, direction=HOSTILE) for site in given.sites),
        crossings=tuple(replace(c, crossing_id=HOSTILE, name=HOSTILE, kind=HOSTILE) for c in given.crossings),
        availabilities=tuple(
            replace(a, report_id=HOSTILE, note=HOSTILE, source=HOSTILE, target_id=HOSTILE) for a in given.availabilities
        ),
        warnings=(HOSTILE,),
        assumptions=(HOSTILE,),
        credits=(HOSTILE,),
        sources=(("zone", "z", HOSTILE),),
        objective=HOSTILE,
        content_hash=HOSTILE,
    )
    left = tuple(replace(item, binding=HOSTILE) for item in found.left_out)
    return replace(
        found,
        left_out=left,
        status=HOSTILE,
        scenario_hash=HOSTILE,
        settings=((HOSTILE, HOSTILE),),
        runtime_s=((HOSTILE, 1.0),),
    ), given
