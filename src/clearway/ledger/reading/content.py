"""What a statement is about and how it stands to fact: frame, order, state, hazard, stage."""

from __future__ import annotations

from collections.abc import Iterable

from clearway.ledger.claims import About, Force, Stage
from clearway.ledger.reading.languages import Language
from clearway.ledger.reading.places import Gazetteer
from clearway.ledger.reading.quantities import quantities_in

__all__ = ["DIRECTIVES", "about", "is_negated", "stage_of"]

DIRECTIVES = frozenset({Force.ADVISED, Force.REQUESTED, Force.ORDERED})
N_WORDS_TO_NEGATION = 12


def stage_of(text: str, force: Force, language: Language) -> Stage:
    """How the speaker stands to what is said."""
    if force in DIRECTIVES:
        return Stage.DIRECTIVE
    if force is Force.PLEDGED:
        return Stage.PROSPECTIVE
    for name, pattern in language.stages:
        if pattern.search(text):
            return Stage(name)
    return Stage.ACTUAL


def is_negated(text: str, language: Language) -> bool:
    """Whether a statement read without a parser is negated: a negation near its start, before any second clause."""
    match = language.negation.search(text)
    if match is None:
        return False
    before = text[: match.start()]
    if " that " in f" {before.lower()} "[5:]:  # of a statement within this one
        return False
    if any(
        f" {word} " in f" {before.lower()} " for word in ("and", "but", "who", "which", "because", "when", "if", "as")
    ):
        return False
    return len(before.split()) <= N_WORDS_TO_NEGATION


def about(
    text: str,
    force: Force,
    is_negative: bool,
    language: Language,
    gazetteer: Gazetteer,
    more_places: Iterable[str] = (),
) -> About:
    """Frame, targets, places, order, state, hazard and quantities of a statement."""
    found = gazetteer.find(text)
    known = {name.lower() for name in found.places}
    extra = [name for name in more_places if not any(name.lower() in other or other in name.lower() for other in known)]
    order = _order(text, force, is_negative, language)
    is_threat = stage_of(text, force, language) is not Stage.ACTUAL and bool(language.threatened.search(text))
    is_told = force not in {Force.REQUESTED, Force.ADVISED} and not is_threat
    state = _state(text, found.targets, language) if is_told else ""
    hazard = next((name for name, pattern in language.hazards if pattern.search(text)), "")
    quantities = quantities_in(text)
    frame = "other"
    if state:
        frame = "status"
    elif order:
        frame = "order"
    elif is_threat:  # what could be lost is no state: it may stand for years
        frame = "hazard"
    else:
        frame = next((name for name, pattern in language.frames if pattern.search(text)), "other")
    return About(
        frame=frame,
        targets=found.targets,
        places=(*found.places, *dict.fromkeys(extra)),
        state=state,
        order=order,
        hazard=hazard,
        quantities=quantities,
    )


def _order(text: str, force: Force, is_negative: bool, language: Language) -> str:
    order = next((name for name, pattern in language.orders if pattern.search(text)), "")
    if force in DIRECTIVES:
        return order or ("avoid" if is_negative else "")
    return order if order in {"leave", "entry ban"} and language.orders_named.search(text) else ""


def _state(text: str, targets: tuple[str, ...], language: Language) -> str:
    """
    Open, closed or limited, where the text says so of a way. What hinders armies says nothing of civilians' traffic.
    """
    is_way = language.crossing_words.search(text) or any(t.startswith("crossing:") for t in targets)
    if not is_way or language.military.search(text):
        return ""
    return next((name for name, pattern in language.states if pattern.search(text)), "")
