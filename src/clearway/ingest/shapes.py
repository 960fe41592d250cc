"""Lines and polygons as text, through shapely, which is imported only where a scenario has any."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clearway.model.network import FloatArray


def read_lines(cells: Sequence[str]) -> list[FloatArray | None]:
    """Per cell float64[n_points, 2] of a WKT LINESTRING or GeoJSON LineString, None where it is neither."""
    import shapely

    is_json = np.array([cell[0] == "{" for cell in cells])
    texts = np.array(cells, dtype=object)
    shapes = np.full(len(texts), None, dtype=object)
    with np.errstate(all="ignore"):  # numbers beyond a double's range become inf, which is sorted out below
        shapes[~is_json] = shapely.from_wkt(texts[~is_json], on_invalid="ignore")
        shapes[is_json] = shapely.from_geojson(texts[is_json], on_invalid="ignore")
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    edges = np.searchsorted(owner, np.arange(len(texts) + 1))
    is_line = (shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING) & (np.diff(edges) >= 2)
    is_sound = np.isfinite(coordinates).all(axis=1)
    broken = np.unique(owner[~is_sound])
    is_line[broken] = False
    coordinates.setflags(write=False)
    return [
        coordinates[a:b] if good else None
        for good, a, b in zip(is_line.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]


def overlay(
    areas: Sequence[Sequence[Sequence[Sequence[tuple[float, float]]]]],
    ends: FloatArray,
    lines: Sequence[FloatArray | None],
    points: FloatArray,
) -> list[tuple[list[int], list[int]]]:
    """
    Per area (polygons, each an outer ring and its holes) the lines and the points it touches, by index.

    Parameters
    ----------
    ends : float64[n_lines, 2, 2]
        Where a line begins and ends: what it is where ``lines`` has None.
    points : float64[n_points, 2]
    """
    import shapely

    shapes = np.empty(len(ends), dtype=object)
    is_dot = (ends[:, 0] == ends[:, 1]).all(axis=1)  # a line of no extent touches nothing in GEOS
    shapes[is_dot] = shapely.points(ends[is_dot, 0])
    shapes[~is_dot] = shapely.linestrings(ends[~is_dot])
    drawn = [i for i, line in enumerate(lines) if line is not None]
    if drawn:
        parts = [line for line in lines if line is not None]
        owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        shapes[drawn] = shapely.linestrings(np.concatenate(parts), indices=owner)
    line_tree, point_tree = shapely.STRtree(shapes), shapely.STRtree(shapely.points(points))
    touched = []
    for polygons in areas:
        area = shapely.union_all([shapely.make_valid(shapely.Polygon(rings[0], rings[1:])) for rings in polygons])
        hit_lines = np.sort(line_tree.query(area, predicate="intersects")).tolist()
        hit_points = np.sort(point_tree.query(area, predicate="intersects")).tolist()
        touched.append((hit_lines, hit_points))
    return touched
