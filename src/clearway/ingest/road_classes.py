"""What is assumed of a road by its class where its data do not say: speed, lanes, capacity."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoadClass:
    """
    Assumptions by class of road.

    Attributes
    ----------
    speed_km_h : free-flow speed.
    lanes : per direction.
    capacity_veh_per_h : of one lane.
    is_oneway : one way unless tagged otherwise.
    """

    speed_km_h: float
    lanes: int
    capacity_veh_per_h: float
    is_oneway: bool = False


# Lanes, capacity per lane, and all of living_street and the *_link classes: MATSim, contribs/osm, class LinkProperties
# (commit 32dfbbf). Other speeds: osm2gmns, default_speed_dict of its documentation; MATSim's 15 to 30 km/h on town
# roads fold waiting at junctions in, which a tagged maxspeed does not. MATSim does not list the last three: their
# capacity is living_street's, an assumption of ours, as is a track's speed.
ROAD_CLASSES: dict[str, RoadClass] = {
    "motorway": RoadClass(120, 2, 2000, is_oneway=True),
    "motorway_link": RoadClass(80, 1, 1500, is_oneway=True),
    "trunk": RoadClass(100, 1, 2000),
    "trunk_link": RoadClass(50, 1, 1500),
    "primary": RoadClass(80, 1, 1500),
    "primary_link": RoadClass(60, 1, 1500),
    "secondary": RoadClass(60, 1, 800),
    "secondary_link": RoadClass(30, 1, 800),
    "tertiary": RoadClass(40, 1, 600),
    "tertiary_link": RoadClass(25, 1, 600),
    "unclassified": RoadClass(30, 1, 600),
    "residential": RoadClass(30, 1, 600),
    "living_street": RoadClass(10, 1, 300),
    "service": RoadClass(30, 1, 300),
    "road": RoadClass(30, 1, 300),
    "track": RoadClass(15, 1, 300),
}
CLASS_SOURCE = (
    "Lanes and capacities by road class where the data give none: MATSim contrib osm, LinkProperties; "
    "speeds by road class: osm2gmns default_speed_dict (assumption)."
)

# A ferry nobody described: ours, an assumption that every importer writes out. OSRM and GraphHopper take 5 to 30 km/h.
FERRY_SPEED_KM_H = 20.0
FERRY_CAPACITY_VEH_PER_H = 60.0

# Words of GMNS facility_type cells -> class. The functional classes of FHWA (Highway Functional Classification, 2013)
# and OpenStreetMap's own names, which osm2gmns writes.
FACILITY_WORDS: tuple[tuple[str, str], ...] = (
    ("ramp", "motorway_link"),
    ("freeway", "motorway"),
    ("interstate", "motorway"),
    ("expressway", "trunk"),
    ("highway", "trunk"),
    ("principal arterial", "primary"),
    ("major arterial", "primary"),
    ("minor arterial", "secondary"),
    ("arterial", "primary"),
    ("collector", "tertiary"),
    ("local", "residential"),
    ("street", "residential"),
)


def road_class_of(facility_type: str) -> str:
    """The class a facility type stands for; empty where unknown."""
    text = facility_type.strip().lower().replace("-", " ")
    name = text.replace(" ", "_")
    if name in ROAD_CLASSES:
        return name
    return next((road_class for word, road_class in FACILITY_WORDS if word in text), "")
