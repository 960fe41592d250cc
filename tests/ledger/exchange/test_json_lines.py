"""JSON Lines keep everything; what is no line of a ledger is told, all of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from tests.ledger.claims_in_a_line import claim
from tests.ledger.exchange.strategies import ledgers

from clearway.errors import InputError
from clearway.faults import FaultLog
from clearway.ledger.encoding import claim_to
from clearway.ledger.entries import Entry
from clearway.ledger.exchange.json_lines import entry_lines, read_lines

GOOD = json.dumps({"kind": "claim", "body": claim_to(claim("c1", "closed"))})


@given(ledgers())
@settings(max_examples=30, deadline=None)
def test_what_goes_out_comes_back(entries: list[Entry]) -> None:
    faults = FaultLog()
    lines = read_lines("".join(f"{line}\n" for line in entry_lines(entries)), "ledger.jsonl", faults)
    faults.raise_any("the files")
    assert [(line.act, line.recorded, line.author) for line in lines] == [
        (entry.act, entry.recorded, entry.author) for entry in entries
    ]


@pytest.mark.parametrize(
    ("line", "field", "piece"),
    [
        ("{", None, "is not JSON"),
        ("[" * 100_000, None, "is not JSON"),
        ("3", None, "found 3, expected an object with kind and body"),
        ('{"kind": "claim"}', None, "expected an object with kind and body"),
        ('{"kind": "rumour", "body": {}}', "kind", "found 'rumour', expected one of report, claim"),
        ('{"kind": ["claim"], "body": {}}', "kind", "expected one of report"),
        ('{"kind": "claim", "bdoy": {}, "body": {}}', "bdoy", "did you mean 'body'?"),
        ('{"kind": "claim", "body": {}}', "body.claim_id", "is missing"),
        (GOOD.replace('"asserted"', '"shouted"'), "body", "found 'shouted', expected one of asserted"),
        (GOOD.replace('"confidence": 1.0', '"confidence": 7'), "body", "confidence lies in 0..1"),
        (GOOD.replace('"confidence": 1.0', '"confidence": NaN'), None, "found NaN"),
        (GOOD[:-1] + ', "recorded": "2026-05-01"}', "recorded", "expected a time with offset"),
        (GOOD[:-1] + ', "author": 7}', "author", "expected a text"),
        ('{"kind": "decision", "body": {"claim_id": "c", "verdict": "maybe", "reason": ""}}', "body", "'maybe'"),
        ('{"kind": "withdrawal", "body": {"target": "claim:c", "colour": 1}}', "body", "is no withdrawal"),
    ],
)
def test_a_line_that_is_none_is_told(line: str, field: str | None, piece: str) -> None:
    faults = FaultLog()
    (read,) = read_lines(f"{GOOD}\n\n{line}\n", "ledger.jsonl", faults)
    assert read.row == 1
    with pytest.raises(InputError) as caught:
        faults.raise_any("the files")
    (fault,) = caught.value.faults
    assert (fault.row, fault.field) == (3, field)
    assert piece in fault.message


def test_proposals_need_no_author() -> None:
    (line,) = read_lines(GOOD, "proposals.jsonl", FaultLog())
    assert (line.recorded, line.author) == (None, "")
