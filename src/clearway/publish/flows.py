"""Where a plan's vehicles are when: amounts in equal steps of time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from clearway.model.network import FloatArray, IntArray
from clearway.model.outcome import LinkRecord
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario

# Steps people can read on a clock, in seconds.
NICE_STEPS_S = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
MAX_STEPS = 180
CHUNK = 2_000_000  # (movement, link) pairs worked on at once, to bound the memory


@dataclass(frozen=True, slots=True)
class TimeGrid:
    """``n_steps`` equal steps of ``step_s`` seconds from ``begin_s``."""

    begin_s: float
    step_s: float
    n_steps: int

    @property
    def end_s(self) -> float:
        return self.begin_s + self.step_s * self.n_steps

    @property
    def edges_s(self) -> FloatArray:
        edges: FloatArray = self.begin_s + self.step_s * np.arange(self.n_steps + 1, dtype=np.float64)
        return edges


def time_grid(first_s: float, last_s: float) -> TimeGrid:
    """Steps that show [first_s, last_s], from 0 unless nothing happens for a long time at first."""
    begin = 0.0 if first_s < 0.25 * last_s else first_s
    span = max(last_s - begin, 60.0)
    nice = [float(step) for step in NICE_STEPS_S if span / step <= MAX_STEPS]
    step = nice[0] if nice else NICE_STEPS_S[-1] * math.ceil(span / MAX_STEPS / NICE_STEPS_S[-1])
    begin = step * math.floor(begin / step)
    return TimeGrid(begin, step, max(1, math.ceil((last_s - begin) / step - 1e-9)))


def breaks(
    sums: tuple[FloatArray, FloatArray], group: IntArray, at_s: FloatArray, rate: FloatArray, grid: TimeGrid
) -> None:
    """Let the rate of groups change at times: ``sums`` (each [n_groups, n_steps + 2]) are modified in place."""
    x = (at_s - grid.begin_s) / grid.step_s
    k = np.clip(np.floor(x) + 1, 0, grid.n_steps + 1).astype(np.int64)
    flat = group * (grid.n_steps + 2) + k
    for total, weight in zip(sums, (rate, rate * x), strict=True):
        np.add(total, np.bincount(flat, weight, minlength=total.size).reshape(total.shape), out=total)


def amounts_by_edge(sums: tuple[FloatArray, FloatArray], grid: TimeGrid) -> FloatArray:
    """float64[n_groups, n_steps + 1]: amounts up to each edge, from the summed changes of rate."""
    edge = np.arange(grid.n_steps + 1)
    slope, offset = np.cumsum(sums[0][:, :-1], axis=1), np.cumsum(sums[1][:, :-1], axis=1)
    found: FloatArray = np.maximum(slope * edge - offset, 0.0)
    return found


def cumulative_amounts(
    group: IntArray, window: tuple[FloatArray, FloatArray], amount: FloatArray, n_groups: int, grid: TimeGrid
) -> FloatArray:
    """float64[n_groups, n_steps + 1]: what has passed by each edge, amounts passing evenly in their windows."""
    sums = (np.zeros((n_groups, grid.n_steps + 2)), np.zeros((n_groups, grid.n_steps + 2)))
    from_s, until_s = window
    rate = amount / np.maximum((until_s - from_s) / grid.step_s, 1e-9)
    breaks(sums, group, from_s, rate, grid)
    breaks(sums, group, until_s, -rate, grid)
    return amounts_by_edge(sums, grid)


def link_flows(plan: Plan, scenario: Scenario, grid: TimeGrid) -> tuple[IntArray, FloatArray]:
    """Links that ever carry anyone (int64[n]) and the vehicles that enter them in each step (float64[n, n_steps])."""
    moves, routes = plan.movements, plan.routes
    used = np.unique(moves.route)
    lengths = np.diff(routes.start)
    on_used = np.repeat(np.isin(np.arange(len(routes)), used), lengths)
    links = np.unique(routes.links[on_used]) if len(used) else np.zeros(0, dtype=np.int64)
    row_of = np.full(scenario.network.n_links, -1, dtype=np.int64)
    row_of[links] = np.arange(len(links))
    time = scenario.network.free_flow_time_s[routes.links]
    entered = np.cumsum(time) - time
    first = routes.start[:-1]
    entered -= np.repeat(entered[np.minimum(first, max(len(time) - 1, 0))], lengths) if len(time) else 0.0
    sums = (np.zeros((len(links), grid.n_steps + 2)), np.zeros((len(links), grid.n_steps + 2)))
    rate = moves.vehicles / np.maximum((moves.depart_until_s - moves.depart_from_s) / grid.step_s, 1e-9)
    pairs = lengths[moves.route]
    bounds = np.searchsorted(np.cumsum(pairs), np.arange(CHUNK, int(pairs.sum()) + CHUNK, CHUNK), side="left") + 1
    a = 0
    for b in np.minimum(bounds, len(moves)):
        n = pairs[a:b]
        which = np.repeat(np.arange(a, b), n)
        inside = np.arange(int(n.sum())) - np.repeat(np.cumsum(n) - n, n)
        position = routes.start[moves.route[which]] + inside
        row, offset = row_of[routes.links[position]], entered[position]
        breaks(sums, row, moves.depart_from_s[which] + offset, rate[which], grid)
        breaks(sums, row, moves.depart_until_s[which] + offset, -rate[which], grid)
        a = int(b)
    return links, np.maximum(np.diff(amounts_by_edge(sums, grid), axis=1), 0.0)


def occupancy_s(plan: Plan, scenario: Scenario) -> tuple[float, float]:
    """The first departure and the last arrival, seconds; (0, 0) where nobody moves."""
    moves = plan.movements
    if not len(moves):
        return 0.0, 0.0
    travel = plan.route_time_s(scenario.network.free_flow_time_s)[moves.route]
    return float(moves.depart_from_s.min()), float((moves.depart_until_s + travel).max())


def driven_flows(record: LinkRecord, grid: TimeGrid) -> tuple[IntArray, FloatArray]:
    """Links that anyone entered in a simulation, and the vehicles that entered them in each step of the grid."""
    n = record.entered.shape[1]
    edges = record.interval_s * np.arange(n + 1)
    passed = np.concatenate((np.zeros((len(record.link), 1)), np.cumsum(record.entered, axis=1)), axis=1)
    return record.link, np.maximum(np.diff(on_grid(edges, passed, grid), axis=1), 0.0)


def on_grid(times: FloatArray, rows: FloatArray, grid: TimeGrid) -> FloatArray:
    """float64[n, n_steps + 1]: piecewise linear curves (float64[n, len(times)]) at the edges of the grid."""
    if not len(rows):
        return np.zeros((0, grid.n_steps + 1))
    return np.stack([np.interp(grid.edges_s, times, row) for row in rows])
