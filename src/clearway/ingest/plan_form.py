"""The form and the price that plan.json states (docs: plan format)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from clearway.model.form import Contraflow, Form, Price, Reserve, Reversal
from clearway.model.scenario import Scenario

if TYPE_CHECKING:
    from clearway.ingest.plan_folder import Document


def read_form(document: Document, scenario: Scenario) -> tuple[Form | None, Price | None]:
    """The form and its price, None where plan.json has none; faults go to the document's log."""
    if document.content.get("form") is None:
        return None, None
    part = document.part("form")
    try:
        form = Form(
            routes_per_zone=part.value("routes_per_zone", int, 0),
            routes_of_zone=tuple((zone, int(n)) for zone, n in part.value("routes_of_zone", dict, {}).items()),
            is_convergent=part.content.get("convergent") is True,
            wave_s=part.number("wave_s", fallback=0.0),
            waves=part.value("waves", int, 0),
            reserves=tuple(
                reserve for entry in part.parts("reserves", []) if (reserve := _reserve(entry, scenario)) is not None
            ),
            contraflow=_contraflow(part),
            reversals=tuple(
                reversal
                for entry in part.parts("reversals", [])
                if (reversal := _reversal(entry, scenario)) is not None
            ),
        )
    except (ValueError, TypeError) as error:
        document.fault("form", part.content, f"a form that can be ({error})")
        return None, None
    price = None
    if part.content.get("price") is not None:
        said = part.part("price")
        price = Price(
            free_clearance_s=said.number("free_clearance_time_s"),
            free_persons=said.number("free_persons"),
            free_lower_bound_s=said.number("free_lower_bound_s"),
            form_lower_bound_s=said.number("form_lower_bound_s", fallback=0.0),
            reversed_clearance_s=said.number("reversed_clearance_time_s", fallback=0.0),
        )
    return form, price


def links_of(scenario: Scenario, target: str) -> tuple[int, ...]:
    """The links that ``link:ID`` or ``crossing:ID`` names: both directions of a road; none where unknown."""
    network = scenario.network
    kind, _, name = target.partition(":")
    if kind == "crossing":
        return next((tuple(c.links) for c in scenario.crossings if c.crossing_id == name), ())
    if kind == "link" and network.has_link(name):
        link = network.link_index(name)
        opposite = int(network.reverse[link])
        return (link,) if opposite < 0 else (link, opposite)
    return ()


def _reserve(entry: Document, scenario: Scenario) -> Reserve | None:
    target = entry.value("target", str)
    links = links_of(scenario, target)
    if not links:
        entry.fault("target", target, "link:ID or crossing:ID of the scenario")
        return None
    return Reserve(target, links, entry.number("share", fallback=0.0), entry.number("veh_per_h", fallback=0.0))


def _reversal(entry: Document, scenario: Scenario) -> Reversal | None:
    link_id = entry.value("link_id", str)
    if not scenario.network.has_link(link_id):
        entry.fault("link_id", link_id, "a link of the scenario")
        return None
    from_s, lanes = entry.number("from_s"), entry.number("lanes")
    if not (math.isfinite(from_s) and math.isfinite(lanes)):
        return None
    return Reversal(scenario.network.link_index(link_id), from_s, lanes, entry.value("segment", str))


def _contraflow(part: Document) -> Contraflow | None:
    if part.content.get("contraflow") is None:
        return None
    said = part.part("contraflow")
    return Contraflow(said.value("crews", int), said.number("lead_s"), said.number("kept_share"))
