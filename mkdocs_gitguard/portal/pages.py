"""All pages of a portal by path: where each stands, how they link to each other, and their writing."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from mkdocs_gitguard.model import Finding, path_of
from mkdocs_gitguard.model.forge import PLAIN_PATH
from mkdocs_gitguard.model.ids import path_for
from mkdocs_gitguard.portal.diagrams.drawing import Drawer
from mkdocs_gitguard.portal.feeds import FeedSource, fed_nodes, feeds, happenings_of, path_of_feed
from mkdocs_gitguard.portal.page import Asset, PortalPage, Sheet, Tools, Written
from mkdocs_gitguard.portal.recording import Read, RecordedLinks, RecordedNow, Recording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mkdocs_gitguard.model import Graph
    from mkdocs_gitguard.portal.links import Links
    from mkdocs_gitguard.portal.lists.happenings import Happening
    from mkdocs_gitguard.portal.now import Now
    from mkdocs_gitguard.portal.page import View
    from mkdocs_gitguard.portal.portal import Portal


class Pages:
    """The pages that views make of a portal."""

    def __init__(self, portal: Portal, views: Sequence[View], *, drawer: Drawer | None = None) -> None:
        """Keep what is given; pages are made when they are first asked for.

        Args:
            portal: what is shown.
            views: all there are; those that the portal's flags leave off are left out.
            drawer: what draws this build's diagrams; default: one as the portal's options say.
        """
        self.portal = portal
        self.views = tuple(view for view in views if view.is_on(portal.flags))
        self.drawer = drawer or Drawer(portal.options.diagrams)
        self.clashes: list[Finding] = []
        """Pages that are left out, because another stands at their path; filled when `by_path` is."""

    @cached_property
    def by_path(self) -> Mapping[str, PortalPage]:
        """Every page by path, in the order of the views. Of two at one path the first stands; `clashes` tells."""
        pages: dict[str, PortalPage] = {}
        graph, once = self.portal.graph, self.portal.options.kept_work.once
        for view in self.views:
            for page in view.pages(self.portal):
                if page.path in pages:
                    self.clashes.append(_clash(page, pages[page.path]))
                else:
                    path = self.feeds.get(page.node, "") if page.node else ""
                    pages[page.path] = (
                        once("fed page", page.path, graph, partial(_with_feed, page, path), inputs=(page, path))
                        if path
                        else page
                    )
        return pages

    @cached_property
    def happenings(self) -> Mapping[str, tuple[Happening, ...]]:
        """By node id, what happened to each node that has a feed, newest first."""
        return happenings_of(self.portal) if self.portal.options.feeds else {}

    @cached_property
    def feeds(self) -> Mapping[str, str]:
        """By node id, the path of each feed."""
        nodes = fed_nodes(self.portal) if self.portal.options.feeds else ()
        return {node: path_of_feed(self.portal, node) for node in nodes}

    @cached_property
    def shown_on(self) -> Mapping[str, tuple[PortalPage, str]]:
        """By id, the page and anchor of each node that another page shows."""
        return {node: (page, anchor) for page in self.by_path.values() for node, anchor in page.shows.items()}

    def assets(self) -> Iterator[Asset]:
        """Yield every further file."""
        yield from self.assets_of_views()
        yield from self.files()

    def files(self) -> Iterator[Asset]:
        """Yield the files that no page loads and that take long: those that views bring, and the feeds."""
        for view in self.views:
            yield from view.files(self.portal)
        yield from feeds(FeedSource(self.portal, self.happenings, self.feeds, self.urls_of_nodes))

    def assets_of_views(self) -> Iterator[Asset]:
        """Yield the other files that views bring, those that pages load among them."""
        for view in self.views:
            yield from view.assets(self.portal)

    def redirects(self) -> Iterator[Asset]:
        """Yield the files that lead on from where pages of their own once stood."""
        for page in self.by_path.values():
            for path, anchor in page.formerly.items():
                if path not in self.by_path:
                    yield self._redirect(path, page, anchor)

    def _redirect(self, path: str, page: PortalPage, anchor: str) -> Asset:
        """Return the file at a page's old place that leads to the page that it is part of now.

        It needs no script and no setting of a host, and is small, since a library has a thousand of them. A refresh of
        no seconds is a permanent redirect to search engines
        (https://developers.google.com/search/docs/crawling-indexing/301-redirects#metarefresh).
        """
        file = f"{path}/index.html" if self.portal.options.use_directory_urls else f"{path}.html"
        url = f"{self.url_from(file.split('/')[:-1], page)}#{quote(anchor)}"
        refresh = f'<meta http-equiv="refresh" content="0;url={url}">'
        html = f'<!doctype html><meta charset="utf-8"><title>Moved</title>{refresh}'
        return Asset(path=file, data=html.encode())

    def write(self, page: PortalPage) -> Written:
        """Return a page with its body, and with what it read: an overview of the day alone."""
        reads: dict[Read, None] = {}
        sheet = self.sheet(page, reads)
        body = page.write(sheet)
        sections = self.sections_of(page)
        for section in sections:
            reads[Read("section", "", section.path)] = None
        has_json = page.node and self.portal.flags.graph_api
        html = sheet.render(
            "gitguard/page.html",
            body=body,
            has_own_title="<h1" in body,
            sections=sections,
            explorer_url=sheet.link("explorer", f"node={quote(page.node, safe='')}") if has_json else "",
            feed_url=sheet.file(page.feed) if page.feed else "",
            json_url=sheet.file(f"api/v1/nodes/{path_of(page.node)}.json") if has_json else "",
        )
        return Written(page, str(html), tuple(sheet.headings), tuple(reads))

    def sheet(self, page: PortalPage, reads: dict[Read, None] | None = None) -> Sheet:
        """Return the empty sheet that a page is written on, which puts what it is asked into `reads`."""
        if reads is None:
            reads = {}
        links = self.links(page)
        now = cast("Now", RecordedNow(self.portal.now, reads))
        if not page.is_traced:
            return Sheet(page, graph=self.portal.graph, now=now, links=links, tools=self.tools)
        return Sheet(
            page,
            # It answers all that a traced page may ask, and refuses the rest.
            graph=cast("Graph", Recording(self.portal.graph, reads)),
            now=now,
            links=RecordedLinks(links, reads),
            tools=self.tools,
        )

    @cached_property
    def tools(self) -> Tools:
        """What all pages are written with."""
        return Tools(self.portal.templates, self.portal.formats, self.drawer, self.views, self.clashes)

    def links(self, page: PortalPage) -> Links:
        """Return what makes the links of a page."""
        return _Links(self, page)

    def sections_of(self, page: PortalPage) -> list[PortalPage]:
        """Return the pages that it belongs to, the outermost first."""
        sections: list[PortalPage] = []
        while (section := self.by_path.get(page.section) if page.section else None) and section not in sections:
            sections.append(section)
            page = section
        return sections[::-1]

    def target(self, page: PortalPage) -> str:
        """Return the page's file in the site: `repository/acme/billing/index.html`."""
        return self.portal.file_at(page.path, is_index=page.is_index)

    def url(self, page: PortalPage) -> str:
        """Return the page's URL relative to the site: `repository/acme/billing/`, `./` for the root."""
        return self.portal.as_url(self.target(page))

    @cached_property
    def urls_of_nodes(self) -> Mapping[str, str]:
        """By id, the URL of each node's page, relative to the site; of one that another page shows, with the anchor."""
        shown = {node: f"{self.url(page)}#{quote(anchor)}" for node, (page, anchor) in self.shown_on.items()}
        return {**shown, **{page.node: self.url(page) for page in self.by_path.values() if page.node}}

    def markdown_path(self, page: PortalPage) -> str:
        """Return the Markdown path that MkDocs makes `target(page)` from: `repository/acme/billing.md`."""
        return f"{page.path}/index.md".lstrip("/") if page.is_index or not page.path else f"{page.path}.md"

    def find(self, target: str) -> tuple[PortalPage, str] | None:
        """Return the page of a node (by id) or a path, and the anchor on it if another page shows the node."""
        page = self.by_path.get(path_for(target))
        return (page, "") if page is not None else self.shown_on.get(target)

    def url_from(self, folder: Sequence[str], page: PortalPage) -> str:
        """Return the URL of a page, relative to a folder of the site."""
        return self.portal.as_url(_relative(folder, self.target(page)))


def _with_feed(page: PortalPage, path: str, _: Graph) -> PortalPage:
    return replace(page, feed=path)


class _Links:
    """The links of one page."""

    def __init__(self, pages: Pages, page: PortalPage) -> None:
        self._pages = pages
        self._folder = pages.target(page).split("/")[:-1]

    def link(self, target: str, anchor: str = "") -> str:
        place = self._pages.find(target)
        if place is None:
            return ""
        page, own_anchor = place
        anchor = own_anchor or anchor
        url = self._pages.url_from(self._folder, page)
        return f"{url}#{anchor}" if anchor else url

    def file(self, path: str) -> str:
        return _relative(self._folder, path)


def _relative(folder: Sequence[str], path: str) -> str:
    """Return the URL of a file of the site, relative to a folder of the site."""
    there = path.split("/")
    shared = 0
    while shared < len(folder) and shared < len(there) - 1 and folder[shared] == there[shared]:
        shared += 1
    url = "/".join([".."] * (len(folder) - shared) + there[shared:])
    return url if PLAIN_PATH.fullmatch(url) else quote(url)


def _clash(page: PortalPage, first: PortalPage) -> Finding:
    return Finding(
        code="page-clash",
        severity="warning",
        message=f"The page {page.title!r} is left out: {first.title!r} stands at its path, {page.path}.",
        hint="Set another `name` for one of the two repositories in `repositories`.",
    )
