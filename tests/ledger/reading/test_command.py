"""`clearway ledger read`, as a user calls it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from clearway.examples import write_example

TEXT = """\
Bridge news
The Antonivsky bridge is closed to all traffic, Mayor Ann Lee said on Thursday on Telegram.
According to the UN refugee agency, more than 70,000 people have crossed the river since the start of October.
"""


def clearway(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from clearway.cli import main; main()", *arguments],
        capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "news.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_claims_of_a_text_about_a_scenario(text: Path, tmp_path: Path) -> None:
    write_example("kherson", tmp_path / "kherson")
    ran = clearway(
        "ledger", "read", str(text), "--scenario", str(tmp_path / "kherson"), "--published", "2022-10-15T10:00",
        "--timezone", "Europe/Kyiv", "--mode", "patterns",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    closed = next(line for line in lines if line["speaker"] == "Ann Lee")
    assert closed["about"]["crossings"] == ["antonivskyi"]
    assert closed["about"]["state"] == "closed"
    assert [(s["name"], s["role"]) for s in closed["chain"]][:2] == [("Ann Lee", "speaker"), ("Telegram", "medium")]
    assert closed["said"]["start"] == "2022-10-13T00:00:00+03:00"
    crossed = next(line for line in lines if "70,000" in line["statement"])
    assert crossed["about"]["quantities"][0]["least"] == 70_000
    assert crossed["about"]["frame"] == "movement"
    assert TEXT[closed["span"]["start"] : closed["span"]["end"]] == closed["span"]["text"]
    assert "Nothing is accepted yet" in ran.stderr


def test_json_is_one_document_and_entries_carry_the_report(text: Path) -> None:
    whole = json.loads(clearway("ledger", "read", str(text), "--mode", "patterns", "--json").stdout)
    assert whole["reports"][0]["read_by"] == "patterns"
    entries = [
        json.loads(e)
        for e in clearway("ledger", "read", str(text), "--mode", "patterns", "--entries").stdout.splitlines()
    ]
    assert entries[0]["kind"] == "report"
    assert entries[0]["body"]["text"] == TEXT.strip()  # a document keeps no blank lines at its ends
    assert [e["body"]["report_id"][:5] for e in entries] == ["news-"] * len(entries)
    assert len({e["body"]["report_id"] for e in entries}) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--published", "Thursday"], "--published takes a time"),
        (["--published", "2022-10-15T10:00"], "needs an offset"),
        (["--timezone", "Kyiv/Centre"], "--timezone takes a name"),
        (["--mode", "magic"], "--mode takes one of auto, model, patterns"),
        (["--server", "nowhere"], "--server takes a URL"),
    ],
)
def test_wrong_calls_are_told_in_one_message(text: Path, arguments: list[str], message: str) -> None:
    ran = clearway("ledger", "read", str(text), *arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr


def test_all_faulty_files_are_told_at_once(text: Path, tmp_path: Path) -> None:
    (tmp_path / "binary.txt").write_bytes(b"no UTF-8: \x81\xff")
    (tmp_path / "empty.txt").write_text(" \n")
    ran = clearway("ledger", "read", *(str(tmp_path / n) for n in ("binary.txt", "empty.txt", "absent.txt")), str(text))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("3 faults in the files to read:")
