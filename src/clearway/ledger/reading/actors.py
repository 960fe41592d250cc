"""
Who speaks: mentions in the text, and the names they stand for.

A mention gets another's name only by one of these rules; else it stays as the text has it:
1. A surname stands for the one full name of the document that ends in it.
2. A pronoun that says something stands for the speaker before it, in the same paragraph, if they agree (he, she: a
   person; it: no person; they: several). Inside its sentence, "it" stands for the subject of the clause around it.
3. A description ("the governor of ...") stands for a named actor if exactly one in the document bears the same title.
   "The Office" stands for a fuller name spoken before if exactly one ends or begins in that word.
4. "The author", "a source": never.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from clearway.ledger.claims import Basis
from clearway.ledger.reading.findings import Mention
from clearway.ledger.reading.languages import Language

__all__ = ["Cast", "is_actor", "is_outlet", "mention_of", "outlet_name", "plain"]

WORD = re.compile(r"[\w&’'.-]*\w")
ARTICLES = {"the", "a", "an", "its", "his", "her", "their", "our", "local"}
LINKS = {"of", "the", "and", "for", "de", "del", "du", "la", "le", "van", "von", "bin", "al", "&"}
PREPOSITIONS = {"of", "in", "at", "for", "from", "to", "on", "with", "by"}
PLURAL = re.compile(
    r"^(?:[\w-]+\s+)*?(?:people|police|[\w-]+[^s'’\W]s)(?:\s+(?:of|at|in|from|inspecting|on|who|close|familiar)\b.*)?$",
    re.I,
)
CALL_SIGN = re.compile(r"^[KW][A-Z]{3}(?:-TV|-FM)?$")


def plain(name: str) -> str:
    """A name for comparison: no article, no possessive, lower case."""
    words = re.sub(r"['’]s?$", "", name.strip(' ,."“”')).split()
    while words and words[0].lower() in ARTICLES:
        words = words[1:]
    return " ".join(words).lower()


def is_outlet(text: str, language: Language) -> bool:
    """Whether a source is a newspaper, a broadcaster, an agency or another that passes news on."""
    name = plain(text)
    words = name.split()
    if not words or set(words) & {"reporter", "editor", "journalist", "correspondent"}:
        return False
    if name in language.outlets or CALL_SIGN.match(text.strip().removeprefix("the ")):
        return True
    if words[-1] == "agency" and len(words) > 1 and words[-2] in {"news", "press", "wire"}:
        return True
    return words[-1] in language.outlet_words or (words[0] in language.outlet_words and len(words) > 1)


def is_actor(mention: Mention, language: Language) -> bool:
    """Whether a mention may say things: a name, a pronoun, people, an organisation."""
    if mention.kind in {"name", "pronoun", "unnamed"} or mention.is_person:
        return True
    words = {word.lower() for word in WORD.findall(mention.text)}
    known = language.people | language.organisations | language.titles | language.outlet_words
    return bool(words & known or {word.removesuffix("s") for word in words} & known)


def outlet_name(text: str, language: Language) -> str:
    """An outlet's name without the word for its kind: "the Ukrainska Pravda newspaper", "the daily Nordposten"."""
    words = text.split()
    while len(words) > 1 and words[-1] in language.outlet_words | {"agency"}:
        words.pop()
    while len(words) > 1 and (words[0].islower() and words[0] in language.outlet_words | {"the"}):
        words.pop(0)
    is_bare = len(words) == 1 and words[0].lower() in {*ARTICLES, "state", "national", "public", "regional"}
    return text if is_bare or not any(word[:1].isupper() for word in words) else " ".join(words)


def mention_of(text: str, start: int, end: int, language: Language, is_person: bool = False) -> Mention:
    """Read a noun phrase as a mention: the name in it, the title around it."""
    while end > start and text[end - 1] in ' ,.;:"“”':
        end -= 1
    while start < end and text[start] in ' ,.;:"“”':
        start += 1
    phrase = re.sub(r"\s+", " ", text[start:end])
    possessive = re.search(r"['’]s?$", phrase)
    if possessive:
        phrase, end = phrase[: possessive.start()], end - len(possessive.group())
    if phrase.lower() in language.pronouns or phrase.lower() in {"we", "i"}:
        many = language.pronouns.get(phrase.lower(), "") == "many"
        return Mention(phrase, start, end, "pronoun", is_plural=many)
    parts = [part for part in (_bare(part, language) for part in phrase.split(",")) if part]
    name, title = _name_and_title(parts, language)
    if name:
        titled = _has(title, language.titles | language.people) and not _has(title, language.outlet_words)
        person = titled or (is_person and not _has(name, language.organisations))
        return Mention(name, start, end, "name", title, person)
    head = parts[0] if parts else phrase
    kind = "role" if head.lower().startswith(("the ", "a ", "an ")) else "group"
    return Mention(head, start, end, kind, "", False, bool(PLURAL.search(head)))


def _bare(part: str, language: Language) -> str:
    """A stretch between commas without its relative clause; empty where it is nothing else."""
    relative = language.relative.search(part)
    return (part[: relative.start()] if relative else part).strip()


def _name_and_title(parts: list[str], language: Language) -> tuple[str, str]:
    """(name, title) of phrases such as "Governor Vladimir Saldo" or "the mayor of Donja", "Vesna Kolar"."""
    if not parts:
        return "", ""
    before, name = split_name(parts[0], language)
    described = [part for part in parts[1:] if not split_name(part, language)[1]]
    if name:
        return name, " ".join([before, *described]).strip()
    for part in parts[1:2]:
        before, name = split_name(part, language)
        if name and not before:
            return name, parts[0]
    return "", ""


def split_name(part: str, language: Language) -> tuple[str, str]:
    """A phrase's trailing proper name, and what stands before it; no name where it has none at its end."""
    words = part.split()
    at = len(words)
    while at > 0 and (words[at - 1][:1].isupper() or (words[at - 1] in LINKS and 1 < at < len(words))):
        at -= 1
    while at < len(words) and words[at] in LINKS:
        at += 1
    if at < len(words) and words[at].lower() in ARTICLES:
        at += 1
    before, name = words[:at], words[at:]
    if any(word.lower() in PREPOSITIONS for word in before):
        return part, ""  # "the mayor of Donja": the name is a place's
    lowered = [word.lower().strip(".") for word in name]
    cut = max((i + 1 for i, word in enumerate(lowered) if word in language.titles), default=0)
    if 0 < cut < len(name) and name[cut] not in LINKS and not set(lowered[cut:]) & language.organisations:
        before, name, lowered = [*before, *name[:cut]], name[cut:], lowered[cut:]
    if not name or set(lowered) <= language.titles | language.people | language.organisations | LINKS:
        is_body = bool(set(lowered) & language.organisations) and len(name) > 1
        if not is_body:
            return part, ""
    if not before or (len(before) == 1 and before[0].lower() in ARTICLES):
        return "", part
    return " ".join(before), " ".join(name)


def _has(text: str, words: frozenset[str]) -> bool:
    return bool({word.lower() for word in WORD.findall(text)} & words)


@dataclass(slots=True)
class Cast:
    """The actors of one document, in the order they are met."""

    language: Language
    names: dict[str, str] = field(default_factory=dict)  # plain full name -> as in the text
    titles: dict[str, list[str]] = field(default_factory=dict)  # plain full name -> titles it was given
    persons: set[str] = field(default_factory=set)
    bodies: list[str] = field(default_factory=list)  # organisations that spoke, as in the text

    def meet(self, mentions: Iterable[Mention]) -> None:
        """Remember names and their titles."""
        for mention in mentions:
            if mention.kind != "name":
                if mention.kind == "role" and _has(mention.text, self.language.organisations):
                    self.bodies.append(mention.text)
                continue
            key = plain(mention.text)
            self.names.setdefault(key, mention.text)
            if mention.title:
                self.titles.setdefault(key, []).append(mention.title)
            if mention.is_person:
                self.persons.add(key)
            elif _has(mention.text, self.language.organisations):
                self.bodies.append(mention.text)

    def resolve(self, mention: Mention, before: Mention | None) -> Mention:
        """The mention under its resolved name, with the basis for it; itself where no rule applies."""
        words = set(plain(mention.text).split())
        if mention.kind == "pronoun":
            return self._pronoun(mention, before)
        if words and words <= self.language.unresolvable:
            return replace(mention, basis=Basis.UNRESOLVED)
        if mention.kind == "name":
            return self._full_name(mention)
        if mention.kind == "role":
            return self._described(mention)
        return mention

    def _full_name(self, mention: Mention) -> Mention:
        key = plain(mention.text)
        longer = {name for name in self.names if name.endswith(" " + key) and name in self.persons}
        if len(longer) == 1 and " " not in key:
            return replace(mention, text=self.names[longer.pop()], is_person=True)
        return replace(mention, is_person=mention.is_person or key in self.persons)

    def _described(self, mention: Mention) -> Mention:
        if mention.text.lower().startswith(("a ", "an ")):
            return mention
        head = _head_words(mention.text)
        if not head:
            return mention
        bearers = {name for name, titles in self.titles.items() if any(_head_words(title) == head for title in titles)}
        if len(bearers) == 1:
            name = bearers.pop()
            return replace(mention, text=self.names[name], is_person=name in self.persons, basis=Basis.INFERRED)
        short = plain(mention.text)
        fuller = {
            plain(body): body
            for body in self.bodies
            if plain(body) != short and short in {plain(body).split()[0], plain(body).split()[-1]}
        }
        if len(fuller) == 1:
            return replace(mention, text=next(iter(fuller.values())), kind="name", basis=Basis.INFERRED)
        return mention

    def _pronoun(self, mention: Mention, before: Mention | None) -> Mention:
        kind = self.language.pronouns.get(mention.text.lower(), "")
        if before is None or not kind or before.kind == "unnamed":
            return replace(mention, basis=Basis.UNRESOLVED)
        agrees = {
            "person": before.is_person or (not before.is_plural and not _has(before.text, self.language.organisations)),
            "thing": not before.is_person and not before.is_plural,
            "many": before.is_plural or _has(before.text, self.language.organisations),
        }[kind]
        if before.basis is Basis.UNRESOLVED or not agrees:
            return replace(mention, basis=Basis.UNRESOLVED)
        return replace(before, start=mention.start, end=mention.end, basis=Basis.INHERITED)


def _head_words(title: str) -> str:
    """The head of a description with what limits it: "deputy mayor", "governor"."""
    first = re.split(r"\s+(?:of|for|in|at)\s+|,", title.lower().strip())[0]
    words = WORD.findall(first)
    limited = [word for word in words[:-1] if word in {"deputy", "vice", "former", "acting", "prime", "interim"}]
    return " ".join([*limited, words[-1]]) if words else ""
