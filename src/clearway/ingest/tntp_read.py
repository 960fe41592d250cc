"""
TNTP files as tables: networks, nodes, trips.

The format is that of Transportation Networks for Research (github.com/bstabler/TransportationNetworks, README,
"TNTP Data format"): metadata in ``<...>`` lines, ``~`` begins a comment, ``;`` ends a row, cells by tabs or blanks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from clearway.ingest.faults import FaultLog, show
from clearway.ingest.tables import decode, fault_bad_lines

# Standard order of the fields of a link, and the words that name them in header comments.
LINK_FIELDS = ("init_node", "term_node", "capacity", "length", "free_flow_time")
FIELD_WORDS = {
    "initnode": "init_node",
    "init": "init_node",
    "from": "init_node",
    "tail": "init_node",
    "termnode": "term_node",
    "term": "term_node",
    "to": "term_node",
    "head": "term_node",
    "capacity": "capacity",
    "length": "length",
    "freeflowtime": "free_flow_time",
    "fftime": "free_flow_time",
    "fft": "free_flow_time",
}


@dataclass(slots=True)
class TntpLink:
    """A row of a network file, in the file's own units."""

    from_node: str
    to_node: str
    capacity: float
    length: float
    free_flow_time: float


@dataclass(slots=True)
class TntpNetwork:
    """A network file. Nodes before ``first_through_node`` may not be passed through."""

    links: list[TntpLink] = field(default_factory=list)
    first_through_node: int = 1


def lines_of(path: Path, log: FaultLog) -> list[str]:
    """The lines of a text file; none where it cannot be read (a fault)."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        log.add(path.name, f"cannot be read: {error.strerror or error}")
        return []
    text, is_clean = decode(raw, path.name, log)
    if not is_clean:
        fault_bad_lines(text, path.name, log)
    return text.splitlines()


def read_metadata(lines: list[str]) -> tuple[dict[str, str], int]:
    """The ``<KEY> value`` lines, and how many lines they take (to ``<END OF METADATA>``, or as long as they go on)."""
    metadata: dict[str, str] = {}
    n_lines = 0
    for number, line in enumerate(lines, start=1):
        match = re.match(r"\s*<([^>]*)>\s*([^~]*)", line)
        if match:
            n_lines = number
            metadata[" ".join(match[1].upper().split())] = match[2].strip()
            if match[1].strip().upper() == "END OF METADATA":
                break
        elif line.strip() and not line.lstrip().startswith("~"):
            break
    return metadata, n_lines


def rows_after(lines: list[str], n_skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row below the metadata, comments and blank lines left out."""
    for number, line in enumerate(lines[n_skipped:], start=n_skipped + 1):
        cells = line.split("~")[0].replace(";", " ").replace(",", " ").split()
        if cells:
            yield number, cells


def header_positions(lines: list[str], n_skipped: int) -> dict[str, int]:
    """Where the fields of a link stand: as the header comment says if it names all of them, else the standard order."""
    for line in lines[n_skipped:]:
        text = line.strip()
        if not text.startswith("~"):
            if text:
                break
            continue
        words = [
            re.sub(r"[^a-z]", "", word.lower()) for word in re.split(r"\t+|\s{2,}", text.lstrip("~ \t").rstrip("; \t"))
        ]
        found = {FIELD_WORDS[word]: i for i, word in reversed(list(enumerate(words))) if word in FIELD_WORDS}
        if len(found) == len(LINK_FIELDS):
            return found
    return {name: i for i, name in enumerate(LINK_FIELDS)}


def whole(text: str) -> int | None:
    """A whole number, None where it is none."""
    match = re.fullmatch(r"\d{1,15}(?:\.0*)?", text.strip())
    return int(float(match[0])) if match else None


def number_in(cells: list[str], position: int) -> float:
    """The number in a cell; nan where there is none."""
    try:
        return float(cells[position])
    except (ValueError, IndexError):
        return math.nan


def read_network(path: Path, log: FaultLog) -> TntpNetwork:
    """A ``*_net.tntp`` file; what is wrong with it is noted."""
    lines = lines_of(path, log)
    metadata, n_skipped = read_metadata(lines)
    network = TntpNetwork()
    through = metadata.get("FIRST THRU NODE", "1")
    if whole(through) is None:
        log.add(path.name, f"<FIRST THRU NODE>: found {show(through)}, expected a whole number")
    network.first_through_node = whole(through) or 1
    place = header_positions(lines, n_skipped)
    for row, cells in rows_after(lines, n_skipped):
        if len(cells) < len(LINK_FIELDS):
            log.add(path.name, f"found {len(cells)} cells, expected {', '.join(LINK_FIELDS)} and more", row)
            continue
        ends = [whole(cells[place[name]]) for name in ("init_node", "term_node")]
        if ends[0] is None and row <= n_skipped + 3 and not network.links:
            continue  # a header without the comment sign
        numbers = {name: number_in(cells, place[name]) for name in LINK_FIELDS[2:]}
        for name, value in zip(("init_node", "term_node"), ends, strict=True):
            if value is None:
                log.add(path.name, f"found {show(cells[place[name]])}, expected a node number", row, name)
        for name, value_found in numbers.items():
            if not 0 <= value_found < math.inf:
                log.add(path.name, f"found {show(cells[place[name]])}, expected a number, 0 or more", row, name)
        network.links.append(TntpLink(str(ends[0]), str(ends[1]), *numbers.values()))
    check_counts(path, metadata, network, log)
    return network


def check_counts(path: Path, metadata: dict[str, str], network: TntpNetwork, log: FaultLog) -> None:
    """Compare what was read with what the metadata announce: a file cut off must not pass for a network."""
    if not network.links:
        log.add(path.name, "found no links, expected a TNTP network file")
        return
    announced = whole(metadata.get("NUMBER OF LINKS", ""))
    if announced is not None and announced != len(network.links):
        message = (
            f"found {len(network.links):,} links, expected {announced:,} as <NUMBER OF LINKS> says: is it cut off?"
        )
        log.add(path.name, message)


def read_nodes(path: Path, log: FaultLog) -> dict[str, tuple[float, float]]:
    """Node number -> x, y of a ``*_node.tntp`` file (node, x, y; with or without a header)."""
    lines = lines_of(path, log)
    _, n_skipped = read_metadata(lines)
    nodes: dict[str, tuple[float, float]] = {}
    for row, cells in rows_after(lines, n_skipped):
        node = whole(cells[0])
        if node is None:
            if nodes:
                log.add(path.name, f"found {show(cells[0])}, expected a node number", row)
            continue  # the header
        x, y = number_in(cells, 1), number_in(cells, 2)
        if not (math.isfinite(x) and math.isfinite(y)):
            log.add(path.name, f"found {show(' '.join(cells[1:3]))}, expected x and y in numbers", row)
        elif str(node) in nodes:
            log.add(path.name, f"found node {node} again, expected each node once", row)
        nodes.setdefault(str(node), (x, y))
    if not nodes:
        log.add(path.name, "found no nodes, expected rows of node, x, y")
    return nodes


def read_productions(path: Path, log: FaultLog) -> dict[str, float]:
    """Origin -> trips that begin there, of a ``*_trips.tntp`` file (``Origin 1``, then ``destination : flow;``)."""
    lines = lines_of(path, log)
    metadata, n_skipped = read_metadata(lines)
    productions: dict[str, float] = {}
    origin = ""
    for row, line in enumerate(lines[n_skipped:], start=n_skipped + 1):
        text = line.split("~")[0].strip()
        match = re.match(r"origin\s+(\d+)", text, re.IGNORECASE)
        if match:
            origin = str(int(match[1]))
            productions.setdefault(origin, 0.0)
            text = text[match.end() :]
        for part in filter(None, (piece.strip() for piece in text.split(";"))):
            flow = re.fullmatch(r"\d+\s*:\s*([-+.\deE]+)", part)
            value = number_in([flow[1]], 0) if flow else math.nan
            if not origin or not 0 <= value < math.inf:
                log.add(path.name, f"found {show(part)}, expected 'Origin n', then 'destination : flow;'", row)
            else:
                productions[origin] += value
    if not productions:
        log.add(path.name, "found no origins, expected a TNTP trip table")
    total, found = number_in([metadata.get("TOTAL OD FLOW", "")], 0), math.fsum(productions.values())
    if productions and total > 0 and abs(found - total) > 0.01 * total:
        log.warn(f"{path.name}: the trips add up to {found:,.0f}, <TOTAL OD FLOW> says {total:,.0f}")
    return productions
