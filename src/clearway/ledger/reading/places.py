"""
Places a text names: the scenario's own crossings, zones, sites and nodes first, then a gazetteer of the area.

Names are compared folded: lower case, no accents, Ukrainian and Russian letters romanised, and endings that
romanisations disagree on made one ("Antonivskyi", "Antonivsky", "Antonovsky", "Антонівський").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from clearway.ledger.reading.languages import Language

__all__ = ["Found", "Gazetteer", "Place", "folded"]

WORD = re.compile(r"[^\W_]+(?:['’ʼ-][^\W_]+)*")
CYRILLIC = dict(
    zip(
        "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяёыэъ",
        "a b v h g d e ie zh z y i i i k l m n o p r s t u f kh ts ch sh shch _ iu ia e y e _".split(),
        strict=True,
    )
)
REGION = {"region", "province", "oblast", "district", "county", "area", "governorate", "regional", "raion"}
N_WORDS = 5


def folded(word: str) -> str:
    """A word as names are compared."""
    spelt = "".join(CYRILLIC.get(letter, letter).replace("_", "") for letter in word.lower())
    bare = "".join(c for c in unicodedata.normalize("NFKD", spelt) if not unicodedata.combining(c) and c.isalnum())
    bare = re.sub(r"(?:[yi]{1,2}[yij]?|yj)$", "i", bare.replace("'", ""))
    return re.sub(r"i?v(?=sk|k)", "v", bare.replace("y", "i").replace("ov", "iv").replace("g", "h").replace("ii", "i"))


@dataclass(frozen=True, slots=True)
class Place:
    """
    A name and what it stands for: `target` as in availability.csv ("crossing:antonivskyi"), empty for a mere place.
    `kinds` are the words a crossing's kind goes by ("dam", "hydroelectric").
    """

    name: str
    target: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Targets and places of a stretch of text, in the order of the text."""

    targets: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(slots=True)
class Gazetteer:
    """Names to look for, and what they stand for."""

    names: dict[tuple[str, ...], list[Place]] = field(default_factory=dict)
    crossings: list[tuple[tuple[str, ...], Place]] = field(default_factory=list)

    @classmethod
    def of(cls, places: Iterable[Place], aliases: Mapping[str, Iterable[str]] | None = None) -> Gazetteer:
        """A gazetteer of places; `aliases` are other names by (folded) name."""
        made = cls()
        for place in places:
            spellings = [place.name, *(aliases or {}).get(folded(place.name), ())]
            for spelling in spellings:
                key = tuple(folded(word) for word in WORD.findall(spelling))
                if place.target.startswith("crossing:"):
                    kinds = {folded(kind) for kind in place.kinds}
                    core = tuple(word for word in key if word not in kinds)
                    made.crossings.append((core or key, place))
                elif key and place not in made.names.setdefault(key, []):
                    made.names[key].append(place)
        return made

    def find(self, text: str) -> Found:
        """The crossings, zones, sites and places named in a text; capitals are asked of all but kinds of crossings."""
        spans = [(m.group(), m.start()) for m in WORD.finditer(text)]
        words = [folded(word) for word, _ in spans]
        capital = [word[:1].isupper() for word, _ in spans]
        hits: list[tuple[int, str, str]] = []
        used = self._crossings(words, capital, hits)
        at = 0
        while at < len(words):
            length = next(
                (
                    n
                    for n in range(N_WORDS, 0, -1)
                    if tuple(words[at : at + n]) in self.names
                    and capital[at]
                    and not used & set(range(at, at + n))
                    and at + n <= len(words)
                ),
                0,
            )
            if not length:
                at += 1
                continue
            self._place(words, at, length, hits)
            at += length
        hits.sort(key=lambda hit: hit[0])
        return Found(
            tuple(dict.fromkeys(target for _, target, _ in hits if target)),
            tuple(dict.fromkeys(name for _, _, name in hits if name)),
        )

    def generic(self, text: str, before: str, language: Language) -> tuple[str, ...]:
        """
        What "the city" or "the bridge" stands for: the one zone, or the one crossing of that kind, that the text
        before names. Nothing where it names several, or none.
        """
        earlier = self.find(before).targets
        found: list[str] = []
        if language.generic_zone.search(text):
            zones = [target for target in earlier if target.startswith("zone:")]
            found += zones if len(zones) == 1 else []
        for match in language.generic_crossing.finditer(text):
            kind = folded(match.group(1))
            alike = {
                p.target for _, p in self.crossings if kind in {folded(k) for k in p.kinds} and p.target in earlier
            }
            found += alike if len(alike) == 1 else set()
        return tuple(dict.fromkeys(found))

    def _crossings(self, words: list[str], capital: list[bool], hits: list[tuple[int, str, str]]) -> set[int]:
        used: set[int] = set()
        for core, place in self.crossings:
            kinds = {folded(kind) for kind in place.kinds}
            for at in range(len(words) - len(core) + 1):
                if tuple(words[at : at + len(core)]) != core or not capital[at]:
                    continue
                after = next(
                    (i for i in range(at + len(core), min(at + len(core) + 3, len(words))) if words[i] in kinds), None
                )
                before = next(
                    (
                        i
                        for i in range(max(0, at - 4), at)
                        if words[i] in kinds
                        and set(words[i + 1 : at]) <= {"at", "in", "of", "near", "the", "niva", "nova"}
                    ),
                    None,
                )
                if after is None and before is None:
                    continue
                first = at - 1 if at and capital[at - 1] and tuple(words[at - 1 : at + len(core)]) in self.names else at
                last = at + len(core) if after is None else after + 1
                used |= set(range(first, last))
                hits.append((at, place.target, place.name))
        return used

    def _place(self, words: list[str], at: int, length: int, hits: list[tuple[int, str, str]]) -> None:
        following = words[at + length] if at + length < len(words) else ""
        before = words[max(0, at - 2) : at]
        is_region = following in {folded(w) for w in REGION} or (
            len(before) == 2 and before[1] == "of" and before[0].removesuffix("s") in {folded(w) for w in REGION}
        )
        for place in self.names[tuple(words[at : at + length])]:
            if is_region:
                hits.append((at, "", f"{place.name} region"))
            else:
                hits.append((at, place.target, place.name))
