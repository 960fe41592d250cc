"""The text of a web page: what a reader sees. Scripts, styles, menus and hidden parts are dropped."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from clearway.faults import FaultLog
from clearway.ledger.documents.document import Document
from clearway.ledger.documents.source import check_length, clean, decode, moment

__all__ = ["EndlessPageError", "declared_charset", "open_html", "text_of_html"]

DROPPED = frozenset(
    re.findall(
        r"\w+",
        "script style noscript template svg math iframe object embed applet canvas form nav aside footer dialog button "
        "select textarea audio video map menu",
    )
)
"""Elements with nothing that the page itself tells."""

VOID = frozenset(re.findall(r"\w+", "area base br col embed hr img input link meta param source track wbr"))
BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "p div section article main header h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table tr blockquote pre figure "
        "figcaption hr br address title body",
    )
)
"""Elements that begin a new line."""

MAX_PAGE = 5_000_000  # characters with markup; beyond 10 million libxml2 itself gives up. Assumption
MAX_ELEMENTS = 200_000

HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0", re.IGNORECASE)
CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
SPACES = re.compile(r"[^\S\n]+")


class EndlessPageError(Exception):
    """A page of more elements or characters than anybody writes."""


class Page:
    """What a parser finds in a page: a target for lxml's event interface, so that no tree is built."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.title: list[str] = []
        self.meta: dict[str, str] = {}
        self.language = ""
        self.url = ""
        self._in_title = False
        self._dropping = ""  # the element that is being dropped with all that is in it
        self._depth = 0
        self._n_elements = 0

    def start(self, tag: str, attributes: Any) -> None:
        """An element begins."""
        self._n_elements += 1
        if self._n_elements > MAX_ELEMENTS:
            raise EndlessPageError(f"has more than {MAX_ELEMENTS:,} elements; save the article as plain text")
        if self._dropping:
            self._depth += tag == self._dropping
            return
        if tag in DROPPED or (tag not in VOID and is_hidden(attributes)):
            self._dropping, self._depth = tag, 1
            return
        if tag == "title":
            self._in_title = True
        elif tag == "html":
            self.language = attributes.get("lang", "")[:35]
        elif tag == "meta":
            name = (attributes.get("property") or attributes.get("name") or "").casefold()
            self.meta.setdefault(name, attributes.get("content", ""))
        elif tag == "link" and attributes.get("rel", "").casefold() == "canonical":
            self.url = attributes.get("href", "")
        if tag in BLOCKS:
            self.pieces.append("\n")

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._dropping:
            self._depth -= tag == self._dropping
            if not self._depth:
                self._dropping = ""
            return
        if tag == "title":
            self._in_title = False
        if tag in BLOCKS:
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")

    def data(self, text: str) -> None:
        """Text."""
        if self._dropping:
            return
        (self.title if self._in_title else self.pieces).append(text.replace("\n", " "))

    def comment(self, text: str) -> None:
        """A comment: nobody reads it."""

    def pi(self, target: str, data: str | None = None) -> None:
        """A processing instruction: nobody reads it."""

    def close(self) -> Page:
        """The page is read."""
        return self

    @property
    def text(self) -> str:
        """The lines of the page, one per block."""
        joined = SPACES.sub(" ", "".join(self.pieces))
        return "\n".join(line.strip() for line in joined.split("\n") if line.strip())


def is_hidden(attributes: Any) -> bool:
    """Whether a reader does not see the element."""
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden", "").casefold() == "true"
        or HIDDEN.search(attributes.get("style", "")) is not None
    )


def read_page(text: str) -> Page:
    """
    A page's parts. libxml2 is linear in the length of what it reads, however broken; no entity reaches outside.

    Raises EndlessPageError.
    """
    if len(text) > MAX_PAGE:
        raise EndlessPageError(f"has {len(text):,} characters, expected {MAX_PAGE:,} at most; save it as plain text")
    parser = etree.HTMLParser(target=Page(), no_network=True, huge_tree=False, recover=True)
    # UTF-8 in, so that no declared encoding counts a second time; the wrapper, so that a bare text is no fault
    parser.feed(b"<?xml encoding='utf-8'?>" + text.encode("utf-8", "replace"))
    page: Page = parser.close()
    return page


def text_of_html(text: str) -> str:
    """The plain text of a piece of HTML, as feeds and e-mails hold it. Raises EndlessPageError."""
    return clean(read_page(text).text) if text.strip() else ""


def declared_charset(data: bytes) -> str | None:
    """The character set that a page declares in its first 1,024 bytes, as the HTML standard has it."""
    found = CHARSET.search(data[:1024])
    return found[1].decode("ascii") if found else None


def open_html(data: bytes, file: str, faults: FaultLog, given: str | None = None) -> list[Document]:
    """A web page as one document."""
    text = decode(data, file, faults, declared_charset(data), given)
    if text is None:
        return []
    try:
        page = read_page(text)
    except EndlessPageError as error:
        faults.add(file, str(error))
        return []
    body = clean(page.text)
    if not check_length(body, file, faults):
        return []
    dates = (page.meta.get(name, "") for name in ("article:published_time", "datepublished", "date", "dc.date"))
    said = next((each for each in dates if each), "")
    published = moment(said)
    notes = (f"its date {said[:60]!r} has no offset or cannot be read: left open",) if said and not published else ()
    return [
        Document(
            text=body,
            kind="html",
            title=one_line(page.meta.get("og:title") or "".join(page.title)),
            outlet=one_line(page.meta.get("og:site_name", "")),
            author=one_line(page.meta.get("author", "")),
            published=published,
            language=page.language,
            url=one_line(page.meta.get("og:url") or page.url),
            file=file,
            notes=notes,
        )
    ]


def one_line(text: str) -> str:
    """A short text on one line."""
    return " ".join(clean(text).split())[:500]
