"""Times, quantities, places, lines and mentions, each by hand."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from clearway.ledger.claims import Force, Quantity
from clearway.ledger.reading.actors import is_outlet, mention_of
from clearway.ledger.reading.content import about, stage_of
from clearway.ledger.reading.languages.english import ENGLISH
from clearway.ledger.reading.places import Gazetteer, Place
from clearway.ledger.reading.quantities import quantities_in
from clearway.ledger.reading.text import lines_of, sentences_of
from clearway.ledger.reading.times import times_in

KYIV = timezone(timedelta(hours=3))
FRIDAY = datetime(2022, 10, 14, 12, tzinfo=KYIV)


@pytest.mark.parametrize(
    ("text", "is_ahead", "start", "end"),
    [
        ("on Thursday", False, "2022-10-13T00:00", "2022-10-14T00:00"),
        ("on Friday", False, "2022-10-14T00:00", "2022-10-15T00:00"),
        ("on Thursday", True, "2022-10-20T00:00", "2022-10-21T00:00"),
        ("by Saturday", False, None, "2022-10-16T00:00"),
        ("last month", False, "2022-09-01T00:00", "2022-10-01T00:00"),
        ("from 7 AM", True, "2022-10-15T07:00", None),
        ("until 18:00", False, None, "2022-10-14T18:00"),
        ("at 6 a.m. Thursday", True, "2022-10-20T06:00", None),
        ("yesterday", False, "2022-10-13T00:00", "2022-10-14T00:00"),
        ("in 2014", False, "2014-01-01T00:00", "2015-01-01T00:00"),
        ("since September", False, "2022-09-01T00:00", None),
        ("by noon on 16 October", False, None, "2022-10-16T12:00"),
        ("in the past two weeks", False, "2022-09-30T12:00", "2022-10-14T12:00"),
    ],
)
def test_times_count_from_the_day_of_publication(text: str, is_ahead: bool, start: str | None, end: str | None) -> None:
    when = times_in(text, FRIDAY, None, is_ahead)[0].when
    shown = [None if t is None else t.strftime("%Y-%m-%dT%H:%M") for t in (when.start, when.end)]
    assert (shown, when.resolved) == ([start, end], True)


@pytest.mark.parametrize("published", [datetime(2022, 10, 14, 1, tzinfo=KYIV), datetime(2022, 10, 15, tzinfo=KYIV)])
def test_thursday_before_the_article(published: datetime) -> None:
    when = times_in("on Thursday", published, None, False)[0].when
    assert when.start == datetime(2022, 10, 13, tzinfo=KYIV)


@pytest.mark.parametrize("text", ["on Thursday", "last month", "from 7 AM", "yesterday"])
def test_without_a_date_nothing_is_resolved(text: str) -> None:
    when = times_in(text, None, None, False)[0].when
    assert (when.start, when.end, when.resolved, when.text) == (None, None, False, text)


def test_words_that_are_also_months_are_no_times() -> None:
    assert times_in("they may march to the bridge", FRIDAY, None, False) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50,000 to 60,000 residents", (Quantity("persons", 50_000, 60_000),)),
        ("more than 70,000 people have crossed", (Quantity("persons", 70_000, None, "left"),)),
        ("between 30,000 and 35,000 have gone inland", (Quantity("persons", 30_000, 35_000, "left"),)),
        (
            "the two-mile (three-kilometer) dam",
            (Quantity("m", 3218.688, 3218.688, "length"), Quantity("m", 3000, 3000, "length")),
        ),
        ("a shelter with 600 beds", (Quantity("beds", 600, 600, "beds"),)),
        ("up to 40 buses", (Quantity("buses", None, 40, "buses"),)),
        ("in 2014", ()),
        ("one of the crossings", ()),
    ],
)
def test_quantities_keep_units_ranges_and_open_sides(text: str, expected: tuple[Quantity, ...]) -> None:
    assert quantities_in(text) == expected


@pytest.fixture
def gazetteer() -> Gazetteer:
    places = [
        Place("Antonivskyi bridge", "crossing:antonivskyi", ("bridge",)),
        Place("Kakhovka dam", "crossing:kakhovka-dam", ("dam", "hydroelectric")),
        Place("Kherson", "zone:kherson"),
        Place("Nova Kakhovka", "site:nova-kakhovka"),
    ]
    return Gazetteer.of(places)


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("the Antonivsky Bridge", ("crossing:antonivskyi",)),
        ("Antonovsky bridge", ("crossing:antonivskyi",)),
        ("the Nova Kakhovka dam", ("crossing:kakhovka-dam",)),
        ("the dam at Nova Kakhovka", ("crossing:kakhovka-dam",)),
        ("people in Nova Kakhovka", ("site:nova-kakhovka",)),
        ("Херсон", ("zone:kherson",)),
        ("the Kherson region", ()),
        ("the districts of Kherson, and others", ()),
        ("a bridge", ()),
    ],
)
def test_places_are_the_scenarios_own_in_any_spelling(
    gazetteer: Gazetteer, text: str, targets: tuple[str, ...]
) -> None:
    assert gazetteer.find(text).targets == targets


def test_the_bridge_is_the_one_named_before(gazetteer: Gazetteer) -> None:
    assert gazetteer.generic("the bridge is shut", "Antonivskyi bridge was hit. ", ENGLISH) == ("crossing:antonivskyi",)
    assert gazetteer.generic("the bridge is shut", "Nobody knows. ", ENGLISH) == ()


def test_lines_are_told_apart() -> None:
    text = "A heading here\nThe bridge is open.\nRead Also: More news\n@handle\n- An item of a list\nBy Ann Lee\n"
    assert [line.kind for line in lines_of(text, ENGLISH)] == [
        "heading", "paragraph", "boilerplate", "boilerplate", "item", "boilerplate",
    ]  # fmt: skip


def test_sentences_end_neither_at_abbreviations_nor_within_quotations() -> None:
    text = 'Dr. Lee came at 6 a.m. Thursday. "Go. Now, please," he said.'
    assert [s.text for s in sentences_of(lines_of(text, ENGLISH), ENGLISH)] == [
        "Dr. Lee came at 6 a.m. Thursday.",
        '"Go. Now, please," he said.',
    ]


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("Governor Ann Lee's", "Ann Lee", "Governor"),
        ("the mayor of Donja, Vesna Kolar", "Vesna Kolar", "the mayor of Donja"),
        ("Ann Lee, the deputy mayor of Holm who was elected", "Ann Lee", "the deputy mayor of Holm"),
        ("the head of the Holm province", "the head of the Holm province", ""),
        ("The Ministry of the Interior", "The Ministry of the Interior", ""),
    ],
)
def test_mentions_give_name_and_title(text: str, name: str, title: str) -> None:
    mention = mention_of(text, 0, len(text), ENGLISH)
    assert (mention.text, mention.title) == (name, title)


def test_outlets_are_known_by_name_or_word() -> None:
    assert [is_outlet(t, ENGLISH) for t in ("Reuters", "the Gulf Herald", "the highways agency", "a reporter")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_an_undated_time_zone_is_not_needed_for_a_year() -> None:
    assert times_in("in 2014", FRIDAY, UTC, False)[0].when.start == datetime(2014, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "frame", "state", "stage"),
    [
        ("The bridge could be blown up", "hazard", "", "possible"),
        ("The dam might be destroyed by shelling", "hazard", "", "possible"),
        ("The bridge was blown up", "status", "closed", "actual"),
        ("The bridge may be closed", "status", "closed", "possible"),
        ("Cars still crossed the bridge", "status", "open", "actual"),
        ("Cars were still crossing the bridge on Thursday", "status", "open", "actual"),
        ("Buses continued to use the dam road", "status", "open", "actual"),
        ("1,200 cars crossed the bridge", "movement", "", "actual"),
        ("Cars crossed the bridge before it was closed", "status", "closed", "actual"),
    ],
)
def test_what_could_be_lost_is_no_state_and_who_is_seen_to_pass_says_open(
    text: str, frame: str, state: str, stage: str
) -> None:
    found = about(text, Force.ASSERTED, False, ENGLISH, Gazetteer())
    assert (found.frame, found.state, stage_of(text, Force.ASSERTED, ENGLISH).value) == (frame, state, stage)
