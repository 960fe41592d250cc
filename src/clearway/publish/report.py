"""The report: one HTML page that opens from disk, offline, and can be taken to the meeting."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterable
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np

from clearway import __version__
from clearway.model.outcome import Outcome
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.publish import sections
from clearway.publish.answer import answer_sentence, key_figures, time_sentences
from clearway.publish.charts import arrivals_svg
from clearway.publish.closings import closing_sentences, trapped_sentences
from clearway.publish.driven import DRIVEN_KEY, driven_figures, driven_html, outcome_sentence
from clearway.publish.evidence import evidence_html
from clearway.publish.facts import Earlier, Facts
from clearway.publish.forms import form_sentences
from clearway.publish.hold import hold_html
from clearway.publish.map_data import map_data
from clearway.publish.wording import NO_BREAK, people, text

SCRIPTS = ("report_map.js", "report_tables.js", "report.js")  # in this order
CONTESTED_KEY = (
    '<li><i class="key-contested" aria-hidden="true"></i>contested: reports contradict each other at this time; '
    "closed if crossed</li>\n"
)


CODE = r"<code>\1</code>"


def render_report(
    plan: Plan,
    scenario: Scenario,
    changes: str = "",
    outcome: Outcome | None = None,
    losses: str = "",
    earlier: Earlier | None = None,
) -> str:
    """
    The whole page as text, to be written as UTF-8; with an outcome, the map shows what happened when it was driven.

    It loads nothing: styles, scripts and data are inside, and its content security policy allows only these, by hash.
    ``changes`` and ``losses`` are sections as HTML: for a change of plan, ``earlier`` being what happened before it;
    what crossings are worth, where it was asked.
    """
    facts = Facts(plan, scenario, outcome, earlier)
    style = asset("report.css")
    script = "".join(asset(name) for name in SCRIPTS)
    page = Template(asset("report.html")).substitute(
        slots(facts),
        policy=policy(style, script),
        style=style,
        script=script,
        data=script_json(page_data(facts)),
        changes=changes,
        losses=losses,
    )
    return page.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot be written to a file


def asset(name: str) -> str:
    """A file of the templates folder."""
    return (files("clearway.publish") / "templates" / name).read_text("utf-8")


def policy(style: str, script: str) -> str:
    """Nothing from anywhere but this page's own style and script."""
    hashes = {
        name: base64.b64encode(hashlib.sha256(body.encode("utf-8")).digest()).decode()
        for name, body in (("style-src", style), ("script-src", script))
    }
    own = "; ".join(f"{name} 'sha256-{digest}'" for name, digest in hashes.items())
    return f"default-src 'none'; {own}; img-src data:; base-uri 'none'; form-action 'none'"


def script_json(data: dict[str, Any]) -> str:
    """JSON that cannot end the script element it stands in."""
    packed = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        packed = packed.replace(sign, f"\\u{ord(sign):04x}")
    return packed


def slots(facts: Facts) -> dict[str, str]:
    """The template's slots, each safe as HTML."""
    plan, scenario, clock = facts.plan, facts.scenario, facts.clock
    figures = "".join(
        f'<div class="figure"><dt>{text(label)}</dt><dd><b>{text(figure)}</b>'
        f'<span class="note">{text(note)}</span></dd></div>'
        for label, figure, note in (driven_figures(facts, facts.outcome) if facts.outcome else key_figures(facts))
    )
    grid = facts.grid
    return {
        "title": text(f"{scenario.name}: evacuation plan{', simulated' if facts.outcome else ''}"),
        "kind": kind(facts),
        "name": text(scenario.name),
        "answer": re.sub(r" (\d\d:\d\d)", f"{NO_BREAK}\\1", text(headline(facts))),
        "figures": figures,
        "horizon": text(clock.full(scenario.horizon_s, "down")),
        "form": "".join(
            (
                paragraphs(as_planned(facts)),
                paragraphs(form_sentences(plan, scenario)),
                hold_html(plan),
                paragraphs(late_sentences(facts)),
                paragraphs(time_sentences(plan)),
            )
        ),
        "start": text(clock.full(0.0)),
        "time_zone": text(clock.zone_name),
        "begin_s": f"{grid.begin_s:.10g}",
        "end_s": f"{grid.end_s:.10g}",
        "step_s": f"{grid.step_s:.10g}",
        "curves": arrivals_svg(facts, 1100, 330, "wide") + arrivals_svg(facts, 360, 280, "narrow"),
        "early": earlier_note(facts) + sections.early_html(facts),
        "last_start": as_planned_note(facts) + sections.last_start_html(facts),
        "map_heading": "Who is on which road, when, as simulated" if facts.outcome else "Who is on which road, when",
        "driven": driven_html(facts),
        "driven_key": DRIVEN_KEY if facts.outcome else "",
        "limits": sections.limits_html(facts),
        "crossings": sections.crossings_html(facts),
        "zones": sections.zones_html(facts),
        "sites": sections.sites_html(facts),
        "left_out": sections.left_out_html(facts),
        "contested_key": CONTESTED_KEY if any(e.is_contested for e in scenario.evidence) else "",
        "known": sections.known_html(facts),
        "evidence": evidence_html(facts),
        "assumptions": sections.list_html(scenario.assumptions, "The scenario states no assumptions."),
        "warnings": sections.warnings_html(facts),
        "sources": sections.sources_html(facts),
        "capacity_share": f"{100 * scenario.capacity_factor:.0f}",
        "technical": technical(facts),
        "version": text(__version__),
        "scenario_hash": text(plan.scenario_hash or scenario.content_hash or "-"),
    }


def kind(facts: Facts) -> str:
    """What the page is about."""
    if facts.outcome is not None:
        return "Evacuation plan, driven in simulation"
    return "Evacuation plan, changed" if facts.earlier is not None else "Evacuation plan"


def headline(facts: Facts) -> str:
    """The answer: the plan's, or what happened when it was driven."""
    return outcome_sentence(facts.outcome, facts) if facts.outcome else answer_sentence(facts)


def as_planned(facts: Facts) -> list[str]:
    """The plan's own answer, for a page that opens with what happened; nothing else."""
    return [f"As planned: {answer_sentence(facts)}"] if facts.outcome else []


def late_sentences(facts: Facts) -> list[str]:
    """Who was trapped where roads closed; else where the plan uses them up to that time."""
    trapped = trapped_sentences(facts.outcome, facts) if facts.outcome else []
    return trapped or closing_sentences(facts)


def as_planned_note(facts: Facts) -> str:
    """That the tables are the plan's, on a page that shows what happened; empty else."""
    if facts.outcome is None:
        return ""
    return '<p class="note">As planned; what became of each zone and site in the simulation is in outcome.json.</p>'


def paragraphs(sentences: Iterable[str]) -> str:
    """Sentences as paragraphs; what stands between backticks is something to type."""
    return "".join(f"<p>{re.sub('`([^`]+)`', CODE, text(sentence))}</p>" for sentence in sentences)


def earlier_note(facts: Facts) -> str:
    """That the curve leaves out those who had arrived before a change of plan."""
    if facts.earlier is None or not facts.earlier.arrived:
        return ""
    words = f"Those who had arrived before the plan was changed are not in the curve: {people(facts.earlier.arrived)}."
    return f'<p class="note">{text(words)}</p>'


def technical(facts: Facts) -> str:
    """Version, hash, seed, settings and run time as a description list."""
    plan, scenario = facts.plan, facts.scenario
    rows = [
        ("Scenario", f"{scenario.name} (sha256 {plan.scenario_hash or scenario.content_hash or '-'})"),
        ("Clearway", f"version {__version__}, seed {plan.seed}"),
        ("Objective", scenario.objective.replace("_", " ")),
        ("Network", f"{scenario.network.n_nodes:,} nodes, {scenario.network.n_links:,} links ({scenario.network.crs})"),
        ("Plan", f"{len(plan.movements):,} movements on {len(plan.routes):,} routes; status: {plan.status}"),
    ]
    if plan.settings:
        rows.append(("Settings", ", ".join(f"{name} = {value}" for name, value in plan.settings)))
    if plan.runtime_s:
        total = sum(seconds for _, seconds in plan.runtime_s)
        steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in plan.runtime_s)
        rows.append(("Computed in", f"{total:.1f} s ({steps})"))
    return "".join(f"<dt>{text(label)}</dt><dd>{text(words)}</dd>" for label, words in rows)


def page_data(facts: Facts) -> dict[str, Any]:
    """What the scripts need: the time grid, the map, the curves."""
    grid, scenario = facts.grid, facts.scenario
    wall = scenario.start.replace(tzinfo=None)
    arrived = facts.arrived.sum(axis=0) if facts.outcome else np.interp(grid.edges_s, *facts.curve)
    bound_s, bound = facts.plan.bound_curve_s, facts.plan.bound_curve_persons
    finite = np.isfinite(bound) & np.isfinite(bound_s)
    return {
        "clock": [wall.year, wall.month, wall.day, wall.hour, wall.minute, wall.second],
        "with_date": facts.clock.span_s > 6 * 86_400,
        "begin_s": grid.begin_s,
        "step_s": grid.step_s,
        "n_steps": grid.n_steps,
        "planned": finite_or_zero(facts.plan.persons_planned),
        "arrived": np.round(arrived, 1).tolist(),
        "departed": np.round(facts.departed.sum(axis=0), 1).tolist(),
        "bound_s": np.round(bound_s[finite], 1).tolist(),
        "bound": np.round(bound[finite], 1).tolist(),
        "map": map_data(facts),
    }


def finite_or_zero(number: float) -> float:
    return float(number) if math.isfinite(number) else 0.0
