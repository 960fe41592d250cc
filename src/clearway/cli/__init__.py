"""The command line. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import sys

INTERRUPTED = 130  # what shells say of a program that SIGINT ended: 128 + 2


def main() -> None:
    """Run the command line."""
    try:
        from clearway.cli.interrupts import wait_for_kernels

        wait_for_kernels()
        from clearway.cli.app import app
    except KeyboardInterrupt:  # before there is anything to end well
        sys.exit(INTERRUPTED)
    app()


__all__ = ["main"]
