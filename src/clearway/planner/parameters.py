"""How hard the planner tries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from clearway.model.form import Form


@dataclass(frozen=True, slots=True)
class PlanParameters:
    """
    Settings of `clearway.planner.solve`.

    Attributes
    ----------
    time_limit_s : seconds after which the best plan so far is returned.
    gap : the gap at which the planner stops improving.
    slots : how many slots the time to clear is cut into, about; more are finer and slower.
    slot_links : most (link, slot) pairs of one flow over time; keeps memory and time in bounds.
    units_per_vehicle : flows over time are whole units; this many make a vehicle.
    leeway_s : most seconds for the last starts, which come after the plan; 0: none.
    form : what the plan is to keep to beyond being feasible; None: nothing. Its reversals are the planner's to choose.
    """

    time_limit_s: float = 120.0
    gap: float = 0.005
    slots: int = 400
    slot_links: int = 3_000_000
    units_per_vehicle: int = 1000
    seed: int = 0
    leeway_s: float = 15.0
    form: Form | None = None

    def __post_init__(self) -> None:
        if not self.time_limit_s > 0:
            raise ValueError("time_limit_s must be positive")
        if not 0 <= self.gap < 1:
            raise ValueError("gap must be at least 0 and below 1")


class Progress(Protocol):
    """Told what the planner is doing; may raise KeyboardInterrupt to stop it."""

    def __call__(self, step: str, bound: float | None, value: float | None) -> None:
        """``bound`` and ``value`` are clearance times in seconds, where known."""


def silent(step: str, bound: float | None, value: float | None) -> None:
    """No progress shown."""
