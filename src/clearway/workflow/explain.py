"""Why a plan is as it is, and what more capacity would buy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clearway.errors import UsageError
from clearway.model.form import under_form
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.workflow.folders import load_both

if TYPE_CHECKING:
    from clearway.publish.prices import PriceRow


@dataclass(frozen=True, slots=True)
class Said:
    """A document for machines and the same in lines for people."""

    document: dict[str, Any]
    lines: tuple[str, ...]


def explain_plan(scenario_folder: Path, plan_folder: Path, zone_id: str | None = None) -> Said:
    """What limits a plan and when, and why its zones (or one of them) go as they go."""
    from clearway.publish.explain import Explanation
    from clearway.publish.facts import Facts
    from clearway.publish.zone_rows import zone_rows

    scenario, plan = load_both(scenario_folder, plan_folder)
    zones = list(range(len(scenario.zones))) if zone_id is None else [zone_named(scenario, zone_id)]
    found = Explanation(Facts(plan, under_form(scenario, plan.form)))
    rows = zone_rows(found.facts)
    lines = found.limit_lines() if zone_id is None else []
    for zone in zones:
        lines += found.zone_lines(rows[zone])
    return Said(found.document(zones), tuple(lines))


def zone_named(scenario: Scenario, zone_id: str) -> int:
    """The place of a zone by its id or name; UsageError names those there are."""
    for i, zone in enumerate(scenario.zones):
        if zone_id in (zone.zone_id, zone.name):
            return i
    known = ", ".join(zone.zone_id for zone in scenario.zones[:20])
    more = " ..." if len(scenario.zones) > 20 else ""
    raise UsageError(f"--zone takes a zone id of zone.csv, not {zone_id!r}; there are: {known}{more}")


def capacity_prices(scenario_folder: Path, plan_folder: Path, *, solve: bool) -> Said:
    """What more capacity on each crossing and road of the plan's cut buys; ``solve``: checked by solving again."""
    from clearway.publish.prices import price_records, price_sentences

    scenario, plan = load_both(scenario_folder, plan_folder)
    rows = price_rows(scenario, plan, solve=solve)
    return Said({"prices": price_records(rows, scenario)}, tuple(price_sentences(rows, scenario)))


def price_rows(scenario: Scenario, plan: Plan, *, solve: bool) -> list[PriceRow]:
    """The prices of more capacity as they are published."""
    from clearway.planner.prices import prices
    from clearway.publish.prices import PriceRow

    return [
        PriceRow(
            p.change.kind, p.change.crossing, p.change.links, p.change.vehicles_per_h, p.gain_s, p.gain_persons,
            p.solved_s, p.solved_persons, p.plan_s, p.plan_persons,
        )
        for p in prices(scenario, plan, solve=solve)
    ]  # fmt: skip
