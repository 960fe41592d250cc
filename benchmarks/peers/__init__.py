"""What people would use instead: the exact time-expanded search and greedy route reservation."""
