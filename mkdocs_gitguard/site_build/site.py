"""A site that has been read: the snapshot, the flags, and what to watch for changes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_gitguard.model import NO_EVENTS, EventFacts, Flags, Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mkdocs_gitguard.model.dashboards import SlowRepository
    from mkdocs_gitguard.model.log_state import LogState
    from mkdocs_gitguard.rollout.settings import Settings
    from mkdocs_gitguard.site_build.budget import Budget


class Site(NamedTuple):
    """All that a build needs to know."""

    snapshot: Snapshot
    settings: Settings
    budget: Budget
    watch: tuple[Path, ...] = ()
    """Files and folders whose change means that the repositories have moved."""
    shown: tuple[str, ...] = ()
    """Node ids of the repositories that the phase shows, those among them that could not be read."""
    events: EventFacts = NO_EVENTS
    """What events say of what the phase shows."""
    log_state: LogState | None = None
    """How the event log was; None: nobody asked, or there is none."""
    slowest: tuple[SlowRepository, ...] = ()
    """The repositories that took longest to read."""
    durations: Mapping[str, float] = MappingProxyType({})
    """Seconds that `harvest` and `assemble` took; nothing of what was read from a snapshot."""
    key: bytes = b""
    """Digest of all that snapshot and events are made of; `b""`: there is none, or not all could be put together."""

    @property
    def selected(self) -> int:
        """How many repositories the phase shows."""
        return len(self.shown)

    @property
    def flags(self) -> Flags:
        """Which views are on."""
        return self.settings.flags
