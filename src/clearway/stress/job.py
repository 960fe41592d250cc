"""One piece of work of a stress run, and what comes of it: plain values that travel between machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from clearway.model.outcome import Outcome, Tally
from clearway.stress.futures import Shares, future_of
from clearway.stress.variant import WHOLE, Case, total_delay

Record = dict[str, Any]
EVERYBODY = -1


@dataclass(frozen=True, slots=True)
class Job:
    """
    A future to drive.

    ``key`` names the job in the file of results. ``shares`` are the inputs' shares. With ``delays_s`` (increasing) it
    asks for the latest of them with which all of ``zone`` (`EVERYBODY`: all zones) still get out.
    """

    key: str
    shares: Shares
    delays_s: tuple[float, ...] = ()
    zone: int = EVERYBODY


def do_job(case: Case, job: Job) -> Record:
    """Drive a future; the same job gives the same record to the last digit, wherever it is done."""
    if job.delays_s:
        return {"latest": latest_delay(case, job)}
    outcome = case.drive(future_of(case.uncertainty, job.shares))
    tally = outcome.tally
    return {
        "safe": tally.safe,
        "departing": outcome.departing,
        "not_reached": tally.on_road + tally.at_home,
        "trapped": tally.trapped,
        "turned_away": tally.turned_away,
        "stayed": tally.stayed,
        "total": tally.total,
        "unaccounted": tally.unaccounted,
        "last_arrival_s": outcome.last_arrival_s,
        "clearance_time_s": finite(outcome.clearance_time_s),
        "time_90_s": finite(outcome.time_90_s),
        "zones_not_out": [persons_in(zone) for zone in outcome.zones],
    }


def finite(number: float) -> float | None:
    """A number as JSON can hold it: None for never."""
    return float(number) if np.isfinite(number) else None


def persons_in(tally: Tally) -> float:
    """Persons of a tally who set out, or would, and are not safe."""
    return tally.on_road + tally.at_home + tally.trapped + tally.turned_away


def latest_delay(case: Case, job: Job) -> int:
    """
    Index of the latest delay with which all get out who would have gone without it; -1 where not even without.

    By bisection: who gets out with a delay is taken to get out with every smaller one.
    """
    simulator, outcome_at_once = case.at_once(job.shares)
    zones = None if job.zone == EVERYBODY else [job.zone]

    def driven(delay_s: float) -> Outcome:
        return simulator.run(delay_s=total_delay(case.scenario, delay_s, zones))

    def of(outcome: Outcome) -> Tally:
        return outcome.tally if job.zone == EVERYBODY else outcome.zones[job.zone]

    at_once = of(outcome_at_once)
    if persons_in(at_once) > WHOLE:
        return -1
    good, bad = 0, len(job.delays_s)
    first = True
    while bad - good > 1:
        middle = bad - 1 if first else (good + bad) // 2  # where even the latest will do, that is all there is to do
        first = False
        tally = of(driven(job.delays_s[middle]))
        is_out = persons_in(tally) <= WHOLE and tally.stayed <= at_once.stayed + WHOLE
        good, bad = (middle, bad) if is_out else (good, middle)
    return good
