"""The README's commands: there are two, and what they call is there. CI runs the second one itself (.ci/run)."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clearway.cli.app import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(heading: str) -> list[str]:
    """The sh blocks below a heading."""
    section = README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def calls() -> list[list[str]]:
    """Every call of clearway in an sh block, without comments."""
    lines = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    parts = [part for block in lines for line in block.splitlines() for part in line.split("&&")]
    words = [shlex.split(part, comments=True) for part in parts]
    return [each[1:] for each in words if each and Path(each[0]).name == "clearway"]


def test_two_commands_set_up_and_do_the_job_and_set_up_and_test() -> None:
    (job,), (test,) = blocks("Try"), blocks("Test")
    for command in (job, test):
        assert len(command.splitlines()) == 1
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install -q ")
    assert "clearway example kherson demo && " in job
    assert "clearway plan demo --out demo-plan" in job
    assert "-e '.[dev]'" in test
    assert "pytest" in test


def test_continuous_integration_runs_the_test_command_of_the_readme() -> None:
    assert "'/^## Test/" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("words", calls(), ids=" ".join)
def test_the_calls_parse(words: list[str]) -> None:
    """With --help at the end, options before it are parsed and nothing is done."""
    n = 2 if words[0] in ("import", "ledger") else 1
    result = CliRunner().invoke(app, [*words, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.stdout
    shown = CliRunner().invoke(app, [*words[:n], "--help"], env={"COLUMNS": "200"}).stdout
    for option in [word for word in words if word.startswith("--")]:
        assert option in shown


def test_what_most_users_need_is_shown() -> None:
    named = {words[0] for words in calls()}
    planning = {"example", "plan", "check", "info", "import", "explain", "losses"}
    assert planning | {"simulate", "hold", "stress", "contingencies", "ledger"} == named
