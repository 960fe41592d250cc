"""Commands about what follows from a ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from clearway.cli.ledger import HERE, AsOfOption, JsonOption, LedgerOption, OtherLedgerOption, ledger_app
from clearway.cli.terminal import clean_exit, clock, lasting_interrupts, print_json, shown_progress
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


TimeLimitOption = Annotated[float, typer.Option("--time-limit", help="Seconds for each plan.")]


def parameters(time_limit: float) -> Any:
    """How hard each plan is tried."""
    from clearway.planner.parameters import PlanParameters

    if not time_limit > 0:
        raise UsageError(f"--time-limit takes seconds above 0, not {time_limit:g}")
    return PlanParameters(time_limit_s=time_limit)


@ledger_app.command()
def whatif(
    scenario: ScenarioArgument,
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="A claim's id.")],
    ledger: OtherLedgerOption = "",
    at: AtOption = "",
    as_of: AsOfOption = "",
    policy: PolicyOption = "likely",
    time_limit: TimeLimitOption = 20.0,
    as_json: JsonOption = False,
) -> None:
    """Plan without a claim and with it accepted: what would it change?"""
    with clean_exit():
        from dataclasses import asdict

        from clearway.workflow.asking import what_if

        params = parameters(time_limit)
        with shown_progress() as shown, lasting_interrupts(shown) as progress:
            found = what_if(scenario, ledger or scenario, claim, asked(at, as_of, policy), params, progress)
        if as_json:
            print_json(asdict(found))
            return
        for label, outcome, taken in (
            ("without it", found.without, found.taken_without),
            ("accepted", found.with_it, found.taken_with),
        ):
            typer.echo(
                f"{label}: {outcome.persons:,.0f} people safe, the last after {clock(outcome.clearance_h * 3600)}"
            )
            for line in taken:
                typer.echo(f"  {line}")
        persons = found.with_it.persons - found.without.persons
        hours = found.with_it.clearance_h - found.without.clearance_h
        typer.echo(f"accepting {claim} changes the plan by {persons:+,.0f} people and {hours:+.1f} hours")


@ledger_app.command()
def ask(
    scenario: ScenarioArgument,
    ledger: OtherLedgerOption = "",
    at: AtOption = "",
    as_of: AsOfOption = "",
    policy: PolicyOption = "likely",
    time_limit: TimeLimitOption = 20.0,
    as_json: JsonOption = False,
) -> None:
    """Which crossing to check first: what it is worth to know the state of each, by planning under each answer."""
    with clean_exit():
        from dataclasses import asdict

        from clearway.workflow.asking import what_to_ask

        params = parameters(time_limit)
        with shown_progress() as shown, lasting_interrupts(shown) as progress:
            found = what_to_ask(scenario, ledger or scenario, asked(at, as_of, policy), params, progress)
        if as_json:
            print_json([asdict(q) | {"value_persons": q.persons, "value_hours": q.clearance_h} for q in found])
            return
        for rank, q in enumerate(found, start=1):
            typer.echo(f"{rank}. {q.name} ({q.target}): {q.p_closed:.0%} likely to be closed, taken as {q.taken}")
            typer.echo(f"   to know is worth {q.persons:,.0f} people and {q.clearance_h:.1f} hours, as expected")
            for label, outcome in (("now", q.now), ("if closed", q.if_closed), ("if passable", q.if_passable)):
                typer.echo(
                    f"   {label}: {outcome.persons:,.0f} people, the last after {clock(outcome.clearance_h * 3600)}"
                )
        if not found:
            typer.echo("nothing that claims speak of is uncertain")
