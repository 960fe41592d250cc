"""
Who said what to whom, as W3C PROV-JSON (member submission of 24 April 2013), for tools that know no ledger.

A report, and each telling of a statement on its way, is an entity; those in a chain are agents. The claim is derived
from its report as a quotation, and each telling from the one before it. What was entered and decided are activities of
the ledger's authors; a correction is a revision; a withdrawal invalidates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from clearway.ledger.claims import Claim, Role
from clearway.ledger.encoding import act_to
from clearway.ledger.entries import ClaimAdded, ClaimCorrected, Entry, ReportAdded, Withdrawn, subject_of
from clearway.ledger.names import name_key
from clearway.ledger.reports import Report

__all__ = ["NAMESPACE", "prov_document"]

NAMESPACE = "urn:clearway:ledger:"
QUOTATION = {"$": "prov:Quotation", "type": "prov:QUALIFIED_NAME"}
REVISION = {"$": "prov:Revision", "type": "prov:QUALIFIED_NAME"}
Records = dict[str, dict[str, dict[str, Any]]]


def prov_document(entries: Iterable[Entry]) -> dict[str, Any]:
    """A PROV-JSON document of all entries."""
    records: Records = defaultdict(dict)
    versions: dict[str, str] = {}  # a claim's or report's latest entity
    for entry in entries:
        activity = add_activity(records, entry)
        act = entry.act
        if isinstance(act, ReportAdded):
            versions[f"report:{act.report.report_id}"] = add_report(records, act.report, activity)
        elif isinstance(act, ClaimAdded | ClaimCorrected):
            add_claim(records, act.claim, activity, versions, entry.entry_id)
        elif isinstance(act, Withdrawn) and act.is_withdrawn and act.target in versions:
            relate(records, "wasInvalidatedBy", entity=versions[act.target], activity=activity)
        else:
            used = versions.get(f"claim:{subject_of(act)}")
            if used is not None:
                relate(records, "used", activity=activity, entity=used)
    return {"prefix": {"clearway": NAMESPACE, "xsd": "http://www.w3.org/2001/XMLSchema#"}, **records}


def add_activity(records: Records, entry: Entry) -> str:
    """An entry as an activity of its author; what it decided stands with it."""
    name, moment = f"clearway:entry-{entry.entry_id}", entry.recorded.isoformat()
    kind, body = act_to(entry.act)
    plain = {f"clearway:{key}": value for key, value in body.items() if isinstance(value, str | bool | float)}
    shown = {} if kind in ("report", "claim") else plain
    records["activity"][name] = {
        "prov:startTime": moment, "prov:endTime": moment, "prov:label": f"{kind} {subject_of(entry.act)}",
        "clearway:kind": kind, **shown,
    }  # fmt: skip
    relate(records, "wasAssociatedWith", activity=name, agent=add_agent(records, entry.author, "author"))
    return name


def add_agent(records: Records, name: str, role: str) -> str:
    """Somebody in a chain, or an author of the ledger."""
    key = f"clearway:{'desk' if role == 'author' else 'agent'}-{identifier(name_key(name) or 'unnamed')}"
    records["agent"].setdefault(key, {"prov:label": name or "unnamed"})
    return key


def add_report(records: Records, report: Report, activity: str) -> str:
    """A report as an entity, of its outlet and author."""
    key = f"clearway:report-{identifier(report.report_id)}"
    told = {"title": report.title, "url": report.url, "language": report.language, "sha256": report.sha256}
    records["entity"][key] = {
        "prov:label": report.report_id,
        "prov:type": "report",
        "clearway:received": report.received.isoformat(),
        **({"clearway:published": report.published.isoformat()} if report.published else {}),
        **{f"clearway:{name}": value for name, value in told.items() if value},
    }
    for name in filter(None, (report.outlet, report.author)):
        relate(records, "wasAttributedTo", entity=key, agent=add_agent(records, name, "outlet"))
    relate(records, "wasGeneratedBy", entity=key, activity=activity)
    return key


def add_claim(records: Records, claim: Claim, activity: str, versions: dict[str, str], entry_id: int) -> None:
    """A claim: its tellings from the speaker outwards, then the claim as it stands in its report."""
    key, ledger_key = f"clearway:claim-{identifier(claim.claim_id)}-{entry_id}", f"claim:{claim.claim_id}"
    before = ""
    for place, step in enumerate(claim.chain):
        if step.role is Role.DOCUMENT:
            continue
        telling = f"{key}-telling-{place}"
        records["entity"][telling] = {
            "prov:label": f"{step.name or 'somebody'}: {claim.statement}", "prov:type": "telling",
            "clearway:role": step.role.value, "clearway:basis": step.basis.value,
        }  # fmt: skip
        relate(records, "wasAttributedTo", entity=telling, agent=add_agent(records, step.name, step.role.value))
        if before:
            relate(records, "wasDerivedFrom", QUOTATION, generatedEntity=telling, usedEntity=before)
        before = telling
    records["entity"][key] = {
        "prov:label": claim.claim_id, "prov:type": "claim", "prov:value": claim.statement,
        "clearway:force": claim.force.value, "clearway:polarity": claim.polarity.value,
        "clearway:stage": claim.stage.value, "clearway:rule": claim.rule, "clearway:confidence": claim.confidence,
    }  # fmt: skip
    if before:
        relate(records, "wasDerivedFrom", QUOTATION, generatedEntity=key, usedEntity=before)
    report = versions.get(f"report:{claim.report_id}")
    if report is not None:
        relate(records, "wasDerivedFrom", QUOTATION, generatedEntity=key, usedEntity=report)
    if ledger_key in versions:
        relate(records, "wasDerivedFrom", REVISION, generatedEntity=key, usedEntity=versions[ledger_key])
    relate(records, "wasGeneratedBy", entity=key, activity=activity)
    versions[ledger_key] = key


def relate(records: Records, relation: str, kind: dict[str, str] | None = None, **ends: str) -> None:
    """A relation between records, under a name of its own."""
    name = f"_:{relation}{len(records[relation]) + 1}"
    records[relation][name] = {f"prov:{end}": value for end, value in ends.items()}
    if kind is not None:
        records[relation][name]["prov:type"] = kind


def identifier(text: str) -> str:
    """A name that a qualified name can end with, different for different names."""
    return "".join(letter if letter.isalnum() and letter.isascii() else f".{ord(letter):x}." for letter in text)
