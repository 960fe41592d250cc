"""How long a thing takes, whatever else the machine does meanwhile."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

TURNS = 3


def least_s(work: Callable[[], object]) -> float:
    """
    The least seconds of processor time of a few turns: what disturbs a turn only makes it longer.

    Without collecting what earlier tests left behind, which takes as long as there is much of it.
    """
    gc.collect()
    gc.disable()
    try:
        turns = []
        for _ in range(TURNS):
            started = time.process_time()
            work()
            turns.append(time.process_time() - started)
        return min(turns)
    finally:
        gc.enable()
