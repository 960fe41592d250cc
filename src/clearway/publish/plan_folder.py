"""Writes the plan folder (docs: plan format), whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import clearway
from clearway.errors import OutputError, UsageError
from clearway.model.network import FloatArray
from clearway.model.plan import BoundKind, Certificate, Plan
from clearway.model.scenario import Scenario
from clearway.publish.figures import plan_figures, tidy
from clearway.publish.forms import REVERSALS, form_document, reversals_csv
from clearway.publish.hold import MARGINS, hold_document, margins_csv
from clearway.publish.route_map import routes_geojson

SCHEMA_VERSION = 1
PLAN_FILES = ("plan.json", "movements.csv", "routes.csv", "routes.geojson", "certificate.json")
KNOWN_FILES = frozenset((*PLAN_FILES, REVERSALS, MARGINS, "report.html"))
LEFT_BY_DESKTOPS = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))
TIME_DIGITS = 15  # a window of a second, days from the start, keeps its rate to 1e-9
SAID_DIGITS = 9  # of a cut in words: it may lie only a hair under the demand, and must not read as equal to it
NEEDS_QUOTES = re.compile('[,"\r\n]')
Content = str | bytes


def write_plan(plan: Plan, scenario: Scenario, folder: Path, extra_files: Mapping[str, Content] | None = None) -> None:
    """
    Write the plan folder, with further files (name -> content) such as report.html.

    A plan folder that is there is replaced in one step; if anything fails it stays as it was.

    Raises
    ------
    UsageError
        ``folder`` is a file, or holds something that is not part of a plan.
    OutputError
        The disk did not take it; nothing is left behind.
    """
    extra = dict(extra_files or {})
    for name in extra:
        if not name or name != Path(name).name or name in PLAN_FILES:
            raise ValueError(f"not a name for a further file of a plan folder: {name!r}")
    target = folder.resolve()
    refuse_foreign(target, set(extra))
    for name, table in ((REVERSALS, reversals_csv(plan, scenario)), (MARGINS, margins_csv(plan, scenario))):
        if table is not None:
            extra[name] = table
    contents: dict[str, Content] = {
        "plan.json": plan_json(plan, scenario, sorted({*PLAN_FILES, *extra})),
        "movements.csv": movements_csv(plan, scenario),
        "routes.csv": routes_csv(plan, scenario),
        "routes.geojson": routes_geojson(plan, scenario),
        "certificate.json": certificate_json(plan, scenario),
        **extra,
    }
    try:
        write_whole(target, contents)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"could not write the plan to {folder}: {reason}; nothing was left behind") from error


def refuse_foreign(
    target: Path, extra: set[str], index: str = "plan.json", known: frozenset[str] = KNOWN_FILES, what: str = "plan"
) -> None:
    """
    Refuse a folder that is no plan folder of ours: whatever else it holds would be lost.

    ``index`` is the file that every such folder has and that lists the others, ``what`` what it is the folder of.
    """
    if not target.exists():
        nearest = next(path for path in target.parents if path.exists())
        if not nearest.is_dir():
            raise UsageError(f"{target} cannot be made: {nearest} is a file")
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise UsageError(f"{target} cannot be made: {nearest} may not be written to")
        return
    if not target.is_dir():
        raise UsageError(f"{target} is a file; name a folder that does not exist yet")
    if target == Path.cwd():
        raise UsageError(f"{target} is the current folder, which cannot be replaced; name another or go elsewhere")
    names = {path.name for path in target.iterdir()} - LEFT_BY_DESKTOPS
    if not names:
        return
    foreign = sorted(names - known - extra - listed_files(target / index))
    if index not in names or foreign:
        holds = f"holds {', '.join((foreign or sorted(names))[:3])}, which {'is' if len(foreign) == 1 else 'are'} not"
        article = "an" if what[0] in "aeiou" else "a"
        raise UsageError(
            f"{target} {holds} part of {article} {what}; "
            f"name a folder that does not exist yet, an empty one or an earlier {what}"
        )


def listed_files(path: Path) -> set[str]:
    """The files an earlier plan.json says are its own."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return set()
    files = document.get("files") if isinstance(document, dict) else None
    return {name for name in files if isinstance(name, str)} if isinstance(files, list) else set()


def write_whole(target: Path, contents: Mapping[str, Content]) -> None:
    """Write files into a new folder beside ``target``, then put it there in one step."""
    made = make_parents(target.parent)
    temporary: Path | None = None
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
        temporary.chmod(0o777 & ~current_umask())
        for name, content in contents.items():
            write_file(temporary / name, content)
        sync_folder(temporary)
        put_in_place(temporary, target)
    except BaseException:  # an interrupt must not leave half a plan either
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        for parent in made:
            with contextlib.suppress(OSError):
                parent.rmdir()
        raise


def make_parents(parent: Path) -> list[Path]:
    """Make missing folders; those made, the innermost first."""
    missing = [path for path in (parent, *parent.parents) if not path.exists()]
    parent.mkdir(parents=True, exist_ok=True)
    return missing


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_file(path: Path, content: Content) -> None:
    with path.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make renames in a folder last, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put_in_place(new: Path, target: Path) -> None:
    """Rename a finished folder to its place; an earlier one goes aside first, and comes back if that fails."""
    aside: Path | None = None
    if target.exists():
        aside = new.with_suffix(".old")
        target.rename(aside)
    try:
        new.rename(target)
        sync_folder(target.parent)
    except BaseException:
        if aside is not None:
            if target.exists():
                target.rename(new)
            aside.rename(target)
        raise
    if aside is not None:
        shutil.rmtree(aside, ignore_errors=True)


def plan_json(plan: Plan, scenario: Scenario, files: list[str]) -> str:
    """The text of plan.json; its JSON Schema is docs/schema/plan.schema.json."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "scenario_hash": plan.scenario_hash,
        "scenario": {
            "name": scenario.name,
            "start": scenario.start.isoformat(),
            "horizon_s": tidy(scenario.horizon_s),
        },
        "status": plan.status,
        "settings": {name: plain(value) for name, value in plan.settings},
        "seed": plan.seed,
        "versions": {
            "clearway": clearway.__version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
        "files": files,
        "form": form_document(plan, scenario),
        "hold": hold_document(plan),
        "figures": plan_figures(plan, scenario),
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def plain(value: object) -> object:
    """A setting as JSON can hold it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return tidy(value, TIME_DIGITS)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value)


def certificate_json(plan: Plan, scenario: Scenario) -> str:
    """The text of certificate.json; its JSON Schema is docs/schema/certificate.schema.json."""
    document = certificate_document(plan.certificate, scenario, about_planned=False)
    is_partial = plan.certificate.kind == BoundKind.EVACUATED
    document["further"] = [
        certificate_document(further, scenario, about_planned=is_partial) for further in plan.further_certificates
    ]
    document["last_start"] = None
    if plan.start_certificate is not None:
        start = certificate_document(plan.start_certificate, scenario, about_planned=True)
        document["last_start"] = {**start, "proves": start_proves(plan, scenario)}
    return (
        json.dumps(
            {"schema_version": SCHEMA_VERSION, "scenario_hash": plan.scenario_hash, **document},
            indent=1,
            ensure_ascii=False,
            allow_nan=False,
        )
        + "\n"
    )


def certificate_document(certificate: Certificate, scenario: Scenario, about_planned: bool) -> dict[str, Any]:
    """One certificate; nodes that are never reached have no label."""
    reached = np.flatnonzero(np.isfinite(certificate.labels_s))
    node_ids = scenario.network.node_ids
    return {
        "kind": str(certificate.kind),
        "proves": proves(certificate, scenario, about_planned),
        "direction": certificate.direction,
        "horizon_s": tidy(certificate.horizon_s, TIME_DIGITS),
        "cut_vehicles": tidy(certificate.cut_vehicles),
        "demand_vehicles": tidy(certificate.demand_vehicles),
        "open_zones": [scenario.zones[i].zone_id for i in certificate.open_zones],
        "paid_sites": [scenario.sites[i].site_id for i in certificate.paid_sites],
        "labels_s": {node_ids[v]: tidy(certificate.labels_s[v], TIME_DIGITS) for v in reached.tolist()},
    }


def proves(certificate: Certificate, scenario: Scenario, about_planned: bool) -> str:
    """What a certificate proves, in one sentence."""
    whose = f" that go in direction {certificate.direction}" if certificate.direction is not None else ""
    who = f"{'planned ' if about_planned else ''}vehicles{whose}"
    horizon, cut = tidy(certificate.horizon_s, SAID_DIGITS), tidy(certificate.cut_vehicles, SAID_DIGITS)
    try:
        clock = scenario.clock(certificate.horizon_s).isoformat(timespec="seconds")
    except (OverflowError, ValueError):
        clock = "the horizon"
    if certificate.kind == BoundKind.CLEARANCE:
        return (
            f"Nobody can bring all {tidy(certificate.demand_vehicles, SAID_DIGITS)} {who} to safety before {clock} "
            f"({horizon} s from the start): no more than {cut} can cross this cut by then."
        )
    return f"Nobody can bring more than {cut} of the {who} to safety by {clock} ({horizon} s from the start)."


def start_proves(plan: Plan, scenario: Scenario) -> str:
    """What the certificate of the point of no return proves."""
    assert plan.start_certificate is not None
    start = scenario.clock(plan.last_start_all_bound_s).isoformat(timespec="seconds")
    said = proves(plan.start_certificate, scenario, True)
    return f"If nobody departs before {start} ({tidy(plan.last_start_all_bound_s, SAID_DIGITS)} s): {said}"


def numbers(column: FloatArray, digits: int) -> list[str]:
    """A column as text: shortest form, at most so many significant digits, whole numbers without a point."""
    form = f"%.{digits}g"
    return [form % value for value in column.tolist()]


def cells(texts: Sequence[str]) -> list[str]:
    """Texts as CSV cells (RFC 4180): quoted where they hold a comma, a quote or a line break."""
    if not NEEDS_QUOTES.search("".join(texts)):
        return list(texts)
    return ['"' + text.replace('"', '""') + '"' if NEEDS_QUOTES.search(text) else text for text in texts]


def movements_csv(plan: Plan, scenario: Scenario) -> str:
    moves = plan.movements
    zone_ids, site_ids = (
        cells([zone.zone_id for zone in scenario.zones]),
        cells([site.site_id for site in scenario.sites]),
    )
    route_ids = cells(plan.routes.ids)
    columns = (
        cells(moves.ids),
        [zone_ids[i] for i in moves.zone.tolist()],
        [site_ids[i] for i in moves.site.tolist()],
        [route_ids[i] for i in moves.route.tolist()],
        cells(moves.mode),
        numbers(moves.depart_from_s, TIME_DIGITS),
        numbers(moves.depart_until_s, TIME_DIGITS),
        numbers(moves.vehicles, 12),
        numbers(moves.persons, 12),
    )
    header = "movement_id,zone_id,site_id,route_id,mode,depart_from_s,depart_until_s,vehicles,persons"
    return "\n".join([header, *map(",".join, zip(*columns, strict=True))]) + "\n"


def routes_csv(plan: Plan, scenario: Scenario) -> str:
    link_ids = cells(scenario.network.link_ids)
    lines = ["route_id,sequence,link_id"]
    start, links = plan.routes.start.tolist(), plan.routes.links.tolist()
    for route, route_id in enumerate(cells(plan.routes.ids)):
        own = links[start[route] : start[route + 1]]
        lines += [f"{route_id},{place},{link_ids[link]}" for place, link in enumerate(own)]
    return "\n".join(lines) + "\n"
