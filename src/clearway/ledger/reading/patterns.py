"""
Rules without a parser: verbs and nouns of saying, their subjects and what follows, found by the words alone.

Used where no language model is installed. Less is found, and boundaries are coarser; the rules are named `pattern-*`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from clearway.ledger.claims import Basis, Force
from clearway.ledger.reading import content
from clearway.ledger.reading.actors import is_actor, is_outlet, mention_of, outlet_name
from clearway.ledger.reading.citations import Prepared
from clearway.ledger.reading.findings import Finding, Mention
from clearway.ledger.reading.languages import Language, Saying

__all__ = ["PatternRules"]

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
N_SUBJECT_WORDS = 14
N_TAIL_WORDS = 6  # "..., X said on Monday evening": words that may follow the verb
CONFIDENCE = 0.55


class PatternRules:
    """The rules over the words of one sentence."""

    def __init__(self, text: str, prepared: Prepared, language: Language) -> None:
        self.text, self.prepared, self.language = text, prepared, language
        self.body = prepared.body.text
        self.words = language.patterns

    def find(self) -> list[Finding]:
        """All findings of the sentence, each with the one it stands in."""
        found: list[Finding] = []
        subject: Mention | None = None
        for match in WORD.finditer(self.body):
            lemma = self.language.verb_forms.get(match.group().lower())
            if lemma is None:
                continue
            around = next((f for f in found if f.start <= self._place(match)[0] < f.end), None)
            finding = self._verb(match, lemma, subject)
            if finding is None or (around is not None and not self._stands_apart(match, finding, around)):
                continue
            found.append(finding)
            if finding.speaker is not None and finding.speaker.basis is Basis.EXPLICIT and finding.outer is None:
                subject = finding.speaker
        found += self._nouns(found)
        found += self._hedges(found)
        found += self._common_knowledge()
        return found

    # -- verbs ----------------------------------------------------------------------------------------------------

    def _verb(self, match: re.Match[str], lemma: str, subject: Mention | None) -> Finding | None:
        word, saying = match.group().lower(), self.language.verbs[lemma]
        before, after = self.body[: match.start()], self.body[match.end() :]
        particle = WORD.match(after.lstrip())
        phrasal = self.language.phrasal.get((lemma, particle.group().lower())) if particle else None
        saying = phrasal or saying
        if word.endswith("ing") and not self.words.progressive.search(before):
            if subject is None or not before.rstrip().endswith(","):
                return None
            speaker: Mention | None = replace(subject, basis=Basis.INHERITED)
        elif self.words.passive.search(before) and not word.endswith("ing"):
            return self._passive(match, saying)
        elif self._is_inverted(before, after):
            speaker = self._mention(match.end(), len(self.body.rstrip(" .")))
            good = speaker is not None and is_actor(speaker, self.language)
            return self._postposed(match, saying, speaker) if good and speaker is not None else None
        else:
            speaker = self._subject(before, subject, is_bare=word == lemma)
        if speaker is None:
            return None
        stretch = self._complement(after, saying, phrasal is not None)
        if stretch is None:
            return self._postposed(match, saying, speaker) if len(after.split()) <= N_TAIL_WORDS else None
        return self._made(match, saying, speaker, (match.end() + stretch[0], match.end() + stretch[1]), "pattern-verb")

    def _is_inverted(self, before: str, after: str) -> bool:
        """ "..., said X": a verb right after a comma, then a noun phrase without a verb."""
        if not before.rstrip().endswith(",") or not after.strip(" ."):
            return False
        head = after.split(",", maxsplit=1)[0]
        return (
            not self.language.finite.search(head)
            and len(head.split()) <= N_SUBJECT_WORDS
            and not re.match(r"\s+(?:that|to|in|on|at|it|he|she|they)\b", head)
        )

    def _subject(self, before: str, subject: Mention | None, is_bare: bool) -> Mention | None:
        """The noun phrase in front of a verb; the subject before it where the verb follows "and" directly."""
        words = list(WORD.finditer(before))
        while words and (
            words[-1].group().lower() in self.words.auxiliaries or words[-1].group().lower().endswith("ly")
        ):
            words.pop()
        if not words or words[-1].group().lower() in self.words.stoppers:
            return None
        last = words[-1].group().lower()
        if last in {"and", "but"}:
            return None if subject is None or is_bare else replace(subject, basis=Basis.INHERITED)
        stop = words[-1].end()
        first = self._phrase_start(before, stop)
        mention = self._mention(first, stop + (1 if before[stop : stop + 1] == "," else 0))
        if mention is None or not is_actor(mention, self.language):
            return None
        if any(a <= mention.start < b for a, b in self.prepared.quotes):
            return None
        said = re.findall(r"\b[a-z]+(?:ed|aid|old)\b", self.text[mention.start : mention.end].split(",")[0])
        if any(word in self.language.verb_forms for word in said):
            return None  # "denied reports that": the noun, not the verb
        if is_bare and not (mention.is_plural or mention.kind == "pronoun"):
            return None
        return mention

    def _phrase_start(self, before: str, stop: int) -> int:
        """
        Where the noun phrase begins that ends at `stop`: after the last break; before it where a comma closes an
        apposition ("Anna Lind, the mayor, said") or "and" joins two subjects ("Both Ukraine and others have ...").
        """
        end = stop
        if before[stop:].lstrip().startswith(","):
            opening = before.rfind(",", 0, stop)
            if opening > 0 and len(before[opening:stop].split()) <= N_SUBJECT_WORDS:
                end = opening
        breaks = list(self.words.breaks.finditer(before[:end]))
        while breaks:
            first = breaks[-1].end()
            earlier = breaks[-2].end() if len(breaks) > 1 else 0
            segment = before[earlier : breaks[-1].start()]
            joins = breaks[-1].group().lower() == "and" and 0 < len(segment.split()) <= 5
            if not joins or self.language.finite.search(segment) or (earlier and breaks[-2].group().lower() != "that"):
                return first
            breaks.pop()
        return 0

    def _mention(self, start: int, end: int) -> Mention | None:
        """A stretch of the body as somebody; None where it is too long, or a clause."""
        piece = self.body[start:end]
        joined = re.match(r"\s*(?:both\s+)?(.+?)\s+and\s+", piece, re.I)
        if joined and not self.language.finite.search(piece):
            end = start + joined.end(1)
        both = re.match(r"\s*both\s+", piece, re.I)
        start += both.end() if both else 0
        a, b = self._stripped(start, end)
        if a >= b or len(self.body[a:b].split()) > N_SUBJECT_WORDS:
            return None
        head = self.body[a:b].split(",")[0]
        clause, relative = self.language.finite.search(head), self.language.relative.search(head)
        if clause and not (relative and relative.start() < clause.start()):
            return None
        return mention_of(self.text, *self.prepared.body.span(a, b), self.language)

    def _passive(self, match: re.Match[str], saying: Saying) -> Finding | None:
        """ "were advised by X to ...": only with the one who says it."""
        by = re.match(r"\s+by\s+(.+?)\s+(?=to\b|that\b)", self.body[match.end() :])
        if by is None or "passive" not in saying.takes:
            return None
        speaker = self._mention(match.end() + by.start(1), match.end() + by.end(1))
        if speaker is None or not is_actor(speaker, self.language):
            return None
        first = self._phrase_start(self.body[: match.start()], match.start())
        if re.match(r"\s+by\s+.+?\s+that\b", self.body[match.end() :]):
            first = match.end() + by.end()
        return self._made(match, saying, speaker, (first, self._end(match.end())), "pattern-passive")

    def _postposed(self, match: re.Match[str], saying: Saying, speaker: Mention) -> Finding | None:
        """All before ", X said"."""
        at = self.prepared.body.where(speaker.start)
        head = self.body[: min(at, match.start())].rstrip()
        if "that" not in saying.takes or not head.endswith((",", '"', "”")) or len(head.split()) < 3:
            return None
        return self._made(match, saying, speaker, (0, len(head.rstrip(' ,"”'))), "pattern-postposed")

    # -- what is said ---------------------------------------------------------------------------------------------

    def _end(self, start: int, is_to: bool = False) -> int:
        """Where what is said ends: at the same speaker's next verb of saying, at a circumstance, at the stop."""
        end = len(self.body.rstrip(" ,."))
        following = next((m for m in self.words.continues.finditer(self.body, start + 8) if self._continues(m)), None)
        if following is not None:
            end = following.start()
        circumstance = self.words.circumstance.search(self.body, start, end) if is_to else None
        return circumstance.start() if circumstance else end

    def _continues(self, match: re.Match[str]) -> bool:
        return match.group("verb").lower() in self.language.verb_forms

    def _complement(self, after: str, saying: Saying, is_phrasal: bool) -> tuple[int, int] | None:
        """Where what is said stands in the words after the verb."""
        offset = len(self.body) - len(after)
        lead = re.match(r"\s+", after)
        rest = after[lead.end() :] if lead else ""
        if lead is None or not rest.strip(" ."):
            return None
        start, first, takes = lead.end(), rest.split()[0].lower(), saying.takes
        is_to = bool(self.words.whom_to.match(rest)) and first != "that"
        end = self._end(offset + start, is_to and bool({"whom to", "to"} & takes)) - offset
        if start >= end:
            return None
        whom = self.words.whom_that.match(rest)
        if "that" in takes and whom and first != "that":
            return start + whom.end(), end
        if is_phrasal or ("that" in takes and first == "that") or ("to" in takes and first == "to"):
            return start, end
        if "whom to" in takes and is_to:
            return start, end
        if first in self.words.prepositions:
            return None
        if "that" in takes and self.words.finite_verb.search(rest):
            return start, end
        if {"thing", "whom to"} & takes and "thing" in takes and len(rest.split()) >= 3:
            return start, end
        return None

    def _stands_apart(self, match: re.Match[str], finding: Finding, around: Finding) -> bool:
        """
        Whether a verb within what is said is a finding of its own: a coordinated clause with its own subject ends the
        statement around it; "had told ... that" is nested in it; "which X claims to have ..." is an aside.
        """
        speaker = finding.speaker
        if speaker is None:
            return False
        lead = self.body[: self.prepared.body.where(speaker.start)]
        joint = self.words.joint.search(lead)
        if joint and speaker.basis is Basis.EXPLICIT and around.start < self.prepared.body.starts[joint.start()]:
            a, b = self._stripped(self.prepared.body.where(around.start), joint.start())
            if b - a > 3:
                around.start, around.end = self.prepared.body.span(a, b)
                return True
        aside = self.words.aside.match(self.body, match.start())
        if aside and speaker.kind == "name":
            finding.start = self.text.rindex(speaker.text, speaker.start, speaker.end)
            finding.end = self.prepared.body.span(match.start(), aside.end())[1]
            finding.is_aside = True
            return True
        if self.body[self.prepared.body.where(finding.start) :].startswith("that ") and speaker.basis is Basis.EXPLICIT:
            finding.outer = around
            return True
        return False

    # -- nouns, hedges --------------------------------------------------------------------------------------------

    def _nouns(self, found: list[Finding]) -> list[Finding]:
        """ "X's order to inhabitants to take their children and leave", "Moscow's claim that ..."."""
        nouns = []
        for match in WORD.finditer(self.body):
            saying = self.language.nouns.get(match.group().lower())
            owned = re.search(r"['’]s?\s+$", self.body[: match.start()])
            follows = re.match(r"\s+(?:to|that)\s+", self.body[match.end() :])
            if saying is None or owned is None or follows is None:
                continue
            first = self._phrase_start(self.body[: owned.start()], owned.start())
            verbs = [m.end() for m in self.language.finite.finditer(self.body, first, owned.start())]
            first = verbs[-1] if verbs else first
            speaker = self._mention(first, owned.start())
            if speaker is None or not is_actor(speaker, self.language):
                continue
            is_to = "that" not in follows.group()
            finding = self._made(match, saying, speaker, (match.end(), self._end(match.end(), is_to)), "pattern-noun")
            if finding is not None:
                finding.is_main = False
                around = [f for f in found if f.start <= self._place(match)[0] < f.end]
                finding.outer = around[0] if around else None
                nouns.append(finding)
        return nouns

    def _hedges(self, found: list[Finding]) -> list[Finding]:
        hedges = []
        for match in WORD.finditer(self.body):
            if match.group().lower() not in self.language.hedges:
                continue
            starts = [m.end() for m in self.words.breaks.finditer(self.body[: match.start()])]
            stop = self.words.hedge_end.search(self.body, match.end())
            last = stop.start() if stop else len(self.body.rstrip(" ."))
            speaker = Mention(
                f"unnamed, '{match.group().lower()}'", *self._place(match), "unnamed", basis=Basis.UNRESOLVED
            )
            saying = Saying("assert", Force.ALLEGED, frozenset())
            finding = self._made(match, saying, speaker, (starts[-1] if starts else 0, last), "pattern-hedge")
            if finding is not None:
                around = [f for f in found if f.start <= finding.start and finding.end <= f.end]
                finding.outer = around[0] if around else None
                hedges.append(finding)
        return hedges

    def _common_knowledge(self) -> list[Finding]:
        found = []
        for match in self.words.common_knowledge.finditer(self.body):
            adverb, verb = match.group("adverb").lower(), match.group("verb").lower()
            lemma = self.language.verb_forms.get(verb, verb)
            if adverb in self.language.common_knowledge and lemma in self.language.reported_passives:
                place = self.prepared.body.span(match.start("adverb"), match.end("verb"))
                speaker = Mention(f"unnamed, '{adverb}'", *place, "unnamed", basis=Basis.UNRESOLVED)
                saying = Saying("assert", Force.ASSERTED, frozenset())
                made = self._made(match, saying, speaker, match.span(), "pattern-common-knowledge")
                if made is not None:
                    made.is_aside, made.is_main, made.cue = True, False, place
                    found.append(made)
        return found

    # -- putting together -----------------------------------------------------------------------------------------

    def _stripped(self, start: int, end: int) -> tuple[int, int]:
        piece = self.body[start:end]
        return start + len(piece) - len(piece.lstrip(" ,")), end - (len(piece) - len(piece.rstrip(" ,")))

    def _place(self, match: re.Match[str]) -> tuple[int, int]:
        return self.prepared.body.span(match.start(), match.end())

    def _made(
        self, match: re.Match[str], saying: Saying, speaker: Mention, place: tuple[int, int], rule: str
    ) -> Finding | None:
        a, b = self._stripped(*place)
        if b - a < 4 or self.body[a:b].lower() in {"this", "that", "them", "these", "those"}:
            return None
        start, end = self.prepared.body.span(a, b)
        said = self.body[a:b]
        is_to = saying.force_to is not None and not said.startswith("that ") and self.words.whom_to.match(said)
        force = saying.force_to if is_to and saying.force_to is not None else saying.force
        is_quote = any(qa <= start and end <= qb for qa, qb in self.prepared.quotes)
        return Finding(
            start=start,
            end=end,
            cue=self._place(match),
            act=saying.act,
            force=force,
            speaker=speaker,
            rule="quote" if is_quote else rule,
            confidence=CONFIDENCE,
            is_negated=content.is_negated(self.text[start:end], self.language),
            is_negative_cue=saying.is_negative,
            is_main=True,
            to_outlet=self._told_outlet(match, a),
        )

    def _told_outlet(self, match: re.Match[str], start: int) -> str:
        """The outlet between the verb and what is said: "told Reuters that"."""
        between = self.body[match.end() : max(start, match.end())].strip()
        return outlet_name(between, self.language) if between and is_outlet(between, self.language) else ""
