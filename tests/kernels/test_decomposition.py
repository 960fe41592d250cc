"""A flow over time and its routes: by hand, and put together again."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from tests.kernels.flows import flow_of, flows, vehicles
from tests.kernels.plain import plain
from tests.planner.small import road, scenario, site, zone
from tests.planner.strategies import examples

from clearway.kernels.decomposition import decompose
from clearway.planner.slots import SlotFlow


def routes_of(flow: SlotFlow) -> tuple[np.ndarray, ...]:
    """Augment, then decompose; flow, departures and arrivals left over come last."""
    flow.augment()
    net = flow.net
    left = net.flow.copy(), net.departures.copy(), net.arrivals.copy()
    found = decompose(
        left[0], net.rho, net.head, net.out_start, net.out_links, left[1], net.zone_node, left[2], net.site_start
    )
    return (*found, *left)


def test_two_ways_become_two_routes() -> None:
    # the short way of 20 a minute takes 15 slots of 20 by minute 25, the long one 5
    small = scenario(
        [road("a", "b", 10, 1200), road("a", "c", 10, 1200), road("c", "b", 10, 1200)],
        [zone("a", 400)],
        [site("b")],
        horizon=25,
    )
    flow = flow_of(small)
    zones, sites, start, links, route, slot, amount, *_ = routes_of(flow)
    assert zones.tolist() == [0, 0]
    assert sites.tolist() == [0, 0]
    ways = sorted(tuple(flow.links[links[a:b]].tolist()) for a, b in pairwise(start))
    assert ways == [(0,), (1, 2)]
    direct = 0 if start[1] == 1 else 1
    sums = np.bincount(route, amount, 2)
    assert vehicles(flow, sums[direct]) == 300
    assert vehicles(flow, sums[1 - direct]) == 100
    assert (vehicles(flow, np.bincount(slot[route == direct], amount[route == direct])[10:]) == 20).all()


def test_sites_that_share_a_node_each_take_their_own() -> None:
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 100)], [site("b", 30), site("b", 70, name="c")], horizon=60)
    flow = flow_of(small)
    _, sites, _, _, route, _, amount, _, departures, arrivals = routes_of(flow)
    assert vehicles(flow, np.bincount(sites[route], amount, 2)).tolist() == [30, 70]
    assert not departures.any()
    assert not arrivals.any()


def test_a_zone_at_a_site_drives_before_it_arrives() -> None:
    small = scenario([road("a", "b", 3, 1200)], [zone("a", 40)], [site("a"), site("b", 30)], horizon=20)
    flow = flow_of(small)
    _, sites, start, _, route, _, amount, *_ = routes_of(flow)
    assert (np.diff(start) > 0).all()
    assert vehicles(flow, amount.sum()) == 30  # nobody stays at home for a bed
    assert (flow.problem.site[flow.site_order[sites[route]]] == 1).all()


@examples(60)
@given(flows)
def test_routes_put_together_are_the_flow_without_its_cycles(flow: SlotFlow) -> None:
    zones, sites, start, links, route, slot, amount, rest, departures, arrivals = routes_of(flow)
    net = flow.net
    assert not departures.any()  # everything is traced
    assert not arrivals.any()
    assert (amount > 0).all()
    put = np.zeros_like(net.flow)
    left, came = np.zeros_like(net.departures), np.zeros_like(net.arrivals)
    for r, k, units in zip(route, slot, amount, strict=True):
        way = links[start[r] : start[r + 1]]
        at, node = k, net.zone_node[zones[r]]
        left[zones[r], k] += units
        for link in way:
            assert net.tail[link] == node
            put[link, at] += units
            at, node = at + net.rho[link], net.head[link]
        assert net.site_node[sites[r]] == node
        came[sites[r], at] += units
    # what cycles carried is cancelled, or left where nobody walked it
    assert (put + rest <= net.flow).all()
    assert np.array_equal(left, net.departures)
    assert np.array_equal(came, net.arrivals)
    again = net.flow.copy(), net.departures.copy(), net.arrivals.copy()
    slow = plain(decompose)(
        again[0], net.rho, net.head, net.out_start, net.out_links, again[1], net.zone_node, again[2], net.site_start
    )
    assert all(
        np.array_equal(a, b) for a, b in zip(slow, (zones, sites, start, links, route, slot, amount), strict=True)
    )


def test_a_cycle_within_a_slot_is_cancelled() -> None:
    # 0 -> 1 -> 2 with 10 units, and 5 going round 1 -> 3 -> 1 without taking time
    tail, head = np.array([0, 1, 1, 3]), np.array([1, 2, 3, 1])
    flow = np.array([[10], [10], [5], [5]])
    rho = np.zeros(4, dtype=np.int64)
    order = np.argsort(tail, kind="stable")
    out_start = np.searchsorted(tail[order], np.arange(5))
    zone, site_of, start, links, route, slot, amount = decompose(
        flow, rho, head, out_start, np.array([0, 2, 1, 3]), np.array([[10]]), np.array([0]), np.array([[10]]),
        np.array([0, 0, 0, 1, 1]),
    )  # fmt: skip
    assert links.tolist() == [0, 1]
    assert amount.sum() == 10
    assert (zone.tolist(), site_of.tolist(), start.tolist(), slot.tolist()) == ([0], [0], [0, 2], [0] * len(route))
