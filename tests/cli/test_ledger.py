"""`clearway ledger`: from a claim to the plan's report and back, and what is refused."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from pathlib import Path

import pytest
from tests.ingest.conftest import Tiny
from tests.test_cli import call, listing, refused

from clearway.ingest.folder import read_scenario

ROOT = Path(__file__).parents[2]
AT = "2026-05-01T06:30:00+03:00"
CLOSED = ("--statement", "The bridge is closed", "--speaker", "Road service", "--about", "crossing:bridge")
CLOSED += ("--state", "closed", "--said", "2026-05-01T06:00:00+03:00")
SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    return Tiny(tmp_path / "tiny").write()


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def claim_ids(scenario: Path, *more: str) -> list[str]:
    told = json.loads(call("ledger", "list", "--ledger", scenario, "--json", *more).stdout)
    return [each["claim_id"] for each in told["claims"]]


def add(scenario: Path, *words: str) -> str:
    told = call("ledger", "add", "--ledger", scenario, *words)
    assert told.exit_code == 0, told.stderr
    (claim,) = re.findall(r"claim (\w+)", told.stdout)
    return claim


def test_a_claim_becomes_a_closure_and_its_withdrawal_takes_it_out(scenario: Path, tmp_path: Path) -> None:
    before = (scenario / "availability.csv").read_text()
    claim = add(scenario, *CLOSED, "--outlet", "Radio")
    assert "0 rows of the ledger" in call("ledger", "situation", scenario, "--at", AT).stdout, "nobody accepted it"
    assert call("ledger", "accept", claim, "--ledger", scenario).exit_code == 0
    assert call("ledger", "grade", claim, "b2", "--ledger", scenario).exit_code == 0
    told = call("ledger", "situation", scenario, "--at", AT)
    assert told.exit_code == 0
    assert "crossing:bridge from 2026-05-01T06:00:00+03:00 until further notice: closed; 90% likely" in told.stdout

    by_hand, (ours,) = rows(scenario / "availability.csv")[:-1], rows(scenario / "availability.csv")[-1:]
    assert [row["note"] for row in by_hand] == ["lost at noon", "works"]
    assert (ours["target"], ours["capacity_factor"], ours["source"]) == ("crossing:bridge", "0", "ledger")
    (report,) = json.loads(call("ledger", "list", "--ledger", scenario, "--json").stdout)["claims"]
    assert ours["report_id"] == report["report_id"]
    uncertainty = tomllib.loads((scenario / "uncertainty.toml").read_text())["uncertainty"]
    (state,) = uncertainty["state"]
    assert state["closed"] == pytest.approx(0.9, abs=0.01)
    assert state["open"] + state["limited"] + state["closed"] == pytest.approx(1)
    assert uncertainty["at"].isoformat() == AT

    assert call("plan", scenario, "--out", tmp_path / "plan", "--time-limit", 20).exit_code == 0
    page = (tmp_path / "plan" / "report.html").read_text()
    for words in ("Who says so", "The bridge is closed", "Road service &gt; Radio", "B2", report["report_id"]):
        assert words in page
    assert call("check", scenario, tmp_path / "plan").exit_code == 0
    figures = json.loads((tmp_path / "plan" / "plan.json").read_text())["figures"]
    assert figures["persons"]["planned"] == 0, "the bridge is the only way"

    assert call("ledger", "withdraw", claim, "--ledger", scenario, "--reason", "misheard").exit_code == 0
    assert call("ledger", "situation", scenario, "--at", AT).exit_code == 0
    assert [row["source"] for row in rows(scenario / "availability.csv")] == ["radio", ""]
    assert read_scenario(scenario).evidence == ()
    assert [row["note"] for row in rows(scenario / "availability.csv")] == [
        row["note"] for row in csv.DictReader(before.splitlines())
    ]
    assert call("plan", scenario, "--out", tmp_path / "plan", "--time-limit", 20).exit_code == 0
    assert json.loads((tmp_path / "plan" / "plan.json").read_text())["figures"]["persons"]["planned"] > 0
    assert "Who says so" not in (tmp_path / "plan" / "report.html").read_text()


def test_no_script_reaches_the_report(scenario: Path, tmp_path: Path) -> None:
    words = ("--statement", SCRIPT, "--speaker", SCRIPT, "--outlet", SCRIPT, "--about", "crossing:bridge")
    add(scenario, *words, "--state", "closed", "--said", AT, "--accept", "--grade", "A1")
    assert call("ledger", "situation", scenario, "--at", AT).exit_code == 0
    assert call("plan", scenario, "--out", tmp_path / "plan", "--time-limit", 20).exit_code == 0
    page = (tmp_path / "plan" / "report.html").read_text()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_what_was_believed_then_is_told_now(scenario: Path) -> None:
    claim = add(scenario, *CLOSED, "--accept")
    told = json.loads(call("ledger", "list", "--ledger", scenario, "--json").stdout)
    assert told["entries"] == 3
    from clearway.ledger.store import open_store

    with open_store(scenario / "ledger.sqlite") as store:
        then = list(store.entries())[-1].recorded.isoformat()
    call("ledger", "reject", claim, "--ledger", scenario)
    assert claim_ids(scenario, "--status", "accepted") == []
    assert claim_ids(scenario, "--status", "accepted", "--as-of", then) == [claim]
    now = call("ledger", "situation", scenario, "--at", AT).stdout
    past = call("ledger", "situation", scenario, "--at", AT, "--as-of", then).stdout
    assert ("0 rows of the ledger" in now, "1 rows of the ledger" in past) == (True, True)


def test_corrections_merges_orders_and_staleness(scenario: Path) -> None:
    claim = add(scenario, *CLOSED, "--accept")
    assert call("ledger", "correct", claim, "--ledger", scenario, "--state", "open").exit_code == 0
    assert "open" in call("ledger", "why", "crossing:bridge", "--ledger", scenario, "--at", AT).stdout.splitlines()[0]
    assert "reads so already" in refused("ledger", "correct", claim, "--ledger", scenario, "--state", "open")
    other = add(scenario, *CLOSED, "--accept", "--published", "2026-05-01T05:00:00+03:00")
    assert call("ledger", "merge", other, claim, "--ledger", scenario).exit_code == 0
    assert claim_ids(scenario, "--status", "merged") == [other]
    assert call("ledger", "staleness", "bridge", "1", "--ledger", scenario).exit_code == 0
    why = json.loads(call("ledger", "why", "crossing:bridge", "--ledger", scenario, "--at", AT, "--json").stdout)
    assert why["beliefs"][0]["half_life_h"] == 1, "the scenario says that the crossing is a bridge"
    assert why["beliefs"][0]["claims"][0]["freshness"] == pytest.approx(0.5**0.5)
    order = ("--statement", "Nobody may cross", "--speaker", "The governor", "--about", "crossing:bridge")
    add(scenario, *order, "--order", "close", "--force", "ordered", "--said", AT, "--accept")
    why = call("ledger", "why", "crossing:bridge", "--ledger", scenario, "--at", AT).stdout
    assert "not in force: The governor is not named as competent for crossing:bridge" in why
    assert call("ledger", "authority", "The governor", "crossing:bridge", "--ledger", scenario).exit_code == 0
    assert "in force" in call("ledger", "situation", scenario, "--at", AT).stdout
    assert "closed by an order of The governor" in (scenario / "availability.csv").read_text()


def test_what_a_claim_changes_and_what_to_ask_first(scenario: Path) -> None:
    claim = add(scenario, *CLOSED)
    before = listing(scenario)
    found = json.loads(call("ledger", "whatif", scenario, claim, "--at", AT, "--time-limit", "20", "--json").stdout)
    assert found["without"]["persons"] == pytest.approx(650)
    assert found["with_it"]["persons"] == 0
    assert claim_ids(scenario, "--status", "open") == [claim], "asking decides nothing"
    assert call("ledger", "accept", claim, "--ledger", scenario).exit_code == 0
    (question,) = json.loads(call("ledger", "ask", scenario, "--at", AT, "--time-limit", "20", "--json").stdout)
    assert question["p_closed"] == pytest.approx(0.644, abs=2e-3)
    assert question["value_persons"] == pytest.approx((1 - question["p_closed"]) * 650)
    assert {k: v for k, v in listing(scenario).items() if "ledger" not in k} == {
        k: v for k, v in before.items() if "ledger" not in k
    }
    told = call("ledger", "ask", scenario, "--at", AT, "--time-limit", "20").stdout
    assert told.startswith("1. Old bridge (crossing:bridge)")


FAULTS = [
    (("list",), "there is no ledger at"),
    (("add",), "give files of entries, or a claim"),
    (("add", "--statement", "x"), "needs --statement and --speaker"),
    (("add", "--statement", "x", "--speaker", "y", "--state", "shut"), "open, limited or closed, not 'shut'"),
    (("add", "--statement", "x", "--speaker", "y", "--state", "open"), "--about says what it is about"),
    (("add", "--statement", "x", "--speaker", "y", "--about", "bridge"), "expected link:ID, crossing:ID"),
    (("add", "--statement", "x", "--speaker", "y", "--force", "shouted"), "asserted, denied, advised"),
    (("add", "--statement", "x", "--speaker", "y", "--said", "noon"), "a time such as"),
    (("add", "--statement", "x", "--speaker", "y", "--said", "2026-05-01T06:00"), "needs an offset"),
    (("add", "--statement", "x", "--speaker", "y", "--capacity-factor", "2"), "a share from 0 to 1"),
    (("add", "--statement", "x", "--speaker", "y", "--grade", "Z9"), "a letter A to F"),
    (("add", "--statement", "x", "--speaker", "y", "--text", "none.txt"), "cannot be read"),
]


@pytest.mark.parametrize(("words", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_a_faulty_call_is_refused_and_leaves_nothing(words: tuple[str, ...], message: str, scenario: Path) -> None:
    assert message in refused("ledger", *words, "--ledger", scenario)
    if (scenario / "ledger.sqlite").exists():
        assert claim_ids(scenario) == []


def test_faulty_files_are_refused_with_every_line(scenario: Path, tmp_path: Path) -> None:
    lines = [
        '{"kind": "report", "body": {"report_id": "r1", "text": "x", "received": "2026-05-01T06:00:00+03:00", '
        '"entered_by": "desk"}}',
        "not json",
        '{"kind": "claim", "body": {"claim_id": "c1"}}',
        '{"kind": "odd", "body": {}}',
        '{"body": {}}',
        '{"kind": "grade", "body": {"claim_id": "c1", "grade": "Z1"}}',
        '{"kind": "report", "body": {"report_id": "r1", "text": "x", "received": "2026-05-01T06:00:00"}}',
        '{"kind": "claim", "body": {"claim_id": 5, "report_id": "r1", "statement": "x", "force": "asserted", "chain": '
        '[{"name": "x", "role": "speaker"}]}}',
        '{"kind": "authority", "body": {"name": ["x"], "place": "y", "is_competent": "no"}}',
        "[" * 5000,
        '{"kind": "claim", "body": {"claim_id": 5}}',
    ]
    path = tmp_path / "entries.jsonl"
    path.write_text("\n".join(lines))
    told = refused("ledger", "add", path, "--ledger", scenario)
    assert "10 faults in the entries" in told
    for line in range(2, 12):
        assert f"line {line}" in told
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in refused("ledger", "add", tmp_path / "bytes.jsonl", "--ledger", scenario)
    assert claim_ids(scenario) == []


def test_decisions_about_nothing_are_refused(scenario: Path) -> None:
    claim = add(scenario, *CLOSED)
    for words in (("accept", "c99"), ("grade", "c99", "B2"), ("merge", claim, "c99"), ("whatif", scenario, "c99")):
        place = () if words[0] == "whatif" else ("--ledger", scenario)
        assert "has no claim 'c99'" in refused("ledger", *words, *place)
    assert "into itself" in refused("ledger", "merge", claim, claim, "--ledger", scenario)
    assert "half-life" in refused("ledger", "staleness", "bridge", "0", "--ledger", scenario)
    assert "cautious, likely or optimistic" in refused("ledger", "situation", scenario, "--policy", "bold")


def test_a_faulty_scenario_is_left_as_it_is(scenario: Path) -> None:
    add(scenario, *CLOSED, "--accept")
    (scenario / "zone.csv").write_text("zone_id\n")
    before = listing(scenario)
    told = refused("ledger", "situation", scenario, "--at", AT)
    assert "zone.csv" in told
    assert listing(scenario) == before


def test_targets_that_the_scenario_has_not_are_refused(scenario: Path) -> None:
    words = ("--statement", "x", "--speaker", "y", "--about", "crossing:elsewhere", "--about", "zone:nowhere")
    told = refused("ledger", "add", "--ledger", scenario, *words, "--state", "closed", "--said", AT)
    assert "has no crossing:elsewhere, zone:nowhere; it has crossing:bridge" in told
    assert not (scenario / "ledger.sqlite").exists()
    add(scenario, *CLOSED)
    claim = json.loads(call("ledger", "list", "--ledger", scenario, "--json").stdout)["claims"][0]["claim_id"]
    assert "it has crossing:bridge" in refused(
        "ledger", "correct", claim, "--ledger", scenario, "--about", "crossing:elsewhere"
    )
    (scenario / "zone.csv").write_text(
        "zone_id\n"
    )  # a scenario with faults keeps nobody from putting down what is said
    add(scenario, *words)


def test_targets_that_the_scenario_has_not_are_told(scenario: Path) -> None:
    words = ("--statement", "x", "--speaker", "y", "--about", "crossing:elsewhere", "--state", "closed", "--said", AT)
    elsewhere = scenario.parent / "ledger.sqlite"  # beside no scenario
    assert call("ledger", "add", "--ledger", elsewhere, *words, "--accept").exit_code == 0
    told = call("ledger", "situation", scenario, "--ledger", elsewhere, "--at", AT)
    assert told.exit_code == 0
    assert "crossing:elsewhere is not in the scenario" in told.stderr
    assert "elsewhere" not in (scenario / "availability.csv").read_text()
    read_scenario(scenario)


def test_the_commands_of_the_documents_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/ledger.md, "A first ledger", as it stands there, but for the plan."""
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
    block = text.split("## A first ledger")[1].split("```sh\n")[1].split("```")[0]
    import shlex

    for line in block.splitlines():
        words = shlex.split(line)
        assert words[0] == "clearway"
        if words[1] != "plan":
            told = call(*words[1:])
            assert told.exit_code == 0, line
    assert "closed" in told.stdout


@pytest.mark.parametrize("variant", ["base", "bridge-closed", "dam-lost-36h", "both-lost-48h"])
def test_the_examples_closures_follow_from_its_ledger(variant: str, tmp_path: Path) -> None:
    """The base scenario with a variant's ledger has the capacities of the variant's own availability.csv."""
    place, base = tmp_path / "variant", tmp_path / "base"
    call("example", "kherson", place, "--variant", variant)
    call("example", "kherson", base)
    told = call("ledger", "add", place / "ledger.jsonl", place / "decisions.jsonl", "--ledger", base)
    assert told.exit_code == 0, told.stderr
    assert call("ledger", "situation", base, "--at", "2022-10-19T06:00+03:00").exit_code == 0
    ours, theirs = (read_scenario(folder).capacity_profile() for folder in (base, place))
    for name in ("start", "from_s", "rate"):
        assert getattr(ours, name).tolist() == getattr(theirs, name).tolist()
    assert len(claim_ids(base)) == 23


def test_nobody_is_competent_by_default(tmp_path: Path) -> None:
    """Neither side's orders are in force in the example: the user names who is competent, for which place."""
    place = tmp_path / "kherson"
    call("example", "kherson", place)
    call("ledger", "add", place / "ledger.jsonl", place / "decisions.jsonl", "--ledger", place)
    assert call("ledger", "accept", *claim_ids(place, "--status", "open"), "--ledger", place).exit_code == 0
    told = json.loads(call("ledger", "situation", place, "--at", "2022-10-26T20:00+03:00", "--json").stdout)
    assert [order["in_force"] for order in told["orders"]] == [False] * len(told["orders"])
