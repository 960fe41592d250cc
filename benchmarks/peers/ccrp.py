"""
The greedy peer: the Capacity Constrained Route Planner, with compiled kernels.

Again and again the quickest way from any zone to any site on what is left, as many vehicles on it as fit, reserved
(Lu, George & Shekhar 2005). Vehicles may wait at any node, as there. Two things make it quick without changing what it
picks: A* with the free-flow time to the nearest site (Hart, Nilsson & Raphael 1968), and a search for one zone at a
time, the zone with the earliest arrival known so far first (arrivals only ever get later). A link's next slot with room
is found by path compression (Tarjan 1975).
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass

import numpy as np
from numba import njit

from benchmarks.peers.shortest import star
from benchmarks.peers.task import Task, UnsuitableError, entered_by

DONE, PAUSED, FULL, NO_ROOM = 0, 1, 2, 3
SEARCHES_PER_CALL = 2000  # between two looks at the clock
MOST_PAIRS = 500_000_000  # (link, slot) pairs of 8 bytes


@dataclass(frozen=True, slots=True)
class CcrpResult:
    """
    ``steps``: the last arrival slot, counted as T* is; ``clearance_s``: the end of that slot.

    ``sent`` vehicles of ``supply`` found a way; ``in_time`` is False where the time limit ended it.
    """

    steps: int
    clearance_s: float
    seconds: float
    sent: int
    supply: int
    n_searches: int
    in_time: bool


@njit(cache=True)
def next_room(room, link, slot):
    """The first slot from ``slot`` on in which a link has room; shortens ``room``'s chains, modified in place."""
    root = slot
    while room[link, root] != root:
        root = room[link, root]
    while room[link, slot] != root:
        following = room[link, slot]
        room[link, slot] = root
        slot = following
    return root


@njit(cache=True)
def next_departure(windows, first, last, at):
    """The first time from ``at`` on within windows first..last (float64[n, 2]); inf where there is none."""
    for i in range(first, last):
        if at < windows[i, 1]:
            return max(at, windows[i, 0])
    return np.inf


@njit(cache=True)
def next_entry(room, link, at, slot_s, windows, first, last):
    """
    The first time from ``at`` on at which a link has room, inf where the grid ends before.

    The first link of a way may be entered only in windows first..last (float64[n, 2]); last = 0 for the others.
    """
    n_slots = room.shape[1] - 1
    while True:
        if last:
            at = next_departure(windows, first, last, at)
        if at >= (n_slots - 1e-9) * slot_s:
            return np.inf
        slot = int(at / slot_s + 1e-9)
        free = next_room(room, link, slot)
        if free == slot:
            return at
        at = free * slot_s


@njit(cache=True)
def find_way(net, room, to_site, beds, origin, home, work):
    """
    The earliest arrival of one zone at a site with beds, on what is left, by A*.

    Parameters
    ----------
    net : (start, order, tail, head, travel_s, site_at, opens, closes, slot_s)
    room : int32[n_links, n_slots + 1]
        See `next_room`; slot n_slots always has room: there the grid ends.
    to_site : float64[n_nodes]
        Free-flow seconds to the nearest site with beds, of the zone's group.
    beds : int64[n_sites]
    home : (windows, first, last), see `next_entry`
    work : (arrival float64[n_nodes], stamp int64[n_nodes], came_by int64[n_nodes], entered float64[n_nodes], int64[1])
        Scratch, modified in place.

    Returns
    -------
    (arrival, site, its node) : inf and -1 where there is no way on the grid
    """
    start, order, _, head, travel_s, site_at, opens, closes, slot_s = net
    arrival, stamp, came_by, entered, turn = work
    windows, first, last = home
    turn[0] += 1
    now = turn[0]
    stamp[origin], arrival[origin], came_by[origin] = now, windows[first, 0], -1
    heap = [(arrival[origin] + to_site[origin], np.int64(origin))]
    while len(heap) > 0:
        key, node = heapq.heappop(heap)
        if not np.isfinite(key):
            break
        at = arrival[node]
        if key > at + to_site[node]:
            continue
        site = site_at[node]
        if site >= 0 and to_site[node] == 0.0 and beds[site] > 0 and at < closes[site]:
            return max(at, opens[site]), site, node
        end = last if node == origin else 0
        for i in range(start[node], start[node + 1]):
            link = order[i]
            other = head[link]
            if not np.isfinite(to_site[other] + travel_s[link]):
                continue
            then = next_entry(room, link, at, slot_s, windows, first, end)
            there = then + travel_s[link]
            if there < np.inf and (stamp[other] != now or there < arrival[other]):
                stamp[other], arrival[other], came_by[other], entered[other] = now, there, link, then
                heapq.heappush(heap, (there + to_site[other], other))
    return np.inf, -1, -1


@njit(cache=True)
def reserve(net, room, left, node, origin, amount, work):
    """Take as many vehicles as fit, up to ``amount``, along the way just found. Modified in place; returns how many."""
    tail, slot_s = net[2], net[8]
    came_by, entered = work[2], work[3]
    at = node
    while at != origin:
        link = came_by[at]
        amount = min(amount, left[link, int(entered[at] / slot_s + 1e-9)])
        at = tail[link]
    at = node
    while at != origin:
        link = came_by[at]
        slot = int(entered[at] / slot_s + 1e-9)
        left[link, slot] -= amount
        if left[link, slot] == 0:
            room[link, slot] = slot + 1
        at = tail[link]
    return amount


@njit(cache=True)
def place(net, held, to_site, beds, zones, waiting, work, most_searches):
    """
    Place vehicles until all are, a site is full, or the searches are used up.

    Parameters
    ----------
    net, beds, work : see `find_way`
    held : (room, left), int32[n_links, n_slots + 1] and int32[n_links, n_slots]
        What is left of every link; modified in place, as are ``beds``, ``waiting`` and ``work``.
    to_site : float64[n_groups, n_nodes]
    zones : (node, group, first window, end of windows: int64[n_zones] each; windows float64[n, 2])
    waiting : (supply int64[n_zones], earliest float64[n_zones])
        Vehicles at home; what is known of each zone's next arrival, inf where there is none on this grid.

    Returns
    -------
    (status, searches, last arrival)
    """
    room, left = held
    zone_node, zone_group, first_window, end_window, windows = zones
    supply, earliest = waiting
    latest = -1.0
    for n in range(most_searches):
        best, second, zone, n_waiting = np.inf, np.inf, -1, 0
        for z in range(len(supply)):
            if supply[z] > 0:
                n_waiting += 1
                if earliest[z] < best:
                    best, second, zone = earliest[z], best, z
                elif earliest[z] < second:
                    second = earliest[z]
        if zone < 0:
            return NO_ROOM if n_waiting else DONE, n, latest
        origin = zone_node[zone]
        home = (windows, first_window[zone], end_window[zone])
        arrival, site, node = find_way(net, room, to_site[zone_group[zone]], beds, origin, home, work)
        earliest[zone] = arrival
        if site < 0 or arrival > second:
            continue
        amount = reserve(net, room, left, node, origin, min(supply[zone], beds[site]), work)
        supply[zone] -= amount
        beds[site] -= amount
        latest = max(latest, arrival)
        if beds[site] == 0:
            return FULL, n + 1, latest
    return PAUSED, most_searches, latest


class Reservations:
    """What is left of every link in every slot; grows when the last slot is reached."""

    def __init__(self, task: Task, n_slots: int) -> None:
        self.task = task
        n_links = len(task.tail)
        self.left = np.zeros((n_links, 0), dtype=np.int32)
        self.room = np.zeros((n_links, 1), dtype=np.int32)
        self.most_slots = int(min(np.ceil(task.horizon_s / task.slot_s), MOST_PAIRS // max(1, n_links)))
        self.grow(n_slots)

    @property
    def n_slots(self) -> int:
        return self.left.shape[1]

    def grow(self, n_slots: int) -> None:
        """Lengthen the grid; whole vehicles a slot, fractions carried from slot to slot."""
        task, old = self.task, self.n_slots
        n_slots = min(n_slots, self.most_slots)
        edges = np.arange(old, n_slots + 1) * task.slot_s
        whole = np.zeros((len(task.tail), n_slots - old), dtype=np.int32)
        pieces = np.diff(task.profile.start)
        for link in range(len(task.tail)):
            if pieces[link] > 1:
                whole[link] = np.diff(np.floor(entered_by(task, link, edges) + 1e-6))
            elif (task.top_rate[link] * task.slot_s) % 1 == 0:
                whole[link] = task.top_rate[link] * task.slot_s
            elif task.top_rate[link] > 0:
                whole[link] = np.diff(np.floor(task.top_rate[link] * edges + 1e-6))
        slots = np.broadcast_to(np.arange(old, n_slots, dtype=np.int32), whole.shape)
        added = np.where(whole > 0, slots, slots + 1)
        end = np.full((len(task.tail), 1), n_slots, dtype=np.int32)
        self.left = np.concatenate((self.left, whole), axis=1) if old else whole
        self.room = np.concatenate((self.room[:, :old], added, end), axis=1)


def plan_greedily(task: Task, n_slots: int, time_limit_s: float) -> CcrpResult:
    """The greedy plan, on a grid of ``n_slots`` slots to begin with."""
    if len(np.unique(task.site_node)) < len(task.site_node):
        raise UnsuitableError("two sites share a node")
    started = time.perf_counter()
    held = Reservations(task, n_slots)
    start, order = star(task.n_nodes, task.tail)
    site_at = np.full(task.n_nodes, -1, dtype=np.int64)
    site_at[task.site_node] = np.arange(len(task.site_node))
    opens = np.array([w[0][0] if w else np.inf for w in task.site_windows])
    closes = np.array([w[-1][1] if w else -np.inf for w in task.site_windows])
    net = (start, order, task.tail, task.head, task.travel_s, site_at, opens, closes, task.slot_s)
    n = task.n_nodes
    work = (np.zeros(n), np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n), np.zeros(1, np.int64))
    ends = np.cumsum([len(w) for w in task.zone_windows])
    windows = np.array([pair for w in task.zone_windows for pair in w], dtype=np.float64).reshape(-1, 2)
    zones = (task.zone_node, task.zone_group, ends - [len(w) for w in task.zone_windows], ends, windows)
    supply, beds = task.zone_vehicles.copy(), task.site_vehicles.copy()
    earliest = np.where(ends > zones[2], 0.0, np.inf)
    nearest = _nearest(task, beds)
    latest, n_searches, in_time = 0.0, 0, True
    while True:
        status, searches, last = place(
            net, (held.room, held.left), nearest, beds, zones, (supply, earliest), work, SEARCHES_PER_CALL
        )
        latest, n_searches = max(latest, last), n_searches + searches
        if status == FULL:
            nearest = _nearest(task, beds)
        elif status == NO_ROOM:
            if held.n_slots >= held.most_slots:
                break
            held.grow(held.n_slots + held.n_slots // 2 + 1)
            earliest = np.where(ends > zones[2], 0.0, np.inf)
        elif status == DONE:
            break
        if time.perf_counter() - started > time_limit_s:
            in_time = False
            break
    return CcrpResult(
        steps=int(np.ceil(latest / task.slot_s - 1e-6)),
        clearance_s=latest + task.slot_s,
        seconds=time.perf_counter() - started,
        sent=int(task.supply - supply.sum()),
        supply=task.supply,
        n_searches=n_searches,
        in_time=in_time,
    )


def _nearest(task: Task, beds: np.ndarray) -> np.ndarray:
    """float64[n_groups, n_nodes]: seconds to the nearest site with beds left."""
    return np.array([task.to_site(task.travel_s, group, beds > 0) for group in range(task.n_groups)])
