"""`clearway ledger read`: propose claims from texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clearway.cli.ledger import ledger_app
from clearway.cli.terminal import clean_exit, print_json

if TYPE_CHECKING:
    from clearway.workflow.reading import ReadReport


@ledger_app.command()
def read(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Texts, pages, e-mails, CAP alerts, feeds, tables of reports."),
    ],
    scenario: Annotated[
        Path | None, typer.Option("--scenario", help="Its crossings, zones, sites and nodes are looked for.")
    ] = None,
    published: Annotated[
        str, typer.Option("--published", help="When the texts were published: what 'on Thursday' counts from.")
    ] = "",
    timezone: Annotated[
        str, typer.Option("--timezone", help="Time zone of the texts' hours, such as Europe/Kyiv.")
    ] = "",
    mode: Annotated[str, typer.Option("--mode", help="auto, model (needs the extra 'reading') or patterns.")] = "auto",
    entries: Annotated[
        bool, typer.Option("--entries", help="Write reports and claims as entries for `clearway ledger add`.")
    ] = False,
    server: Annotated[
        str, typer.Option("--server", help="Also ask a language model on a server of yours (OpenAI-compatible URL).")
    ] = "",
    server_model: Annotated[str, typer.Option("--server-model", help="The model's name on that server.")] = "default",
    encoding: Annotated[str, typer.Option("--encoding", help="Of files that are not UTF-8: windows-1251, ...")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Propose claims from texts, as JSON Lines: who says what, through whom, about which place. Accepts nothing."""
    from clearway.workflow.reading import Request, as_published, as_zone, entries_of, proposals_of, read_files

    with clean_exit():
        request = Request(
            tuple(files),
            scenario,
            as_published(published),
            as_zone(timezone),
            mode,
            server,
            server_model,
            encoding or None,
        )
        found = read_files(request, _progress)
        if as_json:
            print_json({"reports": [_document(each, entries) for each in found]})
            return
        for each in found:
            for line in entries_of(each) if entries else proposals_of(each):
                typer.echo(json.dumps(line, ensure_ascii=False, allow_nan=False))
        for each in found:
            typer.echo(_summary(each), err=True)
            for note in each.notes:
                typer.echo(f"{each.report.report_id}: {note}", err=True)


def _progress(step: str) -> None:
    """One line on standard error where somebody looks."""
    import sys

    if sys.stderr.isatty():
        typer.echo(f"{step} ...", err=True)


def _document(read: ReadReport, entries: bool) -> dict[str, object]:
    from clearway.workflow.reading import entries_of, proposals_of

    what = {"entries": entries_of(read)} if entries else {"claims": proposals_of(read)}
    return {
        "report_id": read.report.report_id,
        "sha256": read.report.sha256,
        "read_by": read.how,
        "server_answers_dropped": read.n_dropped,
        "notes": list(read.notes),
        **what,
    }


def _summary(read: ReadReport) -> str:
    """What was proposed, in one sentence."""
    attributed = sum(claim.is_attributed for claim in read.claims)
    dropped = f"; {read.n_dropped} answers of the server dropped: not in the text" if read.n_dropped else ""
    return (
        f"{read.report.report_id}: {len(read.claims)} claims proposed, {attributed} of them attributed to somebody; "
        f"read by {read.how}{dropped}. Nothing is accepted yet."
    )
