"""How a plan was made to hold, as plan.json and margins.csv state it (docs: plan format)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.ingest.tables import Columns, Range, Table
from clearway.model.margin import Held, Margin, Round
from clearway.model.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.ingest.plan_folder import Document

MARGINS = "margins.csv"
MARGIN_COLUMNS = Columns(("link_id", "share"), (), may_be_empty=True)
SHARE = Range(0.0, 1.0, is_open=True)


def read_hold(document: Document, scenario: Scenario, read: Callable[[str, Columns], Table | None]) -> Held | None:
    """How the plan was made to hold, None where plan.json says nothing of it; faults go to the document's log."""
    if document.content.get("hold") is None:
        return None
    part = document.part("hold")
    rounds = tuple(_round(entry) for entry in part.parts("rounds"))
    table = read(MARGINS, MARGIN_COLUMNS)
    own: tuple[tuple[int, float], ...] = ()
    if table is not None and not table.missing:
        index = {link_id: i for i, link_id in enumerate(scenario.network.link_ids)}
        links = table.references("link_id", index, "the scenario's link.csv")
        own = tuple(zip(links.tolist(), table.numbers("share", SHARE).tolist(), strict=True))
    share, lead_s = part.number("capacity_share"), part.number("lead_s")
    tolerance, chosen = part.number("tolerance"), part.value("chosen_round", int) - 1
    driven_share = part.number("driven_capacity_share", fallback=1.0)
    platoons = tuple(part.numbers("platoons").tolist())
    if not document.is_readable or any(link < 0 for link, _ in own):
        return None
    try:
        return Held(Margin(share, own, lead_s), rounds, chosen, tolerance, platoons, driven_share)
    except ValueError as error:
        document.fault("hold", part.content, f"a way of holding that can be ({error})")
        return None


def _round(entry: Document) -> Round:
    return Round(
        share=entry.number("capacity_share"),
        n_links=entry.value("links_with_less", int),
        lead_s=entry.number("lead_s"),
        planned_s=entry.number("planned_clearance_time_s"),
        planned_persons=entry.number("planned_persons"),
        simulated_s=entry.number("simulated_clearance_time_s"),
        missing=entry.number("missing_persons"),
        holds=entry.content.get("holds") is True,
    )
