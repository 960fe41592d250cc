"""
Events in order of time, those of one time in the order of their numbers: a calendar queue [1]_.

Time is cut into slots, about as wide as one event takes; a slot keeps its events in order. What lies beyond the last
slot waits, in no order, until the calendar is laid out anew from the first of it. An event is due once, or not at all;
so moving it takes it out of its slot. With a heap the traffic kernels took a quarter longer.

.. [1] Brown (1988), Calendar queues: a fast O(1) priority queue implementation for the simulation event set problem,
       Communications of the ACM 31(10): 1220-1227.
"""

import numpy as np

from clearway.kernels.compiled import inlined, without_counting
from clearway.kernels.traffic_tables import CROWDED, FIRST_SLOT, N_EVENTS, N_EVENTS_THEN, ORIGIN, SLOTS_PER_S

NEVER = np.inf
MOST_SLOTS_PER_S = 1e6
FINER = 16.0  # slots where too many events share one
STEPS_A_SLOT = 4  # along lists, until the calendar is laid out anew


@inlined()
def schedule(event, time, state):
    """Let an event happen at ``time`` (seconds) instead of when it was due; NEVER: not at all. Changes ``state``."""
    item = state.events[event]
    if item.due == time:
        return
    if item.due != NEVER:
        take_out(event, state)
    item.due = time
    if time != NEVER:
        put_in(event, time, state)


@inlined()
def put_in(event, time, state):
    """Put an event into the slot of its time."""
    events, n_slots = state.events, len(state.slots) - 1
    number = n_slots
    place = (time - state.calendar[ORIGIN]) * state.calendar[SLOTS_PER_S]
    if place < n_slots:
        number = max(int(place), state.counts[FIRST_SLOT])
    item, slot = events[event], state.slots[number]
    item.slot = number
    last = slot.last
    if last < 0:
        item.after = -1
        slot.first = event
        slot.last = event
    elif number == n_slots or events[last].due < time or (events[last].due == time and last < event):
        item.after = -1
        events[last].after = event
        slot.last = event
    else:
        before, at = np.int64(-1), np.int64(slot.first)
        while events[at].due < time or (events[at].due == time and at < event):
            before, at = at, np.int64(events[at].after)
            state.counts[CROWDED] += 1
        item.after = at
        if before < 0:
            slot.first = event
        else:
            events[before].after = event


@inlined()
def take_out(event, state):
    """Take an event out of its slot."""
    item = state.events[event]
    slot = state.slots[item.slot]
    before, at = np.int64(-1), np.int64(slot.first)
    while at != event:
        before, at = at, np.int64(state.events[at].after)
    if before < 0:
        slot.first = item.after
    else:
        state.events[before].after = item.after
    if item.after < 0:
        slot.last = before


@inlined()
def next_event(state):
    """Time of the first event, inf where there is none."""
    n_slots = len(state.slots) - 1
    while True:
        number = state.counts[FIRST_SLOT]
        while number < n_slots and state.slots[number].first < 0:
            number += 1
        state.counts[FIRST_SLOT] = number
        if number == n_slots and state.slots[n_slots].first < 0:
            return NEVER
        if number < n_slots and state.counts[CROWDED] <= STEPS_A_SLOT * n_slots:
            return state.events[state.slots[number].first].due
        lay_out(state)


@inlined()
def drop_first(state):
    """Take the event that `next_event` has found out of the calendar; returns it."""
    slot = state.slots[state.counts[FIRST_SLOT]]
    event = np.int64(slot.first)
    item = state.events[event]
    slot.first = item.after
    if item.after < 0:
        slot.last = -1
    item.due = NEVER
    return event


@without_counting()
def lay_out(state):
    """Let the calendar begin with the first event there is, its slots as wide as events have come of late."""
    events, slots, counts, calendar = state.events, state.slots, state.counts, state.calendar
    first, begin = np.int64(-1), NEVER
    for number in range(counts[FIRST_SLOT], len(slots)):
        at = np.int64(slots[number].first)
        slots[number].first = -1
        slots[number].last = -1
        while at >= 0:  # all of them in one list, the other way round
            after = np.int64(events[at].after)
            events[at].after = first
            first = at
            begin = min(begin, events[at].due)
            at = after
    passed, n_done = begin - calendar[ORIGIN], counts[N_EVENTS] - counts[N_EVENTS_THEN]
    if counts[CROWDED] > STEPS_A_SLOT * (len(slots) - 1):
        calendar[SLOTS_PER_S] = min(calendar[SLOTS_PER_S] * FINER, MOST_SLOTS_PER_S)
    elif passed > 0.0 and n_done > 0:
        calendar[SLOTS_PER_S] = min(n_done / passed, MOST_SLOTS_PER_S)
    calendar[ORIGIN] = begin
    counts[CROWDED] = 0
    counts[FIRST_SLOT] = 0
    counts[N_EVENTS_THEN] = counts[N_EVENTS]
    while first >= 0:
        after = np.int64(events[first].after)
        put_in(first, events[first].due, state)
        first = after
    return 0
