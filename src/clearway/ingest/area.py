"""A polygon drawn by the user: who is inside, and which roads lead out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from clearway.errors import Fault, InputError, UsageError
from clearway.ingest.earth import METRES_PER_DEGREE, Numbers
from clearway.ingest.points import Point
from clearway.model.network import FloatArray

BoolArray = npt.NDArray[np.bool_]

# A drawn line is rough: a road that runs along it must not count as leaving it at every bend. Ours.
BOUNDARY_BUFFER_M = 100.0
N_CANDIDATES = 3  # places offered as sites (issue 2, item 8)


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """
    A polygon on a plane in metres around its middle, true to scale near it.

    ``shape`` is a shapely geometry; use the methods, which take longitudes and latitudes.
    """

    shape: Any
    file: str
    middle_lon: float
    middle_lat: float

    def plane(self, lon: Numbers, lat: Numbers) -> tuple[FloatArray, FloatArray]:
        """Metres east and north of the middle (equirectangular)."""
        scale = METRES_PER_DEGREE * math.cos(math.radians(self.middle_lat))
        x: FloatArray = np.subtract(lon, self.middle_lon) * scale
        y: FloatArray = np.subtract(lat, self.middle_lat) * METRES_PER_DEGREE
        return x, y

    def contains(self, lon: FloatArray, lat: FloatArray, buffer_m: float = 0.0) -> BoolArray:
        """bool[n]: points within the polygon, or within ``buffer_m`` of it."""
        import shapely

        shape = self.shape.buffer(buffer_m) if buffer_m else self.shape
        shapely.prepare(shape)
        inside: BoolArray = shapely.intersects_xy(shape, *self.plane(lon, lat))
        return inside

    def distance_m(self, lon: float, lat: float) -> float:
        """Metres from the polygon, 0 inside."""
        import shapely

        x, y = self.plane(lon, lat)
        return float(shapely.distance(self.shape, shapely.Point(x, y)))

    def reaches_beyond(self, lon: FloatArray, lat: FloatArray) -> list[str]:
        """The sides (compass points) on which the polygon reaches beyond all of these points."""
        west, south, east, north = self.shape.bounds
        x, y = self.plane(lon, lat)
        beyond = {"west": west < x.min(), "south": south < y.min(), "east": east > x.max(), "north": north > y.max()}
        return [side for side, is_beyond in beyond.items() if is_beyond]

    @property
    def size_km2(self) -> float:
        return float(self.shape.area) / 1e6


def read_area(path: Path) -> Area:
    """
    The union of the polygons of a GeoJSON file (WGS 84: longitude first).

    Raises
    ------
    InputError : not GeoJSON, no polygon in it, a polygon that crosses itself, coordinates that are not degrees.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=no_constant)
    except OSError as error:
        raise area_error(path, f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise area_error(path, "is not UTF-8 text, expected GeoJSON") from error
    except (ValueError, RecursionError) as error:
        raise area_error(path, f"is not JSON ({str(error)[:200]}), expected GeoJSON") from error
    faults: list[Fault] = []
    rings = [polygon for polygon in polygons_of(document, path, faults) if check_polygon(polygon, path, faults)]
    if not rings and not faults:
        faults.append(Fault(path.name, "found no polygon, expected a GeoJSON Polygon or MultiPolygon"))
    if faults:
        raise InputError(faults, "the area")
    return area_of(rings, path)


def no_constant(word: str) -> float:
    """JSON has no NaN and no Infinity; Python's reader lets them pass."""
    raise ValueError(f"{word} is not a number of JSON")


def polygons_of(document: Any, path: Path, faults: list[Fault], place: str = "the file") -> Iterator[Any]:
    """The coordinates of every polygon of a GeoJSON document; other geometries are faults."""
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "FeatureCollection" and isinstance(document.get("features"), list):
        for number, feature in enumerate(document["features"], start=1):
            yield from polygons_of(feature, path, faults, f"feature {number}")
    elif kind == "Feature" and document.get("geometry") is not None:
        yield from polygons_of(document["geometry"], path, faults, place)
    elif kind == "GeometryCollection" and isinstance(document.get("geometries"), list):
        for geometry in document["geometries"]:
            yield from polygons_of(geometry, path, faults, place)
    elif kind == "Polygon":
        yield document.get("coordinates")
    elif kind == "MultiPolygon" and isinstance(document.get("coordinates"), list):
        yield from document["coordinates"]
    else:
        found = kind if isinstance(kind, str) else "no GeoJSON type"
        faults.append(Fault(path.name, f"{place}: found {found}, expected a Polygon or MultiPolygon"))


def check_polygon(rings: Any, path: Path, faults: list[Fault]) -> bool:
    """Whether a polygon's coordinates are rings of longitudes and latitudes; faults noted."""
    try:
        points = [(float(point[0]), float(point[1])) for ring in rings for point in ring]
        sizes = [len(ring) for ring in rings]
    except (TypeError, ValueError, IndexError, KeyError):
        points, sizes = [], []
    if not sizes or min(sizes) < 4:
        message = "a polygon has no ring of at least four positions, expected [[[lon, lat], ...]] closed"
        faults.append(Fault(path.name, message))
        return False
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in points):
        faults.append(Fault(path.name, "a position is not a finite number"))
        return False
    outside = next(((x, y) for x, y in points if abs(x) > 180 or abs(y) > 90), None)
    if outside is not None:
        x, y = outside
        swapped = all(abs(x) <= 90 and abs(y) <= 180 for x, y in points)
        hint = "; are longitude and latitude swapped?" if swapped else "; GeoJSON is in WGS 84 (EPSG:4326)"
        faults.append(
            Fault(path.name, f"found the position {x:g}, {y:g}, expected longitude, latitude in degrees{hint}")
        )
        return False
    return True


def area_of(polygons: Sequence[Any], path: Path) -> Area:
    """Checked coordinates as one shape; InputError where a polygon crosses itself or covers nothing."""
    import shapely

    positions = [(float(point[0]), float(point[1])) for rings in polygons for ring in rings for point in ring]
    lon, lat = [x for x, _ in positions], [y for _, y in positions]
    area = Area(None, path.name, (min(lon) + max(lon)) / 2, (min(lat) + max(lat)) / 2)

    def to_plane(ring: Any) -> list[tuple[float, float]]:
        x, y = area.plane(np.array([float(p[0]) for p in ring]), np.array([float(p[1]) for p in ring]))
        return list(zip(x.tolist(), y.tolist(), strict=True))

    shapes, faults = [], []
    for rings in polygons:
        shape = shapely.Polygon(to_plane(rings[0]), [to_plane(ring) for ring in rings[1:]])
        if not shape.is_valid:
            # the reason names a point in metres, which helps nobody: say it in degrees
            shape_in_degrees = shapely.Polygon([p[:2] for p in rings[0]], [[p[:2] for p in r] for r in rings[1:]])
            faults.append(Fault(path.name, f"the polygon is not valid: {shapely.is_valid_reason(shape_in_degrees)}"))
        elif shape.area == 0:
            faults.append(Fault(path.name, "the polygon covers nothing"))
        shapes.append(shape)
    if faults:
        raise InputError(faults, "the area")
    return Area(shapely.union_all(shapes), path.name, area.middle_lon, area.middle_lat)


def places_within(area: Area, places: Sequence[Point]) -> list[Point]:
    """
    The places inside the area.

    Raises
    ------
    InputError : there are none; says which is nearest, and whether swapped coordinates would explain it.
    """
    if not places:
        raise InputError(
            [Fault(area.file, "no place with a population is known; give a table of places (--places)")], "the area"
        )
    lon, lat = np.array([p.x for p in places]), np.array([p.y for p in places])
    inside = area.contains(lon, lat)
    if inside.any():
        return [place for place, is_inside in zip(places, inside, strict=True) if is_inside]
    n_swapped = int(area.contains(lat, lon).sum())
    if n_swapped:
        hint = f"; {n_swapped} would with longitude and latitude swapped: GeoJSON puts the longitude first"
    else:
        nearest, apart = min(((place, area.distance_m(place.x, place.y)) for place in places), key=lambda pair: pair[1])
        hint = f"; the nearest is {nearest.name}, {apart / 1000:,.1f} km away"
    raise InputError(
        [Fault(area.file, f"none of the {len(places)} places with a population lies within the area{hint}")], "the area"
    )


def ask_for_sites(area: Area, places: Sequence[Point]) -> UsageError:
    """The error that asks where people shall go, with the nearest places outside the area as candidates."""
    outside = [(area.distance_m(place.x, place.y), place) for place in places]
    nearest = sorted(((apart, p) for apart, p in outside if apart > 0), key=lambda pair: pair[0])[:N_CANDIDATES]
    rows = [f"  {p.point_id},{p.name},{p.x:.6f},{p.y:.6f}   ({apart / 1000:,.1f} km away)" for apart, p in nearest]
    found = (
        ["The nearest places outside the area are candidates (site_id,name,x_coord,y_coord):", *rows]
        if rows
        else ["No place outside the area is known."]
    )
    lines = [
        "where shall people go? Give a table of sites (--sites FILE), or --sites-at-boundary if they are safe as soon "
        "as they have left the area.",
        *found,
    ]
    return UsageError("\n".join(lines))


def compass(from_lon: float, from_lat: float, to_lon: float, to_lat: float) -> str:
    """The compass point (of eight) in which one position lies from another."""
    east = (to_lon - from_lon) * math.cos(math.radians(from_lat))
    angle = math.degrees(math.atan2(east, to_lat - from_lat)) % 360
    return ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")[
        round(angle / 45) % 8
    ]


def area_error(path: Path, message: str) -> InputError:
    """An error with one fault about the file as a whole."""
    return InputError([Fault(path.name, message)], "the area")
