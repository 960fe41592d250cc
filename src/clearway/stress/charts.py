"""Curves of many futures as SVG: they show without scripts; colours come from the report's style sheet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clearway.model.network import FloatArray
from clearway.publish.charts import nice_step
from clearway.publish.wording import count, percent, text

WIDTH, HEIGHT = 400, 220
LEFT, RIGHT, ABOVE, BELOW = 52, 16, 14, 44
N_BINS = 32


def frame(low: float, high: float) -> tuple[float, float]:
    """A range with something in it."""
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def x_of(value: float, low: float, high: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low)


def y_of(share: float) -> float:
    return HEIGHT - BELOW - (HEIGHT - ABOVE - BELOW) * share


def axes(low: float, high: float, label: str) -> str:
    """Ticks at round values below, shares at the side."""
    step = nice_step(high - low, 4)
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = y_of(share)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{percent(share)}</text>')
    tick = np.ceil(low / step - 1e-9) * step
    while tick <= high + 1e-9 * step:
        x = x_of(float(tick), low, high)
        words = count(float(tick)) if step >= 1 else f"{tick:g}"
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{ABOVE}" y2="{y_of(0):.1f}"/>')
        parts.append(f'<text x="{x:.1f}" y="{y_of(0) + 17:.1f}" text-anchor="middle">{words}</text>')
        tick += step
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text class="day" x="{middle:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{text(label)}</text>')
    return "".join(parts)


def distribution_svg(values: Sequence[float], label: str, planned: float, words: str) -> str:
    """
    A histogram (bars, scaled to the tallest) and the share of futures that do not exceed each value (line); inf: never.
    """
    x = np.asarray(values, dtype=np.float64)
    finite = np.sort(x[np.isfinite(x)])
    if not len(finite):
        return f'<p class="note">{text(label)}: in no future.</p>'
    ends = [float(finite[0]), float(finite[-1])] + ([planned] if np.isfinite(planned) else [])
    low, high = frame(min(ends), max(ends))
    counts, edges = np.histogram(finite, N_BINS, (low, high))
    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{text(words)}">']
    parts.append(axes(low, high, label))
    for n, a, b in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if n:
            top, left, right = y_of(n / counts.max()), x_of(a, low, high), x_of(b, low, high)
            parts.append(
                f'<rect class="area" x="{left:.1f}" y="{top:.1f}" width="{max(right - left - 0.6, 0.6):.1f}" '
                f'height="{y_of(0) - top:.1f}"/>'
            )
    shares = np.arange(1, len(finite) + 1) / len(x)
    parts.append(f'<path class="arrived" d="{step_path(finite, shares, low, high)}"/>')
    if np.isfinite(planned):
        at = x_of(planned, low, high)
        side, anchor = (at - 6, "end") if at > WIDTH / 2 else (at + 6, "start")
        parts.append(f'<line class="limit-line" x1="{at:.1f}" x2="{at:.1f}" y1="{ABOVE}" y2="{y_of(0):.1f}"/>')
        parts.append(
            f'<text class="limit-text" x="{side:.1f}" y="{ABOVE + 12}" text-anchor="{anchor}">as planned</text>'
        )
    return "".join(parts) + "</svg>"


def step_path(values: FloatArray, shares: FloatArray, low: float, high: float) -> str:
    """An empirical distribution function as an SVG path, thinned to what can be seen."""
    keep = np.unique(np.linspace(0, len(values) - 1, min(len(values), 300)).astype(np.int64))
    points = [(low, 0.0)]
    for value, share in zip(values[keep].tolist(), shares[keep].tolist(), strict=True):
        points += [(value, points[-1][1]), (value, share)]
    points.append((high, points[-1][1]))
    return "M" + "L".join(f"{x_of(x, low, high):.1f} {y_of(y):.1f}" for x, y in points)


def chance_svg(curve: Sequence[dict[str, float]], intervals: Sequence[Sequence[float]], wanted: float) -> str:
    """The chance that all get out against how many hours later they start, with its 95 % interval."""
    hours = [point["delay_s"] / 3600.0 for point in curve]
    low, high = frame(0.0, hours[-1])
    upper = [f"{x_of(h, low, high):.1f} {y_of(b):.1f}" for h, (_, b) in zip(hours, intervals, strict=True)]
    lower = [f"{x_of(h, low, high):.1f} {y_of(a):.1f}" for h, (a, _) in zip(hours, intervals, strict=True)]
    line = [f"{x_of(h, low, high):.1f} {y_of(point['value']):.1f}" for h, point in zip(hours, curve, strict=True)]
    y = y_of(wanted)
    label = text(f"Chance that all get out, from {percent(curve[0]['value'])} with no delay")
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
        f"{axes(low, high, 'hours later than planned')}"
        f'<path class="area" d="M{"L".join(upper + lower[::-1])}Z"/><path class="arrived" d="M{"L".join(line)}"/>'
        f'<line class="limit-line" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="limit-text" x="{WIDTH - RIGHT - 4}" y="{y + 15:.1f}" text-anchor="end">{percent(wanted)}</text>'
        "</svg>"
    )
