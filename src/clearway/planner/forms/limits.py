"""What no plan of a form can beat: a zone's people on one way at a time."""

from __future__ import annotations

import numpy as np

from clearway.kernels.paths import forward_star, shortest_times
from clearway.model.form import Form
from clearway.model.network import FloatArray
from clearway.model.scenario import Scenario
from clearway.planner.problem import Problem

MOST_LEVELS = 60  # capacities told apart; more are thinned out upward, which keeps the bound valid


def form_bound(scenario: Scenario, problem: Problem, form: Form, sent: FloatArray) -> float:
    """
    Seconds before which no plan of the form can have moved as many vehicles of each zone (float64[n_zones]).

    On one way of rate c and travel time tau, c (T - ready - tau) vehicles of a zone arrive by T (the quickest path:
    Chen & Chin 1990); on K ways no more than K times the best. Where ways converge they may change in time, but there
    is one at a time. 0 where the form does not limit ways.
    """
    least = 0.0
    if not len(problem.zone) or not (form.routes_per_zone or form.routes_of_zone or form.is_convergent):
        return least
    levels, way_s = quickest_ways(problem)
    for zone in np.flatnonzero(sent > 0):
        most = form.most_routes(scenario.zones[int(problem.zone[zone])].zone_id)
        if not most and not form.is_convergent:
            continue
        at = way_s[:, problem.zone_node[zone]]
        need = soonest(levels, at, float(sent[zone]), most, form.is_convergent)
        least = max(least, float(problem.ready_s[zone]) + need)
    return least


def quickest_ways(problem: Problem) -> tuple[FloatArray, FloatArray]:
    """float64[n] rates in vehicles per second, rising; float64[n, n_nodes] seconds to a site by links of that rate."""
    rates = np.unique(problem.top_rate[(problem.top_rate > 0) & (np.arange(len(problem.tail)) < problem.n_roads)])
    if len(rates) > MOST_LEVELS:  # a rate counts as the next one kept: more than it is
        rates = rates[np.linspace(len(rates) - 1, 0, MOST_LEVELS).round().astype(int)[::-1]]
    start, order = forward_star(problem.n_nodes, problem.head)
    first = np.full(problem.n_nodes, np.inf)
    first[problem.site_node] = 0.0
    below = np.concatenate(([0.0], rates[:-1]))
    times = [
        shortest_times(start, order, problem.tail, np.where(problem.top_rate > least, problem.tau, np.inf), first)[0]
        for least in below
    ]
    return rates, np.array(times).reshape(len(rates), problem.n_nodes)


def soonest(rates: FloatArray, way_s: FloatArray, vehicles: float, most: int, is_convergent: bool) -> float:
    """Seconds from readiness by which that many can have arrived at the soonest, on ``most`` ways (0: any number)."""
    there = np.isfinite(way_s)
    rates, way_s = rates[there], way_s[there]
    if not len(rates):
        return 0.0
    with np.errstate(over="ignore"):  # a rate of next to nothing
        slow = vehicles / rates
    best = np.inf
    if most:
        best = float((way_s + slow / most).min())
    if is_convergent:
        step = np.diff(np.concatenate(([0.0], rates)))
        low, high = 0.0, float((way_s + slow).min())
        for _ in range(60):
            middle = 0.5 * (low + high)
            if float((step * np.maximum(0.0, middle - way_s)).sum()) < vehicles:
                low = middle
            else:
                high = middle
        # the better of two valid bounds is the later one
        best = low if not most else max(low, best)
    return best
