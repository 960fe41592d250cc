"""The UXsim export, driven by UXsim itself."""

from __future__ import annotations

import csv
import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.publish.exports.conftest import arrival_of_plan
from tests.tiny_plan import statement, tiny_plan, tiny_scenario

from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish.exports.convoy import whole_vehicles
from clearway.publish.exports.folder import write_export
from clearway.publish.exports.uxsim import export_uxsim

driven = pytest.mark.skipif(
    importlib.util.find_spec("uxsim") is None, reason="uxsim is not installed (pip install clearway[judges])"
)


def drive(plan: Plan, scenario: Scenario, folder: Path, *options: str) -> np.ndarray:
    """Seconds at which vehicles arrive, in the order of their names; nan for those who do not."""
    write_export(folder, *export_uxsim(plan, scenario))
    done = subprocess.run(
        [sys.executable, "run_uxsim.py", *options], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with (folder / "arrivals.csv").open(encoding="utf-8") as file:
        arrival = {int(row["vehicle_id"][1:]): float(row["arrival_s"] or "nan") for row in csv.DictReader(file)}
    return np.array([arrival[i] for i in range(len(whole_vehicles(plan)))])


@driven
@pytest.mark.parametrize("options", [(), ("--platoon", "5")], ids=str)
def test_a_plan_that_fills_the_bridge_holds(options: tuple[str, ...], tmp_path: Path) -> None:
    plan, scenario = tiny_plan(), tiny_scenario()
    seconds = drive(plan, scenario, tmp_path / "out", *options)
    assert len(seconds) == 480
    assert seconds.max() == pytest.approx(1680.0, rel=0.02)
    assert np.median(seconds) == pytest.approx(arrival_of_plan(plan, scenario, 0.5), rel=0.02)


@driven
def test_the_capacity_that_is_left_holds(tmp_path: Path) -> None:
    """As in SUMO: 0.3125 vehicles a second."""
    seconds = drive(tiny_plan(), tiny_scenario(statement(0.0, np.inf, 0.5)), tmp_path / "out")
    over = np.sort(seconds - np.array([300.0, 600.0])[whole_vehicles(tiny_plan()).route])
    assert 239 / (over[359] - over[120]) == pytest.approx(0.3125, rel=0.02)
    assert over[-1] == pytest.approx(300 + 1536 + 120, rel=0.02)


@driven
def test_those_whom_a_closure_catches_are_counted(tmp_path: Path) -> None:
    seconds = drive(tiny_plan(), tiny_scenario(statement(900.0, np.inf, 0.0)), tmp_path / "out")
    assert len(seconds) == 480
    assert np.isfinite(seconds).sum() == pytest.approx(240, abs=3)


@driven
def test_hostile_names_stay_names(hostile: tuple[Plan, Scenario], tmp_path: Path) -> None:
    assert np.isfinite(drive(*hostile, tmp_path / "out")).all()
