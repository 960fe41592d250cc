"""Why something is believed: every number taken apart, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from clearway.ledger.belief import Belief, Voice
from clearway.ledger.orders import Order
from clearway.ledger.situation import Policy, Taken, take

__all__ = ["chain_words", "explain", "explain_words", "says", "time_words"]


def says(voice: Voice) -> str:
    """What a claim says of a state: "closed", "not closed"."""
    return voice.state if voice.is_so else f"not {voice.state}"


def chain_words(voice: Voice) -> str:
    """Who it came through: "the mayor, heard by Outlet, heard by Relay"."""
    return " > ".join(step.name for step in voice.bearing.claim.chain)


def time_words(belief: Belief | Taken) -> str:
    """ "from 2022-10-20 12:00 UTC until further notice"."""
    end = "further notice" if belief.end is None else f"{belief.end:%Y-%m-%d %H:%M %Z}"
    return f"from {belief.begin:%Y-%m-%d %H:%M %Z} until {end}"


def explain(belief: Belief) -> dict[str, Any]:
    """A belief with all that its numbers are made of."""
    return {
        "target": belief.target,
        "from": belief.begin.isoformat(),
        "until": None if belief.end is None else belief.end.isoformat(),
        "state": belief.state,
        "p_open": belief.p_open,
        "p_limited": belief.p_limited,
        "p_closed": belief.p_closed,
        "contested": belief.is_contested,
        "last_confirmed": belief.last_confirmed and belief.last_confirmed.isoformat(),
        "half_life_h": belief.half_life_h,
        "stale": belief.is_stale,
        "log_odds_closed": sum(v.weight for v in belief.voices if v.counts and v.says_closed),
        "log_odds_passable": sum(
            v.weight for v in belief.voices if v.counts and not v.says_closed and (v.state != "limited" or v.is_so)
        ),
        "claims": [explain_voice(voice) for voice in belief.voices],
    }


def explain_voice(voice: Voice) -> dict[str, Any]:
    """What one claim adds, factor by factor."""
    claim = voice.bearing.claim
    return {
        "claim_id": claim.claim_id,
        "report_id": claim.report_id,
        "says": says(voice),
        "statement": claim.statement,
        "speaker": claim.speaker,
        "chain": [step.name for step in claim.chain],
        "force": claim.force.value,
        "stage": claim.stage.value,
        "said": voice.bearing.said.isoformat(),
        "grade": str(voice.bearing.grade) if voice.bearing.is_graded else None,
        "grade_weight": voice.grade_weight,
        "manner_factor": voice.manner_factor,
        "age_h": voice.age_h,
        "freshness": voice.freshness,
        "weight": voice.weight,
        "source": voice.source,
        "counts": voice.counts,
    }


def explain_words(beliefs: Sequence[Belief], given: Sequence[Order], name: str, at: datetime) -> list[str]:
    """The same for people, line by line."""
    lines = [] if beliefs else [f"{name}: nothing accepted speaks of it; the scenario's tables stand"]
    for belief in beliefs:
        contested = ", contested" if belief.is_contested else ""
        stale = ", stale" if belief.is_stale else ""
        lines.append(f"{name}, {time_words(belief)}: {belief.state}{contested}{stale}")
        lines.append(f"  closed {belief.p_closed:.1%}, limited {belief.p_limited:.1%}, open {belief.p_open:.1%}")
        confirmed = "never" if belief.last_confirmed is None else f"{belief.last_confirmed:%Y-%m-%d %H:%M %Z}"
        lines.append(f"  last confirmed {confirmed}; a claim weighs half after {belief.half_life_h:g} h")
        parts = explain(belief)
        closed, passable = parts["log_odds_closed"], parts["log_odds_passable"]
        lines.append(
            f"  {closed:.3f} for closed, {passable:.3f} for passable: 1 / (1 + exp({passable:.3f} - {closed:.3f}))"
            f" = {belief.p_closed:.3f}"
        )
        lines += [line for voice in belief.voices for line in voice_words(voice)]
        cautious, likely, bold = (take(belief, policy, at) for policy in Policy)
        lines.append(f"  taken as {cautious.state} (cautious), {likely.state} (likely), {bold.state} (optimistic)")
    for order in given:
        claim = order.bearing.claim
        stands = "in force" if order.is_in_force else f"not in force: {order.reason}"
        lines.append(f"  order {claim.about.order!r} by {claim.speaker} [{claim.claim_id}]: {stands}")
    return lines


def voice_words(voice: Voice) -> list[str]:
    """One claim and its weight."""
    claim, bearing = voice.bearing.claim, voice.bearing
    grade = str(bearing.grade) if bearing.is_graded else f"not graded, as {bearing.grade}"
    counts = "" if voice.counts else "; an echo, adds nothing"
    return [
        f"  {'+' if voice.says_closed else '-'}{voice.weight:.3f} {says(voice)} [{claim.claim_id}] {claim.statement}",
        f"      {chain_words(voice)}; said {bearing.said:%Y-%m-%d %H:%M %Z}; report {claim.report_id}",
        f"      {voice.grade_weight:g} ({grade}) x {voice.manner_factor:g} ({claim.force.value}, {claim.stage.value})"
        f" x {voice.freshness:.3f} ({voice.age_h:.1f} h old){counts}",
    ]
