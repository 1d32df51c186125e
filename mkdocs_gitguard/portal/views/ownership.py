"""Code owners: their load, a page of each repository's ownership, and panels where owners matter."""

from __future__ import annotations

from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from mkdocs_gitguard.model import Organization, Owner, PullRequest, Repository, file_url, name_of, path_of
from mkdocs_gitguard.portal.lists.ownership import Overview, alone, drifted, idle, share, tree
from mkdocs_gitguard.portal.page import PortalPage
from mkdocs_gitguard.portal.view import Asset, Panel, View
from mkdocs_gitguard.portal.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from mkdocs_gitguard.model import Ownership
    from mkdocs_gitguard.portal.pages import Portal
    from mkdocs_gitguard.portal.sheet import Sheet

_ROWS: Final = 1_000
"""Lines of a CODEOWNERS file that one page shows."""
_DRIFT: Final = 50

_overviews: WeakKeyDictionary[Portal, Overview] = WeakKeyDictionary()


def overview(portal: Portal) -> Overview:
    """Return the portal's overview of ownership, the same at every call."""
    known = _overviews.get(portal)
    if known is None:
        known = _overviews[portal] = Overview(portal.graph, portal.now)
    return known


def page_path(repository: str) -> str:
    """Return the path of a repository's ownership page."""
    return path_of(f"ownership:{name_of(repository)}")


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the index, then a page for each repository."""
    yield PortalPage(
        path="ownership",
        title="Code owners",
        write=_index,
        is_index=True,
        is_wide=True,
        nav=35,
        search="Who owns what by CODEOWNERS: teams, people and addresses with their load.",
    )
    for ownership in portal.snapshot.ownership:
        repository = portal.graph.repositories.get(ownership.repository)
        if repository is None:
            continue
        name = f"{repository.namespace}/{repository.name}"
        yield PortalPage(
            path=page_path(repository.id),
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
    portal = sheet.portal
    loads = sorted(overview(portal).loads.values(), key=lambda load: (-load.files, load.owner.id))
    in_all = sum(ownership.files for ownership in portal.snapshot.ownership)
    rows = [
        (portal.graph.repositories[ownership.repository], ownership, len(idle(ownership)))
        for ownership in portal.snapshot.ownership
        if ownership.repository in portal.graph.repositories
    ]
    rows.sort(key=lambda row: (not row[1].path, -row[1].files, row[0].id))
    return sheet.render(
        "gitguard/ownership_index.html", loads=loads, rows=rows, files=in_all, share=share, page_path=page_path
    )


def _of_repository(sheet: Sheet, repository: Repository, ownership: Ownership) -> Markup:
    view = overview(sheet.portal)

    def line(number: int) -> Markup:
        url = file_url(repository.forge, repository.head, ownership.path, number)
        return sheet.ui.external(url, str(number))

    shown = ownership.rules[:_ROWS]
    drift = drifted(ownership)
    return sheet.render(
        "gitguard/ownership.html",
        repository=repository,
        ownership=ownership,
        loads=[view.loads[each.owner] for each in ownership.owners],
        files_of={each.owner: each.files for each in ownership.owners},
        root=tree(ownership.areas),
        idle=idle(ownership)[:_ROWS],
        idle_in_all=len(idle(ownership)),
        rules=shown,
        shown_lines=frozenset(rule.line for rule in shown),
        drift=drift[:_DRIFT],
        drift_in_all=len(drift),
        unclear=sum(each.contributors[0].standing == "unknown" for each in ownership.drift if each.contributors),
        alone=alone(ownership, sheet.portal.graph.owners),
        share=share,
        line=line,
    )


def _on_a_repository(sheet: Sheet, repository: Repository) -> Panel | None:
    ownership = sheet.portal.graph.ownership.get(repository.id)
    if ownership is None:
        return None
    return Panel(
        "Code owners",
        sheet.render(
            "gitguard/ownership_of_repository.html",
            repository=repository,
            ownership=ownership,
            loads=overview(sheet.portal).loads,
            idle=len(idle(ownership)),
            share=share,
            page=sheet.link(page_path(repository.id)),
        ),
        order=30,
    )


def _on_a_pull_request(sheet: Sheet, change: PullRequest) -> Panel | None:
    ownership = sheet.portal.graph.ownership.get(change.repository)
    if ownership is None or not ownership.path or not change.files:
        return None
    theirs = overview(sheet.portal).pull_requests.get(change.id)
    return Panel(
        "Code owners",
        sheet.render(
            "gitguard/ownership_of_pull_request.html",
            ownership=ownership,
            theirs=theirs,
            loads=overview(sheet.portal).loads,
            page=sheet.link(page_path(change.repository)),
        ),
        order=20,
    )


def _on_an_owner(sheet: Sheet, owner: Owner) -> Panel | None:
    view = overview(sheet.portal)
    load = view.loads.get(owner.id)
    if load is None:
        return None
    return Panel(
        "Owns",
        sheet.render(
            "gitguard/ownership_of_owner.html",
            owner=owner,
            load=load,
            changes=view.recent.get(owner.id, ()),
            share=share,
            page_path=page_path,
        ),
        order=10,
    )


def _on_home(sheet: Sheet, _: Organization) -> Panel | None:
    view = overview(sheet.portal)
    if not view.ownership:
        return None
    loads = view.loads.values()
    return Panel(
        "Code owners",
        sheet.render(
            "gitguard/ownership_at_home.html",
            ownership=view.ownership,
            with_file=sum(1 for each in view.ownership if each.path),
            files=sum(each.files for each in view.ownership),
            owned=sum(each.owned for each in view.ownership),
            idle=sum(len(idle(each)) for each in view.ownership),
            inactive=sorted(
                (load for load in loads if load.state == "inactive" and load.files),
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
