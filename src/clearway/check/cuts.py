"""Evaluates a certificate's cut over time from its labels: what can cross it, in vehicles and in persons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from clearway.check.result import CheckFault
from clearway.check.roads import AllowedRates
from clearway.model.demand import Intervals, Party
from clearway.model.plan import Certificate
from clearway.model.scenario import Scenario


@dataclass(frozen=True, slots=True)
class CutValue:
    """
    What crosses a cut, and who it is about.

    ``road_vehicles`` pass links that count; ``cut_vehicles`` and ``cut_persons`` are of the zones that are not open;
    ``beds`` of the sites that are paid. An open zone's vehicle holds ``least_load`` persons or more; ``fleets`` are
    (persons per vehicle, vehicles) of the open ones, the fullest first.
    """

    road_vehicles: float
    cut_vehicles: float
    cut_persons: float
    beds: float
    least_load: float
    fleets: tuple[tuple[float, float], ...]
    demand_vehicles: float
    demand_persons: float

    @property
    def vehicles(self) -> float:
        """The cut's value: beds count as the most vehicles that may fill them."""
        beds = self.beds / self.least_load if self.least_load < math.inf else 0.0
        return self.road_vehicles + self.cut_vehicles + beds

    @property
    def persons(self) -> float:
        """The most persons that can arrive by the horizon: full vehicles on the roads, each bed one person."""
        beds = self.beds if self.least_load < math.inf else 0.0
        room, persons = self.road_vehicles, 0.0
        for load, vehicles in self.fleets:
            persons += load * min(room, vehicles)
            room -= min(room, vehicles)
        return min(persons + self.cut_persons + beds, self.demand_persons)


def parties_of(scenario: Scenario, direction: str | None) -> list[Party]:
    """The people a certificate is about: those who chose its direction, or all with a vehicle."""
    return [party for party in scenario.parties() if direction is None or party.direction == direction]


def unusable(scenario: Scenario, certificate: Certificate) -> list[CheckFault]:
    """Why a certificate cannot be evaluated at all."""
    words = []
    labels = certificate.labels_s
    if not (math.isfinite(certificate.horizon_s) and certificate.horizon_s >= 0):
        words.append(f"its horizon must be a number of seconds from 0 up, found {certificate.horizon_s}")
    if labels.shape != (scenario.network.n_nodes,):
        words.append(f"it must have a label for each of {scenario.network.n_nodes} nodes, found {labels.shape}")
    elif np.isnan(labels).any():
        node = scenario.network.node_ids[int(np.flatnonzero(np.isnan(labels))[0])]
        words.append(f"the label of node {node} is not a number")
    if any(not 0 <= i < len(scenario.zones) for i in certificate.open_zones):
        words.append("it opens a zone that is not there")
    if any(not 0 <= i < len(scenario.sites) for i in certificate.paid_sites):
        words.append("it pays a site that is not there")
    return [CheckFault("certificate", f"a certificate cannot be evaluated: {word}") for word in words]


def value_of(scenario: Scenario, rates: AllowedRates, certificate: Certificate) -> CutValue:
    """
    The cut's parts, from the labels and the definition in `Certificate`.

    A vehicle leaves an open zone in its departure windows, so it is reached then, and comes to an unpaid site before
    the horizon while that is open, so it is beyond then; in between it must enter some link when its tail is reached
    and its head will be beyond. Those entries are what is counted.
    """
    parties = parties_of(scenario, certificate.direction)
    is_open = [party.zone in set(certificate.open_zones) for party in parties]
    opened = [party for party, yes in zip(parties, is_open, strict=True) if yes]
    loads = [scenario.zones[party.zone].persons_per_vehicle for party in opened]
    leaving: dict[int, list[tuple[float, float]]] = {}
    for party, yes in zip(parties, is_open, strict=True):
        if yes:
            zone = scenario.zones[party.zone]
            leaving.setdefault(zone.node, []).extend(zone.departure_windows)
    paid = set(certificate.paid_sites)
    arriving: dict[int, list[tuple[float, float]]] = {}
    beds = 0.0
    for i, site in enumerate(scenario.sites):
        if certificate.direction is not None and site.direction != certificate.direction:
            continue
        if i in paid:
            beds += site.beds
        else:
            arriving.setdefault(site.node, []).extend(site.open_windows)
    shut = [party for party, yes in zip(parties, is_open, strict=True) if not yes]
    return CutValue(
        road_vehicles=road_vehicles(scenario, rates, certificate, leaving, arriving),
        cut_vehicles=math.fsum(party.vehicles for party in shut),
        cut_persons=math.fsum(party.persons for party in shut),
        beds=beds,
        least_load=min(loads, default=math.inf),
        fleets=tuple(
            sorted(
                ((load, party.vehicles) for load, party in zip(loads, opened, strict=True)),
                reverse=True,
            )
        ),
        demand_vehicles=math.fsum(party.vehicles for party in parties),
        demand_persons=math.fsum(party.persons for party in parties),
    )


def road_vehicles(
    scenario: Scenario,
    rates: AllowedRates,
    certificate: Certificate,
    leaving: dict[int, list[tuple[float, float]]],
    arriving: dict[int, list[tuple[float, float]]],
) -> float:
    """Vehicles that may enter links from reached to beyond; ``leaving`` and ``arriving`` are windows by node."""
    network, horizon = scenario.network, certificate.horizon_s
    labels = np.maximum(certificate.labels_s, 0.0)
    time_s = network.free_flow_time_s
    special = np.zeros(network.n_links, dtype=bool)
    special[list(rates.pieces)] = True
    special |= np.isin(network.tail, list(leaving)) | np.isin(network.head, list(arriving))
    plain = ~special
    begin = labels[network.tail[plain]]
    end = np.minimum(certificate.labels_s[network.head[plain]], horizon) - time_s[plain]
    total = float((np.maximum(end - begin, 0.0) * rates.full[plain]).sum())
    for link in np.flatnonzero(special & ~rates.barred).tolist():
        tail, head = int(network.tail[link]), int(network.head[link])
        if labels[tail] >= horizon and tail not in leaving:
            continue
        reached = [(float(labels[tail]), math.inf), *leaving.get(tail, [])]
        before = min(float(certificate.labels_s[head]), horizon)
        beyond = [(-math.inf, before), *((a, min(b, horizon)) for a, b in arriving.get(head, []))]
        total += entering(rates, link, float(time_s[link]), tuple(reached), tuple(beyond))
    return total


def entering(rates: AllowedRates, link: int, time_s: float, reached: Intervals, beyond: Intervals) -> float:
    """Vehicles that may enter one link at times t >= 0 with t in ``reached`` and t + travel time in ``beyond``."""
    edges = {0.0, *(t for span in reached for t in span), *(t - time_s for span in beyond for t in span)}
    edges |= {piece[0] for piece in rates.pieces.get(link, ())}
    times = sorted(t for t in edges if 0 <= t < math.inf)
    total = 0.0
    for a, b in pairwise(times):  # past the last edge nothing is beyond: all ends are finite
        middle = (a + b) / 2
        if is_within(middle, reached) and is_within(middle + time_s, beyond):
            total += (b - a) * rates.at(link, middle)
    return total


def is_within(time_s: float, spans: Intervals) -> bool:
    return any(a <= time_s < b for a, b in spans)
