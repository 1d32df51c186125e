"""Who to ask about a path: a box on the home page and on each repository's, and the files that it reads to answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import Organization, Repository, index_path, path_of
from mkdocs_gitguard.portal.own_assets import own_asset
from mkdocs_gitguard.portal.page import Asset, Panel, View
from mkdocs_gitguard.portal.path_answers import ROOT, folder_of, kept_answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_gitguard.model import Graph
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

ANCHOR: Final = "who-to-ask"
"""Of the box on a repository's page: `repository/acme/billing/?path=src/a.py#who-to-ask` asks at once."""
_MOST_REPOSITORIES: Final = 300
"""To choose from on the home page, those that changed last."""


def _on_a_repository(sheet: Sheet, repository: Repository) -> Panel | None:
    if repository.id not in sheet.graph.ownership or not repository.files:
        return None
    return Panel(
        "Who to ask about a path",
        sheet.render(
            "gitguard/who_to_ask.html",
            folder=sheet.file(folder_of(repository.id)),
            site=sheet.file(ROOT).removesuffix(ROOT),
            name=f"{repository.namespace}/{repository.name}",
            page=sheet.link(index_path("ownership", repository.id)),
        ),
        anchor=ANCHOR,
        order=5,
    )


def _on_home(sheet: Sheet, _: Organization) -> Panel | None:
    graph = sheet.graph
    repositories = [
        repository
        for repository in graph.snapshot.repositories
        if repository.id in graph.ownership and repository.files and sheet.link(repository.id)
    ]
    if not repositories:
        return None
    repositories.sort(key=lambda one: (-one.head_at.timestamp() if one.head_at else 0.0, one.id))
    return Panel(
        "Who to ask about a path",
        sheet.render(
            "gitguard/who_to_ask_at_home.html",
            repositories=sorted(repositories[:_MOST_REPOSITORIES], key=lambda one: one.id),
            left_out=len(repositories[_MOST_REPOSITORIES:]),
        ),
        anchor=ANCHOR,
        order=5,
    )


def assets(_: Portal) -> Iterator[Asset]:
    """Yield the script."""
    yield own_asset("who_to_ask.js", "script")


def files(portal: Portal) -> Iterator[Asset]:
    """Yield what the script reads."""
    options = portal.options
    made_of = (portal.now.today(), options.epoch, options.use_directory_urls)
    for repository in portal.graph.repositories:
        answers = partial(_files_of, portal, repository)
        yield from options.kept_work.once("path answers", repository, portal.graph, answers, inputs=made_of)


def _files_of(portal: Portal, key: str, graph: Graph) -> tuple[Asset, ...]:
    """Return the files of a repository, given by its id."""
    repository, ownership = graph.repositories[key], graph.ownership.get(key)
    if ownership is None or not repository.files:
        return ()

    def page_of(owner: str) -> str:
        if owner not in graph.owners:
            return ""
        return f"{path_of(owner)}/" if portal.options.use_directory_urls else f"{path_of(owner)}.html"

    answers = kept_answers(portal, graph, repository, ownership, page_of=page_of)
    return tuple(Asset(path=f"{folder_of(key)}/{name}", data=text.encode()) for name, text in answers.items())


VIEW = View(
    name="who-to-ask",
    needs="owners",
    panels={Repository: (_on_a_repository,), Organization: (_on_home,)},
    assets=assets,
    files=files,
)
