"""Static flows over ways with little detour."""

from __future__ import annotations

import numpy as np
import pytest
from tests.planner.small import road, scenario, site, zone

from clearway.planner.problem import build_problem
from clearway.planner.short_ways import short_flow
from clearway.planner.static_flow import calm_flow


def test_the_short_way_is_filled_before_the_detour() -> None:
    # 1,200 vehicles in 40 minutes less 10 on the way: 40 a minute, 30 of them by the road of 10 minutes
    small = scenario(
        [road("a", "b", 10, 1800), road("a", "c", 10, 1200), road("c", "b", 10, 1200), road("a", "d", 20, 1200),
         road("d", "b", 20, 1200)],
        [zone("a", 1200)], [site("b")],
    )  # fmt: skip
    problem = build_problem(small, None, small.capacity_profile())
    found = short_flow(problem, 40 * 60.0, 60.0)
    assert found * 60 == pytest.approx([30, 10, 10, 0, 0], abs=1e-3)


def test_as_much_is_sent_as_by_the_cheapest_flow() -> None:
    small = scenario(
        [road("a", "b", 1, 600), road("b", "c", 3, 900), road("a", "c", 5, 300), road("b", "d", 2, 240),
         road("d", "c", 2, 240)],
        [zone("a", 500), zone("b", 700)], [site("c")],
    )  # fmt: skip
    problem = build_problem(small, None, small.capacity_profile())
    sent = [flow[np.isin(problem.head, problem.site_node)].sum() for flow in
            (short_flow(problem, 1800.0, 60.0), calm_flow(problem, 1800.0).flow)]  # fmt: skip
    assert sent[0] == pytest.approx(sent[1], rel=1e-4)
