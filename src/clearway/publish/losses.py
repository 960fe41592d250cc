"""What the loss of a crossing costs: as a table, as figures, as curves, in sentences."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clearway.model.network import FloatArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish.figures import tidy
from clearway.publish.wording import Clock, count, duration, joined, people, text

BESIDE_CONTINGENCIES = (
    "These plans know of the loss beforehand and plan everybody anew; what lies between the two figures is not known. "
    "`clearway contingencies` plans from the moment of a loss that nobody knew of, and keeps orders that hold: it "
    "gives as much or more."
)
COLUMNS = (
    "crossing_id", "name", "lost_at", "lost_at_s", "is_planned", "left_at_least", "left_at_most",
    "clearance_at_least_s", "clearance_at_most_s", "planned_over_it_later",
)  # fmt: skip
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 190, 64, 16, 30, 34


@dataclass(frozen=True, slots=True, eq=False)
class LossRows:
    """One crossing's losses as they are published: float64[n] each, by time of loss; see `COLUMNS`."""

    crossing: int
    lost_s: FloatArray
    is_planned: Sequence[bool]
    left_at_least: FloatArray
    left_at_most: FloatArray
    clearance_at_least_s: FloatArray
    clearance_at_most_s: FloatArray
    planned_over_it_later: FloatArray
    is_in_time: bool = True


def loss_records(found: Sequence[LossRows], scenario: Scenario) -> list[dict[str, Any]]:
    """One record per crossing and time of loss; None: nobody can clear then, or no plan does."""
    records = []
    for rows in found:
        crossing = scenario.crossings[rows.crossing]
        for i in range(len(rows.lost_s)):
            values = (
                crossing.crossing_id,
                crossing.name,
                scenario.clock(float(rows.lost_s[i])).isoformat(),
                tidy(rows.lost_s[i]),
                bool(rows.is_planned[i]),
                tidy(math.ceil(rows.left_at_least[i] - 1e-3)),
                tidy(rows.left_at_most[i]),
                tidy(rows.clearance_at_least_s[i]),
                tidy(rows.clearance_at_most_s[i]),
                tidy(rows.planned_over_it_later[i], 6),
            )
            records.append(dict(zip(COLUMNS, values, strict=True)))
    return records


def losses_csv(records: Sequence[dict[str, Any]]) -> str:
    """The table; empty cells: nobody can clear then, or no plan does."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in records:
        cells = ["" if record[name] is None else record[name] for name in COLUMNS]
        writer.writerow([str(cell).lower() if isinstance(cell, bool) else cell for cell in cells])
    return out.getvalue()


def loss_sentences(found: Sequence[LossRows], plan: Plan, scenario: Scenario) -> list[str]:
    """For each crossing what its loss at the start, at half its use and at its last use comes to."""
    clock = Clock(scenario, plan.clearance_time_s)
    used = {rows.crossing for rows in found}
    lines = cut_short_lines(found, scenario)
    for rows in found:
        crossing = scenario.crossings[rows.crossing]
        lines.append(f"{crossing.name or crossing.crossing_id}:")
        for i in sorted({0, len(rows.lost_s) // 2, len(rows.lost_s) - 1}):
            lines.append(f"  lost {clock.long(float(rows.lost_s[i]))}: {cost_words(rows, i, plan)}")
    lines += [
        f"{c.name or c.crossing_id}: this plan does not use it; its loss changes nothing"
        for i, c in enumerate(scenario.crossings)
        if i not in used
    ]
    if not scenario.crossings:
        return ["The scenario names no crossing (crossing.csv): there is no loss to work out."]
    return [*lines, BESIDE_CONTINGENCIES] if found else lines


def cut_short_lines(found: Sequence[LossRows], scenario: Scenario) -> list[str]:
    """A sentence on the crossings for which time ran out; none where it did for none."""
    names = [scenario.crossings[rows.crossing].name for rows in found if not rows.is_in_time]
    if not names:
        return []
    return [
        f"Time ran out for {joined(names)}: the figures hold, but lie wider apart than they need to; allow more with "
        "--time-limit."
    ]


def cost_words(rows: LossRows, i: int, plan: Plan) -> str:
    """ "nobody left behind; 12 h 10 min to 13 h more"."""
    least, most = math.ceil(rows.left_at_least[i] - 1e-3), round(float(rows.left_at_most[i]))
    if most == 0:
        left = "nobody left behind"
    elif least == most:
        left = f"{people(most)} left behind"
    else:
        left = f"{count(least)} to {people(most)} left behind"
    sooner, later = float(rows.clearance_at_least_s[i]), float(rows.clearance_at_most_s[i])
    if most > 0 or not math.isfinite(later):
        return left
    more = [max(0.0, seconds - plan.clearance_time_s) for seconds in (sooner, later)]
    if more[1] < 60:
        return f"{left}; no longer"
    span = duration(more[1]) if more[1] - more[0] < 60 else f"{duration(more[0])} to {duration(more[1])}"
    return f"{left}; {span} more to clear"


def losses_svg(found: Sequence[LossRows], plan: Plan, scenario: Scenario) -> str:
    """Curves as one picture: for each crossing the bracket of the time to clear, or of those left where any are."""
    parts = [panel(rows, k, plan, scenario) for k, rows in enumerate(found)]
    height = max(1, len(found)) * HEIGHT
    body = "".join(parts) or f'<text x="{LEFT}" y="{TOP}">This plan uses no crossing.</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="11">'
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>{body}</svg>\n'
    )


def panel(rows: LossRows, place: int, plan: Plan, scenario: Scenario) -> str:
    """One crossing's curve."""
    hours = rows.lost_s / 3600
    is_people = bool((rows.left_at_most > 0.5).any())
    if is_people:
        low, high, unit = rows.left_at_least, rows.left_at_most, "people left behind"
    else:
        low, high, unit = rows.clearance_at_least_s / 3600, rows.clearance_at_most_s / 3600, "hours to clear"
    top = 1.08 * max(float(high.max()), plan.clearance_time_s / 3600 if not is_people else 1.0)
    end = max(float(hours[-1]), 1e-9)
    above = place * HEIGHT
    inner_w, inner_h = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(hour: float, amount: float) -> str:
        return f"{LEFT + inner_w * hour / end:.1f} {above + TOP + inner_h * (1 - amount / top):.1f}"

    # between two times the plan for the earlier and the bound for the later hold
    band = [at(h, v) for i, v in enumerate(high) for h in (hours[i], hours[min(i + 1, len(hours) - 1)])]
    band += [at(h, low[i]) for i in reversed(range(len(low))) for h in (hours[i], hours[max(i - 1, 0)])]
    dots = "".join(
        '<circle cx="{}" cy="{}" r="3" fill="#1d4e89"/>'.format(*at(h, v).split())
        for h, v, planned in zip(hours, high, rows.is_planned, strict=True)
        if planned
    )
    base = above + HEIGHT - BOTTOM
    step = max(1, round(end / 8))
    ticks = "".join(
        f'<text x="{LEFT + inner_w * h / end:.1f}" y="{base + 15}" text-anchor="middle">{h}</text>'
        for h in range(0, int(end) + 1, step)
    )
    scale = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{count(amount)}</text>'
        for amount in (0.0, top / 2.16, top / 1.08)
        for y in (above + TOP + inner_h * (1 - amount / top),)
    )
    name = text(scenario.crossings[rows.crossing].name or scenario.crossings[rows.crossing].crossing_id)
    return (
        f'<text x="{LEFT}" y="{above + 18}" font-size="13" font-weight="600">{name}: {unit}, by the hour of its loss'
        f'</text>{scale}<path d="M{"L".join(band)}Z" fill="#7fa8d1" fill-opacity=".55" stroke="#1d4e89"/>{dots}{ticks}'
        f'<text x="{WIDTH - RIGHT}" y="{base + 29}" text-anchor="end">hours from the start; the band lies between what '
        "no plan can beat and what a plan does; dots: plans made</text>"
    )
