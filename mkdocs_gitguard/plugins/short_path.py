"""The short path of a process that stays: a site is brought up to date without MkDocs where only repositories moved.

MkDocs loads its settings, walks the theme, copies files and makes the site's own pages at each build, whatever has
changed. All of that comes out the same while the settings, the site's own files, the environment and the day are the
same, and no other plugin takes part. Then the pages that are due are made with what the last build of this process has
left: theme, navigation, frames. Whatever cannot be told takes the whole way, and the log says why. So does every look
everywhere, so that nothing that was overlooked here would stay for long.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mkdocs.commands.build import _build_theme_template
from mkdocs.utils import get_build_date
from mkdocs.utils.yaml import get_yaml_loader, yaml_load

from mkdocs_gitguard.errors import Interruption
from mkdocs_gitguard.plugins.known_parts import pages_stand_alone, unknown_part
from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage
from mkdocs_gitguard.plugins.own_pages import OwnPages
from mkdocs_gitguard.portal.own_assets import bundled
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.wishes import CLEAN
from mkdocs_gitguard.state.file_state import FileState, state_of
from mkdocs_gitguard.state.tree import OwnFolders, remove_empty, states_below

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

    from mkdocs_gitguard.plugins.mkdocs_pages import OwnFile
    from mkdocs_gitguard.plugins.page_theme import Theme
    from mkdocs_gitguard.portal import PortalPage
    from mkdocs_gitguard.portal.page import Asset
    from mkdocs_gitguard.portal.pages import Pages
    from mkdocs_gitguard.site_build.kept_site import KeptSite
    from mkdocs_gitguard.site_build.site import Site
    from mkdocs_gitguard.site_build.staying import LastBuild

_SITEMAP: Final = "sitemap.xml"
_CLOCK: Final = "SOURCE_DATE_EPOCH"
"""Of the moment that this sets, the day is looked at."""
_REFRESH: Final = "GIT_PYTHON_REFRESH"
"""What `git/process.py` sets when it first runs git: in a process that stays, after its first build."""

_NOT_AS_LEFT: Final = "a file of the site is not as the last build left it"


class SiteHasChanged(Exception):  # noqa: N818 - nothing is wrong: MkDocs builds the site
    """What keeps the pages from being made without MkDocs, seen when some of them stand."""


class Ground(NamedTuple):
    """What a build stands on beside the repositories: where all is the same, MkDocs would do what it did."""

    settings: object
    """All that `mkdocs.yml`, and what it inherits, says."""
    environment: Mapping[str, str]
    day: str
    own_files: Mapping[str, FileState]
    """Of `docs_dir` and `custom_dir`."""

    def difference(self, other: Ground) -> str:
        """Return the first thing that differs, in words; `""` for none."""
        words = ("the settings", "the environment", "the day", "a file of the site's own")
        return next((word for word, one, another in zip(words, self, other, strict=True) if one != another), "")


def ground_of(config: MkDocsConfig) -> Ground:
    """Return what a build of a site stands on.

    Raises:
        OSError: a file or folder of it cannot be read.
        ConfigurationError: `mkdocs.yml` cannot be read any more.
    """
    with Path(config.config_file_path).open("rb") as file:
        settings = yaml_load(file, get_yaml_loader(config=config))
    folders = filter(None, (config.docs_dir, config.theme.custom_dir))
    states = {f"{folder} {path}": state for folder in folders for path, state in _behind_links(Path(folder))}
    environment = {name: value for name, value in os.environ.items() if name not in {_CLOCK, _REFRESH}}
    return Ground(settings, environment, get_build_date(), states)


def _behind_links(folder: Path) -> Iterable[tuple[str, FileState]]:
    states = states_below(folder) if folder.is_dir() else {}
    for path, state in states.items():
        if (folder / path).is_symlink():
            raise OSError(f"{folder / path} is a link")
        yield path, state


def reason_for_mkdocs(config: MkDocsConfig) -> str:
    """Return what of a site keeps it from the short path, in words; `""` for nothing."""
    if config.strict:
        return "a strict build counts all warnings"
    return f"{CLEAN} is set" if os.environ.get(CLEAN) else unknown_part(config)


@dataclass
class Standing:
    """What a build has left for the next one of this process."""

    ground: Ground
    config: MkDocsConfig
    """As all plugins left it."""
    taken: Collection[str]
    """What the site's own files take, as paths in the site."""
    theme: Theme
    listed: Mapping[str, GeneratedPage]
    """By path, the portal's pages in the navigation."""
    site: Site
    own: OwnPages
    looked_after: Collection[str]
    """Folders of the site whose writers see by themselves what has become of their files."""
    left: Mapping[str, FileState]
    """How the other files of the site were left."""

    def reason_against(self) -> str:
        """Return what has changed beside the repositories, in words; `""` for nothing."""
        try:
            return self.ground.difference(ground_of(self.config))
        except Interruption:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong, MkDocs is to say it
            return str(error)

    def reason_against_showing(self, site: Site, pages: Pages) -> str:
        """Return what keeps this from being shown without MkDocs, in words; `""` for nothing."""
        before = self.site
        if (site.settings, site.budget, site.shown) != (before.settings, before.budget, before.shown):
            return "other repositories are shown, or by other settings"
        listed = {
            page.path
            for page in pages.by_path.values()
            if page.nav is not None and pages.target(page) not in self.taken
        }
        places = {path: _place_of(pages.by_path[path]) for path in self.theme.sections if path in pages.by_path}
        if listed != self.listed.keys() or places != {
            path: _place_of(page.portal_page) for path, page in self.theme.sections.items()
        }:
            return "the navigation has changed"
        return ""

    def reason_against_making(self, own: OwnPages) -> str:
        """Return what keeps pages from being made in the site as it stands, in words; `""` for nothing."""
        if own.loaded != self.own.loaded:
            return "what pages load has changed"
        if own.frame_places != self.own.frame_places:
            return "a section has its first page, or none any more"
        return "" if self._are_as_left(own.first.values()) else _NOT_AS_LEFT

    def _reason_against_keeping(self, own: OwnPages, *, are_others: bool) -> str:
        """Return what keeps the other pages from staying, in words; `""` for nothing.

        Args:
            own: the pages of this build.
            are_others: whether there are others to link to than before.
        """
        # What stands otherwise is seen when the pages stand: see `make`.
        if reason := own.judge(self.theme.nav, self.left).whole:
            return reason
        if not self._are_as_left(own.begun):
            return _NOT_AS_LEFT
        return "" if self._own_words_hold(are_others=are_others) else "the site's own pages lead elsewhere"

    def _are_as_left(self, paths: Iterable[str]) -> bool:
        site, folders = self.config.site_dir, OwnFolders(self.config.site_dir)
        return all(state_of(f"{site}{os.sep}{path}") == self.left.get(path) and folders.hold(path) for path in paths)

    def _is_as_left(self, besides: Collection[str]) -> bool:
        """Tell whether all files of the site stand as they were left, but for some, and those that others look after.

        Raises:
            OSError: a folder cannot be read.
        """
        states, left = states_below(Path(self.config.site_dir), self.looked_after), dict(self.left)
        for path in besides:
            states.pop(path, None)
            left.pop(path, None)
        return states == left

    def own_pages(self, pages: Pages, kept_site: KeptSite, last: LastBuild) -> OwnPages:
        """Return the pages of a build, and its other files, that MkDocs has no part in."""
        own = OwnPages(pages, self.config, kept_site, last, before=self.own)
        for page in pages.by_path.values():
            if page.nav is None and (target := pages.target(page)) not in self.taken:
                own.add(page, target)
        self._take(own, bundled(pages.assets_of_views(), self.taken))
        for asset in self.theme.frames.files:
            own.take(asset)
        return own

    def _take(self, own: OwnPages, assets: Iterable[Asset]) -> None:
        for asset in assets:
            if asset.path not in self.taken:
                own.take(asset)

    def make(
        self, own: OwnPages, pages: Pages, *, generated: Callable[[PortalPage, OwnFile], GeneratedPage], processes: int
    ) -> None:
        """Make what is due, in the site itself, and delete what there is no more.

        All of the site is looked at when the pages stand for which an event waits: a look takes as long as making them.

        Args:
            own: the pages of this build that MkDocs has no part in.
            pages: all of them.
            generated: makes MkDocs' page of one that must be made.
            processes: how many may make pages side by side, at most.

        Raises:
            SiteHasChanged: a file of the site is not as the last build left it, or more has changed than pages: all of
                it has to be made by MkDocs.
        """

        def then() -> None:
            try:
                is_as_left = self._is_as_left({*own.begun, *own.first.values()})
            except OSError as error:
                raise SiteHasChanged(str(error)) from error
            if not is_as_left:
                raise SiteHasChanged(_NOT_AS_LEFT)
            self._take(own, chain(pages.files(), pages.redirects()))
            self._delete(self.own.places - own.places)

        for path, page in self.theme.sections.items():
            page.show(pages.by_path[path], pages.write)
        are_others = self._bring_up_to_date(own)
        own.make_first(self.theme, generated)
        if reason := self._reason_against_keeping(own, are_others=are_others):
            raise SiteHasChanged(reason)
        maker = own.make(self.theme, generated=generated, processes=processes, then=then)
        maker.make_listed(self.listed.values())
        self._write_sitemap()

    def _bring_up_to_date(self, own: OwnPages) -> bool:
        """Give the site the files of this build, and tell whether there are others to link to than before."""
        files, gone, new = self.theme.files, *_come_and_gone(self.own.files, own.files)
        for file in gone:
            files.remove(file)
        for file in new:
            files.append(file)
        return bool(gone or new)

    def _own_words_hold(self, *, are_others: bool) -> bool:
        """Tell whether the site's own pages say what they said, whether there are other pages to link to or not."""
        if not are_others and pages_stand_alone(self.config):
            return True
        pages = (file.page for file in self.theme.files.documentation_pages())
        return all(
            page is not None and self._says_the_same(page) for page in pages if not isinstance(page, GeneratedPage)
        )

    def _says_the_same(self, page: Page) -> bool:
        before = page.content
        self.config._current_page = page  # noqa: SLF001 - as MkDocs does, for `!relative`
        try:
            page.render(self.config, self.theme.files)
        finally:
            self.config._current_page = None  # noqa: SLF001 - as above
        return page.content == before

    def _write_sitemap(self) -> None:
        """Write the sitemap, as MkDocs does."""
        theme = self.theme
        _build_theme_template(_SITEMAP, theme.environment, theme.files, self.config, theme.nav)

    def _delete(self, paths: Iterable[str]) -> None:
        """Delete files of the site, and the folders that are empty then."""
        site = Path(self.config.site_dir)
        for path in paths:
            (site / path).unlink(missing_ok=True)
            remove_empty(site, path.rpartition("/")[0])

    def left_after(self, own: OwnPages) -> Mapping[str, FileState]:
        """Return how the site's files are left by a build that has taken the short path."""
        gone = self.own.places - own.places
        listed = (page.file.dest_uri for page in self.listed.values())
        written = {*own.written, *listed, _SITEMAP, f"{_SITEMAP}.gz"}
        site = self.config.site_dir
        states = {path: state for path in written if (state := state_of(f"{site}{os.sep}{path}")) is not None}
        return {path: state for path, state in {**self.left, **states}.items() if path not in gone}


class ShortPath:
    """Gathers while MkDocs builds what the next build can stand on, and judges whether it can."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._ground: Ground | None = None
        self._config: MkDocsConfig | None = None
        self._taken: Collection[str] = ()
        self._theme: Theme | None = None
        self._listed: Mapping[str, GeneratedPage] = {}
        self._standing: Standing | None = None
        self._taken_by: Standing | None = None
        """What the build at work stands on, where it takes the short path."""

    @property
    def is_taken(self) -> bool:
        """Whether the build at work takes the short path."""
        return self._taken_by is not None

    def begin(self, config: MkDocsConfig) -> None:
        """Note what a build stands on, before it reads any of it."""
        self._config, self._ground = config, None
        if not (reason := reason_for_mkdocs(config)):
            try:
                self._ground = ground_of(config)
            except Interruption:
                raise
            except Exception as error:  # noqa: BLE001 - whatever is wrong, MkDocs is to say it
                reason = str(error)
        if reason:
            log.info("MkDocs builds the whole site each time: %s", reason)

    def take_files(self, taken: Collection[str]) -> None:
        """Note what the site's own files take."""
        self._taken, self._taken_by = taken, None

    def take_theme(self, theme: Theme, listed: Mapping[str, GeneratedPage]) -> None:
        """Note what pages are put into, and which of them MkDocs makes."""
        self._theme, self._listed = theme, dict(listed)

    def stand(self, site: Site, own: OwnPages, looked_after: Collection[str]) -> None:
        """Take a build that has ended well as what the next one stands on."""
        if self._taken_by is not None:
            self._standing = replace(self._taken_by, site=site, own=own, left=self._taken_by.left_after(own))
        elif self._ground is not None and self._config is not None and self._theme is not None:
            self._standing = Standing(
                ground=self._ground,
                config=self._config,
                taken=self._taken,
                theme=self._theme,
                listed=self._listed,
                site=site,
                own=own,
                looked_after=looked_after,
                left=states_below(Path(self._config.site_dir), looked_after),
            )
        self._taken_by = None

    def at_hand(self, last: LastBuild) -> Standing | None:
        """Return what a build can stand on as far as can be told before the repositories are read; None for nothing."""
        standing, self._standing = self._standing, None
        if standing is None or last.look_at is None or last.pages.memory is None:
            return None
        return standing if self._tells(standing.reason_against()) else None

    def may_show(self, standing: Standing, site: Site, pages: Pages, own: OwnPages) -> bool:
        """Tell whether what was read can be shown on what a build stands on."""
        reason = standing.reason_against_showing(site, pages) or standing.reason_against_making(own)
        self._taken_by = None if reason else standing
        return self._tells(reason)

    def make(
        self,
        standing: Standing,
        own: OwnPages,
        pages: Pages,
        *,
        generated: Callable[[PortalPage, OwnFile], GeneratedPage],
        processes: int,
    ) -> bool:
        """Make what is due, and return whether that could be done. Arguments as for `Standing.make`."""
        try:
            standing.make(own, pages, generated=generated, processes=processes)
        except SiteHasChanged as reason:
            self._taken_by = None
            return self._tells(str(reason))
        return True

    def _tells(self, reason: str) -> bool:
        if reason:
            log.info("MkDocs builds the whole site: %s", reason)
        return not reason


def _place_of(page: PortalPage) -> tuple[Any, ...]:
    """Return what stands of a page in the navigation, and on other pages."""
    return page.title, page.is_index, page.nav, page.nav_group, page.nav_title, page.is_wide, page.section


def _come_and_gone(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    gone = [file for path, file in before.items() if after.get(path) is not file]
    return gone, [file for path, file in after.items() if before.get(path) is not file]
