"""How a plan was made to hold: for plan.json, for margins.csv, and in words (docs/hold.md)."""

from __future__ import annotations

from typing import Any

from clearway.model.margin import Held, Round
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish.figures import tidy
from clearway.publish.sections import Cell, name_cell, number_cell, table
from clearway.publish.wording import count, duration, text

MARGINS = "margins.csv"
MARGIN_COLUMNS = ("link_id", "share")


def hold_document(plan: Plan) -> dict[str, Any] | None:
    """The ``hold`` of plan.json; None where it was not tried."""
    held = plan.held
    if held is None:
        return None
    result = held.result
    return {
        "holds": result.holds,
        "tolerance": tidy(held.tolerance),
        "capacity_share": tidy(held.margin.share),
        "lead_s": tidy(held.margin.lead_s),
        "simulated_clearance_time_s": tidy(result.simulated_s),
        "simulated_share": tidy(result.ratio),
        "missing_persons": tidy(result.missing),
        "platoons": [tidy(size) for size in held.platoons],
        "driven_capacity_share": tidy(held.driven_share),
        "price_s": tidy(result.planned_s - held.free.planned_s),
        "price_persons": tidy(held.free.planned_persons - result.planned_persons),
        "chosen_round": held.chosen + 1,
        "rounds": [round_document(each) for each in held.rounds],
    }


def round_document(each: Round) -> dict[str, Any]:
    """One plan that was made and driven."""
    return {
        "capacity_share": tidy(each.share),
        "links_with_less": each.n_links,
        "lead_s": tidy(each.lead_s),
        "planned_clearance_time_s": tidy(each.planned_s),
        "planned_persons": tidy(each.planned_persons),
        "simulated_clearance_time_s": tidy(each.simulated_s),
        "missing_persons": tidy(each.missing),
        "holds": each.holds,
    }


def margins_csv(plan: Plan, scenario: Scenario) -> str | None:
    """The table of links with a share of their own; None where the plan was not made to hold."""
    if plan.held is None:
        return None
    ids = scenario.network.link_ids
    lines = [",".join(MARGIN_COLUMNS)]
    for link, share in plan.held.margin.link_shares:
        name = ids[link]
        if any(sign in name for sign in ',"\r\n'):
            name = '"' + name.replace('"', '""') + '"'
        lines.append(f"{name},{tidy(share)}")
    return "\n".join(lines) + "\n"


def hold_sentences(plan: Plan) -> list[str]:
    """Whether the plan holds, what room it leaves for that, and what this costs: a sentence each."""
    held = plan.held
    if held is None:
        return []
    result, free = held.result, held.free
    tried = "one plan" if len(held.rounds) == 1 else f"{len(held.rounds)} plans"
    where = f" on roads that carry {held.driven_share:.0%}" if held.driven_share != 1 else ""
    if result.holds:
        first = (
            f"The plan holds: driven in simulation{where}, everybody is there by {result.ratio:.3f} times its planned "
            f"clearance time ({tried} made and driven)."
        )
    else:
        first = f"The plan does NOT hold{where}, the best of {tried}: {faults_of(result, held)}."
    sentences = [first, room_sentence(held)]
    if held.chosen == 0:
        return sentences
    later = result.planned_s - free.planned_s
    fewer = free.planned_persons - result.planned_persons
    before = "held too" if free.holds else f"did not hold: {faults_of(free, held)}"
    if fewer >= 0.5:
        price = f"The price: {count(fewer)} people fewer are planned for than without that room"
    else:
        more = f"{duration(abs(later))} ({abs(later) / free.planned_s:.1%}) {'later' if later >= 0 else 'sooner'}"
        if abs(later) < 1:
            more = "no later"
        price = f"The price: it clears {more} than the plan without that room"
    return [*sentences, f"{price}, which {before}."]


def faults_of(each: Round, held: Held) -> str:
    """What keeps a plan from holding, in words."""
    words = []
    if each.planned_s > 0 and each.simulated_s > (1 + held.tolerance) * each.planned_s:
        words.append(f"the last arrived at {each.ratio:.2f} times the planned clearance time")
    if each.missing >= 0.5:
        words.append(f"{count(each.missing)} people did not arrive")
    fewer = held.free.planned_persons - each.planned_persons
    if fewer >= 0.5:
        words.append(f"{count(fewer)} people were left out whom the plan without room moves")
    return " and ".join(words) or "it does not"


def room_sentence(held: Held) -> str:
    """What room the plan leaves."""
    margin = held.margin
    if margin.is_none:
        return "It needs no room beyond what the scenario asks."
    words = []
    if margin.share < 1:
        words.append(f"{1 - margin.share:.1%} of the capacity of every road")
    if margin.link_shares:
        least = min(share for _, share in margin.link_shares)
        n = len(margin.link_shares)
        words.append(f"up to {1 - least:.0%} of that of {'one road' if n == 1 else f'{n:,} roads'} ({MARGINS})")
    if margin.lead_s:
        words.append(f"{margin.lead_s / 60:g} minutes before every closure")
    return f"It leaves room: {', '.join(words)}."


def hold_html(plan: Plan) -> str:
    """The sentences and the rounds as a small table; empty where it was not tried."""
    held = plan.held
    if held is None:
        return ""
    told = "".join(f"<p>{text(sentence)}</p>" for sentence in hold_sentences(plan))
    if len(held.rounds) == 1:
        return told
    rows: list[list[Cell]] = [
        [
            name_cell(f"{i + 1}{' (this plan)' if i == held.chosen else ''}"),
            ("num", f"{each.share:.5f}", f"{each.share:.1%}"),
            number_cell(each.n_links),
            ("num", f"{each.lead_s:.0f}", f"{each.lead_s / 60:g}"),
            ("num", f"{each.planned_s:.0f}", f"{each.planned_s / 3600:.2f}"),
            ("num", f"{each.simulated_s:.0f}", f"{each.simulated_s / 3600:.2f}"),
            number_cell(each.missing),
            ("name", "", "holds" if each.holds else "does not hold"),
        ]
        for i, each in enumerate(held.rounds)
    ]
    heads = [
        ("name", "Plan"),
        ("num", "Capacity used"),
        ("num", "Roads with less"),
        ("num", "Minutes before closures"),
        ("num", "Planned (h)"),
        ("num", "Simulated (h)"),
        ("num", "Did not arrive"),
        ("name", "Driven"),
    ]
    return told + "<details><summary>How the plan was made to hold</summary>{}</details>".format(
        table("Plans made and driven", heads, rows)
    )
