"""Explanations: what is full when and by whom, why not the shortest way; by hand on a few roads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.planner.small import closed, planned, road, scenario, site, zone

from clearway.model.form import Form, Price
from clearway.model.network import Crossing
from clearway.model.scenario import Scenario
from clearway.publish.explain import Explanation
from clearway.publish.facts import Facts
from clearway.publish.zone_rows import zone_rows

BRIDGE = Crossing("bridge", "Old bridge", "bridge", (0,))


def explained(small: Scenario) -> Explanation:
    return Explanation(Facts(planned(small), small))


def with_bridge(small: Scenario) -> Scenario:
    """Its first road is the Old bridge."""
    return replace(small, crossings=(BRIDGE,))


def test_a_full_bridge_is_named_with_its_times_and_its_users() -> None:
    # the bridge takes 1200 an hour; a and c need it for 30 and 15 minutes, its head 5 minutes from both
    small = with_bridge(
        scenario(
            [road("m", "b", 10, 1200), road("a", "m", 5, 6000), road("c", "m", 5, 6000), road("a", "b", 60, 6000)],
            [zone("a", 1200), zone("c", 600)],
            [site("b")],
            horizon=240,
        )
    )
    found = explained(small)
    (span,) = [s for s in found.full.times() if s.crossing == 0]
    assert span.is_limit
    assert span.from_s == pytest.approx(5 * 60, abs=2 * found.facts.grid.step_s)
    (user, *others) = found.full.users(0, span.from_s, span.until_s)
    assert user[1] + sum(amount for _, amount in others) == pytest.approx(
        1200 / 3600 * (span.until_s - span.from_s), rel=0.03
    )
    assert any("Old bridge is full" in line and line.endswith("limits the plan") for line in found.limit_lines())


def test_who_goes_round_is_told_why() -> None:
    small = with_bridge(
        scenario([road("a", "b", 10, 1200), road("a", "b", 20, 1200)], [zone("a", 1200)], [site("b")], horizon=240)
    )
    found = explained(small)
    (way,) = found.zone_ways(0)
    assert way.shortest is not None
    assert (way.shortest.links, way.shortest.time_s, way.shortest.name) == ((0,), 600.0, "Old bridge")
    assert way.persons == pytest.approx(1200)
    assert 600 < way.used_s < 1200
    (reason,) = way.why
    assert reason.startswith("Old bridge is full")
    assert "vehicles of its own" in reason
    assert way.other is not None
    assert way.other.links == (1,)


def test_a_full_site_is_told_with_who_fills_it() -> None:
    small = scenario(
        [road("a", "near", 10, 1200), road("c", "near", 10, 1200), road("near", "far", 30, 6000)],
        [zone("a", 300), zone("c", 300)],
        [site("near", 400, name="n"), site("far", name="f")],
        horizon=240,
    )
    found = explained(small)
    reasons = [reason for z in (0, 1) for way in found.zone_ways(z) for reason in way.why]
    assert any(reason.startswith("the 400 beds at N are all taken") for reason in reasons)


def test_no_way_and_no_other_way() -> None:
    small = with_bridge(
        scenario(
            [road("a", "b", 10, 1200), road("b", "c", 10, 1200)],
            [zone("a", 600), zone("d", 50)],
            [site("b")],
            [closed("a>b", 20)],
            horizon=240,
        )
    )
    found = explained(small)
    rows = zone_rows(found.facts)
    text = "\n".join(found.zone_lines(rows[0]))
    assert "they take the shortest way: by Old bridge to B in 10 min" in text
    assert "no way to a site with beds left avoids what they use" in text
    assert "400 cannot get out in the time there is: Old bridge" in text
    assert "no way leads to any site" in "\n".join(found.zone_lines(rows[1]))
    document = found.document([0, 1])
    assert document["zones"][1]["ways"][0]["shortest"] is None
    assert document["zones"][0]["left_out"][0]["persons"] == 400


def test_a_plan_of_one_way_says_who_is_last_by_it_and_why_not_the_nearest_site() -> None:
    # 30 beds in 10 minutes, 1,200 in 20: all go to the farther one, the last after an hour and 20 minutes
    small = scenario(
        [road("a", "b", 10, 1200), road("a", "c", 20, 1200)], [zone("a", 1200)], [site("b", 30), site("c", 1200)],
        horizon=240,
    )  # fmt: skip
    far = scenario([road("a", "b", 10, 1200), road("a", "c", 20, 1200)], [zone("a", 1200)], [site("b", 0), site("c")])
    price = Price(free_clearance_s=4700.0, free_persons=1200.0, free_lower_bound_s=4700.0, form_lower_bound_s=4750.0)
    plan = replace(planned(far), form=Form(routes_per_zone=1), price=price, clearance_lower_bound_s=4700.0)
    found = Explanation(Facts(plan, small))
    lines = found.limit_lines()
    assert lines[0].startswith("The plan without any of it moves 1,200 people")
    assert lines[1].startswith("No plan of this form can clear before 1 h 19 min")
    assert "are of A: 1,200 people by" in lines[2]
    assert "to C in 20 min, leaving from" in lines[2]
    assert "is full from" in lines[2]
    assert lines[3] == "What limits plans without the form limits this one too:"
    assert not any(line.endswith("limits the plan") for line in lines)
    (way,) = found.zone_ways(0)
    words = found.way_lines(way)
    assert words[1].endswith("nobody takes it:")
    assert words[2] == "    B has 30 beds, and the form of the plan sends them all one way, to one site"
    assert words[3] == "  no way to a site with beds for all of them avoids what they use"
