"""
Rules without a parser: verbs of saying, their subjects and what follows, found by the words alone.

Used where no language model is installed. Less is found, and boundaries are coarser; the rules are named `pattern-*`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from clearway.ledger.claims import Basis, Force
from clearway.ledger.reading import content
from clearway.ledger.reading.actors import is_actor, is_outlet, mention_of
from clearway.ledger.reading.citations import Prepared
from clearway.ledger.reading.findings import Finding, Mention
from clearway.ledger.reading.languages import Language, Saying

__all__ = ["find_by_patterns"]

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
AUXILIARY = {"has", "have", "had", "is", "are", "was", "were", "also", "later", "then", "officially", "repeatedly",
             "earlier", "already", "further", "again", "publicly", "now", "both", "recently", "first"}
STOPPERS = {"will", "would", "may", "might", "could", "can", "not", "to", "never", "should", "must", "didn't", "hasn't"}
BREAK = re.compile(r"[,;:]|\b(?:and|but|that|while|although|because|as|after|when|however|since|where)\b", re.I)
CONTINUES = re.compile(r",\s+(?=[a-z]+ing\s+(?:that\s)?)|\s+(?:and|but)\s+(?=(?:also\s+)?[a-z]+(?:ed|aid|old)\b)")
BE = {"is", "are", "was", "were", "been", "be"}


def find_by_patterns(text: str, prepared: Prepared, language: Language) -> list[Finding]:
    """The findings of a sentence, without a parser."""
    body = prepared.body.text
    found: list[Finding] = []
    subject: Mention | None = None
    taken = 0
    for match in WORD.finditer(body):
        lemma = language.verb_forms.get(match.group().lower())
        if lemma is None or match.start() < taken:
            continue
        finding = _cue(text, prepared, language, match, lemma, subject)
        if finding is None:
            continue
        found.append(finding)
        if finding.speaker is not None and finding.speaker.basis is Basis.EXPLICIT:
            subject = finding.speaker
        if not found[-1].rule.endswith("postposed"):
            taken = _after(prepared, finding)
    found += _hedges(text, prepared, language, found)
    return found


def _after(prepared: Prepared, finding: Finding) -> int:
    return next((i for i, start in enumerate(prepared.body.starts) if start >= finding.end), len(prepared.body.text))


def _cue(
    text: str, prepared: Prepared, language: Language, match: re.Match[str], lemma: str, subject: Mention | None
) -> Finding | None:
    body, word = prepared.body.text, match.group().lower()
    saying = language.verbs[lemma]
    before, after = body[: match.start()], body[match.end() :]
    particle = WORD.match(after.lstrip())
    phrasal = language.phrasal.get((lemma, particle.group().lower())) if particle else None
    saying = phrasal or saying
    is_bare = word == lemma
    is_participle = word.endswith("ing") and not re.search(r"\b(?:is|are|was|were|be|been)\s+(?:\w+ly\s+)?$", before)
    if is_participle:
        if subject is None or not before.rstrip().endswith(","):
            return None
        speaker = replace(subject, basis=Basis.INHERITED)
    else:
        found = _subject(text, prepared, language, before, subject, is_bare)
        if found is None:
            postposed = _inverted(text, prepared, language, match)
            return None if postposed is None else _postposed(text, prepared, language, match, saying, postposed)
        speaker = found
    if not is_participle and not after.strip(" ,.") or re.match(r"\s+on\s+\w+day\s*$", after):
        return _postposed(text, prepared, language, match, saying, speaker)
    stretch = _complement(after, saying, is_phrasal=phrasal is not None)
    if stretch is None:
        return _postposed(text, prepared, language, match, saying, speaker) if _ends(after) else None
    return _made(text, prepared, language, match, saying, speaker, (match.end() + stretch[0], match.end() + stretch[1]), "pattern")


def _ends(after: str) -> bool:
    return len(after.split()) <= 6


def _subject(
    text: str, prepared: Prepared, language: Language, before: str, subject: Mention | None, is_bare: bool
) -> Mention | None:
    """The noun phrase in front of a verb; the subject before it where the verb follows "and" directly."""
    words = list(WORD.finditer(before))
    end = len(words)
    passed = set()
    while end and (words[end - 1].group().lower() in AUXILIARY or words[end - 1].group().lower().endswith("ly")):
        passed.add(words[end - 1].group().lower())
        end -= 1
    if end and words[end - 1].group().lower() in STOPPERS:
        return None
    if not end:
        return None
    stop = words[end - 1].end()
    if words[end - 1].group().lower() in {"and", "but"}:
        if subject is None or is_bare:
            return None
        return replace(subject, basis=Basis.INHERITED)
    breaks = [m.end() for m in BREAK.finditer(before[:stop])]
    first = breaks[-1] if breaks else 0
    a, b = prepared.body.span(*_stripped(before, first, stop)) if before[first:stop].strip() else (0, 0)
    if a == b:
        return None
    if before[:stop].count(",") and before[stop:].strip() == ",":
        return None
    if passed & BE and not before.rstrip().lower().endswith(tuple(BE)):
        return None
    mention = mention_of(text, a, b, language)
    is_good = is_actor(mention, language) and len(text[a:b].split()) <= 14
    starts_like_name = mention.kind != "name" or text[a].isupper() or text[a:b].split()[0].lower() in {"the", "a", "an"}
    return mention if is_good and starts_like_name else None


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))


def _inverted(text: str, prepared: Prepared, language: Language, match: re.Match[str]) -> Mention | None:
    """"...", said X"."""
    body = prepared.body.text
    after = body[match.end() :].strip(" .")
    if not body[: match.start()].rstrip().endswith(",") or not after or len(after.split()) > 14:
        return None
    a, b = prepared.body.span(*_stripped(body, match.end(), len(body)))
    mention = mention_of(text, a, b, language)
    return mention if is_actor(mention, language) and match.group().lower() in {"said", "says", "added"} else None


def _postposed(
    text: str, prepared: Prepared, language: Language, match: re.Match[str], saying: Saying, speaker: Mention
) -> Finding | None:
    """All before ", X said"."""
    body = prepared.body.text
    limit = prepared.body.where(speaker.start) if speaker.start < prepared.body.starts[match.start()] else match.start()
    head = body[:limit].rstrip()
    if "that" not in saying.takes or not head.endswith((",", '"', "”")) or len(head.split()) < 3:
        return None
    return _made(text, prepared, language, match, saying, speaker, (0, len(head.rstrip(' ,"”'))), "pattern-postposed")


def _complement(after: str, saying: Saying, is_phrasal: bool) -> tuple[int, int] | None:
    """Where what is said stands in the words after the verb."""
    takes = saying.takes
    lead = re.match(r"\s+", after)
    if lead is None:
        return None
    start = lead.end()
    rest = after[start:]
    end = len(after.rstrip(" ,."))
    following = CONTINUES.search(after, start + 8)
    if following:
        end = following.start()
    if start >= end:
        return None
    first = rest.split()[0].lower()
    has_to = bool(re.match(r"(?:[^\W\d_][\w'’.-]*|\d[\d,]*)(?:\s+(?!that\b)[\w'’.,-]+){0,9}?\s+(?:not\s+)?to\s+\w+", rest))
    if is_phrasal:
        return start, end
    if "that" in takes and first == "that":
        return start, end
    whom = re.match(r"(?:the\s+)?[\w.]+(?:\s+[A-Z]\w+)?\s+(?=that\s)", rest)
    if "that" in takes and whom:
        return start + whom.end(), end
    if "to" in takes and first == "to":
        return start, end
    if "whom to" in takes and has_to:
        return start, end
    finite = re.search(r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|do|does|did|must|n't|wouldn't|won't)\b|\w+(?:ed|s)\b", rest)
    if "that" in takes and finite and first not in {"to", "in", "on", "at", "of", "for", "by", "with"}:
        return start, end
    if "thing" in takes and len(rest.split()) >= 3 and first not in {"to", "in", "on", "at", "by"}:
        return start, end
    return None


def _hedges(text: str, prepared: Prepared, language: Language, found: list[Finding]) -> list[Finding]:
    body = prepared.body.text
    hedges = []
    for match in WORD.finditer(body):
        if match.group().lower() not in language.hedges:
            continue
        starts = [m.end() for m in BREAK.finditer(body[: match.start()])]
        first = starts[-1] if starts else 0
        stop = re.compile(r"[,;]|\band\b|\bbut\b").search(body, match.end())
        last = stop.start() if stop else len(body.rstrip(" ."))
        a, b = _stripped(body, first, last)
        place = prepared.body.span(match.start(), match.end())
        speaker = Mention(f"unnamed, '{match.group().lower()}'", *place, "unnamed", basis=Basis.UNRESOLVED)
        saying = Saying("assert", Force.ALLEGED, frozenset())
        finding = _made(text, prepared, language, match, saying, speaker, (a, b), "pattern-hedge")
        if finding is not None:
            around = [f for f in found if f.start <= finding.start and finding.end <= f.end]
            finding.outer = around[0] if around else None
            hedges.append(finding)
    return hedges


def _made(
    text: str, prepared: Prepared, language: Language, match: re.Match[str], saying: Saying, speaker: Mention, place: tuple[int, int], rule: str
) -> Finding | None:
    a, b = _stripped(prepared.body.text, *place)
    if b - a < 4:
        return None
    start, end = prepared.body.span(a, b)
    said = prepared.body.text[a:b]
    to_words = saying.force_to is not None and not re.match(r"(?:\w+\s+)?that\b", said) and re.search(r"\bto\s+\w+", said)
    force = saying.force_to if to_words and saying.force_to is not None else saying.force
    is_quote = any(qa <= start and end <= qb for qa, qb in prepared.quotes)
    return Finding(
        start=start, end=end, cue=prepared.body.span(match.start(), match.end()), act=saying.act, force=force,
        speaker=speaker, rule="quote" if is_quote else rule, confidence=0.55,
        is_negated=content.is_negated(text[start:end], language), is_negative_cue=saying.is_negative, clause=(start, end),
        is_main=True,
    )
