"""
A plan as GMNS tables (General Modeling Network Specification 0.96, Zephyr Foundation), with its routes and trips.

GMNS has no tables for trips and routes, and its times of day repeat every week: ``trip.csv``, ``route.csv``,
``route_link.csv`` and ``capacity_change.csv`` are further tables; ``link_tod.csv`` says what can be said of a week.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from clearway.model.network import FloatArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish.exports.convoy import Roads, whole_vehicles
from clearway.publish.exports.folder import about, number, table, vehicles_csv

VERSION = "0.96"
WEEK_S = 7 * 86_400.0
KM = 1000.0


def export_gmns(plan: Plan, scenario: Scenario) -> tuple[dict[str, str], dict[str, Any]]:
    """The files of a GMNS export (name -> text) and what ``export.json`` says of them."""
    roads, vehicles = Roads(scenario), whole_vehicles(plan)
    files = {
        "config.csv": config_csv(scenario),
        "node.csv": node_csv(scenario),
        "link.csv": link_csv(roads),
        "zone.csv": zone_csv(scenario),
        "use_definition.csv": table(("use", "persons_per_vehicle", "pce"), [("auto", "", "1")]),
        "link_tod.csv": link_tod_csv(roads),
        "capacity_change.csv": capacity_change_csv(roads),
        "route.csv": route_csv(plan, scenario),
        "route_link.csv": route_link_csv(plan, scenario),
        "trip.csv": trip_csv(plan, scenario),
        "vehicles.csv": vehicles_csv(vehicles, plan, scenario),
        "README.txt": HOW_TO,
    }
    return files, about("gmns", scenario, plan, vehicles, {"gmns_version": VERSION})


def config_csv(scenario: Scenario) -> str:
    columns = (
        "dataset_name", "short_length", "long_length", "speed", "crs", "geometry_field_format", "version_number",
        "id_type",
    )  # fmt: skip
    row = (scenario.name, "m", "km", "km/h", scenario.network.crs, "WKT", VERSION, "string")
    return table(columns, [row])


def node_csv(scenario: Scenario) -> str:
    network = scenario.network
    zone_of = {zone.node: zone.zone_id for zone in reversed(scenario.zones)}
    kinds = {**{zone.node: "zone" for zone in scenario.zones}, **{site.node: "site" for site in scenario.sites}}
    rows = (
        (
            v,
            network.node_names[i],
            f"{network.node_x[i]:.10g}",
            f"{network.node_y[i]:.10g}",
            kinds.get(i, ""),
            zone_of.get(i, ""),
        )
        for i, v in enumerate(network.node_ids)
    )
    return table(("node_id", "name", "x_coord", "y_coord", "node_type", "zone_id"), rows)


def link_csv(roads: Roads) -> str:
    network = roads.scenario.network
    rows = (
        (
            link_id, network.link_names[i], network.node_ids[network.tail[i]], network.node_ids[network.head[i]],
            "true", wkt(network.geometry[i]), number(float(roads.length_m[i]) / KM, 6),
            number(float(roads.rate[i]) * 3600.0 / int(roads.lanes[i]), 6),
            number(float(roads.speed_m_per_s[i]) * 3.6, 6), int(roads.lanes[i]),
            "auto" if roads.rate[i] > 0 else "",
        )
        for i, link_id in enumerate(network.link_ids)
    )  # fmt: skip
    columns = (
        "link_id", "name", "from_node_id", "to_node_id", "directed", "geometry", "length", "capacity", "free_speed",
        "lanes", "allowed_uses",
    )  # fmt: skip
    return table(columns, rows)


def wkt(points: FloatArray | None) -> str:
    if points is None:
        return ""
    return "LINESTRING (" + ", ".join(f"{x:.10g} {y:.10g}" for x, y in points.tolist()) + ")"


def zone_csv(scenario: Scenario) -> str:
    return table(("zone_id", "name"), [(zone.zone_id, zone.name) for zone in scenario.zones])


def spans(roads: Roads) -> list[tuple[int, float, float, float]]:
    """(link, from_s, until_s, vehicles an hour and lane) of every piece of every link that changes."""
    end = roads.scenario.horizon_s
    found = []
    for link in roads.changing.tolist():
        pieces = roads.pieces(link)
        untils = [begin for begin, _ in pieces[1:]] + [end]
        for (begin, rate), until in zip(pieces, untils, strict=True):
            if begin < min(until, end):
                found.append((link, begin, min(until, end), rate * 3600.0 / int(roads.lanes[link])))
    return found


def capacity_change_csv(roads: Roads) -> str:
    """What may enter a link from when until when, exactly."""
    network, clock = roads.scenario.network, roads.scenario.clock
    rows = (
        (network.link_ids[link], begin, until, clock(begin).isoformat(), clock(until).isoformat(), number(capacity, 6))
        for link, begin, until, capacity in spans(roads)
    )
    return table(("link_id", "from_s", "until_s", "from", "until", "capacity"), rows)


def link_tod_csv(roads: Roads) -> str:
    """The same by day of the week, to the minute; empty where the scenario is longer than a week."""
    scenario = roads.scenario
    rows: list[tuple[str, str, str, str]] = []
    if scenario.horizon_s <= WEEK_S:
        for link, begin, until, capacity in spans(roads):
            for day, first, last in days(scenario.clock(begin), scenario.clock(until)):
                bits = "".join("1" if k == day else "0" for k in range(8))
                row = (scenario.network.link_ids[link], f"{bits}_{first}_{last}", number(capacity, 6))
                rows.append((f"t{len(rows)}", *row))
    return table(("link_tod_id", "link_id", "time_day", "capacity"), rows)


def days(begin: datetime, until: datetime) -> list[tuple[int, str, str]]:
    """(day of the week from Sunday, HHMM, HHMM) of the parts of a time on each day; none for less than a minute."""
    parts = []
    while begin < until:
        midnight = (begin + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        end = min(until, midnight)
        last = "2400" if end == midnight else f"{end:%H%M}"
        if last != f"{begin:%H%M}":
            parts.append(((begin.weekday() + 1) % 7, f"{begin:%H%M}", last))
        begin = end
    return parts


def route_csv(plan: Plan, scenario: Scenario) -> str:
    """Ends, length and free-flow time of each route."""
    network, routes = scenario.network, plan.routes
    times = plan.route_time_s(network.free_flow_time_s)
    rows = (
        (
            route_id, network.node_ids[network.tail[links[0]]], network.node_ids[network.head[links[-1]]],
            number(float(network.length_m[links].sum()) / KM, 6), float(times[r]),
        )
        for r, route_id in enumerate(routes.ids)
        if len(links := routes.of(r))
    )  # fmt: skip
    return table(("route_id", "from_node_id", "to_node_id", "length", "free_flow_time_s"), rows)


def route_link_csv(plan: Plan, scenario: Scenario) -> str:
    rows = (
        (route_id, k, scenario.network.link_ids[link])
        for r, route_id in enumerate(plan.routes.ids)
        for k, link in enumerate(plan.routes.of(r).tolist(), start=1)
    )
    return table(("route_id", "sequence", "link_id"), rows)


def trip_csv(plan: Plan, scenario: Scenario) -> str:
    """The movements: an even flow of vehicles from a zone to a site by a route, in a window."""
    moves, zones, sites = plan.movements, scenario.zones, scenario.sites
    rows = (
        (
            moves.ids[i], zones[z].zone_id, sites[s].site_id, plan.routes.ids[r], moves.mode[i], float(a), float(b),
            scenario.clock(float(a)).isoformat(), number(float(v), 9), number(float(p), 9),
        )
        for i, (z, s, r, a, b, v, p) in enumerate(
            zip(
                moves.zone.tolist(), moves.site.tolist(), moves.route.tolist(), moves.depart_from_s.tolist(),
                moves.depart_until_s.tolist(), moves.vehicles.tolist(), moves.persons.tolist(), strict=True,
            )
        )
    )  # fmt: skip
    columns = (
        "trip_id", "zone_id", "site_id", "route_id", "use", "depart_from_s", "depart_until_s", "depart_from",
        "vehicles", "persons",
    )  # fmt: skip
    return table(columns, rows)


HOW_TO = """\
A plan of Clearway as GMNS tables (version 0.96): config, node, link, zone, use_definition, link_tod.
Beyond GMNS, which has no such tables: trip.csv (the plan's movements), route.csv and route_link.csv,
capacity_change.csv (what may enter a link, from when until when; link_tod.csv says it by day of the week) and
vehicles.csv (the same people as whole vehicles with their second of departure). Ids are those of the scenario.
Capacities are the roads' nominal ones, in vehicles an hour and lane; a link with more than 2,200 got as many lanes as
it needs.
"""
