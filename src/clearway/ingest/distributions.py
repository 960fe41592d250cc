"""Distributions as scenario.toml states them: a number, or a table with ``distribution`` and its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clearway.ingest.faults import did_you_mean, show
from clearway.ingest.settings import is_finite
from clearway.model.uncertainty import Distribution

PARAMETERS = {  # kind -> required, optional
    "uniform": (("low", "high"), ()),
    "triangular": (("low", "mode", "high"), ()),
    "normal": (("mean", "sd"), ("low", "high")),
    "lognormal": (("median", "sigma"), ("low", "high")),
    "exponential": (("mean",), ("low",)),
    "weibull": (("shape", "scale"), ("low",)),
    "choice": (("values",), ("weights",)),
}
POSITIVE = ("sd", "sigma", "median", "shape", "scale")
EXPECTED = 'a number or a table such as { distribution = "triangular", low = 0.8, mode = 0.95, high = 1 }'

FaultOf = Callable[[str, str], None]  # field below the key (or empty), message


def read_distribution(value: object, least: float, most: float, unit_s: float, fault: FaultOf) -> Distribution | None:
    """
    A distribution whose values lie within ``least`` to ``most`` (in the file's unit), None where it is faulty.

    ``unit_s`` is what one of the file's units is in ours (3600 for hours to seconds).
    """
    if is_finite(value):
        found = Distribution("constant", (("value", float(value)),))  # type: ignore[arg-type]
        return within(found, least, most, unit_s, fault)
    if not isinstance(value, dict):
        fault("", f"found {show(value)}, expected {EXPECTED}")
        return None
    kind = value.get("distribution")
    if kind not in PARAMETERS:
        hint = did_you_mean(kind, tuple(PARAMETERS)) if isinstance(kind, str) else ""
        fault("distribution", f"found {show(kind)}, expected one of {', '.join(PARAMETERS)}{hint}")
        return None
    found_or_none = read_choice(value, fault) if kind == "choice" else read_parameters(kind, value, fault)
    return None if found_or_none is None else within(found_or_none, least, most, unit_s, fault)


def read_parameters(kind: str, value: dict[str, object], fault: FaultOf) -> Distribution | None:
    """The parameters of all kinds but choice."""
    required, optional = PARAMETERS[kind]
    is_sound = refuse_unknown(value, ("distribution", *required, *optional), fault)
    numbers: dict[str, float] = {}
    for name in (*required, *optional):
        number = value.get(name)
        if number is None and name in optional:
            continue
        if not is_finite(number) or (name in POSITIVE and not number > 0):  # type: ignore[operator]
            expected = "a number above 0" if name in POSITIVE else "a number"
            fault(name, f"found {'nothing' if number is None else show(number)}, expected {expected}")
            is_sound = False
        else:
            numbers[name] = float(number)  # type: ignore[arg-type]
    if not is_sound:
        return None
    if "high" in numbers and "low" in numbers and not numbers["low"] < numbers["high"]:
        fault("high", f"found {numbers['high']:g}, expected more than low ({numbers['low']:g})")
        return None
    if kind == "triangular" and not numbers["low"] <= numbers["mode"] <= numbers["high"]:
        fault("mode", f"found {numbers['mode']:g}, expected a number from low to high")
        return None
    if kind == "exponential" and not numbers["mean"] > 0:
        fault("mean", f"found {numbers['mean']:g}, expected a number above 0: how long after low, on average")
        return None
    if cuts_all_off(kind, numbers):
        fault("low", "found a range in which nearly none of its values lie, expected one near its middle")
        return None
    return Distribution(kind, tuple(numbers.items()))


def cuts_all_off(kind: str, numbers: dict[str, float]) -> bool:
    """Whether a normal or lognormal is cut off so far out that its values cannot be computed well."""
    from math import inf, log

    if kind not in ("normal", "lognormal"):
        return False
    is_log = kind == "lognormal"
    centre = log(numbers["median"]) if is_log else numbers["mean"]
    spread = numbers["sigma" if is_log else "sd"]
    low, high = numbers.get("low", -inf), numbers.get("high", inf)
    if is_log:
        low, high = log(low) if low > 0 else -inf, (log(high) if 0 < high < inf else (inf if high > 0 else -inf))
    return (low - centre) / spread > 6 or (high - centre) / spread < -6


def read_choice(value: dict[str, Any], fault: FaultOf) -> Distribution | None:
    """A choice among values, by weight."""
    values, weights = value.get("values"), value.get("weights")
    is_sound = refuse_unknown(value, ("distribution", "values", "weights"), fault)
    if not isinstance(values, list) or not values or not all(map(is_finite, values)):
        fault("values", f"found {show(values)}, expected a list of numbers")
        return None
    if weights is None:
        weights = [1] * len(values)
    fits = isinstance(weights, list) and len(weights) == len(values) and all(map(is_finite, weights))
    if not fits or min(weights) < 0 or not sum(weights) > 0:
        fault("weights", f"found {show(weights)}, expected {len(values)} numbers from 0, not all of them 0")
        return None
    if not is_sound:
        return None
    return Distribution("choice", (), tuple(map(float, values)), tuple(map(float, weights)))


def refuse_unknown(value: dict[str, object], known: tuple[str, ...], fault: FaultOf) -> bool:
    """Note parameters that this distribution does not have."""
    unknown = [name for name in value if name not in known]
    for name in unknown:
        fault(name, f"is not known here, expected {', '.join(known)}{did_you_mean(name, known)}")
    return not unknown


def within(found: Distribution, least: float, most: float, unit_s: float, fault: FaultOf) -> Distribution | None:
    """The distribution in our units, None where its values leave the range."""
    low, high = found.support()
    if low < least or high > most:
        span = f"{least:g} or more" if most == float("inf") else f"from {least:g} to {most:g}"
        reach = f"{low:g}" if low == high else f"values from {low:g} to {high:g}"
        hint = "; set low and high" if found.kind in ("normal", "lognormal") else ""
        fault("", f"found {reach}, expected {span}{hint}")
        return None
    return found if unit_s == 1.0 else scaled(found, unit_s)


def scaled(found: Distribution, factor: float) -> Distribution:
    """The distribution of ``factor`` times the number."""
    kept = ("sigma", "shape")
    parameters = tuple((name, x if name in kept else x * factor) for name, x in found.parameters)
    return Distribution(found.kind, parameters, tuple(x * factor for x in found.values), found.weights)
