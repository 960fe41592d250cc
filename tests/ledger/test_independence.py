"""How many independent sources stand behind a statement."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.claims_in_a_line import chain, claim
from tests.timing import least_s

from clearway.ledger.claims import Claim, Role, Step
from clearway.ledger.independence import independent_sources, n_independent
from clearway.ledger.reports import Report


def said(*chains: str) -> list[Claim]:
    """One statement, each time through another chain, each in a report of its own."""
    return [claim(f"c{n}", "the bridge is closed", by, report=f"r{n}") for n, by in enumerate(chains)]


def report(report_id: str, text: str, outlet: str) -> Report:
    return Report(report_id, text, datetime(2026, 5, 1, tzinfo=UTC), "duty desk", outlet=outlet)


def test_five_outlets_that_quote_each_other_are_one() -> None:
    """A heard it from B, B from C, C from D, D from E, E from A: a circle without anybody outside it."""
    circle = said("o:A > o:B", "o:B > o:C", "o:C > o:D", "o:D > o:E", "o:E > o:A")
    assert n_independent(circle) == 1


def test_five_outlets_that_quote_one_speaker_are_one() -> None:
    echoes = said(
        "s:Ilse Brandt > o:A",
        "s:Ilse Brandt > o:A > o:B",
        "s:Mayor Ilse Brandt > m:Telegram > o:C",
        "s:Brandt > o:D > r:E",
        "s:the mayor Ilse Brandt > o:B > o:F",
    )
    (source,) = independent_sources(echoes)
    assert [each.claim_id for each in source.claims] == ["c0", "c1", "c2", "c3", "c4"]


@pytest.mark.parametrize(
    ("chains", "expected"),
    [
        (("s:Ilse Brandt > o:A", "s:Omar Haddad > o:B"), 2),  # two speakers
        (("s:Ilse Brandt > o:A", "s:Omar Haddad > o:A"), 2),  # two speakers, one paper: still two who say it
        (("s:local officials > o:A", "s:a source close to the talks > o:A"), 1),  # unnamed sources of one outlet
        (("s:local officials > o:A", "s:local officials > o:B"), 2),  # unnamed sources of two
        (("s:local officials > o:A", "s:local officials > o:A > o:B"), 1),  # passed on
        (("s:Ilse Brandt > o:A", "o:A"), 1),  # the outlet says what it heard
        (("s:Ilse Brandt > o:A", "o:A > o:B", "d:B's page > o:B"), 1),
        (("s:Ilse Brandt > s:Omar Haddad > o:A", "s:Omar Haddad > o:B"), 1),  # he says what he heard from her
        (("s:the author? > o:A", "o:A"), 1),  # nobody knows who: the outlet
        (("s:Ilse Brandt > m:Telegram", "s:Omar Haddad > m:Telegram"), 2),  # a medium is nobody
        (("o:News Week", "o:Newsweek > o:MSN"), 1),  # one spelling or the other
        (("d:one page", "d:another page"), 2),
        (("s:Vladimir Saldo > o:A", "s:Saldo > o:B", "s:Governor Vladimir Saldo > o:C"), 1),
    ],
)
def test_chains_worked_by_hand(chains: tuple[str, ...], expected: int) -> None:
    assert n_independent(said(*chains)) == expected


def test_two_who_were_heard_stay_two_when_their_outlet_speaks_too() -> None:
    both = said("s:Ilse Brandt > o:A", "s:Omar Haddad > o:A")
    assert n_independent([*both, *said("o:A")[:1]]) == 2


def test_the_same_text_under_two_names_is_one_source() -> None:
    claims = said("d:page", "d:page")
    reports = {"r0": report("r0", "The bridge is closed.", "A"), "r1": report("r1", "The bridge is closed.", "B")}
    assert n_independent(claims, reports) == 1
    reports["r1"] = report("r1", "Nobody can cross the bridge.", "B")
    assert n_independent(claims, reports) == 2
    reports["r1"] = replace(reports["r1"], outlet="A")
    assert n_independent(claims, reports) == 1, "an outlet's own pages are one source"


def test_names_known_to_be_the_same_are_taken_for_one() -> None:
    claims = said("s:the head of the region > o:A", "s:Vladimir Saldo > o:B")
    assert n_independent(claims) == 2
    assert n_independent(claims, same={"the head of the region": "Vladimir Saldo"}) == 1


def test_every_claim_is_with_one_source() -> None:
    claims = said("s:Ilse Brandt > o:A", "o:A > o:B", "s:Omar Haddad > o:C", "o:B > o:C", "d:page")
    found = [each.claim_id for source in independent_sources(claims) for each in source.claims]
    assert sorted(found) == ["c0", "c1", "c2", "c3", "c4"]


def test_no_claims_have_no_source() -> None:
    assert independent_sources([]) == ()


SPEAKERS = st.sampled_from(["s:Ilse Brandt", "s:Omar Haddad", "s:Vera Lindt", "s:officials", "d:page", "o:A", "o:D"])
OUTLETS = st.lists(st.sampled_from(["o:A", "o:B", "o:C", "r:D", "m:Telegram"]), max_size=3)
CHAINS = st.lists(st.builds(lambda first, rest: " > ".join([first, *rest]), SPEAKERS, OUTLETS), min_size=1, max_size=8)


@given(CHAINS, st.data())
@settings(max_examples=80, deadline=None)
def test_an_echo_never_changes_the_number_of_sources(chains: list[str], data: st.DataObject) -> None:
    claims = said(*chains)
    heard = data.draw(st.sampled_from(claims))
    echo = replace(heard, claim_id="echo", chain=(*heard.chain, Step("Echo Daily", Role.OUTLET)))
    assert n_independent([*claims, echo]) == n_independent(claims)
    again = replace(heard, claim_id="again", chain=(*echo.chain, Step("Echo Weekly", Role.RELAY)))
    assert n_independent([*claims, echo, again]) == n_independent(claims)


@given(CHAINS, st.data())
@settings(max_examples=80, deadline=None)
def test_an_echo_through_an_outlet_already_heard_adds_nothing(chains: list[str], data: st.DataObject) -> None:
    claims = said(*chains)
    heard = data.draw(st.sampled_from(claims))
    echo = replace(heard, claim_id="echo", chain=heard.chain + chain(data.draw(st.sampled_from(["o:A", "o:B", "r:D"]))))
    assert n_independent([*claims, echo]) <= n_independent(claims)


@given(CHAINS, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_the_order_does_not_matter(chains: list[str], random: object) -> None:
    claims = said(*chains)
    shuffled = list(claims)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert independent_sources(shuffled) == independent_sources(claims)


@given(CHAINS)
@settings(max_examples=100, deadline=None)
def test_nobody_is_lost_and_there_are_no_more_sources_than_claims(chains: list[str]) -> None:
    claims = said(*chains)
    found = independent_sources(claims)
    assert sorted(each.claim_id for source in found for each in source.claims) == [each.claim_id for each in claims]
    assert 1 <= len(found) <= len(claims)


def test_ten_thousand_echoes_are_quick() -> None:
    claims = said(*(f"s:Ilse Brandt > o:Paper {n % 500} > o:Paper {(7 * n + 1) % 500}" for n in range(10_000)))
    assert n_independent(claims) == 1
    assert least_s(lambda: n_independent(claims)) < 2
