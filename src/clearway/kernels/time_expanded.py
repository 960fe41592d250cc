"""Maximum flow over time in slots, on implicit (node, slot) pairs, starting from any flow."""

import numpy as np
from numba import njit

UNREACHED = np.int32(2**31 - 1)


@njit(cache=True)
def _grow(queue, size):
    if size == len(queue):
        return np.concatenate((queue, np.empty_like(queue)))
    return queue


@njit(cache=True)
def levels_to_sites(
    level, home_level, site_level, flow, capacity, rho, tail, head, out_start, out_links, in_start, in_links, departures,
    may_depart, zone_start, zones_at, arrivals, may_arrive, sites_at, supply, beds,
):
    """
    Arcs left to a site with beds, from every (node, slot), home and site, in the residual network (breadth first).

    Stops one level after the first home with supply left is met. Modified in place: ``level`` int32[n_nodes, n_slots],
    ``home_level`` int32[n_zones], ``site_level`` int32[n_sites]. Other arrays: see `augment`.

    Returns
    -------
    bool : whether a home with supply was met
    """
    n_nodes, n_slots = level.shape
    n_zones, n_sites = len(home_level), len(site_level)
    level[:] = UNREACHED
    home_level[:] = UNREACHED
    site_level[:] = UNREACHED
    queue = np.empty(1 << 16, np.int64)
    first, last = 0, 0
    base_home = n_nodes * n_slots
    base_site = base_home + n_zones
    for site in range(n_sites):
        if beds[site] > 0:
            site_level[site] = 0
            queue = _grow(queue, last)
            queue[last] = base_site + site
            last += 1
    limit = UNREACHED
    while first < last:
        item = queue[first]
        first += 1
        if item >= base_site:
            site = item - base_site
            depth = site_level[site]
            if depth >= limit:
                break
            node = sites_at[site]
            for slot in range(n_slots):
                if may_arrive[site, slot] and level[node, slot] == UNREACHED:
                    level[node, slot] = depth + 1
                    queue = _grow(queue, last)
                    queue[last] = node * n_slots + slot
                    last += 1
            continue
        if item >= base_home:
            zone = item - base_home
            depth = home_level[zone]
            if depth >= limit:
                break
            node = zones_at[zone]
            for slot in range(n_slots):  # a departure in this slot can be taken back
                if departures[zone, slot] > 0 and level[node, slot] == UNREACHED:
                    level[node, slot] = depth + 1
                    queue = _grow(queue, last)
                    queue[last] = node * n_slots + slot
                    last += 1
            continue
        node = item // n_slots
        slot = item - node * n_slots
        depth = level[node, slot]
        if depth >= limit:
            break
        for i in range(in_start[node], in_start[node + 1]):
            link = in_links[i]
            before = slot - rho[link]
            if before >= 0 and flow[link, before] < capacity[link, before]:
                other = tail[link]
                if level[other, before] == UNREACHED:
                    level[other, before] = depth + 1
                    queue = _grow(queue, last)
                    queue[last] = other * n_slots + before
                    last += 1
        for i in range(out_start[node], out_start[node + 1]):
            link = out_links[i]
            if flow[link, slot] > 0:
                other = head[link]
                after = slot + rho[link]
                if level[other, after] == UNREACHED:
                    level[other, after] = depth + 1
                    queue = _grow(queue, last)
                    queue[last] = other * n_slots + after
                    last += 1
        for zone in range(zone_start[node], zone_start[node + 1]):
            if may_depart[zone, slot] and home_level[zone] == UNREACHED:
                home_level[zone] = depth + 1
                queue = _grow(queue, last)
                queue[last] = base_home + zone
                last += 1
                if supply[zone] > 0 and limit == UNREACHED:
                    limit = depth + 1
        for site in range(n_sites):
            if sites_at[site] == node and arrivals[site, slot] > 0 and site_level[site] == UNREACHED:
                site_level[site] = depth + 1
                queue = _grow(queue, last)
                queue[last] = base_site + site
                last += 1
    return limit != UNREACHED


@njit(cache=True)
def augment(
    flow, capacity, rho, tail, head, out_start, out_links, in_start, in_links, departures, may_depart, zone_start,
    zones_at, arrivals, may_arrive, sites_at, supply, beds, most_phases,
):
    """
    Augment a flow over time to a maximum one (Dinic 1970) without building the time-expanded network.

    Slots are slots of shifted time, ``rho`` >= 0. People wait at home; a site takes arrivals until its beds are full.

    Parameters
    ----------
    flow : int64[n_links, n_slots]
        Units that enter each link in each slot; a feasible flow, e.g. zero. Modified in place.
    capacity : int64[n_links, n_slots]
        0 where the link would end after the last slot.
    rho : int64[n_links]
        Slots from tail to head.
    tail, head : int64[n_links]
    out_start, out_links, in_start, in_links : forward stars by tail and by head
    departures : int64[n_zones, n_slots]
        Modified in place.
    may_depart : bool[n_zones, n_slots]
    zone_start : int64[n_nodes + 1]
        Zones at node v are ``zone_start[v]`` to ``zone_start[v + 1]`` (exclusive): zones are sorted by node.
    zones_at : int64[n_zones]
        Node of each zone.
    arrivals : int64[n_sites, n_slots]
        Modified in place.
    may_arrive : bool[n_sites, n_slots]
    sites_at : int64[n_sites]
    supply : int64[n_zones]
        Units still at home. Modified in place.
    beds : int64[n_sites]
        Units each site can still take. Modified in place.
    most_phases : int
        Stop after so many phases.

    Returns
    -------
    sent : int
        Units added.
    done : bool
        Whether the flow is maximum (and `levels_to_sites` shows its minimum cut).
    """
    n_nodes, n_slots = len(out_start) - 1, flow.shape[1]
    n_zones, n_sites = len(zones_at), len(sites_at)
    level = np.empty((n_nodes, n_slots), np.int32)
    home_level = np.empty(n_zones, np.int32)
    site_level = np.empty(n_sites, np.int32)
    pointer = np.zeros((n_nodes, n_slots), np.int16)
    home_pointer = np.zeros(n_zones, np.int64)
    site_pointer = np.zeros(n_sites, np.int64)
    base_home = n_nodes * n_slots
    base_site = base_home + n_zones
    stack_item = np.empty(1 << 16, np.int64)
    # the arc taken to the item: kind 0 link forward, 1 link back, 2 depart, 3 take back a departure, 4 arrive, 5 take back
    stack_kind = np.empty(1 << 16, np.int8)
    stack_link = np.empty(1 << 16, np.int64)
    stack_slot = np.empty(1 << 16, np.int64)
    sent_in_all = 0
    for _ in range(most_phases):
        met = levels_to_sites(
            level, home_level, site_level, flow, capacity, rho, tail, head, out_start, out_links, in_start, in_links,
            departures, may_depart, zone_start, zones_at, arrivals, may_arrive, sites_at, supply, beds,
        )
        if not met:
            return sent_in_all, True
        pointer[:] = 0
        home_pointer[:] = 0
        site_pointer[:] = 0
        for origin in range(n_zones):
            while supply[origin] > 0 and home_level[origin] != UNREACHED:
                depth = 0
                stack_item[0] = base_home + origin
                found = False
                while True:
                    item = stack_item[depth]
                    advanced = False
                    if item >= base_site:
                        site = item - base_site
                        if beds[site] > 0 and site_level[site] == 0:
                            found = True
                            break
                        node = sites_at[site]
                        while site_pointer[site] < n_slots:
                            slot = site_pointer[site]
                            if arrivals[site, slot] > 0 and level[node, slot] == site_level[site] - 1:
                                depth += 1
                                stack_item[depth] = node * n_slots + slot
                                stack_kind[depth], stack_link[depth], stack_slot[depth] = 5, site, slot
                                advanced = True
                                break
                            site_pointer[site] += 1
                    elif item >= base_home:
                        zone = item - base_home
                        node = zones_at[zone]
                        while home_pointer[zone] < n_slots:
                            slot = home_pointer[zone]
                            if may_depart[zone, slot] and level[node, slot] == home_level[zone] - 1:
                                depth += 1
                                stack_item[depth] = node * n_slots + slot
                                stack_kind[depth], stack_link[depth], stack_slot[depth] = 2, zone, slot
                                advanced = True
                                break
                            home_pointer[zone] += 1
                    else:
                        node = item // n_slots
                        slot = item - node * n_slots
                        wanted = level[node, slot] - 1
                        n_out = out_start[node + 1] - out_start[node]
                        n_in = in_start[node + 1] - in_start[node]
                        n_home = zone_start[node + 1] - zone_start[node]
                        at = pointer[node, slot]
                        while at < n_out + n_in + n_home + n_sites:
                            if at < n_sites:
                                site = at
                                if sites_at[site] == node and may_arrive[site, slot] and site_level[site] == wanted:
                                    depth += 1
                                    stack_item[depth] = base_site + site
                                    stack_kind[depth], stack_link[depth], stack_slot[depth] = 4, site, slot
                                    advanced = True
                                    break
                            elif at < n_sites + n_out:
                                link = out_links[out_start[node] + at - n_sites]
                                if flow[link, slot] < capacity[link, slot]:
                                    other, after = head[link], slot + rho[link]
                                    if level[other, after] == wanted:
                                        depth += 1
                                        stack_item[depth] = other * n_slots + after
                                        stack_kind[depth], stack_link[depth], stack_slot[depth] = 0, link, slot
                                        advanced = True
                                        break
                            elif at < n_sites + n_out + n_in:
                                link = in_links[in_start[node] + at - n_sites - n_out]
                                before = slot - rho[link]
                                if before >= 0 and flow[link, before] > 0:
                                    other = tail[link]
                                    if level[other, before] == wanted:
                                        depth += 1
                                        stack_item[depth] = other * n_slots + before
                                        stack_kind[depth], stack_link[depth], stack_slot[depth] = 1, link, before
                                        advanced = True
                                        break
                            else:
                                zone = zone_start[node] + at - n_sites - n_out - n_in
                                if departures[zone, slot] > 0 and home_level[zone] == wanted:
                                    depth += 1
                                    stack_item[depth] = base_home + zone
                                    stack_kind[depth], stack_link[depth], stack_slot[depth] = 3, zone, slot
                                    advanced = True
                                    break
                            at += 1
                        pointer[node, slot] = at
                    if not advanced:
                        if depth == 0:
                            break
                        # dead end: step back and move the pointer of the item before
                        depth -= 1
                        item = stack_item[depth]
                        if item >= base_site:
                            site_pointer[item - base_site] += 1
                        elif item >= base_home:
                            home_pointer[item - base_home] += 1
                        else:
                            pointer[item // n_slots, item % n_slots] += 1
                    if depth + 2 >= len(stack_item):
                        stack_item = np.concatenate((stack_item, np.empty_like(stack_item)))
                        stack_kind = np.concatenate((stack_kind, np.empty_like(stack_kind)))
                        stack_link = np.concatenate((stack_link, np.empty_like(stack_link)))
                        stack_slot = np.concatenate((stack_slot, np.empty_like(stack_slot)))
                if not found:
                    break
                amount = min(supply[origin], beds[stack_item[depth] - base_site])
                for i in range(1, depth + 1):
                    kind, link, slot = stack_kind[i], stack_link[i], stack_slot[i]
                    if kind == 0:
                        amount = min(amount, capacity[link, slot] - flow[link, slot])
                    elif kind == 1:
                        amount = min(amount, flow[link, slot])
                    elif kind == 3:
                        amount = min(amount, departures[link, slot])
                    elif kind == 5:
                        amount = min(amount, arrivals[link, slot])
                for i in range(1, depth + 1):
                    kind, link, slot = stack_kind[i], stack_link[i], stack_slot[i]
                    if kind == 0:
                        flow[link, slot] += amount
                    elif kind == 1:
                        flow[link, slot] -= amount
                    elif kind == 2:
                        departures[link, slot] += amount
                    elif kind == 3:
                        departures[link, slot] -= amount
                    elif kind == 4:
                        arrivals[link, slot] += amount
                    else:
                        arrivals[link, slot] -= amount
                supply[origin] -= amount
                beds[stack_item[depth] - base_site] -= amount
                sent_in_all += amount
    return sent_in_all, False
