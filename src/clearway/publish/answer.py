"""The answer in one sentence, and the figures beneath it."""

from __future__ import annotations

import math

from clearway.model.plan import LeftOut, Plan, Reason
from clearway.publish.facts import Facts
from clearway.publish.forms import price_clause, roads_words
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
    plan, total = facts.plan, facts.total
    reasons = [reason_clause(persons, reason) for reason, persons, _ in left_out_by_reason(plan.left_out)]
    if plan.persons_planned <= 0:
        nobody = f"None of {people(total)} can reach safety on these data"
        if facts.earlier is not None:
            nobody = f"{whom(facts.safe_or_planned, total)} have arrived; nobody else can reach safety on these data"
        return "; ".join([nobody, *reasons]) + "."
    by = facts.clock.long(plan.clearance_time_s, "up")
    first = f"{whom(facts.safe_or_planned, total)} can reach safety by {by}{earlier_words(facts)}"
    bound = no_plan_sooner(facts) if facts.is_clearance else no_plan_more(facts)
    price = price_clause(plan)
    if price and is_price_told(facts):  # who finds no room in the form is who it costs a place: not told twice
        reasons = [words for words in reasons if words != form_clause(plan)]
    return "; ".join([first, bound, *([price] if price else []), *reasons]) + "."


def form_clause(plan: Plan) -> str:
    """Who finds no room in the form."""
    return reason_clause(sum(left.persons for left in plan.left_out if left.reason is Reason.FORM), Reason.FORM)


def is_price_told(facts: Facts) -> bool:
    """Whether those whom the form leaves out are those whom the plan without it moves beyond this one."""
    plan = facts.plan
    out = sum(left.persons for left in plan.left_out if left.reason is Reason.FORM)
    return plan.price is not None and abs(plan.price.free_persons - plan.persons_planned - out) < 0.5


def earlier_words(facts: Facts) -> str:
    """ ": 70,100 have arrived, 9,000 are on the road and 49,100 are still to leave"; empty for a first plan."""
    if facts.earlier is None:
        return ""
    arrived, road, whole = facts.earlier.arrived, round(facts.planned_on_road), round(facts.safe_or_planned)
    parts = [
        f"{count(arrived)} {'has' if arrived == 1 else 'have'} arrived",
        f"{count(road)} {'is' if road == 1 else 'are'} on the road",
        f"{count(whole - arrived - road)} {'is' if whole - arrived - road == 1 else 'are'} still to leave",
    ]
    return f": {joined(parts)}"


def time_sentences(plan: Plan) -> list[str]:
    """That the time limit, and not the data, left people out, and what to do about it; nothing where it did not."""
    cut_short = sum(left.persons for left in plan.left_out if left.reason is Reason.NOT_FOUND)
    if cut_short < 0.5:
        return []
    limit = dict(plan.settings).get("time_limit_s")
    seconds = f" of {limit:g} s" if isinstance(limit, int | float) else ""
    end = "The interrupt" if plan.status == "interrupted" else f"The time limit{seconds}"
    return [
        f"{end} ended the search before {people(cut_short)} were placed; whether there is room for them is open: allow "
        "more with --time-limit."
    ]


def whom(planned: float, total: float) -> str:
    """ "212,000 of 229,000 people", or "All 229,000 people"."""
    return f"All {people(total)}" if round(planned) == round(total) else f"{count(planned)} of {people(total)}"


def no_plan_sooner(facts: Facts) -> str:
    """What the bound says about time; with a form, of which plans, and the form's own bound where that is later."""
    plan, form = facts.plan, facts.plan.form
    bound, value = plan.clearance_lower_bound_s, plan.clearance_time_s
    if not bound > 0 or not math.isfinite(bound):
        return "how much sooner another plan could do it is not known"
    roads = roads_words(form)
    before = facts.clock.time_after(value, bound, "down")
    if form is None or not form.bears_on_departures:
        return f"no plan{roads} can do it {'sooner' if value - bound < 1.0 else f'before {before}'}"
    own = plan.price.form_lower_bound_s if plan.price is not None else 0.0
    if own < bound + 1.0:
        best = "sooner" if value - bound < 1.0 else f"before {before}"
        return f"no plan{roads}, in this form or without it, can do it {best}"
    best = "sooner" if value - own < 1.0 else f"before {facts.clock.time_after(value, own, 'down')}"
    return f"no plan{roads} of this form can do it {best}, and none without the form before {before}"


def no_plan_more(facts: Facts) -> str:
    """What the bound says about people."""
    bound, planned, form = facts.plan.persons_upper_bound, facts.plan.persons_planned, facts.plan.form
    if not math.isfinite(bound):
        return "how many more another plan could bring is not known"
    which = "no plan" + roads_words(form)
    which += ", in this form or without it," if form is not None and form.bears_on_departures else ""
    if bound - planned < 1.0:
        return f"{which} can bring more"
    by = facts.clock.long(facts.plan.certificate.horizon_s, "down")
    most = math.floor(bound + 1e-6) + (facts.earlier.arrived if facts.earlier is not None else 0)
    return f"{which} can bring more than {count(most)} by {by}"


def key_figures(facts: Facts) -> list[tuple[str, str, str]]:
    """(label, figure, note) for the row of figures beneath the answer."""
    plan, clock = facts.plan, facts.clock
    status = STATUS_WORDS.get(plan.status, plan.status)
    figures = [people_figure(facts), left_out_figure(facts)]
    if plan.persons_planned > 0:
        ninety = facts.time_of_share(0.9)
        figures[:0] = [
            ("All planned have arrived", clock.short(plan.clearance_time_s, "up"), after(plan.clearance_time_s, "up")),
            (
                "90 % of them have arrived" if facts.earlier is None else "90 % of those still to come",
                clock.short(ninety, "up"),
                f"{after(ninety, 'up')}; the figure for decisions (NUREG/CR-7002)",
            ),
            bound_figure(facts),
            ("Gap to the bound", percent(plan.gap, 1 if plan.gap < 0.1 else 0), status),
        ]
    return figures


def people_figure(facts: Facts) -> tuple[str, str, str]:
    """How many are planned, of how many; with those who had arrived before where there are any."""
    share = facts.safe_or_planned / facts.total if facts.total else math.nan
    if facts.earlier is not None:
        note = f"{percent(share, 1)} of {count(facts.total)}{earlier_words(facts)}"
        return "People arrived or planned", count(facts.safe_or_planned), note
    fleet = float(facts.plan.movements.vehicles.sum())
    note = f"{percent(share, 1)} of {count(facts.present)} present, in {vehicles(fleet)}"
    return "People planned", count(facts.plan.persons_planned), note


def after(seconds: float, rounding: str) -> str:
    return f"{duration(seconds, rounding)} after the start"


def bound_figure(facts: Facts) -> tuple[str, str, str]:
    """The bound, on time or on people."""
    plan, clock, form = facts.plan, facts.clock, facts.plan.form
    scope = roads_words(form) + (", with or without the form" if form is not None and form.bears_on_departures else "")
    if facts.is_clearance:
        bound = plan.clearance_lower_bound_s
        return "No plan before", clock.short(bound, "down"), f"{after(bound, 'down')}; lower bound{scope}"
    by = clock.short(plan.certificate.horizon_s, "down")
    most = math.floor(plan.persons_upper_bound + 1e-6) + (facts.earlier.arrived if facts.earlier is not None else 0)
    return "No plan more than", count(most), f"people by {by}; upper bound{scope}"


def left_out_figure(facts: Facts) -> tuple[str, str, str]:
    """How many are left out, and why."""
    rows = left_out_by_reason(facts.plan.left_out)
    note = joined(f"{count(persons)}{NO_BREAK}{reason.value}" for reason, persons, _ in rows) or "everyone is planned"
    return "Left out", count(sum(persons for _, persons, _ in rows)), note
