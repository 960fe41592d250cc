"""The page of plans that hold says what the rows say, and counts what meets its bar."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.hold import JSON, PAGE, page, sent


def row(planned_s: float, simulated_s: float, missing: float, holds: bool) -> dict[str, Any]:
    part = {"share": 0.98, "own": 3, "lead_s": 120.0, "persons": 100.0, "missing": missing, "holds": holds}
    free = {**part, "planned_s": 1000.0, "simulated_s": 1300.0, "missing": 0.0, "holds": False}
    return {
        "bound_s": 1000.0, "kind": "clearance", "rounds": [free, {**part, "planned_s": planned_s,
        "simulated_s": simulated_s}], "chosen": 1, "holds": holds, "gap": planned_s / 1000 - 1, "platoons": [2.0, 1.0],
        "check": True, "cpu_s": 1.0, "wall_s": 1.0,
    }  # fmt: skip


def test_the_page_counts_what_meets_its_bar() -> None:
    good, dear = row(1040.0, 1041.0, 0.0, True), row(1200.0, 1500.0, 7.0, False)
    good["uxsim"] = {"platoon": 1, "vehicles": 10, "arrived": 10, "ratio": 1.02}
    dear["uxsim"] = {"platoon": 1, "vehicles": 10, "arrived": 9, "ratio": 1.02}
    text = page({"kherson": good, "anaheim": dear})
    assert "everybody there: 1 of 2. Planned at most 10% beyond the bound: 1 of 2." in text
    assert "everybody there: 1 of 2 judged." in text
    assert "| +4.0% | 4.0% | 1.001 | 1.020 (1) | ok |" in text
    assert "| +20.0% | 20.0% | 1.250, 7 missing | 1.020, 1 missing (1) | ok |" in text


def test_the_page_is_that_of_its_figures() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(json.loads(JSON.read_text(encoding="utf-8")))


def test_uxsim_drives_whole_platoons(tmp_path: Path) -> None:
    """Five vehicles in two platoons of three: it drives six."""
    path = tmp_path / "arrivals.csv"
    path.write_text("vehicle_id,arrival_s,platoon\nv0,60,0\nv1,60,0\nv2,60,0\nv3,,1\nv4,,1\n", encoding="utf-8")
    assert sent(path, 3) == 6
