"""Bridges, tunnels, dams and ferries of a road network, proposed as crossings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from clearway.ingest.earth import METRES_PER_DEGREE, distance_m
from clearway.ingest.osm_graph import RoadGraph
from clearway.ingest.osm_read import Settlement
from clearway.ingest.osm_tags import Road, words
from clearway.ingest.write_folder import Row, one_line

# Roads whose structures are proposed whatever their length; those of others from LONG_M on.
MAJOR_CLASSES = frozenset(
    f"{name}{link}" for name in ("motorway", "trunk", "primary", "secondary") for link in ("", "_link")
)
SHORTEST_M = 6.1  # 20 feet: shorter ones are culverts (US National Bridge Inspection Standards, 23 CFR 650.305)
LONG_M = 100.0  # 23 CFR 650 and Eurocode know no such limit: ours
NAMED_AFTER_WITHIN_M = 10_000.0  # an unnamed one is named after a settlement this near; ours
# Parts of street names that already say that they are a bridge or a tunnel, in languages of Europe and the Levant.
STRUCTURE_WORDS = words(
    "bridge brücke pont puente ponte most мост міст silta bron brug híd köprü γέφυρα جسر גשר viaduct viadukt viaduc "
    "tunnel tunel túnel tunèl galleria тунел тоннель τούνελ نفق fähre ferry lautta färja пором паром traghetto"
)
CARRIAGEWAYS_WITHIN_M = 60.0  # between the two carriageways of one bridge; ours


@dataclass(slots=True)
class Structure:
    """Links of one bridge, tunnel, dam or ferry. ``box``: west, south, east, north in degrees."""

    kind: str
    links: list[int]
    labels: set[str]
    box: tuple[float, float, float, float]
    roads: list[Road] = field(default_factory=list)

    def size_m(self) -> float:
        """Diagonal of the box."""
        west, south, east, north = self.box
        x = (east - west) * METRES_PER_DEGREE * np.cos(np.radians((south + north) / 2))
        return float(np.hypot(x, (north - south) * METRES_PER_DEGREE))


class Groups:
    """Disjoint sets of numbers (union-find)."""

    def __init__(self, n: int) -> None:
        self.parent = list(range(n))

    def find(self, i: int) -> int:
        """The number that stands for i's set."""
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, i: int, j: int) -> None:
        """Make the sets of i and j one; the smaller number stands for it."""
        a, b = sorted((self.find(i), self.find(j)))
        self.parent[b] = a

    def members(self) -> list[list[int]]:
        """The sets, each in order, by their first member."""
        sets: dict[int, list[int]] = defaultdict(list)
        for i in range(len(self.parent)):
            sets[self.find(i)].append(i)
        return list(sets.values())


def propose_crossings(graph: RoadGraph, link_ids: Sequence[Sequence[str]]) -> list[Row]:
    """
    Rows of crossing.csv: ferries; bridges, dams and tunnels of major roads, and long ones of any.

    ``link_ids`` are the rows of link.csv that each link of the graph became.
    """
    rows: list[Row] = []
    names: Counter[str] = Counter()
    for structure in structures_of(graph):
        is_major = any(road.road_class in MAJOR_CLASSES for road in structure.roads)
        smallest_m = 0.0 if structure.kind == "ferry" else SHORTEST_M if is_major else LONG_M
        if structure.size_m() < smallest_m:
            continue
        way_id = min(int(graph.extract.way_ids[graph.way[link]]) for link in structure.links)
        name = name_of(structure, way_id, graph.extract.settlements)
        names[name] += 1
        shown = name if names[name] == 1 else f"{name} ({names[name]})"
        ids = ";".join(link_id for link in structure.links for link_id in link_ids[link])
        rows.append((f"{structure.kind}-{way_id}", shown, structure.kind, ids, "OpenStreetMap, proposed by the import"))
    return rows


def structures_of(graph: RoadGraph) -> list[Structure]:
    """Links that are one structure: joined at a node with a name in common, or near each other with one in common."""
    roads = graph.extract.roads
    is_structure = np.array([bool(road.structure) for road in roads], dtype=np.bool_)
    links = np.flatnonzero(is_structure[graph.way]).tolist() if len(graph) else []
    parts = [part_of(graph, link) for link in links]
    groups = Groups(len(parts))
    at_node: dict[int, list[int]] = defaultdict(list)
    for i, part in enumerate(parts):
        for node in (int(graph.tail[links[i]]), int(graph.head[links[i]])):
            for j in at_node[node]:
                if is_same(part, parts[j]):
                    groups.join(i, j)
            at_node[node].append(i)
    connected = [merge([parts[i] for i in members]) for members in groups.members()]
    by_label: dict[tuple[str, str], list[int]] = defaultdict(list)
    groups = Groups(len(connected))
    for i, structure in enumerate(connected):
        for label in structure.labels:
            for j in by_label[structure.kind, label]:
                if are_near(structure, connected[j]):
                    groups.join(i, j)
            by_label[structure.kind, label].append(i)
    return [merge([connected[i] for i in members]) for members in groups.members()]


def part_of(graph: RoadGraph, link: int) -> Structure:
    """One link as a structure of its own."""
    road, points = graph.road(link), slice(int(graph.first[link]), int(graph.last[link]) + 1)
    lon, lat = graph.extract.lon[points], graph.extract.lat[points]
    box = (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))
    labels = {label for label in (road.structure_name, road.name, road.ref) if label}
    if road.structure == "ferry" and not labels:
        labels = {f"way {graph.extract.way_ids[graph.way[link]]}"}  # ferries that meet at a pier are not one
    return Structure(road.structure, [link], labels, box, [road])


def is_same(one: Structure, other: Structure) -> bool:
    """Whether two structures that meet are one: a label in common, or none at all."""
    shares = bool(one.labels & other.labels) or not (one.labels or other.labels)
    return one.kind == other.kind and shares


def are_near(one: Structure, other: Structure) -> bool:
    """Whether two boxes are no further apart than carriageways."""
    y = CARRIAGEWAYS_WITHIN_M / METRES_PER_DEGREE
    x = y / max(float(np.cos(np.radians(one.box[1]))), 0.01)
    apart_x = max(one.box[0], other.box[0]) - min(one.box[2], other.box[2])
    apart_y = max(one.box[1], other.box[1]) - min(one.box[3], other.box[3])
    return apart_x <= x and apart_y <= y


def merge(parts: Sequence[Structure]) -> Structure:
    """Several structures as one."""
    west, south, east, north = zip(*(part.box for part in parts), strict=True)
    return Structure(
        parts[0].kind,
        sorted(link for part in parts for link in part.links),
        {label for part in parts for label in part.labels},
        (min(west), min(south), max(east), max(north)),
        [road for part in parts for road in part.roads],
    )


def name_of(structure: Structure, way_id: int, settlements: Sequence[Settlement]) -> str:
    """The structure's own name, else the road's with its kind, else its kind and the place it is near."""
    own = Counter(road.structure_name for road in structure.roads if road.structure_name)
    if own:
        return one_line(own.most_common(1)[0][0])
    streets = Counter(road.name for road in structure.roads if road.name)
    if streets:
        name = one_line(streets.most_common(1)[0][0])
        says_so = any(word in name.lower() for word in STRUCTURE_WORDS)
        return name if says_so else f"{name}, {structure.kind}"
    refs = Counter(road.ref for road in structure.roads if road.ref)
    what = f"{one_line(refs.most_common(1)[0][0])}, {structure.kind}" if refs else structure.kind
    place = nearest_name(structure, settlements)
    return f"{what} near {place}" if place else f"{what} on way {way_id}"


def nearest_name(structure: Structure, settlements: Sequence[Settlement]) -> str:
    """The settlement nearest to a structure, empty where none is near."""
    if not settlements:
        return ""
    west, south, east, north = structure.box
    lon, lat = np.array([s.lon for s in settlements]), np.array([s.lat for s in settlements])
    apart = distance_m(lon, lat, (west + east) / 2, (south + north) / 2)
    i = int(np.argmin(apart))
    return one_line(settlements[i].name) if apart[i] <= NAMED_AFTER_WITHIN_M else ""
