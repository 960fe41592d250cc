"""
A plan for UXsim: the world as JSON and a script that drives it with every vehicle on its route.

UXsim's lanes carry what its kinematic waves give: speed / (speed x reaction time + space of a vehicle). A link takes as
many lanes as its capacity needs and is then clipped to it where vehicles enter; rates that change over time are set
between stages of the run. (Seo 2025, UXsim: lightweight mesoscopic traffic flow simulator in pure Python.)
"""

from __future__ import annotations

import json
import math
from importlib.resources import files
from typing import Any

import numpy as np

from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish.exports.convoy import VEHICLE_SPACE_M, Roads, Vehicles, whole_vehicles
from clearway.publish.exports.folder import about, ids_csv, vehicles_csv

REACTION_S = 1.0  # UXsim's default; with vehicles one by one it is its time step, too
LATE = 3.0  # times the clearance planned, and an hour, that the run lasts


def export_uxsim(plan: Plan, scenario: Scenario) -> tuple[dict[str, str], dict[str, Any]]:
    """The files of a UXsim export (name -> text) and what ``export.json`` says of them."""
    roads, vehicles = Roads(scenario), whole_vehicles(plan)
    world = json.dumps(world_of(roads, plan, vehicles), ensure_ascii=False, separators=(",", ":"))
    written = {
        "world.json": world + "\n",
        "run_uxsim.py": (files("clearway.publish.exports") / "run_uxsim.py.txt").read_text("utf-8"),
        "vehicles.csv": vehicles_csv(vehicles, plan, scenario),
        "ids.csv": ids_csv(scenario, plan),
        "README.txt": HOW_TO,
    }
    settings = {"reaction_s": REACTION_S, "vehicle_space_m": VEHICLE_SPACE_M, "platoon": 1}
    return written, about("uxsim", scenario, plan, vehicles, settings)


def world_of(roads: Roads, plan: Plan, vehicles: Vehicles) -> dict[str, Any]:
    """Nodes, links, capacities that change, routes and vehicles, by number: ids.csv says what they stand for."""
    scenario, network = roads.scenario, roads.scenario.network
    x, y = roads.places_m
    links = np.flatnonzero(roads.rate > 0).tolist()
    routes = np.unique(vehicles.route).tolist()
    return {
        "name": scenario.name,
        "start": scenario.start.isoformat(),
        "end_s": math.ceil(LATE * plan.clearance_time_s + 3600.0),
        "reaction_s": REACTION_S,
        "vehicle_space_m": VEHICLE_SPACE_M,
        "nodes": [[f"n{v}", round(float(x[v]), 1), round(float(y[v]), 1)] for v in range(network.n_nodes)],
        "links": [
            {
                "name": f"e{link}",
                "from": f"n{network.tail[link]}",
                "to": f"n{network.head[link]}",
                "length_m": round(float(roads.length_m[link]), 3),
                "speed_m_per_s": round(float(roads.speed_m_per_s[link]), 6),
                "lanes": lanes_of(roads, link),
                "capacity_veh_per_s": round(float(roads.first_rate[link]), 9),
            }
            for link in links
        ],
        "changes": sorted(
            (begin, f"e{link}", round(rate, 9))
            for link in roads.changing.tolist()
            for begin, rate in roads.pieces(link)
            if begin > 0
        ),
        "routes": {f"r{r}": [f"e{link}" for link in plan.routes.of(r).tolist()] for r in routes},
        "vehicles": [
            [f"v{i}", f"r{r}", round(t, 2), f"z{z}"]
            for i, (r, t, z) in enumerate(
                zip(vehicles.route.tolist(), vehicles.depart_s.tolist(), vehicles.zone.tolist(), strict=True)
            )
        ],
    }


def lanes_of(roads: Roads, link: int) -> int:
    """The link's lanes, or as many as it takes for UXsim's own capacity not to lie below the link's."""
    speed = float(roads.speed_m_per_s[link])
    own = speed / (speed * REACTION_S + VEHICLE_SPACE_M)
    return max(int(roads.lanes[link]), math.ceil(float(roads.rate[link]) / own - 1e-9))


HOW_TO = """\
A plan of Clearway for UXsim (made for uxsim 1.15). In this folder:

    python run_uxsim.py                  writes arrivals.csv: vehicle, second of arrival (empty: never), platoon
    python run_uxsim.py --platoon 5      five vehicles at a time: quicker and coarser, as UXsim does by default

One by one, each vehicle drives its own route. A platoon is of vehicles of a zone that depart one after the other, and
drives one of the zone's routes: the one on which most are due. So as many vehicles leave each zone and take each route
as planned, to within a platoon or so at any time; all together they are those of vehicles.csv, rounded up to a platoon.
It departs with its first vehicle in some zones, with its last in others, or between, so that zones take turns.
Times are seconds from the start that export.json names. vehicles.csv says whose vehicle is whose, ids.csv what each
number stands for. The capacities are the roads' nominal ones (the plan uses a share of them).
"""
