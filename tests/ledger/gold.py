"""The gold annotation of the shared article, as the ledger's claims. The article is not shipped: tests skip without."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clearway.ledger.claims import About, Basis, Claim, Force, Polarity, Role, Span, Stage, Step

ARTICLES = Path(__file__).parents[3] / "shared" / "articles"
GOLD = ARTICLES / "kherson-evacuation-news.gold.json"

FORCES = {
    "advise": Force.ADVISED,
    "request": Force.REQUESTED,
    "order": Force.ORDERED,
    "deny": Force.DENIED,
    "pledge": Force.PLEDGED,
    "assess": Force.ASSESSED,
}
STAGES = {
    "directive": Stage.DIRECTIVE,
    "requested": Stage.DIRECTIVE,
    "planned": Stage.PROSPECTIVE,
    "promised": Stage.PROSPECTIVE,
    "prospective": Stage.PROSPECTIVE,
    "hypothetical": Stage.HYPOTHETICAL,
}


def load_gold() -> dict[str, Any]:
    if not GOLD.is_file():
        pytest.skip("the shared articles are not here")
    return json.loads(GOLD.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def gold_claims(gold: dict[str, Any]) -> list[Claim]:
    """Field by field; a field of the gold that the ledger has no word for is left out."""
    names = {each["id"]: each["name"] or each["id"] for key in ("actors", "outlets", "places") for each in gold[key]}
    return [gold_claim(found, names) for found in gold["claims"]]


def gold_claim(found: dict[str, Any], names: dict[str, str]) -> Claim:
    about = found["about"]
    frame, state = frame_of(about)
    force = Force.ALLEGED if found["modality"] == "alleged" else FORCES.get(found["act"], Force.ASSERTED)
    if found["modality"] == "planned":
        force = Force.PLANNED
    return Claim(
        claim_id=found["id"],
        report_id="kherson-evacuation-news",
        statement=found["proposition"],
        force=force,
        act=found["act"],
        chain=tuple(
            Step(names.get(step["actor"], step["actor"]), Role(step["role"]), basis_of(step["basis"]))
            for step in found["chain"]
        ),
        about=About(
            frame=frame,
            state=state,
            places=tuple(names[place].split(" / ")[0] for place in about["places"]),
            order=about.get("order", ""),
            hazard=about.get("hazard", ""),
            population=about.get("population", ""),
            addressee=names.get(about.get("addressee", ""), ""),
            agent=names.get(about.get("agent", ""), ""),
        ),
        span=span_of(found["span"]),
        cue=span_of(found["cue"]),
        polarity=Polarity(found["polarity"]),
        stage=STAGES.get(found["modality"], Stage.ACTUAL),
    )


def frame_of(about: dict[str, Any]) -> tuple[str, str]:
    for frame in ("order", "hazard", "resource"):
        if about.get(frame):
            return frame, about[frame] if frame == "resource" else ""
    if about.get("status"):
        return "status", about["status"]
    return ("control", about["control"]) if about.get("control") else ("other", "")


def basis_of(words: str) -> Basis:
    return next((basis for basis in Basis if words.startswith(basis)), Basis.INHERITED)


def span_of(found: dict[str, Any] | None) -> Span | None:
    return None if found is None else Span(found["start"], found["end"], found["text"])
