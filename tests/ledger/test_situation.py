"""What is taken as given by a policy, and orders."""

from __future__ import annotations

import pytest
from tests.ledger.small import BRIDGE, NOON, claim, hours
from tests.ledger.test_belief import bearing

from clearway.ledger.claims import About, Claim, Force, Polarity
from clearway.ledger.situation import Policy, situation
from clearway.ledger.why import explain, explain_words


def order(speaker: str = "the governor", force: Force = Force.ORDERED, **more) -> Claim:
    about = About(frame="order", targets=(BRIDGE,), order=more.pop("what", "close"))
    return claim("o1", speaker=speaker, force=force, about=about, **more)


def states(*bearings, policy: Policy = Policy.LIKELY, authorities=frozenset()) -> list[tuple[str, float]]:
    found = situation(bearings, authorities, NOON, policy)
    return [(each.state, each.capacity_factor) for each in found.taken]


@pytest.mark.parametrize(
    ("grade", "cautious", "likely", "optimistic"),
    [("A2", "closed", "closed", "closed"), ("C3", "closed", "closed", "open"), ("", "closed", "closed", "open")],
)
def test_policies_differ_where_it_is_not_sure(grade: str, cautious: str, likely: str, optimistic: str) -> None:
    some = bearing(claim(), grade)
    taken = [states(some, policy=policy)[0][0] for policy in (Policy.CAUTIOUS, Policy.LIKELY, Policy.OPTIMISTIC)]
    assert taken == [cautious, likely, optimistic]


def test_nothing_is_closed_that_nobody_says_is() -> None:
    assert states(bearing(claim(state="open"), "D4"), policy=Policy.CAUTIOUS) == [("open", 1.0)]


def test_the_contrary_opens_and_is_shown() -> None:
    found = situation([bearing(claim(), "C3"), bearing(claim("c2", "open", "a driver"), "B2")], set(), NOON)
    (taken,) = found.taken
    assert taken.state == "open"
    assert taken.is_contested
    assert [v.bearing.claim.claim_id for v in taken.against] == ["c1"]
    assert "contested: 1 for, 1 against" in taken.note()


def test_limits_are_never_averaged() -> None:
    some = [
        bearing(claim("c1", "limited", "a", factor=0.25), "B2"),
        bearing(claim("c2", "limited", "b", factor=0.6), "C2"),
    ]
    factors = [states(*some, policy=policy)[0][1] for policy in (Policy.CAUTIOUS, Policy.LIKELY, Policy.OPTIMISTIC)]
    assert factors == [0.25, 0.25, 0.6]


def test_a_state_has_lasted_since_it_was_said() -> None:
    early = bearing(claim("c1", "closed", "a", said=NOON - hours(4)), "B2")
    late = bearing(claim("c2", "open", "b", said=NOON - hours(2)), "C3")
    (taken,) = situation([early, late], set(), NOON).taken
    assert (taken.state, taken.begin) == ("closed", NOON - hours(4))


AUTHORITY = {("The  Governor", BRIDGE)}


def test_an_order_by_a_competent_authority_is_in_force() -> None:
    found = situation([bearing(order())], AUTHORITY, NOON)
    assert [each.is_in_force for each in found.orders] == [True]
    assert [(each.state, each.report_ids) for each in found.taken] == [("closed", ("r1",))]


@pytest.mark.parametrize(
    ("said", "authorities", "reason"),
    [
        (order(), set(), "not named as competent"),
        (order("a deputy"), AUTHORITY, "not named as competent"),
        (order(), {("the governor", "zone:elsewhere")}, "not named as competent"),
        (order(force=Force.REQUESTED), AUTHORITY, "requested, not ordered"),
        (order(force=Force.ADVISED), AUTHORITY, "advised, not ordered"),
        (order(force=Force.ASSERTED), AUTHORITY, "asserted, not ordered"),
        (order(polarity=Polarity.NEGATED), AUTHORITY, "not said that the order was given"),
        (order(holds=(NOON + hours(1), None)), AUTHORITY, "holds from"),
        (order(holds=(NOON - hours(2), NOON)), AUTHORITY, "held until"),
    ],
)
def test_anything_else_is_no_order(said: Claim, authorities: set, reason: str) -> None:
    found = situation([bearing(said, "A1")], authorities, NOON)
    assert reason in found.orders[0].reason
    assert found.taken == ()


def test_an_order_to_leave_closes_nothing() -> None:
    found = situation([bearing(order(what="leave"))], AUTHORITY, NOON)
    assert found.orders[0].is_in_force
    assert found.taken == ()


def test_every_number_can_be_taken_apart() -> None:
    found = situation(
        [bearing(claim(said=NOON - hours(12)), "B2"), bearing(claim("c2", "open", "b"), "C3")], set(), NOON
    )
    (belief,) = found.beliefs
    parts = explain(belief)
    for part in parts["claims"]:
        assert part["weight"] == pytest.approx(part["grade_weight"] * part["manner_factor"] * part["freshness"])
    closed = sum(part["weight"] for part in parts["claims"] if part["says"] == "closed")
    assert parts["log_odds_closed"] == pytest.approx(closed)
    words = "\n".join(explain_words([belief], found.orders, "the bridge", NOON))
    for word in (
        "closed 62.4%",
        "2.2 (B2) x 1 (asserted, actual) x 0.707 (12.0 h old)",
        "contested",
        "[c2]",
        "report r1",
    ):
        assert word in words
