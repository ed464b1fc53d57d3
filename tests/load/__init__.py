"""The benchmarks: `make bench` measures every promise of speed and prints one table.

They are no tests: no time is asserted. A run fails only when the work was not done right.
"""
