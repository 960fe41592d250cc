"""The rest of a flow over time by OR-Tools' maximum flow, on the residual network built in full."""

from __future__ import annotations

import numpy as np
from ortools.graph.python import max_flow

from clearway.kernels.time_expanded import SlotNetwork
from clearway.model.network import IntArray


def finish_by_push_relabel(net: SlotNetwork, earliest_slot: IntArray) -> int:
    """
    Augment a flow in slots to a maximum one; returns the units added.

    ``earliest_slot`` is int64[n_nodes], the first slot in which anyone can be at a node: earlier pairs are left out.
    The network's flow, departures, arrivals, supply and beds are modified in place.
    """
    n_nodes, n_slots = len(net.out_start) - 1, net.flow.shape[1]
    home0 = n_nodes * n_slots
    site0 = home0 + len(net.zone_node)
    source = site0 + len(net.site_node)
    sink = source + 1
    room = net.capacity - net.flow
    room[np.arange(n_slots) < earliest_slot[net.tail][:, None]] = 0
    link, slot = np.nonzero(room > 0)
    back_link, back_slot = np.nonzero(net.flow > 0)
    zone, leave = np.nonzero(net.may_depart)
    back_zone, back_leave = np.nonzero(net.departures > 0)
    site, arrive = np.nonzero(net.may_arrive & (np.arange(n_slots) >= earliest_slot[net.site_node][:, None]))
    back_site, back_arrive = np.nonzero(net.arrivals > 0)
    many = int(net.supply.sum()) + int(net.departures.sum()) + 1
    homes, sites = np.arange(len(net.zone_node)), np.arange(len(net.site_node))

    def pair(node: IntArray, k: IntArray) -> IntArray:
        items: IntArray = node * n_slots + k
        return items

    groups = [
        (pair(net.tail[link], slot), pair(net.head[link], slot + net.rho[link]), room[link, slot]),
        (
            pair(net.head[back_link], back_slot + net.rho[back_link]),
            pair(net.tail[back_link], back_slot),
            net.flow[back_link, back_slot],
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
    arcs = solver.add_arcs_with_capacity(number[tail], number[head], capacity.astype(np.int64))
    if solver.solve(int(number[source]), int(number[sink])) != solver.OPTIMAL:
        return 0
    flows = np.split(solver.flows(arcs), np.cumsum([len(g[0]) for g in groups])[:-1])
    np.add.at(net.flow, (link, slot), flows[0])
    np.subtract.at(net.flow, (back_link, back_slot), flows[1])
    net.departures[zone, leave] += flows[2]
    net.departures[back_zone, back_leave] -= flows[3]
    net.arrivals[site, arrive] += flows[4]
    net.arrivals[back_site, back_arrive] -= flows[5]
    net.supply[:] -= flows[6]
    net.beds[:] -= flows[7]
    return int(solver.optimal_flow())
