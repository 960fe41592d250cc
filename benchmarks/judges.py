"""
Other simulators drive Clearway's plans: SUMO (meso and micro) and UXsim, with every vehicle on its route.

    python -m benchmarks.judges [--instances ../shared/instances] [--work DIR] [--micro-limit 600] [CASE ...]

writes docs/benchmarks-judges.md and .json. A judge that needs more processor time than its limit is stopped and shown
as such. Plans found in the work folder are used again.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from benchmarks.judges_cases import CASES, Case
from clearway.model.network import FloatArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish.exports.folder import write_export
from clearway.publish.exports.sumo import export_sumo
from clearway.publish.exports.uxsim import export_uxsim

ROOT = Path(__file__).parents[1]
OURS = "Clearway"
Judge = Callable[[Plan, Scenario, Path, float], FloatArray | None]  # seconds of arrival by vehicle, inf: never
Ours = Callable[[Plan, Scenario], FloatArray]  # the same, of Clearway's own simulator


@dataclass(frozen=True)
class Verdict:
    """What a judge made of a plan."""

    judge: str
    vehicles: int
    arrived: int
    clearance_s: float
    ninety_s: float
    mean_s: float
    apart: float  # the largest difference between its curve of arrivals and the plan's, as a share of all
    cpu_s: float


def sumo(kind: str) -> Judge:
    """SUMO's mesoscopic or microscopic model."""

    def judge(plan: Plan, scenario: Scenario, folder: Path, limit_s: float) -> FloatArray | None:
        programs = Path(find("sumo")) / "bin"
        if not (folder / "network.net.xml").exists():
            write_new(folder, export_sumo(plan, scenario))
            drive([str(programs / "netconvert"), "-c", "network.netccfg"], folder, limit_s)
        out = folder / f"{kind}.tripinfo.xml"
        if not drive([str(programs / "sumo"), "-c", f"{kind}.sumocfg"], folder, limit_s):
            return None
        arrival = {
            trip.attrib["id"]: float(trip.attrib["arrival"])
            for _, trip in ElementTree.iterparse(out)
            if trip.tag == "tripinfo"
        }
        seconds = np.array([arrival.get(f"v{i}", -1.0) for i in range(n_vehicles(folder))])
        return np.where(seconds < 0, np.inf, seconds)

    return judge


def uxsim(platoon: int, late: float = 0.0) -> Judge:
    """UXsim's C++ engine with platoons of this many vehicles, up to so many times the planned clearance (0: longer)."""

    def judge(plan: Plan, scenario: Scenario, folder: Path, limit_s: float) -> FloatArray | None:
        find("uxsim")
        write_new(folder, export_uxsim(plan, scenario))
        leave_out_unused(folder / "world.json", late * plan.clearance_time_s)
        if not drive([sys.executable, "run_uxsim.py", "--platoon", str(platoon)], folder, limit_s):
            return None
        with (folder / "arrivals.csv").open(encoding="utf-8") as file:
            arrival = {row["vehicle_id"]: float(row["arrival_s"] or "inf") for row in csv.DictReader(file)}
        return np.array([arrival[f"v{i}"] for i in range(len(arrival))])

    return judge


def leave_out_unused(path: Path, end_s: float) -> None:
    """
    Leave only the roads of routes in a UXsim world, and let it end by ``end_s`` (0: as it is).

    Nobody drives on the others, but UXsim keeps a table of nodes times links, and its memory grows with the time.
    """
    world = json.loads(path.read_text(encoding="utf-8"))
    used = {link for route in world["routes"].values() for link in route}
    world["links"] = [link for link in world["links"] if link["name"] in used]
    ends = {link[end] for link in world["links"] for end in ("from", "to")}
    world["nodes"] = [node for node in world["nodes"] if node[0] in ends]
    world["changes"] = [change for change in world["changes"] if change[1] in used]
    world["end_s"] = int(end_s) if end_s else world["end_s"]
    path.write_text(json.dumps(world), encoding="utf-8")


def find(package: str) -> str:
    """The folder of an installed package."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        sys.exit(f"{package} is not installed: pip install clearway[judges]")
    return str(Path(found.origin).parent)


def write_new(folder: Path, export: tuple[dict[str, str], dict[str, Any]]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    write_export(folder, *export)


def n_vehicles(folder: Path) -> int:
    return int(json.loads((folder / "export.json").read_text(encoding="utf-8"))["vehicles"])


def drive(words: list[str], folder: Path, limit_s: float) -> bool:
    """Run a judge; False where it took more processor time than the limit."""
    limited = lambda: resource.setrlimit(resource.RLIMIT_CPU, (int(limit_s), int(limit_s) + 5))  # noqa: E731
    done = subprocess.run(
        words, cwd=folder, env=dict(os.environ), capture_output=True, text=True, check=False, preexec_fn=limited
    )
    if done.returncode < 0:
        return False
    if done.returncode:
        sys.exit(f"{' '.join(words)}: {done.stderr[-2000:]}")
    return True


def judged(name: str, judge: Judge, plan: Plan, scenario: Scenario, folder: Path, limit_s: float) -> Verdict | None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = judge(plan, scenario, folder, limit_s)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"  {name}: {cpu:.0f} s of processor time" + ("" if seconds is not None else ", stopped"), flush=True)
    return None if seconds is None else verdict(name, seconds, plan, scenario, cpu)


def verdict(name: str, seconds: FloatArray, plan: Plan, scenario: Scenario, cpu_s: float) -> Verdict:
    """The figures of a curve of arrivals beside the plan's."""
    there = np.sort(seconds[np.isfinite(seconds)])
    n = len(seconds)
    times, persons = plan.arrivals(scenario.network.free_flow_time_s)
    grid = np.linspace(0.0, max(float(there[-1]), plan.clearance_time_s), 2000)
    ours = np.searchsorted(there, grid, side="right") / n
    planned = np.interp(grid, times, persons) / persons[-1]
    ninety = float(there[int(np.ceil(0.9 * n)) - 1]) if len(there) >= 0.9 * n else float("inf")
    apart = float(np.abs(ours - planned).max())
    return Verdict(name, n, len(there), float(there[-1]), ninety, float(there.mean()), apart, cpu_s)


def of_plan(plan: Plan, scenario: Scenario) -> Verdict:
    """The plan itself, as a judge would see it."""
    times, persons = plan.arrivals(scenario.network.free_flow_time_s)
    shares = (np.arange(10_000) + 0.5) / 10_000
    seconds = np.interp(shares * persons[-1], persons, times)
    n = round(float(plan.movements.vehicles.sum()))
    ninety = float(np.interp(0.9 * persons[-1], persons, times))
    return Verdict("the plan", n, n, float(times[-1]), ninety, float(seconds.mean()), 0.0, 0.0)


def planned(name: str, instances: Path, work: Path) -> tuple[Plan, Scenario]:
    """A case's scenario and plan; ``anaheim@0.9``: on 0.9 of the capacities, ``anaheim:10``: a tenth of the people."""
    from clearway.examples import write_example
    from clearway.ingest.plan_folder import read_plan
    from clearway.planner.parameters import PlanParameters, silent
    from clearway.workflow import load_scenario, make_plan

    instance, _, share = name.partition("@")
    instance, _, part = instance.partition(":")
    folder, out = work / f"{name}-scenario", work / f"{name}-plan"
    if not folder.exists():
        if instance == "kherson":
            write_example(instance, folder, None)
        else:
            shutil.copytree(instances / instance, folder)
        if part:
            divide_people(folder / "zone.csv", int(part))
        if share:
            settings = folder / "scenario.toml"
            text = settings.read_text(encoding="utf-8")
            settings.write_text(text.replace("capacity_factor = 1.0", f"capacity_factor = {share}"), encoding="utf-8")
    if not out.exists():
        make_plan(folder, out, PlanParameters(time_limit_s=60.0), silent)
    scenario = load_scenario(folder)
    return read_plan(out, scenario), scenario


def divide_people(path: Path, part: int) -> None:
    """Leave one person in so many, in every zone."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "population": round(int(row["population"]) / part)} for row in rows)


def measure(name: str, instances: Path, work: Path, micro_limit_s: float, ours: Ours | None) -> dict[str, Any]:
    """Every judge on a case; ``ours`` is Clearway's simulator, where there is one."""
    print(name, flush=True)
    plan, scenario = planned(name, instances, work)
    found: list[Verdict] = [of_plan(plan, scenario)]
    if ours is not None:
        began = time.process_time()
        seconds = ours(plan, scenario)
        found.append(verdict(OURS, seconds, plan, scenario, time.process_time() - began))
    stopped = []
    for judge_name, judge in JUDGES.items():
        place = work / f"{name}-{judge_name.split()[0].lower()}"
        limit_s = micro_limit_s if judge_name == "SUMO micro" else 3600.0
        one = judged(judge_name, judge, plan, scenario, place, limit_s) if limit_s > 0 else None
        if one is None:
            stopped.append([judge_name, limit_s])
        else:
            found.append(one)
    return {"verdicts": [asdict(each) for each in found], "stopped": stopped}


def clearway(plan: Plan, scenario: Scenario) -> FloatArray:
    """Clearway's own simulator, platoons of one vehicle: every vehicle on its route from its second on."""
    from clearway.kernels.traffic_tables import SAFE
    from clearway.simulator import SimulationParameters, Simulator
    from clearway.simulator.drive import Drive
    from clearway.simulator.parameters import silent

    params = SimulationParameters(platoon_vehicles=1.0, record_links=False, at_closed_road="wait")
    simulator = Simulator(scenario, plan, params)
    drive = Drive(scenario, plan, simulator.planned, simulator.tables, params)
    drive.run(silent)
    arrived = np.where(drive.platoons.status == SAFE, drive.platoons.arrived, np.inf)
    order = np.argsort(arrived, kind="stable")
    passed = np.cumsum(drive.platoons.vehicles[order])
    n = round(float(passed[-1]))  # the last platoon of a route may be part of a vehicle
    at = np.searchsorted(passed, (np.arange(n) + 1.0) * (passed[-1] / n) * (1 - 1e-9))
    return np.asarray(arrived[order][np.minimum(at, len(order) - 1)], dtype=np.float64)


JUDGES: dict[str, Judge] = {"UXsim": uxsim(1), "SUMO meso": sumo("meso"), "SUMO micro": sumo("micro")}


def small(case: Case, work: Path) -> dict[str, Any]:
    """The clearance of a case worked by hand, in every judge."""
    print(case.name, flush=True)
    plan, scenario = case.plan(), case.scenario()
    mine = clearway(plan, scenario)
    clearance = {OURS: float(mine.max()) if np.isfinite(mine).all() else None}
    for name, judge in JUDGES.items():
        place = work / f"{case.name}-{name.split()[0].lower()}".replace(" ", "-").replace(",", "")
        seconds = judge(plan, scenario, place, 600.0)
        assert seconds is not None
        clearance[name] = float(seconds.max()) if np.isfinite(seconds).all() else None
    return {"what": case.what, "by_hand_s": case.by_hand_s, "clearance_s": clearance}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("cases", nargs="*", default=["anaheim", "anaheim@0.9", "anaheim:10", "kherson"])
    options.add_argument("--instances", type=Path, default=ROOT.parent / "shared" / "instances")
    options.add_argument("--work", type=Path, default=Path("judges-work"))
    options.add_argument("--micro-limit", type=float, default=1200.0, help="processor seconds for SUMO micro, 0: none")
    options.add_argument("--no-small", action="store_true", help="leave the cases worked by hand as they are")
    options.add_argument("--page-only", action="store_true", help="write the page again from its figures")
    chosen = options.parse_args()
    figures = ROOT / "docs" / "benchmarks-judges.json"
    results = {"cases": {}, "small": {}} if not figures.exists() else json.loads(figures.read_text(encoding="utf-8"))
    work = chosen.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(work / "small", ignore_errors=True)
    if not (chosen.page_only or chosen.no_small):
        results["small"] = {case.name: small(case, work / "small") for case in CASES}
    for name in [] if chosen.page_only else chosen.cases:
        results["cases"][name] = measure(name, chosen.instances, work, chosen.micro_limit, clearway)
        figures.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    from benchmarks.judges_page import page

    document = page(results)
    (ROOT / "docs" / "benchmarks-judges.md").write_text(document, encoding="utf-8")


if __name__ == "__main__":
    main()
