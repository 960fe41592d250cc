"""What a schedule leaves: of the roads' rates, of beds, and of vehicles; for flows of those whom it could not place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearway.kernels.differences import add_up_changes, changes_by_movements, count_entries
from clearway.model.network import IntArray
from clearway.model.situation import CapacityProfile
from clearway.planner.flows import Flows
from clearway.planner.problem import Problem
from clearway.planner.room import INSTANT_S, MOST_AT_ONCE, NOTHING, profile_less
from clearway.planner.schedule import Schedule
from clearway.planner.slots import Grid, SlotFlow, join_loads, no_loads


class Rest:
    """
    Flows of those whom a schedule leaves, one after the other, on what it and those before leave of roads and beds.

    What the first takes is taken off the rates once and for all: movements enter links millions of times.
    """

    def __init__(self, flows: Flows, found: Schedule) -> None:
        problem, others = flows.problem, flows.loads
        profile = profile_less(problem.profile, others) if len(others.link) else problem.profile
        self._units = flows.params.units_per_vehicle
        self._problem = replace(problem, profile=profile_left(problem, profile, found))
        site, persons = found.arrivals(problem)
        self._loads = replace(
            no_loads(), site=np.concatenate((others.site, site)), persons=np.concatenate((others.persons, persons))
        )

    def flow(self, left: np.ndarray, links: IntArray, grid: Grid, is_sure: bool = False) -> SlotFlow:
        """An empty flow for ``left``, float64[n_zones] vehicles."""
        rest = replace(self._problem, vehicles=left)
        return SlotFlow(rest, links, grid, self._loads, self._units, is_sure=is_sure)

    def take(self, more: Schedule) -> None:
        """Take what a further schedule uses off what is left, too."""
        self._loads = join_loads(self._loads, more.loads(self._problem))


def profile_left(problem: Problem, profile: CapacityProfile, found: Schedule) -> CapacityProfile:
    """
    The rates that a schedule leaves of a profile; never below 0.

    Links in parts, so that what is sorted at once stays small.
    """
    n_links = len(profile.start) - 1
    rate = found.vehicles / (found.until_s - found.from_s)
    entered = count_entries(n_links, found.route_start, found.route_links, found.route)
    part = np.concatenate(([0], np.cumsum(2 * entered + np.diff(profile.start)))) // MOST_AT_ONCE
    ends = [*(np.flatnonzero(np.diff(part)) + 1).tolist(), n_links]
    first, kept = 0, []
    for end in dict.fromkeys(ends):
        if end == first:
            continue
        start = profile.start[first : end + 1]
        pieces = slice(start[0], start[-1])
        step = np.diff(profile.rate[pieces], prepend=0.0)
        step[start[:-1] - start[0]] = profile.rate[start[:-1]]
        own = np.repeat(np.arange(first, end), np.diff(start))
        link, time, change = changes_by_movements(
            first, end, int(entered[first:end].sum()), found.route_start, found.route_links, problem.tau, found.route,
            found.from_s, found.until_s, rate,
        )  # fmt: skip
        link, time, left = add_up_changes(
            end - first, np.concatenate((own, link)) - first, np.concatenate((profile.from_s[pieces], time)),
            np.concatenate((step, change)), INSTANT_S,
        )  # fmt: skip
        top = np.maximum.reduceat(profile.rate[pieces], start[:-1] - start[0])
        left[left <= NOTHING * np.maximum(top[link], 1.0)] = 0.0
        kept.append((np.bincount(link, minlength=end - first), time, left))
        first = end
    count, time, left = (np.concatenate(columns) for columns in zip(*kept, strict=True))
    return CapacityProfile(np.concatenate(([0], np.cumsum(count))).astype(np.int64), time, left)
