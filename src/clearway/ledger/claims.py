"""A claim: one statement somebody makes, with the chain it came through, about something, at some time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["About", "Basis", "Chain", "Claim", "Force", "Polarity", "Quantity", "Role", "Span", "Stage", "Step", "When"]


class Force(StrEnum):
    """What the speaker does by saying it. Only ORDERED can ever put an order in force, and only once accepted."""

    ASSERTED = "asserted"
    DENIED = "denied"
    ADVISED = "advised"
    REQUESTED = "requested"
    ORDERED = "ordered"
    PLEDGED = "pledged"
    PLANNED = "planned"
    ASSESSED = "assessed"
    ALLEGED = "alleged"


class Polarity(StrEnum):
    """Whether what is said is said to be so, or not to be so."""

    AFFIRMED = "affirmed"
    NEGATED = "negated"


class Stage(StrEnum):
    """How the speaker stands to what is said: fact, wish, forecast or mere possibility (modality)."""

    ACTUAL = "actual"
    DIRECTIVE = "directive"
    PROSPECTIVE = "prospective"
    POSSIBLE = "possible"
    HYPOTHETICAL = "hypothetical"


class Role(StrEnum):
    """The part that somebody has in passing a statement on."""

    SPEAKER = "speaker"
    MEDIUM = "medium"
    OUTLET = "outlet"
    RELAY = "relay"
    DOCUMENT = "document"


class Basis(StrEnum):
    """How it is known that a step belongs to the chain."""

    EXPLICIT = "explicit"
    INHERITED = "inherited"
    INFERRED = "inferred"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a report's text, in code points, end exclusive."""

    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or len(self.text) != self.end - self.start:
            raise ValueError("a span has start < end, and its text is that long")


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody a statement came through. `name` is how the text calls them, or the resolved name; never guessed."""

    name: str
    role: Role
    basis: Basis = Basis.EXPLICIT


Chain = tuple[Step, ...]
"""From the speaker outwards: speaker, medium, outlet, relay, document."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """
    A number with its unit, as a range: `least` to `most`; None where the text leaves that side open ("more than").

    `counts` says what is counted: `left` (have gone), `planned`, `beds`, `killed`, `length`, ...; free words allowed.
    """

    unit: str
    least: float | None = None
    most: float | None = None
    counts: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """
    What a claim is about.

    `targets` name things of the scenario as availability.csv does (`crossing:antonivskyi`, `zone:kherson`, `link:17`,
    `site:x`); `places` are names as resolved or as in the text. `frame` is the kind of statement: `status` (open,
    closed, limited: see `state`), `order` (leave, stay, entry ban: see `order`), `movement` (counts of people),
    `resource` (beds, transport), `hazard`, `control`, `intent`, `other`.
    """

    frame: str = "other"
    targets: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    state: str = ""
    capacity_factor: float | None = None
    order: str = ""
    hazard: str = ""
    population: str = ""
    addressee: str = ""
    agent: str = ""
    quantities: tuple[Quantity, ...] = ()


@dataclass(frozen=True, slots=True)
class When:
    """
    When something was said or holds: from `start` to `end`, None where open or not known.

    `text` are the words it rests on; `resolved` is False where they need a date that nobody gave ("on Thursday" in
    an undated report). An unresolved time is never used as a time.
    """

    start: datetime | None = None
    end: datetime | None = None
    text: str = ""
    resolved: bool = True
    grain: str = ""

    def __post_init__(self) -> None:
        for moment in (self.start, self.end):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("a time needs an offset from UTC")


@dataclass(frozen=True, slots=True)
class Claim:
    """
    One statement of one report.

    Attributes
    ----------
    claim_id, report_id
        Its name, unique in the ledger; the report it stands in.
    span, cue
        Where it stands; the words that attribute it (None where nothing does).
    statement
        What is said, in plain words; by default the span's own.
    act
        The verb of saying as a base form: `assert`, `advise`, `deny`, `announce`, `report`, `headline`, ...
    force, polarity, stage
        What the speaker does by saying it; whether it is said to be so; how it stands to fact. Kept apart always.
    chain
        Who it came through, speaker first.
    about
        Frame, targets and quantities.
    said, holds
        When it was said; when what it says holds.
    rule, confidence
        What proposed it (`hand` for a person) and how sure that rule is, 0 to 1.
    """

    claim_id: str
    report_id: str
    statement: str
    force: Force
    chain: Chain
    about: About
    span: Span | None = None
    cue: Span | None = None
    act: str = "assert"
    polarity: Polarity = Polarity.AFFIRMED
    stage: Stage = Stage.ACTUAL
    said: When = When()
    holds: When = When()
    rule: str = "hand"
    confidence: float = 1.0

    def __post_init__(self) -> None:
        if not self.chain:
            raise ValueError("a claim has at least one step in its chain: who says it")
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError("confidence lies in 0..1")

    @property
    def speaker(self) -> str:
        """The innermost step of the chain."""
        return self.chain[0].name

    @property
    def is_attributed(self) -> bool:
        """Whether the text gives it to somebody other than itself."""
        return self.chain[0].role is not Role.DOCUMENT
