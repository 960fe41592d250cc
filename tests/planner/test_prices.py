"""Prices of the cut: what they predict is what solving again gives, on cases worked by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.planner.small import closed, planned, road, scenario, site, zone

from clearway.model.network import Crossing
from clearway.model.scenario import Scenario
from clearway.planner.prices import Price, prices


def prices_of(small: Scenario) -> dict[str, Price]:
    """Prices by kind of change, of a scenario whose first road is a bridge."""
    bridge = replace(small, crossings=(Crossing("bridge", "Bridge", "bridge", (0,)),))
    found = [p for p in prices(bridge, planned(bridge), solve=True) if p.change.crossing == 0]
    assert len({p.change.kind for p in found}) == len(found)
    return {p.change.kind: p for p in found}


def test_a_hundred_vehicles_an_hour_more() -> None:
    # 600 vehicles at 1200 an hour and 10 minutes: 40 minutes; at 1300 an hour 37.69
    found = prices_of(scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], horizon=120))
    rate, lane = found["rate"], found["lane"]
    gain = (600 / 1200 - 600 / 1300) * 3600
    assert rate.gain_s == pytest.approx(gain, rel=1e-4)
    assert rate.solved_s == pytest.approx(gain, rel=1e-4)
    assert rate.plan_s == pytest.approx(gain, abs=0.01 * 2400)  # a quick plan
    # a second lane of 1200 halves the 30 minutes of departures
    assert lane.change.vehicles_per_h == pytest.approx(1200)
    assert (lane.gain_s, lane.solved_s) == pytest.approx((900, 900), rel=1e-4)
    # 60 buses of 50 seats are 3,000 vehicles of one person: 600 at 4,200 an hour
    assert found["bus lane"].gain_s == pytest.approx((600 / 1200 - 600 / 4200) * 3600, rel=1e-4)
    assert "hour" not in found  # it is never lost


def test_an_hour_more_of_a_crossing_that_is_lost() -> None:
    # lost at 20: 10 minutes of entering, 200 of 2,000 vehicles; an hour more lets 1,200 more pass, 100 an hour 16.7
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 2000)], [site("b")], [closed("a>b", 20)], horizon=240)
    found = prices_of(small)
    hour, rate = found["hour"], found["rate"]
    assert (hour.gain_persons, hour.solved_persons) == pytest.approx((1200, 1200), abs=1)
    assert hour.plan_persons == pytest.approx(1200, rel=0.01)
    assert (rate.gain_persons, rate.solved_persons) == pytest.approx((100 / 6, 100 / 6), abs=0.1)
    assert rate.gain_s == 0


def test_no_more_is_bought_than_the_cut_says() -> None:
    # past the bridge a bridge of 1500 an hour binds next: a lane of 1200 buys less than its price
    small = scenario([road("a", "m", 10, 1200), road("m", "b", 10, 1500)], [zone("a", 600)], [site("b")], horizon=120)
    found = prices_of(small)
    lane = found["lane"]
    assert lane.solved_s == pytest.approx((600 / 1200 - 600 / 1500) * 3600, rel=1e-4)
    assert lane.solved_s - 1 <= lane.gain_s <= 901
    for price in found.values():
        assert price.solved_s <= price.gain_s + 1
