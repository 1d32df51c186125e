"""What the plugin hands on when the repositories are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_gitguard.plugins.standing_build import StandingBuild
    from mkdocs_gitguard.site_build.build_watch import BuildWatch
    from mkdocs_gitguard.site_build.options import GitGuardConfig
    from mkdocs_gitguard.site_build.site import Site


class ReadBuild(NamedTuple):
    """A build whose repositories have been read."""

    options: GitGuardConfig
    """Of the plugin."""
    site: Site
    watch: BuildWatch
    state_folder: Path
    """Where caches live."""
    is_measured: bool
    """It is told to the rollout; nobody waits for one of a `serve`."""
    is_dirty: bool
    standing: StandingBuild | None
    """What has found that the site does not stand; None: it was not asked."""
