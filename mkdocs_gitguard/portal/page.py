"""A page of the portal before, while and after it is written; and views, which bring pages, panels and files."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, get_args

from mkdocs_gitguard.portal.ui import Ui, trusted
from mkdocs_gitguard.words import day, escaped, one_line, text_html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from jinja2 import Environment
    from markupsafe import Markup

    from mkdocs_gitguard.model import Finding, FlagName, Flags, Graph, Record
    from mkdocs_gitguard.portal.diagrams.drawing import Drawer
    from mkdocs_gitguard.portal.diagrams.mermaid import Diagram
    from mkdocs_gitguard.portal.links import Links
    from mkdocs_gitguard.portal.lists.policies import Formats
    from mkdocs_gitguard.portal.now import Now
    from mkdocs_gitguard.portal.portal import Portal
    from mkdocs_gitguard.portal.recording import Read


NavGroup = Literal["Browse", "Policy", "Health", "About"]
NAV_GROUPS: Final[tuple[NavGroup, ...]] = get_args(NavGroup)
"""Of the portal's entries in the navigation, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalPage:
    """One page: where it stands and how its body is written."""

    path: str
    """`path_of(id)` of its node, or the folder of a section's index, or `""` for home. No ending, no slashes around."""
    title: str
    """Plain text; the adapter escapes it."""
    write: Callable[[Sheet], Markup]
    """Writes the body. Called at most once a build, and not before the body is wanted."""
    is_index: bool = False
    """The page is its folder's index, so that pages below it can be its children."""
    nav: int | None = None
    """Place among the portal's entries in the navigation, small numbers first; None: not in the navigation."""
    nav_group: NavGroup | None = None
    """Group of the navigation that its entry stands in; None: it stands by itself."""
    nav_title: str = ""
    """Shorter title for the navigation; `""`: `title`."""
    is_wide: bool = False
    """Its tables want the whole width, so the theme's table of contents stays away."""
    search: str = ""
    """What the search index holds of the body: short plain text, never the whole page."""
    description: str = ""
    """One sentence for search engines and link previews."""
    node: str = ""
    """Id of the node that the page shows, `""` for an index."""
    shows: Mapping[str, str] = field(default_factory=dict)
    """Further nodes that have no page of their own and are shown here: id to anchor. Links to them lead here."""
    formerly: Mapping[str, str] = field(default_factory=dict)
    """Paths of pages that earlier versions of the portal had and that are part of this one now: path to anchor. What
    is left at their URLs leads here."""
    source_url: str = ""
    """The same thing on its forge."""
    edit_url: str = ""
    """Where to edit what the page shows, for the theme's edit button."""
    updated_at: datetime | None = None
    """When what it shows last changed, for the sitemap; None: at this build."""
    section: str = ""
    """Path of the section index that it belongs to, which the navigation then marks as active."""
    feed: str = ""
    """Path of the file of the Atom feed on its subject, `""` for none; `Pages` fills it in."""
    is_traced: bool = True
    """Whether what it reads can be told: of the graph only a node, the others of a relation or one key of an index, of
    the moment only its answers. False for an overview, which may read the whole snapshot."""


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of a page's table of contents."""

    level: int
    """2 for `<h2>`."""
    anchor: str
    text: str


@dataclass(frozen=True)
class Written:
    """A page with its body."""

    page: PortalPage
    html: str
    """The article's HTML, title included."""
    headings: tuple[Heading, ...] = field(default=())
    """In order, the title's own left out."""
    reads: tuple[Read, ...] = field(default=())
    """What it asked, in order; nothing for an overview."""

    @cached_property
    def key(self) -> str:
        """Digest of all that the page hands to the theme. Equal keys, equal output under the same theme and nav."""
        page = self.page
        handed = (
            *(
                page.path,
                page.title,
                page.nav_title,
                page.search,
                page.description,
                page.edit_url,
                page.section,
                page.feed,
            ),
            *(page.is_index, page.is_wide, "" if page.updated_at is None else day(page.updated_at)),
            *((heading.level, heading.anchor, heading.text) for heading in self.headings),
        )
        # Written as JSON, so that no text can end where another begins, and lone surrogates do no harm: but for the
        # body, which is the last.
        return hashlib.sha256(json.dumps(handed).encode() + self.html.encode("utf-8", "surrogatepass")).hexdigest()


class Tools(NamedTuple):
    """What all pages of a build are written with."""

    templates: Environment
    formats: Formats
    drawer: Drawer
    views: Sequence[View]
    clashes: Sequence[Finding]
    """Of pages that are left out, because another stands at their path."""


class Sheet:
    """A page while it is written: fills in templates, keeps the headings. One for each page and build.

    What stands on a page comes from its record, `graph`, `now`, `link` and `file`, and from nothing else: whoever
    stands in their place knows what the page has read.
    """

    def __init__(self, page: PortalPage, *, graph: Graph, now: Now, links: Links, tools: Tools) -> None:
        """Start an empty page."""
        self.page = page
        self.graph = graph
        self.now = now
        self.headings: list[Heading] = []
        self.ui = Ui(graph, now, links.link)
        self._links = links
        self._tools = tools

    @property
    def formats(self) -> Formats:
        """The policy formats by name."""
        return self._tools.formats

    @property
    def drawer(self) -> Drawer:
        """What draws this build's diagrams, and counts them."""
        return self._tools.drawer

    @property
    def clashes(self) -> Sequence[Finding]:
        """Of pages that are left out, because another stands at their path."""
        return self._tools.clashes

    def link(self, target: str, anchor: str = "") -> str:
        """Return the URL, relative to this page, of a node (by id) or a page (by path), or `""` if there is none."""
        return self._links.link(target, anchor)

    def file(self, path: str) -> str:
        """Return the URL, relative to this page, of another file of the site."""
        return self._links.file(path)

    def heading(self, level: int, anchor: str, text: str) -> Markup:
        """Return a heading and keep it for the table of contents."""
        text = one_line(text)
        self.headings.append(Heading(level, anchor, text))
        anchor = escaped(anchor)
        return trusted(
            f'<h{level} id="{anchor}">{text_html(text)}'
            f'<a class="headerlink" href="#{anchor}" title="Link to this section">¶</a></h{level}>'
        )

    def panels(self, record: Record) -> Iterator[Panel]:
        """Yield what the portal's views have to say about `record`, in order."""
        panels = [
            panel
            for view in self._tools.views
            for make in view.panels.get(type(record), ())
            if (panel := make(self, record)) is not None
        ]
        yield from sorted(panels, key=lambda panel: panel.order)

    def figure(self, diagram: Diagram) -> Markup:
        """Return a diagram as it stands on a page."""
        return self.drawer.draw(self, diagram, path=self.page.path, node=self.page.node)

    def render(self, template: str, **context: Any) -> Markup:
        """Return a template filled in.

        It sees `sheet`, `graph`, `now`, `formats`, `ui`, `link`, `heading` and what `context` names.
        """
        return trusted(
            self._tools.templates.get_template(template).render(
                sheet=self,
                graph=self.graph,
                now=self.now,
                formats=self.formats,
                ui=self.ui,
                link=self.link,
                heading=self.heading,
                **context,
            )
        )


@dataclass(frozen=True, slots=True)
class Panel:
    """A section that one view adds to another view's page."""

    heading: str
    html: Markup
    anchor: str = ""
    """`""`: made from the heading."""
    order: int = 50
    """Small numbers first; equal ones in the order of the registry."""

    @property
    def id(self) -> str:
        """The heading's anchor."""
        return self.anchor or re.sub(r"[^a-z0-9]+", "-", self.heading.lower()).strip("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file that a view puts on the site."""

    path: str
    """Relative to the site, for instance `assets/gitguard/portal.css`. A file of the user's own there wins."""
    data: bytes
    load: Literal["", "style", "script"] = ""
    """Whether every page of the site loads it."""


def _no_pages(_: Portal) -> Iterable[PortalPage]:
    return ()


def _no_assets(_: Portal) -> Iterable[Asset]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One subject of the portal. `portal/__init__.py` tells how to write one."""

    name: str
    pages: Callable[[Portal], Iterable[PortalPage]] = _no_pages
    panels: Mapping[type[Record], Sequence[Callable[[Sheet, Any], Panel | None]]] = field(default_factory=dict)
    assets: Callable[[Portal], Iterable[Asset]] = _no_assets
    """Scripts, style sheets, and small files."""
    files: Callable[[Portal], Iterable[Asset]] = _no_assets
    """Files of what the whole portal says, which take long and which no page loads: they are written after pages."""
    needs: FlagName | None = None
    """The feature flag that turns the view on; None: always on."""

    def is_on(self, flags: Flags) -> bool:
        """Return whether `flags` show the view."""
        return self.needs is None or bool(getattr(flags, self.needs))
