"""
The JSON Schemas of plan.json, certificate.json and outcome.json.

Needs pydantic: import it only where a schema is wanted.

``python -m clearway.publish.schema docs/schema`` writes them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from clearway.model.plan import BoundKind, Reason
from clearway.publish.schema_outcome import OutcomeDocument
from clearway.publish.schema_parts import Amount, Count, Duration, ScenarioPart, Seconds, Strict, Versions

DIALECT = "https://json-schema.org/draft/2020-12/schema"
STATUSES = Literal["proven", "feasible", "interrupted", "time limit", "empty"]


class LeftOutPart(Strict):
    """People of one zone who are not planned."""

    reason: Reason
    persons: Amount
    binding: Annotated[str, Field(description="the constraint in words")]
    seats: Annotated[Count, Field(description="seats it would take, for those without a vehicle")]


class ZoneSite(Strict):
    """Where people of a zone go."""

    site_id: str
    name: str
    persons: Amount


class ZonePart(Strict):
    """The people of one zone: present = planned + left out."""

    zone_id: str
    name: str
    present: Count
    planned: Amount
    left_out: list[LeftOutPart]
    first_departure_s: Seconds | None
    last_departure_s: Seconds | None
    last_arrival_s: Seconds | None
    last_start_s: Annotated[
        Seconds | None, Field(description="latest start at which all planned still arrive, the others going as planned")
    ]
    last_start_bound_s: Annotated[
        Seconds | None,
        Field(description="from this start on, nobody gets all planned there, the others going as planned"),
    ]
    sites: list[ZoneSite]
    routes: Count


class PersonsPart(Strict):
    """People in all: present = planned + left out."""

    present: Count
    with_vehicle: Count
    without_vehicle: Count
    planned: Amount
    left_out: Amount
    left_out_by_reason: dict[str, Amount]
    zones: list[ZonePart]


class SitePart(Strict):
    """How full a reception site gets. ``beds`` null: without limit."""

    site_id: str
    name: str
    beds: Amount | None
    persons: Amount
    filled: Annotated[Amount | None, Field(description="share of the beds")]
    first_arrival_s: Seconds | None
    last_arrival_s: Seconds | None


class Curve(Strict):
    """Persons that have arrived by each time; straight lines in between."""

    time_s: list[Seconds]
    persons: list[Amount]


class EarlyArrivals(Strict):
    """How far the arrivals stay below the bound curve, at ten times (fewer where the curve has fewer)."""

    time_s: list[Seconds]
    arrived: list[Amount]
    bound: list[Amount]
    area_person_h: Annotated[Amount, Field(description="persons x hours between the two")]
    area_share: Annotated[Amount | None, Field(description="share of the area below the bound; null: there is none")]


class Figures(Strict):
    """The answer in figures."""

    persons: PersonsPart
    vehicles: Amount
    movements: Count
    routes: Count
    clearance_time_s: Annotated[Seconds, Field(description="when the last planned person arrives")]
    clearance_lower_bound_s: Annotated[Seconds, Field(description="no plan clears before")]
    clearance_time_90_s: Annotated[Seconds, Field(description="when 90 % of the planned persons have arrived")]
    gap: Annotated[float | None, Field(description="null: no bound is known")]
    persons_upper_bound: Annotated[Amount, Field(description="no plan brings more persons to safety")]
    last_start_all_s: Annotated[
        Seconds | None, Field(description="latest start for all together at which all planned still arrive")
    ]
    last_start_all_bound_s: Annotated[
        Seconds | None, Field(description="the point of no return: from this start on, nobody gets all planned there")
    ]
    arrivals: Curve
    bound_curve: Annotated[Curve, Field(description="the most persons any plan can have there by each time")]
    early_arrivals: EarlyArrivals
    sites: list[SitePart]
    runtime_s: dict[str, Duration | None]


class ReservePart(Strict):
    """Capacity kept free on named links: a share or vehicles an hour, the other being 0."""

    target: Annotated[str, Field(description="link:ID or crossing:ID")]
    share: Amount
    veh_per_h: Amount


class ContraflowPart(Strict):
    """What might be reversed."""

    crews: Count
    lead_s: Duration
    kept_share: Amount


class ReversalPart(Strict):
    """Lanes of the opposite that a link gains."""

    link_id: str
    from_s: Seconds
    lanes: Amount
    segment: Annotated[str, Field(description="what one crew reverses as one")]


class PricePart(Strict):
    """What the form costs against the plan without it, found in the same run."""

    free_clearance_time_s: Seconds
    free_persons: Amount
    free_lower_bound_s: Seconds
    form_lower_bound_s: Annotated[Seconds, Field(description="no plan of this form clears before; 0: not known")]
    reversed_clearance_time_s: Annotated[Seconds, Field(description="with the reversals alone; 0 without any")]
    extra_s: Annotated[float | None, Field(description="seconds that the last arrival is later")]
    extra_share: Annotated[float | None, Field(description="the same as a share of the free plan's clearance time")]
    extra_left_out: Annotated[float | None, Field(description="persons more that are left out")]


class FormPart(Strict):
    """What the plan keeps to beyond being feasible (docs/forms.md)."""

    routes_per_zone: Annotated[Count, Field(description="0: any number")]
    routes_of_zone: Annotated[dict[str, int], Field(description="zone_id -> its own number")]
    convergent: bool
    wave_s: Annotated[float, Field(ge=0, description="seconds; 0: windows begin and end anywhere")]
    waves: Annotated[Count, Field(description="windows per part; 0: any number")]
    reserves: list[ReservePart]
    contraflow: ContraflowPart | None
    reversals: list[ReversalPart]
    price: PricePart | None


class RoundPart(Strict):
    """A plan that was made and driven."""

    capacity_share: Annotated[float, Field(gt=0, le=1, description="of what each link may take")]
    links_with_less: Annotated[Count, Field(description="links with a share of their own")]
    lead_s: Annotated[Duration, Field(description="before each closure")]
    planned_clearance_time_s: Seconds
    planned_persons: Amount
    simulated_clearance_time_s: Annotated[Seconds, Field(description="the last arrival; of several drives the worst")]
    missing_persons: Annotated[Amount, Field(description="who left and did not arrive")]
    holds: bool


class HoldPart(Strict):
    """How the plan was made to hold when it is driven (docs/hold.md)."""

    holds: bool
    tolerance: Annotated[Amount, Field(description="it holds where all arrive by 1 + this times its clearance time")]
    capacity_share: Annotated[float, Field(gt=0, le=1, description="of what each link may take; see margins.csv too")]
    lead_s: Annotated[Duration, Field(description="before each closure by which all are past")]
    simulated_clearance_time_s: Seconds
    simulated_share: Annotated[float | None, Field(description="simulated over planned clearance time")]
    missing_persons: Amount
    platoons: Annotated[list[float], Field(description="vehicles that drove as one, drive by drive")]
    driven_capacity_share: Annotated[float, Field(gt=0, description="of nominal capacity that roads had when driven")]
    price_s: Annotated[float, Field(description="seconds that it clears later than the plan without room")]
    price_persons: Annotated[float, Field(description="persons fewer that it moves")]
    chosen_round: Annotated[int, Field(ge=1, description="which of the rounds the plan is")]
    rounds: Annotated[list[RoundPart], Field(description="the plan without room first")]


class PlanDocument(Strict):
    """plan.json: what Clearway planned, in figures."""

    schema_version: Literal[1]
    scenario_hash: Annotated[str, Field(description="sha256 of the scenario folder's files")]
    scenario: ScenarioPart
    status: STATUSES
    settings: dict[str, Any]
    seed: int
    versions: Versions
    files: Annotated[list[str], Field(description="the files of this plan folder")]
    form: Annotated[FormPart | None, Field(description="null: none was asked for")] = None
    hold: Annotated[HoldPart | None, Field(description="null: that was not asked for")] = None
    figures: Figures


class CertificatePart(Strict):
    """A cut over time (docs/bound.md). Without ``open_zones`` or ``paid_sites`` the labels say which they are."""

    kind: BoundKind
    proves: Annotated[str, Field(description="in a sentence")] = ""
    direction: Annotated[str | None, Field(description="the direction whose people are counted; null: all")] = None
    horizon_s: Seconds
    cut_vehicles: Amount
    demand_vehicles: Amount
    open_zones: Annotated[list[str] | None, Field(description="zone ids")] = None
    paid_sites: Annotated[list[str] | None, Field(description="site ids")] = None
    labels_s: Annotated[
        dict[str, float | None],
        Field(description="node_id -> seconds from which the node counts as reached; null or absent: never"),
    ]


class CertificateDocument(CertificatePart):
    """certificate.json: what proves the bound; checkable with the scenario folder alone."""

    schema_version: Literal[1]
    scenario_hash: str
    further: list[CertificatePart] = Field(default_factory=list)
    last_start: Annotated[
        CertificatePart | None,
        Field(description="proves figures.last_start_all_bound_s of plan.json, if nobody departs before it"),
    ] = None


def plan_schema() -> dict[str, Any]:
    """The JSON Schema of plan.json."""
    return schema_of(PlanDocument)


def certificate_schema() -> dict[str, Any]:
    """The JSON Schema of certificate.json."""
    return schema_of(CertificateDocument)


def outcome_schema() -> dict[str, Any]:
    """The JSON Schema of outcome.json."""
    return schema_of(OutcomeDocument)


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return {"$schema": DIALECT, **model.model_json_schema()}


def schema_files() -> dict[str, str]:
    """File name -> text of each published schema."""
    schemas = {
        "plan.schema.json": plan_schema(),
        "certificate.schema.json": certificate_schema(),
        "outcome.schema.json": outcome_schema(),
    }
    return {name: json.dumps(schema, indent=1, ensure_ascii=False) + "\n" for name, schema in schemas.items()}


def write_schemas(folder: Path) -> None:
    """Write the published schemas into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
