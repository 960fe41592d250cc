"""The UXsim export, driven by UXsim itself."""

from __future__ import annotations

import csv
import importlib.util
import math
import runpy
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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


Platoon = tuple[list[str], str, float]


def platoons(vehicles: list[list[object]], size: int) -> list[Platoon]:
    """The platoons that the exported script makes."""
    script = runpy.run_path(str(files("clearway.publish.exports") / "run_uxsim.py.txt"))
    made: Iterator[Platoon] = script["platoons"](vehicles, size)
    return list(made)


@driven
def test_platoons_take_the_route_on_which_most_are_due() -> None:
    """
    Pairs: of the first two vehicles of z0 one is due on each route: r0, the first. Then two are due on r1, none on r0.
    The fifth is left, and goes with the one of z1. The first zone's platoons depart half way between their vehicles.
    """
    routes, departs = ("r0", "r1", "r1", "r0", "r0"), (0.0, 10.0, 20.0, 30.0, 40.0)
    vehicles = [[f"v{i}", r, t, "z0"] for i, (r, t) in enumerate(zip(routes, departs, strict=True))]
    assert platoons([*vehicles, ["v5", "r2", 47.0, "z1"]], 2) == [
        (["v0", "v1"], "r0", 5.0), (["v2", "v3"], "r1", 25.0), (["v4", "v5"], "r2", 43.5),
    ]  # fmt: skip


@driven
@settings(deadline=None)  # the first example imports UXsim
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=60), st.integers(1, 7))
def test_no_vehicle_is_added_and_no_route_is_ahead_of_the_plan(drawn: list[tuple[int, int]], size: int) -> None:
    vehicles = [[f"v{i}", f"r{zone}{route}", float(i), f"z{zone}"] for i, (zone, route) in enumerate(drawn)]
    made = platoons(vehicles, size)
    assert sorted(name for names, _, _ in made for name in names) == sorted(str(v[0]) for v in vehicles)
    assert len(made) == math.ceil(len(vehicles) / size)
    assert all(len(names) == size for names, _, _ in made[:-1])
    whole = len(made) - math.ceil(sum(n % size for n in Counter(zone for zone, _ in drawn).values()) / size)
    route_of = {str(name): str(route) for name, route, _, _ in vehicles}
    departed: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    for names, route, depart in made[:whole]:
        assert float(names[0][1:]) <= depart <= float(names[-1][1:])
        departed.update(route_of[name] for name in names)
        sent[route] += size
        assert {route_of[name][:2] for name in names} == {route[:2]}, "a platoon is of one zone"
        assert sent[route] - departed[route] < size
    if size == 1:
        assert {names[0]: route for names, route, _ in made} == route_of


@driven
def test_zones_with_equal_plans_take_turns() -> None:
    """Golden shares: the second zone's platoons depart at 0.118 of the way from their first vehicle to their last."""
    vehicles = [[f"v{i}", f"r{i % 3}", 100.0 * (i // 3), f"z{i % 3}"] for i in range(15)]
    departs = [depart for _, _, depart in platoons(vehicles, 5)]
    assert departs == pytest.approx([200.0, 47.2136, 294.4272])
    assert [depart for _, _, depart in platoons(vehicles, 1)] == [100.0 * (i % 5) for i in range(15)]
