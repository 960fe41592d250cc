"""Names for roads and junctions that have none: by the named place next to them."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from clearway.model.network import IntArray
from clearway.model.scenario import Scenario


class Places:
    """The named places of a scenario and what lies next to them."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        network = scenario.network
        names = {v: name for v, name in enumerate(network.node_names) if name}
        names |= {site.node: site.name for site in scenario.sites if site.name}
        names |= {zone.node: zone.name for zone in scenario.zones if zone.name}
        self.names = names

    @cached_property
    def crossing_of_link(self) -> IntArray:
        """int64[n_links]: the first crossing a link belongs to, -1 where none."""
        crossing = np.full(self.scenario.network.n_links, -1, dtype=np.int64)
        for i in reversed(range(len(self.scenario.crossings))):
            crossing[list(self.scenario.crossings[i].links)] = i
        return crossing

    @cached_property
    def _named(self) -> IntArray:
        return np.array(sorted(self.names), dtype=np.int64)

    def near(self, node: int) -> str:
        """The nearest named place; empty where the scenario names none."""
        if node in self.names or not self.names:
            return self.names.get(node, "")
        network = self.scenario.network
        dx = network.node_x[self._named] - network.node_x[node]
        dy = network.node_y[self._named] - network.node_y[node]
        if not network.is_local:
            dx = dx * np.cos(np.radians(network.node_y[node]))
        return self.names[int(self._named[np.argmin(dx * dx + dy * dy)])]

    def road(self, link: int) -> str:
        """A link's name: its own, or the places it joins, or the place it is near."""
        network = self.scenario.network
        if network.link_names[link]:
            return network.link_names[link]
        tail, head = int(network.tail[link]), int(network.head[link])
        if tail in self.names and head in self.names:
            return f"{self.names[tail]} to {self.names[head]}"
        near = self.near(tail)
        return f"road near {near} (link {network.link_ids[link]})" if near else network.link_label(link)
