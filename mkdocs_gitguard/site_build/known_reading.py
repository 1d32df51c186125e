"""What a process that stays knows of the repositories and events that it has read, so that it reads less anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mkdocs_gitguard.assembly.kept_parts import KeptParts
from mkdocs_gitguard.harvest.kept_readings import KeptReadings
from mkdocs_gitguard.harvest.sources import Sources
from mkdocs_gitguard.site_build.event_facts import KeptEvents

if TYPE_CHECKING:
    from datetime import datetime

    from mkdocs_gitguard.harvest.options import HarvestOptions
    from mkdocs_gitguard.harvest.run import RunState


@dataclass
class KnownReading:
    """Of one site."""

    at: datetime | None = None
    """When the repositories were read."""
    named: tuple[HarvestOptions | None, Sources] = (None, Sources((), (), {}))
    """What the site's entries give, and the options that it was found by."""
    readings: KeptReadings[RunState] = field(default_factory=KeptReadings)
    """Of the repositories."""
    events: KeptEvents = field(default_factory=KeptEvents)
    """What events say."""
    parts: KeptParts = field(default_factory=KeptParts)
    """What was put together of each repository."""
