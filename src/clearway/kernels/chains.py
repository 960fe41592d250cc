"""Links in a row, with nothing to join or leave between them, as one link of a network over time."""

import numpy as np
from numba import njit


@njit(cache=True)
def chains_of(tail, head, is_passed):
    """
    Links in rows that begin and end at nodes that are not just passed.

    Parameters
    ----------
    tail, head : int64[n_links]
    is_passed : bool[n_nodes]
        Nodes that one link leads to and one link leads from, and where nobody departs or arrives.

    Returns
    -------
    start : int64[n_chains + 1]
    links : int64[...]
        Each chain's links in order: ``links[start[i]:start[i + 1]]``. Links of circles without an end are in none.
    """
    onward = np.full(len(is_passed), -1, np.int64)
    for link in range(len(tail)):
        if is_passed[tail[link]]:
            onward[tail[link]] = link
    start = np.zeros(len(tail) + 1, np.int64)
    links = np.empty(len(tail), np.int64)
    count, size = 0, 0
    for first in range(len(tail)):
        if is_passed[tail[first]]:
            continue
        link = first
        while True:
            links[size] = link
            size += 1
            if not is_passed[head[link]]:
                break
            link = onward[head[link]]
        count += 1
        start[count] = size
    return start[: count + 1].copy(), links[:size].copy()


@njit(cache=True)
def narrowest_of_chains(room, rho, start, links):
    """
    What each chain takes when entered in each slot: the least that its links do when they are reached.

    Parameters
    ----------
    room : int64[n_links, n_slots]
    rho : int64[n_links]
        Slots that each link takes.
    start, links : see `chains_of`

    Returns
    -------
    least : int64[n_chains, n_slots]
        0 where a chain would end after the last slot.
    takes : int64[n_chains]
        Slots.
    """
    n_slots = room.shape[1]
    least = np.zeros((len(start) - 1, n_slots), np.int64)
    takes = np.zeros(len(start) - 1, np.int64)
    for chain in range(len(least)):
        after = 0
        for at in range(start[chain], start[chain + 1]):
            link = links[at]
            for slot in range(n_slots - after):
                if at == start[chain]:
                    least[chain, slot] = room[link, slot]
                else:
                    least[chain, slot] = min(least[chain, slot], room[link, slot + after])
            after = min(after + rho[link], n_slots)
            least[chain, n_slots - after :] = 0
        takes[chain] = after
    return least, takes


@njit(cache=True)
def send_along_chains(flow, rho, start, links, chain, slot, amount):
    """
    Add amounts, int64[n], that enter chains int64[n] in slots int64[n] to the flow of their links.

    ``flow`` int64[n_links, n_slots] is modified in place; the rest is as in `narrowest_of_chains`.
    """
    for i in range(len(chain)):
        if amount[i] != 0:
            at = slot[i]
            for place in range(start[chain[i]], start[chain[i] + 1]):
                flow[links[place], at] += amount[i]
                at += rho[links[place]]


@njit(cache=True)
def turned(rows, rho):
    """
    What enters links, int64[n_links, n_slots], by when it leaves them, counted from the last slot: time turned round.

    Turned twice it is as before; what would leave after the last slot is left out.
    """
    n_slots = rows.shape[1]
    result = np.zeros_like(rows)
    for link in range(len(rho)):
        for slot in range(n_slots - rho[link]):
            result[link, n_slots - 1 - slot - rho[link]] = rows[link, slot]
    return result
