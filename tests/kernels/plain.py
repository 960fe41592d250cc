"""Kernels as plain Python, whether or not they are compiled (``NUMBA_DISABLE_JIT=1``: they are not)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def plain(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The function behind a compiled kernel."""
    return getattr(kernel, "py_func", kernel)
