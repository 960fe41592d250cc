"""A whole scenario: what a planner is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clearway.model.demand import Party, Site, Zone, split_by_direction
from clearway.model.network import Crossing, FloatArray, Network
from clearway.model.situation import Availability, CapacityProfile, Evidence, HazardArea, capacity_profile

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
    content_hash: str = ""  # sha256 of the folder's files
    settings: tuple[tuple[str, str], ...] = field(default=())
    evidence: tuple[Evidence, ...] = ()  # claims behind the availabilities, for the report
    hazard_areas: tuple[HazardArea, ...] = ()  # who and what is exposed; that they close it is in ``availabilities``

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

    def clock(self, seconds: float) -> datetime:
        """Seconds from the start as a time of day, in the time zone of ``start``."""
        return self.start + timedelta(seconds=seconds)


def allows_cars(uses: str) -> bool:
    """Whether a GMNS ``allowed_uses`` cell (empty: everything) lets private cars drive."""
    words = {word.strip().lower() for word in uses.replace(";", ",").split(",")}
    return bool(words & {"auto", "car", "all", "sov", "hov", "any", "motor_vehicle"})
