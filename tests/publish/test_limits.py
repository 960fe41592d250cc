"""What limits a plan, in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearway.model.demand import Zone
from clearway.model.plan import BoundKind, Certificate, LeftOut, Reason
from clearway.publish.limits import limit_sentences, limits, plan_limit_sentences


def test_links_of_a_crossing_are_one_limit(clearance_case):
    plan, scenario = clearance_case
    bridge, dam = limits(scenario, plan.certificate)
    assert (bridge.name, bridge.kind, bridge.links) == ("Blue bridge", "crossing", (2,))
    assert (bridge.from_s, bridge.until_s) == (600.0, 2700.0)  # reached after 600 s; needs 900 s to Dcamp by 3600
    assert bridge.vehicles == pytest.approx(1050)  # 0.5 veh/s x 2100 s
    assert bridge.share == pytest.approx(1050 / 1170)
    assert (dam.name, dam.links, dam.index) == ("Long dam", (4, 5), 1)
    assert dam.vehicles == pytest.approx(120)  # 0.06 + 0.04 veh/s x 1200 s


def test_links_of_no_crossing_are_grouped_by_road(clearance_case):
    plan, scenario = clearance_case
    found = limits(replace(scenario, crossings=()), plan.certificate)
    assert [(limit.name, limit.kind, limit.links) for limit in found] == [
        ("road near Aville (link 2)", "road", (2,)),
        ("Dam road", "road", (4, 5)),
    ]


def test_a_limit_ends_when_its_crossing_is_lost(evacuated_case):
    plan, scenario = evacuated_case
    bridge, _ = limits(scenario, plan.certificate)
    assert (bridge.from_s, bridge.until_s) == (600.0, 1500.0)  # lost at 1800, 300 s long
    assert bridge.vehicles == pytest.approx(450)


def test_sentences_name_place_time_and_share(evacuated_case):
    plan, scenario = evacuated_case
    heading, bridge, dam = (line.replace("\xa0", " ") for line in limit_sentences(scenario, plan.certificate))
    assert heading == "The places below let no more than 570 vehicles through by Wednesday 09:00, whatever the plan."
    assert bridge == "Blue bridge, from Wed 08:10 to Wed 08:25: 450 of the 570 vehicles (79 %)"
    assert dam == "Long dam, from Wed 08:00 to Wed 08:20: 120 of the 570 vehicles (21 %)"


def test_the_heading_of_a_clearance_bound_says_why_it_cannot_be_sooner(clearance_case):
    plan, scenario = clearance_case
    assert limit_sentences(scenario, plan.certificate)[0] == (
        "By Wednesday 09:00, the places below cannot let through all of the 1,170 vehicles "
        "that have to pass, so no plan can be done sooner."
    )


def test_what_is_not_named_is_summed_up(clearance_case):
    plan, scenario = clearance_case
    lines = limit_sentences(scenario, plan.certificate, most=1)
    assert lines[2:] == ("1 more crossing: 120 vehicles (10\xa0%)",)


def test_zones_that_do_not_bind_and_beds_count_too(clearance_case):
    plan, scenario = clearance_case
    scenario = replace(scenario, zones=(*scenario.zones, Zone("y", "Bford", 1, 100, 100, 0, 2.0)))
    certificate = replace(plan.certificate, labels_s=np.zeros(4), open_zones=(0,), paid_sites=(0,))
    found = limits(scenario, certificate)
    assert [(limit.kind, limit.name, limit.vehicles) for limit in found] == [
        ("site", "Dcamp", 2000.0),  # 4000 beds, two people to a vehicle
        ("zone", "Bford", 50.0),
    ]
    lines = limit_sentences(scenario, certificate)
    assert lines[1].startswith("Beds at Dcamp: 2,000 of the 2,050 vehicles")
    assert lines[2].startswith("Zone Bford does not bind; all its vehicles count: 50 of")


def test_what_a_form_leaves_out_is_the_limit_where_no_road_is(clearance_case):
    plan, scenario = clearance_case
    by_form = tuple(
        LeftOut(zone, persons, Reason.FORM, "one way to one site each") for zone, persons in ((0, 300.0), (0, 12.0))
    )
    n_nodes = scenario.network.n_nodes
    nobody_held = Certificate(BoundKind.EVACUATED, scenario.horizon_s, np.full(n_nodes, np.inf), (), (), 1000.0, 1000.0)
    formed = replace(plan, left_out=by_form, certificate=nobody_held, further_certificates=(plan.certificate,))
    form, roads, heading, *parts = plan_limit_sentences(scenario, formed)
    name = scenario.zones[0].name
    assert form == f"The form of the plan leaves out 312 people of {name}: one way to one site each."
    assert roads.startswith("No road, crossing or bed limits how many can be moved by")
    assert (heading, *parts) == limit_sentences(scenario, plan.certificate)
    assert plan_limit_sentences(scenario, plan) == limit_sentences(scenario, plan.certificate)
