"""The contradictions of the shared article, as somebody annotated them before this was written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.ledger.gold import gold_claims, load_gold

from clearway.ledger.contradictions import contradictions


@pytest.mark.parametrize("wording", ["as annotated", "as in the text"])
def test_the_gold_relations_are_found(wording: str) -> None:
    gold = load_gold()
    claims = gold_claims(gold)
    if wording == "as in the text":
        claims = [replace(claim, statement=claim.span.text) for claim in claims if claim.span is not None]
    found = {frozenset((each.first.claim_id, each.second.claim_id)): each for each in contradictions(claims)}
    relations = {frozenset((each["a"], each["b"])): each for each in gold["relations"]}
    hard = {pair for pair, relation in relations.items() if relation["strength"] == "hard"}
    assert hard <= set(found)
    true = set(found) & set(relations)
    assert len(true) / len(found) >= 0.6
    assert sum(found[pair].kind == relations[pair]["type"] for pair in true) / len(true) >= 0.8
    assert sum(found[pair].strength == relations[pair]["strength"] for pair in true) / len(true) >= 0.8
    for each in found.values():
        assert each.first.span is not None
        assert each.second.span is not None
        assert each.reason
