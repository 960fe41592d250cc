"""The judges' cases are worked rightly, and the figures are of the curves they say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from benchmarks.judges import of_plan, small, verdict
from benchmarks.judges_cases import CASES
from benchmarks.judges_page import page

from clearway.publish.exports.sumo import peak_rates

BY_NAME = {case.name: case for case in CASES}
WITH_JUDGES = all(importlib.util.find_spec(name) for name in ("sumo", "uxsim"))


def test_a_curve_beside_the_plans() -> None:
    """900 vehicles that each arrive 100 s late: 5.6 % of them, 50, are under way where the plan has them safe."""
    case = BY_NAME["one lane, full"]
    plan, scenario = case.plan(), case.scenario()
    planned = of_plan(plan, scenario)
    assert (planned.clearance_s, planned.ninety_s) == (2160.0, 360 + 0.9 * 1800)
    late = verdict("late", 461.0 + 2.0 * np.arange(900), plan, scenario, 0.0)
    assert (late.arrived, late.clearance_s) == (900, 2259.0)
    assert late.apart == pytest.approx(100 / 1800, rel=0.03)
    stuck = verdict("stuck", np.where(np.arange(900) < 450, 461.0, np.inf), plan, scenario, 0.0)
    assert (stuck.arrived, stuck.ninety_s) == (450, np.inf)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_full_cases_are_full_and_no_more(case) -> None:
    peak = peak_rates(case.plan(), case.scenario())
    share = (peak / case.scenario().network.capacity_veh_per_s).max()
    if case.name.endswith("full"):
        assert share == pytest.approx(1.0)
    elif case.name.endswith("too many"):
        assert share > 1.5


@pytest.mark.skipif(not WITH_JUDGES, reason="eclipse-sumo and uxsim are not installed (pip install clearway[judges])")
def test_judges_agree_with_a_case_worked_by_hand(tmp_path: Path) -> None:
    found = small(BY_NAME["merge, full"], tmp_path)
    assert set(found["clearance_s"]) == {"Clearway", "UXsim", "SUMO meso", "SUMO micro"}
    for seconds in found["clearance_s"].values():
        assert seconds == pytest.approx(found["by_hand_s"], rel=0.01)
    told = page({"cases": {}, "small": {"merge, full": found}})
    assert "| merge, full |" in told
    assert "2,160 |" in told
