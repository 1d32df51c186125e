"""Reads the facts: the only room that touches repositories, through `harvest.git`."""

from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.portfolio import HarvestResult, harvest
from mkdocs_gitguard.harvest.progress import Progress

__all__ = ["HarvestOptions", "HarvestResult", "Progress", "harvest"]
