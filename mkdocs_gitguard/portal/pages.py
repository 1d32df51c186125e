"""The portal: a snapshot, the moment, what is turned on, and all pages by path."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined
from markupsafe import Markup

from mkdocs_gitguard.model import Finding, Flags, Graph, RolloutStatus, Snapshot, path_of
from mkdocs_gitguard.portal.charts import activity_bars, activity_in_words, language_bar, main_language, months_until
from mkdocs_gitguard.portal.diagrams.drawing import Drawer
from mkdocs_gitguard.portal.file_tree import base_name
from mkdocs_gitguard.portal.page import PortalPage, Written
from mkdocs_gitguard.portal.sheet import Sheet
from mkdocs_gitguard.portal.words import count, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableMapping, Sequence
    from datetime import datetime

    from mkdocs_gitguard.portal.diagrams.drawing import Mode
    from mkdocs_gitguard.portal.view import Asset, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the site says about the portal's shape."""

    use_directory_urls: bool = True
    home: str = ""
    """Path of the home page; `""` for the site's own root."""
    pull_request_pages: int = 200
    """How many pull requests of a repository get a page, newest first."""
    decision_pages: int = 500
    """How many decisions get a page, newest first; all stand in the tables."""
    rollout: RolloutStatus | None = None
    """What the rollout page shows; None: there is none."""
    diagrams: Mode = "client"
    """How Mermaid is drawn: see `portal/drawing.py`."""
    diagram_cache: MutableMapping[str, str] = field(default_factory=dict)
    """SVG by digest of its source, kept between builds by whoever gives it."""
    template_folders: tuple[str, ...] = ()
    """Folders that may hold `gitguard/<name>.html` of the user's own, the first wins."""


class Portal:
    """All pages of one snapshot. Holds no facts of its own."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        now: datetime,
        flags: Flags,
        views: Sequence[View],
        options: Options | None = None,
    ) -> None:
        """Keep what is given; pages are made when they are first asked for."""
        self.snapshot = snapshot
        self.graph = Graph(snapshot)
        self.now = now
        self.flags = flags
        self.options = options or Options()
        self.clashes: list[Finding] = []
        """Pages that are left out, because another stands at their path; filled when `pages` is."""
        self._paths: dict[str, str] = {}
        self.views = tuple(view for view in views if view.is_on(flags))

    @cached_property
    def drawer(self) -> Drawer:
        """What draws this build's diagrams, and counts them."""
        return Drawer(self.options.diagrams, self.options.diagram_cache)

    @cached_property
    def pages(self) -> Mapping[str, PortalPage]:
        """Every page by path, in the order of the views. Of two at one path the first stands; `clashes` tells."""
        pages: dict[str, PortalPage] = {}
        for view in self.views:
            for page in view.pages(self):
                if page.path in pages:
                    self.clashes.append(_clash(page, pages[page.path]))
                else:
                    pages[page.path] = page
        return pages

    @cached_property
    def shown_on(self) -> Mapping[str, tuple[PortalPage, str]]:
        """By id, the page and anchor of each node that another page shows."""
        return {node: (page, anchor) for page in self.pages.values() for node, anchor in page.shows.items()}

    def path_of(self, node: str) -> str:
        """Return `path_of(node)`, remembered: a page names the same few nodes over and over."""
        path = self._paths.get(node)
        if path is None:
            path = self._paths[node] = path_of(node)
        return path

    def assets(self) -> Iterator[Asset]:
        """Yield every further file of the site."""
        for view in self.views:
            yield from view.assets(self)

    def write(self, page: PortalPage) -> Written:
        """Return a page with its body."""
        sheet = Sheet(self, page)
        body = page.write(sheet)
        html = sheet.render("gitguard/page.html", body=body, has_own_title="<h1" in body)
        return Written(page, str(html), tuple(sheet.headings))

    def sections_of(self, page: PortalPage) -> list[PortalPage]:
        """Return the pages that it belongs to, the outermost first."""
        found: list[PortalPage] = []
        while (section := self.pages.get(page.section) if page.section else None) and section not in found:
            found.append(section)
            page = section
        return found[::-1]

    def target(self, page: PortalPage) -> str:
        """Return the page's file in the site: `repository/acme/billing/index.html`."""
        if page.is_index or not page.path:
            return f"{page.path}/index.html".lstrip("/")
        return f"{page.path}/index.html" if self.options.use_directory_urls else f"{page.path}.html"

    def source(self, page: PortalPage) -> str:
        """Return the Markdown path that MkDocs makes `target(page)` from: `repository/acme/billing.md`."""
        return f"{page.path}/index.md".lstrip("/") if page.is_index or not page.path else f"{page.path}.md"

    @cached_property
    def environment(self) -> Environment:
        """The templates: the user's own over ours, autoescaped, undefined names are errors."""
        environment = Environment(
            autoescape=True,
            undefined=StrictUndefined,
            loader=ChoiceLoader(
                [FileSystemLoader(self.options.template_folders), PackageLoader("mkdocs_gitguard.portal")]
            ),
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            finalize=_show,
        )
        environment.filters["count"] = count
        environment.globals["activity_bars"] = partial(activity_bars, now=self.now)
        environment.globals["activity_in_words"] = partial(activity_in_words, now=self.now)
        environment.globals["months_until"] = partial(months_until, self.now)
        environment.globals["language_bar"] = language_bar
        environment.globals["main_language"] = main_language
        environment.filters["base_name"] = base_name
        return environment


def _clash(page: PortalPage, first: PortalPage) -> Finding:
    return Finding(
        code="page-clash",
        severity="warning",
        message=f"The page {page.title!r} is left out: {first.title!r} stands at its path, {page.path}.",
        hint="Set another `name` for one of the two repositories in `repositories`.",
    )


def _show(value: object) -> object:
    """Make hidden characters of plain text visible; leave markup alone."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
