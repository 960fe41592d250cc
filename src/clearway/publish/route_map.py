"""The routes of a plan as lines on a map (GeoJSON, RFC 7946)."""

from __future__ import annotations

import json

import numpy as np

from clearway.model.network import FloatArray, Network
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish.figures import tidy

DEGREE_DIGITS = 6  # 0.1 m, as RFC 7946 section 11.2 advises


def routes_geojson(plan: Plan, scenario: Scenario) -> str:
    """
    A FeatureCollection with one LineString per route, in longitude and latitude.

    Coordinates of a network without a map background (crs ``local``) are its own, and the collection says so.
    """
    network, routes, moves = scenario.network, plan.routes, plan.movements
    n = len(routes)
    persons = np.bincount(moves.route, moves.persons, minlength=n)
    vehicles = np.bincount(moves.route, moves.vehicles, minlength=n)
    time_s = plan.route_time_s(network.free_flow_time_s)
    lengths = np.concatenate(([0.0], np.cumsum(network.length_m[routes.links])))
    length_m = lengths[routes.start[1:]] - lengths[routes.start[:-1]]
    zones, sites = places(plan, scenario)
    starts, lines = link_texts(network, np.unique(routes.links).tolist())
    start, links = routes.start.tolist(), routes.links.tolist()
    features = []
    for r, route_id in enumerate(routes.ids):
        own = links[start[r] : start[r + 1]]
        properties = {
            "route_id": route_id,
            "zone": zones.get(r, ""),
            "site": sites.get(r, ""),
            "persons": tidy(persons[r]),
            "vehicles": tidy(vehicles[r]),
            "time_s": tidy(time_s[r]),
            "length_m": tidy(length_m[r]),
        }
        line = starts[own[0]] + "".join([lines[link] for link in own]) if own else ""
        geometry = f'{{"type":"LineString","coordinates":[{line}]}}' if own else "null"
        text = json.dumps(properties, ensure_ascii=False, allow_nan=False)
        features.append(f'{{"type":"Feature","properties":{text},"geometry":{geometry}}}')
    local = '"clearway_crs":"local",' if network.is_local else ""
    return f'{{"type":"FeatureCollection",{local}"features":[\n' + ",\n".join(features) + "\n]}\n"


def places(plan: Plan, scenario: Scenario) -> tuple[dict[int, str], dict[int, str]]:
    """The zones and the sites each route serves, by id; several (at one node) are joined by semicolons."""
    moves = plan.movements
    found = []
    for index, ids in (
        (moves.zone, [zone.zone_id for zone in scenario.zones]),
        (moves.site, [site.site_id for site in scenario.sites]),
    ):
        served: dict[int, str] = {}
        for pair in np.unique(moves.route * max(len(ids), 1) + index).tolist():
            route, place = divmod(pair, len(ids))
            served[route] = f"{served[route]};{ids[place]}" if route in served else ids[place]
        found.append(served)
    return found[0], found[1]


def link_texts(network: Network, links: list[int]) -> tuple[dict[int, str], dict[int, str]]:
    """The first point of each link, and all that follow with a comma before each: routes are made by joining."""
    starts, lines = {}, {}
    for link in links:
        points = network.geometry[link]
        if points is None or len(points) < 2:
            ends = [network.tail[link], network.head[link]]
            points = np.column_stack((network.node_x[ends], network.node_y[ends]))
        texts = point_texts(points)
        starts[link] = texts[0]
        lines[link] = "," + ",".join(texts[1:])
    return starts, lines


def point_texts(points: FloatArray) -> list[str]:
    return [f"[{round(x, DEGREE_DIGITS)!r},{round(y, DEGREE_DIGITS)!r}]" for x, y in points.tolist()]
