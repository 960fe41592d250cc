"""availability.csv: dated statements about links, crossings, sites and zones, and the windows they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from clearway.ingest.demand_tables import Demand
from clearway.ingest.faults import FaultLog, show
from clearway.ingest.network_tables import Links
from clearway.ingest.settings import Settings
from clearway.ingest.tables import Columns, Range, Table
from clearway.model.network import Crossing
from clearway.model.situation import Availability, subtract_intervals

AVAILABILITY_COLUMNS = Columns(
    ("target", "from", "until"), ("capacity_factor", "report_id", "note", "source"), may_be_empty=True, is_own=True
)
KINDS = ("link", "crossing", "site", "zone")
FACTOR = Range(0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Targets:
    """What availability can speak of."""

    links: Links
    crossings: Sequence[Crossing]
    demand: Demand
    has_crossings: bool  # whether crossing.csv could be read, or is absent

    def resolve(self, kind: str, target_id: str) -> tuple[int, ...]:
        """The links a target bears on; ValueError says what was found and expected."""
        if kind == "link":
            return self.links.resolve(target_id)
        if kind == "crossing":
            for crossing in self.crossings:
                if crossing.crossing_id == target_id:
                    return crossing.links
            if self.has_crossings:
                raise ValueError(f"found crossing {show(target_id)}, expected an id that crossing.csv has")
            return ()
        index = self.demand.zone_index if kind == "zone" else self.demand.site_index
        if index is not None and target_id not in index:
            raise ValueError(f"found {kind} {show(target_id)}, expected an id that {kind}.csv has")
        return ()


def read_availability(table: Table | None, targets: Targets, settings: Settings) -> list[Availability]:
    """The statements of availability.csv; times before the start are cut off."""
    if table is None:
        return []
    factors = table.numbers("capacity_factor", FACTOR, blank=0.0).tolist()
    windows = table.windows("from", "until", settings.start)
    reports, notes, sources = (table.texts(name) for name in ("report_id", "note", "source"))
    statements = []
    for row, cell in enumerate(table.texts("target")):
        kind, _, target_id = (part.strip() for part in cell.partition(":"))
        if "target" in table.missing:
            break
        if kind not in KINDS or not target_id:
            table.fault(row, "target", f"found {show(cell)}, expected link:ID, crossing:ID, site:ID or zone:ID")
            continue
        try:
            links = targets.resolve(kind, target_id)
        except ValueError as error:
            table.fault(row, "target", str(error))
            continue
        factor = factors[row]
        if kind in {"site", "zone"} and 0 < factor < 1:
            message = f"found {factor:g} for a {kind}, expected 0 (closed) or 1 (open)"
            table.fault(row, "capacity_factor", message)
        from_s, until_s = windows[row]
        if from_s >= until_s:  # with no fault noted: it is over by the start
            table.log.warn(f"{table.file}, line {table.lines[row]}: {cell} is over before the start; it has no effect")
            continue
        about = (reports[row], notes[row], sources[row])
        statements.append(Availability(kind, target_id, from_s, until_s, factor, links, *about))
    warn_of_void_openings(statements, table.file, table.log)
    return statements


def warn_of_void_openings(statements: list[Availability], file: str, log: FaultLog) -> None:
    """Warn where a statement of full capacity meets a smaller one at the same time: the smaller one holds."""
    by_target: dict[str, list[Availability]] = {}
    for statement in statements:
        by_target.setdefault(statement.target, []).append(statement)
    void = []
    for target, some in by_target.items():
        smaller = [s for s in some if s.capacity_factor < 1][:1000]
        for opening in [s for s in some if s.capacity_factor == 1][:1000]:
            if any(s.from_s < opening.until_s and opening.from_s < s.until_s for s in smaller):
                void.append(f"{file}: {target} is said to be open and restricted at one time; the smaller factor holds")
                break
    log.warn_each(void, "such targets")


def close_windows(demand: Demand, statements: Sequence[Availability], log: FaultLog) -> None:
    """Take closures out of zones' departure windows and sites' open windows (``demand`` modified in place)."""
    closed: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for statement in statements:
        if statement.target_kind in {"zone", "site"} and statement.capacity_factor == 0:
            key = (statement.target_kind, statement.target_id)
            closed.setdefault(key, []).append((statement.from_s, statement.until_s))
    for i, zone in enumerate(demand.zones):
        times = closed.get(("zone", zone.zone_id))
        if times:
            demand.zones[i] = replace(zone, departure_windows=subtract_intervals(zone.departure_windows, times))
    for i, site in enumerate(demand.sites):
        times = closed.get(("site", site.site_id))
        if times:
            demand.sites[i] = replace(site, open_windows=subtract_intervals(site.open_windows, times))
    stuck = [zone for zone in demand.zones if zone.present and not zone.departure_windows]
    log.warn_each(
        (f"zone {zone.zone_id} may never depart: its {zone.present:,} people will be left out" for zone in stuck),
        "zones that may never depart",
    )
    shut = [site for site in demand.sites if not site.open_windows]
    log.warn_each((f"site {site.site_id} is never open" for site in shut), "sites that are never open")
