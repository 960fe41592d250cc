"""Reading scenario folders: valid ones, worked by hand."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.timing import least_s

from clearway.errors import InputError
from clearway.ingest.folder import read_scenario

INSTANCES = Path(__file__).parents[3] / "shared" / "instances"
NAMES = (
    "anaheim",
    "anaheim-1min",
    "berlin",
    "berlin10-1min",
    "chicagoregional",
    "chicagoregional5-1min",
    "chicagosketch-1min",
    "chicagosketch10-1min",
    "siouxfalls-1min",
)


def test_network_of_the_tiny_scenario(tiny: Any) -> None:
    network = tiny.read().network
    # two-way a and b, one-way c: the other direction comes right after the first
    assert network.link_ids == ("a", "-a", "b", "-b", "c")
    assert network.tail.tolist() == [0, 1, 1, 2, 2]
    assert network.head.tolist() == [1, 0, 2, 1, 3]
    assert network.reverse.tolist() == [1, 0, 3, 2, -1]
    # 7.2 km at 72 km/h, 1.5 km at 54 km/h, 13 km at 78 km/h: exactly
    assert network.free_flow_time_s.tolist() == [360.0, 360.0, 100.0, 100.0, 600.0]
    assert network.length_m.tolist() == [7200.0, 7200.0, 1500.0, 1500.0, 13000.0]
    # 900 an hour; 2 lanes of 1000; 1200
    assert network.capacity_veh_per_s.tolist() == [0.25, 0.25, 2000 / 3600, 2000 / 3600, 1200 / 3600]
    assert network.allowed_uses[2] == "auto,bus"
    assert network.geometry[0] is None
    assert network.geometry[2].tolist() == [[30.1, 50.0], [30.11, 50.001], [30.12, 50.0]]
    assert network.geometry[3].tolist() == [[30.12, 50.0], [30.11, 50.001], [30.1, 50.0]]


def test_settings_of_the_tiny_scenario(tiny: Any) -> None:
    scenario = tiny.read()
    assert scenario.name == "Tiny"
    assert scenario.start == datetime.fromisoformat("2026-05-01T03:00:00+00:00")
    assert scenario.clock(3600).isoformat() == "2026-05-01T07:00:00+03:00"
    assert scenario.horizon_s == 12 * 3600
    assert scenario.capacity_factor == 0.8
    assert scenario.objective == "persons_then_clearance"
    assert scenario.assumptions == ("Nobody is away.",)
    assert scenario.credits == ("Made up for tests.",)
    assert dict(scenario.settings)["length_unit"] == "km"
    assert scenario.warnings == ()


def test_zones_and_sites_of_the_tiny_scenario(tiny: Any) -> None:
    scenario = tiny.read()
    town, west = scenario.zones
    assert (town.population, town.present, town.without_vehicle, town.with_vehicle) == (1000, 800, 200, 600)
    assert town.departure_windows == ((3600.0, 21600.0),)  # 07:00 to 12:00, start 06:00
    assert (town.priority, town.persons_per_vehicle, town.node) == (2.0, 2.5, 0)
    assert town.directions == (("east", 1.0),)
    # blank cells: everybody is there, with a vehicle, ready at once, for ever
    assert (west.present, west.without_vehicle, west.priority) == (50, 0, 1.0)
    assert west.departure_windows == ((0.0, math.inf),)
    assert west.directions == ()
    (site,) = scenario.sites
    assert (site.beds, site.node, site.direction) == (700.0, 3, "east")
    assert site.open_windows == ((1800.0, math.inf),)


def test_availabilities_of_the_tiny_scenario(tiny: Any) -> None:
    bridge, works, flood = tiny.read().availabilities
    assert (bridge.target, bridge.from_s, bridge.until_s, bridge.capacity_factor) == (
        "crossing:bridge",
        21600.0,
        math.inf,
        0.0,
    )
    assert bridge.links == (2, 3)  # both directions of b
    assert (bridge.report_id, bridge.note, bridge.source) == ("r1", "lost at noon", "radio")
    assert (works.from_s, works.until_s, works.capacity_factor, works.links) == (0.0, 3600.0, 0.5, (0, 1))
    assert (flood.target, flood.from_s, flood.until_s, flood.links) == ("link:c", 14400.0, 18000.0, (4,))
    assert flood.note == "closed by flood"


def test_capacity_profile_follows_from_the_statements(tiny: Any) -> None:
    scenario = tiny.read()
    profile = scenario.capacity_profile()
    # link a: 900 veh/h x 0.8, half of it until 07:00
    pieces = slice(profile.start[0], profile.start[1])
    assert profile.from_s[pieces].tolist() == [0.0, 3600.0]
    assert profile.rate[pieces].tolist() == pytest.approx([0.1, 0.2])
    # link c, 600 s long: closed 10:00 to 11:00, so no entry from 09:50
    pieces = slice(profile.start[4], profile.start[5])
    assert profile.from_s[pieces].tolist() == [0.0, 13800.0, 18000.0]


def test_sources_name_table_and_row(tiny: Any) -> None:
    assert tiny.read().sources == (
        ("link", "b", "survey"),
        ("crossing", "bridge", "map"),
        ("zone", "town", "census"),
        ("site", "shelter", "city"),
        ("direction", "town", "assumption"),
        ("availability", "crossing:bridge", "radio"),
    )


def test_needed_files_are_enough(tiny: Any) -> None:
    tiny.drop("crossing.csv", "direction.csv", "availability.csv", "hazard.geojson")
    scenario = tiny.read()
    assert scenario.crossings == scenario.availabilities == ()
    assert scenario.zones[0].directions == ()


def test_absent_columns_take_their_defaults(tiny: Any) -> None:
    tiny.drop("crossing.csv", "direction.csv", "availability.csv", "hazard.geojson")
    tiny.set(
        "scenario.toml", 'name = "x"\nstart = "2026-05-01T06:00Z"\nhorizon_h = 1.5\nlength_unit="m"\nspeed_unit="m/s"'
    )
    tiny.set("link.csv", "link_id,from_node_id,to_node_id,length,free_speed,capacity\na,1,4,30000,20,1800\n")
    tiny.set("zone.csv", "zone_id,node_id,population\nz,1,10\n")
    tiny.set("site.csv", "site_id,node_id,beds\ns,4,\n")
    scenario = tiny.read()
    assert scenario.network.link_ids == ("a",)  # one-way
    assert scenario.network.free_flow_time_s.tolist() == [1500.0]
    assert scenario.network.capacity_veh_per_s.tolist() == [0.5]  # one lane
    assert scenario.sites[0].beds == math.inf
    assert scenario.horizon_s == 5400.0
    assert scenario.capacity_factor == 0.9
    zone = scenario.zones[0]
    assert (zone.name, zone.present, zone.without_vehicle, zone.persons_per_vehicle) == ("z", 10, 0, 2.5)
    assert scenario.assumptions == (
        "A plan uses at most 90% of each road's capacity (capacity_factor is not set).",
        "2.5 persons per vehicle in every zone (zone.csv has no column persons_per_vehicle).",
    )


@pytest.mark.parametrize(
    ("length_unit", "speed_unit", "length", "speed", "metres", "seconds"),
    [
        ("km", "km/h", 6, 60, 6000, 360.0),
        ("km", "kph", 1, 60, 1000, 60.0),
        ("m", "m/s", 100, 8, 100, 12.5),
        ("mi", "mph", 3, 45, 4828.032, 240.0),
        ("miles", "km/h", 10, 96.56064, 16093.44, 600.0),  # 60 mph
        ("ft", "ft/s", 1000, 50, 304.8, 20.0),
        ("KM", "knots", 1.852, 1, 1852, 3600.0),
        ("km", "km/h", 0.016667, 60, 16.667, 1.00002),  # not snapped to the second
    ],
)
def test_units(
    tiny: Any, length_unit: str, speed_unit: str, length: float, speed: float, metres: float, seconds: float
) -> None:
    tiny.change("scenario.toml", '"km"', f'"{length_unit}"').change("scenario.toml", '"km/h"', f'"{speed_unit}"')
    tiny.change("link.csv", "0,7.2,72", f"0,{length},{speed}")
    network = tiny.read().network
    assert network.free_flow_time_s[0] == seconds
    assert network.length_m[0] == pytest.approx(metres, rel=1e-12)


def test_times_in_several_zones_are_one_time(tiny: Any) -> None:
    tiny.change("zone.csv", "2026-05-01T07:00:00+03:00", "2026-05-01T04:00:00Z")
    tiny.change("zone.csv", "2026-05-01T12:00:00+03:00", "2026-04-30T23:00:00-10:00")
    assert tiny.read().zones[0].departure_windows == ((3600.0, 21600.0),)


def test_times_before_the_start_are_cut_off(tiny: Any) -> None:
    tiny.change("zone.csv", "2026-05-01T07:00:00+03:00", "2026-04-30T07:00:00+03:00")
    tiny.change("availability.csv", "bridge,2026-05-01T12:00:00+03:00,", "bridge,2020-01-01T00:00:00Z,")
    tiny.change("availability.csv", "a,,2026-05-01T07", "a,,2026-05-01T05")
    scenario = tiny.read()
    assert scenario.zones[0].departure_windows == ((0.0, 21600.0),)
    bridge, _flood = scenario.availabilities
    assert bridge.from_s == 0.0
    assert "availability.csv, line 3: link:a is over before the start; it has no effect" in scenario.warnings


def test_one_direction_of_a_two_way_road(tiny: Any) -> None:
    tiny.change("availability.csv", "link:a,", "link:-a,").change("crossing.csv", ",b,map", ",+b,map")
    scenario = tiny.read()
    assert scenario.availabilities[1].links == (1,)
    assert scenario.availabilities[1].target == "link:-a"
    assert scenario.crossings[0].links == (2,)


def test_an_id_with_a_sign_is_itself_first(tiny: Any) -> None:
    tiny.change("link.csv", "c,East", "-c,East").change("availability.csv", "link:a,", "link:-c,")
    assert tiny.read().availabilities[1].links == (4,)


@pytest.mark.parametrize("cell", ["a;b", "a b", "a|b", "a ; b", '"a,b"', "b;a;b"])
def test_crossings_name_several_links(tiny: Any, cell: str) -> None:
    tiny.change("crossing.csv", ",b,map", f",{cell},map")
    assert sorted(tiny.read().crossings[0].links) == [0, 1, 2, 3]


def test_closures_of_zones_and_sites_leave_windows(tiny: Any) -> None:
    text = "zone:town,2026-05-01T08:00:00+03:00,2026-05-01T09:00:00+03:00,,,shelling,\n"
    text += "site:shelter,2026-05-01T20:00:00+03:00,,0,,,\nzone:west,,,1,,,\n"
    tiny.files["availability.csv"] += text.encode()
    scenario = tiny.read()
    assert scenario.zones[0].departure_windows == ((3600.0, 7200.0), (10800.0, 21600.0))
    assert scenario.zones[1].departure_windows == ((0.0, math.inf),)
    assert scenario.sites[0].open_windows == ((1800.0, 50400.0),)
    assert [s.target for s in scenario.availabilities[2:5]] == ["zone:town", "site:shelter", "zone:west"]
    assert all(s.links == () for s in scenario.availabilities[2:5])


def test_hazards_close_what_they_touch_by_its_geometry(tiny: Any) -> None:
    # a strip north of the straight bridge, which the drawn line dips into at 30.11, 50.001; and the shelter's place
    strip = "[[[30.105, 50.0005], [30.115, 50.0005], [30.115, 50.01], [30.105, 50.01], [30.105, 50.0005]]]"
    square = "[[[30.29, 49.99], [30.31, 49.99], [30.31, 50.01], [30.29, 50.01], [30.29, 49.99]]]"
    tiny.set(
        "hazard.geojson",
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"source": "satellite"}, '
        f'"geometry": {{"type": "MultiPolygon", "coordinates": [{strip}, {square}]}}}}]}}',
    )
    scenario = tiny.read()
    closed = {s.target: (s.links, s.from_s, s.until_s, s.note) for s in scenario.availabilities[2:]}
    for_ever = (0.0, math.inf, "closed by hazard 1")
    assert closed == {"link:b": ((2, 3), *for_ever), "link:c": ((4,), *for_ever), "site:shelter": ((), *for_ever)}
    assert scenario.sites[0].open_windows == ()
    assert "site shelter is never open" in scenario.warnings
    assert ("hazard", "hazard 1", "satellite") in scenario.sources


def test_a_hazard_elsewhere_gets_a_warning(tiny: Any) -> None:
    tiny.set("hazard.geojson", tiny.files["hazard.geojson"].replace(b"30.2", b"10.2"))
    assert "flood touches no link and no site; are its coordinates in the network's place?" in tiny.read().warnings


def test_people_within_a_hazard_get_a_warning(tiny: Any) -> None:
    raw = tiny.files["hazard.geojson"].replace(b"[30.2, ", b"[29.9, ").replace(b"[30.25, ", b"[30.05, ")
    assert "zone town lies within flood: 800 people" in tiny.set("hazard.geojson", raw).read().warnings


def test_directions_split_a_zone(tiny: Any) -> None:
    tiny.files["site.csv"] += b"inn,Inn,2,,,,west,\n"
    tiny.set("direction.csv", "zone_id,direction,share\ntown,east,0.7\ntown,west,0.3\n")
    scenario = tiny.read()
    assert scenario.zones[0].directions == (("east", 0.7), ("west", 0.3))
    assert [(p.direction, p.persons) for p in scenario.parties()] == [("east", 420), ("west", 180), (None, 50)]


def test_geojson_geometry_drawn_backwards_is_turned_round(tiny: Any) -> None:
    line = '"{""type"": ""LineString"", ""coordinates"": [[30.12, 50.0], [30.1, 50.0]]}"'
    tiny.change("link.csv", '"LINESTRING (30.1 50, 30.11 50.001, 30.12 50)"', line)
    scenario = tiny.read()
    assert scenario.network.geometry[2].tolist() == [[30.1, 50.0], [30.12, 50.0]]
    turned = "link.csv: geometry drawn from to_node to from_node, turned round: 1 (first on line 3)"
    assert scenario.warnings == (turned,)


def test_local_coordinates_are_any_numbers(tiny: Any) -> None:
    tiny.change("scenario.toml", "EPSG:4326", "local").change("node.csv", "30.00,50.0", "615175,-1965080")
    network = tiny.read().network
    assert network.is_local
    assert network.node_x[0] == 615175.0


def test_excel_exports_are_read(tiny: Any) -> None:
    """Byte order mark, carriage returns, a trailing empty column, blank rows, a line break in a name."""
    plain = tiny.read()
    for name, raw in list(tiny.files.items()):
        if name.endswith(".csv"):
            tiny.files[name] = b"\xef\xbb\xbf" + raw.replace(b"\n", b",\r\n") + b",,,\r\n\r\n"
    tiny.change("zone.csv", "town,Town,", 'town,"To\r\nwn",')
    scenario = tiny.read()
    assert scenario.zones[0].name == "To wn"
    assert scenario.network.link_ids == plain.network.link_ids
    assert scenario.zones[0].source == "census"
    assert scenario.warnings == ()


def test_files_may_lie_in_a_folder_below(tiny: Any) -> None:
    tiny.change("scenario.toml", "[files]", '[files]\nnodes = "tables/places.csv"')
    tiny.files["tables/places.csv"] = tiny.files.pop("node.csv")
    assert tiny.read().network.n_nodes == 4


def test_the_hash_is_that_of_the_files_read(tiny: Any) -> None:
    first = tiny.read().content_hash
    assert len(first) == 64
    (tiny.folder / "notes.txt").write_text("not a part of it", encoding="utf-8")
    assert tiny.read().content_hash == first
    tiny.change("zone.csv", "1000", "1001")
    assert tiny.read().content_hash != first


def test_a_scenario_is_frozen_and_can_be_sent_to_workers(tiny: Any) -> None:
    scenario = tiny.read()
    with pytest.raises(ValueError, match="read-only"):
        scenario.network.length_m[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        scenario.network.geometry[2][0, 0] = 1.0
    assert pickle.loads(pickle.dumps(scenario)).content_hash == scenario.content_hash


@pytest.mark.parametrize("name", NAMES)
def test_instances_load(name: str) -> None:
    folder = INSTANCES / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there: instances stand beside the project, they are not shipped with it")
    scenario = read_scenario(folder)
    with (folder / "link.csv").open(encoding="utf-8") as file:
        assert scenario.network.n_links == sum(1 for _ in file) - 1
    assert scenario.warnings == ()
    assert scenario.assumptions == ()
    if name.endswith("-1min"):
        assert not (scenario.network.free_flow_time_s % 60.0).any()


def test_75_000_links_load_in_under_3_seconds(tiny: Any) -> None:
    """A grid of 137 x 137 nodes: 2 x 137 x 136 two-way roads, 74,528 links."""
    n = 137
    tiny.drop("crossing.csv", "direction.csv", "availability.csv", "hazard.geojson").change(
        "scenario.toml", "EPSG:4326", "local"
    )
    nodes = [f"{i}_{j},,{i},{j}" for i in range(n) for j in range(n)]
    right = [f"r{i}_{j},,{i}_{j},{i + 1}_{j},0,1.0,50,2,900,,," for i in range(n - 1) for j in range(n)]
    up = [f"u{i}_{j},,{i}_{j},{i}_{j + 1},0,1.0,50,2,900,,," for i in range(n) for j in range(n - 1)]
    for table, rows in (("node.csv", nodes), ("link.csv", right + up)):
        header = tiny.files[table].split(b"\n")[0].decode()
        tiny.set(table, "\n".join([header, *rows]))
    tiny.change("zone.csv", "Town,1,", "Town,0_0,").change("zone.csv", "bank,2,", "bank,1_1,")
    tiny.change("site.csv", "Shelter,4,", "Shelter,136_136,")
    folder = tiny.write()
    scenario = read_scenario(folder)
    assert least_s(lambda: read_scenario(folder)) < 3.0
    assert scenario.network.n_links == 74_528
    assert np.unique(scenario.network.free_flow_time_s).tolist() == [72.0]
    assert scenario.warnings == ()


def test_importing_the_reader_leaves_shapely_alone() -> None:
    code = "import sys, clearway.ingest.folder; sys.exit('shapely' in sys.modules or 'numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("make", ["absent", "file"])
def test_no_folder(tmp_path: Path, make: str) -> None:
    place = tmp_path / make
    if make == "file":
        place.write_text("x", encoding="utf-8")
    expected = "is a file, expected a scenario folder" if make == "file" else "not found, expected a scenario folder"
    with pytest.raises(InputError, match=expected):
        read_scenario(place)
