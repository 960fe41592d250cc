"""node.csv, link.csv, crossing.csv: roads as they are written, and the network they make."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clearway.ingest.faults import FaultLog, show
from clearway.ingest.settings import Settings, seconds_per_length_unit
from clearway.ingest.shapes import read_lines
from clearway.ingest.tables import LARGEST, Columns, Range, Table
from clearway.model.network import Crossing, FloatArray, IntArray, Network

BoolArray = npt.NDArray[np.bool_]

NODE_COLUMNS = Columns(("node_id", "x_coord", "y_coord"), ("name", "source"))
LINK_COLUMNS = Columns(
    ("link_id", "from_node_id", "to_node_id", "length", "free_speed", "capacity"),
    ("name", "directed", "lanes", "allowed_uses", "geometry", "jam_density", "source"),
)
CROSSING_COLUMNS = Columns(("crossing_id", "link_ids"), ("name", "kind", "source"), may_be_empty=True, is_own=True)

POSITIVE = Range(0.0, is_open=True)
LONGEST_TIME_S = 366 * 86400.0  # a link that takes longer than the longest horizon is a mistake
DIRECTED = {"": True, "1": True, "0": False, "true": True, "false": False}  # GMNS: boolean; its default here: one-way


@dataclass(slots=True)
class Nodes:
    """Rows of node.csv. ``index``: node_id -> row, None where the table could not be read."""

    ids: list[str]
    names: list[str]
    x: FloatArray
    y: FloatArray
    index: dict[str, int] | None


@dataclass(slots=True)
class Links:
    """
    Rows of link.csv, SI units, and where each stands in the network: a row's forward link is ``forward[row]``, the
    other direction of a two-way road the link after it.
    """

    ids: list[str]
    names: list[str]
    tail: IntArray
    head: IntArray
    is_two_way: BoolArray
    length_m: FloatArray
    free_flow_time_s: FloatArray
    speed_m_per_s: FloatArray
    lanes: FloatArray
    capacity_veh_per_s: FloatArray
    jam_density_veh_per_m: FloatArray
    allowed_uses: list[str]
    geometry: list[FloatArray | None]
    sources: list[str]
    lines: list[int]
    index: dict[str, int] | None
    forward: IntArray

    def resolve(self, link_id: str) -> tuple[int, ...]:
        """
        Network links that an id stands for: both directions of a two-way road, one with + or - in front.

        ValueError says what was found and expected.
        """
        if self.index is None:
            return ()
        row = self.index.get(link_id)
        if row is not None:
            first = int(self.forward[row])
            return (first, first + 1) if self.is_two_way[row] else (first,)
        row = self.index.get(link_id[1:]) if link_id[:1] in {"+", "-"} else None
        if row is None:
            raise ValueError(f"found link {show(link_id)}, expected an id that link.csv has")
        if link_id[0] == "-" and not self.is_two_way[row]:
            raise ValueError(f"found link {show(link_id)}, but {show(link_id[1:])} is one-way: expected it without -")
        return (int(self.forward[row]) + (link_id[0] == "-"),)


def read_nodes(table: Table | None, settings: Settings) -> Nodes:
    """Rows of node.csv; empty where there is no table."""
    if table is None:
        return Nodes([], [], np.zeros(0), np.zeros(0), None)
    degrees = "" if settings.is_local else ' degrees (or crs = "local" in scenario.toml)'
    x = table.numbers("x_coord", Range() if settings.is_local else Range(-180.0, 180.0), hint=degrees)
    y = table.numbers("y_coord", Range() if settings.is_local else Range(-90.0, 90.0), hint=degrees)
    index = table.identifiers("node_id")
    return Nodes(table.cells("node_id"), table.texts("name"), x, y, index or None)


def read_links(table: Table | None, nodes: Nodes, settings: Settings) -> Links:
    """Rows of link.csv; empty where there is no table."""
    if table is None:
        table = Table("link.csv", FaultLog(), [], {}, frozenset(LINK_COLUMNS.required))
    index = table.identifiers("link_id")
    is_two_way = ~read_directed(table)
    fault_colliding_ids(table, index, is_two_way)
    length = table.numbers("length", POSITIVE)
    speed = table.numbers("free_speed", POSITIVE)
    lanes = table.numbers("lanes", POSITIVE, blank=1.0)
    capacity = table.numbers("capacity", Range(0.0))
    with np.errstate(over="ignore"):
        # micro-second precision: 6 km at 60 km/h is 360 s, not a rounding error beside it
        time_s = np.round(length * seconds_per_length_unit(settings) / speed, 6)
    for row in np.flatnonzero((time_s <= 0) | (time_s > LONGEST_TIME_S)).tolist():
        found = f"length {length[row]:g} at free speed {speed[row]:g} takes {time_s[row]:g} s"
        table.fault(row, "length", f"{found}, expected more than 0 s and at most {LONGEST_TIME_S:g} s")
    jam_density = lanes * read_jam_density(table, capacity, speed, settings)
    tail = table.references("from_node_id", nodes.index, "node.csv")
    head = table.references("to_node_id", nodes.index, "node.csv")
    return Links(
        ids=table.cells("link_id"),
        names=table.texts("name"),
        tail=tail,
        head=head,
        is_two_way=is_two_way,
        length_m=length * float(settings.metres_per_unit),
        free_flow_time_s=time_s,
        speed_m_per_s=speed * float(settings.m_per_s_per_unit),
        lanes=lanes,
        capacity_veh_per_s=lanes * capacity / 3600.0,
        jam_density_veh_per_m=jam_density,
        allowed_uses=table.texts("allowed_uses"),
        geometry=read_geometry(table, nodes, (tail, head), settings),
        sources=table.texts("source"),
        lines=list(table.lines),
        index=index or None,
        forward=np.arange(len(table)) + np.cumsum(is_two_way) - is_two_way,
    )


def read_jam_density(table: Table, capacity: FloatArray, speed: FloatArray, settings: Settings) -> FloatArray:
    """float64[n]: vehicles per metre and lane; nan where the cell is blank, or too low for the capacity (a warning)."""
    density = table.numbers("jam_density", POSITIVE, blank=math.nan) / float(settings.metres_per_unit)
    with np.errstate(invalid="ignore", divide="ignore"):
        flowing = capacity / 3600.0 / (speed * float(settings.m_per_s_per_unit))
    wrong = density <= flowing
    density[wrong] = math.nan
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        least = flowing[first] * float(settings.metres_per_unit)
        found = f"jam_density of {int(wrong.sum()):,} links is not above capacity / free_speed ({least:.4g} on line"
        table.log.warn(f"{table.file}: {found} {table.lines[first]}); the simulator's default is used")
    return density


def read_directed(table: Table) -> BoolArray:
    """bool[n]: whether each row is one-way."""
    cells = table.cells("directed")
    words = {cell: DIRECTED.get(cell.lower()) for cell in set(cells)}
    if None in words.values():
        for row, cell in enumerate(cells):
            if words[cell] is None:
                table.fault(row, "directed", f"found {show(cell)}, expected 1 or true (one-way), 0 or false (two-way)")
    return np.array([words[cell] is not False for cell in cells], dtype=np.bool_)


def fault_colliding_ids(table: Table, index: dict[str, int], is_two_way: BoolArray) -> None:
    """Note ids that the other direction of a two-way road takes."""
    for link_id, row in index.items():
        if link_id[:1] == "-" and link_id[1:] in index and is_two_way[index[link_id[1:]]]:
            message = f"found {show(link_id)}, the id of the other direction of two-way link {show(link_id[1:])}"
            table.fault(row, "link_id", f"{message}; expected another id")


def read_geometry(
    table: Table, nodes: Nodes, ends: tuple[IntArray, IntArray], settings: Settings
) -> list[FloatArray | None]:
    """Points of each link from tail to head (lines drawn the other way are turned round), None for a straight line."""
    cells = table.cells("geometry")
    lines: list[FloatArray | None] = [None] * len(cells)
    rows = [row for row, cell in enumerate(cells) if cell]
    if not rows:
        return lines
    for row, points in zip(rows, read_lines([cells[row] for row in rows]), strict=True):
        if points is None:
            expected = "expected a WKT LINESTRING or a GeoJSON LineString of two or more points"
            table.fault(row, "geometry", f"found {show(cells[row])}, {expected}")
        else:
            lines[row] = points
    limits = (LARGEST, LARGEST) if settings.is_local else (180.0, 90.0)
    for row in beyond(lines, limits):
        wanted = "planar coordinates" if settings.is_local else "longitude and latitude in degrees"
        table.fault(row, "geometry", f"found points beyond {limits[0]:g} or {limits[1]:g}, expected {wanted}")
        lines[row] = None
    turned = drawn_backwards(lines, nodes, ends)
    for row, points in turned.items():
        lines[row] = points
    if turned:
        first, message = min(turned), "geometry drawn from to_node to from_node, turned round"
        table.log.warn(f"{table.file}: {message}: {len(turned):,} (first on line {table.lines[first]})")
    return lines


def beyond(lines: Sequence[FloatArray | None], limits: tuple[float, float]) -> list[int]:
    """Rows of lines with points whose x or y is larger than the limits either way."""
    drawn = [(row, line) for row, line in enumerate(lines) if line is not None]
    if not drawn:
        return []
    is_beyond = (np.abs(np.concatenate([line for _, line in drawn])) > limits).any(axis=1)
    owner = np.repeat([row for row, _ in drawn], [len(line) for _, line in drawn])
    return [int(row) for row in np.unique(owner[is_beyond])]


def drawn_backwards(
    lines: Sequence[FloatArray | None], nodes: Nodes, ends: tuple[IntArray, IntArray]
) -> dict[int, FloatArray]:
    """Row -> the line turned round, where a line's ends lie nearer to the opposite nodes."""
    known = (ends[0] >= 0) & (ends[1] >= 0)
    drawn = [(row, line) for row, line in enumerate(lines) if line is not None and known[row]]
    if not drawn:
        return {}
    rows = [row for row, _ in drawn]
    first = np.array([line[0] for _, line in drawn])
    last = np.array([line[-1] for _, line in drawn])
    xy = np.stack((nodes.x, nodes.y), axis=1)
    tail, head = xy[ends[0][rows]], xy[ends[1][rows]]
    as_is = np.abs(first - tail).sum(axis=1) + np.abs(last - head).sum(axis=1)
    turned = np.abs(first - head).sum(axis=1) + np.abs(last - tail).sum(axis=1)
    return {drawn[i][0]: drawn[i][1][::-1] for i in np.flatnonzero(turned < as_is).tolist()}


def build_network(nodes: Nodes, links: Links, crs: str) -> Network:
    """The network of faultless rows: each two-way road twice, the other direction right after the first."""
    row_of = np.repeat(np.arange(len(links.ids)), 1 + links.is_two_way)
    is_other = np.zeros(len(row_of), dtype=np.bool_)
    other = links.forward[links.is_two_way] + 1
    is_other[other] = True
    reverse = np.full(len(row_of), -1, dtype=np.int64)
    reverse[other], reverse[other - 1] = other - 1, other
    rows, flags = row_of.tolist(), is_other.tolist()
    geometry: list[FloatArray | None] = [links.geometry[row] for row in rows]
    for link in other.tolist():
        points = geometry[link]
        if points is not None:
            geometry[link] = points[::-1]
    return Network(
        node_ids=tuple(nodes.ids),
        node_names=tuple(nodes.names),
        node_x=nodes.x,
        node_y=nodes.y,
        link_ids=tuple(
            [f"-{links.ids[row]}" if flag else links.ids[row] for row, flag in zip(rows, flags, strict=True)]
        ),
        link_names=tuple([links.names[row] for row in rows]),
        tail=np.where(is_other, links.head[row_of], links.tail[row_of]),
        head=np.where(is_other, links.tail[row_of], links.head[row_of]),
        length_m=links.length_m[row_of],
        free_flow_time_s=links.free_flow_time_s[row_of],
        lanes=links.lanes[row_of],
        capacity_veh_per_s=links.capacity_veh_per_s[row_of],
        jam_density_veh_per_m=links.jam_density_veh_per_m[row_of],
        allowed_uses=tuple([links.allowed_uses[row] for row in rows]),
        reverse=reverse,
        geometry=tuple(geometry),
        crs=crs,
    )


def read_crossings(table: Table | None, links: Links) -> list[Crossing]:
    """Crossings of crossing.csv, with the links of both directions of each road named."""
    if table is None:
        return []
    table.identifiers("crossing_id")
    crossings = []
    columns = [table.cells("crossing_id"), table.cells("link_ids")]
    columns += [table.texts(name) for name in ("name", "kind", "source")]
    for row, (crossing_id, cell, name, kind, source) in enumerate(zip(*columns, strict=True)):
        found: dict[int, None] = {}
        named = [cell] if links.index and cell in links.index else re.findall(r"[^;|,\s]+", cell)
        if not named and "link_ids" not in table.missing:
            table.fault(row, "link_ids", "found nothing, expected ids of links separated by ;")
        for link_id in named:
            try:
                found.update(dict.fromkeys(links.resolve(link_id)))
            except ValueError as error:
                table.fault(row, "link_ids", str(error))
        crossings.append(Crossing(crossing_id, name or crossing_id, kind, tuple(found), source))
    return crossings
