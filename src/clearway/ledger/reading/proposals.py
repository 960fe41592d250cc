"""Proposed claims as JSON documents, one per line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clearway.ledger.claims import About, Claim, Span, When
from clearway.ledger.reports import Report

__all__ = ["entry_documents", "proposal"]

Document = dict[str, Any]
TARGETS = {"crossing": "crossings", "zone": "zones", "site": "sites", "link": "links", "node": "nodes"}


def proposal(claim: Claim) -> Document:
    """A proposed claim: the ledger's own fields, and with them speaker, modality and targets by kind."""
    body = claim_document(claim)
    about = body["about"]
    for kind, name in TARGETS.items():
        about[name] = [target.partition(":")[2] for target in claim.about.targets if target.startswith(f"{kind}:")]
    return {
        **body,
        "modality": claim.stage.value,
        "speaker": claim.speaker,
        "attributed": claim.is_attributed,
        "time": _when(claim.holds if claim.holds != When() else claim.said),
    }


def entry_documents(report: Report, claims: list[Claim]) -> list[Document]:
    """A report and its claims as entries that `clearway ledger add` takes."""
    moments = {"published": _moment(report.published), "received": report.received.isoformat()}
    names = ("report_id", "title", "text", "outlet", "author", "entered_by", "url", "language", "sha256")
    body = {name: getattr(report, name) for name in names} | moments
    return [{"kind": "report", "body": body}, *({"kind": "claim", "body": claim_document(c)} for c in claims)]


def claim_document(claim: Claim) -> Document:
    """A claim's own fields."""
    return {
        "claim_id": claim.claim_id,
        "report_id": claim.report_id,
        "statement": claim.statement,
        "span": _span(claim.span),
        "cue": _span(claim.cue),
        "act": claim.act,
        "force": claim.force.value,
        "polarity": claim.polarity.value,
        "stage": claim.stage.value,
        "chain": [{"name": s.name, "role": s.role.value, "basis": s.basis.value} for s in claim.chain],
        "about": _about(claim.about),
        "said": _when(claim.said),
        "holds": _when(claim.holds),
        "rule": claim.rule,
        "confidence": claim.confidence,
    }


def _span(span: Span | None) -> Document | None:
    return None if span is None else {"start": span.start, "end": span.end, "text": span.text}


def _about(about: About) -> Document:
    quantities = [{"unit": q.unit, "least": q.least, "most": q.most, "counts": q.counts} for q in about.quantities]
    words = ("frame", "state", "capacity_factor", "order", "hazard", "population", "addressee", "agent")
    return {
        **{name: getattr(about, name) for name in words},
        "targets": list(about.targets),
        "places": list(about.places),
        "quantities": quantities,
    }


def _when(when: When) -> Document | None:
    if when == When():
        return None
    return {
        "start": _moment(when.start),
        "end": _moment(when.end),
        "text": when.text,
        "resolved": when.resolved,
        "grain": when.grain,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
