"""100,000 claims: how long an as-of situation and an entry take. Slow; prints what it measures."""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from tests.ledger.conftest import NewLedger
from tests.ledger.small import NOON, accepted, claim, hours, report

from clearway.ledger.entries import Act, Batch, ClaimAdded, Decided, ReportAdded, Verdict
from clearway.ledger.store import Store, open_store
from clearway.ledger.store.sql import SqlStore
from clearway.workflow.ledger import Asked, believe_situation

N_CLAIMS, N_CROSSINGS, N_SOURCES = 100_000, 50, 40


def batches() -> Iterator[Batch]:
    """Every claim about the state of a crossing, accepted and graded: the heaviest case."""
    dice = random.Random(1)
    yield Batch([ReportAdded(report(f"r{i}", NOON - hours(dice.uniform(0, 72)))) for i in range(N_CLAIMS // 10)], "x")
    for begin in range(0, N_CLAIMS, 1000):
        acts: list[Act] = []
        for i in range(begin, begin + 1000):
            state, speaker = dice.choice(["open", "closed", "limited"]), f"source {dice.randrange(N_SOURCES)}"
            target, about = f"crossing:x{dice.randrange(N_CROSSINGS)}", f"r{dice.randrange(N_CLAIMS // 10)}"
            said = NOON - hours(dice.uniform(0, 72))
            one = claim(f"c{i}", state, speaker, target=target, report_id=about, said=said)
            acts += accepted(one, grade=dice.choice("ABCD") + dice.choice("123"))
        yield Batch(acts, "x")


class Clock:
    """How long something takes; and how long this process and the server's, if any, are at work for it, in seconds."""

    def __init__(self, store: Store, place: str) -> None:
        self._stat = Path()
        if place.startswith("postgresql"):
            pid = cast(SqlStore, store).rows("SELECT pg_backend_pid()")[0][0]
            self._stat = Path(f"/proc/{pid}/stat")

    def __call__(self, what: Callable[[], object]) -> tuple[float, float]:
        begun, worked = time.perf_counter(), time.process_time() + self._server()
        what()
        return time.perf_counter() - begun, time.process_time() + self._server() - worked

    def _server(self) -> float:
        if not self._stat.is_file():
            return 0.0
        fields = self._stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def believe(store: Store, as_of: datetime | None) -> None:
    """The situation as `clearway ledger situation` asks for it: with sources told apart by who heard whom."""
    found = believe_situation(store, Asked(NOON, as_of), {})
    assert len({belief.target for belief in found.beliefs}) == N_CROSSINGS


def enter(store: Store, clocked: Clock) -> Iterator[float]:
    """Seconds for each of some entries: a report with a claim, decisions about new claims and about old ones."""
    for i in range(250):
        new: list[Act] = [ReportAdded(report(f"n{i}")), ClaimAdded(claim(f"n{i}", report_id=f"n{i}"))]
        old = f"c{i * 7}"
        for acts in (new, *([Decided(name, verdict)] for name, verdict in (
            (f"n{i}", Verdict.ACCEPTED), (old, Verdict.REJECTED), (old, Verdict.ACCEPTED),
        ))):  # fmt: skip
            yield clocked(partial(store.append, acts, "x"))[0]


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("CLEARWAY_SLOW"), reason="set CLEARWAY_SLOW=1 to run what takes minutes")
def test_a_hundred_thousand_claims(new_ledger: NewLedger, capsys: pytest.CaptureFixture[str]) -> None:
    place = new_ledger()
    with open_store(place) as store:
        clocked = Clock(store, place)
        acts = list(batches())
        filled = clocked(lambda: store.append_batches(acts))
        half = next(iter(store.history(f"c{N_CLAIMS // 2}"))).recorded
        now = [clocked(lambda: believe(store, None)) for _ in range(3)]
        past = [clocked(lambda: believe(store, half)) for _ in range(3)]
        entry: list[float] = []
        entering = clocked(lambda: entry.extend(enter(store, clocked)))
    cuts = statistics.quantiles(entry, n=100)
    middle, most = 1e3 * cuts[49], 1e3 * cuts[98]
    with capsys.disabled():
        print(f"\n{type(store).__name__}: filled in {filled[0]:.1f} s ({filled[1]:.1f} s at work)")
        for when, took in (("now", now), ("half way", past)):
            print(f"  situation {when}: {[round(wall, 2) for wall, _ in took]} s", end="")
            print(f" ({[round(work, 2) for _, work in took]} s at work)")
        print(f"  entry {middle:.2f} ms median, {most:.2f} ms for 99 %, {1e3 * max(entry):.2f} ms at most", end="")
        print(f" ({1e3 * entering[1] / len(entry):.2f} ms at work, on average)")
    assert statistics.median(wall for wall, _ in now) < 1.0
    assert statistics.median(wall for wall, _ in past) < 1.0
    assert filled[0] < 120
    assert middle < 10
