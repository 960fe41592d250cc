"""Forms from the command line to the plan folder and back, with what is wrong told at once."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from tests.ingest.conftest import Tiny
from tests.test_cli import call, listing, refused
from tests.tiny_plan import tiny_plan, tiny_scenario

from clearway.errors import InputError, UsageError
from clearway.ingest.plan_folder import read_plan
from clearway.model.form import Contraflow, Form, Price, Reserve, Reversal
from clearway.publish.plan_folder import write_plan
from clearway.publish.schema import plan_schema
from clearway.workflow.forms import FormRequest, resolve_form

FORM = Form(
    routes_per_zone=1, routes_of_zone=(("north", 3),), is_convergent=True, wave_s=1800.0, waves=2,
    reserves=(Reserve("crossing:old_bridge", (2, 3), share=0.25), Reserve("link:ac", (0,), veh_per_h=60.0)),
    contraflow=Contraflow(2, 3600.0, 0.5), reversals=(Reversal(2, 3600.0, 1.0, 'Old "Bridge", C to D'),),
)  # fmt: skip


def test_a_form_and_its_price_are_read_back_as_they_were(tmp_path: Path) -> None:
    plan = replace(tiny_plan(), form=FORM, price=Price(1500.0, 1350.0, 1490.0, 1600.0, 1400.0))
    write_plan(plan, tiny_scenario(), tmp_path / "plan")
    again = read_plan(tmp_path / "plan", tiny_scenario())
    assert again.form == FORM
    assert again.price == plan.price
    document = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, plan_schema())
    assert document["form"]["price"]["extra_share"] == pytest.approx(1680 / 1500 - 1)
    with (tmp_path / "plan" / "reversals.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {"segment": 'Old "Bridge", C to D', "link_id": "bridge", "opposite_link_id": "-bridge", "from_s": "3600",
         "lanes": "1"}
    ]  # fmt: skip
    write_plan(tiny_plan(), tiny_scenario(), tmp_path / "plan")  # over it: the table goes
    assert not (tmp_path / "plan" / "reversals.csv").exists()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"link:ac"', '"link:zz"', "form.reserves[1].target"),
        ('"link_id": "bridge"', '"link_id": "br"', "form.reversals[0].link_id"),
        ('"waves": 2', '"waves": -2', "a form that can be"),
        ('"waves": 2', '"waves": "2"', "form.waves"),
        ('"crews": 2', '"crews": 0', "a form that can be"),
    ],
)
def test_a_faulty_form_is_named(tmp_path: Path, old: str, new: str, expected: str) -> None:
    write_plan(replace(tiny_plan(), form=FORM, price=None), tiny_scenario(), tmp_path / "plan")
    path = tmp_path / "plan" / "plan.json"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match="fault") as caught:
        read_plan(tmp_path / "plan", tiny_scenario())
    assert any(expected in str(fault) for fault in caught.value.faults), caught.value


def test_all_options_at_once_from_scenario_to_page(tmp_path: Path) -> None:
    scenario, out = Tiny(tmp_path / "tiny").write(), tmp_path / "plan"
    planned = call(
        "plan", scenario, "--out", out, "--time-limit", 20, "--routes-per-zone", 1, "--routes-per-zone", "west=2",
        "--convergent", "--wave-min", 10, "--waves", 3, "--reserve", "crossing:bridge=10%", "--contraflow", "auto",
        "--crews", 2, "--lead-h", 1.5,
    )  # fmt: skip
    assert (planned.exit_code, planned.stderr) == (0, "")
    assert "one way a zone (west 2); one way out of each junction at a time" in planned.stdout
    assert "The plan without any of it moves" in planned.stdout
    assert call("check", scenario, out).stdout.splitlines()[-1] == "the plan holds"
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "The plan keeps to a form" in page
    (out / "report.html").unlink()
    call("report", scenario, out)
    assert "The plan keeps to a form" in (out / "report.html").read_text(encoding="utf-8")


def test_what_scenario_toml_says_holds_unless_the_command_does(tmp_path: Path) -> None:
    tiny = Tiny(tmp_path / "tiny").change(
        "scenario.toml", "[files]", '[contraflow]\ncrews = 3\nlead_h = 2\n[reserve]\n"link:a" = "90 veh/h"\n[files]'
    )
    found = tiny.read()
    assert found.warnings == ()
    link = found.network.link_index("a")
    kept = resolve_form(found, FormRequest())
    assert kept == Form(reserves=(Reserve("link:a", (link, int(found.network.reverse[link])), veh_per_h=90.0),))
    assert resolve_form(found, FormRequest(reserves=("none",))) is None
    asked = resolve_form(found, FormRequest(reserves=("none",), contraflow="auto", crews=1))
    assert asked == Form(contraflow=Contraflow(1, 7200.0, 0.0))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[files]", "[contraflow]\ncrews = 1.5\n[files]", "a whole number from 1"),
        ("[files]", "[contraflow]\nlead_h = -1\n[files]", "contraflow.lead_h"),
        ("[files]", "[contraflow]\nkept_share = 1\n[files]", "contraflow.kept_share"),
        ("[files]", "[reserve]\nbridge = 0.5\n[files]", "crossing:old-bridge"),
        ("[files]", '[reserve]\n"link:a" = []\n[files]', "a share such as"),
        ("crs", "reserve = 3\ncrs", "a table [reserve]"),
    ],
)
def test_a_faulty_setting_is_named_with_its_file(tmp_path: Path, old: str, new: str, expected: str) -> None:
    tiny = Tiny(tmp_path / "tiny").change("scenario.toml", old, new)
    with pytest.raises(InputError) as caught:
        tiny.read()
    assert any(expected in str(fault) and fault.file == "scenario.toml" for fault in caught.value.faults), caught.value


def test_everything_wrong_with_a_form_is_told_at_once_and_nothing_written(tmp_path: Path) -> None:
    scenario = Tiny(tmp_path / "tiny").write()
    before = listing(tmp_path)
    told = refused(
        "plan", scenario, "--out", tmp_path / "plan", "--routes-per-zone", "0", "--routes-per-zone", "tow=2",
        "--wave-min", "-5", "--waves", "0", "--reserve", "crossing:brige=0.5", "--reserve", "link:a=150%",
        "--crews", "2", "--lead-h", "1",
    )  # fmt: skip
    for words in (
        "--routes-per-zone takes a number", "no zone 'tow'; did you mean 'town'", "--wave-min takes", "--waves takes",
        "did you mean 'crossing:bridge'", "'150%' is not a share", "--crews, --lead-h is about reversing",
    ):  # fmt: skip
        assert words in told
    assert listing(tmp_path) == before


@pytest.mark.parametrize(
    "request_",
    [
        FormRequest(contraflow="all"),
        FormRequest(contraflow="auto", crews=0),
        FormRequest(contraflow="auto", lead_h=12.0),
        FormRequest(contraflow="auto", kept_share=1.0),
        FormRequest(reserves=("crossing:bridge",)),
        FormRequest(reserves=("crossing:bridge=0",)),
        FormRequest(reserves=("crossing:bridge=5 cars",)),
        FormRequest(wave_min=20_000.0),
    ],
)
def test_a_request_that_cannot_be(tmp_path: Path, request_: FormRequest) -> None:
    with pytest.raises(UsageError):
        resolve_form(Tiny(tmp_path / "tiny").read(), request_)
