"""
Memory that is needed soon is asked for before it is: it comes while other things are done.

On `anaheim` the traffic kernels waited an eighth of their time for the next platoon and the next gaps.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload
from numba.np.arrayobj import make_array

READ, SOON, DATA = 0, 3, 1  # what LLVM's prefetch is told


def fetch(rows, index):
    """Let the row of a table, or what begins with a number of an array, come into the processor's cache meanwhile."""


@intrinsic
def _fetch(typing_context, rows, index):  # noqa: ARG001
    size = rows.dtype.size if isinstance(rows.dtype, types.Record) else rows.dtype.bitwidth // 8

    def generate(context, builder, signature, arguments):
        begin = make_array(signature.args[0])(context, builder, arguments[0]).data
        offset = builder.mul(arguments[1], context.get_constant(types.intp, size))
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        at = builder.bitcast(cgutils.pointer_add(builder, begin, offset), byte)
        builder.call(prefetch, [at, number(READ), number(SOON), number(DATA)])
        return context.get_dummy_value()

    return types.none(rows, types.intp), generate


@overload(fetch, jit_options={"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True})
def _fetch_compiled(rows, index):  # noqa: ARG001
    return lambda rows, index: _fetch(rows, index)  # noqa: PLW0108
