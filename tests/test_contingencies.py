"""Alternatives for the loss of crossings, from folder to folder: feasible by check, nobody lost, told in words."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.ingest.conftest import Tiny
from tests.test_replan import call, refused, town
from tests.tiny_plan import tiny_scenario

from clearway.ingest.closed_folder import with_closures
from clearway.publish.contingencies import clear_words
from clearway.publish.wording import Clock

WITH_VEHICLE = 4000 * 0.8 * 0.75 + 50
PRESENT = 4000 * 0.8 + 50


def planned(tiny: Tiny, plan: Path) -> tuple[Path, Path]:
    scenario = tiny.write()
    assert call("plan", scenario, "--out", plan, "--time-limit", 20).exit_code == 0
    return scenario, plan


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A scenario with a way round the bridge, and its plan; not to be changed."""
    place = tmp_path_factory.mktemp("planned")
    return planned(town(place / "town"), place / "plan")


@pytest.fixture(scope="module")
def one_way(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A scenario whose only way out is the bridge, and its plan."""
    place = tmp_path_factory.mktemp("one-way")
    tiny = town(place / "town")
    lines = tiny.files["link.csv"].decode().splitlines(keepends=True)
    return planned(tiny.set("link.csv", "".join(x for x in lines if not x.startswith("r,")).encode()), place / "plan")


def prepared(folders: tuple[Path, Path], out: Path, *more: object) -> dict[str, object]:
    """The document; each alternative is judged by `check` here too, and its people add up."""
    result = call("contingencies", *folders, "--out", out, "--json", *more)
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["ok"]
    assert json.loads((out / "contingencies.json").read_text(encoding="utf-8"))["contingencies"]
    for each in document["contingencies"]:
        folder = out / each["folder"]
        assert call("check", folder / "scenario", folder / "plan").exit_code == 0
        persons = each["persons"]
        assert persons["arrived"] + persons["on_road"] + persons["at_home"] == WITH_VEHICLE
        assert persons["present"] == PRESENT
        assert persons["saved"] + persons["left_behind"] == WITH_VEHICLE
        assert persons["saved"] <= persons["saved_at_most"] + 1e-6
        assert persons["no_longer_saved"] == sum(zone["no_longer_saved"] for zone in each["zones"])
    return document


def test_where_there_is_a_way_round_it_is_taken(folders: tuple[Path, Path], tmp_path: Path) -> None:
    document = prepared(folders, tmp_path / "out", "--at", "2026-05-01T07:40:00+03:00")
    (only,) = document["contingencies"]
    assert only["lost"] == ["bridge"]
    assert only["folder"] == "bridge-1h40"
    assert only["persons"]["turned_back"] > 0
    over = {zone["zone_id"]: zone["persons_over_it"] for zone in only["zones"]}
    assert over["town"] > 0
    assert only["sentence"].startswith("If Old bridge is lost on Friday 07:40: Town")
    with (tmp_path / "out" / "contingencies.csv").open(encoding="utf-8", newline="") as file:
        assert [row["zone_id"] for row in csv.DictReader(file)] == [zone["zone_id"] for zone in only["zones"]]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert 'href="bridge-1h40/plan/report.html"' in page
    tables = {}
    for name in ("movements", "routes"):
        with (tmp_path / "out" / "bridge-1h40" / "plan" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    over_it = {row["route_id"] for row in tables["routes"] if row["link_id"] == "b"}
    assert not over_it & {row["route_id"] for row in tables["movements"]}  # nobody goes over the bridge any more


def test_where_there_is_none_those_still_there_are_named(one_way: tuple[Path, Path], tmp_path: Path) -> None:
    document = prepared(one_way, tmp_path / "out", "--at", 0, "--at", 2)
    first, second = document["contingencies"]
    planned_persons = document["planned"]["persons"]
    assert first["persons"]["no_longer_saved"] == planned_persons
    assert "; no plan can save" in first["sentence"]
    assert "no route to any open site" in first["sentence"]
    assert "find no other way" in first["sentence"]
    assert "find no other way" in second["sentence"]
    assert ") go " not in second["sentence"]  # a few who are rounded to another group make no way
    # those across by then are saved, the others are not
    assert 0 < second["persons"]["no_longer_saved"] < planned_persons
    assert second["persons"]["saved"] + second["persons"]["no_longer_saved"] == planned_persons
    again = call("contingencies", *one_way, "--out", tmp_path / "out", "--at", 1)
    assert again.exit_code == 0  # replaces
    assert "kept where that costs at most 5\xa0%; so it takes as long as `clearway losses` says" in again.stdout
    assert not (tmp_path / "out" / "bridge-2h").exists()


def test_beside_the_time_it_takes_stands_what_no_plan_can_beat() -> None:
    clock = Clock(tiny_scenario())  # begins on a Saturday at 06:00
    found = SimpleNamespace(clearance_s=7200.0, clearance_bound_s=6600.0, no_longer=0.0)
    told = "The last arrive by Saturday 08:00, 1 h later than planned"
    assert clear_words(found, clock, 3600.0) == f"{told} (whatever the plan, 50 min at least)."
    found.clearance_bound_s = 7170.0  # as good as proven
    assert clear_words(found, clock, 3600.0) == f"{told}."


def test_without_crossings_there_is_nothing_to_prepare(tmp_path: Path) -> None:
    tiny = Tiny(tmp_path / "town").drop("hazard.geojson").drop("crossing.csv").drop("availability.csv")
    plain = planned(tiny, tmp_path / "plan")
    assert "the scenario names no crossing (crossing.csv)" in refused(
        "contingencies", *plain, "--out", tmp_path / "out"
    )
    assert not (tmp_path / "out").exists()
    told = call("losses", *plain, "--out", tmp_path / "losses")
    assert (told.exit_code, told.stdout.splitlines()[0]) == (
        0, "The scenario names no crossing (crossing.csv): there is no loss to work out."
    )  # fmt: skip


def test_what_cannot_be_is_refused(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    common = ("contingencies", *folders, "--out", out)
    assert "--lose takes ids of crossings" in refused(*common, "--lose", "bridge+tunnel")
    assert "there are: bridge" in refused(*common, "--lose", "tunnel")
    assert "--at takes a time" in refused(*common, "--at", "noon")
    assert "has passed what is lost" in refused(*common, "--at", 11.9)
    assert "exclude each other" in refused(*common, "--at", 1, "--every", 2)
    assert "--every takes hours" in refused(*common, "--every", 0)
    assert not out.exists()
    (out / "letter").mkdir(parents=True)
    assert "holds letter" in refused(*common)


def test_a_closure_is_added_to_any_table_of_availability() -> None:
    closure = [("crossing:b", "2026-05-01T08:00:00+03:00", "lost")]
    made = with_closures("", closure)
    assert made.splitlines() == [
        "target,from,until,capacity_factor,note,source",
        "crossing:b,2026-05-01T08:00:00+03:00,,0,lost,assumption",
    ]
    # a column that is missing stands for a closure; other columns and rows stay
    made = with_closures("target,report_id\nlink:a,r1\n", closure)
    rows = list(csv.DictReader(made.splitlines()))
    assert [row["capacity_factor"] for row in rows] == ["0", "0"]
    assert rows[0]["report_id"] == "r1"


def test_what_one_event_takes_is_prepared_for_together(folders: tuple[Path, Path], tmp_path: Path) -> None:
    scenario, _ = folders
    two = tmp_path / "two"
    two.mkdir()
    for path in scenario.iterdir():
        (two / path.name).write_bytes(path.read_bytes())
    with (two / "crossing.csv").open("a", encoding="utf-8") as file:
        file.write("hill,Hill road,pass,r,map\n")
    with (two / "scenario.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[[uncertainty.loss]]\nname = "storm"\ntargets = ["crossing:bridge", "crossing:hill"]\n'
            'probability = 0.1\ntime_h = { distribution = "uniform", low = 1, high = 2 }\n'
        )
    assert call("plan", two, "--out", tmp_path / "plan", "--time-limit", 20).exit_code == 0
    document = prepared((two, tmp_path / "plan"), tmp_path / "out", "--at", 1.5)
    lost = [each["lost"] for each in document["contingencies"]]
    assert ["bridge", "hill"] in lost
    both = document["contingencies"][lost.index(["bridge", "hill"])]
    assert both["persons"]["no_longer_saved"] > 0
    assert both["sentence"].startswith("If Old bridge and Hill road are lost on Friday 07:30")
