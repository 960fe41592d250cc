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
from clearway.ledger.reading.citations import Prepared
from clearway.ledger.reading.content import is_negated
from clearway.ledger.reading.findings import Finding, Mention
from clearway.ledger.reading.languages import Language, Saying
from clearway.ledger.reading.trees import (
    Token,
    child,
    edges,
    governor,
    is_infinitive,
    is_modal,
    kept,
    negates,
    phrase_tokens,
)

__all__ = ["TreeRules"]

WEAK = {"suggest", "indicate", "reveal", "show", "add", "note", "question", "post", "report", "require", "estimate",
        "hear", "learn", "think", "hope", "offer", "direct", "guarantee"}
PASSIVE_SUBJECTS = ("nsubjpass", "csubjpass")
CIRCUMSTANCES = {"as", "after", "while", "when"}
BRIEF = 8  # tokens that may follow a verb of saying at the end of a sentence: "X said on Monday in ..."


class TreeRules:
    """The rules over one parsed sentence."""

    def __init__(self, text: str, prepared: Prepared, doc: Token, language: Language) -> None:
        self.text, self.prepared, self.doc, self.language = text, prepared, doc, language
        self.cues: dict[int, tuple[Saying, str]] = {}
        for token in doc:
            entry = self._entry(token)
            if entry is not None:
                self.cues[token.i] = entry

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

    # -- what counts as a cue -------------------------------------------------------------------------------------

    def _entry(self, token: Token) -> tuple[Saying, str] | None:
        if token.pos_ not in {"VERB", "AUX"} and not (token.dep_ == "ROOT" and token.tag_.startswith("V")):
            return None
        lemma = self.language.verb_forms.get(token.lower_, token.lemma_.lower())
        for part in token.children:
            if part.dep_ in {"prt", "prep"} and part.i > token.i:
                phrasal = self.language.phrasal.get((lemma, part.lower_))
                if phrasal is not None:
                    return phrasal, part.lower_
        saying = self.language.verbs.get(lemma)
        return None if saying is None else (saying, "")

    def _is_said(self, token: Token) -> bool:
        """Whether the verb tells of an act of saying that took place."""
        if token.tag_ in {"NN", "NNS"} or any(c.dep_ == "neg" for c in token.children):
            return False
        if is_modal(token) or is_infinitive(token):
            return False
        if token.dep_ == "amod" or token.tag_ == "VB":
            return False
        return not any(c.dep_ == "mark" and c.lower_ in {"if", "unless", "whether"} for c in token.children)

    # -- verbs ----------------------------------------------------------------------------------------------------

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
        if token.dep_ == "relcl" and is_to and "whom to" not in saying.takes:  # "districts Moscow claims to have annexed"
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

    def _coordinated(self, content: list[Token]) -> list[list[Token]]:
        """What is said, apart at each further "that": "said that A and that B" are two statements."""
        inside = {t.i for t in content}
        head = self._head(content)
        more = [] if head is None else [
            c for c in head.conjuncts if c.i in inside and any(m.dep_ == "mark" and m.lower_ == "that" for m in c.children)
        ]
        parts = []
        for c in more:
            own = {t.i for t in c.subtree}
            parts.append([t for t in content if t.i in own])
            content = [t for t in content if t.i not in own]
        return [content, *parts]

    def _speaker(self, token: Token) -> tuple[Mention | None, bool]:
        """Who says it, and whether the verb has its subject from another one."""
        subject = child(token, "nsubj")
        if subject is not None:
            if subject.tag_ in {"WP", "WDT"} or subject.lower_ in {"that", "which", "who"}:
                owner = self._relative_owner(token)
                return (self._mention(owner), False) if owner is not None else (None, False)
            if subject.lower_ == "it" and token.dep_ == "relcl":
                above = governor(token)
                owner = None if above is None else child(above, "nsubj")
                return (self._mention(subject), False) if owner is None else (self._mention(owner), True)
            return self._mention(subject), False
        if token.dep_ == "conj" and token.head.i != token.i:
            above = self._conjoined(token)
            if above is not None:
                return self._speaker(above)[0], True
        if token.tag_ == "VBG" and token.dep_ in {"advcl", "acl", "conj", "ccomp", "xcomp", "dep"}:
            has_comma = token.i > 0 and any(t.text == "," for t in self.doc[max(0, token.i - 2) : token.i])
            if token.dep_ == "acl" and not has_comma:
                return self._mention(token.head), False
            above = governor(token)
            owner = None if above is None else child(above, "nsubj")
            if above is not None and above.i in self.cues and owner is not None:
                return self._mention(owner), True
            main = next((t for t in self.doc if t.dep_ == "ROOT"), None)
            owner = None if main is None else child(main, "nsubj")
            return (self._mention(owner), True) if owner is not None else (None, False)
        return None, False

    def _conjoined(self, token: Token) -> Token | None:
        """The verb that a coordinated one shares its subject with; the outer verb of saying where the parse errs."""
        head = token.head
        subject = child(head, "nsubj", "nsubjpass")
        if head.i in self.cues or (subject is not None and is_actor(self._mention(subject), self.language)):
            outer = self._outer_cue(head)
            if head.i not in self.cues and outer is not None and self._is_displaced(token):
                return outer
            return head
        outer = self._outer_cue(head)
        if outer is not None:
            return outer
        return head if subject is not None or head.dep_ == "conj" else None

    def _outer_cue(self, token: Token) -> Token | None:
        above = token
        while above.head.i != above.i:
            if above.dep_ in {"ccomp", "xcomp", "acl"} and above.head.i in self.cues:
                return above.head
            if above.dep_ == "relcl":
                return None
            above = above.head
        return None

    def _is_displaced(self, token: Token) -> bool:
        """Whether a verb of saying, coordinated with a clause that is said, rather continues the verb that says it."""
        if token.i not in self.cues or token.dep_ != "conj" or child(token, "nsubj", *PASSIVE_SUBJECTS) is not None:
            return False
        if token.head.i in self.cues or token.tag_ not in {"VBD", "VBN"}:
            return False
        outer = self._outer_cue(token.head)
        if outer is None or outer.tag_ != "VBD":
            return False
        subject = child(token.head, "nsubj", "nsubjpass")
        has_aux = any(c.dep_ in {"aux", "auxpass"} for c in token.head.children)
        return has_aux or subject is None or not is_actor(self._mention(subject), self.language)

    def _relative_owner(self, token: Token) -> Token | None:
        above = token
        while above.head.i != above.i:
            if above.dep_ == "relcl":
                return above.head
            above = above.head
        return None

    # -- what is said ---------------------------------------------------------------------------------------------

    def _content(self, token: Token, saying: Saying, particle: str) -> tuple[list[Token] | None, bool, str]:
        """The tokens of what is said, whether it is an infinitive, and the rule."""
        takes = saying.takes
        if particle:
            return self._particle_content(token, particle, takes)
        for c in token.children:
            if c.dep_ in {"ccomp", "xcomp", "advcl"} and (c.dep_ != "advcl" or is_infinitive(c)):
                found = self._clause(token, c, takes)
                if found is not None:
                    return found
        if "that" in takes:
            tokens = self._postposed(token)
            if tokens is not None:
                return tokens, False, "postposed"
        if "calling" in takes:
            named = child(token, "dobj"), child(token, "oprd", "acomp")
            if named[0] is not None and named[1] is not None:
                return [*self._kept(token, named[0]), *self._kept(token, named[1])], False, "verb"
            return None, False, ""
        for label in ("whom of", "whom for"):
            if label in takes:
                tokens = self._object_and(token, label.split()[1])
                if tokens is not None:
                    return tokens, False, "verb"
        for c in token.children:
            if c.dep_ == "prep" and c.lower_ in takes and c.i > token.i:
                return self._kept(token, c), False, "verb"
        if "thing" in takes:
            thing = child(token, "dobj", "attr", "oprd")
            if thing is not None and not self._is_bare(thing):
                return self._kept(token, thing), False, "object"
        return None, False, ""

    def _clause(self, token: Token, c: Token, takes: frozenset[str]) -> tuple[list[Token], bool, str] | None:
        to = is_infinitive(c)
        before = c.i < token.i
        if before and c.dep_ != "ccomp":
            return None
        if to or c.dep_ in {"xcomp", "advcl"}:
            dobj = child(token, "dobj", "dative")
            if "whom to" in takes and dobj is not None and dobj.i < c.i:
                return [*phrase_tokens(dobj), *self._kept(token, c)], True, "verb"
            if "whom to" in takes and child(c, "nsubj") is not None:
                return self._kept(token, c), True, "verb"
            if ("to" in takes or ("that" in takes and child(c, "nsubj") is not None)) and c.dep_ != "advcl":
                return self._kept(token, c), to, "verb"
            if "calling" in takes and child(c, "nsubj") is not None:
                return self._kept(token, c), False, "verb"
            if "thing" in takes and dobj is not None and dobj.i < c.i:
                return [*phrase_tokens(dobj), *self._kept(token, c)], to, "verb"
            return None
        if "calling" in takes and child(c, "nsubj") is not None and c.i > token.i:
            return self._kept(token, c), False, "verb"
        if "that" not in takes:
            return None
        if before and not self._closes(token):
            return None
        tokens = self._kept(token, c)
        if before:
            tokens = [t for t in tokens if t.i < token.i]
            return tokens, False, "postposed"
        if child(c, "nsubj", "csubj", "expl", "mark", *PASSIVE_SUBJECTS) is None:  # "believe between 3 and 5 have gone"
            first = min(t.i for t in tokens)
            tokens = [*(t for t in token.subtree if token.i < t.i < first), *tokens]
        return tokens, False, "verb"

    def _closes(self, token: Token) -> bool:
        """Whether a clause before the verb can be what it says: a comma or quotation lies between them."""
        subject = child(token, "nsubj")
        first = min(token.i, subject.left_edge.i if subject is not None else token.i)
        return first > 0 and (self.doc[first - 1].is_punct or self.doc[first - 1].lower_ == "so")

    def _postposed(self, token: Token) -> list[Token] | None:
        """All that stands before ", X said" at the end of a sentence, where the parser saw no clause."""
        subject = child(token, "nsubj")
        if subject is None or subject.tag_ in {"WP", "WDT"} or token.dep_ == "relcl":
            return None
        first = min(token.i, subject.left_edge.i)
        rest = [t for t in self.doc[max(token.i, subject.right_edge.i) + 1 :] if not t.is_punct]
        if first < 4 or self.doc[first - 1].text not in {",", '"', "”"} or len(rest) > BRIEF:
            return None
        if any(t.i in self.cues for t in rest):
            return None
        before = [t for t in self.doc[: first - 1]]
        return before if any(t.pos_ in {"VERB", "AUX"} for t in before) else None

    def _particle_content(self, token: Token, particle: str, takes: frozenset[str]) -> tuple[list[Token] | None, bool, str]:
        part = next(c for c in token.children if c.lower_ == particle and c.dep_ in {"prt", "prep"})
        clause = child(token, "ccomp", "xcomp", "advcl")
        if "that" in takes:
            return (self._kept(token, clause), False, "verb") if clause is not None else (None, False, "")
        noun = child(part, "pobj", "pcomp") or child(token, "dobj")
        if "whom to" in takes:
            to = clause if clause is not None and is_infinitive(clause) and clause.i > part.i else None
            if noun is None:
                return None, False, ""
            whole = self._kept(token, part)
            if to is None and any(is_infinitive(t) for t in whole):
                return whole, True, "verb"
            if to is not None:
                return [*whole, *self._kept(token, to)], True, "verb"
            wanted = next((c for c in token.children if c.dep_ == "prep" and c.lower_ == "for"), None)
            return ([*whole, *self._kept(token, wanted)], True, "verb") if wanted is not None else (None, False, "")
        if noun is None:
            return None, False, ""
        return self._kept(token, noun), False, "object"

    def _object_and(self, token: Token, preposition: str) -> list[Token] | None:
        noun = child(token, "dobj")
        part = next((c for c in token.children if c.dep_ == "prep" and c.lower_ == preposition), None)
        if noun is None:
            return None
        if part is None:
            part = next((c for c in noun.children if c.dep_ == "prep" and c.lower_ == preposition), None)
        return None if part is None else [*phrase_tokens(noun), *self._kept(token, part)]

    def _is_bare(self, noun: Token) -> bool:
        """Whether an object says too little to be a statement: a pronoun, a lone name."""
        return noun.pos_ in {"PRON"} or (noun.pos_ == "PROPN" and len(list(noun.subtree)) <= 2)

    def _kept(self, cue: Token, head: Token) -> list[Token]:
        """
        The branch of what is said, without the verb of saying itself and what belongs to it again. An infinitive's
        circumstances ("to leave, as troops close in") are the narrator's.
        """
        is_to = is_infinitive(head)

        def drop(c: Token) -> bool:
            if c.i == cue.i or (self._is_displaced(c) and self._outer_cue(c.head) is not None):
                return True
            if is_to and c.dep_ == "advcl" and c.i > head.i:
                mark = child(c, "mark", "advmod")
                if mark is not None and mark.lower_ in CIRCUMSTANCES and child(c, "nsubj", *PASSIVE_SUBJECTS) is not None:
                    return True
            continues = c.i in self.cues and c.tag_ == "VBG" and c.dep_ in {"advcl", "acl"} and c.i > cue.i
            return bool(continues and c.i > 0 and self.doc[c.i - 1].text == ",")

        tokens = kept(head, drop)
        last = max(t.i for t in tokens)
        return [t for t in tokens if not (t.i == last and t.dep_ == "cc")]

    # -- passives, nouns, hedges ----------------------------------------------------------------------------------

    def _passive(self, token: Token, saying: Saying, subject: Token | None) -> list[Finding]:
        """"were advised by X to ...", "were urged to ...", "is believed to ...": the subject is part of what is said."""
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
        finding = self._finding(tokens, token, saying, speaker, rule, is_to and lemma not in self.language.reported_passives)
        if finding is None:
            return []
        finding.is_negated = clause is not None and negates(clause)
        finding.addressee = subject.text
        return [finding]

    def _noun(self, token: Token, saying: Saying) -> list[Finding]:
        """"X's order to inhabitants to take their children and leave", "Moscow's claim that ..."."""
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
        clauses = [c for c in parts if c.dep_ in {"acl", "ccomp", "relcl", "xcomp"} and (
            is_infinitive(c) or child(c, "mark") is not None)]
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
        while first > 0 and self.doc[first - 1].lower_ in {"of", "'s"} and self.doc[first - 2].pos_ in {"NOUN", "PROPN"}:
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
            return c.dep_ in {"mark", "relcl"} or (c.dep_ == "cc" and c.i > token.i) or (
                c.dep_ == "conj" and c.pos_ in {"VERB", "AUX"} and child(c, "nsubj", *PASSIVE_SUBJECTS) is not None)

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

    # -- putting together -----------------------------------------------------------------------------------------

    def _finding(
        self, tokens: list[Token], cue: Token, saying: Saying, speaker: Mention, rule: str, is_to: bool,
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
        if cue.i > tokens[0].i and cue.i < tokens[-1].i and rule not in {"hedge", "passive", "agentless", "common-knowledge"}:
            subject = child(cue, "nsubj")
            sides = [cue, *([] if subject is None else [subject.left_edge, subject.right_edge])]
            holes.append(self.prepared.body.span(min(t.idx for t in sides), max(t.idx + len(t.text) for t in sides)))
        is_quote = any(qa <= a and b <= qb for qa, qb in self.prepared.quotes)
        return Finding(
            start=a, end=b, cue=cue_place, act=saying.act, force=force, speaker=speaker,
            rule="quote" if is_quote and rule in {"verb", "postposed"} else rule,
            confidence=_confidence(rule, speaker, self.language), is_negated=is_negated(self.text[a:b], self.language) if is_quote else head is not None and negates(head),
            is_negative_cue=saying.is_negative, is_aside=self._relative_owner(cue) is not None, holes=holes,
            is_main=cue.dep_ == "ROOT",
        )

    def _head(self, tokens: list[Token]) -> Token | None:
        """The head of what is said: the token whose own head is not part of it; the verb rather than the object."""
        inside = {t.i for t in tokens}
        heads = [t for t in tokens if t.head.i not in inside or t.head.i == t.i]
        verbs = [t for t in heads if t.pos_ in {"VERB", "AUX"}]
        return (verbs or heads or [None])[-1]

    def _mention(self, token: Token) -> Mention:
        place = edges(phrase_tokens(token))
        if place is None:
            place = (token.idx, token.idx + len(token.text))
        a, b = self.prepared.body.span(*place)
        return mention_of(self.text, a, b, self.language, self._is_person(token))

    def _is_person(self, token: Token) -> bool:
        return token.ent_type_ == "PERSON"

    def _unnamed(self, word: str, token: Token) -> Mention:
        a, b = self.prepared.body.span(token.idx, token.idx + len(token.text))
        return Mention(f"unnamed, '{word}'" if word else "unnamed", a, b, "unnamed", basis=Basis.UNRESOLVED)

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
