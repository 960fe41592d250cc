"""
A plan for SUMO: plain XML for netconvert, vehicles with fixed routes, and configurations for meso and micro.

SUMO knows no capacity of a road. It follows from the headways of its vehicles: meso takes them by type of edge, micro
has one for all. A link that would let through more than it may therefore begins with a **gate**, a piece of
``GATE_M`` metres whose speed limit makes the capacity; where the capacity changes over time a variable speed sign
changes it. Everything else runs freely: junctions are unregulated, every lane leads on, nobody is teleported.
(Lopez et al. 2018, Microscopic traffic simulation using SUMO; Eissfeldt 2004 for the meso model.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from clearway.model.network import FloatArray, IntArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish.exports.convoy import VEHICLE_SPACE_M, Roads, Vehicles, turns_of, whole_vehicles
from clearway.publish.exports.folder import XML_HEAD, about, element, ids_csv, number, vehicles_csv

GATE_M = 15.0  # two vehicles: long enough to see one, short enough that its slow drive costs seconds
SINK_M = 30.0
BARRED_M_PER_S = 0.001  # a closed gate; meso drives at 0.05 at least: a vehicle a lane every 150 s gets through
SHORTEST_HEADWAY_S = 0.5  # of the car-following model; below it Krauss's model is not safe at steps of half a second
BUSY = 0.5  # links that the plan fills to less than this share need no gate
LATE = 3.0  # the simulation runs on for this many times the clearance planned, and an hour, to see late arrivals


@dataclass(frozen=True)
class SumoRoads:
    """A scenario's links as SUMO edges."""

    plan: Plan
    scenario: Scenario

    @cached_property
    def roads(self) -> Roads:
        return Roads(self.scenario)

    @cached_property
    def peak(self) -> FloatArray:
        """float64[n_links]: the most vehicles per second that the plan sends into each link."""
        return peak_rates(self.plan, self.scenario)

    @cached_property
    def headway_s(self) -> float:
        """The car-following headway (Krauss's tau) at which the link with most vehicles per lane takes them all."""
        used = np.flatnonzero(self.peak > 0)
        if not len(used):
            return 1.0
        per_lane = self.roads.rate[used] / self.roads.lanes[used]
        return max(float((1.0 / per_lane - VEHICLE_SPACE_M / self.roads.speed_m_per_s[used]).min()), SHORTEST_HEADWAY_S)

    @cached_property
    def gated(self) -> frozenset[int]:
        """Links that begin with a gate."""
        roads = self.roads
        free = roads.lanes / (self.headway_s + VEHICLE_SPACE_M / roads.speed_m_per_s)
        tight = (self.peak > BUSY * roads.first_rate) & (self.peak > 0) & (roads.first_rate < 0.98 * free)
        changing = np.zeros(len(tight), dtype=bool)
        changing[roads.changing] = True
        fits = roads.length_m > 2 * GATE_M
        return frozenset(np.flatnonzero((tight | changing) & fits & (roads.rate > 0)).tolist())

    def gate_speed(self, link: int, rate: float) -> float:
        """Metres per second at which a gate lets through ``rate`` vehicles per second."""
        speed, lanes = float(self.roads.speed_m_per_s[link]), int(self.roads.lanes[link])
        if rate <= 0:
            return BARRED_M_PER_S
        room = lanes / rate - self.headway_s
        return speed if room <= VEHICLE_SPACE_M / speed else VEHICLE_SPACE_M / room

    @cached_property
    def incoming(self) -> dict[int, list[int]]:
        return grouped(self.scenario.network.head, self.drivable)

    @cached_property
    def outgoing(self) -> dict[int, list[int]]:
        return grouped(self.scenario.network.tail, self.drivable)

    @cached_property
    def drivable(self) -> list[int]:
        return [int(link) for link in np.flatnonzero(self.roads.rate > 0)]

    def first_edge(self, link: int) -> str:
        return f"g{link}" if link in self.gated else f"e{link}"

    def edges_of(self, link: int) -> str:
        return f"g{link} e{link}" if link in self.gated else f"e{link}"

    def sink_lanes(self, node: int) -> int:
        return max(sum(int(self.roads.lanes[link]) for link in self.incoming.get(node, [])), 1)


def peak_rates(plan: Plan, scenario: Scenario) -> FloatArray:
    """float64[n_links]: the most vehicles per second that a plan sends into each link at any time."""
    moves, routes, network = plan.movements, plan.routes, scenario.network
    peak = np.zeros(network.n_links)
    if not len(moves):
        return peak
    lengths = np.diff(routes.start)
    per_move = lengths[moves.route]
    load = np.repeat(np.arange(len(moves)), per_move)
    first = np.cumsum(per_move) - per_move
    place = np.repeat(routes.start[moves.route], per_move) + np.arange(len(load)) - np.repeat(first, per_move)
    link = routes.links[place]
    time = network.free_flow_time_s[link]
    ahead = np.cumsum(time) - time
    offset = ahead - np.repeat(ahead[first[per_move > 0]], per_move[per_move > 0])
    rate = (moves.vehicles / (moves.depart_until_s - moves.depart_from_s))[load]
    times = np.concatenate((moves.depart_from_s[load] + offset, moves.depart_until_s[load] + offset)).round(3)
    change = np.concatenate((rate, -rate))
    links = np.concatenate((link, link))
    order = np.lexsort((change, times, links))  # at one time, what ends goes before what begins
    level = np.cumsum(change[order])
    np.maximum.at(peak, links[order], level)
    return peak


def grouped(nodes: IntArray, links: list[int]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for link in links:
        groups[int(nodes[link])].append(link)
    return groups


def export_sumo(plan: Plan, scenario: Scenario) -> tuple[dict[str, str], dict[str, Any]]:
    """The files of a SUMO export (name -> text) and what ``export.json`` says of them."""
    roads, vehicles = SumoRoads(plan, scenario), whole_vehicles(plan)
    last = LATE * plan.clearance_time_s + 3600.0
    files = {
        "network.nod.xml": document("nodes", "nodes_file.xsd", node_elements(roads)),
        "network.edg.xml": document("edges", "edges_file.xsd", edge_elements(roads)),
        "network.con.xml": document("connections", "connections_file.xsd", connection_elements(roads)),
        "vehicles.rou.xml": document("routes", "routes_file.xsd", route_elements(roads, vehicles)),
        "headways.add.xml": document("additional", "additional_file.xsd", type_elements(roads)),
        "capacity.add.xml": document("additional", "additional_file.xsd", sign_elements(roads)),
        "network.netccfg": NETCONVERT,
        "meso.sumocfg": configuration(roads, last, is_meso=True),
        "micro.sumocfg": configuration(roads, last, is_meso=False),
        "vehicles.csv": vehicles_csv(vehicles, plan, scenario),
        "ids.csv": ids_csv(scenario, plan, further_ids(roads)),
        "README.txt": HOW_TO,
    }
    settings = {"headway_s": round(roads.headway_s, 3), "gates": len(roads.gated), "vehicle_space_m": VEHICLE_SPACE_M}
    return files, about("sumo", scenario, plan, vehicles, settings)


def document(tag: str, schema: str, elements: Iterator[str]) -> str:
    """An XML file of SUMO's, one element a line."""
    place = f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://sumo.dlr.de/xsd/{schema}"'
    body = "".join(f"  {line}\n" for line in elements)
    return f"{XML_HEAD}<{tag} {place}>\n{body}</{tag}>\n"


def node_elements(roads: SumoRoads) -> Iterator[str]:
    x, y = roads.roads.places_m
    network = roads.scenario.network
    for node in range(network.n_nodes):
        yield element("node", id=f"n{node}", x=float(x[node]), y=float(y[node]), type="unregulated")
    for link in sorted(roads.gated):
        a, b = int(network.tail[link]), int(network.head[link])
        share = min(GATE_M / max(float(np.hypot(x[b] - x[a], y[b] - y[a])), 1e-9), 0.5)
        yield element(
            "node", id=f"g{link}", x=float(x[a] + share * (x[b] - x[a])), y=float(y[a] + share * (y[b] - y[a])),
            type="unregulated",
        )  # fmt: skip
    for node in sink_nodes(roads):
        yield element("node", id=f"t{node}", x=float(x[node]) + SINK_M, y=float(y[node]) + SINK_M, type="unregulated")


def sink_nodes(roads: SumoRoads) -> list[int]:
    return sorted({site.node for site in roads.scenario.sites if roads.incoming.get(site.node)})


def type_elements(roads: SumoRoads) -> Iterator[str]:
    """One type per headway of the meso model; sumo itself must read them, netconvert would drop them."""
    for name, tau in sorted(meso_types(roads).items()):
        tau_text = number(tau)
        meso = element("meso", tauff=tau_text, taufj=tau_text, taujf=tau_text, taujj=tau_text, junctionControl="false")
        yield element("type", meso, id=name, priority="1")


def meso_types(roads: SumoRoads) -> dict[str, float]:
    names: dict[str, float] = {"sink": 0.1, "h1000": 1.0}
    for link in roads.drivable:
        tau = meso_headway(roads, link)
        names[f"h{round(tau * 1000)}"] = tau
    return names


def meso_headway(roads: SumoRoads, link: int) -> float:
    """
    The ``tau`` of a link's type at which its lanes take their capacity, when nothing restricts it.

    A vehicle keeps ``tau`` times its own headway and the time over its length (MESegment.cpp, getTauWithVehLength).
    """
    per_lane = float(roads.roads.rate[link]) / int(roads.roads.lanes[link])
    headway = max(1.0 / per_lane - VEHICLE_SPACE_M / float(roads.roads.speed_m_per_s[link]), 0.1)
    return round(headway / roads.headway_s, 3)


def edge_elements(roads: SumoRoads) -> Iterator[str]:
    network, lanes, speed = roads.scenario.network, roads.roads.lanes, roads.roads.speed_m_per_s
    for link in roads.drivable:
        common = {
            "type": f"h{round(meso_headway(roads, link) * 1000)}", "numLanes": int(lanes[link]),
            "name": network.link_names[link] or None,
        }  # fmt: skip
        tail, length = f"n{network.tail[link]}", float(roads.roads.length_m[link])
        if link in roads.gated:
            slow = roads.gate_speed(link, float(roads.roads.first_rate[link]))
            gate = {**common, "type": "h1000", "name": None}
            yield element(
                "edge", id=f"g{link}", from_=tail, to=f"g{link}", length=GATE_M, speed=max(slow, 0.01), **gate
            )
            tail, length = f"g{link}", length - GATE_M
        yield element(
            "edge", id=f"e{link}", from_=tail, to=f"n{network.head[link]}", length=max(length, 1.0),
            speed=float(speed[link]), **common,
        )  # fmt: skip
    for node in sink_nodes(roads):
        fastest = max(float(speed[link]) for link in roads.incoming[node])
        yield element(
            "edge", id=f"t{node}", from_=f"n{node}", to=f"t{node}", length=SINK_M, speed=fastest, type="sink",
            numLanes=roads.sink_lanes(node),
        )  # fmt: skip


def connection_elements(roads: SumoRoads) -> Iterator[str]:
    """Which lane leads into which, U-turns only where a route takes them."""
    lanes, turns = roads.roads.lanes, turns_of(roads.plan)
    network = roads.scenario.network
    sinks = set(sink_nodes(roads))
    for link in sorted(roads.gated):
        for lane in range(int(lanes[link])):
            yield element("connection", from_=f"g{link}", to=f"e{link}", fromLane=lane, toLane=lane)
    for node in range(network.n_nodes):
        beside = 0
        for a in roads.incoming.get(node, []):
            onward = [b for b in roads.outgoing.get(node, []) if network.head[b] != network.tail[a] or (a, b) in turns]
            for b, pairs in lane_pairs(int(lanes[a]), {b: int(lanes[b]) for b in onward}).items():
                for lane, to_lane in pairs:
                    yield element("connection", from_=f"e{a}", to=roads.first_edge(b), fromLane=lane, toLane=to_lane)
            if node in sinks:
                for lane in range(int(lanes[a])):
                    yield element("connection", from_=f"e{a}", to=f"t{node}", fromLane=lane, toLane=beside + lane)
                beside += int(lanes[a])


def lane_pairs(n_from: int, onward: dict[int, int]) -> dict[int, list[tuple[int, int]]]:
    """
    (lane, lane onward) for each road onward, from the number of lanes of each.

    A road with fewer lanes is fed by as many, side by side with those of other roads, so that vehicles waiting for it
    do not fill every lane; one with more fans out; every lane leads somewhere.
    """
    pairs: dict[int, list[tuple[int, int]]] = {}
    first = 0
    for b, n_to in onward.items():
        if n_to < n_from and len(onward) > 1:
            pairs[b] = sorted(((first + k) % n_from, k) for k in range(n_to))
            first += n_to
        else:
            most = max(n_from, n_to)
            pairs[b] = [(k * n_from // most, k * n_to // most) for k in range(most)]
    used = {lane for each in pairs.values() for lane, _ in each}
    if pairs:
        widest = max(onward, key=lambda b: onward[b])
        spare = [(lane, lane * onward[widest] // n_from) for lane in range(n_from) if lane not in used]
        pairs[widest] = sorted({*pairs[widest], *spare})
    return pairs


def route_elements(roads: SumoRoads, vehicles: Vehicles) -> Iterator[str]:
    """One kind of vehicle that keeps its headway exactly; fixed routes; each vehicle with its second of departure."""
    yield element(
        "vType", id="car", length="5", minGap=number(VEHICLE_SPACE_M - 5.0), tau=number(roads.headway_s), sigma="0",
        speedFactor="1", speedDev="0", accel="2.6", decel="4.5", maxSpeed="100", vClass="passenger",
    )  # fmt: skip
    routes, network = roads.plan.routes, roads.scenario.network
    for route in np.unique(vehicles.route).tolist():
        links = routes.of(route).tolist()
        edges = " ".join(roads.edges_of(link) for link in links)
        yield element("route", id=f"r{route}", edges=f"{edges} t{network.head[links[-1]]}")
    for i, (route, depart) in enumerate(zip(vehicles.route.tolist(), vehicles.depart_s.tolist(), strict=True)):
        yield (
            f'<vehicle id="v{i}" type="car" route="r{route}" depart="{depart:.2f}" departLane="best" '
            'departSpeed="max" departPos="base" arrivalPos="max"/>'
        )


def sign_elements(roads: SumoRoads) -> Iterator[str]:
    """Signs at the gates of links whose capacity changes."""
    for link in roads.roads.changing.tolist():
        if link not in roads.gated:
            continue
        steps = "".join(
            element("step", time=float(begin), speed=f"{roads.gate_speed(link, rate):.4f}")
            for begin, rate in roads.roads.pieces(link)
        )
        lanes = " ".join(f"g{link}_{lane}" for lane in range(int(roads.roads.lanes[link])))
        yield element("variableSpeedSign", steps, id=f"sign{link}", lanes=lanes)


def further_ids(roads: SumoRoads) -> list[tuple[str, str, str, str]]:
    network = roads.scenario.network
    rows = [
        ("gate of link", f"g{link}", network.link_ids[link], network.link_names[link]) for link in sorted(roads.gated)
    ]
    return rows + [("sink beyond node", f"t{v}", network.node_ids[v], network.node_names[v]) for v in sink_nodes(roads)]


NETCONVERT = (
    XML_HEAD
    + """<netconvertConfiguration>
  <input>
    <node-files value="network.nod.xml"/>
    <edge-files value="network.edg.xml"/>
    <connection-files value="network.con.xml"/>
  </input>
  <output><output-file value="network.net.xml"/></output>
  <processing>
    <no-turnarounds value="true"/>
    <no-internal-links value="true"/>
    <offset.disable-normalization value="true"/>
  </processing>
</netconvertConfiguration>
"""
)


def configuration(roads: SumoRoads, last_s: float, is_meso: bool) -> str:
    """A .sumocfg: no teleports, no rerouting, arrivals into tripinfo."""
    kind = "meso" if is_meso else "micro"
    step = "1" if is_meso or roads.headway_s >= 1 else "0.5"
    # one queue a link, as in the plan: with one a lane, those bound for one exit wait in some lanes beside empty ones
    meso = '<mesosim value="true"/><meso-junction-control value="false"/><meso-multi-queue value="false"/>'
    own = meso if is_meso else ""
    return f"""{XML_HEAD}<configuration>
  <input>
    <net-file value="network.net.xml"/>
    <route-files value="vehicles.rou.xml"/>
    <additional-files value="headways.add.xml,capacity.add.xml"/>
  </input>
  <output>
    <tripinfo-output value="{kind}.tripinfo.xml"/>
    <tripinfo-output.write-unfinished value="true"/>
    <statistic-output value="{kind}.statistics.xml"/>
  </output>
  <time><begin value="0"/><end value="{last_s:.0f}"/><step-length value="{step}"/></time>
  <processing>
    <time-to-teleport value="-1"/>
    <collision.action value="none"/>
    {own}
  </processing>
  <report><no-step-log value="true"/><duration-log.disable value="true"/></report>
</configuration>
"""


HOW_TO = """\
A plan of Clearway for SUMO (made for eclipse-sumo 1.28). In this folder:

    netconvert -c network.netccfg
    sumo -c meso.sumocfg
    sumo -c micro.sumocfg

The arrivals are then in meso.tripinfo.xml and micro.tripinfo.xml: the attribute arrival of a vehicle that is safe,
-1 of one that is not. Times are seconds from the start that export.json names. vehicles.csv says whose vehicle is
whose, ids.csv what each id stands for. The capacities are the roads' nominal ones (the plan uses a share of them).
Edges whose name begins with g are gates: their speed limit makes the capacity of the link behind them (meso knows no
speed below 0.05 m/s: a closed gate lets 24 vehicles an hour and lane through there, none in micro). Edges whose
name begins with t lie beyond the safe places, so that a vehicle's route never ends on an edge that may be closed.
"""
