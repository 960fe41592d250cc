"""A document as it was opened: its plain text, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clearway.ledger.reports import Report

__all__ = ["Area", "Circle", "Document", "Polygon"]

Polygon = tuple[tuple[float, float], ...]
"""Corners as (latitude, longitude) in degrees, WGS 84; the last is the first."""

Circle = tuple[float, float, float]
"""Latitude, longitude in degrees; radius in kilometres."""


@dataclass(frozen=True, slots=True)
class Area:
    """Where an alert applies, in its own words and shapes."""

    description: str
    polygons: tuple[Polygon, ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()  # the code's list, the code


@dataclass(frozen=True, slots=True)
class Document:
    """
    One document of an outside file.

    Attributes
    ----------
    text
        Plain text: lines end with a newline, no control characters. What spans count in.
    kind
        `text`, `html`, `email`, `cap`, `feed` or `table`.
    title, outlet, author, url
        What it says of itself; empty where it does not say.
    published
        With offset; None where it does not say, or not in a way that can be read. Nothing is guessed.
    language
        BCP 47 tag; empty where it does not say.
    areas
        Where it applies (CAP alerts).
    file
        Where it was read from; for files of several documents with the line it begins at.
    notes
        What was left out or could not be read, in words.
    """

    text: str
    kind: str
    title: str = ""
    outlet: str = ""
    author: str = ""
    published: datetime | None = None
    language: str = ""
    url: str = ""
    areas: tuple[Area, ...] = ()
    file: str = ""
    notes: tuple[str, ...] = ()

    def as_report(self, report_id: str, received: datetime, entered_by: str) -> Report:
        """The document as a report of the ledger; its language is English where it does not say."""
        return Report(
            report_id=report_id,
            text=self.text,
            received=received,
            entered_by=entered_by,
            title=self.title,
            outlet=self.outlet,
            author=self.author,
            published=self.published,
            url=self.url,
            language=self.language or "en",
        )
