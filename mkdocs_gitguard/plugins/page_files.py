"""The portal's pages among the files of a MkDocs site: which MkDocs makes, and which we make ourselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs.structure.files import InclusionLevel

from mkdocs_gitguard.plugins.mkdocs_pages import PortalFile
from mkdocs_gitguard.site_build.log import log

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

    from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage
    from mkdocs_gitguard.plugins.own_pages import OwnPages
    from mkdocs_gitguard.portal import PortalPage
    from mkdocs_gitguard.portal.pages import Pages


def add_pages(
    pages: Pages,
    files: Files,
    config: MkDocsConfig,
    taken: Collection[str],
    *,
    own: OwnPages | None,
    generated: Callable[[PortalPage, PortalFile], GeneratedPage],
) -> dict[str, GeneratedPage]:
    """Add the files of the portal's pages to a site, and return the pages that MkDocs makes, by path.

    Args:
        pages: the portal's.
        files: of the site.
        config: of the site.
        taken: what the site's own files take, as paths in the site: they win.
        own: takes the pages that do not stand in the navigation; None: MkDocs makes all.
        generated: makes MkDocs' page of one.
    """
    made: dict[str, GeneratedPage] = {}
    for path, page in pages.by_path.items():
        markdown_path, target = pages.markdown_path(page), pages.target(page)
        if target in taken:
            log.info("%s is a page of the site's own; the portal's is left out.", markdown_path)
            continue
        if own is not None and page.nav is None:
            files.append(own.add(page, target))
            continue
        file = PortalFile.generated(config, markdown_path, content="", inclusion=InclusionLevel.NOT_IN_NAV)
        assert isinstance(file, PortalFile)  # noqa: S101 - MkDocs' types know its own class only
        files.append(file)
        made[path] = generated(page, file)
    return made
