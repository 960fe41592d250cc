"""Small reports and claims, and random ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from clearway.ledger.claims import About, Chain, Claim, Force, Polarity, Role, Stage, Step, When
from clearway.ledger.entries import (
    Act,
    AuthorityNamed,
    ClaimAdded,
    ClaimCorrected,
    Decided,
    Graded,
    Merged,
    ReportAdded,
    StalenessSet,
    Verdict,
    Withdrawn,
)
from clearway.ledger.grades import INFORMATION, SOURCE, Grade
from clearway.ledger.reports import Report

NOON = datetime(2022, 10, 20, 12, tzinfo=UTC)
BRIDGE = "crossing:bridge"


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def report(report_id: str = "r1", published: datetime | None = NOON, **more: Any) -> Report:
    return Report(report_id, more.pop("text", "The bridge is closed."), NOON, "duty desk", published=published, **more)


def chain(*names: str) -> Chain:
    roles = (Role.SPEAKER, Role.OUTLET, Role.RELAY, Role.RELAY)
    return tuple(Step(name, role) for name, role in zip(names, roles, strict=False))


def claim(claim_id: str = "c1", state: str = "closed", speaker: str = "the mayor", **more: Any) -> Claim:
    """A plain statement that the bridge is in a state; ``target``, ``said``, ``holds``, ``factor`` and all fields."""
    about = more.pop("about", None) or About(
        frame="status",
        targets=(more.pop("target", BRIDGE),),
        state=state,
        capacity_factor=more.pop("factor", None),
    )
    said = more.pop("said", None)
    holds = more.pop("holds", (None, None))
    return Claim(
        claim_id=claim_id,
        report_id=more.pop("report_id", "r1"),
        statement=more.pop("statement", f"the bridge is {state}"),
        force=more.pop("force", Force.ASSERTED),
        chain=more.pop("chain", chain(speaker)),
        about=about,
        said=When(said) if said else When(),
        holds=When(*holds),
        **more,
    )


def accepted(*claims: Claim, grade: str = "") -> list[Act]:
    """The acts that put claims into a ledger and accept them."""
    acts: list[Act] = []
    for each in claims:
        acts += [ClaimAdded(each), Decided(each.claim_id, Verdict.ACCEPTED)]
        if grade:
            acts.append(Graded(each.claim_id, Grade.parse(grade)))
    return acts


@st.composite
def histories(draw: st.DrawFn, most: int = 25) -> list[list[Act]]:
    """Batches of acts in an order that a ledger allows."""
    batches: list[list[Act]] = [[ReportAdded(report("r0"))]]
    reports, claims = ["r0"], []
    texts = st.text(max_size=8)
    for i in range(1, draw(st.integers(1, most))):
        kinds = ["report", "claim", "claim", "authority", "staleness"]
        kinds += ["correct", "withdraw", "decide", "decide", "decide", "grade", "merge"] if claims else []
        kind = draw(st.sampled_from(kinds))
        act: Act
        if kind == "report":
            published = draw(st.none() | st.integers(-40, 10).map(lambda h: NOON + hours(h)))
            act = ReportAdded(report(f"r{i}", published, text=draw(texts)))
            reports.append(f"r{i}")
        elif kind == "claim":
            act = ClaimAdded(draw(claims_of(f"c{i}", draw(st.sampled_from(reports)))))
            claims.append(act.claim)
        elif kind == "correct":
            old = draw(st.sampled_from(claims))
            act = ClaimCorrected(draw(claims_of(old.claim_id, old.report_id)), draw(texts))
        elif kind == "withdraw":
            named = [f"claim:{c.claim_id}" for c in claims] + [f"report:{r}" for r in reports]
            act = Withdrawn(draw(st.sampled_from(named)), draw(texts), draw(st.booleans()))
        elif kind == "decide":
            act = Decided(draw(st.sampled_from(claims)).claim_id, draw(st.sampled_from(Verdict)))
        elif kind == "grade":
            grade = Grade(draw(st.sampled_from(list(SOURCE))), draw(st.sampled_from(list(INFORMATION))))
            act = Graded(draw(st.sampled_from(claims)).claim_id, grade)
        elif kind == "merge":
            one, other = draw(st.sampled_from(claims)).claim_id, draw(st.sampled_from(claims)).claim_id
            act = Merged(one, other, draw(st.booleans()))
        elif kind == "authority":
            act = AuthorityNamed(draw(st.sampled_from(["the mayor", "a ministry"])), BRIDGE, draw(st.booleans()))
        else:
            act = StalenessSet(draw(st.sampled_from(["bridge", "crossing"])), draw(st.floats(0.5, 99)))
        if draw(st.booleans()):
            batches.append([act])
        else:
            batches[-1].append(act)
    return batches


@st.composite
def claims_of(draw: st.DrawFn, claim_id: str, report_id: str) -> Claim:
    """A claim about one or two things, said and holding at some time around noon."""
    moments = st.none() | st.integers(-30, 30).map(lambda h: NOON + hours(h))
    frame = draw(st.sampled_from(["status", "status", "order", "movement"]))
    begin, length = draw(moments), draw(st.integers(1, 30))
    end = begin + hours(length) if begin and draw(st.booleans()) else None
    return Claim(
        claim_id=claim_id,
        report_id=report_id,
        statement=draw(st.text(max_size=10)),
        force=draw(st.sampled_from(Force)),
        chain=chain(draw(st.sampled_from(["the mayor", "a ministry", "drivers", "\ud800\0 odd"]))),
        about=About(
            frame=frame,
            targets=tuple(draw(st.lists(st.sampled_from([BRIDGE, "site:school"]), max_size=2))),
            state=draw(st.sampled_from(["open", "closed", "limited", "destroyed", "", "odd"])),
            capacity_factor=draw(st.none() | st.floats(0, 1)),
        ),
        polarity=draw(st.sampled_from(Polarity)),
        stage=draw(st.sampled_from(Stage)),
        said=When(draw(moments), resolved=draw(st.booleans())),
        holds=When(begin, end, resolved=draw(st.booleans())),
    )
