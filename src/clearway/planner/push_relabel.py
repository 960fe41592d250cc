"""The rest of a flow over time by OR-Tools' maximum flow, on the residual network built in full."""

from __future__ import annotations

import numpy as np
from ortools.graph.python import max_flow

from clearway.kernels.chains import chains_of, narrowest_of_chains, send_along_chains
from clearway.kernels.time_expanded import SlotNetwork
from clearway.model.network import IntArray
from clearway.planner.problem import BoolArray

MANY_ARCS = 50_000


def finish_by_push_relabel(net: SlotNetwork, earliest_slot: IntArray) -> int:
    """
    Augment a flow in slots to a maximum one; returns the units added.

    ``earliest_slot`` is int64[n_nodes], the first slot in which anyone can be at a node: earlier pairs are left out.
    Links in a row count as one. A large flow is sought backwards, from the sites: what the roads near them let through
    is little beside what waits at home, so that less is pushed in vain. A small one is not: forwards, what zones send
    changes less from slot to slot. The network's flow, departures, arrivals, supply
    and beds are modified in place.
    """
    n_nodes, n_slots = len(net.out_start) - 1, net.flow.shape[1]
    home0 = n_nodes * n_slots
    site0 = home0 + len(net.zone_node)
    source = site0 + len(net.site_node)
    sink = source + 1
    start, links = chains_of(net.tail, net.head, _passed(net))
    chain_tail, chain_head = net.tail[links[start[:-1]]], net.head[links[start[1:] - 1]]
    room, takes = narrowest_of_chains(net.capacity - net.flow, net.rho, start, links)
    room[np.arange(n_slots) < earliest_slot[chain_tail][:, None]] = 0
    link, slot = np.nonzero(room)
    flow = net.flow[links[start[:-1]]]  # of a chain's links in a row all have the same
    back_link, back_slot = np.nonzero(flow)
    zone, leave = np.nonzero(net.may_depart)
    back_zone, back_leave = np.nonzero(net.departures)
    site, arrive = np.nonzero(net.may_arrive & (np.arange(n_slots) >= earliest_slot[net.site_node][:, None]))
    back_site, back_arrive = np.nonzero(net.arrivals)
    many = int(net.supply.sum()) + int(net.departures.sum()) + 1
    homes, sites = np.arange(len(net.zone_node)), np.arange(len(net.site_node))

    def pair(node: IntArray, k: IntArray) -> IntArray:
        items: IntArray = node * n_slots + k
        return items

    groups = [
        (pair(chain_tail[link], slot), pair(chain_head[link], slot + takes[link]), room[link, slot]),
        (
            pair(chain_head[back_link], back_slot + takes[back_link]),
            pair(chain_tail[back_link], back_slot),
            flow[back_link, back_slot],
        ),
        (home0 + zone, pair(net.zone_node[zone], leave), np.full(len(zone), many)),
        (pair(net.zone_node[back_zone], back_leave), home0 + back_zone, net.departures[back_zone, back_leave]),
        (pair(net.site_node[site], arrive), site0 + site, np.full(len(site), many)),
        (site0 + back_site, pair(net.site_node[back_site], back_arrive), net.arrivals[back_site, back_arrive]),
        (np.full(len(homes), source), home0 + homes, net.supply),
        (site0 + sites, np.full(len(sites), sink), net.beds),
    ]
    tail, head, capacity = (np.concatenate(column) for column in zip(*groups, strict=True))
    number = np.zeros(sink + 1, dtype=np.int32)
    number[tail] = number[head] = 1
    number[[source, sink]] = 1
    used = np.flatnonzero(number)
    number[used] = np.arange(len(used), dtype=np.int32)
    solver = max_flow.SimpleMaxFlow()
    if len(tail) > MANY_ARCS:
        tail, head, source, sink = head, tail, sink, source
    arcs = solver.add_arcs_with_capacity(number[tail], number[head], capacity.astype(np.int64))
    if solver.solve(int(number[source]), int(number[sink])) != solver.OPTIMAL:
        return 0
    flows = np.split(solver.flows(arcs), np.cumsum([len(g[0]) for g in groups])[:-1])
    send_along_chains(net.flow, net.rho, start, links, link, slot, flows[0])
    send_along_chains(net.flow, net.rho, start, links, back_link, back_slot, -flows[1])
    net.departures[zone, leave] += flows[2]
    net.departures[back_zone, back_leave] -= flows[3]
    net.arrivals[site, arrive] += flows[4]
    net.arrivals[back_site, back_arrive] -= flows[5]
    net.supply[:] -= flows[6]
    net.beds[:] -= flows[7]
    return int(solver.optimal_flow())


def _passed(net: SlotNetwork) -> BoolArray:
    """bool[n_nodes]: nodes with one link in and one out where nobody departs or arrives."""
    passed: BoolArray = (np.diff(net.out_start) == 1) & (np.diff(net.in_start) == 1)
    passed[net.zone_node] = False
    passed[net.site_node] = False
    return passed
