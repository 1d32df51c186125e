"""Drills: faults brought on in a sandbox, and the proof that the system gets over them.

A drill is a class in `chaos/drills/` (`trial.Trial`: prepare, disturb, recover, tally) with a line in `DRILLS`. It is
run as a Chaos Toolkit experiment (`experiment.py`) in a process and a folder of its own (`run.py`), and has passed by
our own rule (`verdict.py`). Whoever wants to see a drill fail swaps a part of the system for a broken one:
`run_drill(swap=…)`, a hook for tests alone.
"""
