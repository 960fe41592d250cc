"""What is said, by whom, and what follows for the roads: attributed reports and claims, kept apart from what is so."""
