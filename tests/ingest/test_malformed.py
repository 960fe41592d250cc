"""Malformed scenarios: each gives its message, with file, line and column; never a traceback."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearway.errors import Fault, InputError
from clearway.ingest.tables import CONTROL_CHARACTER


class Case(NamedTuple):
    """The tiny scenario with ``old`` replaced by ``new`` in ``file`` has exactly one fault."""

    name: str
    file: str
    old: str | bytes
    new: str | bytes
    row: int | None
    field: str | None
    piece: str


TOML, NODE, LINK, CROSSING = "scenario.toml", "node.csv", "link.csv", "crossing.csv"
ZONE, SITE, DIRECTION, AVAIL, HAZARD = "zone.csv", "site.csv", "direction.csv", "availability.csv", "hazard.geojson"
CROSSING_HEADER = "crossing_id,name,kind,link_ids,source"
HAZARD_FROM, HAZARD_RINGS = "features[0].properties.from", "features[0].geometry.coordinates"
SEVEN, TWELVE = "2026-05-01T07:00:00+03:00", "2026-05-01T12:00:00+03:00"

CASES = [
    # scenario.toml
    Case("name missing", TOML, 'name = "Tiny"', "", None, "name", "missing, expected a name"),
    Case("name misspelt", TOML, "name =", "nmae =", None, "name", "rename 'nmae', if that is it"),
    Case("name no text", TOML, '"Tiny"', "7", 1, "name", "found 7, expected a name"),
    Case("start missing", TOML, "start =", "# start =", None, "start", "missing, expected a time with offset"),
    Case("start naive", TOML, "06:00:00+03:00", "06:00:00", 2, "start", "a time without offset"),
    Case("start a date", TOML, "T06:00:00+03:00", "", 2, "start", "found 2026-05-01, expected a time with offset"),
    Case("start no time", TOML, "2026-05-01T06:00:00+03:00", '"soon"', 2, "start", "found 'soon'"),
    Case("start in antiquity", TOML, "start = 2026", "start = 0001", 2, "start", "found the year 1"),
    Case("horizon zero", TOML, "= 12", "= 0", 3, "horizon_h", "found 0, expected a number greater than 0"),
    Case("horizon negative", TOML, "= 12", "= -3.5", 3, "horizon_h", "found -3.5"),
    Case("horizon absurd", TOML, "= 12", "= 1e9", 3, "horizon_h", "up to 8784"),
    Case("horizon nan", TOML, "= 12", "= nan", 3, "horizon_h", "found nan"),
    Case("horizon text", TOML, "= 12", '= "12"', 3, "horizon_h", "found '12', expected a number"),
    Case("horizon true", TOML, "= 12", "= true", 3, "horizon_h", "found True, expected a number"),
    Case("horizon huge", TOML, "= 12", "= 0x1" + "0" * 5000, 3, "horizon_h", "a huge int"),
    Case("length unit unknown", TOML, '"km"', '"furlong"', 4, "length_unit", "found 'furlong', expected one of m, "),
    Case("speed unit unknown", TOML, '"km/h"', '"km"', 5, "speed_unit", "found 'km', expected one of km/h, "),
    Case("speed unit missing", TOML, "speed_unit", "# speed_unit", None, "speed_unit", "missing, expected one of"),
    Case("capacity factor above 1", TOML, "= 0.8", "= 80", 6, "capacity_factor", "greater than 0, up to 1"),
    Case("crs unknown", TOML, "EPSG:4326", "EPSG:5555", 7, "crs", "expected one of EPSG:4326, local"),
    Case("objective unknown", TOML, "horizon_h", 'objective="x"\nhorizon_h', 3, "objective", "persons_then_clearance"),
    Case("assumptions no list", TOML, '["Nobody is away."]', '"Nobody"', 8, "assumptions", "expected a list of sent"),
    Case("files no table", TOML, "[files]", "[[files]]", None, "files", "expected a table [files]"),
    Case("file name no text", TOML, '"hazard.geojson"', "3", 12, "files.hazards", "found 3, expected the path"),
    Case("named file missing", TOML, "hazard.geojson", "hazards.geojson", 12, "files.hazards", "'hazard.geojson'?"),
    Case("file outside", TOML, "hazard.geojson", "../x.geojson", 12, "files.hazards", "lies outside the folder"),
    Case("file absolute", TOML, "hazard.geojson", "/etc/passwd", 12, "files.hazards", "lies outside the folder"),
    Case("file a folder", TOML, "hazard.geojson", ".", 12, "files.hazards", "is not a file"),
    Case("file with NUL", TOML, "hazard.geojson", "\\u0000", 12, "files.hazards", "cannot be opened"),
    Case("file name endless", TOML, "hazard.geojson", "x" * 5000, 12, "files.hazards", "cannot be opened"),
    Case("no TOML", TOML, "= 12", "== 12", 3, None, "not valid TOML"),
    Case("TOML not UTF-8", TOML, "Tiny", b"T\xe9ny", 1, None, "not UTF-8"),
    # any table
    Case("no header", CROSSING, CROSSING_HEADER, "", 1, None, "found no header, expected the columns"),
    Case("no rows", SITE, "shelter,Shelter,4,700,2026-05-01T06:30:00+03:00,,east,city\n", "", None, None, "no rows"),
    Case("semicolons", CROSSING, CROSSING_HEADER, "crossing_id;name", 1, None, "looks like it is separated by ';'"),
    Case("tabs", CROSSING, CROSSING_HEADER, "crossing_id\tname", 1, None, "looks like it is separated by tabs"),
    Case("column missing", LINK, ",capacity,", ",capcity,", 1, "capacity", "column missing; found 'link_id'"),
    Case("column misspelt", LINK, ",capacity,", ",capcity,", 1, "capacity", "rename 'capcity', if that is it"),
    Case("column twice", SITE, "opens_at", "beds", 1, "beds", "more than once"),
    Case("columns without end", SITE, "source", "s," * 2000, 1, None, "found 2,008 columns, expected 1,000 at most"),
    Case("too few cells", NODE, "1,Town,30.00,50.0", "1,Town,30.00", 2, None, "found 3 cells, expected 4"),
    Case("too many cells", NODE, "50.0\n3", "50.0,7\n3", 3, None, "found 5 cells, expected 4"),
    Case("decimal comma", LINK, "7.2", "7,2", 2, None, "found 13 cells, expected 12"),
    Case("quote not closed", ZONE, "town,Town", 'town,"Town', 2, None, "quotes that do not match"),
    Case("quote in a cell", NODE, "2,West bank", '2,"West" bank', 3, None, "quotes that do not match"),
    Case("wrong encoding", NODE, "East bank", "Східний".encode("cp1251"), 4, "name", "not UTF-8"),
    Case("wrong encoding in a number", LINK, "7.2", b"7\xa02", 2, "length", "not UTF-8"),
    Case("UTF-16", CROSSING, "crossing_id", b"\xff\xfec\0", 1, None, "UTF-16"),
    Case("NUL byte", SITE, "Shelter", b"Shel\0ter", 2, None, "NUL byte"),
    Case("huge cell", CROSSING, "Old bridge", "x" * 200_000, 2, None, "a cell of more than 131,072 characters"),
    Case("control character", ZONE, "town,Town", "town,T\x1bown", 2, "name", "without control characters"),
    # node.csv
    Case("longitude beyond", NODE, "30.00", "3000", 2, "x_coord", "a number from -180 to 180 degrees"),
    Case("latitude beyond", NODE, "30.10,50.0", "30.1,91", 3, "y_coord", "a number from -90 to 90 degrees"),
    Case("coordinate nan", NODE, "30.12", "nan", 4, "x_coord", "found 'nan'"),
    Case("coordinate blank", NODE, "30.12", "", 4, "x_coord", "found nothing, expected a number"),
    Case("node twice", NODE, "2,West bank", "1,Here,30,50\n2,West", 3, "node_id", "found '1' again (first on line 2)"),
    Case("node without id", NODE, "2,West bank", ",Here,30,50\n2,West", 3, "node_id", "found nothing, expected an id"),
    Case("id endless", NODE, "2,West bank", f"{'n' * 300},Here,30,50\n2,West", 3, "node_id", "1 to 200 characters"),
    # link.csv
    Case("from node unknown", LINK, "road,1,2", "road,99,2", 2, "from_node_id", "found '99', expected an id that node"),
    Case("to node unknown", LINK, "2,3,0", "2,,0", 3, "to_node_id", "found nothing, expected an id that node.csv"),
    Case("length zero", LINK, "7.2", "0", 2, "length", "found '0', expected a number greater than 0"),
    Case("length negative", LINK, "7.2", "-7.2", 2, "length", "found '-7.2'"),
    Case("length infinite", LINK, "7.2", "inf", 2, "length", "found 'inf'"),
    Case("length text", LINK, "7.2", "7 km", 2, "length", "found '7 km'"),
    Case("length with underscore", LINK, "7.2", "7_2", 2, "length", "found '7_2'"),
    Case("length out of hand", LINK, "7.2", "1e300", 2, "length", "1e+12 at most"),
    Case("time vanishes", LINK, "7.2", "1e-11", 2, "length", "takes 0 s, expected more than 0 s"),
    Case("time without end", LINK, "0,7.2,72", "0,7.2,1e-300", 2, "length", "takes inf s"),
    Case("speed zero", LINK, "1,13,78", "1,13,0", 4, "free_speed", "found '0', expected a number greater than 0"),
    Case("lanes zero", LINK, "54,2,", "54,0,", 3, "lanes", "found '0', expected a number greater than 0"),
    Case("capacity negative", LINK, "1200", "-1", 4, "capacity", "found '-1', expected a number, 0 or more"),
    Case("capacity blank", LINK, "1200", "", 4, "capacity", "found nothing, expected a number, 0 or more"),
    Case("directed unclear", LINK, "3,4,1", "3,4,yes", 4, "directed", "found 'yes', expected 1 or true"),
    Case("link twice", LINK, "c,East", "a,East", 4, "link_id", "found 'a' again (first on line 2)"),
    Case("link id taken", LINK, "c,East", "-a,East", 4, "link_id", "the id of the other direction of two-way link 'a'"),
    Case("geometry broken", LINK, "LINESTRING (30.1 50,", "LINESTRNG (30.1 50,", 3, "geometry", "expected a WKT LINES"),
    Case("geometry a point", LINK, "LINESTRING (30.1 50, 30.11 50.001, 30.12 50)", "POINT (1 2)", 3, "geometry", "WKT"),
    Case("geometry beyond", LINK, "30.11 50.001", "3011 50.001", 3, "geometry", "beyond 180 or 90, expected longitude"),
    # crossing.csv
    Case("crossing of unknown link", CROSSING, ",b,map", ",b;x,map", 2, "link_ids", "found link 'x', expected an id"),
    Case("crossing of no link", CROSSING, ",b,map", ",;,map", 2, "link_ids", "found nothing, expected ids of links"),
    Case("reverse of a one-way link", CROSSING, ",b,map", ",-c,map", 2, "link_ids", "'c' is one-way"),
    Case("crossing twice", CROSSING, "bridge,Old", "bridge,,,a,\nbridge,Old", 3, "crossing_id", "again"),
    # zone.csv
    Case("zone at no node", ZONE, "Town,1,", "Town,77,", 2, "node_id", "found '77', expected an id that node.csv has"),
    Case("zone twice", ZONE, "west,West", "town,West", 3, "zone_id", "found 'town' again"),
    Case("people negative", ZONE, ",1000,", ",-5,", 2, "population", "found '-5', expected a whole number from 0"),
    Case("people in parts", ZONE, ",1000,", ",1000.5,", 2, "population", "expected a whole number"),
    Case("people beyond Earth's", ZONE, ",1000,", ",1e11,", 2, "population", "to 1e+10"),
    Case("share above 1", ZONE, ",0.8,", ",80,", 2, "share_present", "found '80', expected a number from 0 to 1"),
    Case("share negative", ZONE, ",0.25,", ",-0.1,", 2, "share_without_vehicle", "a number from 0 to 1"),
    Case("persons per vehicle zero", ZONE, ",2.5,", ",0,", 2, "persons_per_vehicle", "greater than 0"),
    Case("persons per vehicle blank", ZONE, ",2.5,", ",,", 2, "persons_per_vehicle", "leave the whole column out"),
    Case("priority zero", ZONE, ",2,census", ",0,census", 2, "priority", "greater than 0"),
    Case("ready without offset", ZONE, SEVEN, "2026-05-01T07:00", 2, "ready_at", "a time without offset; expected ISO"),
    Case("ready no time", ZONE, SEVEN, "7 am", 2, "ready_at", "found '7 am', expected ISO 8601 with offset"),
    Case("leave by before ready", ZONE, TWELVE, SEVEN, 2, "leave_by", "expected a time after ready_at 2026-05-01T07"),
    # site.csv
    Case("site at no node", SITE, "Shelter,4", "Shelter,x", 2, "node_id", "found 'x', expected an id that node.csv"),
    Case("beds negative", SITE, "700", "-1", 2, "beds", "or blank: no limit"),
    Case("beds text", SITE, "700", "many", 2, "beds", "found 'many', expected a whole number"),
    Case("closes before it opens", SITE, "+03:00,,", "+03:00,2026-05-01T03:00Z,", 2, "closes_at", "a time after opens"),
    # direction.csv
    Case("direction without site", DIRECTION, ",east,", ",south,", 2, "direction", "the direction of a site: 'east'"),
    Case("shares below 1", DIRECTION, ",1,", ",0.9,", 2, "share", "shares of zone 'town' add up to 0.9, expected 1"),
    Case("direction of unknown zone", DIRECTION, "town,", "twon,", 2, "zone_id", "found 'twon', expected an id"),
    Case("direction twice", DIRECTION, ",1,assump", ",1,\ntown,east,0,assump", 3, "direction", "again for zone"),
    # availability.csv
    Case("target of no kind", AVAIL, "link:a", "road:a", 3, "target", "expected link:ID, crossing:ID, site:ID or z"),
    Case("target without id", AVAIL, "link:a", "link", 3, "target", "found 'link', expected link:ID"),
    Case("target link unknown", AVAIL, "link:a", "link:z", 3, "target", "found link 'z', expected an id that link.csv"),
    Case("target crossing unknown", AVAIL, "crossing:bridge", "crossing:x", 2, "target", "that crossing.csv has"),
    Case("target zone unknown", AVAIL, "link:a", "zone:x", 3, "target", "that zone.csv has"),
    Case("target site unknown", AVAIL, "link:a", "site:x", 3, "target", "that site.csv has"),
    Case("factor above 1", AVAIL, "0.5", "50", 3, "capacity_factor", "found '50', expected a number from 0 to 1"),
    Case("half a site", AVAIL, "link:a", "site:shelter", 3, "capacity_factor", "expected 0 (closed) or 1 (open)"),
    Case("until before from", AVAIL, "a,,", f"a,{TWELVE},", 3, "until", "expected a time after from 2026-05-01T12"),
    Case("from without offset", AVAIL, f"{TWELVE},,0", "2026-05-01T12:00:00,,0", 2, "from", "a time without offset"),
    Case("from out of time", AVAIL, f"{TWELVE},,0", "99999-01-01T00:00Z,,0", 2, "from", "expected ISO 8601"),
    # hazard.geojson
    Case("no JSON", HAZARD, "FeatureCollection", 'Feature"Collection', 1, None, "not valid JSON"),
    Case("no collection", HAZARD, "FeatureCollection", "Features", None, None, "expected a GeoJSON FeatureCollection"),
    Case("no feature", HAZARD, '"Feature"', '"Thing"', None, "features[0]", "expected a Feature"),
    Case("a line", HAZARD, "Polygon", "LineString", None, "features[0].geometry", "found 'LineString'"),
    Case("hazard time naive", HAZARD, "10:00:00+03:00", "10:00", None, HAZARD_FROM, "without offset"),
    Case("hazard time a number", HAZARD, '"2026-05-01T10:00:00+03:00"', "1", None, HAZARD_FROM, "as text"),
    Case("hazard ends first", HAZARD, "T11:00", "T09:00", None, "features[0].properties.until", "a time after from"),
    Case("hazard off the map", HAZARD, "[30.2, 49.9]", "[302, 49.9]", None, HAZARD_RINGS, "degrees"),
    Case("ring too short", HAZARD, "[30.2, 49.9], [30.25, 49.9], ", "", None, HAZARD_RINGS, "four or more points"),
    Case("hazard nested deep", HAZARD, "[[[30.2", "[" * 100_000, None, None, "nested too deep"),
    Case("hazard number huge", HAZARD, "[30.2, 49.9]", f"[1{'0' * 400}, 1]", None, HAZARD_RINGS, "rings"),
]  # fmt: skip


def faults_of(tiny: Any) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as caught:
        tiny.read()
    return caught.value.faults


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_mistake_gives_one_fault(tiny: Any, case: Case) -> None:
    (fault,) = faults_of(tiny.change(case.file, case.old, case.new))
    assert (fault.file, fault.row, fault.field) == (case.file, case.row, case.field)
    assert case.piece in fault.message
    assert len(str(fault)) < 600
    assert not CONTROL_CHARACTER.search(str(fault))


def test_there_are_forty_of_them() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 45


@pytest.mark.parametrize("name", [TOML, NODE, LINK, ZONE, SITE])
def test_needed_files_must_be_there(tiny: Any, name: str) -> None:
    (fault,) = faults_of(tiny.drop(name))
    assert (fault.file, fault.row, fault.field) == (name, None, None)
    assert "not found, expected it in the folder" in fault.message


def test_a_file_under_another_name_is_proposed(tiny: Any) -> None:
    tiny.files["links.csv"] = tiny.files.pop(LINK)
    (fault,) = faults_of(tiny)
    assert str(fault) == "link.csv: file not found, expected it in the folder; is it 'links.csv'?"


def test_an_empty_folder(tiny: Any) -> None:
    tiny.files.clear()
    assert [fault.file for fault in faults_of(tiny)] == [TOML, NODE, LINK, ZONE, SITE]


def test_a_link_out_of_the_folder_is_not_followed(tiny: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(tiny.files.pop(CROSSING))
    (tiny.write() / CROSSING).symlink_to(secret)
    (fault,) = faults_of(tiny)
    assert (fault.file, fault.message) == (CROSSING, "lies outside the folder, expected a file in the folder")


def test_faults_of_all_files_come_at_once(tiny: Any) -> None:
    tiny.change(TOML, "= 12", "= 0").change(TOML, '"km"', '"furlong"')
    tiny.change(NODE, "30.12", "east").change(NODE, "4,Shelter", "1,Shelter")
    tiny.change(LINK, "7.2", "-7.2").change(LINK, "c,East road,3", "c,East road,9").change(LINK, "1200", "")
    tiny.change(CROSSING, ",b,map", ",x,map")
    tiny.change(ZONE, ",0.8,", ",8,").change(ZONE, SEVEN, "07:00")
    tiny.change(SITE, ",700,", ",lots,")
    tiny.change(DIRECTION, "town", "twon")
    tiny.change(AVAIL, "link:a", "lane:a").change(AVAIL, TWELVE, "noon")
    tiny.change(HAZARD, "Polygon", "Circle")
    assert [(fault.file, fault.row, fault.field) for fault in faults_of(tiny)] == [
        (TOML, 3, "horizon_h"),
        (TOML, 4, "length_unit"),
        (NODE, 4, "x_coord"),
        (NODE, 5, "node_id"),
        (LINK, 2, "length"),
        (LINK, 4, "capacity"),
        (LINK, 4, "from_node_id"),
        (LINK, 4, "to_node_id"),  # the shelter's node has another's id
        (CROSSING, 2, "link_ids"),
        (ZONE, 2, "share_present"),
        (ZONE, 2, "ready_at"),
        (SITE, 2, "node_id"),
        (SITE, 2, "beds"),
        (DIRECTION, 2, "zone_id"),
        (AVAIL, 2, "from"),
        (AVAIL, 3, "target"),
        (HAZARD, None, "features[0].geometry"),
    ]


def test_an_unreadable_table_makes_no_faults_elsewhere(tiny: Any) -> None:
    """Where link.csv cannot be read, whether crossing.csv names its links rightly is not known."""
    (fault,) = faults_of(tiny.change(LINK, "link_id,", "id,"))
    assert (fault.file, fault.row, fault.field) == (LINK, 1, "link_id")


def test_settings_that_cannot_be_read_make_no_faults_in_tables(tiny: Any) -> None:
    """Planar coordinates and tables under names of their own, which a broken scenario.toml cannot tell."""
    tiny.change(TOML, "EPSG:4326", "local").change(NODE, "30.00,", "615175,").change(
        TOML, "[files]", '[files\nlinks="l.csv"'
    )
    tiny.files["l.csv"] = tiny.files.pop(LINK)
    (fault,) = faults_of(tiny)
    assert (fault.file, fault.row) == (TOML, 11)


def test_long_lists_are_cut_and_counted(tiny: Any) -> None:
    tiny.files[LINK] += b"".join(b"x%d,,1,77,1,-1,50,1,900,,,\n" % i for i in range(100))
    faults = faults_of(tiny)
    assert len(faults) == 51  # 50 of them and the count
    assert [fault.row for fault in faults[:4]] == [5, 5, 6, 6]
    assert str(faults[-1]) == "link.csv: and 150 more"


def test_a_million_faults_are_counted(tiny: Any) -> None:
    tiny.set(DIRECTION, "zone_id,direction,share\n" + "x,y,z\n" * 20_000)
    assert faults_of(tiny)[-1].message == "and 59,950 more"


NASTY = [
    b"",
    b"\0",
    b"\xff",
    b'"',
    b",",
    b";",
    b"\n",
    b"\r",
    b"-",
    b"nan",
    b"inf",
    b"1e999",
    b"[[",
    b"]",
    b"{",
    b"null",
]
NASTY += [
    b"-1",
    b"0",
    b"999999999999999999999",
    b"\xef\xbb\xbf",
    b"\x1b[2J",
    b"\xe2\x80\xae",
    b"=",
    b"0001-01-01T00:00+14:00",
]


@given(data=st.data())
@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_spoiled_bytes_never_end_in_a_traceback(tiny: Any, data: st.DataObject) -> None:
    """Whatever is cut out or put in anywhere: a scenario or an InputError."""
    with tempfile.TemporaryDirectory() as place:
        spoiled = type(tiny)(Path(place) / "s")
        for _ in range(data.draw(st.integers(1, 3))):
            name = data.draw(st.sampled_from(sorted(spoiled.files)))
            raw = spoiled.files[name]
            begin = data.draw(st.integers(0, len(raw)))
            end = min(len(raw), begin + data.draw(st.integers(0, 12)))
            spoiled.files[name] = raw[:begin] + data.draw(st.sampled_from(NASTY) | st.binary(max_size=6)) + raw[end:]
        try:
            scenario = spoiled.read()
        except InputError as error:
            faults = error.faults
        else:
            faults = ()
            assert scenario.capacity_profile().start[-1] >= scenario.network.n_links
            assert sum(party.persons for party in scenario.parties()) == sum(z.with_vehicle for z in scenario.zones)
    assert not any(CONTROL_CHARACTER.search(str(fault)) for fault in faults)
