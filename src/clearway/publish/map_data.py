"""Roads, places and flows as compact numbers for the report's map."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from clearway.model.network import FloatArray, IntArray, Network
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability, entry_pieces
from clearway.publish.evidence import contested_spans
from clearway.publish.facts import Facts
from clearway.publish.limits import open_span

GRID = 65_535  # coordinates are whole numbers up to this on the longer side: 1.5 m in 100 km
EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
MOST_POINTS = 250_000  # of all roads together; geometry is simplified until it fits
MOST_NAMED_LINKS = 5_000  # in larger networks roads without a name stay without one
MOST_LIMIT_PARTS = 4_000


def encode(array: npt.NDArray[Any], dtype: str) -> str:
    """An array as base64 of little-endian numbers."""
    return base64.b64encode(np.ascontiguousarray(array, dtype=np.dtype(dtype).newbyteorder("<")).tobytes()).decode()


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """Node coordinates to the page's grid, y downwards: Web Mercator, or plain where coordinates are planar."""

    west: float
    north: float
    scale: float
    is_local: bool
    unit_m: float  # metres of one grid unit at the middle of the map; 0 where unknown

    def grid(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """float64[n, 2]: whole grid coordinates."""
        px, py = plane(x, y, self.is_local)
        points: FloatArray = np.column_stack(((px - self.west) * self.scale, (self.north - py) * self.scale))
        return points.round()


def plane(x: FloatArray, y: FloatArray, is_local: bool) -> tuple[FloatArray, FloatArray]:
    """Web Mercator in radians, or the coordinates themselves."""
    if is_local:
        return x, y
    latitude = np.radians(np.clip(y, -85.0, 85.0))
    return np.radians(x), np.log(np.tan(np.pi / 4 + latitude / 2))


def projection(network: Network) -> Projection:
    """A projection that takes in all nodes and all geometry."""
    xy = [g for g in network.geometry if g is not None and len(g)]
    x = np.concatenate([network.node_x, *[g[:, 0] for g in xy]])
    y = np.concatenate([network.node_y, *[g[:, 1] for g in xy]])
    px, py = plane(x, y, network.is_local)
    size = max(float(np.ptp(px)), float(np.ptp(py)), 1e-9)
    middle = np.radians(float(np.mean(y)))
    unit_m = 0.0 if network.is_local else float(size / GRID * EARTH_RADIUS_M * np.cos(middle))
    return Projection(float(px.min()), float(py.max()), GRID / size, network.is_local, unit_m)


@dataclass(frozen=True, slots=True, eq=False)
class Roads:
    """
    Links as roads to draw, both directions of a road being one.

    ``forward`` is the link drawn, ``back`` its other direction or -1 (int64[n_roads]); ``of_link`` is int64[n_links].
    """

    forward: IntArray
    back: IntArray
    of_link: IntArray


def opposite_links(network: Network) -> IntArray:
    """int64[n_links]: the other direction of each link: as the network says, else a straight link the other way."""
    other = network.reverse.copy()
    key = network.tail * network.n_nodes + network.head
    free = np.flatnonzero(other < 0)
    free = free[[network.geometry[i] is None for i in free.tolist()]] if len(free) else free
    if len(free):
        order = free[np.argsort(key[free], kind="stable")]
        wanted = network.head[free] * network.n_nodes + network.tail[free]
        at = np.minimum(np.searchsorted(key[order], wanted), len(order) - 1)
        match = np.where(key[order[at]] == wanted, order[at], -1)
        other[free] = match
        mutual = (match >= 0) & (other[np.maximum(match, 0)] == free)
        other[free[~mutual]] = -1
    return other


def roads_of(network: Network) -> Roads:
    """Every link in exactly one road."""
    other = opposite_links(network)
    index = np.arange(network.n_links)
    drawn = (other < 0) | (index < other)
    of_link = np.cumsum(drawn) - 1
    of_link[~drawn] = of_link[other[~drawn]]
    return Roads(index[drawn], other[drawn], of_link)


def road_points(network: Network, roads: Roads, place: Projection) -> tuple[FloatArray, IntArray]:
    """Grid points of all roads one after another (float64[n, 2]) and where each begins (int64[n_roads + 1])."""
    ends = np.stack((network.tail[roads.forward], network.head[roads.forward]), axis=1)
    nodes = place.grid(network.node_x, network.node_y)
    shaped = [i for i, link in enumerate(roads.forward.tolist()) if network.geometry[link] is not None]
    if not shaped:
        return nodes[ends.ravel()], np.arange(0, 2 * len(ends) + 1, 2)
    lines = dict(zip(shaped, simplified(network, roads, place, shaped), strict=True))
    pieces = [lines.get(i, nodes[pair]) for i, pair in enumerate(ends)]
    start = np.concatenate(([0], np.cumsum([len(piece) for piece in pieces])))
    return np.concatenate(pieces), start.astype(np.int64)


def simplified(network: Network, roads: Roads, place: Projection, shaped: list[int]) -> list[FloatArray]:
    """The geometry of roads in grid units, simplified (Douglas & Peucker 1973) until it is small enough."""
    import shapely

    shapes = [network.geometry[int(roads.forward[i])] for i in shaped]
    arrays = [shape for shape in shapes if shape is not None]
    owner = np.repeat(np.arange(len(arrays)), [len(a) for a in arrays])
    together = np.concatenate(arrays)
    lines = shapely.linestrings(place.grid(together[:, 0], together[:, 1]), indices=owner)
    tolerance = 6.0
    while True:
        thinned = shapely.simplify(lines, tolerance, preserve_topology=False)
        points, owner = shapely.get_coordinates(thinned, return_index=True)
        if len(points) <= MOST_POINTS or tolerance > 2_000:
            return np.split(points, np.searchsorted(owner, np.arange(1, len(arrays))))
        tolerance *= 2


def road_names(facts: Facts, roads: Roads) -> tuple[list[str], IntArray]:
    """Distinct names, and the index of each road's."""
    network = facts.scenario.network
    small = network.n_links <= MOST_NAMED_LINKS
    crossing = facts.places.crossing_of_link
    index: dict[str, int] = {}
    of_road = np.zeros(len(roads.forward), dtype=np.int64)
    for i, link in enumerate(roads.forward.tolist()):
        if crossing[link] >= 0:
            name = facts.scenario.crossings[crossing[link]].name
        elif small or network.link_names[link]:
            name = facts.places.road(link)
        else:
            name = f"link {network.link_ids[link]}"
        of_road[i] = index.setdefault(name, len(index))
    return list(index), of_road


def map_data(facts: Facts) -> dict[str, Any]:
    """Everything the map draws; see ``report_map.js``."""
    network = facts.scenario.network
    place, roads = projection(network), roads_of(network)
    points, start = road_points(network, roads, place)
    rate = facts.scenario.usable_rate() * 3600.0
    back = np.where(roads.back >= 0, rate[np.maximum(roads.back, 0)], 0.0)
    names, name_of_road = road_names(facts, roads)
    nodes = place.grid(network.node_x, network.node_y)
    return {
        "unit_m": place.unit_m,
        "points": encode(points, "u2"),
        "start": encode(start, "u4"),
        "capacity": encode(rate[roads.forward], "f4"),
        "capacity_back": encode(back, "f4"),
        "names": names,
        "name": encode(name_of_road, "u4"),
        "flow": flow_data(facts, roads),
        "closures": closure_data(facts.scenario, roads),
        "limits": limit_data(facts, roads),
        "crossings": crossing_data(facts, roads, points, start),
        "zones": [
            {"name": zone.name, "x": int(nodes[zone.node, 0]), "y": int(nodes[zone.node, 1]), "people": zone.present}
            for zone in facts.scenario.zones
        ],
        "sites": site_data(facts, nodes),
        "left": encode(scaled(facts.departed, np.array([zone.present for zone in facts.scenario.zones])), "u1"),
        "filled": encode(scaled(facts.arrived, site_scale(facts)), "u1"),
    }


def scaled(amounts: FloatArray, whole: npt.NDArray[Any]) -> FloatArray:
    """Amounts as shares of 255."""
    shares: FloatArray = np.clip(amounts / np.maximum(whole, 1e-9)[:, None], 0.0, 1.0)
    return (255.0 * shares).round()


def site_scale(facts: Facts) -> FloatArray:
    """float64[n_sites]: beds, or what arrives in all where beds are without limit or not known."""
    beds = np.array([site.beds for site in facts.scenario.sites])
    return np.where(np.isfinite(beds), beds, facts.arrived[:, -1]) if len(beds) else np.zeros(0)


def flow_on_road(facts: Facts) -> FloatArray:
    """
    float64[n, n_steps]: vehicles an hour that those now on each link make up.

    That is the mean rate at which vehicles entered within the last travel time (at least one step), so that a long road
    shows its vehicles as long as they are on it. It never exceeds the largest rate of entry.
    """
    amounts, grid = facts.flow_vehicles, facts.grid
    up_to = np.concatenate((np.zeros((len(amounts), 1)), np.cumsum(amounts, axis=1)), axis=1)
    steps = np.maximum(facts.scenario.network.free_flow_time_s[facts.flow_links] / grid.step_s, 1.0)[:, None]
    since = np.maximum(np.arange(1, grid.n_steps + 1) - steps, 0.0)
    whole = since.astype(np.int64)
    before = np.take_along_axis(up_to, whole, axis=1)
    before += (since - whole) * np.take_along_axis(amounts, np.minimum(whole, grid.n_steps - 1), axis=1)
    flow: FloatArray = np.maximum(up_to[:, 1:] - before, 0.0) / (steps * grid.step_s) * 3600.0
    return flow


def flow_data(facts: Facts, roads: Roads) -> dict[str, str]:
    """Vehicles an hour on each link that carries any: its peak, and each step's share of it in 255 parts."""
    flow = flow_on_road(facts)
    peak = flow.max(axis=1, initial=0.0)
    parts = np.ceil(255.0 * flow / np.maximum(peak, 1e-9)[:, None] - 0.5)
    parts[(parts == 0) & (flow > 1e-3 * peak[:, None])] = 1
    road = roads.of_link[facts.flow_links]
    return {
        "road": encode(road, "u4"),
        "is_back": encode(roads.forward[road] != facts.flow_links, "u1"),
        "peak": encode(peak, "f4"),
        "values": encode(parts, "u1"),
    }


def closure_data(scenario: Scenario, roads: Roads) -> list[Any]:
    """
    [road, is_back, [[from_s, factor], ...], [[from_s, until_s or null], ...]] of each link that is spoken of.

    The first list is its capacity over time, the second is when it is contested.
    """
    by_link: dict[int, list[Availability]] = {}
    for statement in scenario.availabilities:
        for link in statement.links:
            by_link.setdefault(link, []).append(statement)
    contested = contested_spans(scenario)
    return [
        [
            int(roads.of_link[link]),
            int(roads.forward[roads.of_link[link]] != link),
            entry_pieces(1.0, 0.0, by_link.get(link, [])),
            [[a, b if np.isfinite(b) else None] for a, b in contested.get(link, [])],
        ]
        for link in sorted({*by_link, *contested})
    ]


def limit_data(facts: Facts, roads: Roads) -> list[Any]:
    """[road, from_s, until_s, share] of the cut's largest parts."""
    cut = facts.cut
    value = cut.value or 1.0
    largest = np.argsort(-cut.vehicles, kind="stable")[:MOST_LIMIT_PARTS]
    rows = []
    for i in largest.tolist():
        link = int(cut.link[i])
        begin, end = open_span(facts.profile, link, float(cut.from_s[i]), float(cut.until_s[i]))
        rows.append(
            [int(roads.of_link[link]), round(begin, 1), round(end, 1), round(float(cut.vehicles[i]) / value, 6)]
        )
    return rows


def crossing_data(facts: Facts, roads: Roads, points: FloatArray, start: IntArray) -> list[dict[str, Any]]:
    """Names of crossings at the middle of their first road."""
    found = []
    for crossing in facts.scenario.crossings:
        if crossing.links:
            road = int(roads.of_link[crossing.links[0]])
            middle = points[start[road] : start[road + 1]].mean(axis=0)
            found.append({"name": crossing.name, "x": int(middle[0]), "y": int(middle[1])})
    return found


def site_data(facts: Facts, nodes: FloatArray) -> list[dict[str, Any]]:
    """Sites with their beds (null: without limit)."""
    return [
        {
            "name": site.name,
            "x": int(nodes[site.node, 0]),
            "y": int(nodes[site.node, 1]),
            "beds": site.beds if np.isfinite(site.beds) else None,
            "arrivals": round(float(facts.arrived[i, -1]), 1) if facts.arrived.size else 0,
        }
        for i, site in enumerate(facts.scenario.sites)
    ]
