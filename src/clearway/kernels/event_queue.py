"""Events in order of time: a binary heap on arrays, with events that may be moved."""

import numpy as np

from clearway.kernels.compiled import inlined

NEVER = np.inf


@inlined()
def schedule(heap_time, heap_id, size, due, event, time):
    """
    Let an event happen at ``time`` instead of when it was due.

    The heap keeps the old entry, which `next_event` skips.

    Parameters
    ----------
    heap_time : float64[capacity], heap_id : int64[capacity], size : int64[1]
        Modified in place.
    due : float64[n_events]
        When each event is due, inf where it is not. Modified in place.
    event : int
    time : float
    """
    if due[event] == time:
        return
    due[event] = time
    if time == NEVER:
        return
    slot = size[0]
    size[0] += 1
    while slot > 0:
        parent = (slot - 1) >> 1
        if heap_time[parent] < time or (heap_time[parent] == time and heap_id[parent] <= event):
            break
        heap_time[slot] = heap_time[parent]
        heap_id[slot] = heap_id[parent]
        slot = parent
    heap_time[slot] = time
    heap_id[slot] = event


@inlined()
def drop_first(heap_time, heap_id, size):
    """Take the first entry off the heap. Arrays as in `schedule`."""
    size[0] -= 1
    n = size[0]
    time, event = heap_time[n], heap_id[n]
    slot = 0
    while True:
        child = 2 * slot + 1
        if child >= n:
            break
        other = child + 1
        if other < n and (
            heap_time[other] < heap_time[child]
            or (heap_time[other] == heap_time[child] and heap_id[other] < heap_id[child])
        ):
            child = other
        if time < heap_time[child] or (time == heap_time[child] and event <= heap_id[child]):
            break
        heap_time[slot] = heap_time[child]
        heap_id[slot] = heap_id[child]
        slot = child
    heap_time[slot] = time
    heap_id[slot] = event


@inlined()
def next_event(heap_time, heap_id, size, due):
    """Time of the first event that is still due then, inf where there is none; moved ones are taken off."""
    while size[0] > 0:
        if due[heap_id[0]] == heap_time[0]:
            return heap_time[0]
        drop_first(heap_time, heap_id, size)
    return NEVER
