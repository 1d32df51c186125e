"""A page while it is being written: it knows where it stands, so links are relative and headings are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import escape

from mkdocs_gitguard.model import path_of
from mkdocs_gitguard.portal.page import Heading, PortalPage
from mkdocs_gitguard.portal.ui import Ui, trusted
from mkdocs_gitguard.portal.view import panels_for
from mkdocs_gitguard.portal.words import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from mkdocs_gitguard.model import Record
    from mkdocs_gitguard.portal.pages import Portal
    from mkdocs_gitguard.portal.view import Panel


class Sheet:
    """A page while it is written: makes its links, keeps its headings. One for each page and build."""

    def __init__(self, portal: Portal, page: PortalPage) -> None:
        """Start an empty page."""
        self.portal = portal
        self.page = page
        self.headings: list[Heading] = []
        self.ui = Ui(self)
        self._folder = portal.target(page).split("/")[:-1]

    def link(self, target: str, anchor: str = "") -> str:
        """Return the URL, relative to this page, of a node (by id) or a page (by path), or `""` if there is none."""
        path = self.portal.path_of(target) if ":" in target else target
        page = self.portal.pages.get(path)
        if page is None:
            page, anchor = self.portal.shown_on.get(target, (None, ""))
        if page is None:
            return ""
        url = self._relative(self.portal.target(page))
        if self.portal.options.use_directory_urls and url.endswith("index.html"):
            url = url.removesuffix("index.html") or "./"
        return f"{url}#{anchor}" if anchor else url

    def file(self, path: str) -> str:
        """Return the URL, relative to this page, of another file of the site."""
        return self._relative(path)

    @property
    def json(self) -> str:
        """The URL of the page's node in the Graph API."""
        return self.file(f"api/v1/nodes/{path_of(self.page.node)}.json")

    def heading(self, level: int, anchor: str, text: str) -> Markup:
        """Return a heading and keep it for the table of contents."""
        text = one_line(text)
        self.headings.append(Heading(level, anchor, text))
        anchor = escape(anchor)
        return trusted(
            f'<h{level} id="{anchor}">{escape(text)}'
            f'<a class="headerlink" href="#{anchor}" title="Link to this section">¶</a></h{level}>'
        )

    def panels(self, record: Record) -> Iterator[Panel]:
        """Yield what the portal's views have to say about `record`."""
        return panels_for(self.portal.views, self, record)

    def render(self, template: str, **context: Any) -> Markup:
        """Return a template filled in. It sees `sheet`, `portal`, `graph`, `ui`, `link`, `heading` and `context`."""
        portal = self.portal
        return trusted(
            portal.environment.get_template(template).render(
                sheet=self,
                portal=portal,
                graph=portal.graph,
                ui=self.ui,
                link=self.link,
                heading=self.heading,
                **context,
            )
        )

    def _relative(self, path: str) -> str:
        here, there = self._folder, path.split("/")
        shared = 0
        while shared < len(here) and shared < len(there) - 1 and here[shared] == there[shared]:
            shared += 1
        return quote("/".join([".."] * (len(here) - shared) + there[shared:]))
