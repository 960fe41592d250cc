"""The table of claims: what it keeps, its tags, and what is told of a bad one."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.ledger.claims_in_a_line import at, claim

from clearway.errors import InputError
from clearway.faults import FaultLog
from clearway.ledger.claims import Claim, Force, Polarity, Stage
from clearway.ledger.exchange.hxl import TAGS, claims_table, is_claims_table, read_claims_table
from clearway.ledger.reports import Report

NOW = datetime(2026, 5, 2, tzinfo=UTC)
REPORT = Report("r1", "The bridge is closed.", NOW, "desk", "Bridge", "Kurier", published=NOW, url="https://k.example")
CLAIMS = [
    claim(
        "c1", "the bridge; the old one > is closed", "s:Ilse Brandt > o:Kurier", frame="status", state="closed",
        targets=("crossing:old", "crossing:new"), places=("Lindau", "Bregenz, port"), capacity_factor=0.25,
        holds=replace(at("3 8:00 - 3 20:00"), text=""), said=at("3 7:00"), force=Force.ORDERED,
        confidence=0.7, rule="cue",
    ),
    claim("c2", "=HYPERLINK(evil)", people=(5_000, None, "left"), frame="movement", polarity=Polarity.NEGATED),
    claim("c3", "-3 degrees", hazard="frost", frame="hazard", agent="@north", stage=Stage.POSSIBLE),
]  # fmt: skip


def read(text: str) -> tuple[list[Report], list[Claim]]:
    faults = FaultLog()
    found = read_claims_table(text, "claims.csv", faults, NOW, "desk")
    faults.raise_any("the files")
    return found


def test_what_a_table_keeps_comes_back() -> None:
    text = claims_table(CLAIMS, {"r1": REPORT})
    assert is_claims_table(text)
    (report,), claims = read(text)
    assert claims == CLAIMS
    assert (report.outlet, report.published, report.title, report.url) == ("Kurier", NOW, "Bridge", "https://k.example")
    assert report.text.startswith("the bridge; the old one > is closed\n=HYPERLINK")


def test_the_second_row_holds_hxl_tags() -> None:
    header, tags, *_ = csv.reader(io.StringIO(claims_table(CLAIMS, {})))
    assert tags == [TAGS[name] for name in header]
    assert all(re.fullmatch(r"#[a-z]+(\+[a-z]+)*", tag) for tag in tags)
    assert len(set(tags)) == len(tags)


def test_no_cell_is_a_formula() -> None:
    for row in csv.reader(io.StringIO(claims_table(CLAIMS, {}))):
        assert not [cell for cell in row if cell[:1] in "=+-@\t" and cell]


def test_all_faults_of_a_table_are_told() -> None:
    text = (
        "claim_id,report_id,statement,chain,force,stage,least,holds_from,confidence\n"
        "c1,r1,closed,Ilse Brandt,shouted,actuel,many,today,2\n"
        ",r1,closed,speaker:sure:X,asserted,,,,\n"
        "c1,r1,closed,Ilse Brandt,asserted,,,,\nc1,r1,closed,Ilse Brandt,asserted,,,,\nc2\n"
    )
    with pytest.raises(InputError) as caught:
        read(text)
    assert {(fault.row, fault.field) for fault in caught.value.faults} == {
        (2, "force"), (2, "stage"), (2, "least"), (2, "holds_from"), (2, "confidence"),
        (3, "claim_id"), (3, "chain"), (5, "claim_id"), (6, None),
    }  # fmt: skip


def test_a_missing_column_is_told() -> None:
    with pytest.raises(InputError, match="statement: column missing; did you mean 'statment'"):
        read("claim_id,report_id,statment,chain,force\n")


def test_a_bare_name_is_a_speaker() -> None:
    _, (found,) = read("claim_id,report_id,statement,chain,force\nc1,r1,closed,Ilse Brandt,asserted\n")
    assert found == replace(claim("c1", "closed", "s:Ilse Brandt"), chain=found.chain)
    assert found.speaker == "Ilse Brandt"
