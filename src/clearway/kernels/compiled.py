"""How kernels that move single things through many arrays are compiled."""

from functools import partial

from numba import njit

without_counting = partial(njit, _nrt=False, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""
`numba.njit` without reference counts, for functions that allocate nothing, and without what Python needs to call them:
other kernels without counting do, or `clearway.kernels.machine_code`. A kernel that counts must not: it crashed.

Arrays that travel in named tuples are counted at every access otherwise: the traffic kernels ran 13 times slower
(0.92 s against 0.07 s for the example). ``_nrt`` is numba's own switch for it.
"""

entered = partial(njit, cache=True, _nrt=False, error_model="numpy")
"""The same, for kernels that Python calls: cached by Numba. What they call may be of either kind."""

inlined = partial(without_counting, forceinline=True)
"""
The same for what other kernels call: put in the place of the call.

A call hands over every array of the named tuples anew, some kilobytes: without it the traffic kernels took twice as
long (98 ms against 51 ms for `anaheim` with everybody's own choice of way).
"""

inlined_counting = partial(njit, forceinline=True)
"""
For what kernels that count call, in the place of the call: no array is handed over, no slice of one made and counted.
"""
