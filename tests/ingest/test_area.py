"""A drawn polygon: places within become zones, roads out become sites; what is wrong with it is said."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearway.errors import InputError, UsageError
from clearway.ingest.area import compass, read_area
from clearway.ingest.folder import read_scenario
from clearway.ingest.osm import import_osm

TINY = Path(__file__).parents[1] / "data" / "osm" / "tiny.osm"
ANDORRA = Path(__file__).parents[3] / "shared" / "data" / "osm" / "andorra.osm.pbf"


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def write(path: Path, document: Any) -> Path:
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def west(tmp_path: Path) -> Path:
    """The western half of the tiny extract: Westville and the bridge, not node 4, the ferry and Isle."""
    return write(
        tmp_path / "west.geojson", {"type": "Feature", "properties": {}, "geometry": box(-0.01, -0.02, 0.025, 0.02)}
    )


def test_polygon_button_clearance_time(tmp_path: Path, west: Path):
    report = import_osm(TINY, tmp_path / "out", area=west, sites_at_boundary=True)
    # Roads out: only Main Street, 3 to 4. One Street comes in from node 4, One way: no way out, and not needed.
    assert [(row["site_id"], row["name"], row["node_id"], row["beds"]) for row in rows(report.folder, "site")] == [
        ("exit-4", "Main Street, east", "4", "")
    ]
    assert {row["link_id"] for row in rows(report.folder, "link")} == {
        *("100_1", "101_1", "101_1b", "102_1", "104_1", "104_2", "105_1", "106_1"),
    }
    assert [row["zone_id"] for row in rows(report.folder, "zone")] == ["30"]
    scenario = read_scenario(report.folder)
    assert not scenario.warnings
    assert any("safe" in sentence for sentence in scenario.assumptions)


def test_an_area_beyond_the_extract_is_told(tmp_path: Path, west: Path):
    # the extract's roads lie between -0.004 and 0.06 east, -0.0005 and 0.06 north
    report = import_osm(TINY, tmp_path / "out", area=west, sites_at_boundary=True)
    assert report.notes[1].startswith("The area reaches beyond the extract in the west and south: roads out there")


def test_without_sites_it_asks_and_names_candidates(tmp_path: Path, west: Path):
    with pytest.raises(UsageError) as caught:
        import_osm(TINY, tmp_path / "out", area=west)
    message = str(caught.value)
    assert "--sites FILE" in message
    assert "31,Isle,0.060500,0.000000" in message  # the only place outside; 0.0355 degrees east of the edge: 3.9 km
    assert "3.9 km" in message
    assert "Westville" not in message
    assert not (tmp_path / "out").exists()


def test_with_sites_the_whole_network_stays(tmp_path: Path, west: Path):
    sites = write(tmp_path / "sites.csv", "site_id,name,lon,lat,beds\nisle,Isle,0.06,0,2000\n")
    report = import_osm(TINY, tmp_path / "out", area=west, sites=sites)
    assert [row["zone_id"] for row in rows(report.folder, "zone")] == ["30"]
    assert [row["beds"] for row in rows(report.folder, "site")] == ["2000"]
    assert "107_1" in {row["link_id"] for row in rows(report.folder, "link")}


def test_places_of_a_table_are_cut_to_the_area(tmp_path: Path, west: Path):
    table = "place_id,node_id,population\na,2,100\nb,13,200\nc,1,0\n"
    places = write(tmp_path / "places.csv", table)
    report = import_osm(TINY, tmp_path / "out", area=west, places=places, sites_at_boundary=True)
    assert [(row["zone_id"], row["node_id"]) for row in rows(report.folder, "zone")] == [("a", "2")]


def test_boundary_needs_an_area_and_no_table(tmp_path: Path, west: Path):
    with pytest.raises(UsageError, match="needs the boundary"):
        import_osm(TINY, tmp_path / "out", sites_at_boundary=True)
    with pytest.raises(UsageError, match="either"):
        import_osm(TINY, tmp_path / "out", area=west, sites=tmp_path / "s.csv", sites_at_boundary=True)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (box(5, 5, 6, 6), "none of the 3 places with a population lies within the area; the nearest is Isle"),
        (box(-0.001, 0.05, 0.001, 0.07), "1 would with longitude and latitude swapped"),
        (box(-0.01, -0.02, 0.07, 0.02), "no road of the extract leaves the area: the extract ends within it"),
        (box(0.0105, 0.0005, 0.0115, 0.0015), "none of the 1 places within the area has a population"),
        ({"type": "FeatureCollection", "features": []}, "found no polygon"),
        ({"type": "Point", "coordinates": [0, 0]}, "found Point, expected a Polygon or MultiPolygon"),
        ({"type": "Feature", "geometry": None}, "found Feature, expected a Polygon"),
        ({"hello": 1}, "found no GeoJSON type"),
        ([1, 2], "found no GeoJSON type"),
        ("{", "is not JSON"),
        ('{"type": "Polygon", "coordinates": [[[NaN, 0], [1, 0], [1, 1], [NaN, 0]]]}', "is not JSON"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}, "no ring of at least four positions"),
        ({"type": "Polygon", "coordinates": "x"}, "no ring of at least four positions"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, "Self-intersection[0.5 0.5]"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [2, 0], [0, 0]]]}, "the polygon"),
        (box(25, 95, 26, 96), "are longitude and latitude swapped?"),
        (box(500000, 4700000, 510000, 4710000), "GeoJSON is in WGS 84"),
    ],
)
def test_faulty_areas_are_told(tmp_path: Path, document: Any, expected: str):
    area = write(tmp_path / "area.geojson", document)
    with pytest.raises(InputError) as caught:
        import_osm(TINY, tmp_path / "out", area=area, sites_at_boundary=True)
    assert expected in str(caught.value)
    assert caught.value.faults[0].file == "area.geojson"
    assert [path.name for path in tmp_path.iterdir()] == ["area.geojson"]


def test_missing_and_binary_areas_are_told(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read"):
        read_area(tmp_path / "none.geojson")
    (tmp_path / "binary.geojson").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        read_area(tmp_path / "binary.geojson")


def test_faults_of_area_and_tables_come_together(tmp_path: Path):
    area = write(tmp_path / "area.geojson", {"type": "Point"})
    sites = write(tmp_path / "sites.csv", "site_id,lon,lat,beds\n1,0,0,many\n")
    with pytest.raises(InputError) as caught:
        import_osm(TINY, tmp_path / "out", area=area, sites=sites)
    assert [fault.file for fault in caught.value.faults] == ["area.geojson", "sites.csv"]


def test_holes_and_several_polygons(tmp_path: Path):
    outer, inner = box(0, 0, 0.03, 0.03)["coordinates"][0], box(0.01, 0.01, 0.02, 0.02)["coordinates"][0]
    shapes = {"type": "MultiPolygon", "coordinates": [[outer, inner], box(0.1, 0, 0.11, 0.01)["coordinates"]]}
    area = read_area(write(tmp_path / "a.geojson", {"type": "GeometryCollection", "geometries": [shapes]}))
    inside = area.contains(np.array([0.005, 0.015, 0.105, 0.05]), np.array([0.005, 0.015, 0.005, 0.005]))
    assert inside.tolist() == [True, False, True, False]
    # (9 - 1 + 1) squares of 1.11195 km
    assert area.size_km2 == pytest.approx(9 * 1.1119508**2, rel=1e-6)
    # from the east edge of the first polygon: 0.01 degrees
    assert area.distance_m(0.04, 0.005) == pytest.approx(1111.95, abs=0.01)


def test_compass():
    assert [compass(0, 0, *to) for to in ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))] == [
        *("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"),
    ]


def test_real_extract_by_its_boundary(tmp_path: Path):
    if not ANDORRA.is_file():
        pytest.skip(f"no extract at {ANDORRA}: real extracts lie beside the repository")
    area = write(tmp_path / "area.geojson", box(1.48, 42.48, 1.56, 42.53))
    report = import_osm(ANDORRA, tmp_path / "out", area=area, sites_at_boundary=True)
    assert 4 <= report.n_sites <= 20
    scenario = read_scenario(report.folder)
    assert not [warning for warning in scenario.warnings if "reach" in warning]
