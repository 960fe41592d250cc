"""What a search has found so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearway.planner.bound import Bound
from clearway.planner.labels import Labels
from clearway.planner.schedule import Schedule


@dataclass(slots=True, eq=False)
class Answer:
    """What was found for one direction; ``most`` bounds the vehicles that can arrive within the horizon at all."""

    bound: Bound | None = None
    schedule: Schedule | None = None
    most: Labels | None = None
    most_vehicles: float = np.inf
    interrupted: bool = False
    in_time: bool = True

    def offer(self, found: Schedule) -> None:
        """Keep a schedule where it sends more, or as many and is sooner done."""
        best = self.schedule
        more = best is None or found.sent > best.sent * (1 + 1e-7)
        if best is None or more or (found.sent >= best.sent * (1 - 1e-7) and found.clearance_s < best.clearance_s):
            self.schedule = found
