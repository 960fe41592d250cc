"""One measurement in a process of its own, so that time and memory are its own: `run_job` starts it, `main` is it."""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import Case, busiest_link, half_time, load
from benchmarks.peers import ccrp, exact
from benchmarks.peers.task import UnsuitableError, in_order, make_task, natural_slot
from clearway.check import check_plan
from clearway.model.demand import Site, Zone
from clearway.model.network import Network
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.planner import PlanParameters, make_plan

GRACE_S = 60.0  # beyond twice the limit, a job that does not end by itself is ended
BOUND_IS_THERE = 0.999  # the bound counts as found when it is this near the final one
EXTRAS = "last safe starts"  # the planner's word for what comes after the plan and its bound
FINE_SLOT_S = 10.0  # where travel times have no common slot
COARSE_SLOT_S = 60.0
QUICK_S = 5.0  # CCRP that takes less is run in other orders of zones, too
TURNS = 5  # of a plan or an exact search that takes less; the least time counts: other work only adds to it
CCRP_PAIRS = 60_000_000  # (link, slot) pairs beyond which the greedy peer takes coarse slots
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Job:
    """What to measure (a key of `MEASURES`) on what, and for how long at most."""

    task: str
    case: Case
    time_limit_s: float
    gap: float = 0.005


def run_job(job: Job) -> dict[str, Any]:
    """The figures of a job; ``error`` says why there are none."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))}
    command = [sys.executable, "-m", "benchmarks.measure", json.dumps(asdict(job))]
    ends_by_itself = not job.task.startswith("exact")
    timeout_s = 2 * job.time_limit_s + 2 * GRACE_S if ends_by_itself else job.time_limit_s
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        return {"error": f"not done in {timeout_s:.0f} s"}
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return {"error": lines[-1] if lines else f"ended with code {done.returncode}", "trace": done.stderr[-4000:]}
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def tiny() -> Scenario:
    """A town and two sites, to load compiled kernels with before the clock starts."""
    instance = {"tail": [0, 0, 1, 2, 1], "head": [1, 2, 3, 3, 2], "time": [60.0, 120.0, 60.0, 60.0, 60.0]}
    n = len(instance["tail"])
    network = Network(
        node_ids=("a", "b", "c", "d"),
        node_names=("",) * 4,
        node_x=np.arange(4.0),
        node_y=np.zeros(4),
        link_ids=tuple(str(i) for i in range(n)),
        link_names=("",) * n,
        tail=np.array(instance["tail"]),
        head=np.array(instance["head"]),
        length_m=np.ones(n),
        free_flow_time_s=np.array(instance["time"]),
        lanes=np.ones(n),
        capacity_veh_per_s=np.full(n, 0.5),
        allowed_uses=("",) * n,
        reverse=np.full(n, -1),
        geometry=(None,) * n,
        crs="local",
    )
    scenario = load(Case("kherson", example="base"))
    zone = Zone("z", "", 0, 600, 600, 0, 1.0)
    sites = (Site("s", "", 3, 400.0), Site("t", "", 2, 400.0))
    return replace(scenario, network=network, zones=(zone,), sites=sites, crossings=(), availabilities=())


def memory_mib() -> float:
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_plan(job: Job) -> dict[str, Any]:
    """Load, plan and check."""
    warm = tiny()
    make_plan(warm, PlanParameters(time_limit_s=20.0))
    before = memory_mib()
    started = time.perf_counter()
    scenario = load(job.case)
    loaded = time.perf_counter()
    plan, times = timed_plan(scenario, job)
    planned = time.perf_counter()
    memory = memory_mib()
    result = check_plan(scenario, plan)
    checked = time.perf_counter()
    for _ in range(TURNS - 1 if times["all_s"] < QUICK_S else 0):
        again = timed_plan(scenario, job)[1]
        times = {name: min(seconds, again[name]) for name, seconds in times.items()}
    figures: dict[str, Any] = {
        "nodes": scenario.network.n_nodes,
        "links": scenario.network.n_links,
        "zones": len(scenario.zones),
        "vehicles": sum(party.vehicles for party in scenario.parties()),
        "persons": sum(party.persons for party in scenario.parties()),
        "planned": plan.persons_planned,
        "persons_bound": plan.persons_upper_bound,
        "kind": plan.certificate.kind.value,
        "load_s": loaded - started,
        **times,
        "check_s": checked - planned,
        "clearance_s": plan.clearance_time_s,
        "clearance_bound_s": plan.clearance_lower_bound_s,
        "gap": plan.gap,
        "status": plan.status,
        "movements": len(plan.movements),
        "routes": len(plan.routes),
        "memory_mib": memory,
        "memory_before_mib": before,
        "faults": [str(fault) for fault in result.faults][:10],
        "slot_s": natural_slot(scenario, 0.0),
    }
    if len(plan.movements):
        figures["busiest"] = (scenario.network.link_ids[busiest_link(scenario, plan)], half_time(plan))
    return figures


def timed_plan(scenario: Scenario, job: Job) -> tuple[Plan, dict[str, float]]:
    """A plan, and the seconds of the clock and of processors that it took: bound, plan and all."""
    heard: list[tuple[float, float, float]] = []
    proven: list[tuple[float, float]] = []
    began, began_cpu = time.perf_counter(), time.process_time()

    def listen(step: str, bound: float | None, _value: float | None) -> None:
        now = (time.perf_counter() - began, time.process_time() - began_cpu)
        if step == EXTRAS:
            proven.append(now)
        if bound is not None:
            heard.append((bound, *now))

    plan = make_plan(scenario, PlanParameters(time_limit_s=job.time_limit_s, gap=job.gap), listen)
    took = (time.perf_counter() - began, time.process_time() - began_cpu)
    heard.append((plan.clearance_lower_bound_s, *took))
    _, bound_s, bound_cpu_s = next(entry for entry in heard if entry[0] >= BOUND_IS_THERE * heard[-1][0])
    plan_s, plan_cpu_s = proven[0] if proven else took
    return plan, {
        "bound_s": bound_s,
        "bound_cpu_s": bound_cpu_s,
        "plan_s": plan_s,
        "plan_cpu_s": plan_cpu_s,
        "search_s": sum(seconds for step, seconds in plan.runtime_s if step in ("problem", "search")),
        "all_s": took[0],
    }


def measure_exact(job: Job) -> dict[str, Any]:
    """The exact search, where its network is not too large."""
    is_from_cut = job.task == "exact_from_cut"
    exact.search(make_task(tiny(), 60.0), is_from_cut=is_from_cut)
    scenario = load(job.case)
    task = make_task(scenario, natural_slot(scenario, FINE_SLOT_S))
    seconds, cpu_s = math.inf, math.inf
    for turn in range(TURNS):
        started = time.process_time()
        try:
            found = exact.search(task, is_from_cut=is_from_cut)
        except UnsuitableError as reason:
            return {"error": str(reason)}
        seconds, cpu_s = min(seconds, found.seconds), min(cpu_s, time.process_time() - started)
        if turn == 0 and seconds >= QUICK_S:
            break
    return asdict(found) | {
        "seconds": seconds,
        "slot_s": task.slot_s,
        "cpu_s": cpu_s,
        "memory_mib": memory_mib(),
    }


def measure_ccrp(job: Job) -> dict[str, Any]:
    """The greedy peer, on fine slots where the grid stays small, else on coarse ones."""
    ccrp.plan_greedily(make_task(tiny(), 60.0), 100, 10.0)
    scenario = load(job.case)
    slot_s = natural_slot(scenario, FINE_SLOT_S)
    task = make_task(scenario, slot_s)
    steps = _first_steps(task)
    if steps * scenario.network.n_links > CCRP_PAIRS and slot_s < COARSE_SLOT_S:
        task = make_task(scenario, COARSE_SLOT_S)
        steps = _first_steps(task)
    started = time.process_time()
    try:
        found = ccrp.plan_greedily(task, steps, job.time_limit_s)
    except UnsuitableError as reason:
        return {"error": str(reason)}
    figures = asdict(found) | {
        "slot_s": task.slot_s,
        "cpu_s": time.process_time() - started,
        "memory_mib": memory_mib(),
    }
    if found.seconds < QUICK_S and found.sent == found.supply:
        far_first = np.argsort(-task.to_site(task.travel_s, 0, task.site_vehicles > 0)[task.zone_node], kind="stable")
        others = (ccrp.plan_greedily(in_order(task, order), steps, QUICK_S) for order in (far_first, far_first[::-1]))
        figures["other_steps"] = [other.steps for other in others if other.in_time]
    return figures


def _first_steps(task: Any) -> int:
    """A quarter more slots than a steady flow takes: a first length for the grid, which grows where it must."""
    try:
        return 5 * exact.static_bound(exact.in_slots(task)) // 4 + 1
    except UnsuitableError:
        return int(task.horizon_s / task.slot_s / 4)


MEASURES = {"plan": measure_plan, "exact": measure_exact, "exact_from_cut": measure_exact, "ccrp": measure_ccrp}


def main() -> None:
    """Measure the job given as JSON; print its figures as JSON."""
    given = json.loads(sys.argv[1])
    case = given.pop("case")
    case["closed"] = tuple(case["closed"]) if case["closed"] else None
    job = Job(case=Case(**case), **given)
    print(json.dumps(MEASURES[job.task](job)))


if __name__ == "__main__":
    main()
