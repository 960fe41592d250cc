"""The table of what stands: what following all entries finds, however they came in, and in ledgers made before it."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.conftest import NewLedger
from tests.ledger.small import NOON, accepted, claim, histories, hours, report

from clearway.errors import UsageError
from clearway.ledger.entries import Act, Batch, Decided, Graded, Merged, ReportAdded, Verdict, Withdrawn
from clearway.ledger.grades import Grade
from clearway.ledger.replaced import unreplaced
from clearway.ledger.state import follow
from clearway.ledger.store import Store, open_store
from clearway.ledger.store.sql import STANDING, TARGET, SqlStore, by_entry
from clearway.ledger.store.standing import Follower

DATA = Path(__file__).parents[2] / "data" / "ledger"


@st.composite
def one_voice(draw: st.DrawFn) -> list[list[Act]]:
    """Batches in which one speaker repeats and takes back what he says, accepted, graded and withdrawn again."""
    batches: list[list[Act]] = [[ReportAdded(report("r0")), ReportAdded(report("r1"))]]
    names: list[str] = []
    for i in range(draw(st.integers(1, 30))):
        kind = draw(st.sampled_from(["claim", "claim", "decide", "grade", "withdraw", "merge"])) if names else "claim"
        name = draw(st.sampled_from(names)) if names else ""
        acts: list[Act]
        if kind == "claim":
            begin = draw(st.none() | st.integers(0, 6).map(lambda h: NOON + hours(h)))
            end = begin + hours(draw(st.integers(1, 3))) if begin and draw(st.booleans()) else None
            one = claim(
                f"c{i}",
                draw(st.sampled_from(["open", "closed"])),
                report_id=draw(st.sampled_from(["r0", "r1"])),
                said=NOON + hours(draw(st.integers(0, 4))),
                holds=(begin, end),
            )
            acts = accepted(one, grade=draw(st.sampled_from(["", "A1", "B2", "E5"])))
            names.append(f"c{i}")
        elif kind == "decide":
            acts = [Decided(name, draw(st.sampled_from(Verdict)))]
        elif kind == "grade":
            acts = [Graded(name, Grade.parse(draw(st.sampled_from(["A1", "B2", "F6", "E5"]))))]
        elif kind == "merge":
            acts = [Merged(name, draw(st.sampled_from(names)), draw(st.booleans()))]
        else:
            target = draw(st.sampled_from([f"claim:{name}", "report:r0", "report:r1"]))
            acts = [Withdrawn(target, is_withdrawn=draw(st.booleans()))]
        if draw(st.booleans()):
            batches.append(acts)
        else:
            batches[-1] += acts
    return batches


def tables(store: Store) -> list[list[Any]]:
    """What a store keeps beside its entries."""
    opened = cast(SqlStore, store)
    return [sorted(opened.rows(f"SELECT {columns} FROM {table}")) for columns, table in BESIDE]


BESIDE = ((TARGET, "claim_target"), (STANDING, "standing"))


def rebuilt(store: Store) -> list[Any]:
    """The table of what stands, worked out from all entries in one go."""
    opened, follower = cast(SqlStore, store), Follower()
    events = opened.rows("SELECT entry_id, kind, about_id, value FROM entry ORDER BY entry_id")
    follower.follow(events, by_entry(opened.rows(f"SELECT {TARGET} FROM claim_target")))
    assert follower.closed == []
    return sorted(follower.opened)


def check_beliefs(store: Store) -> None:
    """As of every entry and at every hour, the table finds what following the entries finds."""
    entries = list(store.entries())
    for last in range(len(entries), 0, -1 - len(entries) // 15):
        bearings = list(follow(entries[:last]).bearing())
        for at in (NOON + hours(h) for h in (-6, 0, 1, 2, 3, 5, 9)):
            assert store.bearing(at, entries[last - 1].recorded) == unreplaced(bearings, at)
            assert last < len(entries) or store.bearing(at) == unreplaced(bearings, at)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=histories() | one_voice())
def test_many_batches_at_once_make_the_same_ledger_as_one_by_one(new_ledger: NewLedger, acts: list[list[Act]]) -> None:
    batches = [Batch(some, f"desk {i % 2}", NOON + timedelta(seconds=i)) for i, some in enumerate(acts) if some]
    with open_store(new_ledger()) as singly, open_store(new_ledger()) as at_once:
        entries = [entry for batch in batches for entry in singly.append(batch.acts, batch.author, batch.recorded)]
        assert at_once.append_batches(batches) == tuple(entries)
        assert list(at_once.entries()) == list(singly.entries()) == entries
        assert tables(at_once) == tables(singly)
        assert tables(singly)[1] == rebuilt(singly)
        check_beliefs(singly)


def test_a_batch_with_a_fault_leaves_nothing_of_the_others(store: Store) -> None:
    good, bad = Batch([ReportAdded(report())], "x"), Batch([Decided("c9", Verdict.ACCEPTED)], "x")
    with pytest.raises(UsageError, match="no claim 'c9'"):
        store.append_batches([good, bad])
    with pytest.raises(UsageError, match="has a report 'r1' already"):
        store.append_batches([good, good])
    assert store.n_entries() == 0
    assert store.append_batches([]) == ()


def test_an_act_may_not_come_before_what_it_speaks_of(store: Store) -> None:
    add, decide = accepted(claim())
    with pytest.raises(UsageError, match="no claim 'c1'"):
        store.append([ReportAdded(report()), decide, add], "x")


def version_1(place: str) -> list[tuple[object, ...]]:
    """Make the ledger of tests/data, as Clearway wrote it before there was a table of what stands; its entries."""
    script = (DATA / "version-1.sqlite.sql").read_text(encoding="utf-8")
    old = sqlite3.connect(":memory:" if place.startswith("postgresql") else place)
    old.executescript(script)
    entries = old.execute("SELECT * FROM entry ORDER BY entry_id").fetchall()
    targets = old.execute("SELECT * FROM claim_target").fetchall()
    old.close()
    if place.startswith("postgresql"):
        import psycopg

        with psycopg.connect(place) as connection, connection.cursor() as cursor:
            cursor.execute((DATA / "version-1.postgresql.sql").read_bytes())
            cursor.executemany(f"INSERT INTO entry VALUES ({','.join(['%s'] * 8)})".encode(), entries)
            cursor.executemany(f"INSERT INTO claim_target VALUES ({','.join(['%s'] * 10)})".encode(), targets)
    return entries


def test_a_ledger_of_version_1_is_brought_up(place: str) -> None:
    before = version_1(place)
    for _ in range(2):
        with open_store(place, create=False) as store:
            assert cast(SqlStore, store).rows("SELECT * FROM entry ORDER BY entry_id") == before
            assert store.bearing(NOON + hours(6))
            assert tables(store)[1] == rebuilt(store) != []
            check_beliefs(store)
    with open_store(place) as store:
        store.append([ReportAdded(report("new")), *accepted(claim("new", report_id="new"), grade="B2")], "x")
        assert tables(store)[1] == rebuilt(store)
        check_beliefs(store)


def test_a_ledger_of_a_later_version_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "l.sqlite"
    open_store(place).close()
    later = sqlite3.connect(place)
    later.execute("PRAGMA user_version = 3")
    later.close()
    with pytest.raises(UsageError, match="a ledger of version 3, expected version 2"):
        open_store(place)
