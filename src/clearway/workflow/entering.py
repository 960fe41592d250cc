"""Putting reports, claims and decisions into a ledger, and looking at what it has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clearway.errors import Fault, InputError, UsageError
from clearway.ledger.claims import About, Claim, Force, Polarity, Role, Stage, Step, When
from clearway.ledger.encoding import act_from, claim_to
from clearway.ledger.entries import Act, ClaimAdded, ClaimCorrected, Decided, Entry, Graded, ReportAdded, Verdict
from clearway.ledger.grades import Grade
from clearway.ledger.reports import Report, content_hash
from clearway.ledger.state import ClaimRecord, LedgerState, follow
from clearway.ledger.store import Store

MOST_BYTES = 64 << 20  # of a file of entries


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim as a person types it. Empty fields: as in the claim that is corrected, or by default."""

    statement: str = ""
    speaker: str = ""
    about: tuple[str, ...] = ()
    state: str = ""
    capacity_factor: float | None = None
    order: str = ""
    force: str = ""
    stage: str = ""
    is_negated: bool | None = None
    said: datetime | None = None
    holds_from: datetime | None = None
    holds_until: datetime | None = None


def one_of(kind: type[Force] | type[Stage], word: str, option: str) -> Any:
    """A word of a list. UsageError names the list."""
    try:
        return kind(word.lower())
    except ValueError:
        raise UsageError(f"{option} takes one of {', '.join(kind)}, not {word!r}") from None


def changed(claim: Claim, typed: Statement) -> Claim:
    """A claim with what was typed in the place of what it read."""
    about = claim.about
    if typed.about or typed.state or typed.capacity_factor is not None or typed.order:
        frame = (
            "order" if typed.order else "status" if typed.state or typed.capacity_factor is not None else about.frame
        )
        about = replace(
            about,
            frame=frame,
            targets=typed.about or about.targets,
            state=typed.state or about.state,
            order=typed.order or about.order,
            capacity_factor=about.capacity_factor if typed.capacity_factor is None else typed.capacity_factor,
        )
    polarity = claim.polarity
    if typed.is_negated is not None:
        polarity = Polarity.NEGATED if typed.is_negated else Polarity.AFFIRMED
    holds = claim.holds
    if typed.holds_from or typed.holds_until:
        holds = When(typed.holds_from or holds.start, typed.holds_until or holds.end)
    return replace(
        claim,
        statement=typed.statement or claim.statement,
        chain=(replace(claim.chain[0], name=typed.speaker), *claim.chain[1:]) if typed.speaker else claim.chain,
        about=about,
        force=one_of(Force, typed.force, "--force") if typed.force else claim.force,
        stage=one_of(Stage, typed.stage, "--stage") if typed.stage else claim.stage,
        polarity=polarity,
        said=When(typed.said) if typed.said else claim.said,
        holds=holds,
    )


def add_statement(
    store: Store, typed: Statement, report: Report, author: str, accept: bool = False, grade: str = ""
) -> tuple[Entry, ...]:
    """Enter a report with one claim typed by hand; accepted and graded at once where asked."""
    if not typed.statement.strip() or not typed.speaker.strip():
        raise UsageError("a claim needs --statement and --speaker: what is said, and who says it")
    for target in typed.about:
        check_target(target)
    if (typed.state or typed.order or typed.capacity_factor is not None) and not typed.about:
        raise UsageError("--about says what it is about, such as crossing:bridge")
    outlet = (Step(report.outlet, Role.OUTLET),) if report.outlet and report.outlet != typed.speaker else ()
    blank = Claim(
        claim_id=f"c{store.n_entries() + 2}",
        report_id=report.report_id,
        statement=typed.statement,
        force=Force.ASSERTED,
        chain=(Step(typed.speaker, Role.SPEAKER), *outlet),
        about=About(),
    )
    claim = changed(blank, typed)
    is_known = bool(store.reports([report.report_id]))
    acts: list[Act] = [] if is_known else [ReportAdded(report)]
    acts.append(ClaimAdded(claim))
    if accept:
        acts.append(Decided(claim.claim_id, Verdict.ACCEPTED))
    if grade:
        acts.append(Graded(claim.claim_id, parse_grade(grade)))
    return store.append(acts, author)


def check_target(target: str) -> None:
    """Refuse what no table of availability could name."""
    kind, _, name = target.partition(":")
    if kind not in ("link", "crossing", "site", "zone") or not name:
        raise UsageError(f"found {target!r}, expected link:ID, crossing:ID, site:ID or zone:ID")


def parse_grade(text: str) -> Grade:
    """A grade; UsageError says what it looks like."""
    try:
        return Grade.parse(text)
    except ValueError as error:
        raise UsageError(str(error)) from None


def report_of(text: str, author: str, **more: Any) -> Report:
    """A report received now, named after its content, so that the same one entered twice is seen."""
    key = content_hash("\0".join([text, more.get("outlet", ""), str(more.get("published") or "")]))
    return Report(f"r-{key[:12]}", text, datetime.now(UTC), author, **more)


def add_files(store: Store, files: Sequence[Path], author: str) -> tuple[Entry, ...]:
    """
    Enter all acts of JSON Lines files, in their order and in one batch; InputError with every line that is none.

    Each line is ``{"kind": "report" | "claim" | "decision" | ..., "body": {...}}`` as `clearway ledger list --json`
    and docs/ledger.md show them.
    """
    acts: list[Act] = []
    faults: list[Fault] = []
    for path in files:
        try:
            if path.stat().st_size > MOST_BYTES:
                faults.append(Fault(str(path), f"has more than {MOST_BYTES >> 20} MB, expected a file of entries"))
                continue
            raw = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            faults.append(Fault(str(path), "found bytes that are not UTF-8, expected JSON Lines in UTF-8"))
            continue
        except OSError as error:
            faults.append(Fault(str(path), f"cannot be read: {error.strerror or error}"))
            continue
        for row, line in enumerate(raw.split("\n"), start=1):
            if line.strip():
                read_act(line, path, row, acts, faults)
    if faults:
        raise InputError(faults[:100], "the entries")
    return store.append(acts, author)


def read_act(line: str, path: Path, row: int, acts: list[Act], faults: list[Fault]) -> None:
    """One line's act, or its fault."""
    try:
        document = json.loads(line)
        act = act_from(document["kind"], document["body"])
        check_types(act)
        acts.append(act)
    except KeyError as error:
        faults.append(Fault(str(path), "missing, expected it here", row, str(error.args[0])[:100]))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        faults.append(Fault(str(path), f"cannot be read as an entry: {str(error)[:200]}", row))


def check_types(thing: Any) -> None:
    """Refuse texts that are no texts and flags that are no flags; ValueError names the field."""
    for each in fields(thing):
        value = getattr(thing, each.name)
        expected = {"str": str, "bool": bool, "Force": str, "Verdict": str}.get(
            str(getattr(each.type, "__name__", each.type))
        )
        if expected is not None and not isinstance(value, expected):
            raise ValueError(f"{each.name}: found {str(value)[:60]!r}, expected {expected.__name__}")
        for inner in value if isinstance(value, tuple) else (value,):
            if is_dataclass(inner) and not isinstance(inner, type):
                check_types(inner)
            elif isinstance(value, tuple) and not isinstance(inner, str):
                raise ValueError(f"{each.name}: found {str(inner)[:60]!r}, expected a list of texts")


def state_of(store: Store, as_of: datetime | None = None) -> LedgerState:
    """All reports and claims with what was decided about them."""
    return follow(store.entries(as_of))


def record_of(state: LedgerState, claim_id: str) -> ClaimRecord:
    """A claim by its id; UsageError where there is none."""
    record = state.claims.get(claim_id)
    if record is None:
        raise UsageError(f"the ledger has no claim {claim_id!r}; clearway ledger list shows what it has")
    return record


def correct(store: Store, claim_id: str, typed: Statement, author: str, reason: str = "") -> tuple[Entry, ...]:
    """Enter what a claim should read."""
    for target in typed.about:
        check_target(target)
    claim = record_of(state_of(store), claim_id).claim
    new = changed(claim, typed)
    if new == claim:
        raise UsageError(f"claim {claim_id} reads so already; say what to change, such as --state open")
    return store.append([ClaimCorrected(new, reason)], author)


def listing(state: LedgerState, status: str = "") -> list[dict[str, Any]]:
    """The claims, those of one standing where asked, as documents with their standing and grade."""
    return [
        claim_to(record.claim)
        | {
            "status": state.status(record),
            "grade": None if record.grade is None else str(record.grade),
            "merged_into": record.merged_into or None,
            "corrected": record.is_corrected,
        }
        for record in state.claims.values()
        if not status or state.status(record) == status
    ]
