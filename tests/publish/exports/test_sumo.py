"""The SUMO export, read by netconvert and driven by sumo itself; its files hold to SUMO's own schemas."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from tests.publish.exports.conftest import arrival_of_plan
from tests.tiny_plan import statement, tiny_plan, tiny_scenario

from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish.exports.convoy import whole_vehicles
from clearway.publish.exports.folder import write_export
from clearway.publish.exports.sumo import SumoRoads, export_sumo, lane_pairs, peak_rates

FOUND = importlib.util.find_spec("sumo")
HOME = Path(FOUND.origin).parent if FOUND and FOUND.origin else None
driven = pytest.mark.skipif(HOME is None, reason="eclipse-sumo is not installed (pip install clearway[judges])")


def call(program: str, folder: Path, *words: str) -> str:
    """Run a program of SUMO's; every XML file is held to its schema."""
    assert HOME is not None
    done = subprocess.run(
        [HOME / "bin" / program, *words, "--xml-validation", "local"],
        cwd=folder, env={**os.environ, "SUMO_HOME": str(HOME)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr, done.stderr
    return done.stderr


def drive(plan: Plan, scenario: Scenario, folder: Path, kind: str, *words: str) -> np.ndarray:
    """Seconds at which vehicles arrive, in the order of their names; nan for those who do not."""
    if not folder.exists():
        write_export(folder, *export_sumo(plan, scenario))
        call("netconvert", folder, "-c", "network.netccfg")
    call("sumo", folder, "-c", f"{kind}.sumocfg", "--xml-validation.net", "local", *words)
    trips = ElementTree.parse(folder / f"{kind}.tripinfo.xml").getroot().iter("tripinfo")
    arrival = {int(trip.attrib["id"][1:]): float(trip.attrib["arrival"]) for trip in trips}
    seconds = np.array([arrival.get(i, -1.0) for i in range(len(whole_vehicles(plan)))])
    return np.where(seconds < 0, np.nan, seconds)


@driven
@pytest.mark.parametrize("kind", ["meso", "micro"])
def test_a_plan_that_fills_the_bridge_holds(kind: str, tmp_path: Path) -> None:
    """480 vehicles; the plan uses 0.8 of the nominal capacity, so that nobody queues: as planned within 3 %."""
    plan, scenario = tiny_plan(), tiny_scenario()
    seconds = drive(plan, scenario, tmp_path / "out", kind)
    assert len(seconds) == 480
    assert seconds.max() == pytest.approx(1680.0, rel=0.03)
    assert np.median(seconds) == pytest.approx(arrival_of_plan(plan, scenario, 0.5), rel=0.03)


@driven
@pytest.mark.parametrize("kind", ["meso", "micro"])
def test_a_gate_holds_the_capacity_that_is_left(kind: str, tmp_path: Path) -> None:
    """
    Halved from the start, the bridge takes 0.3125 vehicles a second: 480 take 1,536 s, from 300 s on.

    They leave it 300 s before they reach the camp, 600 s before the school.
    """
    scenario = tiny_scenario(statement(0.0, np.inf, 0.5))
    seconds = drive(tiny_plan(), scenario, tmp_path / "out", kind)
    over = np.sort(seconds - np.array([300.0, 600.0])[whole_vehicles(tiny_plan()).route])
    assert 239 / (over[359] - over[120]) == pytest.approx(0.3125, rel=0.03)
    assert over[-1] == pytest.approx(300 + 1536 + 120, rel=0.03)


@driven
@pytest.mark.parametrize("kind", ["meso", "micro"])
def test_those_whom_a_closure_catches_are_counted(kind: str, tmp_path: Path) -> None:
    """
    Lost at 900 s, the bridge is not entered from 780 s on: (780 - 300) x 0.5 = 240 vehicles are across, half.

    Meso drives at 0.05 m/s at least: a closed gate lets one vehicle per lane through every 7.5 / 0.05 = 150 s.
    """
    seconds = drive(tiny_plan(), tiny_scenario(statement(900.0, np.inf, 0.0)), tmp_path / "out", kind, "--end", "2400")
    assert len(seconds) == 480
    leak = 2 * (2400 - 780) / 150 if kind == "meso" else 0
    assert 234 <= np.isfinite(seconds).sum() <= 246 + leak


@driven
def test_hostile_names_stay_names(hostile: tuple[Plan, Scenario], tmp_path: Path) -> None:
    assert np.isfinite(drive(*hostile, tmp_path / "out", "meso")).all()
    edges = ElementTree.parse(tmp_path / "out" / "network.edg.xml").getroot()
    assert "Херсон" in edges.find("edge").attrib["name"]  # type: ignore[union-attr]


def test_a_route_never_ends_on_an_edge_that_may_close() -> None:
    files, _ = export_sumo(tiny_plan(), tiny_scenario())
    ends = {route.split()[-1] for route in re.findall(r'edges="([^"]+)"', files["vehicles.rou.xml"])}
    assert ends == {"t4", "t5"}
    assert set(re.findall(r'<variableSpeedSign id="sign(\d+)"', files["capacity.add.xml"])) == {"2", "3"}


def test_peak_rates_are_those_of_the_plan() -> None:
    """Both zones take their turn on the bridge, 0.5 vehicles a second each."""
    peak = peak_rates(tiny_plan(), tiny_scenario())
    assert peak.tolist() == pytest.approx([0.5, 0.5, 0.5, 0.0, 0.5, 0.5, 0.0])


def test_the_speed_of_a_gate_makes_its_capacity() -> None:
    """One vehicle in 1 / 0.3125 = 3.2 s on one of n lanes: the headway, and 7.5 m at the gate's speed."""
    roads = SumoRoads(tiny_plan(), tiny_scenario())
    lanes = int(roads.roads.lanes[2])
    speed = roads.gate_speed(2, 0.3125)
    assert roads.headway_s + 7.5 / speed == pytest.approx(lanes / 0.3125)
    assert roads.gate_speed(2, 100.0) == roads.roads.speed_m_per_s[2]
    assert 0 < roads.gate_speed(2, 0.0) < 0.01


@pytest.mark.parametrize(
    ("n_from", "onward", "expected"),
    [
        (1, {7: 1}, {7: [(0, 0)]}),
        (2, {7: 1}, {7: [(0, 0), (1, 0)]}),
        (1, {7: 2}, {7: [(0, 0), (0, 1)]}),
        (3, {7: 1, 8: 2}, {7: [(0, 0)], 8: [(1, 0), (2, 1)]}),
        (3, {7: 1, 8: 1}, {7: [(0, 0), (2, 0)], 8: [(1, 0)]}),
        (2, {}, {}),
    ],
)
def test_every_lane_leads_somewhere_and_none_is_lost(n_from: int, onward: dict[int, int], expected: object) -> None:
    assert lane_pairs(n_from, onward) == expected


def test_a_plan_of_nobody_is_written(tmp_path: Path) -> None:
    from clearway.model.plan import empty_movements, empty_routes

    nobody = replace(tiny_plan(), movements=empty_movements(), routes=empty_routes(), persons_planned=0.0)
    files, said = export_sumo(nobody, tiny_scenario())
    assert said["vehicles"] == 0
    assert "<vehicle " not in files["vehicles.rou.xml"]
