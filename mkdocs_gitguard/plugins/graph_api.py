"""The Graph API beside the pages: exported into the site after the build.

MkDocs empties the site's folder before a build; `site_build/kept_site` keeps what the last export left there.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mkdocs.config import config_options as opt
from mkdocs.config.base import Config
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority

from mkdocs_gitguard.errors import GitGuardError, PublishError
from mkdocs_gitguard.graph_api import API_ROOT, BY_DEFAULT, EXPORTS, Exported, export
from mkdocs_gitguard.graph_api.drill_nodes import drill_id
from mkdocs_gitguard.model.drill import by_drill
from mkdocs_gitguard.portal.views.drills import DRILL
from mkdocs_gitguard.site_build.epoch import package_digest
from mkdocs_gitguard.site_build.log import log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_gitguard.portal import Pages
    from mkdocs_gitguard.site_build.staying import LastBuild


_MEMORY: Final = "graph-api.memory"


def write_graph_api(
    pages: Pages,
    config: MkDocsConfig,
    *,
    state: Path,
    commit: str = "",
    exports: Sequence[str] = BY_DEFAULT,
    last: LastBuild | None = None,
) -> Exported | None:
    """Put the Graph API into the site, if the flag `GRAPH_API_ENABLED` is on.

    Args:
        pages: the portal; only what has a page is linked to one.
        config: of the site; its `site_dir` gets the files.
        state: the plugin's state folder.
        commit: of the portal's own repository.
        exports: names of what is written of the whole graph.
        last: what this process knows of its last build.

    Raises:
        PublishError: the folder cannot be written.
    """
    portal = pages.portal
    if not portal.flags.graph_api:
        return None
    folder = Path(config.site_dir) / API_ROOT
    try:
        # MkDocs leaves symbolic links when it empties the folder; what is written through one lands outside the site.
        for place in (folder.parent, folder):
            if place.is_symlink():
                place.unlink()
        done = export(
            portal.graph,
            folder,
            generated_at=portal.now.moment,
            commit=commit,
            pages={**pages.urls_of_nodes, **_urls_of_drills(pages)},
            exports=exports,
            epoch=package_digest(),
            memory=state / _MEMORY,
            is_ours=True,
            levels=portal.options.levels if portal.flags.slo_monitoring else None,
            kept=last.pages.plans if last is not None and last.stays else None,
            # A look everywhere leaves nothing for later.
            may_wait=last is not None and last.look_at is not None,
            drills=portal.options.drills if portal.flags.chaos_engineering else (),
        )
    except OSError as error:
        raise PublishError(
            f"The Graph API cannot be written: {error.filename or folder}: {error.strerror}.",
            hint="Let the setting `site_dir` name a folder that can be written, with room on its disk.",
        ) from error
    log.info(
        "Graph API: %d nodes, %d relations; %d files kept, %d made; %d written, %d deleted",
        *(done.nodes, done.relations, done.kept, done.made, done.written, done.deleted),
    )
    if done.reason:
        log.info("  all made because %s", done.reason)
    return done


def _urls_of_drills(pages: Pages) -> dict[str, str]:
    """Return by node id the URLs of the pages of drills, which are of no node of the snapshot."""
    names = sorted(by_drill(pages.portal.options.drills))
    shown = {drill_id(name): pages.by_path.get(f"{DRILL}/{name}") for name in names}
    return {node: pages.url(page) for node, page in shown.items() if page is not None}


class GraphApiConfig(Config):  # type: ignore[no-untyped-call] # MkDocs leaves __init_subclass__ untyped
    """Options of `gitguard-graph-api`. The plugin `gitguard` alone writes the Graph API with the defaults."""

    enabled = opt.Type(bool, default=True)
    """False: leave the Graph API out, whatever the flag says."""

    commit = opt.Type(str, default="")
    """Commit of the portal's own repository, for `index.json`: `!ENV GITHUB_SHA`."""

    exports = opt.ListOfItems(opt.Choice(sorted(EXPORTS)), default=list(BY_DEFAULT))
    """What is written of the whole graph as one compressed file: `ndjson`, `sqlite`, `graphml`, `cytoscape`."""


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
            write_graph_api(
                pages,
                config,
                state=main.state_folder,
                commit=self.config.commit,
                exports=tuple(dict.fromkeys(self.config.exports)),
                last=main.last,
            )
        except GitGuardError as error:
            raise PluginError(str(error)) from error


def write_by_options(config: MkDocsConfig) -> None:
    """Let the plugin `gitguard-graph-api` write, where the site lists it and MkDocs does not build."""
    for plugin in config.plugins.values():
        if isinstance(plugin, GraphApiPlugin):
            plugin.on_post_build(config=config)
