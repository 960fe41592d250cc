"""Options of `clearway plan` for the form of a plan."""

from __future__ import annotations

from typing import Annotated

import typer

RoutesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--routes-per-zone",
        metavar="K|ZONE=K",
        help="At most K ways per zone and direction, each to one site; again with ZONE=K for a zone of its own.",
    ),
]
ConvergentOption = Annotated[
    bool, typer.Option("--convergent", help="At any time, one way out of each junction (per direction).")
]
WaveOption = Annotated[
    float | None,
    typer.Option("--wave-min", metavar="MINUTES", help="Departure windows begin and end at multiples of this."),
]
WavesOption = Annotated[
    int | None, typer.Option("--waves", metavar="N", help="At most N departure windows for each part of a zone.")
]
ReserveOption = Annotated[
    list[str] | None,
    typer.Option(
        "--reserve",
        metavar="TARGET=AMOUNT",
        help="Keep capacity free for inbound traffic: crossing:ID=0.25 or link:ID=100veh/h; none: not even what "
        "scenario.toml says. May be repeated.",
    ),
]
ContraflowOption = Annotated[
    str | None,
    typer.Option(
        "--contraflow", metavar="auto", help="Reverse lanes where that clears sooner; inbound traffic ends there."
    ),
]
CrewsOption = Annotated[
    int | None, typer.Option("--crews", help="Segments that may be reversed; 1 if scenario.toml does not say.")
]
LeadOption = Annotated[
    float | None, typer.Option("--lead-h", help="Hours before a reversal works; 0 if scenario.toml does not say.")
]
KeptOption = Annotated[
    float | None, typer.Option("--kept-share", help="Share of the opposite lanes that stays inbound; 0 if not said.")
]
