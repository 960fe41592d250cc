"""What looks wrong in a faultless scenario but does not stop a plan: the warnings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from clearway.ingest.earth import distance_m
from clearway.ingest.faults import FaultLog
from clearway.model.demand import Site, Zone
from clearway.model.network import Crossing, IntArray, Network
from clearway.model.scenario import allows_cars

BoolArray = npt.NDArray[np.bool_]

FASTEST_M_PER_S = 200 / 3.6  # beyond any posted limit: a mistaken unit
SLOWEST_M_PER_S = 3 / 3.6  # below walking pace
SHORTFALL = 0.75  # links this much shorter than the straight line between their ends, and
SLACK_M = 500.0  # by more than this, speak for a mistaken unit rather than for rounded coordinates
MUCH_TOO_SHORT = "much shorter than the straight line between their nodes; is length_unit right?"


def review(
    network: Network, zones: Sequence[Zone], sites: Sequence[Site], crossings: Sequence[Crossing], log: FaultLog
) -> None:
    """Warn of what a planner would want to know before believing a plan."""
    usable = usable_links(network)
    warn_of_links(network, usable, log)
    warn_of_ways(network, usable, zones, sites, log)
    warn_of_crossings(network, usable, (zones, sites), crossings, log)
    warn_of_people(zones, log)
    warn_of_beds(zones, sites, log)


def usable_links(network: Network) -> BoolArray:
    """bool[n_links]: links that have capacity and let cars drive."""
    drives = {uses: not uses or allows_cars(uses) for uses in set(network.allowed_uses)}
    usable: BoolArray = network.capacity_veh_per_s > 0
    if not all(drives.values()):
        usable = usable & np.array([drives[uses] for uses in network.allowed_uses])
    return usable


def reached(n_nodes: int, tail: IntArray, head: IntArray, origins: Iterable[int]) -> BoolArray:
    """bool[n_nodes]: nodes on a way along links from any of the origins, these included."""
    order = np.argsort(tail, kind="stable")
    begin = np.searchsorted(tail[order], np.arange(n_nodes + 1)).tolist()
    heads = head[order].tolist()
    seen = [False] * n_nodes
    stack = list(set(origins))
    for node in stack:
        seen[node] = True
    while stack:
        node = stack.pop()
        for other in heads[begin[node] : begin[node + 1]]:
            if not seen[other]:
                seen[other] = True
                stack.append(other)
    return np.array(seen, dtype=np.bool_)


def warn_of_links(network: Network, usable: BoolArray, log: FaultLog) -> None:
    """Links nobody can use, nodes without links, speeds and lengths that speak for a mistaken unit."""

    def count(where: BoolArray, what: str) -> None:
        hits = np.flatnonzero(where)
        if len(hits):
            noun = "link" if len(hits) == 1 else "links"
            log.warn(f"{len(hits):,} {noun} {what} (first: {network.link_ids[hits[0]]})")

    no_capacity = network.capacity_veh_per_s == 0
    speed = network.length_m / network.free_flow_time_s
    count(no_capacity, "with capacity 0: nobody can use them")
    count(~usable & ~no_capacity, "whose allowed_uses bar cars: no plan uses them")
    count(network.tail == network.head, "from a node to itself")
    count(speed > FASTEST_M_PER_S, "with a free speed above 200 km/h; is speed_unit right?")
    count(speed < SLOWEST_M_PER_S, "with a free speed below 3 km/h; is speed_unit right?")
    if not network.is_local:
        x, y, tail, head = network.node_x, network.node_y, network.tail, network.head
        apart = distance_m(x[tail], y[tail], x[head], y[head])
        count((network.length_m < apart * SHORTFALL) & (network.length_m < apart - SLACK_M), MUCH_TOO_SHORT)
    lonely = np.ones(network.n_nodes, dtype=np.bool_)
    lonely[network.tail] = lonely[network.head] = False
    if lonely.any():
        noun = "node has" if lonely.sum() == 1 else "nodes have"
        first = network.node_ids[int(np.flatnonzero(lonely)[0])]
        log.warn(f"{lonely.sum():,} {noun} no link (first: {first})")


def warn_of_ways(
    network: Network, usable: BoolArray, zones: Sequence[Zone], sites: Sequence[Site], log: FaultLog
) -> None:
    """Zones that reach no site, or none in a direction their people choose; zones at a site."""
    tail, head = network.tail[usable], network.head[usable]

    def leads_to(some: Iterable[Site]) -> BoolArray:
        return reached(network.n_nodes, head, tail, (site.node for site in some))

    to_any = leads_to(sites)
    chosen = sorted({direction for zone in zones for direction, _ in zone.directions})
    to_direction = {d: leads_to(site for site in sites if site.direction == d) for d in chosen}
    lost = [
        f"zone {zone.zone_id} reaches no site: its {zone.present:,} people will be left out"
        for zone in zones
        if zone.present and not to_any[zone.node]
    ]
    log.warn_each(lost, "zones that reach no site")
    partly_lost = [
        f"zone {zone.zone_id} reaches no site in direction {direction}: the {share:.1%} of its people with a vehicle "
        "who choose it will be left out"
        for zone in zones
        for direction, share in zone.directions
        if share and to_any[zone.node] and not to_direction[direction][zone.node]
    ]
    log.warn_each(partly_lost, "zones that do not reach a direction")
    site_at = {site.node: site.site_id for site in reversed(sites)}
    same = [f"zone {z.zone_id} is at the node of site {site_at[z.node]}" for z in zones if z.node in site_at]
    log.warn_each(same, "zones at the node of a site")


def warn_of_crossings(
    network: Network,
    usable: BoolArray,
    ends: tuple[Sequence[Zone], Sequence[Site]],
    crossings: Sequence[Crossing],
    log: FaultLog,
) -> None:
    """Crossings that lie on no way from a zone to a site."""
    if not crossings:
        return
    tail, head = network.tail[usable], network.head[usable]
    from_zones = reached(network.n_nodes, tail, head, (zone.node for zone in ends[0] if zone.present))
    to_sites = reached(network.n_nodes, head, tail, (site.node for site in ends[1]))
    is_useful = usable & from_zones[network.tail] & to_sites[network.head]
    isolated = [
        f"crossing {crossing.crossing_id} is isolated: it lies on no way from a zone to a site"
        for crossing in crossings
        if not is_useful[list(crossing.links)].any()
    ]
    log.warn_each(isolated, "isolated crossings")


def warn_of_people(zones: Sequence[Zone], log: FaultLog) -> None:
    """Nobody to move; people without a vehicle; vehicles with less than one person."""
    if not any(zone.present for zone in zones):
        log.warn("nobody is present in any zone: there is nothing to plan")
    elif not any(zone.with_vehicle for zone in zones):
        log.warn("nobody has a vehicle: nobody can be planned")
    thin = [
        f"zone {zone.zone_id} has {zone.persons_per_vehicle:g} persons per vehicle, less than a driver"
        for zone in zones
        if zone.persons_per_vehicle < 1
    ]
    log.warn_each(thin, "zones with less than one person per vehicle")


def warn_of_beds(zones: Sequence[Zone], sites: Sequence[Site], log: FaultLog) -> None:
    """Sites without beds; fewer beds than people with a vehicle, in all or in a direction they choose."""
    log.warn_each((f"site {site.site_id} has 0 beds" for site in sites if not site.beds), "sites with 0 beds")
    people: dict[str | None, float] = {None: sum(zone.with_vehicle for zone in zones)}
    for zone in zones:
        for chosen, share in zone.directions:
            people[chosen] = people.get(chosen, 0.0) + share * zone.with_vehicle
    for direction, n_people in people.items():
        beds = sum(site.beds for site in sites if direction in (None, site.direction))
        if beds < n_people - 0.5:
            where = "" if direction is None else f" in direction {direction}"
            log.warn(f"the sites{where} have {beds:,.0f} beds for {n_people:,.0f} people with a vehicle")
