"""`clearway ledger export`, `import`, `contradictions`, as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.ledger.claims_in_a_line import at, claim
from tests.ledger.documents.alerts import ALERT
from tests.ledger.documents.hostile import CASES, Case, write
from tests.ledger.exchange.strategies import START
from typer.testing import CliRunner, Result

from clearway.cli.app import app
from clearway.ledger.claims import Claim
from clearway.ledger.encoding import claim_to, report_to
from clearway.ledger.reports import Report

SMALL = [case for case in CASES if isinstance(case.make, bytes)]


def call(*words: object) -> Result:
    result = CliRunner().invoke(app, ["ledger", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def claims() -> list[Claim]:
    bridge = {"frame": "status", "targets": ("crossing:old-bridge",), "said": at("3 14:00")}
    return [
        claim("c1", "the bridge is open", "s:Ilse Brandt > o:Kurier", state="open", **bridge),
        claim("c2", "the bridge is closed", "s:Omar Haddad > o:Wire", state="closed", **bridge),
    ]


def lines(folder: Path) -> Path:
    report = Report("r1", "The bridge is open. The bridge is closed.", START, "desk", outlet="Kurier")
    documents = [{"kind": "report", "body": report_to(report)}]
    documents += [{"kind": "claim", "body": claim_to(each)} for each in claims()]
    path = folder / "proposals.jsonl"
    path.write_text("\n".join(json.dumps(each) for each in documents), encoding="utf-8")
    return path


def test_contradictions_of_a_file_stand_side_by_side(tmp_path: Path) -> None:
    done = call("contradictions", lines(tmp_path))
    assert done.exit_code == 0
    assert done.stdout.split("\n")[:-1] == [
        "status against status (hard) at crossing:old-bridge: open and closed at the same time",
        "  c1  Ilse Brandt: the bridge is open",
        "  c2  Omar Haddad: the bridge is closed",
        "1 contradiction, 1 hard, 0 operational",
    ]
    (found,) = json.loads(call("contradictions", lines(tmp_path), "--json").stdout)["contradictions"]
    assert (found["first"]["claim_id"], found["second"]["claim_id"]) == ("c1", "c2")


def test_a_bad_time_and_a_bad_name_are_told(tmp_path: Path) -> None:
    pytest.importorskip("clearway.ledger.store")
    assert call("contradictions", lines(tmp_path), "--as-of", "noon").exit_code == 2
    assert call("contradictions", lines(tmp_path), "--as-of", "2026-05-01T12:00").exit_code == 2
    done = call("export", tmp_path / "out.xlsx", "--ledger", tmp_path / "ledger.sqlite")
    assert done.exit_code == 2
    assert ".jsonl" in done.output


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_a_hostile_file_enters_nothing(case: Case, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"
    good = tmp_path / "good.txt"
    good.write_text("The bridge is closed.", encoding="utf-8")
    done = call("import", good, write(case, tmp_path), "--ledger", ledger)
    assert done.exit_code == 2
    assert case.name in done.output
    assert not ledger.exists()


def test_a_ledger_goes_out_and_comes_in_whole(tmp_path: Path) -> None:
    pytest.importorskip("clearway.ledger.store")
    first, second, out = tmp_path / "a.sqlite", tmp_path / "b.sqlite", tmp_path / "out.jsonl"
    done = call("import", lines(tmp_path), "--ledger", first)
    assert done.output.strip() == "1 reports, 2 claims entered"
    assert call("export", out, "--ledger", first).exit_code == 0
    assert call("import", out, "--ledger", second).exit_code == 0
    again = tmp_path / "again.jsonl"
    assert call("export", again, "--ledger", second).exit_code == 0
    assert again.read_bytes() == out.read_bytes()
    done = call("import", out, "--ledger", second)
    assert done.output.strip() == "0 reports, 0 claims entered; 3 were there already"
    assert "1 hard" in call("contradictions", "--ledger", second).stdout


def test_tables_and_provenance_go_out(tmp_path: Path) -> None:
    pytest.importorskip("clearway.ledger.store")
    ledger = tmp_path / "ledger.sqlite"
    assert call("import", lines(tmp_path), "--ledger", ledger).exit_code == 0
    for name in ("claims.csv", "prov.json"):
        assert call("export", tmp_path / name, "--ledger", ledger).exit_code == 0
    assert "#meta+id+claim" in (tmp_path / "claims.csv").read_text(encoding="utf-8")
    assert "wasDerivedFrom" in json.loads((tmp_path / "prov.json").read_text(encoding="utf-8"))
    other = tmp_path / "other.sqlite"
    done = call("import", tmp_path / "claims.csv", "--ledger", other)
    assert done.output.strip() == "1 reports, 2 claims entered"


def test_an_alert_becomes_a_report_with_its_area(tmp_path: Path) -> None:
    pytest.importorskip("clearway.ledger.store")
    path, ledger, out = tmp_path / "alert.cap", tmp_path / "ledger.sqlite", tmp_path / "out.jsonl"
    path.write_text(ALERT, encoding="utf-8")
    assert json.loads(call("import", path, "--ledger", ledger, "--json").stdout)["reports"] == 1
    assert json.loads(call("import", path, "--ledger", ledger, "--json").stdout)["known"] == 1
    assert call("export", out, "--ledger", ledger).exit_code == 0
    (line,) = out.read_text(encoding="utf-8").splitlines()
    assert "Polygon: 47.54,9.67 47.56,9.67 47.56,9.7 47.54,9.67" in json.loads(line)["body"]["text"]


def test_a_claim_without_its_report_is_told(tmp_path: Path) -> None:
    pytest.importorskip("clearway.ledger.store")
    path, ledger = tmp_path / "claims.jsonl", tmp_path / "ledger.sqlite"
    path.write_text("\n".join(json.dumps({"kind": "claim", "body": claim_to(each)}) for each in claims()))
    done = call("import", path, "--ledger", ledger)
    assert done.exit_code == 2
    assert "claims.jsonl, line 1: there is no report 'r1' before it" in done.output
    assert "claims.jsonl, line 2" in done.output
    assert not ledger.exists()
