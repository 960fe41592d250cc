"""Reading: from a report's text to proposed claims, by rules over a parse or over the words alone."""

from clearway.ledger.reading.places import Gazetteer, Place
from clearway.ledger.reading.read import Mode, Reader, read_report

__all__ = ["Gazetteer", "Mode", "Place", "Reader", "read_report"]
