"""Nobody is asked to drive round in a circle, and who waits at home instead still arrives in time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from tests.kernels.flows import flow_of, flows
from tests.planner.small import road, scenario, site, zone
from tests.planner.strategies import examples

from clearway.kernels.loops import cut_loops, drive
from clearway.planner.loops import Blocks, blocks_of
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


@examples(100)
@given(flows)
def test_nobody_is_lost_and_no_road_is_over(flow: SlotFlow) -> None:
    flow.augment()
    sent = flow.sent
    blocks = blocks_of(flow, keeps_all=True)
    assert blocks.units.sum() == flow.sent == sent
    assert (put_together(flow, blocks) <= flow.net.capacity).all()
    of_zone = np.bincount(blocks.zone[blocks.route], blocks.units, len(flow.supply))
    assert (of_zone <= flow.supply).all()


@examples(100)
@given(flows)
def test_where_not_all_need_be_kept_no_route_has_loops(flow: SlotFlow) -> None:
    flow.augment()
    net = flow.net
    blocks = blocks_of(flow, keeps_all=False)
    assert not cut_loops(blocks.start, blocks.rows, net.tail, net.head, net.rho)[2].any()
    assert blocks.units.sum() == flow.sent
