"""Futures and what they do to a scenario, against cases worked by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stress.conftest import EVERYTHING

from clearway.model.uncertainty import Correlation, Distribution, Factor, Target, Uncertainty
from clearway.stress import Case, draw, future_of
from clearway.stress.futures import correlated

DISTRIBUTIONS = (
    Distribution("uniform", (("low", 2.0), ("high", 6.0))),
    Distribution("triangular", (("low", 0.0), ("mode", 1.0), ("high", 4.0))),
    Distribution("normal", (("mean", 1.0), ("sd", 2.0), ("low", 0.0), ("high", 5.0))),
    Distribution("lognormal", (("median", 4.0), ("sigma", 0.5))),
    Distribution("exponential", (("mean", 3.0), ("low", 1.0))),
    Distribution("weibull", (("shape", 2.0), ("scale", 3.0))),
    Distribution("choice", (), (1.0, 2.0, 4.0), (1.0, 2.0, 1.0)),
)


@pytest.mark.parametrize(
    ("distribution", "share", "expected"),
    [
        (DISTRIBUTIONS[0], 0.25, 3.0),
        (DISTRIBUTIONS[1], 0.25, 1.0),  # the triangle's area left of its mode: 1 / 4
        (DISTRIBUTIONS[1], 0.75, 4 - math.sqrt(3)),  # (4 - x)^2 / (4 x 3) = 1 / 4
        (Distribution("normal", (("mean", 1.0), ("sd", 2.0))), 0.975, 1 + 2 * 1.959963984540054),
        (DISTRIBUTIONS[3], 0.5, 4.0),
        (DISTRIBUTIONS[4], 0.5, 1 + 3 * math.log(2)),
        (DISTRIBUTIONS[5], 1 - math.exp(-1), 3.0),  # a Weibull's scale is its 63 % quantile, whatever the shape
        (DISTRIBUTIONS[6], 0.24, 1.0),
        (DISTRIBUTIONS[6], 0.26, 2.0),
        (DISTRIBUTIONS[6], 0.76, 4.0),
    ],
)
def test_quantiles(distribution: Distribution, share: float, expected: float) -> None:
    assert distribution.quantile(share) == pytest.approx(expected, rel=1e-9)


@given(st.sampled_from(DISTRIBUTIONS), st.floats(1e-12, 1 - 1e-12), st.floats(1e-12, 1 - 1e-12))
def test_quantiles_rise_and_keep_to_the_support(found: Distribution, a: float, b: float) -> None:
    low, high = found.support()
    first, second = found.quantile(min(a, b)), found.quantile(max(a, b))
    assert low <= first <= second <= high


def test_a_future_follows_from_seed_and_number_alone(case_with: Callable[[str], Case]) -> None:
    uncertainty = case_with(EVERYTHING).uncertainty
    assert draw(uncertainty, 7, 3) == draw(uncertainty, 7, 3)
    assert draw(uncertainty, 7, 3) != draw(uncertainty, 7, 4) != draw(uncertainty, 8, 4)


def test_one_uncertainty_more_changes_nobody_elses_draw() -> None:
    first = Factor("first", "population", Target("all"), DISTRIBUTIONS[0])
    few, many = Uncertainty(factors=(first,)), Uncertainty(factors=(replace(first, name="other"), first))
    assert draw(few, 1, 5)[0] == draw(many, 1, 5)[1]


def test_correlated_inputs_have_the_stated_correlation_and_stay_uniform() -> None:
    names = ("a", "b", "c")
    factors = tuple(Factor(name, "beds", Target("all"), DISTRIBUTIONS[0]) for name in names)
    found = Uncertainty(factors=factors, correlations=(Correlation("a", "c", 0.8),))
    drawn = np.array([correlated(found, draw(found, 0, k)) for k in range(3000)])
    from statistics import NormalDist

    scores = np.vectorize(NormalDist().inv_cdf)(drawn[:, :3])
    matrix = np.corrcoef(scores.T)
    assert matrix[0, 2] == pytest.approx(0.8, abs=0.03)
    assert abs(matrix[0, 1]) < 0.06
    for column in drawn.T:  # Kolmogorov-Smirnov distance, 1 % critical value 1.63 / sqrt(n)
        assert np.abs(np.sort(column) - np.arange(1, 3001) / 3000).max() < 1.63 / math.sqrt(3000)
    assert found.groups[0] == ("a + c", (0, 2))


def test_losses_come_as_often_and_as_late_as_stated(case_with: Callable[[str], Case]) -> None:
    uncertainty = case_with(EVERYTHING).uncertainty
    futures = [future_of(uncertainty, draw(uncertainty, 0, k)) for k in range(2000)]
    times = np.array([future.losses[0].from_s for future in futures if future.losses])
    assert len(times) / 2000 == pytest.approx(0.5, abs=0.03)
    assert times.min() >= 0.2 * 3600
    assert times.max() <= 1.2 * 3600
    assert times.mean() == pytest.approx(0.7 * 3600, rel=0.03)


def only(kind: str, text: str) -> str:
    return f"\n[[uncertainty.{kind}]]\n{text}\n"


def test_a_bridge_lost_after_20_minutes(case_with: Callable[[str], Case]) -> None:
    """One vehicle enters each 3 s and takes 600 s: by 1,200 s 200 are over, 200 on it, 200 at home."""
    case = case_with(only("loss", f'target = "crossing:bridge"\ntime_h = {1 / 3}'))
    tally = case.drive(future_of(case.uncertainty, draw(case.uncertainty, 0, 0))).tally
    assert tally.safe == pytest.approx(400, abs=4)
    assert tally.trapped == pytest.approx(400, abs=4)
    assert tally.at_home == pytest.approx(400, abs=4)
    assert tally.unaccounted == pytest.approx(0, abs=1e-6)


def test_a_loss_that_ends_lets_the_rest_through(case_with: Callable[[str], Case]) -> None:
    case = case_with(only("loss", f'target = "crossing:bridge"\ntime_h = {1 / 3}\nlasts_h = 1'))
    outcome = case.drive(future_of(case.uncertainty, draw(case.uncertainty, 0, 0)))
    assert outcome.tally.safe == pytest.approx(800, abs=4)
    assert outcome.last_arrival_s == pytest.approx(1200 + 3600 + 200 * 3 + 600, abs=10)


def test_half_the_capacity_takes_twice_as_long_to_let_them_in(case_with: Callable[[str], Case]) -> None:
    case = case_with(only("capacity", 'target = "crossing:bridge"\nfactor = 0.5'))
    outcome = case.drive(future_of(case.uncertainty, draw(case.uncertainty, 0, 0)))
    assert outcome.last_arrival_s == pytest.approx(600 * 6 + 600, rel=0.01)


def test_half_as_many_people_again(case_with: Callable[[str], Case]) -> None:
    case = case_with(only("population", 'target = "zone:town"\nfactor = 1.5'))
    outcome = case.drive(future_of(case.uncertainty, draw(case.uncertainty, 0, 0)))
    assert outcome.tally.total == outcome.tally.safe == pytest.approx(1800)
    assert outcome.last_arrival_s == pytest.approx(900 * 3 + 600, rel=0.01)


def test_fewer_beds_than_people(case_with: Callable[[str], Case]) -> None:
    case = case_with(only("beds", "factor = 0.3"))
    tally = case.drive(future_of(case.uncertainty, draw(case.uncertainty, 0, 0))).tally
    assert tally.safe == pytest.approx(600)
    assert tally.turned_away + tally.on_road + tally.at_home == pytest.approx(600)


def test_a_site_that_is_lost_lets_nobody_in(case_with: Callable[[str], Case]) -> None:
    case = case_with(only("loss", 'target = "site:shelter"\ntime_h = 0.3'))
    tally = case.drive(future_of(case.uncertainty, draw(case.uncertainty, 0, 0))).tally
    assert tally.safe == pytest.approx((0.3 * 3600 - 600) / 3 * 2, abs=4)


def test_a_faster_hazard_comes_earlier(case_with: Callable[[str], Case], scenario_with: Callable[[str], Path]) -> None:
    (scenario_with("") / "hazard.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"flood",'
        '"from":"2026-05-01T06:40:00+03:00"},"geometry":{"type":"Polygon","coordinates":'
        "[[[30.05,49.9],[30.1,49.9],[30.1,50.1],[30.05,50.1],[30.05,49.9]]]}}]}"
    )
    case = case_with(only("hazard", "speed = 2"))
    outcome = case.drive(future_of(case.uncertainty, draw(case.uncertainty, 0, 0)))
    assert outcome.tally.safe == pytest.approx(400, abs=4)  # at 20 minutes instead of 40: as with the bridge lost


def test_what_a_ledger_believed_gives_way_to_its_states(
    case_with: Callable[[str], Case], scenario_with: Callable[[str], Path]
) -> None:
    """The plan was told the bridge is closed; where it is open with certainty, everybody gets over."""
    folder = scenario_with("")
    rows = "crossing:bridge,2026-05-01T06:00:00+03:00,,0,{}\n"
    header = "target,from,until,capacity_factor,source\n"
    state = (
        '[uncertainty]\npolicy = "cautious"\n[[uncertainty.state]]\ntarget = "crossing:bridge"\n'
        "from = 2026-05-01T06:00:00+03:00\nopen = 1.0\nlimited = 0.0\nclosed = 0.0\ncontested = false\nreports = []\n"
    )
    (folder / "uncertainty.toml").write_text(state)
    safe = {}
    for source in ("ledger", "assumption"):
        (folder / "availability.csv").write_text(header + rows.format(source))
        case = case_with("")
        safe[source] = case.drive(future_of(case.uncertainty, draw(case.uncertainty, 0, 0))).tally.safe
    assert safe["ledger"] == pytest.approx(1200)
    assert safe["assumption"] == 0  # a row of the user's own stays
