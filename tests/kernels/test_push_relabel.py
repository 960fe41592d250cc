"""Maximum flows by push-relabel on rows of slots: by hand, against Dinic's, in many slots and round circles."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.kernels.flows import copy_of, flow_of, vehicles
from tests.kernels.test_time_expanded import conserved
from tests.planner.small import both_ways, road, scenario, site, zone
from tests.planner.strategies import examples, whole_minutes

from clearway.kernels.preflow import FAR, measure, preflow_of
from clearway.kernels.push_relabel import maximise
from clearway.kernels.time_expanded import UNREACHED, augment, levels_to_sites, search_room
from clearway.planner.push_relabel import finish_by_push_relabel
from clearway.planner.slots import SlotFlow

many_slots = st.builds(flow_of, whole_minutes(directions=False), st.sampled_from([60.0, 20.0, 7.0]))


def test_a_road_sends_its_rate_in_every_slot_in_which_one_still_arrives() -> None:
    # 20 a minute; who enters in minutes 0 to 114 arrives by 125 after 10 minutes: 115 slots of 20, over two words
    flow = flow_of(scenario([road("a", "b", 10, 1200)], [zone("a", 6000)], [site("b")], horizon=125))
    flow.net.supply[:] = flow.supply
    assert vehicles(flow, maximise(flow.net)) == 2300
    assert vehicles(flow, flow.net.arrivals[0]).tolist() == [0] * 10 + [20] * 115
    conserved(flow.net, flow.supply)


def test_what_finds_no_bed_goes_home_again() -> None:
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 600, load=2)], [site("b", 90)], horizon=60)
    flow = flow_of(small)
    flow.net.supply[:] = flow.supply
    assert vehicles(flow, maximise(flow.net)) == 45
    assert vehicles(flow, flow.net.supply[0]) == 300 - 45
    conserved(flow.net, flow.supply)


def test_excess_finds_home_past_a_circle_of_flow() -> None:
    # slots of ten minutes: c<>d takes none, so what is on that circle could go round for ever when it is taken back
    roads = [road("a", "c", 10, 1200), *both_ways("c", "d", 1, 1200), road("d", "b", 10, 60)]
    flow = flow_of(scenario(roads, [zone("a", 2000)], [site("b")], horizon=100), 600.0)
    row = {(flow.problem.tail[link], flow.problem.head[link]): i for i, link in enumerate(flow.links.tolist())}
    names = {name: i for i, name in enumerate("acdb")}
    for ends in ("cd", "dc"):
        flow.net.flow[row[names[ends[0]], names[ends[1]]], 3] = 7
    flow.net.supply[:] = flow.supply
    other = copy_of(flow.net)
    sent = maximise(flow.net)
    conserved(flow.net, flow.supply)
    order, lengths = np.arange(1), np.zeros(len(flow.links), dtype=np.int64)
    assert augment(other, order, lengths, 1, 1000)[:2] == (sent, True)


@examples(60)
@given(many_slots)
def test_as_much_as_dinic_forwards_and_backwards(flow: SlotFlow) -> None:
    flow.net.supply[:] = flow.supply
    ours, back = copy_of(flow.net), copy_of(flow.net)
    order, lengths = np.arange(len(flow.supply)), np.zeros(len(flow.links), dtype=np.int64)
    sent, done, _ = augment(flow.net, order, lengths, 1, 10_000)
    assert done
    assert maximise(ours) == sent
    conserved(ours, flow.supply)
    assert finish_by_push_relabel(back, flow.earliest_slot()) == sent
    conserved(back, flow.supply)


@examples(60)
@given(many_slots, st.integers(0, 3))
def test_distances_are_those_of_a_plain_search(flow: SlotFlow, phases: int) -> None:
    """On any flow: the same pairs, homes and sites reach a site with beds left; a step of either search is an arc."""
    flow.net.supply[:] = flow.supply
    lengths = np.zeros(len(flow.links), dtype=np.int64)
    augment(flow.net, np.arange(len(flow.supply)), lengths, 1, phases)
    room, pre = search_room(flow.net), preflow_of(flow.net)
    supply = flow.net.supply.copy()
    flow.net.supply[:] = 0
    levels_to_sites(flow.net, lengths, 1, room)
    flow.net.supply[:] = supply
    pre.most[:] = np.where(flow.net.may_depart, flow.net.departures + 1, 0)
    measure(flow.net, pre)
    n_pairs = pre.front.distance.size
    reached = np.concatenate((pre.front.distance.reshape(-1), pre.of_home, pre.of_site)) < FAR
    assert np.array_equal(reached, room.level != UNREACHED)
    # levels count what is taken back twice: they are no less than distances (less one, for sites begin at 1)
    plain = room.level[:n_pairs][reached[:n_pairs]]
    assert (pre.front.distance.reshape(-1)[reached[:n_pairs]] - 1 <= plain).all()
