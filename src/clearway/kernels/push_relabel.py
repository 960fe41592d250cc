"""Maximum flow over time by push-relabel on rows of slots, going on from any flow."""

from clearway.kernels.compiled import entered, inlined, without_counting
from clearway.kernels.preflow import FAR, measure, note_slots, preflow_of, take_first, wait
from clearway.kernels.slot_bits import clear, gather_used, join_next, reach_later, reach_own, step
from clearway.kernels.time_expanded import SlotNetwork

WORK = 0.25  # arcs looked at between two measurements, of all arcs: found by trial


@without_counting()
def _line_up(net, pre):
    """All nodes with excess that can still reach a site join the ring."""
    distance = pre.front.distance
    n_nodes, n_slots = distance.shape
    pre.ends[:] = 0
    for node in range(n_nodes):
        pre.is_waiting[node] = False
        first, last = n_slots, -1
        for slot in range(n_slots):
            if pre.excess[node, slot] > 0 and distance[node, slot] < FAR:
                first, last = min(first, slot), slot
        pre.first[node], pre.last[node] = first, last
        if last >= 0:
            wait(pre, node)
    for zone in range(len(net.zone_node)):
        if net.supply[zone] > 0 and pre.of_home[zone] < FAR:
            wait(pre, net.zone_node[zone])
    for site in range(len(net.site_node)):
        if pre.too_many[site] > 0 and pre.of_site[site] < FAR:
            wait(pre, net.site_node[site])


@without_counting()
def _leave_home(net, pre, zone, node):
    """Supply goes to its node, in the slots that are nearest to a site; returns the slots looked at."""
    n_slots = pre.front.distance.shape[1]
    seen = 0
    while net.supply[zone] > 0 and pre.of_home[zone] < FAR:
        number, least = 0, FAR
        seen += n_slots
        for slot in range(n_slots):
            if net.departures[zone, slot] < pre.most[zone, slot]:
                least = min(least, pre.front.distance[node, slot])
                if pre.front.distance[node, slot] < pre.of_home[zone]:
                    pre.active[number] = slot
                    number += 1
        if number == 0:
            pre.of_home[zone] = min(least + 1, FAR)
            continue
        for i in range(number):
            slot = pre.active[i]
            amount = min(net.supply[zone], pre.most[zone, slot] - net.departures[zone, slot])
            net.departures[zone, slot] += amount
            pre.excess[node, slot] += amount
            net.supply[zone] -= amount
        pre.first[node] = min(pre.first[node], pre.active[0])
        pre.last[node] = max(pre.last[node], pre.active[number - 1])
    return seen


@without_counting()
def _turn_away(net, pre, site, node):
    """Who came to a site beyond its beds goes back to its node; returns the slots looked at."""
    n_slots = pre.front.distance.shape[1]
    seen = 0
    while pre.too_many[site] > 0 and pre.of_site[site] < FAR:
        least = FAR
        seen += n_slots
        for slot in range(n_slots):
            if net.arrivals[site, slot] > 0:
                if pre.front.distance[node, slot] < pre.of_site[site]:
                    amount = min(pre.too_many[site], net.arrivals[site, slot])
                    net.arrivals[site, slot] -= amount
                    pre.excess[node, slot] += amount
                    pre.too_many[site] -= amount
                    pre.first[node] = min(pre.first[node], slot)
                    pre.last[node] = max(pre.last[node], slot)
                    if pre.too_many[site] == 0:
                        break
                else:
                    least = min(least, pre.front.distance[node, slot])
        if pre.too_many[site] > 0:
            pre.of_site[site] = min(least + 1, FAR)
    return seen


@inlined()
def _push(net, pre, node, number):
    """Excess in the active slots goes one arc nearer to a site, as far as there is room."""
    distance, excess, active = pre.front.distance, pre.excess, pre.active
    n_slots = distance.shape[1]
    for site in range(net.site_start[node], net.site_start[node + 1]):
        own = pre.of_site[site] + 1
        for i in range(number):
            slot = active[i]
            if distance[node, slot] == own and net.may_arrive[site, slot]:
                pre.too_many[site] += excess[node, slot]
                net.arrivals[site, slot] += excess[node, slot]
                excess[node, slot] = 0
        amount = min(pre.too_many[site], net.beds[site])
        pre.too_many[site] -= amount
        net.beds[site] -= amount
        if pre.too_many[site] > 0:
            wait(pre, node)
    for i in range(net.out_start[node], net.out_start[node + 1]):
        link = net.out_links[i]
        by, other = net.rho[link], net.head[link]
        first, last = n_slots, -1
        for j in range(number):
            slot = active[j]
            after = slot + by
            if after >= n_slots:
                break
            if distance[node, slot] == distance[other, after] + 1:
                amount = min(excess[node, slot], net.capacity[link, slot] - net.flow[link, slot])
                if amount > 0:
                    net.flow[link, slot] += amount
                    excess[node, slot] -= amount
                    excess[other, after] += amount
                    first, last = min(first, after), after
        note_slots(pre, other, first, last)
    for i in range(net.in_start[node], net.in_start[node + 1]):
        link = net.in_links[i]
        by, other = net.rho[link], net.tail[link]
        first, last = n_slots, -1
        for j in range(number):
            slot = active[j]
            before = slot - by
            if before >= 0 and distance[node, slot] == distance[other, before] + 1:
                amount = min(excess[node, slot], net.flow[link, before])
                if amount > 0:
                    net.flow[link, before] -= amount
                    excess[node, slot] -= amount
                    excess[other, before] += amount
                    first, last = min(first, before), before
        note_slots(pre, other, first, last)
    for zone in range(net.zone_start[node], net.zone_start[node + 1]):
        own = pre.of_home[zone] + 1
        for i in range(number):
            slot = active[i]
            if distance[node, slot] == own:
                amount = min(excess[node, slot], net.departures[zone, slot])
                net.departures[zone, slot] -= amount
                excess[node, slot] -= amount
                net.supply[zone] += amount
                if amount > 0:
                    wait(pre, node)


@inlined()
def _relabel(net, pre, node, number):
    """The active slots' distances from those of what their residual arcs lead to."""
    distance, active = pre.front.distance, pre.active
    n_slots = distance.shape[1]
    for i in range(number):
        distance[node, active[i]] = FAR
    for site in range(net.site_start[node], net.site_start[node + 1]):
        for i in range(number):
            slot = active[i]
            if net.may_arrive[site, slot]:
                distance[node, slot] = min(distance[node, slot], pre.of_site[site] + 1)
    for zone in range(net.zone_start[node], net.zone_start[node + 1]):
        for i in range(number):
            slot = active[i]
            if net.departures[zone, slot] > 0:
                distance[node, slot] = min(distance[node, slot], pre.of_home[zone] + 1)
    for i in range(net.out_start[node], net.out_start[node + 1]):
        link = net.out_links[i]
        by, other = net.rho[link], net.head[link]
        for j in range(number):
            slot = active[j]
            if slot + by >= n_slots:
                break
            if net.flow[link, slot] < net.capacity[link, slot]:
                distance[node, slot] = min(distance[node, slot], distance[other, slot + by] + 1)
    for i in range(net.in_start[node], net.in_start[node + 1]):
        link = net.in_links[i]
        by, other = net.rho[link], net.tail[link]
        for j in range(number):
            slot = active[j]
            if slot >= by and net.flow[link, slot - by] > 0:
                distance[node, slot] = min(distance[node, slot], distance[other, slot - by] + 1)


@without_counting()
def _discharge(net, pre, node):
    """The excess of a node goes on, or its distance grows until it does; returns the arcs looked at for that."""
    distance, excess, active = pre.front.distance, pre.excess, pre.active
    number = 0
    for slot in range(pre.first[node], pre.last[node] + 1):
        if excess[node, slot] > 0 and distance[node, slot] < FAR:
            active[number] = slot
            number += 1
    pre.first[node], pre.last[node] = distance.shape[1], -1
    degree = net.out_start[node + 1] - net.out_start[node] + net.in_start[node + 1] - net.in_start[node] + 2
    work = 0
    while number > 0:
        _push(net, pre, node, number)
        kept = 0
        for i in range(number):
            if excess[node, active[i]] > 0:
                active[kept] = active[i]
                kept += 1
        _relabel(net, pre, node, kept)
        work += kept * degree
        number = 0
        for i in range(kept):
            if distance[node, active[i]] < FAR:
                active[number] = active[i]
                number += 1
    return work


@entered()
def _push_all(net, pre, most_work):
    """Push until no excess can get any nearer to a site; distances are measured anew after so much work."""
    work = most_work + 1
    while True:
        if work > most_work:
            measure(net, pre)
            _line_up(net, pre)
            work = 0
        if pre.ends[1] == 0:
            if work == 0:
                return
            work = most_work + 1  # distances may have grown too far: look again
            continue
        node = take_first(pre)
        for zone in range(net.zone_start[node], net.zone_start[node + 1]):
            work += _leave_home(net, pre, zone, node)
        for site in range(net.site_start[node], net.site_start[node + 1]):
            work += _turn_away(net, pre, site, node)
        work += _discharge(net, pre, node)


@without_counting()
def _measure_back(net, pre):
    """How many links with flow lie between homes and every slot of a node, breadth first, from the homes."""
    front = pre.front
    clear(front, FAR)
    for link in range(len(net.tail)):
        gather_used(net.flow[link], front.is_used[link])
    n_next = 0
    for zone in range(len(net.zone_node)):
        gather_used(net.departures[zone], front.word)
        if reach_own(front, net.zone_node[zone], front.word, 1):
            n_next = join_next(front, net.zone_node[zone], n_next)
    depth, n_now = 1, 0
    while n_next > 0:
        step(front, n_now, n_next)
        n_now, n_next = n_next, 0
        depth += 1
        for at in range(n_now):
            node = front.nodes[at]
            for i in range(net.out_start[node], net.out_start[node + 1]):
                link = net.out_links[i]
                if reach_later(front, node, net.head[link], net.rho[link], front.is_used[link], depth):
                    n_next = join_next(front, net.head[link], n_next)


@without_counting()
def _send_back(net, pre, node, first, last):
    """Take back what came to a node in some slots too many, from what is nearest to a home; what is left then."""
    distance, excess = pre.front.distance, pre.excess
    n_slots = distance.shape[1]
    for zone in range(net.zone_start[node], net.zone_start[node + 1]):
        for slot in range(first, last + 1):
            amount = min(excess[node, slot], net.departures[zone, slot])
            net.departures[zone, slot] -= amount
            net.supply[zone] += amount
            excess[node, slot] -= amount
    for i in range(net.in_start[node], net.in_start[node + 1]):
        link = net.in_links[i]
        by, other = net.rho[link], net.tail[link]
        other_first, other_last = n_slots, -1
        for slot in range(max(first, by), last + 1):
            amount = min(excess[node, slot], net.flow[link, slot - by])
            if amount > 0 and distance[other, slot - by] < distance[node, slot]:
                net.flow[link, slot - by] -= amount
                excess[node, slot] -= amount
                excess[other, slot - by] += amount
                other_first, other_last = min(other_first, slot - by), slot - by
        note_slots(pre, other, other_first, other_last)
    for slot in range(first, last + 1):
        if excess[node, slot] > 0:
            distance[node, slot] = FAR
            note_slots(pre, node, slot, slot)
    for i in range(net.in_start[node], net.in_start[node + 1]):
        link = net.in_links[i]
        by, other = net.rho[link], net.tail[link]
        for slot in range(max(first, by), last + 1):
            if excess[node, slot] > 0 and net.flow[link, slot - by] > 0:
                distance[node, slot] = min(distance[node, slot], distance[other, slot - by] + 1)


@entered()
def _take_back(net, pre):
    """What cannot reach a site goes back the way it came: then the flow is one, and the largest."""
    excess = pre.excess
    n_nodes, n_slots = excess.shape
    for site in range(len(net.site_node)):
        for slot in range(n_slots):
            amount = min(pre.too_many[site], net.arrivals[site, slot])
            net.arrivals[site, slot] -= amount
            pre.too_many[site] -= amount
            excess[net.site_node[site], slot] += amount
    _measure_back(net, pre)
    pre.ends[:] = 0
    pre.is_waiting[:] = False
    pre.first[:] = n_slots
    pre.last[:] = -1
    for node in range(n_nodes):
        for slot in range(n_slots):
            if excess[node, slot] > 0:
                note_slots(pre, node, slot, slot)
    while pre.ends[1] > 0:
        node = take_first(pre)
        first, last = pre.first[node], pre.last[node]
        pre.first[node], pre.last[node] = n_slots, -1
        _send_back(net, pre, node, first, last)


def maximise(net: SlotNetwork) -> int:
    """
    Augment a flow over time to a maximum one; returns the units added.

    Push-relabel (Goldberg & Tarjan 1988), first come first served, with distances measured anew from time to time
    (Cherkassky & Goldberg 1997). Neighbouring slots of a node do much the same: they are discharged together, and
    distances are found for 64 of them at a time. ``net`` holds any feasible flow, e.g. zero; modified in place. Its
    supply is pushed from homes to sites; what finds no way goes back. The flow's ways change from slot to slot.
    """
    before = int(net.supply.sum())
    pre = preflow_of(net)
    _push_all(net, pre, int(WORK * net.flow.size))
    _take_back(net, pre)
    return before - int(net.supply.sum())
