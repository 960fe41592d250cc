"""What flows know of closures: the problem after each change, slots kept free around it, steady parts in turn."""

from __future__ import annotations

import numpy as np
from tests.planner.small import MINUTE, road, scenario, site, zone

from clearway.model.scenario import Scenario
from clearway.planner.flows import changed_problems
from clearway.planner.problem import Problem, build_problem
from clearway.planner.slots import Caution, Grid, SlotFlow, no_loads
from clearway.planner.steady import SteadyRoutes


def closed_at_30() -> tuple[Scenario, Problem]:
    """One road of 10 min and 600 an hour that nobody can be on from minute 30 on, and 1,000 vehicles."""
    town = scenario(
        [road("a", "b", 10, 600)], [zone("a", 1000)], [site("b")], closures=[("a>b", 30 * MINUTE, np.inf, 0.0)]
    )
    return town, build_problem(town, None, town.capacity_profile())


def test_after_a_closure_the_link_takes_nobody() -> None:
    _, problem = closed_at_30()
    (change,) = changed_problems(problem)
    assert change[0] == 30 * MINUTE  # shifted: entered by minute 20, at the site by 30
    assert change[1].top_rate.tolist() == [0.0]
    assert problem.top_rate.tolist() == [600 / 3600]


def test_slots_before_a_closure_are_kept_free() -> None:
    _, problem = closed_at_30()
    grid = Grid(MINUTE, 60)
    plain = SlotFlow(problem, np.array([0]), grid, no_loads(), 1)
    careful = SlotFlow(problem, np.array([0]), grid, no_loads(), 1, caution=Caution(guard=4))
    plain.augment()
    careful.augment()
    # 10 a minute in slots 10 to 29 of shifted time
    assert plain.sent / plain.units == 200
    assert careful.sent / careful.units == 160


def test_steady_parts_follow_each_other() -> None:
    _, problem = closed_at_30()
    flow = SlotFlow(problem, np.array([0]), Grid(MINUTE, 60), no_loads(), 1)
    one = np.array([0])
    steady = SteadyRoutes(one, one, np.array([0, 1]), one, np.array([6 / 60]))
    flow.preload(steady, 0.0, 15 * MINUTE)
    assert np.flatnonzero(flow.net.departures[0]).tolist() == list(range(10, 15))
    flow.preload(steady, 20 * MINUTE)
    assert np.flatnonzero(flow.net.departures[0]).tolist() == [*range(10, 15), *range(20, 30)]
