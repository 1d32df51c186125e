"""The search: its script on every page, and a page that leads to every list where there is no script."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from mkdocs_gitguard.portal.page import Asset, PortalPage, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

PATH = "find"


def pages(_: Portal) -> Iterator[PortalPage]:
    """Yield the one page."""
    yield PortalPage(
        path=PATH,
        title="Search",
        write=_write,
        is_traced=False,
        search="Find a repository, person, team, policy, rule, pull request or file by its name.",
    )


def _write(sheet: Sheet) -> Markup:
    snapshot = sheet.graph.snapshot
    lists = [
        ("repository", "Repositories", len(snapshot.repositories)),
        ("owner", "People and teams", len(snapshot.owners)),
        ("policy", "Policies and their rules", len(snapshot.policies)),
        ("pull-request", "Pull requests", len(snapshot.pull_requests)),
        ("code-owners", "Code owners", len(snapshot.ownership)),
        ("decision", "Decisions", len(snapshot.decisions)),
        ("finding", "Findings", len(snapshot.findings)),
    ]
    return sheet.render("gitguard/search.html", lists=lists)


def assets(_: Portal) -> Iterator[Asset]:
    """Yield the script and its style."""
    folder = files("mkdocs_gitguard.portal") / "assets"
    yield Asset(path="assets/gitguard/search.css", data=(folder / "search.css").read_bytes(), load="style")
    yield Asset(path="assets/gitguard/search.js", data=(folder / "search.js").read_bytes(), load="script")


VIEW = View(name="search", pages=pages, assets=assets)
