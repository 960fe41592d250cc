"""Reports, claims and entries as JSON documents, and back: what the stores keep and the exchange formats carry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from clearway.ledger.claims import (
    About,
    Basis,
    Claim,
    Force,
    Polarity,
    Quantity,
    Role,
    Span,
    Stage,
    Step,
    When,
)
from clearway.ledger.entries import (
    Act,
    AuthorityNamed,
    ClaimAdded,
    ClaimCorrected,
    Decided,
    Graded,
    Merged,
    ReportAdded,
    StalenessSet,
    Verdict,
    Withdrawn,
)
from clearway.ledger.grades import Grade
from clearway.ledger.reports import Report

__all__ = ["KINDS", "act_from", "act_to", "claim_from", "claim_to", "report_from", "report_to", "when_to"]

Document = dict[str, Any]

KINDS: dict[type, str] = {
    ReportAdded: "report",
    ClaimAdded: "claim",
    ClaimCorrected: "correction",
    Withdrawn: "withdrawal",
    Decided: "decision",
    Graded: "grade",
    Merged: "merge",
    AuthorityNamed: "authority",
    StalenessSet: "staleness",
}


def act_to(act: Act) -> tuple[str, Document]:  # noqa: PLR0911 (one case, one line)
    """An act's kind and its document."""
    kind = KINDS[type(act)]
    match act:
        case ReportAdded(report):
            return kind, report_to(report)
        case ClaimAdded(claim):
            return kind, claim_to(claim)
        case ClaimCorrected(claim, reason):
            return kind, {"claim": claim_to(claim), "reason": reason}
        case Withdrawn(target, reason, is_withdrawn):
            return kind, {"target": target, "reason": reason, "is_withdrawn": is_withdrawn}
        case Decided(claim_id, verdict, reason):
            return kind, {"claim_id": claim_id, "verdict": verdict.value, "reason": reason}
        case Graded(claim_id, grade):
            return kind, {"claim_id": claim_id, "grade": str(grade)}
        case Merged(claim_id, into, is_merged):
            return kind, {"claim_id": claim_id, "into": into, "is_merged": is_merged}
        case AuthorityNamed(name, place, is_competent):
            return kind, {"name": name, "place": place, "is_competent": is_competent}
        case StalenessSet(name, half_life_h):
            return kind, {"kind": name, "half_life_h": half_life_h}


def act_from(kind: str, document: Document) -> Act:  # noqa: PLR0911 (one case, one line)
    """The act of a document. KeyError, TypeError or ValueError where the document is not one of its kind."""
    match kind:
        case "report":
            return ReportAdded(report_from(document))
        case "claim":
            return ClaimAdded(claim_from(document))
        case "correction":
            return ClaimCorrected(claim_from(document["claim"]), document["reason"])
        case "withdrawal":
            return Withdrawn(**document)
        case "decision":
            return Decided(document["claim_id"], Verdict(document["verdict"]), document["reason"])
        case "grade":
            return Graded(document["claim_id"], Grade.parse(document["grade"]))
        case "merge":
            return Merged(**document)
        case "authority":
            return AuthorityNamed(**document)
        case "staleness":
            return StalenessSet(**document)
    raise ValueError(f"found an entry of kind {kind!r}, expected one of {', '.join(KINDS.values())}")


def report_to(report: Report) -> Document:
    """A report as a document."""
    return {
        "report_id": report.report_id,
        "title": report.title,
        "text": report.text,
        "outlet": report.outlet,
        "author": report.author,
        "published": _moment_to(report.published),
        "received": report.received.isoformat(),
        "entered_by": report.entered_by,
        "url": report.url,
        "language": report.language,
        "sha256": report.sha256,
    }


def report_from(document: Mapping[str, Any]) -> Report:
    """The report of a document."""
    times = {"published": _moment_from(document.get("published")), "received": _moment_from(document["received"])}
    return Report(**{**document, **times})


def claim_to(claim: Claim) -> Document:
    """A claim as a document; what is as by default is left out."""
    document: Document = {
        "claim_id": claim.claim_id,
        "report_id": claim.report_id,
        "statement": claim.statement,
        "force": claim.force.value,
        "chain": [{"name": s.name, "role": s.role.value, "basis": s.basis.value} for s in claim.chain],
        "about": _about_to(claim.about),
        "act": claim.act,
        "polarity": claim.polarity.value,
        "stage": claim.stage.value,
        "rule": claim.rule,
        "confidence": claim.confidence,
    }
    for name, span in (("span", claim.span), ("cue", claim.cue)):
        if span is not None:
            document[name] = {"start": span.start, "end": span.end, "text": span.text}
    for name, when in (("said", claim.said), ("holds", claim.holds)):
        if when != _NO_TIME:
            document[name] = when_to(when)
    return document


def claim_from(document: Mapping[str, Any]) -> Claim:
    """The claim of a document."""
    get = document.get
    return Claim(
        claim_id=document["claim_id"],
        report_id=document["report_id"],
        statement=document["statement"],
        force=_FORCE[document["force"]],
        chain=tuple(_step_from(step) for step in document["chain"]),
        about=_about_from(get("about") or {}),
        span=_span_from(get("span")),
        cue=_span_from(get("cue")),
        act=get("act", "assert"),
        polarity=_POLARITY[get("polarity", "affirmed")],
        stage=_STAGE[get("stage", "actual")],
        said=_when_from(get("said")),
        holds=_when_from(get("holds")),
        rule=get("rule", "hand"),
        confidence=get("confidence", 1.0),
    )


# Looking a word up is four times as fast as calling the enum, and an unknown word is told all the same.
class _Words(dict[str, Any]):
    def __missing__(self, word: object) -> Any:
        raise ValueError(f"found {word!r}, expected one of {', '.join(self)}")


_FORCE = _Words({f.value: f for f in Force})
_POLARITY = _Words({p.value: p for p in Polarity})
_STAGE = _Words({s.value: s for s in Stage})
_ROLE = _Words({r.value: r for r in Role})
_BASIS = _Words({b.value: b for b in Basis})
_NO_TIME = When()


def _step_from(step: Mapping[str, str]) -> Step:
    return Step(step["name"], _ROLE[step["role"]], _BASIS[step.get("basis", "explicit")])


def _span_from(span: Mapping[str, Any] | None) -> Span | None:
    return None if span is None else Span(span["start"], span["end"], span["text"])


def _about_to(about: About) -> Document:
    document: Document = {"frame": about.frame}
    for name in ("state", "capacity_factor", "order", "hazard", "population", "addressee", "agent"):
        value = getattr(about, name)
        if value not in ("", None):
            document[name] = value
    for name in ("targets", "places"):
        if getattr(about, name):
            document[name] = list(getattr(about, name))
    if about.quantities:
        document["quantities"] = [
            {"unit": q.unit, "least": q.least, "most": q.most, "counts": q.counts} for q in about.quantities
        ]
    return document


def _about_from(document: Mapping[str, Any]) -> About:
    values = dict(document)
    for name in ("targets", "places"):
        if name in values:
            values[name] = tuple(values[name])
    if "quantities" in values:
        values["quantities"] = tuple(Quantity(**quantity) for quantity in values["quantities"])
    return About(**values)


def when_to(when: When) -> Document:
    """A time as a document."""
    return {
        "start": _moment_to(when.start),
        "end": _moment_to(when.end),
        "text": when.text,
        "resolved": when.resolved,
        "grain": when.grain,
    }


def _when_from(document: Mapping[str, Any] | None) -> When:
    if document is None:
        return _NO_TIME
    times = {name: _moment_from(document.get(name)) for name in ("start", "end")}
    return When(**{**document, **times})


def _moment_to(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment_from(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
