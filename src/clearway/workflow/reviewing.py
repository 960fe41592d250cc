"""Going through the claims that wait for a decision, one act at a time; the terminal and the console use it alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from clearway.errors import UsageError
from clearway.ledger.bearing import source_key, state_said
from clearway.ledger.claims import Claim
from clearway.ledger.contradictions import against
from clearway.ledger.entries import Act, ClaimCorrected, Decided, Graded, Merged, Verdict
from clearway.ledger.grades import UNGRADED, Grade
from clearway.ledger.reports import Report
from clearway.ledger.state import ClaimRecord, LedgerState, follow
from clearway.ledger.store import Store
from clearway.workflow.entering import Statement, changed, check_target, state_of

CONTEXT = 240  # characters of the report shown on either side of a claim's span
MOST_RELATED = 9  # one digit names each

Contradictions = Callable[[Claim, Sequence[Claim]], Sequence[tuple[str, Claim]]]
"""A claim and others -> what contradicts it, each with a reason in words."""


@dataclass(frozen=True, slots=True)
class Related:
    """Another claim about the same thing, and how it stands to the one under review."""

    record: ClaimRecord
    relation: str


@dataclass(slots=True)
class Review:
    """
    A walk through the open claims of a ledger. Each act is recorded at once, so nothing is lost when it ends.

    Attributes
    ----------
    waiting
        Ids of the claims under review, in the order of entry; `position` is where the walk is.
    contradictions
        Finds what contradicts a claim; by default `contradicting`.
    """

    store: Store
    author: str
    contradictions: Contradictions | None = None
    waiting: list[str] = field(default_factory=list)
    position: int = 0
    n_acts: int = 0
    _state: LedgerState = field(init=False)
    _done: list[tuple[int, Act]] = field(default_factory=list)  # where it was, and the act that takes it back

    def __post_init__(self) -> None:
        self._state = state_of(self.store)
        if not self.waiting:
            self.waiting = [name for name, r in self._state.claims.items() if self._state.status(r) == "open"]

    @property
    def is_over(self) -> bool:
        return self.position >= len(self.waiting)

    @property
    def record(self) -> ClaimRecord:
        """The claim under review, as it reads now."""
        return self._state.claims[self.waiting[self.position]]

    @property
    def report(self) -> Report:
        """The report it stands in."""
        return self._state.reports[self.record.claim.report_id]

    @property
    def status(self) -> str:
        return self._state.status(self.record)

    def tally(self) -> dict[str, int]:
        """How many of the claims under review stand how."""
        counts: dict[str, int] = {}
        for name in self.waiting:
            word = self._state.status(self._state.claims[name])
            counts[word] = counts.get(word, 0) + 1
        return counts

    def context(self) -> tuple[str, str, str]:
        """The report's text before the claim's span, the span, and after it; the statement where there is no span."""
        claim, text = self.record.claim, self.report.text
        if claim.span is None:
            return "", claim.statement, ""
        start, end = claim.span.start, claim.span.end
        return text[max(start - CONTEXT, 0) : start], text[start:end], text[end : end + CONTEXT]

    def related(self) -> list[Related]:
        """Other claims about the same things that were not withdrawn: contradictions first, then the same."""
        claim = self.record.claim
        others = [
            record
            for record in self._state.claims.values()
            if record.claim.claim_id != claim.claim_id
            and self._state.status(record) != "withdrawn"
            and set(record.claim.about.targets) & set(claim.about.targets)
        ]
        found = self.contradictions or contradicting
        against = {other.claim_id: reason for reason, other in found(claim, [r.claim for r in others])}
        related = [Related(r, against[r.claim.claim_id]) for r in others if r.claim.claim_id in against]
        said = state_said(claim)
        related += [
            Related(r, "says the same")
            for r in others
            if r.claim.claim_id not in against and said is not None and state_said(r.claim) == said
        ]
        return related[:MOST_RELATED]

    def usual_grade(self) -> Grade | None:
        """What this claim's source was graded last."""
        key = source_key(self.record.claim)
        graded = [r for r in self._state.claims.values() if r.grade is not None and source_key(r.claim) == key]
        return max(graded, key=lambda r: r.last_entry).grade if graded else None

    def accept(self) -> None:
        """Accept the claim and go on."""
        self._decide(Verdict.ACCEPTED)

    def reject(self) -> None:
        """Reject the claim and go on."""
        self._decide(Verdict.REJECTED)

    def _decide(self, verdict: Verdict) -> None:
        name, was = self.record.claim.claim_id, self.record.verdict
        self._enter(Decided(name, verdict), Decided(name, was, "undone"))
        self.position += 1

    def grade(self, grade: Grade) -> None:
        """Grade the claim; it stays under review."""
        name = self.record.claim.claim_id
        self._enter(Graded(name, grade), Graded(name, self.record.grade or UNGRADED))

    def merge(self, into: str) -> None:
        """Mark the claim as the same as another and go on."""
        name = self.record.claim.claim_id
        self._enter(Merged(name, into), Merged(name, into, False))
        self.position += 1

    def edit(self, typed: Statement) -> None:
        """Correct the claim; it stays under review. UsageError where what was typed is none."""
        for target in typed.about:
            check_target(target)
        old = self.record.claim
        new = changed(old, typed)
        if new != old:
            self._enter(ClaimCorrected(new), ClaimCorrected(old, "undone"))

    def skip(self) -> None:
        """Leave the claim as it is and go on."""
        self.position += 1

    def back(self) -> None:
        """Go back to the claim before."""
        self.position = max(self.position - 1, 0)

    def undo(self) -> str:
        """Take the last act back, by an entry of its own, and go back to its claim; its id. UsageError at the start."""
        if not self._done:
            raise UsageError("there is nothing to take back")
        position, act = self._done.pop()
        self._record(act)
        self.position = position
        return self.waiting[position]

    def _enter(self, act: Act, inverse: Act) -> None:
        self._record(act)
        self._done.append((self.position, inverse))
        self.n_acts += 1

    def _record(self, act: Act) -> None:
        entries = self.store.append([act], self.author)
        if entries[0].entry_id == self._state.n_entries + 1:
            follow(entries, self._state)
        else:  # somebody else has entered something
            self._state = state_of(self.store)


def contradicting(claim: Claim, others: Sequence[Claim]) -> list[tuple[str, Claim]]:
    """What the rules of docs/contradictions.md find, and after it what says another state, at whatever time."""
    found = [(f"contradicts: {reason}", other) for reason, other in against(claim, others)]
    names = {other.claim_id for _, other in found}
    return [*found, *((reason, other) for reason, other in other_state(claim, others) if other.claim_id not in names)]


def other_state(claim: Claim, others: Sequence[Claim]) -> list[tuple[str, Claim]]:
    """Claims that say another state of the same thing."""
    said = state_said(claim)
    if said is None:
        return []
    return [
        (f"contradicts: says {'' if its[1] else 'not '}{its[0]}", other)
        for other in others
        if (its := state_said(other)) is not None and differs(said, its)
    ]


def differs(one: tuple[str, bool], other: tuple[str, bool]) -> bool:
    """Whether two statements about a state cannot both hold: "open" and "closed", "open" and "not open"."""
    if one[1] and other[1]:
        return one[0] != other[0]
    return one[0] == other[0] and one[1] != other[1]
