"""100,000 claims: how long an as-of situation and an entry take. Slow; prints what it measures."""

from __future__ import annotations

import os
import random
import statistics
import time

import pytest
from tests.ledger.conftest import NewLedger
from tests.ledger.small import NOON, accepted, claim, hours, report

from clearway.ledger.entries import Act, ClaimAdded, Decided, ReportAdded, Verdict
from clearway.ledger.situation import situation
from clearway.ledger.store import Store, open_store

N_CLAIMS, N_CROSSINGS, N_SOURCES = 100_000, 50, 40


def fill(store: Store) -> None:
    """Every claim about the state of a crossing, accepted and graded: the heaviest case."""
    dice = random.Random(1)
    store.append([ReportAdded(report(f"r{i}", NOON - hours(dice.uniform(0, 72)))) for i in range(N_CLAIMS // 10)], "x")
    for begin in range(0, N_CLAIMS, 1000):
        acts: list[Act] = []
        for i in range(begin, begin + 1000):
            state, speaker = dice.choice(["open", "closed", "limited"]), f"source {dice.randrange(N_SOURCES)}"
            target, about = f"crossing:x{dice.randrange(N_CROSSINGS)}", f"r{dice.randrange(N_CLAIMS // 10)}"
            said = NOON - hours(dice.uniform(0, 72))
            one = claim(f"c{i}", state, speaker, target=target, report_id=about, said=said)
            acts += accepted(one, grade=dice.choice("ABCD") + dice.choice("123"))
        store.append(acts, "x")


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("CLEARWAY_SLOW"), reason="set CLEARWAY_SLOW=1 to run what takes minutes")
def test_a_hundred_thousand_claims(new_ledger: NewLedger, capsys: pytest.CaptureFixture[str]) -> None:
    with open_store(new_ledger()) as store:
        fill(store)
        half = next(iter(store.history(f"c{N_CLAIMS // 2}"))).recorded
        took, at_work = [], []
        for as_of in (None, half, None, half, None):
            begun, worked = time.perf_counter(), time.process_time()
            found = situation(store.bearing(NOON, as_of), set(), NOON)
            took.append(time.perf_counter() - begun)
            at_work.append(time.process_time() - worked)
            assert len({belief.target for belief in found.beliefs}) == N_CROSSINGS
        entry = []
        for i in range(200):
            acts: list[Act] = [ReportAdded(report(f"n{i}")), ClaimAdded(claim(f"n{i}", report_id=f"n{i}"))]
            begun = time.perf_counter()
            store.append(acts, "x")
            between = time.perf_counter()
            store.append([Decided(f"n{i}", Verdict.ACCEPTED)], "x")
            entry += [between - begun, time.perf_counter() - between]
    middle, most = 1e3 * statistics.median(entry), 1e3 * statistics.quantiles(entry, n=20)[-1]
    with capsys.disabled():
        print(f"\n{type(store).__name__}: situation {min(took):.2f} to {max(took):.2f} s, ", end="")
        print(f"this process at work {min(at_work):.2f} to {max(at_work):.2f} s; ", end="")
        print(f"entry {middle:.2f} ms median, {most:.2f} ms for 95 %")
    assert min(took) < 1.0
    assert middle < 10
