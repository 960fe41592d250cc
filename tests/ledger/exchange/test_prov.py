"""PROV-JSON: read by another program, and every chain in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from tests.ledger.claims_in_a_line import claim
from tests.ledger.exchange.strategies import ledgers

from clearway.ledger.entries import ClaimAdded, ClaimCorrected, Entry, ReportAdded, Withdrawn
from clearway.ledger.exchange.prov import prov_document
from clearway.ledger.reports import Report

START = datetime(2026, 5, 1, tzinfo=UTC)


def history() -> list[Entry]:
    told = claim("c1", "the bridge is closed", "s:Ilse Brandt > o:Kurier > r:Wire > d:page")
    acts = [
        ReportAdded(Report("r1", "…", START, "desk", outlet="Wire")),
        ClaimAdded(told),
        ClaimCorrected(told, "read again"),
        Withdrawn("claim:c1", "forged"),
    ]
    return [Entry(n, START + timedelta(hours=n), "duty desk", act) for n, act in enumerate(acts, 1)]


def test_a_chain_is_a_row_of_quotations() -> None:
    found = prov_document(history())
    steps = {
        (each["prov:generatedEntity"], each["prov:usedEntity"])
        for each in found["wasDerivedFrom"].values()
        if each["prov:type"]["$"] == "prov:Quotation"
    }
    claim_key = "clearway:claim-c1-2"
    told = [f"{claim_key}-telling-{n}" for n in range(3)]
    assert {(told[1], told[0]), (told[2], told[1]), (claim_key, told[2]), (claim_key, "clearway:report-r1")} <= steps
    speakers = {each["prov:entity"]: each["prov:agent"] for each in found["wasAttributedTo"].values()}
    assert speakers[told[0]] == "clearway:agent-ilsebrandt"
    revisions = [each for each in found["wasDerivedFrom"].values() if each["prov:type"]["$"] == "prov:Revision"]
    assert [(each["prov:generatedEntity"], each["prov:usedEntity"]) for each in revisions] == [
        ("clearway:claim-c1-3", claim_key)
    ]
    (invalid,) = found["wasInvalidatedBy"].values()
    assert invalid == {"prov:entity": "clearway:claim-c1-3", "prov:activity": "clearway:entry-4"}


@given(ledgers())
@settings(max_examples=25, deadline=None)
def test_another_program_reads_it(entries: list[Entry]) -> None:
    model = pytest.importorskip("prov.model")
    document = prov_document(entries)
    read = model.ProvDocument.deserialize(content=json.dumps(document), format="json")
    n_records = sum(len(records) for name, records in document.items() if name != "prefix")
    assert len(read.get_records()) == n_records
    again = model.ProvDocument.deserialize(content=read.serialize(format="json"), format="json")
    assert again == read


def test_every_name_in_a_relation_is_declared() -> None:
    found = prov_document(history())
    declared = {*found["entity"], *found["agent"], *found["activity"]}
    for name, records in found.items():
        if name in ("prefix", "entity", "agent", "activity"):
            continue
        for record in records.values():
            used = {value for key, value in record.items() if key != "prov:type"}
            assert used <= declared, name
