"""What more capacity would buy, in figures and in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clearway.model.scenario import Scenario
from clearway.publish.figures import tidy
from clearway.publish.places import Places
from clearway.publish.wording import count, duration, joined, people

NOTHING_S, NOTHING_PERSONS = 30.0, 0.5
CHANGE_WORDS = {
    "rate": "some more vehicles an hour",
    "lane": "one more lane",
    "bus lane": "a lane of its own for 60 buses of 50 seats an hour",
    "hour": "one more hour before it is lost",
}


@dataclass(frozen=True, slots=True)
class PriceRow:
    """
    What a change at one place buys: seconds of clearance and persons, at the most (``gain``), and of the bound and of a
    plan when solved again (nan: it was not). ``kind``: rate, lane, bus lane, hour.
    """

    kind: str
    crossing: int
    links: tuple[int, ...]
    vehicles_per_h: float
    gain_s: float
    gain_persons: float
    solved_s: float
    solved_persons: float
    plan_s: float
    plan_persons: float


def place_name(row: PriceRow, scenario: Scenario, places: Places) -> str:
    if row.crossing >= 0:
        crossing = scenario.crossings[row.crossing]
        return crossing.name or crossing.crossing_id
    return places.road(row.links[0])


def is_worth(row: PriceRow) -> bool:
    """Whether a change buys anything."""
    return row.gain_s >= NOTHING_S or row.gain_persons >= NOTHING_PERSONS


def price_records(rows: Sequence[PriceRow], scenario: Scenario) -> list[dict[str, Any]]:
    """One record per change; None: not known."""
    places = Places(scenario)
    return [
        {
            "kind": row.kind,
            "place": place_name(row, scenario, places),
            "crossing_id": scenario.crossings[row.crossing].crossing_id if row.crossing >= 0 else None,
            "link_ids": [scenario.network.link_ids[link] for link in row.links],
            "vehicles_per_h": tidy(row.vehicles_per_h, 6),
            "buys_at_most_s": tidy(row.gain_s, 8),
            "buys_at_most_persons": tidy(row.gain_persons, 8),
            "bound_solved_s": tidy(row.solved_s, 8),
            "bound_solved_persons": tidy(row.solved_persons, 8),
            "plan_solved_s": tidy(row.plan_s, 8),
            "plan_solved_persons": tidy(row.plan_persons, 8),
        }
        for row in rows
    ]


def price_sentences(rows: Sequence[PriceRow], scenario: Scenario) -> list[str]:
    """One sentence per change that buys anything, by place."""
    places = Places(scenario)
    worth = [row for row in rows if is_worth(row)]
    if not worth:
        return ["Nothing that was tried buys time or persons: no more capacity on a road of the cut helps by itself."]
    lines = []
    for row in worth:
        what = {
            "rate": f"{count(row.vehicles_per_h)} more vehicles an hour",
            "lane": f"one more lane ({count(row.vehicles_per_h)} vehicles an hour)",
            "bus lane": f"a lane of its own for 60 buses of 50 seats an hour (as {count(row.vehicles_per_h)} vehicles)",
            "hour": "one more hour before it is lost",
        }[row.kind]
        line = f"{place_name(row, scenario, places)}: {what} buys at most {gain_words(row.gain_s, row.gain_persons)}"
        if not math.isnan(row.plan_persons):
            solved = gain_words(row.solved_s, row.solved_persons)
            planned = gain_words(row.plan_s, row.plan_persons)
            line += f"; solved again, the bound moves by {solved}, a plan by {planned}"
        lines.append(line)
    return lines


def gain_words(seconds: float, persons: float) -> str:
    """ "6 h 12 min", "340 people"."""
    parts = []
    if not math.isnan(seconds) and abs(seconds) >= NOTHING_S:
        parts.append(("-" if seconds < 0 else "") + duration(abs(seconds)))
    if abs(persons) >= NOTHING_PERSONS:
        parts.append(people(persons))
    return joined(parts) or "nothing"
