"""Small questions to a dependency tree. Tokens are spaCy's; the labels are those of its English models."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["Token", "child", "edges", "governor", "is_infinitive", "is_modal", "kept", "negates", "phrase_tokens"]

Token = Any
SUBJECTS = {"nsubj", "csubj", "nsubjpass", "csubjpass", "expl"}
NOTHING = {"no", "nobody", "none", "nothing", "neither", "never", "nor"}


def child(token: Token, *labels: str) -> Token | None:
    """The first child with one of these labels."""
    return next((c for c in token.children if c.dep_ in labels), None)


def is_infinitive(token: Token) -> bool:
    """Whether a verb has a "to" before it."""
    return any(c.dep_ == "aux" and c.lower_ == "to" for c in token.children)


def is_modal(token: Token) -> bool:
    """Whether a verb stands under "will", "may", "would"."""
    return any(c.dep_ == "aux" and c.tag_ == "MD" for c in token.children)


def negates(token: Token) -> bool:
    """Whether a clause headed by this token is negated: "not", "never", or a subject or object with "no"."""
    for c in token.children:
        if c.dep_ == "neg" or c.lower_ in {"never", "not"}:
            return True
        if c.dep_ in {*SUBJECTS, "dobj", "attr"} and (
            c.lower_ in NOTHING or any(g.lower_ in NOTHING for g in c.children)
        ):
            return True
        if c.dep_ in {"aux", "auxpass"} and (c.lower_ == "cannot" or any(g.dep_ == "neg" for g in c.children)):
            return True
    return bool(token.dep_ == "neg")


def kept(head: Token, drop: Callable[[Token], bool]) -> list[Token]:
    """The subtree of a token without the branches to drop, in order."""
    found = [head]
    for c in head.children:
        if not drop(c):
            found += kept(c, drop)
    return sorted(found, key=lambda token: token.i)


def edges(tokens: Iterable[Token]) -> tuple[int, int] | None:
    """Where the tokens start and end in the parsed text, without punctuation and conjunctions at either end."""
    inner = list(tokens)
    while inner and (inner[-1].is_punct or inner[-1].is_space or inner[-1].dep_ == "cc"):
        inner.pop()
    while inner and (inner[0].is_punct or inner[0].is_space):
        inner.pop(0)
    return (inner[0].idx, inner[-1].idx + len(inner[-1].text)) if inner else None


def phrase_tokens(head: Token) -> list[Token]:
    """A noun phrase without its relative clauses, coordinated phrases and adverbs before it."""
    return kept(head, lambda c: c.dep_ in {"relcl", "conj", "cc", "preconj", "punct_"} or c.lower_ == "both")


def governor(token: Token) -> Token | None:
    """The nearest verb above a token that has a subject."""
    above = token
    while above.head.i != above.i:
        above = above.head
        if above.pos_ in {"VERB", "AUX"} and any(c.dep_ in SUBJECTS for c in above.children):
            return above
    return None
