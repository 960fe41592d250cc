"""Events in order of time: a binary heap on one table, with events that may be moved."""

import numpy as np

from clearway.kernels.compiled import inlined
from clearway.kernels.traffic_tables import HEAP_SIZE

NEVER = np.inf


@inlined()
def schedule(event, time, state):
    """
    Let an event happen at ``time`` (seconds) instead of when it was due.

    The heap keeps the old entry, which `next_event` skips. ``state`` is modified in place: heap, due, counts.
    """
    heap = state.heap
    if state.due[event] == time:
        return
    state.due[event] = time
    if time == NEVER:
        return
    slot = state.counts[HEAP_SIZE]
    state.counts[HEAP_SIZE] += 1
    while slot > 0:
        parent = (slot - 1) >> 1
        above = heap[parent]
        if above.time < time or (above.time == time and above.event <= event):
            break
        heap[slot].time = above.time
        heap[slot].event = above.event
        slot = parent
    heap[slot].time = time
    heap[slot].event = event


@inlined()
def drop_first(state):
    """Take the first entry off the heap: the hole goes down to the last row, what was last goes up from there."""
    heap = state.heap
    n = state.counts[HEAP_SIZE] - 1
    state.counts[HEAP_SIZE] = n
    time, event = heap[n].time, heap[n].event
    slot = 0
    child = 1
    while child + 1 < n:
        left, right = heap[child], heap[child + 1]
        # without branches, which would be guessed wrong half of the time
        is_right = (right.time < left.time) | ((right.time == left.time) & (right.event < left.event))
        child += np.int64(is_right)
        heap[slot].time = heap[child].time
        heap[slot].event = heap[child].event
        slot = child
        child = 2 * slot + 1
    if child < n:
        heap[slot].time = heap[child].time
        heap[slot].event = heap[child].event
        slot = child
    while slot > 0:
        parent = (slot - 1) >> 1
        above = heap[parent]
        if above.time < time or (above.time == time and above.event <= event):
            break
        heap[slot].time = above.time
        heap[slot].event = above.event
        slot = parent
    heap[slot].time = time
    heap[slot].event = event


@inlined()
def next_event(state):
    """Time of the first event that is still due then, inf where there is none; moved ones are taken off."""
    while state.counts[HEAP_SIZE] > 0:
        first = state.heap[0]
        if state.due[first.event] == first.time:
            return first.time
        drop_first(state)
    return NEVER
