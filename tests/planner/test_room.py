"""What movements take of roads, and what is left."""

from __future__ import annotations

import numpy as np
import pytest

from clearway.model.situation import CapacityProfile
from clearway.planner import room
from clearway.planner.slots import Loads


def test_a_load_is_taken_off_a_rate_while_it_lasts() -> None:
    profile = CapacityProfile(np.array([0, 1]), np.array([0.0]), np.array([2.0]))
    none = np.zeros(0, dtype=np.int64)
    loads = Loads(np.array([0]), np.array([10.0]), np.array([30.0]), np.array([0.5]), none, np.zeros(0))
    link, from_s, rate = room.difference(profile, loads)
    assert link.tolist() == [0, 0, 0]
    assert from_s.tolist() == [0.0, 10.0, 30.0]
    assert rate.tolist() == [2.0, 1.5, 2.0]


@pytest.mark.parametrize("at_once", [1, 7, 40, 150])
def test_links_in_parts_give_the_same_as_all_at_once(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    n_links, n = 12, 200
    profile = CapacityProfile(
        np.arange(n_links + 1) * 2, np.tile([0.0, 50.0], n_links), random.uniform(1, 2, 2 * n_links)
    )
    from_s = random.uniform(-5, 90, n)
    link = random.integers(0, n_links, n)
    link[link == 3] = 4  # a link without loads
    none = np.zeros(0, dtype=np.int64)
    loads = Loads(link, from_s, from_s + random.uniform(1, 9, n), random.uniform(0, 0.1, n), none, np.zeros(0))
    whole = room.difference(profile, loads)
    monkeypatch.setattr(room, "MOST_AT_ONCE", at_once)
    for one, other in zip(whole, room.difference(profile, loads), strict=True):
        assert (one == other).all()
