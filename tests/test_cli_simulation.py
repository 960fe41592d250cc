"""`clearway simulate`: the folder it leaves, what it says, what it refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from tests.ingest.conftest import Tiny
from tests.test_cli import call, listing, refused

from clearway.ingest.folder import read_scenario
from clearway.ingest.outcome_folder import read_outcome
from clearway.ingest.plan_folder import read_plan
from clearway.publish.outcome_folder import OUTCOME_FILES, outcome_figures
from clearway.publish.schema import outcome_schema
from clearway.simulator import simulate


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A scenario and its plan; not to be changed."""
    place = tmp_path_factory.mktemp("planned")
    scenario = Tiny(place / "tiny").write()
    assert call("plan", scenario, "--out", place / "plan", "--time-limit", 20).exit_code == 0
    return scenario, place / "plan"


def test_simulate_writes_a_folder_that_reads_back(folders: tuple[Path, Path], tmp_path: Path) -> None:
    scenario_folder, plan_folder = folders
    out = tmp_path / "out"
    result = call("simulate", scenario_folder, plan_folder, "--out", out, "--json")
    assert result.exit_code == 0
    assert set(listing(out)) == {*OUTCOME_FILES, "report.html"}
    jsonschema.validate(json.loads((out / "outcome.json").read_text(encoding="utf-8")), outcome_schema())
    scenario = read_scenario(scenario_folder)
    driven, read = simulate(scenario, read_plan(plan_folder, scenario)), read_outcome(out, scenario)
    assert read.tally == pytest.approx(driven.tally) or read.tally == driven.tally
    assert read.left == pytest.approx(driven.left, abs=0.01)
    assert read.links is not None
    assert driven.links is not None
    assert read.links.entered.sum() == pytest.approx(driven.links.entered.sum())
    told, found = json.loads(result.stdout)["figures"], outcome_figures(driven, scenario)
    assert json.loads(result.stdout)["notes"] == []  # nobody is trapped
    told.pop("runtime_s"), found.pop("runtime_s")
    assert told == found
    persons = told["persons"]
    parts = ("safe", "on_road", "at_home", "trapped", "turned_away", "stayed", "not_asked")
    assert sum(persons[part] for part in parts) == pytest.approx(persons["total"])
    assert np.isclose(read.safe[-1], persons["safe"])


def test_simulate_says_what_happened(folders: tuple[Path, Path], tmp_path: Path) -> None:
    result = call("simulate", *folders, "--out", tmp_path / "out", "--stay", 0.5, "--seed", 3)
    assert result.exit_code == 0
    assert "When the plan was driven in simulation" in result.stdout
    assert "stayed by choice" in result.stdout
    again = call("simulate", *folders, "--out", tmp_path / "out", "--stay", 0.5, "--seed", 3)
    assert again.stdout == result.stdout
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Will it hold?" in page


def test_simulate_refuses_what_it_cannot_do(folders: tuple[Path, Path], tmp_path: Path) -> None:
    scenario, plan = folders
    out = tmp_path / "out"
    message = refused("simulate", scenario, plan, "--out", out, "--stay", 2, "--response", "linear")
    assert "--stay takes a share from 0 to 1, not 2" in message
    assert "--response takes one of logistic, rayleigh, not linear" in message
    message = refused("simulate", scenario, plan, "--out", out, "--platoon", -1, "--on-closure", "fly")
    assert "--platoon takes vehicles" in message
    assert "--on-closure takes one of trapped, turn-back, not fly" in message
    assert "--response-half-h takes hours above 0" in refused(
        "simulate", scenario, plan, "--out", out, "--response-half-h", 0
    )
    assert "the scenario's or the plan's" in refused("simulate", scenario, plan, "--out", plan)
    assert "no such folder" in refused("simulate", scenario, tmp_path / "none", "--out", out)
    other = Tiny(tmp_path / "other").write()
    with (other / "scenario.toml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert "planned for another scenario" in refused("simulate", other, plan, "--out", out)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    assert "not part of an outcome" in refused("simulate", scenario, plan, "--out", tmp_path / "full")
    assert not out.exists()


def test_reversed_lanes_are_driven(tmp_path: Path) -> None:
    """Town road is what limits the plan: with its other lane it carries twice as much, in simulation too."""
    tiny = Tiny(tmp_path / "tiny").drop("hazard.geojson").drop("availability.csv")
    tiny.change("zone.csv", "town,Town,1,1000,", "town,Town,1,4000,").change("site.csv", ",700,", ",4000,")
    tiny.change("link.csv", "78,1,1200", "78,1,6000")
    scenario, plan = tiny.write(), tmp_path / "plan"
    words = ("--time-limit", 20, "--contraflow", "auto", "--lead-h", 0.5)  # half an hour before anybody is ready
    assert call("plan", scenario, "--out", plan, *words).exit_code == 0
    assert (plan / "reversals.csv").exists()
    result = call("simulate", scenario, plan, "--out", tmp_path / "out", "--json")
    figures = json.loads(result.stdout)["figures"]
    assert figures["clearance_time_s"] == pytest.approx(figures["plan"]["clearance_time_s"], rel=0.05)

    assert call("export", "gmns", scenario, plan, "--out", tmp_path / "gmns").exit_code == 0  # and go to others
    with (plan / "reversals.csv").open(encoding="utf-8", newline="") as file:
        back = {row["opposite_link_id"] for row in csv.DictReader(file)}
    with (tmp_path / "gmns" / "capacity_change.csv").open(encoding="utf-8", newline="") as file:
        closed = {row["link_id"] for row in csv.DictReader(file) if float(row["capacity"]) == 0}
    assert back
    assert back <= closed
    scenario.joinpath("site.csv").write_text(tiny.files["site.csv"].decode().replace(",4000,", ",4001,"))
    assert "was planned for another scenario" in refused("export", "gmns", scenario, plan, "--out", tmp_path / "other")
