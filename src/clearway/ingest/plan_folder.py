"""Reads a plan folder back (docs: plan format): all faults at once; whether the plan is any good is check's to say."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from clearway.errors import Fault, InputError
from clearway.ingest.faults import FaultLog, did_you_mean, show
from clearway.ingest.plan_form import read_form
from clearway.ingest.plan_hold import read_hold
from clearway.ingest.tables import Columns, Range, Table, decode, fault_bad_lines, read_table
from clearway.model.network import FloatArray
from clearway.model.plan import BoundKind, Certificate, LeftOut, Movements, Plan, Reason, Routes
from clearway.model.scenario import Scenario

PLAN, MOVEMENTS, ROUTES, CERTIFICATE = "plan.json", "movements.csv", "routes.csv", "certificate.json"
SCHEMA_VERSION = 1
ANY_NUMBER = Range()
MOVEMENT_COLUMNS = Columns(
    (
        "movement_id",
        "zone_id",
        "site_id",
        "route_id",
        "mode",
        "depart_from_s",
        "depart_until_s",
        "vehicles",
        "persons",
    ),
    (),
    may_be_empty=True,
)
ROUTE_COLUMNS = Columns(("route_id", "sequence", "link_id"), (), may_be_empty=True)
REASONS = tuple(str(reason) for reason in Reason)
KINDS = tuple(str(kind) for kind in BoundKind)
REQUIRED = object()
UNKNOWN_ID = "that the scenario's"  # in what is said of ids that another scenario may have


def read_plan(folder: Path, scenario: Scenario) -> Plan:
    """
    The plan in a folder, as it stands there: wrong figures and impossible movements are read as they are.

    Raises
    ------
    InputError
        Files or columns are missing, ids are unknown, numbers are none, JSON is broken: all that was found.
    """
    log = FaultLog()
    if not folder.is_dir():
        log.add(str(folder), "no such folder, expected a plan folder (clearway plan SCENARIO --out PLAN writes one)")
        log.raise_any("the plan")
    document = Document.read(folder, PLAN, log)
    proof = Document.read(folder, CERTIFICATE, log)
    routes, route_index = read_routes(folder, scenario, log)
    movements = read_movements(folder, scenario, route_index, log)
    certificates = read_certificates(proof, scenario)
    start = read_certificate(proof.part("last_start"), scenario) if proof.content.get("last_start") else None
    fields = plan_fields(document, scenario)
    held = read_hold(document, scenario, lambda name, columns: read_rows(folder, name, columns, log))
    scenario_hash = str(document.value("scenario_hash", str, ""))
    try:
        log.raise_any("the plan")
    except InputError as error:
        if scenario_hash and scenario_hash != scenario.content_hash:
            raise of_another_scenario(error, scenario_hash, scenario) from None
        raise
    return Plan(
        scenario_hash=scenario_hash,
        routes=routes,
        movements=movements,
        certificate=certificates[0],
        further_certificates=tuple(certificates[1:]),
        start_certificate=start,
        held=held,
        **fields,
    )


def of_another_scenario(error: InputError, scenario_hash: str, scenario: Scenario) -> InputError:
    """The faults of a plan whose hash is another scenario's: all its unknown ids become one fault."""
    unknown = [fault for fault in error.faults if UNKNOWN_ID in fault.message]
    if not unknown:
        hint = Fault(PLAN, "the plan was made for another scenario, or the scenario has changed since")
        return InputError((hint, *error.faults), error.what)
    files = {fault.file for fault in unknown}
    others = [
        fault for fault in error.faults if fault not in unknown and not (fault.row is None and fault.file in files)
    ]
    ids = list(dict.fromkeys(fault.message.split(", expected ")[0].removeprefix("found ") for fault in unknown))
    message = (
        f"the plan was made for another scenario, or this one has changed since: the hashes differ (the plan's "
        f"{scenario_hash[:12]}, that of {scenario.name!r} {scenario.content_hash[:12]}), and here are no such ids as "
        f"{', '.join(ids[:3])}. Name the scenario that the plan was made for, or plan this one: "
        f"clearway plan SCENARIO --out PLAN"
    )
    return InputError((Fault(PLAN, message, field="scenario_hash"), *others), error.what)


class Document:
    """A JSON object in a plan folder; what is not as expected in it goes to the log with its path."""

    def __init__(self, file: str, content: Any, log: FaultLog, path: str = "") -> None:
        self.file, self.log, self.path = file, log, path
        self.is_readable = isinstance(content, dict)
        self.content: Mapping[str, Any] = content if isinstance(content, dict) else {}

    @classmethod
    def read(cls, folder: Path, name: str, log: FaultLog) -> Document:
        """A file's object; an empty one, with the fault noted, where there is none."""
        raw = read_bytes(folder, name, log)
        if raw is None:
            return cls(name, None, log)
        n_before = len(log)
        text, is_clean = decode(raw, name, log)
        if not is_clean:
            fault_bad_lines(text, name, log)
        if len(log) > n_before:
            return cls(name, None, log)
        try:
            content = json.loads(text)
        except json.JSONDecodeError as error:
            log.add(name, f"is not JSON: {error.msg}, column {error.colno}", row=error.lineno)
            return cls(name, None, log)
        except (RecursionError, ValueError):  # nested too deeply; an integer of thousands of digits
            log.add(name, "is not JSON that can be read")
            return cls(name, None, log)
        if not isinstance(content, dict):
            log.add(name, f"found {show(content)}, expected a JSON object")
        document = cls(name, content, log)
        version = document.content.get("schema_version", SCHEMA_VERSION)
        if version != SCHEMA_VERSION:
            log.add(name, f"found {show(version)}, this Clearway reads {SCHEMA_VERSION}", field="schema_version")
        return document

    def fault(self, name: str, found: object, expected: str) -> None:
        if self.is_readable:  # what is missing in a file that cannot be read is no fault of its own
            what = "is missing" if found is REQUIRED else f"found {show(found)}"
            self.log.add(self.file, f"{what}, expected {expected}", field=self.place(name))

    def place(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def value(self, name: str, kind: type, fallback: object = REQUIRED) -> Any:
        """A member of a type; the fallback where there is none, an empty one of its type where it is faulty."""
        found = self.content.get(name, REQUIRED)
        if found is REQUIRED and fallback is not REQUIRED:
            return fallback
        if isinstance(found, kind) and not (kind is int and isinstance(found, bool)):
            return found
        words = {dict: "an object", list: "a list", str: "a text", int: "a whole number"}
        self.fault(name, found, words[kind])
        return kind()

    def number(self, name: str, null: float | None = None, fallback: object = REQUIRED) -> float:
        """A number; ``null`` is what null stands for (None: a fault)."""
        found = self.content.get(name, fallback)
        if found is None and null is not None:
            return null
        number = as_number(found)
        if number is None:
            self.fault(name, found, "a number" + (" or null" if null is not None else ""))
            return math.nan
        return number

    def part(self, name: str) -> Document:
        """An object within this one."""
        content = self.value(name, dict)
        return self.inner(name, content if self.is_readable and name in self.content else None)

    def parts(self, name: str, fallback: object = REQUIRED) -> list[Document]:
        """A list of objects within this one."""
        parts = []
        for i, item in enumerate(self.value(name, list, fallback)):
            if isinstance(item, dict):
                parts.append(self.inner(f"{name}[{i}]", item))
            else:
                self.fault(f"{name}[{i}]", item, "an object")
        return parts

    def inner(self, name: str, content: Any) -> Document:
        return Document(self.file, content, self.log, self.place(name))

    def numbers(self, name: str) -> FloatArray:
        """float64[n]: a list of numbers."""
        found = self.value(name, list)
        values = [as_number(item) for item in found]
        for i, number in enumerate(values):
            if number is None:
                self.fault(f"{name}[{i}]", found[i], "a number")
        return np.array([math.nan if number is None else number for number in values], dtype=np.float64)


def as_number(found: object) -> float | None:
    """A JSON number as a float, None where it is none."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        return float(found)
    except OverflowError:
        return None


def read_bytes(folder: Path, name: str, log: FaultLog) -> bytes | None:
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError:
        log.add(name, "file missing; a plan folder holds it")
    except OSError as error:
        log.add(name, f"cannot be read: {error.strerror or error}")
    return None


def read_rows(folder: Path, name: str, columns: Columns, log: FaultLog) -> Table | None:
    raw = read_bytes(folder, name, log)
    if raw is None:
        return None
    return plain_table(raw, name, columns, log) or read_table(raw, name, columns, log)


def plain_table(raw: bytes, file: str, columns: Columns, log: FaultLog) -> Table | None:
    """
    A table just as Clearway writes it, five times as fast as `read_table`; None where anything is otherwise.

    That is: the required columns in their order, no quotes, no blanks, each line as long as the header.
    """
    header = ",".join(columns.required).encode() + b"\n"
    width = len(columns.required)
    if not raw.startswith(header) or not raw.endswith(b"\n") or any(mark in raw for mark in b'" \t\r\0'):
        return None
    characters = np.frombuffer(raw, dtype=np.uint8)
    marks = characters[(characters == ord(",")) | (characters == ord("\n"))]
    expected = np.frombuffer(b"," * (width - 1) + b"\n", dtype=np.uint8)
    if len(marks) % width or (marks.reshape(-1, width) != expected).any():
        return None
    try:
        body = raw[len(header) :].decode()
    except UnicodeDecodeError:
        return None
    cells = body[:-1].replace("\n", ",").split(",") if body else []
    named = {name: cells[place::width] for place, name in enumerate(columns.required)}
    return Table(file, log, range(2, 2 + len(cells) // width), named)


def read_routes(folder: Path, scenario: Scenario, log: FaultLog) -> tuple[Routes, dict[str, int] | None]:
    """The routes and the place of each id; None where the table cannot be read."""
    table = read_rows(folder, ROUTES, ROUTE_COLUMNS, log)
    if table is None or table.missing:
        return Routes((), np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64)), None
    link_index = {link_id: i for i, link_id in enumerate(scenario.network.link_ids)}
    links = table.references("link_id", link_index, "the scenario's link.csv")
    sequence = table.numbers("sequence", Range(whole=True))
    cells = table.cells("route_id")
    ids = dict.fromkeys(cells)
    index = {route_id: i for i, route_id in enumerate(ids)}
    for row in [row for row, cell in enumerate(cells) if not cell] if "" in index else []:
        table.fault(row, "route_id", "found nothing, expected an id")
    route = np.array([index[cell] for cell in cells], dtype=np.int64)
    order = np.lexsort((sequence, route))
    again = (np.diff(route[order]) == 0) & (np.diff(sequence[order]) == 0)
    for place in np.flatnonzero(again).tolist():
        row = int(order[place + 1])
        table.fault(row, "sequence", f"found {sequence[row]:g} again in route {show(cells[row])}, expected each once")
    start = np.concatenate(([0], np.cumsum(np.bincount(route, minlength=len(index))))).astype(np.int64)
    return Routes(tuple(ids), start, links[order]), index


def read_movements(folder: Path, scenario: Scenario, route_index: Mapping[str, int] | None, log: FaultLog) -> Movements:
    """The movements; -1 and nan stand where the log has a fault."""
    table = read_rows(folder, MOVEMENTS, MOVEMENT_COLUMNS, log)
    if table is None:
        table = Table(MOVEMENTS, log, (), {}, frozenset(MOVEMENT_COLUMNS.required))
    zones = {zone.zone_id: i for i, zone in enumerate(scenario.zones)}
    sites = {site.site_id: i for i, site in enumerate(scenario.sites)}
    table.identifiers("movement_id")
    return Movements(
        zone=table.references("zone_id", zones, "the scenario's zone.csv"),
        site=table.references("site_id", sites, "the scenario's site.csv"),
        route=table.references("route_id", route_index, ROUTES),
        depart_from_s=table.numbers("depart_from_s", ANY_NUMBER),
        depart_until_s=table.numbers("depart_until_s", ANY_NUMBER),
        vehicles=table.numbers("vehicles", ANY_NUMBER),
        persons=table.numbers("persons", ANY_NUMBER),
        mode=tuple(table.cells("mode")),
        ids=tuple(table.cells("movement_id")),
    )


def plan_fields(document: Document, scenario: Scenario) -> dict[str, Any]:
    """What plan.json says, as the fields of `Plan`."""
    figures = document.part("figures")
    persons = figures.part("persons")
    curve = figures.part("bound_curve")
    times, amounts = curve.numbers("time_s"), curve.numbers("persons")
    if len(times) != len(amounts):
        curve.fault("persons", len(amounts), f"as many numbers as in time_s, {len(times)}")
    left_out, last_start_s, last_start_bound_s = read_zones(persons, scenario)
    runtime = figures.part("runtime_s")
    form, price = read_form(document, scenario)
    return {
        "form": form,
        "price": price,
        "left_out": left_out,
        "status": document.value("status", str),
        "seed": document.value("seed", int),
        "settings": tuple((name, frozen(value)) for name, value in document.value("settings", dict).items()),
        "clearance_time_s": figures.number("clearance_time_s"),
        "clearance_lower_bound_s": figures.number("clearance_lower_bound_s"),
        "persons_planned": persons.number("planned"),
        "persons_upper_bound": figures.number("persons_upper_bound"),
        "gap": figures.number("gap", null=math.inf),
        "last_start_s": last_start_s,
        "last_start_bound_s": last_start_bound_s,
        "last_start_all_s": figures.number("last_start_all_s", null=math.nan, fallback=None),
        "last_start_all_bound_s": figures.number("last_start_all_bound_s", null=math.nan, fallback=None),
        "bound_curve_s": times,
        "bound_curve_persons": amounts,
        "runtime_s": tuple((step, runtime.number(step, null=math.nan)) for step in runtime.content),
    }


def frozen(value: object) -> object:
    """Lists as tuples, as settings hold them."""
    return tuple(frozen(item) for item in value) if isinstance(value, list) else value


def read_zones(persons: Document, scenario: Scenario) -> tuple[tuple[LeftOut, ...], FloatArray, FloatArray]:
    """Who is left out of each zone, and float64[n_zones] twice: its last start, and the first proven too late."""
    zones = {zone.zone_id: i for i, zone in enumerate(scenario.zones)}
    last_start_s, last_start_bound_s = np.full((2, len(zones)), math.nan)
    left_out: list[LeftOut] = []
    seen: set[int] = set()
    for entry in persons.parts("zones"):
        zone = index_of(entry, "zone_id", zones, "the scenario's zone.csv")
        if zone is None:
            continue
        if zone in seen:
            entry.fault("zone_id", scenario.zones[zone].zone_id, "each zone once")
        seen.add(zone)
        last_start_s[zone] = entry.number("last_start_s", null=math.nan, fallback=None)
        last_start_bound_s[zone] = entry.number("last_start_bound_s", null=math.nan, fallback=None)
        for left in entry.parts("left_out", []):
            reason = left.value("reason", str)
            if reason and reason not in REASONS:
                expected = ", ".join(map(repr, REASONS))
                left.fault("reason", reason, f"one of {expected}{did_you_mean(reason, REASONS)}")
            amount = left.number("persons")
            binding, seats = left.value("binding", str, ""), left.value("seats", int, 0)
            if reason in REASONS:
                left_out.append(LeftOut(zone, amount, Reason(reason), binding, seats))
    return tuple(left_out), last_start_s, last_start_bound_s


def index_of(document: Document, name: str, index: Mapping[str, int], where: str) -> int | None:
    """What an id stands for; None, with the fault noted, where unknown."""
    found = document.value(name, str)
    if found in index:
        return index[found]
    if name in document.content and isinstance(document.content[name], str):
        document.fault(name, found, f"an id that {where} has")
    return None


def read_certificates(proof: Document, scenario: Scenario) -> list[Certificate]:
    """The certificate and those further ones."""
    return [read_certificate(part, scenario) for part in (proof, *proof.parts("further", []))]


def read_certificate(part: Document, scenario: Scenario) -> Certificate:
    """
    One certificate; labels that are null or absent: never reached.

    Where it does not say which zones are open and which sites are paid, labels say it: a zone is open if its node is
    reached when it is ready, a site is paid if its node is reached before it closes and before the horizon.
    """
    kind = part.value("kind", str)
    if kind not in KINDS:
        if kind or part.content.get("kind") == "":
            part.fault("kind", kind, " or ".join(map(repr, KINDS)))
        kind = BoundKind.CLEARANCE
    horizon = part.number("horizon_s")
    labels = read_labels(part, scenario)
    direction = part.content.get("direction")
    if direction is not None and not isinstance(direction, str):
        part.fault("direction", direction, "a text or null")
        direction = None
    zones, sites = scenario.zones, scenario.sites
    open_zones = read_ids(part, "open_zones", {zone.zone_id: i for i, zone in enumerate(zones)}, "zone.csv")
    paid_sites = read_ids(part, "paid_sites", {site.site_id: i for i, site in enumerate(sites)}, "site.csv")
    if open_zones is None:
        open_zones = tuple(i for i, zone in enumerate(zones) if labels[zone.node] <= zone.ready_s)
    if paid_sites is None:
        closes = [site.open_windows[-1][1] if site.open_windows else 0.0 for site in sites]
        paid_sites = tuple(i for i, site in enumerate(sites) if labels[site.node] < min(closes[i], horizon))
    return Certificate(
        kind=BoundKind(kind),
        horizon_s=horizon,
        labels_s=labels,
        open_zones=open_zones,
        paid_sites=paid_sites,
        cut_vehicles=part.number("cut_vehicles"),
        demand_vehicles=part.number("demand_vehicles"),
        direction=direction,
    )


def read_labels(part: Document, scenario: Scenario) -> FloatArray:
    """float64[n_nodes]: a certificate's labels, inf where a node is never reached."""
    labels = np.full(scenario.network.n_nodes, math.inf)
    inner = part.part("labels_s")
    for node_id in inner.content:
        if scenario.network.has_node(node_id):
            labels[scenario.network.node_index(node_id)] = inner.number(node_id, null=math.inf)
        else:
            inner.fault(node_id, node_id, "a node_id that the scenario's node.csv has")
    return labels


def read_ids(part: Document, name: str, index: Mapping[str, int], where: str) -> tuple[int, ...] | None:
    """What a list of ids stands for; None where there is no such list."""
    if part.content.get(name) is None:
        return None
    found: list[int] = []
    for i, item in enumerate(part.value(name, list)):
        if isinstance(item, str) and item in index:
            found.append(index[item])
        else:
            part.fault(f"{name}[{i}]", item, f"an id that the scenario's {where} has")
    return tuple(found)
