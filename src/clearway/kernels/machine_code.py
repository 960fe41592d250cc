"""
Kernels called without Numba: what it has made of a kernel once is kept on disk and goes on without it.

A process that imports Numba and calls one kernel that it has cached uses 130 MB more than NumPy alone, and a second of
processor time. What LLVM needs to load the same machine code is 45 MB and a tenth of a second. So Numba is imported
where a kernel is compiled, once on a machine, and in no later run.

Kernels called like this allocate nothing (`clearway.kernels.compiled.without_counting`) and return an int64.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
DIGEST_BYTES = 32  # of SHA-256
KNOWN_OUTSIDE = ("llvm.", "memcpy", "memmove", "memset")  # what machine code may call that is not its own


class MachineCode:
    """
    A kernel by the names of its module and function; called like the function itself.

    Arguments are integers, floats, C-contiguous arrays and named tuples of them. It is compiled for the types of the
    arrays in the first call of that kind.
    """

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name
        self._known: dict[tuple[str, ...], Callable[..., int] | None] = {}

    def __call__(self, *arguments: Any) -> int:
        return self.on()(*arguments)

    def on(self, *tables: Any) -> Callable[..., int]:
        """The kernel with its last arguments given once, for many calls; it keeps them."""
        if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):  # plain Python, as Numba itself would have it
            plain = getattr(importlib.import_module(self.module), self.name)
            return lambda *first: int(plain(*first, *tables))
        given = flat(tables)

        def call(*first: Any) -> int:
            kinds, values = flat(first)
            key = kinds + given[0]
            if key not in self._known:
                self._known[key] = self._load(key, (*first, *tables))
            found = self._known[key]
            if found is None:
                return int(self._by_numba(*first, *tables))
            result, fault = ctypes.c_int64(), ctypes.c_void_p()
            if found(ctypes.byref(result), ctypes.byref(fault), *values, *given[1]) != 0:
                raise AssertionError(f"{self.module}.{self.name} has failed")
            return result.value

        return call

    @cached_property
    def _by_numba(self) -> Callable[..., int]:
        """The kernel as Numba itself calls it."""
        from numba import njit

        kernel: Callable[..., int] = njit(_nrt=False, error_model="numpy")(
            getattr(importlib.import_module(self.module), self.name).py_func
        )
        return kernel

    def _load(self, kinds: tuple[str, ...], arguments: tuple[Any, ...]) -> Callable[..., int] | None:
        """
        The kernel for arguments of these kinds: from disk, else compiled and put there.

        None where this Numba does not give its machine code away: how it is asked for it is no part of its interface.
        """
        key = hashlib.sha256("\n".join((state_of_sources(), *kinds)).encode()).hexdigest()[:32]
        file = f"{self.module.rpartition('.')[2]}.{self.name}-{key}.code"
        try:
            symbol, code = read_code(file) or self._compile(file, arguments)
        except (AttributeError, ImportError, TypeError):
            return None
        engine().add_object_file(_binding().ObjectFileRef.from_data(code))
        engine().finalize_object()
        prototype = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *arguments_of(kinds))
        found: Callable[..., int] = prototype(engine().get_function_address(symbol))
        return found

    def _compile(self, file: str, arguments: tuple[Any, ...]) -> tuple[str, bytes]:
        """Symbol and machine code of the kernel; kept where there is a place for it."""
        dispatcher = getattr(importlib.import_module(self.module), self.name)
        made = dispatcher._compiler.compile(tuple(numba_type(argument) for argument in arguments), None)
        symbol: str = made.fndesc.llvm_func_name
        outside = [f.name for f in made.library._final_module.functions if f.is_declaration]
        strange = [name for name in outside if not name.startswith(KNOWN_OUTSIDE)]
        if strange:
            raise AssertionError(f"{self.module}.{self.name} calls {', '.join(strange)}")
        code: bytes = made.library._get_compiled_object()
        write_code(file, symbol, code)
        return symbol, code


def flat(arguments: tuple[Any, ...]) -> tuple[tuple[str, ...], tuple[int | float, ...]]:
    """
    Arguments as kernels take them, and of what kinds they are.

    An array is no owner, no parent, items, item size, address, shape and strides: how Numba lays out its own calls.
    """
    kinds: list[str] = []
    values: list[int | float] = []
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            if not argument.flags.c_contiguous:
                raise AssertionError("kernels take contiguous arrays")
            kinds.append(kind_of(argument.dtype, argument.ndim))
            values += (0, 0, argument.size, argument.itemsize, argument.ctypes.data, *argument.shape, *argument.strides)
        elif isinstance(argument, tuple):
            parts = flat(argument)
            kinds += (f"({type(argument).__name__}", *parts[0], ")")
            values += parts[1]
        else:
            kinds.append("float" if isinstance(argument, float) else "int")
            values.append(float(argument) if isinstance(argument, float) else int(argument))
    return tuple(kinds), tuple(values)


@cache
def kind_of(row: np.dtype[Any], n_dimensions: int) -> str:
    """The name of arrays of such rows."""
    return f"{row.str if row.names is None else row.descr}{n_dimensions}"


def arguments_of(kinds: tuple[str, ...]) -> Iterator[type]:
    """The C type of each value that `flat` makes of arguments of these kinds."""
    for kind in kinds:
        if kind in ("float", "int"):
            yield ctypes.c_double if kind == "float" else ctypes.c_int64
        elif kind[0] not in "()":
            yield from (ctypes.c_int64,) * (5 + 2 * int(kind[-1]))


def numba_type(argument: Any) -> Any:
    """The type for which Numba compiles an argument."""
    from numba.core import types
    from numba.core.types.containers import BaseTuple
    from numba.np.numpy_support import from_dtype

    if isinstance(argument, np.ndarray):
        return types.Array(from_dtype(argument.dtype), argument.ndim, "C")
    if isinstance(argument, tuple):
        return BaseTuple.from_types([numba_type(part) for part in argument], type(argument))
    return types.float64 if isinstance(argument, float) else types.int64


# -- on disk ---------------------------------------------------------------------------------------------------------


def places() -> list[Path]:
    """Folders that may hold machine code, the best first: where Numba is told to, beside the kernels, the user's."""
    told = os.environ.get("NUMBA_CACHE_DIR")
    own = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "clearway"
    return [Path(told)] if told else [HERE / "__pycache__", own]


def read_code(file: str) -> tuple[str, bytes] | None:
    """Symbol and machine code of a file that is there and whole."""
    for place in places():
        try:
            content = (place / file).read_bytes()
        except OSError:
            continue
        digest, body = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
        if hashlib.sha256(body).digest() == digest:
            symbol, _, code = body.partition(b"\n")
            return symbol.decode(), code
    return None


def write_code(file: str, symbol: str, code: bytes) -> None:
    """Keep machine code in the first place that can be written to, whole or not at all; nowhere is no fault."""
    body = symbol.encode() + b"\n" + code
    for place in places():
        try:
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=place, delete=False) as part:
                part.write(hashlib.sha256(body).digest() + body)
            made = Path(part.name)
            made.chmod(0o644)
            made.replace(place / file)
        except OSError:
            continue
        return


@cache
def state_of_sources() -> str:
    """What machine code depends on besides the types of arguments: the kernels, Numba, LLVM, the processor."""
    text = hashlib.sha256()
    for path in sorted(HERE.glob("*.py")):
        text.update(path.read_bytes())
    llvm = _binding()
    parts = (text.hexdigest(), version("numba"), str(llvm.llvm_version_info), sys.byteorder, llvm.get_default_triple())
    return "\n".join((*parts, llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()))


# -- LLVM ------------------------------------------------------------------------------------------------------------


def _binding() -> Any:
    """LLVM's Python module, imported where it is needed."""
    from llvmlite import binding

    return binding


@cache
def engine() -> Any:
    """What holds this process's machine code."""
    llvm = _binding()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True, codemodel="jitdefault")
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
