"""The explorer: search a node, walk its neighbours, filter by kind. Uses nothing but the static Graph API's files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.portal.diagrams.drawing import legend_css
from mkdocs_gitguard.portal.own_assets import own_asset, own_text
from mkdocs_gitguard.portal.page import Asset, PortalPage, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_INDEX: Final = "api/v1/index.json"


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the one page."""
    yield PortalPage(
        path="explorer",
        title=f"Explorer of {portal.snapshot.organization.name}",
        nav_title="Explorer",
        write=partial(_write, start=portal.snapshot.organization.id),
        is_wide=True,
        nav=61,
        nav_group="Browse",
        search="Search a repository, owner, pull request, policy or decision and walk from it to its neighbours.",
    )


def _write(sheet: Sheet, start: str) -> Markup:
    return sheet.render(
        "gitguard/explorer.html",
        index=sheet.file(_INDEX),
        start=start,
        style=sheet.file("assets/gitguard/explorer.css"),
        script=sheet.file("assets/gitguard/explorer.js"),
    )


def assets(_: Portal) -> Iterator[Asset]:
    """Yield style and script, which the page itself loads: no other has a use for them."""
    style = own_text("explorer.css") + legend_css()
    yield Asset(path="assets/gitguard/explorer.css", data=style.encode())
    yield own_asset("explorer.js")


VIEW = View(name="explorer", needs="graph_api", pages=pages, assets=assets)
