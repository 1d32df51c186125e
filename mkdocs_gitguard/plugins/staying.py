"""What a process that stays knows of its last build, so that the next one makes less anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mkdocs_gitguard.assembly.kept_parts import KeptParts
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.state_folder import unwatched_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mkdocs_gitguard.portal.traces import Values
    from mkdocs_gitguard.site_build.keep import Memory


@dataclass
class LastBuild:
    """Of one plugin and site. A process of one build knows the memory alone, which it reads."""

    memory: Memory | None = None
    """What the pages were made of."""
    values: Values | None = None
    """The answers that went into `memory`, where this process gave them."""
    parts: KeptParts = field(default_factory=KeptParts)
    """What was put together of each repository."""


def unwatched_state(state: Path, watched: Sequence[str]) -> Path:
    """Return where caches live while MkDocs serves: below nothing whose change makes it build again."""
    unwatched = unwatched_folder(state, watched)
    if unwatched != state:
        log.info("%s is watched; while the site is served, its state is kept in %s.", state, unwatched)
    return unwatched
