"""Reading a plan folder: faults are collected and named; a plan that is merely wrong is read for check to judge."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.tiny_plan import tiny_plan, tiny_scenario

from clearway.check import check_plan
from clearway.errors import InputError
from clearway.ingest.plan_folder import read_plan
from clearway.publish.plan_folder import write_plan

HORIZON = '"horizon_s": 1679.9995'  # of tests/tiny_plan.py


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_plan(tiny_plan(), tiny_scenario(), tmp_path / "plan")
    return tmp_path / "plan"


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Change a file's text; what is to be replaced must be there."""
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def edit_json(folder: Path, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads((folder / name).read_text())
    change(document)
    (folder / name).write_text(json.dumps(document))


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_plan(folder, tiny_scenario())
    return [str(fault) for fault in caught.value.faults]


EDITS: dict[str, tuple[str, str, str, str]] = {
    "no such zone": ("movements.csv", "m2,north", "m2,nord", "movements.csv, line 3, zone_id: found 'nord'"),
    "no such site": ("movements.csv", "camp", "comp", "movements.csv, line 2, site_id: found 'comp'"),
    "no such route": ("movements.csv", "r2", "r9", "movements.csv, line 4, route_id: found 'r9', expected an id that"),
    "no number": ("movements.csv", "360,660", "360,soon", "line 3, depart_until_s: found 'soon', expected a number"),
    "nan": ("movements.csv", "360,660", "360,nan", "line 3, depart_until_s: found 'nan', expected a number"),
    "blank": ("movements.csv", "360,660", "360,", "line 3, depart_until_s: found nothing"),
    "same id": ("movements.csv", "m2", "m1", "movements.csv, line 3, movement_id: found 'm1' again (first on line 2)"),
    "column missing": ("movements.csv", "vehicles", "cars", "movements.csv, line 1, vehicles: column missing"),
    "short row": ("movements.csv", "m2,north,", "m2,", "movements.csv, line 3: found 8 cells, expected 9"),
    "semicolons": ("routes.csv", "route_id,sequence,link_id", "route_id;sequence;link_id", "separated by ';'"),
    "no such link": ("routes.csv", "bridge", "ferry", "routes.csv, line 3, link_id: found 'ferry'"),
    "sequence twice": ("routes.csv", "r1,1", "r1,0", "sequence: found 0 again in route 'r1'"),
    "sequence no number": ("routes.csv", "r1,1", "r1,b", "routes.csv, line 3, sequence: found 'b'"),
    "route without id": ("routes.csv", "r1,1", ",1", "routes.csv, line 3, route_id: found nothing, expected an id"),
    "quotes": ("routes.csv", "r1,1", '"r1,1', "quotes that do not match"),
    "not JSON": ("plan.json", '"seed": 7', '"seed": seven', "plan.json, line 14: is not JSON: Expecting value"),
    "other version": ("plan.json", '"schema_version": 1', '"schema_version": 9', "schema_version: found 9"),
    "text for number": ("plan.json", '"gap": 0,', '"gap": "no",', "figures.gap: found 'no', expected a number or null"),
    "number for text": ("plan.json", '"status": "proven"', '"status": 3', "status: found 3, expected a text"),
    "reason unknown": (
        "plan.json",
        '"reason": "no vehicle"',
        '"reason": "no vehicles"',
        "figures.persons.zones[0].left_out[0].reason: found 'no vehicles', expected one of 'no vehicle'",
    ),
    "zone in figures unknown": ("plan.json", '"zone_id": "north"', '"zone_id": "N"', "zones[0].zone_id: found 'N'"),
    "zone twice": ("plan.json", '"zone_id": "south"', '"zone_id": "north"', "found 'north', expected each zone once"),
    "kind unknown": ("certificate.json", '"clearance"', '"clear"', "kind: found 'clear', expected 'clearance' or"),
    "node unknown": ("certificate.json", '"C": 300', '"Z": 300', "labels_s.Z: found 'Z', expected a node_id"),
    "label no number": ("certificate.json", '"C": 300', '"C": "300"', "labels_s.C: found '300', expected a number"),
    "open zone unknown": ("certificate.json", '"north"', '"nord"', "open_zones[0]: found 'nord'"),
    "direction no text": ("certificate.json", '"direction": null', '"direction": 1', "direction: found 1"),
    "horizon absent": ("certificate.json", '"horizon_s"', '"horizon"', "horizon_s: is missing, expected a number"),
    "horizon too long": ("certificate.json", HORIZON, f'"horizon_s": 1{"0" * 400}', "expected a number"),
    "horizon endless digits": ("certificate.json", HORIZON, f'"horizon_s": {"1" * 5000}', "not JSON"),
}  # fmt: skip


@pytest.mark.parametrize("way", EDITS)
def test_a_malformed_plan_folder_is_named(folder: Path, way: str) -> None:
    name, old, new, expected = EDITS[way]
    edit(folder, name, old, new)
    found = faults_of(folder)
    assert any(expected in fault for fault in found), found


@pytest.mark.parametrize("name", ["plan.json", "movements.csv", "routes.csv", "certificate.json"])
def test_a_missing_file_is_the_only_fault(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert faults_of(folder) == [f"{name}: file missing; a plan folder holds it"]


@pytest.mark.parametrize("name", ["plan.json", "movements.csv", "routes.csv", "certificate.json"])
@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"\xff\xfea\x00", b"[1, 2]", b"{", b"\xd0", b"null"])
def test_any_other_content_is_a_fault_and_no_traceback(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    assert any(fault.startswith(name) for fault in faults_of(folder))


def test_a_folder_for_a_file_and_no_folder_at_all(folder: Path, tmp_path: Path) -> None:
    (folder / "plan.json").unlink()
    (folder / "plan.json").mkdir()
    assert "cannot be read" in faults_of(folder)[0]
    assert "no such folder" in faults_of(tmp_path / "nothing")[0]


def test_faults_of_all_files_come_at_once(folder: Path) -> None:
    edit(folder, "movements.csv", "m2,north", "m2,nord")
    edit(folder, "routes.csv", "bridge", "ferry")
    edit(folder, "certificate.json", '"C": 300', '"Z": 300')
    edit(folder, "plan.json", '"status": "proven"', '"status": 3')
    files = [fault.split(",")[0] for fault in faults_of(folder)]
    assert set(files) == {"plan.json", "movements.csv", "routes.csv", "certificate.json"}


def test_a_plan_for_another_scenario_says_so_first(folder: Path) -> None:
    edit(folder, "plan.json", "a" * 64, "b" * 64)
    assert check_plan(tiny_scenario(), read_plan(folder, tiny_scenario())).codes == ("scenario",)
    edit(folder, "movements.csv", "m2,north", "m2,nord")
    assert "made for another scenario" in faults_of(folder)[0]


# A plan folder that can be read and is wrong: what check says of it
WRONG: dict[str, tuple[Callable[[Path], None], str]] = {
    "a rate too high": (lambda f: edit(f, "movements.csv", "360,660", "360,659.7"), "rate"),
    "a person lost": (lambda f: edit(f, "movements.csv", "150,450", "150,449"), "lost"),
    "a departure too late": (lambda f: edit(f, "movements.csv", "360,660", "3660,3960"), "departure"),
    "a link taken out": (lambda f: edit(f, "routes.csv", "r1,1,bridge\n", ""), "route"),
    "negative vehicles": (lambda f: edit(f, "movements.csv", "150,450", "-150,450"), "amount"),
    "a bound too high": (
        lambda f: edit(f, "plan.json", '"clearance_lower_bound_s": 1680', '"clearance_lower_bound_s": 1700'),
        "bound",
    ),
    "a label changed": (lambda f: edit(f, "certificate.json", '"C": 300', '"C": 290'), "cut"),
    "a label taken out": (lambda f: edit(f, "certificate.json", '"C": 300,', ""), "cut"),
    "a horizon moved": (lambda f: edit(f, "certificate.json", HORIZON, '"horizon_s": 1690'), "bound"),
    "left out made fewer": (lambda f: edit(f, "plan.json", '"persons": 50', '"persons": 40'), "lost"),
    "no gap": (lambda f: edit(f, "plan.json", '"gap": 0,', '"gap": null,'), "gap"),
}


@pytest.mark.parametrize("way", WRONG)
def test_a_wrong_plan_is_read_and_check_names_it(folder: Path, way: str) -> None:
    change, code = WRONG[way]
    change(folder)
    assert code in check_plan(tiny_scenario(), read_plan(folder, tiny_scenario())).codes


def test_rows_and_columns_may_come_in_any_order(folder: Path) -> None:
    lines = (folder / "routes.csv").read_text().splitlines()
    cells = [line.split(",") for line in lines]
    turned = [",".join([c, "note", b, a]) for a, b, c in [cells[0], *reversed(cells[1:])]]
    (folder / "routes.csv").write_text("\ufeff" + "\r\n".join(turned) + "\r\n")
    plan = read_plan(folder, tiny_scenario())
    assert plan.routes.ids == ("r2", "r1")
    assert plan.routes.of(1).tolist() == [0, 2, 4]
    assert check_plan(tiny_scenario(), plan).is_ok


def test_a_certificate_by_somebody_else_needs_labels_only(folder: Path) -> None:
    def strip(document: dict[str, Any]) -> None:
        for name in ("open_zones", "paid_sites", "direction", "proves", "further", "schema_version", "scenario_hash"):
            del document[name]
        document["labels_s"]["S2"] = None

    edit_json(folder, "certificate.json", strip)
    plan = read_plan(folder, tiny_scenario())
    # both zones are ready at 0 and reached at 0; S1 is reached at 1,680 s: not before the horizon, so nobody pays
    assert plan.certificate.open_zones == (0, 1)
    assert plan.certificate.paid_sites == ()
    assert plan.certificate.labels_s[5] == math.inf
    assert check_plan(tiny_scenario(), plan).is_ok
    edit_json(folder, "certificate.json", lambda d: d["labels_s"].update({"A": 1, "S1": 1679}))
    plan = read_plan(folder, tiny_scenario())
    assert (plan.certificate.open_zones, plan.certificate.paid_sites) == ((1,), (0,))


def test_an_empty_plan_is_read(folder: Path) -> None:
    for name in ("movements.csv", "routes.csv"):
        (folder / name).write_text((folder / name).read_text().splitlines()[0] + "\n")
    plan = read_plan(folder, tiny_scenario())
    assert len(plan.movements) == len(plan.routes) == 0
    assert "lost" in check_plan(tiny_scenario(), plan).codes


def test_latest_starts_and_curves_come_back(folder: Path) -> None:
    plan = read_plan(folder, tiny_scenario())
    assert plan.last_start_s[0] == 60
    assert np.isnan(plan.last_start_s[1])
    assert plan.bound_curve_persons.tolist() == [0, 0, 1350]
    edit_json(folder, "plan.json", lambda d: d["figures"]["bound_curve"]["persons"].append(1))
    assert "as many numbers as in time_s" in faults_of(folder)[0]


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.integers(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["plan.json", "certificate.json"]), data=st.data())
def test_no_json_value_anywhere_leads_to_a_traceback(folder: Path, name: str, data: st.DataObject) -> None:
    """Any member replaced by anything: a plan that check can judge, or faults."""
    before = (folder / name).read_text()
    document = json.loads(before)
    parent, key = document, data.draw(st.sampled_from(sorted(document)))
    while isinstance(parent[key], dict | list) and parent[key] and data.draw(st.booleans()):
        parent = parent[key]
        key = data.draw(st.sampled_from(sorted(parent) if isinstance(parent, dict) else range(len(parent))))
    parent[key] = data.draw(json_values)
    (folder / name).write_text(json.dumps(document))
    with suppress(InputError):
        check_plan(tiny_scenario(), read_plan(folder, tiny_scenario()))
    (folder / name).write_text(before)
