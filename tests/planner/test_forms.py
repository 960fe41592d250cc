"""Plans of a form: by hand, against enumeration and bounds, and judged by check whatever the scenario."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planner.oracle import least_clearance_s
from tests.planner.small import both_ways, road, scenario, site, zone
from tests.planner.strategies import examples, odd, whole_minutes

from clearway.check import check_plan
from clearway.model.form import Form, Reserve, under_form
from clearway.model.plan import BoundKind, Plan, Reason
from clearway.model.scenario import Scenario
from clearway.planner import PlanParameters, make_plan

# 600 vehicles; 10 minutes by a road for 1,200 an hour, 20 minutes by one for 600
TWO_ROADS = scenario(
    [road("a", "b", 10, 1200), road("a", "c", 10, 600), road("c", "b", 10, 600)], [zone("a", 600)], [site("b")]
)


def formed(small: Scenario, form: Form, time_limit_s: float = 20.0) -> Plan:
    """A plan of a form that check finds no fault with, not better than the free plan's bound."""
    plan = make_plan(small, PlanParameters(time_limit_s=time_limit_s, form=form))
    result = check_plan(small, plan)
    assert result.faults == (), "; ".join(map(str, result.faults))
    present = sum(z.present for z in small.zones)
    assert abs(plan.persons_planned + sum(row.persons for row in plan.left_out) - present) <= 1e-9 * present
    assert plan.price is not None
    assert plan.price.form_lower_bound_s <= plan.clearance_time_s * (1 + 1e-6)
    return plan


def parts(plan: Plan) -> dict[int, set[int]]:
    """The routes of each zone."""
    found = defaultdict(set)
    for z, r in zip(plan.movements.zone.tolist(), plan.movements.route.tolist(), strict=True):
        found[z].add(r)
    return found


def test_one_way_is_the_quickest_path_of_all_of_them() -> None:
    # free: 1,800 an hour from minute 20 on, 1,200 before: (600 - 200) / 30 + 20 = 33.3 min; one way: 10 + 30 = 40
    plan = formed(TWO_ROADS, Form(routes_per_zone=1))
    assert plan.clearance_time_s == pytest.approx(40 * 60, rel=2e-3)
    assert plan.price is not None
    assert plan.price.free_clearance_s == pytest.approx(2000, rel=1e-2)
    assert plan.price.form_lower_bound_s == pytest.approx(40 * 60)
    assert plan.clearance_lower_bound_s == pytest.approx(2000, rel=1e-3)
    assert [len(ways) for ways in parts(plan).values()] == [1]


def test_two_ways_split_as_the_free_plan_does() -> None:
    plan = formed(TWO_ROADS, Form(routes_per_zone=2))
    assert plan.clearance_time_s == pytest.approx(2000, rel=1e-2)


def test_a_zone_of_its_own_number_of_ways() -> None:
    small = scenario(
        [road("a", "b", 10, 1200), road("a", "c", 10, 600), road("c", "b", 10, 600), road("d", "c", 1, 60)],
        [zone("a", 600), zone("d", 5)], [site("b")],
    )  # fmt: skip
    plan = formed(small, Form(routes_per_zone=1, routes_of_zone=(("a", 2),)))
    assert {small.zones[z].zone_id: len(ways) for z, ways in parts(plan).items()} == {"a": 2, "d": 1}
    assert plan.clearance_time_s < 40 * 60


def test_where_no_site_holds_a_zone_the_rest_is_left_out_and_told_why() -> None:
    small = scenario([road("a", "b", 5, 600), road("a", "c", 5, 600)], [zone("a", 100)], [site("b", 60), site("c", 50)])
    plan = formed(small, Form(routes_per_zone=1))
    assert plan.persons_planned == 60
    assert [(row.reason, row.persons) for row in plan.left_out] == [(Reason.FORM, 40)]
    assert "allow a more" in plan.left_out[0].binding
    assert plan.certificate.kind == BoundKind.EVACUATED
    assert formed(small, Form(routes_per_zone=2)).persons_planned == 100


def test_convergent_routes_meet_and_stay_together() -> None:
    """
    Two zones meet at m, from where two roads lead to the site: free, both are used (300 in 5 + 5 + 7.5 min);
    convergent, one of them: 300 / 20 = 15 min.
    """
    small = scenario(
        [road("a", "m", 5, 1200), road("c", "m", 5, 1200), road("m", "s", 5, 1200), road("m", "t", 4, 1200),
         road("t", "s", 1, 1200)],
        [zone("a", 150), zone("c", 150)], [site("s")],
    )  # fmt: skip
    plan = formed(small, Form(is_convergent=True))
    assert plan.clearance_time_s == pytest.approx(25 * 60, rel=3e-3)
    assert plan.price is not None
    assert plan.price.free_clearance_s == pytest.approx(17.5 * 60, rel=1e-2)
    onward = {plan.routes.of(r)[1] for r in range(len(plan.routes))}
    assert len(onward) == 1


def test_convergent_in_two_phases_where_one_site_is_too_small() -> None:
    """100 at 10 a minute: 60 to b, then 40 to c, the junction turned in between: 15 min, as the free plan takes."""
    small = scenario(
        [road("a", "m", 1, 600), road("m", "b", 4, 600), road("m", "c", 4, 600)], [zone("a", 100)],
        [site("b", 60), site("c", 50)],
    )  # fmt: skip
    plan = formed(small, Form(is_convergent=True))
    assert plan.persons_planned == 100
    assert plan.clearance_time_s == pytest.approx(15 * 60, rel=2e-2)


def test_waves_end_with_the_wave() -> None:
    # 600 at 20 a minute: 30 min; waves of 20: two, the last until 40, arriving at 50
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")])
    plan = formed(small, Form(wave_s=1200))
    assert plan.clearance_time_s == pytest.approx(50 * 60)
    assert set(np.r_[plan.movements.depart_from_s, plan.movements.depart_until_s].tolist()) <= {0.0, 1200.0, 2400.0}


def test_one_window_at_one_rate_beside_what_others_need() -> None:
    """
    Zone a can only go in the first 10 min and needs half the road; b in one window: at 10 a minute throughout, or at
    20 from minute 10 on. 300 take 30 min, or 10 + 15: the latter.
    """
    small = scenario(
        [road("a", "m", 1, 600), road("b", "m", 1, 1200), road("m", "s", 1, 1200)],
        [zone("a", 100, leave_by=10), zone("b", 300)], [site("s")],
    )  # fmt: skip
    plan = formed(small, Form(routes_per_zone=1, waves=1, wave_s=300))
    assert len(plan.movements) == 2
    assert plan.clearance_time_s == pytest.approx(27 * 60)
    assert formed(small, Form(routes_per_zone=1, waves=2, wave_s=300)).clearance_time_s == pytest.approx(22 * 60)


@pytest.mark.parametrize(("reserve", "minutes"), [({"share": 0.5}, 70.0), ({"veh_per_h": 300.0}, 50.0)])
def test_a_reserve_is_capacity_that_is_not_there(reserve: dict[str, float], minutes: float) -> None:
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")])
    form = Form(reserves=(Reserve("link:a>b", (0,), **reserve),))
    plan = formed(small, form)
    assert plan.clearance_time_s == pytest.approx(minutes * 60, rel=1e-3)
    assert plan.clearance_lower_bound_s == pytest.approx(minutes * 60, rel=1e-3)  # the bound knows the reserve
    assert plan.price is not None
    assert plan.price.free_clearance_s == pytest.approx(40 * 60, rel=1e-3)


def test_a_reserve_is_taken_off_what_a_statement_leaves() -> None:
    from tests.planner.small import closed

    # half of 1,200 until minute 30; 300 kept free: 5 a minute, then 15
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 300)], [site("b")], [closed("a>b", 0, 30, 0.5)])
    plan = formed(small, Form(reserves=(Reserve("link:a>b", (0,), veh_per_h=300.0),)))
    assert plan.clearance_time_s == pytest.approx((30 + 10 + 10) * 60, rel=2e-3)


@examples(6)
@given(whole_minutes(steady=True), st.integers(1, 2))
def test_never_sooner_than_the_best_choice_of_ways(small: Scenario, most: int) -> None:
    """
    With one way a zone: the best over all choices of simple ways, each scheduled as well as can be, is a bound; the
    plan of this few zones is near it.
    """
    free = make_plan(small, PlanParameters(time_limit_s=5.0))
    if free.certificate.kind != BoundKind.CLEARANCE or not len(free.movements):
        return
    plan = formed(small, Form(routes_per_zone=most), 1.0)
    if plan.persons_planned < free.persons_planned - 0.5:
        return  # the horizon is too near for the form
    best = min(least_clearance_s(kept) for kept in with_single_ways(small, most))
    assert plan.clearance_time_s >= best * (1 - 1e-6)


def with_single_ways(small: Scenario, most: int) -> list[Scenario]:
    """The scenario with the roads of each choice of ways alone; a relaxation, since zones may then share ways."""
    network = small.network
    used = [simple_ways(small, z.node) for z in small.zones if z.with_vehicle]
    if most > 1 or np.prod([len(w) for w in used]) > 300:
        return [small]
    rows = []
    for choice in product(*used):
        kept = np.zeros(network.n_links, dtype=bool)
        kept[[link for way in choice for link in way]] = True
        rate = np.where(kept, network.capacity_veh_per_s, 0.0)
        rows.append(replace(small, network=replace(network, capacity_veh_per_s=rate)))
    return rows


def simple_ways(small: Scenario, origin: int) -> list[tuple[int, ...]]:
    network = small.network
    sites = {s.node for s in small.sites}
    found, stack = [], [((), origin)]
    while stack:
        way, node = stack.pop()
        if way and node in sites:
            found.append(way)
        visited = {int(network.tail[link]) for link in way}
        for link in np.flatnonzero((network.tail == node) & (network.capacity_veh_per_s > 0)).tolist():
            if int(network.head[link]) not in visited and (node != origin or not way):
                stack.append(((*way, link), int(network.head[link])))
    return found


FORMS = st.builds(
    Form,
    routes_per_zone=st.sampled_from([0, 1, 2]),
    is_convergent=st.booleans(),
    wave_s=st.sampled_from([0.0, 300.0, 1800.0]),
    waves=st.sampled_from([0, 1, 2]),
).filter(lambda form: not form.is_free)


@examples(12)
@given(odd(), FORMS)
def test_whatever_the_scenario_and_the_form_check_finds_no_fault(small: Scenario, form: Form) -> None:
    formed(small, form, 0.3)


def test_reserves_under_statements_keep_the_certificate_true() -> None:
    small = scenario(both_ways("a", "b", 10, 1200), [zone("a", 600)], [site("b")])
    form = Form(reserves=(Reserve("link:a>b", (0,), share=0.25), Reserve("link:a>b", (0,), veh_per_h=60.0)))
    assert under_form(small, form).capacity_profile().rate[0] == pytest.approx((1200 * 0.75 - 60) / 3600)
    formed(small, form)


@pytest.mark.parametrize("step", ["bounding", "form of the plan"])
def test_interrupted_before_there_is_a_plan_of_the_form_there_is_none(step: str) -> None:
    def stop(now: str, bound: float | None, value: float | None) -> None:
        if now == step:
            raise KeyboardInterrupt

    form = Form(routes_per_zone=1, reserves=(Reserve("link:a>b", (0,), share=0.1),))
    plan = make_plan(TWO_ROADS, PlanParameters(time_limit_s=1.0, form=form), stop)
    assert check_plan(TWO_ROADS, plan).faults == ()
    assert plan.persons_planned == 0
    assert plan.status == "interrupted"


def test_a_site_that_opens_long_after_all_could_be_there_is_no_fault() -> None:
    # one second to drive, waves of five minutes, and a door that opens after 101 minutes
    formed(
        scenario([road("a", "a", 1 / 60, 3600)], [zone("a", 1)], [site("a", opens=101)], horizon=333), Form(wave_s=300)
    )
