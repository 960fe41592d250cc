"""Copies of a scenario folder: one in which more is closed, one in which a plan may use all of the capacities."""

from __future__ import annotations

import csv
import io
import re
import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path

from clearway.ingest.settings import FILE, TABLES

COLUMNS = ("target", "from", "until", "capacity_factor", "note", "source")


def copy_closed(folder: Path, place: Path, closures: Sequence[tuple[str, str, str]]) -> None:
    """
    Copy the tables of a scenario folder that was read before to ``place`` (made here), with closures for good added.

    ``closures`` are (target, moment, note): ``crossing:bridge``, an ISO 8601 time with offset, words.
    """
    names = copy_tables(folder, place)
    table = place / names["availability"]
    table.parent.mkdir(parents=True, exist_ok=True)
    text = table.read_text(encoding="utf-8-sig") if table.is_file() else ""
    table.write_text(with_closures(text, closures), encoding="utf-8", newline="")


def copy_with_all_capacity(folder: Path, place: Path) -> None:
    """Copy the tables of a scenario folder that was read before to ``place`` (made here), with capacity_factor 1."""
    copy_tables(folder, place)
    settings = place / FILE
    text = settings.read_text(encoding="utf-8-sig")
    line = "capacity_factor = 1.0"
    top = re.search(r"(?m)^\s*\[", text)
    head, rest = (text[: top.start()], text[top.start() :]) if top else (text, "")
    head, n_found = re.subn(r"(?m)^\s*[\"']?capacity_factor[\"']?\s*=.*$", line, head)
    settings.write_text(head + rest if n_found else f"{line}\n{text}", encoding="utf-8", newline="")


def copy_tables(folder: Path, place: Path) -> dict[str, str]:
    """Copy scenario.toml and the tables it names; returns the tables' file names by what they hold."""
    named = tomllib.loads((folder / FILE).read_text(encoding="utf-8-sig")).get("files", {})
    names = {key: str(named.get(key) or default) for key, (default, _) in TABLES.items()}
    place.mkdir(parents=True)
    for name in (FILE, *names.values()):
        if (folder / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, place / name)
    return names


def with_closures(text: str, closures: Sequence[tuple[str, str, str]]) -> str:
    """A table of availability with further rows; columns it lacks are added."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    names = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    rows = [dict(row) for row in reader if any((cell or "").strip() for cell in row.values() if isinstance(cell, str))]
    if names and "capacity_factor" not in names:  # what a missing column stands for
        rows = [{**row, "capacity_factor": "0"} for row in rows]
    header = [*names, *(name for name in COLUMNS if name not in names)]
    rows += [
        {"target": target, "from": moment, "capacity_factor": "0", "note": note, "source": "assumption"}
        for target, moment, note in closures
    ]
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
