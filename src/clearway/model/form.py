"""The form of a plan: what makes it one that people can follow; and the roads as that form leaves them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from clearway.model.network import FloatArray
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability

FORM_SOURCE = "form of the plan"  # of what a form says of a road
NOT_CLOSED = 1e-12  # the share of its rate that a link keeps where a reserve takes all: 0 would mean closed


@dataclass(frozen=True, slots=True)
class Reserve:
    """
    Capacity of some links kept free for inbound traffic: a ``share`` of what is usable at any time, or vehicles an
    hour on each link (``veh_per_h``); one of the two is 0.
    """

    target: str  # "link:ID" or "crossing:ID"
    links: tuple[int, ...]
    share: float = 0.0
    veh_per_h: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1 or not 0 <= self.veh_per_h < math.inf or (self.share > 0) == (self.veh_per_h > 0):
            raise ValueError(f"reserve {self.target}: either a share in (0, 1] or vehicles an hour above 0")


@dataclass(frozen=True, slots=True)
class Reversal:
    """
    Lanes of a two-way road that serve the other direction from some time on (contraflow).

    ``link`` gains ``lanes`` of its opposite link from ``from_s``; the opposite is closed to evacuees from then: nobody
    is on it any more. ``segment`` names what one crew reverses as one.
    """

    link: int
    from_s: float
    lanes: float
    segment: str


@dataclass(frozen=True, slots=True)
class Contraflow:
    """
    What may be reversed: by so many ``crews``, a segment each, working ``lead_s`` seconds after the start; of a road's
    opposite lanes the share ``kept_share`` stays inbound.
    """

    crews: int
    lead_s: float = 0.0
    kept_share: float = 0.0

    def __post_init__(self) -> None:
        if self.crews < 1 or not 0 <= self.lead_s < math.inf or not 0 <= self.kept_share < 1:
            raise ValueError("contraflow takes at least one crew, a lead of 0 or more and a kept share below 1")


@dataclass(frozen=True, slots=True)
class Form:
    """
    What a plan keeps to, beyond being feasible. A *part* of a zone are those of its people who choose the same
    direction and take the same route.

    Attributes
    ----------
    routes_per_zone : most parts per zone and direction, 0: any number; ``routes_of_zone``: (zone_id, most) where a zone
        has a number of its own
    is_convergent : at any time, all evacuees of a direction who go on from a node do so by the same link, and none go
        on where others of it end
    wave_s : departure windows begin and end at multiples of this, counted from the start; 0: anywhere
    waves : most departure windows per part, 0: any number
    reserves : what is kept free
    contraflow, reversals : what may be reversed, None: nothing; which lanes are
    """

    routes_per_zone: int = 0
    routes_of_zone: tuple[tuple[str, int], ...] = ()
    is_convergent: bool = False
    wave_s: float = 0.0
    waves: int = 0
    reserves: tuple[Reserve, ...] = ()
    contraflow: Contraflow | None = None
    reversals: tuple[Reversal, ...] = ()

    def __post_init__(self) -> None:
        if self.routes_per_zone < 0 or self.waves < 0 or any(most < 1 for _, most in self.routes_of_zone):
            raise ValueError("numbers of routes and waves must be positive")
        if not 0 <= self.wave_s < math.inf:
            raise ValueError("wave_s must not be negative")

    @property
    def bears_on_departures(self) -> bool:
        """Whether it restricts routes or windows, and not roads alone."""
        return bool(self.routes_per_zone or self.routes_of_zone or self.is_convergent or self.wave_s or self.waves)

    @property
    def is_free(self) -> bool:
        return not (self.bears_on_departures or self.reserves or self.contraflow or self.reversals)

    def most_routes(self, zone_id: str) -> int:
        """How many parts a zone may have per direction; 0: any number."""
        return dict(self.routes_of_zone).get(zone_id, self.routes_per_zone)


@dataclass(frozen=True, slots=True)
class Price:
    """
    What a plan's form costs: the plan without any of it, found in the same run.

    ``free_clearance_s``, ``free_persons``, ``free_lower_bound_s`` : of the plan without form. ``form_lower_bound_s``:
    no plan of this form clears before (docs/forms.md); 0 where not known.
    ``reversed_clearance_s`` : of the plan with the reversals but no other form; 0 without reversals.
    """

    free_clearance_s: float
    free_persons: float
    free_lower_bound_s: float
    form_lower_bound_s: float = 0.0
    reversed_clearance_s: float = 0.0


def under_form(scenario: Scenario, form: Form | None) -> Scenario:
    """The scenario with its roads as a form leaves them: reserves taken off, lanes reversed."""
    if form is None or not (form.reserves or form.reversals):
        return scenario
    network = scenario.network
    widened = {r.link: r for r in form.reversals}
    share: dict[int, float] = {}
    rate: dict[int, float] = {}
    for reserve in form.reserves:
        for link in reserve.links:
            share[link] = 1 - (1 - share.get(link, 0.0)) * (1 - reserve.share)
            rate[link] = rate.get(link, 0.0) + reserve.veh_per_h / 3600
    capacity = network.capacity_veh_per_s.copy()
    for link, reversal in widened.items():
        capacity[link] += gained_rate(scenario, reversal)
    usable = replace(scenario, network=replace(network, capacity_veh_per_s=capacity)).usable_rate()
    affected = set(widened) | set(share)
    statements = [
        replace(s, links=tuple(link for link in s.links if link not in affected)) for s in scenario.availabilities
    ]
    statements = [s for s in statements if s.links or s.target_kind in ("site", "zone")]
    for link in sorted(affected):
        before = float(network.capacity_veh_per_s[link] / capacity[link]) if capacity[link] > 0 else 1.0
        about = [s for s in scenario.availabilities if link in s.links]
        everything = Availability("link", network.link_ids[link], 0.0, math.inf, 1.0, (link,), note=FORM_SOURCE)
        start = widened[link].from_s if link in widened else 0.0
        taken = rate.get(link, 0.0) / usable[link] if usable[link] > 0 else 0.0
        kept = 1 - share.get(link, 0.0)
        for s in [everything, *about]:
            for a, b, factor in ((s.from_s, min(s.until_s, start), before), (max(s.from_s, start), s.until_s, 1.0)):
                if a < b and s.capacity_factor > 0:
                    left = max(s.capacity_factor * factor * kept - taken, NOT_CLOSED)
                    statements.append(replace(s, links=(link,), from_s=a, until_s=b, capacity_factor=left))
            if s.capacity_factor == 0:
                statements.append(replace(s, links=(link,)))
    for reversal in form.reversals:
        opposite = int(network.reverse[reversal.link])
        note = f"reversed: {reversal.segment}"
        statements.append(
            Availability(
                "link", network.link_ids[opposite], reversal.from_s, math.inf, 0.0, (opposite,), note=note,
                source=FORM_SOURCE,
            )
        )  # fmt: skip
    return replace(
        scenario,
        network=replace(network, capacity_veh_per_s=capacity),
        availabilities=tuple(statements),
    )


def gained_rate(scenario: Scenario, reversal: Reversal) -> float:
    """Nominal vehicles per second that a link gains by a reversal: the opposite's, lane by lane."""
    network = scenario.network
    opposite = int(network.reverse[reversal.link])
    return float(network.capacity_veh_per_s[opposite] / network.lanes[opposite] * reversal.lanes)


def reversible_lanes(scenario: Scenario, kept_share: float) -> FloatArray:
    """
    float64[n_links]: whole lanes that each link could gain from its opposite when a share of those is kept for inbound
    traffic; 0 where there is no opposite or cars may not drive.
    """
    network = scenario.network
    has = network.reverse >= 0
    opposite = np.where(has, network.reverse, 0)
    lanes = np.floor(network.lanes[opposite] * (1 - kept_share) + 1e-9)
    open_ = (scenario.usable_rate() > 0) & (scenario.usable_rate()[opposite] > 0)
    return np.where(has & open_, lanes, 0.0).astype(np.float64)
