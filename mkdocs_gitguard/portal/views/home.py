"""The home page: what is here, what changed lately, what needs attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_gitguard.portal.page import PortalPage
from mkdocs_gitguard.portal.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from mkdocs_gitguard.portal.sheet import Sheet
    from mkdocs_gitguard.portal.site import Portal


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the one page."""
    yield PortalPage(
        path=portal.options.home,
        title=portal.snapshot.organization.name,
        write=_write,
        is_index=True,
        nav=0,
        nav_title="Home" if not portal.options.home else "Overview",
        node=portal.snapshot.organization.id,
        search="Repositories, recent changes and what needs attention.",
    )


def _write(sheet: Sheet) -> Markup:
    portal = sheet.portal
    return sheet.render("gitguard/home.html", organization=portal.snapshot.organization)


VIEW = View(name="home", pages=pages)
