"""GMNS folder -> scenario folder (General Modeling Network Specification 0.96, github.com/zephyr-data-specs/GMNS)."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from clearway.errors import UsageError
from clearway.ingest.earth import distance_m
from clearway.ingest.faults import FaultLog, show
from clearway.ingest.points import Distance, NodeIndex, Point, read_places, read_sites, site_rows, snap, zone_rows
from clearway.ingest.road_classes import CLASS_SOURCE, ROAD_CLASSES, road_class_of
from clearway.ingest.settings import LENGTH_UNITS_M, SPEED_UNITS_M_PER_S
from clearway.ingest.tables import Columns, Range, Table, read_table
from clearway.ingest.write_folder import (
    ImportReport,
    ImportSettings,
    Row,
    ScenarioTables,
    check_target,
    write_scenario_folder,
)
from clearway.model.scenario import allows_cars

NODES = Columns(("node_id", "x_coord", "y_coord"), ("name",))
LINKS = Columns(
    ("link_id", "from_node_id", "to_node_id"),
    (
        "name",
        "directed",
        "geometry_id",
        "geometry",
        "dir_flag",
        "length",
        "facility_type",
        "link_type_name",
        "capacity",
        "free_speed",
        "lanes",
        "allowed_uses",
    ),
)
GEOMETRIES = Columns(("geometry_id", "geometry"), ())
CONFIG = Columns((), ("dataset_name", "long_length", "speed", "crs"))
DIRECTED = {"1": True, "0": False, "true": True, "false": False, "yes": True, "no": False}
DEGREES = frozenset(("epsg:4326", "4326", "wgs84", "wgs 84", "ogc:crs84", "crs84"))
DEFAULT_CLASS = "unclassified"  # of links whose facility_type says nothing: among the slowest; an assumption
NOT_STATED = frozenset(("", "nan"))  # GMNS: missingValues of every table


@dataclass(frozen=True, slots=True)
class GmnsUnits:
    """Units by name, as in `clearway.ingest.settings`, and EPSG:4326 or local as ``crs``; empty: config.csv's."""

    length_unit: str = ""
    speed_unit: str = ""
    crs: str = ""

    def __post_init__(self) -> None:
        for unit, known in ((self.length_unit, LENGTH_UNITS_M), (self.speed_unit, SPEED_UNITS_M_PER_S)):
            if unit and unit.lower() not in known:
                raise UsageError(f"unit {unit!r} is unknown; use one of {', '.join(known)}")
        if self.crs not in ("", "local", "EPSG:4326"):
            raise UsageError(f"crs {self.crs!r} is unknown; use local or EPSG:4326")


@dataclass(frozen=True, slots=True)
class Scale:
    """What the numbers of a folder mean: metres per length unit, km/h per speed unit, the plane of the coordinates."""

    length_m: float
    speed_km_h: float
    crs: str
    name: str

    def distance(self) -> Distance | None:
        """The distance between points, None on a plane whose unit nobody says."""
        return distance_m if self.crs == "EPSG:4326" else None


def import_gmns(
    folder: Path,
    out: Path,
    *,
    places: Path | None = None,
    sites: Path | None = None,
    units: GmnsUnits | None = None,
    settings: ImportSettings | None = None,
) -> ImportReport:
    """
    Write a scenario folder from a GMNS folder (node.csv, link.csv; config.csv and geometry.csv where they are).

    Parameters
    ----------
    places : CSV of places with a population, by node_id or coordinates; None: the folder's zone.csv if it has both.
    sites : CSV of reception sites; None: the folder's site.csv, else none (a header for the user to fill).
    units : where config.csv does not say them.

    Raises
    ------
    InputError : the folder is faulty, with all faults found.
    UsageError : its units are not known; ``out`` is not empty.
    """
    check_target(out)
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder; name the one with node.csv and link.csv")
    log, settings = FaultLog(), settings or ImportSettings()
    scale = read_scale(folder, units or GmnsUnits(), log)
    nodes, links = table_of(folder / "node.csv", NODES, log), table_of(folder / "link.csv", LINKS, log)
    place_points = read_places(places, log) if places else zones_of_folder(folder, log)
    site_file = sites or (folder / "site.csv" if (folder / "site.csv").is_file() else None)
    site_points = read_sites(site_file, log) if site_file else []
    if nodes is None or links is None:
        log.raise_any("the GMNS folder")
        raise AssertionError("a table that cannot be read has a fault")
    index = node_index(nodes, scale)
    reader = LinkReader(links, nodes, index, scale, shapes_of(folder, links, log))
    rows = reader.rows()
    log.raise_any("the GMNS folder")
    zones, reception = snap(place_points, index, log), snap(site_points, index, log)
    log.raise_any("the places and sites")

    settings = replace(settings, name=settings.name or scale.name or folder.resolve().name)
    names = nodes.texts("name")
    tables = ScenarioTables(
        settings,
        scale.crs,
        list(zip(index.ids, names, nodes.cells("x_coord"), nodes.cells("y_coord"), strict=True)),
        rows,
        zone_rows(zones, settings),
        site_rows(reception),
        assumptions=[*reader.assumptions(), settings.zone_assumption()],
        credits=(f"Network: GMNS folder {folder.resolve().name}.",),
    )
    notes = [*log.warnings, *reader.notes(), *zones.notes("Zones"), *reception.notes("Sites"), *notes_on_gaps(tables)]
    return write_scenario_folder(tables, out, notes)


def notes_on_gaps(tables: ScenarioTables) -> list[str]:
    """What the user must still fill in before a plan can be made."""
    gaps = (("zone", "places", tables.zones), ("site", "sites", tables.sites))
    return [
        f"{name}.csv has no rows: add some, or import with --{option}, before planning."
        for name, option, rows in gaps
        if not rows
    ]


def table_of(path: Path, columns: Columns, log: FaultLog) -> Table | None:
    """A table of the folder; None where it cannot be read (a fault). GMNS writes NaN for what is not stated."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        log.add(path.name, f"cannot be read: {error.strerror or error}")
        return None
    table = read_table(raw, path.name, columns, log)
    if table is not None:
        for name, cells in table.columns.items():
            if name not in columns.required:
                table.columns[name] = ["" if cell.lower() in NOT_STATED else cell for cell in cells]
    return table


def read_scale(folder: Path, units: GmnsUnits, log: FaultLog) -> Scale:
    """Units by the call, else by config.csv; UsageError where neither says them."""
    table = table_of(folder / "config.csv", CONFIG, log) if (folder / "config.csv").is_file() else None
    config = {name: cells[0] for name, cells in table.columns.items() if cells} if table is not None else {}
    length = units.length_unit or config.get("long_length", "")
    speed = units.speed_unit or config.get("speed", "")
    for name, text, known in (("long_length", length, LENGTH_UNITS_M), ("speed", speed, SPEED_UNITS_M_PER_S)):
        if text and text.lower() not in known:
            log.add("config.csv", f"found {show(text)}, expected one of {', '.join(known)}", 2, name)
    if not length or not speed:
        raise UsageError(
            f"{folder} does not say its units (config.csv: long_length, speed); "
            "give them (--length-unit km --speed-unit km/h)"
        )
    crs = units.crs or ("EPSG:4326" if config.get("crs", "epsg:4326").lower() in DEGREES | {""} else "local")
    name = config.get("dataset_name", "")
    metres = float(LENGTH_UNITS_M.get(length.lower(), 1))
    return Scale(metres, float(SPEED_UNITS_M_PER_S.get(speed.lower(), 1)) * 3.6, crs, name)


def zones_of_folder(folder: Path, log: FaultLog) -> list[Point]:
    """The folder's zone.csv as places, if it says how many people there are and where; GMNS's own need not."""
    path = folder / "zone.csv"
    if not path.is_file():
        return []
    header = path.read_bytes().decode("utf-8-sig", errors="replace").split("\n", 1)[0]
    names = {name.strip() for name in header.split(",")}
    is_whole = "population" in names and ("node_id" in names or {"x_coord", "y_coord"} <= names)
    return read_places(path, log) if is_whole else []


def node_index(nodes: Table, scale: Scale) -> NodeIndex:
    """The nodes of the folder; faulty ones noted."""
    nodes.identifiers("node_id")
    within = (Range(-180, 180), Range(-90, 90)) if scale.crs == "EPSG:4326" else (Range(), Range())
    hint = "" if scale.crs == "local" else "; are they degrees? If not: --crs local"
    x = nodes.numbers("x_coord", within[0], hint=hint)
    y = nodes.numbers("y_coord", within[1], hint=hint)
    return NodeIndex(nodes.cells("node_id"), x, y, scale.distance())


def shapes_of(folder: Path, links: Table, log: FaultLog) -> dict[str, str]:
    """geometry_id -> WKT of geometry.csv, where links refer to it."""
    if not any(links.cells("geometry_id")) or not (folder / "geometry.csv").is_file():
        return {}
    table = table_of(folder / "geometry.csv", GEOMETRIES, log)
    return dict(zip(table.cells("geometry_id"), table.cells("geometry"), strict=True)) if table is not None else {}


class LinkReader:
    """Rows of a GMNS link table as rows of a scenario's; counts what it had to assume."""

    def __init__(self, links: Table, nodes: Table, index: NodeIndex, scale: Scale, shapes: dict[str, str]) -> None:
        self.links, self.scale, self.shapes, self.index = links, scale, shapes, index
        position = {node_id: i for i, node_id in enumerate(index.ids)}
        self.tail = links.references("from_node_id", position, nodes.file)
        self.head = links.references("to_node_id", position, nodes.file)
        self.assumed: Counter[str] = Counter()
        self.n_no_cars = self.n_loops = 0

    def rows(self) -> list[Row]:
        """Rows of link.csv in kilometres and km/h, without links that bar cars and loops; faults noted."""
        links = self.links
        links.identifiers("link_id")
        positive = Range(0, is_open=True)
        given = {
            "length": links.numbers("length", Range(0), blank=math.nan),
            "free_speed": links.numbers("free_speed", positive, blank=math.nan),
            "lanes": links.numbers("lanes", Range(0), blank=math.nan),
            "capacity": links.numbers("capacity", Range(0), blank=math.nan),
        }
        kinds = links.texts("facility_type") if links.has("facility_type") else links.texts("link_type_name")
        columns = zip(
            links.texts("link_id"),
            links.texts("name"),
            links.texts("allowed_uses"),
            kinds,
            self.directed(),
            strict=True,
        )
        rows: list[Row] = []
        for i, (link_id, name, uses, kind, directed) in enumerate(columns):
            if uses and not allows_cars(uses):
                self.n_no_cars += 1
                continue
            if self.tail[i] == self.head[i] and self.tail[i] >= 0:
                self.n_loops += 1
                continue
            values = {column: float(numbers[i]) for column, numbers in given.items()}
            rows.append(self.row(i, (link_id, name, uses, kind, directed), values))
        return rows

    def row(self, i: int, texts: tuple[str, str, str, str, int], values: dict[str, float]) -> Row:
        """One row; what the table does not say is filled by class of road."""
        link_id, name, uses, kind, directed = texts
        road_class = ROAD_CLASSES[road_class_of(kind) or DEFAULT_CLASS]
        defaults = {
            "free_speed": road_class.speed_km_h / self.scale.speed_km_h,
            "lanes": float(road_class.lanes),
            "capacity": road_class.capacity_veh_per_h,
            "length": self.straight_length(i),
        }
        assumed = [
            column for column, value in values.items() if math.isnan(value) or (column == "length" and not value)
        ]
        for column in assumed:
            values[column] = defaults[column]
            self.assumed[column] += 1
        if assumed and not road_class_of(kind):
            self.assumed["class"] += 1
        if not values["length"] > 0:
            self.links.fault(i, "length", "found nothing, expected a length (coordinates on a plane do not give one)")
        length, speed = values["length"] * self.scale.length_m / 1000, values["free_speed"] * self.scale.speed_km_h
        source = f"GMNS; assumption: {', '.join(assumed)}" if assumed else ""
        ends = (self.links.cells("from_node_id")[i], self.links.cells("to_node_id")[i])
        numbers = (f"{length:.9g}", f"{speed:.9g}", f"{values['lanes']:g}", f"{values['capacity']:.9g}")
        return (link_id, name, *ends, directed, *numbers, uses, self.shape(i), kind, source)

    def directed(self) -> list[int]:
        """1 for one-way links, 0 for two-way ones; faults noted. Links of a table without the column are one-way."""
        found = []
        for i, cell in enumerate(self.links.cells("directed")):
            if cell and cell.lower() not in DIRECTED:
                self.links.fault(i, "directed", f"found {show(cell)}, expected 1 (one-way) or 0 (two-way)")
            found.append(int(DIRECTED.get(cell.lower(), True)))
        return found

    def straight_length(self, i: int) -> float:
        """The length between a link's ends in the folder's unit; 0 on a plane."""
        if self.scale.crs == "local" or self.tail[i] < 0 or self.head[i] < 0:
            return 0.0
        x, y, ends = self.index.x, self.index.y, (self.tail[i], self.head[i])
        apart = float(distance_m(x[ends[0]], y[ends[0]], x[ends[1]], y[ends[1]]))
        return max(apart, 1.0) / self.scale.length_m

    def shape(self, i: int) -> str:
        """The link's points as WKT from its first node to its second, empty where there are none."""
        text = self.links.cells("geometry")[i] or self.shapes.get(self.links.cells("geometry_id")[i], "")
        if text and self.links.cells("dir_flag")[i] == "-1":
            import shapely

            try:
                return str(shapely.to_wkt(shapely.reverse(shapely.from_wkt(text)), rounding_precision=7))
            except shapely.errors.GEOSException:
                self.links.fault(
                    i, "geometry", f"found {show(text)}, expected WKT such as LINESTRING (2.1 41.3, 2.2 41.4)"
                )
        return text

    def assumptions(self) -> list[str]:
        """Sentences for the report."""
        counts = [
            f"{self.assumed[name]:,} {name}"
            for name in ("free_speed", "lanes", "capacity", "length")
            if self.assumed[name]
        ]
        if not counts:
            return []
        sentence = f"Filled in where the GMNS links do not say: {', '.join(counts)} of {len(self.links):,} links."
        unknown = self.assumed["class"]
        by_default = f" Without a known facility_type, counted as {DEFAULT_CLASS}: {unknown:,}." if unknown else ""
        return [sentence + by_default, CLASS_SOURCE]

    def notes(self) -> list[str]:
        """Sentences for the person who called."""
        notes = self.assumptions()[:1]
        if self.n_no_cars:
            notes.append(f"Links on which no cars may drive, left out: {self.n_no_cars:,}.")
        if self.n_loops:
            notes.append(f"Links from a node to itself, left out: {self.n_loops:,}.")
        return notes
