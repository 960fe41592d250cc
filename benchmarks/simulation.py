"""
Clearway's simulator beside UXsim's C++ engine: the same network, people and horizon, users choosing their way.

``python -m benchmarks.simulation FOLDER ... --out docs/benchmarks-simulation.md``; needs ``pip install uxsim`` (extra
``judges``). Everybody of a zone leaves at an even rate within a time, to the quickest site; each run is a process
of its own; CPU time of the simulation alone and the process's largest memory are told.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

PLATOON = 5  # vehicles, UXsim's default
WITHIN_S = {"chicagosketch-1min": 36_000.0}  # everybody leaves within; elsewhere within an hour
HORIZON_S = {"anaheim": 14_400.0, "anaheim-1min": 14_400.0, "chicagosketch-1min": 108_000.0}


def memory_mb() -> float:
    """The process's largest memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_clearway(folder: Path) -> dict[str, float]:
    """Everybody finds their own way, looking again every five minutes."""
    from clearway.ingest.folder import read_scenario
    from clearway.model.plan import BoundKind, Certificate, Movements, Plan, Routes
    from clearway.simulator import Behaviour, SimulationParameters, Simulator

    scenario = read_scenario(folder)
    scenario = replace(scenario, horizon_s=HORIZON_S[folder.name])
    n = len(scenario.zones)
    vehicles = np.array([zone.with_vehicle / zone.persons_per_vehicle for zone in scenario.zones])
    none = np.zeros(n, dtype=np.int64)
    persons = np.array([float(zone.with_vehicle) for zone in scenario.zones])
    within = np.full(n, WITHIN_S.get(folder.name, 3600.0))
    ids = tuple(f"m{i}" for i in range(n))
    moves = Movements(np.arange(n), none, none, np.zeros(n), within, vehicles, persons, ("auto",) * n, ids)
    proof = Certificate(BoundKind.CLEARANCE, 0.0, np.full(scenario.network.n_nodes, math.inf), (), (), 0.0, 0.0)
    links = np.zeros(1, dtype=np.int64)
    plan = Plan("", Routes(("r",), np.array([0, 1]), links), moves, (), proof, "feasible", 0.0, 0.0, 0.0, 0.0, 0.0)
    behaviour = Behaviour(follow_route=0.0, follow_site=0.0)
    params = SimulationParameters(platoon_vehicles=PLATOON, behaviour=behaviour)
    simulator = Simulator(scenario, plan, params)
    simulator.run(params)  # compiles, or reads what was compiled
    before = memory_mb()
    began = time.process_time()
    outcome = simulator.run(params)
    took = time.process_time() - began
    return {
        "cpu_s": took, "memory_mb": memory_mb(), "before_mb": before, "safe": outcome.tally.safe,
        "last_s": outcome.last_arrival_s, "mean_travel_s": outcome.travel_s[0],
    }  # fmt: skip


def run_uxsim(folder: Path) -> dict[str, float]:
    """The same in UXsim, its C++ engine."""
    from uxsim import World

    from clearway.ingest.folder import read_scenario

    scenario = read_scenario(folder)
    network = scenario.network
    before = memory_mb()
    world = World(
        name="", deltan=PLATOON, tmax=HORIZON_S[folder.name], print_mode=0, save_mode=0, show_mode=0, random_seed=0,
        duo_update_time=300, cpp=True,
    )  # fmt: skip
    for node in range(network.n_nodes):
        world.addNode(str(node), float(network.node_x[node]), float(network.node_y[node]))
    world.addNode("safe", 0.0, 0.0)
    for link in range(network.n_links):
        speed = float(network.length_m[link] / network.free_flow_time_s[link])
        rate = float(network.capacity_veh_per_s[link])
        world.addLink(
            str(link), str(network.tail[link]), str(network.head[link]), length=float(network.length_m[link]),
            free_flow_speed=speed, jam_density=rate / speed + rate / 5.0, capacity_out=rate,
        )  # fmt: skip
    for site in scenario.sites:
        world.addLink(f"s{site.node}", str(site.node), "safe", length=50, free_flow_speed=50, jam_density=10)
    within = WITHIN_S.get(folder.name, 3600.0)
    for zone in scenario.zones:
        amount = zone.with_vehicle / zone.persons_per_vehicle
        world.adddemand(str(zone.node), "safe", 0, within, volume=amount)
    began = time.process_time()
    world.exec_simulation()
    took = time.process_time() - began
    world.analyzer.basic_analysis()
    done = world.analyzer
    return {
        "cpu_s": took, "memory_mb": memory_mb(), "before_mb": before, "safe": float(done.trip_completed),
        "mean_travel_s": float(done.average_travel_time),
    }  # fmt: skip


def measured(engine: str, folder: Path) -> dict[str, float]:
    """One run in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.simulation", "--one", engine, str(folder)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--one")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    if asked.one:
        run = run_clearway if asked.one == "clearway" else run_uxsim
        print(json.dumps(run(asked.folders[0])))
        return
    lines = [
        "# Benchmarks: the simulator",
        "`python -m benchmarks.simulation FOLDER ...`: platoons of 5 vehicles, users choose the currently quickest way,"
        " the same horizon; CPU seconds of the simulation alone, largest memory of the process; one run, side by side.",
        "",
        "| instance | Clearway s | UXsim s | times | Clearway MB | UXsim MB | safe (both) | travel s (both) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for folder in asked.folders:
        ours, theirs = measured("clearway", folder), measured("uxsim", folder)
        lines.append(
            f"| {folder.name} | {ours['cpu_s']:.2f} | {theirs['cpu_s']:.2f} | {theirs['cpu_s'] / ours['cpu_s']:.0f} | "
            f"{ours['memory_mb']:.0f} | {theirs['memory_mb']:.0f} | {ours['safe']:,.0f}, {theirs['safe']:,.0f} | "
            f"{ours['mean_travel_s']:,.0f}, {theirs['mean_travel_s']:,.0f} |"
        )
        print(lines[-1], flush=True)
    if asked.out:
        asked.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
