"""The command line. Nothing heavy is imported before a command needs it."""

from clearway.cli.app import main

__all__ = ["main"]
