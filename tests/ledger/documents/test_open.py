"""Ordinary files of each kind, worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearway.errors import InputError
from clearway.faults import FaultLog
from clearway.ledger.documents import Document, open_documents
from clearway.ledger.documents.html import read_page
from clearway.ledger.documents.source import clean, decode, moment
from clearway.ledger.documents.xml import parse_xml

PAGE = """<!DOCTYPE html><html lang="en-GB"><head><title>Bridge closed &amp; guarded - Kurier</title>
<meta property="og:title" content="Bridge closed"><meta property="og:site_name" content="Kurier">
<meta name="author" content="The desk"><meta property="article:published_time" content="2026-05-01T14:00:00+02:00">
<link rel="canonical" href="https://kurier.example/1"><style>p {color: red}</style>
<script>document.write("never")</script></head><body><nav><a>Home</a><nav>Inner</nav></nav>
<h1>Bridge closed</h1><p>The old bridge
is <b>closed</b> until&nbsp;18:00.<br>Use the ferry.<!-- no ferry --></p>
<div style="display: none">All is well.</div><p hidden>All is well.<p>Ask&#x202E; at the port.
<table><tr><td>Ferry</td><td>open</td></tr></table><img src=x onerror="alert(1)"><footer>Imprint</footer>
</body></html>"""

MAIL = """From: =?utf-8?b?SWxzZSBCcsO8bW0=?= <desk@lindau.example>
To: all@lindau.example
Subject: =?utf-8?q?Br=C3=BCcke?= closed
Date: Fri, 01 May 2026 14:00:00 +0200
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="out"

--out
Content-Type: multipart/alternative; boundary="in"

--in
Content-Type: text/plain; charset=windows-1252
Content-Transfer-Encoding: quoted-printable

The old bridge =96 the stone one =96 is closed.
--in
Content-Type: text/html

<p>Another wording</p>
--in--
--out
Content-Type: message/rfc822

From: port@lindau.example
Subject: ferry
Content-Type: text/html; charset=utf-8

<p>The ferry sails.</p><script>never()</script>
--out
Content-Type: application/pdf; name="map.pdf"
Content-Disposition: attachment; filename="map.pdf"
Content-Transfer-Encoding: base64

JVBERg==
--out--
"""

RSS = """<?xml version="1.0" encoding="windows-1251"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Вісник</title>
<language>uk</language>
<item><title>Міст закрито</title><link>https://visnyk.example/1</link><pubDate>Fri, 01 May 2026 12:00:00 GMT</pubDate>
<description>&lt;p&gt;До &lt;b&gt;шостої&lt;/b&gt;.&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;</description></item>
<item><title>Пором іде</title><pubDate>yesterday</pubDate></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Desk</title>
<entry><title>Ferry</title><updated>2026-05-01T12:00:00Z</updated><author><name>Port</name></author>
<link href="https://desk.example/2"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>It sails.</p>
<script>never()</script></div></content></entry></feed>"""


def opened(name: str, data: str | bytes, folder: Path, encoding: str | None = None) -> tuple[Document, ...]:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return open_documents([path], encoding)


def test_a_page_is_what_a_reader_sees(tmp_path: Path) -> None:
    (page,) = opened("page.html", PAGE, tmp_path)
    assert page.text.split("\n") == [
        "Bridge closed",
        "The old bridge is closed until 18:00.",
        "Use the ferry.",
        "Ask at the port.",
        "Ferry open",
    ]
    assert (page.title, page.outlet, page.author, page.language) == ("Bridge closed", "Kurier", "The desk", "en-GB")
    assert (page.url, page.kind) == ("https://kurier.example/1", "html")
    assert page.published == datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_page_in_its_own_encoding(tmp_path: Path) -> None:
    (page,) = opened("page.htm", '<meta charset="windows-1251"><p>Міст закрито'.encode("windows-1251"), tmp_path)
    assert page.text == "Міст закрито"


def test_a_page_by_another_name_is_a_page(tmp_path: Path) -> None:
    (page,) = opened("page.txt", PAGE, tmp_path)
    assert page.kind == "html"


def test_an_email_with_its_parts(tmp_path: Path) -> None:
    (mail,) = opened("mail.eml", MAIL, tmp_path)
    assert mail.title == "Brücke closed"
    assert (mail.author, mail.outlet) == ("Ilse Brümm", "lindau.example")
    assert mail.text.startswith("The old bridge – the stone one – is closed.")
    assert mail.text.endswith("Forwarded message\nFrom: port@lindau.example\nSubject: ferry\n\nThe ferry sails.")
    assert "Another wording" not in mail.text
    assert mail.notes == ("attachment 'map.pdf' (application/pdf) was not read",)
    assert mail.published == datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_feed_in_cyrillic(tmp_path: Path) -> None:
    first, second = opened("feed.rss", RSS.encode("windows-1251"), tmp_path)
    assert first.text == "Міст закрито\nДо шостої."
    assert (first.outlet, first.language, first.url) == ("Вісник", "uk", "https://visnyk.example/1")
    assert first.published == datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert second.published is None, "yesterday is no date"
    assert second.notes == ("its date 'yesterday' has no offset or cannot be read: left open",)


def test_an_atom_feed(tmp_path: Path) -> None:
    (entry,) = opened("feed.atom", ATOM, tmp_path)
    assert (entry.text, entry.author, entry.language) == ("Ferry\nIt sails.", "Port", "en")
    assert entry.url == "https://desk.example/2"


def test_a_table_has_a_report_in_each_row(tmp_path: Path) -> None:
    table = 'text,outlet,published,mood\n#text,,,\n"One, two",Kurier,2026-05-01T14:00+02:00,\n"Three\nfour",,,good\n'
    first, second = opened("reports.csv", table, tmp_path)
    assert (first.text, first.outlet, first.file) == ("One, two", "Kurier", "reports.csv:3")
    assert first.published is not None
    assert (second.text, second.file) == ("Three\nfour", "reports.csv:4")
    assert second.notes == ("columns not read: mood",)


def test_all_faults_of_a_table_are_listed(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        opened("reports.csv", "text,published\n,2026-05-01T14:00Z\nx,today\ny\n", tmp_path)
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [(2, "text"), (3, "published"), (4, None)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_believed(encoding: str, tmp_path: Path) -> None:
    (text,) = opened("text.txt", "Міст\r\nзакрито".encode(encoding), tmp_path)
    assert text.text == "Міст\nзакрито"


def test_an_encoding_that_the_user_gives(tmp_path: Path) -> None:
    (text,) = opened("text.txt", "Міст".encode("koi8-u"), tmp_path, "koi8-u")
    assert text.text == "Міст"
    with pytest.raises(InputError, match="'klingon' is not known"):
        opened("text.txt", "x", tmp_path, "klingon")


def test_a_document_becomes_a_report(tmp_path: Path) -> None:
    (page,) = opened("page.html", PAGE, tmp_path)
    report = page.as_report("r1", datetime(2026, 5, 2, tzinfo=UTC), "duty desk")
    assert (report.text, report.language, report.outlet) == (page.text, "en-GB", "Kurier")


def test_nothing_that_disturbs_a_terminal_or_a_reader_is_kept() -> None:
    assert clean("a\x1b[31mb\u202ec\x00d\r\ne\x0cf  \n\n") == "a[31mbcd\ne\nf"


@pytest.mark.parametrize(
    ("text", "hours"),
    [("2026-05-01T14:00:00+02:00", 12), ("2026-05-01T12:00Z", 12), ("Fri, 01 May 2026 14:00:00 +0200", 12),
     ("Fri, 01 May 2026 12:00:00 -0000", 12)],
)  # fmt: skip
def test_times_that_can_be_read(text: str, hours: int) -> None:
    assert moment(text) == datetime(2026, 5, 1, hours, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "2026-05-01", "2026-05-01T14:00", "soon", "1 May 2026 14:00", "9" * 5000])
def test_times_that_are_left_open(text: str) -> None:
    assert moment(text) is None


def assert_listed(error: InputError) -> None:
    assert error.faults
    assert len(str(error)) < 10_000


@given(st.binary(max_size=300), st.sampled_from([".txt", ".html", ".eml", ".xml", ".csv"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_documents_or_faults(tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str) -> None:
    try:
        for found in opened(f"any{suffix}", data, tmp_path_factory.getbasetemp()):
            assert found.text == clean(found.text)
    except InputError as error:
        assert_listed(error)


@given(st.text(alphabet="<>/a\"'=&;!- pscrit", max_size=200))
@settings(max_examples=150, deadline=None)
def test_no_script_is_ever_text(text: str) -> None:
    page = read_page(f"<p>before</p><script>{text.replace('</', '')}</script><p>after</p>")
    assert page.text.split("\n")[0] == "before"


def test_a_declared_encoding_never_hides_code() -> None:
    faults = FaultLog()
    assert decode(b"+ADw-script+AD4-", "x", faults, "utf-7") is None
    assert len(faults) == 1


def test_lines_of_xml_are_kept() -> None:
    root = parse_xml("<rss>\n<a/>\n</rss>", "x", FaultLog())
    assert root is not None
    assert root.children[0].row == 2
