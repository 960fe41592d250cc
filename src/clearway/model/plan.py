"""A plan: movements along routes, with its bound and who is left out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from clearway.model.form import Form, Price
from clearway.model.margin import Held
from clearway.model.network import FloatArray, IntArray, read_only
from clearway.model.scenario import CAR


@dataclass(frozen=True, slots=True, eq=False)
class Routes:
    """
    Sequences of links from a zone's node to a site's node.

    Attributes
    ----------
    start : int64[n_routes + 1]
        Links of route r are ``links[start[r]:start[r + 1]]``.
    links : int64[...]
        Link indices.
    ids : one text per route.
    """

    ids: tuple[str, ...]
    start: IntArray
    links: IntArray

    def __post_init__(self) -> None:
        read_only(self.start)
        read_only(self.links)

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, route: int) -> IntArray:
        """int64[k]: the links of one route, in driving order."""
        return self.links[self.start[route] : self.start[route + 1]]


@dataclass(frozen=True, slots=True, eq=False)
class Movements:
    """
    People of one zone leaving in a window at a constant rate, by one route, to one site: one column per attribute.

    Attributes
    ----------
    zone, site, route : int64[n]
        Indices into the scenario's zones and sites and the plan's routes.
    depart_from_s, depart_until_s : float64[n]
        Seconds from the start; half-open.
    vehicles, persons : float64[n]
        Amounts are fluid: they may be fractions, and add up to whole persons by zone.
    mode : one text per movement (GMNS use; ``auto`` for private cars).
    """

    zone: IntArray
    site: IntArray
    route: IntArray
    depart_from_s: FloatArray
    depart_until_s: FloatArray
    vehicles: FloatArray
    persons: FloatArray
    mode: tuple[str, ...]
    ids: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("zone", "site", "route", "depart_from_s", "depart_until_s", "vehicles", "persons"):
            read_only(getattr(self, name))

    def __len__(self) -> int:
        return len(self.ids)


class Reason(StrEnum):
    """Why people are left out of a plan."""

    NO_VEHICLE = "no vehicle"
    NO_ROUTE = "no route to any open site"
    NO_TIME = "not enough time or road capacity"
    NO_BEDS = "not enough beds"
    CANNOT_DEPART = "may not depart in time"
    FORM = "no room in the form of plan asked for"
    NOT_FOUND = "not placed by the planner in the time it had"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """People of one zone who are not planned, with the reason and what binds."""

    zone: int
    persons: float
    reason: Reason
    binding: str = ""  # the constraint in words: "Antonivskyi bridge, from 12:00"
    seats: int = 0  # seats it would take to move them, for those without a vehicle


class BoundKind(StrEnum):
    """What a certificate proves."""

    CLEARANCE = "clearance"  # nobody can move demand_vehicles by horizon_s (or sooner)
    EVACUATED = "evacuated"  # nobody can move more than cut_vehicles by horizon_s


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """
    A cut over time: the label of each node is the time from which it counts as reached.

    With ``reached(u, t)``: t >= label of u, or t in the departure window of an *open* zone at u; and
    ``beyond(v, t)``: t < min(label of v, horizon), or t < horizon and t in an open window of an *unpaid* site at v,
    the cut's value is the sum over links (u, v) of the integral of the entry rate over times t with reached(u, t) and
    beyond(v, t + free-flow time), plus the vehicles of zones that are *cut* (not open), plus the beds, in vehicles,
    of sites that are *paid*. It bounds the vehicles that can arrive by the horizon, for every set of zones and sites.
    (Ford & Fulkerson 1958; design, "what a bound means".)

    Attributes
    ----------
    labels_s : float64[n_nodes]
        Seconds; inf: never reached.
    open_zones, paid_sites : indices into the scenario's zones and sites.
        Zones of ``direction`` that are not open are cut; sites that are not paid lie beyond the cut.
    direction : the certificate counts only the parties of this direction and the sites they may go to; None: all.
    """

    kind: BoundKind
    horizon_s: float
    labels_s: FloatArray
    open_zones: tuple[int, ...]
    paid_sites: tuple[int, ...]
    cut_vehicles: float
    demand_vehicles: float
    direction: str | None = None

    def __post_init__(self) -> None:
        read_only(self.labels_s)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """
    Who leaves when, by which way, to which bed; what no plan can beat; who is left out.

    ``certificate`` proves ``clearance_lower_bound_s`` where all who have a vehicle are planned (kind clearance), and
    ``persons_upper_bound`` otherwise (kind evacuated); ``further_certificates`` prove what else is claimed (where kind
    is evacuated, one of kind clearance whose demand is the number planned proves ``clearance_lower_bound_s``).
    ``gap`` is (clearance - bound) / bound, or (bound - planned) / planned persons where kind is evacuated.
    ``bound_curve_persons[i]`` is the most persons that can have arrived by ``bound_curve_s[i]``, by anyone's plan.
    ``last_start_s`` is float64[n_zones]: the latest instant at which the zone may start so that everyone planned of it
    still arrives, the others going as planned; nan where unknown or nobody is planned. From ``last_start_bound_s`` on,
    float64[n_zones], no start of the zone gets everyone planned of it there, the others going as planned.
    ``last_start_all_s`` and ``last_start_all_bound_s`` are the same for all together: the point of no return.
    ``start_certificate``, where a cut proves it: by its horizon, the scenario's, fewer than those planned can arrive if
    nobody departs before ``last_start_all_bound_s``.
    """

    scenario_hash: str
    routes: Routes
    movements: Movements
    left_out: tuple[LeftOut, ...]
    certificate: Certificate
    status: str  # "proven" gap within the target, "feasible", "interrupted", "time limit", "empty"
    clearance_time_s: float
    clearance_lower_bound_s: float
    persons_planned: float
    persons_upper_bound: float
    gap: float
    seed: int = 0
    further_certificates: tuple[Certificate, ...] = ()
    last_start_s: FloatArray = field(default_factory=lambda: np.zeros(0))
    last_start_bound_s: FloatArray = field(default_factory=lambda: np.zeros(0))
    last_start_all_s: float = math.nan
    last_start_all_bound_s: float = math.nan
    start_certificate: Certificate | None = None
    bound_curve_s: FloatArray = field(default_factory=lambda: np.zeros(0))
    bound_curve_persons: FloatArray = field(default_factory=lambda: np.zeros(0))
    runtime_s: tuple[tuple[str, float], ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()
    form: Form | None = None  # what it keeps to beyond being feasible; None: nothing
    price: Price | None = None  # what that costs
    held: Held | None = None  # how it was made to hold when driven; None: that was not tried

    def route_time_s(self, free_flow_time_s: FloatArray) -> FloatArray:
        """float64[n_routes]: seconds from departure to arrival on each route."""
        sums = np.concatenate(([0.0], np.cumsum(free_flow_time_s[self.routes.links])))
        times: FloatArray = sums[self.routes.start[1:]] - sums[self.routes.start[:-1]]
        return times

    def arrivals(self, free_flow_time_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Times (seconds) and the cumulative persons arrived at them: corners of a piecewise linear curve."""
        moves = self.movements
        if not len(moves):
            return np.zeros(1), np.zeros(1)
        travel = self.route_time_s(free_flow_time_s)[moves.route]
        begin, end = moves.depart_from_s + travel, moves.depart_until_s + travel
        rate = moves.persons / (end - begin)
        times, where = np.unique(np.concatenate((begin, end)), return_inverse=True)
        slope_change = np.bincount(where, np.concatenate((rate, -rate)))
        slope = np.cumsum(slope_change)[:-1]
        persons = np.concatenate(([0.0], np.cumsum(slope * np.diff(times))))
        return times, persons


def empty_movements() -> Movements:
    """No movement at all."""
    none_i, none_f = np.zeros(0, dtype=np.int64), np.zeros(0)
    return Movements(none_i, none_i.copy(), none_i.copy(), none_f, none_f.copy(), none_f.copy(), none_f.copy(), (), ())


def empty_routes() -> Routes:
    """No route at all."""
    return Routes((), np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64))


__all__ = [
    "CAR",
    "BoundKind",
    "Certificate",
    "LeftOut",
    "Movements",
    "Plan",
    "Reason",
    "Routes",
    "empty_movements",
    "empty_routes",
]
