"""Maximum flows in slots: by hand, conserved, and proven by the cut they leave."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from tests.kernels.flows import copy_of, flow_of, flows, vehicles
from tests.kernels.plain import plain
from tests.planner.small import closed, road, scenario, site, zone
from tests.planner.strategies import examples

from clearway.kernels.time_expanded import UNREACHED, SlotNetwork, augment, levels_to_sites, search_room
from clearway.planner.push_relabel import finish_by_push_relabel
from clearway.planner.slots import SlotFlow


def run(flow: SlotFlow, hop: int = 1) -> int:
    """Augment to a maximum flow; what was sent."""
    flow.net.supply[:] = flow.supply
    n = len(flow.problem.zone)
    zeros = np.zeros(len(flow.links), dtype=np.int64)
    total, done, _ = augment(flow.net, np.arange(n), zeros, hop, 10_000)
    assert done or hop == 0
    return int(total)


def test_a_road_sends_its_rate_in_every_slot_in_which_one_still_arrives() -> None:
    # 20 a minute; who enters in minutes 0 to 14 arrives by 25 after 10 minutes: 15 slots of 20
    flow = flow_of(scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], horizon=25))
    assert vehicles(flow, run(flow)) == 300
    # slots of shifted time: a's slot k begins at k - 10 minutes; nothing leaves before 0
    assert vehicles(flow, flow.net.flow[0]).tolist() == [0] * 10 + [20] * 15
    assert vehicles(flow, flow.net.arrivals[0]).tolist() == [0] * 10 + [20] * 15


def test_a_flow_is_taken_back_where_that_lets_more_through() -> None:
    # a goes c-d or c-e, b only c... the short way of a first blocks b: 10 a minute on c>d, which b needs
    roads = [road("a", "c", 1, 600), road("b", "c", 1, 600), road("c", "d", 1, 600), road("a", "d", 3, 600)]
    flow = flow_of(scenario(roads, [zone("a", 100), zone("b", 100)], [site("d")], horizon=13))
    # c>d takes 10 a minute in minutes 1 to 11: 110; a>d 10 a minute in 0 to 9: 100 and more; all 200 fit
    assert vehicles(flow, run(flow)) == 200


def test_beds_end_it() -> None:
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 600, load=2)], [site("b", 90)], horizon=60)
    flow = flow_of(small)
    assert vehicles(flow, run(flow)) == 45
    assert flow.net.beds.tolist() == [0]


def test_nothing_enters_a_closed_road() -> None:
    # closed from 12 to 20: nobody enters from 2 on, for all must be off it
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], [closed("a>b", 12, 20)], horizon=35)
    flow = flow_of(small)
    assert vehicles(flow, run(flow)) == 20 * (2 + 5)


def conserved(net: SlotNetwork, supply: np.ndarray) -> None:
    """What comes to a node in a slot leaves it in that slot; nothing is more than it may be."""
    n_nodes, n_slots = len(net.out_start) - 1, net.flow.shape[1]
    balance = np.zeros((n_nodes, n_slots), dtype=np.int64)
    for link in range(len(net.tail)):
        balance[net.tail[link]] -= net.flow[link]
        for slot in np.flatnonzero(net.flow[link]):
            balance[net.head[link], slot + net.rho[link]] += net.flow[link, slot]
    np.add.at(balance, net.zone_node, net.departures)
    np.subtract.at(balance, net.site_node, net.arrivals)
    assert not balance.any()
    assert (net.flow >= 0).all()
    assert (net.flow <= net.capacity).all()
    assert (net.departures >= 0).all()
    assert (net.arrivals >= 0).all()
    assert not net.departures[~net.may_depart].any()
    assert not net.arrivals[~net.may_arrive].any()
    assert (net.departures.sum(axis=1) + net.supply == supply).all()
    assert (net.supply >= 0).all()
    assert (net.beds >= 0).all()


def cut_value(net: SlotNetwork, supply: np.ndarray, beds: np.ndarray) -> int:
    """Capacity from what cannot reach a bed to what can, in the residual network (Ford & Fulkerson 1956)."""
    n_nodes, n_slots = len(net.out_start) - 1, net.flow.shape[1]
    n_pairs = n_nodes * n_slots
    lengths = np.zeros(len(net.tail), dtype=np.int64)
    room = search_room(net)
    net.supply[:] = 0
    levels_to_sites(net, lengths, 1, room)
    far = room.level != UNREACHED
    pairs, homes, sites = (
        far[:n_pairs].reshape(n_nodes, n_slots),
        far[n_pairs:][: len(supply)],
        far[n_pairs:][len(supply) :],
    )
    total = int(supply[homes].sum()) + int(beds[~sites].sum())
    for link in range(len(net.tail)):
        for slot in np.flatnonzero(net.capacity[link]):
            if not pairs[net.tail[link], slot] and pairs[net.head[link], slot + net.rho[link]]:
                total += int(net.capacity[link, slot])
    # arcs without a limit lead across nowhere
    assert not (~homes[:, None] & pairs[net.zone_node] & net.may_depart).any()
    assert not (~pairs[net.site_node] & sites[:, None] & net.may_arrive).any()
    return total


@examples(60)
@given(flows)
def test_the_flow_is_conserved_and_as_much_as_its_cut(flow: SlotFlow) -> None:
    beds = flow.net.beds.copy()
    again = copy_of(flow.net)
    sent = run(flow)
    assert sent == flow.net.arrivals.sum()
    conserved(flow.net, flow.supply)
    assert cut_value(flow.net, flow.supply, beds) == sent
    again.supply[:] = flow.supply
    assert finish_by_push_relabel(again, np.zeros(flow.problem.n_nodes, dtype=np.int64)) == sent
    conserved(again, flow.supply)


@examples(40)
@given(flows)
def test_starting_from_any_flow_ends_at_the_same_amount(flow: SlotFlow) -> None:
    """Two phases by the shortest ways with lengths, the rest by push-relabel or by more phases."""
    whole = copy_of(flow.net)
    whole.supply[:] = flow.supply
    order, zeros = np.arange(len(flow.supply)), np.zeros(len(flow.links), dtype=np.int64)
    total, done, _ = augment(whole, order, zeros, 1, 10_000)
    assert done
    flow.net.supply[:] = flow.supply
    lengths = np.minimum(flow.net.rho, 12)
    augment(flow.net, order, lengths, 0, 2)
    conserved(flow.net, flow.supply)
    rest = copy_of(flow.net)
    augment(rest, order, zeros, 1, 10_000)
    finish_by_push_relabel(flow.net, flow.earliest_slot())
    conserved(flow.net, flow.supply)
    assert rest.arrivals.sum() == flow.net.arrivals.sum() == total


def test_compiled_and_plain_python_agree() -> None:
    roads = [road("a", "c", 1, 600), road("b", "c", 1, 600), road("c", "d", 1, 600), road("a", "d", 3, 600)]
    small = scenario(roads, [zone("a", 100), zone("b", 100)], [site("d", 150), site("c", 20)], horizon=13)
    one, other = flow_of(small), flow_of(small)
    assert vehicles(one, run(one)) == 170
    other.net.supply[:] = other.supply
    zeros = np.zeros(len(other.links), dtype=np.int64)
    assert vehicles(other, plain(augment)(other.net, np.arange(2), zeros, 1, 10_000)[0]) == 170
    assert np.array_equal(one.net.flow, other.net.flow)


@pytest.mark.parametrize("hop", [0, 1])
def test_no_supply_no_flow(hop: int) -> None:
    flow = flow_of(scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], horizon=25))
    flow.supply[:] = 0
    assert run(flow, hop) == 0
