"""A plan's movements as trips: when each departs and arrives, and which of them can be worked with at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clearway.check.result import CheckFault, some
from clearway.model.network import FloatArray, IntArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Trips:
    """
    The movements of a plan on the roads of its scenario.

    Attributes
    ----------
    offset_s : float64[n_route_links]
        Seconds from departure to entering each link of ``plan.routes.links``.
    travel_s : float64[n_movements]
        Seconds from departure to arrival.
    usable : bool[n_movements]
        Finite times, a window with a length, no negative amount: only these have a rate.
    moving : bool[n_movements]
        Usable, and with persons or vehicles.
    """

    scenario: Scenario
    plan: Plan
    offset_s: FloatArray
    travel_s: FloatArray
    usable: BoolArray
    moving: BoolArray

    @property
    def arrive_until_s(self) -> FloatArray:
        """float64[n_movements]: when the last of each movement arrives."""
        times: FloatArray = self.plan.movements.depart_until_s + self.travel_s
        return times

    def persons_by(self, index: IntArray, n: int, chosen: BoolArray | None = None) -> FloatArray:
        """float64[n]: persons per zone, site or route (``index`` per movement), of all or the chosen movements."""
        persons = np.where(np.isfinite(self.plan.movements.persons), self.plan.movements.persons, 0.0)
        if chosen is not None:
            persons = np.where(chosen, persons, 0.0)
        return np.bincount(index, persons, minlength=n).astype(np.float64)

    def clearance_s(self) -> float:
        """When the last planned person arrives; 0 where nobody is planned."""
        return float(self.arrive_until_s[self.moving].max(initial=0.0))


def trips_of(scenario: Scenario, plan: Plan) -> Trips:
    """The trips of a plan whose structure is sound."""
    moves, routes = plan.movements, plan.routes
    time_s = scenario.network.free_flow_time_s[routes.links]
    owner = np.repeat(np.arange(len(routes)), np.diff(routes.start))
    route_time_s = np.bincount(owner, time_s, minlength=len(routes)).astype(np.float64)
    running = np.concatenate(([0.0], np.cumsum(time_s)))
    offset_s = running[:-1] - running[routes.start[:-1]][owner]
    numbers = (moves.depart_from_s, moves.depart_until_s, moves.vehicles, moves.persons)
    usable = np.logical_and.reduce([np.isfinite(column) for column in numbers])
    with np.errstate(invalid="ignore"):
        usable &= (moves.depart_until_s > moves.depart_from_s) & (moves.vehicles >= 0) & (moves.persons >= 0)
    moving = usable & ((moves.vehicles > 0) | (moves.persons > 0))
    return Trips(scenario, plan, offset_s, route_time_s[moves.route], usable, moving)


def broken_structure(scenario: Scenario, plan: Plan) -> list[CheckFault]:
    """Columns of different length and indices that point nowhere: with these nothing else can be worked out."""
    moves, routes = plan.movements, plan.routes
    n = len(moves)
    columns = ("zone", "site", "route", "depart_from_s", "depart_until_s", "vehicles", "persons", "mode")
    words = [f"column {name} has another length than the ids" for name in columns if len(getattr(moves, name)) != n]
    if len(plan.bound_curve_s) != len(plan.bound_curve_persons):
        words.append("the curve of the most possible has more times than persons, or fewer")
    start = routes.start
    if len(start) != len(routes) + 1 or start[0] != 0 or (np.diff(start) < 0).any() or start[-1] != len(routes.links):
        words.append("the starts of the routes do not fit their links")
    words += [
        f"{what} point at {thing} that are not there"
        for what, index, size, thing in (
            ("routes", routes.links, scenario.network.n_links, "links"),
            ("movements", moves.zone, len(scenario.zones), "zones"),
            ("movements", moves.site, len(scenario.sites), "sites"),
            ("movements", moves.route, len(routes), "routes"),
            (
                "people left out",
                np.array([x.zone for x in plan.left_out], dtype=np.int64),
                len(scenario.zones),
                "zones",
            ),
        )
        if len(index) and (int(index.min()) < 0 or int(index.max()) >= size)
    ]
    return [CheckFault("structure", word) for word in words]


def named(trips: Trips, chosen: BoolArray | IntArray) -> str:
    """The ids of some movements (a mask or their places), in words."""
    places = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
    ids = [trips.plan.movements.ids[i] for i in places[:3]]
    return f"movement{'s' if len(places) > 1 else ''} " + some(ids, len(places))
