"""
Contraflow: which lanes to reverse, within a budget of crews.

A segment, which one crew reverses as one, is a crossing or a corridor: the links between two junctions. Which segments
are worth it is read off static flows on roads widened everywhere they could be; sets of them are compared by the static
bound on clearance, and the best few by plans (network design by bounds: Kim, Shekhar & Min 2008 choose greedily).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from clearway.model.form import Contraflow, Form, Reversal, reversible_lanes, under_form
from clearway.model.network import IntArray
from clearway.model.scenario import Scenario
from clearway.planner.bound import steady_bound
from clearway.planner.forms.found import Found
from clearway.planner.parameters import PlanParameters, Progress
from clearway.planner.plan import directions, is_stopped
from clearway.planner.problem import Problem, build_problem
from clearway.planner.static_flow import calm_flow

MOST_CANDIDATES = 16
MOST_SETS = 400  # compared by their bounds one by one; of more, greedily with swaps
MOST_PLANS, FEW_PLANS = 24, 3  # made for the best sets, on a network of up to SMALL_LINKS links and on a larger one
SMALL_LINKS = 200
FEW_ZONES = 6
WORTH = 1e-4  # relative: a smaller gain is worth no crew
BOUND_SHARE = 0.5  # of the time limit for bounds
Chosen = frozenset[int]


@dataclass(frozen=True, slots=True)
class Segment:
    """What one crew reverses: the links that are widened, in a row; ``name`` for people."""

    links: tuple[int, ...]
    lanes: tuple[float, ...]
    name: str


def segments_of(scenario: Scenario, kept_share: float) -> list[Segment]:
    """Every segment that could be reversed, each direction for itself."""
    network = scenario.network
    lanes = reversible_lanes(scenario, kept_share)
    can = np.flatnonzero(lanes > 0)
    crossing = {link: i for i, c in enumerate(scenario.crossings) for link in c.links}
    neighbours: dict[int, set[int]] = {}
    leaving: dict[int, list[int]] = {}
    for link in range(network.n_links):
        tail, head = int(network.tail[link]), int(network.head[link])
        neighbours.setdefault(tail, set()).add(head)
        neighbours.setdefault(head, set()).add(tail)
    for link in can.tolist():
        leaving.setdefault(int(network.tail[link]), []).append(link)
    onward: dict[int, int] = {}
    for link in can.tolist():
        node, back = int(network.head[link]), int(network.tail[link])
        following = [f for f in leaving.get(node, []) if network.head[f] != back]
        same = [f for f in following if crossing.get(f, -1) == crossing.get(link, -2)]
        plain = [f for f in following if f not in crossing] if link not in crossing else []
        if same:
            onward[link] = same[0]
        elif len(neighbours[node]) == 2 and len(plain) == 1:
            onward[link] = plain[0]
    first = set(can.tolist()) - set(onward.values())
    rows, seen = [], set()
    for link in [*sorted(first), *can.tolist()]:  # the rest are rings
        chain: list[int] = []
        at: int | None = link
        while at is not None and at not in seen:
            chain.append(at)
            seen.add(at)
            at = onward.get(at)
        if chain:
            rows.append(Segment(tuple(chain), tuple(float(lanes[i]) for i in chain), _name(scenario, chain)))
    return rows


def _name(scenario: Scenario, chain: list[int]) -> str:
    network = scenario.network
    ends = [
        network.node_names[v] or f"node {network.node_ids[v]}"
        for v in (network.tail[chain[0]], network.head[chain[-1]])
    ]
    way = f"{ends[0]} to {ends[1]}"
    for crossing in scenario.crossings:
        if chain[0] in crossing.links:
            return f"{crossing.name or crossing.crossing_id}, {way}"
    names = list(dict.fromkeys(network.link_names[link] for link in chain if network.link_names[link]))
    return f"{', '.join(names[:2])}, {way}" if names else way


def reversals_of(segments: Iterable[Segment], from_s: float) -> tuple[Reversal, ...]:
    """The reversals of some segments from a time on."""
    return tuple(
        Reversal(link, from_s, lanes, segment.name)
        for segment in segments
        for link, lanes in zip(segment.links, segment.lanes, strict=True)
    )


class Choice:
    """Compares sets of segments."""

    def __init__(self, scenario: Scenario, form: Form, wanted: Contraflow, deadline: float) -> None:
        self.scenario, self.form, self.wanted, self.deadline = scenario, form, wanted, deadline
        self.segments = segments_of(scenario, wanted.kept_share)
        self.of_link = {link: i for i, segment in enumerate(self.segments) for link in segment.links}
        self.bounds: dict[Chosen, float] = {}
        profile = under_form(scenario, form).capacity_profile()
        self.today = np.maximum.reduceat(profile.rate, profile.start[:-1]) if len(profile.rate) else np.zeros(0)
        self.n_stranded = sum(len(p.stranded) for p in self.problems(frozenset()))

    def form_with(self, chosen: Chosen, from_s: float | None = None) -> Form:
        start = self.wanted.lead_s if from_s is None else from_s
        return replace(self.form, reversals=reversals_of([self.segments[i] for i in sorted(chosen)], start))

    def problems(self, chosen: Chosen) -> list[Problem]:
        """Directions, and all of them together where there are several, with the lanes reversed from the start."""
        actual = under_form(self.scenario, self.form_with(chosen, 0.0))
        profile = actual.capacity_profile()
        problems = [build_problem(actual, d, profile) for d in directions(actual)]
        if len(problems) > 1:
            anywhere = replace(actual, zones=tuple(replace(zone, directions=()) for zone in actual.zones))
            problems.append(build_problem(anywhere, None, profile))
        return [p for p in problems if len(p.zone)]

    def bound(self, chosen: Chosen) -> float:
        """Seconds before which nobody clears with a set of segments reversed from the start; inf where some cannot."""
        if chosen not in self.bounds:
            problems = self.problems(chosen)
            fits = sum(len(p.stranded) for p in problems) <= self.n_stranded
            self.bounds[chosen] = max((_bound(p) for p in problems), default=0.0) if fits else math.inf
        return self.bounds[chosen]

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self.deadline

    def is_fit(self, chosen: Chosen) -> bool:
        """Whether no road is to be reversed both ways."""
        links = {link for i in chosen for link in self.segments[i].links}
        reverse = self.scenario.network.reverse
        return not any(int(reverse[link]) in links for link in links)

    def candidates(self) -> list[int]:
        """
        Segments that static flows would use beyond what there is, if all were reversed; then those full as it is. Of
        few segments all.
        """
        scenario, network = self.scenario, self.scenario.network
        lanes = reversible_lanes(scenario, self.wanted.kept_share)
        opposite = np.where(network.reverse >= 0, network.reverse, 0)
        gain = lanes * network.capacity_veh_per_s[opposite] / np.maximum(network.lanes[opposite], 1e-9)
        wide = replace(scenario, network=replace(network, capacity_veh_per_s=network.capacity_veh_per_s + gain))
        n_all = sum(math.comb(len(self.segments), n) for n in range(1, min(self.wanted.crews, len(self.segments)) + 1))
        if n_all <= MOST_SETS:
            return list(range(len(self.segments)))
        wanted = self._reduced(self._in_use(_problems(under_form(wide, self.form))))
        full = self._in_use(self.problems(frozenset()), at_least=1 - 1e-6)
        listed = [*wanted, *(i for i in full if i not in wanted)]
        return listed[: max(MOST_CANDIDATES, len(wanted))]

    def _in_use(self, problems: list[Problem], at_least: float = 1 + 1e-6) -> list[int]:
        """Segments of which the binding problems' flows use more than a share of today's rate, the most used first."""
        bounds = [_bound(p) for p in problems]
        scores: dict[int, float] = {}
        for problem, bound in zip(problems, bounds, strict=True):
            if bound < 0.99 * max(bounds):
                continue
            flow = calm_flow(problem, bound).flow[: problem.n_roads]
            for link in np.flatnonzero((self.today > 0) & (flow > self.today * at_least)).tolist():
                if link in self.of_link:
                    i = self.of_link[link]
                    scores[i] = max(scores.get(i, 0.0), float(flow[link] - self.today[link]))
        return sorted(scores, key=lambda i: -scores[i])

    def _reduced(self, listed: list[int]) -> list[int]:
        """What of a list still matters when nothing else is reversed: flows on fewer wide roads use fewer."""
        chosen = frozenset[int]()
        for i in listed:
            if self.is_fit(chosen | {i}):
                chosen |= {i}
        for _ in range(8):
            used = frozenset(self._in_use(self.problems(chosen))) & chosen
            if self.is_late or used == chosen:
                break
            chosen = used
        return [i for i in listed if i in chosen]

    def best_sets(self) -> list[Chosen]:
        """Sets of segments within the budget, the best bound first; the empty one is not among them."""
        candidates, crews = self.candidates(), self.wanted.crews
        n_sets = sum(math.comb(len(candidates), n) for n in range(1, min(crews, len(candidates)) + 1))
        if n_sets <= MOST_SETS:
            for n in range(1, min(crews, len(candidates)) + 1):
                for some in combinations(candidates, n):
                    self._note(frozenset(some))
        else:
            self._greedily(candidates, crews)
        as_is = self.bound(frozenset())
        known = [s for s in self.bounds if 0 < len(s) <= crews and self.bounds[s] < as_is * (1 - WORTH)]
        return sorted(known, key=lambda s: (round(self.bounds[s] / WORTH / max(1.0, min(as_is, 1e12))), len(s)))

    def _note(self, chosen: Chosen) -> float:
        if not self.is_fit(chosen) or (self.is_late and len(self.bounds) > 1):
            return math.inf
        return self.bound(chosen)

    def _greedily(self, candidates: list[int], crews: int) -> None:
        """All that are candidates, taken away one by one; one by one added; then swapped."""
        chosen = frozenset[int]()
        for i in candidates:
            if self.is_fit(chosen | {i}):
                chosen |= {i}
        while len(chosen) > crews:
            chosen = min((chosen - {i} for i in chosen), key=self._note)
            if self.is_late:
                chosen = frozenset([i for i in candidates if i in chosen][:crews])
        self._note(chosen)
        grown = frozenset[int]()
        for _ in range(crews):
            following = min((grown | {i} for i in candidates if i not in grown), key=self._note, default=grown)
            if self._note(following) > self._note(grown) * (1 - WORTH):
                break
            grown = following
        best = min((grown, chosen), key=self._note)
        improved = True
        while improved and not self.is_late:
            swaps = [best - {i} | {j} for i in best for j in candidates if j not in best]
            following = min(swaps, key=self._note, default=best)
            improved = self._note(following) < self._note(best) * (1 - WORTH)
            best = following if improved else best


def _problems(scenario: Scenario) -> list[Problem]:
    profile = scenario.capacity_profile()
    return [p for p in (build_problem(scenario, d, profile) for d in directions(scenario)) if len(p.zone)]


def _guess(problem: Problem) -> float:
    return float(np.max(problem.ready_s + problem.to_site[problem.zone_node])) * 2 + 60


def _bound(problem: Problem) -> float:
    """Of all zones together, and of each alone where there are few."""
    sets: list[IntArray] = [np.arange(len(problem.zone))]
    if 1 < len(problem.zone) <= FEW_ZONES:
        sets += [np.array([zone]) for zone in range(len(problem.zone))]
    return max(steady_bound(problem, zones, _guess(problem)).horizon_s for zones in sets)


def choose_reversals(
    scenario: Scenario, form: Form, free: Found, params: PlanParameters, progress: Progress
) -> tuple[Form, Found]:
    """
    The form with the reversals that clear soonest, and the plan they allow; without any where none helps.

    ``free`` is the plan without; with reserves in the form, one with those alone is made first.
    """
    wanted = form.contraflow
    assert wanted is not None
    deadline = time.monotonic() + BOUND_SHARE * params.time_limit_s
    choice = Choice(scenario, form, wanted, deadline)

    def plan(trial: Form) -> Found:
        return Found(under_form(scenario, trial), params, progress)

    best_form, best = form, free if not form.reserves else plan(form)
    sets = choice.best_sets()
    limit = MOST_PLANS if scenario.network.n_links <= SMALL_LINKS else FEW_PLANS
    for chosen in sets[:limit]:
        everybody = sum(best.moved.left.values()) == 0
        if is_stopped(best.parts) or time.monotonic() > deadline + params.time_limit_s:
            break
        if everybody and choice.bound(chosen) >= best.clearance_s * (1 - WORTH):
            continue  # a bound that is no better cannot become a better plan
        trial = choice.form_with(chosen)
        progress("reversals", choice.bound(chosen), best.clearance_s)
        found = plan(trial)
        more = found.persons > best.persons + 0.5
        sooner = found.persons > best.persons - 0.5 and found.clearance_s < best.clearance_s * (1 - WORTH)
        if more or sooner:
            best_form, best = trial, found
    return best_form, best
