"""
The exact peer: time-expanded maximum flow on a grid of slots, galloping up from a static bound, then bisecting.

A flow over time on a grid is a static flow in the time-expanded network (Ford & Fulkerson 1958); here in OR-Tools'
push-relabel (Cherkassky & Goldberg 1997), with only the (node, slot) pairs that can be reached in time and from which a
site can still be reached, the arcs built by numpy.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from ortools.graph.python import max_flow, min_cost_flow

from benchmarks.peers.shortest import shortest, star
from benchmarks.peers.task import Task, UnsuitableError, entered_by

MOST_ARCS = 10_000_000  # beyond, minutes to hours per flow (design, section 6)
MANY_ARCS = 1_000_000  # beyond, the flow is sooner found backwards (measured: 1.5 times as fast; below, slower)
FRACTION_UNITS = 1000  # units per vehicle where capacities per slot are not whole vehicles
PARTS = 1 << 40


@dataclass(frozen=True, slots=True)
class ExactResult:
    """``steps``: T*, the last arrival slot counted from 0 at the first departures; ``arcs`` of the largest network."""

    steps: int
    bound_steps: int
    seconds: float
    arcs: int
    n_flows: int


@dataclass(frozen=True, slots=True, eq=False)
class SlotTask:
    """A task in whole slots and whole units: travel int64[n_links], capacity int64[n_links] (the most in a slot)."""

    task: Task
    units: int
    link: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    travel: np.ndarray
    capacity: np.ndarray
    earliest: np.ndarray
    to_site: np.ndarray
    window_zone: np.ndarray
    window_from: np.ndarray
    window_until: np.ndarray

    @property
    def supply(self) -> int:
        """Units in all."""
        return self.task.supply * self.units


def in_slots(task: Task) -> SlotTask:
    """A task in whole slots: travel times rounded up, capacities down; several commodities are refused."""
    if task.n_groups != 1:
        raise UnsuitableError("people choose directions: several commodities, no single maximum flow")
    usable = (task.top_rate > 0) & (task.tail != task.head)
    if task.has_ample_sites:  # whoever is at a site may stay there
        usable &= ~np.isin(task.tail, task.site_node)
    per_slot = task.top_rate * task.slot_s
    is_whole = bool((np.abs(per_slot - np.round(per_slot)) < 1e-6).all()) and task.profile.is_constant
    units = 1 if is_whole else FRACTION_UNITS
    travel = np.maximum(1, np.ceil(np.where(usable, task.travel_s, 0.0) / task.slot_s - 1e-6)).astype(np.int64)
    rows = [
        (zone, np.ceil(a / task.slot_s - 1e-6), np.minimum(np.floor(b / task.slot_s + 1e-6), PARTS))
        for zone, windows in enumerate(task.zone_windows)
        for a, b in windows
    ]
    window_zone, window_from, window_until = (np.array(c, dtype=np.int64) for c in zip(*rows, strict=True))
    cost = np.where(usable, travel, np.inf).astype(np.float64)
    first = np.full(task.n_nodes, np.inf)
    np.minimum.at(first, task.zone_node[window_zone], window_from.astype(np.float64))
    earliest = shortest(*star(task.n_nodes, task.tail), task.head, cost, first)
    to_site = task.to_site(cost, 0, task.site_vehicles > 0)
    if not np.isfinite(to_site[task.zone_node]).all():
        raise UnsuitableError("some people reach no site")
    link = np.flatnonzero(usable & np.isfinite(earliest[task.tail]) & np.isfinite(to_site[task.head]))
    return SlotTask(
        task, units, link, task.tail[link], task.head[link], travel[link],
        np.floor(per_slot[link] * units + 1e-6).astype(np.int64),
        earliest, to_site, window_zone, window_from, window_until,
    )  # fmt: skip


def static_bound(slots: SlotTask) -> int:
    """
    The smallest T by which steady links could bring all people to the sites, whoever's they are.

    The most that can arrive by T is a static minimum-cost flow with a return at -(T + 1) (Ford & Fulkerson 1958),
    convex in T: Newton's steps from the right never pass the answer (Lin & Jaillet 2015).
    """
    task = slots.task
    reach = slots.earliest + slots.to_site
    steps = int(reach[np.isfinite(reach)].max()) + 2 * slots.supply // max(1, int(slots.capacity.min())) + 1
    value, rate = _steady_value(slots, steps)
    while value < slots.supply:
        steps *= 2
        value, rate = _steady_value(slots, steps)
    while True:
        lower = min(steps - 1, int(np.floor(steps - (value - slots.supply) / rate)))
        if lower < 0:
            return 0
        lower_value, lower_rate = _steady_value(slots, lower)
        if lower_value < slots.supply:
            return max(lower + 1, int(slots.to_site[task.zone_node].max()))
        steps, value, rate = lower, lower_value, lower_rate


def cut_bound(slots: SlotTask) -> int:
    """A weaker bound: all people over the largest steady flow (Ford & Fulkerson 1956), the nearest sites in reach."""
    task = slots.task
    hub, sink = task.n_nodes, task.n_nodes + 1
    n_windows, n_sites = len(slots.window_zone), len(task.site_node)
    unlimited = int(slots.capacity.sum()) + 1
    solver = max_flow.SimpleMaxFlow()
    solver.add_arcs_with_capacity(
        np.concatenate((slots.tail, np.full(n_windows, hub), task.site_node)),
        np.concatenate((slots.head, task.zone_node[slots.window_zone], np.full(n_sites, sink))),
        np.concatenate((slots.capacity, np.full(n_windows + n_sites, unlimited))),
    )
    solver.solve(hub, sink)
    first = int((slots.window_from + slots.to_site[task.zone_node[slots.window_zone]]).min())
    farthest = int(slots.to_site[task.zone_node].max())
    return max(first - 1 + -(-slots.supply // max(1, solver.optimal_flow())), farthest)


def _steady_value(slots: SlotTask, steps: int) -> tuple[int, int]:
    """Units that steady links bring by a slot, and how many more for each slot more."""
    task = slots.task
    hub = task.n_nodes
    n_windows, n_sites = len(slots.window_zone), len(task.site_node)
    unlimited = int(slots.capacity.sum()) + 1
    tail = np.concatenate((slots.tail, np.full(n_windows, hub), task.site_node))
    head = np.concatenate((slots.head, task.zone_node[slots.window_zone], np.full(n_sites, hub)))
    cost = np.concatenate((slots.travel, slots.window_from, np.full(n_sites, -(steps + 1))))
    limit = np.concatenate((slots.capacity, np.full(n_windows + n_sites, unlimited)))
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, limit, cost)
    if solver.solve() != solver.OPTIMAL:
        raise ArithmeticError("the static minimum-cost flow has no solution")
    homes = slice(len(slots.tail), len(slots.tail) + n_windows)
    return -solver.optimal_cost(), max(1, int(solver.flows(arcs)[homes].sum()))


def n_arcs(slots: SlotTask, steps: int) -> int:
    """Link arcs of the pruned time-expanded network for a horizon."""
    window = steps - slots.to_site[slots.head] - slots.travel - slots.earliest[slots.tail] + 1
    return int(np.maximum(window, 0).sum())


def _runs(first: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(row, value): for each row its run first, first + 1, ... of ``count`` values."""
    row = np.repeat(np.arange(len(first)), count)
    value = np.arange(int(count.sum())) + np.repeat(first - (np.cumsum(count) - count), count)
    return row, value


def _expand(slots: SlotTask, steps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Tails, heads and capacities of the time-expanded network; node 0 is the source, 1 the sink; and the link arcs."""
    task = slots.task
    last = steps - slots.to_site
    is_in = np.isfinite(slots.earliest) & np.isfinite(slots.to_site) & (slots.earliest <= last)
    earliest = np.where(is_in, slots.earliest, 0).astype(np.int64)
    last = np.where(is_in, last, -1).astype(np.int64)
    size = np.where(is_in, last - earliest + 1, 0)
    n_zones, n_sites = len(task.zone_node), len(task.site_node)
    base = 2 + n_zones + n_sites + np.cumsum(size) - size - earliest  # of (node, slot): base[node] + slot

    until = last[slots.head] - slots.travel
    count = np.where(is_in[slots.tail], np.maximum(until - earliest[slots.tail] + 1, 0), 0)
    row, slot = _runs(earliest[slots.tail], count)
    link_tail, link_head = base[slots.tail][row] + slot, base[slots.head][row] + slot + slots.travel[row]
    link_capacity = _slot_capacities(slots, row, slot)

    zone = slots.window_zone
    node = task.zone_node[zone]
    row, slot = _runs(
        slots.window_from, np.maximum(np.minimum(slots.window_until, last[node] + 1) - slots.window_from, 0)
    )
    home_tail, home_head = 2 + zone[row], base[node][row] + slot
    home_capacity = (task.zone_vehicles * slots.units)[zone][row]
    if task.has_ample_sites:
        link_head = np.where(np.isin(slots.head, task.site_node)[np.repeat(np.arange(len(count)), count)], 1, link_head)
        site_tail = site_head = site_capacity = np.zeros(0, dtype=np.int64)
    else:
        site_tail, site_head, site_capacity = _site_arcs(slots, steps, base, earliest, is_in)
    zones = np.arange(n_zones)
    return (
        np.concatenate((link_tail, home_tail, np.zeros(n_zones, dtype=np.int64), site_tail)),
        np.concatenate((link_head, home_head, 2 + zones, site_head)),
        np.concatenate((link_capacity, home_capacity, task.zone_vehicles * slots.units, site_capacity)),
        len(link_tail),
    )


def _slot_capacities(slots: SlotTask, row: np.ndarray, slot: np.ndarray) -> np.ndarray:
    """Units each link arc takes: the top of its link, or what the changing link takes in that slot."""
    capacity = slots.capacity[row]
    pieces = np.diff(slots.task.profile.start)[slots.link]
    for i in np.flatnonzero(pieces > 1):
        of_link = slice(*np.searchsorted(row, (i, i + 1)))
        times = np.append(slot[of_link], slot[of_link][-1:] + 1) * slots.task.slot_s
        entered = entered_by(slots.task, int(slots.link[i]), times)
        capacity[of_link] = np.floor(np.diff(entered) * slots.units + 1e-6)
    return capacity


def _site_arcs(
    slots: SlotTask, steps: int, base: np.ndarray, earliest: np.ndarray, is_in: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arcs from (site's node, slot) to the site and on to the sink, with its beds as capacity."""
    task = slots.task
    rows = [
        (site, max(np.ceil(a / task.slot_s), earliest[task.site_node[site]]), min(b / task.slot_s, steps + 1))
        for site, windows in enumerate(task.site_windows)
        for a, b in windows
        if is_in[task.site_node[site]] and task.site_vehicles[site] > 0
    ]
    site, first, end = (np.array(c, dtype=np.int64) for c in zip(*rows, strict=True))
    row, slot = _runs(first, np.maximum(end - first, 0))
    beds = task.site_vehicles * slots.units
    first_site = 2 + len(task.zone_node)
    sites = np.arange(len(beds))
    return (
        np.concatenate((base[task.site_node[site]][row] + slot, first_site + sites)),
        np.concatenate((first_site + site[row], np.ones(len(beds), dtype=np.int64))),
        np.concatenate((beds[site][row], beds)),
    )


def most_by(slots: SlotTask, steps: int) -> tuple[int, int]:
    """Units that can arrive by a slot, and the link arcs of the network it took."""
    tail, head, capacity, arcs = _expand(slots, steps)
    source, sink = 0, 1
    if arcs > MANY_ARCS:
        tail, head, source, sink = head, tail, sink, source
    solver = max_flow.SimpleMaxFlow()
    solver.add_arcs_with_capacity(tail.astype(np.int32), head.astype(np.int32), capacity)
    del tail, head, capacity
    if solver.solve(source, sink) != solver.OPTIMAL:
        raise ArithmeticError("the maximum flow has no solution")
    return solver.optimal_flow(), arcs


def search(task: Task, most_arcs: int = MOST_ARCS, is_from_cut: bool = False) -> ExactResult:
    """
    T*, the smallest slot by which everybody can have arrived; UnsuitableError where the network would be too large.

    ``is_from_cut``: gallop from the plain minimum cut, not from the static minimum-cost flow, which is mostly higher.
    """
    started = time.perf_counter()
    slots = in_slots(task)
    bound = cut_bound(slots) if is_from_cut else static_bound(slots)
    arcs = n_flows = 0

    def fits(steps: int) -> bool:
        nonlocal arcs, n_flows
        if n_arcs(slots, steps) > most_arcs:
            raise UnsuitableError(f"{n_arcs(slots, steps) / 1e6:.1f} million arcs at {task.slot_s:g} s slots")
        if steps * task.slot_s > task.horizon_s:
            raise UnsuitableError("not everybody can arrive within the horizon")
        sent, size = most_by(slots, steps)
        arcs, n_flows = max(arcs, size), n_flows + 1
        return sent >= slots.supply

    low, high, step = bound - 1, bound, 1
    while not fits(high):
        low, high, step = high, high + step, 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return ExactResult(high, bound, time.perf_counter() - started, arcs, n_flows)
