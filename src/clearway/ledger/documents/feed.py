"""RSS and Atom feeds saved to disk: one document for each item."""

from __future__ import annotations

from clearway.faults import FaultLog
from clearway.ledger.documents.document import Document
from clearway.ledger.documents.html import EndlessPageError, text_of_html
from clearway.ledger.documents.source import check_length, clean, moment
from clearway.ledger.documents.xml import Element

__all__ = ["open_feed"]

MAX_ITEMS = 5_000
BODIES = ("encoded", "content", "description", "summary")
"""Where an item's text stands (content:encoded, Atom, RSS, Atom), the fullest first."""


def open_feed(root: Element, file: str, faults: FaultLog) -> list[Document]:
    """The items of RSS 2.0, RSS 1.0 (RDF) or Atom 1.0 (RFC 4287), in their order."""
    channel = root.first("channel") or root
    items = [*channel.all("item"), *(root.all("item") if channel is not root else ()), *root.all("entry")]
    if not items:
        faults.add(file, "holds no item, expected <item> or <entry>", root.row)
    if len(items) > MAX_ITEMS:
        faults.add(file, f"has {len(items):,} items, expected {MAX_ITEMS:,} at most; split it", root.row)
        return []
    outlet = " ".join(clean(channel.of("title")).split())[:500]
    language = channel.of("language") or root.attributes.get("lang", "")
    documents = []
    for item in items:
        try:
            found = item_document(item, outlet, language, file)
        except EndlessPageError as error:
            faults.add(file, f"an item {error}", item.row, item.name)
            continue
        if check_length(found.text, file, faults, item.row, item.name):
            documents.append(found)
    return documents


def item_document(item: Element, outlet: str, language: str, file: str) -> Document:
    """An item: its title, then its text without markup."""
    title = " ".join(text_of_html(item.of("title")).split())[:500]
    body = next((text for text in (body_of(item, name) for name in BODIES) if text), "")
    said = next((item.of(name) for name in ("pubDate", "published", "date", "updated") if item.of(name)), "")
    published = moment(said)
    author = item.first("author")
    name = (author.of("name") or author.text) if author is not None else item.of("creator")
    link = item.first("link")
    return Document(
        text=clean("\n".join(filter(None, [title, body]))),
        kind="feed",
        title=title,
        outlet=outlet,
        author=" ".join(clean(name).split())[:500],
        published=published,
        language=(item.attributes.get("lang") or language)[:35],
        url=clean((link.text or link.attributes.get("href", "")) if link is not None else "")[:2000],
        file=f"{file}:{item.row}",
        notes=(f"its date {said[:60]!r} has no offset or cannot be read: left open",) if said and not published else (),
    )


def body_of(item: Element, name: str) -> str:
    """The text of a part of an item; XHTML inside Atom is read too."""
    child = item.first(name)
    if child is None:
        return ""
    return text_of_html(child.text) if not child.children else clean(all_text(child))


def all_text(element: Element) -> str:
    """The text of an element and of all in it (the tree is at most 100 deep)."""
    if element.name in ("script", "style"):
        return ""
    return " ".join(filter(None, [element.text, *(all_text(child) for child in element.children)]))
