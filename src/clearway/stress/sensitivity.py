"""Which uncertainty matters most: variance-based sensitivity, by SciPy's Sobol' indices."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from clearway.errors import UsageError
from clearway.model.network import FloatArray
from clearway.model.uncertainty import Uncertainty
from clearway.stress.job import Job, Record
from clearway.stress.summary import not_out, rounded

OUTPUTS: dict[str, Callable[[Record], float]] = {
    "persons_safe": lambda r: float(r["safe"]),
    "persons_not_out": not_out,
    "last_arrival_s": lambda r: float(r["last_arrival_s"]),
}
N_RESAMPLES = 200
RESAMPLING_SEED = 20_221_020
WIDE = 0.2  # an interval wider than that says little about an index between 0 and 1


def sensitivity_jobs(uncertainty: Uncertainty, n: int, seed: int) -> list[Job]:
    """
    n x (groups + 2) futures: two independent samples of scrambled Sobol' points, and the first with each group of
    inputs taken from the second (Saltelli et al. 2010). ``n`` is a power of 2.

    Inputs that are correlated count as one: only independent ones share out a variance.
    """
    qmc = scipy_stats().qmc
    n_inputs = len(uncertainty.inputs)
    points = qmc.Sobol(2 * n_inputs, scramble=True, rng=np.random.default_rng([seed, 0x50B01])).random(n)
    first, second = points[:, :n_inputs], points[:, n_inputs:]
    jobs = [Job(f"s:A:{j}", tuple(row)) for j, row in enumerate(first.tolist())]
    jobs += [Job(f"s:B:{j}", tuple(row)) for j, row in enumerate(second.tolist())]
    for g, (_, members) in enumerate(uncertainty.groups):
        mixed = first.copy()
        mixed[:, members] = second[:, members]
        jobs += [Job(f"s:{g}:{j}", tuple(row)) for j, row in enumerate(mixed.tolist())]
    return jobs


def scipy_stats() -> Any:
    """scipy.stats; UsageError where it is not installed."""
    try:
        from scipy import stats
    except ImportError:
        raise UsageError(
            "what matters most is worked out by SciPy: pip install 'clearway[stress]', or leave it out: --sensitivity 0"
        ) from None
    return stats


def sensitivity(uncertainty: Uncertainty, n: int, done: Mapping[str, Record]) -> dict[str, Any]:
    """
    First-order and total indices of every group for each output, with 95 % intervals (bootstrap over the points).

    The first order is the share of the variance that would go if that alone were known; the total, the share that would
    stay if that alone were not.
    """
    groups = uncertainty.groups
    found: dict[str, Any] = {"base_sample": n, "futures": n * (len(groups) + 2), "outputs": {}}
    widest = 0.0
    for name, value in OUTPUTS.items():
        f_a, f_b = (np.array([value(done[f"s:{which}:{j}"]) for j in range(n)]) for which in "AB")
        f_ab = np.array([[value(done[f"s:{g}:{j}"]) for j in range(n)] for g in range(len(groups))])
        if np.ptp(np.concatenate((f_a, f_b))) < 1e-9:
            found["outputs"][name] = {"varies": False, "inputs": []}
            continue
        first, total = indices(f_a, f_b, f_ab)
        lows, highs = intervals(f_a, f_b, f_ab)
        rows = [
            {
                "name": group,
                "first_order": {"value": rounded(float(first[g])), "interval_95": span(lows[0, g], highs[0, g])},
                "total": {"value": rounded(float(total[g])), "interval_95": span(lows[1, g], highs[1, g])},
            }
            for g, (group, _) in enumerate(groups)
        ]
        widest = max(widest, float((highs - lows)[:, :].max()))
        rows.sort(key=lambda row: -row["total"]["value"])  # type: ignore[index]
        found["outputs"][name] = {"varies": True, "inputs": rows}
    found["widest_interval"] = rounded(widest)
    found["sample_too_small"] = widest > WIDE
    return found


def span(low: float, high: float) -> list[float | None]:
    return [rounded(float(low)), rounded(float(high))]


def indices(f_a: FloatArray, f_b: FloatArray, f_ab: FloatArray) -> tuple[FloatArray, FloatArray]:
    """First-order and total indices, float64[n_groups] each, from float64[n], float64[n], float64[n_groups, n]."""
    stats = scipy_stats()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of resamples that happen not to vary
        found = stats.sobol_indices(
            func={"f_A": f_a[None, :], "f_B": f_b[None, :], "f_AB": f_ab[:, None, :]}, n=len(f_a)
        )
    return np.ravel(found.first_order), np.ravel(found.total_order)


def intervals(f_a: FloatArray, f_b: FloatArray, f_ab: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Low and high ends, float64[2, n_groups] each (first order, total), of 95 % bootstrap intervals."""
    rng = np.random.default_rng(RESAMPLING_SEED)
    found = []
    for _ in range(N_RESAMPLES):
        rows = rng.integers(0, len(f_a), len(f_a))
        if np.ptp(f_a[rows]) > 0 or np.ptp(f_b[rows]) > 0:
            found.append(np.array(indices(f_a[rows], f_b[rows], f_ab[:, rows])))
    spread = np.nan_to_num(np.array(found))
    low, high = np.quantile(spread, (0.025, 0.975), axis=0)
    return low, high
