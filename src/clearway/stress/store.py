"""Results as they come, one whole line each, in a file that outlives whatever ends the program."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from clearway.errors import OutputError, UsageError
from clearway.stress.job import Record


def line_of(key: str, record: Mapping[str, Any]) -> str:
    """A result as one line: its key, its checksum, what came of it."""
    body = json.dumps(record, separators=(",", ":"), allow_nan=False)
    return json.dumps([key, zlib.crc32(body.encode()), record], separators=(",", ":"), allow_nan=False) + "\n"


def read_line(line: bytes) -> tuple[str, Record] | None:
    """The result of a line, None where the line is not whole."""
    try:
        key, checksum, record = json.loads(line)
        body = json.dumps(record, separators=(",", ":"))
    except (ValueError, TypeError):
        return None
    is_whole = line.endswith(b"\n") and isinstance(key, str) and zlib.crc32(body.encode()) == checksum
    return (key, record) if is_whole else None


class ResultFile:
    """
    The file of a stress run: a first line that says what of, then a line for each result.

    Each line is handed to the system before the next job counts as done, so that no result is lost when the program is
    killed; every hundredth, and the last, is on the disk. A line that is not whole is cut off and done again.
    """

    def __init__(self, path: Path, identity: Mapping[str, Any], is_resumed: bool) -> None:
        self.path = path
        self.done: dict[str, Record] = {}
        self.n_new = 0
        try:
            if is_resumed and path.exists():
                self._read(identity)
            self._file = path.open("ab")
            if not self._file.tell():
                self._write(line_of("run", identity))
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error

    def _read(self, identity: Mapping[str, Any]) -> None:
        sound = 0
        with self.path.open("rb") as file:
            first = read_line(file.readline())
            if first is not None:
                refuse_other(self.path, first[1], identity)
                sound = file.tell()
                for line in file:
                    found = read_line(line)
                    if found is None:
                        break
                    self.done[found[0]] = found[1]
                    sound += len(line)
        with self.path.open("r+b") as file:
            file.truncate(sound)

    def _write(self, line: str) -> None:
        try:
            self._file.write(line.encode())
            self._file.flush()
            if self.n_new % 100 == 0:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written: {error.strerror or error}") from error

    def add(self, key: str, record: Record) -> None:
        """Keep a result."""
        self.done[key] = record
        self.n_new += 1
        self._write(line_of(key, record))

    def __enter__(self) -> ResultFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


def refuse_other(path: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse to go on with results of another scenario, plan, uncertainty, seed or setting."""
    differ = [name for name in wanted if found.get(name) != wanted[name]]
    if differ:
        shown = "; ".join(f"{name} was {found.get(name)!s:.60}, is {wanted[name]!s:.60}" for name in differ)
        raise UsageError(f"{path} holds results of another run ({shown}); name another folder, or leave out --resume")
