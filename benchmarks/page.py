"""docs/benchmarks.md: the tables, and honestly what is in them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

Record = dict[str, Any]

LARGE_LINKS = 20_000  # the regional networks: bar of 1 %
WHOLE_MINUTE_S = 60.0
PUBLISHED = {  # T* in minutes, ../shared/instances/README.md: the exact search must find the same
    "siouxfalls-1min": 163,
    "anaheim-1min": 78,
    "chicagosketch10-1min": 148,
    "chicagosketch-1min": 865,
    "berlin10-1min": 156,
    "chicagoregional5-1min": 196,
}
TITLES = {
    "example": "The built-in example",
    "instance": "Instances from public road networks",
    "beds": "Scarce beds",
    "closure": "Scarce beds, and the busiest link of that plan closed from its half time on",
    "population": "Growth with population",
    "capacity": "Growth with the horizon (capacities shrunk)",
}
QUALITY = ("case", "links", "zones", "vehicles", "clearance, min", "bound, min", "gap, %", "bar", "check",
           "bound alone, s", "plan and bound, s", "load, s", "memory, MiB")  # fmt: skip
PEERS = ("case", "plan, min", "T* of the slots, min", "plan in (T*, T* + 1 min + 0.5 %]", "exact, s",
         "of the plan's time", "of the bound's time", "from our bound, s", "of the plan's time", "arcs, million",
         "CCRP, min", "over the plan, %", "CCRP, s", "of the plan's time")  # fmt: skip


def gap_bar(row: Record) -> float:
    """The gap asked for (issue 3): 0.5 %, regional networks 1 %; with scarce beds 3 %, on the -1min towns 1 %."""
    if row["table"] in ("beds", "closure"):
        return 0.01 if "-1min" in row["name"] else 0.03
    links = row["links"] if "links" in row else row["plan"].get("links", 0)
    return 0.01 if links > LARGE_LINKS else 0.005


def minutes(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds / 60:,.2f}"


def short(value: float | None) -> str:
    """Three digits."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def times(peer: Record, cpu_s: float | None) -> str:
    """How many times as much processor time the peer took."""
    if not cpu_s or not peer.get("cpu_s"):
        return ""
    return ("" if peer.get("in_time", True) else "> ") + f"{peer['cpu_s'] / cpu_s:.3g}x"


def verdict(row: Record) -> str:
    """The bar, and whether it was met; not by a plan that leaves people out without a proof that some must be."""
    plan, bar = row["plan"], gap_bar(row)
    is_proven = plan["kind"] == "clearance" or plan["persons_bound"] < plan["persons"] - 0.5
    words = "met" if plan["gap"] <= bar and not plan["faults"] else "**missed**"
    return f"{100 * bar:g}: " + (words if is_proven else "**missed**, people left out without need proven")


def quality_cells(row: Record) -> list[str]:
    """Figures of the plan itself."""
    plan = row["plan"]
    if "error" in plan:
        return [row["name"], f"**{plan['error']}**"] + [""] * (len(QUALITY) - 2)
    clearance = minutes(plan["clearance_s"])
    if plan["kind"] == "evacuated":
        clearance += f" ({plan['planned']:,.0f} of at most {plan['persons_bound']:,.0f} persons)"
    return [
        row["name"],
        f"{plan['links']:,}",
        f"{plan['zones']:,}",
        f"{plan['vehicles']:,.0f}",
        clearance,
        minutes(plan["clearance_bound_s"]),
        f"{100 * plan['gap']:.3f}" + (" of persons" if plan["kind"] == "evacuated" else ""),
        verdict(row),
        "ok" if not plan["faults"] else f"**{len(plan['faults'])} faults**",
        short(plan["bound_s"]),
        short(plan["plan_s"]),
        short(plan["load_s"]),
        short(plan["memory_mib"]),
    ]


def peer_cells(row: Record) -> list[str]:
    """Figures of the peers beside those of the plan."""
    plan, exact, from_cut, ccrp = (row[key] for key in ("plan", "exact", "exact_from_cut", "ccrp"))
    plan_s, bound_s = plan.get("plan_cpu_s"), plan.get("bound_cpu_s")
    best = exact["error"] if "error" in exact else f"{exact['steps'] * exact['slot_s'] / 60:,.1f}"
    arcs = "" if "error" in exact else f"{exact['arcs'] / 1e6:.2f}"
    greedy, over = ccrp.get("error", ""), ""
    if "error" not in ccrp:
        greedy, over = minutes(ccrp["steps"] * ccrp["slot_s"]), greedy_over(plan, ccrp)
        others = [steps * ccrp["slot_s"] for steps in ccrp.get("other_steps", [])]
        if others:
            greedy += f" ({minutes(min(others))}, {minutes(max(others))})"
        if ccrp["sent"] < ccrp["supply"]:
            greedy = f"{100 * ccrp['sent'] / ccrp['supply']:.0f} % placed" + ("" if ccrp["in_time"] else " in time")
    return [
        row["name"],
        minutes(plan.get("clearance_s")),
        best,
        within(plan, exact),
        short(from_cut.get("seconds")),
        times(from_cut, plan_s),
        times(from_cut, bound_s),
        short(exact.get("seconds")),
        times(exact, plan_s),
        arcs,
        greedy,
        over,
        short(ccrp.get("seconds")),
        times(ccrp, plan_s),
    ]


def greedy_over(plan: Record, ccrp: Record) -> str:
    """By how much CCRP's last arrival slot begins after the plan's, or where slots are not exact, after it is done."""
    if not plan.get("clearance_s") or ccrp["sent"] < ccrp["supply"]:
        return ""
    done_s = plan["clearance_s"]
    if plan["slot_s"] == ccrp["slot_s"]:
        done_s = (math.ceil(done_s / ccrp["slot_s"] - 1e-6) - 1) * ccrp["slot_s"]
    return f"{100 * (ccrp['steps'] * ccrp['slot_s'] / done_s - 1):+.1f}" if done_s > 0 else ""


def within(plan: Record, exact: Record) -> str:
    """Whether a plan lies where the exact optimum of whole-minute data puts it, and its bound not above."""
    if "error" in exact or "error" in plan or plan["slot_s"] != WHOLE_MINUTE_S or plan["kind"] != "clearance":
        return ""
    low = exact["steps"] * WHOLE_MINUTE_S
    high = (low + WHOLE_MINUTE_S) * 1.005
    is_fine = low < plan["clearance_s"] <= high and plan["clearance_bound_s"] <= low + WHOLE_MINUTE_S
    return "yes" if is_fine else "**no**"


def table(rows: list[Record], header: tuple[str, ...], cells: Callable[[Record], list[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(cells(row)) + " |" for row in rows])


def disagreements(rows: list[Record]) -> list[str]:
    """Where the exact search does not find the published T*."""
    return [
        f"{row['name']}: {row['exact']['steps']}, published {PUBLISHED[row['name']]}"
        for row in rows
        if row["name"] in PUBLISHED and "steps" in row["exact"] and row["exact"]["steps"] != PUBLISHED[row["name"]]
    ]


def sources(rows: list[Record]) -> str:
    """Dates, machines and versions."""
    dates = sorted(row["measured_at"] for row in rows)
    lines = [f"- Measured from {dates[0]} to {dates[-1]}; each case with its peers in one go, one process at a time."]
    seen = {}
    for row in rows:
        about = row["machine"]
        packages = ", ".join(f"{name} {number}" for name, number in about["packages"].items())
        text = f"{about['cores']} cores of {about['cpu']}, {about['system']}, Python {about['python']}, {packages}"
        seen.setdefault(text, set()).add(about["commit"])
    lines += [f"- {text}; commit {', '.join(sorted(commits))}." for text, commits in seen.items()]
    loads = [row["machine"]["load_average"] for row in rows]
    lines.append(
        f"- Load average at the start of the runs: {min(loads):.1f} to {max(loads):.1f}. Where the machine is shared, "
        "seconds are too long rather than too short."
    )
    return "\n".join(lines)


NOTES = """\
**The times.** One process per figure; numba's kernels are compiled and loaded before the clock starts, on a network
of four nodes. *Plan and bound* is `make_plan` until the plan and its bound are there: problem, bound, search. What it
adds then for the report (last starts, curve of bounds) is not in it. *Bound alone* is the part of it until a bound
within 0.1 % of the final one was there. Reading the folder is *load* and in none of the others; certificates, `check`
and writing are in none. A plan (with last starts and all) or an exact search of less than 5 s is made five times and
the least time counts; longer ones are made once. The planner may stop at the bar's gap, at 0.5 % on the -1min towns;
the time limit of a plan is {limit} s for the search.

**Memory** is the largest resident set of the planning process; about {base:.0f} MiB of it are Python, numpy, numba
and OR-Tools before the scenario is read.

**The exact search** ([exact.py](../benchmarks/peers/exact.py)) has the time-expanded network's arcs built by numpy,
only those that can be reached in time and lead on in time. It gallops from the static cut bound: people over the
capacity of the minimum cut. Networks of more than a million arcs it solves backwards, from the sites, which was found
here to take two thirds of the time. *From our bound*: the same search from the horizon that a static minimum-cost flow
proves, which is the first step of our own planner; then often one maximum flow is enough. T* is the last arrival slot,
counted from 0 at the first departures: a plan in continuous time is optimal in (T*, T* + 1 slot]. Where travel times
are whole minutes its slots are minutes and T* is exact; elsewhere slots are 10 s, travel times are rounded up and T* is
only what that grid can do. It has no second commodity (the example's people choose a direction), and is left out beyond
10 million arcs.

**Driving round.** A flow over time waits by driving round, and the exact search says nothing of routes. The planner
sends whoever would drive round later from home or another way; on chicagoregional5-1min, where exact slots are many and
that would take longer than the plan, 5 to 8 % of its vehicles still pass a junction twice.

**CCRP** ([ccrp.py](../benchmarks/peers/ccrp.py)) reserves whole vehicles in the same slots with travel times
unrounded (60 s slots on large networks), and may let vehicles wait at any node, which Clearway's plans never do: its
clearance is the better for it. It searches with A* for one zone at a time, lazily, which changes nothing in what it
finds and makes it much quicker. Ties go to the zone that comes first; other orders move its clearance by a few per
cent: in brackets those of the zones farthest from the sites first and of the nearest first, where that is quick. It is
given as the last arrival slot, like T*; where slots are exact it is compared with the last slot in which the plan's
people arrive. It has no bound. On chicagosketch10-1min it comes nearer to the optimum of 148 min than others have
seen (163 to 164 min, in the instances' own notes): nothing can be 8 % better than what it finds in the order given.

**Scarce beds.** Twenty sites spread over the eastern third of the nodes, beds 115 % of the people, the largest site
20 times the smallest ([cases.py](../benchmarks/cases.py)). With ample beds a static flow gives the bound; here it
does not.

**Ratios.** "20x" means that the peer took 20 times the processor time of the planner on that case in that run:
processor time, since the machine may have had other work. Over all plans {share:.0f} % of the seconds shown were
processor time; at 100 % the machine was idle otherwise.
"""


def write_page(rows: list[Record], path: Path, plot: str) -> None:
    """The page, from all cases measured so far."""
    if not rows:
        return
    parts = [
        "# Benchmarks",
        "Written by `python -m benchmarks.run`; do not edit. What must be shown is in issue 3; what a plan, a bound "
        "and a gap are is in [the design](design.md), section 5.",
        f"![Seconds to plan against links, vehicles and clearance time]({plot})",
    ]
    for key, title in TITLES.items():
        chosen = [row for row in rows if row["table"] == key]
        if chosen:
            parts += [f"## {title}", table(chosen, QUALITY, quality_cells), table(chosen, PEERS, peer_cells)]
    base = max((row["plan"].get("memory_before_mib", 0.0) for row in rows), default=0.0)
    planned = [row["plan"] for row in rows if "error" not in row["plan"]]
    share = 100 * sum(p["plan_cpu_s"] for p in planned) / max(1e-9, sum(p["plan_s"] for p in planned))
    limit = " or ".join(f"{value:g}" for value in sorted({row["time_limit_s"] for row in rows}))
    parts += ["## What is in these figures", NOTES.format(base=base, limit=limit, share=share).strip()]
    wrong = disagreements(rows)
    if wrong:
        parts.append(f"**The exact search disagrees with the published T\\*:** {'; '.join(wrong)}.")
    parts.append(sources(rows))
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
