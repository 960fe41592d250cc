"""Certified bounds: the horizon before which nobody can clear, the most that can be moved by a horizon."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from clearway.kernels.paths import forward_star, shortest_times
from clearway.model.network import IntArray
from clearway.model.plan import BoundKind, Certificate
from clearway.planner.labels import Labels, descend, settle, smallest_load, value
from clearway.planner.problem import BoolArray, Problem
from clearway.planner.static_flow import MILLISECONDS, StaticFlow, circulate, never, smallest_horizon
from clearway.planner.steady import steady_routes

STRICT = 1e-9  # relative: a cut must stay this much below the demand to prove anything


def is_short(problem: Problem, cut_vehicles: float, demand: float) -> bool:
    """Whether a cut is so far below a demand that it proves that the demand does not fit."""
    return cut_vehicles < demand - STRICT * (demand + problem.beside)


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """
    Nobody moves the problem's vehicles (or ``demand`` of them) by ``horizon_s``: the labels show it.

    ``flow`` is the static flow that the labels are those of, where they are.
    """

    horizon_s: float
    labels: Labels
    demand: float
    flow: StaticFlow | None = None


def steady_bound(problem: Problem, zones: IntArray, guess_s: float, is_paid: BoolArray | None = None) -> Bound:
    """
    The bound from a set of zones, and of sites that are paid for, over links that always take their top rate.

    Exact for these sets where the problem is steady; a relaxation, hence still a bound, where it is not: then it holds
    whatever the time of day is when it begins.
    """
    proven: list[Bound] = []

    def is_proven(horizon_s: float, flow: StaticFlow) -> bool:
        """Whether a flow's labels prove a horizon, or one so little below that nothing is lost."""
        below = horizon_s - (1e-7 * horizon_s + 2 / MILLISECONDS)
        if below > 0:
            labels = settle(problem, _labels(problem, flow.labels_at(below), zones, is_paid), below)
            if is_short(problem, value(problem, labels, below), problem.demand):
                proven.append(Bound(below, labels, problem.demand, flow))
        return bool(proven)

    # rates that change could prove more than the relaxation says: only of the horizon that it ends with is that asked
    ends_sooner = is_proven if problem.is_steady else never
    spared = _spared(problem, zones, is_paid)
    horizon, flow = smallest_horizon(problem, zones, guess_s, is_paid, spared, ends_sooner)
    if proven or is_proven(horizon, flow):
        return proven[0]
    links = np.flatnonzero(problem.useful(math.inf))
    back = 1e-7 * horizon + 2 / MILLISECONDS
    while back < horizon:
        below = horizon - back
        found = circulate(problem, links, zones, below, None, None, is_paid)
        labels = settle(problem, _labels(problem, found.labels_s, zones, is_paid), below)
        if is_short(problem, value(problem, labels, below), problem.demand):
            return Bound(below, labels, problem.demand)
        back *= 10
    return first_arrival_bound(problem)


def bound_of_everyone(problem: Problem, guess_s: float) -> Bound:
    """
    The bound of all zones together; where beds may bind, with the best sites to pay for that are found greedily.

    Of the largest static flow by a horizon some sites may get more than they have beds for: these are paid for, which
    sends the others to the sites left, until none is overfull. Sites stand in for each other, so one that is overfull
    stays so when others are paid for (Hoppe & Tardos 2000: the least of a submodular function). Where then not all
    fit, the horizon is raised until they do.
    """
    zones = np.arange(len(problem.zone))
    if problem.has_ample_beds:
        return steady_bound(problem, zones, guess_s)
    links = np.flatnonzero(problem.useful(math.inf))
    best = is_paid = np.zeros(len(problem.site), dtype=np.bool_)
    horizon, found = smallest_horizon(problem, zones, guess_s)
    while True:
        more = ~is_paid & _overfull(problem, found, horizon)
        is_paid = is_paid | more
        spared = _spared(problem, zones, is_paid)
        if not more.any() or is_paid.all() or spared >= problem.demand * (1 - STRICT):
            break
        found = circulate(problem, links, zones, horizon, None, None, is_paid)
        if found.sent + spared < problem.demand * (1 - 1e-6):
            horizon, found = smallest_horizon(problem, zones, horizon, is_paid, spared)
            best = is_paid
    return steady_bound(problem, zones, horizon, best)


def _overfull(problem: Problem, found: StaticFlow, horizon_s: float) -> BoolArray:
    """bool[n_sites]: whether a static flow, repeated up to a horizon, sends a site more than it has beds for."""
    routes = steady_routes(problem, found)
    duration = np.maximum(horizon_s - problem.ready_s[routes.zone] - routes.travel_s(problem), 0.0)
    persons = routes.rate * duration * problem.persons_per_vehicle.min()
    return np.asarray(np.bincount(routes.site, persons, len(problem.site)) > problem.beds * (1 + 1e-6), dtype=np.bool_)


def _spared(problem: Problem, zones: IntArray, is_paid: BoolArray | None) -> float:
    """Vehicles that sites paid for take of some zones' at the most."""
    if is_paid is None or not is_paid.any():
        return 0.0
    is_open = np.zeros(len(problem.zone), dtype=np.bool_)
    is_open[zones] = True
    return float(problem.beds[is_paid].sum()) / smallest_load(problem, is_open)


def first_arrival_bound(problem: Problem) -> Bound:
    """Nobody of the zone farthest off (in time, from its readiness) can be anywhere before its first vehicle."""
    arrival = problem.ready_s + problem.to_site[problem.zone_node]
    cost = np.where(problem.top_rate > 0, problem.tau, np.inf)
    out_start, out_order = forward_star(problem.n_nodes, problem.tail)
    for zone in np.argsort(-arrival, kind="stable"):
        start = np.full(problem.n_nodes, np.inf)
        start[problem.zone_node[zone]] = problem.ready_s[zone]
        label, _ = shortest_times(out_start, out_order, problem.head, cost, start)
        labels = settle(problem, _labels(problem, label, np.array([zone])), arrival[zone])
        if is_short(problem, value(problem, labels, arrival[zone]), problem.demand):
            return Bound(float(arrival[zone]), labels, problem.demand)
    raise ArithmeticError("no zone with vehicles")


def _labels(problem: Problem, labels_s: np.ndarray, zones: IntArray, is_paid: BoolArray | None = None) -> Labels:
    is_open = np.zeros(len(problem.zone), dtype=np.bool_)
    is_open[zones] = True
    nobody_pays = np.zeros(len(problem.site), dtype=np.bool_)
    label = np.where(np.isfinite(labels_s), labels_s, np.inf)
    return Labels(label, is_open, nobody_pays if is_paid is None else is_paid)


def strictly_below(problem: Problem, labels: Labels, horizon_s: float, demand: float) -> Bound:
    """The largest horizon, up to the given one, at which these labels prove that the demand does not fit."""
    low, high = 0.0, horizon_s
    settled = settle(problem, labels, high)
    if is_short(problem, value(problem, settled, high), demand):
        return Bound(high, settled, demand)
    for _ in range(60):
        middle = 0.5 * (low + high) if low == 0.0 and high < 0.5 * horizon_s else high - (high - low) * 0.25
        if high - low <= 1e-9 * horizon_s:
            break
        if is_short(problem, value(problem, settle(problem, labels, middle), middle), demand):
            low = middle
        else:
            high = middle
    return Bound(low, settle(problem, labels, low), demand)


def raised_bound(problem: Problem, labels: Labels, horizon_s: float, demand: float, limit_s: float) -> Bound | None:
    """
    The best bound found from labels that (nearly) prove one at a horizon, raising the horizon by secant steps.

    None where descent does not even prove the horizon it starts from.
    """
    fine = max(1e-3, horizon_s * 1e-6)
    best, best_value = descend(problem, settle(problem, labels, horizon_s), horizon_s, horizon_s / 16, fine)
    if not is_short(problem, best_value, demand):
        lowered = strictly_below(problem, best, horizon_s, demand)
        return lowered if lowered.horizon_s > 0 else None
    bound = Bound(horizon_s, best, demand)
    low, low_value = horizon_s, best_value
    high = math.inf
    step = max(horizon_s * 1e-3, 1.0)
    for _ in range(24):
        trial = min(low + step, limit_s, 0.5 * (low + high) if math.isfinite(high) else math.inf)
        if trial <= low * (1 + 1e-7):
            break
        moved, moved_value = descend(problem, settle(problem, bound.labels, trial), trial, trial - low, fine)
        if is_short(problem, moved_value, demand):
            slope = (moved_value - low_value) / (trial - low)
            bound = Bound(trial, moved, demand)
            low, low_value = trial, moved_value
            step = (demand - moved_value) / slope * 0.999 if slope > 0 else 2 * step
        else:
            high = trial
            slope = (moved_value - low_value) / (trial - low)
            step = (demand - low_value) / slope * 0.98 if slope > 0 else 0.5 * (high - low)
        if math.isfinite(high) and high - low <= 1e-5 * low:
            break
        step = max(step, 1e-6 * low)
    return bound


def clearance_certificate(problem: Problem, bound: Bound) -> Certificate:
    """The certificate of a lower bound on clearance time."""
    return _certificate(problem, BoundKind.CLEARANCE, bound.labels, bound.horizon_s, bound.demand + problem.beside)


def evacuated_certificate(problem: Problem, labels: Labels, horizon_s: float, demand: float) -> Certificate:
    """The certificate of an upper bound on the vehicles that can arrive by a horizon."""
    return _certificate(problem, BoundKind.EVACUATED, labels, horizon_s, demand)


def _certificate(problem: Problem, kind: BoundKind, labels: Labels, horizon_s: float, demand: float) -> Certificate:
    n_nodes = problem.n_nodes - len(problem.home_of)
    label = np.where(labels.label_s >= horizon_s, np.inf, labels.label_s)
    label[n_nodes:] = label[problem.home_of]  # a certificate knows no home nodes: windows say when zones are reached
    label[~np.isfinite(problem.to_site)] = 0.0  # of no use to anyone: reached, so that no link there counts
    return Certificate(
        kind=kind,
        horizon_s=horizon_s,
        labels_s=label[:n_nodes].copy(),
        open_zones=tuple(sorted([*problem.zone[labels.is_open].tolist(), *problem.stranded])),
        paid_sites=tuple(sorted([*problem.site[labels.is_paid].tolist(), *problem.bedless])),
        cut_vehicles=value(problem, replace(labels, label_s=label), horizon_s) + problem.beside,
        demand_vehicles=demand,
        direction=problem.direction,
    )
