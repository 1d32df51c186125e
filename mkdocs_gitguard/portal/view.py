"""What a view is: pages, panels for other views' pages, and further files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import Flags, Record
    from mkdocs_gitguard.portal.page import PortalPage
    from mkdocs_gitguard.portal.pages import Portal
    from mkdocs_gitguard.portal.sheet import Sheet

FlagName = Literal[
    "embeddings", "owners", "policy_transparency", "mermaid_graphs", "graph_api", "chaos_engineering", "slo_monitoring"
]


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
    needs: FlagName | None = None
    """The feature flag that turns the view on; None: always on."""

    def is_on(self, flags: Flags) -> bool:
        """Return whether `flags` show the view."""
        return self.needs is None or bool(getattr(flags, self.needs))


def panels_for(views: Iterable[View], sheet: Sheet, record: Record) -> Iterator[Panel]:
    """Yield what `views` have to say about `record`, in order."""
    found = [
        panel
        for view in views
        for make in view.panels.get(type(record), ())
        if (panel := make(sheet, record)) is not None
    ]
    yield from sorted(found, key=lambda panel: panel.order)
