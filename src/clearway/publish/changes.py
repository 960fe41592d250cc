"""What a change of plan changes for whom: a table by zone, site and way, and sentences."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from clearway.model.plan import Movements, Plan, Routes
from clearway.model.scenario import Scenario
from clearway.model.state import State
from clearway.publish.facts import Facts
from clearway.publish.figures import tidy
from clearway.publish.sections import Cell, name_cell, number_cell, table
from clearway.publish.wording import Clock, count, people, text
from clearway.publish.zone_rows import WayNamer

COLUMNS = (
    "zone_id", "zone_name", "site_id", "site_name", "way", "change", "persons_before", "persons_kept", "persons_after",
    "leave_from_before", "leave_until_before", "leave_from_after", "leave_until_after",
)  # fmt: skip
CHANGES = ("unchanged", "other times", "more", "fewer", "new", "withdrawn")
SAME_PERSONS = 0.5
MOST_ROWS = 400


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """
    People of a zone who go to a site by a way: how many before and after, how many of them with the same orders, and
    when they leave (seconds from the state's moment; nan: nobody does). Sums of the columns are all people.
    """

    zone: int
    site: int
    way: str
    before: float
    kept: float
    after: float
    window_before: tuple[float, float]
    window_after: tuple[float, float]

    @property
    def change(self) -> str:
        """One word; see `CHANGES`."""
        if self.before < SAME_PERSONS:
            return "new"
        if self.after < SAME_PERSONS:
            return "withdrawn"
        if abs(self.after - self.before) < SAME_PERSONS + 1e-3 * self.before:
            return "unchanged" if self.kept > self.before - SAME_PERSONS - 1e-3 * self.before else "other times"
        return "more" if self.after > self.before else "fewer"


def change_rows(scenario: Scenario, plan: Plan, n_kept: int, before: tuple[Movements, Routes]) -> list[ChangeRow]:
    """
    One row per zone, site and way. ``scenario`` is the state's; the first ``n_kept`` movements of ``plan`` are orders
    kept; ``before`` are the old plan's orders as they stood, in the state's zones and sites.
    """
    old = replace(plan, movements=before[0], routes=before[1])
    amounts: dict[tuple[int, int, str], list[float]] = {}
    windows: dict[tuple[int, int, str, bool], tuple[float, float]] = {}
    for which, after in ((old, False), (plan, True)):
        names = way_names(Facts(which, scenario))
        moves = which.movements
        for i in range(len(moves)):
            key = (int(moves.zone[i]), int(moves.site[i]), names[int(moves.route[i])])
            row = amounts.setdefault(key, [0.0, 0.0, 0.0])
            row[2 if after else 0] += float(moves.persons[i])
            row[1] += float(moves.persons[i]) if after and i < n_kept else 0.0
            begin, end = windows.get((*key, after), (np.inf, -np.inf))
            windows[*key, after] = (
                min(begin, float(moves.depart_from_s[i])),
                max(end, float(moves.depart_until_s[i])),
            )
    nobody = (float("nan"), float("nan"))
    return [
        ChangeRow(*key, row[0], row[1], row[2], windows.get((*key, False), nobody), windows.get((*key, True), nobody))
        for key, row in sorted(amounts.items())
    ]


def way_names(facts: Facts) -> list[str]:
    """A name for each route: its crossings, else its main roads, else where it leads."""
    namer = WayNamer(facts)
    names = []
    for route in range(len(facts.plan.routes)):
        passed = namer.crossings.get(route)
        crossings = ", ".join(facts.scenario.crossings[c].name for c in passed) if passed else ""
        names.append(
            crossings or (namer.through(route) if len(facts.plan.routes.of(route)) else "") or "the road there"
        )
    return names


def change_records(rows: Sequence[ChangeRow], scenario: Scenario) -> list[dict[str, Any]]:
    """The rows as JSON and CSV can hold them."""

    def moment(seconds: float) -> str | None:
        return scenario.clock(seconds).isoformat(timespec="seconds") if np.isfinite(seconds) else None

    return [
        {
            "zone_id": scenario.zones[row.zone].zone_id,
            "zone_name": scenario.zones[row.zone].name,
            "site_id": scenario.sites[row.site].site_id,
            "site_name": scenario.sites[row.site].name,
            "way": row.way,
            "change": row.change,
            "persons_before": tidy(row.before, 9),
            "persons_kept": tidy(row.kept, 9),
            "persons_after": tidy(row.after, 9),
            "leave_from_before": moment(row.window_before[0]),
            "leave_until_before": moment(row.window_before[1]),
            "leave_from_after": moment(row.window_after[0]),
            "leave_until_after": moment(row.window_after[1]),
        }
        for row in rows
    ]


def changes_csv(records: Sequence[dict[str, Any]]) -> str:
    """The table; empty cells: nobody leaves then."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(["" if record[name] is None else record[name] for name in COLUMNS] for record in records)
    return out.getvalue()


def state_sentence(state: State, scenario: Scenario) -> str:
    """Where everybody is."""
    turned = sum(g.persons for g in state.on_road if g.has_turned)
    sent_anew = sum(g.persons for g in state.on_road if g.is_diverted and not g.has_turned)
    driving = sum(g.persons for g in state.on_road) - turned - sent_anew
    parts = [f"{count(driving)} drive on as they do"]
    parts += [f"{count(sent_anew)} get another way at their next junction"] if sent_anew else []
    parts += [f"{count(turned)} turn back, for their road is lost"] if turned else []
    moment = Clock(scenario, scenario.horizon_s).full(0.0)
    at_home = sum(state.home.values())
    free = at_home - sum(state.home_planned.values())
    return (
        f"At {moment}, of {people(state.persons)} with a vehicle, {count(int(state.arrived.sum()))} have arrived, "
        f"{count(sum(g.persons for g in state.on_road))} are on the road ({', '.join(parts)}) and "
        f"{count(at_home)} are at home{f', {count(free)} of them without orders' if free else ''}."
    )


def whole_figures(facts: Facts) -> dict[str, Any]:
    """Everybody: ``total`` is arrived + planned_on_road + planned_at_home + left_behind."""
    road = facts.planned_on_road
    return {
        "total": facts.total,
        "planned_on_road": tidy(road, 9),
        "planned_at_home": tidy(facts.plan.persons_planned - road, 9),
        "left_behind": tidy(sum(left.persons for left in facts.plan.left_out), 9),
    }


def cost_sentence(rows: Sequence[ChangeRow], n_zones: int, kept_until_s: float, costs: tuple[float, float]) -> str:
    """How many orders at home stand, and what that costs."""
    home = [row for row in rows if row.zone < n_zones]
    before, kept = sum(row.before for row in home), sum(row.kept for row in home)
    if not before:
        return "No orders were open at home."
    return (
        f"Of {count(before)} people at home with orders, {count(kept)} keep them (those to leave within "
        f"{kept_until_s / 3600:.1f} hours, where they still hold). Against planning all at home anew that costs "
        f"{costs[0]:.1%} of the people and {costs[1]:.1%} of the time."
    )


def cut_short_sentence(time_limit_s: float) -> str:
    """That time decided what was found, and what to do about it."""
    return (
        f"The time limit of {time_limit_s:g} seconds a plan decided: a better plan may keep more orders or be done "
        "sooner; what is left of the old plan was kept where nothing better was found in time. Allow more with "
        "--time-limit."
    )


def changes_html(sentences: Sequence[str], rows: Sequence[ChangeRow], scenario: Scenario) -> str:
    """The report's section."""
    clock = Clock(scenario, scenario.horizon_s)
    shown = sorted((row for row in rows if row.change != "unchanged"), key=lambda r: (r.zone, -max(r.before, r.after)))
    heads = [
        ("name", "Zone"),
        ("way", "To, by"),
        ("name", "Change"),
        ("num", "Before"),
        ("num", "Same"),
        ("num", "After"),
        ("time", "Leave"),
    ]
    body: list[list[Cell]] = []
    for row in shown[:MOST_ROWS]:
        when = [clock.span(*window) for window in (row.window_before, row.window_after) if np.isfinite(window[0])]
        body.append(
            [
                name_cell(scenario.zones[row.zone].name),
                ("way", "", f"<bdi>{text(scenario.sites[row.site].name)}</bdi>, <bdi>{text(row.way)}</bdi>"),
                ("name", row.change, text(row.change)),
                number_cell(row.before),
                number_cell(row.kept),
                number_cell(row.after),
                ("time", f"{row.window_after[0]:.0f}", "<br>now ".join(when)),
            ]
        )
    said = "".join(f"<p>{text(sentence)}</p>" for sentence in sentences)
    same = sum(row.change == "unchanged" for row in rows)
    shown_rows = table("What changes for whom", heads, body, "changes sortable") if body else "<p>Nothing changes.</p>"
    note = f'<p class="note">{same} rows are unchanged; all are in changes.csv.</p>'
    return f'<section id="changes"><h2>What changes for whom</h2>{said}{shown_rows}{note}</section>'
