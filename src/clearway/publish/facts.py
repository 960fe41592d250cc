"""Everything the report shows about a plan, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from clearway.model.cut import Cut, cut_of
from clearway.model.network import FloatArray, IntArray
from clearway.model.outcome import Outcome
from clearway.model.plan import BoundKind, Plan
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile
from clearway.publish.flows import (
    TimeGrid,
    cumulative_amounts,
    driven_flows,
    link_flows,
    occupancy_s,
    on_grid,
    time_grid,
)
from clearway.publish.limits import Limit, limits
from clearway.publish.places import Places
from clearway.publish.wording import Clock


@dataclass(frozen=True, slots=True)
class Earlier:
    """
    What happened before a plan's scenario begins: ``arrived`` persons are safe already and are not in it.

    Of its zones the first ``n_zones`` hold those still at home, the others groups on the road.
    """

    arrived: int
    n_zones: int


@dataclass(frozen=True)
class Facts:
    """A plan with its scenario, and what follows from them for people to read; each worked out when first asked for."""

    plan: Plan
    scenario: Scenario
    outcome: Outcome | None = None  # what happened when it was driven: then the map shows that
    earlier: Earlier | None = None  # where it changes an earlier plan

    @cached_property
    def grid(self) -> TimeGrid:
        first, last = occupancy_s(self.plan, self.scenario)
        if self.outcome is not None:
            driven = self.outcome.last_arrival_s
            first, last = 0.0, max(last, driven)
        if not last:
            last = self.scenario.horizon_s
        return time_grid(first, max(last, self.bound_time_s))

    @property
    def is_clearance(self) -> bool:
        return self.plan.certificate.kind is BoundKind.CLEARANCE

    @property
    def bound_time_s(self) -> float:
        """The bound on clearance time where it is finite and everyone is planned, else 0."""
        bound = self.plan.clearance_lower_bound_s
        return bound if self.is_clearance and np.isfinite(bound) else 0.0

    @cached_property
    def clock(self) -> Clock:
        return Clock(self.scenario, max(self.grid.end_s, self.plan.certificate.horizon_s))

    @cached_property
    def places(self) -> Places:
        return Places(self.scenario)

    @cached_property
    def profile(self) -> CapacityProfile:
        return self.scenario.capacity_profile()

    @cached_property
    def cut(self) -> Cut:
        return cut_of(self.scenario, self.plan.certificate, self.profile)

    @cached_property
    def limits(self) -> tuple[Limit, ...]:
        return limits(self.scenario, self.plan.certificate, self.profile, self.cut)

    @cached_property
    def present(self) -> int:
        return sum(zone.present for zone in self.scenario.zones)

    @property
    def total(self) -> int:
        """Everybody: those present, and those who had arrived before."""
        return self.present + (self.earlier.arrived if self.earlier is not None else 0)

    @property
    def safe_or_planned(self) -> float:
        """Persons planned, and those who had arrived before."""
        return self.plan.persons_planned + (self.earlier.arrived if self.earlier is not None else 0)

    @cached_property
    def planned_on_road(self) -> float:
        """Persons planned who are on the road when the plan's scenario begins."""
        if self.earlier is None:
            return 0.0
        moves = self.plan.movements
        return float(moves.persons[moves.zone >= self.earlier.n_zones].sum())

    @cached_property
    def travel_s(self) -> FloatArray:
        """float64[n_movements]: seconds each movement travels."""
        moves = self.plan.movements
        if not len(moves):
            return np.zeros(0)
        times: FloatArray = self.plan.route_time_s(self.scenario.network.free_flow_time_s)[moves.route]
        return times

    @cached_property
    def curve(self) -> tuple[FloatArray, FloatArray]:
        """Seconds and persons arrived by then."""
        return self.plan.arrivals(self.scenario.network.free_flow_time_s)

    @cached_property
    def _link_flows(self) -> tuple[IntArray, FloatArray]:
        if self.outcome is not None and self.outcome.links is not None:
            return driven_flows(self.outcome.links, self.grid)
        return link_flows(self.plan, self.scenario, self.grid)

    @property
    def flow_links(self) -> IntArray:
        """int64[n]: links that ever carry anyone."""
        return self._link_flows[0]

    @property
    def flow_vehicles(self) -> FloatArray:
        """float64[n, n_steps]: vehicles that enter them in each step."""
        return self._link_flows[1]

    @cached_property
    def departed(self) -> FloatArray:
        """float64[n_zones, n_steps + 1]: persons who have left by each edge of the grid."""
        if self.outcome is not None:
            return on_grid(self.outcome.curve_s, self.outcome.left, self.grid)
        moves = self.plan.movements
        window = (moves.depart_from_s, moves.depart_until_s)
        return cumulative_amounts(moves.zone, window, moves.persons, len(self.scenario.zones), self.grid)

    @cached_property
    def arrived(self) -> FloatArray:
        """float64[n_sites, n_steps + 1]: persons who have arrived by each edge of the grid."""
        if self.outcome is not None:
            return on_grid(self.outcome.curve_s, self.outcome.arrived, self.grid)
        moves = self.plan.movements
        window = (moves.depart_from_s + self.travel_s, moves.depart_until_s + self.travel_s)
        return cumulative_amounts(moves.site, window, moves.persons, len(self.scenario.sites), self.grid)

    def time_of_share(self, share: float) -> float:
        """When this share of those planned has arrived; nan where nobody is planned."""
        times, persons = self.curve
        return float(np.interp(share * persons[-1], persons, times)) if persons[-1] > 0 else float("nan")

    @cached_property
    def unaccounted(self) -> float:
        """People present who are neither planned nor left out: 0 in a sound plan."""
        return self.present - self.plan.persons_planned - sum(left.persons for left in self.plan.left_out)
