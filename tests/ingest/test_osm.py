"""OpenStreetMap extracts: rules of driving, junctions, crossings, places; three real extracts where they are."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from clearway.errors import InputError, UsageError
from clearway.ingest.folder import read_scenario
from clearway.ingest.osm import import_osm
from clearway.ingest.osm_graph import strong_components
from clearway.ingest.osm_tags import (
    directions,
    is_closed_barrier,
    is_drivable,
    lanes,
    read_duration_s,
    read_ferry,
    read_population,
    read_road,
    speed_km_h,
)
from clearway.ingest.road_classes import ROAD_CLASSES

DATA = Path(__file__).parents[1] / "data" / "osm"
TINY = DATA / "tiny.osm"
EXTRACTS = Path(__file__).parents[3] / "shared" / "data" / "osm"
SITES = "site_id,name,lon,lat,beds\nisle,Isle,0.06,0,\n"


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    path = tmp_path / "sites.csv"
    path.write_text(SITES, encoding="utf-8")
    return path


@pytest.fixture
def tiny(tmp_path: Path, sites: Path) -> Path:
    import_osm(TINY, tmp_path / "tiny", sites=sites)
    return tmp_path / "tiny"


# --- the hand-made extract ---


def test_links_are_ways_cut_at_junctions(tiny: Path):
    # Ways 109 (joined to nothing), 110 (private), 111 (footway), 112 (ferry without cars), 113 (bollard) have no link.
    # The bridge has two lanes out and one back: two directed rows. The roundabout is cut at nodes 7 and 9.
    links = {row["link_id"]: row for row in rows(tiny, "link")}
    assert list(links) == [
        *("100_1", "101_1", "101_1b", "102_1", "103_1", "104_1", "104_2", "105_1", "106_1", "107_1", "108_1"),
    ]
    assert {row["node_id"] for row in rows(tiny, "node")} == {"1", "2", "3", "4", "7", "9", "11", "12", "13"}
    assert (links["104_1"]["from_node_id"], links["104_1"]["to_node_id"]) == ("7", "9")
    assert (links["104_2"]["from_node_id"], links["104_2"]["to_node_id"]) == ("9", "7")
    assert [links[i]["directed"] for i in ("100_1", "101_1", "101_1b", "103_1", "104_1")] == ["0", "1", "1", "1", "1"]
    assert (links["101_1b"]["from_node_id"], links["101_1b"]["to_node_id"]) == ("3", "2")


def test_lanes_speeds_and_capacities_are_tagged_or_of_the_class(tiny: Path):
    links = {row["link_id"]: row for row in rows(tiny, "link")}
    # 4 lanes both ways at 60 km/h; primary roads take 1500 vehicles an hour and lane
    assert [links["100_1"][k] for k in ("lanes", "free_speed", "capacity")] == ["2", "60", "1500"]
    assert links["100_1"]["source"] == "OpenStreetMap; assumption: capacity"
    # 30 mph = 48.28 km/h
    assert [links["101_1"][k] for k in ("lanes", "free_speed")] == ["2", "48.28"]
    assert links["101_1b"]["lanes"] == "1"
    # nothing tagged: a residential street of 30 km/h
    assert [links["103_1"][k] for k in ("lanes", "free_speed", "capacity")] == ["1", "30", "600"]
    assert links["103_1"]["source"] == "OpenStreetMap; assumption: lanes, speed, capacity"
    assert links["105_1"]["name"] == "T 5"


def test_lengths_and_shapes(tiny: Path):
    links = {row["link_id"]: row for row in rows(tiny, "link")}
    # 0.01 degrees of a great circle of radius 6,371,008.8 m: 1,111.9508 m
    assert float(links["100_1"]["length"]) == pytest.approx(1.1119508, abs=1e-6)
    assert links["100_1"]["geometry"] == ""
    # twice the diagonal of a square of 0.01 degrees
    assert float(links["103_1"]["length"]) == pytest.approx(2 * 1.1119508 * 2**0.5, rel=1e-6)
    shape = "LINESTRING (0.030000 0.000000, 0.020000 0.010000, 0.010000 0.000000)"
    assert links["103_1"]["geometry"] == shape


def test_ferry_goes_by_its_duration(tiny: Path):
    ferry = next(row for row in rows(tiny, "link") if row["facility_type"] == "ferry")
    # 0.02 degrees in half an hour: 2.2239 km / 0.5 h = 4.4478 km/h
    assert float(ferry["free_speed"]) == pytest.approx(4.4478, abs=1e-4)
    assert ferry["source"] == "OpenStreetMap; assumption: capacity"


def test_bridge_and_ferry_are_proposed_as_crossings(tiny: Path):
    found = [(row["crossing_id"], row["name"], row["kind"], row["link_ids"]) for row in rows(tiny, "crossing")]
    assert found == [
        ("bridge-101", "Old Bridge", "bridge", "101_1;101_1b"),
        ("ferry-107", "Isle Ferry", "ferry", "107_1"),
    ]


def test_places_with_people_become_zones(tmp_path: Path, sites: Path):
    report = import_osm(TINY, tmp_path / "out", sites=sites)
    zones = [(row["zone_id"], row["name"], row["node_id"], row["population"]) for row in rows(report.folder, "zone")]
    # the suburb is part of the town; the hamlet has no population
    assert zones == [("30", "Westville", "1", "12000"), ("31", "Isle", "13", "1500")]
    notes = "\n".join(report.notes)
    assert "Road sections dropped: 1 of 11, not joined" in notes
    assert "Parts of towns were not counted a second time: Old Town." in notes
    assert "Places without a population in the extract, which became no zones: Nobody's." in notes
    # Westville: 0.001 degrees east and north of node 1, 157 m; Isle: 0.0005 degrees, 56 m
    assert "106 m away on average, 157 m at most" in notes


def test_folder_reads_back(tiny: Path):
    scenario = read_scenario(tiny)
    # two-way rows count twice: 100, 102, 105, 106, 107, 108; one-way: 101, 101b, 103, 104 twice
    assert (scenario.network.n_nodes, scenario.network.n_links) == (9, 17)
    assert len(scenario.crossings[0].links) == 2
    assert "OpenStreetMap contributors" in scenario.credits[0]
    assert any("MATSim" in sentence for sentence in scenario.assumptions)
    assert scenario.zones[0].with_vehicle == 12000


def test_same_input_same_folder(tmp_path: Path, sites: Path, tiny: Path):
    import_osm(TINY, tmp_path / "again", sites=sites)
    for name in ("node.csv", "link.csv", "zone.csv", "site.csv", "crossing.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (tiny / name).read_bytes()


def test_a_big_place_starts_from_several_junctions(tmp_path: Path, sites: Path):
    places = tmp_path / "places.csv"
    places.write_text("place_id,name,lon,lat,population\nbig,Big,0,0,60000\n", encoding="utf-8")
    report = import_osm(TINY, tmp_path / "out", places=places, sites=sites)
    # 24,000 vehicles over (2 x 1500 + 600) x 0.9 = 3,240 an hour: 7.4 h, so up to 8 junctions; within the disc of
    # sqrt(60000 / 1500 / pi) = 3.57 km lie the nodes 1, 2, 3, 4, 7, 9 and 11
    zone = rows(report.folder, "zone")[0]
    connectors = [row for row in rows(report.folder, "link") if row["facility_type"] == "connector"]
    assert zone["node_id"] == "zone-big"
    assert {row["to_node_id"] for row in connectors} == {"1", "2", "3", "4", "7", "9", "11"}
    assert any("Big (7)" in note for note in report.notes)
    one = import_osm(TINY, tmp_path / "one", places=places, sites=sites, spread=1)
    assert rows(one.folder, "zone")[0]["node_id"] == "1"
    assert any("Big (7 h)" in note for note in one.notes)


def test_without_sites_the_table_waits_to_be_filled(tmp_path: Path):
    report = import_osm(TINY, tmp_path / "out")
    assert rows(tmp_path / "out", "site") == []
    assert any("site.csv has no sites" in note for note in report.notes)


# --- what is refused ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("place_id,name,population\n1,A,5\n", "columns missing, expected x_coord and y_coord"),
        ("place_id,x_coord,y_coord\n1,0,0\n", "population: column missing"),
        ("place_id,lon,lat,population\n1,0,0,many\n", "found 'many', expected a whole number"),
        ("place_id,lon,lat,population\n1,0,0,-5\n", "found '-5', expected a whole number"),
        ("place_id,lon,lat,population\n1,0,0,5\n1,0,0,6\n", "found '1' again (first on line 2)"),
        ("place_id,lon,lat,population\n1,,0,5\n", "found no coordinates"),
        ("place_id,node_id,population\n1,99,5\n", "found '99', expected a node of the network"),
        ("place_id,lon,lat,population\n1,0.5,0,5\n", "km from the nearest road of the network"),
        ("place_id,lon,lat,population\n1,0,0.06,5\n", "with x and y swapped it would be near one"),
        (
            "place_id,lon,lat,population,share_present\n1,0,0,5,2\n",
            "share_present: found '2', expected a number from 0 to 1",
        ),
        ("place_id,lon,lat,population,ready_at\n1,0,0,5,noon\n", "expected ISO 8601 with offset"),
    ],
)
def test_faulty_places_are_told(tmp_path: Path, sites: Path, text: str, expected: str):
    places = tmp_path / "places.csv"
    places.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        import_osm(TINY, tmp_path / "out", places=places, sites=sites)
    assert expected in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["places.csv", "sites.csv"]


def test_faults_of_all_tables_come_together(tmp_path: Path):
    (tmp_path / "p.csv").write_text("place_id,lon,lat,population\n1,0,0,x\n2,0,0,y\n", encoding="utf-8")
    (tmp_path / "s.csv").write_text("site_id,lon,lat,beds\n1,0,0,-1\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        import_osm(TINY, tmp_path / "out", places=tmp_path / "p.csv", sites=tmp_path / "s.csv")
    assert [(fault.file, fault.row, fault.field) for fault in caught.value.faults] == [
        ("p.csv", 2, "population"),
        ("p.csv", 3, "population"),
        ("s.csv", 2, "beds"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.osm.pbf", b"\xff" * 3000, "cannot be read to its end"),
        ("a.osm", b"<osm><node id='1'", "cannot be read to its end"),
        ("a.osm", b"hello", "cannot be read to its end"),
        ("a.osm", b'<osm version="0.6"/>', "found no road that cars may drive"),
        ("a.osm.pbf", b"", "is empty"),
        ("a.shp", b"x", "expected a file that ends in .osm.pbf or .osm"),
    ],
)
def test_what_is_no_extract_is_refused(tmp_path: Path, name: str, content: bytes, expected: str):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        import_osm(tmp_path / name, tmp_path / "out")
    assert expected in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_missing_file_and_folder_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="no such file"):
        import_osm(tmp_path / "none.osm.pbf", tmp_path / "out")
    with pytest.raises(InputError, match="is a folder"):
        import_osm(tmp_path, tmp_path / "out")


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(UsageError, match="not empty"):
        import_osm(TINY, out)
    assert [path.name for path in out.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(tmp_path: Path):
    (tmp_path / "out").mkdir()
    import_osm(TINY, tmp_path / "out")
    assert (tmp_path / "out" / "scenario.toml").is_file()


# --- tags ---


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, (True, True)),
        ({"oneway": "yes"}, (True, False)),
        ({"oneway": "1"}, (True, False)),
        ({"oneway": "-1"}, (False, True)),
        ({"oneway": "reverse"}, (False, True)),
        ({"oneway": "no"}, (True, True)),
        ({"oneway": "reversible"}, (False, False)),
        ({"oneway": "alternating"}, (True, True)),
        ({"oneway": "maybe"}, (True, True)),
        ({"junction": "roundabout"}, (True, False)),
        ({"junction": "circular"}, (True, False)),
        ({"junction": "roundabout", "oneway": "no"}, (True, True)),
        ({"junction": "roundabout", "oneway": "-1"}, (False, True)),
        ({"oneway": "yes", "oneway:motor_vehicle": "no"}, (True, True)),
        ({"oneway": "yes", "oneway:bicycle": "no"}, (True, False)),
    ],
)
def test_one_way_rules(tags: dict[str, str], expected: tuple[bool, bool]):
    assert directions(tags, ROAD_CLASSES["residential"]) == expected


def test_motorways_are_one_way_unless_tagged_otherwise():
    assert directions({}, ROAD_CLASSES["motorway"]) == (True, False)
    assert directions({"oneway": "no"}, ROAD_CLASSES["motorway"]) == (True, True)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "footway"}, False),
        ({"highway": "construction"}, False),
        ({"highway": "residential", "access": "no"}, False),
        ({"highway": "residential", "access": "private"}, False),
        ({"highway": "residential", "access": "no", "motor_vehicle": "yes"}, True),
        ({"highway": "residential", "access": "yes", "motor_vehicle": "no"}, False),
        ({"highway": "residential", "vehicle": "no", "motorcar": "permissive"}, True),
        ({"highway": "residential", "access": "destination"}, True),
        ({"highway": "service"}, True),
        ({"highway": "service", "service": "parking_aisle"}, False),
        ({"highway": "track"}, False),
        ({"highway": "track", "motor_vehicle": "yes"}, True),
        ({"highway": "residential", "area": "yes"}, False),
    ],
)
def test_access_rules(tags: dict[str, str], expected: bool):
    assert is_drivable(tags) is expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"barrier": "bollard"}, True),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, False),
        ({"barrier": "gate"}, False),
        ({"barrier": "gate", "access": "private"}, True),
        ({"barrier": "toll_booth"}, False),
    ],
)
def test_barriers(tags: dict[str, str], expected: bool):
    assert is_closed_barrier(tags) is expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, (1, 1, False)),
        ({"lanes": "2"}, (1, 1, True)),
        ({"lanes": "4"}, (2, 2, True)),
        ({"lanes": "3"}, (1, 1, True)),
        ({"lanes": "5", "lanes:both_ways": "1"}, (2, 2, True)),
        ({"lanes": "1"}, (1, 1, True)),
        ({"lanes": "3", "lanes:forward": "2"}, (2, 1, True)),
        ({"lanes": "3", "lanes:backward": "2"}, (1, 2, True)),
        ({"lanes": "4", "lanes:psv": "2"}, (1, 1, True)),
        ({"lanes": "two"}, (1, 1, False)),
        ({"lanes": "99"}, (12, 12, True)),
        ({"lanes": "2;3"}, (1, 1, True)),
    ],
)
def test_lanes_of_two_way_roads(tags: dict[str, str], expected: tuple[int, int, bool]):
    assert lanes(tags, True, True, ROAD_CLASSES["primary"]) == expected


def test_lanes_of_one_way_roads():
    motorway = ROAD_CLASSES["motorway"]
    assert lanes({"lanes": "3"}, True, False, motorway) == (3, 0, True)
    assert lanes({}, True, False, motorway) == (2, 0, False)
    assert lanes({"lanes": "3"}, False, True, motorway) == (0, 3, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50", 50),
        ("30 mph", 48.28),
        ("10 knots", 18.52),
        ("RU:urban", 50),
        ("UA:urban", 50),
        ("DE:rural", 100),
        ("UA:rural", 90),
        ("DE:zone30", 30),
        ("DE:zone:30", 30),
        ("IT:30", 30),
        ("walk", 5),
        ("none", None),
        ("signals", None),
        ("50;30", 30),
        ("999", None),
        ("fast", None),
        ("", None),
    ],
)
def test_speed_limits(text: str, expected: float | None):
    found = speed_km_h({"maxspeed": text})
    assert found == (None if expected is None else pytest.approx(expected, abs=0.01))


@pytest.mark.parametrize(
    ("text", "expected"), [("00:30", 1800), ("1:30:20", 5420), ("45", 2700), ("PT1H30M", 5400), ("soon", 0), ("", 0)]
)
def test_durations(text: str, expected: float):
    assert read_duration_s(text) == expected


def test_ferry_capacity_is_cars_aboard_by_departures():
    ferry = read_ferry({"route": "ferry", "motorcar": "yes", "capacity:motorcar": "40", "interval": "00:20"})
    assert ferry is not None
    assert ferry.capacity_veh_per_h == 120  # 40 cars, three times an hour
    assert read_road({"route": "ferry"}) is None
    assert read_road({"route": "ferry", "motor_vehicle": "no"}) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12000", 12000),
        ("1 500", 1500),
        ("1,234,567", 1234567),
        ("12.345", 12345),
        ("~5000", 5000),
        ("many", None),
        ("", None),
    ],
)
def test_populations(text: str, expected: int | None):
    assert read_population(text) == expected


def test_components_of_two_rings_joined_one_way():
    # 0 -> 1 -> 2 -> 0, then 2 -> 3, 3 -> 4 -> 3: two components
    tails, heads = np.array([0, 1, 2, 2, 3, 4]), np.array([1, 2, 0, 3, 4, 3])
    component = strong_components(5, tails, heads)
    assert len(set(component[:3].tolist())) == 1
    assert component[3] == component[4] != component[0]


# --- real extracts ---


@pytest.mark.parametrize(
    ("name", "n_links", "n_crossings"), [("monaco", 900, 20), ("andorra", 1800, 40), ("Helsinki", 800, 2)]
)
def test_real_extracts(tmp_path: Path, name: str, n_links: int, n_crossings: int):
    file = EXTRACTS / f"{name}.osm.pbf"
    if not file.is_file():
        pytest.skip(f"no extract at {file}: real extracts lie beside the repository")
    lon, lat = {"monaco": (7.42, 43.735), "andorra": (1.52, 42.507), "Helsinki": (24.94, 60.17)}[name]
    sites = tmp_path / "sites.csv"
    sites.write_text(f"site_id,lon,lat\ncentre,{lon},{lat}\n", encoding="utf-8")
    report = import_osm(file, tmp_path / "out", sites=sites)
    assert report.n_links > n_links
    assert report.n_crossings >= n_crossings
    scenario = read_scenario(tmp_path / "out")
    assert scenario.network.n_nodes == report.n_nodes
    assert not any("reach" in warning for warning in scenario.warnings)
    if name == "monaco":
        assert "Tunnel du Larvotto" in {crossing.name for crossing in scenario.crossings}
    if name == "Helsinki":
        assert "Pitkäsilta" in {crossing.name for crossing in scenario.crossings}


def test_a_cut_off_extract_is_refused(tmp_path: Path):
    whole = EXTRACTS / "monaco.osm.pbf"
    if not whole.is_file():
        pytest.skip(f"no extract at {whole}: real extracts lie beside the repository")
    content = whole.read_bytes()
    (tmp_path / "cut.osm.pbf").write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="damaged, cut off"):
        import_osm(tmp_path / "cut.osm.pbf", tmp_path / "out")


def test_new_objects_of_an_editor_have_negative_ids(tmp_path: Path):
    text = TINY.read_text(encoding="utf-8").replace('id="', 'id="-').replace('ref="', 'ref="-')
    (tmp_path / "josm.osm").write_text(text, encoding="utf-8")
    report = import_osm(tmp_path / "josm.osm", tmp_path / "out")
    assert report.n_links == 11
    assert "new101_1" in {row["link_id"] for row in rows(report.folder, "link")}
    assert read_scenario_nodes(report.folder) == {f"-{i}" for i in (1, 2, 3, 4, 7, 9, 11, 12, 13)}


def read_scenario_nodes(folder: Path) -> set[str]:
    return {row["node_id"] for row in rows(folder, "node")}


def test_ways_may_come_before_their_nodes(tmp_path: Path, tiny: Path):
    lines = TINY.read_text(encoding="utf-8").splitlines()
    ways, nodes = ([line for line in lines if word in line] for word in ("<way", "<node"))
    (tmp_path / "mixed.osm").write_text("\n".join(['<osm version="0.6">', *ways, *nodes, "</osm>"]), encoding="utf-8")
    import_osm(tmp_path / "mixed.osm", tmp_path / "mixed")
    assert (tmp_path / "mixed" / "link.csv").read_bytes() == (tiny / "link.csv").read_bytes()
    (tmp_path / "bare.osm").write_text("\n".join(['<osm version="0.6">', *ways, "</osm>"]), encoding="utf-8")
    with pytest.raises(InputError, match="not the nodes they run through"):
        import_osm(tmp_path / "bare.osm", tmp_path / "bare")


def test_one_way_streets_alone_are_no_network(tmp_path: Path):
    text = """<osm version="0.6"><node id="1" lon="0" lat="0"/><node id="2" lon="0.01" lat="0"/>
    <way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/><tag k="oneway" v="yes"/></way></osm>"""
    (tmp_path / "a.osm").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no junction can be reached from another"):
        import_osm(tmp_path / "a.osm", tmp_path / "out")
    (tmp_path / "b.osm").write_text(text.replace('ref="2"', 'ref="1"'), encoding="utf-8")
    with pytest.raises(InputError, match="no two junctions are joined"):
        import_osm(tmp_path / "b.osm", tmp_path / "out")


def test_docs_have_the_classes():
    text = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
    table = [line for line in text.split("vehicles per hour and lane |")[1].splitlines() if line.startswith("| ")]
    for name, road_class in ROAD_CLASSES.items():
        line = next(line for line in table if name in re.split(r"[^a-z_]+", line))
        assert f"{road_class.speed_km_h:g}" in line
        assert f"{road_class.capacity_veh_per_h:g}" in line
