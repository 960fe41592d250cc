"""The command line: answers to standard output, faults to standard error, exit codes, and nothing half-written."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from tests.ingest.conftest import Tiny
from tests.ingest.test_malformed import CASES, Case
from tests.interrupts import HEEDS_INTERRUPTS
from typer.testing import CliRunner, Result

from clearway import __version__
from clearway.cli.app import app
from clearway.cli.document import commands, document
from clearway.cli.terminal import clean_exit, lasting_interrupts
from clearway.examples import EXAMPLES, variants

ROOT = Path(__file__).parents[1]
INSTANCES = ROOT.parent / "shared" / "instances"
PROGRAM = (sys.executable, "-c", f"{HEEDS_INTERRUPTS}from clearway.cli import main; main()")
COMMANDS = [name for name, _ in commands(app, "")]
HELP_LIMIT_S = 0.8  # 0.3 s where nothing else runs; CI shares its cores, so the best of five may be twice that


def call(*words: object) -> Result:
    """Run a command in this process; whatever happens, it is no traceback."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def refused(*words: object) -> str:
    """Run a command that cannot be done as asked; its message, in one line."""
    result = call(*words)
    if "--json" in words:
        told = json.loads(result.stdout)
        assert (told["ok"], result.exit_code) == (False, 2)
        assert told["error"] in ("input", "usage", "output")
    else:
        assert (result.exit_code, result.stdout) == (2, "")
    return " ".join(re.sub("[│╭╮╰╯─]", " ", result.stderr).split())


def listing(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def tiny_plan_folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A scenario and its plan; not to be changed."""
    place = tmp_path_factory.mktemp("planned")
    scenario = Tiny(place / "tiny").write()
    assert call("plan", scenario, "--out", place / "plan", "--time-limit", 20).exit_code == 0
    return scenario, place / "plan"


# Help


@pytest.mark.parametrize("name", ["", "import", "export", "ledger", *COMMANDS])
def test_each_command_has_help(name: str) -> None:
    result = call(*name.split(), "--help")
    assert result.exit_code == 0
    assert f"clearway {name}".strip() in document() or name in ("", "import", "export", "ledger")
    assert "Usage:" in result.stdout


def test_the_commands_are_those_of_the_design() -> None:
    expected = [
        "example",
        "info",
        "plan",
        "check",
        "report",
        "simulate",
        "stress",
        "hold",
        "contingencies",
        "robust",
        "losses",
        "explain",
        "prices",
        "replan",
    ]
    expected += ["import osm", "import gmns", "import tntp", "export sumo", "export matsim", "export uxsim"]
    expected += ["export gmns"]
    assert sorted(name for name in COMMANDS if not name.startswith("ledger ")) == sorted(expected)


def test_without_a_command_there_is_help() -> None:
    result = call()
    assert "Usage:" in result.output
    for name in ("example", "info", "plan", "check", "report", "import"):
        assert name in result.output


def test_the_version_is_told() -> None:
    assert call("--version").stdout == f"clearway {__version__}\n"


def test_help_comes_at_once() -> None:
    took = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*PROGRAM, "--help"], check=True, capture_output=True, timeout=20 * HELP_LIMIT_S)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(took) < HELP_LIMIT_S  # of one processor's time: others may use it meanwhile


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, clearway.cli.app; "
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'numba', 'ortools', 'shapely', 'osmium', 'pydantic'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_the_page_of_commands_is_current() -> None:
    """Otherwise: python -m clearway.cli.document > docs/cli.md"""
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == document()


def test_options_named_in_the_documents_are_those_there_are() -> None:
    known = set(re.findall(r"`(--[\w-]+)", (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")))
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        if page.name == "design.md":  # names what is to come, too
            continue
        for line in page.read_text(encoding="utf-8").splitlines():
            for words in re.findall(r"clearway (?:plan|check|info|report|example|import) [^`#&]*", line):
                assert set(re.findall(r"(--[\w-]+)", words)) <= {*known, "--help"}, f"{page.name}: {line}"


# From example to report


@pytest.mark.parametrize("name", ["tiny", "kherson"])
def test_from_scenario_to_page(name: str, tmp_path: Path) -> None:
    scenario, out = tmp_path / name, tmp_path / "plan"
    if name == "tiny":
        Tiny(scenario).write()
    else:
        told = call("example", "kherson", scenario)
        assert told.exit_code == 0
        assert f"clearway plan {scenario} --out {scenario}-plan" in told.stdout
    about = call("info", scenario)
    assert about.exit_code == 0
    assert "bridge" in about.stdout

    planned = call("plan", scenario, "--out", out, "--time-limit", 60)
    assert (planned.exit_code, planned.stderr) == (0, "")
    assert "people can reach safety" in planned.stdout.splitlines()[0]
    assert "gap" in planned.stdout
    assert str(out / "report.html") in planned.stdout

    checked = call("check", scenario, out)
    assert checked.exit_code == 0
    assert checked.stdout.splitlines()[-1] == "the plan holds"

    (out / "report.html").unlink()
    assert call("report", scenario, out).stdout == f"{out / 'report.html'}\n"
    assert (out / "report.html").is_file()
    assert call("report", scenario, out, "--out", tmp_path / "page.html").exit_code == 0
    assert call("check", scenario, out).exit_code == 0
    assert call("plan", scenario, "--out", out, "--time-limit", 60).exit_code == 0, "an earlier plan is replaced"


def test_the_examples_are_listed() -> None:
    listed = call("example").stdout
    for name in EXAMPLES:
        for variant, text in variants(name).items():
            assert f"--variant {variant}: {text}" in listed
        assert call("example", name).stdout in listed


def test_json_is_one_document_and_nothing_else(tiny_plan_folders: tuple[Path, Path], tmp_path: Path) -> None:
    scenario, plan = tiny_plan_folders
    about = json.loads(call("info", scenario, "--json").stdout)
    assert about["persons"]["present"] == 850
    told = call("plan", scenario, "--out", tmp_path / "plan", "--json")
    planned = json.loads(told.stdout)
    assert planned["folder"] == str(tmp_path / "plan")
    assert planned["figures"]["persons"]["planned"] == pytest.approx(650)
    assert json.loads((tmp_path / "plan" / "plan.json").read_text())["figures"] == planned["figures"]
    found = json.loads(call("check", scenario, plan, "--json").stdout)
    assert (found["ok"], found["faults"]) == (True, [])
    assert found["found"]["persons_planned"] == pytest.approx(650)


def test_json_of_a_plan_that_does_not_hold(tiny_plan_folders: tuple[Path, Path], tmp_path: Path) -> None:
    scenario, plan = spoiled(tiny_plan_folders, tmp_path, SPOILED["a person lost"])
    told = call("check", scenario, plan, "--json")
    found = json.loads(told.stdout)
    assert (told.exit_code, found["ok"]) == (1, False)
    assert "lost" in {fault["code"] for fault in found["faults"]}


def test_json_of_bad_input_lists_the_faults(tmp_path: Path) -> None:
    scenario = Tiny(tmp_path / "tiny").change("zone.csv", ",0.8,", ",8,").change("node.csv", "30.10,", "x,").write()
    for command in (["info"], ["check", scenario], ["plan", "--out", tmp_path / "plan"]):
        told = call(command[0], scenario, *command[1:], "--json")
        found = json.loads(told.stdout)
        assert (told.exit_code, found["ok"], found["error"]) == (2, False, "input")
        assert {(fault["file"], fault["field"]) for fault in found["faults"]} == {
            ("node.csv", "x_coord"),
            ("zone.csv", "share_present"),
        }
        for fault in found["faults"]:
            assert fault["row"] > 1
            assert "expected" in fault["message"]
            assert fault["message"] in told.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["info", "--json"], "SCENARIO"),
        (["info", "nowhere", "--no-such", "--json"], "--no-such"),
        (["evacuate", "--json"], "evacuate"),
        (["--json", "info"], "--json"),
        (["plan", "nowhere", "--out", "x", "--gap", "2", "--json"], "--gap"),
    ],
)
def test_json_of_a_call_that_makes_no_sense_says_so(words: list[str], expected: str) -> None:
    found = json.loads(call(*words).stdout)
    (fault,) = found["faults"]
    assert (found["ok"], found["error"], fault["message"]) == (False, "usage", found["message"])
    assert fault["field"] == (expected if expected.startswith("--") else None)
    assert expected in found["message"]


@pytest.mark.parametrize("target", ["sumo", "matsim", "uxsim", "gmns"])
def test_exports_are_written_whole_or_not_at_all(
    target: str, tiny_plan_folders: tuple[Path, Path], tmp_path: Path
) -> None:
    scenario, plan = tiny_plan_folders
    told = json.loads(call("export", target, scenario, plan, "--out", tmp_path / "out", "--json").stdout)
    assert (told["folder"], told["persons"]) == (str(tmp_path / "out"), pytest.approx(650))
    assert "README.txt" in call("export", target, scenario, plan, "--out", tmp_path / "out").stdout
    assert sorted(listing(tmp_path / "out")) == json.loads((tmp_path / "out" / "export.json").read_text())["files"]
    before = listing(scenario)
    assert "which no export wrote" in refused("export", target, scenario, plan, "--out", scenario)
    assert "nowhere: no such folder" in refused(
        "export", target, scenario, tmp_path / "nowhere", "--out", tmp_path / "x"
    )
    assert listing(scenario) == before
    assert not (tmp_path / "x").exists()


# Faults


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_malformed_scenario_is_refused_with_the_place(case: Case, tmp_path: Path) -> None:
    scenario = Tiny(tmp_path / "tiny").change(case.file, case.old, case.new).write()
    told = refused("plan", scenario, "--out", tmp_path / "plan")
    place = case.file + (f", line {case.row}" if case.row else "") + (f", {case.field}" if case.field else "")
    assert told.startswith(f"1 fault in scenario folder tiny: {place}: ")
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


@pytest.mark.parametrize("command", [["info"], ["info", "--json"], ["check"], ["report"]])
def test_every_command_refuses_a_malformed_scenario(
    command: list[str], tiny_plan_folders: tuple[Path, Path], tmp_path: Path
) -> None:
    scenario = Tiny(tmp_path / "tiny").change("zone.csv", ",0.8,", ",8,").write()
    plans = [] if command[0] == "info" else [tiny_plan_folders[1]]
    assert "zone.csv, line 2, share_present" in refused(*command, scenario, *plans)


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Replaces the first match of a pattern, which must be there."""

    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        changed, n = re.subn(old, new, text, count=1)
        assert n == 1, text
        (folder / name).write_text(changed, encoding="utf-8")

    return change


SPOILED = {
    "a person lost": edit("movements.csv", r"(?m),([\d.]+)$", ",1.5"),
    "a departure too early": edit("movements.csv", r"(?m),auto,[\d.]+,", ",auto,0,"),
    "a bound too high": edit("plan.json", r'"clearance_lower_bound_s": [\d.]+', '"clearance_lower_bound_s": 40000'),
    "a horizon moved": edit("certificate.json", r'"horizon_s": [\d.]+', '"horizon_s": 40000'),
    "a figure changed": edit("plan.json", r'"without_vehicle": 200', '"without_vehicle": 20'),
}


def spoiled(folders: tuple[Path, Path], place: Path, change: Callable[[Path], None]) -> tuple[Path, Path]:
    scenario, plan = folders
    shutil.copytree(plan, place / "spoiled")
    change(place / "spoiled")
    return scenario, place / "spoiled"


@pytest.mark.parametrize("way", SPOILED)
def test_a_spoiled_plan_gives_exit_code_1(way: str, tiny_plan_folders: tuple[Path, Path], tmp_path: Path) -> None:
    told = call("check", *spoiled(tiny_plan_folders, tmp_path, SPOILED[way]))
    assert told.exit_code == 1
    assert told.stdout.startswith("fault: ")
    assert "the plan does not hold" in told.stdout.splitlines()[-1]


def test_a_plan_that_cannot_be_read_gives_exit_code_2(tiny_plan_folders: tuple[Path, Path], tmp_path: Path) -> None:
    scenario, plan = spoiled(tiny_plan_folders, tmp_path, edit("movements.csv", "auto,", "auto,x"))
    assert "movements.csv, line 2, depart_from_s" in refused("check", scenario, plan)
    assert "movements.csv" in refused("report", scenario, plan)
    assert "nowhere: no such folder" in refused("check", scenario, tmp_path / "nowhere")
    assert "nowhere: not found" in refused("check", tmp_path / "nowhere", plan)


def test_a_plan_of_another_scenario_is_refused_in_one_sentence(
    tiny_plan_folders: tuple[Path, Path], tmp_path: Path
) -> None:
    other = tmp_path / "kherson"
    call("example", "kherson", other)
    told = refused("check", other, tiny_plan_folders[1])
    assert told.startswith("1 fault in the plan: plan.json, scenario_hash: the plan was made for another scenario")
    assert "no such ids as" in told
    assert "clearway plan SCENARIO --out PLAN" in told
    assert len(told) < 600


def test_a_page_is_not_written_for_another_scenario(tiny_plan_folders: tuple[Path, Path], tmp_path: Path) -> None:
    scenario, plan = tiny_plan_folders
    changed = tmp_path / "changed"
    shutil.copytree(scenario, changed)
    sites = changed / "site.csv"
    sites.write_text(sites.read_text().replace(",700,", ",701,"))
    assert "was planned for another scenario" in refused("report", changed, plan, "--out", tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_a_plan_in_the_scenarios_place_is_told_so(tiny_plan_folders: tuple[Path, Path]) -> None:
    scenario, plan = tiny_plan_folders
    told = refused("check", plan, scenario)
    assert "is a plan's folder (it holds plan.json), expected a scenario folder with scenario.toml" in told


@pytest.mark.parametrize(
    ("option", "value"),
    [("--time-limit", v) for v in ("0", "-1", "nan", "soon", "")] + [("--gap", v) for v in ("1", "-0.1", "nan", "1%")],
)
def test_bad_values_of_options_are_refused(option: str, value: str, tmp_path: Path) -> None:
    scenario = Tiny(tmp_path / "tiny").write()
    assert option in refused("plan", scenario, "--out", tmp_path / "plan", f"{option}={value}")
    assert not (tmp_path / "plan").exists()


def test_what_is_missing_or_unknown_is_refused(tmp_path: Path) -> None:
    scenario = Tiny(tmp_path / "tiny").write()
    assert "--out" in refused("plan", scenario)
    assert "SCENARIO" in refused("plan").upper()
    assert "--no-such" in refused("info", scenario, "--no-such")
    assert "evacuate" in refused("evacuate")
    assert "there are: kherson" in refused("example", "atlantis")
    assert "there are: kherson" in refused("example", "atlantis", tmp_path / "x")
    assert "there are: base" in refused("example", "kherson", tmp_path / "x", "--variant", "dry")
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_folders_with_something_else_in_them_stay_as_they_are(tmp_path: Path) -> None:
    scenario = Tiny(tmp_path / "tiny").write()
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.tex").write_text("years of work")
    before = listing(tmp_path)
    assert "scenario's" in refused("plan", scenario, "--out", scenario)
    assert "scenario's" in refused("plan", scenario, "--out", tmp_path / "foreign" / ".." / "tiny")
    assert "thesis.tex" in refused("plan", scenario, "--out", tmp_path / "foreign")
    assert "is a file" in refused("plan", scenario, "--out", tmp_path / "foreign" / "thesis.tex")
    assert "not empty" in refused("example", "kherson", tmp_path / "foreign")
    assert "not empty" in refused("example", "kherson", scenario)
    assert "ends in .html" in refused("report", scenario, scenario, "--out", scenario / "zone.csv")
    assert listing(tmp_path) == before


@pytest.mark.parametrize(
    "words",
    [
        ["osm", "nowhere.osm"],
        ["gmns", "nowhere"],
        ["tntp", "nowhere.tntp", "--sites", "1"],
        ["tntp", "nowhere.tntp", "--sites", "1", "--start", "soon"],
        ["tntp", "nowhere.tntp", "--sites", "1", "--start", "2026-11-23T08:00"],
        ["tntp", "nowhere.tntp", "--sites", "1", "--horizon-h", "-1"],
        ["tntp", "nowhere.tntp", "--sites", "1", "--time-unit", "fortnight"],
        ["osm", str(ROOT / "tests/data/osm/tiny.osm"), "--area", "nowhere.geojson"],
        ["osm", str(ROOT / "tests/data/osm/tiny.osm"), "--places", "nowhere.csv"],
        ["osm", str(ROOT / "tests/data/osm/tiny.osm"), "--capacity-factor", "2"],
    ],
    ids=" ".join,
)
def test_imports_of_what_is_not_there_or_makes_no_sense_are_refused(words: list[str], tmp_path: Path) -> None:
    assert refused("import", *words, "--out", tmp_path / "town")
    assert list(tmp_path.iterdir()) == []


# Ctrl-C and the clock


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    ("instance", "shown"),
    [("kherson", rb"reading|bound"), ("kherson", rb"plan \d+:\d\d h"), ("berlin", rb"plan \d+:\d\d h")],
)
def test_ctrl_c_leaves_the_best_plan_or_nothing(instance: str, shown: bytes, tmp_path: Path) -> None:
    """A terminal on standard error shows progress; the interrupt comes when a pattern is seen in it."""
    scenario, out = INSTANCES / instance, tmp_path / "plan"
    if instance in EXAMPLES:
        scenario = tmp_path / "scenario"
        assert call("example", instance, scenario).exit_code == 0
    elif not scenario.is_dir():
        pytest.skip("the shared instances are not here")
    before = {path.name for path in tmp_path.iterdir()}
    code, stdout, seen = interrupted(["plan", str(scenario), "--out", str(out), "--time-limit", "60"], shown)
    assert b"Traceback" not in seen
    if code == 0:  # it was all but done when the interrupt came
        assert out.is_dir()
    elif out.is_dir():
        assert code == 130
        assert b"interrupted" in stdout
    else:
        assert code == 130
        assert b"nothing was written" in seen
        assert {path.name for path in tmp_path.iterdir()} == before
    if out.is_dir():
        assert call("check", scenario, out).exit_code == 0


def interrupted(words: list[str], shown: bytes) -> tuple[int, bytes, bytes]:
    """Exit code, standard output and what the terminal showed of a command that gets Ctrl-C when it shows a pattern."""
    here, there = os.openpty()
    seen, is_sent = b"", False
    with subprocess.Popen(
        [*PROGRAM, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=there,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "200"},
    ) as process:
        os.close(there)
        while piece := read_some(here):
            seen += piece
            if not is_sent and re.search(shown, seen):
                process.send_signal(signal.SIGINT)
                is_sent = True
        stdout, _ = process.communicate(timeout=60)
    os.close(here)
    assert is_sent, seen
    return process.returncode, stdout, seen


def read_some(terminal: int) -> bytes:
    """What a terminal shows next; nothing when the program at its other end is gone."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def test_an_interrupt_out_of_compiled_code_ends_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    """Numba's dispatcher hands it on as SystemError: "returned a result with an exception set"."""
    inner, outer = SystemError("a result with an exception set"), SystemError("a result with an exception set")
    inner.__cause__, outer.__cause__ = KeyboardInterrupt(), inner
    with pytest.raises(typer.Exit) as ended, clean_exit():
        raise outer
    assert ended.value.exit_code == 130
    assert capsys.readouterr().err == "interrupted; nothing was written\n"
    with pytest.raises(SystemError, match="of another kind"), clean_exit():
        raise SystemError("of another kind")


@pytest.mark.skipif(os.name != "posix", reason="needs SIGINT")
def test_an_interrupt_while_the_program_starts_is_no_traceback() -> None:
    code = """
import builtins, os, signal
from clearway.cli import main
real = builtins.__import__
def stop(name, *rest):
    if name == "typer":
        os.kill(os.getpid(), signal.SIGINT)
    return real(name, *rest)
builtins.__import__ = stop
main()
"""
    ended = subprocess.run([sys.executable, "-c", HEEDS_INTERRUPTS + code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


@pytest.mark.skipif(os.name != "posix", reason="needs SIGINT")
def test_an_interrupt_while_numba_makes_a_kernel_waits_until_it_is_made() -> None:
    code = """
import os, signal, time
from clearway.cli.interrupts import wait_for_kernels
wait_for_kernels()
kernel = "import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(0.2); print('made', flush=True)"
try:
    exec(kernel, {"__name__": "numba.core.caching"})
    print("used", flush=True)
    time.sleep(5)
    print("lost")
except KeyboardInterrupt:
    print("interrupted")
"""
    ended = subprocess.run([sys.executable, "-c", HEEDS_INTERRUPTS + code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "made\nused\ninterrupted\n", "")


class Finalised:
    """Ctrl-C comes while this is thrown away: Python tells of it and goes on."""

    def __del__(self) -> None:
        raise KeyboardInterrupt


def test_an_interrupt_lost_in_a_finaliser_is_raised_at_the_next_step() -> None:
    steps: list[str] = []
    with lasting_interrupts(lambda step, bound, value: steps.append(step)) as progress:
        progress("reading", None, None)
        Finalised()
        with pytest.raises(KeyboardInterrupt):
            progress("bound", None, None)
        progress("schedule", None, None)
        Finalised()
        progress("writing", None, None)
    assert steps == ["reading", "bound", "schedule", "writing"]


@pytest.mark.parametrize("seconds", ["1", "0.001"])
def test_a_short_time_limit_gives_a_plan_or_a_message(seconds: str, tmp_path: Path) -> None:
    scenario, out = tmp_path / "scenario", tmp_path / "plan"
    call("example", "kherson", scenario)
    told = call("plan", scenario, "--out", out, "--time-limit", seconds)
    if told.exit_code == 0:
        assert call("check", scenario, out).exit_code == 0
    else:
        assert told.exit_code == 2
        assert "no plan was found within the time limit" in told.stderr
        assert not out.exists()
