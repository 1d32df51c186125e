"""The Graph API beside the pages: exported to the state folder, linked into the site after the build.

MkDocs empties the site's folder before a build, so the export lives elsewhere and keeps the mtimes of what has not
changed; the site gets hard links to it, and keeps those (`site_build/kept_site`).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.config import config_options as opt
from mkdocs.config.base import Config
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority

from mkdocs_gitguard.errors import GitGuardError, PublishError
from mkdocs_gitguard.graph_api import API_ROOT, Exported, export
from mkdocs_gitguard.graph_api.writer import mirror
from mkdocs_gitguard.site_build.log import log

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_gitguard.portal import Pages


def write_graph_api(pages: Pages, config: MkDocsConfig, *, state: Path, commit: str = "") -> Exported | None:
    """Put the Graph API into the site, if the flag `GRAPH_API_ENABLED` is on.

    Args:
        pages: the portal; only what has a page is linked to one.
        config: of the site; its `site_dir` gets the files.
        state: the plugin's state folder.
        commit: of the portal's own repository.

    Raises:
        PublishError: the state folder holds something else where the export goes, or a folder cannot be written.
    """
    portal = pages.portal
    if not portal.flags.graph_api:
        return None
    folder = state / API_ROOT
    try:
        done = export(portal.graph, folder, generated_at=portal.now.moment, commit=commit, pages=pages.urls_of_nodes)
        target = Path(config.site_dir) / API_ROOT
        # MkDocs leaves symbolic links when it empties the folder; what is written through one lands outside the site.
        for place in (target.parent, target):
            if place.is_symlink():
                place.unlink()
        mirror(folder, target)
    except OSError as error:
        raise PublishError(
            f"The Graph API cannot be written: {error.filename or folder}: {error.strerror}.",
            hint="Let the option `state_dir` name a folder that can be written, with room on its disk.",
        ) from error
    log.info(
        "Graph API: %d nodes, %d relations; %d files written, %d unchanged, %d deleted",
        *(done.nodes, done.relations, done.written, done.unchanged, done.deleted),
    )
    return done


class GraphApiConfig(Config):  # type: ignore[no-untyped-call] # MkDocs leaves __init_subclass__ untyped
    """Options of `gitguard-graph-api`. The plugin `gitguard` alone writes the Graph API with the defaults."""

    enabled = opt.Type(bool, default=True)
    """False: leave the Graph API out, whatever the flag says."""

    commit = opt.Type(str, default="")
    """Commit of the portal's own repository, for `index.json`: `!ENV GITHUB_SHA`."""


class GraphApiPlugin(BasePlugin[GraphApiConfig]):  # type: ignore[no-untyped-call] # as above
    """Writes the Graph API in the place of `gitguard`, which must be listed before it."""

    @event_priority(-50)
    def on_post_build(self, *, config: MkDocsConfig, **_: Any) -> None:
        """Export the snapshot that `gitguard` has read."""
        main: Any = config.plugins.get("gitguard")
        pages = getattr(main, "pages", None)
        if pages is None:
            raise PluginError("gitguard-graph-api needs the plugin gitguard, listed before it.")
        if not self.config.enabled:
            shutil.rmtree(Path(config.site_dir) / API_ROOT, ignore_errors=True)
            return
        try:
            write_graph_api(pages, config, state=main.state_folder, commit=self.config.commit)
        except GitGuardError as error:
            raise PluginError(str(error)) from error
