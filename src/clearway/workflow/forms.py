"""From what is asked for at the command line, and said in scenario.toml, to the form a plan is to keep to."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from clearway.errors import UsageError
from clearway.ingest.faults import did_you_mean
from clearway.ingest.plan_form import links_of
from clearway.model.form import Contraflow, Form, Reserve
from clearway.model.scenario import Scenario

AMOUNT = re.compile(r"(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>%|veh/h)?")
EXPECTED_RESERVE = (
    "TARGET=AMOUNT with a target such as crossing:ID or link:ID and an amount such as 0.25, 25% or 100veh/h"
)
NONE = "none"


@dataclass(frozen=True, slots=True)
class FormRequest:
    """
    As typed: ``routes`` are numbers or ZONE=NUMBER, ``reserves`` TARGET=AMOUNT (or "none": not even those of
    scenario.toml). Unset numbers of ``contraflow`` come from scenario.toml.
    """

    routes: tuple[str, ...] = ()
    is_convergent: bool = False
    wave_min: float | None = None
    waves: int | None = None
    reserves: tuple[str, ...] = ()
    contraflow: str | None = None  # "auto"
    crews: int | None = None
    lead_h: float | None = None
    kept_share: float | None = None


def resolve_form(scenario: Scenario, request: FormRequest) -> Form | None:
    """
    The form for a scenario; None where nothing is asked for.

    Raises
    ------
    UsageError
        With all that is wrong.
    """
    faults: list[str] = []
    usual, special = _routes(scenario, request, faults)
    if request.wave_min is not None and not 0 < request.wave_min <= 7 * 1440:
        faults.append(f"--wave-min takes minutes above 0, up to a week, not {request.wave_min:g}")
    if request.waves is not None and request.waves < 1:
        faults.append(f"--waves takes a number from 1 up, not {request.waves}")
    reserves = _reserves(scenario, request, faults)
    contraflow = _contraflow(scenario, request, faults)
    if faults:
        raise UsageError(
            "\n  ".join(["the form of the plan cannot be as asked:", *faults]) if len(faults) > 1 else faults[0]
        )
    form = Form(
        routes_per_zone=usual,
        routes_of_zone=special,
        is_convergent=request.is_convergent,
        wave_s=60 * (request.wave_min or 0.0),
        waves=request.waves or 0,
        reserves=reserves,
        contraflow=contraflow,
    )
    return None if form.is_free else form


def _routes(scenario: Scenario, request: FormRequest, faults: list[str]) -> tuple[int, tuple[tuple[str, int], ...]]:
    ids = [zone.zone_id for zone in scenario.zones]
    usual, special = 0, {}
    for said in request.routes:
        zone, has_zone, number = said.rpartition("=")
        if not number.strip().isdecimal() or int(number) < 1:
            faults.append(f"--routes-per-zone takes a number from 1 up, or ZONE=NUMBER, not {said!r}")
        elif has_zone and zone not in ids:
            faults.append(f"--routes-per-zone: there is no zone {zone!r}{did_you_mean(zone, ids)}")
        elif has_zone:
            special[zone] = int(number)
        else:
            usual = int(number)
    return usual, tuple(sorted(special.items()))


def _reserves(scenario: Scenario, request: FormRequest, faults: list[str]) -> tuple[Reserve, ...]:
    """Those asked for; those of scenario.toml where none are."""
    said = [(f"--reserve {text}", *text.rpartition("=")[::2]) for text in request.reserves if text != NONE]
    if not request.reserves:
        said = [
            (f"scenario.toml, {key}", key.partition(".")[2], value)
            for key, value in scenario.settings
            if key.startswith("reserve.")
        ]
    found: dict[str, Reserve] = {}
    for place, target, amount in said:
        links, value = links_of(scenario, target), AMOUNT.fullmatch(amount.strip())
        if not links:
            known = [f"crossing:{c.crossing_id}" for c in scenario.crossings]
            faults.append(f"{place}: there is no {target!r}{did_you_mean(target, known)}; expected {EXPECTED_RESERVE}")
            continue
        number = float(value["number"]) if value else math.nan
        is_rate = bool(value) and value["unit"] == "veh/h"  # type: ignore[index]
        share = number / 100 if value and value["unit"] == "%" else number
        if not value or (not is_rate and not 0 < share <= 1) or (is_rate and not 0 < number <= 1e6):
            faults.append(f"{place}: {amount!r} is not a share above 0 up to 1, per cent or veh/h")
        elif is_rate:
            found[target] = Reserve(target, links, veh_per_h=number)
        else:
            found[target] = Reserve(target, links, share=share)
    return tuple(found.values())


def _contraflow(scenario: Scenario, request: FormRequest, faults: list[str]) -> Contraflow | None:
    given = [name for name in ("crews", "lead_h", "kept_share") if getattr(request, name) is not None]
    if request.contraflow is None:
        if given:
            options = ", ".join(f"--{name.replace('_', '-')}" for name in given)
            faults.append(f"{options} is about reversing lanes: say --contraflow auto too")
        return None
    if request.contraflow != "auto":
        faults.append(f"--contraflow takes auto (the planner chooses which lanes), not {request.contraflow!r}")
        return None
    settings = dict(scenario.settings)
    crews = request.crews if request.crews is not None else float(settings.get("contraflow.crews", 1))
    lead_h = request.lead_h if request.lead_h is not None else float(settings.get("contraflow.lead_h", 0))
    kept = request.kept_share if request.kept_share is not None else float(settings.get("contraflow.kept_share", 0))
    wrong = len(faults)
    if crews < 1:
        faults.append(f"--crews takes a number from 1 up, not {crews:g}")
    if not 0 <= lead_h < scenario.horizon_s / 3600:
        faults.append(f"--lead-h takes hours from 0 to below the scenario's horizon, not {lead_h:g}")
    if not 0 <= kept < 1:
        faults.append(f"--kept-share takes a share from 0 to below 1, not {kept:g}")
    return Contraflow(int(crews), lead_h * 3600, kept) if len(faults) == wrong else None
