"""
One route per part of a zone, chosen so that no link or site is too full.

The measure is the sum over links and sites of (load / room) to a high power, as for routing at least congestion
(Aspnes, Azar, Fiat, Plotkin & Waarts 1997), where a link's room is what it takes in the time there is. Some parts are
taken off and put back by the cheapest ways, and that is kept where the measure does not grow (ruin and recreate:
Schrimpf et al. 2000). Where routes must converge, ways follow the links that the other parts have chosen.
"""

import heapq

import numpy as np
from numba import njit

NONE = -1
MOST_TAKEN = 12  # parties taken off at a time
MOST_KEPT = 64  # parts of theirs


@njit(cache=True)
def _power(x, doublings):
    """x to the power 2 ** doublings."""
    for _ in range(doublings):
        x = x * x
    return x


@njit(cache=True)
def _extra(load, size, room, doublings):
    """By how much the measure grows when ``size`` more use something with ``room``; inf where it has none."""
    if room <= 0.0:
        return np.inf
    return _power((load + size) / room, doublings) - _power(load / room, doublings)


@njit(cache=True)
def find_way(roads, sites, tree, part, load, room, weights, way):
    """
    The cheapest way for a part from its zone's node to a site it may go to (Dijkstra 1959), given what others do.

    Parameters
    ----------
    roads : (start, order, tail, head, tau), the forward star of the links; int64 and float64 arrays, seconds
    sites : (start, order, direction)
        Sites of node v are ``order[start[v]:start[v + 1]]``; direction int64[n_sites].
    tree : (is_convergent, out_link, n_pass, n_stop, n_use), the last four int64[n_directions, n_nodes]
        The link by which parts of a direction leave a node, how many pass it, end there, use that link.
    part : (origin, direction, vehicles, persons per vehicle); direction 0: to any site
    load, room : (float64[n_links] vehicles, float64[n_sites] persons)
    weights : (doublings, measure per second)
    way : int64[...], gets the links. Modified in place.

    Returns
    -------
    length, site : int
        -1, -1 where there is no way.
    """
    out_start, out_order, tail, head, tau = roads
    site_start, site_order, site_direction = sites
    is_convergent, out_link, n_pass, n_stop, _ = tree
    origin, direction, size, persons = part
    doublings, per_second = weights
    n_nodes = len(out_start) - 1
    cost = np.full(n_nodes, np.inf)
    via = np.full(n_nodes, NONE, np.int64)
    done = np.zeros(n_nodes, np.bool_)
    best, best_node, best_site = np.inf, NONE, NONE
    heap = [(0.0, origin)]
    is_first = True
    while len(heap) > 0:
        reached, node = heapq.heappop(heap)
        if reached >= best:
            break
        if not is_first:
            if done[node]:
                continue
            done[node] = True
            if not (is_convergent and n_pass[direction, node] > 0):
                for at in range(site_start[node], site_start[node + 1]):
                    site = site_order[at]
                    if direction not in (0, site_direction[site]):
                        continue
                    total = reached + _extra(load[1][site], size * persons, room[1][site], doublings)
                    if total < best:
                        best, best_node, best_site = total, node, site
            if is_convergent and n_stop[direction, node] > 0:
                continue
        is_first = False
        only = out_link[direction, node] if is_convergent else NONE
        for at in range(out_start[node], out_start[node + 1]):
            link = out_order[at]
            if only not in (NONE, link) or done[head[link]]:
                continue
            total = reached + _extra(load[0][link], size, room[0][link], doublings) + per_second * tau[link]
            if total < cost[head[link]]:
                cost[head[link]] = total
                via[head[link]] = link
                heapq.heappush(heap, (total, head[link]))
    if best_node == NONE:
        return NONE, NONE
    length, node = 0, best_node
    while True:
        if length >= len(way):
            return NONE, NONE
        way[length] = via[node]
        length += 1
        node = tail[via[node]]
        if node == origin:
            break
    way[:length] = way[:length][::-1].copy()
    return length, best_site


@njit(cache=True)
def _measure_part(roads, part, way, length, rate, span, doublings):
    """How near a part comes to the rate its own way takes, were it alone: to the same power."""
    size = part[2]
    travel, narrowest = 0.0, np.inf
    for i in range(length):
        travel += roads[4][way[i]]
        narrowest = min(narrowest, rate[way[i]])
    if narrowest <= 0.0:
        return 1e12
    return _power(min(1e6, size / narrowest / max(span - travel, 1e-3 * span)), doublings)


@njit(cache=True)
def _put(roads, tree, part, load, room, weights, rate, span, way, length, site, sign):
    """Put a part on its way (sign 1) or take it off (-1); returns the change of the measure. All in place."""
    _, _, tail, _, tau = roads
    is_convergent, out_link, n_pass, n_stop, n_use = tree
    _, direction, size, persons = part
    doublings, per_second = weights
    change = sign * _measure_part(roads, part, way, length, rate, span, doublings)
    for i in range(length):
        link = way[i]
        before = load[0][link]
        after = max(0.0, before + sign * size)
        change += _power(after / room[0][link], doublings) - _power(before / room[0][link], doublings)
        change += sign * per_second * tau[link]
        load[0][link] = after
        if is_convergent:
            node = tail[link]
            n_use[direction, node] += sign
            out_link[direction, node] = link if n_use[direction, node] > 0 else NONE
            if i > 0:
                n_pass[direction, node] += sign
    before = load[1][site]
    after = max(0.0, before + sign * size * persons)
    change += _power(after / room[1][site], doublings) - _power(before / room[1][site], doublings)
    load[1][site] = after
    if is_convergent:
        n_stop[direction, roads[3][way[length - 1]]] += sign
    return change


@njit(cache=True)
def _sizes(random, total, n_parts, sizes):
    """A zone's vehicles split at random over up to some parts; 0: not used. ``sizes`` is modified in place."""
    sizes[:] = 0.0
    used = random.integers(1, n_parts + 1)
    left = total
    for i in range(used - 1):
        share = random.integers(1, 20) / 20.0
        sizes[i] = left * share
        left -= sizes[i]
    sizes[used - 1] = left


@njit(cache=True)
def _fullest_link(size, state, load, room, random):
    """The link whose load is nearest to its room, give or take a tenth; NONE where there is no way yet."""
    ways, lengths, _ = state
    link, fullest = NONE, 0.0
    for part in range(len(size)):
        for i in range(lengths[part]):
            at = ways[part, i]
            share = load[0][at] / room[0][at] * (0.9 + 0.1 * random.random())
            if share > fullest:
                fullest, link = share, at
    return link


@njit(cache=True)
def _move_part(p, part, sign, roads, tree, parties, size, load, room, weights, rate, spans, state):
    """Put a party's part on the way it has (sign 1) or take it off (-1); returns the change of the measure."""
    ways, lengths, part_site = state
    unit = (parties[0][p], parties[1][p], size[part], parties[3][p])
    return _put(
        roads, tree, unit, load, room, weights, rate, spans[p], ways[part], lengths[part], part_site[part], sign
    )  # fmt: skip


@njit(cache=True)
def _is_on(link, first, end, state):
    """Whether any of some parts uses a link; NONE: any link."""
    ways, lengths, _ = state
    if link == NONE:
        return True
    for part in range(first, end):
        for i in range(lengths[part]):
            if ways[part, i] == link:
                return True
    return False


@njit(cache=True)
def _keep(part, n_kept, size, state, kept):
    """Remember a part as it is."""
    ways, lengths, part_site = state
    kept_parts, kept_ways, kept_lengths, kept_sites, kept_sizes = kept
    kept_parts[n_kept] = part
    kept_lengths[n_kept] = lengths[part]
    kept_sizes[n_kept] = size[part]
    kept_sites[n_kept] = part_site[part]
    if lengths[part] > 0:
        kept_ways[n_kept, : lengths[part]] = ways[part, : lengths[part]]


@njit(cache=True)
def _restore(i, size, state, kept):
    """Make a part what it was; returns it."""
    ways, lengths, part_site = state
    kept_parts, kept_ways, kept_lengths, kept_sites, kept_sizes = kept
    part = kept_parts[i]
    size[part] = kept_sizes[i]
    part_site[part] = kept_sites[i]
    lengths[part] = kept_lengths[i]
    ways[part, : lengths[part]] = kept_ways[i, : lengths[part]]
    return part


@njit(cache=True)
def choose_routes(
    roads, sites, tree, parties, part_start, size, load, room, weights, rate, spans, state, n_rounds, random, tolerance
):
    """
    Improve the routes of all parts by ruin and recreate; begins with those that have none.

    Parameters
    ----------
    roads, sites, tree, load, room, weights : see `find_way`; loads and the tree are modified in place
    parties : (origin, direction, vehicles, persons per vehicle), arrays of one value per party
    part_start : int64[n_parties + 1]
        Parts of party p are ``part_start[p]`` to ``part_start[p + 1]`` (exclusive).
    size : float64[n_parts]
        Vehicles, 0 where not used. Modified in place.
    rate : float64[n_links]
        Vehicles per second.
    spans : float64[n_parties]
        Seconds from a party's readiness to the horizon.
    state : (ways int64[n_parts, most links], lengths, sites); length 0: no route yet. Modified in place.
    n_rounds : int
        How often parts are taken off and put back.
    random : numpy.random.Generator
    tolerance : float
        By how much the measure may grow in a round.

    Returns
    -------
    measure : float
        The change of the measure.
    n_lost : int
        Parties that found no way at first; their parts have length 0.
    """
    ways, lengths, part_site = state
    n_parties = len(part_start) - 1
    most = ways.shape[1]
    total = 0.0
    n_lost = 0
    chosen = np.empty(MOST_TAKEN, np.int64)
    largest = np.argsort(-parties[2])
    kept = (
        np.empty(MOST_KEPT, np.int64),
        np.empty((MOST_KEPT, most), np.int64),
        np.empty(MOST_KEPT, np.int64),
        np.empty(MOST_KEPT, np.int64),
        np.empty(MOST_KEPT),
    )
    new_size = np.empty(MOST_KEPT)
    way = np.empty(most, np.int64)
    first_parties = np.array(
        [p for p in largest if parties[2][p] > 0.0 and lengths[part_start[p] : part_start[p + 1]].sum() == 0]
    )
    for turn in range(-len(first_parties), n_rounds):
        n_kept = 0
        n_chosen = 0
        change = 0.0
        if turn < 0:
            chosen[0] = first_parties[turn + len(first_parties)]
            n_chosen = 1
        else:
            # most of the time among those on a full link, else any
            wanted = 1 + random.integers(0, min(MOST_TAKEN, n_parties, 4 + turn % 8))
            link = _fullest_link(size, state, load, room, random) if random.random() < 0.7 else NONE
            for p in random.permutation(n_parties):
                if n_chosen == wanted:
                    break
                a, b = part_start[p], part_start[p + 1]
                if n_kept + b - a > MOST_KEPT or lengths[a:b].sum() == 0 or not _is_on(link, a, b, state):
                    continue
                chosen[n_chosen] = p
                n_chosen += 1
                for part in range(a, b):
                    _keep(part, n_kept, size, state, kept)
                    n_kept += 1
                    if lengths[part] > 0:
                        change += _move_part(
                            p, part, -1, roads, tree, parties, size, load, room, weights, rate, spans, state
                        )
                    lengths[part] = 0
        is_lost = False
        for j in random.permutation(n_chosen):
            p = chosen[j]
            a, b = part_start[p], part_start[p + 1]
            if b - a == 1 or turn < 0:
                new_size[: b - a] = 0.0
                new_size[0] = parties[2][p]
            else:
                _sizes(random, parties[2][p], b - a, new_size[: b - a])
            for part in range(a, b):
                size[part] = new_size[part - a]
                if size[part] <= 0.0:
                    continue
                unit = (parties[0][p], parties[1][p], size[part], parties[3][p])
                length, site = find_way(roads, sites, tree, unit, load, room, weights, way)
                if length == NONE:
                    is_lost = True
                    size[part] = 0.0
                    continue
                ways[part, :length] = way[:length]
                lengths[part] = length
                part_site[part] = site
                change += _move_part(p, part, 1, roads, tree, parties, size, load, room, weights, rate, spans, state)
        if turn < 0:
            total += change
            n_lost += is_lost
        elif is_lost or change > tolerance:
            for j in range(n_chosen):
                p = chosen[j]
                for part in range(part_start[p], part_start[p + 1]):
                    if lengths[part] > 0:
                        _move_part(p, part, -1, roads, tree, parties, size, load, room, weights, rate, spans, state)
                        lengths[part] = 0
            for i in range(n_kept):
                part = _restore(i, size, state, kept)
                if lengths[part] > 0:
                    p = np.searchsorted(part_start, part, side="right") - 1
                    _move_part(p, part, 1, roads, tree, parties, size, load, room, weights, rate, spans, state)
        else:
            total += change
    return total, n_lost
