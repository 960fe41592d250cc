"""What movements take of roads and beds, and what is left of them: for planning one part while another stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from clearway.kernels.differences import add_up_changes
from clearway.model.demand import Intervals, Site, Zone
from clearway.model.network import FloatArray, IntArray
from clearway.model.plan import Movements, Routes
from clearway.model.scenario import Scenario
from clearway.model.situation import CapacityProfile
from clearway.planner.slots import Loads

MANY = 1e9  # beds
ROUNDING = 1e-6  # share of a site's beds, as a check tolerates
OVER = 5e-7  # relative: half of what a check tolerates
INSTANT_S = 1e-7  # seconds that are one instant
MOST_AT_ONCE = 2_000_000  # entries of links by movements whose changes are sorted at once: some 200 MB
NOTHING = 1e-9  # share of a link's rate that rounding may leave


def entries(
    free_flow_time_s: FloatArray, movements: Movements, routes: Routes
) -> tuple[IntArray, IntArray, FloatArray]:
    """
    Every link each movement enters: int64[n] movement, int64[n] link, float64[n] seconds from its departure.
    """
    lengths = np.diff(routes.start)
    ahead = np.concatenate(([0.0], np.cumsum(free_flow_time_s[routes.links])))[:-1]
    offset = ahead - np.repeat(ahead[np.minimum(routes.start[:-1], max(len(ahead) - 1, 0))], lengths)
    per_move = lengths[movements.route]
    movement = np.repeat(np.arange(len(movements)), per_move)
    step = np.arange(len(movement)) - np.repeat(np.cumsum(per_move) - per_move, per_move)
    place = routes.start[movements.route][movement] + step
    return movement, routes.links[place], offset[place]


def loads_of(free_flow_time_s: FloatArray, movements: Movements, routes: Routes) -> Loads:
    """What movements send into each link and to each site; one row per movement and link, in their order."""
    movement, link, offset = entries(free_flow_time_s, movements, routes)
    rate = movements.vehicles / (movements.depart_until_s - movements.depart_from_s)
    return Loads(
        link, movements.depart_from_s[movement] + offset, movements.depart_until_s[movement] + offset, rate[movement],
        movements.site, movements.persons,
    )  # fmt: skip


def some_movements(movements: Movements, chosen: np.ndarray) -> Movements:
    """The movements for which ``chosen`` (bool[n]) holds, or those at some places (int64[m])."""
    places = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
    return Movements(
        movements.zone[places],
        movements.site[places],
        movements.route[places],
        movements.depart_from_s[places],
        movements.depart_until_s[places],
        movements.vehicles[places],
        movements.persons[places],
        tuple(movements.mode[i] for i in places),
        tuple(movements.ids[i] for i in places),
    )


def shifted_loads(loads: Loads, shift_s: float) -> Loads:
    """The same loads later."""
    return replace(loads, from_s=loads.from_s + shift_s, until_s=loads.until_s + shift_s)


def difference(profile: CapacityProfile, loads: Loads) -> tuple[IntArray, FloatArray, FloatArray]:
    """
    Rates less loads: int64[n] link, float64[n] from when, float64[n] rate, by link and time; below 0 where too much.
    """
    n_links = len(profile.start) - 1
    n_parts = max(1, -(-len(loads.link) // MOST_AT_ONCE))
    if n_parts == 1:
        return _difference(profile, loads, 0, n_links)
    # links in parts, so that what is sorted at once stays small
    per_link = np.cumsum(np.bincount(loads.link, minlength=n_links))
    ends = np.searchsorted(per_link, np.arange(1, n_parts) * (per_link[-1] / n_parts)) + 1
    found = []
    for a, b in pairwise([0, *np.unique(ends[ends < n_links]).tolist(), n_links]):
        own = (loads.link >= a) & (loads.link < b)
        part = replace(
            loads, link=loads.link[own], from_s=loads.from_s[own], until_s=loads.until_s[own], rate=loads.rate[own]
        )
        found.append(_difference(profile, part, a, b))
    link, time, rate = (np.concatenate(columns) for columns in zip(*found, strict=True))
    return link, time, rate


def _difference(
    profile: CapacityProfile, loads: Loads, first: int, end: int
) -> tuple[IntArray, FloatArray, FloatArray]:
    """The `difference` on the links from ``first`` to before ``end``, the only ones that loads are on."""
    start = profile.start[first : end + 1]
    pieces = slice(start[0], start[-1])
    step = np.diff(profile.rate[pieces], prepend=0.0)
    step[start[:-1] - start[0]] = profile.rate[start[:-1]]
    counts = loads.until_s > 0
    link = np.concatenate((np.repeat(np.arange(first, end), np.diff(start)), loads.link[counts], loads.link[counts]))
    time = np.concatenate((profile.from_s[pieces], np.maximum(loads.from_s[counts], 0.0), loads.until_s[counts]))
    change = np.concatenate((step, -loads.rate[counts], loads.rate[counts]))
    link, time, rate = add_up_changes(len(profile.start) - 1, link, time, change, INSTANT_S)
    return link, time, rate


def fits(profile: CapacityProfile, loads: Loads) -> bool:
    """Whether loads stay within the rates everywhere and always, as closely as a check looks."""
    return is_enough(profile, difference(profile, loads))


def is_enough(profile: CapacityProfile, left: tuple[IntArray, FloatArray, FloatArray]) -> bool:
    """Whether what loads leave of the rates (a `difference`) is nowhere below 0, as closely as a check looks."""
    link, _, rate = left
    top = np.maximum.reduceat(profile.rate, profile.start[:-1])
    return bool((rate >= -OVER * np.maximum(top[link], 1e-3)).all())


def profile_less(profile: CapacityProfile, loads: Loads, hair: float = 0.0) -> CapacityProfile:
    """
    The rates that are left when loads are taken off; never below 0.

    ``hair``: share of a link's top rate that is kept back, so that what is planned on the rest, good to a millionth of
    its own room, may run beside the loads without the sum being over.
    """
    link, time, rate = difference(profile, loads)
    top = np.maximum.reduceat(profile.rate, profile.start[:-1])
    rate -= hair * top[link]
    rate[rate <= NOTHING * np.maximum(top[link], 1.0)] = 0.0
    start = np.searchsorted(link, np.arange(len(profile.start)))
    return CapacityProfile(start.astype(np.int64), time, rate)


HAIR = 2e-6
"""What `profile_less` is to keep back where two plans run side by side."""


class RoomLeft:
    """The room that all movements of a plan leave, and what it is without those of one zone."""

    def __init__(self, scenario: Scenario, profile: CapacityProfile, movements: Movements, routes: Routes) -> None:
        travel = scenario.network.free_flow_time_s
        loads = loads_of(travel, movements, routes)
        zone = movements.zone[entries(travel, movements, routes)[0]]
        order = np.argsort(zone, kind="stable")
        self._loads = Loads(
            loads.link[order], loads.from_s[order], loads.until_s[order], loads.rate[order], loads.site, loads.persons
        )
        self._start = np.searchsorted(zone[order], np.arange(len(scenario.zones) + 1))
        link, self._from_s, self._rate = difference(profile, loads)
        self._link_start = np.searchsorted(link, np.arange(len(profile.start))).astype(np.int64)

    def without(self, zone: int, links: IntArray | None = None) -> CapacityProfile:
        """The room with a zone's movements taken out; only on some links where given, the others being closed."""
        a, b = int(self._start[zone]), int(self._start[zone + 1])
        loads = self._loads
        own = Loads(
            loads.link[a:b], loads.from_s[a:b], loads.until_s[a:b], -loads.rate[a:b], loads.site[:0], loads.persons[:0]
        )
        base = CapacityProfile(self._link_start.copy(), self._from_s.copy(), self._rate.copy())
        if links is not None:
            base = only_links(base, links)
            kept = np.isin(own.link, links)
            own = replace(
                own, link=own.link[kept], from_s=own.from_s[kept], until_s=own.until_s[kept], rate=own.rate[kept]
            )
        return profile_less(base, own)


def only_links(profile: CapacityProfile, links: IntArray) -> CapacityProfile:
    """Rates on some links; all others are closed for good."""
    n_links = len(profile.start) - 1
    wanted = np.zeros(n_links, dtype=np.bool_)
    wanted[links] = True
    counts = np.diff(profile.start)
    kept = np.repeat(wanted, counts)
    kept[profile.start[:-1]] = True  # one piece of each link
    rate = np.where(np.repeat(wanted, counts), profile.rate, 0.0)[kept]
    start = np.concatenate(([0], np.cumsum(np.where(wanted, counts, 1))))
    return CapacityProfile(start.astype(np.int64), profile.from_s[kept], rate)


def profile_from(profile: CapacityProfile, start_s: float) -> CapacityProfile:
    """The same rates with time counted from ``start_s`` on."""
    ends = np.append(profile.from_s[1:], np.inf)
    ends[profile.start[1:] - 1] = np.inf
    kept = ends > start_s
    count = np.concatenate(([0], np.cumsum(kept)))
    return CapacityProfile(
        count[profile.start].astype(np.int64),
        np.maximum(profile.from_s[kept] - start_s, 0.0),
        profile.rate[kept].copy(),
    )


def windows_from(windows: Intervals, start_s: float) -> Intervals:
    """Windows with time counted from ``start_s`` on; what lies before is gone."""
    return tuple((max(a - start_s, 0.0), b - start_s) for a, b in windows if b > start_s)


def scenario_from(scenario: Scenario, start_s: float) -> Scenario:
    """
    The scenario as it is for those who start at ``start_s``, its times counted from there.

    Availabilities stay as they are: pass `profile_from` of the scenario's profile beside it.
    """
    return replace(
        scenario,
        horizon_s=scenario.horizon_s - start_s,
        zones=tuple(replace(z, departure_windows=windows_from(z.departure_windows, start_s)) for z in scenario.zones),
        sites=tuple(replace(s, open_windows=windows_from(s.open_windows, start_s)) for s in scenario.sites),
    )


def zones_planned(scenario: Scenario, movements: Movements, zones: Iterable[int] | None = None) -> list[Zone]:
    """
    Zones of those planned alone: one for each zone (of some) and direction, in whole persons; nobody without a vehicle.
    """
    found = []
    for index in range(len(scenario.zones)) if zones is None else zones:
        zone = scenario.zones[index]
        own = movements.zone == index
        if not own.any():
            continue
        chosen: list[str | None] = [d for d, _ in zone.directions] or [None]
        for direction in chosen:
            mine = own
            if direction is not None:
                towards = np.array([site.direction == direction for site in scenario.sites], dtype=np.bool_)
                mine = own & towards[movements.site]
            persons = round(float(movements.persons[mine].sum()))
            if persons:
                found.append(_only(zone, persons, direction))
    return found


def _only(zone: Zone, persons: int, direction: str | None) -> Zone:
    shares = ((direction, 1.0),) if direction is not None else ()
    return replace(zone, population=persons, present=persons, without_vehicle=0, directions=shares)


def sites_less(sites: tuple[Site, ...], taken: FloatArray) -> tuple[Site, ...]:
    """Sites with fewer beds; ``taken`` is float64[n_sites], persons."""
    left = [site.beds - t for site, t in zip(sites, taken.tolist(), strict=True)]
    return tuple(
        replace(site, beds=beds if beds > ROUNDING * max(1.0, min(site.beds, MANY)) else 0.0)
        for site, beds in zip(sites, left, strict=True)
    )
