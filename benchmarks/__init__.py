"""Measurements against peers, each runnable as `python -m benchmarks.NAME`."""
