"""What of a build comes after the reading: the portal's pages and files, from MkDocs' files to the site that stands.

It is loaded when a build has to make something: most of a build in which nothing has moved would be spent on that.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.exceptions import PluginError
from mkdocs.utils import clean_directory

from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.graph_api import API_ROOT
from mkdocs_gitguard.plugins.dirty_builds import SearchIndex, delete_old_pages
from mkdocs_gitguard.plugins.generated_pages import GeneratedPages
from mkdocs_gitguard.plugins.graph_api import write_by_options, write_graph_api
from mkdocs_gitguard.plugins.languages import Linked, get_on, taken_places
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
from mkdocs_gitguard.rollout.build_record import shape_of
from mkdocs_gitguard.site_build.build_watch import Extent
from mkdocs_gitguard.site_build.event_bell import bell_of
from mkdocs_gitguard.site_build.findings import in_words
from mkdocs_gitguard.site_build.kept_site import KeptSite
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.metrics_files import METRICS_ROOT
from mkdocs_gitguard.site_build.portal import home_of, pages_of
from mkdocs_gitguard.site_build.site_measures import MadeSite, figures_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page
    from mkdocs.utils.templates import TemplateContext

    from mkdocs_gitguard.model import Flags
    from mkdocs_gitguard.plugins.read_build import ReadBuild
    from mkdocs_gitguard.plugins.short_path import Standing
    from mkdocs_gitguard.portal import Pages
    from mkdocs_gitguard.site_build.staying import LastBuild


class PortalBuild:
    """The portal of one plugin and process, in one build after the other."""

    def __init__(self, ours: object, last: LastBuild) -> None:
        """Begin with nothing.

        Args:
            ours: the plugin `gitguard`.
            last: what is known of the last build.
        """
        self.pages: Pages | None = None
        """The portal of this build, from `add_files` on."""
        self._ours = ours
        self._last = last
        self._read: ReadBuild | None = None
        self._is_whole = False
        self._built_into = Path()
        self._pages: dict[str, GeneratedPage] = {}
        self._own: OwnPages | None = None
        self._kept_site: KeptSite | None = None
        self._short = ShortPath()
        self._nav: Navigation | None = None
        self._make_own: Callable[[], object] | None = None
        self._generated: GeneratedPages | None = None
        self._at_hand: GeneratedPage | None = None
        self._search: SearchIndex | None = None
        self._built: set[str] = set()

    @property
    def _now(self) -> ReadBuild:
        assert self._read is not None  # noqa: S101 - a build has begun
        return self._read

    def begin(self, read: ReadBuild, config: MkDocsConfig) -> None:
        """Move the site out of the way of a build, which may get back what holds of it.

        MkDocs deletes what stands in its place; what holds goes back there afterwards. A dirty build deletes all as a
        whole one does, where what stands in the site may be of other repositories.
        """
        self._read = read
        get_on(
            config,
            self._ours,
            lambda: Linked(self._pages, self._own.files if self._own else {}, read.options.nav),
        )
        self._is_whole = not (self._may_stay(config) and read.is_dirty)
        self._kept_site = KeptSite(Path(config.site_dir), read.state_folder)
        if self._last.stays:
            self._short.begin(config)
        if not self._is_whole:
            return
        self._kept_site.set_aside()
        if read.is_dirty:
            log.info("What stands in the site is not of these repositories and settings: all of it is made anew.")
            clean_directory(config.site_dir)

    def _may_stay(self, config: MkDocsConfig) -> bool:
        """Tell whether what an earlier build made is of the repositories and settings of this one."""
        site = self._now.site
        if self._now.is_measured:
            try:
                return self._now.watch.begin(site, Path(config.site_dir))
            except GitGuardError as error:
                raise PluginError(str(error)) from error
        settings = site.settings
        return self._last.follows((config.site_dir, settings.phase, shape_of(settings), *site.shown))

    def add_files(self, files: Files, config: MkDocsConfig) -> None:
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
        read, last = self._now, self._last
        ask = partial(read.watch.status, read.site, repo_url=config.repo_url, forges=read.options.forges)
        self.pages = pages_of(
            read.site,
            read.options,
            site_name=config.site_name,
            site_url=config.site_url or "",
            home=home_of(read.options, is_root_taken="index.html" in taken),
            use_directory_urls=config.use_directory_urls,
            template_folders=config.theme.dirs,
            plugins=config.plugins,
            status=(read.standing and read.standing.status)
            or last.status.shown(ask, read.site.log_state, may_stay=templates is not None),
            state_folder=read.state_folder,
            work=last.work,
            templates=templates,
        )
        return self.pages

    def _add_pages(self, pages: Pages, files: Files, config: MkDocsConfig, taken: set[str]) -> None:
        self._own = None
        if hooks := page_hooks(config, self._ours):
            log.info("MkDocs makes every page of the portal, because these take part in it: %s", ", ".join(hooks))
        else:
            if self._now.is_measured:
                is_void = makes_all(config, self._ours)
                self._last.pages.take_up(Path(config.site_dir), self._now.state_folder, is_void=is_void)
            assert self._kept_site is not None  # noqa: S101 - a build has begun
            self._own = OwnPages(pages, config, self._kept_site, self._last)
        self._generated = GeneratedPages(lambda: self.pages, config, self._now.state_folder)
        self._pages = add_pages(pages, files, config, taken, own=self._own, generated=self._generated)

    def place(self, nav: Navigation, config: MkDocsConfig) -> None:
        """Put the sections into the navigation, and mark each page's section as its parent."""
        self._nav = nav
        place_pages(nav, self._pages, config, in_nav=self._now.options.nav)

    def put_away(self, next_page: Page | None) -> None:
        """Put the page before this one away: every plugin has seen it, or it stands in the site."""
        if self._at_hand is not None and self._at_hand is not next_page:
            self._at_hand.put_away()
        self._at_hand = next_page if isinstance(next_page, GeneratedPage) else None

    def share_theme(self, env: Environment, config: MkDocsConfig, files: Files) -> None:
        """Let pages that differ only in their words share one rendering of the theme."""
        self.put_away(None)
        leave_out_unused(files, config)
        frames = Frames(may_be_lean=self._own is not None)
        frames.install(env)
        self._make_own = None
        if self._own is not None and self._nav is not None and self._generated is not None:
            theme = Theme(env, files, self._nav, frames, dict(self._pages))
            self._short.take_theme(theme, self._pages)
            processes = self._now.site.settings.max_concurrent_builds
            self._make_own = partial(self._own.make, theme, generated=self._generated, processes=processes)
        self._built.clear()
        leave_out_generated(config)
        own_pages = (page for file in files.documentation_pages() if not isinstance(page := file.page, GeneratedPage))
        known = {page.url for page in own_pages if page}
        self._search = None if self._is_whole else SearchIndex(config, known)

    def note_built(self, page: Page) -> None:
        """Note that MkDocs builds a page."""
        self._built.add(page.url)

    def in_sitemap(self, context: TemplateContext) -> TemplateContext:
        """List the pages that MkDocs does not make in the context of the sitemap."""
        if self._own is not None:
            context["pages"] = [*(context.get("pages") or ()), *self._own.listed()]  # type: ignore[list-item] # a template reads no more of them
        return context

    def after_template(self, output: str, template_name: str, config: MkDocsConfig) -> str:
        """Offer a search where a page is not there."""
        return with_search(output, self.pages, config) if self.pages and template_name == NOT_FOUND else output

    def after_page(self, output: str, page: Page) -> str:
        """Put the page before this one away, and let one of ours lead to its feed."""
        self.put_away(page)
        return with_feed(output, page)

    def make_pages(self) -> None:
        """Make the pages that MkDocs does not."""
        if self._make_own is not None:
            try:
                with self._now.watch.times.of("render"):
                    self._make_own()
            except GitGuardError as error:
                raise PluginError(str(error)) from error

    def finish(self, config: MkDocsConfig) -> None:
        """Let what was built take the site's place, and write what is beside the pages."""
        assert self.pages is not None  # noqa: S101 - files were added
        read = self._now
        if self._search is not None:
            self._search.merge(self._built)
        self._settle(Path(config.site_dir), self._kept_folders(self.pages.portal.flags))
        for finding in (*self.pages.clashes, *self.pages.drawer.drawn.failures):
            log.warning(in_words(finding))
        try:
            with read.watch.times.of("export"):
                if "gitguard-graph-api" not in config.plugins:
                    write_graph_api(self.pages, config, state=read.state_folder, last=self._last)
                write_search(self.pages, config, state=read.state_folder, kind=read.options.search)
        except GitGuardError as error:
            raise PluginError(str(error)) from error
        self._built_into = Path(config.site_dir)

    def _kept_folders(self, flags: Flags) -> list[str]:
        """Return the folders of the site whose writers look after all that is in them."""
        others = [*([API_ROOT] * flags.graph_api), *([METRICS_ROOT] * flags.slo_monitoring)]
        return [*kept_folders(self._now.options.search), *others]

    def _settle(self, site: Path, kept_folders: list[str]) -> None:
        """Let what was built take the site's place, without what is gone, but for folders that are kept whole."""
        assert self._kept_site is not None  # noqa: S101 - a build has begun
        last = self._last
        try:
            settle(self._own, self._kept_site, last, kept_folders)
            if self._now.is_measured and last.pages.is_news:
                last.pages.keep_memory(site, self._now.state_folder, stays=last.stays)
            if not self._is_whole:
                own = self._own.outputs if self._own is not None else set()
                delete_old_pages(site, own | {page.file.abs_dest_path for page in self._pages.values()})
        except OSError as error:
            raise PluginError(f"{site} cannot be written: {error.strerror}.") from error

    def give_back(self) -> None:
        """Give the old site back, if the new one is not in its place yet."""
        if self._kept_site is not None:
            self._kept_site.give_back()

    def tell(self) -> None:
        """Tell the rollout of a build that has ended well, and keep what the next one can stand on."""
        read, pages, own = self._now, self.pages, self._own
        assert pages is not None  # noqa: S101 - files were added
        counted = own.counted if own is not None else None
        try:
            extent = Extent(self._is_whole, counted, is_weighed=not self._short.is_taken)
            figures = tuple(figures_of(MadeSite(read.site, pages, self._is_whole)))
            build = read.watch.succeeded(read.site, self._built_into, pages, figures, extent)
            if read.standing is not None and own is not None:
                read.standing.keep(build, own)
            if self._short.is_taken:
                self._last.status.renew()
        except GitGuardError as error:
            # The portal is whole; what is not measured keeps the gates shut, and what has no record unpublished.
            log.warning(str(error))
            return
        if own is not None:
            self._short.stand(read.site, own, self._kept_folders(read.site.flags))

    @property
    def stood_at(self) -> datetime | None:
        """When the pages of what has changed stood; None: MkDocs has made them."""
        return self._own.stood_at if self._own is not None else None

    def at_hand(self) -> Standing | None:
        """Return what a build can stand on as far as can be told before the repositories are read; None for nothing."""
        return self._short.at_hand(self._last)

    def build_again(self, standing: Standing, read: ReadBuild) -> bool:
        """Take the short path, and return whether that could be done.

        Args:
            standing: what the build stands on.
            read: what was read.
        """
        self._read = read
        config = standing.config
        pages = self._portal(config, standing.taken, self.pages.portal.templates if self.pages else None)
        self._kept_site = KeptSite(Path(config.site_dir), read.state_folder)
        own = self._own = standing.own_pages(pages, self._kept_site, self._last)
        if self._kept_site.is_aside or not self._short.may_show(standing, read.site, pages, own):
            return False
        read.watch.begin(read.site, Path(config.site_dir))
        self._is_whole, self._search = True, None
        assert self._generated is not None  # noqa: S101 - the build before has run
        processes = read.site.settings.max_concurrent_builds
        with read.watch.times.of("render"):
            is_made = self._short.make(standing, own, pages, generated=self._generated, processes=processes)
        if is_made:
            self.finish(config)
            write_by_options(config)
        return is_made

    def watched(self, state_folder: Path) -> Iterator[Path]:
        """Yield the files and folders whose change means that the site has to be built again."""
        site = self._now.site
        yield from site.watch
        yield from bell_of(site.settings, state_folder, self._now.options, self._last.reading.events.read_to)
