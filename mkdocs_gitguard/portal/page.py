"""A page of the portal, before and after it is written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from markupsafe import Markup

    from mkdocs_gitguard.portal.sheet import Sheet


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
    source_url: str = ""
    """The same thing on its forge."""
    edit_url: str = ""
    """Where to edit what the page shows, for the theme's edit button."""
    updated_at: datetime | None = None
    """When what it shows last changed, for the sitemap; None: at this build."""
    section: str = ""
    """Path of the section index that it belongs to, which the navigation then marks as active."""


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

    @cached_property
    def key(self) -> str:
        """Digest of all that the page hands to the theme. Equal keys, equal output under the same theme and nav."""
        page = self.page
        parts = (page.path, page.title, page.nav_title, page.search, page.description, page.edit_url, self.html)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
