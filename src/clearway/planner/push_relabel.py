"""The rest of a flow over time by push-relabel, over links in a row as one, backwards from the sites."""

from __future__ import annotations

import numpy as np

from clearway.kernels.chains import chains_of, narrowest_of_chains, send_along_chains, turned
from clearway.kernels.push_relabel import maximise
from clearway.kernels.time_expanded import SlotNetwork
from clearway.model.network import IntArray
from clearway.planner.problem import BoolArray


def finish_by_push_relabel(net: SlotNetwork, earliest_slot: IntArray) -> int:
    """
    Augment a flow in slots to a maximum one; returns the units added.

    ``earliest_slot`` is int64[n_nodes], the first slot in which anyone can be at a node: earlier pairs are left out.
    Links in a row count as one. The flow is sought backwards, from the sites: what the roads near them let through
    is little beside what waits at home, so that less is pushed in vain. The network's flow, departures, arrivals,
    supply and beds are modified in place.
    """
    start, links = chains_of(net.tail, net.head, _passed(net))
    short = _shortened(net, earliest_slot, start, links)
    back = _backwards(short)
    added = maximise(back)
    change = turned(back.flow, back.rho) - short.flow
    chain, slot = np.nonzero(change)
    send_along_chains(net.flow, net.rho, start, links, chain, slot, change[chain, slot])
    net.departures[:] = back.arrivals[:, ::-1]
    net.arrivals[:] = back.departures[:, ::-1]
    net.supply[:] = back.beds
    net.beds[:] = back.supply
    return added


def _shortened(net: SlotNetwork, earliest_slot: IntArray, start: IntArray, links: IntArray) -> SlotNetwork:
    """The network of chains (see `chains_of`) between the nodes at their ends; nothing is on a chain for no time."""
    tail, head = net.tail[links[start[:-1]]], net.head[links[start[1:] - 1]]
    room, rho = narrowest_of_chains(net.capacity - net.flow, net.rho, start, links)
    room[(np.arange(room.shape[1]) < earliest_slot[tail][:, None]) | (tail == head)[:, None]] = 0
    flow = net.flow[links[start[:-1]]]  # of a chain's links in a row all have the same
    kept, number = np.unique(np.concatenate((tail, head, net.zone_node, net.site_node)), return_inverse=True)
    ends = np.cumsum((len(tail), len(head), len(net.zone_node)))
    tail, head, zone_node, site_node = np.split(number, ends)
    nodes = np.arange(len(kept) + 1)
    out_links, in_links = np.lexsort((rho, tail)), np.lexsort((rho, head))
    return net._replace(
        tail=tail,
        head=head,
        rho=rho,
        out_start=np.searchsorted(tail[out_links], nodes),
        out_links=out_links,
        in_start=np.searchsorted(head[in_links], nodes),
        in_links=in_links,
        capacity=flow + room,
        flow=flow,
        zone_start=np.searchsorted(zone_node, nodes),
        zone_node=zone_node,
        site_start=np.searchsorted(site_node, nodes),
        site_node=site_node,
    )


def _backwards(net: SlotNetwork) -> SlotNetwork:
    """The network with time and all links turned round, homes for sites and sites for homes; with arrays of its own."""

    def reverse(rows: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(rows[:, ::-1])

    return SlotNetwork(
        tail=net.head,
        head=net.tail,
        rho=net.rho,
        out_start=net.in_start,
        out_links=net.in_links,
        in_start=net.out_start,
        in_links=net.out_links,
        capacity=turned(net.capacity, net.rho),
        flow=turned(net.flow, net.rho),
        zone_start=net.site_start,
        zone_node=net.site_node,
        may_depart=reverse(net.may_arrive),
        departures=reverse(net.arrivals),
        site_start=net.zone_start,
        site_node=net.zone_node,
        may_arrive=reverse(net.may_depart),
        arrivals=reverse(net.departures),
        supply=net.beds.copy(),
        beds=net.supply.copy(),
    )


def _passed(net: SlotNetwork) -> BoolArray:
    """bool[n_nodes]: nodes with one link in and one out where nobody departs or arrives."""
    passed: BoolArray = (np.diff(net.out_start) == 1) & (np.diff(net.in_start) == 1)
    passed[net.zone_node] = False
    passed[net.site_node] = False
    return passed
