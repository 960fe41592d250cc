"""Excess on its way from homes to sites over time, and how far it is from a site: the ground of push-relabel."""

from typing import NamedTuple

import numpy as np

from clearway.kernels.compiled import entered, inlined, without_counting
from clearway.kernels.slot_bits import (
    Front,
    clear,
    front_of,
    gather_below,
    gather_used,
    is_met,
    join_next,
    reach_earlier,
    reach_later,
    reach_own,
    step,
)
from clearway.kernels.time_expanded import SlotNetwork

FAR = np.int32(2**30)  # the distance of what cannot reach a site with beds left


class Preflow(NamedTuple):
    """
    What a search holds beside the network: excess that waits at nodes in slots, and how far it is from a site.

    Attributes
    ----------
    front : Front
        Its ``distance`` is a lower bound on the residual arcs to a site with beds left; FAR where there is no way.
    of_home : int32[n_zones], of_site : int32[n_sites]
        Likewise.
    most : int64[n_zones, n_slots]
        Units that can leave a home in each slot: what the links from its node take.
    excess : int64[n_nodes, n_slots], too_many : int64[n_sites]
        Units that have come and not gone on; at sites: beyond their beds.
    queue : int32[n_nodes], is_waiting : bool[n_nodes], ends : int64[2]
        Nodes with excess, in a ring; its first place and how many wait.
    first, last : int32[n_nodes]
        Slots between which a node may have excess.
    active : int32[n_slots]
        Those of the node at hand that have.
    """

    front: Front
    of_home: np.ndarray
    of_site: np.ndarray
    most: np.ndarray
    excess: np.ndarray
    too_many: np.ndarray
    queue: np.ndarray
    is_waiting: np.ndarray
    ends: np.ndarray
    first: np.ndarray
    last: np.ndarray
    active: np.ndarray


def preflow_of(net: SlotNetwork) -> Preflow:
    """No excess yet."""
    n_nodes, n_slots = len(net.out_start) - 1, net.flow.shape[1]
    pre = Preflow(
        front=front_of(n_nodes, len(net.tail), n_slots),
        of_home=np.zeros(len(net.zone_node), dtype=np.int32),
        of_site=np.zeros(len(net.site_node), dtype=np.int32),
        most=np.zeros(net.may_depart.shape, dtype=np.int64),
        excess=np.zeros((n_nodes, n_slots), dtype=np.int64),
        too_many=np.zeros(len(net.site_node), dtype=np.int64),
        queue=np.zeros(n_nodes, dtype=np.int32),
        is_waiting=np.zeros(n_nodes, dtype=np.bool_),
        ends=np.zeros(2, dtype=np.int64),
        first=np.full(n_nodes, n_slots, dtype=np.int32),
        last=np.full(n_nodes, -1, dtype=np.int32),
        active=np.zeros(n_slots, dtype=np.int32),
    )
    _most_departures(net, pre.most)
    return pre


@entered()
def _most_departures(net, most):
    for zone in range(len(net.zone_node)):
        node = net.zone_node[zone]
        for i in range(net.out_start[node], net.out_start[node + 1]):
            link = net.out_links[i]
            for slot in range(most.shape[1]):
                if net.may_depart[zone, slot]:
                    most[zone, slot] += net.capacity[link, slot]


@inlined()
def wait(pre, node):
    """A node joins the ring, if it is not in it."""
    if not pre.is_waiting[node]:
        pre.is_waiting[node] = True
        place = pre.ends[0] + pre.ends[1]
        size = len(pre.queue)
        pre.queue[place if place < size else place - size] = node
        pre.ends[1] += 1


@inlined()
def take_first(pre):
    """The node that has waited longest leaves the ring."""
    node = pre.queue[pre.ends[0]]
    pre.ends[0] = pre.ends[0] + 1 if pre.ends[0] + 1 < len(pre.queue) else 0
    pre.ends[1] -= 1
    pre.is_waiting[node] = False
    return node


@inlined()
def note_slots(pre, node, first, last):
    if last >= 0:
        pre.first[node] = min(pre.first[node], first)
        pre.last[node] = max(pre.last[node], last)
        wait(pre, node)


@without_counting()
def _begin(net, pre):
    """Nothing has a distance but sites with beds left: 1."""
    front = pre.front
    clear(front, FAR)
    pre.of_home[:] = FAR
    for site in range(len(net.site_node)):
        pre.of_site[site] = 1 if net.beds[site] > 0 else FAR
    for link in range(len(net.tail)):
        gather_below(net.flow[link], net.capacity[link], front.is_open[link])
        gather_used(net.flow[link], front.is_used[link])


@without_counting()
def _from_ends(net, pre, depth):
    """Slots that sites and homes at this depth are reached from; how many nodes, and how many sites and homes."""
    front = pre.front
    n_next, n_ends = 0, 0
    for site in range(len(net.site_node)):
        if pre.of_site[site] == depth:
            n_ends += 1
            gather_used(net.may_arrive[site], front.word)
            if reach_own(front, net.site_node[site], front.word, depth + 1):
                n_next = join_next(front, net.site_node[site], n_next)
    for zone in range(len(net.zone_node)):
        if pre.of_home[zone] == depth:
            n_ends += 1
            gather_used(net.departures[zone], front.word)
            if reach_own(front, net.zone_node[zone], front.word, depth + 1):
                n_next = join_next(front, net.zone_node[zone], n_next)
    return n_next, n_ends


@inlined()
def _to_ends(net, pre, node, depth):
    """Homes and sites from which the slots of a node at this depth are reached; how many."""
    front = pre.front
    count = 0
    for zone in range(net.zone_start[node], net.zone_start[node + 1]):
        if pre.of_home[zone] == FAR:
            gather_below(net.departures[zone], pre.most[zone], front.word)
            if is_met(front, node, front.word):
                pre.of_home[zone] = depth + 1
                count += 1
    for site in range(net.site_start[node], net.site_start[node + 1]):
        if pre.of_site[site] == FAR:
            gather_used(net.arrivals[site], front.word)
            if is_met(front, node, front.word):
                pre.of_site[site] = depth + 1
                count += 1
    return count


@entered()
def measure(net, pre):
    """Exact distances from the sites with beds left, breadth first."""
    front = pre.front
    _begin(net, pre)
    depth, n_now, n_ends = 1, 0, 1
    while n_now > 0 or n_ends > 0:
        n_next, n_ends = _from_ends(net, pre, depth)
        for at in range(n_now):
            node = front.nodes[at]
            for i in range(net.in_start[node], net.in_start[node + 1]):
                link = net.in_links[i]
                if reach_earlier(front, node, net.tail[link], net.rho[link], front.is_open[link], depth + 1):
                    n_next = join_next(front, net.tail[link], n_next)
            for i in range(net.out_start[node], net.out_start[node + 1]):
                link = net.out_links[i]
                if reach_later(front, node, net.head[link], net.rho[link], front.is_used[link], depth + 1):
                    n_next = join_next(front, net.head[link], n_next)
            n_ends += _to_ends(net, pre, node, depth)
        step(front, n_now, n_next)
        n_now = n_next
        depth += 1
