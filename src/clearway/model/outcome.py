"""An outcome: what happened to a plan when it was driven."""

from __future__ import annotations

from dataclasses import dataclass, field

from clearway.model.network import FloatArray, IntArray, read_only


@dataclass(frozen=True, slots=True)
class Tally:
    """
    Where people are when it is over. The parts add up to ``total``: nobody disappears.

    ``stayed`` are those planned who do not leave, by choice or because their windows are over; ``not_asked`` those
    present whom the plan leaves out and who do not go all the same; ``turned_away`` stand before a site that is full or
    closed, or turned off the road where no way led on to one that takes them.
    ``shadow`` says how many of ``total`` go without being asked to.
    """

    total: float
    safe: float = 0.0
    on_road: float = 0.0
    at_home: float = 0.0
    trapped: float = 0.0
    turned_away: float = 0.0
    stayed: float = 0.0
    not_asked: float = 0.0
    shadow: float = 0.0

    @property
    def unaccounted(self) -> float:
        """Persons in none of the parts: 0 but for rounding."""
        parts = self.safe + self.on_road + self.at_home + self.trapped + self.turned_away + self.stayed + self.not_asked
        return self.total - parts


@dataclass(frozen=True, slots=True, eq=False)
class LinkRecord:
    """
    What happened on links, in equal intervals from 0.

    Attributes
    ----------
    interval_s : float
    link : int64[n]
        Links that anyone entered.
    entered : float64[n, n_intervals]
        Vehicles that entered in each interval.
    delayed_s : float64[n, n_intervals]
        Vehicle-seconds beyond free flow lost by those who left it in the interval.
    """

    interval_s: float
    link: IntArray
    entered: FloatArray
    delayed_s: FloatArray

    def __post_init__(self) -> None:
        for array in (self.link, self.entered, self.delayed_s):
            read_only(array)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """
    A plan as it was driven.

    Attributes
    ----------
    scenario_hash : of the scenario folder
    plan_clearance_s, plan_bound_s : what the plan promised, and the bound
    clearance_time_s : when the last person who left reached safety; inf where some who left had not by the horizon
    last_arrival_s : when the last person who did reach safety reached it; 0 where nobody did
    time_90_s : when 90 % of those who are to arrive (``departing`` persons) had; inf where they had not
    departing : persons who leave, or would if they could
    tally : of everybody; ``zones``: zone by zone
    curve_s, safe, on_road, at_home : float64[n]
        Seconds; of those departing, persons safe, on the road (trapped and turned away ones not), not yet on it.
    waiting : float64[n]
        Persons at home whose time to leave has come and who wait for room on the road.
    left, arrived : float64[n_zones, n], float64[n_sites, n]
        Persons who had left each zone, and arrived at each site, by the times of ``curve_s``.
    site_persons, site_last_s : float64[n_sites]
        Persons who arrived; when the last one did, nan where nobody did.
    zone_last_s : float64[n_zones]
        When the last person of each zone arrived; nan where nobody did.
    travel_s, delay_s : (mean, median, 90 %, most)
        By person: seconds on the road to the site; seconds later than on empty roads along the planned route (of those
        who kept to it), waiting at home included.
    vehicles : that left or would have
    exposure_road_s, exposure_home_s : person-seconds within hazards
    trapped : (link index, persons)
    links : None where not recorded
    """

    scenario_hash: str
    plan_clearance_s: float
    plan_bound_s: float
    clearance_time_s: float
    last_arrival_s: float
    time_90_s: float
    departing: float
    vehicles: float
    tally: Tally
    zones: tuple[Tally, ...]
    curve_s: FloatArray
    safe: FloatArray
    on_road: FloatArray
    at_home: FloatArray
    waiting: FloatArray
    left: FloatArray
    arrived: FloatArray
    site_persons: FloatArray
    site_last_s: FloatArray
    zone_last_s: FloatArray
    travel_s: tuple[float, float, float, float]
    delay_s: tuple[float, float, float, float]
    exposure_road_s: float
    exposure_home_s: float
    trapped: tuple[tuple[int, float], ...] = ()
    links: LinkRecord | None = None
    seed: int = 0
    settings: tuple[tuple[str, float | int | str | bool], ...] = field(default=())
    runtime_s: float = 0.0
    n_platoons: int = 0
    n_events: int = 0

    def __post_init__(self) -> None:
        curves = ("curve_s", "safe", "on_road", "at_home", "waiting", "left", "arrived")
        for name in (*curves, "site_persons", "site_last_s", "zone_last_s"):
            read_only(getattr(self, name))
