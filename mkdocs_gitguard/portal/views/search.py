"""The search: its script on every page, and a page that leads to every list where there is no script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.portal.own_assets import own_asset
from mkdocs_gitguard.portal.page import Asset, PortalPage, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

PATH: Final = "find"
_LISTS: Final = (
    ("repository", "Repositories"),
    ("owner", "People and teams"),
    ("policy", "Policies and their rules"),
    ("pull-request", "Pull requests"),
    ("ownership", "Code owners"),
    ("decision", "Decisions"),
    ("finding", "Findings"),
)
"""Path and name of each list that the page leads to, where there is one."""


def pages(_: Portal) -> Iterator[PortalPage]:
    """Yield the one page."""
    yield PortalPage(
        path=PATH,
        title="Search",
        write=_write,
        search="Find a repository, person, team, policy, rule, pull request or file by its name.",
    )


def _write(sheet: Sheet) -> Markup:
    return sheet.render("gitguard/search.html", lists=_LISTS)


def assets(_: Portal) -> Iterator[Asset]:
    """Yield the script and its style."""
    yield own_asset("search.css", "style")
    yield own_asset("search.js", "script")


VIEW = View(name="search", pages=pages, assets=assets)
