"""What a check says: faults with a code, words and an amount; the figures it found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from clearway.model.network import FloatArray
from clearway.model.scenario import Scenario

TOLERANCE = 1e-6  # relative; design section 5
SHORTEST_S = 1000.0  # times tell apart to TOLERANCE of themselves, and of this many seconds where they are smaller

CODES: Mapping[str, str] = {
    "scenario": "the plan was made for another scenario",
    "structure": "the plan's tables do not fit together, or point at things the scenario lacks",
    "amount": "an amount or a time is negative, infinite or not a number",
    "duration": "a movement's window has no length",
    "mode": "a movement uses a mode that cannot be judged",
    "route": "a route is empty, its links do not join, or it leads from or to somewhere else",
    "use": "cars may not use a link of a route",
    "rate": "more vehicles enter a link than may at that time",
    "closed": "vehicles are on a link when it closes, or while it is closed",
    "departure": "people depart outside their zone's departure windows",
    "arrival": "people arrive while a site is closed",
    "horizon": "people arrive after the scenario's horizon",
    "beds": "a site receives more people than it has beds",
    "too_many": "a zone sends more people than it has",
    "direction": "people are sent to a site they did not choose, or more of them than chose it",
    "load": "persons are not vehicles times persons per vehicle",
    "lost": "planned and left out do not add up to the people present",
    "reason": "people left out for want of a vehicle are not those without one",
    "persons": "the stated number of persons planned is wrong",
    "clearance": "the stated clearance time is wrong",
    "gap": "the stated gap is wrong",
    "certificate": "a certificate cannot be evaluated",
    "cut": "a certificate's stated cut is not what its labels give",
    "demand": "a certificate's stated demand is not the scenario's",
    "last_start": "a last start that is not proven, or that works though it is said to be too late",
    "bound_kind": "the certificate is not of the kind that this plan needs",
    "bound": "the stated lower bound on clearance time is not proven",
    "persons_bound": "the stated upper bound on persons is not proven",
    "bound_curve": "the plan has more arrivals than the stated curve of the most possible",
    "hold": "the plan does not leave the room that it states",
    "form_routes": "a zone uses more ways than the plan claims",
    "form_waves": "departure windows are not as the plan claims",
    "form_convergent": "evacuees leave a node by two links at a time, though the plan claims to be convergent",
    "form_bound": "the stated lower bound for the form is not proven",
    "reserve": "a reserve is not of links the scenario has",
    "reversal": "lanes are reversed that cannot be, or by more crews than there are",
    "beyond_bound": "the plan claims more than its own proof allows",
}


@dataclass(frozen=True, slots=True)
class CheckFault:
    """One thing wrong with a plan: a code of `CODES`, words with names and times, and by how much (unit in words)."""

    code: str
    message: str
    amount: float = math.nan

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass(frozen=True, slots=True, eq=False)
class CheckResult:
    """The faults of a plan and the figures found when they are worked out afresh."""

    faults: tuple[CheckFault, ...]
    found: Mapping[str, Any]

    @property
    def is_ok(self) -> bool:
        return not self.faults

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the faults, each once, in the order found."""
        return tuple(dict.fromkeys(fault.code for fault in self.faults))


def is_close(stated: float, found: float, scale: float = 1.0) -> bool:
    """Whether two figures agree to the tolerance (of the larger, or of ``scale`` where both are smaller)."""
    if not (math.isfinite(stated) and math.isfinite(found)):
        return stated == found
    return abs(stated - found) <= TOLERANCE * max(abs(stated), abs(found), scale)


def time_tolerance(seconds: FloatArray | float) -> FloatArray:
    """How far two times may lie apart and still count as the same instant."""
    bounded = np.where(np.isfinite(seconds), np.abs(seconds), 0.0)
    tolerance: FloatArray = TOLERANCE * np.maximum(bounded, SHORTEST_S)
    return tolerance


def when(scenario: Scenario, seconds: float) -> str:
    """A time of the plan as people say it."""
    try:
        return f"{scenario.clock(seconds):%a %d %b %H:%M:%S}"
    except (OverflowError, ValueError):
        return f"{seconds:g} s after the start"


def some(names: list[str], n: int) -> str:
    """The first few of ``n`` names."""
    return ", ".join(names[:3]) + (f" and {n - 3} more" if n > 3 else "")


def figure(amount: float) -> str:
    """A number for a message: as short as it can be told apart."""
    return f"{amount:.10g}"
