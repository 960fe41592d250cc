"""OpenStreetMap files -> roads with their points, and places. One pass, tags filtered by libosmium."""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from clearway.errors import Fault, InputError
from clearway.ingest.osm_tags import Road, is_closed_barrier, read_population, read_road
from clearway.model.network import FloatArray, IntArray

# Suffixes that libosmium reads (osmcode.org/libosmium/manual.html, "File formats").
SUFFIXES = (".pbf", ".osm", ".osm.gz", ".osm.bz2", ".xml", ".o5m")
# Key:place: settlements whose population can be asked for. Hamlets and neighbourhoods seldom have one.
PLACE_KINDS = ("city", "town", "village", "hamlet", "suburb", "quarter", "neighbourhood")


@dataclass(frozen=True, slots=True)
class Settlement:
    """A place node of the extract. ``population`` is None where nobody tagged it."""

    osm_id: int
    name: str
    kind: str
    lon: float
    lat: float
    population: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Extract:
    """
    The roads of an OpenStreetMap file.

    Attributes
    ----------
    roads, way_ids : one per way.
    start : int64[n_ways + 1]
        Points of way w are ``start[w]`` to ``start[w + 1]`` (exclusive).
    ref : int64[n_points]
        OSM node ids.
    lon, lat : float64[n_points]
        Degrees; nan where the file lacks the node, or a barrier stands there that no car passes.
    state_of : the day of the data, as the file's header has it; empty: not there.
    n_other : ways with a highway or route tag that are not for cars, or not for the public.
    """

    roads: tuple[Road, ...]
    way_ids: IntArray
    start: IntArray
    ref: IntArray
    lon: FloatArray
    lat: FloatArray
    settlements: tuple[Settlement, ...]
    n_other: int
    n_missing_points: int
    state_of: str


class ExtractBuilder:
    """Takes the objects of a file one by one."""

    def __init__(self) -> None:
        self.roads: list[Road] = []
        self.way_ids = array("q")
        self.start = array("q", [0])
        self.ref, self.lon, self.lat = array("q"), array("d"), array("d")
        self.settlements: list[Settlement] = []
        self.closed: set[int] = set()
        self.n_other = 0
        self.state_of = ""

    def add_node(self, node: Any) -> None:
        """Keep a node that is a settlement or a barrier that no car passes."""
        tags = node.tags
        if tags.get("place") in PLACE_KINDS and node.location.valid():
            name = tags.get("name") or tags.get("name:en") or f"{tags['place']} {node.id}"
            population = read_population(tags.get("population", ""))
            self.settlements.append(Settlement(node.id, name, tags["place"], node.lon, node.lat, population))
        if "barrier" in tags and is_closed_barrier(dict(tags)):
            self.closed.add(node.id)

    def add_way(self, way: Any) -> None:
        """Keep a way that cars may drive, or a ferry that takes them."""
        road = read_road(dict(way.tags))
        if road is None:
            self.n_other += 1
            return
        for node in way.nodes:
            location = node.location
            is_known = location.valid()
            self.ref.append(node.ref)
            self.lon.append(location.lon if is_known else np.nan)
            self.lat.append(location.lat if is_known else np.nan)
        self.roads.append(road)
        self.way_ids.append(way.id)
        self.start.append(len(self.ref))

    @property
    def lacks_all_points(self) -> bool:
        """Whether libosmium knew none of the points, as in files whose ways come first, or knows none of their kind."""
        return bool(self.ref) and (min(self.ref) < 0 or all(map(math.isnan, self.lon)))

    def locate(self, nodes: Iterable[Any]) -> None:
        """Fill in the points that are not known, from the nodes themselves."""
        wanted: dict[int, list[int]] = defaultdict(list)
        for i, ref in enumerate(self.ref):
            if math.isnan(self.lon[i]):
                wanted[ref].append(i)
        for node in nodes:
            if node.id in wanted and node.location.valid():
                for i in wanted[node.id]:
                    self.lon[i], self.lat[i] = node.lon, node.lat

    def extract(self) -> Extract:
        """What was kept, as arrays."""
        ref = np.array(self.ref, dtype=np.int64)
        lon, lat = np.array(self.lon, dtype=np.float64), np.array(self.lat, dtype=np.float64)
        n_missing = int(np.isnan(lon).sum())
        if self.closed:
            is_closed = np.isin(ref, np.fromiter(self.closed, dtype=np.int64))
            lon[is_closed] = lat[is_closed] = np.nan
        return Extract(
            tuple(self.roads),
            np.array(self.way_ids, dtype=np.int64),
            np.array(self.start, dtype=np.int64),
            ref,
            lon,
            lat,
            tuple(self.settlements),
            self.n_other,
            n_missing,
            self.state_of,
        )


def read_extract(file: Path) -> Extract:
    """
    Read the roads and places of an ``.osm.pbf`` or ``.osm`` file.

    Raises
    ------
    InputError : no such file, not such a file, cut off or damaged, or without roads that cars may drive.
    """
    check_file(file)
    builder = ExtractBuilder()
    try:
        processor = open_relevant(file)
        builder.state_of = processor.header.get("osmosis_replication_timestamp", "")[:10]
        for thing in processor:
            if thing.is_node():
                builder.add_node(thing)
            else:
                builder.add_way(thing)
        if builder.lacks_all_points:
            builder.locate(open_nodes(file))
    except (RuntimeError, OSError, ValueError) as error:
        # libosmium raises RuntimeError for whatever it cannot parse
        message = f"cannot be read to its end ({error}): damaged, cut off, or not OpenStreetMap data"
        raise fault(file, message) from error
    if not builder.roads:
        others = f" ({builder.n_other} ways are not for cars, or not for the public)" if builder.n_other else ""
        raise fault(file, f"found no road that cars may drive{others}, expected ways tagged highway=...")
    extract = builder.extract()
    if np.isnan(extract.lon).all():
        raise fault(file, "has roads but not the nodes they run through, expected a complete extract")
    return extract


def check_file(file: Path) -> None:
    """Raise InputError for what is plainly no OpenStreetMap file."""
    if not file.exists():
        raise fault(file, "no such file")
    if not file.is_file():
        raise fault(file, "is a folder, expected an .osm.pbf or .osm file")
    if not file.name.lower().endswith(SUFFIXES):
        raise fault(file, "expected a file that ends in .osm.pbf or .osm")
    if file.stat().st_size == 0:
        raise fault(file, "is empty")


def open_relevant(file: Path) -> Any:
    """The ways that are roads or ferries, with their points, and the nodes that are places or barriers."""
    import osmium

    nodes, ways = osmium.osm.NODE, osmium.osm.WAY
    way_keys = osmium.filter.KeyFilter("highway", "route").enable_for(ways)
    node_keys = osmium.filter.KeyFilter("place", "barrier").enable_for(nodes)
    processor = osmium.FileProcessor(str(file), nodes | ways).with_locations()
    return processor.with_filter(way_keys).with_filter(node_keys)


def open_nodes(file: Path) -> Any:
    """All nodes of a file."""
    import osmium

    return osmium.FileProcessor(str(file), osmium.osm.NODE)


def fault(file: Path, message: str) -> InputError:
    """An error with one fault about a file as a whole."""
    return InputError([Fault(file.name, message)], "the OpenStreetMap file")
