"""Statistics, sensitivity and leeway against values worked by hand or published."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from clearway.model.uncertainty import Distribution, Factor, Target, Uncertainty
from clearway.stress import Case, Here, Record, future_of
from clearway.stress.leeway import asked_zones, leeway, leeway_jobs
from clearway.stress.sensitivity import sensitivity, sensitivity_jobs
from clearway.stress.summary import describe, tail_mean, wilson


def test_the_worst_five_percent_on_average() -> None:
    values = np.arange(1.0, 41.0)  # 40 values: the worst 2
    assert tail_mean(values, True) == 1.5
    assert tail_mean(values, False) == 39.5
    assert tail_mean(np.arange(1.0, 31.0), True) == pytest.approx((1 + 0.5 * 2) / 1.5)  # the second counts half


def test_figures_of_a_known_sample() -> None:
    found = describe(list(np.arange(1.0, 101.0)), True)
    assert found["mean"]["value"] == 50.5
    assert [found[f"quantile_{q}"]["value"] for q in ("05", "50", "95")] == [5, 50, 95]
    assert found["cvar_05"]["value"] == 3
    low, high = found["mean"]["interval_95"]
    half = 1.96 * np.arange(1.0, 101.0).std(ddof=1) / 10
    assert (low, high) == pytest.approx((50.5 - half, 50.5 + half), abs=1.0)


def test_what_never_comes_is_not_averaged() -> None:
    found = describe([1.0] * 9 + [math.inf], False)
    assert found["mean"]["value"] is None
    assert found["cvar_05"]["value"] is None
    assert found["quantile_50"]["value"] == 1
    assert found["never"] == 1


@pytest.mark.parametrize(
    ("good", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (29, 29, 0.8830, 1.0)],
)
def test_wilson_intervals_as_published(good: int, n: int, low: float, high: float) -> None:
    """The first three of Newcombe (1998), Statistics in Medicine 17: 857-872, table I; the last is n / (n + 1.96^2)."""
    assert wilson(good, n) == pytest.approx((low, high), abs=6e-5)


def test_sensitivity_of_a_sum() -> None:
    """3 a + b of two uniform inputs: a makes 9 / 10 of the variance, b the rest, and nothing is shared."""
    even = Distribution("uniform", (("low", 0.0), ("high", 1.0)))
    found = Uncertainty(factors=tuple(Factor(name, "beds", Target("all"), even) for name in "ab"))
    done: dict[str, Record] = {}
    for job in sensitivity_jobs(found, 256, 0):
        value = 3 * job.shares[0] + job.shares[1]
        done[job.key] = {"safe": value, "not_reached": 0, "trapped": 0, "turned_away": 0, "last_arrival_s": value}
    answer = sensitivity(found, 256, done)
    rows = {row["name"]: row for row in answer["outputs"]["persons_safe"]["inputs"]}
    assert rows["a"]["first_order"]["value"] == pytest.approx(0.9, abs=0.02)
    assert rows["b"]["total"]["value"] == pytest.approx(0.1, abs=0.02)
    assert rows["chance of individuals"]["total"]["value"] == pytest.approx(0, abs=1e-9)
    for row in rows.values():
        for order in ("first_order", "total"):
            low, high = row[order]["interval_95"]
            assert low <= row[order]["value"] + 1e-9
            assert row[order]["value"] <= high + 1e-9
    assert answer["futures"] == len(done) == 256 * 5
    assert answer["outputs"]["persons_not_out"] == {"varies": False, "inputs": []}


def test_chances_of_later_starts(case_with: Callable[[str], Case]) -> None:
    """The last arrives 40 minutes after the start: all get out if the bridge lasts 40 minutes and the delay."""
    case = case_with(
        '\n[[uncertainty.loss]]\ntarget = "crossing:bridge"\n'
        'time_h = { distribution = "uniform", low = 0.5, high = 2.5 }\n'
    )
    delays = (0.0, 900.0, 1800.0, 3600.0, 7200.0)
    zones = asked_zones(case.scenario, case.plan)
    assert zones == [-1, 0]
    jobs = leeway_jobs(case.uncertainty, 3, 60, zones, delays)
    done: dict[str, Record] = {}
    Here().do(case, jobs, done.__setitem__)
    found = leeway(case.scenario, done, 60, zones, delays, 0.5)
    lost = np.array([future_of(case.uncertainty, job.shares).losses[0].from_s for job in jobs[:: len(zones)]])
    for row in found["starts"]:
        assert [point["value"] for point in row["curve"]] == [
            pytest.approx((lost > 2400 + delay).mean(), abs=1 / 60) for delay in delays
        ]
        assert row["latest_start_s"] in (900.0, 1800.0)  # 0.79 and 0.67 and 0.42 by hand: the hour is too late
    assert found["starts"][1]["name"] == "Town"
    assert leeway(case.scenario, done, 60, zones, delays, 0.999)["starts"][0]["latest_start_s"] is None
