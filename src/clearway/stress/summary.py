"""What many futures say together: means, quantiles, tails, each with its sampling error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from clearway.model.network import FloatArray
from clearway.stress.job import Record

TAIL = 0.05
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
N_RESAMPLES = 400
RESAMPLING_SEED = 20_221_019
Z_95 = 1.959963984540054  # standard normal quantile of 97.5 %


def not_out(record: Record) -> float:
    """Persons who set out, or would, and are not safe: on the road, at home, trapped, turned away."""
    return float(record["not_reached"] + record["trapped"] + record["turned_away"])


def tail_mean(values: FloatArray, is_low_bad: bool) -> FloatArray:
    """
    Mean of the worst 5 % along the last axis: CVaR, or expected shortfall (Rockafellar & Uryasev 2000).

    Where 5 % is no whole number of futures, the last one counts in part.
    """
    ordered = np.sort(values if is_low_bad else -values, axis=-1)
    share = TAIL * values.shape[-1]
    whole = math.floor(share + 1e-9)
    weights = np.zeros(values.shape[-1])
    weights[:whole] = 1.0
    if whole < len(weights) and share - whole > 1e-9:
        weights[whole] = share - whole
    with np.errstate(invalid="ignore"):
        found: FloatArray = np.where(weights > 0, ordered * weights, 0.0).sum(axis=-1) / weights.sum()
    return found if is_low_bad else -found


def describe(values: Sequence[float], is_low_bad: bool) -> dict[str, Any]:
    """
    Mean, spread, quantiles and CVaR of values of all futures, each with its 95 % interval (percentile bootstrap, Efron
    1979). inf: never; where that decides a figure it is None.
    """
    x = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(RESAMPLING_SEED)
    n_at_once = max(1, min(N_RESAMPLES, 4_000_000 // max(len(x), 1)))
    parts = []
    for begin in range(0, N_RESAMPLES, n_at_once):
        n = min(n_at_once, N_RESAMPLES - begin)
        drawn = x[rng.integers(0, len(x), (n, len(x)))]
        parts.append(statistics(drawn, is_low_bad))
    resampled = np.concatenate(parts, axis=1)
    own = statistics(x[None, :], is_low_bad)[:, 0]
    names = ("mean", *(f"quantile_{round(100 * q):02d}" for q in QUANTILES), "cvar_05")
    found: dict[str, Any] = {"n": len(x)}
    for name, value, all_of_it in zip(names, own, resampled, strict=True):
        ordered = np.sort(all_of_it)
        low, high = (float(ordered[int(q * (len(ordered) - 1))]) for q in (0.025, 0.975))
        found[name] = {"value": rounded(float(value)), "interval_95": [rounded(low), rounded(high)]}
    finite = x[np.isfinite(x)]
    found["sd"] = rounded(float(finite.std(ddof=1))) if len(finite) == len(x) > 1 else None
    found["least"], found["most"] = rounded(float(x.min())), rounded(float(x.max()))
    found["never"] = int(len(x) - len(finite))
    return found


def statistics(samples: FloatArray, is_low_bad: bool) -> FloatArray:
    """float64[7, n_samples]: mean, quantiles and CVaR of each row; quantiles are values that occur."""
    ordered = np.sort(samples, axis=1)
    n = samples.shape[1]
    rows = [samples.mean(axis=1)]
    rows += [ordered[:, min(max(math.ceil(q * n - 1e-9) - 1, 0), n - 1)] for q in QUANTILES]
    rows.append(tail_mean(samples, is_low_bad))
    return np.array(rows)


def rounded(number: float) -> float | None:
    """To ten digits; None where it is not finite."""
    return float(f"{number:.10g}") if math.isfinite(number) else None


def wilson(n_good: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a chance that came up ``n_good`` times of ``n`` (Wilson 1927)."""
    if n == 0:
        return 0.0, 1.0
    share, spread = n_good / n, Z_95 * Z_95 / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z_95 * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return (0.0 if n_good == 0 else centre - half), (1.0 if n_good == n else centre + half)


def chance(n_good: int, n: int) -> dict[str, Any]:
    """A chance with its interval."""
    low, high = wilson(n_good, n)
    return {"value": n_good / n if n else None, "interval_95": [rounded(low), rounded(high)], "futures": n}


def worst_first(records: Sequence[Record]) -> list[int]:
    """Numbers of futures, the worst first: by persons not out, then by persons safe, then by the last arrival."""
    return sorted(
        range(len(records)),
        key=lambda k: (-not_out(records[k]), records[k]["safe"], -records[k]["last_arrival_s"], k),
    )


def summarise(records: Sequence[Record]) -> dict[str, Any]:
    """The distributions of all results."""
    never = math.inf
    return {
        "persons_safe": describe([r["safe"] for r in records], True),
        "persons_departing": describe([r["departing"] for r in records], True),
        "persons_not_out": describe([not_out(r) for r in records], False),
        "persons_not_reached": describe([r["not_reached"] for r in records], False),
        "persons_trapped": describe([r["trapped"] for r in records], False),
        "persons_turned_away": describe([r["turned_away"] for r in records], False),
        "clearance_time_s": describe([value_or(r["clearance_time_s"], never) for r in records], False),
        "time_90_s": describe([value_or(r["time_90_s"], never) for r in records], False),
        "last_arrival_s": describe([r["last_arrival_s"] for r in records], False),
        "all_out": chance(sum(not_out(r) <= 0.5 for r in records), len(records)),
    }


def value_or(value: float | None, other: float) -> float:
    return other if value is None else float(value)
