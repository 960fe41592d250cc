"""When two names mean the same: speakers, sides, places. Words only; nothing is guessed from likeness."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

__all__ = ["is_unnamed", "name_key", "place_words", "places_overlap", "resolve_speakers", "side"]

WORDS = re.compile(r"[^\W_]+")

TITLES = frozenset(
    WORDS.findall(
        "mr mrs ms dr sir governor mayor president minister prime general colonel major captain chief head deputy "
        "acting spokesman spokeswoman spokesperson secretary director commander commissioner senator the of"
    )
)

UNNAMED_HEADS = frozenset(
    WORDS.findall(
        "source sources official officials witness witnesses eyewitness eyewitnesses resident residents local locals "
        "unnamed anonymous unknown unspecified someone somebody people person persons insider insiders expert experts "
        "analyst analysts observer observers media reports rumours rumors soldiers civilians representative "
        "representatives author authorities users user they he she it spokesman spokeswoman spokesperson"
    )
)
"""Nouns that say what somebody is, not who: a speaker called so has no name."""

PLACE_KINDS = frozenset(
    WORDS.findall(
        "the of a city town village settlement region province oblast district districts raion county state area zone "
        "municipality community right left east west north south eastern western northern southern bank port river "
        "bridge dam crossing ferry road isthmus tunnel hydroelectric power plant station hpp administration near"
    )
)
"""Words of a place's name that say what kind of place, or which part."""

SEATS = {
    "kremlin": "russia",
    "moscow": "russia",
    "kyiv": "ukraine",
    "kiev": "ukraine",
    "beijing": "china",
    "washington": "united states",
    "pentagon": "united states",
    "ankara": "turkey",
    "tehran": "iran",
    "baghdad": "iraq",
    "damascus": "syria",
    "jerusalem": "israel",
    "khartoum": "sudan",
    "kabul": "afghanistan",
    "kinshasa": "congo",
    "kigali": "rwanda",
    "baku": "azerbaijan",
    "yerevan": "armenia",
    "tbilisi": "georgia",
    "minsk": "belarus",
    "islamabad": "pakistan",
    "delhi": "india",
}
"""Seats of government that stand for their states in news language. More are given by the caller as `same`."""

PEOPLES = {
    "russian": "russia",
    "russians": "russia",
    "ukrainian": "ukraine",
    "ukrainians": "ukraine",
    "chinese": "china",
    "american": "united states",
    "turkish": "turkey",
    "iranian": "iran",
    "iraqi": "iraq",
    "syrian": "syria",
    "israeli": "israel",
    "sudanese": "sudan",
    "afghan": "afghanistan",
    "congolese": "congo",
    "rwandan": "rwanda",
    "azerbaijani": "azerbaijan",
    "armenian": "armenia",
    "georgian": "georgia",
    "belarusian": "belarus",
    "pakistani": "pakistan",
    "indian": "india",
}

Same = Mapping[str, str]
"""Names the caller knows to be the same: any spelling -> the one to use."""


@lru_cache(maxsize=65536)
def name_words(name: str) -> tuple[str, ...]:
    """The words of a name, folded; possessive endings dropped."""
    return tuple(WORDS.findall(re.sub(r"['’]s\b", "", name).casefold()))


@lru_cache(maxsize=65536)
def name_key(name: str) -> str:
    """A name as it is compared: case, spaces, dots and a leading article do not count ("News Week", "Newsweek")."""
    words = name_words(name)
    return "".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


@lru_cache(maxsize=65536)
def is_unnamed(name: str) -> bool:
    """Whether it says only what somebody is: "local officials", "a source close to the talks", "the author"."""
    words = name_words(re.split(r"\b(?:of|in|at|from|familiar|close|with|who|on|for|near|,)\b", name, maxsplit=1)[0])
    return not words or words[-1] in UNNAMED_HEADS


def resolve_speakers(names: Iterable[str], same: Same | None = None) -> dict[str, str]:
    """
    The key of each speaker's name: titles dropped, and a single name taken for the longer one that ends with it
    ("Saldo" for "Vladimir Saldo"). Where several end with it, the first in alphabetical order: two are then rather
    taken for one than one for two.
    """
    known = {name_key(spelling): name_key(name) for spelling, name in (same or {}).items()}
    short = {name: tuple(w for w in name_words(name) if w not in TITLES) or name_words(name) for name in names}
    longer: dict[str, str] = {}
    for words in sorted(words for words in short.values() if 2 <= len(words) <= 4):
        longer.setdefault(words[-1], "".join(words))
    resolved = {}
    for name, words in short.items():
        key = longer.get(words[0], words[0]) if len(words) == 1 else "".join(words)
        resolved[name] = known.get(name_key(name), known.get(key, key))
    return resolved


@lru_cache(maxsize=65536)
def side(name: str) -> str:
    """
    The state or body that a name stands for: "the Kremlin", "Moscow", "Russian forces" -> `russia`.

    What is no state is its own key. It is used to see whether two claims blame the same; it grades nobody.
    """
    words = name_words(name)
    for word in words:
        if word in SEATS:
            return SEATS[word]
        if word in PEOPLES:
            return PEOPLES[word]
    key = " ".join(word for word in words if word not in ("the", "government", "state", "forces", "army", "military"))
    for state in sorted(set(SEATS.values())):
        if state in key:
            return state
    return key


@lru_cache(maxsize=65536)
def place_words(place: str) -> frozenset[str]:
    """The words that name a place, without those that say what kind it is: "Kherson region" -> {kherson}."""
    words = frozenset(name_words(place.partition("(")[0]))
    return (words - PLACE_KINDS) or words


def places_overlap(one: str, other: str) -> bool:
    """Whether two names may mean the same place, or one lies in the other: every word of one is in the other."""
    first, second = place_words(one), place_words(other)
    return first <= second or second <= first
