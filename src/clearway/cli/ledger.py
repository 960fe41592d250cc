"""`clearway ledger`: what is said, by whom, and what follows for the roads. The commands are in `ledger_*.py`."""

from __future__ import annotations

from typing import Annotated

import typer

ledger_app = typer.Typer(no_args_is_help=True, help="Keep what is said, by whom; decide; see what follows for roads.")

LedgerOption = Annotated[
    str,
    typer.Option(
        "--ledger",
        help="The ledger: a scenario's folder (its ledger.sqlite), a file, or a URL postgresql://...",
    ),
]
OtherLedgerOption = Annotated[
    str, typer.Option("--ledger", help="The ledger's file or URL, where it is not SCENARIO/ledger.sqlite.")
]
AuthorOption = Annotated[
    str, typer.Option("--author", envvar="CLEARWAY_AUTHOR", help="Your role, kept with the entry; no name is needed.")
]
AsOfOption = Annotated[str, typer.Option("--as-of", help="Only what was recorded by this time.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
HERE = "."
DESK = "duty desk"
