"""Read a report: propose the claims it makes. Nothing is accepted here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from typing import Any

from clearway.errors import UsageError
from clearway.ledger.claims import Claim, Force
from clearway.ledger.reading.actors import mention_of
from clearway.ledger.reading.assemble import Read, assemble
from clearway.ledger.reading.citations import Prepared, prepare
from clearway.ledger.reading.content import is_negated
from clearway.ledger.reading.findings import Finding
from clearway.ledger.reading.languages import Language, language_for
from clearway.ledger.reading.patterns import PatternRules
from clearway.ledger.reading.places import Gazetteer
from clearway.ledger.reading.text import lines_of, sentences_of
from clearway.ledger.reports import Report

__all__ = ["Mode", "Reader", "read_report"]

PLACE_LABELS = {"GPE", "LOC", "FAC"}


class Mode(StrEnum):
    """How to read: with the language model, by patterns alone, or with the model where it is installed."""

    AUTO = "auto"
    MODEL = "model"
    PATTERNS = "patterns"


@dataclass(frozen=True, slots=True)
class Reader:
    """What to read with. `zone` is the time zone of the text's hours; the report's own offset where it is None."""

    mode: Mode = Mode.AUTO
    gazetteer: Gazetteer = field(default_factory=Gazetteer)
    zone: tzinfo | None = None


def read_report(report: Report, reader: Reader) -> list[Claim]:
    """
    The claims of a report, in the order of its text.

    Raises
    ------
    UsageError
        Where no rules are written for its language, or a model was asked for that is not installed.
    """
    language = language_for(report.language)
    if language is None:
        raise UsageError(f"no reading rules for the language {report.language!r} yet; there are rules for: en")
    prepared = [prepare(report.text, s, language) for s in sentences_of(lines_of(report.text, language), language)]
    model = model_for(reader.mode, language)
    reads = (
        _by_model(report.text, prepared, language, model) if model else _by_patterns(report.text, prepared, language)
    )
    return assemble(report, reads, language, reader.gazetteer, reader.zone)


def model_for(mode: Mode, language: Language) -> str | None:
    """The model to read with, None for patterns; UsageError where one is asked for and none is installed."""
    from clearway.ledger.reading.parse import available_model

    if mode is Mode.PATTERNS:
        return None
    model = available_model(language)
    if model is None and mode is Mode.MODEL:
        raise UsageError("the language model is not installed: pip install 'clearway[reading]', or use --mode patterns")
    return model


def _by_model(text: str, prepared: list[Prepared], language: Language, model: str) -> list[Read]:
    from clearway.ledger.reading.parse import load_parser

    parser = load_parser(model)
    docs = parser.pipe([each.body.text for each in prepared], batch_size=32)
    reads = []
    for each, doc in zip(prepared, docs, strict=True):
        findings = [] if each.sentence.kind == "heading" else _found(text, each, doc, language)
        places, persons = [], []
        for ent in doc.ents:
            a, b = each.body.span(ent.start_char, ent.end_char)
            if ent.label_ in PLACE_LABELS and ent.root.dep_ != "amod":
                places.append((a, b, text[a:b].removeprefix("the ")))
            elif ent.label_ == "PERSON" and " " in ent.text.strip():
                persons.append(mention_of(text, a, b, language, is_person=True))
        has_verb = any(t.pos_ in {"VERB", "AUX"} for t in doc)
        reads.append(Read(each, _with_quote(text, each, findings, language), tuple(places), tuple(persons), has_verb))
    return reads


def _found(text: str, prepared: Prepared, doc: Any, language: Language) -> list[Finding]:
    """What the tree says; the words alone where it says nothing (names such as "Save the Children" break it)."""
    from clearway.ledger.reading.cues import TreeRules

    return TreeRules(text, prepared, doc, language).find() or PatternRules(text, prepared, language).find()


def _by_patterns(text: str, prepared: list[Prepared], language: Language) -> list[Read]:
    reads = []
    for each in prepared:
        findings = [] if each.sentence.kind == "heading" else PatternRules(text, each, language).find()
        reads.append(Read(each, _with_quote(text, each, findings, language)))
    return reads


def _with_quote(text: str, prepared: Prepared, findings: list[Finding], language: Language) -> list[Finding]:
    """A sentence that is nothing but a quotation goes on with what the speaker before it said."""
    if not prepared.is_only_quote:
        return findings
    a, b = prepared.quotes[0]
    negated = is_negated(text[a:b], language)
    return [Finding(a, b, None, "assert", Force.ASSERTED, None, "quote-continued", 0.7, is_negated=negated)]
