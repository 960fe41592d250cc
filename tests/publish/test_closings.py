"""Where a plan is at a closing to the last minute, worked by hand; and that it points to `clearway hold`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearway.publish.closings import closing_sentences, closings_met, trapped_sentences
from clearway.publish.facts import Facts
from clearway.publish.report import render_report
from clearway.simulator import SimulationParameters, simulate


def test_those_who_leave_a_bridge_in_the_minute_before_it_is_lost_are_counted(evacuated_case):
    # the bridge takes 0.5 vehicles a second, two people each, until it is lost at 1,800 s: 60 people in 60 s
    (met,) = closings_met(Facts(*evacuated_case))
    assert (met.name, met.at_s, met.persons) == ("Blue bridge", 1800.0, pytest.approx(60.0))
    (sentence,) = closing_sentences(Facts(*evacuated_case))
    assert "60 people leave Blue bridge in the last minute before it closes (Wednesday 08:30)" in sentence
    assert "`clearway hold`" in sentence
    assert "60 people leave Blue bridge" in render_report(*evacuated_case)


def test_a_plan_that_is_off_the_bridge_two_minutes_before_says_nothing(evacuated_case):
    plan, scenario = evacuated_case
    moves = plan.movements
    until = moves.depart_until_s - np.array([120.0, 0.0, 0.0])
    early = replace(plan, movements=replace(moves, depart_until_s=until))
    assert closing_sentences(Facts(early, scenario)) == []


def test_without_a_closing_there_is_nothing_to_say(clearance_case):
    assert closing_sentences(Facts(*clearance_case)) == []


def test_a_site_that_closes_counts_too(clearance_case):
    plan, scenario = clearance_case
    (site,) = scenario.sites
    closing = replace(scenario, sites=(replace(site, open_windows=((0.0, 3600.0),)),))
    # the last arrive at 3,600 s: 0.6 vehicles a second come, 1.2 people, in the last minute
    (met,) = closings_met(Facts(plan, closing))
    assert met.is_site
    assert met.persons == pytest.approx(72.0)
    assert "72 people reach Dcamp in the last minute" in closing_sentences(Facts(plan, closing))[0]


def test_a_simulation_says_who_is_trapped_where_and_what_to_do(evacuated_case):
    plan, scenario = evacuated_case
    late = replace(plan, movements=replace(plan.movements, depart_until_s=np.array([960.0, 1200.0, 1200.0])))
    outcome = simulate(scenario, late, SimulationParameters(at_closed_road="wait"))
    assert outcome.tally.trapped > 0
    (sentence,) = trapped_sentences(outcome, Facts(late, scenario, outcome))
    assert sentence.startswith("Trapped when their road closed:")
    assert "on Blue bridge. The plan uses it up to that time. `clearway hold`" in sentence
    assert "<code>clearway hold</code> looks for a plan" in render_report(late, scenario, outcome=outcome)
