"""The folder of an export: its tables of vehicles and ids, and writing it whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import clearway
from clearway.errors import OutputError, UsageError
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish.exports.convoy import Vehicles
from clearway.publish.plan_folder import LEFT_BY_DESKTOPS, write_whole

ABOUT = "export.json"
XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def write_export(target: Path, files: Mapping[str, str], about: Mapping[str, Any]) -> None:
    """
    Write an export's files and ``export.json``, which says what they are; an earlier export there is replaced.

    Raises
    ------
    UsageError
        ``target`` is a file, or holds something that no export wrote.
    OutputError
        The disk did not take it; nothing is left behind.
    """
    refuse_other(target)
    names = sorted((*files, ABOUT))
    document = json.dumps({**about, "clearway": clearway.__version__, "files": names}, indent=1, ensure_ascii=False)
    try:
        write_whole(target.resolve(), {**files, ABOUT: document + "\n"})
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"could not write the export to {target}: {reason}; nothing was left behind") from error


def refuse_other(target: Path) -> None:
    """Refuse a folder that holds what no export wrote: it would be lost."""
    if not target.exists():
        nearest = next(path for path in target.resolve().parents if path.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise UsageError(f"{target} cannot be made: {nearest} is a file or may not be written to")
        return
    if not target.is_dir():
        raise UsageError(f"{target} is a file; --out names a folder")
    if target.resolve() == Path.cwd():
        raise UsageError(f"{target} is the current folder, which cannot be replaced; name another or go elsewhere")
    there = {path.name for path in target.iterdir()} - LEFT_BY_DESKTOPS
    foreign = sorted(there - listed(target / ABOUT))
    if foreign:
        raise UsageError(
            f"{target} holds {', '.join(foreign[:3])}, which no export wrote; name a folder that does not exist yet, "
            "an empty one or an earlier export"
        )


def listed(path: Path) -> set[str]:
    """The files an earlier export says are its own."""
    try:
        files = json.loads(path.read_bytes())["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {name for name in files if isinstance(name, str)} if isinstance(files, list) else set()


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV table; floats to the millisecond, the millimetre or the thousandth of a person."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([number(cell) if isinstance(cell, float) else cell for cell in row] for row in rows)
    return buffer.getvalue()


def number(value: float, digits: int = 3) -> str:
    """A number without a tail of zeros."""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") or "0"


def element(tag: str, inner: str | None = None, /, **attributes: object) -> str:
    """An XML element; attributes that are None are left out, ``_`` at a name's end avoids Python's own words."""
    words = "".join(
        f" {name.rstrip('_')}={quoteattr(clean(number(value) if isinstance(value, float) else str(value)))}"
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{words}/>" if inner is None else f"<{tag}{words}>{inner}</{tag}>"


def clean(text: str) -> str:
    """Text without the characters that XML 1.0 does not know, not even escaped."""
    return "".join(
        c if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "?" for c in text
    )


def vehicles_csv(vehicles: Vehicles, plan: Plan, scenario: Scenario) -> str:
    """Every vehicle with the zone, site, route and movement it is of."""
    rows = (
        (f"v{i}", plan.movements.ids[m], scenario.zones[z].zone_id, scenario.sites[s].site_id, plan.routes.ids[r], t, p)
        for i, (m, z, s, r, t, p) in enumerate(
            zip(
                vehicles.movement.tolist(), vehicles.zone.tolist(), vehicles.site.tolist(), vehicles.route.tolist(),
                vehicles.depart_s.tolist(), vehicles.persons.tolist(), strict=True,
            )
        )
    )  # fmt: skip
    columns = ("vehicle_id", "movement_id", "zone_id", "site_id", "route_id", "depart_s", "persons")
    return table(columns, rows)


def ids_csv(scenario: Scenario, plan: Plan, further: Iterable[tuple[str, str, str, str]] = ()) -> str:
    """What each id of the export stands for; ``further`` are (kind, id, of what, name) of things only it has."""
    network = scenario.network
    rows: list[tuple[str, str, str, str]] = []
    rows += [("node", f"n{i}", v, network.node_names[i]) for i, v in enumerate(network.node_ids)]
    rows += [("link", f"e{i}", link, network.link_names[i]) for i, link in enumerate(network.link_ids)]
    rows += [("route", f"r{i}", route, "") for i, route in enumerate(plan.routes.ids)]
    rows += [("site", f"s{i}", site.site_id, site.name) for i, site in enumerate(scenario.sites)]
    rows += [("zone", f"z{i}", zone.zone_id, zone.name) for i, zone in enumerate(scenario.zones)]
    return table(("kind", "export_id", "clearway_id", "name"), [*rows, *further])


def about(kind: str, scenario: Scenario, plan: Plan, vehicles: Vehicles, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What ``export.json`` says: what was exported, and that nobody was lost on the way."""
    left = sum(left.persons for left in plan.left_out)
    return {
        "export": kind,
        "scenario": scenario.name,
        "start": scenario.start.isoformat(),
        "scenario_hash": scenario.content_hash,
        "vehicles": len(vehicles),
        "vehicles_planned": round(float(plan.movements.vehicles.sum()), 6),
        "persons": round(float(vehicles.persons.sum()), 6),
        "persons_planned": round(plan.persons_planned, 6),
        "persons_left_out": round(left, 6),
        "clearance_planned_s": round(plan.clearance_time_s, 3),
        "settings": dict(settings),
    }
