"""Diagrams: a panel on the pages of pull requests, repositories, owners and policies, and a map of the organisation."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_gitguard.model import Owner, Policy, PullRequest, Repository
from mkdocs_gitguard.portal.diagrams import subjects
from mkdocs_gitguard.portal.diagrams.drawing import MERMAID_SCRIPT, legend_css
from mkdocs_gitguard.portal.own_assets import own_asset, own_text
from mkdocs_gitguard.portal.page import Asset, Panel, PortalPage, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from mkdocs_gitguard.portal.diagrams.mermaid import Diagram
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the map."""
    yield PortalPage(
        path="map",
        title=f"Map of {portal.snapshot.organization.name}",
        nav_title="Map",
        write=_map,
        is_wide=True,
        is_traced=False,
        nav=60,
        nav_group="Policy",
        search="Repositories, their owners and the policies that apply to them, in one diagram.",
    )


def _map(sheet: Sheet) -> Markup:
    snapshot = sheet.graph.snapshot
    diagram = subjects.of_organization(sheet.graph, snapshot.organization, sheet.link)
    return sheet.render(
        "gitguard/map.html",
        figure=sheet.figure(diagram),
        in_all=len(snapshot.repositories),
        shown=min(len(snapshot.repositories), subjects.ORGANIZATION),
    )


def _panel(sheet: Sheet, diagram: Diagram | None) -> Panel | None:
    if diagram is None:
        return None
    return Panel("Diagram", sheet.figure(diagram), anchor="diagram", order=60)


def _of_pull_request(sheet: Sheet, change: PullRequest) -> Panel | None:
    return _panel(sheet, subjects.of_pull_request(sheet.graph, change, sheet.link))


def _of_repository(sheet: Sheet, repository: Repository) -> Panel | None:
    return _panel(sheet, subjects.of_repository(sheet.graph, repository, sheet.link))


def _of_owner(sheet: Sheet, owner: Owner) -> Panel | None:
    return _panel(sheet, subjects.of_owner(sheet.graph, owner, sheet.link))


def _of_policy(sheet: Sheet, policy: Policy) -> Panel | None:
    return _panel(sheet, subjects.of_policy(sheet.graph, policy, sheet.link))


def assets(portal: Portal) -> Iterator[Asset]:
    """Yield style, script, and Mermaid itself where the browser draws with it."""
    style = own_text("diagrams.css") + legend_css()
    yield Asset(path="assets/gitguard/diagrams.css", data=style.encode(), load="style")
    yield own_asset("diagrams.js", "script")
    package = find_spec("mermaidx") if portal.options.diagrams == "client" else None
    if package is not None and package.origin is not None:
        # The package is not imported: it would start a thread, and a process with threads cannot be copied.
        script = Path(package.origin).parent / "assets" / "mermaid.js"
        yield Asset(path=MERMAID_SCRIPT, data=script.read_bytes())


VIEW = View(
    name="diagrams",
    needs="mermaid_graphs",
    pages=pages,
    panels={
        PullRequest: (_of_pull_request,),
        Repository: (_of_repository,),
        Owner: (_of_owner,),
        Policy: (_of_policy,),
    },
    assets=assets,
)
