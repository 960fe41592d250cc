"""
Ctrl-C in programs that tests start.

A shell starts what it runs in the background with SIGINT ignored, and programs inherit that: a test must not depend on
who has started it.
"""

HEEDS_INTERRUPTS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # before any other code
