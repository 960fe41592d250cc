"""How kernels that move single things through many arrays are compiled."""

from functools import partial

from numba import njit

without_counting = partial(njit, cache=True, _nrt=False)
"""
`numba.njit` without reference counts, for functions that allocate nothing.

Arrays that travel in named tuples are counted at every access otherwise: the traffic kernels ran 13 times slower
(0.92 s against 0.07 s for the example). ``_nrt`` is numba's own switch for it.
"""
