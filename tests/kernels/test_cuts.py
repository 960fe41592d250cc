"""Values of cuts over time: by hand, and against the model's own evaluation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from tests.kernels.plain import plain
from tests.planner.small import closed, road, scenario, site, zone
from tests.planner.strategies import examples, whole_minutes

from clearway.kernels.cuts import integral, links_value, shift_costs
from clearway.model.cut import integrate
from clearway.model.scenario import Scenario

# 0 --10 s--> 1: 2 a second, closed from 30 s to 50 s
START, FROM_S, RATE = np.array([0, 3]), np.array([0.0, 30.0, 50.0]), np.array([2.0, 0.0, 2.0])
TAIL, HEAD, TAU = np.array([0]), np.array([1]), np.array([10.0])


def test_the_integral_counts_open_time_only() -> None:
    assert integral(START, FROM_S, RATE, 0, 20.0, 60.0) == 40  # 20 to 30 and 50 to 60
    assert integral(START, FROM_S, RATE, 0, 60.0, 20.0) == 0


def test_a_link_counts_from_its_tails_label_until_it_arrives_at_its_heads() -> None:
    # entered from 5 to 80 - 10: 25 s before and 20 s after the closure
    assert links_value(START, FROM_S, RATE, TAIL, HEAD, TAU, np.array([5.0, 80.0]), 1000.0) == 90
    # never reached: until the horizon
    assert links_value(START, FROM_S, RATE, TAIL, HEAD, TAU, np.array([5.0, np.inf]), 80.0) == 90
    # a head reached no later than one can be there
    assert links_value(START, FROM_S, RATE, TAIL, HEAD, TAU, np.array([5.0, 15.0]), 80.0) == 0
    # nothing enters before 0
    assert links_value(START, FROM_S, RATE, TAIL, HEAD, TAU, np.array([-50.0, 20.0]), 80.0) == 20


def test_what_a_link_costs_when_labels_move() -> None:
    costs = shift_costs(START, FROM_S, RATE, TAIL, HEAD, TAU, np.array([5.0, 35.0]), 1000.0, 3.0)
    assert costs[0].tolist() == [40, 46, 34, 40]  # 5 to 25; to 28; from 8; 8 to 28


@examples(60)
@given(whole_minutes())
def test_moving_labels_is_submodular_and_moves_the_value(small: Scenario) -> None:
    """Both moves together cost no more than each alone: what makes a minimum cut find the best set."""
    network, profile = small.network, small.capacity_profile()
    labels = np.linspace(0.0, small.horizon_s, network.n_nodes)
    arrays = (profile.start, profile.from_s, profile.rate, network.tail, network.head, network.free_flow_time_s)
    for step in (90.0, -37.0):
        costs = shift_costs(*arrays, labels, small.horizon_s, step)
        assert costs[:, 0].sum() == pytest.approx(links_value(*arrays, labels, small.horizon_s))
        assert costs[:, 3].sum() == pytest.approx(links_value(*arrays, labels + step, small.horizon_s))
        assert (costs[:, 0] + costs[:, 3] <= costs[:, 1] + costs[:, 2] + 1e-9).all()
        assert np.allclose(costs, plain(shift_costs)(*arrays, labels, small.horizon_s, step))


def test_the_kernel_and_the_model_integrate_alike() -> None:
    small = scenario(
        [road("a", "b", 10, 1200)], [zone("a", 1)], [site("b")], [closed("a>b", 20, 40, 0.5), closed("a>b", 60)]
    )
    profile = small.capacity_profile()
    for t0, t1 in [(0, 600), (600, 3000), (2000, 9000), (0, 1e6), (5, 5)]:
        assert integral(profile.start, profile.from_s, profile.rate, 0, t0, t1) == pytest.approx(
            integrate(profile, 0, t0, t1)
        )
    assert math.isclose(integrate(profile, 0, 0, 1e9), (20 * 20 + 10 * 20 + 20 * 10))  # open to 50: nobody on it at 60
