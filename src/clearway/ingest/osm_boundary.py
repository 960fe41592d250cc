"""The roads out of an area: where it ends, everyone is safe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearway.errors import Fault, InputError
from clearway.ingest.area import BOUNDARY_BUFFER_M, Area, compass
from clearway.ingest.osm_graph import BoolArray, RoadGraph, reached_from
from clearway.ingest.write_folder import Row, one_line
from clearway.model.network import IntArray

# Ways to a door or yard may cross the line but lead nowhere.
NO_WAY_OUT = frozenset(("service", "track", "living_street"))


@dataclass(frozen=True, slots=True, eq=False)
class Exits:
    """
    The network of an area and the nodes just outside it.

    Attributes
    ----------
    is_exit : bool[n_nodes]
    exit_link : for each exit node, in order, a link that leads there.
    """

    graph: RoadGraph
    is_exit: BoolArray
    exit_link: tuple[int, ...]
    area: Area

    def site_rows(self) -> list[Row]:
        """Rows of site.csv: one site per road out, unlimited beds."""
        rows: list[Row] = []
        for node, link in zip(np.flatnonzero(self.is_exit).tolist(), self.exit_link, strict=True):
            road = self.graph.road(link)
            lon, lat = float(self.graph.lon[node]), float(self.graph.lat[node])
            where = compass(self.area.middle_lon, self.area.middle_lat, lon, lat)
            name = f"{one_line(road.name or road.ref) or f'{road.road_class} road'}, {where}"
            node_id = int(self.graph.node_ids[node])
            source = "assumption: outside the area is safe"
            rows.append((f"exit-{node_id}", name, node_id, "", "", "", "", source))
        return rows


def cut_at_boundary(whole: RoadGraph, core: BoolArray, area: Area) -> Exits:
    """
    The roads within an area from which some road out can be reached, and those roads up to their first node outside.

    ``core`` (bool[n_nodes]) is the part in which everywhere can be reached; one-way roads out of it count too.
    """
    inside = area.contains(whole.lon, whole.lat, BOUNDARY_BUFFER_M)
    reached = reached_from(core, *whole.arcs())
    leads_out = np.array([road.road_class not in NO_WAY_OUT for road in whole.extract.roads])[whole.way]
    forward = np.array([road.forward_lanes > 0 for road in whole.extract.roads])[whole.way]
    backward = np.array([road.backward_lanes > 0 for road in whole.extract.roads])[whole.way]
    ends_known = reached[whole.tail] & reached[whole.head]
    out_ahead = leads_out & forward & ends_known & inside[whole.tail] & ~inside[whole.head]
    out_behind = leads_out & backward & ends_known & inside[whole.head] & ~inside[whole.tail]
    kept = (ends_known & inside[whole.tail] & inside[whole.head]) | out_ahead | out_behind
    exit_ids = np.unique(whole.node_ids[np.concatenate((whole.head[out_ahead], whole.tail[out_behind]))])
    if not len(exit_ids):
        message = (
            "no road of the extract leaves the area"
            if inside.any()
            else "no road of the extract lies within the area; do both cover the same region?"
        )
        hint = "" if not inside.any() else ": the extract ends within it; use a smaller area or a larger extract"
        raise InputError([Fault(area.file, message + hint)], "the area")
    graph = whole.keep(kept)
    tails, heads = graph.arcs()
    gets_out = reached_from(np.isin(graph.node_ids, exit_ids), heads, tails)
    graph = graph.keep(gets_out[graph.tail] & gets_out[graph.head])
    is_exit = np.isin(graph.node_ids, exit_ids)
    return Exits(graph, is_exit, links_to(graph, np.flatnonzero(is_exit)), area)


def links_to(graph: RoadGraph, nodes: IntArray) -> tuple[int, ...]:
    """For each node a link at it: the widest."""
    best: dict[int, int] = {}
    for link, ends in enumerate(zip(graph.tail.tolist(), graph.head.tolist(), strict=True)):
        for node in ends:
            if node not in best or graph.road(link).capacity_veh_per_h > graph.road(best[node]).capacity_veh_per_h:
                best[node] = link
    return tuple(best[node] for node in nodes.tolist())
