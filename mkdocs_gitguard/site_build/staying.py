"""What a process that stays knows of its last build, so that the next one makes less anew."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.assembly.kept_parts import KeptParts
from mkdocs_gitguard.graph_api import KeptPlans
from mkdocs_gitguard.harvest.kept_readings import KeptReadings
from mkdocs_gitguard.harvest.sources import Sources
from mkdocs_gitguard.model.kept_work import KeptWork
from mkdocs_gitguard.site_build.event_facts import KeptEvents
from mkdocs_gitguard.site_build.keep import load, save
from mkdocs_gitguard.site_build.kept_status import KeptStatus
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.state_folder import unwatched_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from mkdocs_gitguard.harvest import HarvestOptions
    from mkdocs_gitguard.harvest.run import RunState
    from mkdocs_gitguard.portal.traces import Values
    from mkdocs_gitguard.site_build.keep import Memory


_KEPT_EVERY: Final = 30.0
"""Seconds between two times that a process which stays keeps its memory of pages, megabytes of it."""


@dataclass
class LastBuild:
    """Of one plugin and site. A process of one build knows the memory alone, which it reads."""

    stays: bool = False
    """Whether the process will build the site again and asks for the short path: see `plugins/short_path.py`."""
    look_at: frozenset[str] | None = None
    """Node ids of the repositories that may have moved since; None: any may have. Set by who has the next one built."""
    read_at: datetime | None = None
    """When the repositories were read."""
    named: tuple[HarvestOptions | None, Sources] = (None, Sources((), (), {}))
    """What the site's entries give, and the options that it was found by."""
    readings: KeptReadings[RunState] = field(default_factory=KeptReadings)
    """Of the repositories."""
    events: KeptEvents = field(default_factory=KeptEvents)
    """What events say."""
    memory: Memory | None = None
    """What the pages were made of."""
    is_news: bool = False
    """Whether `memory` differs from what the build before has left."""
    values: Values | None = None
    """The answers that went into `memory`, where this process gave them."""
    parts: KeptParts = field(default_factory=KeptParts)
    """What was put together of each repository."""
    work: KeptWork = field(default_factory=KeptWork)
    """What was worked out of the graph."""
    plans: KeptPlans = field(default_factory=KeptPlans)
    """Of the Graph API's files."""
    status: KeptStatus = field(default_factory=KeptStatus)
    """What its pages of the rollout, of service levels and of drills have shown."""
    served: tuple[str, ...] = ()
    """Folder, phase, settings and repositories of the last build of a `serve`."""
    _due: tuple[Path, Path] | None = None
    _kept_at: float = float("-inf")

    @classmethod
    def none(cls, *, is_followed: bool) -> LastBuild:
        """Return what is known before the first build; `is_followed`: this process may build the site again."""
        return cls(work=KeptWork(is_kept=is_followed))

    @property
    def is_followed(self) -> bool:
        """Whether this process may build the site again; what only that needs is not worth its memory otherwise."""
        return self.work.is_kept

    def follows(self, served: tuple[str, ...]) -> bool:
        """Tell whether a build of a `serve` is of the same as the last one, which has no record.

        Their folder is empty at first, and theirs alone.
        """
        before, self.served = self.served, served
        return before == served

    def keep_memory(self, site: Path, state_folder: Path) -> None:
        """Keep the memory for the next process; one that stays does so now and then, and with `keep_due`.

        An older memory is safe: a page that was made since is not as that one left it, and is made again.
        """
        self._due = site, state_folder
        if self.memory is None or not self.stays or time.monotonic() - self._kept_at >= _KEPT_EVERY:
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


def unwatched_state(state: Path, watched: Sequence[str]) -> Path:
    """Return where caches live while MkDocs serves: below nothing whose change makes it build again."""
    unwatched = unwatched_folder(state, watched)
    if unwatched != state:
        log.info("%s is watched; while the site is served, its state is kept in %s.", state, unwatched)
    return unwatched
