"""
Rules on a dependency tree: who says what, by which verb, noun or hedge.

Rules (the name is written into each proposal): `verb` a verb of saying with its clause, infinitive or object;
`quote` a verb with a direct quotation; `postposed` "..., X said"; `passive` "were advised by X to ..."; `agentless`
"were urged to ..."; `noun` "X's order to ..."; `hedge` "allegedly"; `common-knowledge` "universally acknowledged".
A verb of saying that is negated, under a modal or an infinitive reports no act of saying and is passed over.
"""

from __future__ import annotations

from dataclasses import replace

from clearway.ledger.claims import Basis, Force
from clearway.ledger.reading.actors import is_actor, is_outlet, mention_of
from clearway.ledger.reading.content import is_negated
from clearway.ledger.reading.findings import Finding, Mention
from clearway.ledger.reading.languages import Language, Saying
from clearway.ledger.reading.said import Contents
from clearway.ledger.reading.tree import PASSIVE_SUBJECTS
from clearway.ledger.reading.trees import Token, child, edges, is_infinitive, kept, negates, phrase_tokens

__all__ = ["TreeRules"]

WEAK = {
    "suggest",
    "indicate",
    "reveal",
    "show",
    "add",
    "note",
    "question",
    "post",
    "report",
    "require",
    "estimate",
    "hear",
    "learn",
    "think",
    "hope",
    "offer",
    "direct",
    "guarantee",
}


class TreeRules(Contents):
    """The rules over one parsed sentence."""

    def find(self) -> list[Finding]:
        """All findings of the sentence, each with the one it stands in."""
        found: list[Finding] = []
        for token in self.doc:
            if token.i in self.cues:
                found += self._verb(token, *self.cues[token.i])
            elif token.pos_ in {"NOUN", "PROPN"} and token.lemma_.lower() in self.language.nouns:
                found += self._noun(token, self.language.nouns[token.lemma_.lower()])
            elif token.lower_ in self.language.hedges:
                found += self._hedge(token)
            elif token.lower_ in self.language.common_knowledge:
                found += self._common_knowledge(token)
        return _nested(_distinct(found))

    def _verb(self, token: Token, saying: Saying, particle: str) -> list[Finding]:
        if not self._is_said(token):
            return []
        passive = child(token, *PASSIVE_SUBJECTS)
        if passive is not None or child(token, "auxpass") is not None:
            return self._passive(token, saying, passive)
        speaker, inherited = self._speaker(token)
        if speaker is None:
            return []
        if token.lemma_.lower() in WEAK and not is_actor(speaker, self.language):
            return []
        content, is_to, rule = self._content(token, saying, particle)
        if content is None:
            return []
        if (
            token.dep_ == "relcl" and is_to and "whom to" not in saying.takes
        ):  # "districts Moscow claims to have annexed"
            content = kept(token, lambda c: c.tag_ in {"WDT", "WP"})
        if inherited:
            speaker = replace(speaker, basis=Basis.INHERITED)
        findings = []
        for part in self._coordinated(content):
            finding = self._finding(part, token, saying, speaker, rule, is_to)
            if finding is not None:
                finding.to_outlet = self._told_outlet(token)
                finding.addressee = self._addressee(token, is_to)
                findings.append(finding)
        return findings

    def _passive(self, token: Token, saying: Saying, subject: Token | None) -> list[Finding]:
        """Passives ("were advised by X to ...", "were urged to ..."): the subject is part of what is said."""
        if subject is None or "passive" not in saying.takes or self._relative_owner(token) is not None:
            return []
        agent = child(token, "agent")
        by = None if agent is None else child(agent, "pobj")
        clause = child(token, "ccomp", "xcomp", "advcl")
        if clause is not None and clause.dep_ == "advcl" and not is_infinitive(clause):
            clause = None
        lemma = token.lemma_.lower()
        if by is None and (clause is None or lemma == "expect" or self._outer_cue(token) is not None):
            return []
        is_to = clause is not None and is_infinitive(clause)
        if clause is not None and not is_to:
            tokens = self._kept(token, clause)
        else:
            tokens = [t for t in token.subtree if t.i <= max(t.i for t in token.subtree)]
        speaker = self._mention(by) if by is not None else self._unnamed("", token)
        rule = "passive" if by is not None else "agentless"
        finding = self._finding(
            tokens, token, saying, speaker, rule, is_to and lemma not in self.language.reported_passives
        )
        if finding is None:
            return []
        finding.is_negated = clause is not None and negates(clause)
        finding.addressee = subject.text
        return [finding]

    def _noun(self, token: Token, saying: Saying) -> list[Finding]:
        """ "X's order to inhabitants to take their children and leave", "Moscow's claim that ..."."""
        if token.i > 0 and self.doc[token.i - 1].lower_ == "in" and token.lower_ == "order":
            return []
        owner = child(token, "poss")
        if owner is None:
            by = next((c for c in token.children if c.dep_ == "prep" and c.lower_ in {"by", "from"}), None)
            owner = None if by is None else child(by, "pobj")
        if owner is None:
            return []
        speaker = self._owner_mention(token, owner)
        if not is_actor(speaker, self.language):
            return []
        parts = [c for c in token.children if c.i > token.i and c.dep_ in {"prep", "acl", "ccomp", "relcl", "xcomp"}]
        parts = [c for c in parts if c.dep_ != "relcl" or is_infinitive(c)]
        of_to = [c for c in parts if c.lower_ in {"to", "for", "with", "of"} and c.dep_ == "prep"]
        clauses = [
            c
            for c in parts
            if c.dep_ in {"acl", "ccomp", "relcl", "xcomp"} and (is_infinitive(c) or child(c, "mark") is not None)
        ]
        deeper = [t for c in of_to for t in c.subtree if is_infinitive(t)]
        wanted = [c for c in of_to if c.lower_ in {"for"} or (c.lower_ == "of" and "of" in saying.takes)]
        if not (clauses or deeper or wanted):
            return []
        is_to = bool(deeper or wanted) or any(is_infinitive(c) for c in clauses)
        if is_to and not ({"whom to", "for", "of"} & saying.takes):
            return []
        tokens = sorted({t.i: t for c in [*of_to, *clauses] for t in self._kept(token, c)}.values(), key=lambda t: t.i)
        finding = self._finding(tokens, token, saying, speaker, "noun", is_to)
        if finding is None:
            return []
        head = clauses[0] if clauses else None
        finding.is_negated = head is not None and negates(head)
        return [finding]

    def _owner_mention(self, token: Token, owner: Token) -> Mention:
        """
        The possessor as a mention. Where the parser cuts a chain of possessives ("the governor of Ukraine's southern
        Kherson region's order"), the whole noun phrase in front of the noun is taken.
        """
        first = owner.left_edge.i
        while (
            first > 0 and self.doc[first - 1].lower_ in {"of", "'s"} and self.doc[first - 2].pos_ in {"NOUN", "PROPN"}
        ):
            head = self.doc[first - 2]
            first = min(head.left_edge.i, first - 2)
        end = owner.right_edge
        while end.i + 1 < token.i and end.dep_ != "case":
            end = self.doc[end.i + 1]
        span = (self.doc[first].idx, end.idx + len(end.text))
        a, b = self.prepared.body.span(*span)
        return mention_of(self.text, a, b, self.language, self._is_person(owner))

    def _hedge(self, token: Token) -> list[Finding]:
        head = token.head
        if head.pos_ not in {"VERB", "AUX"}:
            return []
        aside = self._relative_owner(head) is not None

        def drop(c: Token) -> bool:
            return (
                c.dep_ in {"mark", "relcl"}
                or (c.dep_ == "cc" and c.i > token.i)
                or (c.dep_ == "conj" and c.pos_ in {"VERB", "AUX"} and child(c, "nsubj", *PASSIVE_SUBJECTS) is not None)
            )

        saying = Saying("assert", Force.ALLEGED, frozenset())
        found = self._finding(kept(head, drop), token, saying, self._unnamed(token.lower_, token), "hedge", False)
        if found is None:
            return []
        found.is_aside = aside
        found.is_negated = negates(head)
        return [found]

    def _common_knowledge(self, token: Token) -> list[Finding]:
        head = token.head
        lemma = self.language.verb_forms.get(head.lower_, head.lemma_.lower())
        if head.tag_ != "VBN" or lemma not in self.language.reported_passives or child(head, "agent") is not None:
            return []
        owner = self._relative_owner(head)
        tokens = list(head.subtree)
        if owner is not None:
            tokens = sorted({t.i: t for t in [*phrase_tokens(owner), *tokens]}.values(), key=lambda t: t.i)
        saying = Saying("assert", Force.ASSERTED, frozenset())
        speaker = self._unnamed(token.lower_, token)
        found = self._finding(tokens, head, saying, speaker, "common-knowledge", False, first=token)
        if found is None:
            return []
        found.is_aside = owner is not None
        return [found]

    def _finding(
        self,
        tokens: list[Token],
        cue: Token,
        saying: Saying,
        speaker: Mention,
        rule: str,
        is_to: bool,
        first: Token | None = None,
    ) -> Finding | None:
        place = edges(sorted(tokens, key=lambda t: t.i))
        if place is None:
            return None
        a, b = self.prepared.body.span(*place)
        if b - a < 3 or not self.text[a:b].strip():
            return None
        head = self._head(tokens)
        force = saying.force_to if is_to and saying.force_to is not None else saying.force
        cue_first = first or min([cue, *(c for c in cue.children if c.dep_ in {"aux", "auxpass"})], key=lambda t: t.i)
        cue_place = self.prepared.body.span(min(cue_first.idx, cue.idx), cue.idx + len(cue.text))
        holes = []
        if (
            cue.i > tokens[0].i
            and cue.i < tokens[-1].i
            and rule not in {"hedge", "passive", "agentless", "common-knowledge"}
        ):
            subject = child(cue, "nsubj")
            sides = [cue, *([] if subject is None else [subject.left_edge, subject.right_edge])]
            holes.append(self.prepared.body.span(min(t.idx for t in sides), max(t.idx + len(t.text) for t in sides)))
        is_quote = any(qa <= a and b <= qb for qa, qb in self.prepared.quotes)
        return Finding(
            start=a,
            end=b,
            cue=cue_place,
            act=saying.act,
            force=force,
            speaker=speaker,
            rule="quote" if is_quote and rule in {"verb", "postposed"} else rule,
            confidence=_confidence(rule, speaker, self.language),
            is_negated=is_negated(self.text[a:b], self.language) if is_quote else head is not None and negates(head),
            is_negative_cue=saying.is_negative,
            is_aside=self._relative_owner(cue) is not None,
            holes=holes,
            is_main=cue.dep_ == "ROOT",
        )

    def _told_outlet(self, token: Token) -> str:
        """The outlet that something was said to: "told Reuters", "in an interview with CNN"."""
        whom = child(token, "dobj", "dative")
        parts = [] if whom is None else [whom]
        for c in token.children:
            if c.dep_ == "prep" and c.lower_ in {"to", "in"}:
                parts += [t for t in c.subtree if t.dep_ == "pobj"]
        for part in parts:
            named = self._mention(part)
            if named.kind == "name" and is_outlet(self.text[named.start : named.end], self.language):
                return named.text
        return ""

    def _addressee(self, token: Token, is_to: bool) -> str:
        whom = child(token, "dobj", "dative")
        return self._mention(whom).text if whom is not None and is_to else ""


def _confidence(rule: str, speaker: Mention, language: Language) -> float:
    base = {"verb": 0.9, "postposed": 0.85, "object": 0.75, "noun": 0.75, "passive": 0.8, "hedge": 0.7}.get(rule, 0.6)
    return base if is_actor(speaker, language) else base - 0.2


def _distinct(found: list[Finding]) -> list[Finding]:
    """One finding per stretch and speaker: the surer one."""
    best: dict[tuple[int, int, str], Finding] = {}
    for finding in found:
        key = (finding.start, finding.end, "" if finding.speaker is None else finding.speaker.text)
        if key not in best or finding.confidence > best[key].confidence:
            best[key] = finding
    return list(best.values())


def _nested(found: list[Finding]) -> list[Finding]:
    """Each finding with the smallest other one whose content it stands in, asides excepted."""
    for inner in found:
        if inner.is_aside or inner.cue is None:
            continue
        around = [
            outer
            for outer in found
            if outer is not inner
            and outer.start <= inner.cue[0]
            and inner.cue[1] <= outer.end
            and not (outer.cue is not None and inner.start <= outer.cue[0] and outer.cue[1] <= inner.end)
            and not any(a <= inner.cue[0] < b for a, b in outer.holes)
        ]
        if around:
            inner.outer = min(around, key=lambda outer: outer.end - outer.start)
    return [f for f in found if not (f.rule == "agentless" and f.outer is not None)]
