"""
A plan for MATSim: network_v2, population_v6, networkChangeEvents and a configuration that drives it once.

One agent per vehicle, with a fixed route. MATSim lets vehicles start at the END of their first link and counts capacity
where vehicles LEAVE a link; so each zone has a link of its own to start on, each site one to arrive on, and the rate at
which a link may be entered becomes, one free-flow time later, the rate at which it may be left.
(Horni, Nagel & Axhausen 2016, The Multi-Agent Transport Simulation MATSim.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish.exports.convoy import Roads, Vehicles, whole_vehicles
from clearway.publish.exports.folder import XML_HEAD, about, element, ids_csv, number, vehicles_csv

ACCESS_M = 10.0
ACCESS_VEH_PER_H = 100_000.0  # no bottleneck
LEAST_VEH_PER_S = 1e-5  # of a closed link: with 0 a vehicle on it would never move again, and the run never end


def export_matsim(plan: Plan, scenario: Scenario) -> tuple[dict[str, str], dict[str, Any]]:
    """The files of a MATSim export (name -> text) and what ``export.json`` says of them."""
    roads, vehicles = Roads(scenario), whole_vehicles(plan)
    files = {
        "network.xml": network_xml(roads),
        "population.xml": population_xml(plan, scenario, vehicles),
        "networkChangeEvents.xml": change_events_xml(roads),
        "config.xml": configuration(scenario, plan),
        "vehicles.csv": vehicles_csv(vehicles, plan, scenario),
        "ids.csv": ids_csv(scenario, plan, further_ids(scenario)),
        "README.txt": HOW_TO,
    }
    settings = {"closed_links_veh_per_s": LEAST_VEH_PER_S, "time_step_s": 1}
    return files, about("matsim", scenario, plan, vehicles, settings)


def network_xml(roads: Roads) -> str:
    scenario, network = roads.scenario, roads.scenario.network
    x, y = roads.places_m
    nodes = [element("node", id=f"n{v}", x=float(x[v]), y=float(y[v])) for v in range(network.n_nodes)]
    links = []
    for link in np.flatnonzero(roads.rate > 0).tolist():
        name = element("attribute", escaped(network.link_names[link]), name="name", class_="java.lang.String")
        links.append(
            element(
                "link", element("attributes", name) if network.link_names[link] else None, id=f"e{link}",
                from_=f"n{network.tail[link]}", to=f"n{network.head[link]}", length=float(roads.length_m[link]),
                freespeed=number(float(roads.speed_m_per_s[link]), 6), oneway="1", modes="car",
                capacity=number(float(roads.rate[link]) * 3600.0, 6), permlanes=float(roads.lanes[link]),
            )
        )  # fmt: skip
    free = {
        "length": ACCESS_M, "freespeed": "30", "capacity": ACCESS_VEH_PER_H, "permlanes": "50", "oneway": "1",
        "modes": "car",
    }  # fmt: skip
    for kind, index, node in access(scenario):
        away = f"{kind}{index}"
        nodes.append(element("node", id=away, x=float(x[node]) + ACCESS_M, y=float(y[node]) - ACCESS_M))
        ends = (away, f"n{node}") if kind == "z" else (f"n{node}", away)
        links.append(element("link", id=away, from_=ends[0], to=ends[1], **free))
    return (
        f'{XML_HEAD}<!DOCTYPE network SYSTEM "http://www.matsim.org/files/dtd/network_v2.dtd">\n'
        f'<network name="{escaped(scenario.name)}">\n<nodes>\n{lines(nodes)}</nodes>\n'
        f'<links capperiod="01:00:00" effectivecellsize="7.5" effectivelanewidth="3.75">\n{lines(links)}</links>\n'
        "</network>\n"
    )


def access(scenario: Scenario) -> Iterator[tuple[str, int, int]]:
    """(z, zone, node) and (s, site, node): the links on which people start and arrive."""
    for i, zone in enumerate(scenario.zones):
        yield "z", i, zone.node
    for i, site in enumerate(scenario.sites):
        yield "s", i, site.node


def population_xml(plan: Plan, scenario: Scenario, vehicles: Vehicles) -> str:
    routes = plan.routes
    ways = {r: " ".join(f"e{link}" for link in routes.of(r).tolist()) for r in np.unique(vehicles.route).tolist()}
    columns = zip(
        vehicles.zone.tolist(), vehicles.site.tolist(), vehicles.route.tolist(), vehicles.depart_s.tolist(), strict=True
    )
    agents = "".join(
        f'<person id="v{i}"><plan selected="yes">'
        f'<activity type="home" link="z{zone}" end_time="{hours(depart)}"/>'
        f'<leg mode="car" dep_time="{hours(depart)}"><route type="links" start_link="z{zone}" end_link="s{site}">'
        f"z{zone} {ways[route]} s{site}</route></leg>"
        f'<activity type="safe" link="s{site}"/></plan></person>\n'
        for i, (zone, site, route, depart) in enumerate(columns)
    )
    return (
        f'{XML_HEAD}<!DOCTYPE population SYSTEM "http://www.matsim.org/files/dtd/population_v6.dtd">\n'
        f'<population desc="{escaped(scenario.name)}">\n{agents}</population>\n'
    )


def change_events_xml(roads: Roads) -> str:
    """The rates at which changing links may be left, in vehicles per second."""
    time = roads.scenario.network.free_flow_time_s
    events = []
    for link in roads.changing.tolist():
        for begin, rate in roads.pieces(link):
            start = hours(begin + float(time[link]) if begin > 0 else 0.0)
            change = element("flowCapacity", type="absolute", value=f"{max(rate, LEAST_VEH_PER_S):.8f}")
            inner = element("link", refId=f"e{link}") + change
            events.append((begin, element("networkChangeEvent", inner, startTime=start)))
    body = lines([event for _, event in sorted(events, key=lambda pair: pair[0])])
    schema = "http://www.matsim.org/files/dtd http://www.matsim.org/files/dtd/networkChangeEvents.xsd"
    return (
        f'{XML_HEAD}<networkChangeEvents xmlns="http://www.matsim.org/files/dtd" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{schema}">\n'
        f"{body}</networkChangeEvents>\n"
    )


def configuration(scenario: Scenario, plan: Plan) -> str:
    end = hours(3.0 * plan.clearance_time_s + 3600.0)
    modules = {
        "network": {
            "inputNetworkFile": "network.xml", "timeVariantNetwork": "true",
            "inputChangeEventsFile": "networkChangeEvents.xml",
        },
        "plans": {"inputPlansFile": "population.xml"},
        "controller": {
            "outputDirectory": "output", "firstIteration": "0", "lastIteration": "0",
            "overwriteFiles": "deleteDirectoryIfExists",
        },
        "qsim": {
            "startTime": "00:00:00", "endTime": end, "simStarttimeInterpretation": "onlyUseStarttime",
            "flowCapacityFactor": "1.0", "storageCapacityFactor": "1.0", "stuckTime": "1000000",
            "trafficDynamics": "kinematicWaves", "snapshotperiod": "00:00:00",
        },
    }  # fmt: skip
    body = "".join(
        f'<module name="{name}">\n{lines([element("param", name=key, value=value) for key, value in values.items()])}'
        "</module>\n"
        for name, values in modules.items()
    )
    body += '<module name="scoring">\n' + lines(
        [
            element(
                "parameterset",
                element("param", name="activityType", value=kind)
                + element("param", name="typicalDuration", value="24:00:00"),
                type="activityParams",
            )
            for kind in ("home", "safe")
        ]
    )
    head = f'{XML_HEAD}<!DOCTYPE config SYSTEM "http://www.matsim.org/files/dtd/config_v2.dtd">\n'
    return f"{head}<!-- {escaped(scenario.start.isoformat())} is 00:00:00 -->\n<config>\n{body}</module>\n</config>\n"


def further_ids(scenario: Scenario) -> list[tuple[str, str, str, str]]:
    rows = [("start of zone", f"z{i}", zone.zone_id, zone.name) for i, zone in enumerate(scenario.zones)]
    return rows + [("arrival at site", f"s{i}", site.site_id, site.name) for i, site in enumerate(scenario.sites)]


def hours(seconds: float) -> str:
    """MATSim's time of day, which goes on after 24:00:00."""
    whole = round(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def lines(elements: list[str]) -> str:
    return "".join(f"  {each}\n" for each in elements)


def escaped(words: str) -> str:
    """Text within XML or an attribute in double quotes."""
    from xml.sax.saxutils import escape

    from clearway.publish.exports.folder import clean

    return escape(clean(words), {'"': "&quot;"})


HOW_TO = """\
A plan of Clearway for MATSim. In this folder:

    java -jar matsim.jar config.xml

drives it once (no iterations). Clearway's tests hold these files to MATSim's document types (network_v2, population_v6,
networkChangeEvents); they were not run in MATSim itself, whose program cannot be had from the package index.
Times are seconds from the start that export.json names; midnight is that start. One agent is one vehicle:
vehicles.csv says whose, ids.csv what each id stands for. The capacities are the roads' nominal ones.
"""
