"""The search for a plan of a form: ways first, by how full links get; then ways and departures together."""

from __future__ import annotations

import math
import time

import numpy as np

from clearway.model.form import Form
from clearway.model.network import FloatArray
from clearway.planner.forms.constant import constant_departures
from clearway.planner.forms.departures import Departures, Timetable
from clearway.planner.forms.parties import Parties, Ways, join_ways
from clearway.planner.forms.routes import RouteSearch, Taste

TASTES = (Taste(4), Taste(5), Taste(3, 3e-3), Taste(4, 3e-2))
HORIZONS = (1.0, 1.08, 1.2, 1.4)  # of the free plan's clearance: what the form may need, roughly
MOST_PHASES = 4
N_BINS = 800
LONGEST = 4.0  # a form may take so many times the free plan's clearance, before people are left
WORTH = 1e-3  # relative: a smaller gain is none
PATIENCE = 400  # trials without gain after which ways are as good as they get


class FormSearch:
    """Looks for the best departures of a form until a deadline."""

    def __init__(self, parties: Parties, form: Form, free_s: float, deadline: float, seed: int) -> None:
        self.parties, self.form, self.free_s, self.deadline = parties, form, free_s, deadline
        self.random = np.random.default_rng(seed)
        self.best: Departures | None = None
        self.best_ways: list[RouteSearch] = []
        self.best_rank: FloatArray | None = None
        self.n_rounds = int(np.clip(3_000_000 // max(1, len(parties.links) * 3), 40, 2000))
        self.span_s = free_s * LONGEST

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self.deadline

    def run(self) -> Departures | None:
        """Ways from several horizons and tastes, then trial and error on the best."""
        if not len(self.parties):
            return None
        most = self.form.routes_per_zone
        limits: tuple[int | None, ...] = (1, 2, None) if most == 0 else (None, 2) if most > 2 else (None,)
        for factor in HORIZONS:
            for turn, taste in enumerate(TASTES):
                if self.is_late and self.best is not None:
                    return self.best
                # where many ways will do, few are tried too
                limit = limits[turn % len(limits)]
                self._offer(self._choose(self.free_s * factor, taste, limit), 12)
        for taste in TASTES[:2]:
            if self.best is not None and not self.is_late:
                self._offer(self._choose(0.98 * self.best.clearance_s, taste), 24)
        self._try_out()
        return self.best

    def _choose(self, horizon_s: float, taste: Taste, part_limit: int | None = None) -> list[RouteSearch]:
        """Ways for a horizon; where ways converge, in phases until everybody has a bed."""
        parties, form = self.parties, self.form
        if not form.is_convergent:
            found = RouteSearch(parties, horizon_s, taste, is_convergent=False, part_limit=part_limit)
            found.improve(self.n_rounds, int(self.random.integers(1 << 31)))
            return [found]
        left, beds = parties.vehicles.copy(), parties.beds.copy()
        phases: list[RouteSearch] = []
        turns = np.zeros(len(parties), dtype=np.int64)
        limit = [form.most_routes(parties.scenario.zones[i].zone_id) or MOST_PHASES for i in self._zones()]
        for _ in range(MOST_PHASES):
            largest = self._largest_site(beds) / parties.persons
            now = np.where(turns < limit, np.minimum(left, largest), 0.0)
            now[now * parties.persons < 0.5] = 0.0
            if not now.any():
                break
            found = RouteSearch(parties, horizon_s, taste, is_convergent=True, vehicles=now, beds=beds, part_limit=1)
            found.improve(self.n_rounds, int(self.random.integers(1 << 31)))
            phases.append(found)
            sent = self._fit_beds(found, beds)
            turns += sent > 0
            left = np.maximum(0.0, left - sent)
            beds = np.maximum(0.0, beds - found.load[1])
        return phases

    def _zones(self) -> list[int]:
        """The scenario's zone of each party."""
        return [int(self.parties.problems[k].zone[i]) for k, i in self.parties.place]

    def _largest_site(self, beds: FloatArray) -> FloatArray:
        """float64[n_parties]: beds of the largest site each may go to."""
        p = self.parties
        allowed = (p.direction[:, None] == 0) | (p.direction[:, None] == p.site_direction[None, :])
        usable = np.isin(np.arange(len(beds)), p.site_order)
        largest: FloatArray = np.where(allowed & usable, beds[None, :], 0.0).max(axis=1, initial=0.0)
        return largest

    def _fit_beds(self, found: RouteSearch, beds: FloatArray) -> FloatArray:
        """
        float64[n_parties]: vehicles sent when those who find a site full stay for a later phase, the smallest first.
        """
        ways = found.ways()
        sent = np.zeros(len(self.parties))
        free = beds.copy()
        for part in np.argsort(-ways.vehicles, kind="stable"):
            party, site = ways.party[part], ways.site[part]
            takes = min(ways.vehicles[part], free[site] / self.parties.persons[party])
            free[site] -= takes * self.parties.persons[party]
            sent[party] += takes
        found.load[1][:] = beds - free
        found.vehicles = sent
        found.size[:] = np.repeat(sent, np.diff(found.part_start))
        return sent

    def _ways(self, chosen: list[RouteSearch]) -> Ways:
        ways = chosen[0].ways(0)
        for phase, more in enumerate(chosen[1:], start=1):
            ways = join_ways(ways, more.ways(phase))
        return ways

    def _offer(self, chosen: list[RouteSearch], n_runs: int, rank: FloatArray | None = None) -> bool:
        """Keep ways where their departures are better; ``rank`` is by party."""
        ways = self._ways(chosen)
        if not len(ways):
            return False
        n_bins = max(1, round(N_BINS * self.span_s / self._target()))
        table = Timetable(self.parties, ways, self.form, self.span_s, n_bins)
        found, order = table.improve(
            n_runs, int(self.random.integers(1 << 31)), None if rank is None else rank[ways.party]
        )
        calm = constant_departures(self.parties, ways, self.form)
        if calm is not None and calm.is_better(found, self.parties):
            found = calm
        if not found.is_better(self.best, self.parties):
            return False
        self.best, self.best_ways = found, chosen
        self.best_rank = np.zeros(len(self.parties))
        self.best_rank[ways.party] = order
        self.span_s = (
            min(self.span_s, max(found.clearance_s * 1.3, self.free_s)) if found.left.sum() == 0 else self.span_s
        )
        return True

    def _target(self) -> float:
        return self.free_s if self.best is None else max(self.free_s, self.best.clearance_s)

    def _try_out(self) -> None:
        """Some parties on other ways, kept where everybody is out sooner."""
        idle = 0
        while self.best_ways and idle < PATIENCE and not self.is_late:
            phase = int(self.random.integers(len(self.best_ways)))
            noise = float(self.random.choice([0.05, 0.2, 0.5]))
            trial = list(self.best_ways)
            trial[phase] = trial[phase].shaken(self.random, noise, int(self.random.integers(1, 4)))
            before = math.inf if self.best is None else self.best.clearance_s
            if self._offer(trial, 5, self.best_rank):
                assert self.best is not None
                idle = 0 if self.best.clearance_s < before * (1 - WORTH) else idle + 1
            else:
                idle += 1


def as_planned(parties: Parties, form: Form, ways: Ways, free_s: float, seed: int) -> Departures | None:
    """Departures on given ways."""
    if not len(ways):
        return None
    span = free_s * LONGEST
    return Timetable(parties, ways, form, span, round(N_BINS * LONGEST)).improve(24, seed)[0]
