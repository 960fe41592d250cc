"""
A scenario folder for the state at some moment: who is still at home, who is on the road, which beds are left.

Roads, crossings, availability and hazards are those of the changed scenario, byte by byte; zones, sites, directions and
the start are written anew. People on the road are zones at the node they reach next, ready when they do.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from clearway.ingest.settings import FILE, TABLES
from clearway.ingest.write_folder import COLUMNS, one_line
from clearway.model.demand import Site, Zone
from clearway.model.network import FloatArray
from clearway.model.scenario import Scenario
from clearway.model.state import State

REWRITTEN = ("zones", "sites", "directions")
DIRECTION_COLUMNS = ("zone_id", "direction", "share", "source")
SOURCE = "state of the plan"


def state_files(folder: Path, changed: Scenario, state: State, beds: FloatArray) -> dict[str, bytes]:
    """
    The files of the state's scenario folder: name -> content. ``beds`` is float64[n_sites], those left.

    ``folder`` is the changed scenario's, ``changed`` what was read from it.
    """
    text = (folder / FILE).read_text(encoding="utf-8-sig")
    named = tomllib.loads(text).get("files", {})
    names = {key: str(named.get(key, default)) for key, (default, _) in TABLES.items()}
    files = {
        name: (folder / name).read_bytes()
        for key, name in names.items()
        if key not in REWRITTEN and (folder / name).is_file()
    }
    ids = road_ids(changed, state)
    files[names["zones"]] = zone_table(changed, state, ids).encode()
    files[names["sites"]] = site_table(changed, beds).encode()
    directions = direction_table(changed, state, ids)
    if directions:
        files[names["directions"]] = directions.encode()
    elif "directions" in named:
        text = re.sub(r"(?m)^\s*directions\s*=.*$", "", text)
    files[FILE] = settings_text(text, changed, state.now_s).encode()
    return files


def settings_text(text: str, changed: Scenario, now_s: float) -> str:
    """scenario.toml with the start at the moment of the state and the rest of the horizon; all else stays."""
    start = (changed.start + timedelta(seconds=now_s)).isoformat()
    values = {"start": start, "horizon_h": repr((changed.horizon_s - now_s) / 3600)}
    lines, is_top = [], True
    for line in text.splitlines():
        is_top = is_top and not line.startswith("[")
        key = line.partition("=")[0].strip() if is_top else ""
        if key in values and "=" in line:
            continue
        lines.append(line)
    return "\n".join([*(f"{key} = {value}" for key, value in values.items()), *lines]) + "\n"


def road_ids(changed: Scenario, state: State) -> list[str]:
    """A zone id for each group on the road that no zone has."""
    prefix = "road"
    while any(zone.zone_id.startswith(f"{prefix}-") for zone in changed.zones):
        prefix += "-x"
    return [f"{prefix}-{i + 1}" for i in range(len(state.on_road))]


def zone_table(changed: Scenario, state: State, ids: Sequence[str]) -> str:
    """zone.csv: the zones with those still at home, then one for each group on the road."""
    network = changed.network
    rows: list[tuple[object, ...]] = []
    for index, zone in enumerate(changed.zones):
        with_vehicle = sum(n for (z, _), n in state.home.items() if z == index)
        present = with_vehicle + zone.without_vehicle
        without = zone.without_vehicle / present if present else 0.0
        load, priority = repr(zone.persons_per_vehicle), repr(zone.priority)
        ready, leave_by = moments(changed, zone, state.now_s)
        rows.append(
            (zone.zone_id, zone.name, network.node_ids[zone.node], present, 1, repr(without), load, ready, leave_by,
             priority, zone.source)
        )  # fmt: skip
    for zone_id, group in zip(ids, state.on_road, strict=True):
        zone, site = changed.zones[group.zone], changed.sites[group.site]
        name = one_line(f"{zone.name or zone.zone_id}, on the road to {site.name or site.site_id}")
        ready = (changed.start + timedelta(seconds=state.now_s + max(group.ready_s, 0.0))).isoformat()
        rows.append(
            (zone_id, name, network.node_ids[group.node], group.persons, 1, 0, repr(group.persons_per_vehicle),
             ready, "", repr(zone.priority), SOURCE)
        )  # fmt: skip
    return as_csv(COLUMNS["zone"], rows)


def moments(changed: Scenario, zone: Zone, now_s: float) -> tuple[str, str]:
    """ready_at and leave_by of a zone as cells, blank where they do not matter any more."""
    if not zone.departure_windows:
        return "", ""
    ready = (changed.start + timedelta(seconds=zone.ready_s)).isoformat() if zone.ready_s > now_s else ""
    finite = zone.leave_by_s < float("inf")
    leave_by = (changed.start + timedelta(seconds=zone.leave_by_s)).isoformat() if finite else ""
    return ready, leave_by


def site_table(changed: Scenario, beds: FloatArray) -> str:
    """site.csv with the beds that are left."""
    rows = []
    for site, left in zip(changed.sites, beds.tolist(), strict=True):
        opens, closes = opening(changed, site)
        rows.append(
            (site.site_id, site.name, changed.network.node_ids[site.node], "" if left == float("inf") else repr(left),
             opens, closes, site.direction, site.source)
        )  # fmt: skip
    return as_csv(COLUMNS["site"], rows)


def opening(changed: Scenario, site: Site) -> tuple[str, str]:
    """opens_at and closes_at of a site as cells; closures in between are in availability.csv."""
    if not site.open_windows:
        return "", ""
    first, last = site.open_windows[0][0], site.open_windows[-1][1]
    opens = (changed.start + timedelta(seconds=first)).isoformat() if first > 0 else ""
    return opens, (changed.start + timedelta(seconds=last)).isoformat() if last < float("inf") else ""


def direction_table(changed: Scenario, state: State, ids: Sequence[str]) -> str:
    """direction.csv: shares that give the very persons of the state; empty where nobody chooses."""
    rows: list[tuple[object, ...]] = []
    for index, zone in enumerate(changed.zones):
        if not zone.directions:
            continue
        left = {d: state.home.get((index, d), 0) for d, _ in zone.directions}
        people = sum(left.values())
        shares = {d: n / people for d, n in left.items()} if people else dict(zone.directions)
        rows += [(zone.zone_id, d, repr(share), SOURCE) for d, share in shares.items()]
    rows += [
        (zone_id, g.direction, 1, SOURCE)
        for zone_id, g in zip(ids, state.on_road, strict=True)
        if g.direction is not None
    ]
    return as_csv(DIRECTION_COLUMNS, rows) if rows else ""


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
