"""Clearway plans, proves, tests and runs the evacuation of civilians."""

__version__ = "0.1.0"
