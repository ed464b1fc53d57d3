"""The benchmarks: `make bench` measures every promised speed and prints one table.

They are not tests: no time is asserted. A run fails only if the work itself was done wrong.
"""
