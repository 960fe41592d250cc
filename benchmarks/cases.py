"""What is planned: instances and examples as they come, and harder or larger ones made from them."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from clearway.examples import write_example
from clearway.ingest.folder import read_scenario
from clearway.model.demand import Site
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability

N_SITES_WITH_BEDS = 20  # issue 3, "what it must show"
BEDS_SHARE = 1.15  # beds per person, likewise


@dataclass(frozen=True, slots=True)
class Case:
    """
    One scenario to plan. ``folder`` or ``example`` (a variant of the built-in one) says where from.

    ``population`` and ``capacity`` are factors; ``has_beds``: sites in the east with scarce beds take the place of the
    sites; ``closed``: a link's id and the second from which it is closed.
    """

    name: str
    folder: str = ""
    example: str = ""
    population: float = 1.0
    capacity: float = 1.0
    has_beds: bool = False
    closed: tuple[str, float] | None = None


def load(case: Case) -> Scenario:
    """The scenario of a case."""
    if case.example:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / "example"
            write_example("kherson", folder, case.example)
            scenario = read_scenario(folder)
    else:
        scenario = read_scenario(Path(case.folder))
    if case.population != 1.0:
        scenario = with_population(scenario, case.population)
    if case.capacity != 1.0:
        scenario = with_capacity(scenario, case.capacity)
    if case.has_beds:
        scenario = with_scarce_beds(scenario)
    if case.closed is not None:
        link, from_s = case.closed
        scenario = with_closure(scenario, scenario.network.link_index(link), from_s)
    return scenario


def with_population(scenario: Scenario, factor: float) -> Scenario:
    """Every zone with so many times its people, and every site with so many times its beds; rounded up."""
    zones = []
    for zone in scenario.zones:
        without = math.ceil(zone.without_vehicle * factor)
        present = without + math.ceil(zone.with_vehicle * factor)
        population = max(present, math.ceil(zone.population * factor))
        zones.append(replace(zone, population=population, present=present, without_vehicle=without))
    grown = sum(zone.present for zone in zones)
    sites = [replace(site, beds=max(site.beds * factor, 0.0) + (grown if factor > 1 else 0)) for site in scenario.sites]
    return replace(scenario, zones=tuple(zones), sites=tuple(sites))


def with_capacity(scenario: Scenario, factor: float) -> Scenario:
    """Every link taking so many times its vehicles."""
    network = scenario.network
    return replace(scenario, network=replace(network, capacity_veh_per_s=network.capacity_veh_per_s * factor))


def with_scarce_beds(scenario: Scenario) -> Scenario:
    """
    Twenty sites spread over the eastern third with beds for 115 % of the people, the largest 20 times the least.

    The eastern third are the nodes beyond two thirds of all nodes by x. The first site is the easternmost that all
    zones can reach, each further one the node farthest from the sites so far (Gonzalez 1985); ties go to the lower
    index.
    """
    network = scenario.network
    third = np.quantile(network.node_x, 2 / 3)
    is_fit = (network.node_x >= third) & _reached_by_all(scenario)
    is_fit[[zone.node for zone in scenario.zones]] = False
    fit = np.flatnonzero(is_fit)
    if not len(fit):
        raise ValueError(f"{scenario.name}: no node of the eastern third can be reached by every zone")
    points = np.column_stack((network.node_x, network.node_y))[fit]
    chosen = [int(np.argmax(points[:, 0]))]
    distance = np.hypot(*(points - points[chosen[0]]).T)
    while len(chosen) < min(N_SITES_WITH_BEDS, len(fit)):
        chosen.append(int(np.argmax(distance)))
        distance = np.minimum(distance, np.hypot(*(points - points[chosen[-1]]).T))
    people = sum(party.persons for party in scenario.parties())
    weight = np.array([1 + 7 * i % N_SITES_WITH_BEDS for i in range(len(chosen))])
    beds = np.ceil(BEDS_SHARE * people * weight / weight.sum())
    sites = [
        Site(f"east{i + 1}", "", int(fit[node]), float(count))
        for i, (node, count) in enumerate(zip(chosen, beds, strict=True))
    ]
    return replace(scenario, name=f"{scenario.name}, scarce beds", sites=tuple(sites))


def _reached_by_all(scenario: Scenario) -> np.ndarray:
    """bool[n_nodes]: whether every zone can drive there."""
    from scipy.sparse import csr_array  # of the extra `stress`, needed for cases with scarce beds only
    from scipy.sparse.csgraph import breadth_first_order, connected_components

    network = scenario.network
    usable = scenario.usable_rate() > 0
    ends = (network.tail[usable], network.head[usable])
    n = network.n_nodes
    roads = csr_array((np.ones(len(ends[0])), ends), shape=(n, n))
    n_parts, part = connected_components(roads, connection="strong")
    between = csr_array((np.ones(len(ends[0])), (part[ends[0]], part[ends[1]])), shape=(n_parts, n_parts))
    result = np.ones(n_parts, dtype=np.bool_)
    for start in np.unique(part[[zone.node for zone in scenario.zones]]):
        reached = np.zeros(n_parts, dtype=np.bool_)
        reached[breadth_first_order(between, start, return_predecessors=False)] = True
        result &= reached
    return np.asarray(result[part], dtype=np.bool_)


def busiest_link(scenario: Scenario, plan: Plan) -> int:
    """The link that most vehicles of a plan enter; of several, the first."""
    lengths = np.diff(plan.routes.start)
    on_route = np.bincount(plan.movements.route, plan.movements.vehicles, len(plan.routes))
    return int(np.argmax(np.bincount(plan.routes.links, np.repeat(on_route, lengths), scenario.network.n_links)))


def with_closure(scenario: Scenario, link: int, from_s: float) -> Scenario:
    """A link closed from some time on, for good."""
    closure = Availability("link", scenario.network.link_ids[link], from_s, math.inf, 0.0, (link,))
    return replace(scenario, name=f"{scenario.name}, closure", availabilities=(*scenario.availabilities, closure))


def half_time(plan: Plan) -> float:
    """Half the clearance time of a plan, down to the whole minute."""
    return 60.0 * math.floor(plan.clearance_time_s / 120.0)
