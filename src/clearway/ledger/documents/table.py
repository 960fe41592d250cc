"""A table of reports: CSV with a header, one row per report."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from clearway.faults import FaultLog, did_you_mean, show
from clearway.ledger.documents.document import Document
from clearway.ledger.documents.source import check_length, clean, moment

__all__ = ["COLUMNS", "open_table", "read_rows"]

COLUMNS = ("text", "title", "outlet", "author", "published", "language", "url")
MAX_ROWS = 100_000
MAX_COLUMNS = 200


def read_rows(text: str, file: str, faults: FaultLog) -> Iterator[tuple[int, list[str]]]:
    """Rows with their lines; a row of HXL tags (all cells begin with #, or are blank) is passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    row = 0
    try:
        for cells in reader:
            first, row = row + 1, reader.line_num
            is_tags = any(cells) and all(not cell.strip() or cell.strip().startswith("#") for cell in cells)
            if any(cell.strip() for cell in cells) and not (is_tags and first <= 3):
                yield first, cells
    except csv.Error as error:
        faults.add(file, f"cannot be read as CSV: {error}", reader.line_num)


def open_table(text: str, file: str, faults: FaultLog) -> list[Document]:
    """The rows of a table as documents; only `text` is required."""
    rows = read_rows(text, file, faults)
    _, header = next(rows, (1, []))
    names = [cell.strip().casefold() for cell in header]
    if not check_header(names, file, faults):
        return []
    documents: list[Document] = []
    before = len(faults)
    for row, cells in rows:
        if len(cells) != len(names):
            faults.add(file, f"found {len(cells)} cells, expected {len(names)}", row)
            continue
        if len(documents) >= MAX_ROWS:
            faults.add(file, f"has more than {MAX_ROWS:,} rows; split it", row)
            break
        found = row_document(dict(zip(names, cells, strict=True)), row, file, faults)
        if check_length(found.text, file, faults, row, "text"):
            documents.append(found)
    if not documents and len(faults) == before:
        faults.add(file, "has a header and no rows, expected one row per report")
    return documents


def check_header(names: list[str], file: str, faults: FaultLog) -> bool:
    """Whether the columns can be read."""
    if len(names) > MAX_COLUMNS:
        faults.add(file, f"found {len(names):,} columns, expected {MAX_COLUMNS} at most", 1)
        return False
    if "text" not in names:
        found = ", ".join(show(name) for name in names[:8]) or "no header"
        hint = did_you_mean("text", names)
        faults.add(file, f"column missing; found {found}{hint}", 1, "text")
        return False
    for name in sorted({name for name in COLUMNS if names.count(name) > 1}):
        faults.add(file, "more than one column of this name", 1, name)
    return True


def row_document(cells: dict[str, str], row: int, file: str, faults: FaultLog) -> Document:
    """A row; columns that are not known are passed over, and named in the notes."""
    said = cells.get("published", "").strip()
    published = moment(said)
    if said and published is None:
        faults.add(
            file, f"found {show(said)}, expected a time with offset such as 2026-05-01T14:00+02:00", row, "published"
        )
    short = {name: " ".join(clean(cells.get(name, "")).split())[:500] for name in COLUMNS}
    unread = sorted(name for name, cell in cells.items() if name not in COLUMNS and cell.strip())
    return Document(
        text=clean(cells["text"]),
        kind="table",
        title=short["title"],
        outlet=short["outlet"],
        author=short["author"],
        published=published,
        language=short["language"][:35],
        url=short["url"],
        file=f"{file}:{row}",
        notes=(f"columns not read: {', '.join(unread)[:200]}",) if unread else (),
    )
