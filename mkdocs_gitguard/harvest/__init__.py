"""Reads the facts: the only room that touches repositories, through `harvest.git`."""

from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.progress import Progress
from mkdocs_gitguard.harvest.run import HarvestResult, harvest

__all__ = ["HarvestOptions", "HarvestResult", "Progress", "harvest"]
