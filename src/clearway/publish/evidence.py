"""The report's evidence: who says what about each closure, and who says the contrary."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from clearway.model.scenario import Scenario
from clearway.model.situation import Evidence
from clearway.publish.facts import Facts
from clearway.publish.sections import Cell, name_cell, table, target_name_of
from clearway.publish.wording import percent, text


def evidence_html(facts: Facts) -> str:
    """For each thing that claims speak of: what is taken as given, and every claim for and against."""
    evidence = facts.scenario.evidence
    if not evidence:
        return ""
    parts = ["<h3>Who says so</h3>"]
    ordered = sorted(
        evidence, key=lambda e: (e.target, e.from_s, e.until_s, not e.stands_for, -np.nan_to_num(e.weight))
    )
    for (target, from_s, until_s), some in groupby(ordered, key=lambda e: (e.target, e.from_s, e.until_s)):
        claims = list(some)
        first = claims[0]
        contested = ' <strong class="contested">contested</strong>' if first.is_contested else ""
        likely = "" if np.isnan(first.p_closed) else f"; {percent(first.p_closed)} likely to be closed"
        parts.append(
            f'<details class="evidence" open><summary><bdi>{text(target_name_of(facts, target))}</bdi>, '
            f"{facts.clock.span(from_s, until_s)}: taken as {text(first.taken)}{likely}{contested}</summary>"
        )
        heads = [
            ("name", "Says"),
            ("name", "Statement"),
            ("name", "Who, heard by whom"),
            ("name", "Grade"),
            ("time", "Said"),
            ("num", "Weight"),
            ("name", "Report"),
        ]
        rows = [evidence_cells(facts, claim) for claim in claims]
        parts.append(table(f"Claims about {target}", heads, rows, "evidence") + "</details>")
    return "".join(parts)


def evidence_cells(facts: Facts, claim: Evidence) -> list[Cell]:
    """One claim as a row."""
    stands = "for" if claim.stands_for else "against"
    weight = "-" if np.isnan(claim.weight) else f"{claim.weight:.2f}" if claim.weight else "0 (echo or worthless)"
    return [
        ("name", "", f'<strong>{text(claim.says)}</strong><br><span class="note">{stands}</span>'),
        name_cell(claim.statement),
        name_cell(claim.chain),
        name_cell(claim.grade or "not graded"),
        ("time", f"{claim.said_s:.0f}" if np.isfinite(claim.said_s) else "", text(facts.clock.full(claim.said_s))),
        ("num", f"{claim.weight:.6g}", weight),
        name_cell(claim.report_id or "-"),
    ]


def contested_spans(scenario: Scenario) -> dict[int, list[tuple[float, float]]]:
    """Link -> when what is said of it contradicts itself, as [from_s, until_s)."""
    crossings = {f"crossing:{c.crossing_id}": c.links for c in scenario.crossings}
    spans: dict[int, list[tuple[float, float]]] = {}
    for target, from_s, until_s in sorted(
        {(e.target, e.from_s, e.until_s) for e in scenario.evidence if e.is_contested}
    ):
        links = crossings.get(target, ())
        kind, _, link_id = target.partition(":")
        if kind == "link":
            ids = {link_id, f"-{link_id}"} if not link_id.startswith(("-", "+")) else {link_id.removeprefix("+")}
            links = tuple(scenario.network.link_index(i) for i in sorted(ids) if scenario.network.has_link(i))
        for link in links:
            spans.setdefault(link, []).append((from_s, until_s))
    return spans
