"""
Plans in stages, by hand: 300 beds near and 300 far, behind an isthmus; 600 vehicles pass one road, 20 a minute.

Near beds first is what arrives earliest; far beds first is what survives the loss of the isthmus.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.planner.small import planned, road, scenario, site, zone

from clearway.check import check_plan
from clearway.model.network import Crossing
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability
from clearway.planner import PlanParameters
from clearway.planner.hedge import Stage, keys_over, plan_in_stages, plan_of

ROADS = [road("a", "m", 10, 1200), road("m", "near", 5, 1200), road("m", "far", 20, 1200)]
PARAMS = PlanParameters()


def coast() -> Scenario:
    small = scenario(ROADS, [zone("a", 600)], [site("near", 300), site("far", 300)], horizon=240)
    return replace(small, crossings=(Crossing("isthmus", "Isthmus", "isthmus", (2,)),))


def lost_at(minute: float) -> Availability:
    return Availability("crossing", "isthmus", minute * 60, np.inf, 0.0, (2,))


def staged(small: Scenario, nominal: Plan, *stages: Stage) -> Plan:
    plan = plan_of(small, nominal, plan_in_stages(small, stages), PARAMS)
    assert plan is not None
    assert check_plan(small, plan).faults == ()
    return plan


def to_far_by(plan: Plan, minute: float) -> float:
    """Vehicles that are through the isthmus by then."""
    moves = plan.movements
    far = moves.site == 1
    begin, end = (times[far] + 30 * 60 for times in (moves.depart_from_s, moves.depart_until_s))
    return float((np.clip((minute * 60 - begin) / (end - begin), 0, 1) * moves.vehicles[far]).sum())


def test_what_may_be_lost_is_used_first() -> None:
    small = coast()
    nominal = planned(small)
    # lost at 45: 15 minutes of departures at 20 a minute can pass before; the others are planned around them
    plan = staged(small, nominal, Stage((lost_at(45),)), Stage())
    assert to_far_by(plan, 45) == pytest.approx(300, abs=1)
    assert plan.persons_planned == 600
    # 30 minutes of departures at least, then 15 to the near beds: what no plan can beat is the nominal plan's
    assert plan.clearance_lower_bound_s == nominal.clearance_lower_bound_s
    assert plan.clearance_time_s >= plan.clearance_lower_bound_s - 1e-6


def test_steps_keep_what_earlier_ones_placed() -> None:
    small = coast()
    nominal = planned(small)
    first = plan_in_stages(small, [Stage((lost_at(38),))])
    plan = staged(small, nominal, Stage((lost_at(38),)), Stage((lost_at(45),)), Stage())
    assert to_far_by(plan, 38) >= 8 * 20 - 1
    assert plan.movements.persons.sum() >= first.movements.persons.sum()


def test_a_margin_leaves_room_on_every_road() -> None:
    small = coast()
    nominal = planned(small)
    plan = staged(small, nominal, Stage(capacity_share=0.5))
    assert plan.clearance_time_s > nominal.clearance_time_s
    assert plan.clearance_time_s >= 60 * 60 + 15 * 60 - 1  # 600 vehicles at 10 a minute


def test_only_some_are_planned_first() -> None:
    small = coast()
    both = replace(small, zones=(*small.zones, replace(small.zones[0], zone_id="b", present=0, population=0)))
    nominal = planned(both)
    assert keys_over(both, nominal, [2]) == {(0, None)}
    plan = staged(both, nominal, Stage(only=frozenset({(0, None)})), Stage())
    assert plan.persons_planned == 600


def test_a_plan_for_fewer_people_is_no_plan() -> None:
    small = coast()
    nominal = planned(small)
    assert plan_of(small, nominal, plan_in_stages(small, [Stage((lost_at(31),))]), PARAMS) is None
