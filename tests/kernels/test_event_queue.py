"""Events come in the order of their times, whatever is moved and however they crowd."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from clearway.kernels.event_queue import NEVER, drop_first, next_event, schedule
from clearway.kernels.traffic_tables import EVENT, N_COUNTS, N_EVENTS, SLOT, SLOTS_PER_S, State, table

MOST_SLOTS = 64


def calendar(n_events: int, n_slots: int = 16, slots_per_s: float = 1.0) -> State:
    """A state with a queue of events and nothing else."""
    events, slots = table(n_events, EVENT), table(n_slots + 1, SLOT)
    events.due = np.inf
    slots.first = slots.last = -1
    others = {name: np.zeros(0) for name in State._fields}
    own = {"events": events, "slots": slots, "calendar": np.array([0.0, slots_per_s])}
    return State(**(others | own | {"counts": np.zeros(N_COUNTS, dtype=np.int64)}))


@njit(_nrt=False)
def carry_out(state: State, event: np.ndarray, time: np.ndarray, take: np.ndarray, found: np.ndarray) -> int:
    """Schedule events one by one, ``take[i]`` of the first being taken after i; then take all. Returns how many."""
    n = 0
    for i in range(len(event) + 1):
        left = len(found) if i == len(event) else take[i]
        if i < len(event):
            schedule(event[i], time[i], state)
        while left > 0 and next_event(state) < NEVER:
            found[n, 0] = next_event(state)
            found[n, 1] = drop_first(state)
            state.counts[N_EVENTS] += 1
            n += 1
            left -= 1
    return n


def taken(state: State, event: list[int], time: list[float], take: list[int]) -> list[tuple[float, int]]:
    found = np.zeros((len(event), 2))
    n = carry_out(state, np.array(event), np.array(time), np.array(take, dtype=np.int64), found)
    return [(float(when), int(number)) for when, number in found[:n]]


def expected(event: list[int], time: list[float], take: list[int]) -> list[tuple[float, int]]:
    due: dict[int, float] = {}
    found = []
    for i in range(len(event) + 1):
        left = take[i] if i < len(event) else len(due)
        if i < len(event):
            due[event[i]] = time[i]
            if time[i] == NEVER:
                del due[event[i]]
        for when, number in sorted((when, number) for number, when in due.items())[:left]:
            found.append((when, number))
            del due[number]
    return found


def test_events_come_by_time_then_by_number_and_moved_ones_once() -> None:
    """0 at 5 s, moved to 2; 3 and 1 at 2 s; 2 at 900 s, beyond the slots; 4 at 3 s, called off."""
    event, time = [0, 3, 1, 2, 4, 0, 4], [5.0, 2.0, 2.0, 900.0, 3.0, 2.0, NEVER]
    assert taken(calendar(5), event, time, [0] * 7) == [(2.0, 0), (2.0, 1), (2.0, 3), (900.0, 2)]


MOMENTS = st.one_of(st.floats(0, 1e5), st.integers(0, 5).map(float), st.floats(1e4, 1e4 + 1e-3), st.just(NEVER))


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(
    st.lists(st.tuples(st.integers(0, 39), MOMENTS, st.sampled_from([0, 0, 0, 1, 3])), min_size=1, max_size=300),
    st.sampled_from([1e-4, 1.0, 50.0]),
)
def test_the_order_is_that_of_sorting(moves: list[tuple[int, float, int]], slots_per_s: float) -> None:
    event, time, take = (list(column) for column in zip(*moves, strict=True))
    assert taken(calendar(40, slots_per_s=slots_per_s), event, time, take) == expected(event, time, take)


@pytest.mark.parametrize("is_forward", [True, False])
def test_many_events_in_one_slot_are_spread(is_forward: bool) -> None:
    """2,000 in the second after a long pause, in slots that were hours wide."""
    state = calendar(2000, n_slots=MOST_SLOTS, slots_per_s=1e-4)
    time = (1e5 + np.random.default_rng(0).random(2000)).tolist()
    order = list(range(2000)) if is_forward else list(range(1999, -1, -1))
    assert taken(state, order, [time[i] for i in order], [0] * 2000) == sorted((time[i], i) for i in order)
    assert state.calendar[SLOTS_PER_S] > 1e-4
