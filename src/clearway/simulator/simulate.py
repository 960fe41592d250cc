"""A plan driven: who is safe when, who is not, and why."""

from __future__ import annotations

import time

import numpy as np

from clearway.model.network import FloatArray
from clearway.model.outcome import LinkRecord, Outcome, Tally
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.simulator.behaviour import (
    Travellers,
    carry_out,
    cut_movements,
    delayed,
    join,
    left_out_with_vehicle,
    platoon_size,
    shadow_travellers,
)
from clearway.simulator.drive import Drive
from clearway.simulator.parameters import Progress, SimulationParameters, silent
from clearway.simulator.roads import RoadTables, build_tables
from clearway.simulator.tally import (
    BACKGROUND,
    by_group,
    curves,
    exposure_at_home,
    exposure_on_road,
    last_by,
    persons_by,
    spread,
    tally_of,
)


class Simulator:
    """
    A scenario and a plan made ready, to be driven many times.

    Roads, and platoons under full compliance, are worked out once; `run` draws the behaviour and drives.
    """

    def __init__(
        self,
        scenario: Scenario,
        plan: Plan,
        params: SimulationParameters | None = None,
        tables: RoadTables | None = None,
    ) -> None:
        self.scenario, self.plan = scenario, plan
        self.params = params or SimulationParameters()
        self.tables: RoadTables = tables or build_tables(scenario, self.params)
        self.size = platoon_size(float(plan.movements.vehicles.sum()), self.params)
        self.planned: Travellers = cut_movements(plan, scenario, self.size)

    def run(
        self,
        params: SimulationParameters | None = None,
        progress: Progress = silent,
        delay_s: FloatArray | None = None,
    ) -> Outcome:
        """
        Drive once. ``params`` may differ from the simulator's in seed, behaviour and what is done at closures.

        ``delay_s``, float64[n_zones]: all of a zone leave so much later than they would; who comes to leave after the
        zone's windows are over stays.
        """
        params = params or self.params
        began = time.perf_counter()
        behaviour = params.behaviour
        travellers = carry_out(self.scenario, self.planned, params)
        if behaviour.shadow > 0:
            travellers = join([travellers, shadow_travellers(self.scenario, self.plan, self.size, params)])
        if delay_s is not None:
            travellers = delayed(self.scenario, travellers, delay_s)
        drive = Drive(self.scenario, self.plan, travellers, self.tables, params)
        drive.run(progress)
        return outcome_of(self, travellers, drive, params, began)


def simulate(
    scenario: Scenario, plan: Plan, params: SimulationParameters | None = None, progress: Progress = silent
) -> Outcome:
    """
    Drive a plan on its scenario's roads.

    The same scenario, plan and parameters give the same outcome to the last digit (``runtime_s`` apart).
    """
    return Simulator(scenario, plan, params).run(progress=progress)


def outcome_of(
    simulator: Simulator, travellers: Travellers, drive: Drive, params: SimulationParameters, began: float
) -> Outcome:
    """What became of everybody."""
    scenario, plan, platoons = simulator.scenario, simulator.plan, drive.platoons
    is_shadow = travellers.route < 0
    among_present = params.behaviour.shadow * left_out_with_vehicle(scenario, plan)
    zones = tally_of(scenario, plan, travellers.zone, is_shadow, platoons, among_present)
    everybody = Tally(*(float(sum(getattr(z, name) for z in zones)) for name in Tally.__dataclass_fields__))
    leaves = np.isfinite(platoons.leaves)
    persons = platoons.persons[leaves]
    is_safe = leaves & (platoons.status == BACKGROUND.safe)
    arrived = platoons.arrived[is_safe]
    last = float(arrived.max(initial=0.0))
    everyone = int(is_safe.sum()) == int(leaves.sum())
    order = np.argsort(arrived, kind="stable")
    passed = np.cumsum(platoons.persons[is_safe][order])
    wanted = 0.9 * float(persons.sum())
    at = int(np.searchsorted(passed, wanted * (1 - 1e-12)))
    grid = curves(scenario, platoons, leaves, last)
    shares = spread(travellers, plan, scenario, platoons, is_safe)
    n_sites, n_zones = len(scenario.sites), len(scenario.zones)
    return Outcome(
        scenario_hash=scenario.content_hash,
        plan_clearance_s=plan.clearance_time_s,
        plan_bound_s=plan.clearance_lower_bound_s,
        clearance_time_s=last if everyone else float("inf"),
        last_arrival_s=last,
        time_90_s=float(arrived[order][at]) if at < len(order) else float("inf"),
        departing=float(persons.sum()),
        vehicles=float(platoons.vehicles[leaves].sum()),
        tally=everybody,
        zones=zones,
        curve_s=grid[0],
        safe=grid[1],
        on_road=grid[2],
        at_home=grid[3],
        waiting=grid[4],
        left=by_group(grid[0], platoons.left_home, travellers.zone, platoons.persons, n_zones),
        arrived=by_group(grid[0], arrived, platoons.site[is_safe], platoons.persons[is_safe], n_sites),
        site_persons=persons_by(platoons.site[is_safe], platoons.persons[is_safe], n_sites),
        site_last_s=last_by(platoons.site[is_safe], arrived, n_sites),
        zone_last_s=last_by(travellers.zone[is_safe], arrived, n_zones),
        travel_s=shares[0],
        delay_s=shares[1],
        exposure_road_s=exposure_on_road(scenario, drive),
        exposure_home_s=exposure_at_home(scenario, plan, travellers, platoons),
        trapped=trapped_on(platoons),
        links=link_record(drive, params),
        seed=params.seed,
        settings=params.as_settings(),
        runtime_s=time.perf_counter() - began,
        n_platoons=len(travellers),
        n_events=drive.n_events,
    )


def trapped_on(platoons: object) -> tuple[tuple[int, float], ...]:
    """(link, persons trapped on it), the most first."""
    is_trapped = platoons.status == BACKGROUND.trapped  # type: ignore[attr-defined]
    links = platoons.place[is_trapped]  # type: ignore[attr-defined]
    persons = platoons.persons[is_trapped]  # type: ignore[attr-defined]
    found = [(int(link), float(persons[links == link].sum())) for link in np.unique(links)]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def link_record(drive: Drive, params: SimulationParameters) -> LinkRecord | None:
    """Flows and delays of the links that anyone entered."""
    if not params.record_links:
        return None
    state = drive.state
    links = np.flatnonzero(state.links.row >= 0)
    rows = state.links.row[links]
    used = state.entered.any(axis=0)[rows]
    n_bins = len(state.entered)
    busy = np.flatnonzero(state.entered.any(axis=1) | state.delayed.any(axis=1))
    n_kept = int(busy[-1]) + 1 if len(busy) else min(1, n_bins)
    # both had one column a link in the order of links, so that what happens at one time lies together
    entered, delayed = (np.ascontiguousarray(kept[:n_kept, rows[used]].T) for kept in (state.entered, state.delayed))
    return LinkRecord(float(state.bin_s[0]), links[used], entered, delayed)
