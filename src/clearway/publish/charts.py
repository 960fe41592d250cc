"""Curves as SVG: they show without scripts, on paper, in light and dark (colours come from the style sheet)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from clearway.model.network import FloatArray
from clearway.publish.facts import Facts
from clearway.publish.wording import MONTHS, WEEKDAYS, count, text

TICK_STEPS_S = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800)
MOST_POINTS = 400
DAY_LABEL_PX = 58  # what "Wed 19" and a gap take


@dataclass(frozen=True, slots=True)
class Frame:
    """A chart's size and margins, and what lies on its axes."""

    width: int
    height: int
    begin_s: float
    end_s: float
    top: float  # the largest amount on the y axis
    left: int = 66
    right: int = 14
    above: int = 14
    below: int = 42

    def x(self, seconds: float) -> float:
        inner = self.width - self.left - self.right
        return self.left + inner * (seconds - self.begin_s) / (self.end_s - self.begin_s)

    def y(self, amount: float) -> float:
        inner = self.height - self.above - self.below
        return self.height - self.below - inner * amount / self.top


def nice_step(span: float, most: int) -> float:
    """A round step (1, 2, 2.5 or 5 times a power of ten) that makes at most ``most`` of ``span``."""
    raw = max(span, 1e-9) / most
    power = 10.0 ** math.floor(math.log10(raw))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= raw * (1 - 1e-9))


def thin(times: FloatArray, values: FloatArray, grid_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A piecewise linear curve with few enough points to draw."""
    if len(times) <= MOST_POINTS:
        return times, values
    return grid_s, np.interp(grid_s, times, values)


def path(frame: Frame, times: Sequence[float] | FloatArray, values: Sequence[float] | FloatArray) -> str:
    """The SVG path of a curve."""
    points = [
        f"{frame.x(t):.1f} {frame.y(v):.1f}"
        for t, v in zip(times, values, strict=True)
        if frame.begin_s <= t <= frame.end_s
    ]
    return "M" + "L".join(points) if points else ""


def time_ticks(facts: Facts, frame: Frame, most: int) -> str:
    """Ticks at round clock times, with the day under the first one and at each midnight."""
    span = frame.end_s - frame.begin_s
    step = next((s for s in TICK_STEPS_S if span / s <= most), TICK_STEPS_S[-1])
    start = facts.scenario.start
    since_midnight = start.hour * 3600 + start.minute * 60 + start.second
    tick = math.ceil((frame.begin_s + since_midnight) / step - 1e-9) * step - since_midnight
    base, parts = frame.height - frame.below, []
    days: list[tuple[date, float, str]] = []  # with where its label stands and its anchor
    is_narrow = frame.width <= 500
    while tick <= frame.end_s + 1e-6:
        x, moment = frame.x(tick), start + timedelta(seconds=tick)
        anchor = "end" if x > frame.width - frame.right - 12 else "middle"
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{frame.above}" y2="{base}"/>')
        parts.append(f'<text x="{x:.1f}" y="{base + 17}" text-anchor="{anchor}">{moment:%H:%M}</text>')
        if not days or moment.date() != days[-1][0]:
            days.append((moment.date(), x, "start" if x < frame.left + 20 else anchor))
        tick += step
    for i, (day, x, anchor) in enumerate(days):
        if i + 1 < len(days) and days[i + 1][1] - x < DAY_LABEL_PX:
            continue  # the next, at its midnight, says more
        month = "" if is_narrow and i + 1 < len(days) else f" {MONTHS[day.month - 1]}"
        words = f"{WEEKDAYS[day.weekday()][:3]} {day.day}{month}"
        parts.append(f'<text class="day" x="{x:.1f}" y="{base + 34}" text-anchor="{anchor}">{words}</text>')
    return "".join(parts)


def amount_ticks(frame: Frame) -> str:
    """Ticks of the y axis at round amounts."""
    step = nice_step(frame.top, 5)
    parts = []
    for i in range(int(frame.top / step + 1e-9) + 1):
        y = frame.y(i * step)
        parts.append(
            f'<line class="grid" x1="{frame.left}" x2="{frame.width - frame.right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        parts.append(f'<text x="{frame.left - 8}" y="{y + 4:.1f}" text-anchor="end">{count(i * step)}</text>')
    return "".join(parts)


def bound_steps(bound_s: FloatArray, bound: FloatArray) -> tuple[FloatArray, FloatArray]:
    """
    The curve of bounds as steps: what cannot have arrived by a time cannot have arrived before it either.

    A straight line from one bound to the next would lie below what is proven where the curve bends down.
    """
    finite = np.isfinite(bound)
    times, most = bound_s[finite], bound[finite]
    return np.repeat(times, 2)[:-1], np.repeat(most, 2)[1:]


def arrivals_svg(facts: Facts, width: int, height: int, css_class: str) -> str:
    """People arrived over time, with what no plan can beat beside it."""
    plan, grid = facts.plan, facts.grid
    times, persons = thin(*facts.curve, grid.edges_s)
    bound_s, bound = plan.bound_curve_s, plan.bound_curve_persons
    shown = bound[(bound_s <= grid.end_s) & np.isfinite(bound)] if len(bound) else bound
    driven_most = float(facts.outcome.safe.max(initial=0.0)) if facts.outcome is not None else 0.0
    top = max(driven_most, float(persons.max(initial=0.0)), float(shown.max(initial=0.0)), 1.0) * 1.06
    frame = Frame(width, height, grid.begin_s, grid.end_s, top)
    ends = np.concatenate((times, [grid.end_s])), np.concatenate((persons, persons[-1:]))
    curve = path(frame, *ends)
    base = frame.y(0)
    parts = [
        f'<svg class="chart {css_class}" viewBox="0 0 {width} {height}" role="img" aria-label="{curve_words(facts)}" '
        f'data-frame="{frame.left} {width - frame.right} {frame.above} {base:.1f} {frame.top:.3f}">',
        amount_ticks(frame),
        time_ticks(facts, frame, 12 if width > 500 else 5),
    ]
    if curve:
        first = frame.x(max(times[0], grid.begin_s))
        parts.append(f'<path class="area" d="{curve}L{frame.x(grid.end_s):.1f} {base:.1f}L{first:.1f} {base:.1f}Z"/>')
    if len(bound):
        parts.append(f'<path class="bound" d="{path(frame, *bound_steps(bound_s, bound))}"/>')
    parts.append(f'<path class="arrived" d="{curve}"/>')
    if facts.outcome is not None:
        driven = thin(facts.outcome.curve_s, facts.outcome.safe, grid.edges_s)
        parts.append(f'<path class="driven" d="{path(frame, *driven)}"/>')
    parts.append(marks(facts, frame))
    x = frame.x(grid.begin_s)
    parts.append(f'<line class="cursor" x1="{x}" x2="{x}" y1="{frame.above}" y2="{base:.1f}"/>')
    parts.append(f'<circle class="cursor-dot" r="4.5" cx="{x}" cy="{base:.1f}"/></svg>')
    return "".join(parts)


def marks(facts: Facts, frame: Frame) -> str:
    """The lower bound on clearance time, and the moment when 90 % have arrived."""
    parts = []
    base = frame.y(0)
    bound = facts.bound_time_s
    if frame.begin_s <= bound <= frame.end_s and bound > 0:
        x = frame.x(bound)
        parts.append(f'<line class="limit-line" x1="{x:.1f}" x2="{x:.1f}" y1="{frame.above}" y2="{base:.1f}"/>')
        label = f"{'no plan before' if frame.width > 500 else 'bound'} {facts.clock.short(bound, 'down')}"
        at, anchor = (x - 6, "end") if x > frame.left + 170 else (x + 6, "start")
        parts.append(
            f'<text class="limit-text" x="{at:.1f}" y="{base - 10:.1f}" text-anchor="{anchor}">{text(label)}</text>'
        )
    ninety = facts.time_of_share(0.9)
    if frame.begin_s <= ninety <= frame.end_s:
        x, y = frame.x(ninety), frame.y(0.9 * facts.curve[1][-1])
        parts.append(f'<circle class="ninety" r="4" cx="{x:.1f}" cy="{y:.1f}"/>')
        at, anchor = (x + 9, "start") if x + 45 < frame.width - frame.right else (x - 4, "end")
        parts.append(f'<text class="ninety-text" x="{at:.1f}" y="{y + 18:.1f}" text-anchor="{anchor}">90 %</text>')
    return "".join(parts)


def curve_words(facts: Facts) -> str:
    """The chart in one sentence, for those who hear the page."""
    plan = facts.plan
    if plan.persons_planned <= 0:
        return "Nobody arrives."
    ninety = facts.clock.long(facts.time_of_share(0.9), "up")
    last = facts.clock.long(plan.clearance_time_s, "up")
    if facts.outcome is not None:
        driven = facts.clock.long(facts.outcome.last_arrival_s, "up")
        return text(
            f"People arrived over time: as planned {count(plan.persons_planned)} by {last}; "
            f"when driven {count(facts.outcome.tally.safe)} by {driven}."
        )
    return text(f"People arrived over time: 90 % by {ninety}, {count(plan.persons_planned)} by {last}.")


def crossing_svg(facts: Facts, rows: FloatArray, links: Sequence[int]) -> str:
    """Vehicles an hour over a crossing (float64[n_steps], vehicles a step) under what it can carry."""
    grid, profile = facts.grid, facts.profile
    flow = rows * 3600.0 / grid.step_s
    changes = {grid.begin_s, grid.end_s}
    for link in links:
        pieces = profile.from_s[profile.start[link] : profile.start[link + 1]]
        changes |= {float(t) for t in pieces if grid.begin_s < t < grid.end_s}
    times = sorted(changes)
    usable = [sum(rate_at(facts, link, t) for link in links) * 3600.0 for t in times[:-1]]
    top = max([*usable, float(flow.max(initial=0.0)), 1.0]) * 1.08
    frame = Frame(320, 84, grid.begin_s, grid.end_s, top, 0, 0, 2, 2)
    edges = np.repeat(grid.edges_s, 2)[1:-1]
    area = path(frame, edges, np.repeat(flow, 2))
    base = frame.y(0)
    parts = ['<svg class="chart spark" viewBox="0 0 320 84" preserveAspectRatio="none" aria-hidden="true">']
    for a, b, rate in zip(times[:-1], times[1:], usable, strict=True):
        if rate == 0:
            parts.append(
                f'<rect class="closed" x="{frame.x(a):.1f}" y="2" width="{frame.x(b) - frame.x(a):.1f}" height="80"/>'
            )
    parts.append(f'<path class="flow" d="{area}L{frame.x(grid.end_s):.1f} {base:.1f}L0 {base:.1f}Z"/>')
    steps = path(frame, np.repeat(times, 2)[1:-1], np.repeat(usable, 2))
    parts.append(f'<path class="usable" d="{steps}"/>')
    parts.append('<line class="cursor" x1="0" x2="0" y1="0" y2="84"/></svg>')
    most = max(usable, default=0.0)
    if most > 0:  # words beside the picture: its text would be stretched
        parts.insert(
            0, f'<p class="note scale">line at {count(most)} an hour{"" if min(usable) == most else " at most"}</p>'
        )
    return "".join(parts)


def rate_at(facts: Facts, link: int, seconds: float) -> float:
    """Vehicles per second that may enter a link at a time."""
    profile = facts.profile
    a, b = int(profile.start[link]), int(profile.start[link + 1])
    piece = a + int(np.searchsorted(profile.from_s[a:b], seconds, side="right")) - 1
    return float(profile.rate[piece])
