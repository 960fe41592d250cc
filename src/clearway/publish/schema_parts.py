"""What the published JSON Schemas share. Needs pydantic: import it only where a schema is wanted."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0)]
Seconds = Annotated[float, Field(description="seconds from the scenario's start")]
Duration = Annotated[float, Field(ge=0, description="seconds")]


class Strict(BaseModel):
    """Nothing beyond what is written here."""

    model_config = ConfigDict(extra="forbid")


class ScenarioPart(Strict):
    """What the plan was made for."""

    name: str
    start: Annotated[str, Field(description="ISO 8601 with offset", json_schema_extra={"format": "date-time"})]
    horizon_s: Seconds | None


class Versions(Strict):
    """What computed it."""

    clearway: str
    python: str
    numpy: str
