"""The page docs/benchmarks-judges.md, from its figures."""

from __future__ import annotations

from typing import Any

HEAD = """\
# Other simulators as judges
Written by `python -m benchmarks.judges`; the figures are in [benchmarks-judges.json](benchmarks-judges.json).
A plan is exported ([how](export.md)) and driven by SUMO 1.28 (mesoscopic and microscopic) and UXsim 1.15, every vehicle
on its planned route from its planned second on. The roads have their nominal capacities.

**Clearance** is when the last vehicle arrives, beside the plan's; **apart** is the largest difference between the
judge's curve of arrivals and the plan's, as a share of all vehicles; processor time is for orientation only (a shared
machine of two cores). `anaheim@0.9` is planned on 0.9 of the capacities, as scenarios are by default, `anaheim` on all
of them; `anaheim:10` has a tenth of the people. SUMO micro was not run to its end on the whole of `anaheim`: 38 of its
minutes took 17. **Clearway** is `clearway simulate` with platoons of
one vehicle. Cases without it were judged before it was among the judges.
"""
CAUSES = """\
## Where they differ, and why
Cases small enough to work by hand: what each judge makes of one road, a merge, a diverge and a closure under the
settings of the export. All links are 2 km at 60 km/h; the vehicles depart evenly in half an hour. Clearance in seconds,
in brackets beside the hand-worked one.
"""
NOTES = """\
- **UXsim** with vehicles one by one and capacities clipped at entry (`capacity_in`) is the plan's own model plus
  queues: it agrees wherever the plan leaves no queue. Without the lanes that the export gives it, it would not: a UXsim
  lane of 60 km/h carries 2,483 vehicles an hour, so that a link of 9,000 on one lane (as in `anaheim`) would be clipped
  to about a quarter.
- **SUMO meso** holds every capacity on the road, but a queue starts again more slowly than it stopped: after a closure
  ("closure") a few per cent of the time are lost. The export gives it one queue a link, as the plan has. With one queue
  a lane, SUMO's default, those who leave by a side road wait in its lane behind others who could take any: "side road,
  full" takes 2,962 s then, and `anaheim` 1.48 times its planned time instead of what is shown here. The price of one
  queue: where two ways out are full ("diverge, full") those who wait for the one hold up those for the other, 2,459 s
  instead of 2,163.
- **Clearway** agrees with UXsim, except for a closure: its drivers do not know it in advance, and those on a
  road when it closes are trapped; the plan, and with it the exports, close a road to those who could not
  leave it in time. So not all arrive in the case "closure".
- **SUMO micro** holds capacities on the road but not at merges that are full: vehicles from the side force those on the
  road to brake and to change lanes ("merge, too many"; three lanes and one into three full ones: "merge of lanes,
  full"). That is the price of a real merge; the plan knows none. On `anaheim`, where half of the roads that the plan
  uses are full, it decides the result: roads that merge at full load need a margin.
- **A closed road**: SUMO meso drives at 0.05 m/s at least and lets 24 vehicles an hour and lane through a closed gate;
  micro and UXsim let none.
"""


def page(results: dict[str, Any]) -> str:
    parts = [HEAD]
    for name, case in results["cases"].items():
        parts.append(f"## {name}\n{table(case)}")
    parts += [CAUSES, small_table(results["small"]), NOTES]
    return "\n".join(parts)


def table(case: dict[str, Any]) -> str:
    verdicts = case["verdicts"]
    planned = verdicts[0]
    lines = [
        "| judge | arrived | clearance | beside the plan | 90 % arrived | beside the plan | mean arrival | apart "
        "| processor s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for each in verdicts:
        lines.append(
            f"| {each['judge']} | {each['arrived']:,} of {each['vehicles']:,} | {clock(each['clearance_s'])} "
            f"| {each['clearance_s'] / planned['clearance_s']:.3f} | {clock(each['ninety_s'])} "
            f"| {each['ninety_s'] / planned['ninety_s']:.3f} | {clock(each['mean_s'])} "
            f"| {each['apart']:.1%} | {each['cpu_s']:.0f} |"
        )
    for name, limit in case["stopped"]:
        why = f"stopped after {limit:.0f} s of processor time" if limit > 0 else "not run"
        lines.append(f"| {name} | {why} | | | | | | | |")
    return "\n".join([*lines, *agreement(verdicts)]) + "\n"


def agreement(verdicts: list[dict[str, Any]]) -> list[str]:
    """How far Clearway's simulator is from the mean of UXsim and SUMO meso."""
    by_name = {each["judge"]: each for each in verdicts}
    peers = [by_name[name] for name in ("UXsim", "SUMO meso") if name in by_name]
    if "Clearway" not in by_name or not peers:
        return []
    words = []
    for field, word in (("clearance_s", "clearance"), ("mean_s", "mean arrival")):
        mean = sum(each[field] for each in peers) / len(peers)
        words.append(f"{word} {by_name['Clearway'][field] / mean - 1:+.1%}")
    who = " and ".join(each["judge"] for each in peers)
    return ["", f"Clearway beside the mean of {who}: {', '.join(words)}."]


def clock(seconds: float) -> str:
    if seconds == float("inf"):
        return "never"
    minutes = round(seconds / 60, 1)
    return f"{minutes:.1f} min" if minutes < 600 else f"{minutes / 60:.2f} h"


def small_table(cases: dict[str, Any]) -> str:
    names = list(next(iter(cases.values()))["clearance_s"])
    lines = [f"| case | what | by hand | {' | '.join(names)} |", f"|---|---|---:|{'---:|' * len(names)}"]
    for name, case in cases.items():
        cells = []
        for judge in names:
            seconds = case["clearance_s"][judge]
            cells.append("not all" if seconds is None else f"{seconds:,.0f} ({seconds / case['by_hand_s']:.3f})")
        lines.append(f"| {name} | {case['what']} | {case['by_hand_s']:,.0f} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
