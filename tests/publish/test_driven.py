"""The page of a simulation: it opens with what happened, what was planned stands beside it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from clearway.publish.driven import driven_figures, outcome_sentence
from clearway.publish.facts import Facts
from clearway.publish.report import render_report
from clearway.publish.wording import text
from clearway.simulator import SimulationParameters, simulate


def test_the_page_opens_with_what_the_simulation_found(clearance_case):
    plan, scenario = clearance_case
    scenario = replace(scenario, horizon_s=7200.0)  # time for those who come a second late
    outcome = simulate(scenario, plan)
    facts = Facts(plan, scenario, outcome)
    last = facts.clock.long(outcome.last_arrival_s, "up")
    sentence = outcome_sentence(outcome, facts)
    assert sentence.startswith(
        f"When the plan was driven in simulation, 2,340 of 2,500 people were safe by {last} "
        "(planned: 2,340 by Wednesday 09:00; "
    )
    page = render_report(plan, scenario, outcome=outcome).replace("\xa0", " ")
    assert page.split("<h1>")[1].split("</h1>")[0] == text(sentence)
    assert "<p>As planned: 2,340 of 2,500 people can reach safety by Wednesday 09:00; no plan can do it sooner" in page
    assert "Two banks: evacuation plan, simulated" in page
    notes = {label: note.replace("\xa0", " ") for label, _, note in driven_figures(facts, outcome)}
    assert notes["People safe"] == "of 2,500; planned: 2,340"
    assert notes["Last arrival"] == "planned: Wed 09:00"


def test_who_is_not_there_stands_in_the_figures(evacuated_case):
    plan, scenario = evacuated_case
    late = replace(plan, movements=replace(plan.movements, depart_until_s=np.array([960.0, 1200.0, 1200.0])))
    outcome = simulate(scenario, late, SimulationParameters(at_closed_road="wait"))
    figures = {label: value for label, value, _ in driven_figures(Facts(late, scenario, outcome), outcome)}
    tally = outcome.tally
    assert int(figures["Trapped"].replace(",", "")) == round(tally.trapped) > 0
    missing = tally.on_road + tally.at_home + tally.turned_away
    assert int(figures["Not there for other reasons"].replace(",", "")) == round(missing)
    assert re.search(r"trapped on roads that closed", outcome_sentence(outcome, Facts(late, scenario, outcome)))


def test_a_page_without_a_simulation_opens_with_the_plan(clearance_case):
    page = render_report(*clearance_case)
    assert "As planned" not in page
    assert "simulated" not in page.split("</h1>")[0]
