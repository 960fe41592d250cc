"""A report: one document as it was received, with who wrote it, who passed it on and who entered it."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

__all__ = ["Report", "content_hash"]


def content_hash(text: str) -> str:
    """SHA-256 of a report's text as UTF-8, in lower-case hexadecimal."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Report:
    """
    One document as it was received.

    Attributes
    ----------
    report_id
        Its name in the ledger, unique.
    title
        What the document calls itself; may be empty.
    text
        The plain text that the spans of its claims count in (code points).
    sha256
        Hash of `text`, so that the same document entered twice is seen.
    outlet, author
        Who published and who wrote it; empty where it does not say.
    published
        When it was published, with offset; None where it does not say. Nothing is guessed: relative dates
        ("on Thursday") of an undated report stay unresolved.
    received
        When it reached the one who entered it, with offset.
    entered_by
        The role of the one who entered it ("duty desk"); no name of a private person is needed.
    url
        Where it was found; may be empty.
    language
        BCP 47 tag of the text.
    """

    report_id: str
    text: str
    received: datetime
    entered_by: str
    title: str = ""
    outlet: str = ""
    author: str = ""
    published: datetime | None = None
    url: str = ""
    language: str = "en"
    sha256: str = ""

    def __post_init__(self) -> None:
        if self.received.tzinfo is None or (self.published is not None and self.published.tzinfo is None):
            raise ValueError("received and published need an offset from UTC")
        if not self.sha256:
            object.__setattr__(self, "sha256", content_hash(self.text))
