"""Hostile files: one clear message each, little memory, little time, no document."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.ledger.documents.hostile import CASES, Case, write

from clearway.errors import InputError
from clearway.ledger.documents import open_documents

MEMORY_LIMIT_MB = 500
MEASURE = """
import sys, time
from pathlib import Path
from clearway.errors import InputError
from clearway.ledger.documents import open_documents
for name in sys.argv[1:]:
    started = time.process_time()
    try:
        open_documents([Path(name)])
        print("opened", name)
    except InputError:
        pass
    if time.process_time() - started > 5:
        print("slow", name, time.process_time() - started)
# not ru_maxrss: it counts what the process that started this one held
peak = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(int(peak[0].split()[1]) // 1024)
"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_gives_one_clear_message(case: Case, tmp_path: Path) -> None:
    path = write(case, tmp_path)
    with pytest.raises(InputError) as caught:
        open_documents([path])
    (fault,) = caught.value.faults
    assert fault.file == case.name
    for piece in case.pieces:
        assert piece in str(fault), str(fault)
    assert len(str(fault)) < 300


def test_all_at_once_are_all_named(tmp_path: Path) -> None:
    small = [case for case in CASES if isinstance(case.make, bytes)]
    paths = [write(case, tmp_path) for case in small]
    with pytest.raises(InputError) as caught:
        open_documents(paths)
    assert [fault.file for fault in caught.value.faults] == [case.name for case in small]


def test_none_takes_much_memory_or_time(tmp_path: Path) -> None:
    """All in one process: the peak is that of the worst."""
    paths = [write(case, tmp_path) for case in CASES]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, paths)], capture_output=True, text=True, timeout=120, check=True
    )
    *complaints, peak = done.stdout.split("\n")[:-1]
    assert not complaints
    assert int(peak) < MEMORY_LIMIT_MB
