"""From a text to a plan and back, by the commands of docs/ledger.md, run as they stand there."""

from __future__ import annotations

import csv
import json
import re
import shlex
from pathlib import Path

import pytest
from tests.ledger.documents.hostile import CASES, Case, write
from tests.ledger.small import NOON, accepted, chain, claim, report
from typer.testing import CliRunner, Result

from clearway.cli.app import app
from clearway.ledger.entries import ReportAdded
from clearway.ledger.store import open_store
from clearway.workflow.ledger import Asked, believe_situation

PAGE = Path(__file__).parents[2] / "docs" / "ledger.md"
SMALL = [case for case in CASES if isinstance(case.make, bytes)]


def call(words: list[str]) -> Result:
    result = CliRunner().invoke(app, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def documented() -> list[str]:
    """The lines of the page's section on the way from a text to a plan."""
    text = PAGE.read_text(encoding="utf-8").split("\n## From a text to a plan, and back\n", 1)[1]
    block = re.search(r"```sh\n(.*?)```", text, re.S)
    assert block is not None
    return block.group(1).splitlines()


def closures(folder: Path) -> list[dict[str, str]]:
    with (folder / "availability.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["source"] == "ledger"]


def test_a_text_closes_a_road_until_its_claim_is_withdrawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    seen, n_steps = [], 0
    for line in documented():
        words, _, out = line.partition(" > ")
        program, *arguments = shlex.split(words)
        n_steps += 1
        if program == "echo":
            Path(out).write_text(arguments[0] + "\n", encoding="utf-8")
            continue
        assert program == "clearway"
        done = call(arguments)
        assert done.exit_code == 0, (line, done.output)
        if out:
            Path(out).write_text(done.stdout, encoding="utf-8")
        if arguments[:2] == ["ledger", "situation"]:
            seen.append(closures(Path("demo")))
        if arguments[0] == "plan":
            seen.append(Path(arguments[-1], "report.html").read_text(encoding="utf-8"))
    first, with_claim, second, without = seen
    assert n_steps >= 9
    assert [(row["target"], row["capacity_factor"], row["report_id"]) for row in first] == [
        ("crossing:antonivskyi", "0", "news-0a2494")
    ]
    assert second == []
    assert "Ann Lee" in with_claim
    assert "Ann Lee" not in without


def test_proposals_are_taken_by_add_and_by_import_alike(tmp_path: Path) -> None:
    text, entries = tmp_path / "news.txt", tmp_path / "entries.jsonl"
    text.write_text(
        'The bridge is closed, Mayor Ann Lee said.\nOmar Haddad said: "The ferry runs."\n', encoding="utf-8"
    )
    entries.write_text(call(["ledger", "read", str(text), "--mode", "patterns", "--entries"]).stdout, encoding="utf-8")
    claims = []
    for verb in ("add", "import"):
        ledger = str(tmp_path / f"{verb}.sqlite")
        done = call(["ledger", verb, str(entries), "--ledger", ledger])
        assert done.exit_code == 0, done.output
        claims.append(json.loads(call(["ledger", "list", "--ledger", ledger, "--json"]).stdout)["claims"])
    assert claims[0] == claims[1]
    assert len(claims[0]) >= 2
    assert {each["status"] for each in claims[0]} == {"open"}


def test_five_outlets_that_quote_each_other_weigh_as_one(tmp_path: Path) -> None:
    outlets = [f"Outlet {letter}" for letter in "ABCDE"]
    alone = [claim("c0", chain=chain("the mayor", outlets[0]), report_id="r0")]
    # each next one heard it from the outlet before it; what its readers see as the speaker is that outlet
    echoes = [
        claim(f"c{i}", speaker=outlets[i - 1], chain=chain(outlets[i - 1], outlets[i]), report_id=f"r{i}")
        for i in range(1, 5)
    ]
    found = []
    for name, claims in (("alone", alone), ("echoed", [*alone, *echoes])):
        with open_store(tmp_path / f"{name}.sqlite") as store:
            store.append(
                [ReportAdded(report(f"r{i}", outlet=o, text=f"{o} says so")) for i, o in enumerate(outlets)], "x"
            )
            store.append(accepted(*claims, grade="B2"), "x")
            (belief,) = believe_situation(store, Asked(NOON), {}).beliefs
        found.append(belief)
    assert len(found[1].voices) == 5
    assert sum(voice.counts for voice in found[1].voices) == 1
    assert found[1].p_closed == found[0].p_closed


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_a_hostile_file_is_not_read(case: Case, tmp_path: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_text("The bridge is closed, the mayor said.", encoding="utf-8")
    done = call(["ledger", "read", str(good), str(write(case, tmp_path)), "--mode", "patterns"])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert case.name in done.output


def test_an_alert_and_a_page_are_read(tmp_path: Path) -> None:
    from tests.ledger.documents.alerts import ALERT

    alert, page = tmp_path / "alert.cap", tmp_path / "page.html"
    alert.write_text(ALERT, encoding="utf-8")
    page.write_text(
        "<html><title>T</title><p>The bridge is closed, Mayor Ann Lee said.<script>alert(1)</script></html>"
    )
    done = call(["ledger", "read", str(alert), str(page), "--mode", "patterns", "--json"])
    assert done.exit_code == 0, done.output
    first, second = json.loads(done.stdout)["reports"]
    assert first["report_id"].startswith("alert-")
    assert [each["speaker"] for each in second["claims"] if each["attributed"]] == ["Ann Lee"]
    assert "alert(1)" not in done.stdout


def test_files_of_one_name_in_two_folders_are_two_reports(tmp_path: Path) -> None:
    names = []
    for i, words in enumerate(["The bridge is closed", "The ferry runs", "The bridge is closed"]):
        folder = tmp_path / str(i)
        folder.mkdir()
        (folder / "news.txt").write_text(f"{words}, Mayor Ann Lee said.", encoding="utf-8")
        done = call(["ledger", "read", str(folder / "news.txt"), "--mode", "patterns", "--json"])
        names.append(json.loads(done.stdout)["reports"][0]["report_id"])
    assert names[0] != names[1]
    assert names[0] == names[2], "the same text gets the same name"


def test_what_a_document_leaves_open_is_told(tmp_path: Path) -> None:
    mail = tmp_path / "bulletin.eml"
    mail.write_bytes(b"From: a@example.org\nDate: some day\nSubject: S\n\nThe bridge is closed, Mayor Ann Lee said.\n")
    done = call(["ledger", "read", str(mail), "--mode", "patterns", "--json"])
    assert done.exit_code == 0, done.output
    assert "'some day' has no offset" in json.loads(done.stdout)["reports"][0]["notes"][0]
    assert "'some day' has no offset" in call(["ledger", "read", str(mail), "--mode", "patterns"]).stderr
