"""What is said: the words that belong to a verb of saying."""

from __future__ import annotations

from clearway.ledger.reading.languages import Saying
from clearway.ledger.reading.tree import PASSIVE_SUBJECTS, SaidTree
from clearway.ledger.reading.trees import Token, child, is_infinitive, kept, phrase_tokens

__all__ = ["Contents"]

CIRCUMSTANCES = {"as", "after", "while", "when"}
BRIEF = 8  # tokens that may follow a verb of saying at the end of a sentence: "X said on Monday in ..."


class Contents(SaidTree):
    """A sentence's tree, with the rules for the complements of verbs of saying."""

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
        tokens = self._with_preposition(token, takes)
        if tokens is not None:
            return tokens, False, "verb"
        if "thing" in takes:
            thing = child(token, "dobj", "attr", "oprd")
            if thing is not None and not self._is_bare(thing):
                return self._kept(token, thing), False, "object"
        return None, False, ""

    def _with_preposition(self, token: Token, takes: frozenset[str]) -> list[Token] | None:
        """Objects with what is said of them: "called it baseless", "accused X of ...", "warned of ..."."""
        if "calling" in takes:
            named, what = child(token, "dobj"), child(token, "oprd", "acomp")
            if what is None:  # "described the bridge as impassable"
                what = next((c for c in token.children if c.dep_ == "prep" and c.lower_ == "as"), None)
            if named is not None and what is not None:
                return [*self._kept(token, named), *self._kept(token, what)]
            return None
        for label in ("whom of", "whom for"):
            if label in takes:
                return self._object_and(token, label.split()[1])
        part = next((c for c in token.children if c.dep_ == "prep" and c.lower_ in takes and c.i > token.i), None)
        return None if part is None else self._kept(token, part)

    def _clause(self, token: Token, c: Token, takes: frozenset[str]) -> tuple[list[Token], bool, str] | None:
        before = c.i < token.i
        if before and c.dep_ != "ccomp":
            return None
        if is_infinitive(c) or c.dep_ in {"xcomp", "advcl"}:
            return self._infinitive(token, c, takes)
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

    def _infinitive(self, token: Token, c: Token, takes: frozenset[str]) -> tuple[list[Token], bool, str] | None:
        """ "people to leave", "to open a shelter", "the acts to be illegal"."""
        to = is_infinitive(c)
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

    def _closes(self, token: Token) -> bool:
        """Whether a clause before the verb can be what it says: a comma or quotation lies between them."""
        subject = child(token, "nsubj")
        first = min(token.i, subject.left_edge.i if subject is not None else token.i)
        return bool(first > 0 and (self.doc[first - 1].is_punct or self.doc[first - 1].lower_ == "so"))

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
        before = list(self.doc[: first - 1])
        return before if any(t.pos_ in {"VERB", "AUX"} for t in before) else None

    def _particle_content(
        self, token: Token, particle: str, takes: frozenset[str]
    ) -> tuple[list[Token] | None, bool, str]:
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
                if (
                    mark is not None
                    and mark.lower_ in CIRCUMSTANCES
                    and child(c, "nsubj", *PASSIVE_SUBJECTS) is not None
                ):
                    return True
            continues = c.i in self.cues and c.tag_ == "VBG" and c.dep_ in {"advcl", "acl"} and c.i > cue.i
            return bool(continues and c.i > 0 and self.doc[c.i - 1].text == ",")

        tokens = kept(head, drop)
        last = max(t.i for t in tokens)
        return [t for t in tokens if not (t.i == last and t.dep_ == "cc")]

    def _coordinated(self, content: list[Token]) -> list[list[Token]]:
        """What is said, apart at each further "that": "said that A and that B" are two statements."""
        inside = {t.i for t in content}
        head = self._head(content)
        more = (
            []
            if head is None
            else [
                c
                for c in head.conjuncts
                if c.i in inside and any(m.dep_ == "mark" and m.lower_ == "that" for m in c.children)
            ]
        )
        parts = []
        for c in more:
            own = {t.i for t in c.subtree}
            parts.append([t for t in content if t.i in own])
            content = [t for t in content if t.i not in own]
        return [content, *parts]

    def _head(self, tokens: list[Token]) -> Token | None:
        """The head of what is said: the token whose own head is not part of it; the verb rather than the object."""
        inside = {t.i for t in tokens}
        heads = [t for t in tokens if t.head.i not in inside or t.head.i == t.i]
        verbs = [t for t in heads if t.pos_ in {"VERB", "AUX"}]
        return (verbs or heads or [None])[-1]
