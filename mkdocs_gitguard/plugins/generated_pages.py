"""Makes MkDocs' pages of the portal's, for one build and those that follow it by the short path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_gitguard import __version__
from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage
from mkdocs_gitguard.plugins.page_bodies import PageBodies
from mkdocs_gitguard.plugins.shared_theme import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_gitguard.plugins.mkdocs_pages import PortalFile
    from mkdocs_gitguard.portal import Pages, PortalPage


class GeneratedPages:
    """Makes a page where MkDocs needs one."""

    def __init__(self, pages: Callable[[], Pages | None], config: MkDocsConfig, state_folder: Path) -> None:
        """Take what all pages have in common.

        Args:
            pages: gives the portal as it is now.
            config: of the site.
            state_folder: where bodies wait.
        """
        self._pages = pages
        self._config = config
        sections = [page.title for page in self._now.by_path.values() if page.nav is not None]
        self._bodies = PageBodies(state_folder)
        self._signature = f"{__version__} {config.theme.name} {config.site_name} {sections}"

    def __call__(self, page: PortalPage, file: PortalFile) -> GeneratedPage:
        """Return the page that MkDocs takes for one of the portal."""
        return GeneratedPage(
            page,
            file,
            self._config,
            write=self._now.write,
            spool=self._bodies,
            template=TEMPLATE,
            signature=self._signature,
        )

    @property
    def _now(self) -> Pages:
        pages = self._pages()
        assert pages is not None  # noqa: S101 - there are none to ask for before
        return pages
