"""Claims of floods, fires and bridges, worked by hand; nothing of them is in the gold."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.claims_in_a_line import at, chain, claim
from tests.timing import least_s

from clearway.ledger.claims import Claim, Force, Polarity, Quantity, Role, Stage, Step, When
from clearway.ledger.contradictions import Kind, Strength, Windows, contradictions
from clearway.ledger.reports import Report

NOT = Polarity.NEGATED
BRIDGE, DAM, CAMP = ("crossing:old-bridge",), ("crossing:dam",), ("site:arena",)
BRANDT, HADDAD, MINISTRY = "s:Mayor Ilse Brandt > o:Kurier", "s:Omar Haddad > o:Wire", "s:Ministry of the Interior"


def found(*claims: Claim, **more: object) -> list[tuple[Kind, Strength]]:
    return [(each.kind, each.strength) for each in contradictions(claims, **more)]  # type: ignore[arg-type]


def status(name: str, state: str, said: str, by: str = BRANDT, **fields: object) -> Claim:
    when = {"holds": at(said)} if "-" in said else {"said": at(said)} if said else {}
    fields = {"targets": BRIDGE, **when, **fields}
    return claim(name, f"the bridge is {state}", by, frame="status", state=state, **fields)


def order(name: str, kind: str, by: str = BRANDT, **fields: object) -> Claim:
    fields = {"places": ("Lindau",), "force": Force.ORDERED, **fields}
    return claim(name, f"{kind}: people of Lindau", by, frame="order", order=kind, **fields)


def count(
    name: str, least: float | None, most: float | None, said: str, counts: str = "left", **fields: object
) -> Claim:
    by = fields.pop("by", HADDAD)
    fields = {"places": ("Lindau",), **({"said": at(said)} if said else {}), **fields}
    return claim(name, f"{least} to {most} {counts}", by, frame="movement", people=(least, most, counts), **fields)  # type: ignore[arg-type]


# Roads


def test_open_and_closed_at_one_time_cannot_both_be() -> None:
    pair = status("a", "open", "3 14:00"), status("b", "closed", "3 15:00", HADDAD)
    assert found(*pair) == [(Kind.STATUS_AGAINST_STATUS, Strength.HARD)]


def test_a_bridge_may_be_closed_later() -> None:
    assert not found(status("a", "open", "3 8:00"), status("b", "closed", "3 18:00", HADDAD))


def test_a_stretch_of_time_counts_to_its_end() -> None:
    closed = status("b", "closed", "3 8:00 - 3 20:00", HADDAD)
    assert found(status("a", "open", "3 15:00"), closed) == [(Kind.STATUS_AGAINST_STATUS, Strength.HARD)]
    assert not found(status("a", "open", "4 3:00"), closed)


def test_until_further_notice_may_have_ended() -> None:
    closed = status("b", "closed", "3 8:00 -", HADDAD)
    assert found(status("a", "open", "9 15:00"), closed) == [(Kind.STATUS_AGAINST_STATUS, Strength.OPERATIONAL)]


def test_not_open_is_closed_or_limited() -> None:
    assert found(status("a", "open", "3 14:00", polarity=NOT), status("b", "open", "3 14:00", HADDAD)) == [
        (Kind.STATUS_AGAINST_STATUS, Strength.HARD)
    ]
    assert not found(status("a", "closed", "3 14:00", polarity=NOT), status("b", "limited", "3 14:00", HADDAD))
    assert not found(status("a", "open", "3 14:00"), status("b", "limited", "3 14:00", HADDAD))
    assert found(status("a", "closed", "3 14:00"), status("b", "limited", "3 14:00", HADDAD))


def test_another_crossing_is_another_matter() -> None:
    assert not found(status("a", "open", "3 14:00"), status("b", "closed", "3 14:00", HADDAD, targets=DAM))


def test_his_own_later_word_is_an_update() -> None:
    assert not found(status("a", "open", "3 14:00"), status("b", "closed", "3 15:00"))


def test_a_status_that_nobody_dates_is_operational() -> None:
    assert found(status("a", "open", ""), status("b", "closed", "3 14:00", HADDAD)) == [
        (Kind.STATUS_AGAINST_STATUS, Strength.OPERATIONAL)
    ]


def test_an_unresolved_time_is_no_time() -> None:
    loose = When(text="on Thursday", resolved=False)
    assert found(status("a", "open", "3 14:00"), replace(status("b", "closed", "", HADDAD), said=loose)) == [
        (Kind.STATUS_AGAINST_STATUS, Strength.OPERATIONAL)
    ]


def test_the_date_of_the_report_counts_where_the_claim_has_none() -> None:
    pair = status("a", "open", "3 8:00"), status("b", "closed", "", HADDAD, report="r2")
    moment = datetime(2026, 5, 5, tzinfo=UTC)
    assert not found(*pair, reports={"r2": Report("r2", "closed", moment, "desk", published=moment)})


# Orders


def test_go_and_stay_cannot_both_be_followed() -> None:
    pair = order("a", "leave", MINISTRY), order("b", "stay", force=Force.ADVISED)
    assert found(*pair) == [(Kind.INCOMPATIBLE_DIRECTIVES, Strength.OPERATIONAL)]


def test_an_order_that_somebody_says_was_never_given() -> None:
    pair = order("a", "leave", MINISTRY), order("b", "leave", force=Force.DENIED, polarity=NOT)
    assert found(*pair) == [(Kind.NEGATION, Strength.HARD)]


@pytest.mark.parametrize(
    ("fields", "kind", "strength"),
    [
        ({"force": Force.PLANNED, "order": "evacuation"}, Kind.DENIAL_OF_PLAN, Strength.HARD),
        ({"force": Force.REQUESTED, "order": "evacuation"}, Kind.DENIAL_OF_PLAN, Strength.HARD),
        ({"force": Force.ADVISED, "order": "leave"}, Kind.INCOMPATIBLE_DIRECTIVES, Strength.OPERATIONAL),
        ({"force": Force.ASSERTED, "order": "evacuation"}, Kind.NEGATION, Strength.HARD),
        ({"force": Force.ASSESSED, "order": "departure"}, Kind.PREDICTION_AGAINST_DENIAL, Strength.SOFT),
        ({"force": Force.ASSERTED, "order": "departure"}, Kind.TENSION, Strength.SOFT),
    ],
)
def test_the_force_makes_the_kind(fields: dict[str, object], kind: Kind, strength: Strength) -> None:
    denied = order("b", "evacuation", HADDAD, force=Force.DENIED, polarity=NOT)
    told = claim("a", "people of Lindau", BRANDT, frame="order", places=("Lindau",), **fields)
    assert found(told, denied) == [(kind, strength)]


def test_what_is_only_imagined_contradicts_nothing() -> None:
    denied = order("b", "evacuation", HADDAD, force=Force.DENIED, polarity=NOT)
    assert not found(order("a", "evacuation", force=Force.ASSERTED, stage=Stage.HYPOTHETICAL), denied)


def test_a_headline_is_negated_and_no_plan() -> None:
    denied = order("b", "evacuation", HADDAD, force=Force.DENIED, polarity=NOT)
    headline = order("a", "evacuation", "d:page", force=Force.PLANNED, act="headline")
    assert found(headline, denied) == [(Kind.NEGATION, Strength.HARD)]


def test_words_said_to_mean_something_else() -> None:
    other = claim(
        "b", "Brandt's request to the army is not a call for evacuation", HADDAD,
        frame="order", order="evacuation", places=("Lindau",), polarity=NOT, force=Force.ASSERTED,
    )  # fmt: skip
    assert found(order("a", "evacuation", force=Force.REQUESTED), other) == [
        (Kind.RECHARACTERISATION, Strength.OPERATIONAL)
    ]
    assert not found(order("a", "evacuation", MINISTRY, force=Force.REQUESTED), other), "it names another"


def test_another_town_is_another_matter() -> None:
    assert not found(order("a", "leave"), order("b", "stay", MINISTRY, places=("Bregenz",)))


def test_a_town_lies_in_its_region() -> None:
    assert found(
        order("a", "leave", places=("Lindau district",)), order("b", "stay", MINISTRY, places=("Lindau city",))
    )


def test_an_order_of_last_month_is_over() -> None:
    denied = order("b", "evacuation", HADDAD, force=Force.DENIED, polarity=NOT, said=at("28 8:00"))
    assert not found(order("a", "evacuation", force=Force.PLANNED, said=at("3 8:00")), denied)


# Threats and standing


def hazard(name: str, statement: str, by: str = BRANDT, **fields: object) -> Claim:
    return claim(name, statement, by, **{"frame": "hazard", "places": ("Lindau",), **fields})


def test_a_denied_deed_and_a_denied_intent_are_two_things() -> None:
    effect = hazard("a", "rockets hit the town", hazard="shelling", agent="Northland")
    meant = hazard("b", "rockets target the town on purpose", hazard="missile attack", agent="Northland")
    denial = hazard(
        "c", "it does not intentionally hit towns", HADDAD, hazard="shelling", agent="Northland",
        force=Force.DENIED, polarity=NOT, places=(),
    )  # fmt: skip
    assert found(effect, denial) == [(Kind.TENSION, Strength.SOFT)]
    assert found(meant, denial) == [(Kind.DENIAL, Strength.HARD)]
    assert found(effect, replace(denial, statement="no rocket was fired")) == [(Kind.DENIAL, Strength.HARD)]


def test_a_capital_stands_for_its_state() -> None:
    accused = hazard("a", "the town is the target of shelling by Ankara", hazard="shelling", agent="Ankara")
    denial = hazard(
        "b", "Turkish forces do not target towns", HADDAD, hazard="shelling", agent="Turkey",
        force=Force.DENIED, polarity=NOT,
    )  # fmt: skip
    assert found(accused, denial) == [(Kind.DENIAL, Strength.HARD)]


def test_a_deed_laid_at_two_doors() -> None:
    pair = [
        hazard(name, f"{side} prepares to destroy the dam", by, hazard="dam destruction", agent=side, targets=DAM)
        for name, side, by in (("a", "Northland", BRANDT), ("b", "Southland", HADDAD))
    ]
    assert found(*pair) == [(Kind.DISPUTED_AGENT, Strength.SOFT)]


def test_two_sides_of_one_fight_do_not_contradict() -> None:
    pair = [hazard(name, "fighting", hazard="fighting", agent=side) for name, side in (("a", "North"), ("b", "South"))]
    assert not found(*pair)


def test_a_vote_that_is_called_rigged() -> None:
    vote = claim("a", "the district voted to join Northland", frame="status", state="vote", places=("Lindau",))
    rigged = claim("b", "the referendum was rigged", HADDAD, frame="status", state="vote", places=("Lindau",))
    void = replace(rigged, statement="the referendum is unlawful")
    assert found(vote, rigged) == [(Kind.DENIAL, Strength.HARD)]
    assert found(vote, void) == [(Kind.STATUS_DISPUTE, Strength.STATUS)]
    assert not found(vote, replace(void, statement="the referendum is not illegal", polarity=NOT))


def test_one_place_held_by_two() -> None:
    pair = [
        claim(name, f"{side} holds Lindau", by, frame="control", agent=side, places=("Lindau",))
        for name, side, by in (("a", "Northland", BRANDT), ("b", "Southland", HADDAD))
    ]
    assert found(*pair) == [(Kind.STATUS_DISPUTE, Strength.STATUS)]


# Numbers


def test_a_plan_that_was_exceeded_is_no_contradiction() -> None:
    """50,000 to 60,000 planned, 70,000 crossed."""
    planned = count("a", 50_000, 60_000, "3 8:00", "moved", force=Force.PLANNED)
    assert not found(planned, count("b", 70_000, None, "3 9:00", "crossed", by=BRANDT))


def test_two_counts_of_one_day_that_lie_apart() -> None:
    """25,000 against 70,000 on the same day is one; four days later the number may have grown."""
    few, many = count("a", 25_000, 25_000, "3 8:00"), count("b", 70_000, None, "3 18:00", "crossed", by=BRANDT)
    assert found(few, many) == [(Kind.NUMBERS, Strength.HARD)]
    assert not found(few, replace(many, said=at("7 8:00")))


def test_a_count_of_those_who_left_never_falls() -> None:
    pair = count("a", 25_000, 25_000, "7 8:00"), count("b", 70_000, None, "3 8:00", by=BRANDT)
    assert found(*pair) == [(Kind.NUMBERS, Strength.HARD)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((5_000, None), (25_000, 25_000)),
        ((5_000, 5_000), (5_200, 5_200)),
        ((None, 9_000), (8_000, None)),
        ((None, None), (1, 1)),
    ],
)  # fmt: skip
def test_ranges_that_touch_can_both_hold(
    first: tuple[float | None, float | None], second: tuple[float | None, float | None]
) -> None:
    assert not found(count("a", *first, "3 8:00"), count("b", *second, "3 8:00", by=BRANDT))


def test_a_part_may_be_fewer_than_the_whole() -> None:
    pair = (
        count("a", 2_000, 2_000, "3 8:00"),
        count("b", 9_000, 9_000, "3 8:00", by=BRANDT, places=("Lindau district",)),
    )
    assert not found(*pair)


def test_counts_of_different_people_are_two_counts() -> None:
    pair = count("a", 200, 200, "3 8:00", population="children"), count("b", 9_000, 9_000, "3 8:00", population="men")
    assert not found(*pair)


def test_numbers_that_nobody_dates_are_soft() -> None:
    assert found(count("a", 2_000, 2_000, ""), count("b", 9_000, 9_000, "", by=BRANDT)) == [
        (Kind.NUMBERS, Strength.SOFT)
    ]


def test_units_are_converted() -> None:
    def length(name: str, number: float, unit: str) -> Claim:
        return claim(
            name, f"the dam is {number} {unit} long", f"s:Person {name}", frame="other", targets=DAM, said=at("3 8:00"),
            quantities=(Quantity(unit, number, number, "length"),),
        )  # fmt: skip

    assert not found(length("a", 2, "miles"), length("b", 3, "km"))
    assert found(length("a", 2, "miles"), length("b", 300, "m")) == [(Kind.NUMBERS, Strength.HARD)]


def test_more_people_than_beds() -> None:
    beds = claim(
        "a", "the arena has 700 beds", frame="resource", targets=CAMP, people=(700, 700, "beds"), said=at("3 8:00")
    )
    sent = count("b", 1_200, 1_200, "3 10:00", "arrived", targets=CAMP)
    assert found(beds, sent) == [(Kind.COUNT_AGAINST_BEDS, Strength.OPERATIONAL)]
    assert not found(beds, count("b", 600, 700, "3 10:00", "arrived", targets=CAMP))
    assert not found(beds, count("b", 1_200, 1_200, "3 10:00", "arrived", targets=("site:other",), places=()))


# All of them


def scattered(seed: int, n: int) -> list[Claim]:
    """Claims at random: 60 towns, 14 days, 500 speakers."""
    draw = random.Random(seed)
    start = datetime(2026, 5, 1, tzinfo=UTC)
    claims = []
    for number in range(n):
        town = draw.randrange(60)
        fields = draw.choice(
            [
                {"frame": "status", "targets": (f"crossing:{town}",), "state": draw.choice(["open", "closed"])},
                {"frame": "order", "order": draw.choice(["leave", "evacuation", "stay"])},
                {"frame": "movement", "people": (draw.randrange(100, 9_000), None, "left")},
                {"frame": "hazard", "hazard": "shelling", "agent": draw.choice(["Northland", "Southland", ""])},
            ]
        )  # fmt: skip
        claims.append(
            claim(
                f"c{number:05}", "said", f"s:Person Number{draw.randrange(500)}",
                places=(draw.choice([f"Town{town}", f"Town{town} region"]),), force=draw.choice(list(Force)),
                polarity=draw.choice([*[Polarity.AFFIRMED] * 4, NOT]),
                said=When(start + timedelta(hours=draw.uniform(0, 14 * 24))), **fields,  # type: ignore[arg-type]
            )
        )  # fmt: skip
    return claims


def test_ten_thousand_claims_take_less_than_two_seconds() -> None:
    claims = scattered(1, 10_000)
    assert len(contradictions(claims)) > 1_000
    assert least_s(lambda: contradictions(claims)) < 2


@given(st.integers(0, 1_000), st.integers(2, 60))
@settings(max_examples=30, deadline=None)
def test_the_index_loses_no_pair_and_the_order_does_not_matter(seed: int, n: int) -> None:
    """All pairs, two claims at a time, give what all claims at once give."""
    claims = scattered(seed, n)
    claims = [replace(each, about=replace(each.about, places=("Town1",))) for each in claims[: n // 2]] + claims[
        n // 2 :
    ]
    everything = contradictions(claims)
    one_by_one = {
        (each.first.claim_id, each.second.claim_id, each.kind, each.strength)
        for place, one in enumerate(claims)
        for other in claims[place + 1 :]
        for each in contradictions([one, other])
    }
    assert {(each.first.claim_id, each.second.claim_id, each.kind, each.strength) for each in everything} == one_by_one
    assert contradictions(claims[::-1]) == everything


@given(st.integers(0, 1_000))
@settings(max_examples=30, deadline=None)
def test_no_claim_stands_against_itself_or_its_echo(seed: int) -> None:
    claims = scattered(seed, 1)
    echo = replace(claims[0], claim_id="echo", chain=(*claims[0].chain, Step("Kurier", Role.OUTLET)))
    assert contradictions([*claims, echo]) == ()


def test_the_claims_stand_side_by_side() -> None:
    (pair,) = contradictions([status("b", "closed", "3 14:00", HADDAD), status("a", "open", "3 14:00")])
    assert (pair.first.claim_id, pair.second.claim_id) == ("a", "b")
    assert pair.where == BRIDGE
    assert pair.reason == "open and closed at the same time"
    assert chain(BRANDT) == pair.first.chain


def test_a_window_is_more_than_nothing() -> None:
    with pytest.raises(ValueError, match="more than 0 hours"):
        Windows(status_h=0)
