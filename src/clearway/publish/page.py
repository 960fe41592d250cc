"""A page without a map: headings, figures and tables in the report's style, readable from disk, offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clearway import __version__
from clearway.model.scenario import Scenario
from clearway.publish.report import asset, policy
from clearway.publish.wording import Clock, text

Figure = tuple[str, str, str]  # label, figure, note


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says; ``sections`` are HTML, all else is text."""

    kind: str
    headline: str
    lead: str
    figures: Sequence[Figure]
    sections: Sequence[str]


def render_page(page: Page, scenario: Scenario) -> str:
    """The page as text, to be written as UTF-8. It loads nothing and runs nothing."""
    style = asset("report.css")
    clock = Clock(scenario)
    figures = "".join(
        f'<div class="figure"><dt>{text(label)}</dt><dd><b>{text(figure)}</b><span class="note">{text(note)}</span>'
        "</dd></div>"
        for label, figure, note in page.figures
    )
    lead = f"{page.lead} All times are in {clock.zone_name}; the scenario starts on {clock.full(0.0)}."
    whole = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(style, "")}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f'<meta name="generator" content="Clearway {text(__version__)}">\n<link rel="icon" href="data:,">\n'
        f"<title>{text(scenario.name)}: {text(page.kind)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<header><p class="kicker">{text(page.kind)} <span aria-hidden="true">·</span> '
        f"<bdi>{text(scenario.name)}</bdi></p>\n<h1>{text(page.headline)}</h1>\n"
        f'<p class="lead">{text(lead)}</p></header>\n<main>\n'
        f'<section aria-label="Key figures"><dl class="figures n{len(page.figures)}">{figures}</dl></section>\n'
        + "\n".join(page.sections)
        + f"\n</main>\n<footer><p>Made with Clearway {text(__version__)}. Scenario "
        f'<span class="hash">{text(scenario.content_hash or "-")}</span>.</p></footer>\n</body>\n</html>\n'
    )
    return whole.encode("utf-8", "replace").decode("utf-8")
