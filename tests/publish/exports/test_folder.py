"""The folder of an export: whole or not at all, ids that lead back, nothing foreign lost."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.tiny_plan import tiny_plan, tiny_scenario

from clearway.errors import OutputError, UsageError
from clearway.publish.exports import folder as exports
from clearway.publish.exports.folder import element, write_export
from clearway.publish.exports.gmns import export_gmns
from clearway.publish.exports.matsim import export_matsim
from clearway.publish.exports.sumo import export_sumo
from clearway.publish.exports.uxsim import export_uxsim

ALL = [export_sumo, export_matsim, export_uxsim, export_gmns]


@pytest.mark.parametrize("export", ALL)
def test_everybody_planned_is_in_it(export, tmp_path: Path) -> None:
    write_export(tmp_path / "out", *export(tiny_plan(), tiny_scenario()))
    said = json.loads((tmp_path / "out" / "export.json").read_text())
    assert (said["persons"], said["persons_planned"], said["persons_left_out"]) == (1350, 1350, 150)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == said["files"]
    with (tmp_path / "out" / "vehicles.csv").open(encoding="utf-8") as file:
        vehicles = list(csv.DictReader(file))
    assert len(vehicles) == said["vehicles"] == 480
    by_zone = {zone: sum(float(v["persons"]) for v in vehicles if v["zone_id"] == zone) for zone in ("north", "south")}
    assert by_zone == pytest.approx({"north": 900, "south": 450})


@pytest.mark.parametrize("export", ALL[:3])
def test_every_id_leads_back(export) -> None:
    files, _ = export(tiny_plan(), tiny_scenario())
    ids = {(row["kind"], row["export_id"]): row for row in csv.DictReader(io.StringIO(files["ids.csv"]))}
    assert ids["link", "e2"]["clearway_id"] == "bridge"
    assert ids["node", "n4"]["name"] == "Place S1"
    assert ids["route", "r1"]["clearway_id"] == "r2"


def test_an_earlier_export_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_export(out, {"a.txt": "1"}, {})
    write_export(out, {"b.txt": "2"}, {})
    assert sorted(path.name for path in out.iterdir()) == ["b.txt", "export.json"]
    (out / "thesis.tex").write_text("years of work")
    with pytest.raises(UsageError, match=r"thesis\.tex, which no export wrote"):
        write_export(out, {"c.txt": "3"}, {})
    with pytest.raises(UsageError, match="is a file"):
        write_export(out / "thesis.tex", {"c.txt": "3"}, {})
    assert (out / "thesis.tex").read_text() == "years of work"


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("clearway.publish.plan_folder.write_file", full)
    with pytest.raises(OutputError, match="No space left"):
        write_export(tmp_path / "deep" / "out", {"a.txt": "1"}, {})
    assert list(tmp_path.iterdir()) == []


def test_elements_hold_any_text() -> None:
    words = "<&>\"' \x00\x1f\ud800 Ї 𝄞"
    found = ElementTree.fromstring(element("a", name=words, none=None, from_=1.5).encode("utf-8"))
    assert found.attrib == {"name": "<&>\"' ??? Ї 𝄞", "from": "1.5"}
    assert exports.number(0.0) == "0"
    assert exports.number(1200.0) == "1200"
