"""
The MATSim export, held to the structure of its document types.

MATSim itself cannot be had from the package index; what is checked here are the rules of network_v2, population_v6 and
networkChangeEvents: elements, their order and attributes, references that exist, routes whose links join.
"""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from tests.tiny_plan import tiny_plan, tiny_scenario

from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish.exports.matsim import export_matsim, hours

SPACE = "{http://www.matsim.org/files/dtd}"
ALLOWED = {  # attributes, children in order
    "network": ({"name"}, ["nodes", "links"]),
    "nodes": (set(), ["node"]),
    "links": ({"capperiod", "effectivecellsize", "effectivelanewidth"}, ["link"]),
    "node": ({"id", "x", "y"}, []),
    "link": (
        {"id", "from", "to", "length", "freespeed", "capacity", "permlanes", "oneway", "modes"},
        ["attributes"],
    ),
    "attributes": (set(), ["attribute"]),
    "attribute": ({"name", "class"}, []),
    "population": ({"desc"}, ["person"]),
    "person": ({"id"}, ["plan"]),
    "plan": ({"selected"}, ["activity", "leg", "activity"]),
    "activity": ({"type", "link", "end_time"}, []),
    "leg": ({"mode", "dep_time"}, ["route"]),
    "route": ({"type", "start_link", "end_link"}, []),
}


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text.encode())


def hold(found: ElementTree.Element) -> None:
    """An element and all in it have the attributes and children that their document type knows."""
    attributes, children = ALLOWED[found.tag]
    assert set(found.attrib) <= attributes, found.tag
    tags = [child.tag for child in found]
    assert tags == children or set(tags) <= set(children[:1]) or tags == [], (found.tag, tags)
    for child in found:
        hold(child)


@pytest.mark.parametrize("is_hostile", [False, True])
def test_network_and_population_hold_to_their_types(is_hostile: bool, hostile: tuple[Plan, Scenario]) -> None:
    plan, scenario = hostile if is_hostile else (tiny_plan(), tiny_scenario())
    files, said = export_matsim(plan, scenario)
    for name, kind in (("network.xml", "network_v2"), ("population.xml", "population_v6"), ("config.xml", "config_v2")):
        assert f'SYSTEM "http://www.matsim.org/files/dtd/{kind}.dtd">' in files[name]
    network, population = parsed(files["network.xml"]), parsed(files["population.xml"])
    hold(network)
    hold(population)
    nodes = [node.attrib["id"] for node in network.iter("node")]
    links = {link.attrib["id"]: link.attrib for link in network.iter("link")}
    assert len(nodes) == len(set(nodes))
    assert {link[end] for link in links.values() for end in ("from", "to")} <= set(nodes)
    assert len(links) == len(list(network.iter("link")))
    persons = list(population.iter("person"))
    assert len(persons) == said["vehicles"] == 480
    for person in persons:
        home, leg, safe = person[0]
        route = leg[0]
        way = (route.text or "").split()
        assert (way[0], way[-1]) == (route.attrib["start_link"], route.attrib["end_link"])
        assert (way[0], way[-1]) == (home.attrib["link"], safe.attrib["link"])
        assert all(links[a]["to"] == links[b]["from"] for a, b in pairwise(way))
        assert re.fullmatch(r"\d\d+:\d\d:\d\d", home.attrib["end_time"])


def test_capacities_are_nominal_and_change_where_vehicles_leave() -> None:
    """The bridge, 2,250 an hour; entered at half from 5,400 s and not from 7,080 s: left 120 s later."""
    files, _ = export_matsim(tiny_plan(), tiny_scenario())
    bridge = next(link for link in parsed(files["network.xml"]).iter("link") if link.attrib["id"] == "e2")
    assert float(bridge.attrib["capacity"]) == pytest.approx(2250)
    assert float(bridge.attrib["length"]) / float(bridge.attrib["freespeed"]) == pytest.approx(120)
    found = {}
    for event in parsed(files["networkChangeEvents.xml"]).iter(f"{SPACE}networkChangeEvent"):
        link, change = event
        assert (link.tag, change.tag) == (f"{SPACE}link", f"{SPACE}flowCapacity")
        assert change.attrib["type"] == "absolute"
        if link.attrib["refId"] == "e2":
            found[event.attrib["startTime"]] = float(change.attrib["value"])
    assert found == pytest.approx({"00:00:00": 0.625, "01:32:00": 0.3125, "02:00:00": 1e-5})


def test_times_go_on_after_midnight() -> None:
    assert [hours(s) for s in (0, 59.6, 3600 * 25 + 61)] == ["00:00:00", "00:01:00", "25:01:01"]


def test_the_configuration_names_the_files_there_are() -> None:
    files, _ = export_matsim(tiny_plan(), tiny_scenario())
    named = {p.attrib["value"] for p in parsed(files["config.xml"]).iter("param") if "File" in p.attrib["name"]}
    assert {name for name in named if name.endswith(".xml")} <= set(files)


def test_departures_are_those_of_the_plan() -> None:
    files, _ = export_matsim(tiny_plan(), tiny_scenario())
    ends = [a.attrib["end_time"] for a in parsed(files["population.xml"]).iter("activity") if "end_time" in a.attrib]
    seconds = np.array([int(h) * 3600 + int(m) * 60 + int(s) for h, m, s in (e.split(":") for e in ends)])
    assert seconds.min() == pytest.approx(1, abs=1)
    assert seconds.max() == pytest.approx(660, abs=1)
