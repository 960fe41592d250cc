"""Futures: what may come, drawn by seed and number alone."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from clearway.model.uncertainty import BeliefState, Loss, Uncertainty

Shares = tuple[float, ...]  # one number in (0, 1) for each input of an uncertainty
NORMAL = NormalDist()
LEAST_SHARE = 2.0**-53


@dataclass(frozen=True, slots=True)
class TargetLoss:
    """A target of a loss that is taken: the capacity factor that is left in [from_s, until_s)."""

    loss: int  # index into Uncertainty.losses
    target: int  # index into its targets
    from_s: float
    until_s: float
    left: float


@dataclass(frozen=True, slots=True)
class Future:
    """
    One future: what each uncertainty comes to.

    Attributes
    ----------
    losses : those that happen
    factors, settings : a value for each of the uncertainty's
    states : for each of its belief states, the span's outcomes: "closed", "limited" or "open"
    seed : of the simulation's own draws
    """

    losses: tuple[TargetLoss, ...]
    factors: tuple[float, ...]
    settings: tuple[float, ...]
    states: tuple[tuple[str, ...], ...]
    seed: int


def draw(uncertainty: Uncertainty, seed: int, number: int) -> Shares:
    """
    The shares of a future, by seed and number alone; independent of how many futures there are and who computes them.

    Each input has a stream of its own, by its name: one uncertainty more changes nobody else's draw. Counter-based
    generator Philox (Salmon et al. 2011).
    """
    shares = []
    for name in uncertainty.inputs:
        source = np.random.SeedSequence([seed, zlib.crc32(name.encode())], spawn_key=(number,))
        shares.append(float(np.random.Generator(np.random.Philox(source)).random()))
    return tuple(shares)


def correlated(uncertainty: Uncertainty, shares: Shares) -> Shares:
    """
    Shares with the stated correlations, from independent ones: a Gaussian copula.

    Marginal distributions stay as they are. Shares are kept within (0, 1).
    """
    found = [min(max(u, LEAST_SHARE), 1.0 - LEAST_SHARE) for u in shares]
    places, lower = uncertainty.mixing
    scores = [NORMAL.inv_cdf(found[i]) for i in places]
    for i, row in zip(places, lower, strict=True):
        mixed = NORMAL.cdf(sum(a * b for a, b in zip(row, scores, strict=True)))
        found[i] = min(max(mixed, LEAST_SHARE), 1.0 - LEAST_SHARE)
    return tuple(found)


def future_of(uncertainty: Uncertainty, shares: Shares) -> Future:
    """The future that independent shares (float for each input, 0 to 1) stand for."""
    share = dict(zip(uncertainty.inputs, correlated(uncertainty, shares), strict=True))
    losses = [one for i, loss in enumerate(uncertainty.losses) for one in losses_of(i, loss, share)]
    return Future(
        losses=tuple(losses),
        factors=tuple(one.factor.quantile(share[one.name]) for one in uncertainty.factors),
        settings=tuple(one.value.quantile(share[one.name]) for one in uncertainty.settings),
        states=tuple(states_of(one, share[one.name]) for one in uncertainty.states),
        seed=int(shares[-1] * 2.0**32),
    )


def losses_of(index: int, loss: Loss, share: dict[str, float]) -> list[TargetLoss]:
    """
    What a loss takes. Its share says when: the smaller the earlier, from its probability on never.
    """
    u = share[loss.name]
    if u >= loss.probability:
        return []
    begin = loss.time_s.quantile(min(max(u / loss.probability, LEAST_SHARE), 1.0 - LEAST_SHARE))
    left = loss.left.quantile(share.get(f"{loss.name}: left", 0.5))
    lasts = math.inf
    if loss.lasts_s is not None:
        lasts = loss.lasts_s.quantile(share.get(f"{loss.name}: lasts", 0.5))
    if not lasts > 0:
        return []
    taken = [
        i for i, target in enumerate(loss.targets) if loss.each >= 1 or share[f"{loss.name}: {target}"] < loss.each
    ]
    kinds = [loss.targets[i].kind for i in taken]
    return [
        TargetLoss(index, i, begin, begin + lasts, 0.0 if kind == "site" else left)
        for i, kind in zip(taken, kinds, strict=True)
    ]


def states_of(state: BeliefState, u: float) -> tuple[str, ...]:
    """The state in each span: the smaller the share, the worse."""
    return tuple(
        "closed" if u < span.closed else "limited" if u < span.closed + span.limited else "open" for span in state.spans
    )


def values_of(uncertainty: Uncertainty, future: Future) -> dict[str, float | str | None]:
    """
    What each uncertainty comes to, by name: hours until a loss (None: never), a factor, a setting (hours where it is a
    time), the state of each span.
    """
    values: dict[str, float | str | None] = {}
    for i, loss in enumerate(uncertainty.losses):
        taken = [one for one in future.losses if one.loss == i]
        values[loss.name] = taken[0].from_s / 3600.0 if taken else None
        if taken and (loss.each < 1):
            values[f"{loss.name}: takes"] = ";".join(str(loss.targets[one.target]) for one in taken)
    for factor, value in zip(uncertainty.factors, future.factors, strict=True):
        values[factor.name] = value
    for setting, value in zip(uncertainty.settings, future.settings, strict=True):
        values[setting.name] = value / 3600.0 if setting.setting.endswith("_s") else value
    for state, found in zip(uncertainty.states, future.states, strict=True):
        values[state.name] = ";".join(found)
    return values
