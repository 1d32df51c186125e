"""Code owners: their load, a page of each repository's ownership, and panels where owners matter."""

from __future__ import annotations

from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import Organization, Owner, PullRequest, Repository, file_url, index_path
from mkdocs_gitguard.portal.lists.ownership import all_loads, alone, drifted, idle, load_of, share, tree
from mkdocs_gitguard.portal.page import Asset, Panel, PortalPage, View
from mkdocs_gitguard.portal.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from mkdocs_gitguard.model import Ownership
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_ROWS: Final = 1_000
"""Lines of a CODEOWNERS file that one page shows."""
_DRIFT: Final = 50
_OWNERS_IN_PANEL: Final = 8


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the index, then a page for each repository."""
    yield PortalPage(
        path="ownership",
        title="Code owners",
        write=_index,
        is_index=True,
        is_wide=True,
        is_traced=False,
        nav=35,
        search="Who owns what by CODEOWNERS: teams, people and addresses with their load.",
    )
    for ownership in portal.snapshot.ownership:
        repository = portal.graph.repositories.get(ownership.repository)
        if repository is None:
            continue
        name = f"{repository.namespace}/{repository.name}"
        yield PortalPage(
            path=index_path("ownership", repository.id),
            title=f"Code owners of {name}",
            nav_title=name,
            write=partial(_of_repository, repository=repository, ownership=ownership),
            section="ownership",
            search=_search_text(ownership),
            description=f"Who owns which files of {name}, by its CODEOWNERS file.",
            source_url=file_url(repository.forge, repository.head, ownership.path) if ownership.path else "",
            updated_at=repository.head_at,
        )


def _search_text(ownership: Ownership) -> str:
    if not ownership.path:
        return "No CODEOWNERS file."
    return " · ".join(
        [
            ownership.path,
            f"{share(ownership.owned, ownership.files)} of files owned",
            count(len(ownership.rules), "rule"),
            count(len(ownership.owners), "owner"),
        ]
    )


def _index(sheet: Sheet) -> Markup:
    graph = sheet.graph
    loads = sorted(all_loads(graph, sheet.now), key=lambda load: (-load.files, load.owner.id))
    in_all = sum(ownership.files for ownership in graph.snapshot.ownership)
    rows = [
        (graph.repositories[ownership.repository], ownership, len(idle(ownership)))
        for ownership in graph.snapshot.ownership
        if ownership.repository in graph.repositories
    ]
    rows.sort(key=lambda row: (not row[1].path, -row[1].files, row[0].id))
    return sheet.render(
        "gitguard/ownership_index.html", loads=loads, rows=rows, files=in_all, share=share, index_path=index_path
    )


def _of_repository(sheet: Sheet, repository: Repository, ownership: Ownership) -> Markup:
    def line(number: int) -> Markup:
        url = file_url(repository.forge, repository.head, ownership.path, number)
        return sheet.ui.external(url, str(number))

    shown = ownership.rules[:_ROWS]
    idle_lines, lines_with_drift = idle(ownership), drifted(ownership)
    return sheet.render(
        "gitguard/ownership.html",
        repository=repository,
        ownership=ownership,
        loads=[load_of(sheet.graph, sheet.now, share.owner) for share in ownership.owners],
        files_of={share.owner: share.files for share in ownership.owners},
        root=tree(ownership.areas),
        idle=idle_lines[:_ROWS],
        idle_in_all=len(idle_lines),
        rules=shown,
        shown_lines=frozenset(rule.line for rule in shown),
        drift=lines_with_drift[:_DRIFT],
        drift_in_all=len(lines_with_drift),
        unclear=sum(drift.contributors[0].standing == "unknown" for drift in ownership.drift if drift.contributors),
        alone=alone(ownership, sheet.graph.owners),
        share=share,
        line=line,
    )


def _on_a_repository(sheet: Sheet, repository: Repository) -> Panel | None:
    ownership = sheet.graph.ownership.get(repository.id)
    if ownership is None:
        return None
    return Panel(
        "Code owners",
        sheet.render(
            "gitguard/ownership_of_repository.html",
            repository=repository,
            ownership=ownership,
            loads={
                share.owner: load_of(sheet.graph, sheet.now, share.owner)
                for share in ownership.owners[:_OWNERS_IN_PANEL]
            },
            most=_OWNERS_IN_PANEL,
            idle=len(idle(ownership)),
            share=share,
            page=sheet.link(index_path("ownership", repository.id)),
        ),
        order=30,
    )


def _on_a_pull_request(sheet: Sheet, change: PullRequest) -> Panel | None:
    if not sheet.graph.codeowners_paths.get(change.repository) or not change.files:
        return None
    theirs = sheet.graph.ownership_by_pull_request.get(change.id)
    return Panel(
        "Code owners",
        sheet.render(
            "gitguard/ownership_of_pull_request.html",
            theirs=theirs,
            page=sheet.link(index_path("ownership", change.repository)),
        ),
        order=20,
    )


def _on_an_owner(sheet: Sheet, owner: Owner) -> Panel | None:
    if owner.id not in sheet.graph.holdings_by_owner:
        return None
    return Panel(
        "Owns",
        sheet.render(
            "gitguard/ownership_of_owner.html",
            owner=owner,
            load=load_of(sheet.graph, sheet.now, owner.id),
            changes=sheet.graph.latest_pull_requests_by_owner.get(owner.id, ()),
            share=share,
            index_path=index_path,
        ),
        order=10,
    )


def _on_home(sheet: Sheet, _: Organization) -> Panel | None:
    ownership = sheet.graph.snapshot.ownership
    if not ownership:
        return None
    return Panel(
        "Code owners",
        sheet.render(
            "gitguard/ownership_at_home.html",
            ownership=ownership,
            with_file=sum(1 for one in ownership if one.path),
            files=sum(one.files for one in ownership),
            owned=sum(one.owned for one in ownership),
            idle=sum(len(idle(one)) for one in ownership),
            inactive=sorted(
                (load for load in all_loads(sheet.graph, sheet.now) if load.state == "inactive" and load.files),
                key=lambda load: (-load.files, load.owner.id),
            ),
            share=share,
        ),
        order=40,
    )


def assets(_: Portal) -> Iterator[Asset]:
    """Yield the style sheet of these pages."""
    data = (files("mkdocs_gitguard.portal") / "assets" / "ownership.css").read_bytes()
    yield Asset(path="assets/gitguard/ownership.css", data=data, load="style")


VIEW = View(
    name="ownership",
    needs="owners",
    pages=pages,
    panels={
        Repository: (_on_a_repository,),
        PullRequest: (_on_a_pull_request,),
        Owner: (_on_an_owner,),
        Organization: (_on_home,),
    },
    assets=assets,
)
