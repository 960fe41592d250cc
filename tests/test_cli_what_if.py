"""`clearway explain`, `prices`, `losses`: answers, JSON, files, and what they refuse."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import pytest
from tests.ingest.conftest import Tiny
from typer.testing import CliRunner, Result

from clearway.cli.app import app


def call(*words: object) -> Result:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def refused(*words: object) -> str:
    result = call(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    return " ".join(re.sub("[│╭╮╰╯─]", " ", result.stderr).split())


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A scenario and its plan; not to be changed."""
    place = tmp_path_factory.mktemp("planned")
    scenario = Tiny(place / "tiny").write()
    assert call("plan", scenario, "--out", place / "plan", "--time-limit", 20).exit_code == 0
    return scenario, place / "plan"


def test_explain_speaks_of_limits_and_zones(folders: tuple[Path, Path]) -> None:
    result = call("explain", *folders)
    assert result.exit_code == 0
    assert "so no plan can be done sooner" in result.stdout
    assert "shortest way" in result.stdout
    document = json.loads(call("explain", *folders, "--json").stdout)
    zones = [zone["zone_id"] for zone in document["zones"]]
    assert document["limits"]
    one = json.loads(call("explain", *folders, "--zone", zones[0], "--json").stdout)
    assert [zone["zone_id"] for zone in one["zones"]] == zones[:1]
    assert f"there are: {zones[0]}" in refused("explain", *folders, "--zone", "nowhere")


def test_prices_are_told_and_checked(folders: tuple[Path, Path]) -> None:
    result = call("prices", *folders)
    assert result.exit_code == 0
    assert "buys" in result.stdout
    for row in json.loads(call("prices", *folders, "--solve", "--json").stdout)["prices"]:
        assert row["bound_solved_s"] <= row["buys_at_most_s"] + 1


def test_losses_leave_a_table_a_document_and_curves(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "losses"
    document = json.loads(call("losses", *folders, "--out", out, "--every", 0.25, "--json").stdout)
    assert {path.name for path in out.iterdir()} == {"losses.csv", "losses.json", "losses.svg"}
    with (out / "losses.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(document["losses"])
    for row in document["losses"]:
        assert row["left_at_least"] <= row["left_at_most"] + 1e-6
    again = call("losses", *folders, "--out", out, "--every", 0.5)
    assert again.exit_code == 0  # earlier losses are replaced
    assert "These plans know of the loss beforehand" in again.stdout  # and so differ from contingencies
    assert "<svg" in (out / "losses.svg").read_text(encoding="utf-8")


def test_losses_go_into_the_report_where_asked(folders: tuple[Path, Path], tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    shutil.copytree(folders[1], plan)
    before = (plan / "report.html").read_text(encoding="utf-8")
    assert 'id="losses"' not in before
    assert call("losses", folders[0], plan, "--out", tmp_path / "losses", "--report").exit_code == 0
    page = (plan / "report.html").read_text(encoding="utf-8")
    assert page.count('<section id="losses">') == 1
    assert "Old bridge: " in page
    assert "What more capacity buys" in page
    assert call("check", folders[0], plan).exit_code == 0


def test_losses_say_when_time_ran_out(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "losses"
    result = call("losses", *folders, "--out", out, "--time-limit", 1e-6)
    assert result.exit_code == 0
    document = json.loads((out / "losses.json").read_text(encoding="utf-8"))
    assert document["time_ran_out"] == ["bridge"]
    assert result.stdout.startswith("Time ran out for Old bridge: the figures hold")


def test_losses_refuse_what_makes_no_sense(folders: tuple[Path, Path], tmp_path: Path) -> None:
    assert "--every takes hours above 0" in refused("losses", *folders, "--out", tmp_path / "x", "--every", 0)
    assert "--time-limit takes seconds above 0" in refused("losses", *folders, "--out", tmp_path, "--time-limit", -1)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    assert "holds letter.txt" in refused("losses", *folders, "--out", tmp_path / "mine")
    assert "need a folder of their own" in refused("losses", *folders, "--out", folders[1])


def test_a_plan_for_another_scenario_is_refused(folders: tuple[Path, Path], tmp_path: Path) -> None:
    other = Tiny(tmp_path / "other").write()
    toml = other / "scenario.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    for command in ("explain", "prices"):
        assert "was planned for another scenario" in refused(command, other, folders[1])
