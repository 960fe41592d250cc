"""What is said of a plan's form: reversed lanes and those who come the other way, price and bound in the headline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.tiny_plan import tiny_plan, tiny_scenario

from clearway.model.form import Contraflow, Form, Price, Reserve, Reversal
from clearway.model.plan import Plan, Reason
from clearway.publish.answer import answer_sentence
from clearway.publish.facts import Facts
from clearway.publish.forms import form_sentences, price_clause

PRICE = Price(
    free_clearance_s=1500.0, free_persons=1350.0, free_lower_bound_s=1490.0, form_lower_bound_s=1600.0,
    reversed_clearance_s=1400.0,
)  # fmt: skip


def formed(form: Form, price: Price = PRICE) -> Plan:
    return replace(tiny_plan(), form=form, price=price)


@pytest.mark.parametrize(
    ("lanes_back", "expected"),
    [
        (1.0, "Inbound traffic on Old Bridge ends on {}: from then on nobody can come in there, help included."),
        (2.0, "For inbound traffic on Old Bridge one lane is left from {} on."),
        (3.0, "For inbound traffic on Old Bridge 2 lanes are left from {} on."),
    ],
)
def test_who_comes_the_other_way_on_a_reversed_crossing_is_told_by_its_name(lanes_back: float, expected: str) -> None:
    scenario = tiny_scenario()
    lanes = np.where(np.arange(scenario.network.n_links) == 3, lanes_back, scenario.network.lanes)
    scenario = replace(scenario, network=replace(scenario.network, lanes=lanes))
    form = Form(contraflow=Contraflow(1, 3600.0), reversals=(Reversal(2, 3600.0, 1.0, "Old bridge, C to D"),))
    at = scenario.clock(3600.0).strftime("%A %H:%M")
    assert expected.format(at) in form_sentences(formed(form), scenario)


def headline(form: Form, **figures: float) -> str:
    """The answer of a plan that clears at 1,680 s, 06:28, where no plan at all clears before 1,490 s, 06:24."""
    plan = replace(formed(form, replace(PRICE, **figures)), clearance_lower_bound_s=1490.0)
    return answer_sentence(Facts(plan, tiny_scenario()))


ONE_WAY = Form(routes_per_zone=1)
RESERVE = Reserve("crossing:old_bridge", (2, 3), share=0.25)
REVERSED = Form(contraflow=Contraflow(1, 0.0), reversals=(Reversal(2, 0.0, 1.0, "Old Bridge, C to D"),))


def test_the_headline_gives_the_bound_of_the_form_where_it_is_known_and_the_price() -> None:
    # 1,680 s against 1,500 s without the form: 3 minutes, 12 %; no plan of the form before 1,600 s, 06:26
    assert (
        "; no plan of this form can do it before 06:26, and none without the form before 06:24; "
        "the form costs 3 min (12.0\xa0%) against the plan without it; "
    ) in headline(ONE_WAY)


def test_the_headline_says_that_a_bound_is_that_of_plans_without_the_form() -> None:
    words = headline(ONE_WAY, form_lower_bound_s=0.0)
    assert "; no plan, in this form or without it, can do it before 06:24; the form costs 3 min" in words


def test_a_plan_without_the_form_that_ran_out_of_time_gives_no_price() -> None:
    words = form_sentences(formed(ONE_WAY, replace(PRICE, free_persons=900.0)), tiny_scenario())[1]
    assert words.startswith("The plan without any of it moves 900 people within 25 min as far as it was found in time")


def test_whom_the_form_leaves_out_is_not_told_twice() -> None:
    plan = tiny_plan()
    left = (*plan.left_out, replace(plan.left_out[0], persons=3.0, reason=Reason.FORM))
    price = replace(PRICE, free_persons=plan.persons_planned + 3)
    words = answer_sentence(Facts(replace(plan, form=ONE_WAY, price=price, left_out=left), tiny_scenario()))
    assert "; the form costs 3 people a place and 3 min" in words
    assert "find no room" not in words
    words = answer_sentence(Facts(replace(plan, form=ONE_WAY, price=PRICE, left_out=left), tiny_scenario()))
    assert "; 3 find no room in the form of plan asked for;" in words


def test_a_bound_on_changed_roads_says_so() -> None:
    assert (
        "; no plan with this kept free for inbound traffic can do it before 06:24; keeping room free costs 3 min"
        in (headline(Form(reserves=(RESERVE,))))
    )
    words = headline(REVERSED, free_clearance_s=1980.0)
    assert "; no plan with these lanes reversed can do it before 06:24; reversing lanes gains 5 min" in words


@pytest.mark.parametrize(
    ("free_s", "free_persons", "expected"),
    [
        (1500.0, 1353.0, "the form costs 3 people a place and 3 min (12.0\xa0%) against the plan without it"),
        (1680.0, 1350.0, "the form costs nothing against the plan without it"),
        (1500.0, 900.0, "what the form costs is not known, for the plan without it was not finished in time"),
        (1800.0, 1353.0, "the form costs 3 people a place and gains 120 s (6.7\xa0%) against the plan without it"),
    ],
)
def test_the_price_in_a_clause(free_s: float, free_persons: float, expected: str) -> None:
    assert price_clause(formed(ONE_WAY, replace(PRICE, free_clearance_s=free_s, free_persons=free_persons))) == expected
