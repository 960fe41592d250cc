"""
Entries: everything a ledger holds, in the order in which it was entered.

Nothing is ever changed or taken away: a correction, a withdrawal or a change of mind is one more entry, with its own
author and time. What was believed at a time is what follows from the entries recorded by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clearway.ledger.claims import Claim
from clearway.ledger.grades import Grade
from clearway.ledger.reports import Report

__all__ = [
    "Act",
    "AuthorityNamed",
    "Batch",
    "ClaimAdded",
    "ClaimCorrected",
    "Decided",
    "Entry",
    "Graded",
    "Merged",
    "ReportAdded",
    "StalenessSet",
    "Verdict",
    "Withdrawn",
    "subject_of",
    "value_of",
]


class Verdict(StrEnum):
    """What a person decided about a claim. OPEN takes an earlier decision back."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class ReportAdded:
    """A report came in."""

    report: Report


@dataclass(frozen=True, slots=True)
class ClaimAdded:
    """A claim was read out of a report, by a person or a rule. It weighs nothing until it is accepted."""

    claim: Claim


@dataclass(frozen=True, slots=True)
class ClaimCorrected:
    """A claim was put down wrongly: from now on it reads so. Its decision and grade stay."""

    claim: Claim
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A claim, or a report with all its claims (`target` is `claim:ID` or `report:ID`), no longer counts."""

    target: str
    reason: str = ""
    is_withdrawn: bool = True  # False takes a withdrawal back


@dataclass(frozen=True, slots=True)
class Decided:
    """A person accepted or rejected a claim as evidence."""

    claim_id: str
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Graded:
    """A person judged source and information of a claim, each apart (Admiralty grades)."""

    claim_id: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Merged:
    """A claim is the same statement as another and weighs nothing of its own."""

    claim_id: str
    into: str
    is_merged: bool = True  # False takes a merge back


@dataclass(frozen=True, slots=True)
class AuthorityNamed:
    """The user names somebody as competent to give orders for a place (`zone:kherson`, `crossing:x`, or a name)."""

    name: str
    place: str
    is_competent: bool = True  # False takes it back


@dataclass(frozen=True, slots=True)
class StalenessSet:
    """After this many hours a claim about a thing of this kind (`bridge`, `site`, ...) weighs half."""

    kind: str
    half_life_h: float

    def __post_init__(self) -> None:
        if not 0 < self.half_life_h < 1e6:
            raise ValueError("a half-life is a number of hours over 0, below 1,000,000")


Act = ReportAdded | ClaimAdded | ClaimCorrected | Withdrawn | Decided | Graded | Merged | AuthorityNamed | StalenessSet
"""What an entry does."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Acts to be recorded at once, by an author; at a time where it is carried over from elsewhere, else now."""

    acts: Sequence[Act]
    author: str
    recorded: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One act, as it was recorded.

    Attributes
    ----------
    entry_id
        1, 2, 3, ...: the order of recording, without gaps.
    recorded
        When it was recorded, with offset; strictly later than the entry before.
    author
        The role of the one who entered it ("duty desk").
    act
        What it does.
    """

    entry_id: int
    recorded: datetime
    author: str
    act: Act


def subject_of(act: Act) -> str:
    """What an act is about: the id of a claim or report, `NAME@PLACE` for an authority, a kind for staleness."""
    match act:
        case ReportAdded(report):
            return report.report_id
        case ClaimAdded(claim) | ClaimCorrected(claim):
            return claim.claim_id
        case Withdrawn(target):
            return target
        case AuthorityNamed(name, place):
            return f"{name}@{place}"
        case StalenessSet(kind):
            return kind
        case _:
            return act.claim_id


def value_of(act: Act) -> str:  # noqa: PLR0911 (one case, one line)
    """What an act comes down to, for acts that have it: a report's date, a verdict, a grade, who a claim went into."""
    match act:
        case ReportAdded(report):
            return (report.published or report.received).isoformat()
        case Decided():
            return act.verdict.value
        case Graded():
            return str(act.grade)
        case Withdrawn():
            return "withdrawn" if act.is_withdrawn else ""
        case Merged():
            return act.into if act.is_merged else ""
        case AuthorityNamed():
            return "competent" if act.is_competent else ""
        case StalenessSet():
            return repr(act.half_life_h)
        case _:
            return ""
