"""Kernels without Numba: kept whole or not at all, and found again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from clearway.kernels.machine_code import MachineCode, flat, places, read_code, write_code
from clearway.kernels.traffic_tables import PLATOON, Ways, table

ROOT = Path(__file__).parents[2]
IS_PLAIN = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
DRIVE_TWO = """
import sys
from tests.simulator.small import plan, scenario
from clearway.simulator import simulate

case = scenario([("a", "A", "B", 600, 20, 1.0)], [("A", 50)], [("B", 100)])
print(simulate(case, plan(case, [["a"]], [(0, 0, 0, 0, 50, 50)])).tally.safe, "numba" in sys.modules)
"""


@pytest.mark.skipif(IS_PLAIN, reason="plain Python keeps no machine code")
def test_numba_is_needed_once(tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    words = [sys.executable, "-c", DRIVE_TWO]
    said = [
        subprocess.run(words, env=environment, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
        for _ in range(2)
    ]
    assert said == [["50.0", "True"], ["50.0", "False"]]
    assert sorted(file.name.partition("-")[0] for file in tmp_path.glob("*.code")) == ["way_trees.drive_until"]


def test_what_is_kept_is_read_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "new"))
    assert places() == [tmp_path / "new"]
    assert read_code("kernel.code") is None
    write_code("kernel.code", "symbol", b"\x00\n\x01")
    assert read_code("kernel.code") == ("symbol", b"\x00\n\x01")
    (tmp_path / "new" / "kernel.code").write_bytes(b"short")
    assert read_code("kernel.code") is None


def test_arguments_lie_flat() -> None:
    """Owner, parent, items, item size, address, shape and strides of an array; a named tuple's parts in a row."""
    numbers, rows = np.zeros((2, 3)), table(4, PLATOON)
    kinds, values = flat((1.5, 7, (numbers, rows)))
    assert kinds[:4] == ("float", "int", "(tuple", "<f82")
    assert kinds[-1] == ")"
    assert values[:9] == (1.5, 7, 0, 0, 6, 8, numbers.ctypes.data, 2, 3)
    assert values[9:] == (24, 8, 0, 0, 4, PLATOON.itemsize, rows.ctypes.data, 4, PLATOON.itemsize)
    assert flat((Ways(*(numbers,) * len(Ways._fields)),))[0][0] == "(Ways"
    with pytest.raises(AssertionError, match="contiguous"):
        flat((numbers[:, 0],))


def test_rows_begin_with_a_line_of_the_cache() -> None:
    assert PLATOON.itemsize == 64
    assert all(table(n, PLATOON).ctypes.data % 64 == 0 for n in range(1, 9))


@pytest.mark.parametrize("gives", [True, False])
def test_another_numba_calls_kernels_itself(gives: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Numba does not give its machine code away in the way that is asked, the result is the same."""

    def refuse(*_: object) -> None:
        raise AttributeError

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    if not gives:
        monkeypatch.setattr(MachineCode, "_compile", refuse)
    kernel = MachineCode("tests.kernels.small_kernel", "total")
    assert [kernel(np.arange(n)) for n in (5, 3)] == [10, 3]
    assert len(list(tmp_path.glob("*.code"))) == (gives and not IS_PLAIN)
