"""Flows in slots of random small scenarios, for the tests of the kernels that make and use them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from tests.planner.strategies import whole_minutes

from clearway.kernels.time_expanded import SlotNetwork
from clearway.model.scenario import Scenario
from clearway.planner.problem import build_problem
from clearway.planner.slots import Grid, SlotFlow, no_loads


def flow_of(small: Scenario, slot_s: float = 60.0) -> SlotFlow:
    """No flow yet, over all useful links of those who may go anywhere."""
    problem = build_problem(small, None, small.capacity_profile())
    grid = Grid(slot_s, int(small.horizon_s // slot_s))
    return SlotFlow(problem, np.flatnonzero(problem.useful(grid.horizon_s)), grid, no_loads(), 1000)


flows = st.builds(flow_of, whole_minutes(directions=False), st.sampled_from([60.0, 60.0, 37.0, 240.0]))


def vehicles(flow: SlotFlow, units: np.ndarray | int) -> np.ndarray:
    """Units as vehicles; roads hold a hair more than they should, see `clearway.planner.slots.ROOM`."""
    return np.round(np.asarray(units) / flow.units, 4)


def copy_of(net: SlotNetwork) -> SlotNetwork:
    """The same network with arrays of its own."""
    return SlotNetwork(*(array.copy() for array in net))
