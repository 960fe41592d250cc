"""All engines give the same results to the last digit; what was done survives whatever ends the program."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.interrupts import HEEDS_INTERRUPTS
from tests.stress.conftest import EVERYTHING

from clearway.errors import UsageError
from clearway.stress import Case, Cluster, Engine, Here, Job, Processes, Record, draw
from clearway.stress.store import ResultFile, line_of, read_line

N = 24


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Dask scheduler with two worker processes."""
    if importlib.util.find_spec("distributed") is None:
        pytest.skip("the extra 'cluster' is not installed")
    folder = tmp_path_factory.mktemp("dask")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    file = folder / "scheduler.json"
    module = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    started = [subprocess.Popen([*module, *options], **quiet)]
    try:
        for _ in range(150):
            if file.exists() and file.read_text().strip():
                break
            time.sleep(0.2)
        address = json.loads(file.read_text())["address"]
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nworkers", "2", "--nthreads", "1"]
        started.append(subprocess.Popen([*worker, "--no-dashboard"], **quiet))
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(20)


@pytest.fixture
def case(case_with: Callable[[str], Case]) -> Case:
    return case_with(EVERYTHING)


def results(engine: Engine, case: Case) -> dict[str, str]:
    found: dict[str, str] = {}
    jobs = [Job(f"f:{k}", draw(case.uncertainty, 0, k)) for k in range(N)]
    jobs += [Job(f"l:{k}", draw(case.uncertainty, 0, k), (0.0, 600.0, 1800.0), 0) for k in range(4)]

    def done(key: str, record: Record) -> None:
        assert key not in found
        found[key] = line_of(key, record)

    engine.do(case, jobs, done)
    return found


def test_two_processes_give_what_one_gives(case: Case) -> None:
    here = results(Here(), case)
    assert len(set(here.values())) > N  # they differ from each other
    assert results(Processes(2), case) == here


def test_a_dask_cluster_of_two_workers_gives_what_one_process_gives(case: Case, scheduler: str) -> None:
    from distributed import Client

    with Client(scheduler, timeout=30, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=30)
    assert results(Cluster(scheduler), case) == results(Here(), case)


def test_no_cluster_there() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(UsageError, match="no Dask scheduler answers at nonsense"):
        Cluster("nonsense://x").do(None, [Job("f:0", (0.5,))], lambda *_: None)  # type: ignore[arg-type]


def test_a_line_that_is_not_whole_is_done_again(tmp_path: Path) -> None:
    path, identity = tmp_path / "futures.jsonl", {"seed": 0}
    with ResultFile(path, identity, is_resumed=False) as file:
        for k in range(3):
            file.add(f"f:{k}", {"safe": 0.1 + k})
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    with ResultFile(path, identity, is_resumed=True) as file:
        assert file.done == {"f:0": {"safe": 0.1}, "f:1": {"safe": 1.1}}
        file.add("f:2", {"safe": 2.1})
    assert path.read_bytes() == whole
    with pytest.raises(UsageError, match="seed was 0, is 1"):
        ResultFile(path, {"seed": 1}, is_resumed=True)


def test_a_line_that_was_changed_is_not_taken() -> None:
    line = line_of("f:0", {"safe": 12.5}).encode()
    assert read_line(line) == ("f:0", {"safe": 12.5})
    assert read_line(line.replace(b"12.5", b"12.6")) is None
    assert read_line(line.rstrip()) is None


def call(folder: Path, bare: Path, out: Path, *more: str) -> list[str]:
    words = ["stress", str(folder), str(bare / "plan"), "--out", str(out), "--futures", "40", "--sensitivity", "0"]
    words += ["--platoon", "0.2"]  # slow enough to be stopped half-way
    return [sys.executable, "-c", f"{HEEDS_INTERRUPTS}from clearway.cli import main; main()", *words, *more]


def test_killed_and_resumed_gives_the_same_and_runs_nothing_twice(
    bare: Path, scenario_with: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = scenario_with(EVERYTHING)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(call(folder, bare, tmp_path / "whole", "--workers", "1"), check=True, **quiet)
    out = tmp_path / "killed"
    process = subprocess.Popen(call(folder, bare, out, "--workers", "2"), **quiet)
    file = out / "futures.jsonl"
    for _ in range(6000):
        if file.exists() and file.read_bytes().count(b"\n") > 4:
            break
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = file.read_bytes()
    n_kept = kept.count(b"\n") - 1
    assert 4 <= n_kept < 40, "it was over before it could be killed"
    answer = subprocess.run(
        call(folder, bare, out, "--workers", "1", "--resume", "--json"), check=True, capture_output=True
    )
    run = json.loads(answer.stdout)["run"]
    assert (run["kept"], run["driven_now"]) == (n_kept, 40 - n_kept)
    keys = Counter(json.loads(line)[0] for line in file.read_bytes().splitlines())
    assert set(keys.values()) == {1}
    assert len(keys) == 41
    for name in ("stress.json", "futures.csv", "report.html"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_interrupted_it_keeps_what_is_done_and_says_how_to_go_on(
    bare: Path, scenario_with: Callable[[str], Path], tmp_path: Path
) -> None:
    folder, out = scenario_with(EVERYTHING), tmp_path / "out"
    process = subprocess.Popen(
        call(folder, bare, out, "--workers", "2", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    file = out / "futures.jsonl"
    for _ in range(6000):
        if file.exists() and file.read_bytes().count(b"\n") > 5:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    told, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "--resume" in said
    assert json.loads(told)["error"] == "interrupted"
    assert sorted(path.name for path in out.iterdir()) == ["futures.jsonl"]
