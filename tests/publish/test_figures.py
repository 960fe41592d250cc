"""Figures of the tiny plan (tests/tiny_plan.py), and that people add up."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tiny_plan import tiny_plan, tiny_scenario, with_movements

from clearway.model.plan import LeftOut, Plan, Reason, empty_movements, empty_routes
from clearway.publish.figures import CURVE_POINTS, differing_figures, early_arrivals, plan_figures, tidy


def test_figures_of_the_tiny_plan() -> None:
    figures = plan_figures(tiny_plan(), tiny_scenario())
    persons = figures["persons"]
    assert (persons["present"], persons["with_vehicle"], persons["without_vehicle"]) == (1500, 1350, 150)
    assert (persons["planned"], persons["left_out"]) == (1350, 150)
    assert persons["left_out_by_reason"] == {"no vehicle": 150}
    north, south = persons["zones"]
    assert north["zone_id"] == "north"
    assert (north["present"], north["planned"], north["routes"]) == (1000, 900, 1)
    assert north["left_out"] == [{"reason": "no vehicle", "persons": 100, "binding": "no vehicle", "seats": 100}]
    assert (north["first_departure_s"], north["last_departure_s"], north["last_arrival_s"]) == (60, 660, 1680)
    assert (north["last_start_s"], south["last_start_s"]) == (60, None)
    assert south["sites"] == [{"site_id": "school", "name": "School", "persons": 450}]
    camp, school = figures["sites"]
    assert (camp["persons"], camp["beds"], camp["filled"]) == (900, 900, 1)
    assert (school["filled"], school["first_arrival_s"], school["last_arrival_s"]) == (0.75, 1020, 1380)
    assert figures["clearance_time_s"] == figures["clearance_lower_bound_s"] == 1680
    assert (figures["gap"], figures["vehicles"], figures["movements"], figures["routes"]) == (0, 480, 3, 2)
    assert figures["runtime_s"] == {"bound": 0.25, "schedule": 0.5}


def test_ninety_percent_have_arrived_while_the_last_are_on_their_way() -> None:
    # 1,215 of 1,350: south's 450 by 1,380 s; north's come at 1.5 persons per second from 1,080 s on: 765 by 1,590 s
    figures = plan_figures(tiny_plan(), tiny_scenario())
    assert figures["clearance_time_90_s"] == pytest.approx(1590)


def test_arrivals_begin_at_nobody_and_end_with_all() -> None:
    arrivals = plan_figures(tiny_plan(), tiny_scenario())["arrivals"]
    # corners: school from 1,020 to 1,380 s, camp from 1,080 to 1,380 and to 1,680 s
    assert arrivals["time_s"] == [0, 1020, 1080, 1380, 1680]
    assert arrivals["persons"] == [0, 0, 75, 900, 1350]


def many_windows(n: int) -> Plan:
    """North's people in n windows of a second, with pauses."""
    begin = 60.0 + 1.5 * np.arange(n)
    return with_movements(
        replace(tiny_plan(), persons_planned=n * 1.5),
        zone=np.zeros(n, dtype=np.int64),
        site=np.zeros(n, dtype=np.int64),
        route=np.zeros(n, dtype=np.int64),
        depart_from_s=begin,
        depart_until_s=begin + 1.0,
        vehicles=np.full(n, 0.5),
        persons=np.full(n, 1.5),
        mode=("auto",) * n,
        ids=tuple(map(str, range(n))),
    )


def test_long_curves_are_sampled() -> None:
    curve = np.arange(1000.0)
    plan = replace(many_windows(500), bound_curve_s=curve, bound_curve_persons=10 * curve)
    figures = plan_figures(plan, tiny_scenario())
    assert len(figures["arrivals"]["time_s"]) == len(figures["arrivals"]["persons"]) == CURVE_POINTS
    assert figures["arrivals"]["persons"][-1] == pytest.approx(750)
    assert len(figures["bound_curve"]["time_s"]) == CURVE_POINTS
    assert figures["bound_curve"]["persons"] == [10 * t for t in figures["bound_curve"]["time_s"]]  # no point moved
    assert figures["bound_curve"]["time_s"][-1] == 999


def test_an_empty_plan_has_figures_too() -> None:
    plan = replace(
        tiny_plan(),
        routes=empty_routes(),
        movements=empty_movements(),
        persons_planned=0.0,
        clearance_time_s=0.0,
        gap=math.inf,
        last_start_s=np.zeros(0),
        bound_curve_s=np.zeros(0),
        bound_curve_persons=np.zeros(0),
    )
    figures = plan_figures(plan, tiny_scenario())
    assert figures["clearance_time_90_s"] == 0
    assert figures["gap"] is None
    assert figures["arrivals"] == {"time_s": [0], "persons": [0]}
    assert figures["persons"]["zones"][0]["first_departure_s"] is None
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


@given(north=st.integers(0, 900), south=st.integers(0, 450), parts=st.integers(1, 7))
def test_people_add_up_in_every_zone(north: int, south: int, parts: int) -> None:
    """Present = planned + left out, whatever the planner left out, and however it split the rest."""
    n = 2 * parts
    zone = np.repeat([0, 1], parts)
    persons = np.repeat([north / parts, south / parts], parts)
    plan = with_movements(
        replace(tiny_plan(), persons_planned=float(north + south)),
        zone=zone,
        site=zone,
        route=zone,
        depart_from_s=np.arange(n) * 10.0,
        depart_until_s=np.arange(n) * 10.0 + 10.0,
        vehicles=persons / np.array([3.0, 2.5])[zone],
        persons=persons,
        mode=("auto",) * n,
        ids=tuple(map(str, range(n))),
    )
    rest = (LeftOut(0, 900.0 - north, Reason.NO_TIME), LeftOut(1, 450.0 - south, Reason.NO_TIME))
    figures = plan_figures(replace(plan, left_out=plan.left_out + rest), tiny_scenario())["persons"]
    for entry in figures["zones"]:
        left = sum(part["persons"] for part in entry["left_out"])
        assert entry["planned"] + left == pytest.approx(entry["present"], rel=1e-9)
    assert figures["planned"] + figures["left_out"] == figures["present"]
    assert figures["left_out"] == pytest.approx(sum(figures["left_out_by_reason"].values()))


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.333333333333"),
        (1e20, "1e+20"),
        (-0.0, "0"),
        (math.inf, "null"),
        (math.nan, "null"),
        (899.9999999999999, "900"),
    ],
)
def test_numbers_are_written_short(number: float, written: str) -> None:
    assert json.dumps(tidy(number)) == written


def test_figures_that_were_changed_are_found() -> None:
    scenario, plan = tiny_scenario(), tiny_plan()
    stated = json.loads(json.dumps(plan_figures(plan, scenario)))
    assert differing_figures(stated, plan, scenario) == []
    changed = copy.deepcopy(stated)
    changed["persons"]["zones"][1]["planned"] = 451
    changed["sites"][0]["name"] = "Kamp"
    changed["clearance_time_90_s"] += 1e-4  # within the tolerance
    del changed["vehicles"]
    changed["arrivals"]["persons"][2] = 76
    assert set(differing_figures(changed, plan, scenario)) == {
        "figures.persons.zones[1].planned: stated 451, found 450",
        "figures.vehicles: stated nothing, found 480",
        "figures.sites[0].name: stated 'Kamp', found 'Camp'",
        "figures.arrivals: stated 76 by 1080 s, found 75",
    }
    assert differing_figures({**stated, "arrivals": {"time_s": [0]}}, plan, scenario)
    assert differing_figures({**stated, "arrivals": {"time_s": [0], "persons": ["x"]}}, plan, scenario)


def test_spoiled_movements_have_no_figures_but_differ() -> None:
    scenario, plan = tiny_scenario(), tiny_plan()
    stated = plan_figures(plan, scenario)
    spoiled = with_movements(plan, depart_until_s=[360.0, 360.0, 360.0], vehicles=[150.0, math.nan, 180.0])
    found = differing_figures(stated, spoiled, scenario)
    assert "figures.vehicles: stated 480, found nothing" in found
    assert any("last_arrival_s" in difference for difference in found)


def test_the_area_below_the_bound_that_arrivals_leave() -> None:
    # all 100 could be there at once; they come evenly in ten hours: half the area is left
    curve = {"bound_curve_s": np.linspace(0, 36_000, 41), "bound_curve_persons": np.full(41, 100.0)}
    early = early_arrivals(np.array([0.0, 36_000.0]), np.array([0.0, 100.0]), replace(tiny_plan(), **curve))
    assert early["time_s"] == [3600 * hour for hour in range(1, 11)]
    assert early["arrived"] == pytest.approx([10 * hour for hour in range(1, 11)])
    assert early["bound"] == [100] * 10
    assert (early["area_person_h"], early["area_share"]) == pytest.approx((500, 0.5))
    no_curve = {"bound_curve_s": np.zeros(0), "bound_curve_persons": np.zeros(0)}
    nothing = early_arrivals(np.zeros(1), np.zeros(1), replace(tiny_plan(), **no_curve))
    assert (nothing["time_s"], nothing["area_person_h"], nothing["area_share"]) == ([], 0, None)
