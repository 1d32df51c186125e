"""The `gitguard` plugin: a thin adapter between MkDocs' events and the portal."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.utils import clean_directory

from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.graph_api import API_ROOT
from mkdocs_gitguard.plugins.deployers import deployer_of, may_deploy
from mkdocs_gitguard.plugins.dirty_builds import SearchIndex, delete_old_pages
from mkdocs_gitguard.plugins.generated_pages import GeneratedPages
from mkdocs_gitguard.plugins.graph_api import write_by_options, write_graph_api
from mkdocs_gitguard.plugins.languages import Linked, get_on, taken_places
from mkdocs_gitguard.plugins.limits import TimeLimit, set_log_level
from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage, with_feed
from mkdocs_gitguard.plugins.navigation import place_pages
from mkdocs_gitguard.plugins.not_found import NOT_FOUND, with_search
from mkdocs_gitguard.plugins.own_pages import OwnPages, settle
from mkdocs_gitguard.plugins.page_files import add_pages
from mkdocs_gitguard.plugins.page_maker import makes_all, page_hooks
from mkdocs_gitguard.plugins.page_theme import Theme
from mkdocs_gitguard.plugins.search_index import kept_folders, leave_out_generated, write_search
from mkdocs_gitguard.plugins.shared_theme import Frames
from mkdocs_gitguard.plugins.short_path import ShortPath
from mkdocs_gitguard.plugins.site_assets import add_assets, leave_out_unused
from mkdocs_gitguard.plugins.standing_build import StandingBuild
from mkdocs_gitguard.plugins.standing_key import wants_to_stand
from mkdocs_gitguard.rollout.build_record import shape_of
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build.build_watch import BuildWatch, Extent
from mkdocs_gitguard.site_build.event_bell import bell_of
from mkdocs_gitguard.site_build.findings import in_words
from mkdocs_gitguard.site_build.kept_site import KeptSite
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.metrics_files import METRICS_ROOT
from mkdocs_gitguard.site_build.options import GitGuardConfig, reject_unknown
from mkdocs_gitguard.site_build.portal import home_of, pages_of
from mkdocs_gitguard.site_build.read_for_build import read_for_build
from mkdocs_gitguard.site_build.state_folder import state_folder_of
from mkdocs_gitguard.site_build.staying import LastBuild, unwatched_state

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from jinja2 import Environment
    from mkdocs.config.base import ConfigErrors, ConfigWarnings
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page
    from mkdocs.utils.templates import TemplateContext

    from mkdocs_gitguard.model import Flags
    from mkdocs_gitguard.portal import Pages
    from mkdocs_gitguard.site_build.read import Site


class GitGuardPlugin(BasePlugin[GitGuardConfig]):  # type: ignore[no-untyped-call] # MkDocs leaves __init_subclass__ untyped
    """Reads the repositories, hands the portal's pages to MkDocs. Lives on between the builds of one `serve`."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self.pages: Pages | None = None
        """The portal of this build; the suite's other plugins read it after `on_files`."""
        self._site: Site | None = None
        self._watch: BuildWatch | None = None
        self._time_limit: TimeLimit | None = None
        self._deployer = ""
        self._is_measured = self._is_dirty = self._is_served = False
        self._state: Path | None = None
        self._is_whole = self._is_done = False
        self._built_into = Path()
        self._pages: dict[str, GeneratedPage] = {}
        self._own: OwnPages | None = None
        self._kept_site: KeptSite | None = None
        self._standing: StandingBuild | None = None
        self.last = LastBuild()
        self._short = ShortPath()
        self._nav: Navigation | None = None
        self._make_own: Callable[[], object] | None = None
        self._generated: GeneratedPages | None = None
        self._at_hand: GeneratedPage | None = None
        self._search: SearchIndex | None = None
        self._built: set[str] = set()

    def load_config(
        self, options: dict[str, Any], config_file_path: str | None = None
    ) -> tuple[ConfigErrors, ConfigWarnings]:
        """Load the options; an unknown one is an error that names it."""
        return reject_unknown(*super().load_config(options, config_file_path))

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Keep the plugin between the builds of one `serve`, which are not measured: nobody waits for them."""
        self.last, self._short = LastBuild.none(is_followed=command == "serve"), ShortPath()
        self._deployer = deployer_of(command, os.environ)
        self._is_measured = command in {"build", "gh-deploy"}
        self._is_dirty = dirty
        self._is_served = command == "serve"

    def on_config(self, config: MkDocsConfig) -> None:
        """Read the site's repositories."""
        get_on(config, self, lambda: Linked(self._pages, self._own.files if self._own else {}, self.config.nav))
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

    @event_priority(-100)
    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """End the build where the site stands as it would be built again; else move it out of the way.

        MkDocs deletes what stands in its place; what holds goes back there afterwards. A dirty build deletes all as a
        whole one does, where what stands in the site may be of other repositories.
        """
        self._is_done = False
        assert self._site is not None and self._watch is not None  # noqa: PT018, S101 - on_config has run
        self._standing = None
        if self._is_measured and not (self._deployer or self._is_dirty) and wants_to_stand(config):
            self._standing = StandingBuild(config, self._site, self._watch, self.config.forges, self.state_folder)
        if self._standing is not None and self._standing.holds():
            self._stop_clock()
            sys.exit(0)
        self._is_whole = not (self._may_stay(config) and self._is_dirty)
        self._kept_site = KeptSite(Path(config.site_dir), self.state_folder)
        if self.last.stays:
            self._short.begin(config)
        if not self._is_whole:
            return
        self._kept_site.set_aside()
        if self._is_dirty:
            log.info("What stands in the site is not of these repositories and settings: all of it is made anew.")
            clean_directory(config.site_dir)

    def _may_stay(self, config: MkDocsConfig) -> bool:
        """Tell whether what an earlier build made is of the repositories and settings of this one."""
        assert self._site is not None and self._watch is not None  # noqa: PT018, S101 - on_config has run
        if self._is_measured:
            try:
                return self._watch.begin(self._site, Path(config.site_dir))
            except GitGuardError as error:
                raise PluginError(str(error)) from error
        settings = self._site.settings
        return self.last.follows((config.site_dir, settings.phase, shape_of(settings), *self._site.shown))

    def on_files(self, files: Files, *, config: MkDocsConfig) -> None:
        """Add the portal's pages and assets. A file of the user's own wins over ours."""
        taken = taken_places(files, config)
        try:
            pages = self._portal(config, taken)
            self._add_pages(pages, files, config, taken)
        except GitGuardError as error:
            raise PluginError(str(error)) from error
        add_assets(pages, files, config, taken, self._own)
        self._short.take_files(taken)

    def _portal(self, config: MkDocsConfig, taken: Collection[str], templates: Environment | None = None) -> Pages:
        assert self._site is not None and self._watch is not None  # noqa: PT018, S101 - on_config has run
        ask = partial(self._watch.status, self._site, repo_url=config.repo_url, forges=self.config.forges)
        self.pages = pages_of(
            self._site,
            self.config,
            site_name=config.site_name,
            site_url=config.site_url or "",
            home=home_of(self.config, is_root_taken="index.html" in taken),
            use_directory_urls=config.use_directory_urls,
            template_folders=config.theme.dirs,
            plugins=config.plugins,
            status=(self._standing and self._standing.status)
            or self.last.status.shown(ask, self._site.log_state, may_stay=templates is not None),
            state_folder=self.state_folder,
            work=self.last.work,
            templates=templates,
        )
        return self.pages

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, **_: Any) -> None:
        """Put the sections into the navigation, and mark each page's section as its parent."""
        self._nav = nav
        place_pages(nav, self._pages, config, in_nav=self.config.nav)

    def on_pre_page(self, page: Page, /, **_: Any) -> Page:
        """Put the page before this one away, which every plugin has seen by now."""
        self._put_away(page)
        return page

    def on_env(self, env: Environment, /, *, config: MkDocsConfig, files: Files) -> None:
        """Let pages that differ only in their words share one rendering of the theme."""
        self._put_away(None)
        leave_out_unused(files, config)
        frames = Frames(may_be_lean=self._own is not None)
        frames.install(env)
        self._make_own = None
        if self._own is not None and self._nav is not None and self._site is not None and self._generated is not None:
            theme = Theme(env, files, self._nav, frames, dict(self._pages))
            self._short.take_theme(theme, self._pages)
            processes = self._site.settings.max_concurrent_builds
            self._make_own = partial(self._own.make, theme, generated=self._generated, processes=processes)
        self._built.clear()
        leave_out_generated(config)
        own_pages = (page for file in files.documentation_pages() if not isinstance(page := file.page, GeneratedPage))
        known = {page.url for page in own_pages if page}
        self._search = None if self._is_whole else SearchIndex(config, known)

    def on_page_context(self, context: TemplateContext, /, *, page: Page, **_: Any) -> TemplateContext:
        """Note that a page is built."""
        self._built.add(page.url)
        return context

    def on_template_context(self, context: TemplateContext, *, template_name: str, **_: Any) -> TemplateContext:
        """List the pages that MkDocs does not make in the sitemap."""
        if self._own is not None and template_name == "sitemap.xml":
            context["pages"] = [*(context.get("pages") or ()), *self._own.listed()]  # type: ignore[list-item] # a template reads no more of them
        return context

    def on_post_template(self, output: str, /, *, template_name: str, config: MkDocsConfig) -> str:
        """Offer a search where a page is not there."""
        return with_search(output, self.pages, config) if self.pages and template_name == NOT_FOUND else output

    def on_post_page(self, output: str, /, *, page: Page, **_: Any) -> str:
        """Put the page before this one away: it stands in the site."""
        self._put_away(page)
        return with_feed(output, page)

    def _put_away(self, next_page: Page | None) -> None:
        if self._at_hand is not None and self._at_hand is not next_page:
            self._at_hand.put_away()
        self._at_hand = next_page if isinstance(next_page, GeneratedPage) else None

    @event_priority(100)
    def _make_pages(self, /, **_: Any) -> None:
        if self._make_own is not None and self._watch is not None:
            try:
                with self._watch.times.of("render"):
                    self._make_own()
            except GitGuardError as error:
                raise PluginError(str(error)) from error

    @event_priority(-50)
    def _finish(self, /, *, config: MkDocsConfig, **_: Any) -> None:
        assert self.pages is not None  # noqa: S101 - on_files has run
        assert self._watch is not None  # noqa: S101 - on_config has run
        if self._search is not None:
            self._search.merge(self._built)
        self._settle(Path(config.site_dir), self._kept_folders(self.pages.portal.flags))
        for finding in (*self.pages.clashes, *self.pages.drawer.drawn.failures):
            log.warning(in_words(finding))
        try:
            with self._watch.times.of("export"):
                if "gitguard-graph-api" not in config.plugins:
                    write_graph_api(self.pages, config, state=self.state_folder, last=self.last)
                write_search(self.pages, config, state=self.state_folder, kind=self.config.search)
        except GitGuardError as error:
            raise PluginError(str(error)) from error
        self._stop_clock()
        self._built_into = Path(config.site_dir)
        self._is_done = True

    def _kept_folders(self, flags: Flags) -> list[str]:
        """Return the folders of the site whose writers look after all that is in them."""
        others = [*([API_ROOT] * flags.graph_api), *([METRICS_ROOT] * flags.slo_monitoring)]
        return [*kept_folders(self.config.search), *others]

    def _settle(self, site: Path, kept_folders: list[str]) -> None:
        """Let what was built take the site's place, without what is gone, but for folders that are kept whole."""
        assert self._kept_site is not None  # noqa: S101 - on_pre_build has run
        try:
            settle(self._own, self._kept_site, self.last, kept_folders)
            if self._is_measured and self.last.is_news:
                self.last.keep_memory(site, self.state_folder)
            if not self._is_whole:
                own = self._own.outputs if self._own is not None else set()
                delete_old_pages(site, own | {page.file.abs_dest_path for page in self._pages.values()})
        except OSError as error:
            raise PluginError(f"{site} cannot be written: {error.strerror}.") from error

    on_post_build = CombinedEvent(_make_pages, _finish)
    """Our pages are made before the search plugin writes its index; the rest comes after what others do."""

    def on_build_error(self, /, **_: Any) -> None:
        """Give the old site back, if the new one is not in its place yet, and tell the rollout of a failed build."""
        self._is_done, self._standing = False, None
        if self._kept_site is not None:
            self._kept_site.give_back()
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
        watch, site, pages, own = self._watch, self._site, self.pages, self._own
        if is_done and watch is not None and site is not None and pages is not None:
            counted, whole, weighed = own.counted if own is not None else None, self._is_whole, not self._short.is_taken
            try:
                build = watch.succeeded(site, self._built_into, pages, Extent(whole, counted, is_weighed=weighed))
                if self._standing is not None and own is not None:
                    self._standing.keep(build, own)
                if self._short.is_taken:
                    self.last.status.renew()
            except GitGuardError as error:
                # The portal is whole; what is not measured keeps the gates shut, and what has no record unpublished.
                log.warning(str(error))
                return
            if own is not None:
                self._short.stand(site, own, self._kept_folders(site.flags))

    def build_again(self) -> datetime | None:
        """Take the short path and return when the pages of what has changed stood; None: MkDocs has to build."""
        standing = self._short.at_hand(self.last)
        if standing is None:
            return None
        config = standing.config
        try:
            self.on_config(config)
            assert self._site is not None and self._watch is not None  # noqa: PT018, S101 - on_config has run
            pages = self._portal(config, standing.taken, self.pages.portal.templates if self.pages else None)
            self._kept_site = KeptSite(Path(config.site_dir), self.state_folder)
            own = self._own = standing.own_pages(pages, self._kept_site, self.last)
            if self._kept_site.is_aside or not self._short.may_show(standing, self._site, pages, own):
                self._stop_clock()
                return None
            self._watch.begin(self._site, Path(config.site_dir))
            self._is_whole, self._search = True, None
            assert self._generated is not None  # noqa: S101 - the build before has run
            processes = self._site.settings.max_concurrent_builds
            with self._watch.times.of("render"):
                is_made = self._short.make(standing, own, pages, generated=self._generated, processes=processes)
            if not is_made:
                self._stop_clock()
                return None
            self._finish(config=config)
            write_by_options(config)
        except BaseException:
            self.on_build_error()
            raise
        return own.stood_at

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
        assert self._site is not None  # noqa: S101 - a build has run
        state = self._state = self._state_of(Path(config.config_file_path).parent.absolute(), config)
        for path in (*self._site.watch, *bell_of(self._site.settings, state, self.config, self.last.events.read_to)):
            server.watch(str(path))

    def _add_pages(self, pages: Pages, files: Files, config: MkDocsConfig, taken: set[str]) -> None:
        self._own = None
        if hooks := page_hooks(config, self):
            log.info("MkDocs makes every page of the portal, because these take part in it: %s", ", ".join(hooks))
        else:
            if self._is_measured:
                self.last.take_up(Path(config.site_dir), self.state_folder, is_void=makes_all(config, self))
            assert self._kept_site is not None  # noqa: S101 - on_pre_build has run
            self._own = OwnPages(pages, config, self._kept_site, self.last)
        self._generated = GeneratedPages(lambda: self.pages, config, self.state_folder)
        self._pages = add_pages(pages, files, config, taken, own=self._own, generated=self._generated)
