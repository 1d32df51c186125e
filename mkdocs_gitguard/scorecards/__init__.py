"""Scorecards: checks that a site writes as data, judged by the facts of the snapshot. Pure functions."""

from typing import Final

CHECKS: Final = "scorecards"
"""Folder of checks in `config`."""
