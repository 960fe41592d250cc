"""Room that a plan leaves on roads and before closures so that it holds when it is driven; and how it was found."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from clearway.model.demand import Intervals
from clearway.model.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Margin:
    """
    Room that a plan leaves beyond what the scenario asks.

    Attributes
    ----------
    share : of what each link may take; the plan uses no more
    link_shares : (link, share) where a link has one of its own, below ``share``; by link
    lead_s : seconds before each closure (of roads and sites), and before the scenario's horizon, by which all are past
    """

    share: float = 1.0
    link_shares: tuple[tuple[int, float], ...] = ()
    lead_s: float = 0.0

    def __post_init__(self) -> None:
        if not all(0 < share <= 1 for share in (self.share, *(s for _, s in self.link_shares))):
            raise ValueError("shares of a margin must be above 0, up to 1")
        if not 0 <= self.lead_s < math.inf:
            raise ValueError("lead_s must not be negative")

    @property
    def is_none(self) -> bool:
        return self == Margin()


@dataclass(frozen=True, slots=True)
class Round:
    """
    A plan made and driven. Seconds and persons.

    ``share``, ``n_links`` (links with a share of their own) and ``lead_s`` say what room it left. ``simulated_s`` is
    the last arrival, ``missing`` are those who left home, or would have, and did not arrive; of several drives the
    worst.
    """

    share: float
    n_links: int
    lead_s: float
    planned_s: float
    planned_persons: float
    simulated_s: float
    missing: float
    holds: bool

    @property
    def ratio(self) -> float:
        """Simulated over planned clearance; nan where nobody is planned."""
        return self.simulated_s / self.planned_s if self.planned_s > 0 else math.nan


@dataclass(frozen=True, slots=True)
class Held:
    """
    How a plan was made to hold.

    Attributes
    ----------
    margin : the room that the plan leaves
    rounds : all that was tried, the plan without margin first
    chosen : which of them the plan is
    tolerance : a plan holds where all arrive by (1 + tolerance) x its clearance time
    platoons : vehicles that drove as one, in each drive of the chosen round
    driven_share : share of nominal capacity that roads had when driven
    """

    margin: Margin
    rounds: tuple[Round, ...]
    chosen: int
    tolerance: float
    platoons: tuple[float, ...]
    driven_share: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.chosen < len(self.rounds):
            raise ValueError("the chosen round is none of the rounds")

    @property
    def result(self) -> Round:
        return self.rounds[self.chosen]

    @property
    def free(self) -> Round:
        """The plan without any margin."""
        return self.rounds[0]


def under_margin(scenario: Scenario, margin: Margin) -> Scenario:
    """The scenario as a plan sees it that leaves this room: less capacity, closures and the horizon sooner."""
    if margin.is_none:
        return scenario
    capacity = scenario.network.capacity_veh_per_s * margin.share
    for link, share in margin.link_shares:
        capacity[link] = scenario.network.capacity_veh_per_s[link] * min(share, margin.share)
    lead = margin.lead_s
    return replace(
        scenario,
        network=replace(scenario.network, capacity_veh_per_s=capacity),
        availabilities=tuple(
            replace(s, from_s=max(0.0, s.from_s - lead)) if s.capacity_factor < 1 else s
            for s in scenario.availabilities
        ),
        sites=tuple(replace(site, open_windows=_sooner(site.open_windows, lead)) for site in scenario.sites),
        horizon_s=max(scenario.horizon_s - lead, min(1.0, scenario.horizon_s)),
    )


def _sooner(windows: Intervals, lead_s: float) -> Intervals:
    """Windows that end so much sooner."""
    return tuple((a, b - lead_s) for a, b in windows if b - lead_s > a)
