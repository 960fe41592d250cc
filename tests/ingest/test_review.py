"""What looks wrong but does not stop a plan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from clearway.ingest.review import reached


def test_reached_follows_links_one_way() -> None:
    # 0 -> 1 -> 2, 3 -> 1, 4 alone
    tail, head = np.array([0, 1, 3]), np.array([1, 2, 1])
    assert reached(5, tail, head, [0]).tolist() == [True, True, True, False, False]
    assert reached(5, head, tail, [2]).tolist() == [True, True, True, True, False]
    assert not reached(5, tail, head, []).any()


@pytest.mark.parametrize(
    ("file", "old", "new", "warning"),
    [
        (
            "link.csv",
            "c,East road,3,4",
            "c,East road,4,3",
            "zone town reaches no site: its 800 people will be left out",
        ),
        ("link.csv", "1,1200,,,", "1,0,,,", "1 link with capacity 0: nobody can use them (first: c)"),
        ("link.csv", "1,1200,,,", "1,0,,,", "zone west reaches no site: its 50 people will be left out"),
        ("link.csv", "1,1200,,,", "1,1200,bus,,", "1 link whose allowed_uses bar cars: no plan uses them (first: c)"),
        ("link.csv", "c,East road,3,4", "c,East road,4,4", "1 link from a node to itself (first: c)"),
        ("link.csv", "13,78", "13,780", "1 link with a free speed above 200 km/h; is speed_unit right? (first: c)"),
        ("link.csv", "13,78", "13,0.78", "1 link with a free speed below 3 km/h; is speed_unit right? (first: c)"),
        (
            "link.csv",
            "1,13,78",
            "1,8,78",
            "1 link much shorter than the straight line between their nodes; is length_unit right? (first: c)",
        ),
        ("node.csv", "4,Shelter", "9,Nowhere,31,50\n4,Shelter", "1 node has no link (first: 9)"),
        ("zone.csv", "west,West bank,2", "west,West bank,4", "zone west is at the node of site shelter"),
        ("zone.csv", ",1000,", ",0,", None),
        ("zone.csv", ",2,,,,", ",0.5,,,,", "zone west has 0.5 persons per vehicle, less than a driver"),
        ("zone.csv", ",2,,,,", ",2,,2026-05-01T05:00Z,,", None),
        (
            "zone.csv",
            ",2,,,,",
            ",2,,2026-05-01T02:00Z,,",
            "zone west may never depart: its 50 people will be left out",
        ),
        ("site.csv", ",700,", ",0,", "site shelter has 0 beds"),
        ("site.csv", ",700,", ",649,", "the sites have 649 beds for 650 people with a vehicle"),
        ("site.csv", ",700,", ",599,", "the sites in direction east have 599 beds for 600 people with a vehicle"),
        ("zone.csv", "priority", "priorty", "zone.csv: column 'priorty' is not read; did you mean 'priority'?"),
        (
            "zone.csv",
            "persons_per_vehicle",
            "ppv",
            "zone.csv: column 'ppv' is not read; did you mean 'persons_per_vehicle'?",
        ),
        ("zone.csv", "priority", "mayor", "zone.csv: column 'mayor' is not read"),
        ("link.csv", "allowed_uses", "toll", None),
        ("link.csv", "allowed_uses", "uses", "link.csv: column 'uses' is not read; did you mean 'allowed_uses'?"),
        ("scenario.toml", "credits", "credit", "scenario.toml: 'credit' is not read; did you mean 'credits'?"),
        (
            "scenario.toml",
            "[files]",
            "[files]\nlinkz = 1",
            "scenario.toml: [files] 'linkz' is not read; did you mean 'links'?",
        ),
        ("scenario.toml", "[files]", "[uncertainty]\nx = 1\n[files]", None),
        (
            "hazard.geojson",
            '"until"',
            '"untill"',
            "hazard.geojson: property 'untill' is not read; did you mean 'until'?",
        ),
        (
            "availability.csv",
            "link:a,",
            "crossing:bridge,,,1,,,\nlink:a,",
            "availability.csv: crossing:bridge is said to be open and restricted at one time; the smaller factor holds",
        ),
    ],
)
def test_warnings(tiny: Any, file: str, old: str, new: str, warning: str | None) -> None:
    warnings = tiny.change(file, old, new).read().warnings
    assert warning in warnings if warning else warnings == ()


def test_a_direction_out_of_reach_is_named(tiny: Any) -> None:
    tiny.files["node.csv"] += b"5,Island,30.0,50.1\n"
    tiny.files["site.csv"] += b"isle,Isle,5,,,,island,\n"
    tiny.set("direction.csv", "zone_id,direction,share\ntown,east,0.75\ntown,island,0.25\n")
    assert (
        "zone town reaches no site in direction island: the 25.0% of its people with a vehicle who choose it "
        "will be left out"
    ) in tiny.read().warnings


def test_an_isolated_crossing_is_named(tiny: Any) -> None:
    tiny.files["node.csv"] += b"5,Pier,30.0,50.1\n6,Isle,30.0,50.2\n"
    tiny.files["link.csv"] += b"e,Boat,5,6,0,12,30,1,60,,,\n"
    tiny.files["crossing.csv"] += b"boat,,ferry,e,\n"
    warnings = tiny.read().warnings
    assert "crossing boat is isolated: it lies on no way from a zone to a site" in warnings
    assert not any("bridge" in warning for warning in warnings)


def test_a_misnamed_table_is_named(tiny: Any) -> None:
    tiny.files["availabilities.csv"] = tiny.files.pop("availability.csv")
    assert "availabilities.csv is not read; did you mean 'availability.csv'?" in tiny.read().warnings


def test_many_warnings_of_a_kind_are_counted(tiny: Any) -> None:
    tiny.files["zone.csv"] += b"".join(b"z%d,,4,1,,,1,,,,\n" % i for i in range(30))
    warnings = tiny.read().warnings
    assert sum("is at the node of site shelter" in warning for warning in warnings) == 20
    assert "and 10 more zones at the node of a site" in warnings
