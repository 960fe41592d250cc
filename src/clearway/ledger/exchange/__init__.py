"""Ledgers as files: JSON Lines (lossless), CSV with HXL tags (claims as a table), PROV-JSON (who said what to whom)."""
