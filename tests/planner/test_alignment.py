"""Shifted time in which the links used most take whole slots."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from tests.kernels.flows import flows
from tests.planner.small import road, scenario, site, zone
from tests.planner.strategies import examples

from clearway.planner.alignment import align
from clearway.planner.problem import build_problem
from clearway.planner.schedule import schedule
from clearway.planner.slots import Grid, SlotFlow, no_loads

# the near site has 100 beds; 500 vehicles must go on to the far one, a way of 7.5 and 10 minutes
FAR = scenario(
    [road("a", "b", 7.5, 1200), road("b", "c", 10, 1200)], [zone("a", 600)], [site("b", beds=100), site("c")]
)


def flow_of(grid: Grid | None = None) -> SlotFlow:
    """A flow over both roads in slots of a minute."""
    problem = build_problem(FAR, None, FAR.capacity_profile())
    flow = SlotFlow(problem, np.array([0, 1]), grid or Grid(60.0, 60), no_loads(), 1000)
    flow.augment()
    return flow


def errors(flow: SlotFlow) -> np.ndarray:
    """Slots by which each link's time is rounded."""
    problem, links = flow.problem, flow.links
    delay = problem.tau[links] + flow.shift[problem.head[links]] - flow.shift[problem.tail[links]]
    return np.asarray(np.abs(delay / flow.grid.slot_s - flow.net.rho))


def test_on_a_row_of_roads_nothing_is_rounded() -> None:
    flow = flow_of()
    grid = align(flow).grid(flow.problem, 60.0, 44)
    again = flow_of(grid)
    assert errors(again).max() == pytest.approx(0.0, abs=1e-9)
    assert again.sent == again.wanted
    found = schedule(again)
    assert found.left.sum() == 0
    # 500 leave in 25 minutes, the last of them is 17.5 minutes under way
    assert 42.5 * 60 - 1e-6 <= found.clearance_s <= 44 * 60 + 1e-6


def test_where_much_arrives_the_last_slot_ends_with_the_horizon() -> None:
    flow = flow_of()
    far = int(np.argmax(align(flow).arriving))
    shift = align(flow).grid(flow.problem, 60.0, 60).shift_s
    assert shift is not None
    assert shift[flow.problem.site_node[far]] == pytest.approx(0.0, abs=1e-6)


@examples(30)
@given(flows)
def test_shifted_time_is_the_usual_one_but_for_a_part_of_a_slot(flow: SlotFlow) -> None:
    problem, slot_s = flow.problem, flow.grid.slot_s
    shift = align(flow).grid(problem, slot_s, flow.grid.n_slots).shift_s
    assert shift is not None
    usual = np.where(np.isfinite(problem.to_site), problem.to_site, 0.0)
    assert (shift >= usual - 1e-9).all()
    assert (shift < usual + slot_s).all()
