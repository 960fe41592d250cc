"""The scenario folder: scenario.toml and its tables, checked at the door, as a Scenario."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from clearway.errors import Fault, InputError
from clearway.ingest import demand_tables, evidence_table, network_tables, situation_tables
from clearway.ingest.faults import FaultLog, did_you_mean, nearest, show
from clearway.ingest.hazards import Hazard, close_touched, read_hazards
from clearway.ingest.review import review
from clearway.ingest.settings import FILE as SETTINGS_FILE
from clearway.ingest.settings import TABLES, Settings, read_settings
from clearway.ingest.tables import Columns, Table, read_table
from clearway.model.network import Crossing
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability, Evidence

COLUMNS = {  # key in [files] -> columns; the order of reading
    "nodes": network_tables.NODE_COLUMNS,
    "links": network_tables.LINK_COLUMNS,
    "crossings": network_tables.CROSSING_COLUMNS,
    "zones": demand_tables.ZONE_COLUMNS,
    "sites": demand_tables.SITE_COLUMNS,
    "directions": demand_tables.DIRECTION_COLUMNS,
    "availability": situation_tables.AVAILABILITY_COLUMNS,
    "evidence": evidence_table.EVIDENCE_COLUMNS,
}
LARGEST_FILE_BYTES = 1 << 30  # a road network of 10 million links; more is a mistake


def read_scenario(folder: Path) -> Scenario:
    """
    The scenario of a folder (docs: scenario format).

    Raises
    ------
    InputError
        With every fault found: file, line, column, what was found and what was expected.
    """
    folder = Path(folder)
    check_folder(folder)
    log = FaultLog()
    files = FolderFiles(folder, log)
    settings = read_settings(files.read_settings(), log)
    tables = {key: files.read_table(key, settings, columns) for key, columns in COLUMNS.items()}
    parts = read_parts(tables, files, settings, log)
    files.warn_of_unread()
    log.raise_any(f"scenario folder {folder.name or folder}")
    return build_scenario(parts, settings, files, log)


OTHER_FOLDERS = {  # what Clearway itself writes, by the file that it is known by
    "plan.json": "a plan's",
    "outcome.json": "an outcome's",
    "futures.jsonl": "a stress run's",
    "contingencies.json": "that of alternatives",
    "losses.json": "that of losses",
}


def check_folder(folder: Path) -> None:
    """Raise InputError where there is no folder to read, or it is one of results."""
    try:
        if folder.is_dir():
            own = [] if (folder / SETTINGS_FILE).exists() else [n for n in OTHER_FOLDERS if (folder / n).is_file()]
            if not own:
                return
            found = f"is {OTHER_FOLDERS[own[0]]} folder (it holds {own[0]})"
        else:
            found = "is a file" if folder.exists() else "not found"
    except (OSError, ValueError):
        found = "cannot be looked up"
    raise InputError([Fault(str(folder)[:200], f"{found}, expected a scenario folder with {SETTINGS_FILE}")])


@dataclass(slots=True)
class FolderFiles:
    """Reads files of a folder once, never outside it, and remembers what was read."""

    folder: Path
    log: FaultLog
    contents: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # key of TABLES -> name of its file, read or not

    def read_settings(self) -> bytes | None:
        """The bytes of scenario.toml; a fault and None where it is not there."""
        problem = self.problem(SETTINGS_FILE)
        if problem:
            self.log.add(SETTINGS_FILE, f"{problem}, expected it in the folder{self.similar(SETTINGS_FILE)}")
            return None
        return self.read(SETTINGS_FILE)

    def find(self, key: str, settings: Settings) -> str | None:
        """The name of the file that holds a table; None where there is none (a fault where there should be one)."""
        default, is_required = TABLES[key]
        if key in settings.files:
            name, line = settings.files[key]
            self.names[key] = name
            problem = self.problem(name)
            if problem:
                message = f"{show(name)} {problem}, expected the path of a file in the folder{self.similar(name)}"
                self.log.add(SETTINGS_FILE, message, line, f"files.{key}")
            return None if problem else name
        problem = self.problem(default)
        if problem != "not found":
            self.names[key] = default
            if problem:
                self.log.add(default, f"{problem}, expected a file in the folder")
        elif is_required and settings.has_known_files:
            self.log.add(default, f"file not found, expected it in the folder{self.similar(default)}")
        return None if problem else default

    def problem(self, name: str) -> str:
        """Why a file cannot be read, empty where it can."""
        try:
            inside = (self.folder / name).resolve()
            if not inside.is_relative_to(self.folder.resolve()):
                return "lies outside the folder"
            if not inside.exists():
                return "not found"
            if not inside.is_file():
                return "is not a file"
            if inside.stat().st_size > LARGEST_FILE_BYTES:
                return f"has {inside.stat().st_size:,} bytes, more than {LARGEST_FILE_BYTES:,}"
        except (OSError, ValueError, RuntimeError):  # a loop of links, a name too long, a NUL in it
            return "cannot be opened"
        return ""

    def similar(self, name: str) -> str:
        """``; is it 'x'?`` for a file of the folder whose name comes near."""
        try:
            slips = [path.name for path in sorted(self.folder.iterdir()) if nearest(path.name, (name,))]
        except OSError:
            return ""
        return f"; is it {show(slips[0])}?" if slips else ""

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; a fault and None where the system refuses them."""
        try:
            raw = (self.folder / name).read_bytes()
        except OSError as error:
            self.log.add(name, f"could not be read: {error.strerror or error}")
            return None
        self.contents[name] = raw
        return raw

    def read_table(self, key: str, settings: Settings, columns: Columns) -> Table | None:
        """A table of the scenario, None where there is none or it is no table (a fault)."""
        raw = self.read_key(key, settings)
        return None if raw is None else read_table(raw, self.names[key], columns, self.log)

    def read_key(self, key: str, settings: Settings) -> bytes | None:
        """The bytes of the file that a key of [files], or its default, names."""
        name = self.find(key, settings)
        if name is None:
            return None
        return self.read(name)

    def warn_of_unread(self) -> None:
        """Warn of files that look like tables under a wrong name."""
        absent = [default for key, (default, _) in TABLES.items() if key not in self.names]
        for path in sorted(self.folder.iterdir()):
            is_table = path.suffix.lower() in {".csv", ".geojson", ".json"}
            hint = did_you_mean(path.name, absent) if is_table and path.name not in self.contents else ""
            if hint:
                self.log.warn(f"{path.name} is not read{hint}")

    def content_hash(self) -> str:
        """
        sha256 of names and bytes of all that was read, in the order of the names.

        Without [uncertainty]: no plan depends on it, so a plan stays one for this scenario when it is revised.
        """
        digest = hashlib.sha256()
        for name in sorted(self.contents):
            raw = self.contents[name]
            raw = without_uncertainty(raw) if name == SETTINGS_FILE else raw
            digest.update(f"{name}\0{len(raw)}\0".encode())
            digest.update(raw)
        return digest.hexdigest()


def without_uncertainty(raw: bytes) -> bytes:
    """scenario.toml without its tables of uncertainty, and without the blank lines and comments that lead to them."""
    kept: list[bytes] = []
    is_inside = False
    for line in raw.splitlines(keepends=True):
        if re.match(rb"\s*\[", line):
            was_inside, is_inside = is_inside, bool(re.match(rb"\s*\[\[?\s*uncertainty\s*[.\]]", line))
            while is_inside and not was_inside and kept and re.match(rb"\s*(#|$)", kept[-1]):
                kept.pop()
        if not is_inside:
            kept.append(line)
    return b"".join(kept)


@dataclass(slots=True)
class Parts:
    """What the files say, before it is put together."""

    nodes: network_tables.Nodes
    links: network_tables.Links
    crossings: list[Crossing]
    demand: demand_tables.Demand
    directions: dict[int, tuple[tuple[str, float], ...]]
    direction_sources: list[tuple[str, str, str]]
    statements: list[Availability]
    hazards: list[Hazard]
    evidence: list[Evidence]


def read_parts(tables: dict[str, Table | None], files: FolderFiles, settings: Settings, log: FaultLog) -> Parts:
    """Check every table against itself and the others; faults are noted in ``log``."""
    nodes = network_tables.read_nodes(tables["nodes"], settings)
    links = network_tables.read_links(tables["links"], nodes, settings)
    crossings = network_tables.read_crossings(tables["crossings"], links)
    demand = demand_tables.read_demand(tables["zones"], tables["sites"], nodes, settings.start)
    directions = tables["directions"]
    is_known = tables["crossings"] is not None or "crossings" not in files.names
    targets = situation_tables.Targets(links, crossings, demand, is_known)
    raw_hazards = files.read_key("hazards", settings)
    return Parts(
        nodes=nodes,
        links=links,
        crossings=crossings,
        demand=demand,
        directions=demand_tables.read_directions(directions, demand),
        direction_sources=[]
        if directions is None
        else sources_of("direction", directions.cells("zone_id"), directions.texts("source")),
        statements=situation_tables.read_availability(tables["availability"], targets, settings),
        hazards=[] if raw_hazards is None else read_hazards(raw_hazards, files.names["hazards"], settings, log),
        evidence=evidence_table.read_evidence(tables["evidence"], settings),
    )


def build_scenario(parts: Parts, settings: Settings, files: FolderFiles, log: FaultLog) -> Scenario:
    """The scenario of faultless parts, with its warnings."""
    demand, links, crossings = parts.demand, parts.links, parts.crossings
    network = network_tables.build_network(parts.nodes, links, settings.crs)
    for zone, shares in parts.directions.items():
        demand.zones[zone] = replace(demand.zones[zone], directions=shares)
    closures, hazard_areas = close_touched(parts.hazards, parts.nodes, links, demand, log)
    statements = parts.statements + closures
    zone_hours = tuple(zone.departure_windows for zone in demand.zones)
    site_hours = tuple(site.open_windows for site in demand.sites)
    situation_tables.close_windows(demand, statements, log)
    review(network, demand.zones, demand.sites, crossings, log)
    sources = [
        *sources_of("link", links.ids, links.sources),
        *sources_of("crossing", (c.crossing_id for c in crossings), (c.source for c in crossings)),
        *sources_of("zone", (z.zone_id for z in demand.zones), (z.source for z in demand.zones)),
        *sources_of("site", (s.site_id for s in demand.sites), (s.source for s in demand.sites)),
        *parts.direction_sources,
        *sources_of("availability", (s.target for s in parts.statements), (s.source for s in parts.statements)),
        *sources_of("hazard", (h.name for h in parts.hazards), (h.source for h in parts.hazards)),
    ]
    return Scenario(
        name=settings.name,
        start=settings.start,
        horizon_s=settings.horizon_s,
        capacity_factor=settings.capacity_factor,
        network=network,
        zones=tuple(demand.zones),
        sites=tuple(demand.sites),
        crossings=tuple(crossings),
        availabilities=tuple(statements),
        objective=settings.objective,
        warnings=tuple(log.warnings),
        assumptions=(*settings.assumptions, *demand.assumptions),
        credits=settings.credits,
        sources=tuple(sources),
        content_hash=files.content_hash(),
        settings=settings.as_written,
        evidence=tuple(parts.evidence),
        hazard_areas=tuple(hazard_areas),
        zone_hours=zone_hours,
        site_hours=site_hours,
    )


def sources_of(table: str, ids: Iterable[str], sources: Iterable[str]) -> list[tuple[str, str, str]]:
    """(table, row id, source) of the rows that name one."""
    return [(table, row_id, source) for row_id, source in zip(ids, sources, strict=True) if source]
