"""Makes the generated pages beside MkDocs' own loop: those that hold are left alone, the others are written.

MkDocs walks every page through six events, keeps all bodies in memory and renders the theme for each. For generated
pages none of that is needed unless another plugin takes part in it (`page_hooks`), so they stay out of its loop: MkDocs
knows their files, for links, and the pages that stand in the navigation. The rest are made here, after MkDocs has made
the site's own pages and knows the navigation.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import msgspec
from mkdocs.commands.build import get_context

from mkdocs_gitguard.errors import GitGuardError, Interruption
from mkdocs_gitguard.plugins.mkdocs_pages import with_feed
from mkdocs_gitguard.plugins.neighbours import PAGE_EVENTS, module_of, owner_of, takes_part, takes_the_site
from mkdocs_gitguard.plugins.search_plugin import SEARCH_MODULES, search_plugin
from mkdocs_gitguard.plugins.shared_theme import specimen_of
from mkdocs_gitguard.portal.diagrams.drawing import Drawn
from mkdocs_gitguard.portal.recording import Read  # noqa: TC001 - msgspec looks up what `MadePage` has
from mkdocs_gitguard.site_build.keep import KeptPage
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.wishes import CLEAN
from mkdocs_gitguard.state.file_state import state_of
from mkdocs_gitguard.state.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation

    from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage
    from mkdocs_gitguard.plugins.shared_theme import Frames
    from mkdocs_gitguard.portal.pages import Pages


def page_hooks(config: MkDocsConfig, ours: object) -> list[str]:
    """Return which plugins and hooks take part in the making of pages, beside ours and the search, by name.

    With any, MkDocs makes every generated page itself, so that they see it.
    """
    names = set()
    for event in PAGE_EVENTS:
        for method in config.plugins.events[event]:
            if owner_of(method) is not ours and module_of(method) not in SEARCH_MODULES and takes_part(method):
                names.add(module_of(method))
    search = search_plugin(config)
    if search is not None and search.config.get("prebuild_index"):
        names.add("search with prebuild_index")
    return sorted(names)


def makes_all(config: MkDocsConfig, ours: object) -> bool:
    """Tell whether every page is to be made, whatever still holds: by `--clean`, or for another that takes the site.

    What runs in `on_post_build` may read or write any page (an index, a checker, a compressor). It must find all of
    them in the site's folder, as MkDocs makes them, and none twice; pages that are kept come to their place after it.
    """
    takers = _takers(config, ours)
    if takers:
        log.info("Every page of the portal is made, because these take the whole site: %s", ", ".join(takers))
    return bool(takers or os.environ.get(CLEAN))


def _takers(config: MkDocsConfig, ours: object) -> list[str]:
    others = [method for method in config.plugins.events["post_build"] if owner_of(method) is not ours]
    return sorted({module_of(method) for method in others if takes_the_site(method)} - {*SEARCH_MODULES})


class MadePage(NamedTuple):
    """A page that was made."""

    kept: KeptPage
    """Without the numbers of its reads."""
    reads: tuple[Read, ...]
    """What it asked."""


class UnmadePage(NamedTuple):
    """A page that could not be made: the one of the last build stays, and is due again."""

    path: str
    file: str
    """In the site, with `/`."""
    reason: str


def packed(page: MadePage | UnmadePage) -> bytes:
    """Return a page as it is sent from one process to another: what it has asked takes four times as long to pickle."""
    made, unmade = (page, None) if isinstance(page, MadePage) else (None, page)
    return _ENCODER.encode((made, unmade))


def unpacked(data: bytes) -> MadePage | UnmadePage:
    """Return the page that was packed."""
    made, unmade = _DECODER.decode(data)
    return made or cast("UnmadePage", unmade)


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(tuple[MadePage | None, UnmadePage | None])


class PageMaker:
    """Makes the pages of one build."""

    def __init__(
        self,
        pages: Pages,
        *,
        config: MkDocsConfig,
        environment: Environment,
        files: Files,
        nav: Navigation,
        frames: Frames,
    ) -> None:
        """Take what pages are made of.

        Args:
            pages: the portal's.
            config: of the site.
            environment: the theme's, as all plugins left it.
            files: of the site.
            nav: the navigation, as all plugins left it.
            frames: the shared renderings of the theme.
        """
        self._pages = pages
        self._config = config
        self._template = environment.get_template("main.html")
        self._files = files
        self._documents = files.documentation_pages()
        self._nav = nav
        self._frames = frames
        self._site = Path(config.site_dir).as_posix()
        self._contexts: dict[int, Mapping[str, Any]] = {}
        """By how deep pages stand."""
        loaded = map(str, (*config.extra_javascript, *config.extra_css))
        self._tops = {path.lstrip("./").partition("/")[0] for path in loaded}
        """Folders of scripts and styles: the URLs of these are shorter on pages below the same folder."""

    def learn(self, page: GeneratedPage, places: Iterable[tuple[str, GeneratedPage | None]]) -> None:
        """Let the shared renderings learn what the theme makes of a page: the same whichever page it is.

        Args:
            page: any.
            places: where pages stand: the first folder, and the section in the navigation that they belong to.
        """
        page.read_source(self._config)
        page.file.page = None
        specimen = specimen_of(page)
        self._frames.learn(self._template, specimen, self._context(specimen))
        for folder, section in places:
            specimen = specimen_of(page, f"{folder}/gitguard", section)
            specimen.active = True
            try:
                self._frames.learn_navigation(self._template, specimen, self._context(specimen))
            finally:
                specimen.active = False

    def _context(self, page: GeneratedPage) -> Mapping[str, Any]:
        """Return what MkDocs would give to the theme (mkdocs/commands/build.py, `get_context`).

        All but the page hangs on how deep the page stands: URLs of scripts and styles are relative. The moment is that
        of the first page so deep.
        """
        top, *rest = page.url.split("/")
        shared = self._contexts.get(len(rest))
        if shared is None or top in self._tops:
            # A page that is kept would keep the whole portal.
            shared = {**get_context(self._nav, self._documents, self._config, page), "page": None}
            if top not in self._tops:
                self._contexts[len(rest)] = shared
        return {**shared, "page": page}

    def make(self, page: GeneratedPage) -> MadePage | UnmadePage:
        """Make a page and write its file. What is counted of it, `count` does."""
        drawer = self._pages.drawer
        drawn, drawer.drawn = drawer.drawn, Drawn()
        try:
            return self._made(page, drawer.drawn)
        except (GitGuardError, Interruption):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a template of the user's own raises
            log.debug("The page %s cannot be made.", page.portal_page.path, exc_info=True)
            return UnmadePage(page.portal_page.path, page.file.dest_uri, f"{type(error).__name__}: {error}")
        finally:
            drawer.drawn = drawn
            # The file may outlive this build, and would keep the page's body.
            page.file.page = None

    def make_listed(self, pages: Iterable[GeneratedPage]) -> None:
        """Make pages that stand in the navigation, as MkDocs does: all bodies before the first is put into the theme.

        Raises:
            Exception: whatever a template raises.
        """
        listed = [*pages]
        for page in listed:
            page.read_source(self._config)
            page.render(self._config, self._files)
        for page in listed:
            self._write(page)
            page.content = None

    def count(self, kept: KeptPage) -> None:
        """Count the diagrams of a page that was made or kept."""
        drawn = self._pages.drawer.drawn
        drawn.diagrams += kept.diagrams
        drawn.pull_requests += kept.drawn
        drawn.failures.extend(kept.failures)

    def _made(self, page: GeneratedPage, drawn: Drawn) -> MadePage:
        page.read_source(self._config)
        page.render(self._config, self._files)
        data = self._write(page)
        kept = KeptPage(
            path=page.portal_page.path,
            file=page.file.dest_uri,
            state=state_of(f"{self._site}/{page.file.dest_uri}"),
            digest=hashlib.sha256(data).digest(),
            diagrams=drawn.diagrams,
            drawn=drawn.pull_requests,
            failures=tuple(drawn.failures),
        )
        return MadePage(kept, page.reads)

    def _write(self, page: GeneratedPage) -> bytes:
        data = self.output(page).encode("utf-8", errors="xmlcharrefreplace")
        write_whole(f"{self._site}/{page.file.dest_uri}", data)
        return data

    def output(self, page: GeneratedPage) -> str:
        """Return a page in the theme, as MkDocs would make it (mkdocs/commands/build.py, `_build_page`)."""
        page.active = True
        try:
            return with_feed(self._frames.render(self._template, self._context(page)), page)
        finally:
            page.active = False
