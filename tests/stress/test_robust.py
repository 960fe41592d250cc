"""The measures by which plans are chosen, by hand; and which plans are tried."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.planner.small import planned
from tests.planner.test_hedge import coast

from clearway.model.uncertainty import Distribution, Loss, Target, Uncertainty
from clearway.stress.futures import draw, future_of
from clearway.stress.robust import best, candidates, cvar, fragile_targets, paired_difference

MARGIN_NAMES = ("margin-5", "margin-10", "margin-20", "margin-35")
NO_CAPACITY = Distribution("constant", (("value", 0.0),))


def uncertain(probability: float = 0.5) -> Uncertainty:
    isthmus = Target("crossing", "isthmus", (2,))
    time = Distribution("uniform", (("low", 1800.0), ("high", 3600.0)))
    return Uncertainty((Loss("isthmus lost", (isthmus,), probability, time, NO_CAPACITY),))


def test_cvar_is_the_mean_of_the_worst() -> None:
    persons = np.arange(1.0, 101.0)
    assert cvar(persons, 0.05) == pytest.approx(3.0)  # 1 to 5
    assert cvar(persons, 0.025) == pytest.approx((1 + 2 + 0.5 * 3) / 2.5)  # the third in part
    assert cvar(persons, 1.0) == pytest.approx(persons.mean())
    assert cvar(persons[:10], 0.05) == 1.0  # less than one future: the worst


def test_the_best_is_that_of_the_measure() -> None:
    steady, risky = np.full(100, 50.0), np.concatenate((np.zeros(10), np.full(90, 60.0)))
    assert best([risky, steady], "cvar", 0.05) == 1
    assert best([risky, steady], "expected", 0.05) == 0
    assert best([steady, steady.copy()], "cvar", 0.05) == 0  # the earlier where they are the same


def test_a_difference_over_the_same_futures_is_sharper_than_its_parts() -> None:
    nominal = np.random.default_rng(1).normal(1000, 300, 200)
    none = paired_difference(nominal, nominal, "cvar", 0.05)
    assert (none.value, none.low, none.high) == (0, 0, 0)
    ten = paired_difference(nominal + 10, nominal, "expected", 0.05)
    assert (ten.value, ten.low, ten.high) == pytest.approx((10, 10, 10))
    noisy = paired_difference(nominal + np.random.default_rng(2).normal(10, 200, 200), nominal, "expected", 0.05)
    assert noisy.low < 10 < noisy.high


def test_times_of_loss_are_those_of_the_futures() -> None:
    unknown = uncertain()
    futures = [future_of(unknown, draw(unknown, 1, k)) for k in range(400)]
    (one,) = fragile_targets(unknown, futures)
    assert np.isfinite(one.lost_s).mean() == pytest.approx(0.5, abs=0.06)
    assert one.early(0.25) == pytest.approx(2700, abs=150)  # half of the half
    assert one.early(0.75) == np.inf
    half_left = Distribution("constant", (("value", 0.6),))
    mild = Uncertainty(tuple(replace(loss, left=half_left) for loss in unknown.losses))
    assert fragile_targets(mild, [future_of(mild, draw(mild, 1, k)) for k in range(50)]) == []


def test_candidates_begin_with_the_nominal_plan_and_are_distinct() -> None:
    small, unknown = coast(), uncertain(0.9)
    nominal = planned(small)
    futures = [future_of(unknown, draw(unknown, 1, k)) for k in range(100)]
    found = candidates(small, nominal, fragile_targets(unknown, futures))
    assert found[0].name == "nominal"
    assert found[0].stages == ()
    assert len({each.name for each in found}) == len({each.stages for each in found}) == len(found)
    assert {"early-5", "early-25", "steps", "margin-5"} <= {each.name for each in found}
    # without anything fragile only margins are left
    assert [each.name for each in candidates(small, nominal, [])] == ["nominal", *MARGIN_NAMES]
