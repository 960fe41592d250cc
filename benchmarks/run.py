"""
Plan every instance and example, its peers beside it, and write the tables of docs/benchmarks.md.

    python -m benchmarks.run [--instances DIR] [--only NAME ...] [--quick] [--no-exact] [--out docs/benchmarks.md]

Figures of earlier runs of cases that are not run again are kept, with their dates, in the JSON beside the page.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.cases import Case
from benchmarks.measure import ROOT, Job, run_job
from benchmarks.page import gap_bar, write_page
from benchmarks.plot import write_plot
from clearway.examples import variants

QUICK_LINKS = 5_000  # --quick: only networks with fewer links
GROWTH = "chicagosketch-1min"
POPULATION_FACTORS = (0.1, 0.3, 1.0, 3.0)
CAPACITY_FACTORS = (3.0, 1.0, 1 / 3)  # fewer vehicles a minute: a longer horizon for the same people
WITH_BEDS = (
    "siouxfalls-1min",
    "anaheim-1min",
    "chicagosketch10-1min",
    "chicagosketch-1min",
    "berlin",
    "chicagoregional",
)
PEERS = ("exact", "exact_from_cut", "ccrp")


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a table: instance, example, beds, closure, population or capacity."""

    table: str
    case: Case


def count_links(folder: Path) -> int:
    """Rows of a folder's link table."""
    with (folder / "link.csv").open(encoding="utf-8") as file:
        return sum(1 for _ in file) - 1


def rows_of(instances: Path, is_quick: bool) -> list[Row]:
    """All cases, the smaller networks first; closures are added once the plan that they disturb is known."""
    folders = sorted(instances.iterdir()) if instances.is_dir() else []
    sizes = {folder: count_links(folder) for folder in folders if (folder / "link.csv").exists()}
    kept = [f for f in sorted(sizes, key=lambda f: (sizes[f], f.name)) if not is_quick or sizes[f] < QUICK_LINKS]
    rows = [Row("example", Case(f"kherson {name}", example=name)) for name in variants("kherson")]
    rows += [Row("instance", Case(folder.name, str(folder))) for folder in kept]
    rows += [
        Row("beds", Case(f"{folder.name}, scarce beds", str(folder), has_beds=True))
        for folder in kept
        if folder.name in WITH_BEDS
    ]
    growing = next((folder for folder in kept if folder.name == GROWTH), None)
    if growing and not is_quick:
        for factor in POPULATION_FACTORS:
            rows.append(Row("population", Case(f"{GROWTH}, population x {factor:g}", str(growing), population=factor)))
        for factor in CAPACITY_FACTORS:
            rows.append(Row("capacity", Case(f"{GROWTH}, capacity x {factor:.3g}", str(growing), capacity=factor)))
    return rows


def measure_row(row: Row, options: argparse.Namespace) -> dict[str, Any]:
    """The planner and its peers on one case, one after the other."""
    case = row.case
    figures: dict[str, Any] = {
        "name": case.name,
        "table": row.table,
        "case": asdict(case),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "time_limit_s": options.time_limit,
    }
    say(f"{case.name}: plan")
    figures["plan"] = run_job(Job("plan", case, options.time_limit, gap_of(row, options.gap)))
    for peer in PEERS:
        if peer != "ccrp" and options.no_exact:
            figures[peer] = {"error": "left out of this run"}
            continue
        if peer == "exact_from_cut" and (row.table != "instance" or "error" in figures["exact"]):
            figures[peer] = {"error": figures["exact"].get("error", "not measured")}
            continue
        say(f"{case.name}: {peer}")
        limit = options.ccrp_limit if peer == "ccrp" else options.exact_limit
        figures[peer] = run_job(Job(peer, case, limit))
    say(f"{case.name}: {brief(figures)}")
    return figures


def gap_of(row: Row, least: float) -> float:
    """At which the planner may stop: the bar of the case; where slots are exact the least, for T* is the bar there."""
    case = row.case
    links = count_links(Path(case.folder)) if case.folder else 0
    return (
        least if "-1min" in case.name else max(least, gap_bar({"table": row.table, "name": case.name, "links": links}))
    )


def brief(figures: dict[str, Any]) -> str:
    """One line on a case, for standard error."""
    plan = figures["plan"]
    if "error" in plan:
        return plan["error"]
    peers = [f"{peer} {figures[peer].get('seconds', figures[peer].get('error'))}" for peer in PEERS]
    faults = f", {len(plan['faults'])} FAULTS" if plan["faults"] else ""
    return (
        f"{plan['clearance_s'] / 60:.2f} min, gap {100 * plan['gap']:.3f} %, {plan['plan_s']:.2f} s, "
        f"{plan['memory_mib']:.0f} MiB{faults}; {', '.join(peers)}"
    )


def closure_row(row: Row, figures: dict[str, Any]) -> Row | None:
    """The case with the busiest link of its plan closed from half time on."""
    busiest = figures["plan"].get("busiest")
    if row.table != "beds" or busiest is None:
        return None
    name = row.case.name.replace("scarce beds", "scarce beds and closure")
    return Row("closure", replace(row.case, name=name, closed=tuple(busiest)))


def say(text: str) -> None:
    """Progress, on standard error."""
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", file=sys.stderr, flush=True)


def machine() -> dict[str, Any]:
    """What it was measured on and with."""
    models = [line for line in _text("/proc/cpuinfo").splitlines() if line.startswith("model name")]
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "cpu": models[0].split(":", 1)[1].strip() if models else platform.processor() or "unknown",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in ("clearway", "numpy", "numba", "ortools")},
        "commit": commit.stdout.strip() or "unknown",
    }


def _text(path: str) -> str:
    file = Path(path)
    return file.read_text(encoding="utf-8") if file.exists() else ""


def read_earlier(path: Path) -> dict[str, dict[str, Any]]:
    """Cases of earlier runs by name."""
    if not path.exists():
        return {}
    return {row["name"]: row for row in json.loads(path.read_text(encoding="utf-8"))["rows"]}


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--instances", type=Path, default=ROOT.parent / "shared" / "instances")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="cases, or instances with all made of them"
    )
    parser.add_argument("--tables", nargs="+", default=[], help="example instance beds population capacity")
    parser.add_argument("--quick", action="store_true", help="only small networks, no growth")
    parser.add_argument("--no-exact", action="store_true")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md")
    parser.add_argument("--time-limit", type=float, default=100.0, help="seconds for each plan")
    parser.add_argument("--gap", type=float, default=0.005, help="at which the planner may stop")
    parser.add_argument("--exact-limit", type=float, default=600.0, help="seconds after which an exact search is ended")
    parser.add_argument("--ccrp-limit", type=float, default=120.0, help="seconds after which CCRP is ended")
    parser.add_argument("--page-only", action="store_true", help="write the page again from the figures there are")
    return parser.parse_args(arguments)


def is_wanted(row: Row, options: argparse.Namespace) -> bool:
    """Whether a case was asked for."""
    named = not options.only or row.case.name in options.only or row.case.name.split(",")[0] in options.only
    return named and (not options.tables or row.table in options.tables)


def main(arguments: list[str] | None = None) -> None:
    """Measure what was asked for; write the figures, the page and the plot after every case."""
    options = parse(arguments)
    data = options.out.with_suffix(".json")
    plot = options.out.with_suffix(".svg")
    done = read_earlier(data)
    about = machine()
    everything = rows_of(options.instances, options.quick)
    queue = [] if options.page_only else [row for row in everything if is_wanted(row, options)]
    order = [row.case.name for row in everything]
    while queue:
        row = queue.pop(0)
        figures = measure_row(row, options)
        done[row.case.name] = figures | {"machine": about}
        following = closure_row(row, figures)
        if following:
            queue.insert(0, following)
            order.insert(order.index(row.case.name) + 1, following.case.name)
        save(done, order, data, plot, options.out)
    save(done, order, data, plot, options.out)


def save(done: dict[str, dict[str, Any]], order: list[str], data: Path, plot: Path, page: Path) -> None:
    """Write the figures, the plot and the page; known cases in their order, others after them."""
    place = {name: i for i, name in enumerate(order)}
    rows = sorted(done.values(), key=lambda row: place.get(row["name"].replace(" and closure", ""), len(place)))
    data.parent.mkdir(parents=True, exist_ok=True)
    data.write_text(json.dumps({"rows": rows}, indent=1) + "\n", encoding="utf-8")
    write_plot(rows, plot)
    write_page(rows, page, plot.name)


if __name__ == "__main__":
    main()
