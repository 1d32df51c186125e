"""What the sitemap has of the pages that MkDocs does not make."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mkdocs.utils import get_build_date

from mkdocs_gitguard.plugins.mkdocs_pages import addresses_in, day_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs_gitguard.plugins.mkdocs_pages import OwnFile
    from mkdocs_gitguard.portal import PortalPage


class Listed(NamedTuple):
    """What a theme's template of the sitemap reads of a page: see mkdocs/templates/sitemap.xml."""

    canonical_url: str | None
    abs_url: str | None
    update_date: str
    is_link: bool = False


class ListedFile(NamedTuple):
    """A file of the sitemap."""

    page: Listed


def listed(files: Mapping[str, OwnFile], pages: Mapping[str, PortalPage], site_url: str | None) -> Iterator[ListedFile]:
    """Yield pages as the sitemap has them.

    Args:
        files: of the pages, by their paths in the portal.
        pages: of the portal, by path.
        site_url: where the site is; None: it does not say.
    """
    today, addresses = get_build_date(), addresses_in(site_url)
    for path, file in files.items():
        page = pages[path]
        canonical, absolute = addresses(file.url)
        yield ListedFile(Listed(canonical, absolute, day_of(page.updated_at) if page.updated_at else today))
