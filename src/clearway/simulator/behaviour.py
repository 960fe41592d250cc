"""Who leaves when and by which way: a plan as people carry it out."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from clearway.model.demand import Intervals
from clearway.model.network import FloatArray, IntArray
from clearway.model.plan import Plan, Reason
from clearway.model.scenario import Scenario
from clearway.simulator.parameters import Behaviour, SimulationParameters

BoolArray = npt.NDArray[np.bool_]
LARGEST_PAUSE_S = 120.0  # movements of one route with a longer pause between them do not share a platoon
MANY_PLATOONS, LARGEST_PLATOON = 20_000, 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Travellers:
    """
    Platoons before they leave.

    Attributes
    ----------
    zone : int64[n]
    route, site : int64[n]
        As planned; -1 where they are not asked to go.
    vehicles, persons : float64[n]
    direction : int64[n]
        0: any site will do; else one more than the index into `directions_of`.
    leaves_s : float64[n]
        inf: they stay.
    follows_route, follows_site : bool[n]
    """

    zone: IntArray
    route: IntArray
    site: IntArray
    direction: IntArray
    vehicles: FloatArray
    persons: FloatArray
    leaves_s: FloatArray
    follows_route: BoolArray
    follows_site: BoolArray

    def __len__(self) -> int:
        return len(self.zone)


def directions_of(scenario: Scenario) -> list[str]:
    """The directions that people of some zone choose between, sorted."""
    return sorted({direction for zone in scenario.zones for direction, _ in zone.directions})


def departure_quantile(share: FloatArray, behaviour: Behaviour) -> FloatArray:
    """
    Seconds after the call by which a share (0 to 1, exclusive) has left.

    "logistic" is the S-curve 1 / (1 + exp(-(t - half) / spread)) of MASSVAC [1]_, cut off at the call. "rayleigh" is
    1 - exp(-t^2 / (2 sigma^2)) after [2]_, who take half an hour for sigma.

    References
    ----------
    .. [1] Radwan, Hobeika, Sivasailam (1985), A computer simulation model for rural network evacuation under natural
           disasters, ITE Journal 55(9): 25-30.
    .. [2] Tweedie, Rowland, Walsh, Rhoten, Hagle (1986), A methodology for estimating emergency evacuation times, The
           Social Science Journal 23(2): 189-204.
    """
    half, spread = behaviour.response_half_s, behaviour.response_spread_s
    if behaviour.response == "rayleigh":
        sigma = half / math.sqrt(2.0 * math.log(2.0))
        return sigma * np.sqrt(-2.0 * np.log1p(-share))
    before = 1.0 / (1.0 + math.exp(min(half / spread, 700.0)))  # the curve's share at the call itself
    inside = before + share * (1.0 - before)
    return np.maximum(half + spread * (np.log(inside) - np.log1p(-inside)), 0.0)


def platoon_size(vehicles: float, params: SimulationParameters) -> float:
    """Vehicles of a usual platoon."""
    if params.platoon_vehicles > 0:
        return params.platoon_vehicles
    return min(max(vehicles / MANY_PLATOONS, 1.0), LARGEST_PLATOON)


def cut_movements(plan: Plan, scenario: Scenario, size: float) -> Travellers:
    """
    Movements as platoons of ``size`` vehicles (the last of a route smaller), each leaving when its last vehicle would.

    Movements of one zone, route and site that follow each other are cut as one.
    """
    moves = plan.movements
    kept = np.flatnonzero(moves.vehicles > 0)
    keys = np.lexsort((moves.depart_from_s[kept], moves.site[kept], moves.route[kept], moves.zone[kept]))
    order = kept[keys]
    if not len(order):
        return join([])
    begin, end, vehicles = moves.depart_from_s[order], moves.depart_until_s[order], moves.vehicles[order]
    is_new = np.ones(len(order), dtype=np.bool_)
    is_new[1:] = (
        (np.diff(moves.zone[order]) != 0)
        | (np.diff(moves.route[order]) != 0)
        | (np.diff(moves.site[order]) != 0)
        | (begin[1:] - end[:-1] > LARGEST_PAUSE_S)
    )
    first = np.flatnonzero(is_new)
    total = np.add.reduceat(vehicles, first)
    loads = np.add.reduceat(moves.persons[order], first) / total
    n_cut = np.maximum(np.ceil(total / size - 1e-9).astype(np.int64), 1)
    owner = np.repeat(np.arange(len(first)), n_cut)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(n_cut) - n_cut, n_cut)
    upto = np.minimum((rank + 1.0) * size, total[owner])
    upto[np.cumsum(n_cut) - 1] = total
    amount = np.diff(upto, prepend=0.0)
    starts = np.cumsum(n_cut) - n_cut
    amount[starts] = upto[starts]
    # where in its group's movements each cut lies
    passed = np.cumsum(vehicles)
    base = (passed - vehicles)[first]
    at = np.searchsorted(passed, (base[owner] + upto) * (1 - 1e-12), side="left")
    at = np.clip(at, first[owner], np.append(first[1:], len(order))[owner] - 1)
    share = np.clip((base[owner] + upto - (passed - vehicles)[at]) / vehicles[at], 0.0, 1.0)
    leaves = begin[at] + share * (end[at] - begin[at])
    row = order[first][owner]
    yes = np.ones(len(owner), dtype=np.bool_)
    directions = {name: i + 1 for i, name in enumerate(directions_of(scenario))}
    of_site = np.array([directions.get(site.direction, 0) for site in scenario.sites], dtype=np.int64)
    chooses = np.array([bool(zone.directions) for zone in scenario.zones])
    zone, site = moves.zone[row], moves.site[row]
    direction = np.where(chooses[zone], of_site[site], 0)
    return Travellers(zone, moves.route[row], site, direction, amount, amount * loads[owner], leaves, yes, yes.copy())


def carry_out(scenario: Scenario, planned: Travellers, params: SimulationParameters) -> Travellers:
    """The platoons of a plan as people carry it out: who stays, who leaves when, who keeps to route and site."""
    behaviour, n = params.behaviour, len(planned)
    rng = np.random.default_rng([params.seed, 1])
    drawn = rng.random((5, n))  # always all of them: a setting changes nobody else's draw
    leaves = planned.leaves_s.copy()
    late = drawn[0] >= behaviour.follow_window
    if late.any():
        ready = np.array([zone.ready_s for zone in scenario.zones])[planned.zone]
        wished = ready + departure_quantile(drawn[1], behaviour)
        for p in np.flatnonzero(late).tolist():
            leaves[p] = next_open(scenario.zones[planned.zone[p]].departure_windows, float(wished[p]))
    leaves[drawn[2] < behaviour.stay] = math.inf
    follows_site = drawn[3] < behaviour.follow_site
    follows_route = (drawn[4] < behaviour.follow_route) & follows_site
    return replace(planned, leaves_s=leaves, follows_route=follows_route, follows_site=follows_site)


def delayed(scenario: Scenario, travellers: Travellers, delay_s: FloatArray) -> Travellers:
    """
    The platoons, each leaving so much later as its zone does (float64[n_zones], seconds), in the windows there are.

    Who comes between two windows leaves with the second one; who comes after the last never leaves.
    """
    leaves = travellers.leaves_s + delay_s[travellers.zone]
    for i, zone in enumerate(scenario.zones):
        if zone.departure_windows == ((0.0, math.inf),):
            continue
        mine = np.flatnonzero((travellers.zone == i) & np.isfinite(leaves))
        wished, found = leaves[mine], np.full(len(mine), math.inf)
        for begin, end in reversed(zone.departure_windows):  # a platoon leaves when its last vehicle does: at the end
            found = np.where(wished <= end, np.maximum(wished, begin), found)
        leaves[mine] = found
    return replace(travellers, leaves_s=leaves)


def next_open(windows: Intervals, time_s: float) -> float:
    """The first instant from ``time_s`` at which people may leave; inf where there is none."""
    for begin, end in windows:
        if time_s < end:
            return max(begin, time_s)
    return math.inf


def left_out_with_vehicle(scenario: Scenario, plan: Plan) -> FloatArray:
    """float64[n_zones]: persons who have a vehicle and are left out of the plan."""
    persons = np.zeros(len(scenario.zones))
    for group in plan.left_out:
        if group.reason != Reason.NO_VEHICLE:
            persons[group.zone] += group.persons
    return persons


def shadow_travellers(scenario: Scenario, plan: Plan, size: float, params: SimulationParameters) -> Travellers:
    """
    People not asked to go who go, to any site in a direction they choose.

    Not asked are those left out of the plan, and those of the population who are not to be moved; of both only those
    with a vehicle, in the zone's proportion.
    """
    behaviour = params.behaviour
    rng = np.random.default_rng([params.seed, 2])
    index = {name: i + 1 for i, name in enumerate(directions_of(scenario))}
    left_out = left_out_with_vehicle(scenario, plan)
    parts = []
    for i, zone in enumerate(scenario.zones):
        share = zone.with_vehicle / zone.present if zone.present else 1.0
        persons = left_out[i] + (zone.population - zone.present) * share
        vehicles = behaviour.shadow * persons / zone.persons_per_vehicle
        n = math.ceil(vehicles / size - 1e-9)
        if n <= 0:
            continue
        wished = zone.ready_s + departure_quantile(rng.random(n), behaviour)
        leaves = np.array([next_open(zone.departure_windows, float(t)) for t in wished])
        amount = np.full(n, size)
        amount[-1] = vehicles - (n - 1) * size
        direction = np.zeros(n, dtype=np.int64)
        if zone.directions:
            shares = np.array([s for _, s in zone.directions])
            known = np.array([index[name] for name, _ in zone.directions])
            direction = known[rng.choice(len(known), n, p=shares / shares.sum())]
        none, no = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.bool_)
        people = amount * zone.persons_per_vehicle
        parts.append(Travellers(np.full(n, i), none, none, direction, amount, people, leaves, no, no))
    return join(parts)


def join(groups: list[Travellers]) -> Travellers:
    """Several groups as one."""
    if not groups:
        none, empty = np.zeros(0, dtype=np.int64), np.zeros(0)
        no = none.astype(np.bool_)
        return Travellers(none, none, none, none, empty, empty, empty, no, no)
    return Travellers(*(np.concatenate([getattr(g, f.name) for g in groups]) for f in fields(Travellers)))
