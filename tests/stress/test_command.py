"""`clearway stress` as a user calls it."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from tests.stress.conftest import EVERYTHING
from typer.testing import CliRunner, Result

from clearway.cli.app import app
from clearway.cli.stress import Estimate
from clearway.stress.schema import schema_text, stress_schema
from clearway.workflow.stress import usual_sample


@pytest.fixture
def call(bare: Path, scenario_with: Callable[[str], Path], tmp_path: Path) -> Callable[..., Result]:
    def run(*words: str, uncertainty: str = EVERYTHING) -> Result:
        folder = scenario_with(uncertainty)
        return CliRunner().invoke(
            app, ["stress", str(folder), str(bare / "plan"), "--out", str(tmp_path / "out"), "--workers", "1", *words]
        )

    return run


def test_the_published_schema_is_up_to_date() -> None:
    """Otherwise: python -m clearway.stress.schema docs/schema"""
    published = Path(__file__).parents[2] / "docs" / "schema" / "stress.schema.json"
    assert published.read_text(encoding="utf-8") == schema_text()


def test_results_add_up_and_the_worst_future_can_be_driven_again(call: Callable[..., Result], tmp_path: Path) -> None:
    answer = call("--futures", "30", "--sensitivity", "4", "--leeway", "8", "--delay", "0.5", "--json")
    assert answer.exit_code == 0, answer.output
    document = json.loads(answer.stdout)
    written = json.loads((tmp_path / "out" / "stress.json").read_text())
    assert {key: document[key] for key in written} == written
    jsonschema.validate(written, stress_schema())
    rows = list(csv.DictReader((tmp_path / "out" / "futures.csv").read_text().splitlines()))
    assert len(rows) == 30
    parts = ("safe", "not_reached", "trapped", "turned_away", "stayed")
    for row in rows:
        assert sum(float(row[part]) for part in parts) == pytest.approx(float(row["total"]), abs=1e-6)
    assert document["most_unaccounted"] < 1e-6
    assert document["results"]["persons_safe"]["mean"]["value"] == pytest.approx(
        sum(float(row["safe"]) for row in rows) / 30
    )
    worst = document["worst"][0]
    most = max(float(row["total"]) - float(row["safe"]) - float(row["stayed"]) for row in rows)
    assert worst["persons_not_out"] == pytest.approx(most)
    assert document["sensitivity"]["sample_too_small"]
    assert [row["zone_id"] for row in document["leeway"]["starts"]] == [None, "town"]

    again = call("--out", str(tmp_path / "future"), "--future", str(worst["future"]), "--json")
    assert again.exit_code == 0, again.output
    figures = json.loads(again.stdout)
    assert figures["figures"]["persons"]["safe"] == pytest.approx(worst["persons_safe"])
    assert figures["uncertainties"] == worst["uncertainties"]
    assert (tmp_path / "future" / "report.html").exists()


@pytest.mark.parametrize(("futures", "sample"), [(1000, 64), (960, 64), (959, 32), (240, 16), (239, 0), (1, 0)])
def test_the_usual_sample_at_most_doubles_the_futures(futures: int, sample: int) -> None:
    assert usual_sample(futures, 13) == sample  # 13 groups: 15 futures for each point


def test_what_is_going_to_be_driven_is_told_first(call: Callable[..., Result]) -> None:
    told = call("--futures", "3", "--sensitivity", "4", "--leeway", "2", "--delay", "0.5").stderr.splitlines()[0]
    groups = 4
    assert told == (
        f"{3 + 4 * (groups + 2) + 4} futures are to be driven: 3 as asked (--futures), {4 * (groups + 2)} for what "
        "matters most (--sensitivity 4; 0 leaves it out), 4 for later starts (--leeway 2), each several times."
    )


def test_few_futures_leave_out_what_matters_most_and_say_so(call: Callable[..., Result]) -> None:
    answer = call("--futures", "3", "--json")
    assert answer.stderr.startswith("3 futures are to be driven: 3 as asked (--futures). What matters most is left out")
    assert "(--sensitivity 16)" in answer.stderr
    assert json.loads(answer.stdout)["sensitivity"] is None


def test_how_long_the_rest_takes_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    now = iter([0.0, 9.0, 10.0, 13.0, 20.0])
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    estimate = Estimate(told.append)
    # the first is done after 9 s; 8 more in 1 s are too soon to tell; 16 more in 4 s: 983 take 246 s
    for n_done in (0, 1, 9, 17, 400):
        estimate.show("futures", n_done, 1000)
    assert told == ["about 4 minutes more, as it seems after 17 of 1,000"]


def test_more_futures_go_on_from_those_there_are(call: Callable[..., Result], tmp_path: Path) -> None:
    assert call("--futures", "5", "--sensitivity", "0").exit_code == 0
    refused = call("--futures", "9", "--sensitivity", "0")
    assert refused.exit_code == 2
    assert "--resume" in refused.stderr
    answer = call("--futures", "9", "--sensitivity", "0", "--resume", "--json")
    run = json.loads(answer.stdout)["run"]
    assert (run["driven_now"], run["kept"]) == (4, 5)
    other = call("--futures", "9", "--sensitivity", "0", "--resume", "--seed", "1")
    assert other.exit_code == 2
    assert "seed was 0, is 1" in other.stderr


def test_the_page_is_whole_and_loads_nothing(call: Callable[..., Result], tmp_path: Path) -> None:
    answer = call("--futures", "12", "--sensitivity", "4", "--leeway", "4")
    assert answer.exit_code == 0, answer.output
    page = (tmp_path / "out" / "report.html").read_text()
    assert not re.search(r"\$\w|nan|\binf\b|None", re.sub(r"<style>.*?</style>", "", page, flags=re.S))
    assert "http" not in re.sub(r"<style>.*?</style>", "", page, flags=re.S).replace("http-equiv", "")
    for name in ("bridge", "checks", "people", "stay"):
        assert name in page


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--futures", "0"), "--futures takes a whole number from 1, not 0"),
        (("--sensitivity", "10"), "--sensitivity takes a power of 2"),
        (("--chance", "1"), "--chance takes a share between 0 and 1"),
        (("--cluster", "tcp://x:1"), "--workers and --cluster cannot both be given"),
        (("--leeway", "3", "--delay", "900"), "--delay takes hours from 0 to below the horizon (12)"),
        (("--future", "-1"), "--future takes the number of a future"),
        (("--on-closure", "vanish"), "on_closure takes one of"),
    ],
)
def test_what_cannot_be_done(call: Callable[..., Result], tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    answer = call(*words)
    assert answer.exit_code == 2, answer.output
    assert told in answer.stderr
    assert not (tmp_path / "out").exists()


def test_nothing_uncertain(call: Callable[..., Result], tmp_path: Path) -> None:
    answer = call(uncertainty="")
    assert answer.exit_code == 2
    assert "says of nothing that it is uncertain" in answer.stderr


def test_faults_in_the_uncertainty(call: Callable[..., Result], tmp_path: Path) -> None:
    answer = call("--json", uncertainty='\n[[uncertainty.beds]]\nfactor = "few"\n')
    assert answer.exit_code == 2
    [fault] = json.loads(answer.stdout)["faults"]
    assert (fault["file"], fault["field"]) == ("scenario.toml", "uncertainty.beds[0].factor")
    assert not (tmp_path / "out").exists()


def test_info_tells_what_is_uncertain_and_what_is_faulty_in_it(scenario_with: Callable[[str], Path]) -> None:
    told = CliRunner().invoke(app, ["info", str(scenario_with(EVERYTHING)), "--json"])
    assert told.exit_code == 0
    assert {"bridge lost", "behaviour"} & {
        word for row in json.loads(told.stdout)["uncertainties"] for word in row.values()
    }
    faulty = CliRunner().invoke(app, ["info", str(scenario_with("[uncertainty]\nsurprise = 1\n"))])
    assert faulty.exit_code == 2
    assert "surprise" in faulty.stderr
