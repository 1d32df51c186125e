"""Repositories: their index and a page each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mkdocs_gitguard.model import path_of
from mkdocs_gitguard.portal.page import PortalPage
from mkdocs_gitguard.portal.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from mkdocs_gitguard.model import Repository
    from mkdocs_gitguard.portal.sheet import Sheet
    from mkdocs_gitguard.portal.site import Portal


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the index, then a page for each repository."""
    yield PortalPage(
        path="repository",
        title="Repositories",
        write=_index,
        is_index=True,
        nav=10,
        search="Every repository of this portal.",
    )
    for repository in portal.snapshot.repositories:
        yield PortalPage(
            path=path_of(repository.id),
            title=f"{repository.namespace}/{repository.name}",
            write=partial(_repository, repository=repository),
            node=repository.id,
            search=repository.description,
            description=repository.description,
            source_url=repository.forge.web_url if repository.forge else "",
        )


def _index(sheet: Sheet) -> Markup:
    return sheet.render("gitguard/repositories.html", repositories=sheet.portal.snapshot.repositories)


def _repository(sheet: Sheet, repository: Repository) -> Markup:
    return sheet.render("gitguard/repository.html", repository=repository)


VIEW = View(name="repositories", pages=pages)
