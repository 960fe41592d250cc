"""
Clearway's simulator beside UXsim's C++ engine: the same work in both, users choosing their way.

    python -m benchmarks.simulation [--instances ../shared/instances] [--work DIR] [--large] [NAME ...]

writes docs/benchmarks-simulation.md. The same roads, platoons, departures (those of Clearway's plan) and horizon are
given to both; each run is a process of its own, the engines take turns. ``--large``: chicagoregional too, Clearway
alone. Needs ``pip install uxsim`` (extra ``judges``).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from clearway.ingest.folder import read_scenario
from clearway.model.network import FloatArray, IntArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario

ROOT = Path(__file__).parents[1]
PLATOON = 5  # vehicles, UXsim's default
WAVE_M_PER_S = 5.0  # Clearway's default; sets the jam density, which both are given
UPDATE_S = 300.0  # between two looks at travel times
HORIZON_S = {"anaheim": 14_400.0, "chicagosketch-1min": 108_000.0, "chicagoregional": 172_800.0}
REPETITIONS = {"anaheim": 7, "chicagosketch-1min": 1}
LARGE, LARGE_WITHIN_S = "chicagoregional", 162_000.0
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Departures:
    """Whole platoons in the order in which they leave: zone and second of each."""

    zone: IntArray
    leaves_s: FloatArray


def departures_of(plan: Plan | None, scenario: Scenario) -> Departures:
    """Every zone's vehicles to the nearest whole platoon, as the plan lets them go; without a plan at an even rate."""
    zones, times = [], []
    for i, zone in enumerate(scenario.zones):
        n = round(zone.with_vehicle / zone.persons_per_vehicle / PLATOON)
        share = (np.arange(n) + 1.0) / max(n, 1)
        if plan is None:
            leaves = share * LARGE_WITHIN_S
        else:
            moves = plan.movements
            mine = moves.zone == i
            begin, end, amount = moves.depart_from_s[mine], moves.depart_until_s[mine], moves.vehicles[mine]
            edges = np.unique(np.concatenate((begin, end)))
            part = (np.clip(edges[:, None], begin, end) - begin) / (end - begin)
            gone = (part * amount).sum(axis=1)
            leaves = np.interp(share * gone[-1], gone, edges)
        zones.append(np.full(n, i))
        times.append(leaves)
    zone_of, leaves_s = np.concatenate(zones), np.concatenate(times)
    order = np.argsort(leaves_s, kind="stable")
    return Departures(zone_of[order], leaves_s[order])


def load(name: str, instances: Path, work: Path) -> tuple[Scenario, Departures]:
    from clearway.ingest.plan_folder import read_plan

    folder, out = instances / name, work / name
    scenario = read_scenario(folder)
    if name == LARGE:
        departures = departures_of(None, scenario)
    else:
        if not out.exists():
            from clearway.planner.parameters import PlanParameters, silent
            from clearway.workflow import make_plan

            make_plan(folder, out, PlanParameters(time_limit_s=60.0), silent)
        departures = departures_of(read_plan(out, scenario), scenario)
    return replace(scenario, horizon_s=HORIZON_S[name]), departures


def memory_mb() -> float:
    """The process's largest memory so far; what its parent used before it counts in `resource`, but not on Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
        if peak:
            return float(peak.group(1)) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def figures_of(leaves_s: FloatArray, arrives_s: FloatArray) -> Figures:
    """What shows that the work was the same; seconds by platoon, inf: not arrived. Waiting at home counts as travel."""
    there = np.isfinite(arrives_s)
    travel = arrives_s[there] - leaves_s[there]
    return {
        "sent": len(leaves_s) * PLATOON,
        "mean_departure_s": float(leaves_s.mean()),
        "arrived": int(there.sum()) * PLATOON,
        "total_h": float(travel.sum()) * PLATOON / 3600.0,
        "mean_s": float(travel.mean()),
        "last_s": float(arrives_s[there].max()),
    }


def run_clearway(scenario: Scenario, departures: Departures) -> Figures:
    """Everybody finds their own way, a quarter of them looking again at each update."""
    from clearway.model.plan import BoundKind, Certificate, Movements, Routes
    from clearway.simulator import Behaviour, SimulationParameters, Simulator
    from clearway.simulator.behaviour import Travellers, carry_out
    from clearway.simulator.drive import Drive
    from clearway.simulator.parameters import silent
    from clearway.simulator.simulate import outcome_of

    n = len(departures.zone)
    nowhere, none, no = np.full(n, 0), np.zeros(0, dtype=np.int64), np.zeros(n, dtype=np.bool_)
    size = np.full(n, float(PLATOON))
    load_of = np.array([zone.persons_per_vehicle for zone in scenario.zones])[departures.zone]
    travellers = Travellers(
        departures.zone, nowhere, nowhere, nowhere, size, size * load_of, departures.leaves_s, no, no
    )  # fmt: skip
    moves = Movements(none, none, none, np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0), (), ())
    proof = Certificate(BoundKind.CLEARANCE, 0.0, np.full(scenario.network.n_nodes, np.inf), (), (), 0.0, 0.0)
    routes = Routes(("r",), np.array([0, 1]), np.zeros(1, dtype=np.int64))
    plan = Plan("", routes, moves, (), proof, "feasible", 0.0, 0.0, 0.0, 0.0, 0.0)
    behaviour = Behaviour(follow_route=0.0, follow_site=0.0)
    params = SimulationParameters(
        platoon_vehicles=PLATOON, wave_speed_m_per_s=WAVE_M_PER_S, update_s=UPDATE_S, behaviour=behaviour
    )
    before = memory_mb()
    took: list[tuple[float, float, float]] = []
    for _ in range(2):  # the first compiles, or reads what was compiled
        began, began_cpu = time.perf_counter(), time.process_time()
        simulator = Simulator(scenario, plan, params)
        people = carry_out(scenario, travellers, params)
        drive = Drive(scenario, plan, people, simulator.tables, params)
        ready_cpu = time.process_time()
        drive.run(silent)
        run_cpu = time.process_time() - ready_cpu
        outcome = outcome_of(simulator, people, drive, params, began)
        took.append((time.perf_counter() - began, time.process_time() - began_cpu, run_cpu))
        if outcome.runtime_s > 60.0:
            break
    arrives = np.where(drive.platoons.status == 3, drive.platoons.arrived, np.inf)
    timed = {"wall_s": took[-1][0], "cpu_s": took[-1][1], "run_cpu_s": took[-1][2], "first_cpu_s": took[0][1]}
    return timed | {"memory_mb": memory_mb(), "before_mb": before} | figures_of(departures.leaves_s, arrives)


def run_uxsim(scenario: Scenario, departures: Departures, logs: bool) -> Figures:
    """
    The same in UXsim's C++ engine. Only the run is timed.

    A link has as many of UXsim's lanes as let it carry its capacity at the same free speed, length and jam density;
    UXsim clips it to the capacity at both ends. Sites lead to one node by roads that are wide enough for all.
    """
    from uxsim import World

    network = scenario.network
    before = memory_mb()
    world = World(
        name="", deltan=PLATOON, tmax=scenario.horizon_s, print_mode=0, save_mode=0, show_mode=0, random_seed=0,
        duo_update_time=UPDATE_S, cpp=True, vehicle_logging_timestep_interval=1 if logs else -1,
    )  # fmt: skip
    for node in range(network.n_nodes):
        world.addNode(str(node), float(network.node_x[node]), float(network.node_y[node]))
    world.addNode("safe", 0.0, 0.0)
    rates = scenario.usable_rate() / scenario.capacity_factor
    for link in np.flatnonzero(rates > 0).tolist():
        rate, length = float(rates[link]), float(network.length_m[link])
        speed = length / float(network.free_flow_time_s[link])
        lanes = int(np.ceil(rate * (speed + WAVE_M_PER_S) / speed - 1e-9))
        world.addLink(
            str(link), str(network.tail[link]), str(network.head[link]), length=length, free_flow_speed=speed,
            jam_density=rate / speed + rate / WAVE_M_PER_S, number_of_lanes=lanes, merge_priority=rate,
            capacity_in=rate, capacity_out=rate,
        )  # fmt: skip
    for site in scenario.sites:
        wide = int(np.ceil(2.0 * rates[network.head == site.node].sum())) + 2
        world.addLink(
            f"s{site.node}", str(site.node), "safe", length=50, free_flow_speed=50, jam_density_per_lane=0.2,
            number_of_lanes=wide,
        )  # fmt: skip
    nodes = [str(zone.node) for zone in scenario.zones]
    vehicles = [
        world.addVehicle(nodes[zone], "safe", leaves)
        for zone, leaves in zip(departures.zone.tolist(), departures.leaves_s.tolist(), strict=True)
    ]
    began, began_cpu = time.perf_counter(), time.process_time()
    while world.check_simulation_ongoing():
        world.exec_simulation(duration_t2=1800)
        if not world.VEHICLES_LIVING:
            break
    wall, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    arrives = np.array([v.arrival_time * world.DELTAT if v.state == "end" else np.inf for v in vehicles], dtype=float)
    timed = {"wall_s": wall, "cpu_s": cpu, "run_cpu_s": cpu, "memory_mb": memory_mb(), "before_mb": before}
    return timed | figures_of(departures.leaves_s, arrives)


ENGINES = {
    "Clearway": run_clearway,
    "UXsim": lambda scenario, departures: run_uxsim(scenario, departures, logs=False),
    "UXsim, with logs": lambda scenario, departures: run_uxsim(scenario, departures, logs=True),
}


def measured(engine: str, name: str, chosen: argparse.Namespace, fresh: bool = False) -> Figures:
    """One run in a process of its own; ``fresh``: nothing compiled yet."""
    words = [sys.executable, "-m", "benchmarks.simulation", "--one", engine, name]
    words += ["--instances", str(chosen.instances), "--work", str(chosen.work)]
    with tempfile.TemporaryDirectory() as empty:
        environment = dict(os.environ) | ({"NUMBA_CACHE_DIR": empty} if fresh else {})
        done = subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT, env=environment)
    found: Figures = json.loads(done.stdout.strip().splitlines()[-1])
    print(f"{name} {engine}: {found['cpu_s']:.2f} s CPU, {found['memory_mb']:.0f} MB", file=sys.stderr, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=["anaheim", "chicagosketch-1min"])
    parser.add_argument("--one", choices=sorted(ENGINES))
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--instances", type=Path, default=ROOT.parent / "shared" / "instances")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "clearway-simulation")
    parser.add_argument("--page-only", action="store_true", help="write the page again from its figures")
    chosen = parser.parse_args()
    chosen.instances, chosen.work = chosen.instances.resolve(), chosen.work.resolve()
    chosen.work.mkdir(parents=True, exist_ok=True)
    if chosen.one:
        print(json.dumps(ENGINES[chosen.one](*load(chosen.names[0], chosen.instances, chosen.work))))
        return
    kept = ROOT / "docs" / "benchmarks-simulation.json"
    runs: dict[str, list[Figures]] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    for name in [] if chosen.page_only else chosen.names:
        load(name, chosen.instances, chosen.work)  # the plan, once
        for engine in ENGINES:
            runs.pop(f"{name} | {engine}", None)
        for turn in range(REPETITIONS[name]):
            order = ["Clearway", "UXsim"] if turn % 2 == 0 else ["UXsim", "Clearway"]
            if turn == 0 and name == "anaheim":
                order.append("UXsim, with logs")
                runs["anaheim | fresh"] = [measured("Clearway", name, chosen, fresh=True)]
            for engine in order:
                runs.setdefault(f"{name} | {engine}", []).append(measured(engine, name, chosen))
                kept.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")
    if chosen.large:
        runs[f"{LARGE} | Clearway"] = [measured("Clearway", LARGE, chosen)]
        kept.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")
    from benchmarks.simulation_page import page

    (ROOT / "docs" / "benchmarks-simulation.md").write_text(page(runs), encoding="utf-8")


if __name__ == "__main__":
    main()
