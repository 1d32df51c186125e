"""Pull requests: an index of all repositories, an index of each, and a page for the newest of each."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import index_path, path_of, pull_request_url
from mkdocs_gitguard.portal.changed_rows import ChangedRows
from mkdocs_gitguard.portal.emoji import with_emoji
from mkdocs_gitguard.portal.lists.changed_files import FolderOwners, changed_folders, of_many_owners
from mkdocs_gitguard.portal.lists.days import COMMITS_OF_A_DAY, latest_days
from mkdocs_gitguard.portal.lists.ownership import owners_of_files
from mkdocs_gitguard.portal.lists.parts import ROWS, Part, first_part, further_pages
from mkdocs_gitguard.portal.lists.pull_requests import numbers_of_pages, room_for_pages
from mkdocs_gitguard.portal.page import PortalPage, View
from mkdocs_gitguard.words import count, day

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from markupsafe import Markup

    from mkdocs_gitguard.model import Graph, PullRequest, Repository
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_ROWS_OF_FILES: Final = 220
"""Rows of files and their folders: each is a stop for the keyboard, and a page has at most 300."""
_BEFORE_FILES: Final = 50
"""Order of the panels that stand before the files: who owns them and what was decided on them is asked first."""

CONFIDENCE: Final[Mapping[str, str]] = {
    "high": "Certain: the merge commit itself names it",
    "medium": "Likely: the commit's subject ends in its number",
    "low": "Probable: matched by author and time only",
}


class _Row(NamedTuple):
    """A repository in the index."""

    repository: str
    """Node id."""
    pull_requests: int
    latest: datetime | None
    """When the latest was merged."""
    path: str
    """Of the page of its pull requests."""


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the indexes, the years of long ones, and a page for each of the newest pull requests."""
    rows = _rows(portal.graph) if portal.snapshot.pull_requests else ()
    first = first_part("pull-request", len(rows), name="repositories")
    yield PortalPage(
        path="pull-request",
        title="Pull requests",
        write=partial(_latest, part=first, rows=first.rows(rows)),
        is_index=True,
        is_traced=False,
        is_wide=True,
        nav=20 if rows else None,
        nav_group="Browse",
        search="Merged pull requests of every repository.",
    )
    yield from further_pages(first, "Pull requests by repository", _by_repository, rows=rows)
    options = portal.options
    room = room_for_pages(
        portal.snapshot, options.site_limits, flags=portal.flags, decision_pages=options.decision_pages
    )
    numbers = numbers_of_pages(portal.graph.pull_requests, most=options.pull_request_pages, room=room)
    for repository in portal.snapshot.repositories:
        number = numbers.get(repository.id, 0)
        made = partial(_pages_of, repository.id, number)
        yield from options.kept_work.once("pull request pages", repository.id, portal.graph, made, inputs=number)


def _pages_of(key: str, number: int, graph: Graph) -> tuple[PortalPage, ...]:
    repository, changes = graph.repositories[key], graph.pull_requests.get(key, ())
    return tuple(_each_page(graph, repository, changes, number)) if changes else ()


def _each_page(
    graph: Graph, repository: Repository, changes: Sequence[PullRequest], number: int
) -> Iterator[PortalPage]:
    path = index_path("pull-request", repository.id)
    name = f"{repository.namespace}/{repository.name}"
    by_year = [(str(year), list(group)) for year, group in groupby(changes, key=lambda change: change.merged_at.year)]
    years = _merge_equal(by_year) if len(changes) > ROWS else {}
    numbers_of_years = tuple((year, len(group)) for year, group in years.items())
    yield PortalPage(
        path=path,
        title=f"Pull requests of {name}",
        nav_title=name,
        write=partial(_index, repository=repository, changes=changes, years=numbers_of_years),
        is_index=True,
        is_wide=True,
        section="pull-request",
        search=f"{count(len(changes), 'merged pull request')}.",
        updated_at=changes[0].merged_at,
    )
    for year, group in years.items():
        # Their names alone: how many they hold changes with every merge.
        others = tuple(other for other in years if other != year)
        yield from _pages_of_year(path, name, year, group, others)
    reverted_by: defaultdict[int, list[PullRequest]] = defaultdict(list)
    for change in changes:
        if change.reverts is not None:
            reverted_by[change.reverts].append(change)
    for change in changes[:number]:
        yield PortalPage(
            path=path_of(change.id),
            title=f"#{change.number} {with_emoji(change.title)}",
            nav_title=f"#{change.number}",
            write=partial(_pull_request, change=change, reverted_by=reverted_by[change.number]),
            section=path,
            node=change.id,
            search=_search_text(graph, change, name),
            description=f"Pull request #{change.number} of {name}, merged on {day(change.merged_at)}.",
            source_url=pull_request_url(repository.forge, change.number),
            updated_at=change.merged_at,
        )


def _pages_of_year(
    path: str, name: str, year: str, changes: Sequence[PullRequest], others: Sequence[str]
) -> Iterator[PortalPage]:
    first = first_part(f"{path}/year-{year}", len(changes))
    title = f"Pull requests of {name} in {year}"
    write = partial(_year, in_all=len(changes), path=path, others=others)
    yield PortalPage(
        path=first.path,
        title=title,
        nav_title=year,
        write=partial(write, part=first, rows=first.rows(changes)),
        is_wide=True,
        section=path,
        search=f"{count(len(changes), 'merged pull request')}.",
        updated_at=changes[0].merged_at,
    )
    yield from further_pages(first, title, write, rows=changes)


def _merge_equal(groups: list[tuple[str, list[PullRequest]]]) -> dict[str, list[PullRequest]]:
    """Join groups of one name: the order is by number, so years may alternate around New Year."""
    merged: defaultdict[str, list[PullRequest]] = defaultdict(list)
    for name, group in groups:
        merged[name] += group
    return dict(sorted(merged.items(), reverse=True))


def _search_text(graph: Graph, change: PullRequest, repository: str) -> str:
    author = graph.labels.get(change.author, "")
    # The index takes `#412` in the title for one word, which nobody finds who types 412.
    number = str(change.number)
    parts = [number, repository, author, change.source_branch, day(change.merged_at)]
    return " · ".join(filter(None, parts))


def _rows(graph: Graph) -> tuple[_Row, ...]:
    rows = []
    for repository in graph.snapshot.repositories:
        changes = graph.pull_requests.get(repository.id, ())
        latest = changes[0].merged_at if changes else None
        rows.append(_Row(repository.id, len(changes), latest, index_path("pull-request", repository.id)))
    return tuple(rows)


def _latest(sheet: Sheet, part: Part, rows: Sequence[_Row]) -> Markup:
    changes = sheet.graph.snapshot.pull_requests
    return sheet.render(
        "gitguard/pull_requests.html",
        days=latest_days(changes, (), sheet.graph.bots),
        commits_of_a_day=COMMITS_OF_A_DAY,
        rows=rows,
        in_all=len(changes),
        part=part,
    )


def _by_repository(sheet: Sheet, part: Part, rows: Sequence[_Row]) -> Markup:
    return sheet.render("gitguard/pull_requests.html", rows=rows, part=part)


def _index(
    sheet: Sheet, repository: Repository, changes: Sequence[PullRequest], years: Sequence[tuple[str, int]]
) -> Markup:
    return sheet.render(
        "gitguard/pull_requests_of.html",
        repository=repository,
        changes=changes[:ROWS] if years else changes,
        in_all=len(changes),
        years=years,
        path=index_path("pull-request", repository.id),
    )


def _year(
    sheet: Sheet, *, in_all: int, path: str, others: Sequence[str], part: Part, rows: Sequence[PullRequest]
) -> Markup:
    return sheet.render(
        "gitguard/pull_requests_in.html", changes=rows, in_all=in_all, path=path, others=others, part=part
    )


def _pull_request(sheet: Sheet, change: PullRequest, reverted_by: Sequence[PullRequest]) -> Markup:
    owners = FolderOwners(change.repository, sheet.graph.owners_by_folder)
    root = changed_folders(change.files, owners, most=_ROWS_OF_FILES)
    has_lines = any(file.additions is not None or file.deletions is not None for file in change.files)
    rows = ChangedRows(
        sheet.ui,
        sheet.ui.paths_at(change.repository, change.commit),
        owners_of=_owners_of(sheet.graph, change.repository, of_many_owners(change.files[: root.shown], owners)),
        has_lines=has_lines,
    )
    return sheet.render(
        "gitguard/pull_request.html",
        change=change,
        reverted_by=reverted_by,
        certainty=CONFIDENCE[change.confidence],
        rows=rows.of(root),
        files_shown=root.shown,
        panels=list(sheet.panels(change)),
        before_files=_BEFORE_FILES,
        additions=sum(file.additions or 0 for file in change.files),
        deletions=sum(file.deletions or 0 for file in change.files),
        has_lines=has_lines,
    )


def _owners_of(graph: Graph, repository: str, paths: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the owners of files by what the rules say of each."""
    rules = graph.path_rules.get(repository) if paths else None
    return owners_of_files(rules, paths) if rules is not None else {}


VIEW = View(name="pull-requests", pages=pages)
