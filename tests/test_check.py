"""A good plan passes; each way of spoiling it is named. Numbers: the head of tests/tiny_plan.py."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tiny_plan import (
    HAIR_S,
    statement,
    tiny_certificate,
    tiny_plan,
    tiny_scenario,
    with_certificate,
    with_movements,
)

from clearway.check import CODES, TOLERANCE, CheckResult, check_plan
from clearway.check.cuts import value_of
from clearway.check.roads import allowed_rates, sweep
from clearway.check.trips import trips_of
from clearway.model.cut import cut_of
from clearway.model.demand import Site
from clearway.model.plan import (
    BoundKind,
    Certificate,
    LeftOut,
    Plan,
    Reason,
    Routes,
    empty_movements,
    empty_routes,
)
from clearway.model.scenario import Scenario


def test_a_good_plan_passes_and_its_figures_are_found_again() -> None:
    result = check_plan(tiny_scenario(), tiny_plan())
    assert result.faults == ()
    assert result.is_ok
    assert result.found["persons_planned"] == 1350  # 900 of north, 450 of south
    assert result.found["persons_left_out"] == 150
    assert result.found["clearance_time_s"] == 1680  # north's last: 660 + 600 + 120 + 300
    assert result.found["clearance_lower_bound_s"] == 1680 - HAIR_S
    assert result.found["cut_vehicles"] == pytest.approx(480)  # 0.5 per second from 300 s to 1,260 s
    assert result.found["gap"] == pytest.approx(0, abs=1e-6)
    assert result.found["max_utilisation"] == pytest.approx(1)
    assert result.found["max_utilisation_link"] == "bridge"


def routes(*sequences: list[int]) -> Routes:
    """Routes r1, r2, ... of link indices."""
    start = np.cumsum([0, *map(len, sequences)])
    links = np.array([link for sequence in sequences for link in sequence], dtype=np.int64)
    return Routes(tuple(f"r{i + 1}" for i in range(len(sequences))), start, links)


def with_zone(scenario: Scenario, zone: int, **changes: object) -> Scenario:
    zones = list(scenario.zones)
    zones[zone] = replace(zones[zone], **changes)
    return replace(scenario, zones=tuple(zones))


def with_site(scenario: Scenario, site: int, **changes: object) -> Scenario:
    sites = list(scenario.sites)
    sites[site] = replace(sites[site], **changes)
    return replace(scenario, sites=tuple(sites))


def east_and_west(scenario: Scenario) -> Scenario:
    """The camp lies east, the school west."""
    return with_site(with_site(scenario, 0, direction="east"), 1, direction="west")


LATER = ([4160.0, 4460.0, 4100.0], [4460.0, 4760.0, 4460.0])  # the same plan 4,100 s later: the bridge is halved

# What is done to the plan: (plan, codes that must be among the faults, words that must be in one message)
SPOILED: dict[str, tuple[Plan, set[str], tuple[str, ...]]] = {
    "a rate too high by 0.1 %": (
        # m2's 150 vehicles in 299.7 s instead of 300: 0.5005 per second on the bridge from 660 s on
        with_movements(tiny_plan(), depart_until_s=[360.0, 659.7, 360.0]),
        {"rate"},
        ("Old Bridge", "Bridge road", "1801.8", "1800", "06:16:00", "0.1 %"),
    ),
    "two zones on one road at once": (
        with_movements(tiny_plan(), depart_from_s=[59.0, 360.0, 0.0], depart_until_s=[359.0, 660.0, 360.0]),
        {"rate"},
        (
            "Old Bridge",
            "06:10:59",
            "for 0.998 s in all",
        ),  # a hair less than 300 + 359 = 659 s: one second of 1 vehicle per second
    ),
    "departures too early": (
        with_movements(tiny_plan(), depart_from_s=[60.0, 360.0, -5.0]),
        {"departure", "amount"},
        ("South", "m3", "5 s off"),
    ),
    "departures too late": (
        with_movements(tiny_plan(), depart_from_s=[3400.0, 360.0, 0.0], depart_until_s=[3700.0, 660.0, 360.0]),
        {"departure"},
        ("North", "m1", "07:01:40", "100 s off"),
    ),
    "a person too many": (
        with_movements(tiny_plan(), vehicles=[150.0, 150.5, 180.0], persons=[450.0, 451.5, 450.0]),
        {"too_many", "lost", "persons", "beds"},
        ("North sends 901.5 persons", "900"),
    ),
    "a person lost on the way": (
        with_movements(tiny_plan(), persons=[450.0, 449.0, 450.0]),
        {"load", "lost", "persons"},
        ("m2", "150 vehicles at 3 persons each are 450 persons, found 449"),
    ),
    "left-out people forgotten": (
        replace(tiny_plan(), left_out=tiny_plan().left_out[:1]),
        {"lost", "reason"},
        ("South: 450 planned and 0 left out are 450 persons, but 500 are there: 50 lost",),
    ),
    "a reason made up": (
        replace(tiny_plan(), left_out=(tiny_plan().left_out[0], LeftOut(1, 50.0, Reason.NO_BEDS))),
        {"reason"},
        ("South", "0 persons left out for want of a vehicle, but 50"),
    ),
    "links that do not join": (
        replace(tiny_plan(), routes=routes([0, 4], [1, 2, 5])),
        {"route"},
        ("route r1", "link ac (Place A to Place C) ends at node C", "begins at node D"),
    ),
    "a route from somewhere else": (
        replace(tiny_plan(), routes=routes([2, 4], [1, 2, 5])),
        {"route"},
        ("begins at node C and not at its zone, North",),
    ),
    "a route to somewhere else": (
        replace(tiny_plan(), routes=routes([0, 2, 5], [1, 2, 5])),
        {"route"},
        ("ends at node S2 and not at its site, Camp",),
    ),
    "an empty route": (
        replace(tiny_plan(), routes=routes([], [1, 2, 5])),
        {"route"},
        ("route r1 has no link",),
    ),
    "cars on a footpath": (
        replace(tiny_plan(), routes=routes([0, 6], [1, 2, 5])),
        {"use"},
        ("Footpath", "cars may not drive there", "walk"),
    ),
    "another mode": (
        with_movements(tiny_plan(), mode=("auto", "boat", "auto")),
        {"mode"},
        ("m2", "'boat'"),
    ),
    "a window without length": (
        with_movements(tiny_plan(), depart_until_s=[360.0, 360.0, 360.0]),
        {"duration", "clearance"},
        ("m2", "found 0 s"),
    ),
    "a negative amount": (
        with_movements(tiny_plan(), vehicles=[150.0, 150.0, -180.0]),
        {"amount", "load"},
        ("m3", "vehicles", "-180"),
    ),
    "not a number": (
        with_movements(tiny_plan(), persons=[450.0, math.nan, 450.0]),
        {"amount", "lost"},
        ("m2", "nan"),
    ),
    "clearance understated": (
        replace(tiny_plan(), clearance_time_s=1670.0),
        {"clearance"},
        ("06:27:50", "06:28:00", "1680"),
    ),
    "persons overstated": (
        replace(tiny_plan(), persons_planned=1351.0),
        {"persons"},
        ("1351", "1350"),
    ),
    "a gap understated": (
        replace(tiny_plan(), gap=-0.01),
        {"gap"},
        ("-0.01",),
    ),
    "an endless clearance": (
        replace(tiny_plan(), clearance_time_s=math.inf, gap=math.inf),
        {"clearance"},
        ("inf s after the start", "06:28:00"),
    ),
    "no number for a bound": (
        replace(tiny_plan(), clearance_lower_bound_s=math.nan, persons_upper_bound=math.nan),
        {"bound", "persons_bound"},
        ("nan", "prove 1679.9995 s only"),
    ),
    "a bound too high": (
        replace(tiny_plan(), clearance_lower_bound_s=1681.0),
        {"bound", "gap"},
        ("1681", "prove 1679.9995 s only"),
    ),
    "a bound too high, its certificate changed to fit": (
        # the cut of 1,690 s with D's label at 1,390 s: 0.5 x 970 s = 485 vehicles can pass, only 480 are to move
        with_certificate(
            replace(tiny_plan(), clearance_lower_bound_s=1690.0),
            horizon_s=1690.0,
            cut_vehicles=485.0,
            labels_s=np.array([0.0, 0.0, 300.0, 1390.0, 1690.0, math.inf]),
        ),
        {"bound"},
        ("485 vehicles can cross its cut by then and only 480",),
    ),
    "a label changed": (
        with_certificate(tiny_plan(), labels_s=np.array([0.0, 0.0, 310.0, 1380.0 - HAIR_S, 1680.0 - HAIR_S, math.inf])),
        # bridge: 0.5 x 950 s = 475; who leaves B in [0, 10) comes to C before it is reached: 10 x 1.0 more
        {"cut", "bound"},
        ("states a cut of 479.99975 vehicles, its labels give 484.99975",),
    ),
    "the cut misstated": (
        with_certificate(tiny_plan(), cut_vehicles=479.0),
        {"cut"},
        ("a cut of 479 vehicles", "give 479.99975"),
    ),
    "the demand misstated": (
        with_certificate(tiny_plan(), demand_vehicles=500.0),
        {"demand"},
        ("500", "480"),
    ),
    "a certificate without sense": (
        with_certificate(tiny_plan(), horizon_s=math.inf, labels_s=np.array([0.0, math.nan, 0.0, 0.0, 0.0, 0.0])),
        {"certificate", "bound"},
        ("the label of node B is not a number",),
    ),
    "a plan for another scenario": (
        replace(tiny_plan(), scenario_hash="b" * 64),
        {"scenario"},
        ("bbbb", "aaaa"),
    ),
    "a curve of the possible that the plan beats": (
        replace(tiny_plan(), bound_curve_persons=np.array([0.0, 0.0, 1349.0])),
        {"bound_curve"},
        ("06:28:00", "1 more"),
    ),
    "a link that is not there": (
        replace(tiny_plan(), routes=routes([0, 2, 99], [1, 2, 5])),
        {"structure"},
        ("links that are not there",),
    ),
    "a column cut off": (
        with_movements(tiny_plan(), persons=[450.0, 450.0]),
        {"structure"},
        ("persons",),
    ),
    "people left out of no zone": (
        replace(tiny_plan(), left_out=(LeftOut(7, 1.0, Reason.NO_BEDS),)),
        {"structure"},
        ("people left out",),
    ),
    "left out by a negative number": (
        replace(tiny_plan(), left_out=(*tiny_plan().left_out, LeftOut(0, -3.0, Reason.NO_BEDS))),
        {"amount", "lost"},
        ("-3 persons",),
    ),
}


def assert_named(result: CheckResult, codes: set[str], words: tuple[str, ...]) -> None:
    assert codes <= set(result.codes), result.faults
    assert set(result.codes) <= set(CODES)
    messages = [fault.message for fault in result.faults if fault.code in codes]
    assert any(all(word in message for word in words) for message in messages), messages


@pytest.mark.parametrize("way", SPOILED)
def test_a_spoiled_plan_is_named(way: str) -> None:
    plan, codes, words = SPOILED[way]
    assert_named(check_plan(tiny_scenario(), plan), codes, words)


# What is done to the scenario, under the same plan
HARDER: dict[str, tuple[Callable[[Scenario], Scenario], set[str], tuple[str, ...]]] = {
    "beds exceeded by one": (
        lambda s: with_site(s, 0, beds=899.0),
        {"beds"},
        ("Camp receives 900 persons and has 899 beds",),
    ),
    "a site that closes too soon": (
        lambda s: with_site(s, 0, open_windows=((0.0, 1600.0),)),
        {"arrival"},
        ("Camp", "m2", "06:28:00", "80 s off"),
    ),
    "a site that opens too late": (
        lambda s: with_site(s, 1, open_windows=((0.0, 500.0), (1030.0, math.inf))),
        {"arrival"},  # south arrives from 0 + 300 + 120 + 600 = 1,020 s on
        ("School", "m3", "10 s off"),
    ),
    "a site that never opens": (
        lambda s: with_site(s, 1, open_windows=()),
        {"arrival"},
        ("School", "open at no time"),
    ),
    "a zone that is not ready": (
        lambda s: with_zone(s, 1, departure_windows=((30.0, 3600.0),)),
        {"departure"},
        ("South", "30 s off"),
    ),
    "a road with less capacity for a while": (
        lambda s: replace(s, availabilities=(statement(1000.0, 1100.0, 0.9),)),
        {"rate"},
        ("Old Bridge", "06:16:40", "1620", "for 100 s in all"),
    ),
    "a bridge that closes with vehicles on it": (
        # the last enter at 1,260 s and are on it for 120 s: closed at 1,370 s, those from 1,250 s on are caught
        lambda s: replace(s, availabilities=(statement(1370.0, 2000.0, 0.0),)),
        {"closed"},
        ("Old Bridge", "5 vehicles", "closes at Sat 15 Oct 06:22:50", "takes 120 s"),
    ),
    "a bridge that is closed while they come": (
        lambda s: replace(s, availabilities=(statement(0.0, 400.0, 0.0),)),
        {"closed"},
        ("Old Bridge", "50 vehicles", "06:05:00", "06:06:40"),
    ),
    "a horizon too near": (
        lambda s: replace(s, horizon_s=1650.0),
        {"horizon"},
        ("m2", "06:28:00", "06:27:30"),
    ),
    "a direction nobody chose": (
        lambda s: with_zone(east_and_west(s), 0, directions=(("west", 1.0),)),
        {"direction"},
        ("North sends 900 persons in direction 'east', which 0 of them chose",),
    ),
    "more people than chose a direction": (
        lambda s: with_zone(east_and_west(s), 0, directions=(("west", 0.1), ("east", 0.9))),
        {"direction"},
        ("North sends 900 persons in direction 'east', which 810 of them chose",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", HARDER)
def test_a_plan_that_a_harder_scenario_forbids_is_named(way: str) -> None:
    change, codes, words = HARDER[way]
    assert_named(check_plan(change(tiny_scenario()), tiny_plan()), codes, words)


def test_half_capacity_allows_half_the_rate() -> None:
    begin, until = LATER
    scenario = with_zone(
        with_zone(tiny_scenario(), 0, departure_windows=((0.0, 7000.0),)), 1, departure_windows=((0.0, 7000.0),)
    )
    result = check_plan(scenario, with_movements(tiny_plan(), depart_from_s=begin, depart_until_s=until))
    # the bridge is entered from 4,400 to 5,360 s, just before it is halved at 5,400 s
    assert "rate" not in result.codes
    later = [t + 100 for t in begin], [t + 100 for t in until]
    result = check_plan(scenario, with_movements(tiny_plan(), depart_from_s=later[0], depart_until_s=later[1]))
    (fault,) = [fault for fault in result.faults if fault.code == "rate"]
    assert fault.amount == pytest.approx(900)  # 1,800 vehicles per hour where 900 may
    assert "for 60 s in all" in fault.message  # 5,400 to 5,460 s


def test_windows_that_touch_do_not_overlap_by_rounding() -> None:
    third = 1 / 3
    plan = with_movements(
        tiny_plan(),
        depart_from_s=[60.0 + third, 360.0 + third, third],
        depart_until_s=[360.0 + third + 1e-9, 660.0 + third, 360.0 + third + 1e-9],
    )
    assert "rate" not in check_plan(tiny_scenario(), plan).codes


def test_windows_may_lie_on_either_side_of_a_gap() -> None:
    scenario = with_zone(tiny_scenario(), 0, departure_windows=((60.0, 360.0), (360.0, 660.0)))
    assert check_plan(scenario, tiny_plan()).is_ok  # they touch: one window
    scenario = with_zone(tiny_scenario(), 0, departure_windows=((60.0, 350.0), (360.0, 660.0)))
    assert check_plan(scenario, tiny_plan()).codes == ("departure",)


def saved_by_a_deadline() -> tuple[Scenario, Plan]:
    """
    The bridge is lost at 1,000 s: it is entered from 300 to 880 s, by 290 vehicles: 180 of south, 110 of north.

    North's 330 persons leave from 60 to 280 s; 570 are left out. Most can be saved in north's vehicles of 3: the
    certificate allows 290 x 3 = 870 persons. The 290 planned cannot clear before 880 + 120 + 300 = 1,300 s: they do so.
    """
    scenario = tiny_scenario(statement(1000.0, math.inf, 0.0))
    plan = with_movements(
        tiny_plan(),
        depart_until_s=[280.0, 440.0, 360.0],
        vehicles=[110.0, 0.0, 180.0],
        persons=[330.0, 0.0, 450.0],
    )
    # C is reached at 300 s, D never: all that can enter the bridge before the horizon counts
    evacuated = Certificate(
        BoundKind.EVACUATED,
        10_800.0,
        np.array([0.0, 0.0, 300.0, math.inf, math.inf, math.inf]),
        (0, 1),
        (),
        290.0,
        480.0,
    )
    clearance = replace(
        tiny_certificate(),
        horizon_s=1300.0 - HAIR_S,
        labels_s=np.array([0.0, 0.0, 300.0, 1000.0 - HAIR_S, 1300.0 - HAIR_S, math.inf]),
        cut_vehicles=290.0 - 0.5 * HAIR_S,
        demand_vehicles=290.0,
    )
    plan = replace(
        plan,
        left_out=(*plan.left_out, LeftOut(0, 570.0, Reason.NO_TIME, "Old Bridge, from 06:16:40")),
        certificate=evacuated,
        further_certificates=(clearance,),
        clearance_time_s=1380.0,
        clearance_lower_bound_s=1300.0,
        persons_planned=780.0,
        persons_upper_bound=870.0,
        gap=90 / 780,
        bound_curve_s=np.zeros(0),
        bound_curve_persons=np.zeros(0),
    )  # fmt: skip
    return scenario, plan


def test_a_plan_that_cannot_save_all_passes_with_its_two_certificates() -> None:
    scenario, plan = saved_by_a_deadline()
    result = check_plan(scenario, plan)
    assert result.faults == ()
    assert result.found["persons_upper_bound"] == pytest.approx(870)
    assert result.found["clearance_lower_bound_s"] == 1300 - HAIR_S
    # south's last of 360 s arrives at the school at 1,380 s
    assert result.found["clearance_time_s"] == 1380
    assert result.found["gap"] == pytest.approx(90 / 780)


def test_what_a_partial_plan_may_not_claim() -> None:
    scenario, plan = saved_by_a_deadline()
    assert check_plan(scenario, replace(plan, persons_upper_bound=869.0, gap=89 / 780)).codes == ("persons_bound",)
    assert check_plan(scenario, replace(plan, further_certificates=())).codes == ("bound",)
    further = plan.further_certificates[0]
    codes = check_plan(scenario, replace(plan, further_certificates=(replace(further, demand_vehicles=480.0),))).codes
    assert codes == ("demand",)
    # a certificate that ends before the horizon says nothing about who can be saved after it
    short = with_certificate(plan, horizon_s=5000.0)
    result = check_plan(scenario, short)
    assert result.codes == ("persons_bound",)
    assert "ends before the scenario's horizon" in result.faults[0].message
    assert "bound_kind" in check_plan(scenario, with_certificate(plan, kind=BoundKind.CLEARANCE)).codes


def test_a_plan_better_than_its_own_proof_is_named() -> None:
    # all cross 100 s early: over the bridge before it can be reached. Rates fit, windows do not
    plan = with_movements(tiny_plan(), depart_from_s=[-40.0, 260.0, -100.0], depart_until_s=[260.0, 560.0, 260.0])
    result = check_plan(tiny_scenario(), plan)
    assert {"beyond_bound", "departure", "clearance"} <= set(result.codes)
    scenario, partial = saved_by_a_deadline()
    plan = with_movements(partial, vehicles=[150.0, 0.0, 180.0], persons=[450.0, 0.0, 450.0])
    assert "beyond_bound" in check_plan(scenario, plan).codes  # 900 persons, 870 proven


def test_beds_and_cut_zones_count_in_the_cut() -> None:
    scenario = tiny_scenario()
    certificate = replace(tiny_certificate(), open_zones=(0,), paid_sites=(0,))
    value = value_of(scenario, allowed_rates(scenario), certificate)
    assert value.cut_vehicles == 180  # south
    assert value.cut_persons == 450
    assert value.beds == 900
    assert value.vehicles == pytest.approx(480 + 180 + 300)  # beds at 3 persons per vehicle
    assert value.persons == 1350  # no more than there are


def test_a_direction_counts_its_own_people_and_sites_only() -> None:
    scenario = east_and_west(tiny_scenario())
    scenario = with_zone(with_zone(scenario, 0, directions=(("east", 1.0),)), 1, directions=(("west", 1.0),))
    # north alone: its 300 vehicles reach C from 600 s on, pass the bridge until 1,200 s and are all there at 1,620 s
    horizon = 1620.0 - HAIR_S
    labels = np.array([0.0, math.inf, 600.0, horizon - 300.0, horizon, math.inf])
    certificate = Certificate(BoundKind.CLEARANCE, horizon, labels, (0,), (), 300.0 - 0.5 * HAIR_S, 300.0, "east")
    plan = replace(tiny_plan(), certificate=certificate, clearance_lower_bound_s=1620.0, gap=60 / 1620)
    result = check_plan(scenario, plan)
    assert result.faults == ()
    assert result.found["clearance_lower_bound_s"] == horizon


@pytest.mark.parametrize("horizon_s", [1.0, 1690.0, 10_800.0, 1e9])
def test_a_cut_through_all_zones_proves_no_horizon(horizon_s: float) -> None:
    """All 480 vehicles are counted at their zones, as many as there are: true of any horizon, so it proves none."""
    certificate = Certificate(BoundKind.CLEARANCE, horizon_s, np.full(6, math.inf), (), (), 480.0, 480.0)
    plan = replace(tiny_plan(), certificate=certificate, clearance_lower_bound_s=0.0, gap=math.inf)
    result = check_plan(tiny_scenario(), plan)
    assert_named(result, {"bound"}, ("480 vehicles can cross its cut by then and only 480 are to move",))
    assert set(result.codes) == {"bound"}
    assert result.found["clearance_lower_bound_s"] == 0
    # nor does it carry a claim, even a true one
    claimed = replace(plan, clearance_lower_bound_s=1680.0, gap=0.0)
    assert_named(check_plan(tiny_scenario(), claimed), {"bound"}, ("its certificates prove 0 s only",))


def test_an_empty_plan_passes_when_all_are_left_out() -> None:
    scenario = tiny_scenario(statement(0.0, math.inf, 0.0))  # no bridge
    certificate = Certificate(
        BoundKind.EVACUATED, 10_800.0, np.array([0.0, 0.0, 0.0, math.inf, math.inf, math.inf]), (0, 1), (), 0.0, 480.0
    )
    plan = Plan(
        scenario_hash="a" * 64,
        routes=empty_routes(),
        movements=empty_movements(),
        left_out=(
            *tiny_plan().left_out,
            LeftOut(0, 900.0, Reason.NO_ROUTE),
            LeftOut(1, 450.0, Reason.NO_ROUTE),
        ),
        certificate=certificate,
        status="empty",
        clearance_time_s=0.0,
        clearance_lower_bound_s=0.0,
        persons_planned=0.0,
        persons_upper_bound=0.0,
        gap=0.0,
    )
    result = check_plan(scenario, plan)
    assert result.faults == ()
    assert result.found["persons_upper_bound"] == 0


def random_certificate(data: st.DataObject, scenario: Scenario) -> Certificate:
    times = st.one_of(st.just(math.inf), st.integers(-200, 9000).map(float))
    labels = np.array(data.draw(st.lists(times, min_size=6, max_size=6)))
    horizon = float(data.draw(st.integers(1, 10_000)))
    open_zones = tuple(sorted(data.draw(st.sets(st.sampled_from([0, 1])))))
    paid = tuple(sorted(data.draw(st.sets(st.sampled_from([0, 1])))))
    return Certificate(BoundKind.CLEARANCE, horizon, labels, open_zones, paid, 0.0, 480.0)


def random_scenario(data: st.DataObject) -> Scenario:
    spans = st.tuples(st.integers(0, 3000), st.integers(1, 3000), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
    statements = [
        statement(float(a), float(a + b), f) for a, b, f in data.draw(st.lists(spans, min_size=1, max_size=4))
    ]
    scenario = tiny_scenario(*statements)
    opens, ready = float(data.draw(st.integers(0, 2000))), float(data.draw(st.integers(0, 500)))
    scenario = with_site(scenario, 0, open_windows=((0.0, opens), (opens + 300.0, 9000.0)))
    return with_zone(scenario, 1, departure_windows=((ready, ready + 400.0), (ready + 900.0, 3000.0)))


@given(data=st.data())
def test_the_cut_found_here_is_the_models(data: st.DataObject) -> None:
    """Two evaluations, written apart, of any labels under any statements."""
    scenario = random_scenario(data)
    certificate = random_certificate(data, scenario)
    value = value_of(scenario, allowed_rates(scenario), certificate).vehicles
    assert value == pytest.approx(cut_of(scenario, certificate).value, rel=1e-9, abs=1e-6)


@given(data=st.data())
def test_no_label_proves_more_than_a_feasible_plan_does(data: st.DataObject) -> None:
    """The good plan clears at 1,680 s: a cut over any later horizon lets all 480 vehicles pass."""
    scenario = tiny_scenario()
    certificate = random_certificate(data, scenario)
    certificate = replace(certificate, horizon_s=1680.0 + certificate.horizon_s)
    assert value_of(scenario, allowed_rates(scenario), certificate).vehicles >= 480.0 - 1e-6


@given(data=st.data())
def test_the_sweep_finds_the_rates_that_sampling_finds(data: st.DataObject) -> None:
    """At any instant away from changes, the rate on the bridge is the sum over the movements on it."""
    n = data.draw(st.integers(1, 6))
    begin = np.array(data.draw(st.lists(st.integers(0, 900), min_size=n, max_size=n)), dtype=float)
    length = np.array(data.draw(st.lists(st.integers(20, 400), min_size=n, max_size=n)), dtype=float)
    route = np.array(data.draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    vehicles = np.array(data.draw(st.lists(st.integers(1, 200), min_size=n, max_size=n)), dtype=float)
    plan = with_movements(
        tiny_plan(),
        zone=route,
        site=route,
        route=route,
        depart_from_s=begin,
        depart_until_s=begin + length,
        vehicles=vehicles,
        persons=vehicles,
        mode=("auto",) * n,
        ids=tuple(map(str, range(n))),
    )
    scenario = tiny_scenario()
    (stretches,) = sweep(trips_of(scenario, plan), allowed_rates(scenario))
    on_bridge = stretches.link == 2
    for instant in np.arange(0.5, 2000.0, 37.0):
        entry = begin + np.array([600.0, 300.0])[route]
        expected = (vehicles / length)[(entry <= instant) & (instant < entry + length)].sum()
        here = on_bridge & (stretches.from_s <= instant) & (instant < stretches.until_s)
        assert stretches.rate[here].sum() == pytest.approx(expected, abs=1e-9)


@given(excess=st.floats(min_value=4 * TOLERANCE, max_value=1.0))
def test_any_excess_beyond_the_tolerance_is_caught(excess: float) -> None:
    vehicles = [150.0, 150.0 * (1 + excess), 180.0]
    plan = with_movements(tiny_plan(), vehicles=vehicles, persons=[450.0, 450.0 * (1 + excess), 450.0])
    codes = set(check_plan(tiny_scenario(), plan).codes)
    assert {"rate", "too_many"} <= codes


def test_many_links_are_swept_in_groups_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, codes, words = SPOILED["a rate too high by 0.1 %"]
    monkeypatch.setattr("clearway.check.roads.EVENTS_AT_ONCE", 3)
    assert_named(check_plan(tiny_scenario(), plan), codes, words)
    assert check_plan(tiny_scenario(), tiny_plan()).is_ok


def test_site_without_limit_takes_all() -> None:
    scenario = tiny_scenario()
    sites = (*scenario.sites[:1], Site("school", "School", 5, math.inf))
    assert check_plan(replace(scenario, sites=sites), tiny_plan()).is_ok


def test_check_is_independent_of_the_planner() -> None:
    code = (
        "import sys, clearway.check; print([m for m in sys.modules if m.startswith('clearway.') "
        "and m.split('.')[1] not in ('check', 'model', 'errors')], 'clearway.model.cut' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["[]", "False"]
