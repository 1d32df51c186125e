"""Reads the facts: the only room that touches repositories, through `harvest.git`."""
