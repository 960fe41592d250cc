"""Which place nodes of an extract become zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clearway.errors import Fault, InputError
from clearway.ingest.area import Area, places_within
from clearway.ingest.earth import distance_m
from clearway.ingest.osm_read import Settlement
from clearway.ingest.points import FARTHEST_SNAP_M, NodeIndex, Point
from clearway.ingest.write_folder import one_line

TOWNS = ("city", "town")
TOWN_PARTS = ("suburb", "quarter", "neighbourhood")
# A part of a town this near to it is counted in the town's population. Ours: nodes do not say what they belong to.
PART_WITHIN_M = 10_000.0


@dataclass(frozen=True, slots=True)
class SettlementChoice:
    """``zones`` have a population, ``known`` are all places; ``notes`` say which were left out and why."""

    zones: list[Point]
    known: list[Point]
    notes: list[str]


def choose_settlements(settlements: Sequence[Settlement], area: Area | None, file: str) -> SettlementChoice:
    """The settlements with a population (within the area), without parts of towns that would be counted twice."""
    known = [point_of(settlement, file) for settlement in settlements]
    near = settlements
    if area and settlements:
        inside = area.contains(np.array([p.x for p in known]), np.array([p.y for p in known]))
        near = [settlement for settlement, is_inside in zip(settlements, inside, strict=True) if is_inside]
    populated = [settlement for settlement in near if settlement.population]
    if area and near and not populated:
        message = (
            f"none of the {len(near)} places within the area has a population in the extract ({names_of(near)}); "
            "give a table (--places: place_id,name,x_coord,y_coord,population)"
        )
        raise InputError([Fault(area.file, message)], "the area")
    if area and not near:
        places_within(area, [p for p in known if p.population] or known)  # says what is wrong
    towns = [s for s in populated if s.kind in TOWNS]
    parts = [s for s in populated if s.kind in TOWN_PARTS and any(is_near(s, town) for town in towns)]
    zones = [point_of(s, file) for s in populated if s not in parts]
    notes = []
    if parts:
        notes.append(f"Parts of towns were not counted a second time: {names_of(parts)}.")
    lacking = [s for s in near if not s.population]
    if lacking:
        notes.append(f"Places without a population in the extract, which became no zones: {names_of(lacking)}.")
    return SettlementChoice(zones, known, notes)


def leave_out_remote(points: Sequence[Point], index: NodeIndex) -> tuple[list[Point], list[str]]:
    """The extract's places within 5 km of the network, and what to say of the others: nobody can mend the extract."""
    apart = [index.nearest(point.x, point.y)[1] for point in points]
    near = [point for point, distance in zip(points, apart, strict=True) if distance <= FARTHEST_SNAP_M]
    far = [
        f"{point.name} ({point.population:,})"
        for point, distance in zip(points, apart, strict=True)
        if distance > FARTHEST_SNAP_M
    ]
    if not far:
        return near, []
    shown = ", ".join(far[:10]) + (f" and {len(far) - 10} more" if len(far) > 10 else "")
    return near, [f"Places over {FARTHEST_SNAP_M / 1000:g} km from the network became no zones: {shown}."]


def point_of(settlement: Settlement, file: str) -> Point:
    """A settlement as a place of the import."""
    cells = {"source": "OpenStreetMap population tag"} if settlement.population else {}
    return Point(
        str(settlement.osm_id),
        one_line(settlement.name),
        settlement.lon,
        settlement.lat,
        population=settlement.population or 0,
        cells=cells,
        file=file,
    )


def is_near(part: Settlement, town: Settlement) -> bool:
    """Whether a part of a town is near enough to a town to belong to it."""
    apart = distance_m(part.lon, part.lat, town.lon, town.lat)
    return bool(apart <= PART_WITHIN_M)


def names_of(settlements: Sequence[Settlement]) -> str:
    """The first names of a list, and how many more."""
    names = [one_line(settlement.name) for settlement in settlements]
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
