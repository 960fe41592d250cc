"""The page of the alternatives: for each crossing a table by the time of its loss."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish import contingencies as words
from clearway.publish.contingencies import Contingency
from clearway.publish.page import Page, render_page
from clearway.publish.sections import Cell, lines, number_cell, table
from clearway.publish.wording import Clock, count, duration, people, text

HEADS = (
    ("time", "Lost on"),
    ("way", "Who goes another way"),
    ("way", "The others"),
    ("num", "On the road: turn back, diverted"),
    ("time", "Last arrival"),
    ("num", "Can no longer be saved"),
    ("way", "Why"),
    ("name", "Check"),
)


def contingencies_page(found: Sequence[Contingency], idle: Sequence[int], plan: Plan, scenario: Scenario) -> str:
    """The whole page as text."""
    clock = Clock(scenario, max([plan.clearance_time_s, *(each.clearance_s for each in found)]))
    sets = list(dict.fromkeys(each.crossings for each in found))
    sections = [_section([each for each in found if each.crossings == s], plan, scenario, clock) for s in sets]
    if idle:
        names = ", ".join(words.crossing_name(scenario, c) for c in idle)
        sections.append(
            f"<section><p>Not used by the plan, which stands if they are lost: {text(names)}.</p></section>"
        )
    sections.append(_reading())
    worst = max(found, key=lambda each: each.no_longer)
    faulty = sum(bool(each.faults) for each in found)
    headline = f"{len(found)} alternatives are prepared for the loss of {len(sets)} {_crossings(len(sets))}"
    if worst.no_longer >= words.FEW:
        lost = words.lost_words(worst, scenario)
        headline += f"; the worst, {lost} on {clock.long(worst.lost_s)}, leaves {people(worst.no_longer)} behind"
    else:
        headline += "; none leaves anyone behind who was to be saved"
    figures = [
        ("Alternatives", str(len(found)), f"for {len(sets)} {_crossings(len(sets))}"),
        ("Hold by check", str(len(found) - faulty), "none is faulty" if not faulty else f"{faulty} are faulty"),
        (
            "Planned without a loss",
            count(plan.persons_planned),
            f"people, by {clock.short(plan.clearance_time_s, 'up')}",
        ),
        ("Most left behind", count(worst.no_longer), "people who were to be saved"),
    ]
    lead = (
        "If a crossing is lost at the time named, this is what changes for whom, from where everybody is then under "
        "the plan. Leaving is voluntary: what is shown is what is possible for people who choose to leave."
    )
    return render_page(
        Page("Alternatives for the loss of crossings", f"{headline}.", lead, figures, sections), scenario
    )


def _crossings(n: int) -> str:
    return "crossing" if n == 1 else "crossings or sets of them"


def _section(rows: Sequence[Contingency], plan: Plan, scenario: Scenario, clock: Clock) -> str:
    name = words.lost_words(rows[0], scenario)
    body = [_row(each, plan, scenario, clock) for each in rows]
    return f"<section><h2><bdi>{text(name)}</bdi></h2>{table(f'If {name} is lost', HEADS, body)}</section>"


def _row(found: Contingency, plan: Plan, scenario: Scenario, clock: Clock) -> list[Cell]:
    later = found.clearance_s - plan.clearance_time_s
    who = [text(each) for each in words.who_words(found, scenario)] or ["nobody"]
    why = [
        f"{text(words.zone_name(scenario, row.zone))} {count(row.no_longer)}: "
        + "; ".join(text(f"{reason.value}{f' ({binding})' if binding else ''}") for reason, binding in row.why)
        for row in sorted(found.rerouted, key=lambda r: -r.no_longer)
        if row.no_longer >= words.FEW
    ]
    link = f'<a href="{quote(found.name)}/plan/report.html">{text(clock.short(found.lost_s))}</a>'
    verdict = "holds" if not found.faults else f"{len(found.faults)} faults"
    return [
        ("time", f"{found.lost_s:.0f}", link),
        ("way", "", lines(who)),
        ("way", "", text(words.others_words(found))),
        ("num", "", f"{count(found.turned_back)}, {count(found.diverted)}"),
        (
            "time",
            f"{found.clearance_s:.0f}",
            f'{clock.short(found.clearance_s, "up")}<br><span class="note">'
            f"{f'{duration(later)} later' if later >= 60 else 'no later'}</span>",
        ),
        number_cell(found.no_longer),
        ("way", "", lines(why)),
        ("name", "", text(verdict)),
    ]


def _reading() -> str:
    return (
        "<section><h2>How to read and check this</h2><p>Each alternative begins at the time of the loss: nobody knows "
        "of it before. Those on the lost crossing turn back; those on the road drive on as long as their way holds. "
        "Orders that hold are kept unless that costs more than the share asked for. If a crossing is lost between two "
        "of these times, take the nearest as a guide and plan again from where everybody is. "
        "<code>clearway losses</code> gives smaller figures for the same loss: there it is known beforehand, "
        "and everybody is planned anew.</p>"
        "<pre><code>clearway check ALTERNATIVE/scenario ALTERNATIVE/plan\n"
        "clearway replan SCENARIO PLAN --now TIME --changed SCENARIO2 --out DIR</code></pre></section>"
    )
