"""The page docs/benchmarks-simulation.md, from its figures."""

from __future__ import annotations

import statistics
from typing import Any

HEAD = """\
# The simulator beside UXsim
Written by `python -m benchmarks.simulation`; the figures are in
[benchmarks-simulation.json](benchmarks-simulation.json).
Clearway's simulator and UXsim 1.15 (C++ engine) are given the same roads (length, free speed, capacity, jam density),
the same platoons of 5 vehicles with the same seconds of departure (those of Clearway's plan), the same horizon, and
choose the currently quickest way, looked up every 300 s. Each run is a process of its own; the engines take turns;
medians. Of UXsim only the run is timed; of Clearway the run (*run alone*), and the making of the tables before and of
the outcome after it too (*CPU*, *wall*). UXsim runs without its vehicle logs, which it keeps by default; one run with
them is shown. Numbers of vehicles are to the nearest platoon.

**Travel** includes waiting at home: arrival less planned departure, over those who arrived.
"""
NOTES = """\
The bars are 20 times UXsim's speed on `anaheim` and 50 times on `chicagosketch-1min`, with a third of its memory.
Run beside run they are met, with UXsim's logs and without them. With what Clearway makes before and after its run, and
UXsim's logs off, `anaheim` is a little below 20.

What both are given is the same; what comes out is not. Users in UXsim follow one set of preferences that changes
gradually and spreads them over ways; in Clearway a quarter of them take the currently quickest way at each update, and
they lose more time. More congestion means more work, too: the comparison does not favour Clearway. The congested branch
of the fundamental diagram is steeper in UXsim where a link is clipped to its capacity.
"""


def page(runs: dict[str, list[dict[str, Any]]]) -> str:
    lines = [
        HEAD,
        "| instance | engine | runs | sent | mean departure s | arrived | total travel h | mean travel s "
        "| last arrival s | CPU s | wall s | memory MB |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for key, found in runs.items():
        name, engine = key.split(" | ")
        if engine == "fresh":
            continue

        def mid(field: str, found: list[dict[str, Any]] = found) -> float:
            return float(statistics.median(run[field] for run in found))

        lines.append(
            f"| {name} | {engine} | {len(found)} | {mid('sent'):,.0f} | {mid('mean_departure_s'):,.1f} "
            f"| {mid('arrived'):,.0f} | {mid('total_h'):,.0f} | {mid('mean_s'):,.0f} | {mid('last_s'):,.0f} "
            f"| {mid('cpu_s'):.2f} | {mid('wall_s'):.2f} | {mid('memory_mb'):,.0f} |"
        )
    lines += [
        "",
        "| instance | UXsim / Clearway: CPU, run alone | CPU | wall | memory, Clearway / UXsim |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in dict.fromkeys(key.split(" | ")[0] for key in runs):
        ours = runs.get(f"{name} | Clearway")
        for engine in ("UXsim", "UXsim, with logs"):
            theirs = runs.get(f"{name} | {engine}")
            if not ours or not theirs:
                continue
            ratio = {
                field: statistics.median(r[field] for r in theirs) / statistics.median(r[field] for r in ours)
                for field in ("run_cpu_s", "cpu_s", "wall_s", "memory_mb")
            }
            label = name if engine == "UXsim" else f"{name}, {engine.split(', ')[1]}"
            lines.append(
                f"| {label} | {ratio['run_cpu_s']:.1f} | {ratio['cpu_s']:.1f} | {ratio['wall_s']:.1f} "
                f"| {1 / ratio['memory_mb']:.2f} |"
            )
    turns = sorted(
        theirs["run_cpu_s"] / ours["run_cpu_s"]
        for ours, theirs in zip(runs.get("anaheim | Clearway", []), runs.get("anaheim | UXsim", []), strict=False)
    )
    if len(turns) > 1:
        lines += [
            "",
            f"Turn by turn UXsim's run took {turns[0]:.1f} to {turns[-1]:.1f} times Clearway's CPU time on `anaheim`.",
        ]
    fresh = runs.get("anaheim | fresh")
    if fresh:
        first = fresh[0]["first_cpu_s"]
        lines += [
            "",
            f"The first run on a machine compiles the kernels: {first:.1f} s of CPU time, once, kept on disk.",
        ]
    ours = runs.get("anaheim | Clearway")
    if ours:
        before = statistics.median(run["before_mb"] for run in ours)
        lines += [
            f"Clearway's process on `anaheim` has held {before:.0f} MB before its run, reading scenario and plan.",
            "LLVM loads the kernels' machine code; Numba is not needed once they are compiled.",
        ]
    return "\n".join(lines) + "\n\n" + NOTES
