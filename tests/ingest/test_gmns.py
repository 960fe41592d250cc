"""GMNS folders: units, defaults by facility type, geometry, faults."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from clearway.errors import InputError, UsageError
from clearway.ingest.folder import read_scenario
from clearway.ingest.gmns import GmnsUnits, import_gmns
from clearway.ingest.road_classes import road_class_of

CONFIG = "dataset_name,short_length,long_length,speed,crs,version_number\nTown,ft,mi,mph,EPSG:4326,0.96\n"
NODES = "node_id,name,x_coord,y_coord,zone_id\na,Anna's,0,0,1\nb,,0.01,0,\nc,,0.02,0,2\n"
LINKS = (
    "link_id,name,from_node_id,to_node_id,directed,geometry_id,geometry,dir_flag,length,facility_type,"
    "capacity,free_speed,lanes,allowed_uses"
    """
1,First,a,b,0,,,1,0.691,freeway,1800,65,2,auto
2,,b,c,1,g2,,-1,,minor arterial,,NaN,,auto
3,,c,b,1,,,,0.7,,,,,
4,Path,a,c,0,,,,1.4,,,,,"bike,ped"
5,,c,c,1,,,,0.1,,,,,
"""
)
GEOMETRY = 'geometry_id,geometry\ng2,"LINESTRING (0.02 0, 0.015 0.001, 0.01 0)"\n'
ZONES = "zone_id,name,node_id,population\nz,Anna's,a,100\n"
SITES = "site_id,name,x_coord,y_coord,beds\ns,Hall,0.0201,0,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "gmns"
    source.mkdir()
    tables = {"config": CONFIG, "node": NODES, "link": LINKS, "geometry": GEOMETRY, "zone": ZONES, "site": SITES}
    for name, text in tables.items():
        (source / f"{name}.csv").write_text(text, encoding="utf-8")
    return source


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_with_gaps(tmp_path: Path, folder: Path):
    report = import_gmns(folder, tmp_path / "out")
    scenario = read_scenario(tmp_path / "out")
    network = scenario.network
    assert scenario.name == "Town"
    # 1 both ways, 2, 3; the path bars cars, 5 is a loop
    assert network.link_ids == ("1", "-1", "2", "3")
    # 0.691 miles; 0.01 degrees on a great circle; 0.7 miles
    assert network.length_m.tolist() == pytest.approx([0.691 * 1609.344] * 2 + [1111.9508, 0.7 * 1609.344], rel=1e-6)
    # 65 mph; a minor arterial is "secondary": 60 km/h, 1 lane of 800; nothing said is "unclassified": 30 km/h, 600
    speeds = network.length_m / network.free_flow_time_s * 3.6
    assert speeds.tolist() == pytest.approx([65 * 1.609344] * 2 + [60, 30], rel=1e-6)
    assert (network.capacity_veh_per_s * 3600).tolist() == pytest.approx([3600, 3600, 800, 600])
    assert rows(report.folder, "link")[1]["source"] == "GMNS; assumption: length, free_speed, lanes, capacity"
    assert report.notes[:3] == (
        "Filled in where the GMNS links do not say: 2 free_speed, 2 lanes, 2 capacity, 1 length of 5 links. "
        "Without a known facility_type, counted as unclassified: 1.",
        "Links on which no cars may drive, left out: 1.",
        "Links from a node to itself, left out: 1.",
    )
    assert [zone.with_vehicle for zone in scenario.zones] == [100]
    assert network.node_ids[scenario.sites[0].node] == "c"


def test_geometry_of_another_table_is_turned_round(tmp_path: Path, folder: Path):
    import_gmns(folder, tmp_path / "out")
    shape = read_scenario(tmp_path / "out").network.geometry[2]
    assert shape is not None
    assert shape.tolist() == [[0.01, 0.0], [0.015, 0.001], [0.02, 0.0]]


def test_units_are_asked_for(tmp_path: Path, folder: Path):
    (folder / "config.csv").unlink()
    with pytest.raises(UsageError, match="does not say its units"):
        import_gmns(folder, tmp_path / "out")
    import_gmns(folder, tmp_path / "out", units=GmnsUnits("km", "km/h"))
    assert read_scenario(tmp_path / "out").network.length_m[0] == pytest.approx(691)


def test_unknown_units_are_refused(tmp_path: Path, folder: Path):
    with pytest.raises(UsageError, match="unit 'league' is unknown"):
        GmnsUnits("league", "mph")
    with pytest.raises(UsageError, match="crs"):
        GmnsUnits("km", "km/h", "EPSG:3857")
    (folder / "config.csv").write_text(CONFIG.replace(",mi,", ",league,"), encoding="utf-8")
    with pytest.raises(InputError, match="line 2, long_length: found 'league'"):
        import_gmns(folder, tmp_path / "out")


def test_a_plane_has_no_lengths_of_its_own(tmp_path: Path, folder: Path):
    with pytest.raises(InputError, match="line 3, length: found nothing, expected a length"):
        import_gmns(folder, tmp_path / "out", units=GmnsUnits("mi", "mph", "local"))


def test_places_and_sites_of_other_tables(tmp_path: Path, folder: Path):
    (folder / "zone.csv").write_text("zone_id,boundary\n1,\n", encoding="utf-8")  # GMNS's own: no people in it
    (folder / "site.csv").unlink()
    report = import_gmns(folder, tmp_path / "empty")
    assert (report.n_zones, report.n_sites) == (0, 0)
    assert "zone.csv has no rows" in report.notes[-2]
    (tmp_path / "p.csv").write_text("place_id,lon,lat,population\np,0.0001,0,12\n", encoding="utf-8")
    (tmp_path / "s.csv").write_text("site_id,node_id,beds\ns,c,5\n", encoding="utf-8")
    report = import_gmns(folder, tmp_path / "out", places=tmp_path / "p.csv", sites=tmp_path / "s.csv")
    assert (rows(report.folder, "zone")[0]["node_id"], report.population) == ("a", 12)


@pytest.mark.parametrize(
    ("table", "old", "new", "expected"),
    [
        (
            "link",
            "1,First,a,b,0",
            "1,First,a,x,0",
            "link.csv, line 2, to_node_id: found 'x', expected an id that node.csv has",
        ),
        ("link", "1,First,a,b,0", "1,First,a,b,maybe", "link.csv, line 2, directed: found 'maybe'"),
        ("link", "1800", "lots", "link.csv, line 2, capacity: found 'lots'"),
        ("link", ",65,", ",0,", "link.csv, line 2, free_speed: found '0', expected a number greater than 0"),
        ("link", "2,,b,c", "1,,b,c", "link.csv, line 3, link_id: found '1' again"),
        ("link", "from_node_id", "from_node", "link.csv, line 1, from_node_id: column missing"),
        ("geometry", "LINESTRING (0.02 0", "LINE (0.02 0", "link.csv, line 3, geometry: found 'LINE"),
        (
            "node",
            "0.01,0,",
            "950000,0,",
            "node.csv, line 3, x_coord: found '950000', expected a number from -180 to 180",
        ),
        ("node", "b,,0.01", "a,,0.01", "node.csv, line 3, node_id: found 'a' again"),
        (
            "zone",
            "z,Anna's,a,100",
            "z,Anna's,q,100",
            "zone.csv, line 2, node_id: found 'q', expected a node of the network",
        ),
        ("site", "0.0201,0,", "2,0,", "km from the nearest road"),
    ],
)
def test_faults_are_told(tmp_path: Path, folder: Path, table: str, old: str, new: str, expected: str):
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        import_gmns(folder, tmp_path / "out")
    assert expected in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_missing_tables_are_told(tmp_path: Path, folder: Path):
    (folder / "node.csv").unlink()
    with pytest.raises(InputError, match=r"node.csv: cannot be read"):
        import_gmns(folder, tmp_path / "out")
    with pytest.raises(UsageError, match="is not a folder"):
        import_gmns(folder / "link.csv", tmp_path / "out")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Freeway", "motorway"),
        ("Minor Arterial", "secondary"),
        ("principal arterial", "primary"),
        ("on-ramp", "motorway_link"),
        ("living_street", "living_street"),
        ("living street", "living_street"),
        ("Local", "residential"),
        ("canal", ""),
        ("", ""),
    ],
)
def test_facility_types(text: str, expected: str):
    assert road_class_of(text) == expected
