"""Every part at one constant rate from its readiness on, so that all are done together: calm, simple to give out."""

from __future__ import annotations

import math

import numpy as np

from clearway.model.form import Form
from clearway.model.network import FloatArray
from clearway.planner.forms.departures import Departures
from clearway.planner.forms.parties import Parties, Ways


def constant_departures(parties: Parties, ways: Ways, form: Form) -> Departures | None:
    """
    One window a part, ending as soon as rates fit on every link together whatever the travel times.

    Good where travel is short beside the clearance time, as with many zones. None where rates of the ways' links change
    in time, beds do not suffice, or windows, sites' hours or the horizon are in the way.
    """
    scenario = parties.scenario
    rows = np.unique(ways.rows)
    if not len(ways) or ways.phase.any() or (np.diff(parties.profile.start)[parties.links[rows]] > 1).any():
        return None
    persons = np.bincount(ways.site, ways.vehicles * parties.persons[ways.party], len(parties.beds))
    if (persons > parties.beds * (1 + 1e-9)).any():
        return None
    travel, ready = ways.travel_s(parties), parties.ready_s[ways.party]
    opens = np.array([scenario.sites[s].open_windows[0][0] for s in ways.site])
    begin = np.maximum(ready, opens - travel)
    if form.wave_s:
        begin = np.ceil(begin / form.wave_s - 1e-9) * form.wave_s
    count = np.diff(ways.start)

    def ends(horizon_s: float) -> FloatArray:
        end = horizon_s - travel
        if form.wave_s:
            end = np.floor(end / form.wave_s + 1e-9) * form.wave_s
        result: FloatArray = end
        return result

    def fits(horizon_s: float) -> bool:
        length = ends(horizon_s) - begin
        if (length <= 0).any():
            return False
        on_link = np.bincount(ways.rows, np.repeat(ways.vehicles / length, count), len(parties.links))
        return bool((on_link[rows] <= parties.top_rate[rows]).all())

    low, high = 0.0, scenario.horizon_s
    if not fits(high):
        return None
    while high - low > 1e-7 * high:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if fits(middle) else (middle, high)
    end = ends(high)
    for part in range(len(ways)):
        k, i = parties.place[ways.party[part]]
        home, there = parties.problems[k].windows[i], scenario.sites[ways.site[part]].open_windows
        arrive = (float(begin[part] + travel[part]), float(end[part] + travel[part]))
        if not (lies_in(float(begin[part]), float(end[part]), home) and lies_in(*arrive, there)):
            return None
    edges = np.unique(np.concatenate((begin, end)))
    inside = (edges[:-1] >= begin[:, None] - 1e-9) & (edges[1:] <= end[:, None] + 1e-9)
    rate = inside * (ways.vehicles / (end - begin))[:, None]
    return Departures(ways, np.column_stack((edges[:-1], edges[1:])), rate, np.zeros(len(ways)), end + travel, end)


def lies_in(from_s: float, until_s: float, windows: tuple[tuple[float, float], ...]) -> bool:
    """Whether [from, until) lies in one of the windows."""
    return any(a <= from_s + 1e-6 and until_s <= b + 1e-6 for a, b in windows) and math.isfinite(until_s)
