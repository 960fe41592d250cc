"""The English words that rules look for where a claim's fields do not say it. One place per language."""

from __future__ import annotations

import re
from enum import StrEnum

__all__ = ["Going", "counted", "disputes", "going", "has_intent", "hazard_kind", "is_not_called", "topic"]


class Going(StrEnum):
    """What an order frame is about."""

    EVACUATE = "an evacuation"
    LEAVE = "leaving"
    DEPART = "people leaving by themselves"
    STAY = "staying"
    RETURN = "returning"
    NO_ENTRY = "no entry"
    OTHER = "another order"


ORDERS = (
    (Going.NO_ENTRY, r"entry.?ban|no.?entry|ban.+enter|closed.to.entry"),
    (Going.RETURN, r"return|all.?clear|lift"),
    (Going.STAY, r"stay|shelter|remain|curfew"),
    (Going.DEPART, r"depart|flee|flight|exodus|self"),
    (Going.EVACUATE, r"evac|relocat|resettle|transfer"),
    (Going.LEAVE, r"leave|go\b|move"),
)

HAZARDS = (
    ("shelling", r"shell|missile|rocket|artiller|bomb|strike|struck|air.?raid|attack|target"),
    ("flood", r"flood|inundat|dam.?(?:breach|destr|burst)|blow.?up.+dam|mined.+dam|dam.+mined|damage.+dam"),
    ("mines", r"\bmine[sd]?\b|minefield|booby"),
    ("fire", r"fire|smoke"),
    ("fighting", r"fight|front|combat|clash|offensive"),
)

INTENT = re.compile(
    r"\b(?:intent|intend|deliberat|on purpose|purposely|target|aim(?:s|ed|ing)? at|retaliat|punish)", re.I
)
FALSE = re.compile(
    r"\b(?:fraud|sham\b|fals(?:e|ified)|fake|fabricat|untrue|a lie\b|lies\b|rigged|hoax|disinformation)", re.I
)
INVALID = re.compile(
    r"\b(?:illegal|unlawful|illegitimate|invalid|null and void|void\b|unrecogni[sz]ed|not recogni[sz])", re.I
)
TOPICS = (
    ("vote", re.compile(r"\b(?:vote|votes|voted|voting|election|referend|ballot|plebiscit|poll\b|polls\b|join)", re.I)),
    ("annexation", re.compile(r"\bannex", re.I)),
    ("sovereignty", re.compile(r"\b(?:sovereign|independen|secession|incorporat)", re.I)),
)  # fmt: skip
CALLING = re.compile(
    r"\b(?:not|never)\b(?:\s+\w+){0,3}?\s+(?:an?|the)\s+(?:\w+\s+)?(?:call|order|appeal|instruction|announcement|demand|decree)\b"
    r"|n['’]t\s+(?:an?|the)\s+(?:\w+\s+)?(?:call|order|appeal|instruction|announcement|demand|decree)\b",
    re.I,
)  # fmt: skip
COUNTS = (
    ("beds", r"\bbeds?\b|places|capacity"),
    ("arrived", r"arriv|hous|accommodat|shelter(?:ed|ing)|registered|received"),
    ("planned", r"plan"),
    ("killed", r"kill|dead|death|died"),
    ("injured", r"injur|wound"),
    ("left", r"left|leav|depart|cross|evacuat|moved|fled|gone|transport"),
)


def going(order: str) -> Going:
    """What kind of order a word of `about.order` means."""
    return next((kind for kind, pattern in ORDERS if re.search(pattern, order, re.I)), Going.OTHER)


def hazard_kind(hazard: str) -> str:
    """The kind of hazard, or the hazard itself where it is none of the known kinds."""
    return next((kind for kind, pattern in HAZARDS if re.search(pattern, hazard, re.I)), hazard.casefold())


def has_intent(statement: str) -> bool:
    """Whether it speaks of what somebody means to do, not only of what happens."""
    return INTENT.search(statement) is not None


def disputes(statement: str) -> str:
    """`false` where it calls something false, `invalid` where it denies its validity, else empty."""
    return "false" if FALSE.search(statement) else "invalid" if INVALID.search(statement) else ""


def topic(statement: str) -> str:
    """The public act that a statement is about, where it names one."""
    return next((name for name, pattern in TOPICS if pattern.search(statement)), "")


def is_not_called(statement: str) -> bool:
    """Whether it says what somebody's words are not: "is not a call for evacuation"."""
    return CALLING.search(statement) is not None


def counted(counts: str) -> str:
    """What is counted, in one word; the word itself where it is none of the known ones."""
    return next((kind for kind, pattern in COUNTS if re.search(pattern, counts, re.I)), counts.casefold())
