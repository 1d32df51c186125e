"""The pages of a build that MkDocs does not make: their files, keeping or making them, and the memory of it."""

from __future__ import annotations

import os
from functools import cached_property
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage, OwnFile
from mkdocs_gitguard.plugins.page_maker import PageMaker, UnmadePage, packed, unpacked
from mkdocs_gitguard.plugins.page_theme import Parents
from mkdocs_gitguard.plugins.site_epoch import THEME, site_epoch
from mkdocs_gitguard.plugins.sitemap import listed
from mkdocs_gitguard.portal.traces import Values
from mkdocs_gitguard.site_build.keep import Keeping, Memory, state_as_written
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.progress import counted
from mkdocs_gitguard.site_build.side_by_side import cores, may_copy, side_by_side
from mkdocs_gitguard.site_build.wishes import EXPLAIN, HOME
from mkdocs_gitguard.state.compiled_templates import COMPILED
from mkdocs_gitguard.state.file_state import content_of
from mkdocs_gitguard.state.files import write_whole
from mkdocs_gitguard.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.nav import Navigation

    from mkdocs_gitguard.plugins.page_maker import MadePage
    from mkdocs_gitguard.plugins.page_theme import Theme
    from mkdocs_gitguard.plugins.sitemap import ListedFile
    from mkdocs_gitguard.portal import PortalPage
    from mkdocs_gitguard.portal.page import Asset
    from mkdocs_gitguard.portal.pages import Pages
    from mkdocs_gitguard.site_build.keep import KeptPage
    from mkdocs_gitguard.site_build.kept_site import KeptSite
    from mkdocs_gitguard.site_build.staying import LastBuild
    from mkdocs_gitguard.state.file_state import FileState


_FEW: Final = 20
"""New pages that are made before the others are judged: of more, each would wait for all before it."""
_ENOUGH: Final = 250
"""So many pages are worth a process of their own."""


class OwnPages:
    """The pages of one build that MkDocs does not make."""

    def __init__(
        self,
        pages: Pages,
        config: MkDocsConfig,
        kept_site: KeptSite,
        last: LastBuild,
        *,
        before: OwnPages | None = None,
    ) -> None:
        """Begin with none.

        Args:
            pages: the portal's.
            config: of the site.
            kept_site: the folder of the site, moved aside or not.
            last: what is known of the last build.
            before: those of the last build of the same config, where the site stands as it has left it.
        """
        self._known: Mapping[str, OwnFile] = before.files if before is not None else {}
        self._plain_before: Mapping[str, bytes] = before.plain if before is not None else {}
        # What pages are put into stays loaded from one build of a config to the next.
        known = last.pages
        self._theme = known.memory.epoch.get(THEME, "") if before is not None and known.memory is not None else ""
        self.stood_at: datetime | None = None
        """When the pages stood that are about what has changed; the overviews follow. None: not yet."""
        self._pages = pages
        self._config = config
        self._kept_site = kept_site
        self._memory = known.memory
        self._files: dict[str, OwnFile] = {}
        self.values = Values(pages, known.values if known.memory is not None else None)
        """The answers of this build."""
        self.keeping: Keeping | None = None
        """The judgement of the last build, from `judge` on."""
        self._begun: tuple[PageMaker, Callable[[str], GeneratedPage]] | None = None
        self._first: dict[str, MadePage | UnmadePage] = {}
        self._standing: list[KeptPage] = []
        self._new: set[str] = set()
        """Paths of those that this build has made."""
        self._failed: list[str] = []
        self._plain: dict[str, bytes] = {}
        self._held: set[str] = set()
        self._written: set[str] = set()
        self._kept: Mapping[str, KeptPage | None] = {}
        self._states: Mapping[str, FileState] = {}
        self.loaded: list[Asset] = []
        """Files that every page loads."""

    def add(self, page: PortalPage, target: str) -> OwnFile:
        """Take a page in, with its file in the site, and return the one that links to it find."""
        file = self._known.get(page.path)
        if file is None or file.dest_uri != target:
            file = OwnFile.at(self._config, self._pages.markdown_path(page), target)
        self._files[page.path] = file
        return file

    def take(self, asset: Asset) -> bool:
        """Take in a file that is not a page, and return whether MkDocs need not know of it: no page loads it."""
        if asset.load:
            self.loaded.append(asset)
        else:
            self._plain[asset.path] = asset.data
        return not asset.load

    @property
    def counted(self) -> tuple[int, int]:
        """How many pages were made, and how many kept."""
        return len(self._new), len(self._standing) - len(self._new)

    @property
    def files(self) -> Mapping[str, OwnFile]:
        """The files of the pages by their paths in the portal."""
        return MappingProxyType(self._files)

    @property
    def plain(self) -> Mapping[str, bytes]:
        """The contents of the files that are not pages, by their places in the site."""
        return MappingProxyType(self._plain)

    @property
    def places(self) -> set[str]:
        """Where all that was taken in stands in the site, pages and others."""
        return {*self._plain, *(file.dest_uri for file in self._files.values())}

    @property
    def frame_places(self) -> set[tuple[str, str]]:
        """Where pages stand in the theme: their first folder, and the page of the navigation that leads to them."""
        by_path = self._pages.by_path
        places = {(file.dest_uri.partition("/")[0], by_path[path].section) for path, file in self._files.items()}
        return {(folder, self._listed_above(section)) for folder, section in places}

    def _listed_above(self, section: str) -> str:
        """Return the nearest section that stands in the navigation, `""` for none."""
        while section in self._files and (above := self._pages.by_path[section].section) != section:
            section = above
        return "" if section in self._files else section

    @property
    def written(self) -> set[str]:
        """Which of those this build has written."""
        return {page.file for page in self._standing if page.path in self._new} | self._written

    @property
    def outputs(self) -> set[str]:
        """The files of the pages, and the others that were taken in, absolute."""
        plain = {str(Path(self._config.site_dir, path)) for path in self._plain}
        return plain | {file.abs_dest_path for file in self._files.values()}

    def listed(self) -> Iterator[ListedFile]:
        """Yield the pages as the sitemap has them."""
        return listed(self._files, self._pages.by_path, self._config.site_url)

    def judge(self, nav: Navigation, states: Mapping[str, FileState] | None = None) -> Keeping:
        """Judge what the last build made.

        Args:
            nav: of the site.
            states: by path, how the site's files stand, where somebody has just looked.
        """
        self._states = states or {}
        epoch = site_epoch(self._pages.portal, self._config, nav, theme=self._theme)
        site = Path(self._config.site_dir)
        keeping = self.keeping = Keeping(self._memory, site, epoch, self.values, states=states)
        folder, by_path = self._kept_site.folder, self._pages.by_path
        self._kept = {path: keeping.kept(by_path[path], folder) for path in self._files}
        return keeping

    @property
    def begun(self) -> Iterator[str]:
        """The places in the site that `make` writes before `then`: pages that are due, and files."""
        for path, kept in self._kept.items():
            if kept is None and path not in self._first and self._pages.by_path[path].is_traced:
                yield self._files[path].dest_uri
        yield from self._plain

    @cached_property
    def first(self) -> Mapping[str, str]:
        """By path, where pages stand that `make_first` makes."""
        known = {page.path for page in self._memory.pages} if self._memory is not None else set()
        new = [path for path in self._files if path not in known and self._pages.by_path[path].is_traced]
        return {path: self._files[path].dest_uri for path in new} if len(new) <= _FEW else {}

    def make_first(self, theme: Theme, generated: Callable[[PortalPage, OwnFile], GeneratedPage]) -> None:
        """Make the pages that have come since the last build, before the others are judged, if these are few.

        They are waited for most: the page of a pull request that was merged. Arguments as for `make`.
        """
        maker, page_at = self._begin(theme, generated)
        self._first = {path: maker.make(page_at(path)) for path in self.first}

    def _begin(
        self, theme: Theme, generated: Callable[[PortalPage, OwnFile], GeneratedPage]
    ) -> tuple[PageMaker, Callable[[str], GeneratedPage]]:
        parents = Parents(self._pages, self._files, generated, theme.sections)
        maker = PageMaker(
            self._pages,
            config=self._config,
            environment=theme.environment,
            files=theme.files,
            nav=theme.nav,
            frames=theme.frames,
        )

        def page_at(path: str) -> GeneratedPage:
            return parents.with_parent(self._pages.by_path[path], self._files[path])

        if theme.frames.may_learn and self._files:
            places = [
                (folder, theme.sections.get(section) if section else None)
                for folder, section in sorted(self.frame_places)
            ]
            maker.learn(page_at(next(iter(self._files))), places)
        self._begun = (maker, page_at)
        return self._begun

    def make(
        self,
        theme: Theme,
        *,
        generated: Callable[[PortalPage, OwnFile], GeneratedPage],
        processes: int = 1,
        then: Callable[[], object] = lambda: None,
    ) -> PageMaker:
        """Keep or make every page, and return what has made them.

        Args:
            theme: what pages are put into.
            generated: makes MkDocs' page of one that must be made.
            processes: how many may make pages side by side, at most.
            then: is called when the pages stand that are about what has changed, before the overviews; files that it
                takes in are written then.
        """
        keeping = self.keeping or self.judge(theme.nav)
        maker, page_at = self._begun or self._begin(theme, generated)
        # It leads back here: kept, all of this build would wait until cycles are looked for.
        self._begun = None
        self._explain(keeping)
        kept = self._kept
        to_make = [path for path, page in kept.items() if page is None and path not in self._first]
        for asset in theme.frames.files:
            self.take(asset)
        self._write_files()
        made = self._in_order(to_make, lambda paths: self._answers(paths, maker, page_at, processes), then)
        every = chain(self._first.items(), counted(made, len(to_make), log.info))
        # What a page asked is let go of when it is numbered: that of all pages would be most of the memory.
        answers = {
            path: answer if isinstance(answer, UnmadePage) else keeping.numbered(answer.kept, answer.reads)
            for path, answer in every
        }
        for path, page in kept.items():
            answer = page or answers[path]
            if isinstance(answer, UnmadePage):
                log.warning("The page %s cannot be made: %s", path or "home", answer.reason)
                self._failed.append(answer.file)
            else:
                maker.count(answer)
                self._standing.append(answer)
                if page is None:
                    self._new.add(path)
        log.info("Pages: %d made, %d kept", *self.counted)
        for reason, count in keeping.reasons.most_common():
            log.info("  %d because %s", count, reason)
        return maker

    def _in_order(
        self,
        paths: Sequence[str],
        answers: Callable[[Sequence[str]], Iterator[tuple[str, MadePage | UnmadePage]]],
        then: Callable[[], object],
    ) -> Iterator[tuple[str, MadePage | UnmadePage]]:
        """Yield what making each page gives: first those about what has changed, then the overviews, which are many."""
        overviews = [path for path in paths if not self._pages.by_path[path].is_traced]
        first = [path for path in paths if self._pages.by_path[path].is_traced]
        yield from answers(first)
        self.stood_at = system_moment()
        then()
        self._write_files()
        yield from answers(overviews)

    def _answers(
        self,
        paths: Sequence[str],
        maker: PageMaker,
        page_at: Callable[[str], GeneratedPage],
        processes: int,
    ) -> Iterator[tuple[str, MadePage | UnmadePage]]:
        """Yield what making each page gives, side by side where there are enough of them."""
        number = min(cores(), processes, len(paths) // _ENOUGH)
        if number <= 1 or not may_copy():
            for path in paths:
                yield path, maker.make(page_at(path))
            return
        # Pages of one section share renderings of the theme, so that they are better made one after the other.
        ordered = sorted(paths, key=lambda path: self._pages.by_path[path].section)
        self._pages.portal.load_templates()
        answers = side_by_side(lambda path: packed(maker.make(page_at(path))), ordered, number)
        yield from ((path, unpacked(answer)) for path, answer in answers)

    def _write_files(self) -> None:
        """Write those files that are not pages, but for those that stand as they are in the site of the last build."""
        site, before = Path(self._config.site_dir), self._kept_site.folder
        done = self._held | self._written
        for path, data in self._plain.items():
            if path in done:
                continue
            is_known = path in self._states and self._plain_before.get(path) == data
            if is_known or content_of(before / path) == data:
                self._held.add(path)
            else:
                write_whole(site / path, data)
                self._written.add(path)

    def _explain(self, keeping: Keeping) -> None:
        """Say why the page that the user asks about is made again, if one is asked about."""
        asked = os.environ.get(EXPLAIN, "")
        if not asked:
            return
        path = self._pages.portal.options.home if asked == HOME else asked
        if path in self._files:
            reason = keeping.why(self._pages.by_path[path], self._kept_site.folder)
            what = f"is made again: {reason}" if reason else "is kept: all that it reads is the same"
        elif path in self._pages.by_path:
            what = "is made again: MkDocs makes the pages of the navigation at each build"
        else:
            unknown = f"--explain: the portal has no page {path}. {did_you_mean(path, self._pages.by_path)}"
            log.warning("%s", unknown.rstrip())
            return
        log.info("%s %s", asked, what)

    def finish(self, kept_folders: Collection[str]) -> Memory:
        """Let the site's folder take its place, and return what is to be remembered.

        Args:
            kept_folders: paths of folders in the site that are kept whole.

        Raises:
            OSError: the site's folder cannot be written.
        """
        held = {page.file for page in self._standing if page.path not in self._new} | {*self._failed} | self._held
        is_again = self._kept_site.is_aside
        done = self._kept_site.settle(held.__contains__, folders=kept_folders)
        if is_again:
            log.info("Site: %d files written, %d unchanged, %d deleted", *done)
        site = Path(self._config.site_dir)
        assert self.keeping is not None  # noqa: S101 - `make` has run
        left = (self._as_left(page, site) for page in self._standing)
        memory = self.keeping.remember(page for page in left if page is not None)
        self.values.forget_before()
        return memory

    def _as_left(self, kept: KeptPage, site: Path) -> KeptPage | None:
        """Return what is remembered of a page; None where its file is not the one that this build has written."""
        if kept.path not in self._new:
            return kept
        state = state_as_written(kept, site)
        if state is None:
            return None
        return msgspec.structs.replace(kept, state=state, fields=self.values.fields(self._pages.by_path[kept.path]))


def settle(own: OwnPages | None, kept_site: KeptSite, last: LastBuild, kept_folders: Collection[str]) -> None:
    """Let what was built take the place of the site, and keep what the next build has to know.

    Args:
        own: the pages that MkDocs did not make; None: it made all.
        kept_site: the folder of the site.
        last: takes what is to be known.
        kept_folders: paths of folders in the site that are kept whole.

    Raises:
        OSError: the site's folder cannot be written.
    """
    pages = last.pages
    before, pages.values = pages.memory, None
    if own is None:
        pages.memory = None
        kept_site.settle(lambda _: False, folders=kept_folders)
    else:
        pages.memory, pages.values = own.finish(kept_folders), own.values
    last.work.let_go()
    pages.is_news = pages.memory is None or pages.memory is not before
    COMPILED.save()
