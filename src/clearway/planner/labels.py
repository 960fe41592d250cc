"""Labels of a cut over time: read off a flow, valued exactly, improved by descent, and made a certificate."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from ortools.graph.python import max_flow

from clearway.kernels.cuts import integral, links_value, shift_costs
from clearway.model.cut import intersect_intervals, merge_intervals
from clearway.model.network import FloatArray
from clearway.planner.problem import BoolArray, Problem
from clearway.planner.slots import SlotFlow

MOST_FLIPS = 16  # sites with windows whose labels are tried one by one
CUT_UNITS = 1e9  # whole units of the static minimum cut: the whole cut's value is this many


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """
    A cut over time, as `clearway.model.plan.Certificate` defines it, for a problem and a horizon.

    Attributes
    ----------
    label_s : float64[n_nodes]
    is_open : bool[n_zones]
    is_paid : bool[n_sites]
    """

    label_s: FloatArray
    is_open: BoolArray
    is_paid: BoolArray


def settle(problem: Problem, labels: Labels, horizon_s: float) -> Labels:
    """The same cut in its plainest form: labels say what open zones and unpaid sites imply."""
    label = np.minimum(np.maximum(labels.label_s, 0.0), horizon_s)
    for i in np.flatnonzero(~labels.is_paid):
        if _is_open_throughout(problem, i, horizon_s):
            label[problem.site_node[i]] = horizon_s
    for i in np.flatnonzero(labels.is_open):
        if len(problem.windows[i]) == 1 and math.isinf(problem.windows[i][0][1]):
            label[problem.zone_node[i]] = min(label[problem.zone_node[i]], problem.ready_s[i])
    is_open = labels.is_open | (label[problem.zone_node] <= problem.ready_s)
    last = np.array([min(w[-1][1], horizon_s) for w in problem.open_windows])
    is_paid = labels.is_paid & (label[problem.site_node] < last)
    return Labels(label, is_open, is_paid)


def _is_open_throughout(problem: Problem, site: int | np.signedinteger[Any], horizon_s: float) -> bool:
    windows = problem.open_windows[site]
    return len(windows) == 1 and windows[0][0] <= 0 and windows[0][1] >= horizon_s


def smallest_load(problem: Problem, is_open: BoolArray) -> float:
    """
    The fewest persons in a vehicle of an open zone: beds hold no more vehicles than at that load.

    Zones that get nowhere are open: then they add nothing.
    """
    return float(np.min(problem.persons_per_vehicle[is_open], initial=problem.stranded_load))


def value(problem: Problem, labels: Labels, horizon_s: float) -> float:
    """Vehicles that the cut lets through by the horizon: no plan moves more. ``labels`` must be settled."""
    profile = problem.profile
    label = labels.label_s
    total = links_value(
        profile.start, profile.from_s, profile.rate, problem.tail, problem.head, problem.tau, label, horizon_s
    )
    total += float(problem.vehicles[~labels.is_open].sum())
    if labels.is_paid.any():
        load = smallest_load(problem, labels.is_open)
        total += float((problem.beds[labels.is_paid] / load).sum()) if math.isfinite(load) else 0.0
    return float(total) + _window_value(problem, labels, horizon_s)


def _window_value(problem: Problem, labels: Labels, horizon_s: float) -> float:
    """What windows of open zones and unpaid sites add to the links' part of a cut."""
    label, profile = labels.label_s, problem.profile
    leaving: dict[int, list[tuple[float, float]]] = {}
    arriving: dict[int, list[tuple[float, float]]] = {}
    for i in np.flatnonzero(labels.is_open & (label[problem.zone_node] > problem.ready_s)):
        leaving.setdefault(int(problem.zone_node[i]), []).extend(problem.windows[i])
    for i in np.flatnonzero(~labels.is_paid):
        node = int(problem.site_node[i])
        windows = [(a, min(b, horizon_s)) for a, b in problem.open_windows[i] if min(b, horizon_s) > label[node]]
        if windows:
            arriving.setdefault(node, []).extend(windows)
    if not leaving and not arriving:
        return 0.0
    special = np.isin(problem.tail, list(leaving)) | np.isin(problem.head, list(arriving))
    extra = 0.0
    for link in np.flatnonzero(special):
        tail, head, tau = int(problem.tail[link]), int(problem.head[link]), float(problem.tau[link])
        plain = (float(label[tail]), min(float(label[head]), horizon_s) - tau)
        reached = merge_intervals([(float(label[tail]), math.inf), *leaving.get(tail, [])])
        beyond = merge_intervals([(0.0, min(float(label[head]), horizon_s)), *arriving.get(head, [])])
        for a, b in intersect_intervals(reached, [(c - tau, d - tau) for c, d in beyond]):
            extra += integral(profile.start, profile.from_s, profile.rate, link, max(a, 0.0), b)
        if plain[1] > plain[0]:
            extra -= integral(profile.start, profile.from_s, profile.rate, link, *plain)
    return extra


def read_off(flow: SlotFlow) -> Labels:
    """
    The labels of the minimum cut of a flow in slots; nodes it lacks count as reached when that is of no use.

    The node of a site that opens late or closes early is beyond in its window anyway: its label may end before, or lie
    after. The better of the two is taken, for all such sites, then for each of the first few.
    """
    problem, horizon = flow.problem, flow.grid.horizon_s
    beyond, homes, sites = flow.minimum_cut()
    windowed = [
        (problem.site_node[i], flow.net.may_arrive[row])
        for row, i in enumerate(flow.site_order)
        if sites[i] and not _is_open_throughout(problem, i, horizon)
    ]

    def trial(ended: list[bool]) -> tuple[float, Labels]:
        rest = beyond.copy() if windowed else beyond
        for (node, is_open), ends in zip(windowed, ended, strict=True):
            rest[node] &= ~is_open | (not ends)
        labels = settle(problem, Labels(_last_beyond(flow, rest), ~homes, ~sites), horizon)
        return value(problem, labels, horizon), labels

    ended = [False] * len(windowed)
    best, best_labels = trial(ended)
    for flipped in (range(len(windowed)), *([i] for i in range(min(len(windowed), MOST_FLIPS)))):
        other = [is_ended != (i in flipped) for i, is_ended in enumerate(ended)]
        found, labels = trial(other) if windowed else (math.inf, best_labels)
        if found < best:
            best, best_labels, ended = found, labels, other
    return best_labels


def _last_beyond(flow: SlotFlow, beyond: BoolArray) -> FloatArray:
    """float64[n_nodes]: until when each node is beyond; nodes that the flow lacks: see `read_off`."""
    problem, grid = flow.problem, flow.grid
    last = np.where(beyond.any(axis=1), grid.n_slots - beyond[:, ::-1].argmax(axis=1), 0)
    label: FloatArray = last * grid.slot_s - flow.shift
    present = np.zeros(problem.n_nodes, dtype=np.bool_)
    present[problem.tail[flow.links]] = present[problem.head[flow.links]] = True
    present[problem.zone_node] = True
    label[~present] = -np.inf
    usable = problem.top_rate > 0
    tail, head, tau = problem.tail[usable], problem.head[usable], problem.tau[usable]
    inner = ~present[tail]
    for _ in range(problem.n_nodes):  # absent nodes: as late as their way on allows
        better = label.copy()
        np.maximum.at(better, tail[inner], label[head[inner]] - tau[inner])
        if np.array_equal(better, label):
            break
        label = better
    return label


def descend(problem: Problem, labels: Labels, horizon_s: float, coarse_s: float, fine_s: float) -> tuple[Labels, float]:
    """
    Improve labels by moving those of a set of nodes together, by steps from coarse to fine, while a cut says it pays.

    The best set for a step is a static minimum cut, since the value is submodular in the labels of a link's two ends
    (Murota 2003, steepest descent). Returns settled labels and their value.
    """
    best, best_value = labels, value(problem, labels, horizon_s)
    step = coarse_s
    while step >= fine_s:
        improved = False
        for sign in (1.0, -1.0):
            for _ in range(3):
                trial = settle(problem, _shifted(problem, best, horizon_s, sign * step), horizon_s)
                trial_value = value(problem, trial, horizon_s)
                if trial_value >= best_value * (1 - 1e-9):
                    break
                best, best_value, improved = trial, trial_value, True
        step = step if improved and step > 4 * fine_s else step / 3
    return best, best_value


def _shifted(problem: Problem, labels: Labels, horizon_s: float, step: float) -> Labels:
    """Labels with the best set of nodes moved by one step."""
    profile, label = problem.profile, labels.label_s
    costs = shift_costs(
        profile.start, profile.from_s, profile.rate, problem.tail, problem.head, problem.tau, label, horizon_s, step
    )
    moving = np.abs(costs - costs[:, :1]).max(axis=1) > 0
    tail, head, c = problem.tail[moving], problem.head[moving], costs[moving]
    unary = np.zeros(problem.n_nodes)
    np.add.at(unary, tail, c[:, 2] - c[:, 0])
    np.add.at(unary, head, c[:, 3] - c[:, 2])
    pair = np.maximum(0.0, c[:, 1] + c[:, 2] - c[:, 0] - c[:, 3])
    node = problem.zone_node
    plain = np.array([len(w) == 1 and math.isinf(w[0][1]) for w in problem.windows], dtype=np.bool_)
    before, after = label[node] > problem.ready_s, label[node] + step > problem.ready_s
    np.add.at(unary, node, np.where(plain, (after.astype(float) - before) * problem.vehicles, 0.0))
    fixed = [
        problem.site_node[i] for i in np.flatnonzero(~labels.is_paid) if _is_open_throughout(problem, i, horizon_s)
    ]
    paid = labels.is_paid & np.isfinite(problem.beds)
    load = smallest_load(problem, labels.is_open)
    saved = np.where(paid & (label[problem.site_node] + step >= horizon_s), -problem.beds, 0.0)
    np.add.at(unary, problem.site_node, np.where(np.isfinite(saved), saved, 0.0) / load)
    unary[fixed] = np.inf
    moved = _cheapest_set(problem.n_nodes, tail, head, pair, unary)
    return replace(
        labels,
        label_s=label + np.where(moved, step, 0.0),
        is_open=labels.is_open & (~plain | _still_open(problem, label + np.where(moved, step, 0.0))),
    )


def _still_open(problem: Problem, label: FloatArray) -> BoolArray:
    return np.asarray(label[problem.zone_node] <= problem.ready_s, dtype=np.bool_)


def _cheapest_set(n_nodes: int, tail: FloatArray, head: FloatArray, pair: FloatArray, unary: FloatArray) -> BoolArray:
    """
    The set of nodes least in the sum of its unary costs and of the pairs whose head is in it and whose tail is not.
    """
    finite = np.where(np.isfinite(unary), unary, 0.0)
    scale = CUT_UNITS / max(1e-9, float(np.abs(finite).sum() + pair.sum()))
    unit = np.where(np.isfinite(unary), np.round(finite * scale), CUT_UNITS * 4).astype(np.int64)
    pairs = np.round(pair * scale).astype(np.int64)
    source, sink = n_nodes, n_nodes + 1
    cheap, dear, joint = np.flatnonzero(unit < 0), np.flatnonzero(unit > 0), np.flatnonzero(pairs > 0)
    if not len(cheap):
        return np.zeros(n_nodes, dtype=np.bool_)
    solver = max_flow.SimpleMaxFlow()
    solver.add_arcs_with_capacity(
        np.concatenate((np.full(len(cheap), source), dear, head[joint])).astype(np.int32),
        np.concatenate((cheap, np.full(len(dear), sink), tail[joint])).astype(np.int32),
        np.concatenate((-unit[cheap], unit[dear], pairs[joint])),
    )
    solver.solve(source, sink)
    chosen = np.zeros(n_nodes, dtype=np.bool_)
    reached = np.array(solver.get_source_side_min_cut(), dtype=np.int64)
    chosen[reached[reached < n_nodes]] = True
    return chosen
