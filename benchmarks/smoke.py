"""
A run for each change: two small instances and the example, planned, checked, and held to the exact optimum.

    python -m benchmarks.smoke [--instances DIR]

Instances that are not there are skipped. Exits with 1 where a figure is not what it should be.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from benchmarks.cases import Case, load
from benchmarks.measure import ROOT
from benchmarks.page import PUBLISHED
from benchmarks.peers import ccrp, exact
from benchmarks.peers.task import make_task
from clearway.check import check_plan
from clearway.planner import PlanParameters, make_plan

INSTANCES = ("siouxfalls-1min", "anaheim-1min")
GAP = 0.005  # of the instances
EXAMPLE_GAP = 0.02  # the bar of the first release; benchmarks.run shows how far it is from half a per cent
SLOT_S = 60.0


def faults_of_plan(case: Case, time_limit_s: float, gap: float) -> tuple[list[str], float]:
    """What is wrong with the plan of a case, and its clearance time."""
    scenario = load(case)
    started = time.perf_counter()
    plan = make_plan(scenario, PlanParameters(time_limit_s=time_limit_s, gap=gap))
    seconds = time.perf_counter() - started
    print(f"{case.name}: {plan.clearance_time_s / 60:.2f} min, gap {100 * plan.gap:.3f} %, {seconds:.2f} s")
    faults = [f"{case.name}: {fault}" for fault in check_plan(scenario, plan).faults]
    if plan.gap > gap:
        faults.append(f"{case.name}: gap {100 * plan.gap:.3f} %, expected at most {100 * gap:g} %")
    return faults, plan.clearance_time_s


def faults_of_instance(case: Case) -> list[str]:
    """A plan within the exact optimum's slot, the published optimum, and a greedy peer that is no better."""
    faults, clearance_s = faults_of_plan(case, 10.0, GAP)
    task = make_task(load(case), SLOT_S)
    best = exact.search(task).steps
    greedy = ccrp.plan_greedily(task, 2 * best, 10.0)
    print(f"{case.name}: T* {best} min, CCRP {greedy.steps} min")
    if best != PUBLISHED[case.name]:
        faults.append(f"{case.name}: T* {best}, expected {PUBLISHED[case.name]}")
    if not best * SLOT_S < clearance_s <= (best + 1) * SLOT_S * (1 + GAP):
        faults.append(f"{case.name}: clearance {clearance_s / 60:.2f} min, expected within the slot after {best}")
    if greedy.steps < best or greedy.sent < greedy.supply:
        faults.append(f"{case.name}: CCRP at {greedy.steps} min, expected everybody and not before {best}")
    return faults


def main(arguments: list[str] | None = None) -> int:
    """Run them; 1 where there are faults."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.smoke", description=__doc__)
    parser.add_argument("--instances", type=Path, default=ROOT.parent / "shared" / "instances")
    folder = parser.parse_args(arguments).instances
    faults: list[str] = []
    for name in INSTANCES:
        if (folder / name).is_dir():
            faults += faults_of_instance(Case(name, str(folder / name)))
        else:
            print(f"{name}: skipped, not in {folder}")
    faults += faults_of_plan(Case("kherson base", example="base"), 15.0, EXAMPLE_GAP)[0]  # the time limit is short here
    for fault in faults:
        print(f"FAULT {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
