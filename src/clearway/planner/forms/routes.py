"""Which way each part of a zone takes: local search on how full links and sites get by a horizon."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import numpy as np

from clearway.kernels.route_choice import choose_routes
from clearway.model.network import FloatArray, IntArray
from clearway.planner.forms.parties import Parties, Ways

MOST_LINKS_OF_A_WAY = 2_000


@dataclass(frozen=True, slots=True)
class Taste:
    """
    What the search likes: ``doublings``, the measure's power is 2 to this; ``per_second``, its dislike of long ways,
    as a share of a full link per horizon of travel.
    """

    doublings: int = 4
    per_second: float = 1e-3


class RouteSearch:
    """Ways for some vehicles of each party, improved round after round."""

    def __init__(
        self,
        parties: Parties,
        horizon_s: float,
        taste: Taste,
        *,
        is_convergent: bool,
        vehicles: FloatArray | None = None,
        beds: FloatArray | None = None,
        part_limit: int | None = None,
    ) -> None:
        self.parties = parties
        self.vehicles = parties.vehicles if vehicles is None else vehicles
        n_nodes, n_links = parties.scenario.network.n_nodes, len(parties.links)
        most_parts = parties.most_parts if part_limit is None else np.minimum(parties.most_parts, part_limit)
        most_parts = np.where(self.vehicles > 0, most_parts, 0)
        self.part_start = np.concatenate(([0], np.cumsum(most_parts))).astype(np.int64)
        n_parts = int(self.part_start[-1])
        most_links = min(MOST_LINKS_OF_A_WAY, n_nodes + 1)
        self.state = (
            np.zeros((n_parts, most_links), dtype=np.int64),
            np.zeros(n_parts, dtype=np.int64),
            np.full(n_parts, -1, dtype=np.int64),
        )
        self.size = np.zeros(n_parts)
        shape = (parties.n_directions, n_nodes)
        self.tree = (
            is_convergent, np.full(shape, -1, dtype=np.int64),
            np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64),
        )  # fmt: skip
        self.load = (np.zeros(n_links), np.zeros(len(parties.beds)))
        room, span = parties.room(horizon_s)
        self.room = (room, parties.beds.copy() if beds is None else np.maximum(beds, 1e-9))
        self.rate = np.divide(room, span, out=np.zeros(n_links), where=span > 0)
        self.spans = np.maximum(horizon_s - parties.ready_s, 1.0)
        self.weights = (taste.doublings, taste.per_second / max(horizon_s, 1.0))
        self.horizon_s = horizon_s
        self.n_lost = 0

    def copy(self) -> RouteSearch:
        """The same, to be changed on its own."""
        twin = copy.copy(self)
        twin.state = tuple(array.copy() for array in self.state)  # type: ignore[assignment]
        twin.tree = (self.tree[0], *(array.copy() for array in self.tree[1:]))  # type: ignore[assignment]
        twin.load = (self.load[0].copy(), self.load[1].copy())
        twin.size = self.size.copy()
        return twin

    def shaken(self, random: np.random.Generator, noise: float, n_rounds: int) -> RouteSearch:
        """Some parties taken off and put back as if links were a little wider or narrower than they are."""
        twin = self.copy()
        true = self.room
        factor = np.exp(noise * random.standard_normal(len(true[0])))
        twin.room = (true[0] * factor, true[1])
        twin.improve(n_rounds, int(random.integers(1 << 31)), math.inf)
        twin.room = true
        return twin

    def improve(self, n_rounds: int, seed: int, tolerance: float = 1e-12) -> None:
        """Some more rounds; what a round may add to the measure."""
        p = self.parties
        _, lost = choose_routes(
            (p.start, p.order, p.tail, p.head, p.tau), (p.site_start, p.site_order, p.site_direction), self.tree,
            (p.origin, p.direction, self.vehicles, p.persons), self.part_start, self.size, self.load, self.room,
            self.weights, self.rate, self.spans, self.state, n_rounds, np.random.default_rng(seed),
            tolerance,
        )  # fmt: skip
        self.n_lost += lost

    @property
    def fullest(self) -> float:
        """The fullest link's or site's load per room."""
        on_links = np.divide(self.load[0], self.room[0], out=np.zeros(len(self.load[0])), where=self.load[0] > 0)
        return float(max(on_links.max(initial=0.0), (self.load[1] / self.room[1]).max(initial=0.0)))

    def ways(self, phase: int = 0) -> Ways:
        """The ways as they are; parts of a party on the same way are one."""
        links, lengths, sites = self.state
        party = np.repeat(np.arange(len(self.parties)), np.diff(self.part_start))
        found: dict[tuple[int, int, bytes], float] = {}
        for part in np.flatnonzero((lengths > 0) & (self.size > 0)):
            key = (int(party[part]), int(sites[part]), links[part, : lengths[part]].tobytes())
            found[key] = found.get(key, 0.0) + float(self.size[part])
        return ways_of([(p, s, np.frombuffer(way, dtype=np.int64), v) for (p, s, way), v in found.items()], phase)


def ways_of(rows: list[tuple[int, int, IntArray, float]], phase: int = 0) -> Ways:
    """Ways from (party, site, rows of links, vehicles)."""
    return Ways(
        np.array([party for party, _, _, _ in rows], dtype=np.int64),
        np.array([site for _, site, _, _ in rows], dtype=np.int64),
        np.array([vehicles for _, _, _, vehicles in rows], dtype=np.float64),
        np.concatenate(([0], np.cumsum([len(way) for _, _, way, _ in rows]))).astype(np.int64),
        np.concatenate([way for _, _, way, _ in rows] or [np.zeros(0, dtype=np.int64)]),
        np.full(len(rows), phase, dtype=np.int64),
    )
