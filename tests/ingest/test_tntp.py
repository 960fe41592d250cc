"""TNTP networks: a hand-made one with centroids, quirks of real ones, faults."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from clearway.errors import InputError, UsageError
from clearway.ingest.folder import read_scenario
from clearway.ingest.tntp import TntpUnits, import_tntp
from clearway.ingest.write_folder import ImportSettings

# Zones 1, 2 and 3, through which nobody may pass; junctions 4 and 5; the site is at 3: 1 -> 4 -> 5 -> 3, 2 -> 5.
# Links into 1 and 2 are dropped, and 3 -> 5, out of the site.
NET = """<NUMBER OF ZONES> 3
<NUMBER OF NODES> 5
<FIRST THRU NODE> 4
<NUMBER OF LINKS> 8
<ORIGINAL HEADER>~ \tInit node \tTerm node \tCapacity \tLength \tFree Flow Time \tB\tPower\tSpeed limit \tToll \tType\t;
<END OF METADATA>

~ \tinit_node\tterm_node\tcapacity\tlength\tfree_flow_time\tb\tpower\tspeed\ttoll\tlink_type\t;
\t1\t4\t25900.20064\t6\t6\t0.15\t4\t0\t0\t1\t;
\t4\t1\t25900.20064\t6\t6\t0.15\t4\t0\t0\t1\t;
\t2\t5\t1000\t0\t0\t0.15\t4\t0\t0\t1\t;

\t5\t2\t1000\t0\t0\t0.15\t4\t0\t0\t1\t;
\t4\t5\t4000\t2.5\t3\t0.15\t4\t0\t0\t1\t;
~ a comment in between
\t5\t4\t4000\t2.5\t3\t0.15\t4\t0\t0\t1\t;
\t5\t3\t4958.180928\t1\t1.5\t0.15\t4\t0\t0\t1\t;
\t3\t5\t4958.180928\t1\t1.5\t0.15\t4\t0\t0\t1\t;
"""
NODES = "Node\tX\tY\t;\n1\t0\t0\t;\n2\t10\t0\t;\n3\t20.5\t0\t;\n4\t0\t10\t;\n5\t10\t10\t;\n"
TRIPS = """<NUMBER OF ZONES> 3
<TOTAL OD FLOW> 650.0
<END OF METADATA>

Origin  1
    1 :      0.0;     2 :    100.0;     3 :    200.0;
Origin\t2
    1 :     150.0;    2 :  0;
    3 : 150.0;
Origin 3
    1 : 50.0;
"""


@pytest.fixture
def net(tmp_path: Path) -> Path:
    folder = tmp_path / "net"
    folder.mkdir()
    for name, text in (("Tiny_net", NET), ("Tiny_node", NODES), ("Tiny_trips", TRIPS)):
        (folder / f"{name}.tntp").write_text(text, encoding="utf-8")
    return folder / "Tiny_net.tntp"


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_network_with_centroids(tmp_path: Path, net: Path):
    report = import_tntp(net, tmp_path / "out", sites="3")
    links = [(row["link_id"], row["from_node_id"], row["to_node_id"]) for row in rows(report.folder, "link")]
    # out of zones 1 and 2, into site 3, between junctions 4 and 5; rows 2, 4 (into zones) and 8 (out of the site) go
    assert links == [("1", "1", "4"), ("3", "2", "5"), ("5", "4", "5"), ("6", "5", "4"), ("7", "5", "3")]
    zones = [(row["zone_id"], row["node_id"], row["population"]) for row in rows(report.folder, "zone")]
    # productions: 100 + 200; 150 + 150. The 50 trips of origin 3 begin at the site
    assert zones == [("z1", "1", "300"), ("z2", "2", "300")]
    assert [(row["site_id"], row["node_id"], row["beds"]) for row in rows(report.folder, "site")] == [("s3", "3", "")]
    assert report.notes == (
        "Links dropped: 3 (loops, and links into or out of zone centroids nobody may pass).",
        "Links with a free-flow time below 1 s, which were given that: 1.",
        "Trips that begin at sites, whose people stay there: 50.",
    )


def test_free_flow_times_are_those_of_the_file(tmp_path: Path, net: Path):
    import_tntp(net, tmp_path / "out", sites="3", settings=ImportSettings(capacity_factor=1.0))
    scenario = read_scenario(tmp_path / "out")
    # 6, 0 (at least 1 s), 3, 3 and 1.5 minutes
    assert scenario.network.free_flow_time_s.tolist() == pytest.approx([360, 1, 180, 180, 90], rel=1e-12)
    # 6 miles; vehicles per hour
    assert scenario.network.length_m[0] == pytest.approx(6 * 1609.344)
    assert scenario.network.capacity_veh_per_s[0] == pytest.approx(25900.20064 / 3600, rel=1e-12)
    assert scenario.network.is_local
    assert [zone.persons_per_vehicle for zone in scenario.zones] == [1.0, 1.0]
    assert not scenario.warnings


def test_units(tmp_path: Path, net: Path):
    units = TntpUnits(length_unit="ft", time_unit="s", capacity_h=10)
    import_tntp(net, tmp_path / "out", sites="3", units=units)
    network = read_scenario(tmp_path / "out").network
    assert network.free_flow_time_s[0] == pytest.approx(6)
    assert network.length_m[0] == pytest.approx(6 * 0.3048)
    assert network.capacity_veh_per_s[0] == pytest.approx(2590.020064 / 3600)


@pytest.mark.parametrize(
    "wrong", [{"length_unit": "parsec"}, {"time_unit": "days"}, {"capacity_h": 0}, {"crs": "EPSG:3857"}]
)
def test_unknown_units_are_refused(wrong: dict[str, object]):
    with pytest.raises(UsageError):
        TntpUnits(**wrong)  # type: ignore[arg-type]


def test_sioux_falls_lets_traffic_through_all_nodes(tmp_path: Path, net: Path):
    # <FIRST THRU NODE> 1, as in SiouxFalls_net.tntp: nothing is dropped
    net.write_text(NET.replace("<FIRST THRU NODE> 4", "<FIRST THRU NODE> 1"), encoding="utf-8")
    report = import_tntp(net, tmp_path / "out", sites="3", zones="1")
    assert report.n_links == 8
    assert [row["zone_id"] for row in rows(report.folder, "zone")] == ["z1"]


def test_fields_may_stand_in_another_order(tmp_path: Path, net: Path):
    head = "<NUMBER OF LINKS> 1\n<END OF METADATA>\n~\tInit node\tTerm node\tLength\tFree Flow Time\tCapacity\tB\t;\n"
    net.write_text(head + "1\t3\t5\t2\t900\t0.15\t;\n", encoding="utf-8")
    import_tntp(net, tmp_path / "out", sites="3", zones="1")
    network = read_scenario(tmp_path / "out").network
    assert network.capacity_veh_per_s[0] == pytest.approx(900 / 3600)
    assert network.free_flow_time_s[0] == pytest.approx(120)


def test_sites_of_a_table(tmp_path: Path, net: Path):
    sites = tmp_path / "sites.csv"
    sites.write_text("site_id,name,x_coord,y_coord,beds\nhall,Town hall,20,1,120\n", encoding="utf-8")
    report = import_tntp(net, tmp_path / "out", sites=sites)
    found = rows(report.folder, "site")[0]
    assert (found["site_id"], found["node_id"], found["beds"]) == ("hall", "3", "120")


def test_what_is_not_given_is_asked_for(tmp_path: Path, net: Path):
    with pytest.raises(UsageError, match="no reception sites"):
        import_tntp(net, tmp_path / "out", sites="")
    with pytest.raises(UsageError, match="expected node numbers"):
        import_tntp(net, tmp_path / "out", sites="hall")
    (net.parent / "Tiny_trips.tntp").unlink()
    with pytest.raises(UsageError, match="--trips"):
        import_tntp(net, tmp_path / "out", sites="3")
    (net.parent / "Tiny_node.tntp").unlink()
    with pytest.raises(UsageError, match=r"no Tiny_node\.tntp beside Tiny_net\.tntp"):
        import_tntp(net, tmp_path / "out", sites="3")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("kind", "old", "new", "expected"),
    [
        ("net", "\t3\t5\t4958.180928\t1\t1.5\t0.15\t4\t0\t0\t1\t;\n", "", "found 7 links, expected 8"),
        ("net", "25900.20064", "much", "line 9, capacity: found 'much', expected a number"),
        ("net", "25900.20064", "-5", "line 9, capacity: found '-5', expected a number, 0 or more"),
        ("net", "\t2\t5\t1000", "\tx\t5\t1000", "line 11, init_node: found 'x', expected a node number"),
        ("net", "\t2\t5\t1000\t0\t0\t0.15\t4\t0\t0\t1\t;", "\t2\t5\t;", "line 11: found 2 cells"),
        ("net", "<FIRST THRU NODE> 4", "<FIRST THRU NODE> four", "<FIRST THRU NODE>: found 'four'"),
        ("net", NET, "", "found no links"),
        ("node", "5\t10\t10\t;\n", "", "node 5 is missing, expected coordinates of it: 6 links"),
        ("node", "20.5\t0", "here\t0", "line 4: found 'here 0', expected x and y in numbers"),
        ("node", "2\t10\t0", "1\t10\t0", "found node 1 again"),
        ("node", NODES, "\n", "found no nodes"),
        ("trips", "2 :    100.0;", "2 :    100.0.0;", "line 6: found '2 :    100.0.0'"),
        ("trips", "Origin  1\n", "", "line 5: found '1 :      0.0'"),
        ("trips", TRIPS, "<END OF METADATA>\n", "found no origins"),
    ],
)
def test_faults_are_told(tmp_path: Path, net: Path, kind: str, old: str, new: str, expected: str):
    path = net.parent / f"Tiny_{kind}.tntp"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        import_tntp(net, tmp_path / "out", sites="3")
    assert expected in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_unknown_sites_and_zones_are_faults(tmp_path: Path, net: Path):
    with pytest.raises(InputError, match="found '77', expected a node of the network"):
        import_tntp(net, tmp_path / "out", sites="3,77")
    with pytest.raises(InputError, match="found 4, expected an origin"):
        import_tntp(net, tmp_path / "out", sites="3", zones="1,4")


def test_trips_that_do_not_add_up_are_told(tmp_path: Path, net: Path):
    path = net.parent / "Tiny_trips.tntp"
    path.write_text(TRIPS.replace("650.0", "900.0"), encoding="utf-8")
    report = import_tntp(net, tmp_path / "out", sites="3")
    assert "the trips add up to 650, <TOTAL OD FLOW> says 900" in report.notes[0]
