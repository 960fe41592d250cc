"""What a reader must know of a language, one file per language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from clearway.ledger.claims import Force

__all__ = ["Language", "Saying", "Words", "language_for"]


@dataclass(frozen=True, slots=True)
class Saying:
    """
    A word of saying.

    `takes` are the complements it may have: `that` (a clause), `whom to` (somebody to do something), `to` (to do
    something), `thing` (a noun phrase), or prepositions. `force_to` is its force with an infinitive where that differs
    ("warned that" is an assessment, "warned people to" is advice). `is_negative` marks "deny", "ban".
    """

    act: str
    force: Force
    takes: frozenset[str]
    force_to: Force | None = None
    is_negative: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """What the rules without a parser go by."""

    auxiliaries: frozenset[str]
    stoppers: frozenset[str]
    prepositions: frozenset[str]
    progressive: re.Pattern[str]
    passive: re.Pattern[str]
    breaks: re.Pattern[str]
    continues: re.Pattern[str]
    joint: re.Pattern[str]
    aside: re.Pattern[str]
    circumstance: re.Pattern[str]
    whom_to: re.Pattern[str]
    whom_that: re.Pattern[str]
    finite_verb: re.Pattern[str]
    hedge_end: re.Pattern[str]
    common_knowledge: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Language:
    """Words and patterns of one language; see `english.py` for what each holds."""

    tag: str
    models: tuple[str, ...]
    verbs: Mapping[str, Saying]
    phrasal: Mapping[tuple[str, str], Saying]
    nouns: Mapping[str, Saying]
    hedges: frozenset[str]
    common_knowledge: frozenset[str]
    reported_passives: frozenset[str]
    unresolvable: frozenset[str]
    titles: frozenset[str]
    organisations: frozenset[str]
    people: frozenset[str]
    outlets: frozenset[str]
    outlet_words: frozenset[str]
    pronouns: Mapping[str, str]
    boilerplate: tuple[re.Pattern[str], ...]
    dateline: re.Pattern[str]
    citation: Mapping[str, re.Pattern[str]]
    performative: re.Pattern[str]
    medium: re.Pattern[str]
    verb_forms: Mapping[str, str]
    finite: re.Pattern[str]
    relative: re.Pattern[str]
    negation: re.Pattern[str]
    stages: tuple[tuple[str, re.Pattern[str]], ...]
    orders: tuple[tuple[str, re.Pattern[str]], ...]
    orders_named: re.Pattern[str]
    threatened: re.Pattern[str]
    states: tuple[tuple[str, re.Pattern[str]], ...]
    crossing_words: re.Pattern[str]
    generic_zone: re.Pattern[str]
    generic_crossing: re.Pattern[str]
    kinds: Mapping[str, str]
    frames: tuple[tuple[str, re.Pattern[str]], ...]
    hazards: tuple[tuple[str, re.Pattern[str]], ...]
    military: re.Pattern[str]
    patterns: Words


def language_for(tag: str) -> Language | None:
    """The language of a BCP 47 tag, None where no rules are written for it yet."""
    from clearway.ledger.reading.languages.english import ENGLISH

    return {"en": ENGLISH}.get(tag.split("-", maxsplit=1)[0].lower())
