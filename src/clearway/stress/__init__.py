"""Many futures of one plan: who gets out, when it fails, and what to prepare."""
