"""A whole scenario: what a planner is given."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from clearway.model.demand import Intervals, Party, Site, Zone, split_by_direction
from clearway.model.network import Crossing, FloatArray, Network
from clearway.model.situation import (
    Availability,
    CapacityProfile,
    Evidence,
    HazardArea,
    capacity_profile,
    subtract_intervals,
)

CAR = "auto"  # GMNS name of the mode that people with a vehicle use


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """
    Network, people, beds and what is said to be usable when. Times are seconds from ``start``.

    Zones' departure windows and sites' open windows already have their availabilities taken out.
    ``warnings`` are what looked wrong on reading but does not stop a plan; ``sources`` are (table, row id, source).
    """

    name: str
    start: datetime
    horizon_s: float
    capacity_factor: float
    network: Network
    zones: tuple[Zone, ...]
    sites: tuple[Site, ...]
    crossings: tuple[Crossing, ...] = ()
    availabilities: tuple[Availability, ...] = ()
    objective: str = "persons_then_clearance"
    warnings: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()  # sentences for the report: what is assumed, not known
    credits: tuple[str, ...] = ()  # sentences for the report: sources and licences of the data
    sources: tuple[tuple[str, str, str], ...] = ()
    content_hash: str = ""  # sha256 of the folder's files, without what they say of uncertainty
    settings: tuple[tuple[str, str], ...] = field(default=())
    evidence: tuple[Evidence, ...] = ()  # claims behind the availabilities, for the report
    hazard_areas: tuple[HazardArea, ...] = ()  # who and what is exposed; that they close it is in ``availabilities``
    zone_hours: tuple[Intervals, ...] = ()  # departure and open windows before availabilities; empty: not known
    site_hours: tuple[Intervals, ...] = ()

    def parties(self) -> list[Party]:
        """Those with a vehicle, by zone and direction, in the order of the zones."""
        return [party for i, zone in enumerate(self.zones) for party in split_by_direction(i, zone)]

    def site_allows(self, party: Party, site: Site) -> bool:
        """Whether a party may go to a site."""
        return party.direction is None or site.direction == party.direction

    def usable_rate(self) -> FloatArray:
        """
        float64[n_links]: vehicles per second a plan may send into each unrestricted link; 0 where cars may not drive.
        """
        rate: FloatArray = self.network.capacity_veh_per_s * self.capacity_factor
        barred = [link for link, uses in enumerate(self.network.allowed_uses) if uses and not allows_cars(uses)]
        rate[barred] = 0.0
        return rate

    def capacity_profile(self) -> CapacityProfile:
        """Rates at which vehicles may enter each link over time, all availabilities counted."""
        return capacity_profile(self.usable_rate(), self.network.free_flow_time_s, self.availabilities)

    def with_availabilities(self, statements: tuple[Availability, ...]) -> Scenario:
        """The scenario under other statements: its zones' and sites' windows follow them."""
        closed: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for each in statements:
            if each.target_kind in ("zone", "site") and each.capacity_factor == 0:
                closed.setdefault((each.target_kind, each.target_id), []).append((each.from_s, each.until_s))
        zones, sites = list(self.zones), list(self.sites)
        for i, hours in enumerate(self.zone_hours):
            times = closed.get(("zone", zones[i].zone_id), ())
            zones[i] = replace(zones[i], departure_windows=subtract_intervals(hours, times))
        for i, hours in enumerate(self.site_hours):
            times = closed.get(("site", sites[i].site_id), ())
            sites[i] = replace(sites[i], open_windows=subtract_intervals(hours, times))
        return replace(self, availabilities=statements, zones=tuple(zones), sites=tuple(sites))

    def clock(self, seconds: float) -> datetime:
        """Seconds from the start as a time of day, in the time zone of ``start``."""
        return self.start + timedelta(seconds=seconds)


def allows_cars(uses: str) -> bool:
    """Whether a GMNS ``allowed_uses`` cell (empty: everything) lets private cars drive."""
    words = {word.strip().lower() for word in uses.replace(";", ",").split(",")}
    return bool(words & {"auto", "car", "all", "sov", "hov", "any", "motor_vehicle"})
