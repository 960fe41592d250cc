"""Ways for whole parts: against every choice of ways, and trees where they must converge."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planner.small import road, scenario, site, zone
from tests.planner.strategies import examples
from tests.planner.test_forms import simple_ways

from clearway.model.form import Form
from clearway.model.scenario import Scenario
from clearway.planner.forms.constant import constant_departures
from clearway.planner.forms.parties import Parties, gather_parties
from clearway.planner.forms.routes import RouteSearch, Taste
from clearway.planner.problem import build_problem


def parties_of(small: Scenario, form: Form) -> Parties:
    profile = small.capacity_profile()
    return gather_parties(
        small, profile, [build_problem(small, None, profile)], form, np.arange(small.network.n_links), 1
    )


@st.composite
def towns(draw: st.DrawFn) -> Scenario:
    """Up to three zones and a few roads."""
    roads = []
    for _ in range(draw(st.integers(2, 7))):
        tail = draw(st.sampled_from("abc"))
        head = draw(st.sampled_from([n for n in "abcd" if n != tail]))
        roads.append(road(tail, head, draw(st.integers(1, 3)), draw(st.sampled_from([120, 240, 600]))))
    zones = [zone(n, draw(st.integers(10, 60))) for n in draw(st.sampled_from(["a", "ab", "abc"]))]
    return scenario(roads, zones, [site("d")])


@examples(60)
@given(towns())
def test_near_the_least_full_of_all_choices_of_ways(small: Scenario) -> None:
    parties = parties_of(small, Form(routes_per_zone=1))
    if not len(parties):
        return
    horizon = 3600.0
    search = RouteSearch(parties, horizon, Taste(5, 0.0), is_convergent=False)
    search.improve(300, 0)
    assert search.n_lost == 0
    room, _ = parties.room(horizon)
    best = np.inf
    for choice in product(*(simple_ways(small, int(node)) for node in parties.origin)):
        load = np.zeros(small.network.n_links)
        for way, vehicles in zip(choice, parties.vehicles, strict=True):
            load[list(way)] += vehicles
        used = load[parties.links]
        best = min(best, float(np.divide(used, room, out=np.zeros(len(room)), where=used > 0).max()))
    assert search.fullest >= best * (1 - 1e-9)
    assert search.fullest <= best * 1.25


@examples(60)
@given(towns())
def test_ways_that_converge_form_a_tree(small: Scenario) -> None:
    parties = parties_of(small, Form(is_convergent=True))
    if not len(parties):
        return
    search = RouteSearch(parties, 3600.0, Taste(), is_convergent=True)
    search.improve(50, 1)
    ways = search.ways()
    onward: dict[int, int] = {}
    for part in range(len(ways)):
        for row in ways.rows[ways.start[part] : ways.start[part + 1]].tolist():
            assert onward.setdefault(int(parties.tail[row]), row) == row
    on_links = np.bincount(ways.rows, np.repeat(ways.vehicles, np.diff(ways.start)), len(parties.links))
    assert search.load[0] == pytest.approx(on_links)  # nothing is lost by taking off and putting back


def test_shares_fit_the_beds() -> None:
    small = scenario([road("a", "b", 5, 600), road("a", "c", 5, 600)], [zone("a", 100)], [site("b", 70), site("c", 35)])
    search = RouteSearch(parties_of(small, Form(routes_per_zone=2)), 3600.0, Taste(), is_convergent=False)
    search.improve(500, 0)
    ways = search.ways()
    assert dict(zip(ways.site.tolist(), ways.vehicles.tolist(), strict=True)) == pytest.approx({0: 70, 1: 30}, abs=5)
    assert ways.vehicles.sum() == pytest.approx(100)


def test_constant_rates_share_a_road_until_all_are_there() -> None:
    """
    Over one road of 20 a minute, 1 min long: a is 1 min from it with 100, b 11 min with 100. With end T,
    100 / (T - 2) + 100 / (T - 12) = 20.
    """
    small = scenario(
        [road("a", "m", 1, 6000), road("b", "m", 11, 6000), road("m", "s", 1, 1200)], [zone("a", 100), zone("b", 100)],
        [site("s")],
    )  # fmt: skip
    form = Form(routes_per_zone=1)
    parties = parties_of(small, form)
    search = RouteSearch(parties, 3600.0, Taste(), is_convergent=False)
    search.improve(10, 0)
    found = constant_departures(parties, search.ways(), form)
    assert found is not None
    minutes = found.clearance_s / 60
    assert 100 / (minutes - 2) + 100 / (minutes - 12) == pytest.approx(20, rel=1e-4)
    assert ((found.rate > 0).sum(axis=1) >= 1).all()
    assert (found.rate * np.diff(found.edges_s, axis=1).ravel()).sum() == pytest.approx(200)
