"""
Who heard it from whom: how many independent sources stand behind one statement.

Each claim's chain says who passed the statement on to whom. All chains together are a directed graph: an edge from
the one who was heard to the one who heard. Those who quote each other in a circle (a strongly connected component)
are one. A source is a component that heard the statement from nobody else; every other component depends on one.

An echo, that is a claim's chain with one more who passes it on, adds a node that has heard it from somebody, and
therefore never a source.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from clearway.ledger.claims import Basis, Claim, Role
from clearway.ledger.names import Same, is_unnamed, name_key, resolve_speakers
from clearway.ledger.reports import Report

__all__ = ["Source", "independent_sources", "n_independent"]

Node = tuple[str, str]
Graph = dict[Node, set[Node]]


@dataclass(frozen=True, slots=True)
class Source:
    """One independent source of a statement, and the claims that rest on it."""

    name: str
    claims: tuple[Claim, ...]


def independent_sources(
    claims: Sequence[Claim], reports: Mapping[str, Report] | None = None, same: Same | None = None
) -> tuple[Source, ...]:
    """
    The independent sources behind claims that all say the same.

    Parameters
    ----------
    claims
        Claims of one statement; whether they say the same is the caller's to know.
    reports
        Reports by id: their outlets and hashes. Without them every report is its own document.
    same
        Names known to be the same: any spelling -> the one to use.

    Returns
    -------
    tuple[Source, ...]
        Sorted by name; every claim is in exactly one. The order of the claims does not matter. A claim that depends
        on several sources is with the first of them.
    """
    chains = [chain_nodes(claim, reports or {}) for claim in claims]
    chains = rename(chains, same)
    heard: Graph = {}
    for chain in chains:
        for node in chain:
            heard.setdefault(node, set())
        for teller, listener in itertools.pairwise(chain):
            if teller != listener:
                heard[listener].add(teller)
            if teller[0] == "text" and listener[0] == "outlet":  # an outlet and its own page are one
                heard[teller].add(listener)
    source_of = sources(heard)
    groups: dict[Node, list[Claim]] = defaultdict(list)
    for claim, chain in zip(claims, chains, strict=True):
        groups[source_of[chain[0]]].append(claim)
    return tuple(
        Source(node[1], tuple(sorted(members, key=lambda claim: claim.claim_id)))
        for node, members in sorted(groups.items())
    )


def n_independent(
    claims: Sequence[Claim], reports: Mapping[str, Report] | None = None, same: Same | None = None
) -> int:
    """How many independent sources stand behind claims that all say the same."""
    return len(independent_sources(claims, reports, same))


def chain_nodes(claim: Claim, reports: Mapping[str, Report]) -> list[Node]:
    """
    Those that a statement came through, innermost first; the last is the report's outlet where that is known.

    A speaker without a name is the outlet that quotes him: an outlet's unnamed sources are one. A medium (Telegram)
    carries what others say and is nobody. A document is its text.
    """
    report = reports.get(claim.report_id)
    text = ("text", report.sha256 if report is not None else claim.report_id)
    nodes: list[Node] = []
    for place, step in enumerate(claim.chain):
        if step.role is Role.MEDIUM:
            continue
        if step.role is Role.DOCUMENT:
            nodes.append(text)
        elif step.role in (Role.OUTLET, Role.RELAY):
            if step.name and not is_unnamed(step.name):
                nodes.append(("outlet" if step.role is Role.OUTLET else "relay", step.name))
        elif step.name and step.basis is not Basis.UNRESOLVED and not is_unnamed(step.name):
            nodes.append(("speaker", step.name))
        elif place:  # an unnamed one in the middle passes on what the named one before him said
            continue
    if text not in nodes:
        nodes.append(text)
    if report is not None and report.outlet:
        nodes.append(("outlet", report.outlet))
    return nodes


def rename(chains: list[list[Node]], same: Same | None) -> list[list[Node]]:
    """
    Nodes by their keys. Relays are people or outlets; speakers, outlets and relays of one name are one node.

    Only what speakers and relays are called is shortened to one person's name; an outlet's name stays whole.
    """
    people = {name for chain in chains for kind, name in chain if kind in ("speaker", "relay")}
    keys = resolve_speakers(people, same)
    known = {name_key(spelling): name_key(name) for spelling, name in (same or {}).items()}
    outlets = {name for chain in chains for kind, name in chain if kind == "outlet"}
    outlet_keys = {known.get(name_key(name), name_key(name)) for name in outlets}
    renamed = []
    for chain in chains:
        nodes: list[Node] = []
        for kind, name in chain:
            whole = known.get(name_key(name), name_key(name))
            if kind == "text":
                nodes.append((kind, name))
            elif kind == "outlet" or whole in outlet_keys:
                nodes.append(("outlet", whole))
            else:
                nodes.append(("speaker", keys[name]))
        renamed.append(nodes)
    return renamed


def sources(heard: Graph) -> dict[Node, Node]:
    """
    For each node the source it depends on: a component that heard it from no other.

    Where it depends on several, the first in order.
    """
    component = components(heard)
    tellers: dict[Node, set[Node]] = defaultdict(set)
    for node, heard_from in heard.items():
        tellers[component[node]] |= {component[each] for each in heard_from} - {component[node]}
    found: dict[Node, Node] = {}
    for name in reversed(dict.fromkeys(component.values())):  # tellers come before those who heard them
        found[name] = min((found[teller] for teller in tellers[name]), default=name)
    return {node: found[name] for node, name in component.items()}


def components(heard: Graph) -> dict[Node, Node]:
    """
    Each node's strongly connected component, named by its smallest node; those who heard before those who told.

    Kosaraju's two passes (Sharir 1981, A strong-connectivity algorithm, Computers & Mathematics with Applications 7),
    without recursion.
    """
    hearers: Graph = {node: set() for node in heard}
    for node, heard_from in heard.items():
        for teller in heard_from:
            hearers[teller].add(node)
    order: list[Node] = []
    seen: set[Node] = set()
    for start in sorted(heard):
        todo: list[tuple[Node, bool]] = [(start, False)]
        while todo:
            node, is_done = todo.pop()
            if is_done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                todo.append((node, True))
                todo += [(each, False) for each in heard[node] if each not in seen]
    found: dict[Node, Node] = {}
    for start in reversed(order):
        if start in found:
            continue
        members = reach(start, hearers, found)
        name = min(members, key=lambda node: (node[0] == "text", node))
        found |= dict.fromkeys(members, name)
    return found


def reach(start: Node, following: Graph, taken: Iterable[Node]) -> set[Node]:
    """All nodes that can be reached from one, without those taken."""
    members, todo = {start}, [start]
    while todo:
        fresh = {each for each in following[todo.pop()] if each not in members and each not in taken}
        members |= fresh
        todo += fresh
    return members
