"""Malformed and hostile files: each with the message it must give. `write` makes it; nothing is kept in the project."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.ledger.documents.alerts import ALERT

LAUGHS = '<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "{}">]>\n<alert>&b;</alert>'.format(
    "&a;" * 50
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item>&x;</item></rss>'
PARAMETER = '<!DOCTYPE feed [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]><feed/>'
MAIL = "From: Desk <desk@lindau.example>\nSubject: {}\nMIME-Version: 1.0\n{}"
ROW = "text,published\nThe bridge is closed,2026-05-01T14:00+02:00\n"


def bomb() -> bytes:
    """100 MB of zeros in 100 kB of ZIP."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("report.txt", "w") as inner:
        for _ in range(100):
            inner.write(bytes(1_000_000))
    return file.getvalue()


def tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("report.txt"))
    return file.getvalue()


def nested_mail(depth: int) -> bytes:
    """Parts within parts."""
    lines = [b"From: a@b.example"]
    for level in range(depth):
        lines += [b'Content-Type: multipart/mixed; boundary="b%d"' % level, b"", b"--b%d" % level]
    return b"\n".join([*lines, b"Content-Type: text/plain", b"", b"inside"])


def endless_mail() -> bytes:
    return (MAIL.format("x", "Content-Transfer-Encoding: base64\n\n") + "QUFB" * 4_500_000).encode()


def many_parts() -> bytes:
    part = "--b\nContent-Type: text/plain\n\nx\n"
    return (MAIL.format("parts", 'Content-Type: multipart/mixed; boundary="b"\n\n') + part * 5_000).encode()


def link(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def device(path: Path) -> None:
    """A real device where the tests may make one; a link to one is a link."""
    try:
        os.mknod(path, 0o20644, os.makedev(1, 5))
    except OSError:
        path.symlink_to("/dev/zero")


def alert(old: str, new: str) -> bytes:
    assert old in ALERT, old
    return ALERT.replace(old, new).encode()


class Case(NamedTuple):
    """A file, what makes it, and pieces of the one message it must give."""

    name: str
    make: bytes | Callable[[], bytes] | Callable[[Path], None]
    pieces: tuple[str, ...]


CASES = [
    # no text at all
    Case("bomb.zip", bomb, ("is a ZIP archive", "unpack it")),
    Case("bomb.txt", bomb, ("is a ZIP archive",)),
    Case("report.docx", bomb, ("office document", "save it as plain text")),
    Case("bomb.csv", gzip.compress(bytes(5_000_000)), ("is compressed (gzip)",)),
    Case("folder.txt", tar, ("is a tar archive",)),
    Case("paper.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", ("is a PDF",)),
    Case("picture.html", b"\x89PNG\r\n\x1a\n", ("is a picture",)),
    Case("ledger.txt", b"SQLite format 3\0", ("is a database", "clearway ledger export")),
    Case("strange.xyz", b"The bridge is closed.", ("ends with '.xyz'", "expected one of .txt")),
    Case("empty.txt", b"", ("is empty",)),
    Case("blank.html", b"<html><body><script>alert(1)</script></body></html>", ("holds no text",)),
    # no ordinary file
    Case("missing.txt", lambda path: None, ("there is no such file",)),
    Case("folder", lambda path: path.mkdir(), ("is a folder, expected a file",)),
    Case("link.txt", link, ("is a link, expected a file",)),
    Case("pipe.txt", os.mkfifo, ("is a pipe, expected a file",)),
    Case("zero.txt", device, ("expected a file",)),
    # too much
    Case("line.txt", lambda: b"x" * 50_000_000, ("has 50,000,000 bytes", "split it")),
    Case("line.csv", lambda: b"text\n" + b"x" * 50_000_000, ("has 50,000,005 bytes",)),
    Case("long.txt", lambda: b"word " * 3_900_000, ("19,499,999 characters, expected 1,000,000 at most",)),
    Case("cell.csv", lambda: b"text\n" + b"x" * 19_000_000, ("line 2", "cannot be read as CSV: field larger")),
    Case("elements.xml", lambda: b"<rss>" + b"<a/>" * 300_000 + b"</rss>", ("more than 200,000 elements",)),
    Case("deep.xml", lambda: b"<rss>" + b"<a>" * 500_000, ("is nested more than 100 deep",)),
    Case("tags.html", lambda: b"<p>" * 300_000, ("more than 200,000 elements",)),
    Case("open.html", lambda: b"<a " * 1_600_000, ("holds no text",)),
    Case("comments.html", lambda: b"<!--a" * 3_000_000, ("expected 5,000,000 at most",)),
    Case("base64.eml", endless_mail,
         ("has 13,500,000 characters",)),
    Case("headers.eml", lambda: b"X-A: b\n" * 50_000, ("holds no text",)),
    Case("nested.eml", lambda: nested_mail(500), ("nested more than 20 deep",)),
    Case("parts.eml", many_parts, ("its parts are more than 200",)),
    # encodings
    Case("latin.txt", "Die Br\xfccke ist zu.\n".encode("latin-1"), ("line 1", "byte 0xfc is not UTF-8", "--encoding")),
    Case("cut.txt", "Міст закрито".encode()[:-1], ("is not UTF-8",)),
    Case("sixteen.txt", ("The bridge is closed. " * 20).encode("utf-16-le"), ("NUL character", "may be UTF-16")),
    Case("nul.txt", b"one\ntwo\0three", ("line 2", "NUL character")),
    Case("declared.html", b'<meta charset="klingon"><p>x', ("declares the encoding 'klingon'",)),
    Case("escape.xml", b"<?xml version='1.0' encoding='unicode_escape'?><rss/>", ("the encoding 'unicode_escape'",)),
    Case("lies.xml", b"<?xml version='1.0' encoding='utf-8'?><rss>\n\xff</rss>", ("line 2", "byte 0xff is not UTF-8")),
    Case("lies.eml", (MAIL.format("x", "Content-Type: text/plain; charset=koi9\n\n") + "x").encode(), ("'koi9'",)),
    # XML
    Case("laughs.cap", LAUGHS.encode(), ("line 2", "has a document type ('lolz')")),
    Case("outside.rss", OUTSIDE.encode(), ("has a document type",)),
    Case("parameter.atom", PARAMETER.encode(), ("has a document type",)),
    Case("broken.xml", b"<rss>\n<channel>\n<item></channel></rss>", ("line 3", "not well-formed XML: mismatched tag")),
    Case("root.xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>", ("root 'svg', expected alert (CAP 1.2), rss",)),
    Case("items.rss", b"<rss><channel><title>x</title></channel></rss>", ("holds no item",)),
    Case("blank.atom", b"<feed><entry>\n<title> </title></entry></feed>", ("line 1", "entry", "holds no text")),
    # alerts
    Case("old.cap", alert("cap:1.2", "cap:1.1"), ("is an alert of '1.1', expected CAP 1.2",)),
    Case("zulu.cap", alert("14:00:00+02:00</sent>", "12:00:00Z</sent>"), ("line 5", "alert.sent", "Z is not allowed")),
    Case("status.cap", alert("Actual", "actual"), ("line 6", "alert.status", "found 'actual', expected one of Actual")),
    Case("sender.cap", alert("  <sender>desk@lindau.example</sender>\n", ""), ("line 2", "sender is missing")),
    Case("order.cap", alert("<scope>Public</scope>\n  <code>v1</code>", "<code>v1</code>\n<scope>Public</scope>"),
         ("alert.scope", "stands too late")),
    Case("unknown.cap", alert("<event>", "<evnet>x</evnet><event>"), ("alert.info.evnet", "did you mean 'event'?")),
    Case("twice.cap", alert("<event>", "<event>x</event><event>"), ("alert.info.event", "more than once")),
    Case("open-ring.cap", alert("47.56,9.70 47.54,9.67<", "47.56,9.70 47.54,9.68<"), ("the last point to be the",)),
    Case("pole.cap", alert("47.56,9.67 ", "97.56,9.67 "), ("polygon", "pairs latitude,longitude")),
    Case("circle.cap", alert("9.68 1.5", "9.68"), ("circle", "a radius in km")),
    # mail and tables
    Case("none.eml", b"\n\nno header at all", ("has no header",)),
    Case("quote.csv", b'text\n"never closed', ("line 2", "cannot be read as CSV")),
    Case("column.csv", b"txet,outlet\nx,y\n", ("line 1", "column missing", "did you mean 'txet'?")),
    Case("naive.csv", ROW.replace("+02:00", "").encode(), ("line 2, published", "a time with offset")),
    Case("cells.csv", (ROW + "a,b,c\n").encode(), ("line 3", "found 3 cells, expected 2")),
    Case("header.csv", b"text,outlet\n", ("has a header and no rows",)),
]  # fmt: skip


def write(case: Case, folder: Path) -> Path:
    """Make the file of a case."""
    path = folder / case.name
    if isinstance(case.make, bytes):
        path.write_bytes(case.make)
        return path
    try:
        path.write_bytes(case.make())  # type: ignore[call-arg, arg-type]
    except TypeError:
        case.make(path)  # type: ignore[call-arg]
    return path
