"""Ledgers at random: reports, claims and what is decided about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from clearway.ledger.claims import About, Basis, Claim, Force, Polarity, Quantity, Role, Span, Stage, Step, When
from clearway.ledger.entries import (
    Act,
    AuthorityNamed,
    ClaimAdded,
    ClaimCorrected,
    Decided,
    Entry,
    Graded,
    Merged,
    ReportAdded,
    StalenessSet,
    Verdict,
    Withdrawn,
)
from clearway.ledger.grades import Grade
from clearway.ledger.reports import Report

START = datetime(2026, 5, 1, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
NAME = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=10)
MOMENTS = st.builds(lambda hours: START + timedelta(hours=hours), st.floats(0, 1000))
NUMBERS = st.none() | st.floats(0, 1e6)
WHEN = st.builds(When, st.none() | MOMENTS, st.none() | MOMENTS, TEXT, st.booleans(), TEXT)
SPANS = st.builds(lambda start, text: Span(start, start + len(text), text), st.integers(0, 99), NAME)
ABOUT = st.builds(
    About, TEXT, st.lists(NAME, max_size=3).map(tuple), st.lists(TEXT, max_size=3).map(tuple), TEXT,
    st.none() | st.floats(0, 1), TEXT, TEXT, TEXT, TEXT, TEXT,
    st.lists(st.builds(Quantity, TEXT, NUMBERS, NUMBERS, TEXT), max_size=2).map(tuple),
)  # fmt: skip
STEPS = st.builds(Step, TEXT, st.sampled_from(Role), st.sampled_from(Basis))


def reports(name: str) -> st.SearchStrategy[Report]:
    return st.builds(
        Report,
        st.just(name),
        TEXT,
        MOMENTS,
        TEXT,
        TEXT,
        TEXT,
        TEXT,
        st.none() | MOMENTS,
        TEXT,
        st.sampled_from(["en", "uk"]),
    )


def claims(name: str, report: str) -> st.SearchStrategy[Claim]:
    return st.builds(
        Claim, st.just(name), st.just(report), TEXT, st.sampled_from(Force),
        st.lists(STEPS, min_size=1, max_size=4).map(tuple), ABOUT, st.none() | SPANS, st.none() | SPANS, TEXT,
        st.sampled_from(Polarity), st.sampled_from(Stage), WHEN, WHEN, TEXT, st.floats(0, 1),
    )  # fmt: skip


@st.composite
def ledgers(draw: st.DrawFn) -> list[Entry]:
    """A history that a store would take: what is spoken of is there before."""
    names = draw(st.lists(NAME, min_size=1, max_size=4, unique=True))
    acts: list[Act] = [ReportAdded(draw(reports(name))) for name in names]
    claim_names = draw(st.lists(NAME, max_size=4, unique=True))
    acts += [ClaimAdded(draw(claims(name, draw(st.sampled_from(names))))) for name in claim_names]
    if claim_names:
        one = st.sampled_from(claim_names)
        later = st.one_of(
            st.builds(Decided, one, st.sampled_from(Verdict), TEXT),
            st.builds(Graded, one, st.builds(Grade, st.sampled_from("ABCDEF"), st.sampled_from("123456"))),
            st.builds(Merged, one, one, st.booleans()),
            st.builds(Withdrawn, one.map(lambda name: f"claim:{name}"), TEXT, st.booleans()),
            st.builds(AuthorityNamed, NAME, NAME, st.booleans()),
            st.builds(StalenessSet, NAME, st.floats(1, 100)),
            one.flatmap(lambda name: st.builds(ClaimCorrected, claims(name, names[0]), TEXT)),
        )
        acts += draw(st.lists(later, max_size=5))
    author = draw(st.sampled_from(["duty desk", "night desk"]))
    return [Entry(n, START + timedelta(minutes=n), author, act) for n, act in enumerate(acts, 1)]
