"""
Score proposed claims against a gold annotation, as the annotation's own `scoring` says.

A claim matches where its span and the gold's have a token Jaccard of at least 0.5 and its innermost speaker is the
gold's (a list of aliases). The chain is exact where the ordered list of (actor, role) is the gold's; steps that either
side calls inferred are optional.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clearway.ledger.claims import Basis, Claim, Role
from clearway.ledger.reading.actors import plain


@dataclass(frozen=True)
class GoldStep:
    aliases: frozenset[str]
    role: str
    is_inferred: bool = False


@dataclass(frozen=True)
class GoldClaim:
    claim_id: str
    start: int
    end: int
    chain: tuple[GoldStep, ...]  # without the document
    force: frozenset[str]
    polarity: frozenset[str]
    state: str = ""
    is_optional: bool = False
    other_chain: tuple[GoldStep, ...] | None = None


@dataclass
class Score:
    n_proposed: int = 0
    n_gold: int = 0
    n_required: int = 0
    matched: list[tuple[GoldClaim, Claim]] = field(default_factory=list)
    exact: int = 0
    missed: list[GoldClaim] = field(default_factory=list)
    spurious: list[Claim] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return len(self.matched) / self.n_proposed if self.n_proposed else 1.0

    @property
    def recall(self) -> float:
        found = sum(not gold.is_optional for gold, _ in self.matched)
        return found / self.n_required if self.n_required else 1.0

    @property
    def chains_exact(self) -> float:
        return self.exact / len(self.matched) if self.matched else 1.0

    def share(self, field_name: str) -> float:
        """Share of matched claims whose force or polarity is one the gold allows."""
        right = sum(str(getattr(claim, field_name)) in getattr(gold, field_name) for gold, claim in self.matched)
        return right / len(self.matched) if self.matched else 1.0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.n_proposed + other.n_proposed,
            self.n_gold + other.n_gold,
            self.n_required + other.n_required,
            self.matched + other.matched,
            self.exact + other.exact,
            self.missed + other.missed,
            self.spurious + other.spurious,
        )

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f} ({len(self.matched)}/{self.n_proposed}), recall {self.recall:.3f} "
            f"(of {self.n_required}), chains exact {self.chains_exact:.3f}, force {self.share('force'):.3f}, "
            f"polarity {self.share('polarity'):.3f}"
        )


def tokens(text: str, start: int, end: int) -> set[int]:
    """Where the words of a stretch of text begin."""
    return {start + m.start() for m in re.finditer(r"\w+(?:['’]\w+)*", text[start:end])}


def jaccard(text: str, a: tuple[int, int], b: tuple[int, int]) -> float:
    one, two = tokens(text, *a), tokens(text, *b)
    return len(one & two) / len(one | two) if one | two else 0.0


def score(text: str, gold: list[GoldClaim], proposed: list[Claim]) -> Score:
    """Match greedily, the closest spans first; each claim and each gold claim once."""
    attributed = [claim for claim in proposed if claim.is_attributed]
    pairs = sorted(
        (
            (-jaccard(text, (g.start, g.end), (c.span.start, c.span.end)), i, j)
            for i, g in enumerate(gold)
            for j, c in enumerate(attributed)
            if c.span is not None and _says(g, c)
        ),
    )
    result = Score(len(attributed), len(gold), sum(not g.is_optional for g in gold))
    used_gold: set[int] = set()
    used_claims: set[int] = set()
    for negative, i, j in pairs:
        if -negative < 0.5 or i in used_gold or j in used_claims:
            continue
        used_gold.add(i)
        used_claims.add(j)
        result.matched.append((gold[i], attributed[j]))
        result.exact += is_exact(gold[i], attributed[j])
    result.missed = [g for i, g in enumerate(gold) if i not in used_gold and not g.is_optional]
    result.spurious = [c for j, c in enumerate(attributed) if j not in used_claims]
    return result


def _says(gold: GoldClaim, claim: Claim) -> bool:
    chains = [gold.chain, *([gold.other_chain] if gold.other_chain else [])]
    return any(plain(claim.speaker) in chain[0].aliases for chain in chains)


def is_exact(gold: GoldClaim, claim: Claim) -> bool:
    """Whether the claim's chain is the gold's, inferred steps of either optional."""
    steps = [s for s in claim.chain if s.role is not Role.DOCUMENT]
    return any(_same(list(chain), steps) for chain in (gold.chain, gold.other_chain) if chain is not None)


def _same(gold: list[GoldStep], steps: list[Any]) -> bool:
    if not gold and not steps:
        return True
    is_next = bool(gold and steps) and plain(steps[0].name) in gold[0].aliases and str(steps[0].role) == gold[0].role
    if is_next and _same(gold[1:], steps[1:]):
        return True
    if gold and gold[0].is_inferred and _same(gold[1:], steps):
        return True
    return (
        bool(steps)
        and steps[0].basis is Basis.INFERRED
        and steps[0].role is not Role.SPEAKER
        and _same(gold, steps[1:])
    )


def article_gold(path: Path) -> list[GoldClaim]:
    """The explicitly attributed claims of the shared article's annotation."""
    document = json.loads(path.read_text(encoding="utf-8"))
    aliases: dict[str, set[str]] = {}
    for actor in document["actors"] + document["outlets"]:
        names = [actor.get("name"), actor.get("surface"), *actor.get("aliases", [])]
        aliases[actor["id"]] = {plain(name) for name in names if name}
    found = []
    for claim in document["claims"]:
        if not claim["attributed_explicitly"]:
            continue
        chain = []
        for step in claim["chain"]:
            if step["role"] == "document":
                continue
            names = set(aliases[step["actor"]])
            if step["surface"] and step["actor"] not in {"unspecified", "everyone_unnamed"}:
                names.add(plain(step["surface"]))
            if step["actor"] in {"unspecified", "everyone_unnamed"}:
                names |= {"unnamed", plain(f"unnamed, '{step['surface']}'"), plain(step["surface"])}
            chain.append(GoldStep(frozenset(names), step["role"], step["basis"].startswith("inferred")))
        found.append(
            GoldClaim(
                claim["id"],
                claim["span"]["start"],
                claim["span"]["end"],
                tuple(chain),
                frozenset({claim["act"]}),
                frozenset({claim["polarity"]}),
            )
        )
    return found


def own_gold(path: Path, text: str) -> list[GoldClaim]:
    """The annotation of one of our own texts."""
    document = json.loads(path.read_text(encoding="utf-8"))
    found = []
    for number, claim in enumerate(document["claims"], 1):
        start = text.index(claim["span"])
        speaker = frozenset(plain(name) for name in claim["speaker"])
        found.append(
            GoldClaim(
                f"{path.name.split('.')[0]}-{number}",
                start,
                start + len(claim["span"]),
                _chain(claim["chain"], speaker),
                frozenset(claim["force"].split("|")),
                frozenset(claim["polarity"].split("|")),
                claim.get("state", ""),
                claim.get("optional", False),
                _chain(claim["chain_alternative"], speaker) if "chain_alternative" in claim else None,
            )
        )
    return found


def _chain(text: str, speaker: frozenset[str]) -> tuple[GoldStep, ...]:
    """ "speaker medium:Facebook outlet:Reuters": the first step is the speaker under all its names."""
    first, _, rest = text.partition(" ")
    steps = [GoldStep(speaker, first)]
    for match in re.finditer(r"(medium|outlet|relay):(.+?)(?=\s+(?:medium|outlet|relay):|$)", rest):
        steps.append(GoldStep(frozenset({plain(match[2])}), match[1]))
    return tuple(steps)
