"""A plan chosen over many futures, told: what it gains in the bad ones, what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clearway.model.scenario import Scenario
from clearway.publish.page import Page, render_page
from clearway.publish.sections import Cell, number_cell, table
from clearway.publish.wording import Clock, count, duration, percent, text

HEADS = (
    ("name", "Plan"),
    ("way", "How it is made"),
    ("time", "Planned clearance"),
    ("num", "Persons safe, mean"),
    ("num", "Mean of the worst futures"),
    ("num", "Fewest"),
)


def reserve_words(where: str) -> str:
    """That a plan without reserve is one for another scenario, and ``where`` that is."""
    return (
        f"The plan leaves nothing of the capacities in reserve: it is feasible in {where}, the same scenario with "
        "capacity_factor 1, and not in the one that was given."
    )


def robust_sentences(document: dict[str, Any], where: str) -> list[str]:
    """
    What was chosen, what it gains on futures not used to choose it, and its price.

    ``where`` is how the scenario of a plan without reserve is called.
    """
    worst = f"the worst {percent(document['alpha'], 0)} of futures"
    judged, price = document["judged"], document["price"]
    nominal = judged["nominal"]
    n = document["futures"]["judging"]
    if document["chosen"] == "nominal":
        return [
            f"The nominal plan is the best of {len(document['candidates'])}: nothing is gained by planning otherwise.",
            f"In {n} futures it was not chosen by, it brings {count(nominal['expected'])} people to safety on average, "
            f"and {count(nominal['cvar'])} in {worst}.",
        ]
    by = "persons safe on average" if document["measure"] == "expected" else f"persons safe in {worst}"
    cvar, mean = judged["difference"]["cvar"], judged["difference"]["expected"]
    clearance = price["clearance_time_s"]
    later = f"{duration(abs(clearance))} {'later' if clearance >= 0 else 'sooner'}"
    lost = price["expected_persons"]
    fewer = f"{count(lost)} fewer" if lost >= 1 else "no fewer"
    costs = (
        f"The price of robustness: planned clearance {later} ({percent(price['clearance_share'], 1)}), "
        f"and on average {fewer} persons safe."
    )
    proven = (
        ""
        if document["is_better"]
        else " The interval holds no gain, too: on these futures it is not shown to be better."
    )
    return [
        f"Chosen of {len(document['candidates'])} plans by {by}: {document['chosen']} ({document['words']}).",
        f"In {n} futures not used to choose it, {worst} have {count(judged['chosen']['cvar'])} persons safe, "
        f"against {count(nominal['cvar'])} with the nominal plan: {interval(cvar)}; on average "
        f"{count(judged['chosen']['expected'])} against {count(nominal['expected'])}: {interval(mean)}.{proven}",
        costs,
        *([reserve_words(where)] if document["scenario"] else []),
    ]


def interval(difference: dict[str, float]) -> str:
    """ "+1,200 (95 % between +300 and +2,000)"."""
    return f"{difference['value']:+,.0f} (95 % between {difference['low']:+,.0f} and {difference['high']:+,.0f})"


def robust_page(document: dict[str, Any], scenario: Scenario) -> str:
    """The whole page as text."""
    sentences = robust_sentences(document, "the folder scenario beside this page")
    judged, price = document["judged"], document["price"]
    clock = Clock(scenario, max(each["clearance_time_s"] for each in document["candidates"]))
    worst = f"in the worst {percent(document['alpha'], 0)}"
    more = duration(abs(price["clearance_time_s"]))
    figures = [
        ("Chosen", document["chosen"], f"of {len(document['candidates'])} plans"),
        (f"Persons safe {worst}", count(judged["chosen"]["cvar"]), f"nominal: {count(judged['nominal']['cvar'])}"),
        ("Gain there", f"{judged['difference']['cvar']['value']:+,.0f}", _between(judged["difference"]["cvar"])),
        ("Persons safe, mean", count(judged["chosen"]["expected"]), f"nominal: {count(judged['nominal']['expected'])}"),
        ("Difference of the means", f"{judged['difference']['expected']['value']:+,.0f}",
         _between(judged["difference"]["expected"])),
        ("Planned clearance", more, "later than nominal" if price["clearance_time_s"] >= 0 else "sooner than nominal"),
    ]  # fmt: skip
    said = "".join(f"<p>{text(sentence)}</p>" for sentence in sentences[1:])
    rows = [_row(each, each["name"] == document["chosen"], clock) for each in document["candidates"]]
    aside = "".join(f"<li>{text(each['name'])}: {text(each['reason'])}</li>" for each in document["left_aside"])
    n = document["futures"]
    sections = [
        f"<section><h2>What it gains, what it costs</h2>{said}"
        '<p><a href="plan/report.html">The chosen plan</a></p></section>',
        f"<section><h2>The plans tried, on the {n['choosing']} futures used to choose</h2>"
        f"{table('The plans tried', HEADS, rows)}{f'<p>Left aside:</p><ul>{aside}</ul>' if aside else ''}"
        '<p class="note">The best of many looks better here than it is; the figures above are of other futures.</p>'
        "</section>",
        _reading(document),
    ]
    lead = (
        f"All plans were driven in the same {n['choosing']} futures and the best was kept; it and the nominal plan "
        f"were driven in {n['judging']} further ones."
    )
    return render_page(Page("A plan chosen over many futures", sentences[0], lead, figures, sections), scenario)


def _between(difference: dict[str, float]) -> str:
    return f"95 % between {difference['low']:+,.0f} and {difference['high']:+,.0f}"


def _row(each: dict[str, Any], is_chosen: bool, clock: Clock) -> list[Cell]:
    name = f"<strong>{text(each['name'])}</strong> (chosen)" if is_chosen else text(each["name"])
    return [
        ("name", "", name),
        ("way", "", text(each["words"])),
        ("time", f"{each['clearance_time_s']:.0f}", clock.short(each["clearance_time_s"], "up")),
        number_cell(each["choosing"]["expected"]),
        number_cell(each["choosing"]["cvar"]),
        number_cell(each["choosing"]["fewest"]),
    ]


def _reading(document: dict[str, Any]) -> str:
    scenario = "scenario" if document["scenario"] else "SCENARIO"
    return (
        "<section><h2>How to read and check this</h2><p>Every plan here is feasible in the scenario as it is stated "
        "(no-reserve: with all of the capacities); it differs from the nominal one in who leaves when and by which "
        f"way. Futures are drawn from the distributions that the scenario states (seed {document['seed']}) and driven "
        "in the simulation, where people who come to a "
        "lost crossing look for another way; nobody plans anew. Prepare for that with "
        "<code>clearway contingencies</code>.</p>"
        "<p>In the folder of this page:</p>"
        f"<pre><code>clearway check {scenario} plan</code></pre></section>"
    )


def futures_rows(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """futures.csv: a row for each future, a column for each plan; empty where it was not driven."""
    return "".join(",".join(str(cell) for cell in row) + "\n" for row in (("future", *names), *rows))
