"""Commands about what follows from a ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from clearway.cli.ledger import HERE, AsOfOption, JsonOption, LedgerOption, OtherLedgerOption, ledger_app
from clearway.cli.terminal import clean_exit, print_json
from clearway.errors import UsageError

ScenarioArgument = Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario's folder.")]
AtOption = Annotated[str, typer.Option("--at", help="The time for which it is asked, with offset; now if not given.")]
PolicyOption = Annotated[str, typer.Option("--policy", help="cautious, likely or optimistic.")]


def asked(at: str, as_of: str, policy: str = "likely") -> Any:
    """What is asked, checked."""
    from clearway.ledger.situation import Policy
    from clearway.workflow.ledger import Asked, parse_time

    if policy not in list(Policy):
        raise UsageError(f"--policy takes cautious, likely or optimistic, not {policy!r}")
    return Asked(parse_time(at, "--at"), parse_time(as_of, "--as-of") if as_of else None, Policy(policy))


@ledger_app.command()
def why(
    target: Annotated[str, typer.Argument(help="crossing:ID, link:ID, site:ID or zone:ID.")],
    ledger: LedgerOption = HERE,
    at: AtOption = "",
    as_of: AsOfOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take apart what is believed about something: each claim, its weight and what the weight is made of."""
    with clean_exit():
        from clearway.ledger.why import explain, explain_words
        from clearway.workflow.entering import check_target
        from clearway.workflow.ledger import believe_situation, kinds_beside, open_ledger

        check_target(target)
        with open_ledger(ledger) as store:
            found = believe_situation(store, asked(at, as_of), kinds_beside(ledger))
        beliefs = [belief for belief in found.beliefs if belief.target == target]
        orders = [order for order in found.orders if target in order.bearing.targets]
        if as_json:
            given = [
                {"claim_id": o.bearing.claim.claim_id, "in_force": o.is_in_force, "reason": o.reason} for o in orders
            ]
            print_json({"at": found.at.isoformat(), "beliefs": [explain(b) for b in beliefs], "orders": given})
            return
        for line in explain_words(beliefs, orders, target, found.at):
            typer.echo(line)


@ledger_app.command("situation")
def situation_command(
    scenario: ScenarioArgument,
    ledger: OtherLedgerOption = "",
    at: AtOption = "",
    as_of: AsOfOption = "",
    policy: PolicyOption = "likely",
    as_json: JsonOption = False,
) -> None:
    """Write what follows for the roads into a scenario: availability.csv, evidence.csv, uncertainty.toml."""
    with clean_exit():
        from clearway.workflow.ledger import summary, write_situation

        written = write_situation(scenario, ledger or scenario, asked(at, as_of, policy))
        found = summary(written)
        if as_json:
            print_json(found)
            return
        for each in found["taken"]:
            typer.echo(
                f"{each['target']} from {each['from']} until {each['until'] or 'further notice'}: {each['note']}"
            )
        for order in found["orders"]:
            stands = "in force" if order["in_force"] else f"not in force: {order['reason']}"
            typer.echo(f"order {order['order']!r} by {order['speaker']}: {stands}")
        for name in found["unknown_targets"]:
            typer.echo(f"warning: {name} is not in the scenario; nothing was written about it", err=True)
        typer.echo(
            f"{found['rows_written']} rows of the ledger in availability.csv, {found['rows_kept']} by hand kept; "
            "evidence.csv and uncertainty.toml beside it"
        )
