"""Writes the outcome folder (docs: simulation), whole or not at all."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

import clearway
from clearway.errors import OutputError
from clearway.model.network import FloatArray
from clearway.model.outcome import Outcome, Tally
from clearway.model.scenario import Scenario
from clearway.publish.figures import tidy, tidy_list
from clearway.publish.plan_folder import Content, cells, numbers, plain, refuse_foreign, write_whole

SCHEMA_VERSION = 1
OUTCOME = "outcome.json"
OUTCOME_FILES = (OUTCOME, "link_flows.csv", "departures.csv", "arrivals.csv")
KNOWN_FILES = frozenset((*OUTCOME_FILES, "report.html"))
DIGITS = 10


def refuse_foreign_outcome(target: Path) -> None:
    """Refuse a folder that is no outcome folder: whatever else it holds would be lost."""
    refuse_foreign(target, set(), OUTCOME, KNOWN_FILES, "outcome")


def write_outcome(
    outcome: Outcome, scenario: Scenario, folder: Path, extra_files: Mapping[str, Content] | None = None
) -> None:
    """
    Write the outcome folder, with further files (name -> content) such as report.html; an earlier one is replaced.

    Raises UsageError where ``folder`` holds something else, OutputError where the disk did not take it; then nothing
    is left behind.
    """
    target = folder.resolve()
    refuse_foreign_outcome(target)
    extra = dict(extra_files or {})
    contents: dict[str, Content] = {
        OUTCOME: outcome_json(outcome, scenario, sorted({*OUTCOME_FILES, *extra})),
        "link_flows.csv": link_flows_csv(outcome, scenario),
        "departures.csv": curves_csv("zone_id", [zone.zone_id for zone in scenario.zones], outcome, outcome.left),
        "arrivals.csv": curves_csv("site_id", [site.site_id for site in scenario.sites], outcome, outcome.arrived),
        **extra,
    }
    try:
        write_whole(target, contents)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"could not write the outcome to {folder}: {reason}; nothing was left behind") from error


def outcome_json(outcome: Outcome, scenario: Scenario, files: list[str]) -> str:
    """The text of outcome.json; its JSON Schema is docs/schema/outcome.schema.json."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "scenario_hash": outcome.scenario_hash,
        "scenario": {
            "name": scenario.name,
            "start": scenario.start.isoformat(),
            "horizon_s": tidy(scenario.horizon_s),
        },
        "settings": {name: plain(value) for name, value in outcome.settings},
        "seed": outcome.seed,
        "versions": {
            "clearway": clearway.__version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
        "files": files,
        "figures": outcome_figures(outcome, scenario),
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def outcome_figures(outcome: Outcome, scenario: Scenario) -> dict[str, Any]:
    """All figures of an outcome as JSON can hold them: None stands for never."""
    return {
        "persons": tally_figures(outcome.tally),
        "departing": tidy(outcome.departing, DIGITS),
        "vehicles": tidy(outcome.vehicles, DIGITS),
        "clearance_time_s": tidy(outcome.clearance_time_s, DIGITS),
        "last_arrival_s": tidy(outcome.last_arrival_s, DIGITS),
        "clearance_time_90_s": tidy(outcome.time_90_s, DIGITS),
        "plan": {
            "clearance_time_s": tidy(outcome.plan_clearance_s, DIGITS),
            "clearance_lower_bound_s": tidy(outcome.plan_bound_s, DIGITS),
        },
        "travel_time_s": spread_figures(outcome.travel_s),
        "delay_s": spread_figures(outcome.delay_s),
        "exposure_person_h": {
            "road": tidy(outcome.exposure_road_s / 3600.0, DIGITS),
            "home": tidy(outcome.exposure_home_s / 3600.0, DIGITS),
        },
        "trapped": [
            {"link_id": scenario.network.link_ids[link], "persons": tidy(persons, DIGITS)}
            for link, persons in outcome.trapped
        ],
        "curves": {
            "time_s": [tidy(t, DIGITS) for t in outcome.curve_s.tolist()],
            "safe": tidy_list(outcome.safe),
            "on_road": tidy_list(outcome.on_road),
            "at_home": tidy_list(outcome.at_home),
            "waiting": tidy_list(outcome.waiting),
        },
        "zones": [
            {
                "zone_id": zone.zone_id,
                "name": zone.name,
                **tally_figures(outcome.zones[i]),
                "last_arrival_s": tidy(outcome.zone_last_s[i], DIGITS),
            }
            for i, zone in enumerate(scenario.zones)
        ],
        "sites": [
            {
                "site_id": site.site_id,
                "name": site.name,
                "beds": tidy(site.beds),
                "persons": tidy(outcome.site_persons[i], DIGITS),
                "last_arrival_s": tidy(outcome.site_last_s[i], DIGITS),
            }
            for i, site in enumerate(scenario.sites)
        ],
        "link_interval_s": None if outcome.links is None else tidy(outcome.links.interval_s, DIGITS),
        "platoons": outcome.n_platoons,
        "events": outcome.n_events,
        "runtime_s": tidy(outcome.runtime_s, 4),
    }


def tally_figures(tally: Tally) -> dict[str, float | int | None]:
    """A tally by its field names."""
    return {field.name: tidy(getattr(tally, field.name), DIGITS) for field in fields(Tally)}


def spread_figures(spread: tuple[float, float, float, float]) -> dict[str, float | int | None]:
    names = ("mean", "median", "quantile_90", "most")
    return {name: tidy(value) for name, value in zip(names, spread, strict=True)}


def link_flows_csv(outcome: Outcome, scenario: Scenario) -> str:
    """Each link and interval in which vehicles entered or were delayed: flow and mean queue."""
    header = "link_id,from_s,until_s,vehicles,mean_queue"
    record = outcome.links
    if record is None or not len(record.link):
        return header + "\n"
    rows, bins = np.nonzero((record.entered > 0) | (record.delayed_s > 0))
    ids = cells([scenario.network.link_ids[link] for link in record.link.tolist()])
    begin = bins * record.interval_s
    columns = (
        [ids[row] for row in rows.tolist()],
        numbers(begin.astype(np.float64), DIGITS),
        numbers((begin + record.interval_s).astype(np.float64), DIGITS),
        numbers(record.entered[rows, bins], DIGITS),
        numbers(record.delayed_s[rows, bins] / record.interval_s, DIGITS),
    )
    return "\n".join([header, *map(",".join, zip(*columns, strict=True))]) + "\n"


def curves_csv(column: str, ids: list[str], outcome: Outcome, rows: FloatArray) -> str:
    """Persons by group and time (cumulative), without the times at which nothing has changed since the one before."""
    lines = [f"{column},time_s,persons"]
    times = numbers(outcome.curve_s, DIGITS)
    for name, row in zip(cells(ids), rows, strict=True):
        changed = np.flatnonzero(np.diff(row, prepend=0.0) > 0)
        amounts = numbers(row[changed], DIGITS)
        lines += [f"{name},{times[i]},{amount}" for i, amount in zip(changed.tolist(), amounts, strict=True)]
    return "\n".join(lines) + "\n"
