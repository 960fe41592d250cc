"""What the tags of an OpenStreetMap way say about driving on it (wiki.openstreetmap.org/wiki/Map_features)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from clearway.ingest.road_classes import FERRY_CAPACITY_VEH_PER_H, FERRY_SPEED_KM_H, ROAD_CLASSES, RoadClass

Tags = Mapping[str, str]


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


# Key:access: the most particular key that is there decides.
ACCESS_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
# What lets the public drive. All other values (no, private, agricultural, forestry, delivery, permit, emergency,
# psv, bus, military ...) do not; unknown ones (typing errors) do not bar a road.
BARRED = words(
    "no private agricultural forestry agricultural;forestry forestry;agricultural delivery permit emergency psv bus "
    "bicycle foot military hov taxi use_sidepath restricted employees staff"
)
EXPLICITLY_ALLOWED = frozenset(("yes", "designated", "permissive", "official", "destination", "customers"))
# Key:service: ways that lead nowhere but to a door. OSMnx leaves the same out of its network type "drive_service",
# but for driveways and alleys, which it keeps there and leaves out of "drive".
DEAD_END_SERVICES = frozenset(
    ("parking_aisle", "parking", "driveway", "alley", "drive-through", "emergency_access", "private")
)
# Key:barrier: nodes that no car passes. A gate, lift gate, toll booth or cattle grid can be opened.
CLOSED_BARRIERS = words(
    "bollard block jersey_barrier cycle_barrier motorcycle_barrier log debris chain planter turnstile kissing_gate "
    "stile wall fence bus_trap sump_buster hampshire_gate"
)

MPH_KM_H = 1.609344  # international mile of 1959
KNOT_KM_H = 1.852
# SUMO netconvert, NIImporter_OpenStreetMap: "walk" is 5 km/h.
WALK_KM_H = 5.0
# wiki.openstreetmap.org/wiki/Default_speed_limits and Key:maxspeed (implicit values COUNTRY:kind): the usual value and
# the countries that differ.
IMPLICIT_KM_H: dict[str, tuple[float, dict[str, float]]] = {
    "urban": (50, {"GB": 48.28, "UK": 48.28}),
    "rural": (90, {"DE": 100, "AT": 100, "CH": 80, "NO": 80, "DK": 80, "NL": 80, "FI": 80, "FR": 80, "SE": 70}),
    "nsl_single": (96.56, {}),
    "nsl_dual": (112.65, {}),
    "trunk": (110, {"AT": 100, "CH": 100, "NL": 100, "RU": 90}),
    "motorway": (130, {"GB": 112.65, "UK": 112.65, "CH": 120, "RU": 110, "BY": 110, "SE": 110, "NO": 110, "FI": 120}),
    "living_street": (20, {"DE": 7, "CH": 20, "AT": 5, "PL": 20}),
    "walk": (WALK_KM_H, {}),
}
SPEED_KEYS = (
    "maxspeed",
    "maxspeed:forward",
    "maxspeed:backward",
    "maxspeed:type",
    "source:maxspeed",
    "zone:maxspeed",
)
SLOWEST_KM_H, FASTEST_KM_H = 3.0, 160.0  # signs outside are typing errors: no public road has them
MOST_LANES = 12  # per direction; more is a typing error


@dataclass(frozen=True, slots=True)
class Road:
    """
    A way that cars may drive, or a ferry that takes them.

    Attributes
    ----------
    forward_lanes, backward_lanes : 0 where that direction may not be driven.
    capacity_veh_per_h : of one lane.
    duration_s : of a ferry's whole way; 0: not known.
    structure : bridge, tunnel, dam, ferry or empty.
    structure_name : the structure's own name; empty: none.
    assumed : what the tags did not say.
    """

    road_class: str
    name: str
    ref: str
    forward_lanes: int
    backward_lanes: int
    speed_km_h: float
    capacity_veh_per_h: float
    duration_s: float
    structure: str
    structure_name: str
    assumed: tuple[str, ...]


def read_road(tags: Tags) -> Road | None:
    """The road a way stands for, None where the public may not drive on it (or it is no road)."""
    if tags.get("route") == "ferry" and "highway" not in tags:
        return read_ferry(tags)
    if not is_drivable(tags):
        return None
    name = tags["highway"]
    road_class = ROAD_CLASSES[name]
    forward, backward = directions(tags, road_class)
    if not (forward or backward):
        return None
    forward_lanes, backward_lanes, lanes_known = lanes(tags, forward, backward, road_class)
    speed = speed_km_h(tags)
    assumed = [word for word, known in (("lanes", lanes_known), ("speed", speed is not None)) if not known]
    structure, structure_name = read_structure(tags)
    return Road(
        road_class=name,
        name=tags.get("name", ""),
        ref=tags.get("ref", ""),
        forward_lanes=forward_lanes,
        backward_lanes=backward_lanes,
        speed_km_h=road_class.speed_km_h if speed is None else speed,
        capacity_veh_per_h=road_class.capacity_veh_per_h,
        duration_s=0.0,
        structure=structure,
        structure_name=structure_name,
        assumed=(*assumed, "capacity"),
    )


def read_ferry(tags: Tags) -> Road | None:
    """A ferry that says it takes cars; None for others."""
    if car_access(tags) not in EXPLICITLY_ALLOWED:
        return None
    forward, backward = directions(tags, RoadClass(FERRY_SPEED_KM_H, 1, FERRY_CAPACITY_VEH_PER_H))
    if not (forward or backward):
        return None
    duration_s = read_duration_s(tags.get("duration", ""))
    capacity = ferry_capacity(tags)
    assumed = [word for word, known in (("speed", duration_s > 0), ("capacity", capacity > 0)) if not known]
    return Road(
        road_class="ferry",
        name=tags.get("name", ""),
        ref=tags.get("ref", ""),
        forward_lanes=int(forward),
        backward_lanes=int(backward),
        speed_km_h=FERRY_SPEED_KM_H,
        capacity_veh_per_h=capacity or FERRY_CAPACITY_VEH_PER_H,
        duration_s=duration_s,
        structure="ferry",
        structure_name=tags.get("name", ""),
        assumed=tuple(assumed),
    )


def car_access(tags: Tags) -> str:
    """The value of the most particular access key, empty where none is there."""
    return next((tags[key] for key in ACCESS_KEYS if key in tags), "")


def is_drivable(tags: Tags) -> bool:
    """Whether the public may drive a car on a way with a ``highway`` tag."""
    name, access = tags.get("highway"), car_access(tags)
    if name not in ROAD_CLASSES or tags.get("area") == "yes" or tags.get("impassable") == "yes":
        return False
    if access in BARRED:
        return False
    if name == "service" and tags.get("service") in DEAD_END_SERVICES:
        return False
    # a track is for tractors unless somebody says that cars may drive there
    return name != "track" or access in EXPLICITLY_ALLOWED


def is_closed_barrier(tags: Tags) -> bool:
    """Whether a node stops cars: bollards and their kind, and gates the public may not pass."""
    access = car_access(tags)
    if access in EXPLICITLY_ALLOWED:
        return False
    barrier = tags.get("barrier", "")
    return barrier in CLOSED_BARRIERS or (bool(barrier) and access in ("no", "private"))


def directions(tags: Tags, road_class: RoadClass) -> tuple[bool, bool]:
    """
    Whether a way may be driven forward and backward (Key:oneway).

    Neither, for roads whose direction changes by the hour (reversible): which way they run in an emergency nobody says.
    """
    value = next((tags[key] for key in ("oneway:motor_vehicle", "oneway:vehicle", "oneway") if key in tags), "")
    if value in ("yes", "true", "1"):
        return True, False
    if value in ("-1", "reverse"):
        return False, True
    if value == "reversible":
        return False, False
    if value in ("no", "false", "0"):
        return True, True
    implied = tags.get("junction") in ("roundabout", "circular") or road_class.is_oneway
    return True, not implied


def lanes(tags: Tags, forward: bool, backward: bool, road_class: RoadClass) -> tuple[int, int, bool]:
    """
    Lanes for cars forward and backward, and whether the tags said so (Key:lanes).

    ``lanes`` counts both directions and bus lanes; an odd one is shared out downwards (a middle lane belongs to none).
    A two-way road has at least one lane each way.
    """
    total = whole_number(tags.get("lanes", "")) - bus_lanes(tags, "")
    ahead = whole_number(tags.get("lanes:forward", "")) - bus_lanes(tags, ":forward")
    behind = whole_number(tags.get("lanes:backward", "")) - bus_lanes(tags, ":backward")
    if not (forward and backward):
        count = next((n for n in (ahead if forward else behind, total) if n > 0), 0)
        n_lanes = min(count or road_class.lanes, MOST_LANES)
        return n_lanes * forward, n_lanes * backward, count > 0
    if ahead <= 0 and behind <= 0:
        half = (total - whole_number(tags.get("lanes:both_ways", ""))) // 2
        count = half if half > 0 else (1 if total > 0 else road_class.lanes)
        return min(count, MOST_LANES), min(count, MOST_LANES), total > 0
    ahead = ahead if ahead > 0 else total - behind
    behind = behind if behind > 0 else total - ahead
    return min(max(ahead, 1), MOST_LANES), min(max(behind, 1), MOST_LANES), True


def bus_lanes(tags: Tags, suffix: str) -> int:
    """Lanes that only buses may use."""
    return max(whole_number(tags.get(f"lanes:{kind}{suffix}", "")) for kind in ("psv", "bus"))


def whole_number(text: str) -> int:
    """The number a text begins with, cut to a whole one; 0 where it begins with none."""
    match = re.match(r"\s*(\d{1,3})", text)
    return int(match[1]) if match else 0


def speed_km_h(tags: Tags) -> float | None:
    """The speed limit (Key:maxspeed), None where the tags give none. Of several the lowest."""
    for key in SPEED_KEYS:
        if key in tags:
            speeds = [read_speed(part) for part in tags[key].split(";")]
            found = [speed for speed in speeds if speed is not None and SLOWEST_KM_H <= speed <= FASTEST_KM_H]
            if found:
                return min(found)
    return None


def read_speed(text: str) -> float | None:
    """One value of maxspeed: ``50``, ``30 mph``, ``RU:urban``, ``DE:zone30``, ``walk``; None for others."""
    text = text.strip()
    match = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots?)?", text)
    if match:
        factor = {"mph": MPH_KM_H, "knot": KNOT_KM_H, "knots": KNOT_KM_H}.get(match[2] or "", 1.0)
        return float(match[1]) * factor
    country, _, kind = text.rpartition(":")
    zone = re.fullmatch(r"zone:?(\d{2,3})", kind) or (re.fullmatch(r"(\d{2,3})", kind) if country else None)
    if zone:
        return float(zone[1])
    if kind in IMPLICIT_KM_H and (country or kind == "walk"):
        usual, others = IMPLICIT_KM_H[kind]
        return others.get(country[:2].upper(), usual)
    return None


def read_duration_s(text: str) -> float:
    """Key:duration in seconds: ``HH:MM``, ``HH:MM:SS``, minutes, or ISO 8601 ``PT1H30M``; 0 for others."""
    text = text.strip()
    if match := re.fullmatch(r"(\d{1,3}):(\d{2})(?::(\d{2}))?", text):
        return int(match[1]) * 3600.0 + int(match[2]) * 60.0 + int(match[3] or 0)
    if match := re.fullmatch(r"(\d{1,4})(?:\s*min(?:utes)?)?", text):
        return int(match[1]) * 60.0
    if match := re.fullmatch(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", text):
        days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return days * 86400.0 + hours * 3600.0 + minutes * 60.0 + seconds
    return 0.0


def ferry_capacity(tags: Tags) -> float:
    """Vehicles per hour: cars aboard by departures per hour; 0 where the tags do not give both."""
    keys = ("capacity:motorcar", "capacity:motor_vehicle", "capacity:car", "capacity:cars")
    aboard = next((whole_number(tags[key]) for key in keys if key in tags), 0)
    interval_s = read_duration_s(tags.get("interval", ""))
    return aboard * 3600.0 / interval_s if aboard and interval_s else 0.0


def read_structure(tags: Tags) -> tuple[str, str]:
    """What carries the road over or through an obstacle (bridge, tunnel, dam or empty), and its own name."""
    if tags.get("bridge", "no") not in ("no", "abandoned", "proposed", "construction", "aqueduct"):
        return "bridge", tags.get("bridge:name", "")
    if tags.get("tunnel") == "yes":
        return "tunnel", tags.get("tunnel:name", "")
    if tags.get("waterway") in ("dam", "weir") or tags.get("man_made") == "dam":
        return "dam", ""
    return "", ""


def read_population(text: str) -> int | None:
    """Key:population: whole people, with or without separators of thousands; None where it is no number."""
    match = re.match(r"\s*~?\s*(\d{1,3}(?:[ ,.'\u00a0\u202f]\d{3})+|\d+)(?![\d,.])", text)
    return int(re.sub(r"\D", "", match[1])) if match else None
