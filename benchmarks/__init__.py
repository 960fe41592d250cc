"""Quality and speed of the planner beside its peers; apart from the package and its tests. `python -m benchmarks.run`."""
