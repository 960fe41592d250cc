"""Reads an outcome folder back (docs: simulation): all faults at once."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path

import numpy as np

from clearway.ingest.faults import FaultLog
from clearway.ingest.plan_folder import Document, frozen, index_of, read_rows
from clearway.ingest.tables import Columns, Range
from clearway.model.network import FloatArray
from clearway.model.outcome import LinkRecord, Outcome, Tally
from clearway.model.scenario import Scenario

OUTCOME, FLOWS = "outcome.json", "link_flows.csv"
FLOW_COLUMNS = Columns(("link_id", "from_s", "until_s", "vehicles", "mean_queue"), (), may_be_empty=True)
CURVES = (("departures.csv", "zone_id"), ("arrivals.csv", "site_id"))
ANY_NUMBER = Range()


def read_outcome(folder: Path, scenario: Scenario) -> Outcome:
    """
    The outcome in a folder that `clearway.publish.outcome_folder.write_outcome` wrote.

    Raises InputError with all that is missing, unknown or no number.
    """
    log = FaultLog()
    if not folder.is_dir():
        log.add(str(folder), "no such folder, expected an outcome folder (clearway simulate writes one)")
        log.raise_any("the outcome")
    document = Document.read(folder, OUTCOME, log)
    figures = document.part("figures")
    curves = figures.part("curves")
    times = curves.numbers("time_s")
    lines = {name: curves.numbers(name) for name in ("safe", "on_road", "at_home", "waiting")}
    for name, line in lines.items():
        if len(line) != len(times):
            curves.fault(name, len(line), f"as many numbers as in time_s, {len(times)}")
    zones, sites = scenario.zones, scenario.sites
    zone_rows, zone_last = read_groups(figures, "zones", "zone_id", [z.zone_id for z in zones], "zone.csv")
    site_rows, site_last = read_groups(figures, "sites", "site_id", [s.site_id for s in sites], "site.csv")
    left = read_curves(folder, *CURVES[0], [zone.zone_id for zone in zones], times, log)
    arrived = read_curves(folder, *CURVES[1], [site.site_id for site in sites], times, log)
    trapped = []
    for entry in figures.parts("trapped", []):
        link_index = {link_id: i for i, link_id in enumerate(scenario.network.link_ids)}
        link = index_of(entry, "link_id", link_index, "the scenario's link.csv")
        trapped.append((link if link is not None else -1, entry.number("persons")))
    plan, exposure = figures.part("plan"), figures.part("exposure_person_h")
    outcome = Outcome(
        scenario_hash=str(document.value("scenario_hash", str, "")),
        plan_clearance_s=plan.number("clearance_time_s", null=math.inf),
        plan_bound_s=plan.number("clearance_lower_bound_s", null=math.inf),
        clearance_time_s=figures.number("clearance_time_s", null=math.inf),
        last_arrival_s=figures.number("last_arrival_s"),
        time_90_s=figures.number("clearance_time_90_s", null=math.inf),
        departing=figures.number("departing"),
        vehicles=figures.number("vehicles"),
        tally=read_tally(figures.part("persons")),
        zones=tuple(read_tally(row) if row is not None else Tally(0.0) for row in zone_rows),
        curve_s=times,
        **lines,
        left=left,
        arrived=arrived,
        site_persons=np.array([row.number("persons") if row is not None else 0.0 for row in site_rows]),
        site_last_s=site_last,
        zone_last_s=zone_last,
        travel_s=read_spread(figures.part("travel_time_s")),
        delay_s=read_spread(figures.part("delay_s")),
        exposure_road_s=exposure.number("road") * 3600.0,
        exposure_home_s=exposure.number("home") * 3600.0,
        trapped=tuple(trapped),
        links=read_flows(folder, figures, scenario, log),
        seed=document.value("seed", int),
        settings=tuple((name, frozen(value)) for name, value in document.value("settings", dict).items()),  # type: ignore[misc]
        runtime_s=figures.number("runtime_s"),
        n_platoons=figures.value("platoons", int),
        n_events=figures.value("events", int),
    )
    log.raise_any("the outcome")
    return outcome


def read_tally(part: Document) -> Tally:
    """A tally by its field names."""
    return Tally(**{field.name: part.number(field.name) for field in fields(Tally)})


def read_spread(part: Document) -> tuple[float, float, float, float]:
    return part.number("mean"), part.number("median"), part.number("quantile_90"), part.number("most")


def read_groups(
    figures: Document, name: str, key: str, ids: list[str], file: str
) -> tuple[list[Document | None], FloatArray]:
    """One entry for each zone or site, None where there is none (a fault), and the last arrivals."""
    index = {text: i for i, text in enumerate(ids)}
    found: list[Document | None] = [None] * len(ids)
    last = np.full(len(ids), math.nan)
    for entry in figures.parts(name):
        row = index_of(entry, key, index, f"the scenario's {file}")
        if row is not None:
            found[row] = entry
            last[row] = entry.number("last_arrival_s", null=math.nan)
    missing = [text for text, entry in zip(ids, found, strict=True) if entry is None]
    if missing and figures.is_readable:
        figures.fault(name, f"none for {', '.join(missing[:5])}", f"one entry for each row of {file}")
    return found, last


def read_curves(folder: Path, file: str, column: str, ids: list[str], times: FloatArray, log: FaultLog) -> FloatArray:
    """float64[n, len(times)]: cumulative persons of each zone or site."""
    rows = np.zeros((len(ids), len(times)))
    table = read_rows(folder, file, Columns((column, "time_s", "persons"), (), may_be_empty=True), log)
    if table is None or not len(times):
        return rows
    group = table.references(column, {text: i for i, text in enumerate(ids)}, f"the scenario's {column[:-3]}.csv")
    at, persons = table.numbers("time_s", ANY_NUMBER), table.numbers("persons", ANY_NUMBER)
    good = (group >= 0) & np.isfinite(at) & np.isfinite(persons)
    step = np.clip(np.searchsorted(times, at[good] * (1 - 1e-8)), 0, len(times) - 1)
    rows[group[good], step] = persons[good]
    filled: FloatArray = np.maximum.accumulate(rows, axis=1)
    return filled


def read_flows(folder: Path, figures: Document, scenario: Scenario, log: FaultLog) -> LinkRecord | None:
    """Flows and delays link by link; None where the simulation did not keep them."""
    interval = figures.number("link_interval_s", null=math.nan)
    table = read_rows(folder, FLOWS, FLOW_COLUMNS, log)
    if table is None or not interval > 0:
        return None
    index = {link_id: i for i, link_id in enumerate(scenario.network.link_ids)}
    link = table.references("link_id", index, "the scenario's link.csv")
    begin = table.numbers("from_s", Range(0.0))
    entered, queue = table.numbers("vehicles", ANY_NUMBER), table.numbers("mean_queue", ANY_NUMBER)
    good = (link >= 0) & np.isfinite(begin)
    links, row = np.unique(link[good], return_inverse=True)
    step = np.round(begin[good] / interval).astype(np.int64)
    shape = (len(links), int(step.max(initial=-1)) + 1)
    flows, delays = np.zeros(shape), np.zeros(shape)
    flows[row, step] = entered[good]
    delays[row, step] = queue[good] * interval
    return LinkRecord(interval, links.astype(np.int64), flows, delays)
