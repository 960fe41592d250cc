"""Plain tables -> a scenario folder, written whole or not at all."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from clearway.errors import OutputError, UsageError
from clearway.ingest.demand_tables import DEFAULT_PERSONS_PER_VEHICLE

Row = tuple[object, ...]

# Columns of the scenario folder (docs/design.md section 4), in the order of the rows' cells.
COLUMNS: dict[str, tuple[str, ...]] = {
    "node": ("node_id", "name", "x_coord", "y_coord"),
    "link": (
        "link_id",
        "name",
        "from_node_id",
        "to_node_id",
        "directed",
        "length",
        "free_speed",
        "lanes",
        "capacity",
        "allowed_uses",
        "geometry",
        "facility_type",
        "source",
    ),
    "crossing": ("crossing_id", "name", "kind", "link_ids", "source"),
    "zone": (
        "zone_id",
        "name",
        "node_id",
        "population",
        "share_present",
        "share_without_vehicle",
        "persons_per_vehicle",
        "ready_at",
        "leave_by",
        "priority",
        "source",
    ),
    "site": ("site_id", "name", "node_id", "beds", "opens_at", "closes_at", "direction", "source"),
    "availability": ("target", "from", "until", "capacity_factor", "report_id", "note", "source"),
}
# The name each table goes by in scenario.toml's [files].
FILE_KEYS = {
    "node": "nodes",
    "link": "links",
    "crossing": "crossings",
    "zone": "zones",
    "site": "sites",
    "availability": "availability",
}


def current_hour() -> datetime:
    """The full hour that has begun, in UTC."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """
    What outside networks do not say and a scenario needs. Every one of them is an assumption until somebody checks it.

    Attributes
    ----------
    name : the scenario's name; empty: the file's.
    start : with a UTC offset. The default is the current hour.
    capacity_factor : share of the nominal capacity a plan may use. 0.9 is the design's default: traffic near capacity
        breaks down; a freeway works best loaded to 90 % of it (Brilon, Geistefeldt & Regler 2005, 16th ISTTT).
    persons_per_vehicle, share_without_vehicle, share_present : of zones whose table does not give them.
    """

    name: str = ""
    start: datetime = field(default_factory=current_hour)
    horizon_h: float = 72.0
    capacity_factor: float = 0.9
    persons_per_vehicle: float = DEFAULT_PERSONS_PER_VEHICLE
    share_without_vehicle: float = 0.0
    share_present: float = 1.0

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise UsageError(
                f"start {self.start.isoformat()} has no UTC offset; write it like 2025-01-01T06:00:00+02:00"
            )
        for name in ("share_without_vehicle", "share_present"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"{name} must lie between 0 and 1, not {getattr(self, name):g}")
        for name in ("horizon_h", "persons_per_vehicle", "capacity_factor"):
            if not getattr(self, name) > 0:
                raise UsageError(f"{name} must be greater than 0, not {getattr(self, name):g}")
        if self.capacity_factor > 1:
            raise UsageError(f"capacity_factor is a share: at most 1, not {self.capacity_factor:g}")

    def zone_assumption(self) -> str:
        """The sentence about zones for the report."""
        return (
            f"Where a zone's table does not say otherwise: {self.share_present:.0%} of the population is present, "
            f"{self.share_without_vehicle:.0%} of those have no vehicle, the others leave {self.persons_per_vehicle:g} "
            "to a vehicle (assumption)."
        )


@dataclass(frozen=True, slots=True)
class ScenarioTables:
    """
    A scenario as rows in the order of COLUMNS; blank cells are empty texts.

    Lengths are kilometres and speeds km/h; ``crs`` is ``EPSG:4326`` or ``local``.
    """

    settings: ImportSettings
    crs: str
    nodes: Sequence[Row]
    links: Sequence[Row]
    zones: Sequence[Row] = ()
    sites: Sequence[Row] = ()
    crossings: Sequence[Row] = ()
    availabilities: Sequence[Row] = ()
    assumptions: Sequence[str] = ()
    credits: Sequence[str] = ()

    def by_name(self) -> dict[str, Sequence[Row]]:
        """Every table that belongs into the folder: the required ones, and the others where they have rows."""
        tables = {"node": self.nodes, "link": self.links, "zone": self.zones, "site": self.sites}
        optional = {"crossing": self.crossings, "availability": self.availabilities}
        return tables | {name: rows for name, rows in optional.items() if rows}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an importer wrote; ``notes`` are sentences for the person who called it: what was dropped, assumed, odd."""

    folder: Path
    n_nodes: int
    n_links: int
    n_zones: int
    n_sites: int
    n_crossings: int
    population: int
    notes: tuple[str, ...] = ()

    def summary(self) -> str:
        """One line."""
        counts = (
            f"{self.n_nodes:,} nodes, {self.n_links:,} links, {self.n_crossings:,} crossings, "
            f"{self.n_zones:,} zones with {self.population:,} people, {self.n_sites:,} sites"
        )
        return f"{self.folder}: {counts}"


def check_target(folder: Path) -> None:
    """Refuse (UsageError) a target that holds something; call it before any long work."""
    if folder.is_dir():
        if any(folder.iterdir()):
            raise UsageError(f"{folder} exists and is not empty; name a new folder, nothing is overwritten")
    elif folder.exists() or folder.is_symlink():
        raise UsageError(f"{folder} exists and is not a folder; name a new folder")


def write_scenario_folder(tables: ScenarioTables, folder: Path, notes: Iterable[str] = ()) -> ImportReport:
    """
    Write a scenario folder: all of it or nothing.

    The files are written into a hidden folder beside it, which is then renamed.

    Raises
    ------
    UsageError : the folder holds something already.
    OutputError : it cannot be written; nothing is left behind.
    """
    check_target(folder)
    # a plain absolute path: "." and ".." have no name to put a hidden folder beside
    target = Path(os.path.abspath(folder))  # noqa: PTH100 (resolve() would follow links)
    half_written = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        half_written.mkdir()
        write_files(tables, half_written)
        if target.exists():
            target.rmdir()
        half_written.rename(target)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(half_written, ignore_errors=True)
    population = sum(int(str(row[COLUMNS["zone"].index("population")])) for row in tables.zones)
    return ImportReport(
        folder,
        n_nodes=len(tables.nodes),
        n_links=len(tables.links),
        n_zones=len(tables.zones),
        n_sites=len(tables.sites),
        n_crossings=len(tables.crossings),
        population=population,
        notes=tuple(notes),
    )


def write_files(tables: ScenarioTables, folder: Path) -> None:
    """Write scenario.toml and the tables into an existing folder."""
    by_name = tables.by_name()
    for name, rows in by_name.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS[name])
            writer.writerows(rows)
    (folder / "scenario.toml").write_text(scenario_toml(tables, list(by_name)), encoding="utf-8")


def scenario_toml(tables: ScenarioTables, names: Sequence[str]) -> str:
    """The text of scenario.toml."""
    settings = tables.settings
    lines = [
        f"name = {toml_text(settings.name)}",
        f"start = {settings.start.isoformat()}",
        f"horizon_h = {settings.horizon_h!r}",
        'length_unit = "km"',
        'speed_unit = "km/h"',
        f"capacity_factor = {settings.capacity_factor!r}",
        f"crs = {toml_text(tables.crs)}",
        *toml_list("assumptions", tables.assumptions),
        *toml_list("credits", tables.credits),
        "",
        "[files]",
        *(f'{FILE_KEYS[name]} = "{name}.csv"' for name in names),
    ]
    return "\n".join(lines) + "\n"


def toml_list(key: str, texts: Sequence[str]) -> list[str]:
    """Lines of a TOML array of texts, one to a line."""
    return [f"{key} = [", *(f"  {toml_text(text)}," for text in texts), "]"] if texts else [f"{key} = []"]


def toml_text(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, but for DEL, which JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def one_line(text: str) -> str:
    """A name as a table takes it: line breaks and tabs become spaces, control characters go."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable() or character == " ")
