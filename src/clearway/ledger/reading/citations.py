"""
Citations beside the sentence's own verbs: "as per X", "according to Y", "Z via W reported", "citing V", datelines.

They are cut off before parsing. Scope: a citation covers its own sentence, all conjuncts of it. It is carried back,
as inferred, over the earlier sentences of its paragraph as far as the previous citation, and over earlier paragraphs
only to statements of the same speaker as one in its sentence. The narrator's own statements, relative clauses
("which Moscow claims to have annexed") among them, get a citation only from their own sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from clearway.ledger.reading.actors import is_outlet, mention_of
from clearway.ledger.reading.findings import Citation
from clearway.ledger.reading.languages import Language
from clearway.ledger.reading.text import Sentence, Trimmed, quotes_in, trimmed

__all__ = ["Prepared", "prepare"]

STAND_IN = "it is so"  # what a parser sees in place of a direct quotation
PARENTHESIS = re.compile(r"\s*\([^()]*\)")
N_SOURCE_WORDS = 24


@dataclass(frozen=True, slots=True)
class Prepared:
    """A sentence ready for the rules: what is left of it, its citations, media, quotations."""

    sentence: Sentence
    body: Trimmed
    start: int  # of what is left, in the report
    end: int
    citations: tuple[Citation, ...]
    media: tuple[tuple[int, int, str], ...]
    quotes: tuple[tuple[int, int], ...]
    is_only_quote: bool


def prepare(text: str, sentence: Sentence, language: Language) -> Prepared:
    """Cut citations, media and parentheses off a sentence and put a few words in place of direct quotations."""
    quotes = quotes_in(sentence)
    start, end = sentence.start, sentence.end
    while end > start and text[end - 1] in " .!?…;":
        end -= 1
    cuts: list[tuple[int, int]] = []
    citations: list[Citation] = []
    if sentence.kind != "heading":
        citations, start, end, cuts = _cut_citations(text, start, end, quotes, language)
    media = []
    for match in language.medium.finditer(text, start, end):
        if not _inside(match.start(), quotes):
            media.append((match.start(), match.end(), match.group("medium")))
            cuts.append((match.start(), match.end()))
    for match in PARENTHESIS.finditer(text, start, end):
        if not _inside(match.start(), quotes):
            cuts.append(match.span())
    fills = {(a, b): STAND_IN for a, b in quotes if start <= a and b <= end}
    for a, b in fills:  # the marks themselves
        cuts += [(i, i + 1) for i in (a - 1, *range(b, min(b + 2, end))) if text[i] in '"“”«»']
    body = trimmed(text, start, end, cuts, fills)
    rest = re.sub(r"[\s\"“”«».,!?…]", "", body.text)
    is_only_quote = bool(quotes) and rest == STAND_IN.replace(" ", "")
    return Prepared(sentence, body, start, end, tuple(citations), tuple(media), tuple(quotes), is_only_quote)


def _inside(position: int, stretches: list[tuple[int, int]]) -> bool:
    return any(a <= position < b for a, b in stretches)


def _cut_citations(
    text: str, start: int, end: int, quotes: list[tuple[int, int]], language: Language
) -> tuple[list[Citation], int, int, list[tuple[int, int]]]:
    """The citations of a sentence, what is left of it at both ends, and what is cut out of its middle."""
    found: list[Citation] = []
    cuts: list[tuple[int, int]] = []
    reported = language.citation["reported"].search(text[start:end])
    if reported and not _inside(start + reported.start(), quotes):
        citation = _reported(text, start, reported, language)
        if citation is not None:
            found.append(citation)
            end = citation.start
    while True:  # tails may follow each other: "..., according to Y, as per Z"
        tail = language.citation["tail"].search(text[start:end])
        tail = _last(language.citation["tail"], text, start, end) if tail else None
        if tail is None or _inside(tail.start(), quotes) or not _is_source(tail.group("source"), language):
            break
        if tail.group("cue").lower() in {"per", "via"} and not is_outlet(tail.group("source"), language):
            break
        found.append(_citation(tail, language))
        end = tail.start()
    lead = language.citation["lead"].match(text[start:end])
    if lead and not _inside(start, quotes):
        comma = _source_end(text, start + lead.start("source"), end, language)
        if comma is not None:
            source = mention_of(text, start + lead.start("source"), comma, language)
            cue = (start + lead.start("cue"), start + lead.end("cue"))
            outlet = is_outlet(text[source.start : source.end], language) and not source.is_person
            is_citing = lead.group("cue").lower() == "citing"
            found.append(Citation(start, comma, cue, source, outlet, is_citing=is_citing))
            start = comma + 1
    for match in language.citation["middle"].finditer(text, start, end):
        if not _inside(match.start(), quotes):
            found.append(_citation(match, language))
            cuts.append((match.start(), match.end()))
    return found, start, end, cuts


def _last(pattern: re.Pattern[str], text: str, start: int, end: int) -> re.Match[str] | None:
    """The match that begins last: the innermost tail."""
    last = None
    position = start
    while match := pattern.search(text, position, end):
        last = match
        position = match.start() + 1
    return last


def _citation(match: re.Match[str], language: Language) -> Citation:
    text = match.string
    source = mention_of(text, match.start("source"), match.end("source"), language)
    outlet = is_outlet(match.group("source"), language) or match.group("cue").lower().startswith("as per")
    is_citing = match.group("cue").lower() == "citing"
    place = match.span("cue")
    return Citation(match.start(), match.end(), place, source, outlet and not source.is_person, is_citing=is_citing)


def _reported(text: str, offset: int, match: re.Match[str], language: Language) -> Citation | None:
    """ ", Z via W reported": a citation only where Z may be an outlet."""
    a, b = offset + match.start("source"), offset + match.end("source")
    source = mention_of(text, a, b, language)
    named = source.kind == "name" and not source.title and not source.is_person
    if not (match.group("relay") or is_outlet(text[a:b], language) or named):
        return None
    citing = None
    if match.group("citing"):
        citing = mention_of(text, offset + match.start("citing"), offset + match.end("citing"), language)
    cue = (offset + match.start("cue"), offset + match.end("cue"))
    relay = match.group("relay") or ""
    return Citation(offset + match.start(), offset + match.end(), cue, source, True, relay, citing)


def _is_source(text: str, language: Language) -> bool:
    """Whether a tail is a source and nothing more: no clause of its own but a relative one."""
    head, _, rest = text.partition(",")
    clause = language.finite.search(head)
    relative = language.relative.search(head)
    if clause and not (relative and relative.start() < clause.start()):
        return False
    following = rest.split()
    if following and (following[0].lower() in language.verb_forms or language.finite.fullmatch(following[0])):
        return False  # "X, citing Y, reported that ..."
    clause, relative = language.finite.search(rest), language.relative.search(rest)
    is_plain = not clause or bool(relative and relative.start() < clause.start())
    return is_plain and len(text.split()) <= N_SOURCE_WORDS


def _source_end(text: str, start: int, end: int, language: Language) -> int | None:
    """The comma that ends the source of a leading citation, appositions within it included."""
    comma = text.find(",", start, end)
    if comma < 0:
        return None
    closing = text.find(",", comma + 1, end)
    apposed = text[comma + 1 : closing].strip().lower() if closing > 0 else ""
    words = re.findall(r"[\w-]+", apposed)
    is_role = bool(words) and words[0] in {"the", "a", "an", "its", "his", "her"} and bool(language.titles & set(words))
    is_relative = bool(words) and bool(language.relative.match(apposed))
    is_apposition = is_relative or (is_role and not language.finite.search(apposed))
    return closing if closing > 0 and is_apposition and len(words) <= 12 else comma
