"""Routes with what each of their links can still take in bins finer than slots, and departures packed into it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearway.kernels.packing import fill_routes, fit_routes, route_offsets
from clearway.kernels.slots import slot_rates, take_loads
from clearway.model.demand import Intervals
from clearway.model.network import FloatArray, IntArray
from clearway.planner.problem import BoolArray, Problem
from clearway.planner.slots import ROOM, SlotFlow, inside

MOST_BINS = 60_000_000  # (link, bin) pairs of the room left; 8 bytes each
TAIL = 0.0025  # share of the horizon by which a flow's schedule may end later than the flow
LEAST_PARTS, MOST_PARTS = 4, 16  # bins of a slot: the finer, the less room is lost where rates change off the grid
FINE_BINS = 36_000_000  # (link, bin) pairs up to which they are worth their time
SMALLEST_RATE = 1e-5  # vehicles per second
NEGLIGIBLE = 1e-9  # share of a zone's vehicles that rounding may leave at home


@dataclass(frozen=True, slots=True, eq=False)
class Routing:
    """Routes with all that the packing kernels need to know of them; arrays as in `clearway.kernels.packing`."""

    zone: IntArray
    site: IntArray
    start: IntArray
    links: IntArray  # rows of the flow
    whole: IntArray
    split: BoolArray
    detour: FloatArray
    bin_s: float
    free: FloatArray
    used: FloatArray
    may_depart: BoolArray
    may_arrive: BoolArray
    arrive_bin: IntArray
    arrive_split: BoolArray
    left: FloatArray
    beds: FloatArray


def lay_out(
    flow: SlotFlow, zone: IntArray, site: IntArray, start: IntArray, rows: IntArray, parts: int, slack: float
) -> Routing:
    """Routes on empty roads (but for others' loads), in bins of a slot's ``parts``."""
    problem, n_slots = flow.problem, flow.grid.n_slots
    bin_s = flow.grid.slot_s / parts
    most = MOST_BINS // max(1, len(flow.links), len(zone))
    # rates averaged with those of the slots beside reach one slot further
    further = parts * max(1, round(TAIL * n_slots)) + 1
    n_bins = max(n_slots * parts, min(int(n_slots * parts * (1 + slack)) + further, most))
    tail, head = problem.tail[flow.links], problem.head[flow.links]
    whole, split, detour = route_offsets(start, rows, problem.tau[flow.links], flow.shift, tail, head, bin_s)
    shifted = np.arange(n_bins) * bin_s
    may_depart = [
        inside(shifted - flow.shift[v], bin_s, w) for v, w in zip(problem.zone_node, problem.windows, strict=True)
    ]
    may_arrive = [
        inside(shifted - flow.shift[problem.site_node[i]], bin_s, within(problem.open_windows[i], problem.horizon_s))
        for i in flow.site_order
    ]
    bins = detour / bin_s
    return Routing(
        zone, site, start, rows, whole, split, detour, bin_s,
        free=room_in_bins(flow, bin_s, n_bins) * ROOM,
        used=np.zeros((len(zone), n_bins)),
        may_depart=np.array(may_depart),
        may_arrive=np.array(may_arrive),
        arrive_bin=np.floor(bins + 1e-7).astype(np.int64),
        arrive_split=np.abs(bins - np.round(bins)) > 1e-7,
        left=problem.vehicles / bin_s,
        beds=np.minimum(flow.loads.beds_left(problem), 1e15)[flow.site_order] / bin_s,
    )  # fmt: skip


def within(windows: Intervals, horizon_s: float) -> Intervals:
    """What is before the horizon of some windows."""
    return tuple((a, min(b, horizon_s * (1 + 1e-9))) for a, b in windows if a < horizon_s)


def parts_of_slot(flow: SlotFlow, n_routes: int, slack: float) -> int:
    """How many bins to cut a slot into: as many as help and as memory allows."""
    n_slots = flow.grid.n_slots
    most = FINE_BINS / (max(1, len(flow.links), n_routes) * n_slots * (1 + slack))
    return max(LEAST_PARTS, min(MOST_PARTS, int(most)))


def pack(problem: Problem, routing: Routing, wanted: FloatArray) -> None:
    """
    Fit what is wanted; what does not fit goes to the site it was meant for, then to any. ``routing`` is filled in
    place.
    """
    r, persons = routing, problem.persons_per_vehicle
    fixed = (r.zone, r.site, r.start, r.links, r.whole, r.split)
    limits = (r.may_depart, r.may_arrive, r.arrive_bin, r.arrive_split)
    # long detours first: what does not fit then is what can still arrive soon when it leaves later
    order = np.argsort(-routing.detour, kind="stable")
    fit_routes(r.free, r.used, order, *fixed, wanted, *limits, r.left, r.beds, persons)
    _round_off(problem, r)
    if not r.left.any():
        return
    # beds meant for one zone are kept from the others until it has had its turn
    n_sites = len(r.beds)
    pairs, pair = np.unique(r.zone * n_sites + r.site, return_inverse=True)
    pair_zone, pair_site = pairs // n_sites, pairs % n_sites
    short = np.maximum(0.0, np.bincount(pair, wanted.sum(axis=1) - r.used.sum(axis=1), len(pairs)))
    of_zone = np.bincount(pair_zone, short, len(r.left))
    short *= np.minimum(1.0, np.divide(r.left, of_zone, out=np.ones(len(r.left)), where=of_zone > 0))[pair_zone]
    of_site = np.bincount(pair_site, short * persons[pair_zone], n_sites)
    short *= np.minimum(1.0, np.divide(r.beds, of_site, out=np.ones(n_sites), where=of_site > 0))[pair_site]
    before = short.copy()
    by_pair = np.lexsort((r.detour, pair))
    pair_start = np.searchsorted(pair[by_pair], np.arange(len(pairs) + 1))
    fill_routes(
        r.free, r.used, pair_start, by_pair, *fixed, *limits, short, np.full(n_sites, 1e300), persons, SMALLEST_RATE
    )
    r.left[:] = np.maximum(0.0, r.left - np.bincount(pair_zone, before - short, len(r.left)))
    r.beds[:] = np.maximum(0.0, r.beds - np.bincount(pair_site, (before - short) * persons[pair_zone], n_sites))
    _round_off(problem, r)
    by_zone = np.lexsort((r.detour, r.zone))
    zone_start = np.searchsorted(r.zone[by_zone], np.arange(len(r.left) + 1))
    fill_routes(r.free, r.used, zone_start, by_zone, *fixed, *limits, r.left, r.beds, persons, SMALLEST_RATE)
    _round_off(problem, r)


def _round_off(problem: Problem, routing: Routing) -> None:
    """What rounding leaves at home is nothing."""
    routing.left[routing.left * routing.bin_s <= NEGLIGIBLE * problem.vehicles] = 0.0


def room_in_bins(flow: SlotFlow, bin_s: float, n_bins: int) -> FloatArray:
    """float64[n_rows, n_bins]: the rate that each link of a flow can take throughout each bin."""
    problem = flow.problem
    origin = -flow.shift[problem.tail[flow.links]]
    profile = problem.profile
    mean, least = slot_rates(profile.start, profile.from_s, profile.rate, flow.links, origin, bin_s, n_bins)
    if len(flow.loads.link):
        row_of_link = np.full(len(problem.tail), -1)
        row_of_link[flow.links] = np.arange(len(flow.links))
        loads = flow.loads
        take_loads(mean, least, row_of_link, origin, bin_s, loads.link, loads.from_s, loads.until_s, loads.rate)
    room: FloatArray = least
    return room
