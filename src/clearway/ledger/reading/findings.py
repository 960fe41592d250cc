"""What the rules find in a sentence, before it becomes a claim."""

from __future__ import annotations

from dataclasses import dataclass, field

from clearway.ledger.claims import Basis, Force

__all__ = ["Citation", "Finding", "Mention"]


@dataclass(frozen=True, slots=True)
class Mention:
    """
    Somebody as the text calls them, at `start`..`end` of the report.

    `kind` is `name`, `role` ("the governor of ..."), `pronoun`, `group` (no proper name) or `unnamed` (nobody is
    named: "allegedly", a passive without an agent). `title` are the words around a name ("Governor", "the mayor of
    Donja"), `is_person` what the parser's names or a title tell.
    """

    text: str
    start: int
    end: int
    kind: str
    title: str = ""
    is_person: bool = False
    is_plural: bool = False
    basis: Basis = Basis.EXPLICIT


@dataclass(slots=True)
class Finding:
    """
    One thing said, as a rule sees it. Positions count in the report's text.

    `is_aside` marks a relative clause: it is the narrator's own wording, so what stands around it is no step of its
    chain. `to_outlet` is whom it was said to, where that is an outlet ("told Reuters").
    """

    start: int
    end: int
    cue: tuple[int, int] | None
    act: str
    force: Force
    speaker: Mention | None
    rule: str
    confidence: float
    is_negated: bool = False
    is_negative_cue: bool = False
    is_aside: bool = False
    is_main: bool = False
    medium: str = ""
    to_outlet: str = ""
    source: Mention | None = None
    addressee: str = ""
    holes: list[tuple[int, int]] = field(default_factory=list)
    outer: Finding | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A source that a sentence names beside its own verbs: "as per X", "Z via W reported"."""

    start: int
    end: int
    cue: tuple[int, int]
    source: Mention
    is_outlet: bool
    relay: str = ""
    citing: Mention | None = None  # whom the source itself cites
    is_citing: bool = False  # "citing X": X said it to the sentence's own speaker
