"""Ctrl-C that waits while Numba loads or compiles a kernel: an exception raised in there leaves Numba half made up."""

from __future__ import annotations

import _thread
import signal
import threading
from types import FrameType

AGAIN_S = 0.02  # until it is tried again
NOT_IN = ("numba", "llvmlite")  # packages whose Python is not to be interrupted


def wait_for_kernels() -> None:
    """From now on a Ctrl-C waits for Numba. For the main thread only; whoever ignores Ctrl-C goes on doing so."""
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt where that does no harm, else come back."""
    while frame is not None:
        if str(frame.f_globals.get("__name__")).partition(".")[0] in NOT_IN:
            again = threading.Timer(AGAIN_S, _thread.interrupt_main)
            again.daemon = True
            again.start()
            return
        frame = frame.f_back
    raise KeyboardInterrupt
