"""`clearway ledger`: what is said, by whom, and what follows for the roads. The commands are in `ledger_*.py`."""

from __future__ import annotations

import typer

ledger_app = typer.Typer(no_args_is_help=True, help="Keep what is said, by whom; decide; see what follows for roads.")
