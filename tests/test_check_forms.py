"""Check finds a form that is claimed but not kept: one lie each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests.planner.small import both_ways, road, scenario, site, zone
from tests.planner.test_contraflow import two_way
from tests.tiny_plan import tiny_plan, tiny_scenario, with_movements

from clearway.check import CODES, check_plan
from clearway.model.form import Contraflow, Form, Price, Reserve, Reversal
from clearway.model.network import Crossing
from clearway.model.plan import Plan
from clearway.planner import PlanParameters, make_plan

PRICE = Price(1680.0, 1350.0, 1680.0)


def claiming(form: Form, plan: Plan | None = None, price: Price = PRICE) -> Plan:
    return replace(plan or tiny_plan(), form=form, price=price)


def codes(plan: Plan) -> tuple[str, ...]:
    return check_plan(tiny_scenario(), plan).codes


def test_the_tiny_plan_keeps_to_what_it_does() -> None:
    # north leaves in two windows that touch, south in one; both by the bridge, then to different sites
    assert codes(claiming(Form(routes_per_zone=1, waves=2, wave_s=60.0))) == ()


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (Form(waves=1), "form_waves"),
        (Form(wave_s=3600.0), "form_waves"),
        (Form(reserves=(Reserve("crossing:old_bridge", (2, 3), share=0.1),)), "rate"),
        (Form(reserves=(Reserve("crossing:old_bridge", (2, 3), veh_per_h=60.0),)), "rate"),
        (Form(reserves=(Reserve("crossing:old_bridge", (2,), share=1e-7),)), "reserve"),
        (Form(reserves=(Reserve("link:nowhere", (2, 3), share=1e-7),)), "reserve"),
    ],
)
def test_a_claim_that_is_not_kept(form: Form, code: str) -> None:
    assert code in codes(claiming(form))


def test_two_ways_where_one_is_claimed() -> None:
    plan = with_movements(tiny_plan(), zone=[0, 0, 0], persons=[450.0, 450.0, 540.0])
    assert "form_routes" in codes(claiming(Form(routes_per_zone=1), plan))
    assert "form_routes" not in codes(claiming(Form(routes_per_zone=1, routes_of_zone=(("north", 2),)), plan))


def test_ways_that_part_after_the_bridge_at_the_same_time() -> None:
    assert codes(claiming(Form(is_convergent=True))) == ()  # south is through before north comes
    plan = with_movements(tiny_plan(), depart_from_s=[60.0, 360.0, 100.0], depart_until_s=[360.0, 660.0, 460.0])
    assert "form_convergent" in codes(claiming(Form(is_convergent=True), plan))


def test_windows_of_a_part_that_overlap() -> None:
    plan = with_movements(tiny_plan(), depart_from_s=[60.0, 300.0, 0.0])
    assert "form_waves" in codes(claiming(Form(wave_s=60.0), plan))


def test_a_bound_for_the_form_that_nothing_proves() -> None:
    assert "form_bound" in codes(claiming(Form(routes_per_zone=1), price=Price(1680.0, 1350.0, 1680.0, 1700.0)))


REVERSED = Reversal(2, 0.0, 1.0, "Old Bridge")
LIES: dict[str, Callable[[Form], Form]] = {
    "more lanes than there are": lambda f: replace(f, reversals=(replace(REVERSED, lanes=2.0),)),
    "half a lane kept": lambda f: replace(f, contraflow=Contraflow(1, 0.0, 0.5)),
    "before the lead is over": lambda f: replace(f, contraflow=Contraflow(1, 600.0)),
    "no crew at all": lambda f: replace(f, contraflow=None),
    "no opposite": lambda f: replace(f, reversals=(Reversal(0, 0.0, 1.0, "ac"),)),
    "both ways": lambda f: replace(f, reversals=(REVERSED, Reversal(3, 0.0, 1.0, "back")), contraflow=Contraflow(2)),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_reversal_that_cannot_be(lie: str) -> None:
    form = Form(contraflow=Contraflow(1), reversals=(REVERSED,))
    assert "reversal" not in codes(claiming(form))
    assert "reversal" in codes(claiming(LIES[lie](form)))


def test_what_is_no_one_segment_needs_more_crews() -> None:
    small = two_way(scenario(
        [*both_ways("a", "m", 5, 600), *both_ways("m", "b", 5, 600), *both_ways("m", "c", 5, 600)],
        [zone("a", 60)], [site("b")],
    ))  # fmt: skip
    free = make_plan(small, PlanParameters(time_limit_s=2.0))
    both = (Reversal(0, 0.0, 1.0, "x"), Reversal(2, 0.0, 1.0, "x"))
    claimed = replace(free, form=Form(contraflow=Contraflow(1), reversals=both), price=PRICE)
    assert "reversal" in check_plan(small, claimed).codes
    bridged = replace(small, crossings=(Crossing("x", "X", "bridge", (0, 1, 2, 3)),))
    assert "reversal" not in check_plan(bridged, claimed).codes


def test_the_opposite_of_a_reversed_link_is_closed_to_evacuees() -> None:
    small = two_way(scenario(both_ways("a", "b", 10, 600), [zone("b", 60)], [site("a")]))
    free = make_plan(small, PlanParameters(time_limit_s=2.0))
    claimed = replace(free, form=Form(contraflow=Contraflow(1, 700.0), reversals=(Reversal(0, 700.0, 1.0, "x"),)))
    assert "closed" in check_plan(small, replace(claimed, price=PRICE)).codes


def test_reversed_lanes_count_from_when_they_are_listed_only() -> None:
    """A plan made for lanes reversed from the start is too fast where they are from minute 20."""
    small = two_way(scenario(both_ways("a", "b", 10, 600), [zone("a", 600)], [site("b")]))
    plan = make_plan(small, PlanParameters(time_limit_s=2.0, form=Form(contraflow=Contraflow(1))))
    assert check_plan(small, plan).faults == ()
    assert plan.form is not None
    later = tuple(replace(r, from_s=1200.0) for r in plan.form.reversals)
    assert "rate" in check_plan(small, replace(plan, form=replace(plan.form, reversals=later))).codes
    assert "rate" in check_plan(small, replace(plan, form=replace(plan.form, reversals=()))).codes


def test_convergence_may_change_in_time_but_not_overlap() -> None:
    small = scenario(
        [road("a", "m", 1, 600), road("m", "b", 4, 600), road("m", "c", 4, 600)], [zone("a", 100)],
        [site("b", 60), site("c", 50)],
    )  # fmt: skip
    plan = make_plan(small, PlanParameters(time_limit_s=2.0, form=Form(is_convergent=True)))
    assert check_plan(small, plan).faults == ()
    moves = plan.movements
    second = int(np.argmax(moves.route != moves.route[0]))
    earlier = moves.depart_from_s.copy()
    earlier[second] -= 30.0
    assert "form_convergent" in check_plan(small, replace(plan, movements=replace(moves, depart_from_s=earlier))).codes


def test_the_codes_of_forms_are_known() -> None:
    assert {"form_routes", "form_waves", "form_convergent", "form_bound", "reserve", "reversal"} <= set(CODES)
    assert math.isfinite(PRICE.free_clearance_s)
