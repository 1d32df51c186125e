"""Repositories: their index and a page each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import edit_url, index_path, path_of
from mkdocs_gitguard.portal.file_tree import folded_tree
from mkdocs_gitguard.portal.lists.findings import causes
from mkdocs_gitguard.portal.lists.ownership import owners_by_place
from mkdocs_gitguard.portal.lists.parts import Part, first_part, further_pages
from mkdocs_gitguard.portal.lists.scorecards import shown_cards
from mkdocs_gitguard.portal.page import PortalPage, View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import Contribution, Graph, Ownership, PullRequest, Repository
    from mkdocs_gitguard.portal.lists.scorecards import ShownCard
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_PULL_REQUESTS: Final = 10
_WITH_BOTS: Final = 40
"""Pull requests that are looked through for those by people."""
_COMMITS: Final = 5
"""Commits beside pull requests, which tell more; where there are none, `_ALONE`."""
_ALONE: Final = 10
_CONTRIBUTORS: Final = 12
_FAILED: Final = 5
"""Checks of the scorecard; all stand on its page."""
_RELEASES: Final = 5
_README_PARAGRAPHS: Final = 2
_TREE_ROWS: Final = 70
_TREE_ROWS_IN_FOLDER: Final = 40
_URGENT: Final = 3
"""Causes of findings that stand above the facts; the rest are folded, so that the facts begin on the first screen."""
_FURTHER: Final = 10
"""Causes that are folded; more stand on the page of findings."""
_OF_CAUSE: Final = 5
"""Findings of one cause; more stand on the page of findings."""


class _Row(NamedTuple):
    """A repository in the index."""

    repository: Repository
    pull_requests: int
    people: int
    ownership: Ownership | None
    owner: str
    """Who owns most of its files, else whom its catalog file names, else `""`."""
    applying: int
    """Policies that apply to it."""
    held: int
    """Policies whose source is in it."""
    findings: int
    urgent: int
    """Of the findings, those that are more than notices."""


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the index, then a page for each repository."""
    graph = portal.graph
    once, once_each = portal.options.kept_work.once, portal.options.kept_work.once_each
    rows = tuple(once("repository row", key, graph, partial(_row, key)) for key in graph.repositories)
    first = first_part("repository", len(rows))
    write = partial(_index, has_ownership=bool(graph.ownership), has_policies=bool(portal.snapshot.policies))
    yield PortalPage(
        path="repository",
        title="Repositories",
        write=partial(write, part=first, rows=first.rows(rows)),
        is_index=True,
        is_traced=False,
        is_wide=True,
        nav=10,
        nav_group="Browse",
        search="Every repository of this portal.",
    )
    yield from further_pages(first, "Repositories", write, rows=rows)
    cards = {card.repository: card for card in shown_cards(portal)}
    shown = {key: (repository, cards.get(key)) for key, repository in graph.repositories.items()}
    yield from once_each("repository page", graph, shown, _page_of).values()


def _page_of(_: Graph, shown: tuple[Repository, ShownCard | None]) -> PortalPage:
    repository, card = shown
    languages = ", ".join(language.name for language in repository.languages[:3])
    return PortalPage(
        path=path_of(repository.id),
        title=f"{repository.namespace}/{repository.name}",
        write=partial(_repository, repository=repository, card=card),
        section="repository",
        node=repository.id,
        search=" · ".join(filter(None, [repository.description, languages, repository.licence])),
        description=repository.description,
        source_url=repository.forge.web_url if repository.forge else "",
        edit_url=edit_url(repository.forge, repository.default_branch, repository.readme_path)
        if repository.readme_path
        else "",
        updated_at=repository.head_at,
    )


def _index(sheet: Sheet, *, part: Part, rows: Sequence[_Row], has_ownership: bool, has_policies: bool) -> Markup:
    return sheet.render(
        "gitguard/repositories.html", rows=rows, part=part, has_ownership=has_ownership, has_policies=has_policies
    )


def _row(key: str, graph: Graph) -> _Row:
    repository = graph.repositories[key]
    ownership = graph.ownership.get(repository.id)
    findings = graph.findings.get(repository.id, ())
    return _Row(
        repository=repository,
        pull_requests=len(graph.pull_requests.get(repository.id, ())),
        people=len(_people_and_bots(graph, repository)[0]),
        ownership=ownership,
        owner=(ownership.owners[0].owner if ownership.owners else ownership.catalog_owner) if ownership else "",
        applying=len(graph.applying_by_repository.get(repository.id, ())),
        held=len(graph.policies_by_repository.get(repository.id, ())),
        findings=len(findings),
        urgent=sum(finding.severity != "info" for finding in findings),
    )


def _repository(sheet: Sheet, repository: Repository, card: ShownCard | None) -> Markup:
    graph = sheet.graph
    people, bots = _people_and_bots(graph, repository)
    changes = graph.pull_requests.get(repository.id, ())
    releases = [tag for tag in repository.tags if tag.is_release]
    findings = graph.findings.get(repository.id, ())
    ownership = graph.ownership.get(repository.id)
    by_cause = causes(findings)
    urgent = [cause for cause in by_cause[:_URGENT] if cause.severity != "info"]
    further = by_cause[len(urgent) :]
    readme = [paragraph for paragraph in repository.readme_summary.split("\n") if paragraph.strip()]
    if readme and repository.description:
        # The description may have been taken from there, and stands above.
        readme[0] = readme[0].removeprefix(repository.description).strip()
        readme = readme[not readme[0] :]
    return sheet.render(
        "gitguard/repository.html",
        repository=repository,
        card=card,
        most_failed=_FAILED,
        people=people[:_CONTRIBUTORS],
        people_in_all=len(people),
        bots=bots,
        most_commits=max((person.commits for person in people), default=1),
        **_newest_by_people_and_bots(graph, changes),
        changes_in_all=len(changes),
        commits=[(repository.id, commit) for commit in repository.direct_commits[: _COMMITS if changes else _ALONE]],
        changes_path=index_path("pull-request", repository.id),
        by_commit={change.commit: change for change in changes},
        releases=releases[:_RELEASES],
        releases_in_all=len(releases),
        tree=folded_tree(repository.files, rows=_TREE_ROWS, rows_in_folder=_TREE_ROWS_IN_FOLDER),
        readme=readme,
        owners_of=owners_by_place(ownership, [file.path for file in repository.files]) if ownership else {},
        readme_shown=_README_PARAGRAPHS,
        urgent=urgent,
        further=further[:_FURTHER],
        further_causes=len(further),
        further_in_all=sum(len(cause.findings) for cause in further),
        are_notices=all(cause.severity == "info" for cause in further),
        of_cause=_OF_CAUSE,
    )


def _newest_by_people_and_bots(graph: Graph, changes: Sequence[PullRequest]) -> dict[str, list[PullRequest]]:
    """Return the newest by people, and those by bots that lie between them."""
    newest = changes[:_WITH_BOTS]
    people = [change for change in newest if not graph.bots.get(change.author)][:_PULL_REQUESTS]
    oldest = people[-1].merged_at if len(people) == _PULL_REQUESTS else newest[-1].merged_at if newest else None
    between = [change for change in newest if oldest is not None and change.merged_at >= oldest]
    return {"changes": people, "changes_of_bots": [change for change in between if graph.bots.get(change.author)]}


def _people_and_bots(graph: Graph, repository: Repository) -> tuple[list[Contribution], list[Contribution]]:
    people: list[Contribution] = []
    bots: list[Contribution] = []
    for contribution in repository.contributors:
        (bots if graph.bots.get(contribution.owner) else people).append(contribution)
    return people, bots


VIEW = View(name="repositories", pages=pages)
