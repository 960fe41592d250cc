"""The nodes and links of a road graph as rows of node.csv and link.csv."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clearway.ingest.osm_graph import RoadGraph, link_speeds_km_h
from clearway.ingest.osm_tags import Road
from clearway.ingest.write_folder import Row, one_line


def rows_of_nodes(graph: RoadGraph, names: Mapping[str, str]) -> list[Row]:
    """Rows of node.csv; ``names`` by node id, where a node has one. Seven decimals: what OpenStreetMap keeps."""
    columns = zip(graph.node_ids.tolist(), graph.lon.tolist(), graph.lat.tolist(), strict=True)
    return [(node_id, names.get(str(node_id), ""), f"{lon:.7f}", f"{lat:.7f}") for node_id, lon, lat in columns]


def rows_of_links(graph: RoadGraph) -> tuple[list[Row], list[tuple[str, ...]]]:
    """
    Rows of link.csv, and the ids of the rows that each link became.

    A two-way road is one undirected row, or two directed ones where lanes differ (the second ends in ``b``).
    """
    rows: list[Row] = []
    ids: list[tuple[str, ...]] = []
    names = [one_line(road.name or road.ref) for road in graph.extract.roads]
    sources = [source_of(road) for road in graph.extract.roads]
    columns = zip(
        graph.way.tolist(),
        graph.number.tolist(),
        graph.node_ids[graph.tail].tolist(),
        graph.node_ids[graph.head].tolist(),
        graph.length_m.tolist(),
        link_speeds_km_h(graph).tolist(),
        shapes_of(graph),
        strict=True,
    )
    way_ids = [way_label(way_id) for way_id in graph.extract.way_ids.tolist()]
    for way, number, tail, head, length_m, speed, shape in columns:
        road, link_id = graph.extract.roads[way], f"{way_ids[way]}_{number}"
        size = (f"{length_m / 1000:.6f}", f"{speed:.5g}")
        rest = (f"{road.capacity_veh_per_h:g}", "auto")
        about = (road.road_class, sources[way])
        forward, backward = road.forward_lanes, road.backward_lanes
        directed = int(forward != backward)
        made: list[Row] = []
        if forward:
            made.append((link_id, names[way], tail, head, directed, *size, forward, *rest, wkt(shape), *about))
        if backward and directed:
            back_id = f"{link_id}b" if forward else link_id
            made.append((back_id, names[way], head, tail, 1, *size, backward, *rest, wkt(shape[::-1]), *about))
        rows += made
        ids.append((link_id,) if len(made) == 1 else (link_id, f"{link_id}b"))
    return rows, ids


def way_label(way_id: int) -> str:
    """A way's id as it begins link ids: editors number new ways below 0, but a minus sign marks the other direction."""
    return str(way_id) if way_id >= 0 else f"new{-way_id}"


def source_of(road: Road) -> str:
    """What a link's cells rest on."""
    return "OpenStreetMap" + (f"; assumption: {', '.join(road.assumed)}" if road.assumed else "")


def shapes_of(graph: RoadGraph) -> list[list[tuple[float, float]]]:
    """The points of each link, empty where it is straight between its ends."""
    points = list(zip(graph.extract.lon.tolist(), graph.extract.lat.tolist(), strict=True))
    ends = zip(graph.first.tolist(), graph.last.tolist(), strict=True)
    return [points[first : last + 1] if last - first > 1 else [] for first, last in ends]


def wkt(shape: Sequence[tuple[float, float]]) -> str:
    """A line's points as WKT, empty where there are none. Six decimals: 0.1 m."""
    return f"LINESTRING ({', '.join([f'{x:.6f} {y:.6f}' for x, y in shape])})" if shape else ""
