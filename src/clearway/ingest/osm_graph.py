"""Roads split at junctions: nodes, links, and the part of the network in which everywhere can be reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import numpy.typing as npt

from clearway.ingest.earth import distance_m
from clearway.ingest.osm_read import Extract
from clearway.ingest.osm_tags import FASTEST_KM_H, SLOWEST_KM_H, Road
from clearway.ingest.road_classes import FERRY_SPEED_KM_H
from clearway.model.network import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]

SHORTEST_LINK_M = 1.0  # shorter ones are artefacts of drawing; travel times must be greater than 0
N_TAGGED_FOR_A_MEAN = 10  # tagged ways of a class from which their mean speed is taken for the others; ours


@dataclass(frozen=True, slots=True, eq=False)
class RoadGraph:
    """
    The roads of an extract between junctions.

    Attributes
    ----------
    node_ids : int64[n_nodes]
        OSM node ids.
    lon, lat : float64[n_nodes]
    way, number : int64[n_links]
        Index into the extract's roads; the link's place along its way, from 1.
    tail, head : int64[n_links]
        Node indices, in the direction the way is drawn.
    first, last : int64[n_links]
        Points of the extract.
    length_m : float64[n_links]
    """

    extract: Extract
    node_ids: IntArray
    lon: FloatArray
    lat: FloatArray
    way: IntArray
    number: IntArray
    tail: IntArray
    head: IntArray
    first: IntArray
    last: IntArray
    length_m: FloatArray

    def __len__(self) -> int:
        return len(self.way)

    def road(self, link: int) -> Road:
        """The road a link is part of."""
        return self.extract.roads[int(self.way[link])]

    def arcs(self) -> tuple[IntArray, IntArray]:
        """int64[n_arcs] twice: from and to nodes of every direction that may be driven."""
        forward = np.array([road.forward_lanes > 0 for road in self.extract.roads])[self.way]
        backward = np.array([road.backward_lanes > 0 for road in self.extract.roads])[self.way]
        tails = np.concatenate((self.tail[forward], self.head[backward]))
        heads = np.concatenate((self.head[forward], self.tail[backward]))
        return tails, heads

    def keep(self, links: BoolArray) -> RoadGraph:
        """Only these links (bool[n_links]) and the nodes they join."""
        used, ends = np.unique(np.concatenate((self.tail[links], self.head[links])), return_inverse=True)
        n_links = int(links.sum())
        return RoadGraph(
            self.extract,
            self.node_ids[used],
            self.lon[used],
            self.lat[used],
            self.way[links],
            self.number[links],
            ends[:n_links].astype(np.int64),
            ends[n_links:].astype(np.int64),
            self.first[links],
            self.last[links],
            self.length_m[links],
        )


def split_roads(extract: Extract) -> RoadGraph:
    """
    Cut every way where another one meets it, where it meets itself, and where points are unknown or barred.

    Loops that no other road meets are left out.
    """
    node_ids, point_node = np.unique(extract.ref, return_inverse=True)
    is_known = ~np.isnan(extract.lon)
    way_of_point = np.repeat(np.arange(len(extract.roads)), np.diff(extract.start))
    goes_on = np.zeros(len(extract.ref), dtype=np.bool_)  # from this point to the next one
    goes_on[:-1] = (way_of_point[:-1] == way_of_point[1:]) & is_known[:-1] & is_known[1:]
    comes_on = np.concatenate(([False], goes_on[:-1]))
    n_uses = np.bincount(point_node[is_known], minlength=len(node_ids))
    is_cut = is_known & ((n_uses[point_node] > 1) | ~goes_on | ~comes_on)
    cuts = np.flatnonzero(is_cut)
    begins = np.flatnonzero(goes_on[cuts])  # never the last cut: there the way ends
    first, last = cuts[begins], cuts[begins + 1]

    step_m = np.zeros(len(extract.ref))
    step_m[:-1] = distance_m(extract.lon[:-1], extract.lat[:-1], extract.lon[1:], extract.lat[1:])
    along_m = np.concatenate(([0.0], np.cumsum(np.where(goes_on, step_m, 0.0))))
    way = way_of_point[first]
    number = np.arange(len(first)) - np.searchsorted(way, way) + 1
    lon, lat = np.full(len(node_ids), np.nan), np.full(len(node_ids), np.nan)
    lon[point_node[is_known]], lat[point_node[is_known]] = extract.lon[is_known], extract.lat[is_known]
    length_m = np.maximum(along_m[last] - along_m[first], SHORTEST_LINK_M)
    graph = RoadGraph(
        extract, node_ids, lon, lat, way, number, point_node[first], point_node[last], first, last, length_m
    )
    return graph.keep(graph.tail != graph.head)


def neighbour_lists(n_nodes: int, tails: IntArray, heads: IntArray) -> tuple[list[int], list[int]]:
    """Heads sorted by tail, and where each node's begin (n_nodes + 1 numbers)."""
    order = np.argsort(tails, kind="stable")
    begin = np.concatenate(([0], np.cumsum(np.bincount(tails, minlength=n_nodes))))
    return heads[order].tolist(), begin.tolist()


def strong_components(n_nodes: int, tails: IntArray, heads: IntArray) -> IntArray:
    """
    int64[n_nodes]: which strongly connected component each node belongs to [1]_, without recursion.

    References
    ----------
    .. [1] Tarjan (1972), Depth-first search and linear graph algorithms, SIAM Journal on Computing 1(2): 146-160.
    """
    neighbours, begin = neighbour_lists(n_nodes, tails, heads)
    unseen = n_nodes + 1
    order, lowest = [unseen] * n_nodes, [0] * n_nodes
    component, next_arc = [-1] * n_nodes, begin[:-1]
    stack: list[int] = []
    n_seen = n_components = 0
    for root in range(n_nodes):
        if order[root] != unseen:
            continue
        path = [root]
        while path:
            v = path[-1]
            if order[v] == unseen:
                order[v] = lowest[v] = n_seen
                n_seen += 1
                stack.append(v)
            if next_arc[v] < begin[v + 1]:
                w = neighbours[next_arc[v]]
                next_arc[v] += 1
                if order[w] == unseen:
                    path.append(w)
                elif component[w] < 0:
                    lowest[v] = min(lowest[v], order[w])
                continue
            path.pop()
            if path:
                lowest[path[-1]] = min(lowest[path[-1]], lowest[v])
            if lowest[v] == order[v]:
                while True:
                    w = stack.pop()
                    component[w] = n_components
                    if w == v:
                        break
                n_components += 1
    return np.array(component, dtype=np.int64)


def reached_from(seeds: BoolArray, tails: IntArray, heads: IntArray) -> BoolArray:
    """bool[n_nodes]: the seeds and all nodes that arcs lead to from them."""
    neighbours, begin = neighbour_lists(len(seeds), tails, heads)
    reached = seeds.tolist()
    stack = np.flatnonzero(seeds).tolist()
    while stack:
        v = stack.pop()
        for w in neighbours[begin[v] : begin[v + 1]]:
            if not reached[w]:
                reached[w] = True
                stack.append(w)
    return np.array(reached, dtype=np.bool_)


def largest_component(graph: RoadGraph, counts: BoolArray | None = None) -> BoolArray:
    """bool[n_nodes]: the strongly connected component with most nodes (of those that count, where given)."""
    tails, heads = graph.arcs()
    component = strong_components(len(graph.node_ids), tails, heads)
    weights = None if counts is None or not counts.any() else counts.astype(np.float64)
    largest: BoolArray = component == int(np.argmax(np.bincount(component, weights)))
    return largest


def mean_speeds_km_h(roads: Sequence[Road]) -> dict[str, float]:
    """
    Mean tagged speed by road class, where enough ways have one [1]_.

    References
    ----------
    .. [1] OSMnx, routing.add_edge_speeds: missing speeds are imputed by the mean of the tagged ones of the class
           (Boeing 2025, Modeling and analyzing urban networks and amenities with OSMnx, Geographical Analysis).
    """
    tagged: dict[str, list[float]] = defaultdict(list)
    for road in roads:
        if "speed" not in road.assumed and road.road_class != "ferry":
            tagged[road.road_class].append(road.speed_km_h)
    return {name: fmean(speeds) for name, speeds in tagged.items() if len(speeds) >= N_TAGGED_FOR_A_MEAN}


def link_speeds_km_h(graph: RoadGraph) -> FloatArray:
    """float64[n_links]: tagged speeds, else the mean of the class here, else its default; ferries by their duration."""
    roads, means = graph.extract.roads, mean_speeds_km_h(graph.extract.roads)
    speeds = np.array([means.get(r.road_class, r.speed_km_h) if "speed" in r.assumed else r.speed_km_h for r in roads])
    length_m = np.bincount(graph.way, graph.length_m, minlength=len(roads))
    for way, road in enumerate(roads):
        if road.duration_s > 0:
            speed = length_m[way] / road.duration_s * 3.6
            # a duration that makes the ferry a car or a snail is a typing error
            speeds[way] = speed if SLOWEST_KM_H <= speed <= FASTEST_KM_H else FERRY_SPEED_KM_H
    return speeds[graph.way]
