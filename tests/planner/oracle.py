"""
The exact optimum of small scenarios, by linear programming over a time-expanded network (Ford & Fulkerson 1958).

All travel times and dates are whole minutes. Then a clearance time of n + f minutes (0 < f <= 1) is reached in
continuous time exactly when it is reached with constant rates in the slots [i, i + f) and [i + f, i + 1): averaging any
plan over these slots keeps it feasible. Capacities are linear in f, so one linear program finds the least f. Nothing is
lost to rounding: what it gives is the optimum in continuous time. People wait at home only, as plans have it, or
(``waiting``) at any node, as certificates allow it on the way.
"""

from __future__ import annotations

import math
from itertools import product

import highspy
import numpy as np

from clearway.model.network import FloatArray
from clearway.model.scenario import Scenario


class TimeExpanded:
    """
    One commodity per party; columns are vehicles per (party, link, slot), departures and arrivals, and f.

    ``minutes`` slots pairs; the last pair's second slot is dropped: the horizon is ``minutes - 1 + f``.
    """

    def __init__(self, scenario: Scenario, minutes: int, *, waiting: bool = False) -> None:
        self.scenario, self.minutes, self.waiting = scenario, minutes, waiting
        self.n_slots = 2 * minutes - 1
        self.parties = scenario.parties()
        self.costs: list[float] = []
        self.upper: list[float] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []
        self.share = self._column(1.0)
        self._build()

    def _column(self, upper: float = math.inf) -> int:
        self.upper.append(upper)
        return len(self.upper) - 1

    def _build(self) -> None:
        network = self.scenario.network
        self.tau = np.rint(network.free_flow_time_s / 60).astype(int)
        assert np.allclose(network.free_flow_time_s, self.tau * 60)
        self.rate = self._rates() * 60
        self.drive: dict[tuple[int, int, int], int] = {}
        self.wait: dict[tuple[int, int, int], int] = {}
        self.depart: dict[tuple[int, int], int] = {}
        self.arrive: dict[tuple[int, int, int], int] = {}
        for c, k in product(range(len(self.parties)), range(self.n_slots)):
            self._add_columns(c, k)
        for link, k in product(range(network.n_links), range(self.n_slots)):
            self._limit_link(link, k)
        for c, k, node in product(range(len(self.parties)), range(self.n_slots), range(network.n_nodes)):
            self._balance(c, k, node)
        for s, site in enumerate(self.scenario.sites):
            loads = {
                column: self.scenario.zones[self.parties[c].zone].persons_per_vehicle
                for (c, at, _), column in self.arrive.items()
                if at == s
            }
            if loads and math.isfinite(site.beds):
                self.rows.append((loads, -math.inf, site.beds))

    def _add_columns(self, c: int, k: int) -> None:
        scenario, party = self.scenario, self.parties[c]
        if _within(scenario.zones[party.zone].departure_windows, k // 2):
            self.depart[c, k] = self._column()
        for link in range(scenario.network.n_links):
            if self.rate[link, k // 2] > 0 and k + 2 * self.tau[link] < self.n_slots:
                self.drive[c, link, k] = self._column()
        for s, site in enumerate(scenario.sites):
            if scenario.site_allows(party, site) and _within(site.open_windows, k // 2):
                self.arrive[c, s, k] = self._column()
        if self.waiting and k + 1 < self.n_slots:
            for node in range(scenario.network.n_nodes):
                self.wait[c, node, k] = self._column()

    def _limit_link(self, link: int, k: int) -> None:
        """No more than the rate for the slot's length: f for even slots, 1 - f for odd ones."""
        row = {self.drive[c, link, k]: 1.0 for c in range(len(self.parties)) if (c, link, k) in self.drive}
        full = float(self.rate[link, k // 2])
        if row and k % 2 == 0:
            self.rows.append((row | {self.share: -full}, -math.inf, 0.0))
        elif row:
            self.rows.append((row | {self.share: full}, -math.inf, full))

    def _balance(self, c: int, k: int, node: int) -> None:
        """Who comes to a node in a slot goes on, stays at a site, or waits; who arrives has just driven."""
        network = self.scenario.network
        come = [(c, int(i), k - 2 * int(self.tau[i])) for i in np.flatnonzero(network.head == node)]
        go = [(c, int(i), k) for i in np.flatnonzero(network.tail == node)]
        arrivals = [(c, s, k) for s, site in enumerate(self.scenario.sites) if site.node == node]
        driven = [self.drive[key] for key in come if key in self.drive]
        stay = [self.arrive[key] for key in arrivals if key in self.arrive]
        row = dict.fromkeys(driven, 1.0) | dict.fromkeys([self.drive[key] for key in go if key in self.drive], -1.0)
        row |= dict.fromkeys(stay, -1.0)
        if (c, node, k - 1) in self.wait:
            row[self.wait[c, node, k - 1]] = 1.0
        if (c, node, k) in self.wait:
            row[self.wait[c, node, k]] = -1.0
        is_home = node == self.scenario.zones[self.parties[c].zone].node
        if is_home and (c, k) in self.depart:
            row[self.depart[c, k]] = 1.0
        if row:
            self.rows.append((row, 0.0, 0.0))
        if stay and (is_home or self.waiting):
            self.rows.append((dict.fromkeys(stay, 1.0) | dict.fromkeys(driven, -1.0), -math.inf, 0.0))

    def _rates(self) -> FloatArray:
        """float64[n_links, minutes]: vehicles per second that may enter in each minute."""
        profile = self.scenario.capacity_profile()
        rates = np.zeros((self.scenario.network.n_links, self.minutes))
        for link in range(self.scenario.network.n_links):
            for piece in range(profile.start[link], profile.start[link + 1]):
                minute = profile.from_s[piece] / 60
                assert minute == round(minute)
                rates[link, int(minute) :] = profile.rate[piece]
        return rates

    def _sent(self, c: int) -> dict[int, float]:
        return {column: 1.0 for (at, _), column in self.depart.items() if at == c}

    def least_share(self) -> float:
        """The least f with which everybody moves; inf where there is none."""
        rows = [(self._sent(c), self.parties[c].vehicles, self.parties[c].vehicles) for c in range(len(self.parties))]
        if any(not row for row, _, _ in rows):
            return math.inf
        return self._solve({self.share: 1.0}, rows)

    def most(self, *, in_persons: bool = True) -> float:
        """The most persons (vehicles) that can arrive by the horizon, f being 1."""
        costs: dict[int, float] = {}
        rows = [({self.share: 1.0}, 1.0, 1.0)]
        for c, party in enumerate(self.parties):
            load = self.scenario.zones[party.zone].persons_per_vehicle if in_persons else 1.0
            sent = self._sent(c)
            costs |= dict.fromkeys(sent, -load)
            if sent:
                rows.append((sent, -math.inf, party.vehicles))
        return -self._solve(costs, rows)

    def _solve(self, costs: dict[int, float], extra: list[tuple[dict[int, float], float, float]]) -> float:
        rows = [*self.rows, *extra]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.upper), len(rows)
        cost = np.zeros(len(self.upper))
        cost[list(costs)] = list(costs.values())
        lp.col_cost_ = cost
        lp.col_lower_, lp.col_upper_ = np.zeros(len(self.upper)), np.array(self.upper)
        lp.row_lower_ = np.array([low for _, low, _ in rows])
        lp.row_upper_ = np.array([high for _, _, high in rows])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(row) for row, _, _ in rows)]).astype(np.int32)
        lp.a_matrix_.index_ = np.array([i for row, _, _ in rows for i in row], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([x for row, _, _ in rows for x in row.values()])
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("primal_feasibility_tolerance", 1e-9)
        solver.setOptionValue("dual_feasibility_tolerance", 1e-9)
        solver.passModel(lp)
        solver.run()
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return math.inf
        assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return float(solver.getInfo().objective_function_value)


def _within(windows: tuple[tuple[float, float], ...], minute: int) -> bool:
    return any(a <= minute * 60 and (minute + 1) * 60 <= b for a, b in windows)


def least_clearance_s(scenario: Scenario, *, waiting: bool = False) -> float:
    """The clearance time that no plan beats and one reaches, in seconds; inf where not all can be saved."""
    low, high = 0, int(scenario.horizon_s // 60)  # not by low, by high
    if not scenario.parties():
        return 0.0
    share = TimeExpanded(scenario, high, waiting=waiting).least_share()
    if math.isinf(share):
        return math.inf
    while high - low > 1:
        middle = (low + high) // 2
        found = TimeExpanded(scenario, middle, waiting=waiting).least_share()
        if math.isinf(found):
            low = middle
        else:
            high, share = middle, found
    return (high - 1 + share) * 60


def most_persons(scenario: Scenario, *, waiting: bool = False) -> float:
    """The most persons with a vehicle that can be saved within the horizon."""
    return TimeExpanded(scenario, int(scenario.horizon_s // 60), waiting=waiting).most()
