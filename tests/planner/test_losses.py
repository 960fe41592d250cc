"""The cost of losing a crossing, by hand: two roads of 20 vehicles a minute, one of them lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.planner.small import planned, road, scenario, site, zone

from clearway.model.network import Crossing
from clearway.model.scenario import Scenario
from clearway.planner.losses import LossCurve, loss_curves


def two_roads(horizon: float) -> Scenario:
    """600 vehicles; a bridge of 10 minutes and a way round of 20: both together need 30 minutes."""
    small = scenario(
        [road("a", "b", 10, 1200), road("a", "b", 20, 1200)], [zone("a", 600)], [site("b")], horizon=horizon
    )
    return replace(small, crossings=(Crossing("bridge", "Bridge", "bridge", (0,)), Crossing("dam", "Dam", "dam", ())))


def curve_of(small: Scenario, every: float) -> LossCurve:
    (curve,) = loss_curves(small, planned(small), every * 60, 60.0)
    assert curve.crossing == 0  # the dam has no link: the plan does not use it
    assert (curve.persons <= curve.persons_bound + 1e-6).all()
    assert (curve.clearance_bound_s <= curve.clearance_s + 1e-6).all()
    return curve


def test_each_minute_that_the_bridge_lasts_is_a_minute_sooner() -> None:
    curve = curve_of(two_roads(120), every=5)
    # lost at L: (L - 10) x 20 pass it, the others need until 60 - L by the way round; 50 where nobody passes it
    exact = [60 - max(10, min(lost, 30)) for lost in curve.lost_s / 60]
    assert curve.lost_s / 60 == pytest.approx([0, 5, 10, 15, 20, 25, 30])
    assert curve.clearance_bound_s / 60 == pytest.approx(exact, rel=1e-3)
    assert curve.clearance_s[curve.is_planned] / 60 == pytest.approx(np.array(exact)[curve.is_planned], rel=0.01)
    assert (curve.persons == 600).all()
    # 20 a minute pass it, the last at its end at 30 (docs: they would meet it lost)
    assert curve.over_later == pytest.approx([400, 400, 400, 300, 200, 100, 0], rel=0.02, abs=2)


def test_who_is_left_behind_where_time_is_short() -> None:
    curve = curve_of(two_roads(40), every=5)
    # by 40 the way round takes 400; the bridge (L - 10) x 20
    exact = [min(600, 400 + 20 * max(0, lost - 10)) for lost in curve.lost_s / 60]
    assert curve.persons_bound == pytest.approx(exact, abs=1)
    assert curve.persons[curve.is_planned] == pytest.approx(np.array(exact)[curve.is_planned], rel=0.01)
    assert np.isinf(curve.clearance_bound_s[:4]).all()  # before 20 minutes nobody's plan moves all


def test_a_later_loss_never_costs_more() -> None:
    for horizon in (40, 120):
        curve = curve_of(two_roads(horizon), every=4)
        assert (np.diff(curve.persons) >= 0).all()
        assert (np.diff(curve.persons_bound) >= -1e-9).all()
        assert (curve.clearance_s[1:] <= curve.clearance_s[:-1]).all()
