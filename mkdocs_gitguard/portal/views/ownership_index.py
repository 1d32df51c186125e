"""The index of code owners: their load, and every repository."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_gitguard.model import index_path
from mkdocs_gitguard.portal.lists.ownership import all_loads, idle, share
from mkdocs_gitguard.portal.lists.parts import Part, first_part, further_pages
from mkdocs_gitguard.portal.page import PortalPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from markupsafe import Markup

    from mkdocs_gitguard.model import Graph, Owner, OwnerState
    from mkdocs_gitguard.portal.lists.ownership import Load
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal


class _OwnerRow(NamedTuple):
    """An owner in the index."""

    owner: Owner
    state: OwnerState
    last_at: datetime | None
    files: int
    share: str
    """Of all files, in words."""
    repositories: int


class _RepositoryRow(NamedTuple):
    """A repository in the index."""

    repository: str
    """Node id."""
    name: str
    path: str
    """Of its CODEOWNERS file, `""` for none."""
    owned: int
    files: int
    rules: int
    idle: int
    truck_factor: int | None
    """People; None: not known."""


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the index, and further pages of its two tables."""
    graph = portal.graph
    loads = sorted(all_loads(graph, portal.now), key=lambda load: (-load.files, load.owner.id))
    owners, repositories = _owner_rows(graph, loads), _repository_rows(graph)
    of_owners, of_repositories = _first_parts(len(owners), len(repositories))
    yield PortalPage(
        path="ownership",
        title="Code owners",
        write=partial(_index, loads=loads, owners=owners, repositories=repositories),
        is_index=True,
        is_wide=True,
        is_traced=False,
        nav=35,
        nav_group="Browse",
        search="Who owns what by CODEOWNERS: teams, people and addresses with their load.",
    )
    yield from further_pages(of_owners, "Code owners", _owners, rows=owners)
    yield from further_pages(of_repositories, "Code owners by repository", _repositories, rows=repositories)


def _first_parts(owners: int, repositories: int) -> tuple[Part, Part]:
    """Return the first parts of the two tables of the index: by owner, and by repository."""
    return first_part("ownership", owners), first_part("ownership", repositories, name="repositories")


def _owner_rows(graph: Graph, loads: Sequence[Load]) -> tuple[_OwnerRow, ...]:
    # The share alone: the number of all files is another after almost every merge.
    files = sum(ownership.files for ownership in graph.snapshot.ownership)
    return tuple(
        _OwnerRow(load.owner, load.state, load.last_at, load.files, share(load.files, files), load.repositories)
        for load in loads
    )


def _repository_rows(graph: Graph) -> tuple[_RepositoryRow, ...]:
    rows = [
        _RepositoryRow(
            repository.id,
            f"{repository.namespace}/{repository.name}",
            ownership.path,
            ownership.owned,
            ownership.files,
            len(ownership.rules),
            len(idle(ownership)),
            len(ownership.truck_factor.people) if ownership.truck_factor is not None else None,
        )
        for ownership in graph.snapshot.ownership
        if (repository := graph.repositories.get(ownership.repository)) is not None
    ]
    return tuple(sorted(rows, key=lambda row: (not row.path, -row.files, row.repository)))


def _index(
    sheet: Sheet, loads: Sequence[Load], owners: Sequence[_OwnerRow], repositories: Sequence[_RepositoryRow]
) -> Markup:
    named = [load.owner for load in loads if load.owner.type != "team" and not load.owner.is_bot]
    of_owners, of_repositories = _first_parts(len(owners), len(repositories))
    return sheet.render(
        "gitguard/ownership_index.html",
        loads=of_owners.rows(owners),
        owners_part=of_owners,
        rows=of_repositories.rows(repositories),
        repositories_part=of_repositories,
        named=len(named),
        unmatched=sum(owner.last_at is None and not owner.is_alumnus for owner in named),
        probable=sum(any(one.is_probable for one in owner.login_evidence) for owner in named),
        open_teams=sum(load.owner.type == "team" and load.state == "unresolved" for load in loads),
        share=share,
        index_path=index_path,
    )


def _owners(sheet: Sheet, part: Part, rows: Sequence[_OwnerRow]) -> Markup:
    return sheet.render(
        "gitguard/ownership_index.html", loads=rows, owners_part=part, repositories_part=None, share=share
    )


def _repositories(sheet: Sheet, part: Part, rows: Sequence[_RepositoryRow]) -> Markup:
    return sheet.render(
        "gitguard/ownership_index.html",
        owners_part=None,
        rows=rows,
        repositories_part=part,
        share=share,
        index_path=index_path,
    )
