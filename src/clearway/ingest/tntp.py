"""TNTP network -> scenario folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from clearway.errors import UsageError
from clearway.ingest.earth import distance_m
from clearway.ingest.faults import FaultLog, show
from clearway.ingest.points import NodeIndex, Point, read_sites, site_rows, snap, zone_rows
from clearway.ingest.settings import LENGTH_UNITS_M
from clearway.ingest.tntp_read import TntpLink, TntpNetwork, read_network, read_nodes, read_productions
from clearway.ingest.write_folder import (
    ImportReport,
    ImportSettings,
    Row,
    ScenarioTables,
    check_target,
    write_scenario_folder,
)

Coordinates = dict[str, tuple[float, float]]
TIME_UNITS_S = {"s": 1.0, "min": 60.0, "h": 3600.0}
SHORTEST_TIME_S = 1.0  # travel times must be greater than 0; connectors of some networks have none
# A length for links that have none, so that length / speed is their time; it bears on nothing else. Ours.
NOMINAL_SPEED_KM_H = 60.0
CREDIT = (
    "Network: TNTP file {file}. Networks of github.com/bstabler/TransportationNetworks are donated for academic "
    "research only; name their source."
)


@dataclass(frozen=True, slots=True)
class TntpUnits:
    """
    The units of a TNTP network, which its files do not name.

    ``length_unit`` bears only on the lengths that are shown: travel is by free-flow time. ``capacity_h``: the hours
    that a capacity is for (1: vehicles per hour). ``crs``: ``local``, or ``EPSG:4326`` where x and y are degrees.
    """

    length_unit: str = "mi"
    time_unit: str = "min"
    capacity_h: float = 1.0
    crs: str = "local"

    def __post_init__(self) -> None:
        if self.length_unit not in LENGTH_UNITS_M:
            raise UsageError(f"length unit {self.length_unit!r} is unknown; use one of {', '.join(LENGTH_UNITS_M)}")
        if self.time_unit not in TIME_UNITS_S:
            raise UsageError(f"time unit {self.time_unit!r} is unknown; use one of {', '.join(TIME_UNITS_S)}")
        if not self.capacity_h > 0:
            raise UsageError(f"capacity_h must be greater than 0, not {self.capacity_h:g}")
        if self.crs not in ("local", "EPSG:4326"):
            raise UsageError(f"crs {self.crs!r} is unknown; use local or EPSG:4326")


def import_tntp(
    net: Path,
    out: Path,
    *,
    sites: str | Path,
    node: Path | None = None,
    trips: Path | None = None,
    zones: str = "",
    units: TntpUnits | None = None,
    settings: ImportSettings | None = None,
) -> ImportReport:
    """
    Write a scenario folder from a TNTP network, its node coordinates and its trip table.

    Parameters
    ----------
    node, trips : None: ``X_node.tntp`` and ``X_trips.tntp`` beside ``X_net.tntp``.
    sites : node numbers joined by commas (unlimited beds), or a CSV of sites with node_id or coordinates.
    zones : node numbers joined by commas: only these origins leave; empty: all that are not sites.

    Every trip that begins at an origin is a vehicle with one person that leaves it.

    Raises
    ------
    InputError : the files are faulty, with all faults found.
    UsageError : no sites; no coordinates or trips to be found; ``out`` is not empty.
    """
    check_target(out)
    check_sites(sites)
    units, settings = units or TntpUnits(), settings or ImportSettings()
    node, trips = node or sibling(net, "node", "--node"), trips or sibling(net, "trips", "--trips")
    files = (net, node, trips)
    wanted = node_numbers(zones)
    log = FaultLog()
    network, coordinates, productions = read_files(files, wanted, log)
    site_points = sites_of(sites, log)
    log.raise_any("the TNTP files")
    index = index_of(coordinates, units)
    reception = snap(site_points, index, log)
    log.raise_any("the sites")

    at_site = set(reception.node_ids)
    people = people_of(productions, at_site, wanted, coordinates)
    rows, n_dropped, n_short = link_rows(network, units, at_site, {point.node_id for point in people})
    used = {str(end) for row in rows for end in row[2:4]} | at_site | {point.node_id for point in people}
    name = settings.name or net.name.split(".")[0].removesuffix("_net")
    settings = replace(settings, persons_per_vehicle=1.0, name=name)
    tables = ScenarioTables(
        settings,
        units.crs,
        [(node_id, "", repr(x), repr(y)) for node_id, (x, y) in coordinates.items() if node_id in used],
        rows,
        zone_rows(snap(people, index, log), settings),
        site_rows(reception),
        assumptions=assumptions_of(units),
        credits=(CREDIT.format(file=net.name),),
    )
    return write_scenario_folder(tables, out, [*log.warnings, *notes_of(productions, at_site, n_dropped, n_short)])


def check_sites(sites: str | Path) -> None:
    """Ask for sites where none are given."""
    if not str(sites).strip():
        raise UsageError(
            "a TNTP network has no reception sites: name their nodes (--sites 5,7) or a table "
            "(--sites FILE with site_id,node_id,beds)"
        )


def read_files(
    files: tuple[Path, Path, Path], wanted: Sequence[str], log: FaultLog
) -> tuple[TntpNetwork, Coordinates, dict[str, float]]:
    """The network, the coordinates of its nodes and the trips that begin at each origin; faults noted."""
    net, node, trips = files
    network, coordinates, productions = read_network(net, log), read_nodes(node, log), read_productions(trips, log)
    check_nodes(network, coordinates, (net, node), log)
    check_zones(wanted, productions, trips, log)
    return network, coordinates, productions


def index_of(coordinates: Coordinates, units: TntpUnits) -> NodeIndex:
    """The nodes on which sites may be put."""
    x, y = np.array(list(coordinates.values()), dtype=np.float64).T
    return NodeIndex(list(coordinates), x, y, distance_m if units.crs == "EPSG:4326" else None)


def sibling(net: Path, kind: str, option: str) -> Path:
    """The file of another kind that belongs to a network file; UsageError where there is none."""
    stem = net.name.split(".")[0].removesuffix("_net")
    for name in (f"{stem}_{kind}.tntp", f"{stem}_{kind}.txt", f"{stem}_{kind}s.tntp"):
        if (net.parent / name).is_file():
            return net.parent / name
    what = "coordinates of its nodes" if kind == "node" else "people who leave"
    raise UsageError(f"there is no {stem}_{kind}.tntp beside {net.name} for the {what}; name the file ({option} FILE)")


def node_numbers(text: str) -> list[str]:
    """Node numbers joined by commas or blanks; UsageError for anything else."""
    words = text.replace(",", " ").replace(";", " ").split()
    wrong = [word for word in words if not word.isdigit()]
    if wrong:
        raise UsageError(f"found {show(wrong[0])}, expected node numbers joined by commas, such as 5,7")
    return [str(int(word)) for word in words]


def sites_of(sites: str | Path, log: FaultLog) -> list[Point]:
    """Sites of a table, or of node numbers."""
    if isinstance(sites, Path) or Path(sites).is_file() or str(sites).lower().endswith(".csv"):
        return read_sites(Path(sites), log)
    nan = float("nan")
    return [Point(f"s{n}", f"Node {n}", nan, nan, n, file="--sites") for n in dict.fromkeys(node_numbers(sites))]


def check_nodes(network: TntpNetwork, coordinates: Coordinates, files: tuple[Path, Path], log: FaultLog) -> None:
    """Note nodes of links that have no coordinates."""
    if not coordinates:
        return
    lacking = Counter(end for link in network.links for end in (link.from_node, link.to_node) if end not in coordinates)
    for node, n_links in lacking.items():
        if node != "None":
            log.add(
                files[1].name,
                f"node {node} is missing, expected coordinates of it: {n_links} links of {files[0].name} meet it",
            )


def check_zones(wanted: Sequence[str], productions: dict[str, float], trips: Path, log: FaultLog) -> None:
    """Note zones asked for from which nobody leaves."""
    for number in wanted:
        if productions and productions.get(number, 0.0) <= 0:
            log.add("--zones", f"found {number}, expected an origin of {trips.name} with trips")


def people_of(
    productions: dict[str, float], at_site: set[str], wanted: Sequence[str], coordinates: Coordinates
) -> list[Point]:
    """Origins with trips that are no sites, as places on their nodes."""
    nan = float("nan")
    return [
        Point(f"z{origin}", f"Zone {origin}", nan, nan, origin, round(trips), {"source": "trip production"}, "trips")
        for origin, trips in productions.items()
        if round(trips) > 0 and origin not in at_site and origin in coordinates and (not wanted or origin in wanted)
    ]


def link_rows(
    network: TntpNetwork, units: TntpUnits, at_site: set[str], at_zone: set[str]
) -> tuple[list[Row], int, int]:
    """
    Rows of link.csv; how many links were dropped, and how many had no time.

    Nobody may pass through a node before the first through node: a zone's keeps the links out, a site's the links in.
    """
    rows: list[Row] = []
    n_short = 0
    for number, link in enumerate(network.links, start=1):
        if link.from_node == link.to_node:
            continue
        is_closed_from = int(link.from_node) < network.first_through_node and link.from_node not in at_zone
        is_closed_to = int(link.to_node) < network.first_through_node and link.to_node not in at_site
        if is_closed_from or is_closed_to:
            continue
        time_s = link.free_flow_time * TIME_UNITS_S[units.time_unit]
        n_short += time_s < SHORTEST_TIME_S
        rows.append(link_row(number, link, max(time_s, SHORTEST_TIME_S), units))
    return rows, len(network.links) - len(rows), n_short


def link_row(number: int, link: TntpLink, time_s: float, units: TntpUnits) -> Row:
    """One row: the length as it is (nominal where there is none), the speed that makes the free-flow time."""
    length_km = link.length * float(LENGTH_UNITS_M[units.length_unit]) / 1000
    if length_km <= 0:
        length_km = time_s / 3600 * NOMINAL_SPEED_KM_H
    capacity = repr(link.capacity / units.capacity_h)
    speed = length_km / time_s * 3600
    return (number, "", link.from_node, link.to_node, 1, repr(length_km), repr(speed), 1, capacity, "", "", "", "")


def assumptions_of(units: TntpUnits) -> list[str]:
    """Sentences for the report: what the files do not say."""
    hours = "" if units.capacity_h == 1 else f"{units.capacity_h:g} hours"
    return [
        f"TNTP files name no units: free-flow times are taken as {units.time_unit}, lengths as {units.length_unit}, "
        f"capacities as vehicles per {hours or 'hour'} (assumption).",
        "Everyone who begins a trip in the trip table leaves, one person to a vehicle (assumption).",
    ]


def notes_of(productions: dict[str, float], at_site: set[str], n_dropped: int, n_short: int) -> list[str]:
    """What was left out or changed, for the person who called."""
    notes = []
    if n_dropped:
        notes.append(f"Links dropped: {n_dropped:,} (loops, and links into or out of zone centroids nobody may pass).")
    if n_short:
        notes.append(f"Links with a free-flow time below {SHORTEST_TIME_S:g} s, which were given that: {n_short:,}.")
    staying = sum(round(productions.get(node, 0.0)) for node in at_site)
    if staying:
        notes.append(f"Trips that begin at sites, whose people stay there: {staying:,}.")
    return notes
