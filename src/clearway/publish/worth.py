"""The report's section on what crossings are worth: what the loss of each at each hour costs, what more of it buys."""

from __future__ import annotations

from collections.abc import Sequence

from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish.losses import LossRows, cut_short_lines, loss_sentences, losses_svg
from clearway.publish.places import Places
from clearway.publish.prices import CHANGE_WORDS, PriceRow, gain_words, is_worth, place_name
from clearway.publish.sections import Cell, name_cell, table
from clearway.publish.wording import count, text


def worth_html(losses: Sequence[LossRows], prices: Sequence[PriceRow], plan: Plan, scenario: Scenario) -> str:
    """A section with a chart of losses, their sentences and a table of prices."""
    noted = "".join(f"<p>{text(line)}</p>" for line in cut_short_lines(losses, scenario))
    said = "".join(f"<li>{text(line.strip())}</li>" for line in loss_sentences(losses, plan, scenario))
    drawing = losses_svg(losses, plan, scenario).replace(
        "<svg ", '<svg role="img" aria-label="Cost of the loss of each crossing by the hour of the loss" ', 1
    )
    return (
        '<section id="losses"><h2>What the loss of each crossing at each hour costs</h2>'
        "<p>If a crossing is lost for good at an hour, and that is known beforehand: no plan can cost less than the "
        "lower edge of the band, and a plan was found that costs no more than the upper one.</p>"
        f'{noted}<figure class="losses">'
        f"{drawing}</figure><details><summary>The same in words</summary><ul>{said}</ul></details>"
        f"<h3>What more capacity buys</h3>{prices_html(prices, scenario)}</section>\n"
    )


def prices_html(prices: Sequence[PriceRow], scenario: Scenario) -> str:
    """The table of prices; a sentence where nothing buys anything."""
    places = Places(scenario)
    heads = [("name", "Where"), ("name", "What"), ("num", "Vehicles an hour"), ("name", "Buys at most")]
    rows: list[list[Cell]] = []
    for row in prices:
        if is_worth(row):
            rate = "-" if row.kind == "hour" else count(row.vehicles_per_h)
            rows.append(
                [
                    name_cell(place_name(row, scenario, places)),
                    ("name", "", text(CHANGE_WORDS[row.kind])),
                    ("num", f"{row.vehicles_per_h:.6g}", rate),
                    ("name", f"{row.gain_s:.6g}", text(gain_words(row.gain_s, row.gain_persons))),
                ]
            )
    if not rows:
        return "<p>No more capacity on a single road of the cut helps by itself.</p>"
    note = "By the plan's own cut: another may bind before all of it is gained (clearway prices --solve tries it)."
    return table("What more capacity buys", heads, rows, "prices sortable") + f'<p class="note">{note}</p>'
