"""
The JSON Schema of stress.json. Needs pydantic: import it only where a schema is wanted.

``python -m clearway.stress.schema docs/schema`` writes it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from clearway.publish.schema import schema_of
from clearway.publish.schema_parts import Amount, Count, ScenarioPart, Strict

FILE = "stress.schema.json"
Number = Annotated[float | None, Field(description="null: never, or not to be said")]
Span = Annotated[list[Number], Field(min_length=2, max_length=2, description="95 % interval")]
Share = Annotated[float, Field(ge=0, le=1)]


class Estimate(Strict):
    """A figure with its 95 % interval."""

    value: Number
    interval_95: Span


class Distribution(Strict):
    """A figure over all futures."""

    n: Count
    mean: Estimate
    quantile_05: Estimate
    quantile_25: Estimate
    quantile_50: Estimate
    quantile_75: Estimate
    quantile_95: Estimate
    cvar_05: Annotated[Estimate, Field(description="mean of the worst 5 %")]
    sd: Number
    least: Number
    most: Number
    never: Count


class Chance(Strict):
    """A share of futures with its 95 % interval (Wilson)."""

    value: Share
    interval_95: Span
    futures: Count


class Results(Strict):
    """What came of all futures."""

    persons_safe: Distribution
    persons_departing: Distribution
    persons_not_out: Distribution
    persons_not_reached: Distribution
    persons_trapped: Distribution
    persons_turned_away: Distribution
    clearance_time_s: Distribution
    time_90_s: Distribution
    last_arrival_s: Distribution
    all_out: Chance


class PlanPart(Strict):
    """What the plan says."""

    persons_planned: Amount
    clearance_time_s: Number
    clearance_lower_bound_s: Number


class Uncertain(Strict):
    """Something uncertain, as it is stated."""

    name: str
    target: str
    stated: str
    reason: str


class Worst(Strict):
    """One of the worst futures."""

    future: Count
    persons_safe: Amount
    persons_not_out: Amount
    persons_trapped: Amount
    last_arrival_s: Number
    uncertainties: dict[str, float | str | None]


class Index(Strict):
    """Sobol' indices of one input, or of a group of correlated ones."""

    name: str
    first_order: Estimate
    total: Estimate


class Output(Strict):
    """What an output varies by."""

    varies: bool
    inputs: list[Index]


class Sensitivity(Strict):
    """What matters most (Saltelli et al. 2010)."""

    base_sample: Count
    futures: Count
    outputs: dict[str, Output]
    widest_interval: Number
    sample_too_small: bool


class Point(Chance):
    """The chance of a start."""

    delay_s: Amount


class Start(Strict):
    """The chance that all get out, by how late they start."""

    zone_id: Annotated[str | None, Field(description="null: everybody")]
    name: str
    curve: list[Point]
    best_chance: Chance
    latest_start_s: Number
    latest_start_sure_s: Annotated[Number, Field(description="by the low end of the chance's interval")]
    is_last_asked: bool


class Leeway(Strict):
    """Latest starts with the wanted chance."""

    chance: Share
    futures: Count
    delays_s: list[Amount]
    starts: list[Start]


class StressDocument(Strict):
    """stress.json: what may become of a plan."""

    schema_version: Literal[1]
    clearway: str
    scenario_hash: str
    plan_hash: str
    uncertainty_hash: str
    seed: int
    settings: dict[str, Any]
    scenario: ScenarioPart
    plan: PlanPart
    futures: Count
    uncertainties: list[Uncertain]
    results: Results
    most_unaccounted: Annotated[Amount, Field(description="persons; rounding")]
    worst: list[Worst]
    sensitivity: Sensitivity | None
    leeway: Leeway | None


def stress_schema() -> dict[str, Any]:
    """The JSON Schema of stress.json."""
    return schema_of(StressDocument)


def schema_text() -> str:
    """The text of the published schema."""
    return json.dumps(stress_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (Path(sys.argv[1]) / FILE).write_text(schema_text(), encoding="utf-8")
