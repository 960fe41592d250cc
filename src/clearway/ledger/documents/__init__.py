"""Outside documents, opened with care: plain text and what they say of themselves; nothing in them is ever run."""

from clearway.ledger.documents.document import Area, Circle, Document, Polygon
from clearway.ledger.documents.open import open_documents

__all__ = ["Area", "Circle", "Document", "Polygon", "open_documents"]
