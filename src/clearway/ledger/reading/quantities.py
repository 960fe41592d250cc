"""Numbers with units: "50,000 to 60,000 people", "more than 70,000", "two-mile (three-kilometer)", "600 beds"."""

from __future__ import annotations

import re

from clearway.ledger.claims import Quantity

__all__ = ["quantities_in"]

SMALL = "one two three four five six seven eight nine ten eleven twelve".split()
WORDS = {w: float(i + 1) for i, w in enumerate(SMALL)} | {"dozen": 12.0, "twenty": 20.0, "thirty": 30.0}
SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6}
NUMBER = (
    r"(?:\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?!\d)|\d+(?:\.\d+)?|"
    + "|".join(WORDS)
    + r")(?:\s+(?:hundred|thousand|million))?"
)
# what is counted -> (unit, factor to it); lengths in metres, times in seconds
UNITS = {
    r"miles?|mi": ("m", 1609.344),
    r"kilomet(?:er|re)s?|km": ("m", 1000.0),
    r"met(?:er|re)s?|m": ("m", 1.0),
    r"centimet(?:er|re)s?|cm": ("m", 0.01),
    r"feet|foot|ft": ("m", 0.3048),
    r"hectares?|ha": ("m2", 1e4),
    r"acres?": ("m2", 4046.856),
    r"hours?|h": ("s", 3600.0),
    r"minutes?|min": ("s", 60.0),
    r"days?": ("s", 86400.0),
    r"weeks?": ("s", 604800.0),
    r"people|persons?|residents?|civilians?|inhabitants|citizens|evacuees|refugees|households?|families|children"
    r"|patients|villagers|locals": ("persons", 1.0),
    r"beds|rooms|places|buses|boats|ferries|trucks|vehicles|cars|lorries|ships|trains|houses|homes|villages|cities"
    r"|euros|dollars|shelters|lanes?|tonnes|tons|vessels?|trips": ("", 1.0),
    r"%|percent|per\s+cent": ("%", 1.0),
    r"mph": ("m/s", 0.44704),
    r"km/h|kph": ("m/s", 1 / 3.6),
}
UNIT = "|".join(f"(?:{pattern})" for pattern in UNITS)
PATTERN = re.compile(
    r"(?P<bound>more\s+than|over|at\s+least|up\s+to|fewer\s+than|less\s+than|under|no\s+more\s+than|almost|nearly|about"
    r"|around|some|approximately|between)?\s*(?<![\w.,-])"
    rf"(?P<low>{NUMBER})(?:(?:\s*(?:-|–|to)\s*|\s+and\s+)(?P<high>{NUMBER}))?"
    rf"(?:\s+|-)?(?:(?:of\s+the|other|more|another|free|civilian|local|remaining)\s+)?(?P<unit>{UNIT})?(?!\w)",
    re.IGNORECASE,
)
COUNTS = (
    (
        "left",
        re.compile(
            r"\b(?:have|had|has|were|was)\s+(?:already\s+)?(?:been\s+)?(?:crossed|left|fled|evacuated|gone|moved|departed)\b",
            re.I,
        ),
    ),
    (
        "planned",
        re.compile(
            r"\b(?:plan\w*|will\s+be|to\s+be|would\s+be)\b.{0,30}\b(?:evacuated|moved|transport\w*|leave)\b", re.I
        ),
    ),
    ("killed", re.compile(r"\b(?:killed|dead|died)\b", re.I)),
    ("present", re.compile(r"\b(?:still|remain\w*)\b", re.I)),
)
N_LEAST_PLAIN = 100  # a bare number below this says nothing


def quantities_in(text: str) -> tuple[Quantity, ...]:
    """The quantities of a statement, in SI units and persons; ranges and open sides kept."""
    counts = next((name for name, pattern in COUNTS if pattern.search(text)), "")
    found = []
    for match in PATTERN.finditer(text):
        quantity = _quantity(match, counts)
        if quantity is not None:
            found.append(quantity)
    return tuple(dict.fromkeys(found))


def _quantity(match: re.Match[str], counts: str) -> Quantity | None:
    bound = re.sub(r"\s+", " ", (match.group("bound") or "").lower())
    unit_text = (match.group("unit") or "").lower()
    unit, factor, kind = _unit(unit_text)
    low = _number(match.group("low"))
    high = _number(match.group("high")) if match.group("high") else None
    if high is not None and " and " in match.group() and bound != "between":
        high = None
    if not unit_text and (low < N_LEAST_PLAIN or (1900 <= low <= 2100 and "," not in match.group("low"))):
        return None
    if not unit_text:
        unit = "persons" if counts else ""
    what = counts if unit == "persons" else "length" if unit == "m" else kind
    if high is not None:
        return Quantity(unit, low * factor, high * factor, what)
    if bound in {"more than", "over", "at least"}:
        return Quantity(unit, low * factor, None, what)
    if bound in {"up to", "fewer than", "less than", "under", "no more than", "almost", "nearly"}:
        return Quantity(unit, None, low * factor, what)
    return Quantity(unit, low * factor, low * factor, what)


def _unit(text: str) -> tuple[str, float, str]:
    for pattern, (unit, factor) in UNITS.items():
        if text and re.fullmatch(pattern, text):
            return unit or text, factor, "" if unit else text
    return "", 1.0, ""


def _number(text: str) -> float:
    parts = text.lower().split()
    scale = SCALES.get(parts[-1], 1.0) if len(parts) > 1 else 1.0
    if parts[-1] in SCALES and len(parts) > 1:
        parts = parts[:-1]
    word = "".join(parts)
    return (WORDS[word] if word in WORDS else float(re.sub(r"[,\u00a0\u202f ]", "", word))) * scale
