"""What is believed: worked by hand beside the assertion; echoes add nothing; staleness never turns a belief over."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.small import BRIDGE, NOON, chain, claim, hours

from clearway.ledger.bearing import Bearing
from clearway.ledger.belief import BeliefSettings, timeline
from clearway.ledger.claims import Claim, Force, Polarity, Stage
from clearway.ledger.grades import UNGRADED, Grade


def bearing(said: Claim, grade: str = "") -> Bearing:
    return Bearing(said, Grade.parse(grade) if grade else UNGRADED, bool(grade), NOON, said.about.targets)


def believed(*bearings: Bearing, later_h: float = 0.0, settings: BeliefSettings | None = None):
    (belief,) = timeline(BRIDGE, bearings, NOON + hours(later_h), settings=settings)
    return belief


def odds(p: float) -> float:
    return math.log(p / (1 - p))


def test_the_example_of_the_documents() -> None:
    """docs/ledger.md: B2 said 12 h ago against C3 said now, half-life 24 h."""
    old = bearing(claim("c1", "closed", "the road service", said=NOON - hours(12)), "B2")
    new = bearing(claim("c2", "open", "a driver"), "C3")
    belief = believed(old, new)
    assert pytest.approx(1.556, abs=5e-4) == 2.2 * 0.5**0.5
    assert pytest.approx(1.05) == 1.4 * 0.75
    assert belief.p_closed == pytest.approx(1 / (1 + math.exp(1.05 - 1.5556)), abs=1e-4)
    assert belief.p_closed == pytest.approx(0.624, abs=5e-4)
    assert belief.is_contested
    assert belief.state == "closed"
    assert belief.last_confirmed == NOON - hours(12)


def test_one_claim_by_grade() -> None:
    table = {"A1": 3.75, "A2": 3.0, "B2": 2.2, "C2": 1.4, "D2": 0.7, "": 0.6}
    for grade, weight in table.items():
        assert odds(believed(bearing(claim(), grade)).p_closed) == pytest.approx(weight)


def test_what_is_worthless_moves_nothing() -> None:
    assert timeline(BRIDGE, [bearing(claim(), "E1"), bearing(claim("c2"), "A5")], NOON) == []


def test_limited_and_open_share_what_is_not_closed() -> None:
    limited = bearing(claim("c1", "limited", factor=0.25), "B2")
    belief = believed(limited, bearing(claim("c2", "open", "a driver"), "C2"))
    p_closed = 1 / (1 + math.exp(2.2 + 1.4))
    assert belief.p_closed == pytest.approx(p_closed)
    assert belief.p_limited == pytest.approx((1 - p_closed) / (1 + math.exp(1.4 - 2.2)))
    assert belief.p_open == pytest.approx(1 - belief.p_closed - belief.p_limited)
    assert belief.state == "limited"


@pytest.mark.parametrize(
    ("said", "sign"),
    [
        (claim(state="closed"), 1),
        (claim(state="destroyed"), 1),
        (claim(state="open", polarity=Polarity.NEGATED), 1),
        (claim(state="open", force=Force.DENIED), 1),
        (claim(state="open"), -1),
        (claim(state="", factor=1.0), -1),
        (claim(state="", factor=0.0), 1),
        (claim(state="closed", polarity=Polarity.NEGATED), -1),
        (claim(state="closed", force=Force.DENIED, polarity=Polarity.NEGATED), -1),
    ],
)
def test_denial_turns_a_claim_round(said: Claim, sign: int) -> None:
    assert odds(believed(bearing(said)).p_closed) == pytest.approx(0.6 * sign)


@pytest.mark.parametrize("force", [Force.REQUESTED, Force.ADVISED, Force.ORDERED])
def test_what_should_be_says_nothing_about_what_is(force: Force) -> None:
    assert timeline(BRIDGE, [bearing(claim(force=force))], NOON) == []
    assert timeline(BRIDGE, [bearing(claim(stage=Stage.DIRECTIVE))], NOON) == []


def test_plans_and_possibilities_weigh_less() -> None:
    planned = believed(bearing(claim(stage=Stage.PROSPECTIVE, force=Force.PLANNED), "B2"))
    assert odds(planned.p_closed) == pytest.approx(1.1), "not discounted twice"
    assert odds(believed(bearing(claim(stage=Stage.POSSIBLE), "B2")).p_closed) == pytest.approx(0.55)


def test_a_source_that_changes_its_mind_speaks_once() -> None:
    belief = believed(
        bearing(claim("c1", "open", said=NOON - hours(1)), "A1"), bearing(claim("c2", "closed", said=NOON), "B2")
    )
    assert odds(belief.p_closed) == pytest.approx(2.2)
    assert not belief.is_contested


def test_one_source_said_by_many_weighs_as_one() -> None:
    echoes = [bearing(claim(f"c{i}", chain=chain("the mayor", f"outlet {i}")), "B2") for i in range(5)]
    assert believed(*echoes).p_closed == believed(echoes[0]).p_closed
    assert sum(voice.counts for voice in believed(*echoes).voices) == 1
    two = believed(*echoes, bearing(claim("c9", speaker="a driver"), "B2"))
    assert odds(two.p_closed) == pytest.approx(4.4)


def test_a_window_bounds_what_is_believed() -> None:
    closed = bearing(claim(holds=(NOON + hours(6), NOON + hours(9))), "B2")
    always = bearing(claim("c2", "open", "a driver"), "C2")
    first, second, third = timeline(BRIDGE, [closed, always], NOON)
    assert [(b.begin, b.end) for b in (first, second, third)] == [
        (NOON, NOON + hours(6)),
        (NOON + hours(6), NOON + hours(9)),
        (NOON + hours(9), None),
    ]
    assert [b.state for b in (first, second, third)] == ["open", "closed", "open"]


def test_kinds_go_stale_at_their_own_pace() -> None:
    settings = BeliefSettings({"ferry": 3.0}, {BRIDGE: "ferry"})
    belief = believed(bearing(claim(), "B2"), later_h=3, settings=settings)
    assert odds(belief.p_closed) == pytest.approx(1.1)
    assert not belief.is_stale
    assert believed(bearing(claim(), "B2"), later_h=3.1, settings=settings).is_stale
    assert not believed(bearing(claim(), "B2"), later_h=3.1).is_stale


@given(later_h=st.floats(0, 2000), grade=st.sampled_from(["A1", "C3", "D4", ""]))
def test_age_lowers_certainty_and_never_turns_a_belief_over(later_h: float, grade: str) -> None:
    now, later = believed(bearing(claim(), grade)), believed(bearing(claim(), grade), later_h=later_h)
    assert 0.5 <= later.p_closed <= now.p_closed


STATES = st.sampled_from(["open", "closed", "limited"])
CLAIMS = st.lists(
    st.tuples(STATES, st.sampled_from("abcd"), st.sampled_from(["B2", "C3", "A1"])), min_size=1, max_size=6
)


@given(said=CLAIMS, order=st.randoms())
def test_the_order_of_entry_does_not_matter(said: list[tuple[str, str, str]], order) -> None:
    some = [bearing(claim(f"c{i}", state, name, said=NOON - hours(i)), g) for i, (state, name, g) in enumerate(said)]
    mixed = list(some)
    order.shuffle(mixed)
    assert believed(*some).p_closed == pytest.approx(believed(*mixed).p_closed)


@given(said=CLAIMS)
def test_an_echo_never_adds_weight(said: list[tuple[str, str, str]]) -> None:
    some = [bearing(claim(f"c{i}", state, name), g) for i, (state, name, g) in enumerate(said)]
    before = believed(*some)
    first = some[0]
    echo = bearing(
        claim("echo", first.claim.about.state, chain=chain(first.claim.speaker, "an outlet")), str(first.grade)
    )
    after = believed(*some, echo)
    assert after.p_closed == pytest.approx(before.p_closed)
    assert after.p_limited == pytest.approx(before.p_limited)
