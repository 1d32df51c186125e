"""What a process that stays knows of its last build, so that the next one makes less anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from mkdocs_gitguard.model.kept_work import KeptWork
from mkdocs_gitguard.site_build.kept_status import KeptStatus
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.state_folder import unwatched_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mkdocs_gitguard.site_build.known_pages import KnownPages
    from mkdocs_gitguard.site_build.known_reading import KnownReading


@dataclass
class LastBuild:
    """Of one plugin and site. A process of one build knows the memory alone, which it reads.

    What reads repositories and makes pages is loaded when it is asked for: a site that stands needs neither.
    """

    stays: bool = False
    """Whether the process will build the site again and asks for the short path: see `plugins/short_path.py`."""
    look_at: frozenset[str] | None = None
    """Node ids of the repositories that may have moved since; None: any may have. Set by who has the next one built."""
    work: KeptWork = field(default_factory=KeptWork)
    """What was worked out of the graph."""
    status: KeptStatus = field(default_factory=KeptStatus)
    """What its pages of the rollout, of service levels and of drills have shown."""
    served: tuple[str, ...] = ()
    """Folder, phase, settings and repositories of the last build of a `serve`."""

    @classmethod
    def none(cls, *, is_followed: bool) -> LastBuild:
        """Return what is known before the first build; `is_followed`: this process may build the site again."""
        return cls(work=KeptWork(is_kept=is_followed))

    @cached_property
    def reading(self) -> KnownReading:
        """What was read of repositories and events."""
        from mkdocs_gitguard.site_build.known_reading import KnownReading  # noqa: PLC0415

        return KnownReading()

    @cached_property
    def pages(self) -> KnownPages:
        """What the pages were made of."""
        from mkdocs_gitguard.site_build.known_pages import KnownPages  # noqa: PLC0415

        return KnownPages()

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


def unwatched_state(state: Path, watched: Sequence[str]) -> Path:
    """Return where caches live while MkDocs serves: below nothing whose change makes it build again."""
    unwatched = unwatched_folder(state, watched)
    if unwatched != state:
        log.info("%s is watched; while the site is served, its state is kept in %s.", state, unwatched)
    return unwatched
