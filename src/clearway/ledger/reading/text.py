"""A report's text as lines and sentences, every piece knowing where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from clearway.ledger.reading.languages import Language

__all__ = ["Line", "Sentence", "Trimmed", "lines_of", "quotes_in", "sentences_of"]

BULLET = re.compile(r"^\s*(?:[-*•–·]|\d{1,2}[.)])\s+")
BREAK = re.compile(r"(?<=;)\s+(?=\w)|(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9А-ЯІЇЄҐ])")
ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Capt|Lt|Sgt|Gov|Sen|Rep|St|No|Nos|Inc|Ltd|Co|approx|vs|etc|Jan|Feb|Mar|Apr|Jun|Jul"
    r"|Aug|Sept|Sep|Oct|Nov|Dec)|\b[A-Z]|\b[ap]\.m|\bU\.[SN]|\be\.g|\bi\.e)\.$"
)
QUOTE = re.compile(r"“(?P<curly>[^“”]*)”|\"(?P<straight>[^\"]*)\"|«(?P<angle>[^«»]*)»")
HEADING_WORDS = 16
LONGEST_SENTENCE = 1_500  # characters
N_QUOTE_WORDS = 3  # shorter quotations are words within a sentence, not a statement


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a report: `kind` is `paragraph`, `item` (of a list), `heading` or `boilerplate`."""

    start: int
    end: int
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; `paragraph` and `index` are the numbers of its line and of itself in that line."""

    start: int
    end: int
    text: str
    kind: str
    paragraph: int
    index: int


@dataclass(frozen=True, slots=True)
class Trimmed:
    """
    A sentence without what disturbs a parser, and where each character of it stands in the report.

    `starts[i]` and `ends[i]` bound the stretch of the report that character `i` stands for: one character, or a
    whole quotation that a few words stand in for.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The report's stretch that characters `start` to `end` (exclusive) stand for."""
        return self.starts[start], self.ends[end - 1]

    def where(self, position: int) -> int:
        """The first character at or after a position of the report."""
        return next((i for i, start in enumerate(self.starts) if start >= position), len(self.starts))


def lines_of(text: str, language: Language) -> list[Line]:
    """Split a report into lines; headings and boilerplate are told from paragraphs."""
    found = []
    for match in re.finditer(r"[^\n\r\x0b\x0c\u2028\u2029]+", text):
        start, end = match.span()
        raw = match.group()
        start += len(raw) - len(raw.lstrip())
        end -= len(raw) - len(raw.rstrip())
        if start < end:
            found.append(_line(text, start, end, language))
    return found


def _line(text: str, start: int, end: int, language: Language) -> Line:
    content = text[start:end]
    if any(pattern.search(content) for pattern in language.boilerplate):
        return Line(start, end, content, "boilerplate")
    bullet = BULLET.match(content)
    if bullet:
        start += bullet.end()
        return Line(start, end, text[start:end], "item") if start < end else Line(start, end, "", "boilerplate")
    ends_open = content[-1] not in ".!?:;\"”’'»)…,"
    if ends_open and len(content.split()) <= HEADING_WORDS:
        return Line(start, end, content, "heading")
    return Line(start, end, content, "paragraph")


def sentences_of(lines: list[Line], language: Language) -> Iterator[Sentence]:
    """The sentences of all lines that may hold claims; a dateline at the start of one is left out."""
    for number, line in enumerate(lines):
        if line.kind == "boilerplate":
            continue
        if line.kind == "heading":
            yield Sentence(line.start, line.end, line.text, "heading", number, 0)
            continue
        dateline = language.dateline.match(line.text)
        first = dateline.end() if dateline else 0
        pieces = [piece for whole in _split(line.text, first) for piece in _short(line.text, *whole)]
        for index, (start, end) in enumerate(pieces):
            yield Sentence(line.start + start, line.start + end, line.text[start:end], line.kind, number, index)


def _split(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Where the sentences of a line start and end; never within a quotation."""
    quoted = [match.span() for match in QUOTE.finditer(text)]
    for match in BREAK.finditer(text, start):
        inside = any(first < match.start() < last - 1 for first, last in quoted)
        end = match.start() + len(match.group()) - len(match.group().lstrip("\"'”’)]"))
        if inside or ABBREVIATION.search(text[max(start, match.start() - 12) : match.start()]):
            continue
        if text[start:end].strip():
            yield start, end
        start = match.end()
    if text[start:].strip():
        yield start, len(text)


def _short(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence in pieces that rules can read: whole, unless it is longer than any sentence is."""
    while end - start > LONGEST_SENTENCE:
        cut = text.rfind(" ", start, start + LONGEST_SENTENCE)
        cut = cut if cut > start else start + LONGEST_SENTENCE
        yield start, cut
        start = cut
    if text[start:end].strip():
        yield start, end


def quotes_in(sentence: Sentence) -> list[tuple[int, int]]:
    """Direct quotations that are statements, inside the marks, without a closing stop: positions in the report."""
    found = []
    for match in QUOTE.finditer(sentence.text):
        start, end = match.start() + 1, match.end() - 1
        inner = sentence.text[start:end]
        before = sentence.text[: match.start()].rstrip()
        after = sentence.text[match.end() :]
        whole = inner.rstrip().endswith((",", ".", "!", "?", "…")) or after.startswith((",", ".")) or not after.strip()
        begins = not before or before.endswith((",", ":", ";")) or inner[:1].isupper()
        if len(inner.split()) >= N_QUOTE_WORDS and whole and begins and inner[:1].isupper():
            kept = inner.rstrip(" ,.!?…")
            lead = len(inner) - len(inner.lstrip())
            found.append((sentence.start + start + lead, sentence.start + start + len(kept)))
    return found


def trimmed(text: str, start: int, end: int, cuts: list[tuple[int, int]], fills: dict[tuple[int, int], str]) -> Trimmed:
    """
    The report's characters `start` to `end` without the stretches in `cuts`, those in `fills` replaced by their words.
    """
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = start
    pieces = sorted([(a, b, fills[a, b]) for a, b in fills] + [(a, b, "") for a, b in cuts])
    for a, b, fill in [*pieces, (end, end, "")]:
        if a < position:
            if b > position and not fill:
                position = b
            continue
        for i in range(position, min(a, end)):
            letters.append(text[i])
            starts.append(i)
            ends.append(i + 1)
        for letter in fill:
            letters.append(letter)
            starts.append(a)
            ends.append(b)
        position = max(position, b)
    return _squeezed(letters, starts, ends)


def _squeezed(letters: list[str], starts: list[int], ends: list[int]) -> Trimmed:
    """Without leading, trailing and double blanks, and with plain apostrophes."""
    kept: list[int] = []
    for i, letter in enumerate(letters):
        if letter.isspace() and (not kept or letters[kept[-1]].isspace()):
            continue
        kept.append(i)
    while kept and letters[kept[-1]].isspace():
        kept.pop()
    plain = "".join("'" if letters[i] in "’‘" else " " if letters[i].isspace() else letters[i] for i in kept)
    return Trimmed(plain, tuple(starts[i] for i in kept), tuple(ends[i] for i in kept))
