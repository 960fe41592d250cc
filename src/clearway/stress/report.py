"""The page of a stress run: one HTML file that opens from disk, offline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.resources import files
from string import Template
from typing import Any

from clearway import __version__
from clearway.model.scenario import Scenario
from clearway.publish.report import asset, policy
from clearway.publish.sections import Cell, bar, name_cell, number_cell, table, time_cell
from clearway.publish.wording import DAY_S, Clock, count, duration, people, percent, text
from clearway.stress.charts import chance_svg, distribution_svg
from clearway.stress.job import Record
from clearway.stress.summary import value_or

Document = dict[str, Any]
WIDE_CARDS = "\n.cards { grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); }\n"
OUTPUT_WORDS = {
    "persons_safe": "People safe",
    "persons_not_out": "People who set out and are not safe",
    "last_arrival_s": "The last arrival",
}


def render_stress(document: Document, scenario: Scenario, records: Sequence[Record]) -> str:
    """The whole page as text; nothing is loaded from anywhere, and there is no script."""
    clock = Clock(scenario, max(scenario.horizon_s, DAY_S))
    style = asset("report.css") + WIDE_CARDS
    page = Template((files("clearway.stress") / "report.html").read_text("utf-8")).substitute(
        title=text(f"{scenario.name}: the plan under stress"),
        name=text(scenario.name),
        policy=policy(style, ""),
        style=style,
        version=text(__version__),
        answer=text(answer(document)),
        futures=count(document["futures"]),
        time_zone=text(clock.zone_name),
        figures=key_figures(document, clock),
        leeway=leeway_html(document, clock),
        curves=curves_html(document, records),
        table=results_table(document, clock),
        sensitivity=sensitivity_html(document),
        worst=worst_table(document, clock),
        seed=document["seed"],
        stated=stated_table(document),
        technical=technical(document),
        scenario_hash=text(document["scenario_hash"] or "-"),
    )
    return page.encode("utf-8", "replace").decode("utf-8")


def answer(document: Document) -> str:
    """What it comes to, in one sentence."""
    found = document["results"]
    chance = found["all_out"]
    safe = found["persons_safe"]
    return (
        f"In {percent(chance['value'])} of {count(document['futures'])} futures all who set out reach safety; "
        f"on average {people(safe['mean']['value'])} do, in the worst 5 % {count(safe['cvar_05']['value'])}."
    )


def key_figures(document: Document, clock: Clock) -> str:
    found = document["results"]
    low, high = found["all_out"]["interval_95"]
    safe, out, late = found["persons_safe"], found["persons_not_out"], found["last_arrival_s"]
    planned = document["plan"]
    rows = [
        ("All get out", percent(found["all_out"]["value"]), f"of the futures; {percent(low)} to {percent(high)}"),
        (
            "Safe, on average",
            count(safe["mean"]["value"]),
            f"of {count(found['persons_departing']['mean']['value'])} who set out or would; "
            f"planned: {count(planned['persons_planned'])}",
        ),
        ("Safe, worst 5 %", count(safe["cvar_05"]["value"]), "on average of these (CVaR)"),
        ("Not safe, on average", count(out["mean"]["value"]), f"worst 5 %: {count(out['cvar_05']['value'])}"),
        ("Trapped, on average", count(found["persons_trapped"]["mean"]["value"]), "on a road that closed"),
        ("Last arrival", clock.short(late["quantile_50"]["value"], "up"), "in half of the futures by then"),
    ]
    return "".join(
        f'<div class="figure"><dt>{text(label)}</dt><dd><b>{text(figure)}</b><span class="note">{text(note)}</span>'
        "</dd></div>"
        for label, figure, note in rows
    )


def curves_html(document: Document, records: Sequence[Record]) -> str:
    """Persons safe and clearance."""
    planned = document["plan"]
    safe = [r["safe"] for r in records]
    hours = [value_or(r["clearance_time_s"], math.inf) / 3600.0 for r in records]
    last = [r["last_arrival_s"] / 3600.0 for r in records]
    clearance = value_or(planned["clearance_time_s"], math.inf) / 3600.0
    charts = [
        ("People safe", distribution_svg(safe, "people safe", planned["persons_planned"], "People safe")),
        ("Clearance time", distribution_svg(hours, "hours until all who set out are safe", clearance, "Clearance")),
        ("Last arrival", distribution_svg(last, "hours until the last who arrives does", clearance, "Last arrival")),
    ]
    return "".join(f'<div class="card"><h3>{title}</h3>{svg}</div>' for title, svg in charts)


def figure_words(figure: dict[str, Any], clock: Clock | None) -> str:
    """A figure with its interval."""

    def word(value: float | None) -> str:
        if value is None:
            return "never"
        return count(value) if clock is None else duration(value)

    low, high = figure["interval_95"]
    return f'{text(word(figure["value"]))}<br><span class="note">({text(word(low))} to {text(word(high))})</span>'


def results_table(document: Document, clock: Clock) -> str:
    rows: list[list[Cell]] = []
    names = {
        "persons_safe": ("People safe", None),
        "persons_not_out": ("Set out, not safe", None),
        "persons_trapped": ("Trapped", None),
        "persons_turned_away": ("Turned away", None),
        "clearance_time_s": ("Clearance time", clock),
        "last_arrival_s": ("Last arrival", clock),
    }
    for key, (label, unit) in names.items():
        found = document["results"][key]
        columns = ("mean", "quantile_05", "quantile_50", "quantile_95", "cvar_05")
        rows.append([name_cell(label), *(("num", "", figure_words(found[name], unit)) for name in columns)])
    heads = [("name", ""), ("num", "Mean"), ("num", "5 %"), ("num", "Median"), ("num", "95 %"), ("num", "Worst 5 %")]
    return table("Results of all futures", heads, rows)


def sensitivity_html(document: Document) -> str:
    """Bars of total and first-order indices for each output."""
    found = document["sensitivity"]
    if found is None:
        return "<p>Left out; <code>--sensitivity 64</code> works it out.</p>"
    parts = [
        "<p>Total: the share of the variance that would stay if all else were known. First order: the share that would "
        f"go if this alone were known (Sobol’ indices, {count(found['futures'])} futures of their own).</p>"
    ]
    if found["sample_too_small"]:
        parts.append(
            '<p class="hint">The sample is small: intervals are up to '
            f"{found['widest_interval']:.2f} wide. Take the order as a hint; a larger "
            "<code>--sensitivity</code> tells more."
            "</p>"
        )
    for key, label in OUTPUT_WORDS.items():
        output = found["outputs"][key]
        parts.append(f"<h3>{text(label)}</h3>")
        if not output["varies"]:
            parts.append("<p>The same in all futures.</p>")
            continue
        rows: list[list[Cell]] = [
            [name_cell(row["name"]), index_cell(row["total"]), index_cell(row["first_order"])]
            for row in output["inputs"]
        ]
        heads = [("name", "Uncertain"), ("num", "Total"), ("num", "First order")]
        parts.append(table(f"Sensitivity: {label}", heads, rows))
    return "".join(parts)


def index_cell(figure: dict[str, Any]) -> Cell:
    low, high = figure["interval_95"]
    value = figure["value"] or 0.0
    words = f'{max(value, 0.0):.2f} <span class="note">({low:.2f} to {high:.2f})</span><br>{bar(value)}'
    return "num", f"{value:.6g}", words


def leeway_html(document: Document, clock: Clock) -> str:
    """The latest starts, and the curve for everybody."""
    found = document["leeway"]
    if found is None:
        return ""
    wanted = percent(found["chance"])
    rows: list[list[Cell]] = []
    for row in found["starts"]:
        best = row["best_chance"]
        low, high = best["interval_95"]
        rows.append(
            [
                name_cell(row["name"]),
                (
                    "num",
                    f"{best['value']:.6g}",
                    f'{percent(best["value"])}<br><span class="note">({percent(low)} to {percent(high)})</span>',
                ),
                ("time", "", text(start_words(row, clock))),
            ]
        )
    everybody = found["starts"][0]
    svg = chance_svg(everybody["curve"], [point["interval_95"] for point in everybody["curve"]], found["chance"])
    heads = [("name", "Zone"), ("num", "Chance, started as planned"), ("time", f"Latest start with {wanted}")]
    return (
        f'<section id="leeway"><h2>The last safe start</h2><p>{text(leeway_sentence(found))}</p>'
        f'<div class="cards"><div class="card"><h3>Everybody later: chance that all get out</h3>{svg}</div></div>'
        f"{table('Latest starts', heads, rows)}"
        f'<p class="note">{count(found["futures"])} futures, the same for every zone and delay; a zone starts later '
        "while the others go as planned. Who gets out with a delay is taken to get out with every smaller one."
        "</p></section>"
    )


def start_words(row: dict[str, Any], clock: Clock) -> str:
    """When a zone, or everybody, must start at the latest."""
    if row["latest_start_s"] is None:
        return "not even as planned"
    later = row["latest_start_s"]
    words = "as planned, no later" if later == 0 else f"{duration(later)} later than planned"
    if row["is_last_asked"]:
        words += " (the latest asked about)"
    return f"{words}; order by {clock.short(later, 'down')}"


def leeway_sentence(found: dict[str, Any]) -> str:
    """The answer for everybody, plainly."""
    row = found["starts"][0]
    wanted, best = percent(found["chance"]), row["best_chance"]
    low, high = best["interval_95"]
    if row["latest_start_s"] is None:
        return (
            f"Even started as planned, all get out in {percent(best['value'])} of the futures only "
            f"({percent(low)} to {percent(high)}): no start has a chance of {wanted}."
        )
    sure = row["latest_start_sure_s"]
    sure_words = (
        "no start is sure to have it with so few futures"
        if sure is None
        else (f"with sampling error counted, {duration(sure)}")
    )
    return (
        f"Everybody may start {duration(row['latest_start_s'])} later than planned and all still get out in at least "
        f"{wanted} of the futures ({sure_words})."
    )


def worst_table(document: Document, clock: Clock) -> str:
    rows: list[list[Cell]] = []
    for one in document["worst"]:
        told = "; ".join(f"{name}: {value_words(value)}" for name, value in one["uncertainties"].items())
        rows.append(
            [
                name_cell(f"future {one['future']}"),
                number_cell(one["persons_safe"]),
                number_cell(one["persons_not_out"]),
                number_cell(one["persons_trapped"]),
                time_cell(clock, one["last_arrival_s"], "up"),
                ("name", "", f'<span class="note">{text(told)}</span>'),
            ]
        )
    heads = [
        ("name", ""),
        ("num", "Safe"),
        ("num", "Set out, not safe"),
        ("num", "Trapped"),
        ("time", "Last arrival"),
        ("name", "What came (losses: hours from the start)"),
    ]
    return table("The worst futures", heads, rows)


def value_words(value: float | str | None) -> str:
    if value is None:
        return "never"
    return value if isinstance(value, str) else f"{value:.3g}"


def stated_table(document: Document) -> str:
    rows: list[list[Cell]] = [
        [
            name_cell(one["name"]),
            ("name", "", text(one["target"])),
            ("name", "", text(one["stated"])),
            ("name", "", text(one["reason"] or "no reason given")),
        ]
        for one in document["uncertainties"]
    ]
    heads = [("name", "Uncertain"), ("name", "Of what"), ("name", "Stated"), ("name", "Why")]
    return table("What is stated", heads, rows)


def technical(document: Document) -> str:
    settings = ", ".join(f"{name} = {value}" for name, value in document["settings"].items())
    rows = [
        ("Scenario", document["scenario_hash"]),
        ("Plan", document["plan_hash"]),
        ("Uncertainty", document["uncertainty_hash"]),
        ("Seed", str(document["seed"])),
        ("Simulation", settings),
    ]
    return "".join(f"<dt>{text(label)}</dt><dd>{text(words)}</dd>" for label, words in rows)
