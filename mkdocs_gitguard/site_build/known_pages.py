"""What is known of the pages that the last build of a site has left, by this process or an earlier one."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.graph_api import KeptPlans
from mkdocs_gitguard.site_build.keep import load, save

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_gitguard.portal.traces import Values
    from mkdocs_gitguard.site_build.keep import Memory


_KEPT_EVERY: Final = 30.0
"""Seconds between two times that a process which stays keeps its memory of pages, megabytes of it."""


@dataclass
class KnownPages:
    """Of one site."""

    memory: Memory | None = None
    """What the pages were made of."""
    is_news: bool = False
    """Whether `memory` differs from what the build before has left."""
    values: Values | None = None
    """The answers that went into `memory`, where this process gave them."""
    plans: KeptPlans = field(default_factory=KeptPlans)
    """Of the Graph API's files."""
    _due: tuple[Path, Path] | None = None
    _kept_at: float = float("-inf")

    def keep_memory(self, site: Path, state_folder: Path, *, stays: bool) -> None:
        """Keep the memory for the next process; one that stays does so now and then, and with `keep_due`.

        An older memory is safe: a page that was made since is not as that one left it, and is made again.
        """
        self._due = site, state_folder
        if self.memory is None or not stays or time.monotonic() - self._kept_at >= _KEPT_EVERY:
            self.keep_due()

    def keep_due(self) -> None:
        """Keep the memory, if the one that is kept is older."""
        if self._due is not None:
            save(self.memory, *self._due)
            self._due, self._kept_at = None, time.monotonic()

    def take_up(self, site: Path, state_folder: Path, *, is_void: bool) -> None:
        """Take up what is remembered of the last build of a site, by this process or an earlier one.

        Args:
            site: the folder of the site.
            state_folder: where memories are.
            is_void: whether every page is to be made, whatever still holds.
        """
        if is_void:
            self.memory = None
        elif self.memory is None or self.memory.site != str(site):
            self.memory, self.values = load(site, state_folder), None
