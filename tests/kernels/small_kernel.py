"""A kernel that compiles at once, for the tests of how kernels are called."""

from clearway.kernels.compiled import without_counting


@without_counting()
def total(numbers):
    """The sum of int64[n]."""
    result = 0
    for i in range(len(numbers)):
        result += numbers[i]
    return result
