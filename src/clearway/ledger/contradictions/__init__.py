"""Claims that cannot both hold, or cannot both be followed: each pair with its kind, its strength and the reason."""

from clearway.ledger.contradictions.find import against, contradictions
from clearway.ledger.contradictions.kinds import Contradiction, Kind, Strength, Windows

__all__ = ["Contradiction", "Kind", "Strength", "Windows", "against", "contradictions"]
