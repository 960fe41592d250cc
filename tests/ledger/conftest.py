"""Ledgers to test on: the same tests over a SQLite file and a real PostgreSQL server of our own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from clearway.ledger.store import Store, open_store

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
NewLedger = Callable[[], str]


def binary(name: str) -> str | None:
    """A program of PostgreSQL, on the path or where Debian puts it."""
    return shutil.which(name, path=os.pathsep.join([*map(str, reversed(DEBIAN)), os.environ.get("PATH", "")]))


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The URL of a private server in a temporary folder, by its socket only; skipped where none is installed."""
    initdb, server = binary("initdb"), binary("postgres")
    if initdb is None or server is None:
        pytest.skip("no PostgreSQL server is installed (Debian package postgresql)")
    pytest.importorskip("psycopg")
    place = Path(tempfile.mkdtemp(prefix="clearway-pg-"))
    user = [] if os.getuid() else ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]  # it refuses root
    if user:
        os.chown(place, 65534, 65534)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(place)}
    data = place / "data"
    subprocess.run(
        [*user, initdb, "-D", data, "-U", "clearway", "-A", "trust", "-E", "UTF8"],
        check=True, capture_output=True, env=environment, cwd="/",
    )  # fmt: skip
    process = subprocess.Popen(
        [*user, server, "-D", data, "-k", place, "-c", "listen_addresses=", "-c", "max_connections=40"],
        env=environment, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"postgresql://clearway@/postgres?host={place}"
    try:
        wait_until_up(url, process)
        yield url
    finally:
        process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        process.wait(30)
        shutil.rmtree(place, ignore_errors=True)


def wait_until_up(url: str, process: subprocess.Popen[bytes]) -> None:
    import time

    import psycopg

    for _ in range(200):
        try:
            psycopg.connect(url, connect_timeout=1).close()
            return
        except psycopg.OperationalError:
            assert process.poll() is None, "the server ended"
            time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.fixture(params=["sqlite", "postgresql"])
def new_ledger(request: pytest.FixtureRequest, tmp_path: Path) -> NewLedger:
    """Makes the URL or path of a ledger that does not exist yet."""
    if request.param == "sqlite":
        return lambda: str(tmp_path / f"{uuid4().hex}.sqlite")
    url = request.getfixturevalue("postgresql_url")

    def schema() -> str:
        import psycopg

        name = f"l{uuid4().hex}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return f"{url}&options=-csearch_path%3D{name}"

    return schema


@pytest.fixture
def place(new_ledger: NewLedger) -> str:
    """The place of one ledger."""
    return new_ledger()


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    """An empty ledger."""
    with open_store(place) as opened:
        yield opened
