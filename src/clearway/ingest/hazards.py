"""hazard.geojson: polygons with ``from`` and ``until``; what they touch is closed in that time."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from clearway.ingest.demand_tables import Demand
from clearway.ingest.faults import FaultLog, did_you_mean, show
from clearway.ingest.network_tables import Links, Nodes
from clearway.ingest.settings import Settings, is_finite
from clearway.ingest.shapes import overlay
from clearway.ingest.tables import CONTROL_CHARACTER, LARGEST, decode, fault_bad_lines, seconds_from
from clearway.model.situation import Availability, HazardArea

Ring = list[tuple[float, float]]
PROPERTIES = ("name", "from", "until", "source")


@dataclass(frozen=True, slots=True)
class Hazard:
    """Polygons (each an outer ring and its holes) that close what they touch in [from_s, until_s)."""

    name: str
    polygons: tuple[tuple[Ring, ...], ...]
    from_s: float
    until_s: float
    source: str


def read_hazards(raw: bytes, file: str, settings: Settings, log: FaultLog) -> list[Hazard]:
    """The hazards of a GeoJSON file; faults name the feature, counted from 0."""
    text, is_clean = decode(raw, file, log)
    if not is_clean:
        fault_bad_lines(text, file, log)
        return []
    if not text:
        return []
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        log.add(file, f"not valid JSON: {error.msg}", row=error.lineno)
        return []
    except (ValueError, RecursionError):
        log.add(file, "not valid JSON: numbers too long or nested too deep")
        return []
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection" or not isinstance(features, list):
        log.add(file, "expected a GeoJSON FeatureCollection with a list of features")
        return []
    hazards = []
    for i, feature in enumerate(features):
        reader = FeatureReader(file, f"features[{i}]", settings, log)
        hazard = reader.hazard(feature, f"hazard {i + 1}")
        if hazard is not None:
            hazards.append(hazard)
    return hazards


@dataclass(frozen=True, slots=True)
class FeatureReader:
    """Reads one feature, noting faults under its place in the file."""

    file: str
    place: str
    settings: Settings
    log: FaultLog

    def fault(self, field: str, message: str) -> None:
        self.log.add(self.file, message, field=f"{self.place}{field}")

    def hazard(self, feature: object, default_name: str) -> Hazard | None:
        """The hazard, None where it is faulty or over before the start."""
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            self.fault("", f"found {show(feature)}, expected a Feature")
            return None
        properties = feature.get("properties") or {}
        if not isinstance(properties, dict):
            self.fault(".properties", f"found {show(properties)}, expected an object with from and until")
            return None
        polygons = self.polygons(feature.get("geometry"))
        start = self.settings.start
        from_s, until_s = self.instant(properties, "from", start), self.instant(properties, "until", start)
        if from_s is not None and until_s is not None and from_s >= until_s:
            self.fault(".properties.until", f"found {show(properties['until'])}, expected a time after from")
        if polygons is None:
            return None
        name, source = (one_line(properties.get(key)) for key in ("name", "source"))
        for key in properties:
            if key not in PROPERTIES and did_you_mean(key, PROPERTIES):
                self.log.warn(f"{self.file}: property {show(key)} is not read{did_you_mean(key, PROPERTIES)}")
        end = math.inf if until_s is None else until_s
        if end <= 0:
            self.log.warn(f"{self.file}: {name or default_name} is over before the start; it has no effect")
            return None
        return Hazard(name or default_name, polygons, max(from_s or 0.0, 0.0), end, source)

    def instant(self, properties: dict[str, Any], key: str, start: datetime) -> float | None:
        """Seconds from the start, None where the property is absent, blank or faulty."""
        value = properties.get(key)
        if value is None or value == "":
            return None
        try:
            if not isinstance(value, str):
                raise ValueError(f"found {show(value)}, expected a time as text, ISO 8601 with offset")
            return seconds_from(start, value.strip())
        except ValueError as error:
            self.fault(f".properties.{key}", str(error))
            return None

    def polygons(self, geometry: object) -> tuple[tuple[Ring, ...], ...] | None:
        """Rings of a Polygon or MultiPolygon, None where there is a fault."""
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
        if kind not in ("Polygon", "MultiPolygon") or not isinstance(coordinates, list) or not coordinates:
            found = (
                show(kind) if isinstance(kind, str) and kind not in ("Polygon", "MultiPolygon") else "no coordinates"
            )
            self.fault(".geometry", f"found {found}, expected a Polygon or MultiPolygon")
            return None
        polygons = []
        for rings in [coordinates] if kind == "Polygon" else coordinates:
            read = [self.ring(ring) for ring in rings] if isinstance(rings, list) and rings else [None]
            sound = tuple(ring for ring in read if ring is not None)
            if len(sound) < len(read):
                expected = "rings of four or more points, each [x, y]"
                limits = "" if self.settings.is_local else " in degrees, longitude (within 180) first"
                self.fault(".geometry.coordinates", f"expected {expected}{limits}")
                return None
            polygons.append(sound)
        return tuple(polygons)

    def ring(self, points: object) -> Ring | None:
        """A ring of points, None where it is not one."""
        if not isinstance(points, list) or len(points) < 4:
            return None
        ring = []
        for point in points:
            if not isinstance(point, list) or len(point) < 2 or not all(map(is_finite, point[:2])):
                return None
            x, y = float(point[0]), float(point[1])
            most_x, most_y = (LARGEST, LARGEST) if self.settings.is_local else (180.0, 90.0)
            if abs(x) > most_x or abs(y) > most_y:
                return None
            ring.append((x, y))
        return ring


def one_line(value: object) -> str:
    """A property as text in one line, empty where there is none."""
    return CONTROL_CHARACTER.sub("", " ".join(str(value).split())) if isinstance(value, str | int | float) else ""


def close_touched(
    hazards: Sequence[Hazard], nodes: Nodes, links: Links, demand: Demand, log: FaultLog
) -> tuple[list[Availability], list[HazardArea]]:
    """
    Statements that close each road and site a hazard touches, and what lies within each hazard.

    ``nodes``, ``links``, ``demand`` are faultless.
    """
    if not hazards:
        return [], []
    ends = np.stack((np.stack((nodes.x, nodes.y), 1)[links.tail], np.stack((nodes.x, nodes.y), 1)[links.head]), 1)
    site_nodes = np.array([site.node for site in demand.sites], dtype=np.int64)
    zone_nodes = np.array([zone.node for zone in demand.zones], dtype=np.int64)
    spots = np.concatenate((site_nodes, zone_nodes))
    points = np.stack((nodes.x[spots], nodes.y[spots]), 1)
    touched = overlay([hazard.polygons for hazard in hazards], ends, links.geometry, points)
    n_sites = len(demand.sites)
    statements: list[Availability] = []
    areas: list[HazardArea] = []
    for hazard, (rows, places) in zip(hazards, touched, strict=True):
        sites = [demand.sites[i] for i in places if i < n_sites]
        zones = [demand.zones[i - n_sites] for i in places if i >= n_sites]
        note = f"closed by {hazard.name}"
        span = (hazard.from_s, hazard.until_s, 0.0)
        within = tuple(link for row in rows for link in links.resolve(links.ids[row]))
        areas.append(
            HazardArea(
                hazard.name,
                hazard.from_s,
                hazard.until_s,
                within,
                tuple(int(i) - n_sites for i in places if i >= n_sites),
            )
        )
        for row in rows:
            both = links.resolve(links.ids[row])
            statements.append(Availability("link", links.ids[row], *span, both, "", note, hazard.source))
        for site in sites:
            statements.append(Availability("site", site.site_id, *span, (), "", note, hazard.source))
        if not rows and not sites:
            log.warn(f"{hazard.name} touches no link and no site; are its coordinates in the network's place?")
        log.warn_each(
            (f"zone {zone.zone_id} lies within {hazard.name}: {zone.present:,} people" for zone in zones),
            f"zones within {hazard.name}",
        )
    return statements, areas
