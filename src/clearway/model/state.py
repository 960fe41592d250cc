"""Where everybody is at some moment of a plan: arrived, on the road, at home. In whole persons."""

from __future__ import annotations

from dataclasses import dataclass

from clearway.model.network import FloatArray, IntArray, read_only


@dataclass(frozen=True, slots=True)
class Stretch:
    """
    Vehicles of one movement on the road that reach their next node in [from_s, until_s), seconds from now.

    ``links`` are those still ahead on their route; ``movement`` is the plan's movement they belong to.
    """

    movement: int
    links: tuple[int, ...]
    from_s: float
    until_s: float
    vehicles: float


@dataclass(frozen=True, slots=True)
class OnRoad:
    """
    People on the road who will be at ``node`` next, of one zone and on the way to one site.

    ``persons`` are whole, all of them in the vehicles of the stretches (``persons_per_vehicle``: that of the zone but
    for rounding). Where ``is_kept`` they drive on along these; else all are sent anew from the node, from ``ready_s``
    (seconds from now) on. ``has_turned``: their road is lost before they are off it, so that they go back to where it
    begins. ``is_diverted``: their way no longer holds.
    """

    zone: int
    site: int
    direction: str | None
    node: int
    persons: int
    persons_per_vehicle: float
    ready_s: float
    stretches: tuple[Stretch, ...]
    is_kept: bool = True
    has_turned: bool = False
    is_diverted: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """
    Everybody with a vehicle at ``now_s``, seconds from the scenario's start; persons are whole and add up.

    Attributes
    ----------
    arrived : int64[n_zones, n_sites]
        Persons of each zone at each site, or on their last link to it.
    on_road : groups of people on the road
    home : (zone, direction) -> persons still at home
    home_planned : (zone, direction) -> how many of them have orders
    home_coming : float64[n_sites]
        Persons with orders at home by the site they are to go to, where it has as many beds as before.
    """

    now_s: float
    arrived: IntArray
    on_road: tuple[OnRoad, ...]
    home: dict[tuple[int, str | None], int]
    home_planned: dict[tuple[int, str | None], int]
    home_coming: FloatArray

    def __post_init__(self) -> None:
        read_only(self.arrived)
        read_only(self.home_coming)

    @property
    def persons(self) -> int:
        """All of them."""
        return int(self.arrived.sum()) + sum(g.persons for g in self.on_road) + sum(self.home.values())


def whole_shares(amounts: FloatArray, total: int) -> IntArray:
    """
    Amounts as whole numbers that add up to ``total``: each block of neighbours is off by less than one.

    ``amounts`` (float64[n]) add up to ``total`` but for rounding.
    """
    ends = amounts.cumsum()
    if len(ends):
        ends[-1] = total
    whole = (ends + 0.5 - 1e-9).astype("int64")
    found: IntArray = whole.copy()
    found[1:] -= whole[:-1]
    return found
