"""The form of a plan and its price: for plan.json, for reversals.csv, and in words."""

from __future__ import annotations

from typing import Any

from clearway.model.form import Form, Reversal
from clearway.model.plan import BoundKind, Plan
from clearway.model.scenario import Scenario
from clearway.publish.figures import tidy
from clearway.publish.wording import duration, joined, people, percent

REVERSALS = "reversals.csv"
SAME_PERSONS = 0.5
REVERSAL_COLUMNS = ("segment", "link_id", "opposite_link_id", "from_s", "lanes")


def form_document(plan: Plan, scenario: Scenario) -> dict[str, Any] | None:
    """The ``form`` of plan.json; None where the plan keeps to none."""
    form = plan.form
    if form is None or form.is_free:
        return None
    network = scenario.network
    flow = form.contraflow
    return {
        "routes_per_zone": form.routes_per_zone,
        "routes_of_zone": dict(form.routes_of_zone),
        "convergent": form.is_convergent,
        "wave_s": tidy(form.wave_s),
        "waves": form.waves,
        "reserves": [
            {"target": r.target, "share": tidy(r.share), "veh_per_h": tidy(r.veh_per_h)} for r in form.reserves
        ],
        "contraflow": None
        if flow is None
        else {"crews": flow.crews, "lead_s": tidy(flow.lead_s), "kept_share": tidy(flow.kept_share)},
        "reversals": [
            {
                "link_id": network.link_ids[r.link],
                "from_s": tidy(r.from_s),
                "lanes": tidy(r.lanes),
                "segment": r.segment,
            }
            for r in form.reversals
        ],
        "price": price_document(plan),
    }


def price_document(plan: Plan) -> dict[str, Any] | None:
    """What the form costs against the free plan of the same run."""
    price = plan.price
    if price is None:
        return None
    free = price.free_clearance_s
    return {
        "free_clearance_time_s": tidy(free),
        "free_persons": tidy(price.free_persons),
        "free_lower_bound_s": tidy(price.free_lower_bound_s),
        "form_lower_bound_s": tidy(price.form_lower_bound_s),
        "reversed_clearance_time_s": tidy(price.reversed_clearance_s),
        "extra_s": tidy(plan.clearance_time_s - free),
        "extra_share": tidy(plan.clearance_time_s / free - 1) if free > 0 else None,
        "extra_left_out": tidy(price.free_persons - plan.persons_planned),
    }


def reversals_csv(plan: Plan, scenario: Scenario) -> str | None:
    """The table of reversed lanes; None where there are none."""
    if plan.form is None or not plan.form.reversals:
        return None
    network = scenario.network
    lines = [",".join(REVERSAL_COLUMNS)]
    for r in plan.form.reversals:
        name = '"' + r.segment.replace('"', '""') + '"'
        opposite = network.link_ids[int(network.reverse[r.link])]
        lines.append(f"{name},{network.link_ids[r.link]},{opposite},{tidy(r.from_s)},{tidy(r.lanes)}")
    return "\n".join(lines) + "\n"


def form_words(form: Form) -> list[str]:
    """What a form asks for, in phrases."""
    words = []
    if form.routes_per_zone or form.routes_of_zone:
        most = form.routes_per_zone
        usual = ("one way" if most == 1 else f"{most} ways") if most else "any number of ways"
        special = [f"{zone} {n}" for zone, n in form.routes_of_zone]
        words.append(f"{usual} a zone" + (f" ({', '.join(special)})" if special else ""))
    if form.is_convergent:
        words.append("one way out of each junction at a time")
    if form.wave_s:
        words.append(f"departures in waves of {form.wave_s / 60:g} minutes")
    if form.waves:
        words.append(f"{'one window' if form.waves == 1 else f'at most {form.waves} windows'} a part")
    for r in form.reserves:
        kept = f"{r.share:.0%}" if r.share else f"{r.veh_per_h:g} vehicles an hour"
        words.append(f"{kept} of {r.target} kept free")
    if form.contraflow is not None:
        crews = form.contraflow.crews
        words.append(f"lanes reversed by {'one crew' if crews == 1 else f'up to {crews} crews'}")
    return words


def roads_words(form: Form | None) -> str:
    """What a bound holds for where a form changes the roads: " with these lanes reversed"; empty where it does not."""
    words = ["with this kept free for inbound traffic"] if form is not None and form.reserves else []
    words += ["with these lanes reversed"] if form is not None and form.reversals else []
    return f" {joined(words)}" if words else ""


def is_cut_short(plan: Plan) -> bool:
    """Whether the plan without the form ran out of time: no form of routes, windows or reserves gains a place."""
    price, form = plan.price, plan.form
    if price is None or form is None or form.reversals:
        return False
    return plan.persons_planned >= price.free_persons + SAME_PERSONS


def price_clause(plan: Plan) -> str:
    """ "the form costs 2 h 19 min (4.5 %) against the plan without it"; empty where it has no price."""
    price, form = plan.price, plan.form
    if price is None or form is None or form.is_free or price.free_clearance_s <= 0:
        return ""
    extra = plan.clearance_time_s - price.free_clearance_s
    fewer = price.free_persons - plan.persons_planned
    if is_cut_short(plan):
        return "what the form costs is not known, for the plan without it was not finished in time"
    name = "the form" if form.bears_on_departures else "keeping room free" if form.reserves else "reversing lanes"
    if form.bears_on_departures and form.reversals:
        name = "the form with its reversed lanes"
    time = f"{duration(abs(extra))} ({percent(abs(extra) / price.free_clearance_s, 1)})"
    costs = [f"{people(fewer)} a place"] if fewer >= SAME_PERSONS else []
    gains = [f"{people(-fewer)} a place"] if fewer <= -SAME_PERSONS else []
    (costs if extra > 0 else gains).extend([time] if abs(extra) >= 1 else [])
    if not costs and not gains:
        return f"{name} costs nothing against the plan without it"
    parts = [f"costs {joined(costs)}"] if costs else []
    parts += [f"gains {joined(gains)}"] if gains else []
    return f"{name} {joined(parts)} against the plan without it"


def form_sentences(plan: Plan, scenario: Scenario) -> list[str]:
    """What the form is, what it costs, which lanes are reversed and what that gains: a sentence each."""
    form, price = plan.form, plan.price
    if form is None or form.is_free or price is None:
        return []
    sentences = [f"The plan keeps to a form: {'; '.join(form_words(form))}."]
    sentences += price_sentences(plan)
    sentences += form_bound_sentences(plan)
    sentences += reversal_sentences(plan, scenario)
    return sentences


def form_bound_sentences(plan: Plan) -> list[str]:
    """The bound of the form itself, where it is later than that of all plans."""
    price = plan.price
    if price is None or plan.certificate.kind != BoundKind.CLEARANCE:
        return []
    floor = price.form_lower_bound_s
    if floor <= plan.clearance_lower_bound_s:
        return []
    gap = plan.clearance_time_s / floor - 1
    return [
        f"No plan of this form can clear before {duration(floor, 'down')} after the start: it is within "
        f"{percent(gap, 1)} of that."
    ]


def price_sentences(plan: Plan) -> list[str]:
    """How many fewer people it moves than the free plan, and how much later: never one without the other."""
    price, form = plan.price, plan.form
    if price is None or form is None or price.free_clearance_s <= 0:
        return []
    free, extra = price.free_clearance_s, plan.clearance_time_s - price.free_clearance_s
    fewer = price.free_persons - plan.persons_planned
    if form.reversals and not (form.bears_on_departures or form.reserves) and fewer < SAME_PERSONS:
        return []  # what reversing gains is said below
    later = f"{duration(abs(extra))} ({percent(abs(extra) / free, 1)}) {'later' if extra >= 0 else 'sooner'}"
    if abs(extra) < 1:
        later = "no later"
    whole = f"The plan without any of it moves {people(price.free_persons)} within {duration(free, 'up')}"
    if is_cut_short(plan):
        return [
            f"{whole} as far as it was found in time, fewer than this one: what the form costs is not known. Allow "
            "more with --time-limit."
        ]
    if fewer >= SAME_PERSONS:
        return [f"{whole}; this one moves {people(fewer)} fewer, and the last of those it does move arrives {later}."]
    more = f"moves {people(-fewer)} more, and " if fewer <= -SAME_PERSONS else "moves as many, and "
    return [f"{whole}; this one {more}the last arrives {later}."]


def reversal_sentences(plan: Plan, scenario: Scenario) -> list[str]:
    """Which lanes are reversed, from when, and what it gains."""
    form, price = plan.form, plan.price
    if form is None or form.contraflow is None or price is None:
        return []
    if not form.reversals:
        return ["No reversal of lanes was found that gains anything."]
    by_segment: dict[str, list[tuple[float, float]]] = {}
    for r in form.reversals:
        by_segment.setdefault(r.segment, []).append((r.from_s, r.lanes))
    sentences = []
    for name, rows in by_segment.items():
        lanes = min(lanes for _, lanes in rows)
        what = "one lane" if lanes == 1 else f"{lanes:g} lanes"
        at = scenario.clock(rows[0][0])
        sentences.append(f"Reversed from {at:%a %H:%M}: {name}, {what} of the opposite direction.")
        sentences.append(inbound_sentence([r for r in form.reversals if r.segment == name], scenario))
    gain = price.free_clearance_s - price.reversed_clearance_s
    if price.reversed_clearance_s > 0 and price.free_clearance_s > 0:
        sentences.append(
            f"Reversing takes {duration(gain)} ({percent(gain / price.free_clearance_s, 1)}) off the clearance time of "
            f"{duration(price.free_clearance_s, 'up')}."
        )
    return sentences


def inbound_sentence(rows: list[Reversal], scenario: Scenario) -> str:
    """What becomes of traffic the other way on one reversed segment, by the crossing's name and from when."""
    network = scenario.network
    crossings = [c.name or c.crossing_id for c in scenario.crossings if rows[0].link in c.links]
    name = crossings[0] if crossings else rows[0].segment
    at = scenario.clock(rows[0].from_s)
    left = min(float(network.lanes[network.reverse[r.link]]) - r.lanes for r in rows)
    if left < 0.5:
        return f"Inbound traffic on {name} ends on {at:%A %H:%M}: from then on nobody can come in there, help included."
    lanes = "one lane is" if left < 1.5 else f"{left:g} lanes are"
    return f"For inbound traffic on {name} {lanes} left from {at:%A %H:%M} on."
