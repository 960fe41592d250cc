"""The report's section on a simulation: bound, plan and what happened, side by side."""

from __future__ import annotations

import math

from clearway.model.outcome import Outcome, Tally
from clearway.publish.facts import Facts
from clearway.publish.sections import Cell, name_cell, number_cell, table, time_cell
from clearway.publish.wording import count, duration, joined, people, percent, text

DRIVEN_KEY = '<li><i class="key-driven" aria-hidden="true"></i>arrived when the plan was driven</li>\n'
MOST_ROADS = 10
SOMEBODY = 0.5  # persons
TALLY_WORDS = (
    ("safe", "safe"),
    ("on_road", "still on the road"),
    ("at_home", "still at home, waiting to leave"),
    ("trapped", "trapped on roads that closed"),
    ("turned_away", "turned away: no site with beds left, or no way to it"),
    ("stayed", "stayed by choice or left too late"),
    ("not_asked", "not part of the plan and stayed"),
)


def tally_words(tally: Tally) -> str:
    """Where people are, in words: only what there is anyone in."""
    found = [f"{count(getattr(tally, name))} {words}" for name, words in TALLY_WORDS if getattr(tally, name) >= 0.5]
    return joined(found) or "nobody"


def outcome_sentence(outcome: Outcome, facts: Facts) -> str:
    """What happened, in one sentence, with what was planned beside it."""
    tally, plan = outcome.tally, facts.plan
    last = facts.clock.long(outcome.last_arrival_s, "up")
    planned = f"planned: {count(plan.persons_planned)} by {facts.clock.long(plan.clearance_time_s, 'up')}"
    if tally.safe <= 0:
        return f"When the plan was driven in simulation, nobody arrived by the horizon ({planned})."
    first = f"When the plan was driven in simulation, {count(tally.safe)} of {people(tally.total)} were safe by {last}"
    if outcome.plan_clearance_s > 0 and math.isfinite(outcome.clearance_time_s):
        ratio = outcome.clearance_time_s / outcome.plan_clearance_s
        planned += f"; {ratio:.2f} times the planned clearance time"
    rest = [
        f"{count(getattr(tally, name))} {words}"
        for name, words in TALLY_WORDS[1:]
        if getattr(tally, name) >= 0.5 and name != "not_asked"
    ]
    return f"{first} ({planned}){f'; {joined(rest)}' if rest else ''}."


def driven_figures(facts: Facts, outcome: Outcome) -> list[tuple[str, str, str]]:
    """(label, figure, note) for the row of figures: what the simulation found, and what was planned beside it."""
    tally, plan, clock = outcome.tally, facts.plan, facts.clock
    others = [(getattr(tally, name), words) for name, words in TALLY_WORDS if name in ("on_road", "at_home")]
    others.append((tally.turned_away, "turned away"))
    missing = [f"{count(n)} {words}" for n, words in others if n >= SOMEBODY]
    return [
        ("People safe", count(tally.safe), f"of {count(tally.total)}; planned: {count(plan.persons_planned)}"),
        (
            "Last arrival",
            clock.short(outcome.last_arrival_s, "up"),
            f"planned: {clock.short(plan.clearance_time_s, 'up')}",
        ),
        (
            "90 % have arrived",
            clock.short(outcome.time_90_s, "up"),
            f"planned: {clock.short(facts.time_of_share(0.9), 'up')}",
        ),
        ("Trapped", count(tally.trapped), "on roads that closed"),
        ("Not there for other reasons", count(sum(n for n, _ in others)), joined(missing) or "nobody"),
        (
            "No plan before",
            clock.short(plan.clearance_lower_bound_s, "down"),
            "lower bound, for all whom the plan moves",
        ),
    ]


def driven_html(facts: Facts) -> str:
    """The whole section; empty where nothing was simulated."""
    outcome = facts.outcome
    if outcome is None:
        return ""
    return (
        '<section id="driven"><h2>Will it hold? Bound, plan and simulation</h2>'
        f"{compared(facts, outcome)}{queues(facts, outcome)}"
        f"<p>Of {people(outcome.tally.total)}: {text(tally_words(outcome.tally))}. On the road they took "
        f"{duration(outcome.travel_s[1])} (median), at most {duration(outcome.travel_s[3])}; later than on empty roads "
        f"by {duration(outcome.delay_s[0])} on average, {duration(outcome.delay_s[2])} for one in ten, waiting at home "
        f"included.{exposure(outcome)}</p>"
        '<p class="note">A kinematic-wave simulation (link transmission model, junctions after Tampère et al. 2011): '
        "roads fill up, queues spill back, junctions are shared. It does not know accidents or breakdowns.</p>"
        "</section>"
    )


def exposure(outcome: Outcome) -> str:
    """Person-hours within hazards, where there are any."""
    road, home = outcome.exposure_road_s / 3600.0, outcome.exposure_home_s / 3600.0
    if road + home <= 0:
        return ""
    return f" Within hazards they spent {count(road)} person-hours on the road and {count(home)} at home."


def compared(facts: Facts, outcome: Outcome) -> str:
    """Bound, plan and simulation in one table."""
    ninety_planned = facts.time_of_share(0.9)
    rows: list[list[Cell]] = [
        [
            name_cell("No plan can do better"),
            number_cell(facts.plan.persons_upper_bound),
            time_cell(facts.clock, facts.plan.clearance_lower_bound_s, "down"),
            ("time", "", "-"),
        ],
        [
            name_cell("As planned"),
            number_cell(facts.plan.persons_planned),
            time_cell(facts.clock, facts.plan.clearance_time_s, "up"),
            time_cell(facts.clock, ninety_planned, "up"),
        ],
        [
            name_cell("As simulated"),
            number_cell(outcome.tally.safe),
            time_cell(facts.clock, outcome.last_arrival_s, "up"),
            time_cell(facts.clock, outcome.time_90_s, "up"),
        ],
    ]
    heads = [("name", ""), ("num", "People safe"), ("time", "Last arrival"), ("time", "90 % arrived")]
    return table("Bound, plan and simulation", heads, rows)


def queues(facts: Facts, outcome: Outcome) -> str:
    """The roads on which most time was lost."""
    record = outcome.links
    if record is None or not len(record.link):
        return ""
    lost = record.delayed_s.sum(axis=1)
    total = float(lost.sum())
    if total < 3600.0:
        return "<p>Hardly anyone lost time on the road.</p>"
    rows: list[list[Cell]] = []
    for i in lost.argsort(kind="stable")[::-1][:MOST_ROADS].tolist():
        if lost[i] < 0.005 * total:
            break
        worst = int(record.delayed_s[i].argmax())
        link = int(record.link[i])
        rows.append(
            [
                name_cell(facts.places.road(link)),
                number_cell(float(lost[i]) / 3600.0),
                ("num", f"{lost[i] / total:.4f}", percent(float(lost[i]) / total)),
                number_cell(float(record.delayed_s[i, worst]) / record.interval_s),
                time_cell(facts.clock, worst * record.interval_s),
            ]
        )
    heads = [
        ("name", "Road"),
        ("num", "Vehicle-hours lost"),
        ("num", "Share"),
        ("num", "Longest queue (vehicles)"),
        ("time", "at"),
    ]
    return "<h3>Where time is lost on the road</h3>" + table("Where time is lost", heads, rows)
