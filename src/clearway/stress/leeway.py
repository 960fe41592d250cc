"""The last safe start under uncertainty: the chance that all get out, against how much later they start."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from clearway.errors import UsageError
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.model.uncertainty import Uncertainty
from clearway.stress.futures import draw
from clearway.stress.job import EVERYBODY, Job, Record
from clearway.stress.summary import chance, wilson

N_DELAYS = 12


def usual_delays(scenario: Scenario, plan: Plan) -> tuple[float, ...]:
    """Delays in equal steps of whole hours where there is time for them, from none to the end of the horizon."""
    last = max(scenario.horizon_s - plan.clearance_time_s, scenario.horizon_s / 4)
    step = last / N_DELAYS
    unit = 3600.0 if step >= 3600.0 else 300.0
    step = max(round(step / unit), 1) * unit
    return tuple(i * step for i in range(N_DELAYS + 1) if i * step < scenario.horizon_s)


def check_delays(hours: Sequence[float], scenario: Scenario) -> tuple[float, ...]:
    """Delays as asked for, in seconds, 0 among them; UsageError where they make no sense."""
    found = sorted({0.0, *(3600.0 * hour for hour in hours)})
    if found[0] < 0 or not np.isfinite(found[-1]) or found[-1] >= scenario.horizon_s:
        raise UsageError(f"--delay takes hours from 0 to below the horizon ({scenario.horizon_s / 3600:g})")
    return tuple(found)


def asked_zones(scenario: Scenario, plan: Plan) -> list[int]:
    """Everybody, and each zone of which somebody is planned."""
    planned = np.zeros(len(scenario.zones))
    np.add.at(planned, plan.movements.zone, plan.movements.persons)
    return [EVERYBODY, *np.flatnonzero(planned > 0).tolist()]


def leeway_jobs(
    uncertainty: Uncertainty, seed: int, n: int, zones: Sequence[int], delays_s: tuple[float, ...]
) -> list[Job]:
    """
    The same futures for every zone and every delay: differences are the delay's, not chance's.

    All of one future follow each other: what they share is driven once.
    """
    shares = [draw(uncertainty, seed, k) for k in range(n)]
    return [Job(key_of(zone, k, delays_s), shares[k], delays_s, zone) for k in range(n) for zone in zones]


def key_of(zone: int, k: int, delays_s: tuple[float, ...]) -> str:
    """A job's key; other delays make it another job."""
    return f"l{zlib.crc32(repr(delays_s).encode()):x}:{zone}:{k}"


def leeway(
    scenario: Scenario,
    done: Mapping[str, Record],
    n: int,
    zones: Sequence[int],
    delays_s: tuple[float, ...],
    wanted: float,
) -> dict[str, Any]:
    """Curves of chance against delay, and the latest delay with at least the wanted chance."""
    rows = []
    for zone in zones:
        latest = np.array([done[key_of(zone, k, delays_s)]["latest"] for k in range(n)])
        good = [int((latest >= i).sum()) for i in range(len(delays_s))]
        meets = [i for i, count in enumerate(good) if count >= wanted * n - 1e-9]
        surely = [i for i, count in enumerate(good) if wilson(count, n)[0] >= wanted]
        whole = zone == EVERYBODY
        rows.append(
            {
                "zone_id": None if whole else scenario.zones[zone].zone_id,
                "name": "everybody" if whole else scenario.zones[zone].name,
                "curve": [{"delay_s": delay, **chance(count, n)} for delay, count in zip(delays_s, good, strict=True)],
                "best_chance": chance(good[0], n),
                "latest_start_s": delays_s[meets[-1]] if meets else None,
                "latest_start_sure_s": delays_s[surely[-1]] if surely else None,
                "is_last_asked": bool(meets) and meets[-1] == len(delays_s) - 1,
            }
        )
    return {"chance": wanted, "futures": n, "delays_s": list(delays_s), "starts": rows}
