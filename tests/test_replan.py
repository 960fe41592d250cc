"""A change of plan, from folder to folder: people add up, orders stand where they hold, check finds no fault."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from tests.ingest.conftest import Tiny
from typer.testing import CliRunner, Result

from clearway.cli.app import app

NOW = "2026-05-01T07:40:00+03:00"
# a road of an hour round the bridge, so that there is another way
ROUND = "r,Long way,1,4,1,60,60,1,1200,,,\n"


def call(*words: object) -> Result:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def refused(*words: object) -> str:
    result = call(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    return " ".join(re.sub("[│╭╮╰╯─]", " ", result.stderr).split())


def town(folder: Path) -> Tiny:
    """The tiny scenario with 4,000 people and a way round, without hazards."""
    tiny = Tiny(folder).drop("hazard.geojson")
    tiny.change("zone.csv", "town,Town,1,1000,", "town,Town,1,4000,").change("site.csv", ",700,", ",4000,")
    return tiny.set("link.csv", tiny.files["link.csv"] + ROUND.encode())


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A scenario and its plan; not to be changed."""
    place = tmp_path_factory.mktemp("planned")
    scenario = town(place / "town").write()
    assert call("plan", scenario, "--out", place / "plan", "--time-limit", 20).exit_code == 0
    return scenario, place / "plan"


def replanned(folders: tuple[Path, Path], changed: Path, out: Path, *more: object) -> dict[str, object]:
    """The document of a change of plan that check finds no fault with."""
    result = call("replan", *folders, "--now", NOW, "--changed", changed, "--out", out, "--json", *more)
    assert result.exit_code == 0, result.stderr
    checked = call("check", out / "scenario", out / "plan")
    assert checked.exit_code == 0, checked.stdout
    document = json.loads(result.stdout)
    persons = document["persons"]
    people = [4000 * 0.8 * 0.75, 50]  # with a vehicle, of town and west bank
    assert persons["arrived"] + persons["on_road"] + persons["at_home"] == sum(people)
    plan = json.loads((out / "plan" / "plan.json").read_text(encoding="utf-8"))["figures"]["persons"]
    assert plan["present"] == persons["on_road"] + persons["at_home"] + 4000 * 0.8 * 0.25
    assert persons["total"] == 4000 * 0.8 + 50
    parts = [persons[name] for name in ("arrived", "planned_on_road", "planned_at_home", "left_behind")]
    assert sum(parts) == pytest.approx(persons["total"], abs=1e-3)
    return document


def test_the_answer_counts_everybody_those_who_have_arrived_too(folders: tuple[Path, Path], tmp_path: Path) -> None:
    result = call("replan", *folders, "--now", NOW, "--changed", folders[0], "--out", tmp_path / "new")
    headline = result.stdout.splitlines()[0]
    words = (
        r"(.+) of 3,250 people .+: (.+) have arrived, (.+) are on the road and (.+) are still to leave; .+; (.+) have"
    )
    found = re.match(words, headline)
    assert found, headline
    safe, *parts, left = (int(word.replace(",", "")) for word in found.groups())
    assert safe == sum(parts) == 2450
    assert safe + left == 3250
    page = (tmp_path / "new" / "plan" / "report.html").read_text(encoding="utf-8")
    assert "Evacuation plan, changed" in page
    assert "2,450 of 3,250 people" in page.split("</h1>")[0].split("<h1>")[1]


def test_where_nothing_has_changed_all_orders_stand(folders: tuple[Path, Path], tmp_path: Path) -> None:
    document = replanned(folders, folders[0], tmp_path / "new")
    changes = document["changes"]
    before, kept, after = (sum(row[f"persons_{w}"] for row in changes) for w in ("before", "kept", "after"))
    assert kept == pytest.approx(before, abs=1e-3)
    assert after == pytest.approx(before, abs=1e-3)
    persons = document["persons"]
    assert persons["at_home"] == persons["at_home_with_orders"]
    assert before == pytest.approx(persons["on_road"] + persons["at_home"], abs=1e-3)
    with (tmp_path / "new" / "changes.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(changes)
    page = (tmp_path / "new" / "plan" / "report.html").read_text(encoding="utf-8")
    assert "What changes for whom" in page


def test_a_time_limit_never_makes_it_worse_than_what_is_left_of_the_old_plan(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    document = replanned(folders, folders[0], tmp_path / "new", "--time-limit", 1e-6, "--keep-orders-within", 0)
    old = json.loads((folders[1] / "plan.json").read_text(encoding="utf-8"))["figures"]
    persons, plan = document["persons"], document["plan"]
    assert document["time_limit_decided"]
    assert plan["persons_planned"] == persons["on_road"] + persons["at_home"]
    hundred_minutes = 100 * 60  # from the start to NOW
    assert plan["clearance_time_s"] <= old["clearance_time_s"] - hundred_minutes + 0.1
    page = (tmp_path / "new" / "plan" / "report.html").read_text(encoding="utf-8")
    assert "The time limit of 1e-06 seconds a plan decided" in page


def test_a_lost_bridge_turns_some_back_and_sends_the_rest_round(folders: tuple[Path, Path], tmp_path: Path) -> None:
    changed = town(tmp_path / "changed")
    changed.set("availability.csv", changed.files["availability.csv"] + f"crossing:bridge,{NOW},,0,r3,lost,\n".encode())
    document = replanned(folders, changed.write(), tmp_path / "new")
    assert document["persons"]["turned_back"] > 0
    assert document["persons"]["diverted"] > 0
    over = [row for row in document["changes"] if row["way"] == "Old bridge"]
    assert over
    assert all(row["persons_after"] == 0 for row in over)
    # the way round is left, and those past the bridge drive on
    before, after = (sum(row[f"persons_{when}"] for row in document["changes"]) for when in ("before", "after"))
    assert after == pytest.approx(document["plan"]["persons_planned"])
    assert before == pytest.approx(document["persons"]["on_road"] + document["persons"]["at_home"], rel=0.01)


def test_keeping_nothing_is_never_slower(folders: tuple[Path, Path], tmp_path: Path) -> None:
    wide = town(tmp_path / "wide").change("link.csv", "2,3,0,1.5,54,2,1000", "2,3,0,1.5,54,4,1000")
    wide.change("link.csv", "1,2,0,7.2,72,1,900", "1,2,0,7.2,72,3,900")
    changed = wide.write()
    strict = replanned(folders, changed, tmp_path / "free", "--keep-orders-within", 0)
    loose = replanned(folders, changed, tmp_path / "kept", "--keep-orders-within", 1)
    assert strict["plan"]["clearance_time_s"] <= loose["plan"]["clearance_time_s"] * 1.001
    kept = [sum(row["persons_kept"] for row in each["changes"]) for each in (strict, loose)]
    assert kept[0] <= kept[1]
    assert strict["cost_time"] == 0


def test_what_cannot_be_is_refused_in_one_message(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "new"
    common = (*folders, "--changed", folders[0], "--out", out)
    assert "--now takes a time" in refused("replan", *common, "--now", "soon")
    assert "has no offset" in refused("replan", *common, "--now", "2026-05-01T08:00:00")
    assert "--now must lie" in refused("replan", *common, "--now", 99)
    assert "takes a share" in refused("replan", *common, "--now", NOW, "--keep-orders-within", 2)
    other = Tiny(tmp_path / "other").drop("hazard.geojson")
    other.change("scenario.toml", "T06:00:00", "T05:00:00")
    message = refused("replan", *folders, "--changed", other.write(), "--out", out, "--now", NOW)
    assert "start: found 2026-05-01T05:00:00+03:00" in message
    assert "link.csv: differs from the plan's: r" in message
    assert not out.exists()


def test_fewer_people_than_have_left_are_refused(folders: tuple[Path, Path], tmp_path: Path) -> None:
    changed = town(tmp_path / "changed").change("zone.csv", "town,Town,1,4000,", "town,Town,1,100,")
    message = refused(
        "replan",
        *folders,
        "--changed",
        changed.write(),
        "--out",
        tmp_path / "new",
        "--now",
        "2026-05-01T09:00:00+03:00",
    )
    assert "people of zone town have left" in message
