"""
A flow in slots as what leaves by which route, where nobody drives round in a circle who can wait at home instead.

A flow over time without waiting on the way waits by driving round; in exact slots a tenth of all vehicles did.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from clearway.kernels.decomposition import decompose
from clearway.kernels.loops import cut_loops, drive, go_another_way, wait_at_home
from clearway.kernels.time_expanded import SlotNetwork
from clearway.model.network import IntArray
from clearway.planner.slots import SlotFlow

MOST_TURNS = 3  # each makes room for the next
MOST_ROUNDS = 2  # of sending those who still drive round another way
SHORT_WAYS = 40  # phases: of more the ways get long, and drive round again
FEW = 0.0005  # share of those who drive round for whom no further round is worth while
MOST_TRIED = 10_000_000  # slots of other routes: a few tenths of a second
LARGE = 1_000_000  # (link, slot) pairs: of more a flow of their own takes seconds, and other ways place few


class Blocks(NamedTuple):
    """
    A flow in slots as what leaves by routes in slots.

    Attributes
    ----------
    zone, site : int64[n_routes]
        Sites in the order of the flow's network.
    start : int64[n_routes + 1], rows : int64[...]
        The flow's rows of each route.
    route, slot, units : int64[n]
        Amounts leaving by a route in a slot.
    """

    zone: IntArray
    site: IntArray
    start: IntArray
    rows: IntArray
    route: IntArray
    slot: IntArray
    units: IntArray


def blocks_of(flow: SlotFlow, *, keeps_all: bool) -> Blocks:
    """
    A flow as blocks, by routes that pass no node twice.

    Whoever would drive round waits at home as long, where roads then have room, else goes another way. For whom there
    is none either the route is what it was, if it ``keeps_all``: ``flow`` is then made another one of the same size.
    Otherwise they are meant to wait all the same, without room.
    """
    net = flow.net
    blocks, room = _decomposed(flow)
    for turn in range(1 + MOST_ROUNDS):
        blocks = _wait_at_home(net, blocks, room, keeps_all=keeps_all)
        if room.size > LARGE:
            break
        late = cut_loops(blocks.start, blocks.rows, net.tail, net.head, net.rho)[2]
        if late.any():
            blocks = _go_another_way(net, blocks, room, late)
            late = cut_loops(blocks.start, blocks.rows, net.tail, net.head, net.rho)[2]
        goes_round = late[blocks.route] > 0
        if blocks.units[goes_round].sum() <= FEW * blocks.units.sum() or turn == MOST_ROUNDS:
            break
        _take_off(net, blocks, goes_round)
        flow.augment(SHORT_WAYS)
        blocks, room = _decomposed(flow)
    return blocks


def _decomposed(flow: SlotFlow) -> tuple[Blocks, IntArray]:
    """A flow as blocks, and int64[n_rows, n_slots], what they leave of the rows' capacities."""
    net = flow.net
    room = net.flow.copy()  # once decomposed: what is in no block
    blocks = Blocks(
        *decompose(
            room, net.rho, net.head, net.out_start, net.out_links,
            net.departures.copy(), net.zone_node, net.arrivals.copy(), net.site_start,
        )
    )  # fmt: skip
    room += net.capacity
    room -= net.flow
    return blocks, room


def _wait_at_home(net: SlotNetwork, blocks: Blocks, room: IntArray, *, keeps_all: bool) -> Blocks:
    """The blocks without loops as far as there is ``room``, which is modified in place."""
    start, rows, late = cut_loops(blocks.start, blocks.rows, net.tail, net.head, net.rho)
    if len(rows) == len(blocks.rows):
        return blocks
    travel = np.add.reduceat(net.rho[rows], start[:-1])
    driving_round = blocks.units.copy()
    waiting = [
        wait_at_home(
            room, net.rho, blocks.start, blocks.rows, start, rows, late, blocks.zone, net.may_depart, blocks.site,
            net.may_arrive, travel, blocks.route, blocks.slot, driving_round,
        )
        for _ in range(MOST_TURNS)
    ]  # fmt: skip
    route, slot = blocks.route.copy(), blocks.slot
    if keeps_all:
        route[late[route] > 0] += len(blocks.zone)  # those with loops, below
    else:
        slot = slot + late[route]
    both = Blocks(
        np.tile(blocks.zone, 2), np.tile(blocks.site, 2), np.concatenate((start, start[-1] + blocks.start[1:])),
        np.concatenate((rows, blocks.rows)), route, slot, driving_round,
    )  # fmt: skip
    return _tidy(both, waiting)


def _go_another_way(net: SlotNetwork, blocks: Blocks, room: IntArray, late: IntArray) -> Blocks:
    """The blocks with other routes of their zone for those who drive round, as far as there is ``room``."""
    travel = np.add.reduceat(net.rho[blocks.rows], blocks.start[:-1])
    own = np.lexsort((travel, blocks.zone))
    own_start = np.searchsorted(blocks.zone[own], np.arange(len(net.zone_node) + 1))
    beds = net.beds + net.arrivals.sum(axis=1) - np.bincount(blocks.site[blocks.route], blocks.units, len(net.beds))
    driving_round, beds = blocks.units.copy(), beds.astype(np.int64)
    others = go_another_way(
        room, net.rho, blocks.start, blocks.rows, late, blocks.zone, net.may_depart, blocks.site, net.may_arrive,
        beds, travel, own_start, own, blocks.route, blocks.slot, driving_round,
        int((blocks.slot + travel[blocks.route]).max()) + 1, MOST_TRIED,
    )  # fmt: skip
    return _tidy(blocks._replace(units=driving_round), [others])


def _tidy(blocks: Blocks, more: list[IntArray]) -> Blocks:
    """Blocks and more of them, int64[n, 3] of route, slot and units; each route once, and none that nobody takes."""
    columns = zip((blocks.route, blocks.slot, blocks.units), *(each.T for each in more), strict=True)
    route, slot, units = (np.concatenate(column) for column in columns)
    blocks = blocks._replace(route=route[units > 0], slot=slot[units > 0], units=units[units > 0])
    zone, site, start = blocks.zone.tolist(), blocks.site.tolist(), blocks.start.tolist()
    known: dict[tuple[int, int, bytes], int] = {}
    kept: list[int] = []
    place = np.zeros(len(zone), dtype=np.int64)
    for route in np.unique(blocks.route).tolist():
        key = (zone[route], site[route], blocks.rows[start[route] : start[route + 1]].tobytes())
        if key not in known:
            known[key] = len(kept)
            kept.append(route)
        place[route] = known[key]
    chosen = np.array(kept, dtype=np.int64)
    lengths = np.diff(blocks.start)[chosen]
    first = np.concatenate(([0], np.cumsum(lengths)))
    rows = blocks.rows[np.arange(first[-1]) + np.repeat(blocks.start[chosen] - first[:-1], lengths)]
    return Blocks(blocks.zone[chosen], blocks.site[chosen], first, rows, place[blocks.route], blocks.slot, blocks.units)


def _take_off(net: SlotNetwork, blocks: Blocks, chosen: np.ndarray) -> None:
    """Make a network's flow that of the blocks without those ``chosen``, bool[n]. Modified in place."""
    travel = np.add.reduceat(net.rho[blocks.rows], blocks.start[:-1])
    arrived = net.arrivals.sum(axis=1)
    for array in (net.flow, net.departures, net.arrivals):
        array[:] = 0
    route, slot, units = (column[~chosen] for column in (blocks.route, blocks.slot, blocks.units))
    np.add.at(net.departures, (blocks.zone[route], slot), units)
    np.add.at(net.arrivals, (blocks.site[route], slot + travel[route]), units)
    net.beds[:] += arrived - net.arrivals.sum(axis=1)
    drive(net.flow, net.rho, blocks.start, blocks.rows, route, slot, units)
