"""Maximum flow over time in slots, on implicit (node, slot) pairs, starting from any flow."""

from typing import NamedTuple

import numpy as np

from clearway.kernels.compiled import entered, inlined

UNREACHED = np.int32(2**31 - 1)
MET, NOT_MET, NO_ROOM = range(3)
DEEP = 8  # arcs of a way at the most, for each node and slot: longer ones are left

# kinds of residual arcs
DRIVE, UNDRIVE, DEPART, UNDEPART, ARRIVE, UNARRIVE = range(6)


class SlotNetwork(NamedTuple):
    """
    A network over time in slots of shifted time, with the flow on it; people wait at home only.

    Attributes
    ----------
    tail, head, rho : int64[n_links]
        A vehicle that enters a link in slot k of its tail is at its head in slot k + rho >= k.
    out_start, out_links, in_start, in_links : forward stars by tail and by head; links tried first come first
    capacity, flow : int64[n_links, n_slots]
        Units that can and do enter in each slot; capacity is 0 where the link would end after the last slot.
    zone_start : int64[n_nodes + 1], zone_node : int64[n_zones]
        Zones at node v are ``zone_start[v]`` to ``zone_start[v + 1]`` (exclusive): zones are sorted by node.
    may_depart : bool[n_zones, n_slots], departures : int64[n_zones, n_slots]
    site_node : int64[n_sites]
    may_arrive : bool[n_sites, n_slots], arrivals : int64[n_sites, n_slots]
    supply : int64[n_zones]
        Units still at home.
    beds : int64[n_sites]
        Units each site can still take.
    """

    tail: np.ndarray
    head: np.ndarray
    rho: np.ndarray
    out_start: np.ndarray
    out_links: np.ndarray
    in_start: np.ndarray
    in_links: np.ndarray
    capacity: np.ndarray
    flow: np.ndarray
    zone_start: np.ndarray
    zone_node: np.ndarray
    may_depart: np.ndarray
    departures: np.ndarray
    site_start: np.ndarray
    site_node: np.ndarray
    may_arrive: np.ndarray
    arrivals: np.ndarray
    supply: np.ndarray
    beds: np.ndarray


class Search(NamedTuple):
    """
    Room for the search for ways in a slot network, from `search_room`; what is in it is of no use afterwards.

    Attributes
    ----------
    level, pointer : int32[n_items]
        Of every (node, slot), home and site: its distance, and the next arc to try.
    on_stack : bool[n_items]
    this, later : int32[most_waiting]
        Items at the distance at hand, and those that were seen farther off.
    items, kinds, indices, slots : int32[most_depth]
        The way at hand, arc by arc.
    most_at_once : int
        Items that one other leads to, at the most.
    """

    level: np.ndarray
    pointer: np.ndarray
    on_stack: np.ndarray
    this: np.ndarray
    later: np.ndarray
    items: np.ndarray
    kinds: np.ndarray
    indices: np.ndarray
    slots: np.ndarray
    most_at_once: int


def search_room(net: SlotNetwork, most_waiting: int = 0) -> Search:
    """Room for `levels_to_sites` and `augment` on a network; for so many items that wait, if they are many."""
    n_nodes, n_slots = len(net.out_start) - 1, net.flow.shape[1]
    n_items = n_nodes * n_slots + len(net.zone_node) + len(net.site_node)
    stars = np.diff(np.stack((net.out_start, net.in_start, net.zone_start, net.site_start)))
    most_at_once = max(n_slots, int(stars.sum(axis=0).max(initial=0)))
    depth = min(n_items, DEEP * (n_nodes + n_slots) + DEEP) + 1
    waiting = max(2 * n_items, most_waiting) + most_at_once
    level, pointer = (np.zeros(n_items, dtype=np.int32) for _ in range(2))
    this, later = (np.empty(waiting, dtype=np.int32) for _ in range(2))
    items, kinds, indices, slots = (np.empty(depth, dtype=np.int32) for _ in range(4))
    on_stack = np.zeros(n_items, dtype=np.bool_)
    return Search(level, pointer, on_stack, this, later, items, kinds, indices, slots, most_at_once)


@inlined()
def _reach(level, item, value, depth, this, n_this, later, n_later):
    """Note that an item is ``value`` away: at once if that is this depth, later otherwise. How many wait, then."""
    if level[item] > value:
        level[item] = value
        if value == depth:
            this[n_this] = item
            return n_this + 1, n_later
        later[n_later] = item
        return n_this, n_later + 1
    return n_this, n_later


@entered()
def levels_to_sites(net, length, hop, room):
    """
    Least length of a way to a site with beds left, in the residual network, from every (node, slot), home and site.

    Parameters
    ----------
    net : SlotNetwork
    length : int64[n_links]
        Length of driving a link, >= 0; taking something back is 1 long.
    hop : int
        Added to every arc's length: 0, or 1 to count arcs.
    room : Search
        ``level`` holds the lengths then; UNREACHED where there is no way, or none shorter than the nearest home with
        supply.

    Returns
    -------
    int : MET where there is a way from a home with supply; NOT_MET; NO_ROOM where more items wait than there is room
    """
    level, this, later = room.level, room.this, room.later
    n_slots = net.flow.shape[1]
    n_nodes, n_zones, n_sites = len(net.out_start) - 1, len(net.zone_node), len(net.site_node)
    home0 = n_nodes * n_slots
    site0 = home0 + n_zones
    level[:] = UNREACHED
    n_this, n_later, depth = 0, 0, 0
    for site in range(n_sites):
        if net.beds[site] > 0:
            level[site0 + site] = 0
            this[n_this] = site0 + site
            n_this += 1
    met = False
    while True:
        at = 0
        while at < n_this:
            item = this[at]
            at += 1
            if level[item] != depth:
                continue
            if max(n_this, n_later) >= len(this) - room.most_at_once:
                return NO_ROOM
            onward, back = depth + hop, depth + hop + 1
            if item >= site0:
                site = item - site0
                base = net.site_node[site] * n_slots
                for slot in range(n_slots):
                    if net.may_arrive[site, slot]:
                        n_this, n_later = _reach(level, base + slot, onward, depth, this, n_this, later, n_later)
                continue
            if item >= home0:
                zone = item - home0
                met = met or net.supply[zone] > 0
                base = net.zone_node[zone] * n_slots
                for slot in range(n_slots):
                    if net.departures[zone, slot] > 0:
                        n_this, n_later = _reach(level, base + slot, back, depth, this, n_this, later, n_later)
                continue
            node = item // n_slots
            slot = item - node * n_slots
            for i in range(net.in_start[node], net.in_start[node + 1]):
                link = net.in_links[i]
                before = slot - net.rho[link]
                if before >= 0 and net.flow[link, before] < net.capacity[link, before]:
                    other = net.tail[link] * n_slots + before
                    value = onward + length[link]
                    n_this, n_later = _reach(level, other, value, depth, this, n_this, later, n_later)
            for zone in range(net.zone_start[node], net.zone_start[node + 1]):
                if net.may_depart[zone, slot]:
                    n_this, n_later = _reach(level, home0 + zone, onward, depth, this, n_this, later, n_later)
            for i in range(net.out_start[node], net.out_start[node + 1]):
                link = net.out_links[i]
                if net.flow[link, slot] > 0:
                    other = net.head[link] * n_slots + slot + net.rho[link]
                    n_this, n_later = _reach(level, other, back, depth, this, n_this, later, n_later)
            for site in range(net.site_start[node], net.site_start[node + 1]):
                if net.arrivals[site, slot] > 0:
                    n_this, n_later = _reach(level, site0 + site, back, depth, this, n_this, later, n_later)
        if met:
            return MET
        done, depth = depth, UNREACHED
        for i in range(n_later):
            if done < level[later[i]] < depth:
                depth = level[later[i]]
        if depth == UNREACHED:
            return NOT_MET
        n_this, kept = 0, 0
        for i in range(n_later):
            item = later[i]
            if level[item] == depth:
                this[n_this] = item
                n_this += 1
            elif level[item] > depth:
                later[kept] = item
                kept += 1
        n_later = kept


@inlined()
def _next_arc(net, item, at, level, length, hop, on_stack):
    """
    The first admissible residual arc of an item from position ``at`` on: (position, kind, index, slot, other item).

    Position -1: there is none.
    """
    n_slots = net.flow.shape[1]
    home0 = (len(net.out_start) - 1) * n_slots
    site0 = home0 + len(net.zone_node)
    onward, backward = level[item] - hop, level[item] - hop - 1
    if item >= site0:
        site = item - site0
        node = net.site_node[site]
        while at < n_slots:
            other = node * n_slots + at
            if net.arrivals[site, at] > 0 and level[other] == backward and not on_stack[other]:
                return at, UNARRIVE, site, at, other
            at += 1
        return -1, 0, 0, 0, 0
    if item >= home0:
        zone = item - home0
        node = net.zone_node[zone]
        while at < n_slots:
            other = node * n_slots + at
            if net.may_depart[zone, at] and level[other] == onward and not on_stack[other]:
                return at, DEPART, zone, at, other
            at += 1
        return -1, 0, 0, 0, 0
    node = item // n_slots
    slot = item - node * n_slots
    first, count = net.site_start[node], net.site_start[node + 1] - net.site_start[node]
    while at < count:
        other = site0 + first + at
        if net.may_arrive[first + at, slot] and level[other] == onward and not on_stack[other]:
            return at, ARRIVE, first + at, slot, other
        at += 1
    base, first = count, net.out_start[node]
    count += net.out_start[node + 1] - first
    while at < count:
        link = net.out_links[first + at - base]
        if net.flow[link, slot] < net.capacity[link, slot]:
            other = net.head[link] * n_slots + slot + net.rho[link]
            if level[other] == onward - length[link] and not on_stack[other]:
                return at, DRIVE, link, slot, other
        at += 1
    base, first = count, net.in_start[node]
    count += net.in_start[node + 1] - first
    while at < count:
        link = net.in_links[first + at - base]
        before = slot - net.rho[link]
        if before >= 0 and net.flow[link, before] > 0:
            other = net.tail[link] * n_slots + before
            if level[other] == backward and not on_stack[other]:
                return at, UNDRIVE, link, before, other
        at += 1
    base, first = count, net.zone_start[node]
    count += net.zone_start[node + 1] - first
    while at < count:
        zone = first + at - base
        other = home0 + zone
        if net.departures[zone, slot] > 0 and level[other] == backward and not on_stack[other]:
            return at, UNDEPART, zone, slot, other
        at += 1
    return -1, 0, 0, 0, 0


@inlined()
def _send(net, depth, kinds, indices, slots, amount):
    """Push along a path of residual arcs 1..depth. Modified in place; returns the amount pushed."""
    for i in range(1, depth + 1):
        kind, index, slot = kinds[i], indices[i], slots[i]
        if kind == DRIVE:
            amount = min(amount, net.capacity[index, slot] - net.flow[index, slot])
        elif kind == UNDRIVE:
            amount = min(amount, net.flow[index, slot])
        elif kind == UNDEPART:
            amount = min(amount, net.departures[index, slot])
        elif kind == UNARRIVE:
            amount = min(amount, net.arrivals[index, slot])
    for i in range(1, depth + 1):
        kind, index, slot = kinds[i], indices[i], slots[i]
        if kind == DRIVE:
            net.flow[index, slot] += amount
        elif kind == UNDRIVE:
            net.flow[index, slot] -= amount
        elif kind == DEPART:
            net.departures[index, slot] += amount
        elif kind == UNDEPART:
            net.departures[index, slot] -= amount
        elif kind == ARRIVE:
            net.arrivals[index, slot] += amount
        else:
            net.arrivals[index, slot] -= amount
    return amount


def augment(
    net: SlotNetwork, zone_order: np.ndarray, length: np.ndarray, hop: int, most_phases: int
) -> tuple[int, bool, int]:
    """
    Augment a flow over time towards a maximum one (Dinic 1970) without building the time-expanded network.

    Each phase sends along the shortest ways. With detours as lengths and ``hop`` 0 these are the ways with the least
    detour that take back least: few phases, and neighbouring slots take the same ways. Rounded times can make cycles of
    length 0; ways through them are left to a call with ``hop`` 1, whose phases always advance.

    Parameters
    ----------
    net : SlotNetwork
        With any feasible flow, e.g. zero. Modified in place.
    zone_order : int64[n_zones]
        Whose supply is sent first.
    length, hop : see `levels_to_sites`
    most_phases : int

    Returns
    -------
    sent : int
        Units added.
    done : bool
        Whether the flow is maximum.
    n_phases : int
    """
    room = search_room(net)
    sent, phases = 0, 0
    while True:
        more, outcome, count = augment_in(net, zone_order, length, hop, most_phases - phases, room)
        sent, phases = sent + more, phases + count
        if outcome != NO_ROOM:
            return sent, outcome == NOT_MET, phases
        room = search_room(net, 2 * len(room.this))


@entered()
def augment_in(net, zone_order, length, hop, most_phases, room):
    """`augment` in the room of a `Search`; for ``done``, what the last search for ways met with."""
    n_slots = net.flow.shape[1]
    home0 = (len(net.out_start) - 1) * n_slots
    site0 = home0 + len(net.zone_node)
    level, pointer, on_stack = room.level, room.pointer, room.on_stack
    items, kinds, indices, slots = room.items, room.kinds, room.indices, room.slots
    total = 0
    for phase in range(most_phases):
        outcome = levels_to_sites(net, length, hop, room)
        if outcome != MET:
            return total, outcome, phase
        pointer[:] = 0
        sent = 0
        for origin in zone_order:
            items[0] = home0 + origin
            if level[items[0]] == UNREACHED:
                continue
            depth = 0
            on_stack[items[0]] = True
            while net.supply[origin] > 0:
                item = items[depth]
                if item >= site0 and level[item] == 0:
                    site = item - site0
                    amount = _send(net, depth, kinds, indices, slots, min(net.supply[origin], net.beds[site]))
                    net.supply[origin] -= amount
                    net.beds[site] -= amount
                    sent += amount
                    if net.beds[site] == 0:
                        level[item] = UNREACHED
                    # go on from the tail of the first arc that is now full
                    keep = 0
                    while keep < depth:
                        kind, index, slot = kinds[keep + 1], indices[keep + 1], slots[keep + 1]
                        if kind == DRIVE and net.flow[index, slot] == net.capacity[index, slot]:
                            break
                        if kind == UNDRIVE and net.flow[index, slot] == 0:
                            break
                        if kind == UNDEPART and net.departures[index, slot] == 0:
                            break
                        if kind == UNARRIVE and net.arrivals[index, slot] == 0:
                            break
                        if keep == depth - 1:
                            break
                        keep += 1
                    for i in range(keep + 1, depth + 1):
                        on_stack[items[i]] = False
                    depth = keep
                    continue
                at, kind, index, slot, other = _next_arc(net, item, pointer[item], level, length, hop, on_stack)
                if at >= 0 and depth + 1 < len(items):
                    pointer[item] = at
                    depth += 1
                    items[depth], kinds[depth], indices[depth], slots[depth] = other, kind, index, slot
                    on_stack[other] = True
                    continue
                level[item] = UNREACHED
                on_stack[item] = False
                if depth == 0:
                    break
                depth -= 1
                pointer[items[depth]] += 1
            for i in range(depth + 1):
                on_stack[items[i]] = False
        total += sent
        if sent == 0:
            return total, MET, phase + 1
    return total, MET, most_phases


@entered()
def lay_steady(
    flow, capacity, rho, departures, may_depart, arrivals, may_arrive, beds, supply, zone, site, start, rows, units,
    first, end, at_once,
):  # fmt: skip
    """
    Send along each path the same amount in every slot from ``first`` to before ``end``, where all its links have room,
    until its zone is empty.

    Parameters are columns of `SlotNetwork` (flow, departures, arrivals and beds are modified in place) and of paths:
    zone, site, units : int64[n_paths]; start : int64[n_paths + 1]; rows : int64[...], -1 for a link the network lacks.
    ``supply`` int64[n_zones] is what each zone may send; modified in place. Paths take turns every ``at_once`` slots.
    """
    n_slots = flow.shape[1]
    for block in range(first, min(end, n_slots), at_once):
        for path in range(len(zone)):
            z, s = zone[path], site[path]
            for k in range(block, min(block + at_once, end, n_slots)):
                amount = min(units[path], supply[z], beds[s])
                if amount <= 0 or not may_depart[z, k]:
                    continue
                at = k
                for i in range(start[path], start[path + 1]):
                    row = rows[i]
                    if row < 0 or at >= n_slots:
                        amount = 0
                        break
                    amount = min(amount, capacity[row, at] - flow[row, at])
                    at += rho[row]
                if amount <= 0 or at >= n_slots or not may_arrive[s, at]:
                    continue
                at = k
                for i in range(start[path], start[path + 1]):
                    flow[rows[i], at] += amount
                    at += rho[rows[i]]
                departures[z, k] += amount
                arrivals[s, at] += amount
                supply[z] -= amount
                beds[s] -= amount


@entered()
def lay_routes(flow, departures, arrivals, units, zone, site, start, rows, after, travel):
    """
    Add routes to a flow over time.

    Parameters
    ----------
    flow : int64[n_links, n_slots], departures : int64[n_zones, n_slots], arrivals : int64[n_sites, n_slots]
        Modified in place.
    units : int64[n_routes, n_slots]
        Units that leave by each route in each slot.
    zone, site : int64[n_routes]; start, rows : routes in compressed form
    after : int64[len(rows)]
        Slots between departure and a route's entry into each of its links.
    travel : int64[n_routes]
        Slots between departure and arrival.
    """
    for r in range(len(zone)):
        for k in range(units.shape[1]):
            amount = units[r, k]
            if amount > 0:
                departures[zone[r], k] += amount
                arrivals[site[r], k + travel[r]] += amount
                for i in range(start[r], start[r + 1]):
                    flow[rows[i], k + after[i]] += amount
