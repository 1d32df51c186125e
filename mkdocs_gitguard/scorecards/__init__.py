"""Scorecards: checks that a site writes as data, judged by the facts of the snapshot. Pure functions."""
