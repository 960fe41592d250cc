"""The pipeline as commands and console call it: what is refused, what an interrupt leaves, what a page may replace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.ingest.conftest import Tiny

from clearway import workflow
from clearway.errors import InputError, OutputError, UsageError
from clearway.model.plan import LeftOut, Reason, empty_movements, empty_routes
from clearway.planner import PlanParameters, Progress
from clearway.planner.parameters import silent

SHORT = PlanParameters(time_limit_s=20.0)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    return Tiny(tmp_path / "tiny").write()


def stopping(when: Callable[[str, float | None], bool]) -> Progress:
    """Ctrl-C at the first step for which ``when(step, value)`` holds."""

    def progress(step: str, bound: float | None, value: float | None) -> None:
        if when(step, value):
            raise KeyboardInterrupt

    return progress


def listing(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_plan_is_made_written_and_checked(scenario: Path, tmp_path: Path) -> None:
    steps = []
    done = workflow.make_plan(scenario, tmp_path / "plan", SHORT, lambda step, bound, value: steps.append(step))
    assert (steps[0], steps[-1]) == ("reading", "writing")
    assert done.folder == tmp_path / "plan"
    assert workflow.check_plan(scenario, done.folder).is_ok
    # 800 there, 200 without a vehicle; 50 in the west
    assert done.plan.persons_planned == pytest.approx(600 + 50)
    page = done.folder / workflow.REPORT
    before = page.read_bytes()
    page.unlink()
    assert workflow.write_report(scenario, done.folder, None) == page
    assert len(page.read_bytes()) == pytest.approx(len(before), rel=0.1)


def test_figures_that_are_not_the_plans_are_named(scenario: Path, tmp_path: Path) -> None:
    done = workflow.make_plan(scenario, tmp_path / "plan", SHORT, silent)
    document = done.folder / "plan.json"
    text = document.read_text(encoding="utf-8")
    assert '"without_vehicle": 200' in text
    document.write_text(text.replace('"without_vehicle": 200', '"without_vehicle": 0'), encoding="utf-8")
    result = workflow.check_plan(scenario, done.folder)
    assert result.codes == ("figures",)
    assert "figures.persons.without_vehicle: stated 0, found 200" in result.faults[0].message


def test_an_interrupt_after_the_first_plan_leaves_that_plan(scenario: Path, tmp_path: Path) -> None:
    stop = stopping(lambda step, value: value is not None and step != "writing")
    done = workflow.make_plan(scenario, tmp_path / "plan", SHORT, stop)
    assert done.plan.status == "interrupted"
    assert len(done.plan.movements) > 0
    assert workflow.check_plan(scenario, done.folder).is_ok


@pytest.mark.parametrize("step", ["reading", "bounding", "bound", "writing"])
def test_an_interrupt_before_there_is_a_plan_or_while_it_is_written_leaves_nothing(
    scenario: Path, tmp_path: Path, step: str
) -> None:
    workflow.make_plan(scenario, tmp_path / "earlier", SHORT, silent)
    earlier = listing(tmp_path / "earlier")
    for out in (tmp_path / "plan", tmp_path / "earlier"):
        with pytest.raises(KeyboardInterrupt):
            workflow.make_plan(scenario, out, SHORT, stopping(lambda now, _: now == step))
    assert listing(tmp_path / "earlier") == earlier
    assert {path.name for path in tmp_path.iterdir()} == {"tiny", "earlier"}


def test_no_time_at_all_gives_a_plan_or_says_so(scenario: Path, tmp_path: Path) -> None:
    out, said = tmp_path / "plan", ""
    try:
        workflow.make_plan(scenario, out, PlanParameters(time_limit_s=1e-9), silent)
    except UsageError as error:
        said = str(error)
    assert out.exists() != ("no plan was found within the time limit" in said)
    assert said or workflow.check_plan(scenario, out).is_ok


def test_an_empty_plan_for_want_of_time_does_not_replace_an_earlier_one(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "plan"
    plan = workflow.make_plan(scenario, out, SHORT, silent).plan
    before = listing(out)
    left_out = (LeftOut(0, 600.0, Reason.NOT_FOUND), LeftOut(1, 50.0, Reason.NOT_FOUND))
    nothing = replace(plan, movements=empty_movements(), routes=empty_routes(), left_out=left_out)
    for status, error in (("time limit", UsageError), ("interrupted", KeyboardInterrupt)):
        found = replace(nothing, status=status)
        monkeypatch.setattr("clearway.planner.make_plan", lambda *_, found=found: found)
        with pytest.raises(error):
            workflow.make_plan(scenario, out, SHORT, silent)
    assert listing(out) == before


def test_a_plan_may_lie_inside_its_scenario_and_leaves_its_hash(scenario: Path) -> None:
    workflow.make_plan(scenario, scenario / "plan", SHORT, silent)
    assert workflow.check_plan(scenario, scenario / "plan").is_ok


def no_planning(*_: object) -> None:
    raise AssertionError("planned for a folder that cannot be written")


def test_a_folder_that_cannot_become_a_plan_is_refused_before_planning(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clearway.planner.make_plan", no_planning)
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.tex").write_text("years of work")
    (tmp_path / "file").write_text("")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    refused = {
        "foreign": "thesis.tex, which is not part of a plan",
        "file": "is a file",
        "file/plan": "cannot be made",
        "tiny": "is the scenario's",
        "here": "is the current folder",
    }
    before = listing(tmp_path)
    for out, words in refused.items():
        with pytest.raises(UsageError, match=words):
            workflow.make_plan(scenario, tmp_path / out, SHORT, silent)
    assert listing(tmp_path) == before


def test_a_page_replaces_pages_only(scenario: Path, tmp_path: Path) -> None:
    plan = workflow.make_plan(scenario, tmp_path / "plan", SHORT, silent).folder
    before = listing(scenario)
    with pytest.raises(UsageError, match=r"ends in \.html"):
        workflow.write_report(scenario, plan, scenario / "zone.csv")
    with pytest.raises(UsageError, match="is a folder"):
        workflow.write_report(scenario, plan, scenario)
    with pytest.raises(OutputError, match="could not write the page"):
        workflow.write_report(scenario, plan, scenario / "zone.csv" / "page.html")
    assert listing(scenario) == before
    page = workflow.write_report(scenario, plan, tmp_path / "for" / "printing.html")
    assert [path.name for path in page.parent.iterdir()] == ["printing.html"]


def test_a_scenario_is_described_in_figures(scenario: Path) -> None:
    found = workflow.describe(workflow.load_scenario(scenario))
    assert found["persons"] == {"population": 1050, "present": 850, "with_vehicle": 650, "without_vehicle": 200}
    assert found["vehicles"] == 265  # 600 in cars of 2.5, 50 in cars of 2
    assert (found["nodes"], found["links"], found["beds"]) == (4, 5, 700)
    assert found["crossings"] == [{"crossing_id": "bridge", "name": "Old bridge", "kind": "bridge", "links": 2}]


def test_a_scenario_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a scenario folder"):
        workflow.load_scenario(tmp_path / "nowhere")
