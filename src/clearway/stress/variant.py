"""A scenario and a plan as one future has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from clearway.model.network import FloatArray
from clearway.model.outcome import Outcome
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability, HazardArea
from clearway.model.uncertainty import Target, Uncertainty
from clearway.simulator import SimulationParameters, Simulator
from clearway.simulator.roads import RoadTables, build_tables
from clearway.stress.futures import Future, Shares, future_of

LEDGER = "ledger"  # the source of statements that `clearway ledger situation` wrote; states take their place
WHOLE = 0.5  # persons: people are whole


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """What a simulation of one future is given."""

    scenario: Scenario
    plan: Plan
    params: SimulationParameters
    rate_share: FloatArray


class Case:
    """
    A scenario and a plan to be driven in many futures.

    What does not change is worked out once; a future then costs little beside its simulation.
    """

    def __init__(self, scenario: Scenario, plan: Plan, uncertainty: Uncertainty, params: SimulationParameters) -> None:
        self.scenario, self.plan, self.uncertainty, self.params = scenario, plan, uncertainty, params
        self.tables: RoadTables = build_tables(scenario, params)
        self._at_once: tuple[Shares, Simulator, Outcome] | None = None

    def simulator(self, future: Future) -> Simulator:
        """Everything made ready to drive a future."""
        variant = vary(self.scenario, self.plan, self.uncertainty, future, self.params)
        tables = self.tables.under(variant.scenario, variant.rate_share)
        return Simulator(variant.scenario, variant.plan, variant.params, tables)

    def at_once(self, shares: Shares) -> tuple[Simulator, Outcome]:
        """A future made ready, and its outcome where nobody waits; the last one asked for is kept."""
        if self._at_once is None or self._at_once[0] != shares:
            simulator = self.simulator(future_of(self.uncertainty, shares))
            nobody_waits = np.zeros(len(self.scenario.zones))
            self._at_once = shares, simulator, simulator.run(delay_s=nobody_waits)
        return self._at_once[1:]

    def drive(self, future: Future, delay_s: FloatArray | None = None) -> Outcome:
        """
        The outcome of a future; ``delay_s``, float64[n_zones]: how much later each zone starts.

        Departures keep to the zones' windows as the future has them.
        """
        return self.simulator(future).run(delay_s=np.zeros(len(self.scenario.zones)) if delay_s is None else delay_s)


def vary(
    scenario: Scenario, plan: Plan, uncertainty: Uncertainty, future: Future, params: SimulationParameters
) -> Variant:
    """The scenario, the plan and the behaviour of a future."""
    people = np.ones(len(scenario.zones))
    beds = np.ones(len(scenario.sites))
    rate = np.ones(scenario.network.n_links)
    speed: dict[str, float] = {}
    for factor, value in zip(uncertainty.factors, future.factors, strict=True):
        target = factor.target
        if factor.kind == "capacity":
            multiply(rate, target, value)
        elif factor.kind == "population":
            multiply(people, target, value)
        elif factor.kind == "beds":
            multiply(beds, target, value)
        else:
            names = {area.name for area in scenario.hazard_areas} if target.kind == "all" else {target.target_id}
            speed |= {name: speed.get(name, 1.0) * value for name in names}
    varied = with_beds(with_situation(scenario, uncertainty, future, speed), beds)
    varied, varied_plan = with_people(varied, plan, people)
    named: dict[str, Any] = {
        one.setting: value for one, value in zip(uncertainty.settings, future.settings, strict=True)
    }
    behaviour = replace(params.behaviour, **named)
    return Variant(varied, varied_plan, replace(params, behaviour=behaviour, seed=future.seed), rate)


def multiply(values: FloatArray, target: Target, factor: float) -> None:
    """Multiply those of a target (``values`` modified in place)."""
    if target.kind == "all":
        values *= factor
    elif target.index >= 0:
        values[target.index] *= factor
    else:
        values[list(target.links)] *= factor


def with_situation(scenario: Scenario, uncertainty: Uncertainty, future: Future, speed: dict[str, float]) -> Scenario:
    """The scenario with its hazards early or late, what is lost lost, and what is believed true or false."""
    if not (speed or future.losses or uncertainty.states):
        return scenario
    statements, areas = moved_hazards(scenario, speed)
    statements = [each for each in statements if not is_believed(each, uncertainty)]
    for state, found in zip(uncertainty.states, future.states, strict=True):
        for span, word in zip(state.spans, found, strict=True):
            left = {"closed": 0.0, "limited": span.limited_factor, "open": 1.0}[word]
            if state.target.kind in ("site", "zone") and left > 0:
                continue
            if left < 1.0:
                statements.append(statement(state.target, span.from_s, span.until_s, left))
    for one in future.losses:
        target = uncertainty.losses[one.loss].targets[one.target]
        statements.append(statement(target, one.from_s, one.until_s, one.left))
    return replace(scenario.with_availabilities(tuple(statements)), hazard_areas=areas)


def statement(target: Target, from_s: float, until_s: float, left: float) -> Availability:
    return Availability(target.kind, target.target_id, from_s, until_s, left, target.links, note="this future")


def is_believed(each: Availability, uncertainty: Uncertainty) -> bool:
    """Whether a statement is what a ledger took as given of a target that has a state of its own here."""
    return each.source == LEDGER and any(str(state.target) == each.target for state in uncertainty.states)


def moved_hazards(scenario: Scenario, speed: dict[str, float]) -> tuple[list[Availability], tuple[HazardArea, ...]]:
    """Statements and hazard areas, each hazard coming at its time divided by its speed; its end stays."""
    statements = list(scenario.availabilities)
    areas = []
    for area in scenario.hazard_areas:
        comes = area.from_s / speed.get(area.name, 1.0)
        if comes < area.until_s:
            areas.append(replace(area, from_s=comes))
        old = (f"closed by {area.name}", area.from_s, area.until_s)
        for i, each in enumerate(statements):
            if (each.note, each.from_s, each.until_s) == old:
                statements[i] = replace(each, from_s=min(comes, each.until_s))
    return [each for each in statements if each.from_s < each.until_s], tuple(areas)


def with_beds(scenario: Scenario, factor: FloatArray) -> Scenario:
    """The scenario with so many times the beds, in whole numbers."""
    if (factor == 1.0).all():
        return scenario
    sites = [
        replace(site, beds=float(np.floor(site.beds * share + 0.5)) if np.isfinite(site.beds) else site.beds)
        for site, share in zip(scenario.sites, factor.tolist(), strict=True)
    ]
    return replace(scenario, sites=tuple(sites))


def with_people(scenario: Scenario, plan: Plan, factor: FloatArray) -> tuple[Scenario, Plan]:
    """
    So many times the people of each zone, in whole numbers; all parts of the plan carry so many times as many.

    Nobody changes the plan: those who are more come in the same windows and by the same routes.
    """
    if (factor == 1.0).all():
        return scenario, plan
    zones, share = [], np.ones(len(factor))
    for i, zone in enumerate(scenario.zones):
        present = int(np.floor(zone.present * factor[i] + WHOLE))
        without = min(int(np.floor(zone.without_vehicle * factor[i] + WHOLE)), present)
        share[i] = present / zone.present if zone.present else 1.0
        population = max(zone.population, present)
        zones.append(replace(zone, present=present, without_vehicle=without, population=population))
    moves = plan.movements
    of_move = share[moves.zone]
    moves = replace(moves, vehicles=moves.vehicles * of_move, persons=moves.persons * of_move)
    left_out = tuple(replace(group, persons=group.persons * float(share[group.zone])) for group in plan.left_out)
    return replace(scenario, zones=tuple(zones)), replace(plan, movements=moves, left_out=left_out)


def total_delay(scenario: Scenario, delay_s: float, zones: Sequence[int] | None = None) -> FloatArray:
    """float64[n_zones]: the delay for all zones, or for some."""
    delays = np.zeros(len(scenario.zones))
    delays[list(range(len(delays))) if zones is None else list(zones)] = delay_s
    return delays
