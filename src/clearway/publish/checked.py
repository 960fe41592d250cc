"""What a check finds, in lines for people."""

from __future__ import annotations

import math
from collections.abc import Mapping

from clearway.publish.wording import count, duration, percent

SHARES = {"gap", "max_utilisation"}


def check_lines(found: Mapping[str, object]) -> list[str]:
    """The figures of a check, one line each: people and vehicles whole, times in hours and minutes, shares in %."""
    return [f"{name_of(key)}: {words_of(key, value)}" for key, value in found.items()]


def name_of(key: str) -> str:
    """ "n_movements" as "movements", "clearance_time_s" as "clearance time"."""
    return key.removeprefix("n_").removesuffix("_s").replace("_", " ")


def words_of(key: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if not math.isfinite(value):
        return "-"
    if key in SHARES:
        return percent(value, 2)
    if key.endswith("_s"):
        return f"{duration(value)} after the start" if value else "at the start"
    return count(value)


__all__ = ["check_lines"]
