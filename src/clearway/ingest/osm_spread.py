"""Big places on a point: a node of their own, joined to several junctions (centroid connectors)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clearway.ingest.earth import distance_m
from clearway.ingest.osm_graph import RoadGraph
from clearway.ingest.points import NodeIndex, Point, Snapped
from clearway.ingest.write_folder import ImportSettings, Row
from clearway.model.network import IntArray

# People of a place live on a disc at this density: the least of an urban centre in the Degree of Urbanisation
# (Dijkstra & Poelman 2014, European Commission, Regional Working Paper 01/2014).
DENSITY_PER_KM2 = 1500.0
LONG_DEPARTURE_H = 3.0  # over the streets of one junction, from which on a place is spread; ours
TARGET_DEPARTURE_H = 1.0  # over the streets of all its junctions together; ours
CONNECTOR_CAPACITY_VEH_PER_H = (
    9999.0  # osm2gmns, default_capacity_dict: connector. The streets limit, not the connector
)
CONNECTOR_SPEED_KM_H = 30.0  # as on residential streets


@dataclass(frozen=True, slots=True)
class Spread:
    """Zones on their nodes, and the rows of the nodes and connectors that some of them got."""

    zones: Snapped
    node_rows: list[Row]
    link_rows: list[Row]
    notes: list[str]


def spread_zones(zones: Snapped, graph: RoadGraph, index: NodeIndex, settings: ImportSettings, most: int) -> Spread:
    """
    Give each place that would take hours to leave its one junction a node of its own and connectors to up to ``most``.

    ``index`` has the junctions that may be used.
    """
    rate = departure_rates(graph)
    node_ids, node_rows, link_rows = list(zones.node_ids), list[Row](), list[Row]()
    spread, slow = [], []
    for i, point in enumerate(zones.points):
        vehicles = vehicles_of(point, settings)
        hours = vehicles / max(rate[node_ids[i]] * settings.capacity_factor, 1.0)
        if point.node_id or hours < LONG_DEPARTURE_H:
            continue
        junctions = choose_junctions(point, index, min(most, math.ceil(hours / TARGET_DEPARTURE_H)))
        usable = sum(rate[index.ids[j]] for j in junctions) * settings.capacity_factor
        hours_left = vehicles / max(usable, 1.0)
        if hours_left >= LONG_DEPARTURE_H:
            slow.append(f"{point.name} ({hours_left:,.0f} h)")
        if len(junctions) == 1:
            continue
        node_ids[i] = f"zone-{point.point_id}"
        node_rows.append((node_ids[i], point.name, f"{point.x:.7f}", f"{point.y:.7f}"))
        link_rows += connectors(point, node_ids[i], index, junctions)
        spread.append(f"{point.name} ({len(junctions)})")
    notes = []
    if spread:
        notes.append(f"Places that start from several junctions, over connectors of their own: {listed(spread)}.")
    if slow:
        notes.append(
            f"Places that take hours to leave their own streets: {listed(slow)}. Where that is not so, give them as "
            "several places (--places), each with its share of the population, or spread them further (--spread)."
        )
    return Spread(replace(zones, node_ids=tuple(node_ids)), node_rows, link_rows, notes)


def vehicles_of(point: Point, settings: ImportSettings) -> float:
    """Vehicles of a place: its own shares where its table gives them, else the settings'."""

    def share(name: str, default: float) -> float:
        return float(point.cells.get(name) or default)

    present = point.population * share("share_present", settings.share_present)
    present *= 1 - share("share_without_vehicle", settings.share_without_vehicle)
    return present / share("persons_per_vehicle", settings.persons_per_vehicle)


def departure_rates(graph: RoadGraph) -> dict[str, float]:
    """Vehicles per hour that may leave each node over its roads, by node id."""
    roads = graph.extract.roads
    forward = np.array([road.forward_lanes * road.capacity_veh_per_h for road in roads])[graph.way]
    backward = np.array([road.backward_lanes * road.capacity_veh_per_h for road in roads])[graph.way]
    n = len(graph.node_ids)
    rate = np.bincount(graph.tail, forward, minlength=n) + np.bincount(graph.head, backward, minlength=n)
    return dict(zip(map(str, graph.node_ids.tolist()), rate.tolist(), strict=True))


def choose_junctions(point: Point, index: NodeIndex, n: int) -> list[int]:
    """Positions in ``index`` of n junctions on the place's disc: the nearest, then always the one farthest from all."""
    apart = distance_m(index.x, index.y, point.x, point.y)
    nearest = int(np.argmin(apart))
    radius_m = 1000 * math.sqrt(point.population / DENSITY_PER_KM2 / math.pi)
    candidates: IntArray = np.flatnonzero(apart <= max(radius_m, float(apart[nearest])))
    chosen = [nearest]
    gap = distance_m(index.x[candidates], index.y[candidates], index.x[nearest], index.y[nearest])
    while len(chosen) < min(n, len(candidates)):
        best = int(np.argmax(gap))
        chosen.append(int(candidates[best]))
        to_best = distance_m(
            index.x[candidates], index.y[candidates], index.x[candidates[best]], index.y[candidates[best]]
        )
        gap = np.minimum(gap, to_best)
    return chosen


def connectors(point: Point, node_id: str, index: NodeIndex, junctions: Sequence[int]) -> list[Row]:
    """Rows of link.csv: one way from the place to each of its junctions."""
    rows: list[Row] = []
    capacity, speed = f"{CONNECTOR_CAPACITY_VEH_PER_H:g}", f"{CONNECTOR_SPEED_KM_H:g}"
    for number, j in enumerate(junctions, start=1):
        apart = float(distance_m(index.x[j], index.y[j], point.x, point.y))
        length = f"{max(apart, 1.0) / 1000:.6f}"
        ends = (node_id, index.ids[j])
        source = "assumption: the place's own streets"
        rows.append((f"{node_id}-{number}", "", *ends, 1, length, speed, 1, capacity, "auto", "", "connector", source))
    return rows


def listed(words: Sequence[str]) -> str:
    """The first of a list, and how many more."""
    return ", ".join(words[:10]) + (f" and {len(words) - 10} more" if len(words) > 10 else "")
