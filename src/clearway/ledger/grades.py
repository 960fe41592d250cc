"""
Admiralty grades: how reliable a source is (A to F) and how credible a piece of information is (1 to 6), judged apart.

NATO AJP-2.1, "Intelligence procedures": A reliable ... E unreliable, F cannot be judged; 1 confirmed ... 5 improbable,
6 cannot be judged.
"""

import math
from dataclasses import dataclass

__all__ = ["INFORMATION", "INFORMATION_FACTOR", "SOURCE", "SOURCE_WEIGHT", "UNGRADED", "Grade", "odds_weight"]

SOURCE = {
    "A": "reliable",
    "B": "usually reliable",
    "C": "fairly reliable",
    "D": "not usually reliable",
    "E": "unreliable",
    "F": "cannot be judged",
}
INFORMATION = {
    "1": "confirmed",
    "2": "probably true",
    "3": "possibly true",
    "4": "doubtful",
    "5": "improbable",
    "6": "cannot be judged",
}

# Log-odds that one statement of such a source adds. The standard gives words, not numbers; these are ours, and
# settable: A2 alone makes a state 95 % likely, B2 90 %, C2 80 %, D2 67 %. What cannot be judged weighs between C and D.
SOURCE_WEIGHT = {"A": 3.0, "B": 2.2, "C": 1.4, "D": 0.7, "E": 0.0, "F": 1.0}
INFORMATION_FACTOR = {"1": 1.25, "2": 1.0, "3": 0.75, "4": 0.4, "5": 0.0, "6": 0.6}


@dataclass(frozen=True, slots=True)
class Grade:
    """
    Source and information, judged apart.

    Raises ValueError for a letter or number that the Admiralty code has not.
    """

    source: str = "F"
    information: str = "6"

    def __post_init__(self) -> None:
        if self.source not in SOURCE or self.information not in INFORMATION:
            raise ValueError(
                f"found {self.source + self.information!r}, expected a letter A to F and a number 1 to 6 such as B2"
            )

    def __str__(self) -> str:
        return self.source + self.information

    @classmethod
    def parse(cls, text: str) -> "Grade":
        """`B2`, in upper or lower case."""
        word = text.strip().upper()
        return cls(word[:1], word[1:])

    @property
    def words(self) -> str:
        """ "usually reliable source, probably true"."""
        source, information = SOURCE[self.source], INFORMATION[self.information]
        return f"source {source}, information {information}"


UNGRADED = Grade()  # nobody judged it: as what cannot be judged


def odds_weight(grade: Grade) -> float:
    """The log-odds that one fresh statement of this grade adds."""
    weight = SOURCE_WEIGHT[grade.source] * INFORMATION_FACTOR[grade.information]
    assert math.isfinite(weight)
    return weight
