"""Cases small enough to work by hand: what SUMO and UXsim make of one road, a merge, a diverge, a closure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from clearway.model.demand import Site, Zone
from clearway.model.network import Network
from clearway.model.plan import BoundKind, Certificate, Movements, Plan, Routes
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability

Link = tuple[str, str, float, int]  # from, to, vehicles an hour, lanes; all are 2 km at 60 km/h: 120 s
WINDOW_S = 1800.0


@dataclass(frozen=True)
class Case:
    """A scenario with streams of vehicles, and the clearance time worked out by hand."""

    name: str
    what: str
    links: tuple[Link, ...]
    streams: tuple[tuple[tuple[int, ...], int], ...]  # links driven, vehicles that depart in the first 1,800 s
    by_hand_s: float
    closures: tuple[Availability, ...] = ()

    def scenario(self) -> Scenario:
        names = sorted({end for link in self.links for end in link[:2]})
        index = {name: i for i, name in enumerate(names)}
        n = len(self.links)
        around = 2 * np.pi * np.arange(len(names)) / len(names)
        network = Network(
            node_ids=tuple(names),
            node_names=tuple(names),
            node_x=2000.0 * np.cos(around),
            node_y=2000.0 * np.sin(around),
            link_ids=tuple(f"{a}-{b}" for a, b, _, _ in self.links),
            link_names=("",) * n,
            tail=np.array([index[link[0]] for link in self.links]),
            head=np.array([index[link[1]] for link in self.links]),
            length_m=np.full(n, 2000.0),
            free_flow_time_s=np.full(n, 120.0),
            lanes=np.array([float(link[3]) for link in self.links]),
            capacity_veh_per_s=np.array([link[2] for link in self.links]) / 3600.0,
            allowed_uses=("",) * n,
            reverse=np.full(n, -1),
            geometry=(None,) * n,
            crs="local",
        )
        starts = sorted({self.links[way[0]][0] for way, _ in self.streams})
        ends = sorted({self.links[way[-1]][1] for way, _ in self.streams})
        people = [sum(k for way, k in self.streams if self.links[way[0]][0] == name) for name in starts]
        return Scenario(
            name=self.name,
            start=datetime(2025, 1, 1, tzinfo=UTC),
            horizon_s=36_000.0,
            capacity_factor=1.0,
            network=network,
            zones=tuple(Zone(v, v, index[v], k, k, 0, 1.0) for v, k in zip(starts, people, strict=True)),
            sites=tuple(Site(v, v, index[v], math.inf) for v in ends),
            availabilities=self.closures,
        )

    def plan(self) -> Plan:
        scenario = self.scenario()
        zone_of = {scenario.network.node_ids[zone.node]: i for i, zone in enumerate(scenario.zones)}
        site_of = {scenario.network.node_ids[site.node]: i for i, site in enumerate(scenario.sites)}
        ways = [np.array(way) for way, _ in self.streams]
        amounts = np.array([float(k) for _, k in self.streams])
        n = len(ways)
        moves = Movements(
            zone=np.array([zone_of[self.links[way[0]][0]] for way in ways]),
            site=np.array([site_of[self.links[way[-1]][1]] for way in ways]),
            route=np.arange(n),
            depart_from_s=np.zeros(n),
            depart_until_s=np.full(n, WINDOW_S),
            vehicles=amounts,
            persons=amounts.copy(),
            mode=("auto",) * n,
            ids=tuple(f"m{i}" for i in range(n)),
        )
        routes = Routes(
            tuple(f"r{i}" for i in range(n)),
            np.concatenate(([0], np.cumsum([len(way) for way in ways]))).astype(np.int64),
            np.concatenate(ways).astype(np.int64),
        )
        nothing = Certificate(BoundKind.CLEARANCE, 0.0, np.zeros(scenario.network.n_nodes), (), (), 0.0, 0.0)
        total = float(amounts.sum())
        return Plan("", routes, moves, (), nothing, "by hand", self.by_hand_s, 0.0, total, total, 0.0)


def road(capacity: float, lanes: int = 1) -> tuple[Link, ...]:
    return (
        ("a", "b", max(capacity, 1800.0), lanes),
        ("b", "c", capacity, lanes),
        ("c", "z", max(capacity, 1800.0), lanes),
    )


MERGE: tuple[Link, ...] = (("a", "c", 1800, 1), ("b", "c", 1800, 1), ("c", "d", 1800, 1), ("d", "z", 1800, 1))
DIVERGE: tuple[Link, ...] = (
    ("a", "c", 5400, 3),
    ("c", "d", 1800, 1),
    ("c", "e", 3600, 2),
    ("d", "z", 1800, 1),
    ("e", "y", 3600, 2),
)
SIDE_ROAD: tuple[Link, ...] = (
    ("a", "c", 5400, 3),
    ("c", "d", 5400, 3),
    ("c", "e", 1800, 1),
    ("d", "z", 5400, 3),
    ("e", "y", 1800, 1),
)
WIDE_MERGE: tuple[Link, ...] = (("a", "c", 5400, 3), ("b", "c", 1800, 1), ("c", "d", 5400, 3), ("d", "z", 5400, 3))
CLOSED = (
    Availability("link", "d-z", 1200.0, 3000.0, 0.0, (3,)),
    Availability("link", "d-z", 3600.0, math.inf, 0.25, (3,)),
)
CASES = (
    Case("one lane, full", "1,800 vehicles an hour for half an hour on 1,800", road(1800), (((0, 1, 2), 900),), 2160),
    Case(
        "a check, too many", "1,800 an hour arrive where 360 pass: 900 / 0.1 + 360 s",
        road(360), (((0, 1, 2), 900),), 9360,
    ),
    Case("three lanes, full", "5,400 an hour on 5,400", road(5400, 3), (((0, 1, 2), 2700),), 2160),
    Case("merge, full", "900 an hour from either side on 1,800", MERGE, (((0, 2, 3), 450), ((1, 2, 3), 450)), 2160),
    Case(
        "merge, too many", "1,600 an hour from either side where 1,800 pass: 1,600 / 0.5 + 360 s",
        MERGE, (((0, 2, 3), 800), ((1, 2, 3), 800)), 3560,
    ),
    Case(
        "diverge, full", "5,400 an hour part for one lane and two, both full",
        DIVERGE, (((0, 1, 3), 900), ((0, 2, 4), 1800)), 2160,
    ),
    Case(
        "side road, full", "5,400 an hour on three lanes: 4,000 go on over three, 1,400 leave by one of them",
        SIDE_ROAD, (((0, 1, 3), 2000), ((0, 2, 4), 700)), 2160,
    ),
    Case(
        "merge of lanes, full", "3,600 an hour on three lanes and 1,800 on one, into three",
        WIDE_MERGE, (((0, 2, 3), 1800), ((1, 2, 3), 900)), 2160,
    ),
    Case(
        "closure",
        "1,800 an hour; the last road is not entered from 1,080 to 3,000 s (420 are across), takes 1,800 to 3,600 s "
        "(300 more) and 450 from then on: 3,600 + 180 / 0.125 + 120 s",
        MERGE, (((0, 2, 3), 450), ((1, 2, 3), 450)), 5160, CLOSED,
    ),
)  # fmt: skip
