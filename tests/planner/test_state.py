"""Where everybody is at a moment, by hand: 600 vehicles on two roads of ten minutes each, 20 a minute."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.planner.small import closed, planned, road, scenario, site, zone

from clearway.model.scenario import Scenario
from clearway.model.situation import Availability
from clearway.model.state import State, whole_shares
from clearway.planner.state import beds_now, state_at

ROADS = [road("a", "m", 10, 1200), road("m", "b", 10, 1200), road("m", "c", 30, 1200)]


def town(**changes: object) -> Scenario:
    small = scenario(ROADS, [zone("a", 600)], [site("b")], horizon=240)
    return replace(small, **changes)  # type: ignore[arg-type]


def at(minute: float, changed: Scenario | None = None) -> State:
    small = town()
    state = state_at(small, planned(small), minute * 60, changed or small)
    assert state.persons == 600
    return state


def test_everybody_is_arrived_on_the_road_or_at_home() -> None:
    # departures from 0 to 30; at 25 those of 0 to 5 are there, 5 to 15 on the last road, 15 to 25 on the first
    state = at(25)
    assert state.arrived.tolist() == [[300]]
    (group,) = state.on_road
    assert (group.persons, group.site, group.is_kept, group.has_turned) == (200, 0, True, False)
    assert town().network.node_ids[group.node] == "m"
    assert min(s.from_s for s in group.stretches) == pytest.approx(0, abs=1e-6)
    assert max(s.until_s for s in group.stretches) == pytest.approx(600, abs=1e-6)
    assert sum(s.vehicles for s in group.stretches) == pytest.approx(200)
    assert state.home == {(0, None): 100}
    assert state.home_planned[0, None] == pytest.approx(100)


def test_at_the_start_all_are_at_home_and_at_the_end_all_are_there() -> None:
    assert (at(0).home, at(0).on_road) == ({(0, None): 600}, ())
    assert (at(50).home, at(50).arrived.tolist()) == ({}, [[600]])


def test_those_on_a_road_that_is_lost_turn_back() -> None:
    lost = town(availabilities=(Availability("link", "a>m", 25 * 60, np.inf, 0.0, (0,)),))
    state = at(25, lost)
    (group,) = state.on_road
    assert group.has_turned
    assert not group.is_kept
    assert town().network.node_ids[group.node] == "a"
    assert group.ready_s == pytest.approx(600)  # the time to the end and back again
    # lost five minutes later: those of the last five minutes are still on it
    later = at(25, town(availabilities=(Availability("link", "a>m", 30 * 60, np.inf, 0.0, (0,)),)))
    assert sorted((g.persons, g.has_turned) for g in later.on_road) == [(100, False), (100, True)]


def test_a_site_that_shuts_takes_nobody_of_those_on_the_way() -> None:
    shut = town(sites=tuple(replace(s, open_windows=()) for s in town().sites))
    state = at(25, shut)
    assert state.arrived.tolist() == [[100]]
    assert sum(g.persons for g in state.on_road) == 400


def test_more_people_gone_than_there_were_is_refused() -> None:
    small = town()
    fewer = town(zones=tuple(replace(z, present=450, population=450) for z in small.zones))
    with pytest.raises(ValueError, match="500 people of zone a have left by then, but only 450 were there"):
        state_at(small, planned(small), 25 * 60, fewer)


def test_beds_are_those_left() -> None:
    with_beds = replace(town(), sites=tuple(replace(s, beds=650.0) for s in town().sites))
    state = at(25, with_beds)
    assert beds_now(with_beds, state).tolist() == [350.0]


def test_whole_shares_add_up_block_by_block() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        amounts = rng.random(40) * 3
        amounts *= 61 / amounts.sum()
        whole = whole_shares(amounts, 61)
        assert whole.sum() == 61
        assert (whole >= 0).all()
        assert np.abs(np.cumsum(whole) - np.cumsum(amounts)).max() <= 0.5 + 1e-6


def test_a_closed_road_ahead_is_no_matter_of_the_state() -> None:
    ahead = scenario(ROADS, [zone("a", 600)], [site("b")], [closed("m>b", 25)], horizon=240)
    state = at(25, ahead)
    # those on their last road are caught there, those on the first come to its end
    assert sorted((g.persons, g.has_turned) for g in state.on_road) == [(200, False), (200, True)]
