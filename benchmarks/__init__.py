"""Quality and speed of the planner beside its peers; apart from the package and tests. `python -m benchmarks.run`."""
