"""Contraflow: by hand, and against every choice of segments solved exactly."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planner.oracle import least_clearance_s
from tests.planner.small import both_ways, road, scenario, site, zone
from tests.planner.strategies import examples

from clearway.check import check_plan
from clearway.model.form import Contraflow, Form, Reserve, under_form
from clearway.model.network import Crossing
from clearway.model.plan import BoundKind, Plan
from clearway.model.scenario import Scenario
from clearway.planner import PlanParameters, make_plan
from clearway.planner.contraflow import reversals_of, segments_of


def two_way(small: Scenario, lanes: float = 1.0) -> Scenario:
    """The scenario with links between the same nodes as two directions of one road, of so many lanes each."""
    network = small.network
    reverse = np.full(network.n_links, -1)
    for link in range(network.n_links):
        back = np.flatnonzero((network.tail == network.head[link]) & (network.head == network.tail[link]))
        if len(back):
            reverse[link] = back[0]
    paired = (reverse >= 0) & (reverse[np.maximum(reverse, 0)] == np.arange(network.n_links))
    return replace(
        small,
        network=replace(network, reverse=np.where(paired, reverse, -1), lanes=np.full(network.n_links, lanes)),
    )


def reversed_plan(small: Scenario, wanted: Contraflow, form: Form | None = None) -> Plan:
    """A plan with contraflow that check finds no fault with."""
    form = replace(form or Form(), contraflow=wanted)
    plan = make_plan(small, PlanParameters(time_limit_s=12.0, form=form))
    result = check_plan(small, plan)
    assert result.faults == (), "; ".join(map(str, result.faults))
    return plan


def names(small: Scenario, plan: Plan) -> set[str]:
    assert plan.form is not None
    return {small.network.link_ids[r.link] for r in plan.form.reversals}


ONE_ROAD = two_way(scenario(both_ways("a", "b", 10, 600), [zone("a", 600)], [site("b")]))


def test_a_road_twice_as_wide_takes_half_the_time() -> None:
    # 600 at 10 a minute: 60 + 10; at 20: 30 + 10
    plan = reversed_plan(ONE_ROAD, Contraflow(1))
    assert names(ONE_ROAD, plan) == {"a>b"}
    assert plan.clearance_time_s == pytest.approx(40 * 60, rel=2e-3)
    assert plan.clearance_lower_bound_s == pytest.approx(40 * 60, rel=2e-3)
    assert plan.price is not None
    assert plan.price.free_clearance_s == pytest.approx(70 * 60, rel=2e-3)
    assert plan.price.reversed_clearance_s == pytest.approx(plan.clearance_time_s)


def test_until_the_lead_is_over_the_road_is_as_it_was() -> None:
    # 20 minutes at 10, then 400 at 20: 20 + 20 + 10
    plan = reversed_plan(ONE_ROAD, Contraflow(1, lead_s=1200))
    assert plan.clearance_time_s == pytest.approx(50 * 60, rel=2e-3)
    assert plan.form is not None
    assert [r.from_s for r in plan.form.reversals] == [1200.0]


def test_a_lead_too_long_is_no_gain() -> None:
    plan = reversed_plan(ONE_ROAD, Contraflow(1, lead_s=3600))
    assert plan.form is not None
    assert plan.form.reversals == ()
    assert plan.clearance_time_s == pytest.approx(70 * 60, rel=2e-3)


def test_only_whole_lanes_and_none_that_is_kept() -> None:
    wide = two_way(ONE_ROAD, 3.0)  # 200 an hour a lane
    plan = reversed_plan(wide, Contraflow(1, kept_share=0.5))  # one of three lanes
    assert plan.form is not None
    assert [r.lanes for r in plan.form.reversals] == [1.0]
    assert plan.clearance_time_s == pytest.approx((600 / (800 / 60) + 10) * 60, rel=2e-3)
    assert reversed_plan(ONE_ROAD, Contraflow(1, kept_share=0.1)).form.reversals == ()  # type: ignore[union-attr]


def test_what_is_kept_free_stays_free_on_the_wider_road() -> None:
    plan = reversed_plan(ONE_ROAD, Contraflow(1), Form(reserves=(Reserve("link:a>b", (0, 1), share=0.5),)))
    assert plan.clearance_time_s == pytest.approx(70 * 60, rel=2e-3)


def test_a_road_that_evacuees_use_both_ways_is_not_reversed() -> None:
    """Site east of a, site west of b: each zone's people chose the other end."""
    small = two_way(scenario(
        both_ways("a", "b", 10, 600),
        [zone("a", 600, directions=(("e", 1.0),)), zone("b", 600, directions=(("w", 1.0),))],
        [site("b", direction="e"), site("a", direction="w")],
    ))  # fmt: skip
    plan = reversed_plan(small, Contraflow(2))
    assert plan.form is not None
    assert plan.form.reversals == ()
    assert plan.persons_planned == 1200


def test_a_corridor_is_one_segment_and_so_is_a_crossing() -> None:
    small = two_way(scenario(
        [*both_ways("a", "m", 5, 600), *both_ways("m", "b", 5, 600), *both_ways("b", "c", 5, 600),
         *both_ways("b", "d", 5, 600)],
        [zone("a", 600)], [site("c")],
    ))  # fmt: skip
    assert sorted(len(s.links) for s in segments_of(small, 0.0)) == [1, 1, 1, 1, 2, 2]
    crossing = Crossing("x", "The bridge", "bridge", (2, 3, 4, 5))  # m - b - c
    bridged = replace(small, crossings=(crossing,))
    rows = {s.name: len(s.links) for s in segments_of(bridged, 0.0)}
    assert rows["The bridge, m to c"] == 2
    plan = reversed_plan(bridged, Contraflow(2))
    assert plan.clearance_time_s == pytest.approx(45 * 60, rel=3e-3)
    one = reversed_plan(bridged, Contraflow(1))  # alone, neither segment helps
    assert one.form is not None
    assert one.form.reversals == ()


@st.composite
def towns(draw: st.DrawFn) -> Scenario:
    """Two-way roads among four nodes, one or two zones, one site."""
    roads = []
    pairs = draw(st.lists(st.sampled_from(["ab", "ac", "bc", "bd", "cd", "ad"]), min_size=2, max_size=4, unique=True))
    for one, other in pairs:
        minutes, rate = draw(st.integers(1, 4)), draw(st.sampled_from([120, 240, 360]))
        roads += [road(one, other, minutes, rate), road(other, one, minutes, draw(st.sampled_from([120, 240])))]
    zones = [zone("a", draw(st.integers(20, 80)))]
    if draw(st.booleans()):
        zones.append(zone("b", draw(st.integers(5, 40))))
    return two_way(scenario(roads, zones, [site("d")], horizon=60))


@examples(15)
@given(towns(), st.integers(1, 2), st.sampled_from([0.0, 300.0]))
def test_no_choice_of_segments_is_better(small: Scenario, crews: int, lead_s: float) -> None:
    plan = reversed_plan(small, Contraflow(crews, lead_s))
    segments = segments_of(small, 0.0)
    best = math.inf
    for n in range(crews + 1):
        for some in combinations(segments, n):
            form = Form(contraflow=Contraflow(crews, lead_s), reversals=reversals_of(some, lead_s))
            links = {r.link for r in form.reversals}
            if not any(int(small.network.reverse[link]) in links for link in links):
                best = min(best, least_clearance_s(under_form(small, form)))
    if math.isinf(best):
        assert plan.certificate.kind == BoundKind.EVACUATED
        return
    assert plan.clearance_time_s >= best * (1 - 1e-6)
    assert plan.clearance_time_s <= best * 1.012
