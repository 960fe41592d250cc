"""Every store: append-only by the database itself, whole batches, any past belief reproduced, many writers."""

from __future__ import annotations

import itertools
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tests.ledger.conftest import NewLedger
from tests.ledger.small import BRIDGE, NOON, accepted, claim, histories, hours, report

from clearway.errors import UsageError
from clearway.ledger.belief import timeline
from clearway.ledger.entries import (
    Act,
    ClaimAdded,
    ClaimCorrected,
    Decided,
    Merged,
    ReportAdded,
    Verdict,
    Withdrawn,
)
from clearway.ledger.replaced import unreplaced
from clearway.ledger.state import follow
from clearway.ledger.store import Store, open_store

SLOW = pytest.mark.skipif(not os.environ.get("CLEARWAY_SLOW"), reason="set CLEARWAY_SLOW=1 to run what takes minutes")


def test_entries_come_back_as_they_were_recorded(store: Store) -> None:
    acts: list[Act] = [ReportAdded(report()), *accepted(claim(), grade="B2")]
    recorded = store.append(acts, "duty desk")
    assert [entry.act for entry in recorded] == acts
    assert tuple(store.entries()) == recorded
    assert [entry.entry_id for entry in recorded] == [1, 2, 3, 4]
    assert all(a.recorded < b.recorded for a, b in itertools.pairwise(recorded))
    assert store.reports(["r1", "r9"]) == {"r1": report()}
    assert [entry.entry_id for entry in store.history("c1")] == [2, 3, 4]
    assert [entry.act for entry in store.entries(kinds=["decision"])] == [Decided("c1", Verdict.ACCEPTED)]


@pytest.mark.parametrize(
    ("acts", "message"),
    [
        ([ClaimAdded(claim())], "no report 'r1'"),
        ([Decided("c9", Verdict.ACCEPTED)], "no claim 'c9'"),
        ([ReportAdded(report()), ReportAdded(report())], "has a report 'r1' already"),
        ([ReportAdded(report()), *accepted(claim(), claim())], "has a claim 'c1' already"),
        ([ReportAdded(report()), Merged("c1", "c2")], "no claim 'c1'"),
        ([Withdrawn("c1")], "expected claim:ID or report:ID"),
        ([ReportAdded(report("r\n1"))], "without control characters"),
        ([ReportAdded(report("  "))], "1 to 200 characters"),
    ],
)
def test_a_batch_with_a_fault_leaves_nothing(store: Store, acts: list[Act], message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        store.append([ReportAdded(report("r0")), *acts], "duty desk")
    assert store.n_entries() == 0
    assert list(store.entries()) == []
    store.append([ReportAdded(report("r0"))], "duty desk")


def test_a_correction_does_not_move_a_claim(store: Store) -> None:
    store.append([ReportAdded(report()), ReportAdded(report("r2")), ClaimAdded(claim())], "duty desk")
    with pytest.raises(UsageError, match="stands in report 'r1'"):
        store.append([ClaimCorrected(claim(report_id="r2"))], "duty desk")


def test_no_author_no_entry(store: Store) -> None:
    with pytest.raises(UsageError, match="expected an author"):
        store.append([ReportAdded(report())], "")


def test_recording_times_only_go_forward(store: Store) -> None:
    store.append([ReportAdded(report())], "duty desk", NOON)
    assert next(iter(store.entries())).recorded == NOON
    with pytest.raises(UsageError, match="from the last entry on"):
        store.append([ReportAdded(report("r2"))], "duty desk", NOON - hours(1))
    with pytest.raises(UsageError, match="none in the future"):
        store.append([ReportAdded(report("r2"))], "duty desk", datetime.now(UTC) + hours(1))
    (entry,) = store.append([ReportAdded(report("r2"))], "duty desk", NOON)
    assert entry.recorded > NOON
    assert store.n_entries(NOON) == 1
    assert store.n_entries(NOON - hours(1)) == 0


CHANGES = [
    "UPDATE entry SET author = 'x'",
    "DELETE FROM entry",
    "UPDATE claim_target SET lane = 'x'",
    "DELETE FROM claim_target",
    "UPDATE standing SET grade = 'A1'",
    "UPDATE standing SET end_entry = 9 WHERE end_entry < 9",
    "DELETE FROM standing",
    "INSERT INTO entry VALUES (19, 4000000000000000, 'x', 'grade', 2, 'c1', 'A1', '{}')",  # leaves a gap
    "INSERT INTO entry VALUES (6, 5, 'x', 'grade', 2, 'c1', 'A1', '{}')",  # before the last
    "INSERT INTO entry VALUES (6, 4000000000000000, 'x', 'claim', 2, 'c1', '', '{}')",  # an id again
]


@pytest.mark.parametrize(
    "statement",
    [
        *CHANGES,
        "INSERT OR REPLACE INTO entry VALUES (2, 4000000000000000, 'x', 'claim', 2, 'c2', '', '{}')",
        "TRUNCATE",
    ],
)
def test_the_database_itself_refuses_changes(place: str, statement: str) -> None:
    is_server = place.startswith("postgresql")
    if is_server == ("REPLACE" in statement) and statement not in CHANGES:
        pytest.skip("not in this dialect")
    if statement == "TRUNCATE":
        if not is_server:
            pytest.skip("not in this dialect")
        statement = "TRUNCATE entry CASCADE"
    with open_store(place) as store:
        store.append([ReportAdded(report()), *accepted(claim())], "duty desk")
        store.append([Decided("c1", Verdict.REJECTED), Decided("c1", Verdict.ACCEPTED)], "duty desk")
        before = list(store.entries())
        if is_server:
            import psycopg

            with psycopg.connect(place, autocommit=True) as connection, pytest.raises(psycopg.Error):
                connection.execute(statement.encode())
        else:
            connection = sqlite3.connect(place)
            with pytest.raises(sqlite3.Error):
                connection.execute(statement)
            connection.close()
        assert list(store.entries()) == before
        assert len(store.bearing(NOON)) == 1


def test_what_is_not_a_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no ledger"):
        open_store(tmp_path / "none.sqlite", create=False)
    (tmp_path / "text").write_text("not a database " * 100)
    with pytest.raises(UsageError, match="cannot be opened as a ledger"):
        open_store(tmp_path / "text")
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.execute("CREATE TABLE entry (a)")
    other.close()
    with pytest.raises(UsageError, match="no ledger"):
        open_store(tmp_path / "other.sqlite")
    with pytest.raises(UsageError, match="folder that exists"):
        open_store(tmp_path / "no" / "such" / "l.sqlite")
    with pytest.raises(UsageError, match="starts with postgresql://"):
        open_store("mysql://x")


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(UsageError, match="cannot be reached"):
        open_store(f"postgresql://nobody@/none?host={tmp_path}")


# What was believed


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=histories())
def test_any_past_belief_is_reproduced_after_later_entries(new_ledger: NewLedger, batches: list[list[Act]]) -> None:
    at = NOON + hours(6)
    seen = []
    with open_store(new_ledger()) as store:
        for batch in batches:
            last = store.append(batch, "duty desk")[-1].recorded
            seen.append((last, store.bearing(at), list(store.entries())))
        for recorded, bearing, entries in seen:
            assert store.bearing(at, recorded) == bearing
            assert list(store.entries(recorded)) == entries
            state = follow(entries)
            assert unreplaced(state.bearing(), at) == bearing, "the quick way finds what following all entries finds"
            beliefs = timeline(BRIDGE, bearing, at)
            assert timeline(BRIDGE, list(state.bearing()), at) == beliefs
            assert all(abs(b.p_open + b.p_limited + b.p_closed - 1) < 1e-9 for b in beliefs)


# Many writers, sudden ends

WRITER = """
import sys
from tests.ledger.small import claim, report
from clearway.ledger.entries import ClaimAdded, ReportAdded
from clearway.ledger.store import open_store
place, name, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open_store(place) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for i in range(n):
        acts = [ReportAdded(report(f"{name}-{i}")), ClaimAdded(claim(f"{name}-{i}", report_id=f"{name}-{i}"))]
        store.append(acts, name)
        print(i, flush=True)
"""


def start_writer(place: str, name: str, n: int) -> subprocess.Popen[str]:
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, place, name, str(n)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def release(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_eight_writers_at_once(place: str) -> None:
    n = 12
    open_store(place).close()
    writers = [start_writer(place, f"w{k}", n) for k in range(8)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        release(writer)
    assert [writer.communicate()[0].split() for writer in writers] == [[str(i) for i in range(n)]] * 8
    assert [writer.returncode for writer in writers] == [0] * 8
    with open_store(place) as store:
        entries = list(store.entries())
        assert [entry.entry_id for entry in entries] == list(range(1, 2 * 8 * n + 1))
        assert len(follow(entries).claims) == 8 * n
        assert all(a.recorded < b.recorded for a, b in itertools.pairwise(entries))
        for a, b in zip(entries[::2], entries[1::2], strict=True):
            assert isinstance(a.act, ReportAdded)
            assert isinstance(b.act, ClaimAdded)
            assert a.act.report.report_id == b.act.claim.report_id, "a batch is whole and not torn apart"


@pytest.mark.parametrize("n_kills", [4, pytest.param(50, marks=[pytest.mark.slow, SLOW])])
def test_killed_in_the_middle_every_confirmed_entry_is_there(place: str, n_kills: int) -> None:
    open_store(place).close()
    confirmed: set[str] = set()
    for k in range(n_kills):
        writer = start_writer(place, f"k{k}", 10_000)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        release(writer)
        first = writer.stdout.readline() if k % 2 else ""  # half of them are killed as soon as they begin
        time.sleep(0.0037 * (k % 29))
        writer.send_signal(signal.SIGKILL)
        told = first + writer.communicate()[0]
        confirmed |= {
            f"k{k}-{line}" for line in told.splitlines(keepends=True) if line.endswith("\n") for line in [line.strip()]
        }
    assert confirmed
    with open_store(place) as store:
        if place.startswith("postgresql"):
            wait_for_quiet(store)
        state = follow(store.entries())
        assert confirmed <= state.claims.keys()
        assert state.claims.keys() == state.reports.keys(), "no half entry"
        assert len(state.claims) - len(confirmed) <= n_kills, "at most one unconfirmed of each"
        assert state.n_entries == 2 * len(state.claims)


def wait_for_quiet(store: Store) -> None:
    """A server may still end the transaction of a client that is gone."""
    last, now = -1, store.n_entries()
    while last != now:
        time.sleep(0.3)
        last, now = now, store.n_entries()


def test_times_are_kept_to_the_microsecond(store: Store) -> None:
    odd = datetime(2022, 10, 20, 12, 0, 0, 123457, tzinfo=UTC) + timedelta(microseconds=1)
    store.append([ReportAdded(report(published=odd)), *accepted(claim())], "duty desk", odd)
    assert next(iter(store.entries())).recorded == odd
    assert store.bearing(odd)[0].said == odd
    assert store.bearing(odd - timedelta(microseconds=1)) == []
