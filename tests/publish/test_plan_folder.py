"""The plan folder: what is written is read back and passes check; it is there whole, or as it was before."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from tests.tiny_plan import tiny_certificate, tiny_plan, tiny_scenario

from clearway.check import check_plan
from clearway.errors import OutputError, UsageError
from clearway.ingest.plan_folder import read_plan
from clearway.model.plan import BoundKind, Plan
from clearway.publish.figures import differing_figures, plan_figures
from clearway.publish.plan_folder import write_plan
from clearway.publish.schema import certificate_schema, plan_schema, schema_files, write_schemas

DOCS = Path(__file__).parents[2] / "docs"
FILES = {"plan.json", "movements.csv", "routes.csv", "routes.geojson", "certificate.json"}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_plan_is_read_back_as_it_was_and_passes_check(tmp_path: Path) -> None:
    scenario, plan = tiny_scenario(), tiny_plan()
    write_plan(plan, scenario, tmp_path / "out" / "plan")
    assert names(tmp_path / "out" / "plan") == FILES
    assert names(tmp_path / "out") == {"plan"}
    again = read_plan(tmp_path / "out" / "plan", scenario)
    assert_same(again, plan)
    assert check_plan(scenario, again).is_ok
    stated = json.loads((tmp_path / "out" / "plan" / "plan.json").read_text())["figures"]
    assert stated == plan_figures(again, scenario)
    assert differing_figures(stated, again, scenario) == []


def assert_same(one: Plan, other: Plan) -> None:
    for part in ("routes", "movements", "certificate"):
        a, b = getattr(one, part), getattr(other, part)
        for name in type(a).__dataclass_fields__:
            left, right = getattr(a, name), getattr(b, name)
            if isinstance(left, np.ndarray):
                np.testing.assert_allclose(left, right, rtol=1e-11)
                assert left.dtype == right.dtype
            else:
                assert left == right, name
    for name in Plan.__dataclass_fields__:
        left, right = getattr(one, name), getattr(other, name)
        if isinstance(left, np.ndarray):
            np.testing.assert_allclose(left, right, rtol=1e-11)
        elif name not in ("routes", "movements", "certificate", "further_certificates"):
            assert left == right, name
    assert len(one.further_certificates) == len(other.further_certificates)


def test_further_certificates_directions_and_odd_settings_come_back(tmp_path: Path) -> None:
    further = replace(tiny_certificate(), kind=BoundKind.EVACUATED, direction="east", open_zones=(0,), paid_sites=(1,))
    plan = replace(
        tiny_plan(),
        further_certificates=(further, further),
        settings=(("routes", (1, 2)), ("note", None), ("path", Path("x")), ("limit", float("inf"))),
    )
    write_plan(plan, tiny_scenario(), tmp_path / "plan")
    again = read_plan(tmp_path / "plan", tiny_scenario())
    assert again.settings == (("routes", (1, 2)), ("note", None), ("path", "x"), ("limit", None))
    assert again.further_certificates[1].direction == "east"
    assert again.further_certificates[0].open_zones == (0,)
    assert again.further_certificates[0].paid_sites == (1,)


def test_the_tables_are_as_documented(tmp_path: Path) -> None:
    write_plan(tiny_plan(), tiny_scenario(), tmp_path / "plan")
    with (tmp_path / "plan" / "movements.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[1] == {
        "movement_id": "m2",
        "zone_id": "north",
        "site_id": "camp",
        "route_id": "r1",
        "mode": "auto",
        "depart_from_s": "360",
        "depart_until_s": "660",
        "vehicles": "150",
        "persons": "450",
    }
    lines = (tmp_path / "plan" / "routes.csv").read_text().splitlines()
    assert lines[:4] == ["route_id,sequence,link_id", "r1,0,ac", "r1,1,bridge", "r1,2,d1"]


def test_routes_on_a_map_follow_their_links(tmp_path: Path) -> None:
    write_plan(tiny_plan(), tiny_scenario(), tmp_path / "plan")
    collection = json.loads((tmp_path / "plan" / "routes.geojson").read_text())
    assert collection["type"] == "FeatureCollection"
    first = collection["features"][0]
    assert first["geometry"] == {
        "type": "LineString",
        "coordinates": [[32.0, 46.0], [32.1, 46.1], [32.11, 46.15], [32.1, 46.2], [32.0, 46.3]],  # the bridge bends
    }
    assert first["properties"] == {
        "route_id": "r1",
        "zone": "north",
        "site": "camp",
        "persons": 900,
        "vehicles": 300,
        "time_s": 1020,
        "length_m": 16000,
    }
    assert "clearway_crs" not in collection
    scenario = tiny_scenario()
    scenario = replace(scenario, network=replace(scenario.network, crs="local"))
    write_plan(tiny_plan(), scenario, tmp_path / "plan")
    assert json.loads((tmp_path / "plan" / "routes.geojson").read_text())["clearway_crs"] == "local"


def test_what_is_written_is_valid_by_the_published_schemas(tmp_path: Path) -> None:
    plan = replace(tiny_plan(), further_certificates=(replace(tiny_certificate(), kind=BoundKind.EVACUATED),))
    write_plan(plan, tiny_scenario(), tmp_path / "plan", {"report.html": "<p>"})
    for name, schema in (("plan.json", plan_schema()), ("certificate.json", certificate_schema())):
        document = json.loads((tmp_path / "plan" / name).read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(document)
        document["surprise"] = 1
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(schema).validate(document)


def test_the_published_schemas_are_up_to_date(tmp_path: Path) -> None:
    """Otherwise: python -m clearway.publish.schema docs/schema"""
    for name, text in schema_files().items():
        assert (DOCS / "schema" / name).read_text(encoding="utf-8") == text
    write_schemas(tmp_path / "schema")
    assert names(tmp_path / "schema") == set(schema_files())


def test_a_certificate_says_what_it_proves(tmp_path: Path) -> None:
    further = replace(tiny_certificate(), kind=BoundKind.EVACUATED, direction="east")
    write_plan(replace(tiny_plan(), further_certificates=(further,)), tiny_scenario(), tmp_path / "plan")
    document = json.loads((tmp_path / "plan" / "certificate.json").read_text())
    assert document["proves"] == (
        "Nobody can bring all 480 vehicles to safety before 2022-10-15T06:27:59+03:00 (1679.9995 s from the start): "
        "no more than 479.99975 can cross this cut by then."
    )
    assert document["further"][0]["proves"] == (
        "Nobody can bring more than 479.99975 of the vehicles that go in direction east to safety "
        "by 2022-10-15T06:27:59+03:00 (1679.9995 s from the start)."
    )
    assert document["labels_s"] == {"A": 0, "B": 0, "C": 300, "D": 1379.9995, "S1": 1679.9995}  # S2 is never reached


def test_a_plan_is_replaced_whole(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    write_plan(tiny_plan(), tiny_scenario(), folder, {"report.html": "old", "sheet.txt": b"\x00"})
    (folder / ".DS_Store").write_text("")
    assert (folder / "sheet.txt").read_bytes() == b"\x00"
    write_plan(replace(tiny_plan(), seed=8), tiny_scenario(), folder, {"report.html": "new"})
    assert names(folder) == {*FILES, "report.html"}  # the old sheet was the old plan's own
    assert names(tmp_path) == {"plan"}
    assert (folder / "report.html").read_text() == "new"
    assert read_plan(folder, tiny_scenario()).seed == 8


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "plan").mkdir()
    write_plan(tiny_plan(), tiny_scenario(), tmp_path / "plan")
    assert names(tmp_path / "plan") == FILES


def test_the_folder_is_as_open_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    write_plan(tiny_plan(), tiny_scenario(), tmp_path / "plan")
    assert (tmp_path / "plan").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("foreign", ["notes.txt", "scenario.toml", "photos"])
def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path, foreign: str) -> None:
    folder = tmp_path / "plan"
    write_plan(tiny_plan(), tiny_scenario(), folder)
    (folder / foreign).mkdir() if foreign == "photos" else (folder / foreign).write_text("mine")
    with pytest.raises(UsageError, match=f"{foreign}.*name a folder that does not exist yet"):
        write_plan(replace(tiny_plan(), seed=8), tiny_scenario(), folder)
    assert read_plan(folder, tiny_scenario()).seed == 7
    assert names(folder) == {*FILES, foreign}


def test_a_folder_without_a_plan_and_a_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("mine")
    with pytest.raises(UsageError, match=r"holds report\.html"):
        write_plan(tiny_plan(), tiny_scenario(), tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        write_plan(tiny_plan(), tiny_scenario(), tmp_path / "report.html")
    assert names(tmp_path) == {"report.html"}


def test_a_broken_plan_json_gives_nothing_away(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "plan.json").write_text("[")
    (folder / "thesis.odt").write_text("mine")
    with pytest.raises(UsageError, match=r"thesis\.odt"):
        write_plan(tiny_plan(), tiny_scenario(), folder)


@pytest.mark.parametrize("name", ["../out.txt", "a/b", "plan.json", ""])
def test_further_files_have_plain_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a name for a further file"):
        write_plan(tiny_plan(), tiny_scenario(), tmp_path / "plan", {name: "x"})


@pytest.mark.parametrize("step", ["fsync", "rename the old one", "rename the new one"])
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_on_the_way_leaves_the_old_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, failure: BaseException
) -> None:
    folder = tmp_path / "plan"
    write_plan(tiny_plan(), tiny_scenario(), folder)
    calls = {"fsync": 0, "rename": 0}
    fsync, rename = os.fsync, Path.rename

    def failing_fsync(handle: int) -> None:
        calls["fsync"] += 1
        if step == "fsync" and calls["fsync"] == 3:  # in the middle of the files
            raise failure
        fsync(handle)

    def failing_rename(path: Path, target: Path) -> Path:
        calls["rename"] += 1
        if calls["rename"] == {"rename the old one": 1, "rename the new one": 2}.get(step):
            raise failure
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", failing_fsync)
    monkeypatch.setattr(Path, "rename", failing_rename)
    expected = OutputError if isinstance(failure, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write_plan(replace(tiny_plan(), seed=8), tiny_scenario(), folder)
    monkeypatch.undo()
    assert names(tmp_path) == {"plan"}
    assert read_plan(folder, tiny_scenario()).seed == 7


def test_a_failure_leaves_no_folder_where_there_was_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device; nothing was left behind"):
        write_plan(tiny_plan(), tiny_scenario(), tmp_path / "a" / "b" / "plan")
    assert names(tmp_path) == set()


def test_a_place_that_cannot_be_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((OutputError, UsageError)):
        write_plan(tiny_plan(), tiny_scenario(), tmp_path / "file" / "plan")


def test_ids_with_commas_and_quotes_survive(tmp_path: Path) -> None:
    scenario, plan = tiny_scenario(), tiny_plan()
    zones = (replace(scenario.zones[0], zone_id='no,"rth"'), scenario.zones[1])
    scenario = replace(scenario, zones=zones)
    plan = replace(plan, routes=replace(plan.routes, ids=("r 1", "маршрут")))
    write_plan(plan, scenario, tmp_path / "plan")
    again = read_plan(tmp_path / "plan", scenario)
    assert again.routes.ids == ("r 1", "маршрут")
    assert again.movements.zone.tolist() == [0, 0, 1]


def test_writing_needs_no_pydantic() -> None:
    code = "import sys, clearway.publish.plan_folder, clearway.ingest.plan_folder; print('pydantic' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "False"
