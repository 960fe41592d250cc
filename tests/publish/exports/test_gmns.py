"""The GMNS export: our own importer reads it back; trips and routes say the plan again."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import pytest
from tests.tiny_plan import tiny_plan, tiny_scenario

from clearway.ingest.folder import read_scenario
from clearway.ingest.gmns import GmnsUnits, import_gmns
from clearway.ingest.write_folder import ImportSettings
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish.exports.folder import write_export
from clearway.publish.exports.gmns import days, export_gmns


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_network_comes_back_as_it_was(tmp_path: Path) -> None:
    scenario = tiny_scenario()
    write_export(tmp_path / "gmns", *export_gmns(tiny_plan(), scenario))
    places, sites = tmp_path / "places.csv", tmp_path / "sites.csv"
    places.write_text("zone_id,name,node_id,population\nnorth,North,A,1200\n")
    sites.write_text("site_id,name,node_id,beds\ncamp,Camp,S1,2000\n")
    settings = ImportSettings(name="back", capacity_factor=0.8)
    import_gmns(tmp_path / "gmns", tmp_path / "back", places=places, sites=sites, units=GmnsUnits(), settings=settings)
    network = read_scenario(tmp_path / "back").network
    for link in ("ac", "bridge", "d2"):
        a, b = network.link_index(link), scenario.network.link_index(link)
        assert network.free_flow_time_s[a] == pytest.approx(scenario.network.free_flow_time_s[b])
        assert network.capacity_veh_per_s[a] == pytest.approx(scenario.network.capacity_veh_per_s[b])
        assert network.length_m[a] == pytest.approx(scenario.network.length_m[b])


def test_trips_and_routes_say_the_plan() -> None:
    files, said = export_gmns(tiny_plan(), tiny_scenario())
    trips = rows(files["trip.csv"])
    assert sum(float(trip["persons"]) for trip in trips) == said["persons"] == 1350
    assert [(t["zone_id"], t["site_id"], t["route_id"]) for t in trips][-1] == ("south", "school", "r2")
    assert trips[0]["depart_from"] == "2022-10-15T06:01:00+03:00"
    way = [row["link_id"] for row in rows(files["route_link.csv"]) if row["route_id"] == "r2"]
    assert way == ["bc", "bridge", "d2"]
    assert [row["free_flow_time_s"] for row in rows(files["route.csv"])] == ["1020", "1020"]


def test_capacity_over_time_exactly_and_by_day_of_the_week() -> None:
    """The bridge, 2 lanes of 1,125 an hour: halved at 07:30, not entered from 07:58 to the horizon at 09:00."""
    files, _ = export_gmns(tiny_plan(), tiny_scenario())
    changes = [row for row in rows(files["capacity_change.csv"]) if row["link_id"] == "bridge"]
    assert [(row["from_s"], row["until_s"], float(row["capacity"])) for row in changes] == [
        ("0", "5400", 1125.0),
        ("5400", "7080", 562.5),
        ("7080", "10800", 0.0),
    ]
    by_day = [row for row in rows(files["link_tod.csv"]) if row["link_id"] == "bridge"]
    assert [row["time_day"] for row in by_day] == [
        f"00000010_{span}" for span in ("0600_0730", "0730_0758", "0758_0900")
    ], "15 October 2022 is a Saturday"


def test_times_of_day_end_at_midnight() -> None:
    begin = datetime.fromisoformat("2022-10-15T23:00:00+03:00")
    until = datetime.fromisoformat("2022-10-16T01:30:20+03:00")
    assert days(begin, until) == [(6, "2300", "2400"), (0, "0000", "0130")]
    assert days(begin, begin) == []


def test_hostile_names_stay_in_their_cells(hostile: tuple[Plan, Scenario]) -> None:
    files, _ = export_gmns(*hostile)
    for name, text in files.items():
        if name.endswith(".csv"):
            found = list(csv.reader(io.StringIO(text)))
            assert {len(row) for row in found} == {len(found[0])}, name
    assert rows(files["node.csv"])[0]["name"] == hostile[1].network.node_names[0]
