"""Nobody is asked to drive round in a circle, and who waits at home instead still arrives in time."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.kernels.flows import flow_of
from tests.planner.small import closed, road, scenario, site, zone
from tests.planner.strategies import examples

from clearway.kernels.loops import cut_loops, drive
from clearway.planner.loops import Blocks, _decomposed, blocks_of
from clearway.planner.room import fits
from clearway.planner.schedule import schedule
from clearway.planner.slots import SlotFlow


def put_together(flow: SlotFlow, blocks: Blocks) -> np.ndarray:
    """int64[n_rows, n_slots]: what the blocks send into each row in each slot."""
    found = np.zeros_like(flow.net.flow)
    drive(found, flow.net.rho, blocks.start, blocks.rows, blocks.route, blocks.slot, blocks.units)
    return found


def a_flow_that_drives_round() -> SlotFlow:
    """Ten a minute from a to b, on to c through the narrow end; round b and d those wait who left first."""
    small = scenario(
        [road("a", "b", 1, 1200), road("b", "d", 1, 1200), road("d", "b", 1, 1200), road("b", "c", 1, 600)],
        [zone("a", 40)],
        [site("c")],
        horizon=6,
    )
    flow = flow_of(small)  # in shifted time: it takes no slot from a to c, and leaves in slot 2 first
    net, unit = flow.net, flow.units
    drive(
        net.flow, net.rho, np.array([0, 2, 6]), np.array([0, 3, 0, 1, 2, 3]), np.array([0, 0, 1, 1]),
        np.array([2, 3, 2, 3]), np.full(4, 10 * unit),
    )  # fmt: skip
    net.departures[0, 2:4] = 20 * unit
    net.arrivals[0, 2:6] = 10 * unit
    net.beds[:] -= 40 * unit
    return flow


def test_whoever_would_drive_round_waits_at_home() -> None:
    flow = a_flow_that_drives_round()
    assert (flow.net.flow <= flow.net.capacity).all()
    blocks = blocks_of(flow, keeps_all=True)
    assert [blocks.rows[a:b].tolist() for a, b in pairwise(blocks.start)] == [[0, 3]]
    assert np.bincount(blocks.slot, blocks.units).tolist() == [0, 0, *[10 * flow.units] * 4]
    found = schedule(a_flow_that_drives_round())
    assert found.left.sum() == 0
    assert found.clearance_s == 6 * 60


def a_flow_that_may_drive_round(seed: int, slot_s: float = 60.0) -> SlotFlow | None:
    """A largest flow in a town with two-way roads, tight ones, closures and few beds: in two of five some go round."""
    random = np.random.default_rng(seed)
    names = [f"n{i}" for i in range(random.integers(4, 12))]
    pairs = [(i, i + 1) for i in range(len(names) - 1)]
    pairs += [(b, a) for a, b in pairs] + [
        tuple(random.choice(len(names), 2, replace=False).tolist()) for _ in range(random.integers(2, 12))
    ]
    roads = [
        road(names[a], names[b], int(random.integers(1, 5)), float(random.choice([60, 120, 300, 600])))
        for a, b in dict.fromkeys(pairs)
    ]
    zones = [
        zone(names[random.integers(len(names))], int(random.integers(20, 200)), name=f"z{i}",
             ready=int(random.integers(0, 10)), priority=float(random.choice([1, 2])))
        for i in range(random.integers(1, 4))
    ]  # fmt: skip
    sites = [
        site(names[random.integers(len(names))], float(random.choice([math.inf, 100, 60, 30])), name=f"s{i}",
             opens=float(random.choice([0, random.integers(0, 12)])))
        for i in range(random.integers(1, 4))
    ]  # fmt: skip
    closures = []
    for _ in range(random.integers(0, 4)):
        from_min, link = int(random.integers(0, 30)), random.integers(len(roads))
        name = scenario(roads, zones, sites).network.link_ids[link]
        until_min = from_min + int(random.integers(1, 20))
        closures.append(closed(name, from_min, until_min, float(random.choice([0, 0.5]))))
    flow = flow_of(scenario(roads, zones, sites, closures, horizon=int(random.integers(30, 90))), slot_s)
    if not len(flow.problem.zone):
        return None
    flow.augment(0 if seed % 2 else 1000)
    return flow


@examples(150)
@given(st.integers(0, 100_000))
def test_nobody_is_lost_no_road_is_over_and_none_arrives_later(seed: int) -> None:
    flow = a_flow_that_may_drive_round(seed)
    if flow is None:
        return
    net = flow.net
    sent, beds, last = flow.sent, net.beds + net.arrivals.sum(axis=1), last_slot(net.arrivals)
    by_weight = sent_by_weight(flow, net.departures.sum(axis=1))
    raw, _ = _decomposed(flow)
    went_round = round_share(flow, raw)
    blocks = blocks_of(flow, keeps_all=True)
    net = flow.net
    assert blocks.units.sum() == flow.sent == sent
    assert (put_together(flow, blocks) <= net.capacity).all()
    assert round_share(flow, blocks) <= went_round
    assert (np.bincount(blocks.site[blocks.route], blocks.units, len(beds)) <= beds).all()
    of_zone = np.bincount(blocks.zone[blocks.route], blocks.units, len(flow.supply)).astype(np.int64)
    assert (of_zone <= flow.supply).all()
    assert sent_by_weight(flow, of_zone) == by_weight
    arrive = blocks.slot + np.add.reduceat(net.rho[blocks.rows], blocks.start[:-1])[blocks.route] if sent else []
    for route, slot, at in zip(blocks.route, blocks.slot, arrive, strict=True):
        assert net.may_depart[blocks.zone[route], slot]
        assert net.may_arrive[blocks.site[route], at]
    assert max(arrive, default=-1) <= max(last, last_slot(net.arrivals))
    assert fits(flow.problem.profile, schedule(flow).loads(flow.problem))


def last_slot(arrivals: np.ndarray) -> int:
    """In which anybody arrives; -1: nobody does."""
    return int(np.flatnonzero(arrivals.any(axis=0)).max(initial=-1))


def sent_by_weight(flow: SlotFlow, of_zone: np.ndarray) -> list[int]:
    weights = flow.problem.weight
    return [int(of_zone[weights >= weight].sum()) for weight in sorted(set(weights.tolist()))]


def round_share(flow: SlotFlow, blocks: Blocks) -> float:
    """The share of units on routes with loops."""
    late = cut_loops(blocks.start, blocks.rows, flow.net.tail, flow.net.head, flow.net.rho)[2]
    return float(blocks.units[late[blocks.route] > 0].sum() / max(1, blocks.units.sum()))


def test_of_those_who_drive_round_few_still_do() -> None:
    """Over many towns: every one of the three ways to do without is needed and found."""
    before = after = 0.0
    for seed in range(150):
        flow = a_flow_that_may_drive_round(seed)
        if flow is not None:
            before += round_share(flow, _decomposed(flow)[0])
            after += round_share(flow, blocks_of(flow, keeps_all=True))
    assert before > 1.0  # as many as in a whole town
    assert after < 0.1 * before


@examples(60)
@given(st.integers(0, 100_000))
def test_where_not_all_need_be_kept_no_route_passes_a_node_twice(seed: int) -> None:
    flow = a_flow_that_may_drive_round(seed, 37.0)
    if flow is None:
        return
    sent = flow.sent
    blocks = blocks_of(flow, keeps_all=False)
    assert round_share(flow, blocks) == 0
    assert blocks.units.sum() == sent
    found = schedule(flow)
    assert fits(flow.problem.profile, found.loads(flow.problem))
