"""The `gitguard` plugin: a thin adapter between MkDocs' events and the portal."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority

from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.plugins.deployers import deployer_of, may_deploy
from mkdocs_gitguard.plugins.limits import TimeLimit, set_log_level
from mkdocs_gitguard.plugins.read_build import ReadBuild
from mkdocs_gitguard.plugins.standing_build import StandingBuild
from mkdocs_gitguard.plugins.standing_key import wants_to_stand
from mkdocs_gitguard.plugins.theme_files import spare
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build.build_watch import BuildWatch
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.options import GitGuardConfig, reject_unknown
from mkdocs_gitguard.site_build.read_for_build import read_for_build
from mkdocs_gitguard.site_build.state_folder import state_folder_of
from mkdocs_gitguard.site_build.staying import LastBuild, unwatched_state

if TYPE_CHECKING:
    from datetime import datetime

    from jinja2 import Environment
    from mkdocs.config.base import ConfigErrors, ConfigWarnings
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page
    from mkdocs.utils.templates import TemplateContext

    from mkdocs_gitguard.plugins.portal_build import PortalBuild
    from mkdocs_gitguard.portal import Pages
    from mkdocs_gitguard.site_build.site import Site


class GitGuardPlugin(BasePlugin[GitGuardConfig]):  # type: ignore[no-untyped-call] # MkDocs leaves __init_subclass__ untyped
    """Reads the repositories, hands the portal's pages to MkDocs. Lives on between the builds of one `serve`."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self._site: Site | None = None
        self._watch: BuildWatch | None = None
        self._time_limit: TimeLimit | None = None
        self._deployer = ""
        self._is_measured = self._is_dirty = self._is_served = False
        self._state: Path | None = None
        self._is_done = False
        self.last = LastBuild()
        self._begun: PortalBuild | None = None

    @property
    def pages(self) -> Pages | None:
        """The portal of this build; the suite's other plugins read it after `on_files`."""
        return self._begun.pages if self._begun is not None else None

    @property
    def _portal(self) -> PortalBuild:
        """What makes the portal, from the first build on that has to."""
        if self._begun is None:
            from mkdocs_gitguard.plugins.portal_build import PortalBuild  # noqa: PLC0415 - a site that stands needs none

            self._begun = PortalBuild(self, self.last)
        return self._begun

    def load_config(
        self, options: dict[str, Any], config_file_path: str | None = None
    ) -> tuple[ConfigErrors, ConfigWarnings]:
        """Load the options; an unknown one is an error that names it."""
        return reject_unknown(*super().load_config(options, config_file_path))

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Keep the plugin between the builds of one `serve`, which are not measured: nobody waits for them."""
        self.last, self._begun = LastBuild.none(is_followed=command == "serve"), None
        self._deployer = deployer_of(command, os.environ)
        self._is_measured = command in {"build", "gh-deploy"}
        self._is_dirty = dirty
        self._is_served = command == "serve"

    @event_priority(100)
    def _spare_theme(self, config: MkDocsConfig) -> None:
        spare(config.theme)

    def _read_repositories(self, config: MkDocsConfig) -> None:
        folder = Path(config.config_file_path).parent.absolute()
        try:
            # All that is in it is looked through by each look everywhere.
            state = self._state = (self.last.look_at is not None and self._state) or self._state_of(folder, config)
            self._watch = BuildWatch(folder, state)
            settings = resolve_settings(self.config.phase, environ=os.environ, root=folder)
            set_log_level(settings)
            if self._deployer:
                log.warning(may_deploy(self._deployer, settings))
            if self._is_measured:
                self._time_limit = TimeLimit(settings.build_timeout)
            self._site = read_for_build(
                self.config, config, settings, state_folder=state, last=self.last, is_served=self._is_served
            )
        except GitGuardError as error:
            raise PluginError(str(error)) from error

    on_config = CombinedEvent(_spare_theme, _read_repositories)
    """Others ask the theme for words before ours reads the site's repositories."""

    @event_priority(-100)
    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """End the build where the site stands as it would be built again; else begin to make it."""
        self._is_done = False
        assert self._site is not None and self._watch is not None  # noqa: PT018, S101 - on_config has run
        standing = None
        if self._is_measured and not (self._deployer or self._is_dirty) and wants_to_stand(config):
            standing = StandingBuild(config, self._site, self._watch, self.config.forges, self.state_folder)
            if standing.holds():
                self._stop_clock()
                sys.exit(0)
        self._portal.begin(self._read(standing), config)

    def _read(self, standing: StandingBuild | None = None) -> ReadBuild:
        assert self._site is not None and self._watch is not None  # noqa: PT018, S101 - on_config has run
        return ReadBuild(
            options=self.config,
            site=self._site,
            watch=self._watch,
            state_folder=self.state_folder,
            is_measured=self._is_measured,
            is_dirty=self._is_dirty,
            standing=standing,
        )

    def on_files(self, files: Files, *, config: MkDocsConfig) -> None:
        """Add the portal's pages and assets. A file of the user's own wins over ours."""
        self._portal.add_files(files, config)

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, **_: Any) -> None:
        """Put the sections into the navigation, and mark each page's section as its parent."""
        self._portal.place(nav, config)

    def on_pre_page(self, page: Page, /, **_: Any) -> Page:
        """Put the page before this one away, which every plugin has seen by now."""
        self._portal.put_away(page)
        return page

    def on_env(self, env: Environment, /, *, config: MkDocsConfig, files: Files) -> None:
        """Let pages that differ only in their words share one rendering of the theme."""
        self._portal.share_theme(env, config, files)

    def on_page_context(self, context: TemplateContext, /, *, page: Page, **_: Any) -> TemplateContext:
        """Note that a page is built."""
        self._portal.note_built(page)
        return context

    def on_template_context(self, context: TemplateContext, *, template_name: str, **_: Any) -> TemplateContext:
        """List the pages that MkDocs does not make in the sitemap."""
        return self._portal.in_sitemap(context) if template_name == "sitemap.xml" else context

    def on_post_template(self, output: str, /, *, template_name: str, config: MkDocsConfig) -> str:
        """Offer a search where a page is not there."""
        return self._portal.after_template(output, template_name, config)

    def on_post_page(self, output: str, /, *, page: Page, **_: Any) -> str:
        """Put the page before this one away: it stands in the site."""
        return self._portal.after_page(output, page)

    @event_priority(100)
    def _make_pages(self, /, **_: Any) -> None:
        self._portal.make_pages()

    @event_priority(-50)
    def _finish(self, /, *, config: MkDocsConfig, **_: Any) -> None:
        self._portal.finish(config)
        self._stop_clock()
        self._is_done = True

    on_post_build = CombinedEvent(_make_pages, _finish)
    """Our pages are made before the search plugin writes its index; the rest comes after what others do."""

    def on_build_error(self, /, **_: Any) -> None:
        """Give the old site back, if the new one is not in its place yet, and tell the rollout of a failed build."""
        self._is_done = False
        if self._begun is not None:
            self._begun.give_back()
        self._stop_clock()
        if self._is_measured and self._watch is not None:
            try:
                self._watch.failed()
            except GitGuardError as error:
                # The build's own error is what the user has to see.
                log.warning(str(error))

    def _stop_clock(self) -> None:
        if self._time_limit is not None:
            self._time_limit.stop()

    def on_shutdown(self) -> None:
        """Tell the rollout of a build that ended well, which is known when MkDocs has nothing left to object to."""
        is_done, self._is_done = self._is_done and self._is_measured, False
        if is_done:
            self._portal.tell()

    def build_again(self) -> datetime | None:
        """Take the short path and return when the pages of what has changed stood; None: MkDocs has to build."""
        standing = self._begun.at_hand() if self._begun is not None else None
        if standing is None:
            return None
        try:
            self._read_repositories(standing.config)
            self._is_done = self._portal.build_again(standing, self._read())
        except BaseException:
            self.on_build_error()
            raise
        self._stop_clock()
        return self._portal.stood_at if self._is_done else None

    @property
    def state_folder(self) -> Path:
        """Where caches live."""
        assert self._state is not None  # noqa: S101 - on_config has run
        return self._state

    def _state_of(self, folder: Path, config: MkDocsConfig) -> Path:
        """Return where caches live: while MkDocs serves, below nothing whose change makes it build again."""
        state = state_folder_of(folder, self.config.state_dir)
        watched = [config.docs_dir, *config.watch]
        return (self._state or unwatched_state(state, watched)) if self._is_served else state

    def on_serve(self, server: LiveReloadServer, /, *, config: MkDocsConfig, **_: Any) -> None:
        """Rebuild when a harvested repository's refs move, or an event has come."""
        if not self._is_served:
            # `mkdocs serve --clean` begins as a build; what follows is written below nothing that is watched.
            self._is_served, self._state = True, None
        state = self._state = self._state_of(Path(config.config_file_path).parent.absolute(), config)
        for path in self._portal.watched(state):
            server.watch(str(path))
