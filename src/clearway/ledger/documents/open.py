"""Outside files -> documents. What a file is follows from its name and, first, from what it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from clearway.faults import FaultLog, show
from clearway.ledger.documents.document import Document
from clearway.ledger.documents.source import check_length, clean, decode, known_encoding, read_bytes

__all__ = ["SUFFIXES", "open_documents", "open_into"]

SUFFIXES = {
    "": "text", ".txt": "text", ".md": "text", ".text": "text", ".log": "text",
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".eml": "mail",
    ".xml": "xml", ".cap": "xml", ".rss": "xml", ".atom": "xml", ".rdf": "xml",
    ".csv": "table",
}  # fmt: skip
"""How a file is read, by the end of its name."""

LOOKS_LIKE_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml|(?:\xef\xbb\xbf)?\s*<(?:\w+:)?(?:alert|rss|feed|RDF)[\s>]")
LOOKS_LIKE_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)[\s>]", re.I | re.S
)


def open_documents(paths: Sequence[Path], encoding: str | None = None) -> tuple[Document, ...]:
    """
    The documents of outside files, in their order.

    Parameters
    ----------
    paths
        Plain text, web pages, e-mails, CAP 1.2 alerts, RSS or Atom feeds, CSV tables of reports.
    encoding
        For files that neither carry a byte-order mark nor are UTF-8.

    Raises
    ------
    InputError
        With every fault of every file; then no document is returned.
    """
    faults = FaultLog()
    documents: list[Document] = []
    for path in paths:
        documents += open_into(path, faults, encoding)
    faults.raise_any("the documents")
    return tuple(documents)


def open_into(path: Path, faults: FaultLog, encoding: str | None = None) -> list[Document]:
    """The documents of one file; its faults go into the log, and then there are none."""
    name = path.name or str(path)
    kind = SUFFIXES.get(path.suffix.casefold())
    if encoding is not None and known_encoding(encoding) is None:
        faults.add(
            name, f"the encoding {show(encoding)} is not known, expected one such as windows-1251", None, "encoding"
        )
        return []
    data = read_bytes(path, faults)
    if data is None:
        return []
    if kind is None:
        known = ", ".join([*(suffix for suffix in SUFFIXES if suffix), ".jsonl (clearway ledger add or import)"])
        faults.add(name, f"ends with {show(path.suffix)}, expected one of {known}")
        return []
    if kind in ("text", "html", "xml"):
        kind = "html" if LOOKS_LIKE_HTML.match(data) else "xml" if LOOKS_LIKE_XML.match(data) else kind
    before = len(faults)
    documents = open_kind(kind, data, name, faults, encoding)
    return documents if len(faults) == before else []


def open_kind(kind: str, data: bytes, name: str, faults: FaultLog, encoding: str | None) -> list[Document]:
    """The documents in the bytes of a file of a kind. Each reader is imported when it is needed."""
    if kind == "mail":
        from clearway.ledger.documents.mail import open_mail

        return open_mail(data, name, faults, encoding)
    if kind == "html":
        from clearway.ledger.documents.html import open_html

        return open_html(data, name, faults, encoding)
    if kind == "xml":
        return open_xml(data, name, faults, encoding)
    text = decode(data, name, faults, None, encoding)
    return [] if text is None else open_text(kind, text, name, faults)


def open_text(kind: str, text: str, name: str, faults: FaultLog) -> list[Document]:
    """A table of reports, or a plain text."""
    if kind == "table":
        from clearway.ledger.documents.table import open_table

        return open_table(text, name, faults)
    text = clean(text)
    return (
        [Document(text=text, kind=kind, title=path_title(name), file=name)] if check_length(text, name, faults) else []
    )


def path_title(name: str) -> str:
    """A file's name without its end: what a plain text calls itself."""
    return Path(name).stem


def open_xml(data: bytes, name: str, faults: FaultLog, encoding: str | None) -> list[Document]:
    """XML by its root: an alert or a feed."""
    from clearway.ledger.documents.cap import open_cap
    from clearway.ledger.documents.feed import open_feed
    from clearway.ledger.documents.xml import declared_in_xml, parse_xml

    text = decode(data, name, faults, declared_in_xml(data), encoding)
    root = None if text is None else parse_xml(text, name, faults)
    if root is None:
        return []
    if root.name == "alert":
        return open_cap(root, name, faults)
    if root.name in ("rss", "RDF", "feed"):
        return open_feed(root, name, faults)
    if root.name == "html":
        from clearway.ledger.documents.html import open_html

        return open_html(data, name, faults, encoding)
    faults.add(name, f"is XML with the root {show(root.name)}, expected alert (CAP 1.2), rss or feed (Atom)", root.row)
    return []
