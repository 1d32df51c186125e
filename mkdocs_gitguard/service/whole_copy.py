"""A copy of a built site that is whole at any moment, for a server on the same machine.

While a build is at work the site's own folder is not: see `site_build/kept_site.py`. The copy is made aside, as a
release of a directory target is, and takes its place in one step. Nothing is published by it: the flags say what is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.publish.directory import DirectoryTarget
from mkdocs_gitguard.publish.release import describe_site, make_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_gitguard.rollout.settings import Settings

_KEPT: Final = 2
"""The copy, and the one before it, which a slow reader may still be in."""


def copy_whole(site: Path, folder: Path, settings: Settings) -> Path:
    """Let a folder show a site as it is now, and return the link that leads there.

    Args:
        site: built, and not being built.
        folder: of the copies; `current` in it is the link.
        settings: in force when it was built.

    Raises:
        PublishError: the site cannot be read, or the folder cannot be written.
    """
    target = DirectoryTarget(str(folder.absolute()), root=folder.absolute(), keep=_KEPT)
    manifest = make_manifest(describe_site(site), created_at=system_clock(), phase=settings.phase, flags=settings.flags)
    target.publish(site, manifest)
    return folder / "current"
