"""The report's sections as HTML: everything that can be read without scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from clearway.model.plan import Reason
from clearway.model.situation import Availability
from clearway.publish.answer import left_out_by_reason
from clearway.publish.charts import crossing_svg
from clearway.publish.facts import Facts
from clearway.publish.figures import early_arrivals
from clearway.publish.fullness import Fullness
from clearway.publish.limits import (
    Limit,
    form_limit_sentences,
    holds_nobody,
    limit_heading,
    limit_sentences,
    rest_sentence,
)
from clearway.publish.wording import Clock, count, joined, people, percent, reason_clause, text, vehicles
from clearway.publish.zone_rows import ZoneRow, zone_rows

MOST_LIMITS = 8
MOST_FULL = 20
MOST_CROSSINGS = 12
MOST_ON_PAPER = 60  # rows of a table that are printed; the style sheet knows it, too
MANY_ROWS = 30  # from here on a table can be searched

Cell = tuple[str, str, str]  # the column's class, the value to sort by, inner HTML


def table(caption: str, heads: Iterable[tuple[str, str]], rows: Iterable[list[Cell]], css: str = "") -> str:
    """A table that turns into cards on a phone; ``heads`` are (class, label)."""
    heads = list(heads)
    head = "".join(f'<th scope="col" class="{css}">{text(label)}</th>' for css, label in heads)
    body = []
    for row in rows:
        cells = []
        for i, ((_, label), (css_cell, key, inner)) in enumerate(zip(heads, row, strict=True)):
            tag, scope = ("th", ' scope="row"') if i == 0 else ("td", "")
            sort_key = f' data-v="{text(key)}"' if key else ""
            cells.append(f'<{tag}{scope} class="{css_cell}" data-label="{text(label)}"{sort_key}>{inner}</{tag}>')
        body.append(f"<tr>{''.join(cells)}</tr>")
    paper = ""
    if len(body) > MOST_ON_PAPER:
        paper = (
            f'<p class="on-paper note">On paper the first {MOST_ON_PAPER} of {len(body):,} rows; '
            "all of them are on the screen and in the plan's folder.</p>"
        )
    return (
        f'<div class="scroll"><table class="{css}"><caption class="sr">{text(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>{paper}"
    )


def lines(items: list[str]) -> str:
    """Several things in one cell, one under the other."""
    return "".join(f"<div>{item}</div>" for item in items) or "-"


def name_cell(name: str) -> Cell:
    return "name", "", f"<bdi>{text(name)}</bdi>"


def number_cell(number: float) -> Cell:
    return "num", f"{number:.6g}", count(number)


def time_cell(clock: Clock, seconds: float, rounding: str = "near") -> Cell:
    return "time", f"{seconds:.0f}" if np.isfinite(seconds) else "", clock.short(seconds, rounding)


def bar(share: float) -> str:
    """A share as a bar of the cell's width."""
    width = 100 * min(max(share, 0.0), 1.0)
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="bar-all" width="100" height="8"/><rect class="bar-part" width="{width:.1f}" height="8"/></svg>'
    )


def when_bar(facts: Facts, limit: Limit) -> str:
    """When a limit counts, on the axis of the plan's time."""
    grid = facts.grid
    span = grid.end_s - grid.begin_s
    a, b = (100 * min(max((t - grid.begin_s) / span, 0.0), 1.0) for t in (limit.from_s, limit.until_s))
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="bar-all" width="100" height="8"/>'
        f'<rect class="bar-limit" x="{a:.1f}" width="{max(b - a, 0.8):.1f}" height="8"/></svg>'
    )


def limits_html(facts: Facts) -> str:
    """What limits the plan."""
    certificate, found = facts.plan.certificate, facts.limits
    value = sum(limit.vehicles for limit in found)
    heading = limit_heading(certificate, facts.clock, value)
    parts = [f"<p>{text(line)}</p>" for line in form_limit_sentences(facts.scenario, facts.plan)]
    if holds_nobody(facts.scenario, certificate):
        by = facts.clock.long(certificate.horizon_s, "down")
        parts.append(
            f"<p>No road, crossing or bed limits how many can be moved by {text(by)}: all with a vehicle could be.</p>"
        )
        found = ()
    else:
        parts.append(f"<p>{text(heading)}</p>")
    if found:
        rows = [limit_row(facts, limit) for limit in found[:MOST_LIMITS]]
        heads = [("name", "Where"), ("time", "When it counts"), ("num", "Vehicles"), ("num", "Share")]
        parts.append(table("What limits the plan", heads, rows, "limits"))
    rest = rest_sentence(found[MOST_LIMITS:], value)
    if rest:
        parts.append(f"<p>And {text(joined(rest))}.</p>")
    parts.append(full_html(facts))
    for further in facts.plan.further_certificates:
        lines = limit_sentences(facts.scenario, further)
        items = "".join(f"<li>{text(line)}</li>" for line in lines[1:])
        parts.append(f"<details><summary>A further bound</summary><p>{text(lines[0])}</p><ul>{items}</ul></details>")
    return "".join(parts)


def full_html(facts: Facts) -> str:
    """When the places that limit the plan are full, as a list that opens; empty where none is."""
    spans = [span for span in Fullness(facts).times() if span.is_limit]
    longest = sorted(spans, key=lambda span: span.from_s - span.until_s)[:MOST_FULL]
    items = "".join(
        f"<li><bdi>{text(span.name)}</bdi>: {facts.clock.span(span.from_s, span.until_s)}</li>"
        for span in sorted(longest, key=lambda span: (span.from_s, span.name))
    )
    return (
        f"<details><summary>When these places are full in this plan</summary><ul>{items}</ul></details>"
        if items
        else ""
    )


def limit_row(facts: Facts, limit: Limit) -> list[Cell]:
    notes = {
        "crossing": "crossing",
        "road": "road" if len(limit.links) == 1 else f"road, {len(limit.links)} parts",
        "site": "all its beds",
        "zone": "does not bind; all its vehicles count",
    }
    when = facts.clock.span(limit.from_s, limit.until_s) if limit.links else "-"
    drawn = f"<br>{when_bar(facts, limit)}" if limit.links else ""
    return [
        ("name", "", f'<bdi>{text(limit.name)}</bdi><br><span class="note">{notes[limit.kind]}</span>'),
        ("time", f"{limit.from_s:.0f}", f"{when}{drawn}"),
        number_cell(limit.vehicles),
        ("num", f"{limit.share:.6g}", f"{percent(limit.share)}<br>{bar(limit.share)}"),
    ]


def crossings_html(facts: Facts) -> str:
    """A card per crossing: vehicles over time under what it can carry; empty where there is no crossing."""
    row_of = {int(link): i for i, link in enumerate(facts.flow_links)}
    cards = []
    used = []
    begin, end = (f"<span>{facts.clock.short(t)}</span>" for t in (facts.grid.begin_s, facts.grid.end_s))
    for i, crossing in enumerate(facts.scenario.crossings):
        rows = [row_of[link] for link in crossing.links if link in row_of]
        total = float(facts.flow_vehicles[rows].sum()) if rows else 0.0
        used.append((-total, i, rows))
    for total, i, rows in sorted(used)[:MOST_CROSSINGS]:
        crossing = facts.scenario.crossings[i]
        title = f"<h3><bdi>{text(crossing.name)}</bdi></h3>"
        if not rows:
            why = "closed all the time" if is_shut(facts, crossing.links) else "not used by this plan"
            cards.append(f'<div class="card">{title}<p class="note">{text(crossing.kind)}; {why}</p></div>')
            continue
        flow = facts.flow_vehicles[rows].sum(axis=0)
        links = [int(facts.flow_links[row]) for row in rows]
        steps = np.flatnonzero(flow > 1e-6)
        edges = facts.grid.edges_s
        span = facts.clock.span(float(edges[steps[0]]), float(edges[steps[-1] + 1]))
        peak = float(flow.max()) * 3600.0 / facts.grid.step_s
        cards.append(
            f'<div class="card">{title}<p class="note">{vehicles(-total)} {span}, up to {count(peak)} an hour</p>'
            f'{crossing_svg(facts, flow, links)}<p class="note axis">{begin}{end}</p></div>'
        )
    if not cards:
        return ""
    return (
        '<section id="crossings"><h2>Crossings: vehicles an hour that enter</h2>'
        '<ul class="legend" aria-label="Legend of the crossings">'
        '<li><i class="key-flow" aria-hidden="true"></i>under this plan</li>'
        '<li><i class="key-usable" aria-hidden="true"></i>the most that may enter</li>'
        '<li><i class="key-no-entry" aria-hidden="true"></i>no entry</li></ul>'
        f'<div class="cards">{"".join(cards)}</div></section>'
    )


def is_shut(facts: Facts, links: Iterable[int]) -> bool:
    """Whether none of these links can ever be entered while the plan runs."""
    profile, end = facts.profile, facts.grid.end_s
    pieces = [slice(int(profile.start[link]), int(profile.start[link + 1])) for link in links]
    return not any(((profile.rate[piece] > 0) & (profile.from_s[piece] < end)).any() for piece in pieces)


def zones_html(facts: Facts) -> str:
    """The table by zone."""
    heads = [
        ("name", "Zone"),
        ("num", "People present"),
        ("num", "Planned"),
        ("time", "Departures"),
        ("way", "By which way"),
        ("way", "To which site"),
        ("time", "Last arrival"),
        ("time", f"Last safe start, to arrive by {facts.clock.short(facts.scenario.horizon_s, 'down')}"),
        ("way", "Left out"),
    ]
    plans = zone_rows(facts)
    if len(plans) > MOST_ON_PAPER:  # the largest first: what paper holds
        plans.sort(key=lambda row: -facts.scenario.zones[row.zone].present)
    rows = [zone_cells(facts, row) for row in plans]
    if not any(row.ways for row in plans):  # a network without names
        at = [label for _, label in heads].index("By which way")
        heads.pop(at)
        rows = [cells[:at] + cells[at + 1 :] for cells in rows]
    search = search_html("zones", "Find a zone, way or site", len(rows))
    return search + table("The plan by zone", heads, rows, "zones sortable")


def search_html(target: str, label: str, n_rows: int) -> str:
    """A search field where a table is long; scripts make it work and show it."""
    if n_rows <= MANY_ROWS:
        return ""
    return (
        f'<p class="search" hidden><label for="find-{target}">{label}</label> '
        f'<input type="search" id="find-{target}" data-table="{target}"> '
        f'<output id="found-{target}">{n_rows:,} rows</output></p>'
    )


def zone_cells(facts: Facts, row: ZoneRow) -> list[Cell]:
    zone, clock = facts.scenario.zones[row.zone], facts.clock
    several = len(row.ways) > 1
    ways = [
        (f"{percent(persons / row.planned)} " if several else "") + f"<bdi>{text(name)}</bdi>"
        for name, persons in row.ways
    ]
    sites = [f"{count(persons)} <bdi>{text(facts.scenario.sites[i].name)}</bdi>" for i, persons in row.sites[:3]]
    if len(row.sites) > 3:
        sites.append(f"{count(sum(p for _, p in row.sites[3:]))} in {len(row.sites) - 3} more")
    left = [reason_short(item.persons, item.reason) for item in row.left_out if item.persons > 0]
    departures = f"{clock.short(row.first_s, 'down')}<br>to {clock.short(row.last_s, 'up')}" if row.planned else "-"
    return [
        name_cell(zone.name),
        number_cell(zone.present),
        number_cell(row.planned),
        ("time", f"{row.first_s:.0f}" if row.planned else "", departures),
        ("way", "", lines(ways)),
        ("way", "", lines(sites)),
        time_cell(clock, row.last_arrival_s, "up"),
        last_start_cell(facts, row),
        ("way", f"{sum(item.persons for item in row.left_out):.6g}", lines(left)),
    ]


def last_start_cell(facts: Facts, row: ZoneRow) -> Cell:
    """The last safe start, with the first start that is proven to be too late."""
    css, key, inner = time_cell(facts.clock, row.last_start_s, "down")
    if np.isfinite(row.last_start_bound_s):
        inner += f'<br><span class="note">{facts.clock.short(row.last_start_bound_s, "up")} is too late</span>'
    return css, key, inner


def last_start_html(facts: Facts) -> str:
    """The point of no return in a sentence; empty where it is not known."""
    plan, clock = facts.plan, facts.clock
    if not np.isfinite(plan.last_start_all_s):
        return ""
    words = (
        f"If nobody at all leaves before {clock.long(plan.last_start_all_s, 'down')}, everyone planned can still get "
        "out: a schedule shows it."
    )
    if np.isfinite(plan.last_start_all_bound_s):
        words += f" From {clock.long(plan.last_start_all_bound_s, 'up')} on it is too late for that, whatever the plan."
    return f"<p>{text(words)}</p>"


def early_html(facts: Facts) -> str:
    """How far the arrivals stay below the bounds, in a sentence; empty where there is no curve of bounds."""
    early = early_arrivals(*facts.curve, facts.plan)
    if not early["time_s"] or early["area_share"] is None:
        return ""
    words = (
        f"Between the two lie {count(early['area_person_h'])} person-hours, {percent(early['area_share'], 1)} of what "
        f"lies below the bound, at {len(early['time_s'])} times from start to end."
    )
    return f'<p class="note">{text(words)}</p>'


def reason_short(persons: float, reason: Reason) -> str:
    return f"{count(persons)} {text(reason.value)}"


def sites_html(facts: Facts) -> str:
    """The table of sites."""
    moves = facts.plan.movements
    arrivals = np.bincount(moves.site, moves.persons, minlength=len(facts.scenario.sites))
    end = moves.depart_until_s + facts.travel_s
    begin = moves.depart_from_s + facts.travel_s
    heads = [
        ("name", "Site"),
        ("num", "Beds"),
        ("num", "Arrivals"),
        ("name", "Filled"),
        ("time", "First"),
        ("time", "Last"),
    ]
    has_direction = any(site.direction for site in facts.scenario.sites)
    if has_direction:
        heads.insert(1, ("name", "Direction"))
    rows = []
    for i, site in enumerate(facts.scenario.sites):
        mine = moves.site == i
        share = float(arrivals[i]) / site.beds if 0 < site.beds < np.inf else 0.0
        filled = "full" if share > 1 - 1e-6 else percent(share)
        cells = [
            name_cell(site.name),
            number_cell(site.beds) if np.isfinite(site.beds) else ("num", "", "unlimited"),
            number_cell(float(arrivals[i])),
            ("name", f"{share:.6g}", f"{filled}<br>{bar(share)}" if np.isfinite(site.beds) else "-"),
            time_cell(facts.clock, float(begin[mine].min()) if mine.any() else np.nan, "down"),
            time_cell(facts.clock, float(end[mine].max()) if mine.any() else np.nan, "up"),
        ]
        if has_direction:
            cells.insert(1, name_cell(site.direction or "any"))
        rows.append(cells)
    return search_html("sites", "Find a site", len(rows)) + table("Reception sites", heads, rows, "sites sortable")


def left_out_html(facts: Facts) -> str:
    """Who is left out and why."""
    left_out = [left for left in facts.plan.left_out if left.persons > 0]
    parts = []
    for reason, persons, seats in left_out_by_reason(facts.plan.left_out):
        need = f"; it would take {count(seats)} seats to move them" if seats else ""
        parts.append(f"<li><strong>{text(reason_clause(persons, reason))}</strong>{need}.</li>")
    if abs(facts.unaccounted) >= 0.5:
        parts.append(
            f"<li><strong>{people(facts.unaccounted)} are not accounted for: this plan has a fault.</strong></li>"
        )
    if not parts:
        return "<p>Nobody: everyone present is planned.</p>"
    heads = [("name", "Zone"), ("num", "People"), ("name", "Reason"), ("name", "What binds"), ("num", "Seats needed")]
    rows = [
        [
            name_cell(facts.scenario.zones[left.zone].name),
            number_cell(left.persons),
            ("name", "", text(left.reason.value)),
            ("name", "", f"<bdi>{text(left.binding)}</bdi>" if left.binding else "-"),
            number_cell(left.seats) if left.seats else ("num", "0", "-"),
        ]
        for left in left_out
    ]
    shown = table("Who is left out, by zone", heads, rows, "left-out sortable")
    search = search_html("left-out", "Find a zone", len(rows))
    return f"<ul>{''.join(parts)}</ul><details><summary>By zone ({len(rows):,} rows)</summary>{search}{shown}</details>"


def target_name(facts: Facts, statement: Availability) -> str:
    """What a statement is about, by name."""
    if statement.target_kind == "link" and statement.links:
        return facts.places.road(statement.links[0])
    return target_name_of(facts, statement.target)


def target_name_of(facts: Facts, target: str) -> str:
    """What `crossing:ID`, `site:ID` or `zone:ID` is called."""
    scenario = facts.scenario
    names = {f"crossing:{c.crossing_id}": c.name for c in scenario.crossings}
    names |= {f"site:{s.site_id}": s.name for s in scenario.sites}
    names |= {f"zone:{z.zone_id}": z.name for z in scenario.zones}
    return names.get(target, target)


def known_html(facts: Facts) -> str:
    """What is taken as known about roads, crossings, sites and zones."""
    statements = facts.scenario.availabilities
    if not statements:
        return (
            "<p>No closure or restriction is taken as known; every road is used at its full capacity at all times.</p>"
        )
    heads = [("name", "What"), ("time", "When"), ("name", "Usable"), ("name", "Rests on"), ("name", "Note")]
    rows = []
    for statement in statements:
        factor = statement.capacity_factor
        usable = "closed" if factor == 0 else "open" if factor >= 1 else f"{percent(factor)} of capacity"
        kind = f'<br><span class="note">{text(statement.target_kind)}</span>'
        rests = " · ".join(word for word in (statement.report_id, statement.source) if word)
        rows.append(
            [
                ("name", "", f"<bdi>{text(target_name(facts, statement))}</bdi>{kind}"),
                ("time", f"{statement.from_s:.0f}", facts.clock.span(statement.from_s, statement.until_s)),
                ("name", f"{factor:.6g}", usable),
                name_cell(rests or "-"),
                name_cell(statement.note or "-"),
            ]
        )
    return table("What is taken as known", heads, rows, "known")


def list_html(sentences: Iterable[str], nothing: str) -> str:
    items = "".join(f"<li><bdi>{text(sentence)}</bdi></li>" for sentence in sentences)
    return f"<ul>{items}</ul>" if items else f"<p>{nothing}</p>"


def sources_html(facts: Facts) -> str:
    """Credits, then how many rows rest on which source."""
    tally = Counter((name, source) for name, _, source in facts.scenario.sources if source)
    rows = [
        [name_cell(source), name_cell(name), number_cell(n)]
        for (name, source), n in sorted(tally.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
    ]
    credits_html = list_html(facts.scenario.credits, "No credits are given in the scenario.")
    if not rows:
        return credits_html
    heads = [("name", "Source"), ("name", "Table"), ("num", "Rows")]
    shown = table("Sources by table", heads, rows, "sources")
    return f"{credits_html}<details><summary>Sources, row by row counted</summary>{shown}</details>"


def warnings_html(facts: Facts) -> str:
    """What looked wrong in the scenario; empty where nothing did."""
    warnings = facts.scenario.warnings
    if not warnings:
        return ""
    return f'<section id="warnings"><h2>Warnings</h2>{list_html(warnings, "")}</section>'
