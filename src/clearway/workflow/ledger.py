"""From the ledger to the planner: what the command line and the console call."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clearway.errors import InputError, OutputError, UsageError
from clearway.ledger.belief import BeliefSettings, SourceGrouping
from clearway.ledger.claims import Claim
from clearway.ledger.entries import AuthorityNamed, StalenessSet
from clearway.ledger.independence import independent_sources
from clearway.ledger.reports import Report
from clearway.ledger.situation import Policy, Situation, Taken, situation
from clearway.ledger.store import Store, open_store
from clearway.ledger.why import chain_words, says
from clearway.model.scenario import Scenario
from clearway.workflow import load_scenario
from clearway.workflow.entering import check_target

LEDGER = "ledger.sqlite"
MOST_NAMED = 30  # of what a scenario has, in one message
AVAILABILITY, EVIDENCE, UNCERTAINTY = "availability.csv", "evidence.csv", "uncertainty.toml"
SOURCE = "ledger"  # in the source column of the rows that `write_situation` owns
COLUMNS = ("target", "from", "until", "capacity_factor", "report_id", "note", "source")
EVIDENCE_COLUMNS = (
    "target", "from", "until", "taken", "p_closed", "contested", "stands", "says", "weight", "statement",
    "speaker", "chain", "grade", "said", "claim_id", "report_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Which situation is asked for: ``at`` a time, as recorded by ``as_of`` (None: all there is), by a policy."""

    at: datetime
    as_of: datetime | None = None
    policy: Policy = Policy.LIKELY


def ledger_place(place: str | Path) -> str:
    """Where a ledger is: the `ledger.sqlite` of a folder, or the file or URL itself."""
    text = str(place)
    return str(Path(text) / LEDGER) if "://" not in text and Path(text).is_dir() else text


def open_ledger(place: str | Path, create: bool = False) -> Store:
    """The ledger of a scenario folder, at a path or at a URL."""
    return open_store(ledger_place(place), create)


def kinds_of(scenario: Scenario) -> dict[str, str]:
    """The kinds of a scenario's crossings, for their half-lives."""
    return {f"crossing:{c.crossing_id}": c.kind for c in scenario.crossings}


def scenario_beside(place: str) -> Scenario | None:
    """The scenario that a ledger lies in; None where it lies elsewhere."""
    folder = Path(ledger_place(place)).parent
    if "://" in place or not (folder / "scenario.toml").is_file():
        return None
    return load_scenario(folder)


def kinds_beside(place: str) -> dict[str, str]:
    """The kinds of the crossings of the scenario that a ledger lies in; none where it lies elsewhere."""
    scenario = scenario_beside(place)
    return {} if scenario is None else kinds_of(scenario)


def check_about(targets: Sequence[str], place: str) -> None:
    """
    Refuse what the scenario that a ledger lies in does not have; UsageError lists all of it, and what there is.

    Where there is no scenario, or one with faults, nothing is refused: what is said can be put down all the same.
    """
    for target in targets:
        check_target(target)
    try:
        scenario = scenario_beside(place) if targets else None
    except InputError:
        return
    if scenario is None:
        return
    known = targets_of(scenario)
    unknown = [target for target in targets if target not in known]
    if not unknown:
        return
    kinds = sorted({target.partition(":")[0] for target in unknown})
    there = [name for kind in kinds for name in sorted(each for each in known if each.startswith(f"{kind}:"))]
    more = f" and {len(there) - MOST_NAMED:,} more" if len(there) > MOST_NAMED else ""
    raise UsageError(
        f"the scenario {scenario.name!r} has no {', '.join(unknown)}; "
        f"it has {', '.join(there[:MOST_NAMED]) or f'no {kinds[0]}'}{more}"
    )


def sources_by_chain(reports: Mapping[str, Report]) -> SourceGrouping:
    """Groups claims of one statement by who heard it from whom; ``reports`` by id name the outlets."""

    def groups(claims: Sequence[Claim]) -> list[Sequence[Claim]]:
        return [source.claims for source in independent_sources(claims, reports)]

    return groups


def believe_situation(store: Store, asked: Asked, kinds: dict[str, str]) -> Situation:
    """What follows from a ledger; ``kinds`` are those of the crossings (`kinds_of`)."""
    half_lives: dict[str, float] = {}
    authorities: set[tuple[str, str]] = set()
    for entry in store.entries(asked.as_of, ("authority", "staleness")):
        if isinstance(entry.act, StalenessSet):
            half_lives[entry.act.kind] = entry.act.half_life_h
        elif isinstance(entry.act, AuthorityNamed):
            (authorities.add if entry.act.is_competent else authorities.discard)((entry.act.name, entry.act.place))
    settings = BeliefSettings(half_lives, kinds)
    bearings = store.bearing(asked.at, asked.as_of)
    sources = sources_by_chain(store.reports([bearing.claim.report_id for bearing in bearings]))
    return situation(bearings, authorities, asked.at, asked.policy, sources, settings)


@dataclass(frozen=True, slots=True)
class Written:
    """What `write_situation` wrote: its rows, how many by hand it left, and targets that the scenario has not."""

    scenario: Scenario
    situation: Situation
    rows: tuple[Taken, ...]
    n_kept: int
    unknown: tuple[str, ...]


def write_situation(folder: Path, ledger: str | Path, asked: Asked) -> Written:
    """
    Write what follows from a ledger into a scenario folder: availability.csv, evidence.csv, uncertainty.toml.

    Rows of availability.csv whose source is not `ledger` are left as they are. All files or none are written.
    """
    scenario = load_scenario(folder)
    with open_ledger(ledger) as store:
        found = believe_situation(store, asked, kinds_of(scenario))
    return write_taken(folder, scenario, found)


def write_taken(folder: Path, scenario: Scenario, found: Situation) -> Written:
    """Write a situation that is known already."""
    known = targets_of(scenario)
    taken = [each for each in found.taken if each.target in known and not is_over(each, scenario)]
    rows = [each for each in taken if each.state == "closed" or (each.state == "limited" and can_be_limited(each))]
    name = availability_name(folder)
    header, kept = rows_by_hand(folder / name)
    lines = [dict(zip(COLUMNS, availability_row(each, scenario), strict=True)) for each in rows]
    texts = {
        name: csv_text(header, [*kept, *lines]),
        EVIDENCE: csv_text(EVIDENCE_COLUMNS, [row for each in taken for row in evidence_rows(each, scenario)]),
        UNCERTAINTY: uncertainty_toml(found, scenario),
    }
    write_all(folder, texts)
    unknown = sorted({each.target for each in found.taken} - known)
    return Written(scenario, found, tuple(rows), len(kept), tuple(unknown))


def targets_of(scenario: Scenario) -> set[str]:
    """What availability.csv of a scenario may speak of."""
    network = scenario.network
    links = {f"link:{link_id.removeprefix('-')}" for link_id in network.link_ids} | {
        f"link:{link_id}" for link_id in network.link_ids
    }
    return (
        links
        | {f"crossing:{c.crossing_id}" for c in scenario.crossings}
        | {f"site:{s.site_id}" for s in scenario.sites}
        | {f"zone:{z.zone_id}" for z in scenario.zones}
    )


def is_over(taken: Taken, scenario: Scenario) -> bool:
    """Whether it ends before the scenario begins."""
    return taken.end is not None and taken.end <= scenario.start


def can_be_limited(taken: Taken) -> bool:
    """Sites and zones are closed or open, nothing between."""
    return taken.target.startswith(("link:", "crossing:"))


def availability_name(folder: Path) -> str:
    """The file that scenario.toml names for availability."""
    import tomllib

    settings = tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8-sig"))
    return str(settings.get("files", {}).get("availability") or AVAILABILITY)


def rows_by_hand(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """The header of a table of availability, with the columns that the ledger needs, and the rows not of the ledger."""
    if not path.is_file():
        return list(COLUMNS), []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = names
        rows = [row for row in reader if any((cell or "").strip() for cell in row.values())]
    header = [*names, *(name for name in COLUMNS if name not in names)]
    if "capacity_factor" not in names:  # what a missing column stands for
        rows = [{**row, "capacity_factor": "0"} for row in rows]
    return header, [row for row in rows if (row.get("source") or "").strip() != SOURCE]


def availability_row(taken: Taken, scenario: Scenario) -> tuple[str, ...]:
    """A row of availability.csv."""
    zone = scenario.start.tzinfo
    return (
        taken.target,
        clock_text(taken.begin, scenario),
        clock_text(taken.end, scenario),
        f"{taken.capacity_factor:g}",
        "; ".join(taken.report_ids),
        taken.note(zone),
        SOURCE,
    )


def evidence_rows(taken: Taken, scenario: Scenario) -> Iterable[dict[str, str]]:
    """A row of evidence.csv for each claim that speaks for or against what is taken."""
    shared = {
        "target": taken.target,
        "from": clock_text(taken.begin, scenario),
        "until": clock_text(taken.end, scenario),
        "taken": taken.state,
        "p_closed": f"{taken.p_closed:.4f}",
        "contested": str(int(taken.is_contested)),
    }
    for stands, voices in (("for", taken.voices), ("against", taken.against)):
        for voice in voices:
            claim, bearing = voice.bearing.claim, voice.bearing
            yield shared | {
                "stands": stands,
                "says": says(voice),
                "weight": f"{voice.weight if voice.counts else 0.0:.4f}",
                "statement": claim.statement,
                "speaker": claim.speaker,
                "chain": chain_words(voice),
                "grade": str(bearing.grade) if bearing.is_graded else "",
                "said": clock_text(bearing.said, scenario),
                "claim_id": claim.claim_id,
                "report_id": claim.report_id,
            }
    if taken.order is not None:
        bearing = taken.order.bearing
        yield shared | {
            "stands": "for",
            "says": "ordered closed",
            "weight": "",
            "statement": bearing.claim.statement,
            "speaker": bearing.claim.speaker,
            "chain": " > ".join(step.name for step in bearing.claim.chain),
            "grade": str(bearing.grade) if bearing.is_graded else "",
            "said": clock_text(bearing.said, scenario),
            "claim_id": bearing.claim.claim_id,
            "report_id": bearing.claim.report_id,
        }


def clock_text(moment: datetime | None, scenario: Scenario) -> str:
    """A time in the scenario's time zone; empty for none."""
    return "" if moment is None else moment.astimezone(scenario.start.tzinfo).isoformat(timespec="seconds")


def csv_text(header: Sequence[str], rows: Iterable[dict[str, str]]) -> str:
    """A table. Control characters, which tables may not hold, become spaces."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([one_line(row.get(name) or "") for name in header] for row in rows)
    return out.getvalue()


def one_line(text: str) -> str:
    """Text as a cell takes it."""
    plain = "".join(c if c.isprintable() or c == " " else " " for c in text)
    return " ".join(plain.encode("utf-8", "replace").decode("utf-8").split())


def uncertainty_toml(found: Situation, scenario: Scenario) -> str:
    """The probability of each state of each thing over time, for stress runs (docs/ledger.md)."""
    from clearway.ingest.write_folder import toml_text

    lines = ["# Written by clearway ledger situation; the format: docs/ledger.md", "[uncertainty]"]
    lines += [f"at = {found.at.isoformat()}", f'policy = "{found.policy.value}"']
    for belief in found.beliefs:
        if belief.target not in targets_of(scenario):
            continue
        factors = [v.bearing.claim.about.capacity_factor for v in belief.voices if v.state == "limited" and v.is_so]
        said = [factor for factor in factors if factor is not None]
        reports = dict.fromkeys(v.bearing.claim.report_id for v in belief.voices)
        lines += [
            "",
            "[[uncertainty.state]]",
            f"target = {toml_text(belief.target)}",
            f"from = {clock_text(belief.begin, scenario)}",
            *([] if belief.end is None else [f"until = {clock_text(belief.end, scenario)}"]),
            f"open = {belief.p_open:.6f}",
            f"limited = {belief.p_limited:.6f}",
            f"closed = {belief.p_closed:.6f}",
            *([f"limited_capacity_factor = {said[0]!r}"] if said else []),
            f"contested = {str(belief.is_contested).lower()}",
            f"reports = [{', '.join(toml_text(name) for name in reports)}]",
        ]
    return "\n".join(lines) + "\n"


def write_all(folder: Path, texts: dict[str, str]) -> None:
    """Write files of a folder: first all beside their places, then each into its own."""
    parts = {name: (folder / name).with_name(f".{Path(name).name}.part") for name in texts}
    try:
        for name, text in texts.items():
            parts[name].write_text(text, encoding="utf-8", newline="")
        for name, part in parts.items():
            part.replace(folder / name)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror or error}") from error
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink()


def summary(written: Written) -> dict[str, Any]:
    """What was written, for people and machines."""
    zone = written.scenario.start.tzinfo
    found = written.situation
    return {
        "at": found.at.isoformat(),
        "policy": found.policy.value,
        "taken": [
            {
                "target": each.target,
                "from": each.begin.astimezone(zone).isoformat(),
                "until": None if each.end is None else each.end.astimezone(zone).isoformat(),
                "state": each.state,
                "capacity_factor": each.capacity_factor,
                "p_closed": each.p_closed,
                "contested": each.is_contested,
                "stale": each.is_stale,
                "reports": list(each.report_ids),
                "note": each.note(zone),
            }
            for each in found.taken
        ],
        "orders": [
            {
                "claim_id": order.bearing.claim.claim_id,
                "speaker": order.bearing.claim.speaker,
                "order": order.bearing.claim.about.order,
                "in_force": order.is_in_force,
                "reason": order.reason,
            }
            for order in found.orders
        ],
        "rows_written": len(written.rows),
        "rows_kept": written.n_kept,
        "unknown_targets": list(written.unknown),
    }


def parse_time(text: str, what: str) -> datetime:
    """A time with offset; the time now where nothing stands. UsageError says what was expected."""
    if not text:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{what} takes a time such as 2022-10-20T14:00+03:00, not {text!r}") from None
    if moment.tzinfo is None:
        raise UsageError(f"{what} needs an offset from UTC, such as {text}+03:00")
    return moment
