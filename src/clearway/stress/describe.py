"""Uncertainties and futures as JSON can hold them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clearway.model.uncertainty import Distribution, Uncertainty
from clearway.stress.futures import draw, future_of, values_of
from clearway.stress.job import Record
from clearway.stress.summary import not_out, worst_first


def distribution_words(found: Distribution, unit_s: float = 1.0) -> str:
    """A distribution in a few words: "triangular, low 0.8, mode 1, high 1.25"."""
    kept = ("sigma", "shape")
    if found.is_constant:
        return f"{found.get('value') / unit_s:g}"
    if found.kind == "choice":
        pairs = zip(found.values, found.weights, strict=True)
        return "choice of " + ", ".join(f"{value / unit_s:g} (weight {weight:g})" for value, weight in pairs)
    words = [f"{name} {value if name in kept else value / unit_s:g}" for name, value in found.parameters]
    return ", ".join([found.kind, *words])


def uncertainties_of(uncertainty: Uncertainty) -> list[dict[str, str]]:
    """Name, what is stated, and the reason, of everything uncertain."""
    found = []
    for loss in uncertainty.losses:
        stated = f"lost with probability {loss.probability:g}, hours from the start: "
        stated += distribution_words(loss.time_s, 3600.0)
        if loss.lasts_s is not None:
            stated += f"; for hours: {distribution_words(loss.lasts_s, 3600.0)}"
        if loss.each < 1:
            stated += f"; each target with probability {loss.each:g}"
        if not (loss.left.is_constant and loss.left.get("value") == 0):
            stated += f"; capacity factor left: {distribution_words(loss.left)}"
        targets = ", ".join(map(str, loss.targets))
        found.append({"name": loss.name, "target": targets, "stated": stated, "reason": loss.reason})
    for factor in uncertainty.factors:
        stated = f"{factor.kind} times: {distribution_words(factor.factor)}"
        found.append({"name": factor.name, "target": str(factor.target), "stated": stated, "reason": factor.reason})
    for one in uncertainty.settings:
        is_time = one.setting.endswith("_s")
        words = distribution_words(one.value, 3600.0 if is_time else 1.0)
        found.append({"name": one.name, "target": "behaviour", "stated": words, "reason": one.reason})
    for state in uncertainty.states:
        stated = "; ".join(
            f"closed {span.closed:.0%}, limited {span.limited:.0%} from hour {span.from_s / 3600:g}"
            for span in state.spans
        )
        row = {"name": state.name, "target": str(state.target), "stated": stated, "reason": "as the ledger has it"}
        found.append(row)
    for pair in uncertainty.correlations:
        name = f"{pair.first} with {pair.second}"
        stated = f"correlation of normal scores {pair.value:g}"
        found.append({"name": name, "target": "correlation", "stated": stated, "reason": ""})
    return found


def future_values(uncertainty: Uncertainty, seed: int, number: int) -> dict[str, float | str | None]:
    """What each uncertainty comes to in a future."""
    return values_of(uncertainty, future_of(uncertainty, draw(uncertainty, seed, number)))


def worst_of(records: Sequence[Record], uncertainty: Uncertainty, seed: int, n: int) -> list[dict[str, Any]]:
    """The worst futures, by number, with what happened and what each uncertainty came to."""
    return [
        {
            "future": k,
            "persons_safe": records[k]["safe"],
            "persons_not_out": not_out(records[k]),
            "persons_trapped": records[k]["trapped"],
            "last_arrival_s": records[k]["last_arrival_s"],
            "uncertainties": future_values(uncertainty, seed, k),
        }
        for k in worst_first(records)[:n]
    ]
