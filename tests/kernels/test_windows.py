"""Windows of constant rate: by hand, against enumeration, and never more on a link than it can take."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planner.strategies import examples

from clearway.kernels.windows import best_waves, fill_waves, fill_windows


def test_one_window_waits_for_a_higher_rate() -> None:
    # 2 waves at 1, then 3 at 4: 8 wanted fit in waves 2 and 3 at 4, or in waves 0 to 7 at 1
    room = np.array([1.0, 1.0, 4.0, 4.0, 4.0])
    assert best_waves(room, np.ones(5), 1, 8.0).tolist() == [0, 0, 4, 4, 0]
    assert best_waves(room, np.ones(5), 2, 8.0).tolist() == [1, 1, 3, 3, 0]


def test_where_all_that_fits_is_too_little_the_most_goes() -> None:
    assert best_waves(np.array([1.0, 0.0, 2.0]), np.ones(3), 1, 100.0).sum() == 2.0
    assert best_waves(np.array([1.0, 0.0, 2.0]), np.ones(3), 2, 100.0).sum() == 3.0


@examples(100)
@given(
    st.lists(st.sampled_from([0.0, 1.0, 1.5, 2.0, 5.0]), min_size=1, max_size=7), st.integers(1, 3), st.floats(0.5, 20)
)
def test_windows_end_as_soon_as_the_best_of_all(rooms: list[float], most: int, wanted: float) -> None:
    room = np.array(rooms)
    rate = best_waves(room, np.ones(len(room)), most, wanted)
    assert (rate <= room + 1e-12).all()
    runs = np.flatnonzero(np.diff(np.r_[0.0, rate]) != 0)
    n_windows = sum(1 for i in runs if rate[i] > 0)
    assert n_windows <= most
    sent = rate.sum()
    best = max_by_end(room, most)
    enough = [j for j, volume in enumerate(best) if volume >= wanted * (1 - 1e-12)]
    if enough:
        assert sent == pytest.approx(wanted)
        assert np.flatnonzero(rate > 0)[-1] + 1 <= enough[0]
    else:
        assert sent == pytest.approx(best[-1])


def max_by_end(room: np.ndarray, most: int) -> list[float]:
    """By enumeration: the most that some windows send in the first j waves."""
    windows = [(i, j, (j - i) * room[i:j].min()) for i in range(len(room)) for j in range(i + 1, len(room) + 1)]
    best = [0.0] * (len(room) + 1)
    for n in range(1, most + 1):
        for chosen in combinations(windows, n):
            spans = sorted(chosen)
            if all(a[1] <= b[0] for a, b in pairwise(spans)):
                end = spans[-1][1]
                volume = sum(w[2] for w in spans)
                for j in range(end, len(best)):
                    best[j] = max(best[j], volume)
    return best


@examples(60)
@given(st.data())
def test_at_no_instant_more_enters_than_there_is_room_for(data: st.DataObject) -> None:
    n_links, n_parts, n_bins = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 4)), 12
    free = np.array([[data.draw(st.sampled_from([0.0, 0.5, 1.0, 1.3])) for _ in range(n_bins)] for _ in range(n_links)])
    ways = [
        data.draw(st.lists(st.integers(0, n_links - 1), min_size=1, max_size=3, unique=True)) for _ in range(n_parts)
    ]
    offsets = [np.cumsum([0.0] + [data.draw(st.sampled_from([0.0, 0.5, 1.0, 0.3])) for _ in way[1:]]) for way in ways]
    flat = np.concatenate(offsets)
    per = data.draw(st.sampled_from([1, 2, 3]))
    edges = np.array([[i, i + per] for i in range(0, n_bins - per + 1, per)])
    start = np.cumsum([0] + [len(way) for way in ways])
    links = np.concatenate([np.array(way) for way in ways])
    left = np.array([data.draw(st.sampled_from([0.5, 3.0, 100.0])) for _ in range(n_parts)])
    may = np.ones((n_parts, len(edges)), dtype=np.bool_)
    before, used = free.copy(), np.zeros((n_parts, len(edges)))
    beds, wanted = np.array([data.draw(st.sampled_from([0.7, 5.0, 1e9]))]), left.copy()
    fixed = (
        free, edges, np.arange(n_parts), start, links, np.floor(flat).astype(np.int64), flat % 1 > 0, may, left, beds,
        np.zeros(n_parts, dtype=np.int64), np.ones(n_parts), used,
    )  # fmt: skip
    most = data.draw(st.sampled_from([0, 1, 2]))
    if most:
        fill_waves(*fixed, most)
    else:
        fill_windows(*fixed, 1e-5)
    assert used.sum(axis=1) * per + left == pytest.approx(wanted)
    for instant in np.arange(0.05, n_bins, 0.1):
        entering = np.zeros(n_links)
        for p in range(n_parts):
            for i in range(start[p], start[p + 1]):
                at = instant - flat[i]
                if 0 <= at < edges[-1, 1]:
                    entering[links[i]] += used[p, int(at // per)]
        assert (entering <= before[:, int(instant)] + 1e-9).all()
