"""CSV tables: bytes to checked columns, every fault noted with its line and column."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from clearway.ingest.faults import FaultLog, nearest, show
from clearway.model.network import FloatArray, IntArray

LARGEST = 1e12  # no length, speed, capacity or count in these tables comes near; keeps products finite
LONGEST_ID = 200
MOST_COLUMNS = 1000
CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f]")
BAD_CHARACTER = "\ufffd"  # what a byte that is not UTF-8 is read as


@dataclass(frozen=True, slots=True)
class Columns:
    """
    The columns of a table that are read.

    ``may_be_empty``: a header without rows is fine. ``is_own``: the table is Clearway's alone, so that every column
    that is not read is worth a word; other tables may hold more than Clearway needs.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    may_be_empty: bool = False
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers a column may hold: from ``low`` (not itself where ``is_open``) to ``high``, ``whole`` or any."""

    low: float = -LARGEST
    high: float = LARGEST
    is_open: bool = False
    whole: bool = False

    def __str__(self) -> str:
        noun = "a whole number" if self.whole else "a number"
        if self.low == -LARGEST:
            return noun if self.high == LARGEST else f"{noun} up to {self.high:g}"
        if self.is_open:
            return f"{noun} greater than {self.low:g}" + ("" if self.high == LARGEST else f", up to {self.high:g}")
        return f"{noun}, {self.low:g} or more" if self.high == LARGEST else f"{noun} from {self.low:g} to {self.high:g}"

    def holds(self, values: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """bool[n]: which values lie within; nan never does."""
        inside = (values > self.low if self.is_open else values >= self.low) & (values <= self.high)
        if self.whole:
            inside &= np.floor(values) == values
        return inside


@dataclass(slots=True)
class Table:
    """
    The known columns of a CSV file, cells stripped, and the line each row begins on.

    Readers of a column note what they find wrong and give placeholders there: nan, -1 or empty.
    """

    file: str
    log: FaultLog
    lines: Sequence[int]
    columns: dict[str, list[str]]
    missing: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.lines)

    def has(self, name: str) -> bool:
        """Whether the file has this column."""
        return name in self.columns

    def fault(self, row: int, field: str, message: str) -> None:
        """Note a fault in a cell."""
        self.log.add(self.file, message, self.lines[row], field)

    def cells(self, name: str) -> list[str]:
        """The cells of a column; empty ones where the file has no such column."""
        return self.columns.get(name) or [""] * len(self)

    def texts(self, name: str) -> list[str]:
        """Free text: a name, a note, a source. Line breaks and tabs become spaces, control characters are faults."""
        cells = self.cells(name)
        if not CONTROL_CHARACTER.search("".join(cells)):
            return cells
        for row, cell in enumerate(cells):
            if CONTROL_CHARACTER.search(cell):
                cells[row] = " ".join(cell.split())
                if CONTROL_CHARACTER.search(cells[row]):
                    self.fault(row, name, f"found {show(cell)}, expected text without control characters")
        return cells

    def identifiers(self, name: str) -> dict[str, int]:
        """The ids of the table's rows and their row, in order; blank and repeated ones are faults."""
        if name in self.missing:
            return {}
        cells = self.texts(name)
        index = dict(zip(reversed(cells), range(len(cells) - 1, -1, -1), strict=True))
        if len(index) < len(cells):
            for row, cell in enumerate(cells):
                if cell and index[cell] != row:
                    where = self.lines[index[cell]]
                    self.fault(row, name, f"found {show(cell)} again (first on line {where}), expected each id once")
        if "" in index or max(map(len, index), default=0) > LONGEST_ID:
            for row, cell in enumerate(cells):
                if not 0 < len(cell) <= LONGEST_ID:
                    self.fault(row, name, f"found {show(cell)}, expected an id of 1 to {LONGEST_ID} characters")
        return index

    def references(self, name: str, index: Mapping[str, int] | None, where: str) -> IntArray:
        """int64[n]: what ids stand for, -1 where unknown; ``index`` is None where the other table is unreadable."""
        cells = self.cells(name)
        if index is None or name in self.missing:
            return np.full(len(cells), -1, dtype=np.int64)
        found = np.array([index.get(cell, -1) for cell in cells], dtype=np.int64)
        for row in np.flatnonzero(found < 0).tolist():
            self.fault(row, name, f"found {show(cells[row])}, expected an id that {where} has")
        return found

    def numbers(self, name: str, within: Range, blank: float | None = None, hint: str = "") -> FloatArray:
        """float64[n]: a column of numbers, ``blank`` where nothing stands (None: a fault); nan where faulty."""
        if name in self.missing or not self.has(name):
            return np.full(len(self), math.nan if blank is None or name in self.missing else blank)
        cells = self.cells(name)
        is_blank = np.array([not cell for cell in cells]) if "" in cells else np.zeros(len(cells), dtype=np.bool_)
        filled = [cell or "nan" for cell in cells] if is_blank.any() else cells
        try:
            values = np.array(filled, dtype=np.float64)
        except ValueError:
            values = np.array([to_float(cell) for cell in filled], dtype=np.float64)
        good = within.holds(values)
        if "_" in "".join(filled):  # Python would read 1_000 as a thousand
            good &= np.array(["_" not in cell for cell in filled])
        if blank is not None:
            values[is_blank] = blank
            good |= is_blank
        for row in np.flatnonzero(~good).tolist():
            most = f", {LARGEST:g} at most" if values[row] > LARGEST and within.high == LARGEST else ""
            self.fault(row, name, f"found {show(cells[row])}, expected {within}{most}{hint}")
        values[~good] = math.nan
        return values

    def instants(self, name: str, start: datetime) -> FloatArray:
        """float64[n]: seconds from ``start`` (below 0 before it), nan where blank or faulty."""
        seconds = np.full(len(self), math.nan)
        for row, cell in enumerate(self.cells(name)):
            if cell:
                try:
                    seconds[row] = seconds_from(start, cell)
                except ValueError as error:
                    self.fault(row, name, str(error))
        return seconds

    def windows(self, from_name: str, until_name: str, start: datetime) -> list[tuple[float, float]]:
        """Per row [from_s, until_s), blank: from the start, until further notice. Clipped to 0, so may be empty."""
        begin, end = self.instants(from_name, start), self.instants(until_name, start)
        for row in np.flatnonzero(begin >= end).tolist():
            found = f"found {show(self.cells(until_name)[row])}"
            self.fault(row, until_name, f"{found}, expected a time after {from_name} {self.cells(from_name)[row]}")
        begin = np.maximum(np.nan_to_num(begin, nan=0.0), 0.0)
        end = np.maximum(np.nan_to_num(end, nan=math.inf, posinf=math.inf), 0.0)
        return list(zip(begin.tolist(), end.tolist(), strict=True))


def to_float(text: str) -> float:
    """A number, nan where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def seconds_from(start: datetime, text: str) -> float:
    """Seconds from ``start`` to an ISO 8601 time with offset; ValueError says what was found and expected."""
    expected = "expected ISO 8601 with offset such as 2022-10-18T06:00:00+03:00"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"found {show(text)}, {expected}") from None
    if moment.tzinfo is None:
        raise ValueError(f"found {show(text)}, a time without offset; {expected}")
    try:
        return (moment - start).total_seconds()
    except OverflowError:
        raise ValueError(f"found {show(text)}, {expected}") from None


def decode(raw: bytes, file: str, log: FaultLog) -> tuple[str, bool]:
    """The text of a file and whether it is clean UTF-8; empty, with a fault noted, where it is no text at all."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        log.add(file, "found UTF-16, expected text in UTF-8 (in Excel: save as CSV UTF-8)", row=1)
        return "", True
    if b"\0" in raw:
        line = raw[: raw.index(b"\0")].count(b"\n") + 1
        log.add(file, "found a NUL byte (a binary file?), expected text in UTF-8", row=line)
        return "", True
    try:
        return raw.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        return raw.decode("utf-8-sig", errors="replace"), False


def fault_bad_lines(text: str, file: str, log: FaultLog) -> None:
    """Note each line that holds a byte that is not UTF-8, for files that are not tables."""
    for line, content in enumerate(text.split("\n"), start=1):
        if BAD_CHARACTER in content:
            log.add(file, f"found {show(content.strip())}: bytes that are not UTF-8, expected text in UTF-8", row=line)


def split_rows(text: str, file: str, log: FaultLog) -> tuple[list[list[str]], Sequence[int]] | None:
    """Rows of cells, blank lines among them, and the line each begins on; None where quotes or sizes break the file."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = list(reader)
    except csv.Error:
        pass
    else:
        if reader.line_num == len(rows):
            return rows, range(1, len(rows) + 1)
    rows, lines, line = [], [], 1
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            rows.append(row)
            lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        reason = str(error)
        if "field larger" in reason:
            log.add(
                file, f"found a cell of more than {csv.field_size_limit():,} characters, expected a table", row=line
            )
        else:
            log.add(
                file, f'found quotes that do not match ({reason}), expected "..." with inner quotes doubled', row=line
            )
        return None
    return rows, lines


def read_table(raw: bytes, file: str, known: Columns, log: FaultLog) -> Table | None:
    """A CSV file as a table; None where it cannot be read as one at all (the faults say why)."""
    n_before = len(log)
    text, is_clean = decode(raw, file, log)
    split = split_rows(text, file, log) if len(log) == n_before else None
    if split is None:
        if not is_clean:
            fault_bad_lines(text, file, log)
        return None
    rows, lines = split
    if not any(cell.strip() for row in rows[:1] for cell in row):
        log.add(file, f"found no header, expected the columns {', '.join(known.required)}", row=1)
        return None
    header = [cell.strip() for cell in rows[0]]
    if not is_header_sound(header, file, log):
        return None
    if not is_clean:
        fault_bad_cells(header, rows, lines, file, log)
    body, body_lines = even_rows(header, rows, lines, file, log)
    if not body and not known.may_be_empty:
        log.add(file, "found no rows, expected at least one below the header")
    missing = check_columns(header, file, known, log)
    wanted = {*known.required, *known.optional}
    by_column = zip(*body, strict=True) if body else ([] for _ in header)
    columns = {
        name: list(map(str.strip, cells)) for name, cells in zip(header, by_column, strict=True) if name in wanted
    }
    return Table(file, log, body_lines, columns, missing)


def is_header_sound(header: list[str], file: str, log: FaultLog) -> bool:
    """Whether the first line is a header by commas with each name once; faults noted."""
    for separator, name in ((";", "';'"), ("\t", "tabs"), ("|", "'|'")):
        if len(header) == 1 and separator in header[0]:
            log.add(file, f"looks like it is separated by {name}, expected commas", row=1)
            return False
    if len(header) > MOST_COLUMNS:
        log.add(file, f"found {len(header):,} columns, expected {MOST_COLUMNS:,} at most", row=1)
        return False
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    for name in repeated:
        log.add(file, "found this column name more than once, expected each once", row=1, field=name)
    return not repeated


def check_columns(header: list[str], file: str, known: Columns, log: FaultLog) -> frozenset[str]:
    """Required columns that are missing are faults; columns that are not read, near-misses above all, are warnings."""
    missing = [name for name in known.required if name not in header]
    unknown = [name for name in header if name and name not in known.required and name not in known.optional]
    absent = [name for name in known.optional if name not in header]
    meant = {name: nearest(name, [*missing, *absent]) for name in unknown}
    for name in missing:
        slips = [other for other in unknown if meant[other] == name]
        hint = f"; rename {show(slips[0])}, if that is it" if slips else ""
        log.add(file, f"column missing; found {', '.join(map(show, header[:30]))}{hint}", row=1, field=name)
    for name in unknown:
        if meant[name] in absent:
            log.warn(f"{file}: column {show(name)} is not read; did you mean {meant[name]!r}?")
        elif not meant[name] and known.is_own:
            log.warn(f"{file}: column {show(name)} is not read")
    return frozenset(missing)


def even_rows(
    header: list[str], rows: list[list[str]], lines: Sequence[int], file: str, log: FaultLog
) -> tuple[list[list[str]], list[int]]:
    """The rows below the header that hold anything, each as long as the header (others are faults)."""
    width = len(header)
    body, body_lines = [], []
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) != width:
            if not any(map(str.strip, row)):
                continue
            # too many is a fault even where the last are blank: a decimal comma shifts cells that way
            hint = " (is a comma within a cell not quoted?)" if len(row) > width else ""
            log.add(file, f"found {len(row)} cells, expected {width} as in the header{hint}", row=line)
            row = (row + [""] * width)[:width]  # noqa: PLW2901
        elif not row[0] and not any(map(str.strip, row)):
            continue
        body.append(row)
        body_lines.append(line)
    return body, body_lines


def fault_bad_cells(header: list[str], rows: list[list[str]], lines: Sequence[int], file: str, log: FaultLog) -> None:
    """Note each cell that holds a byte that is not UTF-8."""
    name_of: Callable[[int], str | None] = lambda i: header[i] if i < len(header) else None  # noqa: E731
    for row, line in zip(rows, lines, strict=True):
        for i, cell in enumerate(row):
            if BAD_CHARACTER in cell:
                message = f"found {show(cell)}: bytes that are not UTF-8, expected text in UTF-8"
                log.add(file, message, line, name_of(i))
