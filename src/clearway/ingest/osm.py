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
from clearway.ingest.osm_graph import BoolArray, RoadGraph, largest_component, link_speeds_km_h, split_roads
from clearway.ingest.osm_places import SettlementChoice, choose_settlements
from clearway.ingest.osm_read import read_extract
from clearway.ingest.points import NodeIndex, Point, Snapped, read_places, read_sites, site_rows, snap, zone_rows
from clearway.ingest.road_classes import CLASS_SOURCE, FERRY_CAPACITY_VEH_PER_H, FERRY_SPEED_KM_H
from clearway.ingest.write_folder import (
    ImportReport,
    ImportSettings,
    Row,
    ScenarioTables,
    check_target,
    one_line,
    write_scenario_folder,
)

CREDIT = "Roads and places: © OpenStreetMap contributors, Open Database License 1.0 (openstreetmap.org/copyright)"
# Nobody joins the traffic there: a place is put on a junction of other roads.
NO_PLACE_ON = frozenset(("motorway", "motorway_link", "ferry"))
LONG_DEPARTURE_H = 3.0  # of one zone over the roads of its one junction, from which on it is told; ours


@dataclass(frozen=True, slots=True)
class People:
    """Who leaves: ``zones`` with their population, ``known`` all places that could be sites, ``notes`` on the choice."""

    zones: Sequence[Point]
    known: Sequence[Point]
    notes: Sequence[str]


def import_osm(
    file: Path,
    out: Path,
    *,
    places: Path | None = None,
    area: Path | None = None,
    sites: Path | None = None,
    sites_at_boundary: bool = False,
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

    Raises
    ------
    InputError : a file is faulty; all faults found in the tables at once.
    UsageError : ``out`` is not empty; an area without sites; sites in two ways.
    OutputError : the folder cannot be written. Nothing half-written is left.
    """
    check_target(out)
    check_call(area, sites, sites_at_boundary)
    log = FaultLog()
    polygon = read_area(area) if area else None
    place_points = read_places(places, log) if places else None
    site_points = read_sites(sites, log) if sites else []
    log.raise_any("the tables of places and sites")
    whole = split_roads(read_extract(file))
    people = choose_people(whole, place_points, polygon, file)
    if polygon and not sites and not sites_at_boundary:
        raise ask_for_sites(polygon, people.known)

    inside = polygon.contains(whole.lon, whole.lat) if polygon else None
    core = largest_component(whole, inside)
    exits = cut_at_boundary(whole, core, polygon) if polygon and sites_at_boundary else None
    graph = exits.graph if exits else whole.keep(core[whole.tail] & core[whole.head])
    if not len(graph):
        raise InputError([Fault(file.name, "no junction can be reached from another: no network")], str(file.name))
    on_core = np.isin(graph.node_ids, whole.node_ids[core])
    index = index_of(graph, on_core & ~exits.is_exit if exits else on_core)
    zones, reception = snap(people.zones, index, log), snap(site_points, index, log)
    log.raise_any("the places and sites")

    settings = settings or ImportSettings()
    settings = settings if settings.name else replace(settings, name=file.name.split(".")[0])
    link_rows, link_ids = rows_of_links(graph)
    tables = ScenarioTables(
        settings,
        "EPSG:4326",
        rows_of_nodes(graph, zones),
        link_rows,
        zone_rows(zones, settings),
        exits.site_rows() if exits else site_rows(reception),
        propose_crossings(graph, link_ids),
        assumptions=assumptions_of(graph, settings, exits),
        credits=(f"{CREDIT}; file {file.name}" + state_of(whole),),
    )
    notes = [
        *notes_on_network(whole, graph, exits),
        *people.notes,
        *zones.notes("Zones"),
        *reception.notes("Sites"),
        *notes_on_departures(zones, graph, settings),
        *notes_on_gaps(tables),
    ]
    return write_scenario_folder(tables, out, notes)


def check_call(area: Path | None, sites: Path | None, sites_at_boundary: bool) -> None:
    """Refuse what cannot be meant."""
    if sites_at_boundary and not area:
        raise UsageError("--sites-at-boundary needs the boundary: give --area FILE too")
    if sites_at_boundary and sites:
        raise UsageError("give either --sites or --sites-at-boundary: the network ends at the boundary")


def choose_people(graph: RoadGraph, places: Sequence[Point] | None, area: Area | None, file: Path) -> People:
    """The zones: places of the table, or the extract's settlements with a population; within the area, if there is one."""
    if places is not None:
        populated = [place for place in places if place.population > 0]
        empty = len(places) - len(populated)
        notes = [f"{empty} places have a population of 0 and became no zones."] if empty else []
        with_node = dict(zip(map(str, graph.node_ids.tolist()), range(len(graph.node_ids)), strict=True))
        located = [located_at(place, graph, with_node) for place in places]
        if not area:
            return People(populated, located, notes)
        within = set(id(place) for place in places_within(area, [place for place in located if place.population > 0]))
        chosen = [place for place, where in zip(places, located, strict=True) if id(where) in within]
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


def rows_of_nodes(graph: RoadGraph, zones: Snapped) -> list[Row]:
    """Rows of node.csv; a zone's node bears its name."""
    names = dict(zip(zones.node_ids, (point.name for point in zones.points), strict=True))
    columns = zip(graph.node_ids.tolist(), graph.lon.tolist(), graph.lat.tolist(), strict=True)
    return [(node_id, names.get(str(node_id), ""), f"{lon:.7f}", f"{lat:.7f}") for node_id, lon, lat in columns]


def rows_of_links(graph: RoadGraph) -> tuple[list[Row], list[tuple[str, ...]]]:
    """
    Rows of link.csv, and the ids of the rows that each link became.

    A two-way road is one undirected row, or two directed ones where lanes differ (the second ends in ``b``).
    """
    speeds = link_speeds_km_h(graph).tolist()
    rows: list[Row] = []
    ids: list[tuple[str, ...]] = []
    lengths, way_of_link = graph.length_m.tolist(), graph.way.tolist()
    ends = zip(graph.node_ids[graph.tail].tolist(), graph.node_ids[graph.head].tolist(), strict=True)
    for link, (tail, head) in enumerate(ends):
        road, link_id = graph.extract.roads[way_of_link[link]], graph.link_id(link)
        name = one_line(road.name or road.ref)
        length, speed = f"{lengths[link] / 1000:.6f}", f"{speeds[link]:.5g}"
        points = graph.extract.lon[graph.first[link] : graph.last[link] + 1].tolist()
        others = graph.extract.lat[graph.first[link] : graph.last[link] + 1].tolist()
        shape = list(zip(points, others, strict=True))
        source = "OpenStreetMap" + (f"; assumption: {', '.join(road.assumed)}" if road.assumed else "")

        def row(link_id: str, way: tuple[int, int], directed: int, lanes: int, shape: list[tuple[float, float]]) -> Row:
            capacity = f"{road.capacity_veh_per_h:g}"  # noqa: B023 (called at once)
            rest = (directed, length, speed, lanes, capacity, "auto", wkt(shape), road.road_class, source)  # noqa: B023
            return (link_id, name, *way, *rest)  # noqa: B023

        if road.forward_lanes == road.backward_lanes:
            made = [row(link_id, (tail, head), 0, road.forward_lanes, shape)]
        else:
            made = [row(link_id, (tail, head), 1, road.forward_lanes, shape)] if road.forward_lanes else []
            if road.backward_lanes:
                back_id = f"{link_id}b" if road.forward_lanes else link_id
                made.append(row(back_id, (head, tail), 1, road.backward_lanes, shape[::-1]))
        rows += made
        ids.append(tuple(str(made_row[0]) for made_row in made))
    return rows, ids


def wkt(shape: Sequence[tuple[float, float]]) -> str:
    """A line's points as WKT, empty where it is straight between its ends. Six decimals: 0.1 m."""
    return "LINESTRING (" + ", ".join(f"{x:.6f} {y:.6f}" for x, y in shape) + ")" if len(shape) > 2 else ""


def state_of(graph: RoadGraph) -> str:
    """The day of the data, for the credits."""
    return f", state of {graph.extract.state_of}" if graph.extract.state_of else ""


def assumptions_of(graph: RoadGraph, settings: ImportSettings, exits: Exits | None) -> list[str]:
    """Sentences for the report: what the extract does not say."""
    used = [graph.extract.roads[way] for way in graph.way.tolist()]
    assumed = Counter(word for road in used for word in road.assumed)
    n_links = len(used)
    sentences = [
        f"Of {n_links:,} road sections, capacity is assumed by road class for {assumed['capacity']:,}, lanes for "
        f"{assumed['lanes']:,}, speed for {assumed['speed']:,} (the mean tagged speed of the class in this extract where "
        "at least ten ways of it have one).",
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
    if exits:
        sentences.append("Who has left the area is safe, and there is room for everyone there (assumption).")
    return sentences


def notes_on_network(whole: RoadGraph, graph: RoadGraph, exits: Exits | None) -> list[str]:
    """What was left out of the network."""
    dropped = len(whole) - len(graph)
    reason = (
        "outside the area, or on no way out of it" if exits else "not joined to the largest connected part in both directions"
    )
    notes = [f"{dropped:,} of {len(whole):,} road sections were dropped: {reason}."] if dropped else []
    missing = whole.extract.n_missing_points
    if missing:
        notes.append(f"The file lacks {missing:,} points of its roads (they lie beyond its edge); roads end there.")
    return notes


def notes_on_departures(zones: Snapped, graph: RoadGraph, settings: ImportSettings) -> list[str]:
    """Zones that take long to leave their one junction: an artefact of putting a town on a point."""
    rate: Counter[str] = Counter()
    for link, (tail, head) in enumerate(zip(graph.tail.tolist(), graph.head.tolist(), strict=True)):
        road = graph.road(link)
        rate[str(graph.node_ids[tail])] += int(road.forward_lanes * road.capacity_veh_per_h)
        rate[str(graph.node_ids[head])] += int(road.backward_lanes * road.capacity_veh_per_h)
    slow = []
    for point, node_id in zip(zones.points, zones.node_ids, strict=True):
        vehicles = point.population * settings.share_present / settings.persons_per_vehicle
        hours = vehicles / max(rate[node_id] * settings.capacity_factor, 1.0)
        if hours >= LONG_DEPARTURE_H:
            slow.append(f"{point.name} ({hours:,.0f} h)")
    if not slow:
        return []
    shown = ", ".join(slow[:10]) + (f" and {len(slow) - 10} more" if len(slow) > 10 else "")
    return [
        f"Whole towns start at one junction, whose streets alone take long to let them out: {shown}. "
        "Give such a town as several places (--places), each with its share of the population."
    ]


def notes_on_gaps(tables: ScenarioTables) -> list[str]:
    """What the user must still fill in before a plan can be made."""
    gaps = []
    if not tables.zones:
        gaps.append("zone.csv has no zones: no place of the extract has a population; add rows, or import with --places.")
    if not tables.sites:
        gaps.append("site.csv has no sites: add rows, or import with --sites, before planning.")
    return gaps
