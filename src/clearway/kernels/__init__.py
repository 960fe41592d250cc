"""Compiled kernels: arrays and numbers in, arrays and numbers out. Names, units and checks live above."""
