"""Departures packed into room: by hand, and never more on a link at any instant than there was room for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planner.strategies import examples

from clearway.kernels.packing import fill_routes, fit_routes, route_offsets, smooth_rates

ALWAYS = np.ones((1, 40), dtype=np.bool_)


def one_route(tau: list[float], rates: list[float], n_bins: int = 40) -> tuple[np.ndarray, ...]:
    """A route along links of some seconds in bins of 10 s: free, start, links, whole, split, detour."""
    n = len(tau)
    start, links = np.array([0, n]), np.arange(n)
    offsets = route_offsets(start, links, np.array(tau), np.zeros(n + 1), np.arange(n), np.arange(1, n + 1), 10.0)
    return (np.repeat(np.array(rates)[:, None], n_bins, axis=1), start, links, *offsets)


def test_offsets_are_whole_bins_or_split_over_two() -> None:
    _, _, _, whole, split, detour = one_route([10.0, 25.0, 5.0], [1.0] * 3)
    assert whole.tolist() == [0, 1, 3]  # entered after 0, 10 and 35 s
    assert split.tolist() == [False, False, True]
    assert detour.tolist() == [40.0]


def test_potentials_are_taken_off() -> None:
    whole, split, detour = route_offsets(
        np.array([0, 2]), np.array([0, 1]), np.array([10.0, 25.0]), np.array([35.0, 25.0, 0.0]), np.array([0, 1]),
        np.array([1, 2]), 10.0,
    )  # fmt: skip
    assert whole.tolist() == [0, 0]  # on a shortest way nothing shifts
    assert not split.any()
    assert detour.tolist() == [0.0]


def fill(packed: tuple[np.ndarray, ...], left: list[float], beds: float = 1e9) -> tuple[np.ndarray, np.ndarray]:
    """Fill one route of one zone, one person in a vehicle; its rates and what is left."""
    free, start, links, whole, split, detour = packed
    used, still = np.zeros((1, free.shape[1])), np.array(left)
    fill_routes(
        free, used, np.array([0, 1]), np.array([0]), np.array([0]), np.array([0]), start, links, whole, split, ALWAYS,
        ALWAYS, (detour // 10).astype(np.int64), detour % 10 > 0, still, np.array([beds]), np.array([1.0]), 1e-5,
    )  # fmt: skip
    return used, still


def test_a_route_is_filled_as_early_as_its_narrowest_link_takes_it() -> None:
    used, left = fill(one_route([10.0, 20.0], [2.0, 0.5]), [1.75])
    assert used[0, :5].tolist() == [0.5, 0.5, 0.5, 0.25, 0.0]
    assert left.tolist() == [0.0]


def test_no_more_than_the_beds() -> None:
    used, left = fill(one_route([10.0], [1.0]), [5.0], beds=2.5)
    assert used[0, :4].tolist() == [1.0, 1.0, 0.5, 0.0]
    assert left.tolist() == [2.5]


def test_off_the_grid_neighbouring_bins_share_a_bin_at_the_larger_rate_not_the_sum() -> None:
    # entered after 5 s: bins k and k + 1 at rate 1 each; the link takes 1 throughout
    used, _ = fill(one_route([5.0, 10.0], [1.0, 1.0]), [4.0])
    assert used[0, :5].tolist() == [1.0, 1.0, 1.0, 1.0, 0.0]


def test_what_is_wanted_is_fitted_in_order_as_far_as_there_is_room() -> None:
    # two zones' routes over one link of 1: the first wants 0.7, the second 0.6
    free = np.ones((1, 3))
    used = np.zeros((2, 3))
    wanted = np.array([[0.7, 0.0, 0.7], [0.6, 0.6, 0.6]])
    left, may = np.array([1.0, 10.0]), np.ones((2, 3), dtype=np.bool_)
    zeros, no = np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.bool_)
    fit_routes(
        free, used, np.array([0, 1]), np.array([0, 1]), np.array([0, 0]), np.array([0, 1, 2]), zeros, zeros, no, wanted,
        may, may, zeros, no, left, np.array([1e9]), np.ones(2),
    )  # fmt: skip
    assert used[0] == pytest.approx([0.7, 0.0, 0.3])  # 1 in all was left
    assert used[1] == pytest.approx([0.3, 0.6, 0.6])
    assert free[0] == pytest.approx([0.0, 0.4, 0.1])


@st.composite
def packings(draw: st.DrawFn) -> dict[str, np.ndarray]:
    """Routes over a few links on and off the grid, closed now and then."""
    n_links, n_routes, n_bins = draw(st.integers(1, 4)), draw(st.integers(1, 5)), 12
    free = np.array([[draw(st.sampled_from([0.0, 0.5, 1.0, 1.3])) for _ in range(n_bins)] for _ in range(n_links)])
    routes = [draw(st.lists(st.integers(0, n_links - 1), min_size=1, max_size=3, unique=True)) for _ in range(n_routes)]
    offsets = [np.cumsum([0.0] + [draw(st.sampled_from([0.0, 0.5, 1.0, 0.3])) for _ in way[1:]]) for way in routes]
    flat = np.concatenate(offsets)
    wanted = np.array([[draw(st.sampled_from([0.0, 0.4, 2.0])) for _ in range(n_bins)] for _ in range(n_routes)])
    return {
        "free": free,
        "start": np.cumsum([0] + [len(way) for way in routes]),
        "links": np.concatenate([np.array(way) for way in routes]),
        "offset": flat,
        "wanted": wanted,
        "left": np.array([draw(st.sampled_from([0.5, 3.0, 100.0])) for _ in range(n_routes)]),
        "beds": np.array([draw(st.sampled_from([0.7, 5.0, 1e9]))]),
    }


@examples(60)
@given(packings())
def test_at_no_instant_more_enters_a_link_than_it_had_room_for(case: dict[str, np.ndarray]) -> None:
    before, start, links, left0 = case["free"], case["start"], case["links"], case["left"]
    n_routes, n_bins = len(start) - 1, before.shape[1]
    whole, split = np.floor(case["offset"]).astype(np.int64), case["offset"] % 1 > 0
    free, used, left, beds = before.copy(), np.zeros((n_routes, n_bins)), left0.copy(), case["beds"].copy()
    every = np.arange(n_routes)
    may = np.ones((n_routes, n_bins), dtype=np.bool_)
    routes = (every, np.zeros(n_routes, dtype=np.int64), start, links, whole, split)
    limits = (may, may[:1], np.zeros(n_routes, dtype=np.int64), np.zeros(n_routes, dtype=np.bool_))
    fit_routes(free, used, every[::-1].copy(), *routes, case["wanted"], *limits, left, beds, np.ones(n_routes))
    assert (used <= case["wanted"] + 1e-12).all()
    fill_routes(free, used, np.arange(n_routes + 1), every, *routes, *limits, left, beds, np.ones(n_routes), 1e-5)
    assert used.sum(axis=1) + left == pytest.approx(left0)
    assert used.sum() + beds[0] == pytest.approx(case["beds"][0])
    assert (left >= -1e-12).all()
    assert (beds >= -1e-12).all()
    for instant in np.arange(0.05, n_bins, 0.1):  # bins; offsets are multiples of 0.1
        entering = np.zeros(len(before))
        for r in range(n_routes):
            for i in range(start[r], start[r + 1]):
                k = int(np.floor(instant - case["offset"][i]))
                if 0 <= k < n_bins:
                    entering[links[i]] += used[r, k]
        assert (entering <= before[:, int(instant)] + 1e-9).all()


def test_rates_that_may_spread_carry_on_a_link_what_its_average_does() -> None:
    # one route takes over from another: 6 in bins 2 to 5, then 6 in bins 6 to 9; together always 6
    wanted = np.zeros((2, 12))
    wanted[0, 2:6] = wanted[1, 6:10] = 6.0
    always, zone = np.ones((1, 12), dtype=np.bool_), np.zeros(2, dtype=np.int64)
    kept = wanted.copy()
    smooth_rates(kept, always, zone, 1, np.zeros(2, dtype=np.bool_))
    assert (kept == wanted).all()  # mirrored at both ends: as before
    smooth_rates(wanted, always, zone, 1, np.ones(2, dtype=np.bool_))
    assert wanted[0, 1:8].tolist() == [2, 4, 6, 6, 4, 2, 0]
    assert wanted.sum(axis=0)[3:9].tolist() == [6.0] * 6
    assert wanted.sum(axis=1).tolist() == [24.0, 24.0]
