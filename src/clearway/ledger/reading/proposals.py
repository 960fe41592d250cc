"""Proposed claims as JSON documents, one per line."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from clearway.ledger.claims import About, Claim, When
from clearway.ledger.encoding import claim_to, report_to, when_to
from clearway.ledger.reports import Report

__all__ = ["entry_documents", "proposal"]

Document = dict[str, Any]
TARGETS = {"crossing": "crossings", "zone": "zones", "site": "sites", "link": "links", "node": "nodes"}


def proposal(claim: Claim) -> Document:
    """A proposed claim: all of the ledger's own fields, and with them speaker, modality and targets by kind."""
    body: Document = {"span": None, "cue": None, "said": None, "holds": None, **claim_to(claim)}
    blank: Document = {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(About()).items()}
    about: Document = blank | body["about"]
    for kind, name in TARGETS.items():
        about[name] = [target.partition(":")[2] for target in claim.about.targets if target.startswith(f"{kind}:")]
    when = claim.holds if claim.holds != When() else claim.said
    return {
        **body,
        "about": about,
        "modality": claim.stage.value,
        "speaker": claim.speaker,
        "attributed": claim.is_attributed,
        "time": None if when == When() else when_to(when),
    }


def entry_documents(report: Report, claims: list[Claim]) -> list[Document]:
    """A report and its claims as entries that `clearway ledger add` and `import` take."""
    return [
        {"kind": "report", "body": report_to(report)},
        *({"kind": "claim", "body": claim_to(claim)} for claim in claims),
    ]
