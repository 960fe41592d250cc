"""The bytes of an outside file, and the text in them."""

from __future__ import annotations

import codecs
import os
import re
import stat
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from clearway.faults import FaultLog, show

__all__ = ["MAX_BYTES", "MAX_CHARACTERS", "check_length", "clean", "decode", "known_encoding", "moment", "read_bytes"]

MAX_BYTES = 20_000_000  # a file larger than this is no report; assumption
MAX_CHARACTERS = 1_000_000  # of one document's text: about 500 pages; assumption

ARCHIVES = (
    (b"PK\x03\x04", "a ZIP archive or an office document", "unpack it, or save it as plain text"),
    (b"PK\x05\x06", "an empty ZIP archive", "give the files themselves"),
    (b"\x1f\x8b", "compressed (gzip)", "unpack it and give the files in it"),
    (b"BZh", "compressed (bzip2)", "unpack it and give the files in it"),
    (b"\xfd7zXZ\x00", "compressed (xz)", "unpack it and give the files in it"),
    (b"\x28\xb5\x2f\xfd", "compressed (Zstandard)", "unpack it and give the files in it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it and give the files in it"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it and give the files in it"),
    (b"%PDF", "a PDF", "save it as plain text"),
    (b"{\\rtf", "a rich-text document", "save it as plain text"),
    (b"\xd0\xcf\x11\xe0", "an office document", "save it as plain text"),
    (b"\x89PNG", "a picture", "type what it says into a text file"),
    (b"\xff\xd8\xff", "a picture", "type what it says into a text file"),
    (b"GIF8", "a picture", "type what it says into a text file"),
    (b"\x7fELF", "a program", "give a text"),
    (b"MZ\x90", "a program", "give a text"),
    (b"SQLite format 3", "a database", "export it first: clearway ledger export"),
)
"""First bytes of files that hold no text as they are (as in the lists of `file`(1)), what they are, what to do."""

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte-order marks; those of UTF-32 before those of UTF-16, which they begin with."""

NO_CHARSETS = re.compile(r"utf.?7|escape|punycode|idna|mbcs|oem|undefined|palmos")
"""Codecs of Python that no document is declared in, or that hide what they hold."""

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
"""Control characters, overrides of direction, marks: nothing that anybody reads."""


def read_bytes(path: Path, faults: FaultLog) -> bytes | None:
    """The bytes of an ordinary file of bearable size; None with a fault for anything else. Never waits."""
    name = path.name or str(path)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode):
            faults.add(name, f"is {kind_of(found.st_mode)}, expected a file")
            return None
        with os.fdopen(os.open(path, flags), "rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_BYTES:
                size = os.fstat(file.fileno()).st_size
                faults.add(name, f"has {size:,} bytes, expected {MAX_BYTES:,} at most; split it")
                return None
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        faults.add(name, "there is no such file")
    except (OSError, ValueError) as error:
        faults.add(name, f"cannot be opened: {getattr(error, 'strerror', None) or error}")
    else:
        return checked_bytes(name, data, faults)
    return None


def checked_bytes(name: str, data: bytes, faults: FaultLog) -> bytes | None:
    """The bytes, unless they are those of something else than text."""
    for magic, what, remedy in ARCHIVES:
        if data.startswith(magic):
            faults.add(name, f"is {what}, expected text; {remedy}")
            return None
    if data[257:262] == b"ustar":
        faults.add(name, "is a tar archive, expected text; unpack it and give the files in it")
        return None
    if len(data) > MAX_BYTES:
        faults.add(name, f"has more than {MAX_BYTES:,} bytes; split it")
        return None
    if not data.strip():
        faults.add(name, "is empty, expected text")
        return None
    return data


def kind_of(mode: int) -> str:
    """What an entry of a folder is, if it is no file."""
    kinds = (
        (stat.S_ISLNK, "a link"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
    )
    return next((word for test, word in kinds if test(mode)), "a device")


def known_encoding(name: str) -> str | None:
    """The codec of a declared character set; None where there is none, or none for documents."""
    try:
        found = codecs.lookup(name.strip())
    except (LookupError, ValueError):
        return None
    if NO_CHARSETS.search(found.name) or not getattr(found, "_is_text_encoding", True):
        return None
    return found.name


def decode(
    data: bytes, file: str, faults: FaultLog, declared: str | None = None, given: str | None = None
) -> str | None:
    """
    The text of bytes: by their byte-order mark, else as the user says, else as they declare, else UTF-8.

    Bytes that are not in that encoding are a fault, with line and byte; nothing is guessed or replaced.
    """
    encoding = "utf-8"
    mark = next((each for each in MARKS if data.startswith(each[0])), None)
    if mark is not None:
        data, encoding = data[len(mark[0]) :], mark[1]
    elif given or declared:
        word = given or declared or ""
        known = known_encoding(word)
        if known is None:
            faults.add(
                file,
                f"declares the encoding {show(word)}, expected one such as utf-8 or windows-1251",
                None,
                "encoding",
            )
            return None
        encoding = known
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        faults.add(
            file,
            f"byte 0x{byte:02x} is not {encoding.upper()}; save it as UTF-8, or say what it is with --encoding",
            row,
        )
        return None
    at = text.find("\0")
    if at >= 0:
        hint = "; it may be UTF-16: save it as UTF-8" if text.count("\0", 0, 1000) > 100 else ""
        faults.add(file, f"holds a NUL character, expected text{hint}", text.count("\n", 0, at) + 1)
        return None
    return text


def clean(text: str) -> str:
    """Text as a document keeps it: one kind of line end, no control characters, no blank at the ends of lines."""
    text = (
        text.replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\x0b", "\n")
        .replace("\x0c", "\n")
        .replace("\u2028", "\n")
    )
    lines = [line.rstrip() for line in CONTROL.sub("", text).split("\n")]
    return "\n".join(lines).strip("\n")


def check_length(text: str, file: str, faults: FaultLog, row: int | None = None, field: str | None = None) -> bool:
    """Whether a document's text can be kept; a fault where it is empty or endless."""
    if not text.strip():
        faults.add(file, "holds no text", row, field)
    elif len(text) > MAX_CHARACTERS:
        faults.add(file, f"has {len(text):,} characters, expected {MAX_CHARACTERS:,} at most; split it", row, field)
    else:
        return True
    return False


def moment(text: str) -> datetime | None:
    """A date of a document, ISO 8601 or that of e-mails, if it says its offset; else None."""
    text = text.strip()[:100]
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        if found.tzinfo is None and text.endswith("-0000"):  # RFC 5322: UTC, without saying where
            found = found.replace(tzinfo=UTC)
    return found if found.tzinfo is not None and found.utcoffset() is not None else None
