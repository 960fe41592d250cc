"""
Whole plans of networks worked by hand: every one passes `check`, the numbers stand beside the assertions.

Rates are 1,200 vehicles an hour = 20 a minute unless said otherwise; times in minutes.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from tests.planner.small import both_ways, closed, planned, road, scenario, site, zone
from tests.planner.strategies import examples, odd, whole_minutes

from clearway.check import check_plan
from clearway.model.plan import BoundKind, Plan, Reason
from clearway.model.scenario import Scenario
from clearway.planner import PlanParameters, make_plan


def clears_in(plan: Plan, minutes: float, within: float = 1e-4) -> bool:
    """Whether everybody is planned, the bound says so many minutes, and the plan takes no longer (relative)."""
    optimum = minutes * 60
    return (
        plan.certificate.kind == BoundKind.CLEARANCE
        and optimum * (1 - 1e-3) <= plan.clearance_lower_bound_s <= optimum * (1 + 1e-6)
        and optimum * (1 - 1e-6) <= plan.clearance_time_s <= optimum * (1 + within)
    )


def saves(plan: Plan, persons: float, within: float = 1e-6) -> bool:
    """Whether so many persons are planned and the bound says that nobody can save more (relative)."""
    return (
        plan.certificate.kind == BoundKind.EVACUATED
        and persons * (1 - within) - 1e-9 <= plan.persons_planned <= persons * (1 + 1e-6) + 1e-9
        and plan.persons_upper_bound <= persons * (1 + 1e-6) + 1e-9
    )


def figures(plan: Plan) -> str:
    """What an assertion that fails should show."""
    return (
        f"{plan.status}: {plan.persons_planned} of at most {plan.persons_upper_bound} persons, clear at "
        f"{plan.clearance_time_s / 60} min, not before {plan.clearance_lower_bound_s / 60} min"
    )


ONE_ROAD = scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")])


def left_by_reason(plan: Plan) -> dict[Reason, float]:
    """Persons left out, by reason."""
    left: dict[Reason, float] = {}
    for row in plan.left_out:
        left[row.reason] = left.get(row.reason, 0.0) + row.persons
    return left


# clearance times: scenario, minutes, how the minutes come about
CLEAR: dict[str, tuple[Scenario, float]] = {
    # 600 / 20 = 30, the last one drives 10
    "one road": (ONE_ROAD, 40),
    # two persons in a vehicle: 15 + 10
    "two in a vehicle": (scenario([road("a", "b", 10, 1200)], [zone("a", 600, load=2)], [site("b")]), 25),
    # 20 (T - 10) + 20 (T - 30) = 1,800
    "two crossings": (
        scenario(
            [road("a", "b", 10, 1200), road("a", "c", 20, 1200), road("c", "b", 10, 1200)],
            [zone("a", 1800)],
            [site("b")],
        ),
        65,
    ),
    # the dam takes 20 a minute until minute 20, for nobody may be on it at 40: 20 (T - 10) + 400 = 1,800
    "two crossings, one lost": (
        scenario(
            [road("a", "b", 10, 1200), road("a", "c", 20, 1200), road("c", "b", 10, 1200)],
            [zone("a", 1800)],
            [site("b")],
            [closed("a>c", 40)],
        ),
        80,
    ),
    # as above, but the dam comes back at 50, and takes 20 (T - 50 - 30) more: 40 T - 1,400 = 1,800
    "a crossing closed for ten minutes": (
        scenario(
            [road("a", "b", 10, 1200), road("a", "c", 20, 1200), road("c", "b", 10, 1200)],
            [zone("a", 1800)],
            [site("b")],
            [closed("a>c", 40, 50)],
        ),
        # at 80 nothing more can have come by the dam
        80,
    ),
    # near site: 250 beds, 2.5 in a vehicle: 100 vehicles; 500 go on: 25 + 20
    "beds that bind": (
        scenario(
            [road("a", "b", 10, 1200), road("b", "c", 10, 1200)],
            [zone("a", 1500, load=2.5)],
            [site("b", 250), site("c")],
        ),
        45,
    ),
    # nobody arrives before 60: those who can arrive before wait at home; 600 / 20 after that
    "a site that opens late": (
        scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b", opens=60)]),
        90,
    ),
    # 20 a minute to minute 20: 400; then 10 a minute: 20 minutes for 200 more, and 10 on the way
    "half the capacity from minute 20": (
        scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], [closed("a>b", 20, factor=0.5)]),
        50,
    ),
    "ready late": (scenario([road("a", "b", 10, 1200)], [zone("a", 600, ready=100)], [site("b")]), 140),
    # east 300 and west 300 share a road of 20 a minute for 10, then 5 and 10 more: 600 / 20 + 10 + 5 at the least,
    # with west first
    "two directions on one road": (
        scenario(
            [road("a", "b", 10, 1200), road("b", "e", 5, 1200), road("b", "w", 5, 1200)],
            [zone("a", 600, directions=(("east", 0.5), ("west", 0.5)))],
            [site("e", direction="east"), site("w", direction="west")],
        ),
        45,
    ),
    # b's 200 and a's 400 pass the last road: 600 / 20 + 5, nobody in the way of another before
    "a zone on the way of another": (
        scenario([road("a", "b", 5, 1200), road("b", "c", 5, 1200)], [zone("a", 400), zone("b", 200)], [site("c")]),
        35,
    ),
    # 20 (T - 10) + 20 (T - 12) = 600
    "parallel roads": (
        scenario([road("a", "b", 10, 1200), road("a", "b", 12, 1200)], [zone("a", 600)], [site("b")]),
        26,
    ),
    # 1 s on the way, 600 / 20
    "a road of one second": (
        scenario([road("a", "b", 1 / 60, 1200)], [zone("a", 600)], [site("b")]),
        30 + 1 / 60,
    ),
    # the own site's beds are of no use to those who must drive: 600 / 20 + 10
    "a site where the zone is": (
        scenario(both_ways("a", "b", 10, 1200), [zone("a", 600)], [site("a", 100, closes=1), site("b")]),
        40,
    ),
    # all must pass c, whose 30 beds fill first: 53 at 1 a minute less 30 is 23, after 8 + 5; the first of them can be
    # at c
    # at 8, so 23 + 13
    "on through a full site": (
        scenario([road("d", "c", 8, 600), road("c", "b", 5, 60)], [zone("d", 53)], [site("c", 30), site("b")]),
        36,
    ),
    # two sites at one node, 300 beds each: as one
    "two sites at a node": (
        scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b", 300), site("b", 300, name="c")]),
        40,
    ),
    "two zones at a node": (
        scenario([road("a", "b", 10, 1200)], [zone("a", 400), zone("a", 200, name="c")], [site("b")]),
        40,
    ),
    # the first road is 12 minutes by itself; 10 a minute come on by a road that is half of it
    "a narrow road after a wide one": (
        scenario([road("a", "b", 12, 1200), road("b", "c", 3, 600)], [zone("a", 600)], [site("c")]),
        75,
    ),
}


@pytest.mark.parametrize("name", CLEAR)
def test_everybody_is_out_as_soon_as_can_be(name: str) -> None:
    small, minutes = CLEAR[name]
    plan = planned(small)
    assert clears_in(plan, minutes, within=0.01), figures(plan)
    assert plan.gap <= 0.01


@pytest.mark.parametrize("name", ["one road", "two crossings", "beds that bind", "two crossings, one lost"])
def test_slots_that_divide_all_times_are_exact(name: str) -> None:
    small, minutes = CLEAR[name]
    plan = planned(small)
    assert clears_in(plan, minutes, within=1e-4), figures(plan)
    assert plan.status == "proven"


def test_a_deadline_cuts_off_those_who_come_too_late() -> None:
    # 20 minutes of 20 a minute: 400; the certificate's cut is the link in that time, exactly
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 600, leave_by=20)], [site("b")])
    plan = planned(small)
    assert saves(plan, 400), figures(plan)
    assert plan.certificate.cut_vehicles == pytest.approx(400, rel=1e-9)
    assert plan.certificate.demand_vehicles == 600
    assert left_by_reason(plan) == {Reason.NO_TIME: 200}
    assert plan.clearance_time_s == pytest.approx(30 * 60, rel=0.01)  # 20 + 10


def test_a_horizon_too_short_leaves_the_rest() -> None:
    # by 25 minutes, 15 minutes of 20
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], horizon=25)
    plan = planned(small)
    assert saves(plan, 300), figures(plan)
    assert left_by_reason(plan) == {Reason.NO_TIME: 300}


def test_a_horizon_shorter_than_the_way_saves_nobody() -> None:
    plan = planned(scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], horizon=9))
    assert saves(plan, 0), figures(plan)
    assert plan.status == "empty"


def test_too_few_beds_leave_the_rest_and_say_so() -> None:
    plan = planned(scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b", 450)]))
    assert saves(plan, 450), figures(plan)
    assert left_by_reason(plan) == {Reason.NO_BEDS: 150}


def test_beds_filled_by_vehicles_of_several_loads_take_everybody() -> None:
    # a flow counts beds as if only the fullest vehicles came, and falls short; the schedule counts persons
    small = scenario(
        [road("a", "b", 10, 1200), road("c", "b", 10, 1200)],
        [zone("a", 300, load=3), zone("c", 150, load=1)],
        [site("b", 450)],
        horizon=120,
    )
    plan = planned(small)
    assert plan.persons_planned == pytest.approx(450)
    assert plan.certificate.kind == BoundKind.CLEARANCE
    # c's 150 take 17.5 minutes; the proof pools both roads: 250 vehicles at 40 a minute
    assert plan.clearance_time_s >= 17.5 * 60
    assert plan.clearance_lower_bound_s == pytest.approx(16.25 * 60, rel=1e-3)


def test_a_horizon_off_the_slots_is_used_to_the_end() -> None:
    # slots of 2 minutes divide all but the horizon; 2.5 vehicles arrive in the minute between opening and end
    small = scenario([road("a", "b", 8, 150)], [zone("a", 88)], [site("b", opens=26)], horizon=27)
    assert planned(small).persons_planned == 2  # whole persons


def test_slots_are_refined_until_plan_and_bound_meet() -> None:
    # a's 0.4 vehicles drive out and back, c's before them: 24 s at one a minute for a's last, and 2 minutes on the way
    roads = [road("a", "b", 1, 60), road("a", "b", 1, 60), road("b", "a", 1, 60)]
    small = scenario(roads, [zone("a", 1, load=2.5), zone("b", 1, load=2.5, name="c")], [site("a")], horizon=20)
    plan = planned(small)
    assert clears_in(plan, 2.4, within=0.01), figures(plan)


def test_the_weightier_zone_goes_first_when_not_all_can_be_saved() -> None:
    # room for 400 in 20 minutes; those of the school are 300
    roads = [road("a", "c", 1, 6000), road("b", "c", 1, 6000), road("c", "d", 10, 1200)]
    small = scenario(roads, [zone("a", 300), zone("b", 300, name="school", priority=5)], [site("d")], horizon=31)
    plan = planned(small)
    assert saves(plan, 400), figures(plan)
    moved = np.bincount(plan.movements.zone, plan.movements.persons, 2)
    assert moved == pytest.approx([100, 300])


def test_who_has_no_vehicle_is_left_with_the_seats_it_takes() -> None:
    plan = planned(scenario([road("a", "b", 10, 1200)], [zone("a", 600, on_foot=100)], [site("b")]))
    assert clears_in(plan, 35, within=0.01), figures(plan)  # 500 / 20 + 10
    assert [(row.reason, row.persons, row.seats) for row in plan.left_out] == [(Reason.NO_VEHICLE, 100, 100)]


def test_a_zone_where_nobody_has_a_vehicle() -> None:
    plan = planned(scenario([road("a", "b", 10, 1200)], [zone("a", 600, on_foot=600)], [site("b")]))
    assert plan.status == "empty"
    assert left_by_reason(plan) == {Reason.NO_VEHICLE: 600}


def test_a_zone_that_reaches_no_site_does_not_hold_up_the_others() -> None:
    small = scenario(
        [road("a", "b", 10, 1200), road("b", "island", 10, 0)], [zone("a", 600), zone("island", 70)], [site("b")]
    )
    plan = planned(small)
    assert plan.persons_planned == pytest.approx(600)
    assert plan.persons_upper_bound == pytest.approx(600)
    assert plan.clearance_time_s == pytest.approx(40 * 60, rel=0.01)
    assert left_by_reason(plan) == {Reason.NO_ROUTE: 70}


def test_cars_do_not_use_a_footpath() -> None:
    small = scenario([road("a", "b", 1, 9000, "walk"), road("a", "b", 10, 1200, "auto")], [zone("a", 600)], [site("b")])
    assert clears_in(planned(small), 40, within=0.01)


def test_a_zone_that_may_never_depart_is_left_with_that_reason() -> None:
    small = scenario([road("a", "b", 10, 1200)], [zone("a", 600), zone("a", 70, name="c", never=True)], [site("b")])
    plan = planned(small)
    assert plan.persons_planned == pytest.approx(600)
    assert left_by_reason(plan) == {Reason.CANNOT_DEPART: 70}


def test_a_stranded_zone_of_small_vehicles_does_not_spoil_the_proof_of_beds() -> None:
    # beds become vehicles at the smallest load of the open zones, stranded ones among them
    small = scenario(
        [road("a", "b", 10, 1200)],
        [zone("a", 600, load=3), zone("c", 10, load=1)],
        [site("b", 300), site("b", 0, name="full")],
    )
    plan = planned(small)
    assert saves(plan, 300), figures(plan)


@pytest.mark.parametrize("links", [[closed("a>b")], [closed("a>b", 5)]], ids=["from the start", "before the way's end"])
def test_everything_closed_saves_nobody(links: list[tuple[str, float, float, float]]) -> None:
    plan = planned(scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b")], links))
    assert plan.persons_planned == 0
    assert plan.status == "empty"
    assert plan.persons_upper_bound == pytest.approx(0)


def test_a_site_that_never_opens_is_no_site() -> None:
    plan = planned(scenario([road("a", "b", 10, 1200)], [zone("a", 600)], [site("b", shut=((0, math.inf),))]))
    assert plan.persons_planned == 0
    assert plan.persons_upper_bound == pytest.approx(0)


@pytest.mark.parametrize("people", [0, 1])
def test_nobody_or_one_person(people: int) -> None:
    plan = planned(scenario([road("a", "b", 10, 1200)], [zone("a", people, load=2.5)], [site("b")]))
    assert plan.persons_planned == pytest.approx(people)
    # 0.4 vehicles at 20 a minute
    assert plan.clearance_time_s == pytest.approx(people * (10 + 0.02) * 60, rel=0.01)


def test_no_zone_no_site_no_road() -> None:
    assert planned(scenario([], [], [])).status == "empty"
    assert planned(scenario([], [zone("a", 5)], [site("a")])).persons_planned == 0
    assert planned(scenario([road("a", "b", 10, 1200)], [zone("a", 5)], [])).persons_planned == 0


def test_zones_with_and_without_a_direction_share_a_road() -> None:
    # 300 east, 150 who go anywhere: 450 / 20 + 10, and 5 to either site
    small = scenario(
        [road("a", "b", 10, 1200), road("b", "e", 5, 1200), road("b", "w", 5, 1200)],
        [zone("a", 300, directions=(("east", 1.0),)), zone("a", 150, name="c")],
        [site("e", direction="east"), site("w", direction="west")],
    )
    plan = planned(small)
    assert plan.persons_planned == pytest.approx(450)
    assert plan.clearance_time_s == pytest.approx(37.5 * 60, rel=0.02)
    assert plan.clearance_lower_bound_s <= 37.5 * 60


def test_one_direction_without_a_site_does_not_hold_up_the_other() -> None:
    small = scenario(
        [road("a", "b", 10, 1200)],
        [zone("a", 600, directions=(("east", 0.5), ("west", 0.5)))],
        [site("b", direction="east")],
    )
    plan = planned(small)
    assert saves(plan, 300), figures(plan)
    assert left_by_reason(plan) == {Reason.NO_ROUTE: 300}


def test_the_same_plan_on_each_run() -> None:
    one, other = planned(ONE_ROAD), planned(ONE_ROAD)
    assert np.array_equal(one.movements.depart_until_s, other.movements.depart_until_s)
    assert np.array_equal(one.certificate.labels_s, other.certificate.labels_s)


def test_ctrl_c_leaves_the_best_plan_so_far() -> None:
    seen: list[str] = []

    def stop_at_first_schedule(step: str, bound: float | None, value: float | None) -> None:
        seen.append(step)
        if value is not None:
            raise KeyboardInterrupt

    plan = make_plan(CLEAR["two crossings, one lost"][0], PlanParameters(), stop_at_first_schedule)
    assert plan.status == "interrupted"
    assert len(seen) > 1
    assert check_plan(CLEAR["two crossings, one lost"][0], plan).faults == ()
    assert plan.persons_planned == pytest.approx(1800)


def test_ctrl_c_at_the_start_leaves_an_empty_plan_that_is_true() -> None:
    def stop(step: str, bound: float | None, value: float | None) -> None:
        raise KeyboardInterrupt

    plan = make_plan(ONE_ROAD, PlanParameters(), stop)
    assert plan.status == "interrupted"
    assert check_plan(ONE_ROAD, plan).faults == ()
    assert plan.persons_planned == 0
    assert left_by_reason(plan) == {Reason.NOT_FOUND: 600}


@examples(60)
@given(odd())
def test_whatever_the_scenario_check_finds_no_fault(small: Scenario) -> None:
    planned(small, time_limit_s=5.0)


@examples(40)
@given(whole_minutes(directions=False))
def test_more_capacity_never_makes_the_bound_worse(small: Scenario) -> None:
    """
    A wider road lets no more time be needed: the old plan is still one, so its value still is above the new bound.
    """
    network = small.network
    wide = replace(small, network=replace(network, capacity_veh_per_s=network.capacity_veh_per_s * 1.5))
    before, after = planned(small), planned(wide)
    if before.certificate.kind == BoundKind.CLEARANCE:
        assert after.clearance_lower_bound_s <= before.clearance_time_s * (1 + 1e-9)
    assert after.persons_upper_bound >= before.persons_planned * (1 - 1e-9)
    assert check_plan(wide, replace(before, certificate=after.certificate)).codes.count("rate") == 0


def test_few_full_vehicles_do_not_fill_all_that_pass() -> None:
    # 20 a minute for ten minutes let 200 vehicles through: the 10 of four people each and 190 of one
    small = scenario(
        [road("a", "b", 10, 1200)],
        [zone("a", 300, name="alone"), zone("a", 40, name="together", load=4.0)],
        [site("b")],
        horizon=20,
    )
    plan = planned(small)
    assert plan.persons_upper_bound == pytest.approx(230, abs=0.5)
