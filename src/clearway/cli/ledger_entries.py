"""Commands that enter something into a ledger, and the list of what it has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clearway.cli.ledger import DESK, HERE, AsOfOption, AuthorOption, JsonOption, LedgerOption, ledger_app
from clearway.cli.terminal import clean_exit, print_json
from clearway.errors import UsageError

if TYPE_CHECKING:
    from clearway.ledger.entries import Act, Entry
    from clearway.workflow.entering import Statement

ClaimsArgument = Annotated[list[str], typer.Argument(metavar="CLAIM...", help="Ids of claims.")]
ClaimArgument = Annotated[str, typer.Argument(metavar="CLAIM", help="A claim's id.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in a few words; kept with the entry.")]
StatementOption = Annotated[str, typer.Option("--statement", help="What is said, in plain words.")]
SpeakerOption = Annotated[str, typer.Option("--speaker", help="Who says it.")]
AboutOption = Annotated[
    list[str], typer.Option("--about", help="crossing:ID, link:ID, site:ID or zone:ID; may be given again.")
]
StateOption = Annotated[str, typer.Option("--state", help="open, limited or closed.")]
FactorOption = Annotated[
    float | None, typer.Option("--capacity-factor", help="The share of the capacity that is left, 0 to 1.")
]
OrderOption = Annotated[str, typer.Option("--order", help="What is ordered, asked or advised: leave, stay, close ...")]
ForceOption = Annotated[
    str, typer.Option("--force", help="asserted, denied, ordered, advised, requested, planned, assessed, alleged ...")
]
StageOption = Annotated[str, typer.Option("--stage", help="actual, prospective, possible, hypothetical, directive.")]
NegatedOption = Annotated[
    bool | None, typer.Option("--not/--so", help="It is said not to be so; or to be so.", show_default=False)
]
SaidOption = Annotated[str, typer.Option("--said", help="When it was said, with offset.")]
FromOption = Annotated[str, typer.Option("--from", help="From when it holds, with offset.")]
UntilOption = Annotated[str, typer.Option("--until", help="Until when it holds, with offset.")]


def time_or_none(text: str, option: str) -> datetime | None:
    """A time, None where nothing was typed."""
    from clearway.workflow.ledger import parse_time

    return parse_time(text, option) if text else None


def enter(ledger: str, acts: Sequence[Act], author: str) -> None:
    """Record acts and say so."""
    from clearway.workflow.ledger import open_ledger

    with clean_exit(), open_ledger(ledger) as store:
        tell(store.append(acts, author))


def tell(entries: Sequence[Entry]) -> None:
    """What was recorded, a line each; only how many where they are many."""
    from clearway.ledger.encoding import KINDS
    from clearway.ledger.entries import subject_of, value_of

    for entry in entries[:20]:
        words = "" if KINDS[type(entry.act)] == "report" else value_of(entry.act)
        typer.echo(f"entry {entry.entry_id}: {KINDS[type(entry.act)]} {subject_of(entry.act)} {words}".rstrip())
    if len(entries) > 20:
        typer.echo(f"and {len(entries) - 20:,} more")


@ledger_app.command()
def add(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE...]", help="JSON Lines of reports, claims, decisions.")
    ] = None,
    ledger: LedgerOption = HERE,
    author: AuthorOption = DESK,
    statement: StatementOption = "",
    speaker: SpeakerOption = "",
    about: AboutOption = [],  # noqa: B006 (Typer copies it)
    state: StateOption = "",
    capacity_factor: FactorOption = None,
    order: OrderOption = "",
    force: ForceOption = "",
    stage: StageOption = "",
    negated: NegatedOption = None,
    said: SaidOption = "",
    holds_from: FromOption = "",
    holds_until: UntilOption = "",
    outlet: Annotated[str, typer.Option("--outlet", help="Who published it.")] = "",
    published: Annotated[str, typer.Option("--published", help="When it was published, with offset.")] = "",
    url: Annotated[str, typer.Option("--url", help="Where it was found.")] = "",
    text: Annotated[
        Path | None, typer.Option("--text", help="The report's text; the statement itself if not given.")
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Accept it at once.")] = False,
    grade: Annotated[str, typer.Option("--grade", help="Grade it at once, such as B2.")] = "",
) -> None:
    """Enter a claim by hand, or files of entries. The ledger is made where there is none."""
    with clean_exit():
        from clearway.workflow.entering import add_files, add_statement, report_of
        from clearway.workflow.ledger import check_about, open_ledger

        if bool(files) == bool(statement):
            raise UsageError("give files of entries, or a claim by --statement, --speaker and --about")
        typed = typed_statement(
            statement,
            speaker,
            about,
            state,
            capacity_factor,
            order,
            force,
            stage,
            negated,
            said,
            holds_from,
            holds_until,
        )
        more = {"outlet": outlet, "published": time_or_none(published, "--published"), "url": url}
        words = statement if text is None else read_text(text)
        check_about(about, ledger)
        with open_ledger(ledger, create=True) as store:
            if files:
                tell(add_files(store, files, author))
            else:
                tell(add_statement(store, typed, report_of(words, author, **more), author, accept, grade))


def read_text(path: Path) -> str:
    """A text file."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise UsageError(f"--text: {path} cannot be read as UTF-8 text: {error}") from None


def typed_statement(
    statement: str,
    speaker: str,
    about: list[str],
    state: str,
    capacity_factor: float | None,
    order: str,
    force: str,
    stage: str,
    negated: bool | None,
    said: str,
    holds_from: str,
    holds_until: str,
) -> Statement:
    """What was typed, checked."""
    from clearway.ledger.bearing import STATES
    from clearway.workflow.entering import Statement

    if state and state not in STATES:
        raise UsageError(f"--state takes open, limited or closed, not {state!r}")
    if capacity_factor is not None and not 0 <= capacity_factor <= 1:
        raise UsageError(f"--capacity-factor takes a share from 0 to 1, not {capacity_factor:g}")
    begin, end = time_or_none(holds_from, "--from"), time_or_none(holds_until, "--until")
    if begin and end and end <= begin:
        raise UsageError(f"--until takes a time after --from {holds_from}, not {holds_until}")
    return Statement(
        statement=statement,
        speaker=speaker,
        about=tuple(about),
        state=state,
        capacity_factor=capacity_factor,
        order=order,
        force=force,
        stage=stage,
        is_negated=negated,
        said=time_or_none(said, "--said"),
        holds_from=begin,
        holds_until=end,
    )


@ledger_app.command("list")
def list_claims(
    ledger: LedgerOption = HERE,
    status: Annotated[
        str, typer.Option("--status", help="Only those: open, accepted, rejected, merged, withdrawn.")
    ] = "",
    as_of: AsOfOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the claims with what was decided about them."""
    with clean_exit():
        from clearway.workflow.entering import listing, state_of
        from clearway.workflow.ledger import open_ledger

        if status not in ("", "open", "accepted", "rejected", "merged", "withdrawn"):
            raise UsageError(f"--status takes open, accepted, rejected, merged or withdrawn, not {status!r}")
        with open_ledger(ledger) as store:
            state = state_of(store, time_or_none(as_of, "--as-of"))
        claims = listing(state, status)
        if as_json:
            print_json({"entries": state.n_entries, "reports": len(state.reports), "claims": claims})
            return
        for each in claims:
            targets = " ".join(each["about"].get("targets", ())) or "-"
            speaker = each["chain"][0]["name"]
            typer.echo(f"{each['claim_id']:8} {each['status']:9} {each['grade'] or '--'}  {targets}")
            typer.echo(f"         {speaker} ({each['force']}): {each['statement']}")
        typer.echo(f"{len(claims):,} claims in {len(state.reports):,} reports, {state.n_entries:,} entries")


@ledger_app.command()
def accept(
    claims: ClaimsArgument, ledger: LedgerOption = HERE, author: AuthorOption = DESK, reason: ReasonOption = ""
) -> None:
    """Accept claims as evidence. That weighs them; it does not make them true."""
    from clearway.ledger.entries import Decided, Verdict

    enter(ledger, [Decided(claim, Verdict.ACCEPTED, reason) for claim in claims], author)


@ledger_app.command()
def reject(
    claims: ClaimsArgument, ledger: LedgerOption = HERE, author: AuthorOption = DESK, reason: ReasonOption = ""
) -> None:
    """Reject claims: they are kept and weigh nothing."""
    from clearway.ledger.entries import Decided, Verdict

    enter(ledger, [Decided(claim, Verdict.REJECTED, reason) for claim in claims], author)


@ledger_app.command()
def grade(
    claim: ClaimArgument,
    grade: Annotated[str, typer.Argument(help="Source A to F and information 1 to 6, such as B2.")],
    ledger: LedgerOption = HERE,
    author: AuthorOption = DESK,
) -> None:
    """Judge a claim's source (A reliable to E unreliable, F unknown) and information (1 confirmed to 5, 6 unknown)."""
    with clean_exit():
        from clearway.ledger.entries import Graded
        from clearway.workflow.entering import parse_grade

        enter(ledger, [Graded(claim, parse_grade(grade))], author)


@ledger_app.command()
def correct(
    claim: ClaimArgument,
    ledger: LedgerOption = HERE,
    author: AuthorOption = DESK,
    reason: ReasonOption = "",
    statement: StatementOption = "",
    speaker: SpeakerOption = "",
    about: AboutOption = [],  # noqa: B006 (Typer copies it)
    state: StateOption = "",
    capacity_factor: FactorOption = None,
    order: OrderOption = "",
    force: ForceOption = "",
    stage: StageOption = "",
    negated: NegatedOption = None,
    said: SaidOption = "",
    holds_from: FromOption = "",
    holds_until: UntilOption = "",
) -> None:
    """Put right how a claim was entered; what it read before is kept."""
    with clean_exit():
        from clearway.workflow import entering
        from clearway.workflow.ledger import check_about, open_ledger

        typed = typed_statement(
            statement,
            speaker,
            about,
            state,
            capacity_factor,
            order,
            force,
            stage,
            negated,
            said,
            holds_from,
            holds_until,
        )
        check_about(about, ledger)
        with open_ledger(ledger) as store:
            tell(entering.correct(store, claim, typed, author, reason))


@ledger_app.command()
def withdraw(
    what: Annotated[str, typer.Argument(help="A claim's id, claim:ID, or report:ID for all claims of a report.")],
    ledger: LedgerOption = HERE,
    author: AuthorOption = DESK,
    reason: ReasonOption = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take the withdrawal back.")] = False,
) -> None:
    """Take a claim or a report out of what counts; it stays in the ledger."""
    from clearway.ledger.entries import Withdrawn

    target = what if what.startswith(("claim:", "report:")) else f"claim:{what}"
    enter(ledger, [Withdrawn(target, reason, not undo)], author)


@ledger_app.command()
def merge(
    claim: ClaimArgument,
    into: Annotated[str, typer.Argument(help="The claim that says the same.")],
    ledger: LedgerOption = HERE,
    author: AuthorOption = DESK,
    undo: Annotated[bool, typer.Option("--undo", help="Take the merge back.")] = False,
) -> None:
    """Mark a claim as the same statement as another: it weighs nothing of its own."""
    from clearway.ledger.entries import Merged

    if claim == into:
        with clean_exit():
            raise UsageError("a claim cannot be merged into itself")
    enter(ledger, [Merged(claim, into, not undo)], author)


@ledger_app.command()
def authority(
    name: Annotated[str, typer.Argument(help="Who: as claims name the speaker.")],
    place: Annotated[str, typer.Argument(help="For which place: zone:ID, crossing:ID ..., or a place's name.")],
    ledger: LedgerOption = HERE,
    author: AuthorOption = DESK,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take it back.")] = False,
) -> None:
    """Name who is competent to give orders for a place. Without that, no order is in force."""
    from clearway.ledger.entries import AuthorityNamed

    enter(ledger, [AuthorityNamed(name, place, not revoke)], author)


@ledger_app.command()
def staleness(
    kind: Annotated[str, typer.Argument(help="bridge, dam, ferry, link, site, zone ...")],
    half_life_h: Annotated[float, typer.Argument(help="Hours after which a claim weighs half.")],
    ledger: LedgerOption = HERE,
    author: AuthorOption = DESK,
) -> None:
    """Set how fast claims about a kind of thing go stale."""
    from clearway.ledger.entries import StalenessSet

    with clean_exit():
        try:
            act = StalenessSet(kind, half_life_h)
        except ValueError as error:
            raise UsageError(str(error)) from None
        enter(ledger, [act], author)
