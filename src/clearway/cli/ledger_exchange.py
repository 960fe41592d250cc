"""`clearway ledger export`, `import` and `contradictions`: what goes out, what comes in, what does not fit."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clearway.cli.ledger import DESK, HERE, AsOfOption, AuthorOption, JsonOption, LedgerOption, ledger_app
from clearway.cli.terminal import clean_exit, print_json
from clearway.errors import UsageError

if TYPE_CHECKING:
    from clearway.ledger.contradictions import Contradiction


def time_or_none(text: str) -> datetime | None:
    """A time with offset, None where nothing was typed."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--as-of takes a time such as 2026-11-23T08:00+02:00, not {text!r}") from None
    if moment.tzinfo is None:
        raise UsageError(f"--as-of needs an offset, such as {text}+02:00")
    return moment


@ledger_app.command("export")
def export_ledger(
    out: Annotated[Path, typer.Argument(help="The file: NAME.jsonl (all), NAME.csv (claims, HXL), NAME.json (PROV).")],
    ledger: LedgerOption = HERE,
    as_of: AsOfOption = "",
) -> None:
    """Write a ledger to a file: JSON Lines, CSV with HXL tags, or W3C PROV-JSON."""
    from clearway.workflow import exchange

    with clean_exit():
        n_entries = exchange.export_ledger(ledger, out, time_or_none(as_of))
        typer.echo(f"{out}: {n_entries:,} entries, {exchange.FORMATS[out.suffix.casefold()]}")


@ledger_app.command("import")
def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="JSON Lines, claims (CSV), CAP alerts, feeds, e-mails, pages, texts, reports (CSV)."
        ),
    ],
    ledger: LedgerOption = HERE,
    author: AuthorOption = DESK,
    encoding: Annotated[str, typer.Option("--encoding", help="Of files that are not UTF-8: windows-1251, ...")] = "",
    as_json: JsonOption = False,
) -> None:
    """Enter outside files into a ledger: all of them, or nothing where one has a fault. Accepts nothing by itself."""
    from clearway.workflow import exchange

    with clean_exit():
        done = exchange.import_files(files, ledger, author, encoding or None)
    if as_json:
        print_json(
            {
                "reports": done.n_reports, "claims": done.n_claims, "others": done.n_others, "known": done.n_known,
                "notes": list(done.notes),
            }
        )  # fmt: skip
        return
    for note in done.notes:
        typer.echo(f"note: {note}", err=True)
    known = f"; {done.n_known:,} were there already" if done.n_known else ""
    others = f", {done.n_others:,} other entries" if done.n_others else ""
    typer.echo(f"{done.n_reports:,} reports, {done.n_claims:,} claims{others} entered{known}")


@ledger_app.command()
def contradictions(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE...]", help="JSON Lines; the ledger if not given."),
    ] = None,
    ledger: LedgerOption = HERE,
    as_of: AsOfOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the claims that stand against each other, each pair side by side with the reason; the hardest first."""
    from clearway.workflow import exchange

    with clean_exit():
        found = exchange.contradictions_of(files or [], ledger, time_or_none(as_of))
    if as_json:
        print_json({"contradictions": exchange.rows_of(found)})
        return
    for each in found:
        show(each)
    counts = {strength: sum(each.strength == strength for each in found) for strength in ("hard", "operational")}
    noun = "contradiction" if len(found) == 1 else "contradictions"
    typer.echo(f"{len(found):,} {noun}, {counts['hard']:,} hard, {counts['operational']:,} operational")


def show(found: Contradiction) -> None:
    """A contradiction on three lines."""
    from clearway.faults import printable

    where = f" at {', '.join(found.where)}" if found.where else ""
    typer.echo(printable(f"{found.kind} ({found.strength}){where}: {found.reason}"))
    for claim in (found.first, found.second):
        words = " ".join((claim.span.text if claim.span is not None else claim.statement).split())
        typer.echo(printable(f"  {claim.claim_id}  {claim.speaker or 'somebody'}: {words}"))
