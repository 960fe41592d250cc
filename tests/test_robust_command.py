"""`clearway robust`: beds inland, 40 minutes on, and over a bridge, 5 minutes on, that may be lost. By folders."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.test_replan import call, refused

from clearway.publish.robust import robust_sentences

# 600 vehicles pass one road, 20 a minute. Who goes inland takes longest, so the nominal plan sends them first.
FILES = {
    "scenario.toml": """\
name = "River"
start = 2026-05-01T06:00:00+03:00
horizon_h = 6
length_unit = "km"
speed_unit = "km/h"
capacity_factor = 1.0
crs = "local"

[[uncertainty.loss]]
name = "bridge lost"
target = "crossing:bridge"
probability = 0.8
time_h = { distribution = "uniform", low = 0.45, high = 0.7 }
""",
    "node.csv": "node_id,name,x_coord,y_coord\n1,Town,0,0\n2,Fork,10,0\n3,Inland,50,0\n4,Bank,15,9\n",
    "link.csv": """\
link_id,name,from_node_id,to_node_id,directed,length,free_speed,lanes,capacity
a,Road,1,2,1,10,60,1,1200
b,Inland road,2,3,1,40,60,1,1200
c,Bridge,2,4,1,5,60,1,1200
""",
    "crossing.csv": "crossing_id,name,kind,link_ids\nbridge,Bridge,bridge,c\n",
    "zone.csv": "zone_id,name,node_id,population,persons_per_vehicle\ntown,Town,1,600,1\n",
    "site.csv": "site_id,name,node_id,beds\ninland,Inland,3,300\nbank,Bank,4,300\n",
}


def river(folder: Path, without: str = "") -> Path:
    folder.mkdir()
    for name, content in FILES.items():
        text = content.split("\n[[", maxsplit=1)[0] + "\n" if without == "uncertainty" else content
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, object]]:
    place = tmp_path_factory.mktemp("robust")
    scenario, out = river(place / "river"), place / "out"
    result = call("robust", scenario, "--out", out, "--futures", 60, "--workers", 1, "--json")
    assert result.exit_code == 0, result.stderr
    return scenario, out, json.loads(result.stdout)


def test_a_bridge_that_may_be_lost_is_passed_first(done: tuple[Path, Path, dict[str, object]]) -> None:
    scenario, out, document = done
    assert call("check", scenario, out / "plan").exit_code == 0
    assert document["chosen"] != "nominal"
    assert document["is_better"]
    gain = document["judged"]["difference"]["cvar"]
    assert 0 < gain["low"] <= gain["value"] <= gain["high"]
    assert document["futures"] == {"choosing": 30, "judging": 30}
    # by hand: who leaves is over the bridge 15 minutes later; lost at 27 at the earliest, it has taken 240 vehicles of
    # those who go first, at 20 a minute, and 300 find beds inland
    assert document["judged"]["chosen"]["fewest"] >= 300 + 240 - 20
    nominal = next(each for each in document["candidates"] if each["name"] == "nominal")
    assert document["price"]["clearance_time_s"] == pytest.approx(
        next(e["clearance_time_s"] for e in document["candidates"] if e["name"] == document["chosen"])
        - nominal["clearance_time_s"]
    )


def test_every_future_is_told(done: tuple[Path, Path, dict[str, object]]) -> None:
    _, out, document = done
    with (out / "futures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["future"] for row in rows] == [str(k) for k in range(60)]
    names = [each["name"] for each in document["candidates"]]
    judged = [name for name in names if rows[-1][name]]
    assert set(judged) == {"nominal", document["chosen"]}
    mean = sum(float(row["nominal"]) for row in rows[30:]) / 30
    assert mean == pytest.approx(document["judged"]["nominal"]["expected"])
    assert "What it gains, what it costs" in (out / "report.html").read_text(encoding="utf-8")


def test_the_same_seed_gives_the_same_choice(done: tuple[Path, Path, dict[str, object]], tmp_path: Path) -> None:
    scenario, _, document = done
    out = tmp_path / "again"
    again = call("robust", scenario, "--out", out, "--futures", 60, "--workers", 1, "--json")
    assert json.loads(again.stdout)["judged"] == document["judged"]


def test_the_reserve_may_be_used_and_is_told(tmp_path: Path) -> None:
    """All must over the bridge: leaving sooner than the plan's share of the capacity lets them is all that helps."""
    scenario, out = river(tmp_path / "river"), tmp_path / "out"
    settings, sites = scenario / "scenario.toml", scenario / "site.csv"
    settings.write_text(settings.read_text().replace("capacity_factor = 1.0", "capacity_factor = 0.8"))
    sites.write_text("site_id,name,node_id,beds\nbank,Bank,4,900\n")
    result = call("robust", scenario, "--out", out, "--futures", 60, "--workers", 1, "--json")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert (document["chosen"], document["scenario"]) == ("no-reserve", "scenario")
    assert document["check"]["ok"]
    assert call("check", out / "scenario", out / "plan").exit_code == 0
    assert call("check", scenario, out / "plan").exit_code != 0
    # lost at t minutes, the bridge has let 20 a minute instead of 16 pass since the 15th: 4 t more, t in 27 to 42
    assert 4 * 12 - 10 <= document["judged"]["difference"]["cvar"]["value"] <= 4 * 27
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "nothing of the capacities in reserve: it is feasible in the folder scenario beside this page" in page
    assert "clearway check scenario plan" in page
    assert "DIR/" not in page
    assert f"feasible in {out / 'scenario'}, " in " ".join(robust_sentences(document, str(out / "scenario")))
    prepared = call("contingencies", out / "scenario", out / "plan", "--out", tmp_path / "ifs")
    assert prepared.exit_code == 0, prepared.stderr


def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    scenario, out = river(tmp_path / "river"), tmp_path / "out"
    message = refused("robust", scenario, "--out", out, "--measure", "best", "--alpha", 2, "--workers", 0)
    assert "--measure takes cvar or expected" in message
    assert "--alpha takes a share" in message
    assert "--workers takes a number" in message
    assert "--futures takes at least 20" in refused("robust", scenario, "--out", out, "--futures", 3)
    certain = river(tmp_path / "certain", without="uncertainty")
    assert "says of nothing that it is uncertain" in refused("robust", certain, "--out", out)
    assert not out.exists()
