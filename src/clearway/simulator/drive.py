"""Drives platoons through a scenario: the kernel in stretches, and between them whatever changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clearway.kernels import traffic as kernel
from clearway.kernels.traffic_tables import (
    AT_HOME,
    DONE,
    MISCOUNTED,
    N_EVENTS,
    NEVER_GROWN,
    NEXT_LOOK,
    NEXT_TO_LEAVE,
    NOW,
    SAFE,
    SITE_FULL,
    TURNED_AWAY,
    WANTED,
    State,
)
from clearway.model.network import FloatArray, IntArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.simulator.behaviour import Travellers, directions_of
from clearway.simulator.parameters import Progress, SimulationParameters
from clearway.simulator.roads import RoadTables
from clearway.simulator.state import Trees, make_state, make_ways, platoons_of, with_more_space

STRETCHES = 20


class Drive:
    """
    One simulation: its state, and what happens between stretches of driving.

    After `run`, ``platoons`` says what became of everybody and ``state`` what happened on links.
    """

    def __init__(
        self, scenario: Scenario, plan: Plan, travellers: Travellers, tables: RoadTables, params: SimulationParameters
    ) -> None:
        self.scenario, self.tables, self.params = scenario, tables, params
        self.trees = Trees(1 + len(directions_of(scenario)), len(scenario.sites), params.n_classes)
        self.state: State = make_state(scenario, plan, travellers, tables, self.trees, params)
        self.platoons = platoons_of(self.state)
        self.persons = self.platoons.persons.copy()
        self.last_s = max(plan.clearance_time_s, float(self.platoons.leaves[self.state.order].max(initial=0.0)))
        self.ways = make_ways(scenario, tables, self.trees, params)
        guide = self.platoons.guide
        if ((guide >= 0) & (guide % (1 + params.n_classes) > 0)).any():
            self.ways.clock[NEXT_LOOK] = params.update_s
        self.drive_until = kernel.drive_until.on(self.state, self.ways)

    # -- the run -------------------------------------------------------------------------------------------------

    def run(self, progress: Progress) -> None:
        """Drive to the horizon, or until everybody who can has arrived."""
        horizon = self.scenario.horizon_s
        changes = list(self.tables.changes)
        openings = list(self.tables.openings)
        times = {t for t, *_ in changes} | {t for t, *_ in openings} | {horizon}
        times |= set(np.linspace(0.0, min(2.0 * self.last_s, horizon), STRETCHES + 1).tolist())  # to tell how it goes
        for until in sorted(t for t in times if 0.0 <= t <= horizon):
            self.drive(until)
            has_opened = False
            while openings and openings[0][0] <= until:
                _, site, opens = openings.pop(0)
                self.state.opens[site] = opens
                self.forget_trees(np.ones(self.trees.n, dtype=np.bool_))
                has_opened = has_opened or opens < np.inf
            if changes and changes[0][0] <= until:
                _, links, rates = changes.pop(0)
                self.change_rates(links, rates)
            elif has_opened:
                self.set_out_again()
            progress("driving", until, float(self.persons[self.platoons.status == SAFE].sum()))
            if self.is_over(bool(changes or openings)):
                break

    def drive(self, until: float) -> None:
        """Drive until a time, seeing to what the kernel wants on the way."""
        while True:
            code = self.drive_until(until)
            if code == DONE:
                return
            if code == SITE_FULL:
                site = int(self.state.counts[WANTED])
                self.state.opens[site] = np.inf
                self.forget_trees((self.state.steps.site == site).any(axis=1))
            elif code == MISCOUNTED:
                raise AssertionError(f"platoon {self.state.counts[WANTED]} is lost or in two places at {self.now:g} s")
            else:
                self.state = with_more_space(self.state)
                self.drive_until = kernel.drive_until.on(self.state, self.ways)

    def forget_trees(self, which: NDArray[np.bool_]) -> None:
        """Let trees (bool[n_trees]) be grown anew when next wanted: a site has opened or closed."""
        self.state.is_valid[which] = False
        self.ways.cost[which, :1] = NEVER_GROWN

    def is_over(self, may_change: bool) -> bool:
        """Whether nothing can happen any more."""
        if self.state.counts[NEXT_TO_LEAVE] < len(self.state.order) or (self.state.queues.first >= 0).any():
            return False
        return not may_change or len(self.parked()) == 0

    def parked(self) -> IntArray:
        """Platoons at home, or turned away, that know no way at all."""
        platoons = self.platoons
        at_home = (platoons.status == AT_HOME) & (platoons.place < 0)
        turned_away = (platoons.status == TURNED_AWAY) & (platoons.fallback >= 0)
        found: IntArray = np.flatnonzero(at_home | turned_away)
        return found

    def set_out_again(self) -> None:
        """Let those who knew no way look for one: something has opened."""
        parked = self.parked()
        if len(parked):
            kernel.set_out(parked, self.state, self.ways)

    # -- what changes --------------------------------------------------------------------------------------------

    def change_rates(self, numbers: IntArray, rates: FloatArray) -> None:
        """Let links take and let go other rates from now on; whoever is on one that closes is trapped or turns back."""
        links, queues, now = self.state.links, self.state.queues, self.now
        turns_back = int(self.params.on_closure == "turn-back")
        for link, rate in zip(numbers.tolist(), rates.tolist(), strict=True):
            before = float(links.rate[link])
            if rate == 0.0:
                links.rate[link] = links.pace[link] = 0.0
                kernel.shut(link, now, turns_back, self.state)
            elif before == 0.0:
                links.in_free[link] = queues.out_free[link] = now
            else:  # whoever has yet to follow the last platoon follows it at the new pace
                for free in (links.in_free, queues.out_free):
                    free[link] = now + (free[link] - now) * before / rate if free[link] > now else free[link]
            links.rate[link] = rate
            links.pace[link] = float(self.state.nominal[0]) / rate if rate > 0.0 else 0.0
        self.state.is_valid[:] = False
        kernel.wake_all(now, self.state)
        self.set_out_again()

    @property
    def now(self) -> float:
        """Seconds until which all have driven."""
        return float(self.ways.clock[NOW])

    @property
    def n_events(self) -> int:
        return int(self.state.counts[N_EVENTS])
