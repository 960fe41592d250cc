"""Roads: nodes, directed links and named crossings."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def read_only(array: npt.NDArray[np.generic]) -> None:
    """Make an array's contents as frozen as the object that holds it."""
    array.setflags(write=False)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """
    Nodes and directed links, in the order of their files.

    A two-way road (GMNS ``directed`` = 0) is two links here: the second one has the id of the first with
    ``-`` in front.

    Attributes
    ----------
    node_x, node_y : float64[n_nodes]
        Longitude and latitude in degrees, or planar coordinates where ``crs`` is ``local``.
    tail, head : int64[n_links]
        Node index a link leaves and enters.
    length_m, free_flow_time_s : float64[n_links]
        Metres; seconds at free-flow speed, greater than 0.
    lanes : float64[n_links]
    capacity_veh_per_s : float64[n_links]
        Nominal capacity of all lanes together, before the scenario's capacity factor.
    reverse : int64[n_links]
        The link that is the other direction of the same two-way road, -1 where there is none.
    geometry : per link a float64[n_points, 2] array of x, y from tail to head, or None for a straight line.
    jam_density_veh_per_m : float64[n_links] or None
        Vehicles standing on a metre, all lanes together; nan where the tables do not say, None where they never do.
    """

    node_ids: tuple[str, ...]
    node_names: tuple[str, ...]
    node_x: FloatArray
    node_y: FloatArray
    link_ids: tuple[str, ...]
    link_names: tuple[str, ...]
    tail: IntArray
    head: IntArray
    length_m: FloatArray
    free_flow_time_s: FloatArray
    lanes: FloatArray
    capacity_veh_per_s: FloatArray
    allowed_uses: tuple[str, ...]
    reverse: IntArray
    geometry: tuple[FloatArray | None, ...]
    crs: str = "EPSG:4326"
    jam_density_veh_per_m: FloatArray | None = None
    _node_index: dict[str, int] = field(init=False, repr=False)
    _link_index: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not (len(self.tail) == len(self.head) == len(self.link_ids) == len(self.free_flow_time_s)):
            raise ValueError("link arrays differ in length")
        if len(self.free_flow_time_s) and not (self.free_flow_time_s > 0).all():
            raise ValueError("free-flow times must be positive")
        if (self.capacity_veh_per_s < 0).any():
            raise ValueError("capacities must not be negative")
        for name in (
            "node_x",
            "node_y",
            "tail",
            "head",
            "length_m",
            "free_flow_time_s",
            "lanes",
            "capacity_veh_per_s",
            "reverse",
        ):
            read_only(getattr(self, name))
        if self.jam_density_veh_per_m is not None:
            read_only(self.jam_density_veh_per_m)
        object.__setattr__(self, "_node_index", {node_id: i for i, node_id in enumerate(self.node_ids)})
        object.__setattr__(self, "_link_index", {link_id: i for i, link_id in enumerate(self.link_ids)})

    @property
    def n_nodes(self) -> int:
        return len(self.node_ids)

    @property
    def n_links(self) -> int:
        return len(self.link_ids)

    @property
    def is_local(self) -> bool:
        """True where coordinates are planar and no map lies behind them."""
        return self.crs == "local"

    def node_index(self, node_id: str) -> int:
        """Index of a node; KeyError where there is none."""
        return self._node_index[node_id]

    def link_index(self, link_id: str) -> int:
        """Index of a link; KeyError where there is none."""
        return self._link_index[link_id]

    def has_node(self, node_id: str) -> bool:
        return node_id in self._node_index

    def has_link(self, link_id: str) -> bool:
        return link_id in self._link_index

    def link_label(self, link: int) -> str:
        """A link's name for people: its own, or the names (ids) of the nodes it joins."""
        if self.link_names[link]:
            return self.link_names[link]
        ends = [self.node_names[v] or f"node {self.node_ids[v]}" for v in (self.tail[link], self.head[link])]
        return f"{ends[0]} to {ends[1]}"


@dataclass(frozen=True, slots=True)
class Crossing:
    """A named set of links that passes an obstacle and can be lost as one: bridge, dam, ferry, isthmus, tunnel."""

    crossing_id: str
    name: str
    kind: str
    links: tuple[int, ...]  # link indices, both directions of a two-way road
    source: str = ""
