"""The report: what it says, and that nothing in a scenario can break out of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from clearway.model.plan import Reason, empty_movements, empty_routes
from clearway.model.situation import Availability
from clearway.publish.answer import answer_sentence, key_figures, time_sentences
from clearway.publish.charts import DAY_LABEL_PX, arrivals_svg, bound_steps
from clearway.publish.facts import Facts
from clearway.publish.flows import cumulative_amounts, link_flows, time_grid
from clearway.publish.map_data import flow_on_road, roads_of
from clearway.publish.report import asset, render_report
from clearway.publish.sections import MOST_ON_PAPER, table
from clearway.publish.zone_rows import zone_rows


class Page(HTMLParser):
    """The tags, attributes and texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data)


def data_of(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_sentence_when_everyone_with_a_vehicle_is_planned(clearance_case):
    assert answer_sentence(Facts(*clearance_case)) == (
        "2,340 of 2,500 people can reach safety by Wednesday 09:00; no plan can do it sooner; 160 have no vehicle."
    )


def test_sentence_gives_the_bound_rounded_down_and_the_plan_rounded_up(clearance_case):
    plan, scenario = clearance_case
    plan = replace(plan, clearance_time_s=3661.0, clearance_lower_bound_s=3359.0, gap=302 / 3359)
    assert answer_sentence(Facts(plan, scenario)).startswith(
        "2,340 of 2,500 people can reach safety by Wednesday 09:02; no plan can do it before 08:55;"
    )


def test_sentence_when_not_all_can_be_brought(evacuated_case):
    assert answer_sentence(Facts(*evacuated_case)) == (
        "1,140 of 2,500 people can reach safety by Wednesday 09:00; no plan can bring more; "
        "1,200 cannot get out in the time there is; 160 have no vehicle."
    )
    plan, scenario = evacuated_case
    better = Facts(replace(plan, persons_upper_bound=1200.9, gap=60.9 / 1140), scenario)
    assert "no plan can bring more than 1,200 by Wednesday 09:00;" in answer_sentence(better)


def test_who_was_not_placed_in_time_is_told_with_what_to_do(evacuated_case):
    plan, scenario = evacuated_case
    assert time_sentences(plan) == []
    hasty = replace(
        plan, left_out=(replace(plan.left_out[0], reason=Reason.NOT_FOUND),), settings=(("time_limit_s", 30.0),)
    )
    (sentence,) = time_sentences(hasty)
    assert sentence == (
        "The time limit of 30 s ended the search before 1,200 people were placed; whether there is room for them is "
        "open: allow more with --time-limit."
    )
    assert sentence in render_report(hasty, scenario)
    assert time_sentences(replace(hasty, status="interrupted"))[0].startswith("The interrupt ended the search")


def test_bounds_are_drawn_as_steps_that_nothing_known_of_them_is_above():
    # at 60 s no more than 10, at 120 s no more than 30: in between, 30 is all that is proven
    times, most = bound_steps(np.array([0.0, 60.0, 120.0]), np.array([0.0, 10.0, 30.0]))
    assert times.tolist() == [0, 0, 60, 60, 120]
    assert most.tolist() == [0, 10, 10, 30, 30]


def test_sentence_when_nobody_can_move(evacuated_case):
    plan, scenario = evacuated_case
    nobody = replace(
        plan,
        routes=empty_routes(),
        movements=empty_movements(),
        left_out=(replace(plan.left_out[0], persons=2340.0, reason=Reason.NO_ROUTE), plan.left_out[1]),
        status="empty",
        persons_planned=0.0,
        persons_upper_bound=0.0,
        gap=0.0,
    )
    assert answer_sentence(Facts(nobody, scenario)) == (
        "None of 2,500 people can reach safety on these data; 2,340 have no route to any open site; "
        "160 have no vehicle."
    )
    assert "Nobody arrives." in render_report(nobody, scenario)


def test_key_figures(clearance_case):
    figures = {label: (value.replace("\xa0", " "), note) for label, value, note in key_figures(Facts(*clearance_case))}
    assert figures["All planned have arrived"] == ("Wed 09:00", "1 h after the start")
    # 90 % are 2,106 people: 2,340 less 234, who come in the last 195 s at 1.2 persons a second
    assert figures["90 % of them have arrived"][0] == "Wed 08:57"
    assert figures["People planned"][1].replace("\xa0", " ") == "93.6 % of 2,500 present, in 1,170 vehicles"
    assert figures["Gap to the bound"] == ("0.0 %", "proven: within its target")


def test_flows_by_step_are_the_vehicles_that_enter(clearance_case):
    plan, scenario = clearance_case
    links, vehicles = link_flows(plan, scenario, time_grid(0.0, 3600.0))
    assert links.tolist() == [0, 2, 4, 5, 6]
    bridge = vehicles[1]
    step = time_grid(0.0, 3600.0).step_s
    assert step == 20.0
    assert bridge.sum() == pytest.approx(1050)
    assert bridge[int(600 / step) : int(2700 / step)] == pytest.approx(0.5 * step)
    assert vehicles[4].sum() == pytest.approx(1170)  # all of them pass Camp Road


def test_amounts_pass_evenly_and_windows_may_reach_out_of_the_grid():
    grid = time_grid(0.0, 120.0)
    window = (np.array([-60.0]), np.array([60.0]))
    passed = cumulative_amounts(np.array([0]), window, np.array([12.0]), 1, grid)
    assert passed[0, 0] == pytest.approx(6.0)
    assert passed[0, -1] == pytest.approx(12.0)


def test_a_long_road_shows_its_vehicles_as_long_as_they_are_on_it(clearance_case):
    facts = Facts(*clearance_case)
    dam = flow_on_road(facts)[2]  # 0.06 veh/s enter from 0 to 1200 s and drive 1800 s
    assert dam[int(1500 / 20)] > 0
    assert dam[int(3200 / 20)] == pytest.approx(0.0)
    assert dam.max() == pytest.approx(0.06 * 3600 * 1200 / 1800)


def test_both_directions_of_a_road_are_drawn_once(clearance_case):
    roads = roads_of(clearance_case[1].network)
    assert roads.forward.tolist() == [0, 2, 4, 5, 6]
    assert roads.back.tolist() == [1, 3, -1, -1, -1]
    assert roads.of_link.tolist() == [0, 0, 1, 1, 2, 3, 4]


def test_row_of_a_zone(clearance_case):
    (row,) = zone_rows(Facts(*clearance_case))
    assert row.ways == (("Blue bridge", pytest.approx(2100)), ("Long dam", pytest.approx(240)))
    assert (row.first_s, row.last_s, row.last_arrival_s, row.last_start_s) == (0.0, 2100.0, 3600.0, 300.0)


def test_page_tells_zones_sites_left_out_and_what_is_known(evacuated_case):
    words = " ".join(Page(render_report(*evacuated_case)).texts).replace("\xa0", " ")
    for expected in (
        "1,200 not enough time or road capacity",
        "160 have no vehicle",
        "it would take 160 seats to move them",
        "seen from the bank",
        "r-7",
        "Two people travel in a vehicle.",
        "Made up for a test.",
        "UTC+03:00",
        "clearway check SCENARIO PLAN",
        "c0ffee",
    ):
        assert expected in words


def test_page_asks_nothing_of_anyone(evacuated_case):
    page = render_report(*evacuated_case)
    parsed = Page(page)
    assert "default-src 'none'" in page
    links = [value for name, value in parsed.attributes if name in {"src", "href", "action", "srcset", "data"}]
    assert all(value.startswith(("#", "data:")) for value in links)
    assert not re.search(r"url\(|@import|\bfetch\(|XMLHttpRequest|WebSocket|https?://", page)


def test_hostile_text_stays_text(hostile_case):
    page = render_report(*hostile_case)
    parsed = Page(page)
    assert parsed.tags.count("script") == 2
    assert "img" not in parsed.tags
    assert not [name for name, _ in parsed.attributes if name.startswith("on")]
    assert page.encode("utf-8")  # half a surrogate pair did not survive
    assert data_of(page)["map"]["zones"][0]["name"].startswith("</script><script>alert(1)")


def test_data_of_the_page_adds_up(clearance_case):
    data = data_of(render_report(*clearance_case))
    assert data["clock"] == [2022, 10, 19, 8, 0, 0]
    assert data["arrived"][-1] == data["departed"][-1] == 2340.0
    assert [zone["people"] for zone in data["map"]["zones"]] == [2500]
    assert data["map"]["limits"][0][1:3] == [600.0, 2700.0]


def test_planar_networks_and_sites_without_limit_render(clearance_case):
    plan, scenario = clearance_case
    scenario = replace(
        scenario,
        network=replace(scenario.network, crs="local"),
        sites=(replace(scenario.sites[0], beds=float("inf")),),
    )
    page = render_report(plan, scenario)
    assert data_of(page)["map"]["unit_m"] == 0
    assert "unlimited" in page


def test_people_who_are_nowhere_are_named_as_a_fault(clearance_case):
    plan, scenario = clearance_case
    assert "not accounted for" in render_report(replace(plan, left_out=()), scenario)
    assert "not accounted for" not in render_report(plan, scenario)


def test_import_is_light():
    code = "import sys, clearway.publish.report; print(*{module.split('.')[0] for module in sys.modules})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"shapely", "numba", "ortools", "pydantic", "scipy"} & set(found.stdout.split())


def test_durations_are_rounded_as_the_clock_times_beside_them(clearance_case):
    plan, scenario = clearance_case
    plan = replace(plan, clearance_time_s=3661.0, clearance_lower_bound_s=3359.0, gap=302 / 3359)
    figures = {label: (figure, note) for label, figure, note in key_figures(Facts(plan, scenario))}
    assert figures["All planned have arrived"] == ("Wed\N{NO-BREAK SPACE}09:02", "1 h 2 min after the start")
    assert figures["No plan before"] == ("Wed\N{NO-BREAK SPACE}08:55", "55 min after the start; lower bound")


def test_the_last_safe_start_names_the_horizon(clearance_case):
    plan, scenario = clearance_case
    page = " ".join("".join(Page(render_report(plan, scenario)).texts).split())
    by = " ".join(Facts(plan, scenario).clock.short(scenario.horizon_s).split())
    assert f"Last safe start, to arrive by {by}" in page
    assert "end of the scenario (Wednesday" in page


def test_a_crossing_that_is_shut_all_the_time_says_so(clearance_case):
    plan, scenario = clearance_case
    unused = replace(plan, movements=empty_movements(), routes=empty_routes(), persons_planned=0.0)
    assert "not used by this plan" in render_report(unused, scenario)
    shut = Availability("crossing", "br", 0.0, np.inf, 0.0, scenario.crossings[0].links)
    page = render_report(unused, replace(scenario, availabilities=(shut,)))
    assert "closed all the time" in page
    assert page.count("; not used by this plan<") == 1  # the dam is open


def test_days_under_a_narrow_chart_do_not_lie_on_each_other(clearance_case):
    plan, scenario = clearance_case
    moves = plan.movements
    late = replace(moves, depart_until_s=moves.depart_until_s + 50 * 3600.0)
    scenario = replace(scenario, start=scenario.start.replace(hour=6), horizon_s=60 * 3600.0)
    for width, least in ((360, DAY_LABEL_PX), (1100, DAY_LABEL_PX)):
        chart = arrivals_svg(Facts(replace(plan, movements=late), scenario), width, 280, "x")
        places = [float(x) for x in re.findall(r'class="day" x="([\d.]+)"', chart)]
        assert len(places) >= 2
        assert min(np.diff(places)) >= least


def test_paper_holds_the_first_rows_of_a_long_table():
    rows = [[("name", "", str(i))] for i in range(MOST_ON_PAPER + 1)]
    assert "On paper the first 60 of 61 rows" in table("x", [("name", "x")], rows)
    assert "On paper" not in table("x", [("name", "x")], rows[:-1])
    assert f"tr:nth-child(n+{MOST_ON_PAPER + 1}) {{ display: none" in asset("report.css")
