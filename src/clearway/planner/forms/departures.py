"""When each part leaves on the way it has: windows fitted part after part, the order improved by what is late."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from clearway.kernels.slots import slot_rates
from clearway.kernels.windows import fill_waves, fill_windows
from clearway.model.form import Form
from clearway.model.network import FloatArray, IntArray
from clearway.planner.forms.parties import Parties, Ways
from clearway.planner.problem import BoolArray
from clearway.planner.slots import ROOM

SMALLEST_RATE = 1e-5  # vehicles per second
BLAMED = 0.985  # parts that end later than this share of the clearance are moved up in the order
MOST_BINS = 40_000_000  # (link, bin) pairs
MOST_PER_WAVE = 240  # bins
NOBODY = 1e-6  # persons
END, PASSED = -1, -2  # beside links: who ends at a node, who goes on from it


@dataclass(frozen=True, slots=True, eq=False)
class Departures:
    """
    Rates in windows.

    ``rate`` float64[n_parts, n_windows] vehicles per second in windows ``edges_s`` float64[n_windows, 2];
    ``left`` float64[n_parts] vehicles not sent; ``finish_s`` float64[n_parts] the last arrival, 0 where none;
    ``end_s`` float64[n_parts]: where the last window of a part ends, which may be before its edge.
    """

    ways: Ways
    edges_s: FloatArray
    rate: FloatArray
    left: FloatArray
    finish_s: FloatArray
    end_s: FloatArray

    @property
    def clearance_s(self) -> float:
        return float(self.finish_s.max(initial=0.0))

    def is_better(self, other: Departures | None, parties: Parties) -> bool:
        """Whether it sends more persons, or as many sooner."""
        if other is None:
            return True
        mine, theirs = self.persons_left(parties), other.persons_left(parties)
        if abs(mine - theirs) > NOBODY:
            return mine < theirs
        return self.clearance_s < other.clearance_s

    def persons_left(self, parties: Parties) -> float:
        return float((self.left * parties.persons[self.ways.party]).sum())


class Timetable:
    """Fits the parts of some ways into their windows."""

    def __init__(self, parties: Parties, ways: Ways, form: Form, horizon_s: float, n_bins: int) -> None:
        self.parties, self.ways, self.form = parties, ways, form
        bin_s = horizon_s / n_bins
        per_wave = 1
        if form.wave_s > 0:
            per_wave = min(max(1, round(form.wave_s / bin_s)), MOST_PER_WAVE)
            bin_s = form.wave_s / per_wave
        self.bin_s = bin_s
        rows, place = np.unique(ways.rows, return_inverse=True)
        limit = min(horizon_s, parties.scenario.horizon_s)
        self.n_bins = min(math.ceil(limit / bin_s - 1e-9), max(per_wave, MOST_BINS // max(1, len(rows))))
        n_windows = max(1, self.n_bins // per_wave)
        self.n_bins = max(self.n_bins, per_wave)  # windows are whole
        first = np.arange(n_windows) * per_wave
        self.edges = np.column_stack((first, first + per_wave)).astype(np.int64)
        self.edges_s: FloatArray = np.asarray(self.edges * bin_s, dtype=np.float64)
        self.travel = ways.travel_s(parties)
        offset = self._offsets()
        origin = self._origins(offset, place, len(rows))
        bins = (offset - origin[place]) / bin_s
        whole = np.floor(bins + 1e-7).astype(np.int64)
        split = np.abs(bins - np.round(bins)) > 1e-7
        kept = self._binding(rows, place)
        self.start = np.concatenate(([0], np.cumsum(kept)))[ways.start].astype(np.int64)
        self.place, self.whole, self.split = place[kept], whole[kept], split[kept]
        self.room = self._rooms(rows, origin) * ROOM
        self.may = self._may()
        self.beds = parties.beds / bin_s
        self.may_swap = not form.waves and len(np.unique(ways.party)) < len(ways)

    def _offsets(self) -> FloatArray:
        """float64[...]: seconds from departure to entering each link of all ways."""
        ways = self.ways
        ahead = np.concatenate(([0.0], np.cumsum(self.parties.tau[ways.rows])))[:-1]
        offset: FloatArray = ahead - np.repeat(ahead[ways.start[:-1]], np.diff(ways.start))
        return offset

    def _origins(self, offset: FloatArray, place: IntArray, n_rows: int) -> FloatArray:
        """
        float64[n_rows]: where the bins of each link begin, at or before 0, so that its largest part enters it on the
        grid: then parts that follow each other do not share a bin.
        """
        ways = self.ways
        vehicles = np.repeat(ways.vehicles, np.diff(ways.start))
        origin = np.zeros(n_rows)
        by_size = np.argsort(vehicles, kind="stable")
        origin[place[by_size]] = np.mod(offset[by_size] + 1e-7, self.bin_s) - 1e-7  # the largest comes last
        result: FloatArray = np.where(origin > 1e-6, origin - self.bin_s, 0.0)
        return result

    def _rooms(self, rows: IntArray, origin: FloatArray) -> FloatArray:
        """float64[n_rows, n_bins]: the rate each link takes throughout each of its bins."""
        profile, links = self.parties.profile, self.parties.links[rows]
        least = slot_rates(profile.start, profile.from_s, profile.rate, links, origin, self.bin_s, self.n_bins)[1]
        room: FloatArray = least
        for row in np.flatnonzero(origin < 0):  # a bin that begins before 0 has the rates from 0 on
            a, b = int(profile.start[links[row]]), int(profile.start[links[row] + 1])
            soon = profile.from_s[a:b] < origin[row] + self.bin_s - 1e-9
            room[row, 0] = float(profile.rate[a:b][soon].min())
        return room

    def _binding(self, rows: IntArray, place: IntArray) -> BoolArray:
        """
        bool[...] over the links of all ways: those that can bind. A link can not where all that enter it come from, or
        go on to, one link that takes no more.
        """
        parties, ways = self.parties, self.ways
        count = np.bincount(place, minlength=len(rows))
        steady = np.diff(parties.profile.start)[parties.links[rows]] == 1
        rate = parties.top_rate[rows]
        inner = np.ones(len(place), dtype=np.bool_)
        inner[ways.start[1:] - 1] = False
        a, b = place[:-1][inner[:-1]], place[1:][inner[:-1]]
        pairs, together = np.unique(a * len(rows) + b, return_counts=True)
        a, b = pairs // len(rows), pairs % len(rows)
        same = (together == count[a]) & (together == count[b]) & steady[a] & steady[b]
        drop = np.zeros(len(rows), dtype=np.bool_)
        drop[a[same & (rate[a] >= rate[b])]] = True
        drop[b[same & (rate[b] > rate[a])]] = True
        result: BoolArray = ~drop[place]
        return result

    def _may(self) -> BoolArray:
        """bool[n_parts, n_windows]: within the zone's windows, arriving in time while the site is open."""
        parties, ways, scenario = self.parties, self.ways, self.parties.scenario
        begin = self.edges_s[:, 0]
        length: FloatArray = self.edges_s[:, 1] - begin
        may = np.zeros((len(ways), len(begin)), dtype=np.bool_)
        for part in range(len(ways)):
            k, i = parties.place[ways.party[part]]
            ok = within(begin, length, parties.problems[k].windows[i])
            arrive = begin + self.travel[part]
            ok &= within(arrive, length, scenario.sites[ways.site[part]].open_windows)
            may[part] = ok & (arrive + length <= scenario.horizon_s * (1 + 1e-9))
        return may

    def run(self, order: IntArray, limit_s: float = math.inf) -> Departures:
        """Departures in an order of parts, phase after phase; nobody arrives after a limit."""
        ways = self.ways
        free, used = self.room.copy(), np.zeros((len(ways), len(self.edges)))
        left, beds = ways.vehicles / self.bin_s, self.beds.copy()
        persons = self.parties.persons[ways.party]
        for phase in range(int(ways.phase.max(initial=0)) + 1):
            chosen = order[ways.phase[order] == phase]
            may = self.may
            if limit_s < math.inf:
                may = may & (self.edges_s[:, 1] + self.travel[:, None] <= limit_s)
            if phase > 0:
                may = may & (self.edges_s[:, 0] >= self._clear_of(used, phase)[:, None] - 1e-6)
            fixed = (free, self.edges, chosen, self.start, self.place, self.whole, self.split, may, left, beds)
            if self.form.waves:
                fill_waves(*fixed, ways.site, persons, used, self.form.waves)
            else:
                fill_windows(*fixed, ways.site, persons, used, SMALLEST_RATE)
                if self.may_swap:
                    self._swap(fixed, persons, used)
        left[left <= 1e-9 * ways.vehicles / self.bin_s] = 0.0
        any_used = (used > 0).any(axis=1)
        last = used.shape[1] - 1 - (used[:, ::-1] > 0).argmax(axis=1)
        end: FloatArray = np.where(any_used, self.edges_s[last, 1], 0.0)
        finish: FloatArray = np.where(any_used, end + self.travel, 0.0)
        return Departures(ways, self.edges_s, used, left * self.bin_s, finish, end)

    def _swap(self, fixed: tuple[Any, ...], persons: FloatArray, used: FloatArray) -> None:
        """What a part could not send goes with the other parts of its party."""
        order, left, ways = fixed[2], fixed[8], self.ways
        for part in order[left[order] > 1e-9 * ways.vehicles[order] / self.bin_s]:
            for other in order[(ways.party[order] == ways.party[part]) & (order != part)].tolist():
                if left[other] > 0 or left[part] <= 0:
                    continue
                left[other], left[part] = left[part], 0.0
                mine = (*fixed[:2], np.array([other]), *fixed[3:])
                fill_windows(*mine, ways.site, persons, used, SMALLEST_RATE)
                left[part], left[other] = left[other], 0.0

    def _clear_of(self, used: FloatArray, phase: int) -> FloatArray:
        """
        float64[n_parts]: from when parts of a phase may depart so that at every node they come after those of earlier
        phases who went on by another link, or ended where these go on, or went on where these end.
        """
        ways, parties = self.ways, self.parties
        busy: dict[tuple[int, int], dict[int, float]] = {}  # (direction, node) -> link or END -> last entry
        from_s = np.zeros(len(ways))
        for part in range(len(ways)):
            rows = ways.rows[ways.start[part] : ways.start[part + 1]]
            direction = int(parties.direction[ways.party[part]])
            offset = np.concatenate(([0.0], np.cumsum(parties.tau[rows])))
            steps = [*zip(parties.tail[rows].tolist(), rows.tolist(), offset[:-1].tolist(), strict=True)]
            end = int(parties.head[rows[-1]])
            if ways.phase[part] < phase:
                on = np.flatnonzero(used[part] > 0)
                if not len(on):
                    continue
                until = float(self.edges_s[on[-1], 1])
                for node, row, at in [*steps, (end, END, float(offset[-1]))]:
                    place = busy.setdefault((direction, node), {})
                    place[row] = max(place.get(row, 0.0), until + at)
                    if at > 0 and row != END:
                        place[PASSED] = max(place.get(PASSED, 0.0), until + at)
        for part in np.flatnonzero(ways.phase == phase).tolist():
            rows = ways.rows[ways.start[part] : ways.start[part + 1]]
            direction, at = int(parties.direction[ways.party[part]]), 0.0
            for step in rows.tolist():
                for other, until in busy.get((direction, int(parties.tail[step])), {}).items():
                    if other not in (step, PASSED) and not (other == END and at == 0):
                        from_s[part] = max(from_s[part], until - at)
                at += float(parties.tau[step])
            passed = busy.get((direction, int(parties.head[rows[-1]])), {}).get(PASSED, 0.0)
            from_s[part] = max(from_s[part], passed - at)
        return from_s

    def improve(self, n_runs: int, seed: int, rank: FloatArray | None = None) -> tuple[Departures, FloatArray]:
        """
        The best of some orders: far parts first (or by a rank, float64[n_parts]), then those that end late moved up
        (squeaky wheel: Joslin & Clements 1999). Returns it with its rank.
        """
        random = np.random.default_rng(seed)
        if rank is None:
            weight = -(self.travel + self.parties.ready_s[self.ways.party])
            rank = np.empty(len(weight))
            rank[np.argsort(weight, kind="stable")] = np.arange(len(weight))
        best, best_rank = self.run(np.argsort(rank, kind="stable")), rank.copy()
        found = best
        for run in range(1, n_runs):
            late = found.left > 0
            if not late.any():
                late = found.finish_s > BLAMED * found.clearance_s
            rank = rank - late * random.uniform(0.1, 0.6, len(rank)) * len(rank)
            limit = best.clearance_s * (1 - 1e-6) if best.left.sum() == 0 else math.inf
            found = self.run(np.argsort(rank, kind="stable"), limit)
            if found.is_better(best, self.parties):
                best, best_rank = found, rank.copy()
            elif run % 12 == 11:
                rank, found = best_rank.copy(), best
        return best, best_rank


def within(from_s: FloatArray, length_s: FloatArray, windows: tuple[tuple[float, float], ...]) -> BoolArray:
    """bool[n]: whether [from, from + length) lies in one of the windows."""
    result = np.zeros(len(from_s), dtype=np.bool_)
    for a, b in windows:
        result |= (from_s >= a - 1e-6) & (from_s + length_s <= b + 1e-6)
    return result
