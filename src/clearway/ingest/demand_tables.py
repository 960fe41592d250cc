"""zone.csv, site.csv, direction.csv: people, beds, and the directions people choose."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from clearway.ingest.faults import show
from clearway.ingest.network_tables import Nodes
from clearway.ingest.tables import Columns, Range, Table
from clearway.model.demand import Intervals, Site, Zone

ZONE_COLUMNS = Columns(
    ("zone_id", "node_id", "population"),
    (
        "name",
        "share_present",
        "share_without_vehicle",
        "persons_per_vehicle",
        "ready_at",
        "leave_by",
        "priority",
        "source",
    ),
    is_own=True,
)
SITE_COLUMNS = Columns(
    ("site_id", "node_id", "beds"), ("name", "opens_at", "closes_at", "direction", "source"), is_own=True
)
DIRECTION_COLUMNS = Columns(("zone_id", "direction", "share"), ("source",), may_be_empty=True, is_own=True)

MOST_PEOPLE = Range(0.0, 1e10, whole=True)  # more than live on Earth
SHARE = Range(0.0, 1.0)
POSITIVE = Range(0.0, is_open=True)
SHARES_TOLERANCE = 1e-6
DEFAULT_PERSONS_PER_VEHICLE = 2.5  # an assumption, and reported as one; no source


@dataclass(slots=True)
class Demand:
    """Zones and sites as read. The indexes are None where a table could not be read."""

    zones: list[Zone] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    zone_index: dict[str, int] | None = None
    site_index: dict[str, int] | None = None
    assumptions: list[str] = field(default_factory=list)


def read_demand(zones: Table | None, sites: Table | None, nodes: Nodes, start: datetime) -> Demand:
    """
    Zones and sites of their tables.

    Rows with faults become zones and sites of nobody, so that whatever else names them can be checked.
    """
    demand = Demand()
    if zones is not None:
        demand.zone_index = zones.identifiers("zone_id") or None
        demand.zones = read_zones(zones, nodes, start)
        if not zones.has("persons_per_vehicle"):
            assumed = f"{DEFAULT_PERSONS_PER_VEHICLE:g} persons per vehicle in every zone"
            demand.assumptions.append(f"{assumed} ({zones.file} has no column persons_per_vehicle).")
    if sites is not None:
        demand.site_index = sites.identifiers("site_id") or None
        demand.sites = read_sites(sites, nodes, start)
    return demand


def read_zones(table: Table, nodes: Nodes, start: datetime) -> list[Zone]:
    """The zones of zone.csv."""
    ids, names, sources = table.cells("zone_id"), table.texts("name"), table.texts("source")
    node = table.references("node_id", nodes.index, "node.csv").tolist()
    population = table.numbers("population", MOST_PEOPLE).tolist()
    present = table.numbers("share_present", SHARE, blank=1.0).tolist()
    without = table.numbers("share_without_vehicle", SHARE, blank=0.0).tolist()
    if table.has("persons_per_vehicle"):
        hint = f" (or leave the whole column out to assume {DEFAULT_PERSONS_PER_VEHICLE:g})"
        load = table.numbers("persons_per_vehicle", POSITIVE, hint=hint).tolist()
    else:
        load = [DEFAULT_PERSONS_PER_VEHICLE] * len(table)
    priority = table.numbers("priority", POSITIVE, blank=1.0).tolist()
    windows = table.windows("ready_at", "leave_by", start)
    zones = []
    for row in range(len(table)):
        people = round_people(population[row])
        at_home = round_people(people * present[row])
        zones.append(
            Zone(
                zone_id=ids[row],
                name=names[row] or ids[row],
                node=node[row],
                population=people,
                present=at_home,
                without_vehicle=round_people(at_home * without[row]),
                persons_per_vehicle=1.0 if math.isnan(load[row]) else load[row],
                departure_windows=as_windows(windows[row]),
                priority=priority[row],
                source=sources[row],
            )
        )
    return zones


def read_sites(table: Table, nodes: Nodes, start: datetime) -> list[Site]:
    """The sites of site.csv."""
    ids, names, sources = table.cells("site_id"), table.texts("name"), table.texts("source")
    node = table.references("node_id", nodes.index, "node.csv").tolist()
    hint = " (or blank: no limit)"
    beds = np.nan_to_num(table.numbers("beds", MOST_PEOPLE, blank=math.inf, hint=hint), posinf=math.inf).tolist()
    windows = table.windows("opens_at", "closes_at", start)
    directions = table.texts("direction")
    return [
        Site(
            site_id=ids[row],
            name=names[row] or ids[row],
            node=node[row],
            beds=beds[row],
            open_windows=as_windows(windows[row]),
            direction=directions[row],
            source=sources[row],
        )
        for row in range(len(table))
    ]


def round_people(people: float) -> int:
    """Whole persons; nobody for a placeholder."""
    return 0 if math.isnan(people) else round(people)


def as_windows(window: tuple[float, float]) -> Intervals:
    """One window as intervals, none where it is empty."""
    return (window,) if window[0] < window[1] else ()


def read_directions(table: Table | None, demand: Demand) -> dict[int, tuple[tuple[str, float], ...]]:
    """Zone -> the shares of its people with a vehicle by the direction they choose."""
    if table is None:
        return {}
    zone_of = table.references("zone_id", demand.zone_index, "zone.csv").tolist()
    shares = table.numbers("share", SHARE).tolist()
    known = {site.direction for site in demand.sites if site.direction}
    chosen: dict[int, dict[str, float]] = {}
    first_row: dict[int, int] = {}
    for row, direction in enumerate(table.texts("direction")):
        zone = zone_of[row]
        if demand.site_index is not None and direction not in known and "direction" not in table.missing:
            listed = ", ".join(map(show, sorted(known)[:10])) or "none, as no site has one"
            table.fault(row, "direction", f"found {show(direction)}, expected the direction of a site: {listed}")
        if zone < 0:
            continue
        first_row.setdefault(zone, row)
        by_direction = chosen.setdefault(zone, {})
        if direction in by_direction:
            name = show(demand.zones[zone].zone_id)
            table.fault(row, "direction", f"found {show(direction)} again for zone {name}, expected it once")
        by_direction.setdefault(direction, shares[row])
    for zone, by_direction in chosen.items():
        total = math.fsum(by_direction.values())
        if abs(total - 1.0) > SHARES_TOLERANCE:  # never where a share is nan: that is a fault of its own
            name = show(demand.zones[zone].zone_id)
            table.fault(first_row[zone], "share", f"shares of zone {name} add up to {total:g}, expected 1")
    return {zone: tuple(by_direction.items()) for zone, by_direction in chosen.items()}
