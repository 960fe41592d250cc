"""OpenStreetMap extract -> scenario folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from clearway.errors import Fault, InputError, UsageError
from clearway.ingest.area import Area, ask_for_sites, places_within, read_area
from clearway.ingest.faults import FaultLog
from clearway.ingest.osm_boundary import Exits, cut_at_boundary
from clearway.ingest.osm_crossings import propose_crossings
from clearway.ingest.osm_graph import BoolArray, RoadGraph, largest_component, split_roads
from clearway.ingest.osm_links import rows_of_links, rows_of_nodes
from clearway.ingest.osm_places import SettlementChoice, choose_settlements, leave_out_remote
from clearway.ingest.osm_read import read_extract
from clearway.ingest.osm_spread import Spread, spread_zones
from clearway.ingest.points import (
    NOTED_SNAP_M,
    NodeIndex,
    Point,
    Snapped,
    read_places,
    read_sites,
    site_rows,
    snap,
    zone_rows,
)
from clearway.ingest.road_classes import CLASS_SOURCE, FERRY_CAPACITY_VEH_PER_H, FERRY_SPEED_KM_H
from clearway.ingest.write_folder import (
    ImportReport,
    ImportSettings,
    ScenarioTables,
    check_target,
    one_line,
    write_scenario_folder,
)

CREDIT = "Roads and places: © OpenStreetMap contributors, Open Database License 1.0 (openstreetmap.org/copyright)"
# Nobody joins the traffic there: a place is put on a junction of other roads.
NO_PLACE_ON = frozenset(("motorway", "motorway_link", "ferry"))
DEFAULT_SPREAD = 12  # junctions at most from which the people of one place start; ours


@dataclass(frozen=True, slots=True)
class People:
    """Who leaves: ``zones`` have a population, ``known`` are all places there are; ``notes`` on the choice."""

    zones: Sequence[Point]
    known: Sequence[Point]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class TablesIn:
    """The user's own files as read; ``places`` None: the extract's own."""

    places: Sequence[Point] | None
    sites: Sequence[Point]
    area: Area | None


@dataclass(frozen=True, slots=True, eq=False)
class UsableNetwork:
    """The roads of the scenario, the junctions on which points may be put, and the ways out, where it ends there."""

    graph: RoadGraph
    index: NodeIndex
    exits: Exits | None


def import_osm(
    file: Path,
    out: Path,
    *,
    places: Path | None = None,
    area: Path | None = None,
    sites: Path | None = None,
    sites_at_boundary: bool = False,
    spread: int = DEFAULT_SPREAD,
    settings: ImportSettings | None = None,
) -> ImportReport:
    """
    Write a scenario folder from an ``.osm.pbf`` or ``.osm`` extract.

    Parameters
    ----------
    places : CSV of places with their populations; None: the extract's own place nodes that have one.
    area : GeoJSON polygon; only places within it become zones.
    sites : CSV of reception sites. None and no area: site.csv has only a header, for the user to fill.
    sites_at_boundary : every road out of the area leads to a site with unlimited beds; the network ends there.
    spread : places whose people would take hours to leave one junction start from up to this many; 1: from the nearest.

    Raises
    ------
    InputError : a file is faulty; all faults found in the tables at once.
    UsageError : ``out`` is not empty; an area without sites; sites in two ways.
    OutputError : the folder cannot be written. Nothing half-written is left.
    """
    check_target(out)
    check_call(area, sites, sites_at_boundary)
    tables_in = read_tables(places, area, sites)
    polygon = tables_in.area
    whole = split_roads(read_extract(file))
    people = choose_people(whole, tables_in.places, polygon, file)
    if polygon and not sites and not sites_at_boundary:
        raise ask_for_sites(polygon, people.known)
    network = usable_network(whole, polygon, sites_at_boundary, file)
    log = FaultLog()
    near, remote_notes = leave_out_remote(people.zones, network.index) if places is None else (people.zones, [])
    zones, reception = snap(near, network.index, log), snap(tables_in.sites, network.index, log)
    log.raise_any("the places and sites")

    settings = settings or ImportSettings()
    settings = settings if settings.name else replace(settings, name=one_line(file.name.split(".")[0]))
    spread_out = spread_zones(zones, network.graph, network.index, settings, spread)
    tables = tables_of(network, spread_out, reception, settings, f"{CREDIT}; file {file.name}{state_of(whole)}")
    notes = [
        *notes_on_network(whole, network),
        *people.notes,
        *remote_notes,
        *zones.notes("Zones"),
        *reception.notes("Sites"),
        *notes_on_islands(zones, whole, "zone"),
        *notes_on_islands(reception, whole, "site"),
        *spread_out.notes,
        *notes_on_gaps(tables),
    ]
    return write_scenario_folder(tables, out, notes)


def check_call(area: Path | None, sites: Path | None, sites_at_boundary: bool) -> None:
    """Refuse what cannot be meant."""
    if sites_at_boundary and not area:
        raise UsageError("--sites-at-boundary needs the boundary: give --area FILE too")
    if sites_at_boundary and sites:
        raise UsageError("give either --sites or --sites-at-boundary: the network ends at the boundary")


def read_tables(places: Path | None, area: Path | None, sites: Path | None) -> TablesIn:
    """The user's own files; InputError with the faults of all of them."""
    log = FaultLog()
    polygon = None
    if area:
        try:
            polygon = read_area(area)
        except InputError as error:
            for fault in error.faults:
                log.add(fault.file, fault.message, fault.row, fault.field)
    place_points = read_places(places, log) if places else None
    site_points = read_sites(sites, log) if sites else []
    log.raise_any("the files of places, sites and area")
    return TablesIn(place_points, site_points, polygon)


def usable_network(whole: RoadGraph, area: Area | None, at_boundary: bool, file: Path) -> UsableNetwork:
    """The largest connected part of the roads, up to the boundary of the area where it ends there."""
    if not len(whole):
        raise InputError([Fault(file.name, "no two junctions are joined by a road that cars may drive")], file.name)
    inside = area.contains(whole.lon, whole.lat) if area else None
    core = largest_component(whole, inside)
    exits = cut_at_boundary(whole, core, area) if area and at_boundary else None
    graph = exits.graph if exits else whole.keep(core[whole.tail] & core[whole.head])
    if not len(graph):
        raise InputError([Fault(file.name, "no junction can be reached from another: no network")], file.name)
    on_core = np.isin(graph.node_ids, whole.node_ids[core])
    index = index_of(graph, on_core & ~exits.is_exit if exits else on_core)
    if not index.ids:
        raise InputError([Fault(file.name, "no junction within the area leads out of it")], "the area")
    return UsableNetwork(graph, index, exits)


def tables_of(
    network: UsableNetwork, spread_out: Spread, reception: Snapped, settings: ImportSettings, credit: str
) -> ScenarioTables:
    """The scenario's tables."""
    link_rows, link_ids = rows_of_links(network.graph)
    zones = spread_out.zones
    names = dict(zip(zones.node_ids, (point.name for point in zones.points), strict=True))
    return ScenarioTables(
        settings,
        "EPSG:4326",
        rows_of_nodes(network.graph, names) + spread_out.node_rows,
        link_rows + spread_out.link_rows,
        zone_rows(zones, settings),
        network.exits.site_rows() if network.exits else site_rows(reception),
        propose_crossings(network.graph, link_ids),
        assumptions=assumptions_of(network, settings),
        credits=(credit,),
    )


def choose_people(graph: RoadGraph, places: Sequence[Point] | None, area: Area | None, file: Path) -> People:
    """The zones: places of the table, or the extract's settlements with a population; within the area, if any."""
    if places is not None:
        populated = [place for place in places if place.population > 0]
        empty = len(places) - len(populated)
        notes = [f"Places with a population of 0, which became no zones: {empty:,}."] if empty else []
        with_node = dict(zip(map(str, graph.node_ids.tolist()), range(len(graph.node_ids)), strict=True))
        located = [located_at(place, graph, with_node) for place in places]
        if not area:
            return People(populated, located, notes)
        within = {place.point_id for place in places_within(area, [place for place in located if place.population > 0])}
        chosen = [place for place in populated if place.point_id in within]
        return People(chosen, located, notes)
    choice: SettlementChoice = choose_settlements(graph.extract.settlements, area, file.name)
    return People(choice.zones, choice.known, choice.notes)


def located_at(place: Point, graph: RoadGraph, index: dict[str, int]) -> Point:
    """A place with its node's coordinates where the table gives only the node."""
    node = index.get(place.node_id)
    return place if node is None else replace(place, x=float(graph.lon[node]), y=float(graph.lat[node]))


def index_of(graph: RoadGraph, allowed: BoolArray) -> NodeIndex:
    """The junctions on which places and sites may be put: ``allowed`` bool[n_nodes], off motorways and ferries."""
    joins = np.array([road.road_class not in NO_PLACE_ON for road in graph.extract.roads])[graph.way]
    on_street = np.zeros(len(graph.node_ids), dtype=np.bool_)
    on_street[graph.tail[joins]] = on_street[graph.head[joins]] = True
    chosen = allowed & on_street if (allowed & on_street).any() else allowed
    return NodeIndex([str(i) for i in graph.node_ids[chosen].tolist()], graph.lon[chosen], graph.lat[chosen])


def state_of(graph: RoadGraph) -> str:
    """The day of the data, for the credits."""
    return f", state of {graph.extract.state_of}" if graph.extract.state_of else ""


def assumptions_of(network: UsableNetwork, settings: ImportSettings) -> list[str]:
    """Sentences for the report: what the extract does not say."""
    graph = network.graph
    used = [graph.extract.roads[way] for way in graph.way.tolist()]
    assumed = Counter(word for road in used for word in road.assumed)
    n_links = len(used)
    sentences = [
        f"Of {n_links:,} road sections, capacity is assumed by road class for {assumed['capacity']:,}, lanes for "
        f"{assumed['lanes']:,}, speed for {assumed['speed']:,} (the mean tagged speed of the class in this extract "
        "where at least ten ways of it have one).",
        CLASS_SOURCE,
        "Free-flow speed is the speed limit; waiting at junctions, turn restrictions and times of day are not counted.",
        "Road width, surface, weight and height limits are not looked at.",
        settings.zone_assumption(),
    ]
    if any(road.road_class == "ferry" for road in used):
        sentences.append(
            f"Ferries that do not say otherwise go at {FERRY_SPEED_KM_H:g} km/h and take {FERRY_CAPACITY_VEH_PER_H:g} "
            "vehicles an hour; their timetables are not known (assumption)."
        )
    if network.exits:
        sentences.append("Who has left the area is safe, and there is room for everyone there (assumption).")
    return sentences


def notes_on_network(whole: RoadGraph, network: UsableNetwork) -> list[str]:
    """What was left out of the network."""
    dropped = len(whole) - len(network.graph)
    reason = "not joined to the largest connected part in both directions"
    if network.exits:
        reason = "outside the area, or on no way out of it"
    notes = [f"Road sections dropped: {dropped:,} of {len(whole):,}, {reason}."] if dropped else []
    sides = network.exits.area.reaches_beyond(whole.lon, whole.lat) if network.exits else []
    if sides:
        beyond = f"The area reaches beyond the extract in the {' and '.join(sides)}"
        notes.append(f"{beyond}: roads out there are not known, and clearance may look slower than it is.")
    missing = whole.extract.n_missing_points
    if missing:
        notes.append(f"Points of roads that the file lacks, beyond its edge: {missing:,}; roads end there.")
    return notes


def notes_on_islands(snapped: Snapped, whole: RoadGraph, noun: str) -> list[str]:
    """Points whose own roads were dropped, so that they were put on a junction elsewhere: islands, mostly."""
    everywhere = NodeIndex([""] * len(whole.node_ids), whole.lon, whole.lat)
    cut_off = []
    for point, apart in zip(snapped.points, snapped.distances, strict=True):
        if apart >= NOTED_SNAP_M and everywhere.nearest(point.x, point.y)[1] < apart / 2:
            cut_off.append(f"{noun} {point.name} lies on roads that do not join the others (an island?)")
    return [f"{text}; it was put on a junction elsewhere: check it." for text in cut_off]


def notes_on_gaps(tables: ScenarioTables) -> list[str]:
    """What the user must still fill in before a plan can be made."""
    gaps = []
    if not tables.zones:
        gaps.append(
            "zone.csv has no zones: no place of the extract has a population; add rows, or import with --places."
        )
    if not tables.sites:
        gaps.append("site.csv has no sites: add rows, or import with --sites, before planning.")
    return gaps
