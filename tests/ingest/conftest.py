"""A tiny scenario folder that is right in every respect, for tests to spoil or to change."""

from __future__ import annotations

from pathlib import Path

import pytest

from clearway.ingest.folder import read_scenario
from clearway.model.scenario import Scenario

# Town (1) - 360 s - west bank (2) - bridge, 100 s - east bank (3) - 600 s, one-way - shelter (4), along latitude 50.
FILES = {
    "scenario.toml": """\
name = "Tiny"
start = 2026-05-01T06:00:00+03:00
horizon_h = 12
length_unit = "km"
speed_unit = "km/h"
capacity_factor = 0.8
crs = "EPSG:4326"
assumptions = ["Nobody is away."]
credits = ["Made up for tests."]

[files]
hazards = "hazard.geojson"
""",
    "node.csv": """\
node_id,name,x_coord,y_coord
1,Town,30.00,50.0
2,West bank,30.10,50.0
3,East bank,30.12,50.0
4,Shelter,30.30,50.0
""",
    "link.csv": """\
link_id,name,from_node_id,to_node_id,directed,length,free_speed,lanes,capacity,allowed_uses,geometry,source
a,Town road,1,2,0,7.2,72,1,900,,,
b,Old bridge,2,3,0,1.5,54,2,1000,"auto,bus","LINESTRING (30.1 50, 30.11 50.001, 30.12 50)",survey
c,East road,3,4,1,13,78,1,1200,,,
""",
    "crossing.csv": """\
crossing_id,name,kind,link_ids,source
bridge,Old bridge,bridge,b,map
""",
    "zone.csv": """\
zone_id,name,node_id,population,share_present,share_without_vehicle,persons_per_vehicle,ready_at,leave_by,priority,source
town,Town,1,1000,0.8,0.25,2.5,2026-05-01T07:00:00+03:00,2026-05-01T12:00:00+03:00,2,census
west,West bank,2,50,,,2,,,,
""",
    "site.csv": """\
site_id,name,node_id,beds,opens_at,closes_at,direction,source
shelter,Shelter,4,700,2026-05-01T06:30:00+03:00,,east,city
""",
    "direction.csv": """\
zone_id,direction,share,source
town,east,1,assumption
""",
    "availability.csv": """\
target,from,until,capacity_factor,report_id,note,source
crossing:bridge,2026-05-01T12:00:00+03:00,,0,r1,lost at noon,radio
link:a,,2026-05-01T07:00:00+03:00,0.5,r2,works,
""",
    "hazard.geojson": """\
{"type": "FeatureCollection", "features": [
{"type": "Feature",
 "properties": {"name": "flood", "from": "2026-05-01T10:00:00+03:00", "until": "2026-05-01T11:00:00+03:00"},
 "geometry": {"type": "Polygon",
  "coordinates": [[[30.2, 49.9], [30.25, 49.9], [30.25, 50.1], [30.2, 50.1], [30.2, 49.9]]]}}
]}
""",
}


class Tiny:
    """The files of the tiny scenario in memory; what they hold is written out and read by ``read``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, bytes] = {name: text.encode() for name, text in FILES.items()}

    def change(self, name: str, old: str | bytes, new: str | bytes) -> Tiny:
        """Replace the first ``old``, which must be there."""
        before, after = (part.encode() if isinstance(part, str) else part for part in (old, new))
        assert before in self.files[name], f"{name} has no {old!r}"
        self.files[name] = self.files[name].replace(before, after, 1)
        return self

    def set(self, name: str, text: str | bytes) -> Tiny:
        self.files[name] = text.encode() if isinstance(text, str) else text
        return self

    def drop(self, *names: str) -> Tiny:
        """Leave files out; hazards are then named no more."""
        for name in names:
            del self.files[name]
            if name == "hazard.geojson":
                self.change("scenario.toml", 'hazards = "hazard.geojson"\n', "")
        return self

    def write(self) -> Path:
        self.folder.mkdir(exist_ok=True)
        for name, raw in self.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        return self.folder

    def read(self) -> Scenario:
        return read_scenario(self.write())


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return Tiny(tmp_path / "tiny")
