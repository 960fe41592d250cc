"""Scenario folders are written whole or not at all."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clearway.errors import OutputError, UsageError
from clearway.ingest import write_folder
from clearway.ingest.folder import read_scenario
from clearway.ingest.write_folder import ImportSettings, ScenarioTables, toml_text, write_scenario_folder

SETTINGS = ImportSettings(name='Test "town"', start=datetime(2025, 1, 1, tzinfo=UTC), horizon_h=24)
TABLES = ScenarioTables(
    SETTINGS,
    "local",
    nodes=[(1, "A", 0, 0), (2, 'B, "b"', 1, 0)],
    links=[("x", "", 1, 2, 0, 1, 60, 1, 1200, "auto", "", "primary", "made up")],
    zones=[("z", "Z", 1, 100, 1, 0, 2, "", "", 1, "made up")],
    sites=[("s", "S", 2, "", "", "", "", "made up")],
    crossings=[("c", "The bridge", "bridge", "x", "made up")],
    availabilities=[("crossing:c", "2025-01-01T06:00:00+00:00", "", 0, "r1", "blown", "made up")],
    assumptions=("One.",),
    credits=("Two \x7f.",),
)


def test_every_table_reads_back(tmp_path: Path):
    report = write_scenario_folder(TABLES, tmp_path / "a" / "out", ["A note."])
    scenario = read_scenario(tmp_path / "a" / "out")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["out"]
    assert scenario.network.node_names[1] == 'B, "b"'
    assert scenario.crossings[0].links == (0, 1)
    assert scenario.availabilities[0].from_s == 6 * 3600
    assert (scenario.horizon_s, scenario.capacity_factor) == (86400, 0.9)
    assert report.notes == ("A note.",)
    assert report.summary().endswith("2 nodes, 1 links, 1 crossings, 1 zones with 100 people, 1 sites")


def test_nothing_is_left_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write_folder, "scenario_toml", fail)
    with pytest.raises(OutputError, match="No space left"):
        write_scenario_folder(TABLES, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_refused(tmp_path: Path):
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="not a folder"):
        write_scenario_folder(TABLES, tmp_path / "out")


@pytest.mark.parametrize("text", ["", 'a "b"', "a\nb", "\x00\x1f\x7f", "Übergang мост 橋", "C:\\x"])
def test_texts_survive_toml(text: str):
    assert tomllib.loads(f"a = {toml_text(text)}")["a"] == text


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": datetime(2025, 1, 1)},
        {"share_present": 1.5},
        {"persons_per_vehicle": 0},
        {"capacity_factor": 1.1},
        {"horizon_h": -1},
    ],
)
def test_settings_check_themselves(wrong: dict[str, object]):
    with pytest.raises(UsageError):
        ImportSettings(**wrong)  # type: ignore[arg-type]
