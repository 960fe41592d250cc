"""How cost grows, as a small SVG of three panels with logarithmic axes; text and lines only, no library."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

Point = tuple[float, float]

WIDTH, HEIGHT = 340, 300  # of one panel
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 34, 44
# colours told apart by people who do not see all colours (Okabe & Ito 2008)
SERIES: dict[str, tuple[str, str]] = {
    "plan": ("#0072b2", "Clearway: plan and bound"),
    "bound": ("#56b4e9", "Clearway: bound alone"),
    "exact": ("#d55e00", "exact search (OR-Tools)"),
    "ccrp": ("#009e73", "CCRP"),
}


def seconds_of(row: dict[str, Any], series: str) -> float | None:
    """Seconds of a series on a case, None where it did not finish."""
    if series in ("plan", "bound"):
        value = row["plan"].get("plan_s" if series == "plan" else "bound_s")
    else:
        found = row[series]
        value = found.get("seconds") if found.get("in_time", True) else None
    return float(value) if value else None


def points(rows: list[dict[str, Any]], table: str, x: Callable[[dict[str, Any]], float]) -> dict[str, list[Point]]:
    """(x, seconds) of each series over the cases of a table that were planned, ascending."""
    chosen = [row for row in rows if row["table"] == table and "error" not in row["plan"]]
    found: dict[str, list[Point]] = {}
    for series in SERIES:
        pairs = [(x(row), seconds_of(row, series)) for row in chosen]
        found[series] = sorted((at, seconds) for at, seconds in pairs if seconds is not None)
    return found


def write_plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Three panels: links of the instances, vehicles, and clearance time as capacities shrink."""
    panels = [
        ("Network: the instances", "links", points(rows, "instance", lambda row: row["plan"]["links"]), False),
        ("Population", "vehicles", points(rows, "population", lambda row: row["plan"]["vehicles"]), True),
        ("Horizon", "clearance, min", points(rows, "capacity", lambda row: row["plan"]["clearance_s"] / 60), True),
    ]
    body = [draw_panel(i * WIDTH, *panel) for i, panel in enumerate(panels)]
    total = WIDTH * len(panels)
    keys = [
        f'<circle cx="{20 + i * 240}" cy="{HEIGHT + 14}" r="4" fill="{colour}"/>'
        f'<text x="{30 + i * 240}" y="{HEIGHT + 18}">{escape(label)}</text>'
        for i, (colour, label) in enumerate(SERIES.values())
    ]
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {HEIGHT + 30}" font-family="sans-serif" '
        f'font-size="12" role="img">\n<title>Seconds to plan against links, vehicles and clearance time</title>\n'
        f'<rect width="{total}" height="{HEIGHT + 30}" fill="white"/>\n' + "\n".join(body + keys) + "\n</svg>\n",
        encoding="utf-8",
    )


def decades(values: list[float]) -> tuple[int, int]:
    """Whole powers of ten that hold some values; at least one decade."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def draw_panel(offset: int, title: str, x_label: str, series: dict[str, list[Point]], is_joined: bool) -> str:
    """One panel with its axes, points and, where the cases follow from one another, lines."""
    head = f'<text x="{offset + LEFT}" y="20" font-weight="bold">{escape(title)}</text>'
    every = [point for pairs in series.values() for point in pairs]
    if not every:
        return head + f'<text x="{offset + LEFT}" y="60">not measured</text>'
    x_low, x_high = decades([x for x, _ in every])
    y_low, y_high = decades([y for _, y in every])

    def place(x: float, y: float) -> Point:
        across = (math.log10(x) - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT)
        up = (math.log10(y) - y_low) / (y_high - y_low) * (HEIGHT - TOP - BOTTOM)
        return offset + LEFT + across, HEIGHT - BOTTOM - up

    parts = [head]
    for power in range(x_low, x_high + 1):
        x, y = place(10.0**power, 10.0**y_low)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{y + 16:.1f}" text-anchor="middle">{10.0**power:,g}</text>')
    for power in range(y_low, y_high + 1):
        x, y = place(10.0**x_low, 10.0**power)
        parts.append(f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{offset + WIDTH - RIGHT}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    middle = offset + (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x_label)}</text>')
    for name, pairs in series.items():
        colour = SERIES[name][0]
        at = [place(*pair) for pair in pairs]
        if is_joined and len(at) > 1:
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
            parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in at]
    return "\n".join(parts)
