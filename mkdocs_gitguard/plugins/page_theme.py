"""What MkDocs puts pages into, and the section that each page belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Environment
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation

    from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage, OwnFile
    from mkdocs_gitguard.plugins.shared_theme import Frames
    from mkdocs_gitguard.portal import PortalPage
    from mkdocs_gitguard.portal.pages import Pages


class Theme(NamedTuple):
    """What MkDocs puts pages into."""

    environment: Environment
    """Of the theme, as all plugins left it."""
    files: Files
    nav: Navigation
    frames: Frames
    """The shared renderings."""
    sections: dict[str, GeneratedPage]
    """By path, the pages of the portal that MkDocs makes; others that pages belong to are added."""


class Parents:
    """Gives pages the section that they belong to, of which themes read title, URL and whether it is active."""

    def __init__(
        self,
        pages: Pages,
        files: Mapping[str, OwnFile],
        generated: Callable[[PortalPage, OwnFile], GeneratedPage],
        sections: dict[str, GeneratedPage],
    ) -> None:
        self._pages = pages
        self._files = files
        self._generated = generated
        self._sections = sections

    def with_parent(self, page: PortalPage, file: OwnFile) -> GeneratedPage:
        """Return MkDocs' page of a page, in its place below its section."""
        made = self._generated(page, file)
        section = page.section
        if section and section not in self._sections and section in self._files and section != page.path:
            self._sections[section] = self.with_parent(self._pages.by_path[section], self._files[section])
        if section and section in self._sections:
            made.parent = self._sections[section]  # type: ignore[assignment] # a page has what themes read
        return made
