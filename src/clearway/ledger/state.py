"""What a ledger says as of a time: its entries, followed one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from clearway.ledger.bearing import Bearing
from clearway.ledger.claims import Claim
from clearway.ledger.entries import (
    AuthorityNamed,
    ClaimAdded,
    ClaimCorrected,
    Decided,
    Entry,
    Graded,
    Merged,
    ReportAdded,
    StalenessSet,
    Verdict,
    Withdrawn,
)
from clearway.ledger.grades import UNGRADED, Grade
from clearway.ledger.reports import Report

__all__ = ["FRAMES", "ClaimRecord", "LedgerState", "follow"]

FRAMES = ("status", "order")  # the frames that a situation is made of


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A claim as it now reads, with what was decided about it."""

    claim: Claim
    verdict: Verdict = Verdict.OPEN
    grade: Grade | None = None
    merged_into: str = ""
    is_withdrawn: bool = False
    is_corrected: bool = False
    last_entry: int = 0


@dataclass(slots=True)
class LedgerState:
    """
    Reports and claims by id, in the order of entry; authorities as (name, place); half-lives in hours by kind.

    Made by `follow`; changed by nothing else.
    """

    reports: dict[str, Report] = field(default_factory=dict)
    claims: dict[str, ClaimRecord] = field(default_factory=dict)
    withdrawn_reports: set[str] = field(default_factory=set)
    authorities: set[tuple[str, str]] = field(default_factory=set)
    half_life_h: dict[str, float] = field(default_factory=dict)
    n_entries: int = 0

    def is_withdrawn(self, record: ClaimRecord) -> bool:
        """Whether a claim, or the report it stands in, was withdrawn."""
        return record.is_withdrawn or record.claim.report_id in self.withdrawn_reports

    def status(self, record: ClaimRecord) -> str:
        """A claim's standing in one word: open, accepted, rejected, merged, withdrawn."""
        if self.is_withdrawn(record):
            return "withdrawn"
        return "merged" if record.merged_into else record.verdict.value

    def bearing(self) -> Iterator[Bearing]:
        """The accepted claims that a situation is made of, replaced ones among them, in the order of entry."""
        for record in self.claims.values():
            claim = record.claim
            if self.status(record) == "accepted" and claim.about.frame in FRAMES and claim.about.targets:
                report = self.reports[claim.report_id]
                yield Bearing(
                    claim=claim,
                    grade=record.grade or UNGRADED,
                    is_graded=record.grade is not None,
                    reported=report.published or report.received,
                    targets=tuple(sorted(set(claim.about.targets))),
                )


def follow(entries: Iterable[Entry], state: LedgerState | None = None) -> LedgerState:
    """What entries, in their order, come to; ``state``, if given, goes before them and is modified in place."""
    state = state or LedgerState()
    for entry in entries:
        _follow_one(state, entry)
        state.n_entries = entry.entry_id
    return state


def _follow_one(state: LedgerState, entry: Entry) -> None:
    match entry.act:
        case ReportAdded(report):
            state.reports[report.report_id] = report
        case ClaimAdded(claim):
            state.claims[claim.claim_id] = ClaimRecord(claim, last_entry=entry.entry_id)
        case AuthorityNamed(name, place, is_competent):
            (state.authorities.add if is_competent else state.authorities.discard)((name, place))
        case StalenessSet(kind, half_life_h):
            state.half_life_h[kind] = half_life_h
        case Withdrawn(target, _, is_withdrawn) if target.startswith("report:"):
            (state.withdrawn_reports.add if is_withdrawn else state.withdrawn_reports.discard)(target[7:])
        case Withdrawn(target, _, is_withdrawn):
            _change(state, target.removeprefix("claim:"), entry, is_withdrawn=is_withdrawn)
        case ClaimCorrected(claim):
            _change(state, claim.claim_id, entry, claim=claim, is_corrected=True)
        case Decided(claim_id, verdict):
            _change(state, claim_id, entry, verdict=verdict)
        case Graded(claim_id, grade):
            _change(state, claim_id, entry, grade=grade)
        case Merged(claim_id, into, is_merged):
            _change(state, claim_id, entry, merged_into=into if is_merged else "")


def _change(state: LedgerState, claim_id: str, entry: Entry, **what: object) -> None:
    state.claims[claim_id] = replace(state.claims[claim_id], last_entry=entry.entry_id, **what)  # type: ignore[arg-type]
