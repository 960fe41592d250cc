"""Does jobs: here, in processes of this machine, or on a Dask cluster. Which of them changes no digit of a result."""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for
from typing import Any, Protocol

from clearway.errors import UsageError
from clearway.stress.job import Job, Record, do_job
from clearway.stress.variant import Case

Done = Callable[[str, Record], None]
BATCH = 4  # jobs that travel together
AHEAD = 3  # batches that wait for each worker
PATIENCE_S = 10.0
GO_ON = "what is done is kept; go on with the same call and --resume"


class Engine(Protocol):
    """Does jobs in any order; ``done`` is called with each key and result, here, one at a time."""

    def do(self, case: Case, jobs: Sequence[Job], done: Done) -> None: ...


def batches(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    for i in range(0, len(jobs), BATCH):
        yield list(jobs[i : i + BATCH])


class Here:
    """One after the other, in this process."""

    def do(self, case: Case, jobs: Sequence[Job], done: Done) -> None:
        for job in jobs:
            done(job.key, do_job(case, job))


class Processes:
    """In processes of this machine, started afresh (no fork: compiled code and threads would not survive it well)."""

    def __init__(self, n_workers: int) -> None:
        self.n_workers = n_workers

    def do(self, case: Case, jobs: Sequence[Job], done: Done) -> None:
        if not jobs:
            return
        packed = pickle.dumps(case, protocol=pickle.HIGHEST_PROTOCOL)
        n_workers = min(self.n_workers, -(-len(jobs) // BATCH))
        with ProcessPoolExecutor(n_workers, get_context("spawn"), begin_worker, (packed,)) as pool:
            try:
                waiting: set[Future[list[tuple[str, Record]]]] = set()
                for batch in batches(jobs):
                    waiting.add(pool.submit(do_batch, batch))
                    if len(waiting) >= AHEAD * n_workers:
                        waiting = collect(waiting, done)
                while waiting:
                    waiting = collect(waiting, done)
            except BrokenProcessPool:
                raise UsageError(f"a process that drove futures was ended (out of memory?); {GO_ON}") from None
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for process in list((pool._processes or {}).values()):
                    process.terminate()
                raise


def collect(waiting: set[Future[list[tuple[str, Record]]]], done: Done) -> set[Future[list[tuple[str, Record]]]]:
    """Wait for some batches; those still waited for."""
    ready, rest = wait(waiting, return_when=FIRST_COMPLETED)
    for each in ready:
        for key, record in each.result():
            done(key, record)
    return set(rest)


_case: list[Case] = []  # of a worker process


def begin_worker(packed: bytes) -> None:
    """Unpack the case once, leave Ctrl-C to the parent, and end when the parent does, however it does."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _case[:] = [pickle.loads(packed)]
    parent = parent_process()
    if parent is not None:
        sentinel = parent.sentinel

        def follow() -> None:
            wait_for([sentinel])
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()


def do_batch(jobs: list[Job]) -> list[tuple[str, Record]]:
    return [(job.key, do_job(_case[0], job)) for job in jobs]


class Cluster:
    """On the workers of a Dask scheduler (``tcp://host:port``), which need Clearway of the same version installed."""

    def __init__(self, address: str) -> None:
        self.address = address

    def do(self, case: Case, jobs: Sequence[Job], done: Done) -> None:
        if not jobs:
            return
        client = connect(self.address)
        from distributed import KilledWorker, as_completed

        try:
            refuse_without_workers(client, self.address)
            [packed] = client.scatter([pickle.dumps(case)], broadcast=True)
            todo = batches(jobs)
            n_ahead = AHEAD * max(len(client.scheduler_info()["workers"]), 1)
            first = list(islice(todo, n_ahead))
            with client.as_current():
                flow = as_completed([client.submit(do_there, packed, batch, pure=False) for batch in first])
                for each in flow:
                    for key, record in each.result():
                        done(key, record)
                    batch = next(todo, None)
                    if batch is not None:
                        flow.add(client.submit(do_there, packed, batch, pure=False))
        except (KilledWorker, CancelledError, OSError) as error:
            raise UsageError(f"the cluster at {self.address} was lost ({type(error).__name__}); {GO_ON}") from error
        finally:
            client.close()


def connect(address: str) -> Any:
    """A client of a scheduler; UsageError where there is none."""
    try:
        from distributed import Client
    except ImportError:
        raise UsageError("--cluster needs Dask: pip install 'clearway[cluster]'") from None
    try:
        return Client(address, timeout=PATIENCE_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"no Dask scheduler answers at {address} ({str(error)[:200]}); expected an address such as "
            "tcp://127.0.0.1:8786, where `dask scheduler` runs"
        ) from error


def refuse_without_workers(client: Any, address: str) -> None:
    """Wait for a worker; UsageError where none comes, or one has no Clearway or another version of it."""
    import clearway

    try:
        client.wait_for_workers(1, timeout=PATIENCE_S)
    except TimeoutError:
        raise UsageError(
            f"the scheduler at {address} has no workers; start some: dask worker {address} --nthreads 1"
        ) from None
    found = client.run(version_there)
    wrong = sorted({str(version) for version in found.values()} - {clearway.__version__})
    if wrong:
        raise UsageError(
            f"workers of {address} have Clearway {', '.join(wrong)}, expected {clearway.__version__} on every one"
        )


def version_there() -> str:
    """The version of Clearway on a worker."""
    import clearway

    return clearway.__version__


_cases: dict[int, Case] = {}  # of a Dask worker, by checksum of the packed case


def do_there(packed: bytes, jobs: list[Job]) -> list[tuple[str, Record]]:
    """Do jobs on a Dask worker; the case is unpacked once."""
    import zlib

    mark = zlib.crc32(packed)
    if mark not in _cases:
        _cases.clear()
        _cases[mark] = pickle.loads(packed)
    case = _cases[mark]
    return [(job.key, do_job(case, job)) for job in jobs]
