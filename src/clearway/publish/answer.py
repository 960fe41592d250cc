"""The answer in one sentence, and the figures beneath it."""

from __future__ import annotations

import math

from clearway.model.plan import LeftOut, Reason
from clearway.publish.facts import Facts
from clearway.publish.wording import NO_BREAK, count, duration, joined, people, percent, reason_clause, vehicles

STATUS_WORDS = {
    "proven": "proven: within its target",
    "feasible": "sound plan; the gap is above its target",
    "interrupted": "planning was interrupted: the best plan by then",
    "time limit": "time limit reached: the best plan by then",
    "empty": "nobody can be moved on these data",
}


def left_out_by_reason(left_out: tuple[LeftOut, ...]) -> list[tuple[Reason, float, int]]:
    """(reason, persons, seats) over all zones, the most persons first, those without a vehicle last."""
    totals: dict[Reason, tuple[float, int]] = {}
    for left in left_out:
        persons, seats = totals.get(left.reason, (0.0, 0))
        totals[left.reason] = (persons + left.persons, seats + left.seats)
    rows = [(reason, persons, seats) for reason, (persons, seats) in totals.items() if persons > 0]
    return sorted(rows, key=lambda row: (row[0] is Reason.NO_VEHICLE, -row[1]))


def answer_sentence(facts: Facts) -> str:
    """How many can reach safety by when, what no plan can beat, who is left out."""
    plan, total = facts.plan, facts.present
    planned = plan.persons_planned
    reasons = [reason_clause(persons, reason) for reason, persons, _ in left_out_by_reason(plan.left_out)]
    if planned <= 0:
        parts = [f"None of {people(total)} can reach safety on these data", *reasons]
    elif facts.is_clearance:
        parts = [f"{whom(planned, total)} can reach safety by {facts.clock.long(plan.clearance_time_s, 'up')}"]
        parts += [no_plan_sooner(facts), *reasons]
    else:
        parts = [f"{whom(planned, total)} can reach safety by {facts.clock.long(plan.clearance_time_s, 'up')}"]
        parts += [no_plan_more(facts), *reasons]
    return "; ".join(parts) + "."


def whom(planned: float, total: float) -> str:
    """ "212,000 of 229,000 people", or "All 229,000 people"."""
    return f"All {people(total)}" if round(planned) == round(total) else f"{count(planned)} of {people(total)}"


def no_plan_sooner(facts: Facts) -> str:
    """What the bound says about time."""
    plan = facts.plan
    bound, value = plan.clearance_lower_bound_s, plan.clearance_time_s
    if not bound > 0 or not math.isfinite(bound):
        return "how much sooner another plan could do it is not known"
    if value - bound < 1.0:
        return "no plan can do it sooner"
    return f"no plan can do it before {facts.clock.time_after(value, bound, 'down')}"


def no_plan_more(facts: Facts) -> str:
    """What the bound says about people."""
    bound, planned = facts.plan.persons_upper_bound, facts.plan.persons_planned
    if not math.isfinite(bound):
        return "how many more another plan could bring is not known"
    if bound - planned < 1.0:
        return "no plan can bring more"
    by = facts.clock.long(facts.plan.certificate.horizon_s, "down")
    return f"no plan can bring more than {count(math.floor(bound + 1e-6))} by {by}"


def key_figures(facts: Facts) -> list[tuple[str, str, str]]:
    """(label, figure, note) for the row of figures beneath the answer."""
    plan, clock = facts.plan, facts.clock
    status = STATUS_WORDS.get(plan.status, plan.status)
    share = plan.persons_planned / facts.present if facts.present else math.nan
    fleet = float(plan.movements.vehicles.sum())
    figures = [
        (
            "People planned",
            count(plan.persons_planned),
            f"{percent(share, 1)} of {count(facts.present)} present, in {vehicles(fleet)}",
        ),
        left_out_figure(facts),
    ]
    if plan.persons_planned > 0:
        ninety = facts.time_of_share(0.9)
        figures[:0] = [
            ("All planned have arrived", clock.short(plan.clearance_time_s, "up"), after(plan.clearance_time_s, "up")),
            (
                "90 % of them have arrived",
                clock.short(ninety, "up"),
                f"{after(ninety, 'up')}; the figure for decisions (NUREG/CR-7002)",
            ),
            bound_figure(facts),
            ("Gap to the bound", percent(plan.gap, 1 if plan.gap < 0.1 else 0), status),
        ]
    return figures


def after(seconds: float, rounding: str) -> str:
    return f"{duration(seconds, rounding)} after the start"


def bound_figure(facts: Facts) -> tuple[str, str, str]:
    """The bound, on time or on people."""
    plan, clock = facts.plan, facts.clock
    if facts.is_clearance:
        bound = plan.clearance_lower_bound_s
        return "No plan before", clock.short(bound, "down"), f"{after(bound, 'down')}; lower bound"
    by = clock.short(plan.certificate.horizon_s, "down")
    return "No plan more than", count(math.floor(plan.persons_upper_bound + 1e-6)), f"people by {by}; upper bound"


def left_out_figure(facts: Facts) -> tuple[str, str, str]:
    """How many are left out, and why."""
    rows = left_out_by_reason(facts.plan.left_out)
    note = joined(f"{count(persons)}{NO_BREAK}{reason.value}" for reason, persons, _ in rows) or "everyone is planned"
    return "Left out", count(sum(persons for _, persons, _ in rows)), note
