"""The text of an e-mail: its plain part, or its HTML part without the markup; attachments are named, not opened."""

from __future__ import annotations

import binascii
from email import message_from_bytes
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import parseaddr

from clearway.faults import FaultLog, show
from clearway.ledger.documents.document import Document
from clearway.ledger.documents.html import EndlessPageError, declared_charset, text_of_html
from clearway.ledger.documents.source import check_length, clean, decode, moment

__all__ = ["open_mail"]

MAX_DEPTH = 20  # parts within parts; ordinary mail has three
MAX_PARTS = 200
MAX_HEADER = 2_000  # characters of a header that is read; RFC 5322 wants lines under 998


def open_mail(data: bytes, file: str, faults: FaultLog, given: str | None = None) -> list[Document]:
    """An e-mail (RFC 5322, MIME) as one document; forwarded ones are part of its text, under their own subject."""
    before = len(faults)
    try:
        message = message_from_bytes(data, policy=compat32)
        if not message.keys():
            faults.add(file, "has no header, expected an e-mail with From, Date and Subject", 1)
            return []
        reading = Reading(file, faults, given)
        text = clean(reading.body(message, 0))
    except RecursionError:
        faults.add(file, f"has parts nested more than {MAX_DEPTH} deep")
        return []
    except EndlessPageError as error:
        faults.add(file, f"a part {error}")
        return []
    except (MessageError, LookupError, ValueError, AssertionError) as error:
        faults.add(file, f"cannot be read as an e-mail: {show(str(error))}")
        return []
    if len(faults) > before or not check_length(text, file, faults):
        return []
    name, address = parseaddr(header(message, "From"))
    date = header(message, "Date")
    published = moment(date)
    if date and published is None:
        reading.notes.append(f"its date {date[:60]!r} has no offset or cannot be read: left open")
    return [
        Document(
            text=text,
            kind="email",
            title=header(message, "Subject"),
            outlet=address.rpartition("@")[2],
            author=name or address,
            published=published,
            language=header(message, "Content-Language")[:35],
            file=file,
            notes=tuple(reading.notes),
        )
    ]


class Reading:
    """The reading of one e-mail: what it notes on the way."""

    def __init__(self, file: str, faults: FaultLog, given: str | None) -> None:
        self.file, self.faults, self.given = file, faults, given
        self.notes: list[str] = []
        self._n_parts = 0

    def body(self, part: Message, depth: int) -> str:
        """The text of a part and of the parts in it."""
        self._n_parts += 1
        if depth > MAX_DEPTH or self._n_parts > MAX_PARTS:
            what = f"nested more than {MAX_DEPTH} deep" if depth > MAX_DEPTH else f"more than {MAX_PARTS}"
            raise ValueError(f"its parts are {what}")
        kind = part.get_content_type()
        inner = part.get_payload() if part.is_multipart() else None
        if kind == "message/rfc822" and isinstance(inner, list):
            return "\n\n".join(self.forwarded(each, depth) for each in inner if isinstance(each, Message))
        if isinstance(inner, list):
            parts = [each for each in inner if isinstance(each, Message)]
            if kind == "multipart/alternative":
                return self.alternative(parts, depth)
            return "\n\n".join(filter(None, (self.body(each, depth + 1) for each in parts)))
        if part.get_content_disposition() == "attachment" or part.get_filename() or not kind.startswith("text/"):
            self.notes.append(f"attachment {one_name(part)} ({kind}) was not read")
            return ""
        return self.leaf(part, kind)

    def forwarded(self, message: Message, depth: int) -> str:
        """A message within the message."""
        heads = [f"{name}: {header(message, name)}" for name in ("From", "Date", "Subject") if header(message, name)]
        return "\n".join(["Forwarded message", *heads, "", self.body(message, depth + 1)])

    def alternative(self, parts: list[Message], depth: int) -> str:
        """One text in several forms: the plain one if it has words, else the last that can be read."""
        plain = [each for each in parts if each.get_content_type() == "text/plain"]
        for each in [*plain, *reversed(parts)]:
            text = self.body(each, depth + 1)
            if text.strip():
                return text
        return ""

    def leaf(self, part: Message, kind: str) -> str:
        """The text of a part that holds no others."""
        try:
            payload = part.get_payload(decode=True)
        except (binascii.Error, ValueError):
            payload = None
        if not isinstance(payload, bytes):
            self.faults.add(self.file, f"a part of kind {show(kind)} cannot be decoded")
            return ""
        declared = part.get_content_charset()
        if kind == "text/html" and declared is None:
            declared = declared_charset(payload)
        if not payload.strip():
            return ""
        text = decode(payload, self.file, self.faults, declared, self.given)
        if text is None:
            return ""
        return text_of_html(text) if kind == "text/html" else text


def header(message: Message, name: str) -> str:
    """A header on one line, its encoded words decoded; empty where there is none."""
    raw = str(message.get(name, ""))[:MAX_HEADER]
    try:
        decoded = str(make_header(decode_header(raw)))
    except (HeaderParseError, LookupError, ValueError):  # a character set that nobody knows: as it stands
        decoded = raw
    return " ".join(clean(decoded).split())[:500]


def one_name(part: Message) -> str:
    """The name of an attachment, for a message."""
    return show(" ".join(clean(str(part.get_filename() or "without a name")).split()))
