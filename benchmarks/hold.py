"""
Plans that hold: what it takes, what it costs, and what UXsim makes of them.

    python -m benchmarks.hold [--instances ../shared/instances] [--work DIR] [--judge UXSIM_PLATOON] [CASE ...]

writes docs/benchmarks-hold.json and .md. Cases already in the JSON are kept. ``--judge`` lets UXsim drive the plans
that an earlier call left in the work folder, each vehicle on its planned route, instead of planning.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import time
from pathlib import Path
from typing import Any

from benchmarks.judges import find, uxsim, verdict
from clearway.model.scenario import Scenario

ROOT = Path(__file__).parents[1]
JSON, PAGE = ROOT / "docs" / "benchmarks-hold.json", ROOT / "docs" / "benchmarks-hold.md"
TIME_LIMIT_S = {"berlin": 90.0, "chicagoregional": 150.0}  # of each plan; elsewhere a minute
PLATOONS = {"chicagoregional": 5.0}
VARIANTS = ("both-lost-48h", "bridge-closed", "dam-lost-36h")
CASES = (
    "kherson", *(f"kherson {v}" for v in VARIANTS), "siouxfalls-1min", "anaheim-1min", "anaheim",
    "chicagosketch10-1min", "chicagosketch-1min", "berlin10-1min", "berlin", "chicagoregional5-1min",
    "chicagoregional",
)  # fmt: skip
LATE = 1.2  # of the planned clearance: when UXsim is stopped; its memory grows with the time that it drives
BAR, BAR_UXSIM, BAR_PRICE = 1.05, 1.10, 0.10


def scenario_of(name: str, instances: Path, work: Path) -> Scenario:
    from clearway.examples import write_example
    from clearway.workflow import load_scenario

    if not name.startswith("kherson"):
        return load_scenario(instances / name)
    folder = work / f"{name.replace(' ', '-')}-scenario"
    if not folder.exists():
        write_example("kherson", folder, name.partition(" ")[2] or None)
    return load_scenario(folder)


def held(name: str, instances: Path, work: Path) -> dict[str, Any]:
    """Make a case's plan hold; the plan goes to the work folder."""
    from clearway.check import check_plan
    from clearway.planner import PlanParameters
    from clearway.planner.parameters import silent
    from clearway.publish.plan_folder import write_plan
    from clearway.workflow.hold import HoldParameters, made_to_hold

    scenario = scenario_of(name, instances, work)
    params = PlanParameters(time_limit_s=TIME_LIMIT_S.get(name, 60.0), leeway_s=0.0)
    hold = HoldParameters(platoon_vehicles=PLATOONS.get(name, 0.0), time_limit_s=1800.0)
    began, wall = time.process_time(), time.monotonic()
    plan = made_to_hold(scenario, params, hold, silent)
    took, wall = time.process_time() - began, time.monotonic() - wall
    judged = check_plan(scenario, plan)
    write_plan(plan, scenario, work / f"{name.replace(' ', '-')}-plan")
    assert plan.held is not None
    result = plan.held.result
    return {
        "bound_s": plan.clearance_lower_bound_s,
        "kind": str(plan.certificate.kind),
        "rounds": [
            {"share": r.share, "own": r.n_links, "lead_s": r.lead_s,
             "planned_s": r.planned_s, "persons": r.planned_persons, "simulated_s": r.simulated_s,
             "missing": r.missing, "holds": r.holds}
            for r in plan.held.rounds
        ],
        "chosen": plan.held.chosen,
        "holds": result.holds,
        "gap": plan.gap,
        "platoons": list(plan.held.platoons),
        "check": judged.is_ok,
        "cpu_s": took,
        "wall_s": wall,
    }  # fmt: skip


def judge(name: str, row: dict[str, Any], instances: Path, work: Path, platoon: int) -> None:
    """UXsim drives the plan that holds; ``row`` is modified."""
    from clearway.ingest.plan_folder import read_plan

    find("uxsim")
    scenario = scenario_of(name, instances, work)
    plan = read_plan(work / f"{name.replace(' ', '-')}-plan", scenario)
    folder = work / f"{name.replace(' ', '-')}-uxsim"
    seconds = uxsim(platoon, LATE)(plan, scenario, folder, 3600.0)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    if seconds is None:
        row["uxsim"] = {"platoon": platoon, "stopped": True}
        return
    found = verdict("UXsim", seconds, plan, scenario, used.ru_utime)
    row["uxsim"] = {
        "platoon": platoon, "sent": sent(folder / "arrivals.csv", platoon),
        "vehicles": found.vehicles, "arrived": found.arrived, "clearance_s": found.clearance_s,
        "ratio": found.clearance_s / plan.clearance_time_s, "apart": found.apart, "memory_mb": used.ru_maxrss / 1024,
    }  # fmt: skip


def sent(arrivals: Path, platoon: int) -> int:
    """Vehicles that UXsim drove: those of whole platoons."""
    with arrivals.open(encoding="utf-8") as file:
        return platoon * len({row["platoon"] for row in csv.DictReader(file)})


def line(name: str, row: dict[str, Any]) -> str:
    """A row of the page."""
    free, result = row["rounds"][0], row["rounds"][row["chosen"]]
    bound = row["bound_s"]
    people = row["kind"] == "evacuated"
    price = result["planned_s"] / free["planned_s"] - 1
    if people:
        beyond, price_words = f"{row['gap']:.1%} of persons", f"{free['persons'] - result['persons']:,.0f} persons"
    else:
        beyond, price_words = f"{result['planned_s'] / bound - 1:.1%}", f"{price:+.1%}"
    margin = f"{1 - result['share']:.1%}" + (f", {result['own']} roads more" if result["own"] else "")
    margin += f", {result['lead_s'] / 60:g} min" if result["lead_s"] else ""
    judged = row.get("uxsim")
    theirs = "-"
    if judged:
        lost = judged.get("vehicles", 0) - judged.get("arrived", 0)
        theirs = (
            "stopped" if judged.get("stopped") else f"{judged['ratio']:.3f}" + (f", {lost} missing" if lost else "")
        )
        theirs += f" ({judged['platoon']})"
    return (
        f"| {name} | {'-' if people else f'{bound / 60:,.1f}'} | {free['planned_s'] / 60:,.1f} | {driven(free)} | "
        f"{len(row['rounds'])} | {margin} | {result['planned_s'] / 60:,.1f} | {price_words} | {beyond} | "
        f"{driven(result)} | {theirs} | {'ok' if row['check'] else '**fault**'} | {row['cpu_s']:,.0f} |"
    )


def driven(part: dict[str, Any]) -> str:
    ratio = part["simulated_s"] / part["planned_s"]
    return f"{ratio:.3f}" + (f", {part['missing']:,.0f} missing" if part["missing"] else "")


def page(rows: dict[str, Any]) -> str:
    cases = [name for name in CASES if name in rows]
    table = [
        "| case | bound, min | planned without room, min | simulated / planned | plans made | room left | planned, min "
        "| price | beyond the bound | simulated / planned | UXsim / planned (platoon) | check | processor s |",
        "|---|---:|---:|---:|---:|---|---:|---:|---:|---:|---:|---|---:|",
        *(line(name, rows[name]) for name in cases),
    ]
    met = sum(rows[n]["holds"] for n in cases)
    priced = sum(rows[n]["gap"] <= BAR_PRICE for n in cases)
    judged = [rows[n]["uxsim"] for n in cases if rows[n].get("uxsim") and not rows[n]["uxsim"].get("stopped")]
    theirs = sum(j["ratio"] <= BAR_UXSIM and j["arrived"] == j["vehicles"] for j in judged)
    return "\n".join(
        [
            "# Benchmarks: plans that hold",
            "Written by `python -m benchmarks.hold`; do not edit. The figures of every round are in "
            "[benchmarks-hold.json](benchmarks-hold.json); how it is done is in [hold.md](hold.md).",
            "",
            *table,
            "",
            f"- Simulated clearance at most {BAR} x planned and everybody there: {met} of {len(cases)}. Planned "
            f"at most {BAR_PRICE:.0%} beyond the bound: {priced} of {len(cases)}. UXsim at most {BAR_UXSIM:.2f} x "
            f"planned and everybody there: {theirs} of {len(judged)} judged.",
            "- **Room left**: what is taken off every road's capacity; on how many roads more is; minutes "
            "before closures.",
            "- **Price**: how much later the plan clears than the plan without room of the same run (or how many "
            "fewer it moves, where not all can be saved).",
            "- **Simulated**: the worse of two drives in platoons of different size. **Missing**: persons (in UXsim: "
            "vehicles) who left and did not arrive: trapped on a road that closed, turned away, or stuck.",
            "- UXsim 1.15, C++ engine, each vehicle on its planned route, on the roads of routes "
            "alone (the others would take memory); in brackets how many vehicles move as one. "
            f"It is stopped at {LATE} x the planned clearance. Vehicles are rounded up to whole platoons: `sent` in "
            "the JSON says to how many; rows without it were judged when those of each route were.",
            "- Processor time of all plans and drives of a case, on a machine of 2 cores shared with other work.",
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", nargs="*", default=list(CASES))
    parser.add_argument("--instances", type=Path, default=ROOT.parent / "shared" / "instances")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "hold")
    parser.add_argument("--judge", type=int, default=0)
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    for name in asked.cases:
        rows = known()
        if asked.judge:
            row = rows[name]
            judge(name, row, asked.instances, asked.work, asked.judge)
        else:
            row = held(name, asked.instances, asked.work)
        rows = known()  # others may have been written meanwhile
        rows[name] = {**rows.get(name, {}), **row} if asked.judge else row
        write(rows)
        print(line(name, row), flush=True)


def known() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(JSON.read_text(encoding="utf-8")) if JSON.exists() else {}
    return found


def write(rows: dict[str, Any]) -> None:
    part = JSON.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    part.replace(JSON)
    PAGE.write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
