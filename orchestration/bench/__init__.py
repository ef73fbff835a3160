"""Benchmarks of our own work against a floor measured in the same run: ratios of CPU time, wall time beside them."""
