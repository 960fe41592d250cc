"""Places and reception sites from CSV tables, put on the nearest node of a network."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from clearway.ingest.earth import Numbers, distance_m
from clearway.ingest.faults import FaultLog, show
from clearway.ingest.tables import Columns, Range, Table, read_table
from clearway.ingest.write_folder import ImportSettings, Row, one_line
from clearway.model.network import FloatArray

FARTHEST_SNAP_M = 5000.0  # a place further than this from every road lies elsewhere (issue 2, item 8)
NOTED_SNAP_M = 500.0  # distances from here on are told one by one; ours

ID_COLUMNS = ("zone_id", "place_id", "site_id")
X_COLUMNS, Y_COLUMNS = ("x_coord", "lon", "longitude"), ("y_coord", "lat", "latitude")
COORDINATES = (*X_COLUMNS, *Y_COLUMNS)
PLACE_COLUMNS = (
    "population",
    "share_present",
    "share_without_vehicle",
    "persons_per_vehicle",
    "ready_at",
    "leave_by",
    "priority",
    "source",
)
SITE_COLUMNS = ("beds", "opens_at", "closes_at", "direction", "source")
PLACE_RANGES = {
    "share_present": Range(0, 1),
    "share_without_vehicle": Range(0, 1),
    "persons_per_vehicle": Range(0, is_open=True),
    "priority": Range(0, is_open=True),
}


def plane_distance(x_1: Numbers, y_1: Numbers, x_2: Numbers, y_2: Numbers) -> FloatArray:
    """Distances on a plane, in its own unit."""
    distance: FloatArray = np.hypot(np.subtract(x_2, x_1), np.subtract(y_2, y_1))
    return distance


Distance = Callable[[Numbers, Numbers, Numbers, Numbers], FloatArray]


@dataclass(frozen=True, slots=True)
class Point:
    """
    A place or a site before it has a node.

    ``node_id`` is empty where coordinates say where it is (x, y: nan otherwise). ``cells`` are its other columns as
    written, ``row`` its line in ``file`` (None: it comes from no table).
    """

    point_id: str
    name: str
    x: float
    y: float
    node_id: str = ""
    population: int = 0
    cells: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class NodeIndex:
    """
    Nodes on which points may be put.

    Attributes
    ----------
    ids : one per node.
    x, y : float64[n]
    distance : metres between points; None: the plane's own unit, in which no limit is known.
    """

    ids: Sequence[str]
    x: FloatArray
    y: FloatArray
    distance: Distance | None = distance_m

    def nearest(self, x: float, y: float) -> tuple[str, float]:
        """The nearest node's id and its distance."""
        apart = (self.distance or plane_distance)(self.x, self.y, x, y)
        i = int(np.argmin(apart))
        return self.ids[i], float(apart[i])


def read_places(path: Path, log: FaultLog) -> list[Point]:
    """Places with people: an id or a name, coordinates or a node, a population; zone columns as in zone.csv."""
    table = read_points_table(path, ("population",), PLACE_COLUMNS[1:], log)
    if table is None:
        return []
    populations = table.numbers("population", Range(0, whole=True))
    for name, within in PLACE_RANGES.items():
        table.numbers(name, within, blank=1.0)
    for name in ("ready_at", "leave_by"):
        table.instants(name, datetime(2000, 1, 1, tzinfo=UTC))
    people = [0 if math.isnan(population) else int(population) for population in populations]
    return points_of(table, people, PLACE_COLUMNS)


def read_sites(path: Path, log: FaultLog) -> list[Point]:
    """Reception sites: an id or a name, coordinates or a node; beds (blank: unlimited) and times as in site.csv."""
    table = read_points_table(path, (), SITE_COLUMNS, log)
    if table is None:
        return []
    table.numbers("beds", Range(0), blank=math.inf)
    for name in ("opens_at", "closes_at"):
        table.instants(name, datetime(2000, 1, 1, tzinfo=UTC))
    return points_of(table, [0] * len(table), SITE_COLUMNS)


def read_points_table(path: Path, required: tuple[str, ...], more: tuple[str, ...], log: FaultLog) -> Table | None:
    """A table that says for each row who and where; None where it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        log.add(path.name, f"cannot be read: {error.strerror or error}")
        return None
    table = read_table(raw, path.name, Columns(required, (*ID_COLUMNS, "name", "node_id", *COORDINATES, *more)), log)
    if table is None:
        return None
    if not any(map(table.has, (*ID_COLUMNS, "name"))):
        log.add(path.name, "column missing, expected an id (zone_id, place_id or site_id) or a name", row=1)
    has_coordinates = any(map(table.has, X_COLUMNS)) and any(map(table.has, Y_COLUMNS))
    if not has_coordinates and not table.has("node_id"):
        log.add(path.name, "columns missing, expected x_coord and y_coord (or lon and lat), or node_id", row=1)
    return table


def first_column(table: Table, names: Sequence[str]) -> str:
    """The first of these columns that the table has; the first name of all where it has none."""
    return next(filter(table.has, names), names[0])


def points_of(table: Table, people: Sequence[int], columns: Sequence[str]) -> list[Point]:
    """The rows of a table as points; rows without an id, or with one again, are faults."""
    id_column = first_column(table, ID_COLUMNS)
    ids, names, nodes = table.texts(id_column), table.texts("name"), table.cells("node_id")
    x_column, y_column = first_column(table, X_COLUMNS), first_column(table, Y_COLUMNS)
    x = table.numbers(x_column, Range(), blank=math.nan)
    y = table.numbers(y_column, Range(), blank=math.nan)
    others = {name: table.texts(name) for name in columns if table.has(name) and name != "population"}
    seen: dict[str, int] = {}
    points = []
    for i, line in enumerate(table.lines):
        point_id = ids[i] or names[i]
        if not point_id:
            table.fault(i, id_column, "found nothing, expected an id or a name")
        elif point_id in seen:
            table.fault(
                i, id_column, f"found {show(point_id)} again (first on line {seen[point_id]}), expected it once"
            )
        seen.setdefault(point_id, line)
        if not nodes[i] and (math.isnan(x[i]) or math.isnan(y[i])):
            table.fault(i, x_column, "found no coordinates, expected x and y in numbers, or a node_id")
        cells = {name: column[i] for name, column in others.items()}
        name = names[i] or point_id
        points.append(
            Point(point_id, one_line(name), float(x[i]), float(y[i]), nodes[i], people[i], cells, table.file, line)
        )
    return points


@dataclass(frozen=True, slots=True)
class Snapped:
    """Points and the node ids they were put on, with the distance (0 where the table names the node)."""

    points: tuple[Point, ...]
    node_ids: tuple[str, ...]
    distances: tuple[float, ...]

    def notes(self, noun: str) -> list[str]:
        """What a person should know about the distances."""
        far = [
            f"{point.name} ({apart:,.0f} m)"
            for point, apart in zip(self.points, self.distances, strict=True)
            if apart >= NOTED_SNAP_M
        ]
        if not self.distances or max(self.distances) == 0:
            return []
        mean, most = math.fsum(self.distances) / len(self.distances), max(self.distances)
        notes = [f"{noun} were put on the nearest junction: {mean:,.0f} m away on average, {most:,.0f} m at most."]
        if far:
            shown = ", ".join(far[:10]) + (f" and {len(far) - 10} more" if len(far) > 10 else "")
            notes.append(f"{noun} {NOTED_SNAP_M:,.0f} m or more from their junction: {shown}.")
        return notes


def snap(points: Sequence[Point], nodes: NodeIndex, log: FaultLog) -> Snapped:
    """Put each point on its node or the nearest one; unknown nodes and distances over 5 km are faults."""
    known = set(nodes.ids)
    node_ids, distances = [], []
    for point in points:
        if point.node_id:
            if point.node_id not in known:
                message = f"found {show(point.node_id)}, expected a node of the network"
                log.add(point.file, message, point.row, "node_id")
            node_ids.append(point.node_id)
            distances.append(0.0)
            continue
        if math.isnan(point.x) or math.isnan(point.y):
            continue  # faulted when it was read
        node_id, apart = nodes.nearest(point.x, point.y)
        if nodes.distance is not None and apart > FARTHEST_SNAP_M:
            log.add(point.file, too_far(point, nodes, apart), point.row)
        node_ids.append(node_id)
        distances.append(apart)
    return Snapped(tuple(points), tuple(node_ids), tuple(distances))


def too_far(point: Point, nodes: NodeIndex, apart: float) -> str:
    """What to say of a point that is far from every node."""
    message = (
        f"{show(point.name)} at {point.x:g}, {point.y:g} is {apart / 1000:,.1f} km from the nearest road of the "
        f"network, expected at most {FARTHEST_SNAP_M / 1000:g} km"
    )
    if nodes.nearest(point.y, point.x)[1] <= FARTHEST_SNAP_M:
        message += "; with x and y swapped it would be near one: x is the longitude, y the latitude"
    return message


def zone_rows(snapped: Snapped, settings: ImportSettings) -> list[Row]:
    """Rows of zone.csv."""
    defaults = {
        "share_present": f"{settings.share_present:g}",
        "share_without_vehicle": f"{settings.share_without_vehicle:g}",
        "persons_per_vehicle": f"{settings.persons_per_vehicle:g}",
        "priority": "1",
    }
    rows: list[Row] = []
    for point, node_id in zip(snapped.points, snapped.node_ids, strict=True):
        rest = (point.cells.get(name) or defaults.get(name, "") for name in PLACE_COLUMNS[1:])
        rows.append((point.point_id, point.name, node_id, point.population, *rest))
    return rows


def site_rows(snapped: Snapped) -> list[Row]:
    """Rows of site.csv."""
    return [
        (point.point_id, point.name, node_id, *(point.cells.get(name, "") for name in SITE_COLUMNS))
        for point, node_id in zip(snapped.points, snapped.node_ids, strict=True)
    ]
