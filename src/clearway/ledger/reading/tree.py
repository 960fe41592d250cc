"""One parsed sentence: its verbs of saying, and who each of them belongs to."""

from __future__ import annotations

from clearway.ledger.claims import Basis
from clearway.ledger.reading.actors import is_actor, mention_of
from clearway.ledger.reading.citations import Prepared
from clearway.ledger.reading.findings import Mention
from clearway.ledger.reading.languages import Language, Saying
from clearway.ledger.reading.trees import Token, child, edges, governor, is_infinitive, is_modal, phrase_tokens

__all__ = ["PASSIVE_SUBJECTS", "SaidTree"]

PASSIVE_SUBJECTS = ("nsubjpass", "csubjpass")


class SaidTree:
    """A sentence's tree with the verbs of saying in it."""

    def __init__(self, text: str, prepared: Prepared, doc: Token, language: Language) -> None:
        self.text, self.prepared, self.doc, self.language = text, prepared, doc, language
        self.cues: dict[int, tuple[Saying, str]] = {}
        for token in doc:
            entry = self._entry(token)
            if entry is not None:
                self.cues[token.i] = entry

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
        return self._participle_speaker(token)

    def _participle_speaker(self, token: Token) -> tuple[Mention | None, bool]:
        """The subject that a participle has from the verb above it ("..., claiming that ...")."""
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

    def _mention(self, token: Token) -> Mention:
        place = edges(phrase_tokens(token))
        if place is None:
            place = (token.idx, token.idx + len(token.text))
        a, b = self.prepared.body.span(*place)
        return mention_of(self.text, a, b, self.language, self._is_person(token))

    def _is_person(self, token: Token) -> bool:
        return bool(token.ent_type_ == "PERSON")

    def _unnamed(self, word: str, token: Token) -> Mention:
        a, b = self.prepared.body.span(token.idx, token.idx + len(token.text))
        return Mention(f"unnamed, '{word}'" if word else "unnamed", a, b, "unnamed", basis=Basis.UNRESOLVED)
