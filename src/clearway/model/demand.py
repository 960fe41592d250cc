"""People and beds: zones, the directions people choose, reception sites."""

from __future__ import annotations

import math
from dataclasses import dataclass

Intervals = tuple[tuple[float, float], ...]  # half-open [from_s, until_s), sorted, disjoint; until may be inf


@dataclass(frozen=True, slots=True)
class Zone:
    """
    People at a node.

    ``present`` people are there, ``without_vehicle`` of them have no vehicle; the rest leave in vehicles of
    ``persons_per_vehicle``. They may depart in ``departure_windows`` (seconds from the scenario's start).
    ``directions`` are the shares of those with a vehicle who choose a direction (a site's ``direction``); empty: any
    site will do.
    """

    zone_id: str
    name: str
    node: int
    population: int
    present: int
    without_vehicle: int
    persons_per_vehicle: float
    departure_windows: Intervals = ((0.0, math.inf),)
    priority: float = 1.0
    directions: tuple[tuple[str, float], ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.without_vehicle <= self.present:
            raise ValueError(f"zone {self.zone_id}: people without a vehicle must be within those present")
        if self.persons_per_vehicle <= 0:
            raise ValueError(f"zone {self.zone_id}: persons_per_vehicle must be positive")

    @property
    def with_vehicle(self) -> int:
        return self.present - self.without_vehicle

    @property
    def ready_s(self) -> float:
        """The first instant at which anyone may depart; inf where nobody ever may."""
        return self.departure_windows[0][0] if self.departure_windows else math.inf

    @property
    def leave_by_s(self) -> float:
        """The instant after which nobody may depart any more."""
        return self.departure_windows[-1][1] if self.departure_windows else -math.inf


@dataclass(frozen=True, slots=True)
class Party:
    """
    Those people of a zone who have a vehicle and choose the same direction: what a planner moves.

    ``direction`` is None where they go to any site. Persons are whole; parties of a zone add up to ``with_vehicle``.
    """

    zone: int  # index into Scenario.zones
    direction: str | None
    persons: int
    vehicles: float


@dataclass(frozen=True, slots=True)
class Site:
    """A reception site: a node with ``beds`` (persons), arrivals in ``open_windows``. ``direction`` as in Zone."""

    site_id: str
    name: str
    node: int
    beds: float
    open_windows: Intervals = ((0.0, math.inf),)
    direction: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if self.beds < 0:
            raise ValueError(f"site {self.site_id}: beds must not be negative")


def split_by_direction(zone_index: int, zone: Zone) -> list[Party]:
    """The parties of a zone: whole persons by largest remainder, so that they add up exactly."""
    if not zone.directions:
        people = zone.with_vehicle
        return [Party(zone_index, None, people, people / zone.persons_per_vehicle)] if people else []
    exact = [zone.with_vehicle * share for _, share in zone.directions]
    whole = [math.floor(x) for x in exact]
    missing = zone.with_vehicle - sum(whole)
    by_remainder = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_remainder[:missing]:
        whole[i] += 1
    return [
        Party(zone_index, direction, people, people / zone.persons_per_vehicle)
        for (direction, _), people in zip(zone.directions, whole, strict=True)
        if people
    ]
