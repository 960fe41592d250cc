"""
The JSON Schema of outcome.json. Needs pydantic: import it only where a schema is wanted.

``python -m clearway.publish.schema docs/schema`` writes it with the others.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from clearway.publish.schema_parts import Amount, Count, Duration, ScenarioPart, Seconds, Strict, Versions

Moment = Annotated[float | None, Field(description="seconds from the scenario's start; null: never")]


class People(Strict):
    """Persons; ``total`` is the sum of the other parts, ``shadow`` apart, which is contained in them."""

    total: Amount
    safe: Amount
    on_road: Amount
    at_home: Amount
    trapped: Amount
    turned_away: Annotated[Amount, Field(description="no site with beds left, or no way to it")]
    stayed: Amount
    not_asked: Amount
    shadow: Annotated[Amount, Field(description="of the total, who go without being asked to")]


class ZoneOutcome(People):
    """What became of the people of a zone."""

    zone_id: str
    name: str
    last_arrival_s: Moment


class SiteOutcome(Strict):
    """Who came to a site."""

    site_id: str
    name: str
    beds: Annotated[float | None, Field(description="null: no limit")]
    persons: Amount
    last_arrival_s: Moment


class Spread(Strict):
    """Seconds, by person."""

    mean: Duration
    median: Duration
    quantile_90: Duration
    most: Duration


class PlanFigures(Strict):
    """What the plan says."""

    clearance_time_s: Moment
    clearance_lower_bound_s: Moment


class Exposure(Strict):
    """Person-hours within hazards."""

    road: Amount
    home: Amount


class TrappedOn(Strict):
    """Persons on a link when it closed."""

    link_id: str
    persons: Amount


class OutcomeCurves(Strict):
    """Persons of those departing, at each time."""

    time_s: list[Seconds]
    safe: list[Amount]
    on_road: list[Amount]
    at_home: list[Amount]
    waiting: Annotated[list[Amount], Field(description="at home for room on the road")]


class OutcomeFigures(Strict):
    """All figures of a simulation."""

    persons: People
    departing: Amount
    vehicles: Amount
    clearance_time_s: Annotated[float | None, Field(description="null: somebody who left did not arrive")]
    last_arrival_s: Moment
    clearance_time_90_s: Moment
    plan: PlanFigures
    travel_time_s: Spread
    delay_s: Spread
    exposure_person_h: Exposure
    trapped: list[TrappedOn]
    curves: OutcomeCurves
    zones: list[ZoneOutcome]
    sites: list[SiteOutcome]
    link_interval_s: Annotated[float | None, Field(description="of link_flows.csv; null: not recorded")]
    platoons: Count
    events: Count
    runtime_s: Duration


class OutcomeDocument(Strict):
    """outcome.json: what became of a plan on the simulated roads."""

    schema_version: Literal[1]
    scenario_hash: Annotated[str, Field(description="sha256 of the scenario folder's files")]
    scenario: ScenarioPart
    settings: dict[str, Any]
    seed: int
    versions: Versions
    files: Annotated[list[str], Field(description="the files of this outcome folder")]
    figures: OutcomeFigures
